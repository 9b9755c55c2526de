"""Read issues from their files into the database."""

from __future__ import annotations

import datetime
import sqlite3
import zlib
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from embedai_nb.catalogue.facts import ItemFacts, item_facts
from embedai_nb.catalogue.issue_files import IssueFile, content_digest, read_content
from embedai_nb.catalogue.queries import INDEXES, MAX_ITEMS, item_id, item_records, span
from embedai_nb.catalogue.records import ItemRecord, company_key, facet, item_record, keys
from embedai_nb.catalogue.similar_titles import bare, sketch
from embedai_nb.catalogue.tokens import tokens
from embedai_nb.drafts.store import parse_draft
from embedai_nb.drafts.yaml_reader import MAX_BYTES
from embedai_nb.errors import EmbedAIError
from embedai_nb.markdown import read
from embedai_nb.model import Issue, Item, Newsletter, Warmup
from embedai_nb.progress import OnProgress, silent
from embedai_nb.text.conflict_markers import refuse_conflicts

__all__ = ["update"]

MANY = 200
"""Number of changed files from which on several processes read them, and the index is optimized afterwards."""

Job: TypeAlias = tuple[str, IssueFile | None, tuple[str, bytes] | None]
"""A file to read: its date, its current stamp, name and digest of the file read before."""
Indexed: TypeAlias = tuple[bytes, str, tuple[str, str], list[int]]
"""What is computed of an item: its packed text, its bare title, its tokens in each index, the sketch of its title."""
Row: TypeAlias = tuple[int, ItemRecord, list[int], ItemFacts, Indexed | None]
"""An item: its id, its record, its keys, its facts, and what is computed of it, if it is new for sure."""
WarmupRow: TypeAlias = tuple[str, int, str, str, str]
"""A warm-up: its company as it is compared, its id, the company as it is written, text and URL."""
Reading: TypeAlias = tuple[bytes, tuple[list[Row], list[WarmupRow]] | None]
"""Digest of a file, and its items and warm-ups if they may have changed."""


def update(
    connection: sqlite3.Connection,
    folder: Path,
    newsletter: Newsletter,
    changed: Sequence[tuple[str, IssueFile | None]],
    on_progress: OnProgress = silent,
) -> int:
    """Read the files of these dates, with their stamps; a date without one is gone.  Return how many have changed."""
    before = "SELECT name, digest FROM files WHERE date = ?"
    jobs = [(day, stamp, connection.execute(before, (day,)).fetchone()) for day, stamp in changed]
    count = 0
    for done, (job, reading) in enumerate(zip(jobs, _read_all(folder, newsletter, jobs), strict=True), 1):
        count += _put(connection, *job, reading)
        on_progress(done, len(jobs))
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
    data = read_content(folder, stamp.name) if stamp else None
    if stamp is None or data is None:
        return None
    digest = content_digest(data)
    issue = None if was == (stamp.name, digest) else _parse(folder, stamp.name, data, newsletter)
    return digest, None if issue is None else (rows(issue, newsletter.marks.colon, new=was is None), warmup_rows(issue))


def _parse(folder: Path, name: str, data: bytes, newsletter: Newsletter) -> Issue | None:
    """Parse the issue in a file; ``None`` if it is invalid, as a draft may be while it is edited."""
    if len(data) > MAX_BYTES:
        return None
    path = folder / name
    date = datetime.date.fromisoformat(path.stem)
    try:
        if path.suffix == ".yaml":
            return parse_draft(data, path, date).issue
        text = data.decode("utf-8", "replace")
        refuse_conflicts(text, path, "publish it again")
        return read(text, newsletter, date=date).issue
    except EmbedAIError:
        return None


def rows(issue: Issue, colon: str, *, new: bool) -> list[Row]:
    """The rows of an issue."""
    items = [(s.name, item, place) for s in issue.sections for place, item in enumerate(s.entries, 1)]
    return [_row(item_id(issue.date, n), *item, colon, new) for n, item in enumerate(items[:MAX_ITEMS])]


def _row(n: int, section: str, item: Item, place: int, colon: str, new: bool) -> Row:
    record = item_record(section, item, colon)
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
        packed, title, indexed, shingles = computed or _indexed(record)
        columns = (n, record.section, record.title, record.source, record.url, packed, len(record.text))
        connection.execute("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?)", columns)
        connection.execute("INSERT INTO bare_titles VALUES (?, ?)", (n, title))
        for index, words in zip(INDEXES, indexed, strict=True):
            connection.execute(f"INSERT INTO {index} (rowid, tokens) VALUES (?, ?)", (n, words))
        connection.executemany("INSERT INTO shingles VALUES (?, ?)", ((shingle, n) for shingle in shingles))


def _remove(connection: sqlite3.Connection, day: str, keep: Container[int] = ()) -> None:
    """Delete an issue but for some items; a contentless FTS5 index needs the indexed tokens to do so."""
    for n, record in _stored(connection, day).items():
        if n in keep:
            continue
        _, _, tokens_of, shingles = _indexed(record)
        for index, words in zip(INDEXES, tokens_of, strict=True):
            connection.execute(f"INSERT INTO {index} ({index}, rowid, tokens) VALUES ('delete', ?, ?)", (n, words))
        deleted = ((shingle, n) for shingle in shingles)
        connection.executemany("DELETE FROM shingles WHERE shingle = ? AND item = ?", deleted)
        for table in ("items", "bare_titles"):
            connection.execute(f"DELETE FROM {table} WHERE id = ?", (n,))
    connection.execute("DELETE FROM facts WHERE id BETWEEN ? AND ?", span(day))
    connection.execute("DELETE FROM keys WHERE item BETWEEN ? AND ?", span(day))
    connection.execute("DELETE FROM warmups WHERE id BETWEEN ? AND ?", span(day))


def _stored(connection: sqlite3.Connection, day: str) -> dict[int, ItemRecord]:
    """The records of an issue, by id."""
    first, last = span(day)
    return dict(item_records(connection, range(first, last + 1)))


def _indexed(record: ItemRecord) -> Indexed:
    heading = tokens(record.heading) | {facet("section", record.section), facet("source", record.source)}
    packed = zlib.compress(record.text.encode("utf-8", "replace"), 3)
    words = " ".join(heading), " ".join(heading | tokens(record.text))
    return packed, bare(record.title), words, sketch(record.title)
