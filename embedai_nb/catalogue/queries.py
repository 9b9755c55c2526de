"""Query the database of all items.  Ids of items and warm-ups are made of date and position."""

from __future__ import annotations

import datetime
import itertools
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable
from typing import Any

from embedai_nb.catalogue.records import ItemRecord

INDEXES = ("headings", "texts")
MAX_ITEMS = 10_000
"""Maximum number of items of an issue.  Ids of items are made of date and position: the newest have the greatest."""


def item_id(date: datetime.date, place: int = 0) -> int:
    """Id of the item at a position of an issue."""
    return date.toordinal() * MAX_ITEMS + place


def date_of(item: int) -> datetime.date:
    """Date of the issue that an item is in."""
    return datetime.date.fromordinal(item // MAX_ITEMS)


def section_sizes(
    connection: sqlite3.Connection, before: datetime.date, limit: int | None
) -> dict[datetime.date, dict[str, int]]:
    """Count the items of issues before a date by section, the oldest issue first; only of the newest ``limit``."""
    found: dict[datetime.date, dict[str, int]] = {}
    rows = connection.execute("SELECT id, section FROM items WHERE id < ? ORDER BY id DESC", (item_id(before),))
    for _, (first, *others) in itertools.groupby(rows, key=lambda row: int(row[0]) // MAX_ITEMS):
        if len(found) == limit:
            break
        found[date_of(first[0])] = dict(Counter(section for _, section in reversed([first, *others])))
    return dict(reversed(found.items()))


def issue_lengths(connection: sqlite3.Connection, dates: Iterable[datetime.date]) -> dict[datetime.date, int]:
    """Count the characters of all items of these issues."""
    statement = "SELECT SUM(characters) FROM items WHERE id BETWEEN ? AND ?"
    spans = ((date, item_id(date), item_id(date, MAX_ITEMS - 1)) for date in dates)
    return {date: connection.execute(statement, (first, last)).fetchone()[0] or 0 for date, first, last in spans}


def span(day: str) -> tuple[int, int]:
    """First and last id that items of an issue may have."""
    date = datetime.date.fromisoformat(day)
    return item_id(date), item_id(date, MAX_ITEMS - 1)


def item_records(connection: sqlite3.Connection, ids: range | Iterable[int]) -> list[tuple[int, ItemRecord]]:
    """The records with these ids, as far as they exist."""
    columns = "SELECT id, section, title, source, url, text FROM items"
    if isinstance(ids, range):
        rows = connection.execute(f"{columns} WHERE id BETWEEN ? AND ?", (ids.start, ids.stop - 1))
    else:
        wanted = ",".join(map(str, ids))
        rows = connection.execute(f"{columns} WHERE id IN ({wanted})")
    return [(n, ItemRecord(a, b, c, d, zlib.decompress(packed).decode())) for n, a, b, c, d, packed in rows]


def item_titles(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, str]:
    """The titles of items by id: a record has all the text, too, which has to be unpacked."""
    return dict(connection.execute(f"SELECT id, title FROM items WHERE id IN ({','.join(map(str, ids))})"))


def latest_items(connection: sqlite3.Connection, before: datetime.date, limit: int) -> list[tuple[int, ItemRecord]]:
    """The items of issues before a date, with their ids, the newest first; at most ``limit``."""
    rows = connection.execute("SELECT id FROM items WHERE id < ? ORDER BY id DESC LIMIT ?", (item_id(before), limit))
    return sorted(item_records(connection, [n for (n,) in rows]), reverse=True)


TABLES = {
    "items": "SELECT id, section, place, title, source, url, address, kind, paper, repository, tags, characters, labels"
    " FROM items JOIN facts USING (id) ORDER BY id",
    "warmups": "SELECT id, id, name, text, url FROM warmups ORDER BY id",
}
"""What a table of the archive is made of; each row begins with an id."""


def table_rows(connection: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    """All rows of a table of the archive, the oldest issue first."""
    return connection.execute(TABLES[table]).fetchall()


def issue_dates(connection: sqlite3.Connection) -> list[datetime.date]:
    """The dates of all issues, the oldest first."""
    return [datetime.date.fromisoformat(day) for (day,) in connection.execute("SELECT date FROM files ORDER BY date")]
