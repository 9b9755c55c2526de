"""Any other page: the metadata in its head (ogp.me)."""

from __future__ import annotations

from embedai_nb.capture import url_cleaning
from embedai_nb.capture.errors import FetchError
from embedai_nb.capture.fetch import Fetcher
from embedai_nb.capture.metadata import Metadata, title_markdown
from embedai_nb.capture.page_reader import read_page
from embedai_nb.i18n import Translator
from embedai_nb.model import Item


def canonical_item(item: Item) -> Item | None:
    """The item with its URL cleaned of tracking parameters."""
    return item.model_copy(update={"url": url_cleaning.cleaned(item.url)}) if item.url else None


def fetch_metadata(item: Item, fetcher: Fetcher, _say: Translator) -> Metadata:
    """Title and name of the site; of a shortened URL, where it leads."""
    url = item.url or ""
    response = fetcher.get(url)
    if url_cleaning.host(url) in url_cleaning.SHORTENERS and url_cleaning.host(response.url) != url_cleaning.host(url):
        return Metadata(url=response.url)
    page = read_page(response.text, "title", "h1")
    name = title_markdown(page.meta("og:title", "twitter:title") or page.first("title", "h1"))
    if not name:
        fetcher.forget(url)
        raise FetchError("nothing", url_cleaning.host(url))
    site = title_markdown(page.meta("og:site_name", "application-name"))
    return Metadata(title=name, source=site or url_cleaning.host(response.url))
