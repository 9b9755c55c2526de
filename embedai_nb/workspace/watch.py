"""Watch an issues folder: native events, polling as a fallback.

A system reports no events for many network shares, folders mounted into a container, and targets of links; and it may
be out of watches.  So the folder is polled as well, and what counts is what is found there.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from embedai_nb.errors import UsageError
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace import layout
from embedai_nb.workspace.stamps import FileStamp, file_stamps

__all__ = ["watch"]

SUFFIXES = {layout.DRAFTS: ".yaml", layout.ARCHIVE: ".md"}
"""The folders of inputs, and how their names end: no editor's backups, no file that is still being written."""

QUIET, LONGEST = 20, 100
"""Milliseconds without another event after which a burst is over, and after which it is reported in any case."""

PAUSE, EACH = 300, 0.2
"""Milliseconds between two polls, and more of them for each input, so that polling takes a few percent of the time."""


class _Folder(NamedTuple):
    """A folder of inputs; ``inode`` distinguishes it from another that took its place."""

    prefix: str
    inode: int


def watch(folder: Path, stop: threading.Event | None = None) -> Generator[frozenset[str]]:
    """Report what is saved in an issues folder, burst after burst, within some 50 milliseconds.

    Args:
        folder: the issues folder; it and the folders in it may come and go.
        stop: ends the iteration within some 20 milliseconds when it is set; so does Ctrl-C, by KeyboardInterrupt,
            and closing the iterator.  No thread is left then.

    Yields:
        First, at once, the names of all inputs there are.  Then those that were written, added or removed since:
        ``newsletter.yaml``, ``drafts/DATE.yaml``, ``archive/DATE.md``; what is saved while the consumer is busy is not
        lost.  An input may be named whose content is what it was.
    """
    stop = stop or threading.Event()
    known: Mapping[str, FileStamp] | None = None
    while not stop.is_set():
        folders = _input_folders(folder)
        pause = PAUSE + int(EACH * len(_inputs(folders)))
        for reported in _events(folders, pause, stop):
            found = _inputs(folders)
            names = reported.union(name for name, _ in found.items() ^ (known or {}).items())
            first, known = known is None, found
            if names or first:
                yield names
            if _input_folders(folder) != folders:
                break


def _events(folders: Mapping[str, _Folder], pause: int, stop: threading.Event) -> Iterator[frozenset[str]]:
    """Yield whenever it is time to poll, at first now: the inputs that the system reports, or nothing."""
    yield frozenset()
    # No such package, as in an installation without the editor; a folder that is just gone, no watches left, no service.
    with suppress(ImportError, OSError, RuntimeError):
        import watchfiles

        for changes in watchfiles.watch(
            *folders,
            watch_filter=None,
            debounce=LONGEST,
            step=QUIET,
            stop_event=stop,
            rust_timeout=pause,
            yield_on_timeout=True,
            recursive=False,
            force_polling=False,  # its polling cannot distinguish two saves within a second
        ):
            yield frozenset(_names(folders, (path for _, path in changes)))
    while not stop.wait(pause / 1000):
        yield frozenset()


def _names(folders: Mapping[str, _Folder], paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        folder, name = os.path.split(path)
        if folder in folders and _is_input(prefix := folders[folder].prefix, name):
            yield prefix + name


def _input_folders(folder: Path) -> dict[str, _Folder]:
    """The folders of inputs that exist, by their real paths."""
    found = dict[str, _Folder]()
    for name in ("", *SUFFIXES):
        with suppress(OSError):
            status = os.stat(folder / name)
            if stat.S_ISDIR(status.st_mode):
                found[os.path.realpath(folder / name)] = _Folder(f"{name}/" if name else "", status.st_ino)
    return found


def _inputs(folders: Mapping[str, _Folder]) -> dict[str, FileStamp]:
    """All inputs that exist, with their stamps."""
    found = dict[str, FileStamp]()
    for path, (prefix, _) in folders.items():
        with suppress(OSError):
            for name, stamp in file_stamps(path, partial(_is_input, prefix)):
                found[prefix + name] = stamp
    return found


def _is_input(prefix: str, name: str) -> bool:
    stem, suffix = os.path.splitext(name)
    try:
        return prefix + name == layout.NEWSLETTER or (SUFFIXES.get(prefix[:-1]) == suffix and bool(parse_date(stem)))
    except UsageError:
        return False
