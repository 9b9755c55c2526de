"""Write a file atomically and durably: whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from embedai_nb.workspace.operating_system import sync_folder

__all__ = ["remove_leftovers", "write_atomically"]


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the content of ``path`` so that a crash at any moment leaves the old bytes or the new ones.

    A symbolic link stays one, its target is written; permissions are kept.

    Raises:
        OSError: everything is as it was.
    """
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tmp")
    try:
        _write_durably(temporary, data, like=target)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def _write_durably(path: Path, data: bytes, *, like: Path) -> None:
    with open(path, "xb") as file:
        with contextlib.suppress(FileNotFoundError):
            os.chmod(path, like.stat().st_mode & 0o7777)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def remove_leftovers(path: Path) -> None:
    """Remove the temporary files that killed writers of ``path`` left; call it only while no other can be writing."""
    target = path.resolve()
    for leftover in target.parent.glob(f".{target.name}.????????.tmp"):
        leftover.unlink(missing_ok=True)
