"""Detect an issue that is there under two dates: two people gave it another one, or one did while the other published."""

from __future__ import annotations

import datetime
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from embedai_nb.catalogue.queries import MAX_ITEMS, date_of, item_id
from embedai_nb.catalogue.records import keys, reason_of

if TYPE_CHECKING:
    from embedai_nb.model import Item

__all__ = ["same_issues"]

FEW = 2
"""Items that two issues must at least have in common: one may be repeated on purpose."""


def same_issues(connection: sqlite3.Connection, items: Sequence[Item], date: datetime.date) -> list[datetime.date]:
    """Dates of other issues with more than half of the items of the longer one; by the pages that the items lead to."""
    pages = [{key for key in keys(item) if reason_of(key) == "url"} for item in items]
    dates = _dates_of_pages(connection, set[int]().union(*pages))
    shared = Counter(day for item in pages for day in set[datetime.date]().union(*(dates[key] for key in item)))
    return sorted(
        day
        for day, count in shared.items()
        if day != date and count >= FEW and 2 * count > max(len(items), _length(connection, day))
    )


def _dates_of_pages(connection: sqlite3.Connection, pages: set[int]) -> dict[int, set[datetime.date]]:
    """The issues that have these pages."""
    found = defaultdict[int, set[datetime.date]](set)
    known = ",".join(map(str, pages))
    for key, item in connection.execute(f"SELECT key, item FROM keys WHERE key IN ({known})"):
        found[key].add(date_of(item))
    return found


def _length(connection: sqlite3.Connection, date: datetime.date) -> int:
    span = (item_id(date), item_id(date, MAX_ITEMS - 1))
    found: int = connection.execute("SELECT COUNT(*) FROM items WHERE id BETWEEN ? AND ?", span).fetchone()[0]
    return found
