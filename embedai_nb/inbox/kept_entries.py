"""Keep what the sources of an inbox said, in the issues folder's cache: feeds forget their entries within days."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from embedai_nb.inbox.feed_reader import Feed, SourceEntry
from embedai_nb.model import InboxSource
from embedai_nb.workspace import layout
from embedai_nb.workspace.atomic import write_atomically

__all__ = ["KeptEntries", "KeptSource", "load_entries", "merged_entries", "save_entries"]

KEPT = timedelta(days=42)
"""How long an entry is kept after its feed dropped it: three fortnights."""
MOST = 1000
"""Entries that are kept of a source, the newest."""


@dataclass(frozen=True)
class KeptSource:
    """What one source said.

    Args:
        source: as newsletter.yaml or an OPML list names it.
        title: the feed's own.
        digest: of its last answer, which need not be read again while it is the same.
        entries: each with the day when it was first seen.
    """

    source: InboxSource
    title: str = ""
    digest: str = ""
    entries: tuple[tuple[SourceEntry, date], ...] = ()


@dataclass(frozen=True)
class KeptEntries:
    """What all sources said.

    Args:
        sources: by their addresses.
        not_before: hosts that asked for patience, and until when, in seconds since 1970.
        fetched: when it was, ISO 8601; empty if never.
    """

    sources: Mapping[str, KeptSource] = field(default_factory=dict)
    not_before: Mapping[str, float] = field(default_factory=dict)
    fetched: str = ""


def merged_entries(known: KeptSource | None, source: InboxSource, feed: Feed, digest: str, today: date) -> KeptSource:
    """Add what a source says now to what it said before; notes count as they are now."""
    first_seen = {entry.url: day for entry, day in known.entries} if known else {}
    now = {entry.url: (entry, first_seen.get(entry.url, today)) for entry in feed.entries if entry.url}
    before = {} if known is None or source.kind == "links" else {e.url: (e, day) for e, day in known.entries}
    entries = (now | {url: each for url, each in before.items() if url not in now}).values()
    fresh = [(entry, day) for entry, day in entries if entry.url in now or today - day <= KEPT]
    return KeptSource(source, feed.title, digest, tuple(fresh[:MOST]))


def load_entries(folder: Path) -> KeptEntries:
    """Load what is kept; nothing where that cannot be read."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        found = json.loads((folder / layout.INBOX_ENTRIES).read_bytes())
        sources = {place: _source(values) for place, values in found["sources"].items()}
        return KeptEntries(sources, found["not_before"], found["fetched"])
    return KeptEntries()


def _source(values: Mapping[str, Any]) -> KeptSource:
    entries = tuple(_entries(values["entries"]))
    return KeptSource(InboxSource.model_validate(values["source"]), values["title"], values["digest"], entries)


def _entries(rows: Iterable[tuple[Mapping[str, Any], str]]) -> Iterator[tuple[SourceEntry, date]]:
    for values, day in rows:
        lists = {name: tuple(values.get(name, ())) for name in ("authors", "papers")}
        yield SourceEntry(**{**values, **lists}), date.fromisoformat(day)


def save_entries(folder: Path, kept: KeptEntries) -> None:
    """Save it."""
    path = folder / layout.INBOX_ENTRIES
    path.parent.mkdir(parents=True, exist_ok=True)
    sources = {place: _values(each) for place, each in sorted(kept.sources.items())}
    found = {"fetched": kept.fetched, "not_before": dict(kept.not_before), "sources": sources}
    write_atomically(path, json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))


def _values(kept: KeptSource) -> dict[str, Any]:
    entries = [(asdict(entry), str(day)) for entry, day in kept.entries]
    source = kept.source.model_dump(mode="json", exclude_defaults=True)
    return {"source": source, "title": kept.title, "digest": kept.digest, "entries": entries}
