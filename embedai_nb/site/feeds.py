"""Atom (RFC 4287) and JSON Feed 1.1, with the full content of every issue.

The feeds hold the newest issues.  Archive documents of equal size (RFC 5005, section 4) hold those before; they never
change unless an issue is corrected.

The id of an entry is made of the newsletter's name and the issue's date, not of its URL, and kept from then on, as that of
the feed is: nothing is new to subscribers when the site moves, the newsletter is renamed or an issue rescheduled.
"""

from __future__ import annotations

import datetime
import json
import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import count
from typing import NamedTuple
from urllib.parse import urljoin

from markupsafe import Markup

from embedai_nb.html.absolute_urls import resolve_all
from embedai_nb.site.issue_entry import IssueEntry, shortened
from embedai_nb.site.renderer import SiteRenderer
from embedai_nb.site.site_file import SiteFile, WriteFile
from embedai_nb.workspace.revisions import Revision

__all__ = ["NEWEST", "Feeds", "entry_id"]

NEWEST = 30
"""Issues in a feed, and in each archive document: more than a year."""

ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 (section 2.2) does not allow, not even escaped."""


class FeedEntry(NamedTuple):
    """An issue in a feed."""

    id: str
    """Permanent: the one that the issue had when it was first on the site."""
    entry: IssueEntry
    published: datetime.datetime
    updated: datetime.datetime


def entry_id(newsletter: str, date: datetime.date | None = None, given: Collection[str] = ()) -> str:
    """Make an id (a URN) for an issue, or without a date for the feed itself.

    Args:
        newsletter: its name.
        date: that of the issue.
        given: ids that others have; an issue that was rescheduled has the one that its old date would give.
    """
    name = f"embedai:{newsletter}:{date or 'feed'}"
    ids = (uuid.uuid5(uuid.NAMESPACE_URL, name + ":again" * times).urn for times in count())
    return next(urn for urn in ids if urn not in given)


@dataclass
class Feeds:
    """Writes the feeds of a site while its issues are added, the newest first.

    Args:
        renderer: of the site.
        total: number of issues that will be added.
        write: called with each file.
        feed_id: the permanent id of the feed.
    """

    renderer: SiteRenderer
    total: int
    write: WriteFile
    feed_id: str
    _current: list[FeedEntry] = field(default_factory=list)
    _archived: list[FeedEntry] = field(default_factory=list)
    _contents: dict[datetime.date, Markup] = field(default_factory=dict)
    """Contents of the document that is being written, which both formats have."""
    _seen: int = 0

    def add(self, entry: IssueEntry, revision: Revision) -> None:
        """Add the next issue, older than all before it."""
        number = self.total - 1 - self._seen
        self._seen += 1
        midnight = datetime.datetime(entry.date.year, entry.date.month, entry.date.day, tzinfo=datetime.UTC)
        added = FeedEntry(revision.id, entry, midnight, revision.updated)
        if self._seen <= NEWEST:
            self._current.append(added)
        if number // NEWEST < self._documents:
            self._archived.append(added)
            if number % NEWEST == 0:
                self._put_archive(number // NEWEST + 1)
        if self._seen == min(NEWEST, self.total):
            self._put(tuple(self._current), 0)
            self._current.clear()

    @property
    def _documents(self) -> int:
        """Number of archive documents: only full ones, which with the feed itself hold all issues."""
        return max(0, -(-(self.total - NEWEST) // NEWEST))

    def _put_archive(self, document: int) -> None:
        self._put(tuple(self._archived), document)
        self._archived.clear()

    def _put(self, entries: tuple[FeedEntry, ...], document: int) -> None:
        """Write both formats of an archive document, numbered from the oldest; 0 is the feed itself."""
        self._contents = {}
        older = document - 1 if document else self._documents
        made_of = (self._shared, entries, document, older, document < self._documents)
        self.write(SiteFile(_atom(document), made_of, partial(self._atom, entries, document, older)))
        self.write(SiteFile(_json(document), made_of, partial(self._json, entries, document, older)))

    @property
    def _shared(self) -> tuple[object, ...]:
        site = self.renderer.site
        return self.feed_id, site.name, site.language, site.address, site.tagline

    def _atom(self, entries: tuple[FeedEntry, ...], document: int, older: int) -> str:
        values: dict[str, object] = {
            "entries": entries,
            "content": self._content,
            "id": self.feed_id,
            "updated": max(entry.updated for entry in entries),
            "current": _atom(0),
            "archived": bool(document),
            "prev_archive": _atom(older) if older else "",
            "next_archive": _atom(document + 1) if 0 < document < self._documents else "",
        }
        xml = self.renderer.render("atom.xml.j2", _atom(document), values)
        return FORBIDDEN.sub("\ufffd", xml) + "\n"

    def _json(self, entries: tuple[FeedEntry, ...], document: int, older: int) -> str:
        renderer = self.renderer
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": renderer.newsletter.name,
            "home_page_url": renderer.url("index.html"),
            "feed_url": renderer.url(_json(document)),
            "next_url": renderer.url(_json(older)) if older else None,
            "description": renderer.site.tagline or None,
            "language": renderer.newsletter.language,
            "authors": [{"name": renderer.newsletter.name, "url": renderer.url("index.html")}],
            "items": [self._item(entry) for entry in entries],
        }
        kept = {key: value for key, value in feed.items() if value is not None}
        return json.dumps(kept, ensure_ascii=False, indent=1) + "\n"

    def _content(self, entry: IssueEntry) -> Markup:
        """The page of an issue with absolute URLs: a feed is read anywhere."""
        if entry.date not in self._contents:
            own = self.renderer.url(entry.file)
            self._contents[entry.date] = resolve_all(entry.html_below_title, lambda url: _absolute(own, url))
        return self._contents[entry.date]

    def _item(self, feed_entry: FeedEntry) -> dict[str, object]:
        entry = feed_entry.entry
        return {
            "id": feed_entry.id,
            "url": self.renderer.url(entry.file),
            "title": entry.title,
            "summary": shortened(entry.lead),
            "content_html": str(self._content(entry)),
            "date_published": feed_entry.published.isoformat(),
            "date_modified": feed_entry.updated.isoformat(),
            "tags": list(entry.keywords),
        }


def _absolute(page: str, url: str) -> str:
    """An address on a page of the site; those within the page alone differ from page to page."""
    if ABSOLUTE.match(url):
        return url
    return urljoin(page, url) if url.startswith(("#", "?")) or not url else _beside(page.rpartition("/")[0], url)


@lru_cache(1024)
def _beside(folder: str, url: str) -> str:
    """The same for an address beside the page; an issue names the same back issues as the next one."""
    return urljoin(f"{folder}/", url)


def _atom(document: int) -> str:
    return f"atom-{document}.xml" if document else "atom.xml"


def _json(document: int) -> str:
    return f"feed-{document}.json" if document else "feed.json"
