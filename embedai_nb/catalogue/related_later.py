"""Find the later issues that an issue may be named in as an earlier one: the reverse of `seen_before`."""

from __future__ import annotations

import datetime
import sqlite3

from embedai_nb.catalogue.queries import MAX_ITEMS, date_of, item_id
from embedai_nb.catalogue.similar_titles import similar_to_any

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
    later = connection.execute("SELECT id, title FROM items WHERE id > :last", span).fetchall()
    close = similar_to_any([title for (title,) in titles], [title for _, title in later])
    return {date_of(n) for n in same} | {date_of(later[position][0]) for position in close}
