"""The same before: the page, the paper, the repository, or a title that says the same."""

from __future__ import annotations

import datetime
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from embedai_nb.catalogue.entries import REASONS, Reason, entry, keys
from embedai_nb.catalogue.similar import alike
from embedai_nb.catalogue.store import date_of, entries, number
from embedai_nb.catalogue.tokens import tokens
from embedai_nb.model import Item

RARE = 6
"""So many of a title's tokens, the rarest, say where to look for similar ones."""
EACH = 300
"""The newest items with such a token that are looked at."""


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

    def __str__(self) -> str:
        return f"曾收录于 {self.date}：{self.title or self.url}"


def seen_before(connection: sqlite3.Connection, item: Item, date: datetime.date) -> list[Earlier]:
    """What was about the same before ``date``; the strongest reasons first, then the newest."""
    reasons = dict(_same_keys(connection, item, date))
    scores = {n: score for n, score in _same_titles(connection, item, date) if n not in reasons}
    found = [
        Earlier(date_of(n), e.section, e.title, e.url, reasons.get(n, "title"), scores.get(n, 100))
        for n, e in entries(connection, [*reasons, *scores])
    ]
    return sorted(found, key=lambda e: (REASONS.index(e.reason), -e.date.toordinal(), e.title, e.url))


def _same_keys(connection: sqlite3.Connection, item: Item, date: datetime.date) -> Iterator[tuple[int, Reason]]:
    """The items with a key in common, the weakest reasons first."""
    known = keys(item)
    wanted = ",".join(map(str, known))
    rows = connection.execute(f"SELECT item, key FROM keys WHERE key IN ({wanted}) AND item < ?", (number(date),))
    yield from sorted(((n, known[key]) for n, key in rows), key=lambda each: -REASONS.index(each[1]))


def _same_titles(connection: sqlite3.Connection, item: Item, date: datetime.date) -> list[tuple[int, float]]:
    found = entries(connection, _with_rare_tokens(connection, item.title, date))
    return [(found[n][0], score) for n, score in alike(entry("", item).title, [e.title for _, e in found])]


def _with_rare_tokens(connection: sqlite3.Connection, title: str, date: datetime.date) -> Iterator[int]:
    """Items whose headings share at least two of the rarest tokens, or the only one."""
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab(main, headings, row)")
    counts = {token: _frequency(connection, token) for token in tokens(title)}
    rare = sorted((count, token) for token, count in counts.items() if count)[:RARE]
    statement = "SELECT rowid FROM headings WHERE headings MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"
    shared = Counter(
        n for _, token in rare for (n,) in connection.execute(statement, (f'"{token}"', number(date), EACH))
    )
    yield from (n for n, count in shared.items() if count >= min(2, len(rare)))


def _frequency(connection: sqlite3.Connection, token: str) -> int:
    row = connection.execute("SELECT doc FROM temp.terms WHERE term = ?", (token,)).fetchone()
    return int(row[0]) if row else 0
