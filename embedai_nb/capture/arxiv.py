"""Papers: the API of arXiv (info.arxiv.org/help/api/user-manual.html)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]  # it has no types
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

from embedai_nb.capture import messages, url_cleaning
from embedai_nb.capture.errors import FetchError
from embedai_nb.capture.facts import Facts, plain, title
from embedai_nb.capture.fetch import Fetcher
from embedai_nb.model import Item
from embedai_nb.text import urls

HOST = "export.arxiv.org"
API = f"https://{HOST}/api/query?max_results=1&id_list="
SPACES = {"atom": "http://www.w3.org/2005/Atom", "arxiv": "http://arxiv.org/schemas/atom"}
NAMED = 6
"""Authors that are named; papers may have a thousand."""
CODE = re.compile(r"https?://(?:www\.)?(?:github|gitee)\.com/[\w.-]+/[\w-]+(?:\.[\w-]+)*")


def stable(item: Item) -> Item | None:
    """A paper with its id as a tag, and a link to its abstract, which shows the newest version."""
    found = urls.arxiv_id(item.url) if item.url else None
    tagged = next(filter(None, map(urls.arxiv_id, item.tags)), None)
    if not (found or tagged):
        return None
    values: dict[str, object] = {"url": f"https://arxiv.org/abs/{found or tagged}"} if found or not item.url else {}
    if not tagged:
        values["tags"] = (*item.tags, found)
    elif item.url and not found:
        values["url"] = url_cleaning.cleaned(item.url)
    return item.model_copy(update=values)


def look_up(item: Item, fetcher: Fetcher) -> Facts:
    """Title, authors, abstract and code of the paper in the item's tags."""
    known = next(filter(None, map(urls.arxiv_id, item.tags)))
    url = API + known
    entry = _entry(fetcher.get(url).text)
    name = title(_text(entry, "atom:title"))
    if not name or "/api/errors" in _text(entry, "atom:id"):
        fetcher.forget(url)
        raise FetchError("gone", HOST)
    return Facts(title=name, remarks=tuple(_remarks(entry)))


def _entry(text: str) -> Element:
    """The first entry of a feed; nothing in it is resolved or loaded, entities are refused."""
    try:
        feed: Element = fromstring(text.encode("utf-8", "replace"), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise FetchError("unreadable", HOST) from None
    if (entry := feed.find("atom:entry", SPACES)) is None:
        raise FetchError("gone", HOST)
    return entry


def _text(entry: Element, path: str) -> str:
    return plain(entry.findtext(path, "", SPACES))


def _remarks(entry: Element) -> Iterator[str]:
    names = [name for author in entry.findall("atom:author", SPACES) if (name := _text(author, "atom:name"))]
    if names:
        more = messages.AND_OTHERS.format(count=len(names)) if len(names) > NAMED else ""
        yield messages.AUTHORS.format(names="、".join(names[:NAMED]) + more)
    comment, abstract = _text(entry, "arxiv:comment"), _text(entry, "atom:summary")
    if comment:
        yield messages.COMMENT.format(text=comment)
    if found := CODE.search(f"{comment} {abstract}"):
        yield messages.CODE.format(url=found[0])
    if abstract:
        yield messages.ABSTRACT.format(text=abstract)
