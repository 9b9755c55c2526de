"""Find the files that hold issues."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
from functools import partial
from pathlib import Path
from typing import NamedTuple

from embedai_nb.text.dates import DATE
from embedai_nb.workspace import layout
from embedai_nb.workspace.stamps import FileStamp, file_stamp, file_stamps, settled_before

FOLDERS = ((layout.ARCHIVE, ".md"), (layout.DRAFTS, ".yaml"))
"""Where issues lie; of a date that is in both the draft counts, for the archive is made of it."""


class IssueFile(NamedTuple):
    """A file and its stamp; ``changed_ns`` is 0 where the stamp cannot be trusted yet."""

    name: str
    changed_ns: int
    size: int
    inode: int


def scan(folder: Path) -> dict[str, IssueFile]:
    """The files of all issues, by their dates as they are written."""
    found, settled = dict[str, IssueFile](), settled_before()
    for place, ending in FOLDERS:
        with contextlib.suppress(OSError):
            for name, stamp in file_stamps(folder / place, partial(_is_named, ending=ending)):
                found[name[:10]] = _issue_file(f"{place}/{name}", stamp, settled)
    return found


def find(folder: Path, date: datetime.date) -> IssueFile | None:
    """The file of one issue."""
    found, settled = None, settled_before()
    for place, ending in FOLDERS:
        with contextlib.suppress(OSError):
            name = f"{place}/{date}{ending}"
            found = _issue_file(name, file_stamp(folder / name), settled)
    return found


def _is_named(name: str, ending: str) -> bool:
    """Whether the name may be a date: cheaper than knowing."""
    return len(name) == len("2026-11-15") + len(ending) and name.endswith(ending)


def _issue_file(name: str, stamp: FileStamp, settled: int) -> IssueFile:
    return IssueFile(name, stamp.changed_ns if stamp.changed_ns < settled else 0, stamp.size, stamp.inode)


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
