"""Split a list into pages, numbered from the oldest: a full page never changes, only the newest one is being filled."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["ListPage", "Paginator"]

Row = TypeVar("Row")


@dataclass(frozen=True)
class ListPage(Generic[Row]):
    """One page of a list."""

    path: str
    rows: tuple[Row, ...]
    newer: str
    """File name of the page with newer rows; empty on the newest one."""
    older: str
    """File name of the page with older rows; empty on the oldest one."""


@dataclass
class Paginator(Generic[Row]):
    """Collects rows, the newest first, and writes each page as soon as it has all of its rows.

    Args:
        path: of the newest page, which has up to twice as many rows as the others; these have a number, from 1 for the
            oldest.
        size: rows of a page.
        total: rows of the list.
        write: called with each page, and the time when the last of its rows was updated.
    """

    path: str
    size: int
    total: int
    write: Callable[[ListPage[Row], datetime.datetime], None]
    _rows: list[Row] = field(default_factory=list)
    _updated: datetime.datetime | None = None
    _seen: int = 0

    def add(self, row: Row, updated: datetime.datetime) -> None:
        """Add the next row, older than all before it."""
        self._rows.append(row)
        self._updated = max(self._updated or updated, updated)
        self._seen += 1
        left = self.total - self._seen
        if left <= self._numbered * self.size and left % self.size == 0:
            self._finish(left // self.size + 1, self._updated)

    @property
    def _numbered(self) -> int:
        """Number of the pages besides the newest."""
        return max(0, self.total // self.size - 1)

    def _finish(self, number: int, updated: datetime.datetime) -> None:
        page = ListPage(self._name(number), tuple(self._rows), self._file(number + 1), self._file(number - 1))
        self.write(page, updated)
        self._rows.clear()
        self._updated = None

    def _name(self, number: int) -> str:
        return self.path if number > self._numbered else f"{self.path.removesuffix('.html')}.{number}.html"

    def _file(self, number: int) -> str:
        return self._name(number).rpartition("/")[2] if 1 <= number <= self._numbered + 1 else ""
