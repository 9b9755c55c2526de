"""Cache of the site in SQLite: entries of issues with their pages, and what each file of a built site was made of.

It holds nothing that cannot be made again: of a damaged one nothing is read, and it is replaced.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from embedai_nb.workspace import layout

__all__ = ["BuiltFile", "BuiltState", "CachedEntry", "SiteCache", "remove_site_cache", "site_cache"]

VERSION = 2
SCHEMA = f"""
CREATE TABLE entries (
  date TEXT PRIMARY KEY, made_of TEXT NOT NULL, linked TEXT NOT NULL, about TEXT NOT NULL, gram_digests TEXT NOT NULL
);
CREATE TABLE pages (date TEXT PRIMARY KEY, page BLOB NOT NULL, grams BLOB NOT NULL);
CREATE TABLE files (
  site TEXT, path TEXT, made_of TEXT NOT NULL, digest TEXT NOT NULL, stamp TEXT NOT NULL, PRIMARY KEY (site, path)
) WITHOUT ROWID;
CREATE TABLE sites (site TEXT PRIMARY KEY, inputs TEXT NOT NULL, issues INTEGER NOT NULL, address TEXT NOT NULL);
PRAGMA user_version = {VERSION};
"""


class CachedEntry(NamedTuple):
    """An entry as it is stored."""

    date: str
    made_of: str
    linked: str
    """JSON: the dates that it links to, and whether the site had their issues."""
    about: str
    """JSON: what lists show of it."""
    gram_digests: str
    """Of the grams in each shard, between spaces."""
    page: bytes
    """As text, which is as long as the pages of the site; compressing it takes longer than all else that is done to it."""
    grams: bytes
    """As text, a line a shard."""


class BuiltFile(NamedTuple):
    """A file of a site that was built."""

    made_of: str
    digest: str
    stamp: str
    """Tells whether it is still that file; empty if it had been written too recently to tell."""


class BuiltState(NamedTuple):
    """A site that was built: the signature of its inputs, the number of its issues, its address."""

    inputs: str
    issues: int
    address: str


class SiteCache:
    """A connection to the cache; for one thread.

    Args:
        path: of the file; ``:memory:`` keeps nothing.

    Raises:
        sqlite3.DatabaseError: the file is damaged, or cannot be written.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = path
        self._db = sqlite3.connect(path, timeout=60)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            self._db.executescript(SCHEMA)
        elif version != VERSION:
            self._db.close()
            raise sqlite3.DatabaseError("made by another version of this program")

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    # --- entries ---------------------------------------------------------------------------------------------

    def known_entries(self) -> dict[str, tuple[str, str]]:
        """What each entry was made of, and the dates that it links to, by its date."""
        rows = self._db.execute("SELECT date, made_of, linked FROM entries")
        return {date: (made_of, linked) for date, made_of, linked in rows}

    def put_entries(self, entries: Iterable[CachedEntry]) -> None:
        """Store entries in place of those of the same date."""
        with self._db:
            for date, *about, page, grams in entries:
                self._db.execute("REPLACE INTO entries VALUES (?, ?, ?, ?, ?)", (date, *about))
                self._db.execute("REPLACE INTO pages VALUES (?, ?, ?)", (date, page, grams))

    def drop_entries(self, dates: Iterable[str]) -> None:
        """Remove entries."""
        with self._db:
            for date in dates:
                self._db.execute("DELETE FROM entries WHERE date = ?", (date,))
                self._db.execute("DELETE FROM pages WHERE date = ?", (date,))

    def entries(self) -> Iterator[tuple[str, str, str, str, str]]:
        """Date, `made_of`, `linked`, `about` and `gram_digests` of all entries, the newest first."""
        yield from self._db.execute("SELECT * FROM entries ORDER BY date DESC")

    def page(self, date: str) -> bytes:
        """The page of an entry."""
        found: bytes = self._db.execute("SELECT page FROM pages WHERE date = ?", (date,)).fetchone()[0]
        return found

    def grams(self, date: str) -> bytes:
        """The grams of an entry."""
        found: bytes = self._db.execute("SELECT grams FROM pages WHERE date = ?", (date,)).fetchone()[0]
        return found

    # --- sites -----------------------------------------------------------------------------------------------

    def files(self, site: Path) -> dict[str, BuiltFile]:
        """The files of a site, by their paths."""
        query = "SELECT path, made_of, digest, stamp FROM files WHERE site = ?"
        return {path: BuiltFile(*values) for path, *values in self._db.execute(query, (str(site),))}

    def state(self, site: Path) -> BuiltState | None:
        """The state of a site; nothing if it has none that can be relied on."""
        found = self._db.execute("SELECT inputs, issues, address FROM sites WHERE site = ?", (str(site),)).fetchone()
        return BuiltState(*found) if found else None

    def put_site(self, site: Path, files: Mapping[str, BuiltFile], state: BuiltState | None) -> None:
        """Store the files of a site and its state."""
        known = self.files(site)
        changed = [(str(site), path, *file) for path, file in files.items() if known.get(path) != file]
        gone = [(str(site), path) for path in known.keys() - files.keys()]
        with self._db:
            self._db.executemany("DELETE FROM files WHERE site = ? AND path = ?", gone)
            self._db.executemany("REPLACE INTO files VALUES (?, ?, ?, ?, ?)", changed)
            self._db.execute("DELETE FROM sites WHERE site = ?", (str(site),))
            if state:
                self._db.execute("INSERT INTO sites VALUES (?, ?, ?, ?)", (str(site), *state))

    def drop_sites(self, gone: Sequence[str]) -> None:
        """Forget sites that are no longer there."""
        with self._db:
            for site in gone:
                self._db.execute("DELETE FROM files WHERE site = ?", (site,))
                self._db.execute("DELETE FROM sites WHERE site = ?", (site,))

    def sites(self) -> list[str]:
        """The paths of all sites that it knows files of."""
        return [site for (site,) in self._db.execute("SELECT DISTINCT site FROM files")]


@contextmanager
def site_cache(folder: Path, *, kept: bool = True) -> Iterator[SiteCache]:
    """Open the cache of an issues folder.

    Args:
        folder: the issues folder.
        kept: whether it is a file; if not, nothing is known, and nothing will be.
    """
    path = folder / layout.SITE_CACHE
    if kept:
        path.parent.mkdir(parents=True, exist_ok=True)
    with closing(SiteCache(path if kept else ":memory:")) as cache:
        yield cache


def remove_site_cache(folder: Path) -> None:
    """Remove a damaged cache."""
    path = folder / layout.SITE_CACHE
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        with suppress(OSError):
            path.with_name(name).unlink()
