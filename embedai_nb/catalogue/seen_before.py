"""Detect repeated items: the same page, paper or repository, or a similar title, in an earlier issue."""

from __future__ import annotations

import datetime
import heapq
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from embedai_nb.catalogue.queries import date_of, item_id, item_records, item_titles
from embedai_nb.catalogue.records import REASONS, ItemRecord, ItemTraits, Reason, company_key, reason_of
from embedai_nb.catalogue.similar_titles import shingles, similar
from embedai_nb.i18n import _

EACH = 20
"""Items looked at for each shingle of a title, the newest ones."""
NEWEST = (
    "SELECT value, item FROM json_each(:wanted), shingles WHERE shingle = value AND item < :end AND item >= coalesce("
    "(SELECT item FROM shingles WHERE shingle = value AND item < :end ORDER BY item DESC LIMIT 1 OFFSET :last), 0)"
)
"""For each of many shingles, up to ``:last`` + 1 items before ``:end``: one statement takes a third of the time of one each."""
CLOSEST = 30
"""Candidates whose titles are compared: those with the most and the rarest shingles in common."""


@dataclass(frozen=True)
class Earlier:
    """An item of an earlier issue that is about the same thing."""

    date: datetime.date
    section: str
    title: str
    url: str
    reason: Reason
    score: float = 100
    """Similarity of the titles, if that is the reason."""
    text: str = ""
    """The text of the item."""

    def __str__(self) -> str:
        return _("in the issue of {date} already: {title}", date=self.date, title=self.title or self.url)


def company_before(connection: sqlite3.Connection, company: str, date: datetime.date) -> Earlier | None:
    """Find the newest warm-up about a company before ``date``."""
    statement = "SELECT id, name, text, url FROM warmups WHERE company = ? AND id < ? ORDER BY id DESC LIMIT 1"
    row = connection.execute(statement, (company_key(company), item_id(date))).fetchone()
    if row is None:
        return None
    n, name, text, url = row
    return Earlier(date_of(n), "", name, url, "company", text=text)


def seen_before(
    connection: sqlite3.Connection, items: Sequence[ItemTraits], date: datetime.date
) -> list[list[Earlier]]:
    """Find for each item those before ``date`` that are about the same thing: the strongest reason first, then the newest."""
    same = _with_same_keys(connection, [item.keys for item in items], date)
    titles = [item.title for item in items]
    scores = _similar(connection, titles, list(_with_similar_titles(connection, titles, date)), same)
    rows = dict(item_records(connection, set[int]().union(*same, *scores)))
    return [_earlier(*each, rows) for each in zip(same, scores, strict=True)]


def _with_same_keys(
    connection: sqlite3.Connection, wanted: Sequence[Set[int]], date: datetime.date
) -> list[dict[int, Reason]]:
    """For each item the ids of those that share a key, with the strongest reason."""
    known = ",".join({str(key) for each in wanted for key in each})
    with_key: dict[int, list[int]] = {}
    for key, n in connection.execute(
        f"SELECT key, item FROM keys WHERE key IN ({known}) AND item < ?", (item_id(date),)
    ):
        with_key.setdefault(key, []).append(n)
    weakest_first = [sorted(each & with_key.keys(), key=lambda key: -REASONS.index(reason_of(key))) for each in wanted]
    return [{n: reason_of(key) for key in each for n in with_key[key]} for each in weakest_first]


def _with_similar_titles(
    connection: sqlite3.Connection, titles: Sequence[str], date: datetime.date
) -> Iterator[list[int]]:
    """For each title candidates by shingles in common; a rare shingle weighs more than a frequent one."""
    wanted = [sorted(shingles(title)) for title in titles]
    known = _with_shingles(connection, set[int]().union(*wanted), date)
    for each in wanted:
        shared: dict[int, float] = {}
        for found in (known[shingle] for shingle in each if shingle in known):
            for n in found:
                shared[n] = shared.get(n, 0) + 1 / len(found)
        yield [n for _, n in heapq.nlargest(CLOSEST, ((share, n) for n, share in shared.items()))]


def _with_shingles(connection: sqlite3.Connection, wanted: Iterable[int], date: datetime.date) -> dict[int, list[int]]:
    """The items before a date that have each of these shingles."""
    found: dict[int, list[int]] = {}
    for shingle, n in connection.execute(
        NEWEST, {"wanted": json.dumps(sorted(wanted)), "end": item_id(date), "last": EACH - 1}
    ):
        found.setdefault(shingle, []).append(n)
    return found


def _similar(
    connection: sqlite3.Connection,
    titles: Sequence[str],
    close: Sequence[Sequence[int]],
    same: Sequence[Mapping[int, Reason]],
) -> list[dict[int, float]]:
    """For each title the scores of the candidates that are similar, and are not the same for a stronger reason."""
    wanted = [[n for n in found if n not in known] for found, known in zip(close, same, strict=True)]
    known = item_titles(connection, {n for found in wanted for n in found})
    return [
        {found[at]: score for at, score in similar(title, [known[n] for n in found])}
        for title, found in zip(titles, wanted, strict=True)
    ]


def _earlier(same: Mapping[int, Reason], scores: Mapping[int, float], rows: Mapping[int, ItemRecord]) -> list[Earlier]:
    found = [_made(n, rows[n], same.get(n, "title"), scores.get(n, 100)) for n in sorted([*same, *scores])]
    return sorted(found, key=by_reason)


def by_reason(earlier: Earlier) -> tuple[int, int, str, str]:
    """Sort key: the strongest reason first, then the newest."""
    return REASONS.index(earlier.reason), -earlier.date.toordinal(), earlier.title, earlier.url


def _made(n: int, record: ItemRecord, reason: Reason, score: float) -> Earlier:
    return Earlier(date_of(n), record.section, record.title, record.url, reason, score, record.text)
