"""Any other page: the metadata in its head (ogp.me)."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from embedai_nb.capture import url_cleaning
from embedai_nb.capture.errors import FetchError
from embedai_nb.capture.fetch import Fetcher
from embedai_nb.capture.metadata import Metadata, title_markdown
from embedai_nb.capture.response_cache import Response
from embedai_nb.model import Item


def canonical_item(item: Item) -> Item | None:
    """The item with its URL cleaned of tracking parameters."""
    return item.model_copy(update={"url": url_cleaning.cleaned(item.url)}) if item.url else None


def fetch_metadata(item: Item, fetcher: Fetcher) -> Metadata:
    """Title and name of the site; of a shortened URL, where it leads."""
    url = item.url or ""
    response = fetcher.get(url)
    if url_cleaning.host(url) in url_cleaning.SHORTENERS and url_cleaning.host(response.url) != url_cleaning.host(url):
        return Metadata(url=response.url)
    page = parse_html(response)
    name = title_markdown(meta(page, "og:title", "twitter:title") or first(page, "head > title", "h1"))
    if not name:
        fetcher.forget(url)
        raise FetchError("nothing", url_cleaning.host(url))
    site = title_markdown(meta(page, "og:site_name", "application-name"))
    return Metadata(title=name, source=site or url_cleaning.host(response.url))


def parse_html(response: Response) -> LexborHTMLParser:
    """Parse a page; a body that isn't HTML gives a tree without metadata."""
    return LexborHTMLParser(response.text)


def meta(page: LexborHTMLParser, *names: str) -> str:
    """Content of the first of these meta tags that has any."""
    for name in names:
        for node in page.css(f'meta[property="{name}"], meta[name="{name}"]'):
            if content := (node.attributes.get("content") or "").strip():
                return content
    return ""


def first(page: LexborHTMLParser, *selectors: str) -> str:
    """The text of the first of these elements that has any."""
    for selector in selectors:
        for node in page.css(selector):
            if text := node.text(strip=True):
                return text
    return ""
