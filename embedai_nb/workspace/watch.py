"""Telling what of an issues folder was saved: at once where the system tells, else as soon as somebody looks.

A system tells nothing of files on many network shares, of those mounted into a container, and of the target of a
link; and it may be out of watches.  So the folder is also looked at now and then, and what counts is what is seen.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import watchfiles

from embedai_nb.errors import UsageError
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace import layout

__all__ = ["saved"]

FOLDERS = {layout.DRAFTS: ".yaml", layout.ARCHIVE: ".md"}
"""Where issues lie, and how their names end: no editor's backups, no file that is still being written."""

QUIET, LONGEST = 20, 100
"""Milliseconds without another save after which a burst is over, and after which it is told in any case."""

PAUSE, EACH = 300, 0.2
"""Milliseconds between two looks, and more of them for each input, so that looking takes a few percent of the time."""


class _Place(NamedTuple):
    """A folder of inputs; ``inode`` tells it from another that took its place."""

    prefix: str
    inode: int


class _Stamp(NamedTuple):
    """An input as it was when it was looked at."""

    changed_ns: int
    size: int
    inode: int


def saved(folder: Path, stop: threading.Event | None = None) -> Generator[frozenset[str]]:
    """What was saved, burst after burst, told within some 50 milliseconds.

    Args:
        folder: the issues folder; it and the folders in it may come and go.
        stop: ends the iteration within some 20 milliseconds when it is set; so does Ctrl-C, by KeyboardInterrupt,
            and closing the iterator.  No thread is left then.

    Yields:
        First, at once, the names of all inputs there are.  Then those that were written, added or removed since:
        ``newsletter.yaml``, ``drafts/DATE.yaml``, ``archive/DATE.md``; what is saved while the last ones are dealt
        with is not lost.  An input may be named that says what it said before.
    """
    stop = stop or threading.Event()
    known: Mapping[str, _Stamp] | None = None
    while not stop.is_set():
        places = _places(folder)
        pause = PAUSE + int(EACH * len(_inputs(places)))
        for told in _told(places, pause, stop):
            found = _inputs(places)
            names = told.union(name for name, _ in found.items() ^ (known or {}).items())
            first, known = known is None, found
            if names or first:
                yield names
            if _places(folder) != places:
                break


def _told(places: Mapping[str, _Place], pause: int, stop: threading.Event) -> Iterator[frozenset[str]]:
    """Occasions to look, beginning with now: the inputs that the system tells of, nothing when it is merely time."""
    yield frozenset()
    with suppress(OSError, RuntimeError):  # a folder that is just gone, no watches left, no such service
        for changes in watchfiles.watch(
            *places,
            watch_filter=None,
            debounce=LONGEST,
            step=QUIET,
            stop_event=stop,
            rust_timeout=pause,
            yield_on_timeout=True,
            recursive=False,
            force_polling=False,  # its polling tells apart no two saves within a second
        ):
            yield frozenset(_names(places, (path for _, path in changes)))
    while not stop.wait(pause / 1000):
        yield frozenset()


def _names(places: Mapping[str, _Place], paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        folder, name = os.path.split(path)
        if folder in places and _is_input(name := places[folder].prefix + name):
            yield name


def _places(folder: Path) -> dict[str, _Place]:
    """The folders of inputs that there are, by their real paths."""
    found = dict[str, _Place]()
    for name in ("", *FOLDERS):
        with suppress(OSError):
            status = os.stat(folder / name)
            if stat.S_ISDIR(status.st_mode):
                found[os.path.realpath(folder / name)] = _Place(f"{name}/" if name else "", status.st_ino)
    return found


def _inputs(places: Mapping[str, _Place]) -> dict[str, _Stamp]:
    """All inputs there are; of ten thousand, so each is cheap."""
    found = dict[str, _Stamp]()
    for path, place in places.items():
        with suppress(OSError), os.scandir(path) as entries:
            for entry in entries:
                if _is_input(name := place.prefix + entry.name):
                    with suppress(OSError):  # gone meanwhile
                        status = entry.stat()
                        found[name] = _Stamp(status.st_ctime_ns, status.st_size, status.st_ino)
    return found


def _is_input(name: str) -> bool:
    folder, _, file = name.rpartition("/")
    stem, ending = os.path.splitext(file)
    try:
        return name == layout.NEWSLETTER or (FOLDERS.get(folder) == ending and bool(parse_date(stem)))
    except UsageError:
        return False
