"""A folder replaced as a whole: whoever looks sees the old one or the new one."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedai_nb.errors import UsageError

__all__ = ["MARKER", "replaced"]

MARKER = ".embedai-site"
"""A file that says: this folder is made by a program, which may replace it."""

AT_FDCWD, RENAME_EXCHANGE = -100, 2
"""See renameat2(2)."""


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """An empty folder that takes the place of ``folder`` when the block is left without an error.

    Only one process may do this at a time.

    Raises:
        UsageError: there is something else of this name.
    """
    _check(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = folder.with_name(f".{folder.name}.new")
    _bring_back(folder)
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    try:
        (new / MARKER).write_text("made by `embedai site`, which replaces this folder as a whole\n", "utf-8")
        yield new
        _exchange(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _check(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError("not a folder", path=folder, remedy="name another one with --out")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise UsageError("there is something else in this folder", path=folder, remedy="name another one with --out")


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _exchange(new: Path, folder: Path) -> None:
    """WriteFile ``new`` in the place of ``folder``, which is afterwards where ``new`` was."""
    if not folder.exists():
        new.rename(folder)
    elif not _swap(new, folder):
        aside = _aside(folder)
        folder.rename(aside)
        new.rename(folder)
        shutil.rmtree(aside)


def _swap(one: Path, other: Path) -> bool:
    """Exchange two names at once, where the system can: Linux, on most file systems."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    paths = AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other)
    return rename is not None and rename(*paths, RENAME_EXCHANGE) == 0


def _bring_back(folder: Path) -> None:
    """Undo the half of an exchange that a killed run had done in two steps."""
    aside = _aside(folder)
    if aside.exists():
        if folder.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(folder)
