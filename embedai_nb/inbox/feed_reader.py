"""Read RSS, Atom, RDF and JSON feeds; `read_in_child` does so in a process of limited time and memory.

A feed is a stranger's text: a few kilobytes of it can keep a parser busy for hours.  The module imports little, for it
is what the child process runs: ``python -m embedai_nb.inbox.feed_reader URL``, with the feed on stdin; ``--full`` after the
address keeps the whole text of each entry.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from embedai_nb.i18n import N_, _
from embedai_nb.text.urls import arxiv_id

__all__ = ["Feed", "FeedError", "FullEntry", "SourceEntry", "read_feed", "read_in_child"]

CPU_SECONDS, SECONDS = 5, 20
"""Time that reading a feed may take: of a processor, and in all, on a busy machine."""
MEMORY = 2**30
"""Bytes of address space of the child; reading the largest feed that is fetched takes a tenth."""
TOO_MUCH = N_("takes too much time or memory to read")
ENTRIES, MOST_ENTRIES = 200, 2000
"""Entries that are read of a feed, the first ones; and where their whole texts are wanted."""
EXCERPT = 600
"""Characters kept of an entry's text."""
HTML = 50_000
"""Characters of HTML that are looked at for an entry's text."""
TAG = re.compile(
    r"<(?:!--.*?(?:-->|$)|(?:script|style)\b.*?(?:</(?:script|style)\b[^>]*>|$)|/?[a-z!?][^>]*>)",
    re.DOTALL | re.IGNORECASE,
)
ARXIV = re.compile(r"https?://arxiv\.org/(?:abs|pdf)/[\w./-]{5,40}", re.IGNORECASE)
DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")


class FeedError(ValueError):
    """A text that is no feed, or one that takes too much time or memory to read."""


@dataclass(frozen=True)
class SourceEntry:
    """One entry of a feed; texts are plain, and as its author wrote them.

    Args:
        title: may be empty.
        url: absolute; empty if there is none.
        date: when it was published, ``YYYY-MM-DD``; empty if that isn't said.
        authors: their names.
        text: the beginning of its summary.
        papers: arXiv ids that its text links to.
    """

    title: str
    url: str
    date: str = ""
    authors: tuple[str, ...] = ()
    text: str = ""
    papers: tuple[str, ...] = ()


@dataclass(frozen=True)
class FullEntry(SourceEntry):
    """An entry with its whole text.

    Args:
        content: HTML, or plain text; empty where the feed has none.
        is_plain: whether it is plain text.
    """

    content: str = ""
    is_plain: bool = False


@dataclass(frozen=True)
class Feed:
    """A feed: its title and entries."""

    title: str
    entries: tuple[SourceEntry, ...]


def read_in_child(text: str, url: str, *, seconds: float = SECONDS, full: bool = False) -> Feed:
    """Read a feed in a process that ends when it takes too long or too much memory.

    Args:
        text: the feed.
        url: where it was fetched; relative links are resolved against it.
        seconds: how long that may take.
        full: whether its entries are `FullEntry`s.

    Raises:
        FeedError: it is no feed, or takes too much.
    """
    command = [
        sys.executable,
        "-P",
        "-m",
        __name__,
        url,
        *["--full"] * full,
    ]  # -P: nothing is imported from the working folder
    try:
        done = subprocess.run(
            command, input=text.encode("utf-8", "replace"), capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise FeedError(_(TOO_MUCH)) from None
    try:
        found = json.loads(done.stdout)
        kind = FullEntry if full else SourceEntry
        entries = (kind(**_with_tuples(entry)) for entry in found["entries"])
        return Feed(found["title"], tuple(entries))
    except (ValueError, KeyError, TypeError):
        raise FeedError(_("is no feed") if done.returncode == NO_FEED else _(TOO_MUCH)) from None


def _with_tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}


# --- parsing --------------------------------------------------------------------------------------------------


def read_feed(text: str, url: str, *, full: bool = False) -> Feed:
    """Read a feed of any kind, here.

    Args:
        text: the feed.
        url: what relative links are resolved against.
        full: whether its entries are `FullEntry`s.

    Raises:
        FeedError: it is no feed.
    """
    read = _json_feed if text.lstrip("\ufeff \t\r\n").startswith("{") else _xml_feed
    return read(text, url, full)


def _xml_feed(text: str, url: str, full: bool) -> Feed:  # passed on
    import feedparser  # type: ignore[import-untyped]  # it has no types

    # Decoded already, by what is right more often than what a feed says of itself.
    data = io.BytesIO(DECLARATION.sub("", text, count=1).encode("utf-8", "replace"))
    headers = {"content-location": url, "content-type": "application/xml; charset=utf-8"}
    try:
        found = feedparser.parse(data, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # whatever a stranger's text makes it raise
        raise FeedError(_("is no feed")) from error
    if not found.get("version"):
        raise FeedError(_("is no feed"))
    entries = found.entries[: MOST_ENTRIES if full else ENTRIES]
    return Feed(_plain(found.feed.get("title")), tuple(_xml_entry(each, url, full) for each in entries))


def _xml_entry(entry: dict[str, Any], base: str, full: bool) -> SourceEntry:
    bodies = [str(each.get("value") or "") for each in entry.get("content", ())]
    html = max([str(entry.get("summary") or ""), *bodies], key=len)
    names = [_plain(each.get("name")) for each in entry.get("authors", ()) if isinstance(each, Mapping)]
    made = SourceEntry(
        title=_plain(entry.get("title")),
        url=_absolute(entry.get("link") or entry.get("id"), base),
        # Not entry.get, which takes one for the other, and warns that it will cease to.
        date=_day(dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")),
        authors=tuple(filter(None, names))[:20],
        text=_plain(entry.get("summary") or html)[:EXCERPT],
        papers=_papers(html),
    )
    return FullEntry(**vars(made), content=html) if full else made


def _json_feed(text: str, url: str, full: bool) -> Feed:
    """JSON Feed, version 1 and 1.1 (jsonfeed.org/version/1.1)."""
    try:
        found = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise FeedError(_("is no feed")) from None
    items = found.get("items") if isinstance(found, dict) else None
    if not isinstance(items, list):
        raise FeedError(_("is no feed"))
    entries = _objects(items)[: MOST_ENTRIES if full else ENTRIES]
    return Feed(_plain(found.get("title")), tuple(_json_entry(each, url, full) for each in entries))


def _json_entry(entry: Mapping[str, Any], base: str, full: bool) -> SourceEntry:
    html = str(entry.get("content_html") or entry.get("content_text") or "")
    authors = [*_objects(entry.get("authors")), *_objects([entry.get("author")])]
    made = SourceEntry(
        title=_plain(entry.get("title")),
        url=_absolute(entry.get("url") or entry.get("external_url") or entry.get("id"), base),
        date=_iso_day(entry.get("date_published") or entry.get("date_modified")),
        authors=tuple(filter(None, (_plain(each.get("name")) for each in authors)))[:20],
        text=_plain(entry.get("summary") or html)[:EXCERPT],
        papers=_papers(html),
    )
    return FullEntry(**vars(made), content=html, is_plain=not entry.get("content_html")) if full else made


def _objects(values: object) -> list[Mapping[str, Any]]:
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []


def _plain(html: object) -> str:
    """The text of some HTML on one line; comparisons such as ``a < b`` stay."""
    from html import unescape

    if not isinstance(html, str):
        return ""
    return " ".join(unescape(TAG.sub(" ", html[:HTML])).split())


def _absolute(link: object, base: str) -> str:
    """An absolute http URL, or nothing."""
    with suppress(ValueError):
        url = urljoin(base, link.strip()) if isinstance(link, str) and link.strip() else ""
        return re.sub(r"\s", "%20", url) if re.match(r"https?://[^\s/]", url) else ""
    return ""


def _day(parsed: object) -> str:
    """The day of a time as feedparser gives it, in UTC."""
    with suppress(TypeError, ValueError):
        return datetime(*tuple(parsed)[:3]).date().isoformat()  # type: ignore[arg-type] # noqa: DTZ001 - only the day
    return ""


def _iso_day(text: object) -> str:
    with suppress(TypeError, ValueError):
        return datetime.fromisoformat(text).date().isoformat()  # type: ignore[arg-type]  # caught
    return ""


def _papers(html: str) -> tuple[str, ...]:
    """The arXiv papers that a text links to."""
    return tuple(dict.fromkeys(filter(None, (arxiv_id(found.rstrip(".")) for found in ARXIV.findall(html[:HTML])))))[:5]


# --- the child process ----------------------------------------------------------------------------------------

NO_FEED = 3
"""Exit status where the text is no feed."""


def _limit_memory() -> None:
    """Limit this process, where the system can."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


def _main() -> Iterator[str]:
    _limit_memory()
    text = sys.stdin.buffer.read().decode("utf-8", "replace")
    yield json.dumps(asdict(read_feed(text, sys.argv[1], full="--full" in sys.argv[2:])))


if __name__ == "__main__":
    try:
        sys.stdout.writelines(_main())
    except FeedError:
        sys.exit(NO_FEED)
    except Exception:
        sys.exit(1)
