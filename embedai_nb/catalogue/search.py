"""Finding past items by their words, what fits best first.

Of the items that hold all words those whose heading holds them come first, then those that speak of them often, then
the newer ones.  A usual word is in so many items that weighing all would take longer than anybody waits: the newest
``POOL`` of each index are weighed, more only while too few of them truly fit.
"""

from __future__ import annotations

import datetime
import math
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from embedai_nb.catalogue.database import INDEXES, PLACES, date_of, entries, number
from embedai_nb.catalogue.records import ItemRecord, facet
from embedai_nb.catalogue.tokens import Query, query
from embedai_nb.text.folding import fold

POOL = 50
ROUNDS = 4
"""How often another pool is weighed when too few of the last one fit."""
HEADING = 10.0
"""What a word in the heading weighs; one in the text weighs at most ``log2`` of how often it is there."""
BEFORE, BEHIND = 20, 60
"""Characters shown on both sides of the first match."""

Fitting = dict[int, tuple[float, ItemRecord]]
"""Items that were found, by their numbers, with what they weigh."""
Marked = tuple[tuple[str, bool], ...]
"""A text in pieces, each with whether it is a match."""


@dataclass(frozen=True)
class Hit:
    """An item that was found."""

    date: datetime.date
    section: str
    title: Marked
    source: str
    url: str
    excerpt: Marked
    score: float


def search(
    connection: sqlite3.Connection,
    words: str,
    *,
    section: str | None = None,
    year: int | None = None,
    source: str | None = None,
    limit: int = 20,
) -> list[Hit]:
    """The items that hold all ``words``; those of a section, year, source only, where one is named."""
    wanted = query(words)
    facets = [facet(kind, name) for kind, name in (("section", section), ("source", source)) if name is not None]
    if (words.strip() and not wanted.match) or not (wanted.match or facets or year is not None):
        return []
    first, last = (datetime.MINYEAR, datetime.MAXYEAR) if year is None else (year, year)
    if not datetime.MINYEAR <= first <= last <= datetime.MAXYEAR:
        return []
    span = (number(datetime.date(first, 1, 1)), number(datetime.date(last, 12, 31), PLACES - 1))
    found = Fitting()
    for match in dict.fromkeys((wanted.match, wanted.wider)):
        for index in INDEXES if len(found) < limit else ():
            found = _fitting(
                connection, index, " AND ".join(filter(None, [match, *facets])), span, wanted, limit, found
            )
    best = sorted(found.items(), key=lambda each: (-each[1][0], -each[0]))[:limit]
    return [_hit(n, score, entry, wanted) for n, (score, entry) in best]


def _fitting(
    connection: sqlite3.Connection,
    index: str,
    match: str,
    span: tuple[int, int],
    wanted: Query,
    limit: int,
    known: Fitting,
) -> Fitting:
    """What is known, and the newest items of an index that truly hold the words, weighed."""
    found, (first, last) = Fitting(), span
    for _ in range(ROUNDS):
        numbers = _newest(connection, index, match, (first, last))
        for n, entry in entries(connection, [n for n in numbers if n not in known]):
            if (score := _score(entry, wanted)) is not None:
                found[n] = score, entry
        if len(numbers) < POOL or len(found) >= limit:
            break
        last = numbers[-1] - 1
    return known | found


def _newest(connection: sqlite3.Connection, index: str, match: str, span: tuple[int, int]) -> list[int]:
    newest = "ORDER BY rowid DESC LIMIT ?"
    if not match:
        rows = connection.execute(f"SELECT id FROM items WHERE id BETWEEN ? AND ? {newest}", (*span, POOL))
    else:
        statement = f"SELECT rowid FROM {index} WHERE {index} MATCH ? AND rowid BETWEEN ? AND ? {newest}"
        rows = connection.execute(statement, (match, *span, POOL))
    return [n for (n,) in rows]


def _score(entry: ItemRecord, wanted: Query) -> float | None:
    """How well an entry fits; nothing if a word is missing."""
    heading, text = fold(entry.heading), fold("\n".join((entry.text, entry.url, entry.section)))
    score = 0.0
    for pattern in wanted.patterns:
        above, below = len(pattern.findall(heading)), len(pattern.findall(text))
        if not above and not below:
            return None
        score += HEADING * bool(above) + math.log2(1 + below)
    return score


# --- what is shown --------------------------------------------------------------------------------------------


def _hit(n: int, score: float, entry: ItemRecord, wanted: Query) -> Hit:
    title, excerpt = _marked(entry.title, wanted.patterns), _excerpt(entry.text, wanted.patterns)
    return Hit(date_of(n), entry.section, title, entry.source, entry.url, excerpt, score)


def _excerpt(text: str, patterns: Sequence[re.Pattern[str]]) -> Marked:
    """The text around the first match, or its beginning."""
    first = min((found.start() for pattern in patterns if (found := pattern.search(fold(text)))), default=0)
    start = max(0, first - BEFORE)
    piece = re.sub(r"\s", " ", text[start : first + BEHIND])
    before, behind = ("…" if start else ""), ("…" if first + BEHIND < len(text) else "")
    return _marked(before + piece + behind, patterns)


def _marked(text: str, patterns: Sequence[re.Pattern[str]]) -> Marked:
    spans = sorted(found.span() for pattern in patterns for found in pattern.finditer(fold(text)))
    return tuple((piece, hit) for piece, hit in _pieces(text, spans) if piece)


def _pieces(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[str, bool]]:
    at = 0
    for start, end in spans:
        if end > at:
            yield text[at : max(at, start)], False
            yield text[max(at, start) : end], True
            at = end
    yield text[at:], False
