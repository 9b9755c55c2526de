"""Replace a folder atomically: readers see the old one or the new one, never a mixture."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedai_nb.errors import UsageError
from embedai_nb.i18n import _

__all__ = ["MARKER", "recover_folder", "replacing_folder"]

MARKER = ".embedai-site"
"""File that marks a folder as generated, so that it may be replaced."""

AT_FDCWD, RENAME_EXCHANGE = -100, 2
"""See renameat2(2)."""


@contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """Give an empty folder, which replaces ``folder`` when the block is left without an error.

    Only one process may do this at a time.

    Raises:
        UsageError: ``folder`` is something else than a folder made by this program.
    """
    recover_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = folder.with_name(f".{folder.name}.new")
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
        raise UsageError(_("not a folder"), path=folder, remedy=_("name another one with --out"))
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise UsageError(
            _("there is something else in this folder"), path=folder, remedy=_("name another one with --out")
        )


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _exchange(new: Path, folder: Path) -> None:
    """Put ``new`` in the place of ``folder``, which is left in the place of ``new`` or deleted."""
    if not folder.exists():
        new.rename(folder)
    elif not _swap(new, folder):
        aside = _aside(folder)
        folder.rename(aside)
        new.rename(folder)
        shutil.rmtree(aside)


def _swap(one: Path, other: Path) -> bool:
    """Exchange two names atomically where the system can: Linux, on most file systems."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    paths = AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other)
    return rename is not None and rename(*paths, RENAME_EXCHANGE) == 0


def recover_folder(folder: Path) -> None:
    """Undo the first of the two steps of an exchange, after which a run was killed.

    Raises:
        UsageError: ``folder`` is something else than a folder made by this program.
    """
    _check(folder)
    aside = _aside(folder)
    if aside.exists():
        if folder.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(folder)
