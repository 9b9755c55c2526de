"""Tell that nothing has changed since a site was built, from the stamps of its inputs and of its own files.

Only the standard library is imported: a site that is up to date costs no more than looking at its files.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from embedai_nb.publish.inputs import site_program
from embedai_nb.site.replace_folder import MARKER
from embedai_nb.site.site_cache import BuiltState, site_cache
from embedai_nb.site.site_file import fingerprint
from embedai_nb.site.site_writer import stamped, unchanged_files
from embedai_nb.workspace import layout
from embedai_nb.workspace.stamps import FileStamp, file_stamps, settled_before
from embedai_nb.workspace.transaction import digest

__all__ = ["Inputs", "built_state"]

FOLDERS = (layout.ARCHIVE, layout.CARDS, layout.THEME)


class Inputs(NamedTuple):
    """What a site is made of, as files show it without being read."""

    stamps: tuple[tuple[str, FileStamp], ...]
    address: str | None
    settled: bool
    """Whether all changes of the files show in their stamps."""

    @classmethod
    def current(cls, folder: Path, address: str | None) -> Inputs:
        """Those of a site that is built now.

        Args:
            folder: the issues folder.
            address: that the user gave.
        """
        settled, stamps = settled_before(), tuple(sorted(_stamps(folder)))
        return cls(stamps, address, all(stamp.changed_ns < settled for _, stamp in stamps))

    def signature(self, folder: Path) -> str:
        """Digest of all inputs; the revisions, which a build writes itself, are read."""
        revisions = folder / layout.REVISIONS
        written = digest(revisions.read_bytes()) if revisions.is_file() else ""
        return fingerprint(self.stamps, self.address, site_program(), written)


def _stamps(folder: Path) -> Iterator[tuple[str, FileStamp]]:
    for place in FOLDERS:
        wanted = f"{folder / place}"
        for name, stamp in file_stamps(wanted, lambda name: not name.endswith((".html", ".json"))):
            if place != layout.ARCHIVE or name.endswith(".md"):
                yield f"{place}/{name}", stamp
    for place, _, _ in os.walk(folder / layout.ARCHIVE / layout.IMAGES):
        for name, stamp in file_stamps(place):
            if not os.path.isdir(f"{place}/{name}"):
                yield f"{place}/{name}", stamp
    for name in (layout.NEWSLETTER, layout.TRENDS):
        file = folder / name
        yield from ((name, stamp) for found, stamp in file_stamps(file.parent, file.name.__eq__))


def built_state(folder: Path, out: Path, address: str | None) -> BuiltState | None:
    """The state of a site that is what building it now would give; nothing where it may be something else.

    Args:
        folder: the issues folder.
        out: the folder of the site.
        address: that the user gave.
    """
    if not (folder / layout.SITE_CACHE).exists() or _is_unfinished(folder):
        return None
    try:
        with site_cache(folder) as cache:
            state, files = cache.state(out), cache.files(out)
            if not state or state.inputs != Inputs.current(folder, address).signature(folder):
                return None
            if not unchanged_files(out, files, MARKER):
                return None
            if any(not file.stamp for file in files.values()):
                cache.put_site(out, stamped(out, files), state)
            return state
    except (sqlite3.DatabaseError, OSError):
        return None


def _is_unfinished(folder: Path) -> bool:
    """Whether a publication was interrupted, which a build completes first."""
    return any(True for place in (layout.JOURNAL, layout.STAGED) for _ in file_stamps(folder / place))
