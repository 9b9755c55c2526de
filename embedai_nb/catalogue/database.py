"""The database: what is in it, and how it follows the files.  It may be deleted at any time."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import os
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeAlias

from embedai_nb.catalogue import issue_files
from embedai_nb.catalogue.issue_files import IssueFile
from embedai_nb.catalogue.records import ItemRecord, entry, facet, keys
from embedai_nb.catalogue.similar_titles import sketch
from embedai_nb.catalogue.tokens import tokens
from embedai_nb.errors import EmbedAIError
from embedai_nb.model import Issue, Item, Newsletter
from embedai_nb.workspace import layout
from embedai_nb.workspace.locks import lock_file

VERSION = 4
"""Of all that decides what stands in the database: another one means that it is built anew."""

SCHEMA = """
CREATE TABLE files (date TEXT PRIMARY KEY, name TEXT, changed_ns INTEGER, size INTEGER, inode INTEGER, digest BLOB);
CREATE TABLE items (id INTEGER PRIMARY KEY, section TEXT, title TEXT, source TEXT, url TEXT, text BLOB);
CREATE TABLE keys (key INTEGER, item INTEGER, PRIMARY KEY (key, item)) WITHOUT ROWID;
CREATE TABLE pieces (piece INTEGER, item INTEGER, PRIMARY KEY (piece, item)) WITHOUT ROWID;
CREATE TABLE newsletter (digest BLOB);
CREATE VIRTUAL TABLE headings USING fts5(tokens, content='', columnsize=0, detail=none, tokenize='unicode61 remove_diacritics 0');
CREATE VIRTUAL TABLE texts USING fts5(tokens, content='', columnsize=0, detail=none, tokenize='unicode61 remove_diacritics 0');
"""
INDEXES = ("headings", "texts")
PLACES = 10_000
"""Items of an issue at most.  An item's number is its date's and its place: the newest have the greatest."""
HASH_BYTES = 8_000_000
"""What an index gathers in memory before it writes a part.

Several parts are merged into one of a higher level, which later small ones are not merged into again and again."""
TIMEOUT = 120
"""Seconds to wait for another process that updates the database; ten thousand issues take a quarter of that."""
MANY = 200
"""From so many changed files on several processes read them, and the index is tidied up afterwards."""

Job: TypeAlias = tuple[str, IssueFile | None, tuple[str, bytes] | None]
"""A file that has to be read: its date, what it is now, and name and digest of what was read before."""
Row: TypeAlias = tuple[tuple[int, str, str, str, str, bytes], tuple[str, str], list[int], list[int]]
"""An item: its columns, its words in each index, its keys, the pieces of its title."""
Reading: TypeAlias = tuple[bytes, list[Row] | None]
"""The digest of a file and what is in it."""


def number(date: datetime.date, place: int = 0) -> int:
    """The number of an item."""
    return date.toordinal() * PLACES + place


def date_of(number: int) -> datetime.date:
    """The date of the issue that the item of this number is in."""
    return datetime.date.fromordinal(number // PLACES)


def sizes(
    connection: sqlite3.Connection, before: datetime.date, limit: int | None
) -> dict[datetime.date, dict[str, int]]:
    """How many items the issues before a date have in each section, the oldest first; of the newest so many only."""
    found: dict[datetime.date, dict[str, int]] = {}
    rows = connection.execute("SELECT id, section FROM items WHERE id < ? ORDER BY id DESC", (number(before),))
    for day, items in itertools.groupby(rows, key=lambda row: date_of(row[0])):
        if len(found) == limit:
            break
        found[day] = dict(Counter(section for _, section in reversed(list(items))))
    return dict(reversed(found.items()))


class Store:
    """The database of an issues folder, up to date whenever it was refreshed.

    Raises:
        EmbedAIError: it can neither be opened nor made.
    """

    def __init__(self, folder: Path, newsletter: Newsletter) -> None:
        self.folder = folder
        self.newsletter = newsletter
        self.path = folder / layout.CATALOGUE
        self._mark = issue_files.digest(newsletter.model_dump_json().encode())
        self._known: dict[str, IssueFile] = {}
        self._version: int | None = None
        try:
            self.connection = self._opened() or self._built()
        except (OSError, sqlite3.OperationalError) as error:
            remedy = "free some space, or make that folder writable"
            raise EmbedAIError(f"cannot be written: {error}", path=self.path, remedy=remedy) from error

    def _lock(self) -> AbstractContextManager[None]:
        return lock_file(self.folder / layout.lock("catalogue"), "the catalogue is being updated", timeout=TIMEOUT)

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def refresh(self, date: datetime.date | None = None) -> int:
        """Follow the files, or that of one date; returns how many had changed.

        Processes that do so at the same time wait for each other.
        """
        if not (changed := self._changed(date)):
            return 0
        with self._lock(), _transaction(self.connection):
            known = self._stamps()  # another process may have followed meanwhile
            still = [(day, s) for day, s in changed if known.get(day) != s or (s and not s.changed_ns)]
            count = _follow(self.connection, self.folder, self.newsletter, still)
        gone = {day for day, stamp in still if stamp is None}
        new = {day: stamp for day, stamp in still if stamp is not None}
        self._known = {day: stamp for day, stamp in known.items() if day not in gone} | new
        return count

    def _changed(self, date: datetime.date | None) -> list[tuple[str, IssueFile | None]]:
        """The dates whose files are new, gone, changed, or changed so recently that nobody can tell."""
        known = self._stamps()
        if date is not None:
            day, stamp = date.isoformat(), issue_files.find(self.folder, date)
            return [(day, stamp)] if stamp != known.get(day) or (stamp and not stamp.changed_ns) else []
        found = issue_files.scan(self.folder)
        new = [(day, s) for day, s in found.items() if known.get(day) != s or not s.changed_ns]
        gone = [(day, None) for day in known.keys() - found.keys()]
        return sorted((day, stamp) for day, stamp in [*new, *gone] if issue_files.is_date(day))

    def _stamps(self) -> Mapping[str, IssueFile]:
        """The files as they were when they were read; asked for again only when the database has changed."""
        version = self.connection.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            rows = self.connection.execute("SELECT date, name, changed_ns, size, inode FROM files")
            self._known = {day: IssueFile(*stamp) for day, *stamp in rows}
            self._version = version
        return self._known

    def _opened(self) -> sqlite3.Connection | None:
        """The database as it is; nothing if there is none, or one that is damaged or of another kind."""
        if not self.path.exists():
            return None
        connection = sqlite3.connect(self.path, timeout=TIMEOUT, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, "WAL")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version == VERSION and connection.execute("SELECT digest FROM newsletter").fetchone() == (self._mark,):
                return connection
        except sqlite3.OperationalError:
            connection.close()
            raise
        except sqlite3.DatabaseError:
            pass
        connection.close()
        return None

    def _built(self) -> sqlite3.Connection:
        """A database made from all files: beside the old one, so that a crash leaves nothing half done."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock():
            if (connection := self._opened()) is not None:  # another process made it while this one waited
                return connection
            new = self.path.with_suffix(".new")
            new.unlink(missing_ok=True)
            with contextlib.closing(sqlite3.connect(new, isolation_level=None)) as building:
                self._fill(building)
            for ending in ("-wal", "-shm"):
                self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
            os.replace(new, self.path)
            if (connection := self._opened()) is None:
                raise sqlite3.OperationalError("damaged as soon as it was written")
            return connection

    def _fill(self, connection: sqlite3.Connection) -> None:
        _prepare(connection, "OFF")
        connection.executescript(SCHEMA)
        for index in INDEXES:
            connection.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('hashsize', {HASH_BYTES})")
        with _transaction(connection):
            connection.execute("INSERT INTO newsletter VALUES (?)", (self._mark,))
            found = sorted(
                (day, stamp) for day, stamp in issue_files.scan(self.folder).items() if issue_files.is_date(day)
            )
            _follow(connection, self.folder, self.newsletter, found)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("VACUUM")


def _prepare(connection: sqlite3.Connection, journal: str) -> None:
    """Make it fast rather than durable: what a power cut may take is made again from the files."""
    connection.execute(f"PRAGMA journal_mode = {journal}")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -64000")


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


# --- following the files --------------------------------------------------------------------------------------


def _follow(
    connection: sqlite3.Connection,
    folder: Path,
    newsletter: Newsletter,
    changed: Sequence[tuple[str, IssueFile | None]],
) -> int:
    before = "SELECT name, digest FROM files WHERE date = ?"
    jobs = [(day, stamp, connection.execute(before, (day,)).fetchone()) for day, stamp in changed]
    count = 0
    for job, said in zip(jobs, _read_all(folder, newsletter, jobs), strict=True):
        count += _put(connection, *job, said)
    if count >= MANY:
        for index in INDEXES:
            connection.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")
    return count


def _read_all(folder: Path, newsletter: Newsletter, jobs: Sequence[Job]) -> Iterator[Reading | None]:
    """What the files say now; many are read by several processes, which takes half as long."""
    read = partial(_read, folder, newsletter)
    if len(jobs) < MANY:
        yield from map(read, jobs)
        return
    # Not forked: there may be other threads, which would not exist in the child, but their locks would.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        yield from processes.map(read, jobs, chunksize=25)


def _read(folder: Path, newsletter: Newsletter, job: Job) -> Reading | None:
    """What a file says, if it is there; its rows only if they may be others than before."""
    _, stamp, was = job
    data = issue_files.content(folder, stamp.name) if stamp else None
    if stamp is None or data is None:
        return None
    digest = issue_files.digest(data)
    issue = None if was == (stamp.name, digest) else issue_files.issue(folder, stamp.name, data, newsletter)
    return digest, None if issue is None else rows(issue)


def rows(issue: Issue) -> list[Row]:
    """What is kept of an issue."""
    items = [(section.name, item) for section in issue.sections for item in section.entries]
    return [_row(number(issue.date, place), *item) for place, item in enumerate(items[:PLACES])]


def _row(n: int, section: str, item: Item) -> Row:
    e = entry(section, item)
    packed = zlib.compress(e.text.encode("utf-8", "replace"), 3)
    return (n, e.section, e.title, e.source, e.url, packed), _indexed(e), list(keys(item)), sketch(e.title)


def _put(
    connection: sqlite3.Connection,
    day: str,
    stamp: IssueFile | None,
    was: tuple[str, bytes] | None,
    said: Reading | None,
) -> bool:
    """Put what a file says now in place of what it said; whether that is something else."""
    if stamp is None or said is None:
        _remove(connection, day)
        connection.execute("DELETE FROM files WHERE date = ?", (day,))
        return True
    digest, new = said
    connection.execute("REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", (day, *stamp, digest))
    if new is not None:  # a draft that cannot be read at the moment is found as it was
        if was is not None:
            _remove(connection, day)
        _insert(connection, new)
    return was != (stamp.name, digest)


def _insert(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    for row, indexed, names, pieces in rows:
        connection.execute("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?)", row)
        for index, words in zip(INDEXES, indexed, strict=True):
            connection.execute(f"INSERT INTO {index} (rowid, tokens) VALUES (?, ?)", (row[0], words))
        connection.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?)", ((name, row[0]) for name in names))
        connection.executemany("INSERT INTO pieces VALUES (?, ?)", ((piece, row[0]) for piece in pieces))


def _remove(connection: sqlite3.Connection, day: str) -> None:
    """Take an issue out; an index has to be told what it was given."""
    date = datetime.date.fromisoformat(day)
    span = (number(date), number(date, PLACES - 1))
    for n, e in entries(connection, range(span[0], span[1] + 1)):
        for index, indexed in zip(INDEXES, _indexed(e), strict=True):
            connection.execute(f"INSERT INTO {index} ({index}, rowid, tokens) VALUES ('delete', ?, ?)", (n, indexed))
        pieces = ((piece, n) for piece in sketch(e.title))
        connection.executemany("DELETE FROM pieces WHERE piece = ? AND item = ?", pieces)
    connection.execute("DELETE FROM items WHERE id BETWEEN ? AND ?", span)
    connection.execute("DELETE FROM keys WHERE item BETWEEN ? AND ?", span)


def entries(connection: sqlite3.Connection, numbers: range | Iterable[int]) -> list[tuple[int, ItemRecord]]:
    """The entries of these numbers, as far as there are any."""
    columns = "SELECT id, section, title, source, url, text FROM items"
    if isinstance(numbers, range):
        rows = connection.execute(f"{columns} WHERE id BETWEEN ? AND ?", (numbers.start, numbers.stop - 1))
    else:
        wanted = ",".join(map(str, numbers))
        rows = connection.execute(f"{columns} WHERE id IN ({wanted})")
    return [(n, ItemRecord(a, b, c, d, zlib.decompress(packed).decode())) for n, a, b, c, d, packed in rows]


def _indexed(entry: ItemRecord) -> tuple[str, str]:
    """What the index of headings is given of an entry, and what that of all texts."""
    heading = tokens(entry.heading) | {facet("section", entry.section), facet("source", entry.source)}
    return " ".join(heading), " ".join(heading | tokens(f"{entry.section}\n{entry.url}\n{entry.text}"))
