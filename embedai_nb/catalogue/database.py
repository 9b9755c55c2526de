"""SQLite database of all items: schema, and incremental update from the files.  It may be deleted at any time."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import logging
import os
import sqlite3
import zlib
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from embedai_nb.catalogue import issue_files
from embedai_nb.catalogue.facts import ItemFacts, item_facts
from embedai_nb.catalogue.issue_files import IssueFile
from embedai_nb.catalogue.records import ItemRecord, company_key, facet, item_record, keys
from embedai_nb.catalogue.similar_titles import sketch
from embedai_nb.catalogue.tokens import tokens
from embedai_nb.errors import LockedError, system_problem
from embedai_nb.i18n import _
from embedai_nb.model import Issue, Item, Newsletter, Warmup
from embedai_nb.workspace import layout
from embedai_nb.workspace.locks import lock_file

logger = logging.getLogger(__name__)

VERSION = 8
"""Version of schema, tokens and keys: a database of another version is rebuilt."""

SCHEMA = """
CREATE TABLE files (date TEXT PRIMARY KEY, name TEXT, changed_ns INTEGER, size INTEGER, inode INTEGER, digest BLOB);
CREATE TABLE items (id INTEGER PRIMARY KEY, section TEXT, title TEXT, source TEXT, url TEXT, text BLOB, characters INTEGER);
CREATE TABLE facts (id INTEGER PRIMARY KEY, place INTEGER, kind TEXT, address TEXT, paper TEXT, repository TEXT, tags TEXT, labels TEXT);
CREATE TABLE warmups (company TEXT, id INTEGER, name TEXT, text TEXT, url TEXT, PRIMARY KEY (company, id)) WITHOUT ROWID;
CREATE TABLE keys (key INTEGER, item INTEGER, PRIMARY KEY (key, item)) WITHOUT ROWID;
CREATE TABLE shingles (shingle INTEGER, item INTEGER, PRIMARY KEY (shingle, item)) WITHOUT ROWID;
CREATE TABLE newsletter (digest BLOB);
CREATE VIRTUAL TABLE headings USING fts5(tokens, content='', columnsize=0, detail=none, tokenize='unicode61 remove_diacritics 0');
CREATE VIRTUAL TABLE texts USING fts5(tokens, content='', columnsize=0, detail=none, tokenize='unicode61 remove_diacritics 0');
"""
INDEXES = ("headings", "texts")
MAX_ITEMS = 10_000
"""Maximum number of items of an issue.  Ids of items are made of date and position: the newest have the greatest."""
HASH_BYTES = 8_000_000
"""Memory in which FTS5 collects tokens before it writes a segment.

Several segments are merged into one of a higher level, into which the small ones of later updates are not merged again
and again."""
TIMEOUT = 10
"""Seconds to wait for another process that updates the database; then this one works in memory."""
_SAID = set[tuple[Path, str]]()
"""What this process has said of which catalogue: a command that opens it again and again says it once."""
WRONG_CONTENT = (UnicodeDecodeError, ValueError, TypeError, OverflowError, zlib.error)
"""Raised by what is read from a damaged database, and by sqlite3 where not even the message of an error can be read."""
REFUSED = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)
"""Result codes by which SQLite says that a file cannot be used now, whatever is in it: sqlite.org/rescode.html."""
UNUSABLE = (OSError, sqlite3.Error, LockedError, *WRONG_CONTENT)
"""Raised where the database cannot be opened, read or written: the disk is full or read-only, the file damaged, locked."""
MANY = 200
"""Number of changed files from which on several processes read them, and the index is optimized afterwards."""

Job: TypeAlias = tuple[str, IssueFile | None, tuple[str, bytes] | None]
"""A file to read: its date, its current stamp, name and digest of the file read before."""
Indexed: TypeAlias = tuple[bytes, tuple[str, str], list[int]]
"""What is computed of an item: its packed text, its tokens in each index, the sketch of its title."""
Row: TypeAlias = tuple[int, ItemRecord, list[int], ItemFacts, Indexed | None]
"""An item: its id, its record, its keys, its facts, and what is computed of it, if it is new for sure."""
WarmupRow: TypeAlias = tuple[str, int, str, str, str]
"""A warm-up: its company as it is compared, its id, the company as it is written, text and URL."""
Reading: TypeAlias = tuple[bytes, tuple[list[Row], list[WarmupRow]] | None]
"""Digest of a file, and its items and warm-ups if they may have changed."""


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
    for day, items in itertools.groupby(rows, key=lambda row: date_of(row[0])):
        if len(found) == limit:
            break
        found[day] = dict(Counter(section for _, section in reversed(list(items))))
    return dict(reversed(found.items()))


def issue_lengths(connection: sqlite3.Connection, dates: Iterable[datetime.date]) -> dict[datetime.date, int]:
    """Count the characters of all items of these issues."""
    statement = "SELECT SUM(characters) FROM items WHERE id BETWEEN ? AND ?"
    spans = ((date, item_id(date), item_id(date, MAX_ITEMS - 1)) for date in dates)
    return {date: connection.execute(statement, (first, last)).fetchone()[0] or 0 for date, first, last in spans}


class Database:
    """The database of an issues folder, as of its last refresh.

    Where the file cannot be used, a copy in memory is, which lasts as long as this object; a warning says so.
    """

    def __init__(self, folder: Path, newsletter: Newsletter) -> None:
        self.folder = folder
        self.newsletter = newsletter
        self.path = folder / layout.CATALOGUE
        self._mark = issue_files.content_digest(newsletter.model_dump_json().encode())
        self._known: dict[str, IssueFile] = {}
        self._version: int | None = None
        self.in_memory = self._is_copy = False
        try:
            self.connection = self._opened() or self._built()
        except UNUSABLE as error:
            self._work_in_memory(error)

    def mend(self, problem: Exception) -> None:
        """Make it usable again after a failure: build it anew if it is damaged, else go on in memory.

        Raises:
            Exception: this very failure, where it is no fault of the file.
        """
        only_copied, self._is_copy = self._is_copy and _is_damage(problem), False
        if isinstance(problem, sqlite3.ProgrammingError) or (self.in_memory and not only_copied):
            raise problem
        self.close()
        if only_copied:
            self._fill_memory()
            return
        if not _is_damage(problem):
            self._work_in_memory(problem)
            return
        logger.info("%s: %s; building it again", self.path, problem)
        try:
            self.path.unlink(missing_ok=True)
            self._version = None
            self.connection = self._built()
        except UNUSABLE as error:
            self._work_in_memory(error)

    def _work_in_memory(self, problem: Exception) -> None:
        """Go on with a copy in memory: of the database where it can be read, else of the files."""
        said = _said(problem)
        if (self.path, said) not in _SAID:
            _SAID.add((self.path, said))
            logger.warning(
                "%s", _("{path}: {reason}; working in memory, which may take longer", path=self.path, reason=said)
            )
        self.in_memory, self._version = True, None
        self.connection = self._new_memory()
        self._is_copy = self._copy(self.connection)
        if not self._is_copy:
            self._fill_memory()

    def _fill_memory(self) -> None:
        self._version, self.connection = None, self._new_memory()
        self._fill(self.connection)

    @staticmethod
    def _new_memory() -> sqlite3.Connection:
        memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        memory.execute("PRAGMA temp_store = MEMORY")
        return memory

    def _copy(self, memory: sqlite3.Connection) -> bool:
        """Copy the database as it is; False if it cannot be read."""
        for options in ("mode=ro", "mode=ro&immutable=1"):  # the latter where no file can be made beside it
            try:
                with contextlib.closing(
                    sqlite3.connect(f"{self.path.as_uri()}?{options}", uri=True, timeout=1)
                ) as disk:
                    if self._is_current(disk):
                        disk.backup(memory)
                        return self._is_current(memory)
            except (sqlite3.Error, *WRONG_CONTENT):
                continue
        return False

    def _lock(self) -> AbstractContextManager[None]:
        if self.in_memory:
            return contextlib.nullcontext()
        return lock_file(self.folder / layout.lock("catalogue"), _("the catalogue is being updated"), timeout=TIMEOUT)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def refresh(self, date: datetime.date | None = None) -> int:
        """Update from the files, or from that of one date; return the number of changed ones.

        Processes that update at the same time wait for each other.
        """
        try:
            return self._refresh(date)
        except UNUSABLE as error:
            self.mend(error)
            return self._refresh(date)

    def _refresh(self, date: datetime.date | None) -> int:
        if not (changed := self._changed(date)):
            logger.debug("%s is up to date", self.path)
            return 0
        with self._lock(), _transaction(self.connection):
            known = self._stamps()  # another process may have updated meanwhile
            still = [(day, s) for day, s in changed if known.get(day) != s or (s and not s.changed_ns)]
            count = _update(self.connection, self.folder, self.newsletter, still)
        gone = {day for day, stamp in still if stamp is None}
        new = {day: stamp for day, stamp in still if stamp is not None}
        self._known = {day: stamp for day, stamp in known.items() if day not in gone} | new
        logger.log(logging.INFO if count else logging.DEBUG, "%s: issues indexed again: %d", self.path, count)
        return count

    def _changed(self, date: datetime.date | None) -> list[tuple[str, IssueFile | None]]:
        """Dates whose files are new, removed, changed, or changed so recently that their stamps do not tell."""
        known = self._stamps()
        if date is not None:
            day, stamp = date.isoformat(), issue_files.find(self.folder, date)
            return [(day, stamp)] if stamp != known.get(day) or (stamp and not stamp.changed_ns) else []
        found = issue_files.scan(self.folder)
        new = [(day, s) for day, s in found.items() if known.get(day) != s or not s.changed_ns]
        gone = [(day, None) for day in known.keys() - found.keys()]
        return sorted((day, stamp) for day, stamp in [*new, *gone] if issue_files.is_date(day))

    def _stamps(self) -> Mapping[str, IssueFile]:
        """Stamps of the files when they were read; queried again only when another connection has written."""
        version = self.connection.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            rows = self.connection.execute("SELECT date, name, changed_ns, size, inode FROM files")
            self._known = {day: IssueFile(*stamp) for day, *stamp in rows}
            self._version = version
        return self._known

    def _opened(self) -> sqlite3.Connection | None:
        """Open the database; ``None`` if there is none, or one that is damaged or of another version."""
        if not self.path.exists():
            return None
        connection = sqlite3.connect(self.path, timeout=TIMEOUT, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, "WAL")
            if self._is_current(connection):
                return connection
        except (sqlite3.Error, *WRONG_CONTENT) as error:
            if not _is_damage(error):
                connection.close()
                raise
        connection.close()
        return None

    def _is_current(self, connection: sqlite3.Connection) -> bool:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        return bool(
            version == VERSION and connection.execute("SELECT digest FROM newsletter").fetchone() == (self._mark,)
        )

    def _built(self) -> sqlite3.Connection:
        """Build a database from all files, beside the old one, so that a crash leaves nothing half done."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock():
            if (connection := self._opened()) is not None:  # another process built it while this one waited
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
            _update(connection, self.folder, self.newsletter, found)
        logger.info("%s: built, issues: %d", self.path, len(found))
        connection.execute(f"PRAGMA user_version = {VERSION}")
        if not self.in_memory:
            connection.execute("VACUUM")


def _said(problem: Exception) -> str:
    """What a failure says in a message about the database."""
    if isinstance(problem, LockedError):
        return problem.problem
    return system_problem(problem) if isinstance(problem, OSError) else str(problem)


def _is_damage(problem: Exception) -> bool:
    """Whether an error says that the content of the file is wrong, and not that it can't be read or written now."""
    code = getattr(problem, "sqlite_errorcode", 0) & 0xFF  # the primary one
    return isinstance(problem, (sqlite3.Error, *WRONG_CONTENT)) and code not in REFUSED


def _prepare(connection: sqlite3.Connection, journal: str) -> None:
    """Prefer speed to durability: what a power cut destroys is rebuilt from the files."""
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


# --- update from the files ------------------------------------------------------------------------------------


def _update(
    connection: sqlite3.Connection,
    folder: Path,
    newsletter: Newsletter,
    changed: Sequence[tuple[str, IssueFile | None]],
) -> int:
    before = "SELECT name, digest FROM files WHERE date = ?"
    jobs = [(day, stamp, connection.execute(before, (day,)).fetchone()) for day, stamp in changed]
    count = 0
    for job, reading in zip(jobs, _read_all(folder, newsletter, jobs), strict=True):
        count += _put(connection, *job, reading)
    if count >= MANY:
        for index in INDEXES:
            connection.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")
    return count


def _read_all(folder: Path, newsletter: Newsletter, jobs: Sequence[Job]) -> Iterator[Reading | None]:
    """Read the files; many are read by several processes, which takes half as long."""
    read = partial(_read, folder, newsletter)
    if len(jobs) < MANY:
        yield from map(read, jobs)
        return
    from concurrent.futures import ProcessPoolExecutor  # these two take as long to import as all that reads a draft
    from multiprocessing import get_context

    # Not forked: a child would have the locks of other threads, but not the threads that release them.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        yield from processes.map(read, jobs, chunksize=25)


def _read(folder: Path, newsletter: Newsletter, job: Job) -> Reading | None:
    """Read a file, if it is there; its rows only if they may have changed."""
    _, stamp, was = job
    data = issue_files.read_content(folder, stamp.name) if stamp else None
    if stamp is None or data is None:
        return None
    digest = issue_files.content_digest(data)
    issue = None if was == (stamp.name, digest) else issue_files.parse_issue(folder, stamp.name, data, newsletter)
    return digest, None if issue is None else (rows(issue, new=was is None), warmup_rows(issue))


def rows(issue: Issue, *, new: bool) -> list[Row]:
    """The rows of an issue."""
    items = [(s.name, item, place) for s in issue.sections for place, item in enumerate(s.entries, 1)]
    return [_row(item_id(issue.date, n), *item, new) for n, item in enumerate(items[:MAX_ITEMS])]


def _row(n: int, section: str, item: Item, place: int, new: bool) -> Row:
    record = item_record(section, item)
    return n, record, list(keys(item)), item_facts(item, place), _indexed(record) if new else None


def warmup_rows(issue: Issue) -> list[WarmupRow]:
    """The rows of the warm-ups; of those that name no company, too."""
    warmups = [warmup for warmup in issue.warmups if isinstance(warmup, Warmup)]
    return [
        (company_key(warmup.company), item_id(issue.date, n), warmup.company, warmup.text, warmup.url or "")
        for n, warmup in enumerate(warmups[:MAX_ITEMS])
    ]


def _put(
    connection: sqlite3.Connection,
    day: str,
    stamp: IssueFile | None,
    was: tuple[str, bytes] | None,
    reading: Reading | None,
) -> bool:
    """Replace the rows of a file; return whether its content has changed."""
    if stamp is None or reading is None:
        _remove(connection, day)
        connection.execute("DELETE FROM files WHERE date = ?", (day,))
        return True
    digest, new = reading
    connection.execute("REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", (day, *stamp, digest))
    if new is not None:  # a draft that cannot be parsed at the moment keeps its rows
        _replace(connection, day, *new) if was is not None else _insert(connection, *new)
    return was != (stamp.name, digest)


def _replace(connection: sqlite3.Connection, day: str, rows: Sequence[Row], warmups: Iterable[WarmupRow]) -> None:
    """Replace the rows of an issue; an item that is as it was keeps its text and tokens, which cost most."""
    stored = _stored(connection, day)
    same = {n for n, record, *_ in rows if stored.get(n) == record}
    _remove(connection, day, keep=same)
    _insert(connection, rows, warmups, keep=same)


def _insert(
    connection: sqlite3.Connection, rows: Iterable[Row], warmups: Iterable[WarmupRow], keep: Container[int] = ()
) -> None:
    connection.executemany("INSERT INTO warmups VALUES (?, ?, ?, ?, ?)", warmups)
    for n, record, names, facts, computed in rows:
        connection.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?)", ((name, n) for name in names))
        connection.execute("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (n, *facts))
        if n in keep:
            continue
        packed, indexed, shingles = computed or _indexed(record)
        columns = (n, record.section, record.title, record.source, record.url, packed, len(record.text))
        connection.execute("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?)", columns)
        for index, words in zip(INDEXES, indexed, strict=True):
            connection.execute(f"INSERT INTO {index} (rowid, tokens) VALUES (?, ?)", (n, words))
        connection.executemany("INSERT INTO shingles VALUES (?, ?)", ((shingle, n) for shingle in shingles))


def _remove(connection: sqlite3.Connection, day: str, keep: Container[int] = ()) -> None:
    """Delete an issue but for some items; a contentless FTS5 index needs the indexed tokens to do so."""
    for n, record in _stored(connection, day).items():
        if n in keep:
            continue
        _, tokens_of, shingles = _indexed(record)
        for index, words in zip(INDEXES, tokens_of, strict=True):
            connection.execute(f"INSERT INTO {index} ({index}, rowid, tokens) VALUES ('delete', ?, ?)", (n, words))
        deleted = ((shingle, n) for shingle in shingles)
        connection.executemany("DELETE FROM shingles WHERE shingle = ? AND item = ?", deleted)
        connection.execute("DELETE FROM items WHERE id = ?", (n,))
    connection.execute("DELETE FROM facts WHERE id BETWEEN ? AND ?", _span(day))
    connection.execute("DELETE FROM keys WHERE item BETWEEN ? AND ?", _span(day))
    connection.execute("DELETE FROM warmups WHERE id BETWEEN ? AND ?", _span(day))


def _stored(connection: sqlite3.Connection, day: str) -> dict[int, ItemRecord]:
    """The records of an issue, by id."""
    first, last = _span(day)
    return dict(item_records(connection, range(first, last + 1)))


def _span(day: str) -> tuple[int, int]:
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


def _indexed(record: ItemRecord) -> Indexed:
    heading = tokens(record.heading) | {facet("section", record.section), facet("source", record.source)}
    packed = zlib.compress(record.text.encode("utf-8", "replace"), 3)
    return packed, (" ".join(heading), " ".join(heading | tokens(record.text))), sketch(record.title)
