"""The sources of an inbox as places to be fetched or read: what an OPML list names, the addresses of GitHub and arXiv."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, urlencode
from xml.parsers import expat

from embedai_nb.capture import Fetcher
from embedai_nb.errors import DraftError
from embedai_nb.i18n import _
from embedai_nb.inbox.feed_reader import Feed, FeedError, SourceEntry, read_in_child
from embedai_nb.model import InboxSource
from embedai_nb.workspace import layout

__all__ = ["address", "feeds_of", "is_local", "local_path", "read_answer"]

MOST_FEEDS = 500
"""Feeds that are read of an OPML list."""
MOST_RESULTS = 100
"""Entries that arXiv and GitHub are asked for."""


def address(source: InboxSource) -> str:
    """The URL that a source is fetched from."""
    match source.kind:
        case "arxiv":
            query = {"search_query": source.arxiv, "sortBy": "submittedDate", "sortOrder": "descending"}
            return "https://export.arxiv.org/api/query?" + urlencode(query | {"max_results": str(MOST_RESULTS)})
        case "releases":
            return f"https://github.com/{quote(source.releases)}/releases.atom"
        case "topic":
            query = {"q": f"topic:{source.topic}", "sort": "updated", "per_page": str(MOST_RESULTS)}
            return "https://api.github.com/search/repositories?" + urlencode(query)
    return source.place


def is_local(source: InboxSource) -> bool:
    """Whether it is a file or folder of the issues folder."""
    return source.kind == "links" or (source.kind == "opml" and "://" not in source.opml)


def local_path(folder: Path, source: InboxSource) -> Path:
    """The path of a local source.

    Raises:
        DraftError: it is not within the issues folder.
    """
    path = (folder / source.place).resolve()
    if not path.is_relative_to(folder.resolve()):
        remedy = _("name a file or folder within the issues folder")
        raise DraftError(
            _("{place} is outside of the issues folder", place=source.place),
            path=folder / layout.NEWSLETTER,
            field="inbox",
            remedy=remedy,
        )
    return path


def feeds_of(folder: Path, source: InboxSource, fetcher: Fetcher | None) -> tuple[InboxSource, ...]:
    """The feeds of an OPML list, as sources of their own; any other source alone.

    Raises:
        FeedError: it is no such list.
        FetchError: it cannot be fetched.
        OSError: it cannot be read.
    """
    if source.kind != "opml":
        return (source,)
    if is_local(source):
        text = local_path(folder, source).read_text("utf-8", "replace")
    else:
        text = fetcher.revalidated(source.opml).text if fetcher else ""
    return tuple(_outlines(text, source))[:MOST_FEEDS] if text else ()


def _outlines(text: str, source: InboxSource) -> Iterator[InboxSource]:
    """The outlines that are feeds (opml.org/spec2.opml)."""
    shared = source.model_dump(include={"section", "must", "must_not"})
    for outline in _attributes_of_outlines(text):
        if url := outline.get("xmlUrl", "").strip():
            name = source.source or outline.get("title") or outline.get("text") or ""
            yield InboxSource(feed=url, source=name, **shared)


def _attributes_of_outlines(text: str) -> list[Mapping[str, str]]:
    """The attributes of all outlines, read event by event, however deep they are nested; DTDs and entities are refused."""
    found = list[Mapping[str, str]]()

    def begin(name: str, attributes: Mapping[str, str]) -> None:
        if name == "outline":
            found.append(attributes)

    def refuse(*_declaration: object) -> None:
        raise FeedError(_("is no OPML list: it has a DTD"))

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.StartDoctypeDeclHandler = begin, refuse
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError:
        raise FeedError(_("is no OPML list")) from None
    return found


def read_answer(source: InboxSource, text: str, url: str) -> Feed:
    """Read what a source answered.

    Raises:
        FeedError: it is not of its kind.
    """
    return _repositories(text) if source.kind == "topic" else read_in_child(text, url)


def _repositories(text: str) -> Feed:
    """Repositories as GitHub's search gives them (docs.github.com/rest/search): a JSON feed by other names."""
    try:
        found = [each for each in json.loads(text)["items"] if isinstance(each, Mapping)]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise FeedError(_("is no list of repositories")) from None
    return Feed("GitHub", tuple(_repository(each) for each in found[:MOST_RESULTS]))


def _repository(about: Mapping[str, object]) -> SourceEntry:
    name, text = str(about.get("full_name") or ""), str(about.get("description") or "")
    date = str(about.get("created_at") or "")[:10]
    return SourceEntry(text, f"https://github.com/{name}", date, text=text)
