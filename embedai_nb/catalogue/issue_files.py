"""The files that hold issues, and how to tell that one has changed."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
import time
from pathlib import Path
from typing import NamedTuple

from embedai_nb.drafts.store import parse
from embedai_nb.errors import EmbedAIError
from embedai_nb.markdown import read
from embedai_nb.model import Issue, Newsletter
from embedai_nb.text.dates import DATE
from embedai_nb.workspace import layout

FOLDERS = ((layout.ARCHIVE, ".md"), (layout.DRAFTS, ".yaml"))
"""Where issues lie; of a date that is in both the draft counts, for the archive is made of it."""
RACY_NS = 2_000_000_000
"""A file that was changed this recently may change again without its time stamp showing it."""


class FileStamp(NamedTuple):
    """A file as it was when it was looked at; ``changed_ns`` is 0 where it cannot be trusted."""

    name: str
    changed_ns: int
    size: int


def stamps(folder: Path) -> dict[str, FileStamp]:
    """The files of all issues, by their dates as they are written; there may be ten thousand, so each is cheap."""
    found, trusted = dict[str, FileStamp](), time.time_ns() - RACY_NS
    for place, ending in FOLDERS:
        length = len("2026-11-15") + len(ending)
        try:
            with os.scandir(folder / place) as entries:
                for entry in entries:
                    if len(name := entry.name) == length and name.endswith(ending):
                        found[name[:10]] = _stamp(f"{place}/{name}", entry.stat(), trusted)
        except OSError:
            continue
    return found


def stamp(folder: Path, date: datetime.date) -> FileStamp | None:
    """The file of one issue."""
    found, trusted = None, time.time_ns() - RACY_NS
    for place, ending in FOLDERS:
        with contextlib.suppress(OSError):
            name = f"{place}/{date}{ending}"
            found = _stamp(name, os.stat(folder / name), trusted)
    return found


def _stamp(name: str, status: os.stat_result, trusted: int) -> FileStamp:
    return FileStamp(name, status.st_ctime_ns if status.st_ctime_ns < trusted else 0, status.st_size)


def is_date(text: str) -> bool:
    """Whether the stem of a file name is a date, so that the file holds an issue."""
    try:
        return bool(DATE.fullmatch(text) and datetime.date.fromisoformat(text))
    except ValueError:
        return False


def read_content(folder: Path, name: str) -> bytes | None:
    """Read a file; ``None`` if that fails."""
    try:
        return (folder / name).read_bytes()
    except OSError:
        return None


def content_digest(data: bytes) -> bytes:
    """Digest of the content of a file."""
    return hashlib.blake2b(data, digest_size=16).digest()


def parse_issue(folder: Path, name: str, data: bytes, newsletter: Newsletter) -> Issue | None:
    """Parse the issue in a file; ``None`` if it is invalid, as a draft may be while it is edited."""
    path = folder / name
    date = datetime.date.fromisoformat(path.stem)
    try:
        if path.suffix == ".yaml":
            return parse(data, path, date).issue
        return read(data.decode("utf-8", "replace"), newsletter, date=date).issue
    except EmbedAIError:
        return None
