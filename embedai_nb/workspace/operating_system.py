"""What operating systems do differently: everything that only POSIX has, and what stands in for it elsewhere."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["naming", "replace_process", "sync_folder"]


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an OSError name this file: that of a failed write names none, others a temporary file."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


def sync_folder(folder: Path) -> None:
    """Make what was created, renamed and removed in ``folder`` survive a power cut.

    Where a folder cannot be opened (Windows) its file system keeps a journal of names by itself.
    """
    if not hasattr(os, "O_DIRECTORY"):
        return
    with naming(folder):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def replace_process(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command in place of this process, so that signals reach it; does not return on POSIX.

    Returns:
        the exit status, on Windows: there ``execve`` would give the console back to the shell at once.
    """
    if os.name == "posix":
        os.execve(command[0], list(command), dict(environment))
    return subprocess.call(list(command), env=dict(environment))
