"""Split a list into pages, of which only the one being filled is in memory."""

from __future__ import annotations

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
    """File name of the previous page; empty on the first one."""
    older: str
    """File name of the next page; empty on the last one."""


@dataclass
class Paginator(Generic[Row]):
    """Collects rows, and writes each page as soon as it is known whether another follows.

    Args:
        path: of the first page.
        size: rows of a page.
        write: called with each page.
    """

    path: str
    size: int
    write: Callable[[ListPage[Row]], None]
    count: int = 0
    _rows: list[Row] = field(default_factory=list)
    _number: int = 1

    def add(self, row: Row) -> None:
        """Add the next row, older than all before it."""
        if len(self._rows) == self.size:
            self._finish(self._name(self._number + 1))
        self._rows.append(row)
        self.count += 1

    def close(self) -> None:
        """Write the last page."""
        self._finish("")

    def _finish(self, older: str) -> None:
        newer = self._name(self._number - 1) if self._number > 1 else ""
        self.write(ListPage(self._name(self._number), tuple(self._rows), _file(newer), _file(older)))
        self._rows.clear()
        self._number += 1

    def _name(self, number: int) -> str:
        return self.path if number == 1 else self.path.removesuffix(".html") + f".{number}.html"


def _file(path: str) -> str:
    return path.rpartition("/")[2]
