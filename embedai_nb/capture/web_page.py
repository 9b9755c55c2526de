"""Any other page: what it says about itself in its head (ogp.me)."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from embedai_nb.capture import url_cleaning
from embedai_nb.capture.answers import Answer
from embedai_nb.capture.errors import FetchError
from embedai_nb.capture.facts import Facts, title
from embedai_nb.capture.fetch import Fetcher
from embedai_nb.model import Item


def stable(item: Item) -> Item | None:
    """A page at an address that does not say who passed it on."""
    return item.model_copy(update={"url": url_cleaning.cleaned(item.url)}) if item.url else None


def look_up(item: Item, fetcher: Fetcher) -> Facts:
    """Title and name of the site; behind a shortened address, the one it stands for."""
    url = item.url or ""
    answer = fetcher.get(url)
    if url_cleaning.host(url) in url_cleaning.SHORTENERS and url_cleaning.host(answer.url) != url_cleaning.host(url):
        return Facts(url=answer.url)
    page = parsed(answer)
    name = title(meta(page, "og:title", "twitter:title") or first(page, "head > title", "h1"))
    if not name:
        fetcher.forget(url)
        raise FetchError("nothing", url_cleaning.host(url))
    return Facts(
        title=name, source=title(meta(page, "og:site_name", "application-name")) or url_cleaning.host(answer.url)
    )


def parsed(answer: Answer) -> LexborHTMLParser:
    """The page as a tree; anything can be parsed as HTML, what is none just says nothing."""
    return LexborHTMLParser(answer.text)


def meta(page: LexborHTMLParser, *names: str) -> str:
    """What the first of these meta tags says that says anything."""
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
