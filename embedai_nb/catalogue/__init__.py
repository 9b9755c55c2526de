"""Catalogue of all items of all issues: full-text search, and detection of repeated items."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from embedai_nb.catalogue.database import WRONG_CONTENT, Database
from embedai_nb.catalogue.queries import date_of, issue_dates, issue_lengths, latest_items, section_sizes, table_rows
from embedai_nb.catalogue.records import ItemRecord, ItemTraits, item_traits
from embedai_nb.catalogue.related_later import related_later
from embedai_nb.catalogue.same_issue import same_issues
from embedai_nb.catalogue.seen_before import Earlier, company_before, seen_before
from embedai_nb.catalogue.surroundings import Surroundings
from embedai_nb.progress import OnProgress, silent

if TYPE_CHECKING:
    from embedai_nb.catalogue.search import Hit
    from embedai_nb.model import Item, Newsletter

Found = TypeVar("Found")

__all__ = ["Catalogue", "Earlier"]


class Catalogue:
    """The catalogue of an issues folder, a SQLite database; may be used by several threads.

    Built from drafts and archive when it is opened for the first time, then updated by `refresh`.

    Args:
        folder: the issues folder.
        newsletter: its newsletter; without one newsletter.yaml is loaded when it is needed.
        refresh: whether to update it at once; if not, and it exists, no other file is read.
        on_progress: called whenever an issue has been read.

    A damaged database is built again; where there can be none (a full or read-only disk), this works in memory.
    """

    def __init__(
        self,
        folder: Path,
        newsletter: Newsletter | None = None,
        *,
        refresh: bool = True,
        on_progress: OnProgress = silent,
    ) -> None:
        self._lock = Lock()
        self._database = Database(folder, newsletter, on_progress)
        if refresh:
            self.refresh()

    def refresh(self, date: datetime.date | None = None) -> int:
        """Update from drafts and archive, or of one issue only; return the number of changed files."""
        return self._tried(lambda _: self._database.refresh(date))

    def search(
        self,
        words: str,
        *,
        section: str | None = None,
        year: int | None = None,
        source: str | None = None,
        limit: int = 20,
    ) -> list[Hit]:
        """Find the items that contain all words, the best match first; filtered by section, year and source."""
        from embedai_nb.catalogue.search import search  # whose patterns take long to compile; a check doesn't search

        return self._tried(lambda db: search(db, words, section=section, year=year, source=source, limit=limit))

    def seen_before(self, item: Item, date: datetime.date) -> list[Earlier]:
        """Find items of issues before ``date`` that are about the same thing, the strongest reason first."""
        return self.seen_before_all([item], date)[0]

    def seen_before_all(self, items: Sequence[Item], date: datetime.date) -> list[list[Earlier]]:
        """Do the same for several items, in less time than one after the other."""
        return self.seen_before_traits(
            [item_traits(item, self._database.newsletter.marks.colon) for item in items], date
        )

    def seen_before_traits(self, items: Sequence[ItemTraits], date: datetime.date) -> list[list[Earlier]]:
        """Do the same for items of which only the traits are known."""
        return self._tried(lambda db: seen_before(db, items, date))

    def same_issues(self, items: Sequence[Item], date: datetime.date) -> list[datetime.date]:
        """Find the other dates under which an issue with these items is there, too."""
        return self._tried(lambda db: same_issues(db, items, date))

    def related_later(self, date: datetime.date) -> set[datetime.date]:
        """Find the later issues that this one may be named in as an earlier one."""
        return self._tried(lambda db: related_later(db, date))

    def surroundings(self) -> Surroundings:
        """Digest for each issue what findings about it depend on of the others."""
        return self._tried(Surroundings)

    def section_sizes(self, before: datetime.date, limit: int | None = None) -> dict[datetime.date, dict[str, int]]:
        """Count the items of each issue by section, the oldest issue first.

        Args:
            before: the issues before this date.
            limit: only so many of them, the newest.
        """
        return self._tried(lambda db: section_sizes(db, before, limit))

    def latest_items(
        self, before: datetime.date = datetime.date.max, limit: int = 2000
    ) -> list[tuple[datetime.date, ItemRecord]]:
        """The items of issues before a date, each with that of its issue, the newest first."""
        found = self._tried(lambda db: latest_items(db, before, limit))
        return [(date_of(n), record) for n, record in found]

    def table(self, kind: Literal["items", "warmups"]) -> tuple[list[tuple[Any, ...]], list[datetime.date]]:
        """The rows of `embedai_nb.catalogue.table`, and the dates of all issues, both from the oldest on."""
        return self._tried(lambda db: (table_rows(db, kind), issue_dates(db)))

    def issue_lengths(self, dates: Iterable[datetime.date]) -> dict[datetime.date, int]:
        """Count the characters of all items of these issues."""
        wanted = tuple(dates)
        return self._tried(lambda db: issue_lengths(db, wanted))

    def companies_before(self, companies: Iterable[str], date: datetime.date) -> dict[str, Earlier]:
        """Find the newest warm-up about each company in issues before ``date``."""
        wanted = tuple(companies)
        found = self._tried(lambda db: {name: company_before(db, name, date) for name in wanted})
        return {name: earlier for name, earlier in found.items() if earlier}

    def _tried(self, query: Callable[[sqlite3.Connection], Found]) -> Found:
        """Run a query; once more where the database turns out to be damaged, or can no longer be read."""
        with self._lock:
            try:
                return query(self._database.connection)
            except (sqlite3.Error, *WRONG_CONTENT) as error:
                self._database.mend(error)
                return query(self._database.connection)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
