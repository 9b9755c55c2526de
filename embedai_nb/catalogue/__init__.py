"""All items of all issues: found by their words, and known again when they come a second time."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from embedai_nb.catalogue.database import Store, sizes
from embedai_nb.catalogue.search import Hit, Marked, search
from embedai_nb.catalogue.seen_before import Earlier, seen_before
from embedai_nb.model import Item, Newsletter

__all__ = ["Catalogue", "Earlier", "Hit", "Marked"]


class Catalogue:
    """The catalogue of an issues folder; may be used by several threads.

    It is made when it is opened for the first time, from drafts and archive, and follows them with `refresh`.

    Args:
        folder: the issues folder.
        newsletter: its newsletter.
        refresh: whether to follow drafts and archive at once; without that no file but the catalogue's own is looked
            at, as long as there is one.

    Raises:
        EmbedAIError: its file can neither be opened nor made.
    """

    def __init__(self, folder: Path, newsletter: Newsletter, *, refresh: bool = True) -> None:
        self._lock = Lock()
        self._store = Store(folder, newsletter)
        if refresh:
            self.refresh()

    def refresh(self, date: datetime.date | None = None) -> int:
        """Follow the drafts and the archive, or one issue only; returns how many had changed."""
        with self._lock:
            return self._store.refresh(date)

    def search(
        self,
        words: str,
        *,
        section: str | None = None,
        year: int | None = None,
        source: str | None = None,
        limit: int = 20,
    ) -> list[Hit]:
        """The items that hold all ``words``, what fits best first; only of that section, year, source."""
        with self._lock:
            return search(self._store.connection, words, section=section, year=year, source=source, limit=limit)

    def seen_before(self, item: Item, date: datetime.date) -> list[Earlier]:
        """What was about the same in issues before ``date``, the strongest reason first."""
        with self._lock:
            return seen_before(self._store.connection, [item], date)[0]

    def seen_before_all(self, items: Sequence[Item], date: datetime.date) -> list[list[Earlier]]:
        """The same for each of several items, which takes less time than asking for one after the other."""
        with self._lock:
            return seen_before(self._store.connection, items, date)

    def sizes(self, before: datetime.date, limit: int | None = None) -> dict[datetime.date, dict[str, int]]:
        """How many items each issue before this date has in each section, the oldest first.

        Args:
            before: the first date that is left out.
            limit: of how many issues, the newest before this date; without it, of all.
        """
        with self._lock:
            return sizes(self._store.connection, before, limit)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
