"""The same before: the page, the paper, the repository, or a title that says the same."""

from __future__ import annotations

import datetime
import heapq
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from embedai_nb.catalogue.database import date_of, entries, number
from embedai_nb.catalogue.records import REASONS, ItemRecord, Reason, entry, keys
from embedai_nb.catalogue.similar_titles import alike, pieces
from embedai_nb.model import Item

EACH = 20
"""The newest items with a piece of a title that are looked at."""
CLOSEST = 30
"""So many of these, which have the most and the rarest pieces of it, have their titles compared."""


@dataclass(frozen=True)
class Earlier:
    """An item of an earlier issue that is about the same."""

    date: datetime.date
    section: str
    title: str
    url: str
    reason: Reason
    score: float = 100
    """How similar the titles are, where that is the reason."""
    text: str = ""
    """What it said."""

    def __str__(self) -> str:
        return f"曾收录于 {self.date}：{self.title or self.url}"


def seen_before(connection: sqlite3.Connection, items: Sequence[Item], date: datetime.date) -> list[list[Earlier]]:
    """For each item what was about the same before ``date``; the strongest reasons first, then the newest."""
    same = _with_the_same_keys(connection, [keys(item) for item in items], date)
    titles = [entry("", item).title for item in items]
    close = [_with_a_close_title(connection, title, date) for title in titles]
    rows = _rows(connection, {n for found in (*same, *close) for n in found})
    return [_earlier(*each, rows) for each in zip(titles, same, close, strict=True)]


def _with_the_same_keys(
    connection: sqlite3.Connection, wanted: Sequence[Mapping[int, Reason]], date: datetime.date
) -> list[dict[int, Reason]]:
    """For each item those with a key in common, and the strongest reason."""
    known = ",".join({str(key) for each in wanted for key in each})
    with_key: dict[int, list[int]] = {}
    for key, n in connection.execute(
        f"SELECT key, item FROM keys WHERE key IN ({known}) AND item < ?", (number(date),)
    ):
        with_key.setdefault(key, []).append(n)
    weakest_first = [sorted(each.items(), key=lambda key: -REASONS.index(key[1])) for each in wanted]
    return [{n: reason for key, reason in each for n in with_key.get(key, ())} for each in weakest_first]


def _with_a_close_title(connection: sqlite3.Connection, title: str, date: datetime.date) -> list[int]:
    """The items that have most of this title's pieces; one that few others have says more than one that many have."""
    statement = "SELECT item FROM pieces WHERE piece = ? AND item < ? ORDER BY item DESC LIMIT ?"
    shared: dict[int, float] = {}
    for piece in sorted(pieces(title)):
        found = connection.execute(statement, (piece, number(date), EACH)).fetchall()
        for (n,) in found:
            shared[n] = shared.get(n, 0) + 1 / len(found)
    return [n for _, n in heapq.nlargest(CLOSEST, ((share, n) for n, share in shared.items()))]


def _rows(connection: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, ItemRecord]:
    """The records of these items, by number."""
    return dict(entries(connection, numbers))


def _earlier(
    title: str, same: Mapping[int, Reason], close: Sequence[int], rows: Mapping[int, ItemRecord]
) -> list[Earlier]:
    others = [n for n in close if n not in same]
    scores = {others[at]: score for at, score in alike(title, [rows[n].title for n in others])}
    found = [_made(n, rows[n], same.get(n, "title"), scores.get(n, 100)) for n in sorted([*same, *scores])]
    return sorted(found, key=lambda e: (REASONS.index(e.reason), -e.date.toordinal(), e.title, e.url))


def _made(n: int, record: ItemRecord, reason: Reason, score: float) -> Earlier:
    return Earlier(date_of(n), record.section, record.title, record.url, reason, score, record.text)
