"""Full-text search of past items, ranked.

Of the items that contain all terms, those with them in their heading rank first, then those that contain them
often, then the newer ones.  A frequent word is in too many items to score them all while somebody waits: only the
newest ``POOL`` matches of each index are scored, and more only while too few of them are true matches.
"""

from __future__ import annotations

import datetime
import math
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from embedai_nb.catalogue.queries import INDEXES, MAX_ITEMS, date_of, item_id, item_records
from embedai_nb.catalogue.records import ItemRecord, facet
from embedai_nb.catalogue.tokens import MARKS, Query, parse_query
from embedai_nb.text.folding import fold, places

POOL = 50
ROUNDS = 4
"""Pools that are scored at most beyond those that the limit takes."""
HEADING = 10.0
"""Score of a term in the heading; in the text it scores ``log2`` of one more than its occurrences."""
PHRASE = 5.0
"""Score of all terms one after another."""
BEFORE, BEHIND = 20, 60
"""Characters of context before and after the first match."""

Scored = dict[int, tuple[float, ItemRecord]]
"""Score and record of matching items, by id."""
Marked = tuple[tuple[str, bool], ...]
"""A text in pieces, each with whether it matches."""


@dataclass(frozen=True)
class Hit:
    """A search result."""

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
    """Find the items that contain all words, filtered by section, year and source if given."""
    wanted = parse_query(words)
    facets = [facet(kind, name) for kind, name in (("section", section), ("source", source)) if name is not None]
    if (words.strip() and not wanted.match) or not (wanted.match or facets or year is not None):
        return []
    first, last = (datetime.MINYEAR, datetime.MAXYEAR) if year is None else (year, year)
    if not datetime.MINYEAR <= first <= last <= datetime.MAXYEAR:
        return []
    span = (item_id(datetime.date(first, 1, 1)), item_id(datetime.date(last, 12, 31), MAX_ITEMS - 1))
    found = Scored()
    for match in dict.fromkeys((wanted.match, wanted.wider)):
        for index in INDEXES if len(found) < limit else ():
            found = _scored(connection, index, " AND ".join(filter(None, [match, *facets])), span, wanted, limit, found)
    best = sorted(found.items(), key=lambda each: (-each[1][0], -each[0]))[:limit]
    return [_hit(n, score, record, wanted) for n, (score, record) in best]


def _scored(
    connection: sqlite3.Connection,
    index: str,
    match: str,
    span: tuple[int, int],
    wanted: Query,
    limit: int,
    known: Scored,
) -> Scored:
    """Add the newest true matches of an index to those already scored."""
    found, (first, last) = Scored(), span
    for _ in range(ROUNDS + limit // POOL):
        ids = _newest(connection, index, match, (first, last))
        for n, record in item_records(connection, [n for n in ids if n not in known]):
            if (score := _score(record, wanted)) is not None:
                found[n] = score, record
        if len(ids) < POOL or len(found) >= limit:
            break
        last = ids[-1] - 1
    return known | found


def _newest(connection: sqlite3.Connection, index: str, match: str, span: tuple[int, int]) -> list[int]:
    newest = "ORDER BY rowid DESC LIMIT ?"
    if not match:
        rows = connection.execute(f"SELECT id FROM items WHERE id BETWEEN ? AND ? {newest}", (*span, POOL))
    else:
        statement = f"SELECT rowid FROM {index} WHERE {index} MATCH ? AND rowid BETWEEN ? AND ? {newest}"
        rows = connection.execute(statement, (match, *span, POOL))
    return [n for (n,) in rows]


def _score(record: ItemRecord, wanted: Query) -> float | None:
    """Score an item; ``None`` if it lacks a term."""
    heading, text = fold(record.heading), fold(record.text)
    score = 0.0
    for pattern in wanted.patterns:
        above, below = len(pattern.findall(heading)), len(pattern.findall(text))
        if not above and not below:
            return None
        score += HEADING * bool(above) + math.log2(1 + below)
    together = len(wanted.patterns) > 1 and (
        wanted.joined in MARKS.sub("", heading) or wanted.joined in MARKS.sub("", text)
    )
    return score + PHRASE * together


# --- results --------------------------------------------------------------------------------------------------


def _hit(n: int, score: float, record: ItemRecord, wanted: Query) -> Hit:
    title, excerpt = _marked(record.title, wanted.patterns), _excerpt(record.text, wanted.patterns)
    return Hit(date_of(n), record.section, title, record.source, record.url, excerpt, score)


def _excerpt(text: str, patterns: Sequence[re.Pattern[str]]) -> Marked:
    """The first match with its context, or the beginning of the text."""
    first = min((start for start, _ in _spans(text, patterns)), default=0)
    start = max(0, first - BEFORE)
    piece = re.sub(r"\s", " ", text[start : first + BEHIND])
    before, behind = ("…" if start else ""), ("…" if first + BEHIND < len(text) else "")
    return _marked(before + piece + behind, patterns)


def _marked(text: str, patterns: Sequence[re.Pattern[str]]) -> Marked:
    return tuple((piece, hit) for piece, hit in _pieces(text, _merged(_spans(text, patterns))) if piece)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that overlap or touch as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _spans(text: str, patterns: Sequence[re.Pattern[str]]) -> list[tuple[int, int]]:
    """Where the patterns match, in the text as it is written."""
    folded = fold(text)
    found = [match.span() for pattern in patterns for match in pattern.finditer(folded)]
    at = places(text) if found else []
    return [(at[start], max(at[end], at[end - 1] + 1)) for start, end in found]


def _pieces(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[str, bool]]:
    at = 0
    for start, end in spans:
        yield text[at:start], False
        yield text[start:end], True
        at = end
    yield text[at:], False
