"""Write a file atomically and durably: whole or not at all."""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

from embedai_nb.errors import system_problem
from embedai_nb.i18n import _
from embedai_nb.workspace.operating_system import naming, sync_folder

__all__ = ["remove_leftovers", "write_atomically", "write_durably"]

logger = logging.getLogger(__name__)


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the content of ``path`` so that a crash at any moment leaves the old bytes or the new ones.

    A symbolic link stays one, its target is written; permissions are kept.

    Raises:
        OSError: everything is as it was; it names ``path``.
    """
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tmp")
    with naming(path):
        try:
            write_durably(temporary, data, like=target)
            os.replace(temporary, target)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
    try:
        sync_folder(target.parent)
    except OSError as error:  # the new bytes are there: to say that they are not would be wrong
        said = _(
            "{path}: written, but a power cut may still undo it: {reason}", path=path, reason=system_problem(error)
        )
        logger.warning("%s", said)


def write_durably(path: Path, data: bytes, *, like: Path | None = None) -> None:
    """Write a file and wait until it is on disk; with the permissions of another file, if that exists.

    Where this fails the file may be there in part.
    """
    with open(path, "wb") as file:
        if like:
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
