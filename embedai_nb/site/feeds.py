"""Atom (RFC 4287) and JSON Feed 1.1, with the full content of every issue.

The feeds hold the newest issues; those before are in archive documents of equal size behind them (RFC 5005,
section 4), which never change unless an issue is corrected.

The id of an entry is made of the newsletter's name and the issue's date, not of its address, so that nothing is
new to a subscriber when the site moves.
"""

from __future__ import annotations

import datetime
import json
import re
import uuid
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from embedai_nb.site.issue_entry import IssueEntry, shortened
from embedai_nb.site.renderer import SiteRenderer, WriteFile

__all__ = ["NEWEST", "Feeds", "identity"]

NEWEST = 30
"""Issues in a feed, and in each archive document: more than a year."""

# XML 1.0, section 2.2: these may not occur, not even escaped.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class FeedEntry(NamedTuple):
    """An issue in a feed."""

    newsletter: str
    entry: IssueEntry
    published: datetime.datetime
    updated: datetime.datetime

    @property
    def id(self) -> str:
        """Its id."""
        return identity(self.newsletter, self.entry.date)


def identity(newsletter: str, date: datetime.date | None = None) -> str:
    """The id of an issue, or of the newsletter's feed."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"embedai:{newsletter}:{date or 'feed'}").urn


@dataclass
class Feeds:
    """The feeds of a site, handed over while its issues come by, the newest first.

    Args:
        frame: the site.
        total: how many issues will come.
        put: takes path and content of each file.
    """

    frame: SiteRenderer
    total: int
    put: WriteFile
    _current: list[FeedEntry] = field(default_factory=list)
    _archived: list[FeedEntry] = field(default_factory=list)
    _seen: int = 0

    def add(self, entry: IssueEntry, updated: datetime.datetime) -> None:
        """The next issue, older than all before it."""
        number = self.total - 1 - self._seen
        self._seen += 1
        midnight = datetime.datetime(entry.date.year, entry.date.month, entry.date.day, tzinfo=datetime.UTC)
        told = FeedEntry(self.frame.newsletter.name, entry, midnight, updated)
        if self._seen <= NEWEST:
            self._current.append(told)
        if number // NEWEST < self._documents:
            self._archived.append(told)
            if number % NEWEST == 0:
                self._put_archive(number // NEWEST + 1)
        if self._seen == min(NEWEST, self.total):
            self._put(tuple(self._current), 0)
            self._current.clear()

    @property
    def _documents(self) -> int:
        """Archive documents: whole ones only, until none but the newest issues are left."""
        return max(0, -(-(self.total - NEWEST) // NEWEST))

    def _put_archive(self, document: int) -> None:
        self._put(tuple(self._archived), document)
        self._archived.clear()

    def _put(self, told: tuple[FeedEntry, ...], document: int) -> None:
        """Both feeds; ``document`` counts from the oldest, the feed itself is 0."""
        older = document - 1 if document else self._documents
        self.put(_atom(document), partial(self._atom, told, document, older))
        self.put(_json(document), partial(self._json, told, document, older))

    def _atom(self, told: tuple[FeedEntry, ...], document: int, older: int) -> str:
        xml = self.frame.render(
            "atom.xml.j2",
            _atom(document),
            told=told,
            id=identity(self.frame.newsletter.name),
            updated=max(entry.updated for entry in told),
            current=_atom(0),
            archive=bool(document),
            prev_archive=_atom(older) if older else "",
            next_archive=_atom(document + 1) if 0 < document < self._documents else "",
        )
        return FORBIDDEN.sub("\ufffd", xml) + "\n"

    def _json(self, told: tuple[FeedEntry, ...], document: int, older: int) -> str:
        frame = self.frame
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": frame.newsletter.name,
            "home_page_url": frame.url("index.html"),
            "feed_url": frame.url(_json(document)),
            "next_url": frame.url(_json(older)) if older else None,
            "description": frame.tagline or None,
            "language": frame.newsletter.language,
            "authors": [{"name": frame.newsletter.name, "url": frame.url("index.html")}],
            "items": [self._item(entry) for entry in told],
        }
        kept = {key: value for key, value in feed.items() if value is not None}
        return json.dumps(kept, ensure_ascii=False, indent=1) + "\n"

    def _item(self, told: FeedEntry) -> dict[str, object]:
        entry = told.entry
        return {
            "id": told.id,
            "url": self.frame.url(entry.file),
            "title": entry.title,
            "summary": shortened(entry.lead),
            "content_html": str(entry.html_below_title),
            "date_published": told.published.isoformat(),
            "date_modified": told.updated.isoformat(),
            "tags": list(entry.keywords),
        }


def _atom(document: int) -> str:
    return f"atom-{document}.xml" if document else "atom.xml"


def _json(document: int) -> str:
    return f"feed-{document}.json" if document else "feed.json"
