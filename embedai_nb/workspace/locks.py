"""File locks between processes and threads: one function, and the locks of an issue."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from embedai_nb.errors import LockedError
from embedai_nb.i18n import _
from embedai_nb.workspace import layout

__all__ = ["DRAFT_TIMEOUT", "draft_lock", "lock_file", "publication_lock", "site_lock"]

DRAFT_TIMEOUT = 3.0
"""Seconds that a save waits for another: one takes milliseconds, so whoever holds the lock longer hangs."""

HOLDER = re.compile(r"process (?P<number>\d+) since (?P<time>.+)")
"""The content of a holder's file, in English on every system: a user of another language may read it."""


@contextmanager
def lock_file(path: Path, activity: str, *, timeout: float = 0) -> Iterator[None]:
    """Hold a lock that no other process or thread holds.

    The system drops it when its holder dies, however that happens, so that no lock is ever stale.  A file beside it
    says who the holder is, for people only.

    Args:
        path: the lock file; its folder is made.
        activity: what the holder does, as the message begins: ``issue 2026-11-15 is being published``.
        timeout: seconds to wait for another holder.

    Raises:
        LockedError: another one held it all the time; names the process and since when.
    """
    from filelock import FileLock, Timeout  # not needed by most commands, and takes as long to import as some of them

    path.parent.mkdir(parents=True, exist_ok=True)
    lock, holder = FileLock(path), path.with_name(f"{path.name}.holder")
    try:
        acquired = lock.acquire(timeout=timeout)
    except Timeout as error:
        raise LockedError(
            _("{activity} by {holder}", activity=activity, holder=_holder(holder)),
            path=path,
            remedy=_("wait until it has ended"),
        ) from error
    with acquired:
        try:
            with suppress(OSError):  # a full disk is no reason to refuse the lock
                holder.write_text(f"process {os.getpid()} since {time.strftime('%Y-%m-%d %H:%M:%S')}", "utf-8")
            yield
        finally:
            with suppress(OSError):
                holder.unlink()


def publication_lock(folder: Path, date: str) -> AbstractContextManager[None]:
    """Lock the outputs of an issue against a second run, which is refused at once."""
    return lock_file(folder / layout.lock(f"{date}.lock"), _("issue {date} is being published", date=date))


def draft_lock(folder: Path, date: str, *, timeout: float = DRAFT_TIMEOUT) -> AbstractContextManager[None]:
    """Lock the draft of an issue while it is compared with what was loaded, and replaced.

    Who needs several locks takes publication locks before those of drafts, and earlier dates first.
    """
    activity = _("the draft of {date} is being written", date=date)
    return lock_file(folder / layout.lock(f"{date}.draft"), activity, timeout=timeout)


def site_lock(folder: Path, *, timeout: float) -> AbstractContextManager[None]:
    """Lock the site while it is built, and with it the file of revisions; before the locks of issues."""
    return lock_file(folder / layout.lock("site.lock"), _("the site is being built"), timeout=timeout)


def _holder(file: Path) -> str:
    """Read who holds a lock; not from the lock file itself, which nobody else may read on Windows."""
    with suppress(OSError):
        if found := HOLDER.fullmatch(file.read_text("utf-8")):
            return _("process {number} since {time}", number=found["number"], time=found["time"])
    return _("another process")
