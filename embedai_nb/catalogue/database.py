"""SQLite database of all items: schema and connection.  It may be deleted at any time.

What reads files into it (`embedai_nb.catalogue.update`) is imported when a file has changed.
"""

from __future__ import annotations

import contextlib
import datetime
import logging
import os
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from embedai_nb.catalogue import issue_files
from embedai_nb.catalogue.issue_files import IssueFile
from embedai_nb.catalogue.queries import INDEXES
from embedai_nb.errors import LockedError, system_problem
from embedai_nb.i18n import _
from embedai_nb.progress import OnProgress, silent
from embedai_nb.workspace import layout
from embedai_nb.workspace.locks import lock_file

if TYPE_CHECKING:
    from embedai_nb.model import Newsletter

logger = logging.getLogger(__name__)

VERSION = 12
"""Version of schema, tokens and keys: a database of another version is rebuilt."""

SCHEMA = """
CREATE TABLE files (date TEXT PRIMARY KEY, name TEXT, changed_ns INTEGER, size INTEGER, inode INTEGER, digest BLOB);
CREATE TABLE items (id INTEGER PRIMARY KEY, section TEXT, title TEXT, source TEXT, url TEXT, text BLOB, characters INTEGER);
CREATE TABLE bare_titles (id INTEGER PRIMARY KEY, bare TEXT);
CREATE TABLE facts (id INTEGER PRIMARY KEY, place INTEGER, kind TEXT, address TEXT, paper TEXT, repository TEXT, tags TEXT, labels TEXT);
CREATE TABLE warmups (company TEXT, id INTEGER, name TEXT, text TEXT, url TEXT, PRIMARY KEY (company, id)) WITHOUT ROWID;
CREATE TABLE keys (key INTEGER, item INTEGER, PRIMARY KEY (key, item)) WITHOUT ROWID;
CREATE TABLE shingles (shingle INTEGER, item INTEGER, PRIMARY KEY (shingle, item)) WITHOUT ROWID;
CREATE TABLE newsletter (digest BLOB, source BLOB);
CREATE VIRTUAL TABLE headings USING fts5(tokens, content='', columnsize=0, detail=none, tokenize='unicode61 remove_diacritics 0');
CREATE VIRTUAL TABLE texts USING fts5(tokens, content='', columnsize=0, detail=none, tokenize='unicode61 remove_diacritics 0');
"""
HASH_BYTES = 8_000_000
"""Memory in which FTS5 collects tokens before it writes a segment.

Several segments are merged into one of a higher level, into which the small ones of later updates are not merged again
and again."""
TIMEOUT = 10
"""Seconds to wait for another process that updates the database; then this one works in memory."""
_SAID = set[tuple[Path, str]]()
"""What this process has said of which catalogue: a command that opens it again and again says it once."""
WRONG_CONTENT = (KeyError, UnicodeDecodeError, ValueError, TypeError, OverflowError, zlib.error)
"""Raised by what is read from a damaged database or lacks in it, and by sqlite3 where not even the message of an error can be read."""
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


class Database:
    """The database of an issues folder, as of its last refresh.

    Where the file cannot be used, a copy in memory is, which lasts as long as this object; a warning says so.

    Args:
        folder: the issues folder.
        newsletter: read issues as its; without one newsletter.yaml is loaded, once a file has to be read.
        on_progress: called whenever an issue has been read.
    """

    def __init__(self, folder: Path, newsletter: Newsletter | None, on_progress: OnProgress = silent) -> None:
        self.folder = folder
        self.on_progress = on_progress
        self._newsletter = newsletter
        self.path = folder / layout.CATALOGUE
        self._known: dict[str, IssueFile] = {}
        self._version: int | None = None
        self.in_memory = self._is_copy = False
        try:
            self.connection = self._opened() or self._built()
        except UNUSABLE as error:
            self._work_in_memory(error)

    @cached_property
    def newsletter(self) -> Newsletter:
        """The newsletter that the issues are read as."""
        if self._newsletter is not None:
            return self._newsletter
        from embedai_nb.drafts.store import load_newsletter

        return load_newsletter(self.folder / layout.NEWSLETTER)

    @cached_property
    def _mark(self) -> tuple[bytes, bytes]:
        """Digests of the newsletter's values, and of the file that they come from; the latter empty if it was given."""
        return issue_files.content_digest(self.newsletter.model_dump_json().encode()), self._source

    @cached_property
    def _source(self) -> bytes:
        data = None if self._newsletter else issue_files.read_content(self.folder, layout.NEWSLETTER)
        return issue_files.content_digest(data) if data else b""

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
        from embedai_nb.catalogue.update import update

        with self._lock(), _transaction(self.connection):
            known = self._stamps()  # another process may have updated meanwhile
            still = [(day, s) for day, s in changed if known.get(day) != s or (s and not s.changed_ns)]
            count = update(self.connection, self.folder, self.newsletter, still, self.on_progress)
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
                self._note_source(connection)
                return connection
        except (sqlite3.Error, *WRONG_CONTENT) as error:
            if not _is_damage(error):
                connection.close()
                raise
        connection.close()
        return None

    def _note_source(self, connection: sqlite3.Connection) -> None:
        """Note where the newsletter's values come from, so that the same file need not be parsed again."""
        changed = "SELECT 1 FROM newsletter WHERE source != ?"
        if self._source and connection.execute(changed, (self._source,)).fetchone():
            connection.execute("UPDATE newsletter SET source = ?", (self._source,))

    def _is_current(self, connection: sqlite3.Connection) -> bool:
        if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            return False
        values, source = connection.execute("SELECT digest, source FROM newsletter").fetchone()
        return bool((self._source and source == self._source) or values == self._mark[0])

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
        from embedai_nb.catalogue.update import update

        _prepare(connection, "OFF")
        connection.executescript(SCHEMA)
        for index in INDEXES:
            connection.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('hashsize', {HASH_BYTES})")
        with _transaction(connection):
            connection.execute("INSERT INTO newsletter VALUES (?, ?)", self._mark)
            found = sorted(
                (day, stamp) for day, stamp in issue_files.scan(self.folder).items() if issue_files.is_date(day)
            )
            update(connection, self.folder, self.newsletter, found, self.on_progress)
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
