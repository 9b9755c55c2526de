"""One run at a time for each issue."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedai_nb.errors import LockedError
from embedai_nb.workspace import layout

__all__ = ["locked"]


@contextmanager
def locked(folder: Path, date: str) -> Iterator[None]:
    """Hold the lock of an issue.

    The kernel drops an ``flock`` when its holder dies, however it dies, so a lock is never stale.  What the file
    says is for people only.

    Raises:
        LockedError: another process holds it; says which and since when.
    """
    path = folder / layout.lock(f"{date}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _held(path, date) from error
        file.truncate(0)
        file.write(f"process {os.getpid()} since {time.strftime('%Y-%m-%d %H:%M:%S')}\n")
        file.flush()
        yield


def _held(path: Path, date: str) -> LockedError:
    holder = path.read_text("utf-8").strip() or "another process"
    return LockedError(f"issue {date} is being published by {holder}", path=path, remedy="wait until it has ended")
