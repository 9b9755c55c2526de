"""Digest what the other issues hold that findings about one issue depend on: while it stays the same, so do these."""

from __future__ import annotations

import datetime
import hashlib
import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, TypeVar

from embedai_nb.catalogue.issue_files import content_digest
from embedai_nb.catalogue.queries import MAX_ITEMS, date_of, item_id
from embedai_nb.catalogue.records import ItemTraits

__all__ = ["Surroundings"]

Row = TypeVar("Row", bound=tuple[Any, ...])


class Surroundings:
    """The other issues as `seen_before` and `same_issues` see them, of all issues at once: it reads each item once.

    `seen_before` reads titles, addresses and keys of earlier items; `same_issues` the keys that two issues share, and
    how many items each has.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        items = connection.execute("SELECT id, title, url FROM items ORDER BY id").fetchall()
        keys = connection.execute("SELECT item, key FROM keys ORDER BY item, key").fetchall()
        self._items, self._keys = items, keys
        self._earlier = [_Chain(items), _Chain(keys)]
        self._shared = _shared(items, keys)
        self._contents = dict(connection.execute("SELECT date, digest FROM files"))

    def earlier(self, date: datetime.date) -> str:
        """Digest of all earlier items: of those that `seen_before` may find, and of many others."""
        return "".join(chain.before(date) for chain in self._earlier)

    def shared(self, date: datetime.date) -> str:
        """Digest of what `same_issues` compares an issue with."""
        return self._shared.get(date, "")

    def traits(self, date: datetime.date, content: bytes) -> list[ItemTraits] | None:
        """The traits of an issue's items; ``None`` if they were read from another content of its file."""
        if self._contents.get(str(date)) != content_digest(content):
            return None
        keys = defaultdict[int, set[int]](set)
        for item, key in _of_issue(self._keys, date):
            keys[item].add(key)
        return [ItemTraits(title, frozenset(keys[item])) for item, title, _ in _of_issue(self._items, date)]


def _of_issue(rows: Sequence[Row], date: datetime.date) -> Sequence[Row]:
    """The rows of an issue, of rows that begin with the id of an item and are in this order."""
    first, end = ((item_id(date, place),) for place in (0, MAX_ITEMS))
    return rows[bisect_left(rows, first) : bisect_left(rows, end)]


class _Chain:
    """For each issue one digest of all rows before it; rows begin with the id of an item."""

    def __init__(self, rows: Iterable[Sequence[object]]) -> None:
        self._firsts, self._digests = list[int](), list[str]()
        state = hashlib.blake2b(digest_size=12)
        for day, group in groupby(rows, key=lambda row: date_of(int(str(row[0])))):
            self._firsts.append(item_id(day))
            self._digests.append(state.hexdigest())
            state.update(_bytes(list(group)))
        self._digests.append(state.hexdigest())

    def before(self, date: datetime.date) -> str:
        return self._digests[bisect_left(self._firsts, item_id(date))]


def _shared(items: Sequence[tuple[int, str, str]], keys: Iterable[tuple[int, int]]) -> dict[datetime.date, str]:
    """Digests of the keys that each issue shares with others, and of the number of items of these."""
    lengths = {day: len(list(group)) for day, group in groupby(items, key=lambda row: date_of(row[0]))}
    days_of_key = defaultdict[int, dict[datetime.date, int]](dict)
    for item, key in keys:
        day = date_of(item)
        days_of_key[key][day] = lengths.get(day, 0)
    states = defaultdict[datetime.date, list[bytes]](list)
    for key, days in days_of_key.items():
        if len(days) > 1:
            said = hashlib.blake2b(_bytes([key, *days.items()]), digest_size=12).digest()
            for day in days:
                states[day].append(said)
    return {day: hashlib.blake2b(b"".join(sorted(said)), digest_size=12).hexdigest() for day, said in states.items()}


def _bytes(values: object) -> bytes:
    return repr(values).encode("utf-8", "replace")
