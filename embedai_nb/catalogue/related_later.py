"""Find the later issues that an issue may be named in as an earlier one: the reverse of `seen_before`."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Sequence

from embedai_nb.catalogue.queries import MAX_ITEMS, date_of, item_id, item_titles
from embedai_nb.catalogue.similar_titles import near, numbers

SAME_KEY = (
    "SELECT DISTINCT later.item FROM keys AS mine JOIN keys AS later USING (key)"
    " WHERE mine.item BETWEEN :first AND :last AND later.item > :last"
)
SAME_COMPANY = (
    "SELECT MIN(later.id) FROM warmups AS mine JOIN warmups AS later USING (company)"
    " WHERE mine.id BETWEEN :first AND :last AND later.id > :last GROUP BY company"
)
"""Only the next warm-up about a company: those after it have a newer one to name."""


def related_later(connection: sqlite3.Connection, date: datetime.date) -> set[datetime.date]:
    """Dates of later issues with a page, paper, repository, company or similar title that this one has, too."""
    span = {"first": item_id(date), "last": item_id(date, MAX_ITEMS - 1)}
    same = {n for statement in (SAME_KEY, SAME_COMPANY) for (n,) in connection.execute(statement, span)}
    titles = connection.execute("SELECT title FROM items WHERE id BETWEEN :first AND :last", span)
    close = _with_near_title(connection, [title for (title,) in titles], span["last"])
    return {date_of(n) for n in (*same, *close)}


def _with_near_title(connection: sqlite3.Connection, titles: Sequence[str], last: int) -> set[int]:
    """Ids of items after the id ``last`` whose titles may be similar to one of these."""
    rows = connection.execute("SELECT id, bare FROM bare_titles WHERE id > ?", (last,)).fetchall()
    ids, others = [n for n, _ in rows], [bare for _, bare in rows]
    found = [(title, {ids[at] for at in near(title, others)}) for title in titles]
    known = item_titles(connection, set[int]().union(*(each for _, each in found)))
    return {n for title, each in found for n in each if numbers(known[n]) == numbers(title)}
