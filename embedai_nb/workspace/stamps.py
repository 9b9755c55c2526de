"""File stamps: tell from ``stat`` whether a file has changed, without reading it, as Git's index does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

__all__ = ["FileStamp", "file_stamp", "file_stamps", "settled_before"]

SETTLING_NS = 2_000_000_000
"""Nanoseconds after which a change must show: the coarsest time stamps (FAT's) are two seconds apart."""


class FileStamp(NamedTuple):
    """What a change of a file changes."""

    changed_ns: int
    size: int
    inode: int
    """Another one when the file was replaced, even by one of the same size within one tick of the clock."""


def file_stamp(path: str | Path) -> FileStamp:
    """Stamp a file; links are followed, and an OSError says that there is none."""
    status = os.stat(path)
    # The later one: on POSIX ctime cannot be set back, on Windows it is when the file was created.
    return FileStamp(max(status.st_ctime_ns, status.st_mtime_ns), status.st_size, status.st_ino)


def file_stamps(folder: str | Path, wanted: Callable[[str], bool] = lambda _: True) -> Iterator[tuple[str, FileStamp]]:
    """Stamp the entries of a folder whose names are wanted; there may be ten thousand, so each is cheap.

    What vanishes meanwhile is left out, and so is everything where there is no such folder; a folder that cannot be
    read is an OSError.
    """
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            if wanted(entry.name):
                try:
                    stamp = file_stamp(entry.path)  # not entry.stat(): Windows tells that from the folder, and late
                except OSError:
                    continue
                yield entry.name, stamp


def settled_before() -> int:
    """The latest ``changed_ns`` to be trusted now: a younger file may change again without its stamp showing it."""
    return time.time_ns() - SETTLING_NS
