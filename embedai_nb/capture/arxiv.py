"""arXiv papers, by its API (info.arxiv.org/help/api/user-manual.html)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from embedai_nb.capture import messages, url_cleaning
from embedai_nb.capture.atom import Entry, first_entry
from embedai_nb.capture.errors import FetchError
from embedai_nb.capture.fetch import Fetcher
from embedai_nb.capture.metadata import Metadata, plain_line, title_markdown
from embedai_nb.i18n import Translator
from embedai_nb.model import Item
from embedai_nb.text import urls

HOST = "export.arxiv.org"
API = f"https://{HOST}/api/query?max_results=1&id_list="
MAX_AUTHORS = 6
"""How many authors are listed; papers may have a thousand."""
CODE = re.compile(r"https?://(?:www\.)?(?:github|gitee)\.com/[\w.-]+/[\w-]+(?:\.[\w-]+)*")


def canonical_item(item: Item) -> Item | None:
    """The item with its arXiv id as a tag and the URL of its abstract, which shows the newest version."""
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


def fetch_metadata(item: Item, fetcher: Fetcher, say: Translator) -> Metadata:
    """Title, authors, comment, code and abstract of the paper tagged with its id."""
    known = next(filter(None, map(urls.arxiv_id, item.tags)))
    url = API + known
    entry = _entry(fetcher.get(url).text)
    name = title_markdown(_text(entry, "title"))
    if not name or "/api/errors" in _text(entry, "id"):
        fetcher.forget(url)
        raise FetchError("gone", HOST)
    return Metadata(title=name, note_lines=tuple(_note_lines(entry, say)))


def _entry(text: str) -> Entry:
    try:
        entry = first_entry(text)
    except ValueError:
        raise FetchError("unreadable", HOST) from None
    if entry is None:
        raise FetchError("gone", HOST)
    return entry


def _text(entry: Entry, path: str) -> str:
    return plain_line(next(iter(entry.get(path, ())), ""))


def _note_lines(entry: Entry, say: Translator) -> Iterator[str]:
    names = [name for each in entry.get("author/name", ()) if (name := plain_line(each))]
    if names:
        more = say(messages.AND_OTHERS, count=len(names)) if len(names) > MAX_AUTHORS else ""
        yield say(messages.AUTHORS, names=say(messages.BETWEEN_NAMES).join(names[:MAX_AUTHORS]) + more)
    comment, abstract = _text(entry, "comment"), _text(entry, "summary")
    if comment:
        yield say(messages.COMMENT, text=comment)
    if found := CODE.search(f"{comment} {abstract}"):
        yield say(messages.CODE, url=found[0])
    if abstract:
        yield say(messages.ABSTRACT, text=abstract)
