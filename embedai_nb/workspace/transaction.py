"""Replace several files in one transaction: all or none, by a write-ahead journal.

The new files are staged beside the old ones and synced.  Then a journal naming them is synced: from that moment
the new publication exists, and whoever comes next completes the renames that a crash left undone.  Before that
moment, what is staged is thrown away and the old publication stands.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from embedai_nb.errors import LockedError, PublishError, system_problem
from embedai_nb.i18n import _
from embedai_nb.text.parse_json import parse_json
from embedai_nb.workspace import layout
from embedai_nb.workspace.atomic import write_durably
from embedai_nb.workspace.locks import publication_lock
from embedai_nb.workspace.operating_system import naming, sync_folder

__all__ = ["commit", "digest", "recover", "repair", "staging"]


def commit(folder: Path, date: str, files: Mapping[str, bytes], remove: tuple[str, ...] = ()) -> None:
    """Write files and remove others, all or none.

    The caller holds the publication lock of the date and has called `repair`.

    Args:
        folder: the issues folder.
        date: names the transaction.
        files: paths in the folder, and their new content.
        remove: paths in the folder.
    """
    try:
        for name, content in files.items():
            with naming(folder / name):
                _write(_staged(folder, date, name), content)
        sync_folder(staging(folder, date))
    except BaseException:
        shutil.rmtree(staging(folder, date), ignore_errors=True)
        raise
    entry = {"files": {name: digest(content) for name, content in files.items()}, "remove": remove}
    with _deferred_interrupt():
        try:
            _put(_journal(folder, date), json.dumps(entry, indent=1).encode())
        except BaseException:
            _abandon(folder, date)
            raise
        _complete(folder, date)


def _abandon(folder: Path, date: str) -> None:
    """Throw away what is staged, and the journal that may name it already."""
    journal = _journal(folder, date)
    with suppress(OSError):
        for path in (journal, journal.with_suffix(".partial")):
            path.unlink(missing_ok=True)
    shutil.rmtree(staging(folder, date), ignore_errors=True)


def _complete(folder: Path, date: str) -> None:
    """Roll a transaction forward that its journal has decided; once more where that fails, as nothing goes back now."""
    try:
        repair(folder, date)
    except OSError:
        try:
            repair(folder, date)
        except OSError as error:
            remedy = _("the new files are staged in .cache; the next command completes them")
            raise PublishError(system_problem(error), path=error.filename or folder, remedy=remedy) from error


def recover(folder: Path) -> None:
    """Complete the transactions that killed runs had committed, and throw away those that they had not.

    Those of issues that somebody is publishing right now are left alone.
    """
    for date in sorted(_unfinished(folder)):
        try:
            with publication_lock(folder, date):
                repair(folder, date)
        except LockedError:
            continue


def repair(folder: Path, date: str) -> None:
    """Roll one transaction forward where its journal exists, else throw away its staged files; its lock is held."""
    journal = _journal(folder, date)
    if journal.exists():
        if decided := _decided(journal):
            _roll_forward(folder, date, *decided)
        journal.unlink()
        sync_folder(journal.parent)
    journal.with_suffix(".partial").unlink(missing_ok=True)
    staged = staging(folder, date)
    if staged.is_dir() and not staged.is_symlink():
        shutil.rmtree(staged)
    else:
        staged.unlink(missing_ok=True)


def _decided(journal: Path) -> tuple[dict[str, str], list[str]] | None:
    """The files and removals that a journal names; None where it is damaged: what it was about is made again."""
    try:
        decided = parse_json(journal.read_bytes())
        files, remove = decided["files"], decided["remove"]
        names = [*files.keys(), *files.values(), *remove]
        return (files, remove) if all(isinstance(name, str) for name in names) else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def digest(content: bytes) -> str:
    """Hash some content: SHA-256, as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def staging(folder: Path, date: str) -> Path:
    """The folder where files are staged: in the same file system, so that a rename is enough."""
    return folder / layout.STAGED / date


def _staged(folder: Path, date: str, name: str) -> Path:
    """The path of a staged file: all lie beside each other, so that one folder has to be synced."""
    return staging(folder, date) / name.replace("/", "+")


def _roll_forward(folder: Path, date: str, files: dict[str, str], remove: list[str]) -> None:
    """Rename and remove; each step may be repeated, for a killed run may have done it already."""
    for name, expected in files.items():
        source, target = _staged(folder, date, name), folder / name
        with naming(target):
            if source.exists() and digest(source.read_bytes()) == expected:
                _make(target.parent)
                source.replace(target)
    for name in remove:
        (folder / name).unlink(missing_ok=True)
    for parent in sorted({(folder / name).parent for name in (*files, *remove)}):
        if parent.exists():
            sync_folder(parent)


def _unfinished(folder: Path) -> set[str]:
    journals = (path for path in (folder / layout.JOURNAL).glob("*") if path.suffix in (".json", ".partial"))
    staged = (folder / layout.STAGED).glob("*")
    return {path.stem for path in journals} | {path.name for path in staged}


def _journal(folder: Path, date: str) -> Path:
    return folder / layout.JOURNAL / f"{date}.json"


def _put(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    partial = path.with_suffix(".partial")
    with naming(path):
        _write(partial, content)
        partial.replace(path)
        sync_folder(path.parent)


def _write(path: Path, content: bytes) -> None:
    _make(path.parent)
    write_durably(path, content)


def _make(folder: Path) -> None:
    """Create a folder whose own name is as durable as the files in it."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


@contextmanager
def _deferred_interrupt() -> Iterator[None]:
    """Defer Ctrl-C: the few renames are quicker than explaining that they are half done.

    Python runs handlers of signals in the main thread alone, so in another there is nothing to wait for.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: caught.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if caught:
            signal.raise_signal(signal.SIGINT)
