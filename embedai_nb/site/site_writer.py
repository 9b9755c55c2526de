"""Write the files of a site into a new folder: those that would be the same are linked from the old one.

What a file was made of is known from the last build (`embedai_nb.site.site_cache`).  The old file counts only if it is still the
one that was written: its stamp says so, or else its content.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from embedai_nb.site.site_cache import BuiltFile
from embedai_nb.site.site_file import SiteFile, fingerprint
from embedai_nb.workspace.stamps import settled_before

__all__ = ["SiteWriter", "stamped", "unchanged_files"]


class SiteWriter:
    """Writes each file that it is called with.

    Args:
        old: the site that is there, or a folder that isn't.
        new: an empty folder.
        known: the files of the old site.
        program: digest of the program, of which every file is made.
    """

    def __init__(self, old: Path, new: Path, known: Mapping[str, BuiltFile], program: str) -> None:
        self.old = old
        self.new = new
        self.known = known
        self.program = program
        self.files: dict[str, BuiltFile] = {}
        self.rendered: list[str] = []

    def __call__(self, file: SiteFile) -> None:
        """Link the file from the old site, or render and write it."""
        made_of, known = fingerprint(self.program, *file.made_of), self.known.get(file.path)
        old = f"{self.old}/{file.path}"
        if known and known.made_of == made_of and is_intact(old, known):
            self._place(file.path, lambda target: _link(old, target))
            self.files[file.path] = known
            return
        self.rendered.append(file.path)
        rendered = file.render()
        content = rendered.encode() if isinstance(rendered, str) else rendered
        self._place(file.path, lambda target: Path(target).write_bytes(content))
        self.files[file.path] = BuiltFile(made_of, hashlib.sha256(content).hexdigest(), "")

    def _place(self, path: str, put: Callable[[str], object]) -> None:
        target = f"{self.new}/{path}"  # as a string, which takes half the time of a path
        try:
            put(target)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(target))
            put(target)


def _link(old: str, new: str) -> None:
    """A second name for a file, or a copy where the file system has no such thing."""
    try:
        os.link(old, new)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copy2(old, new)


def is_intact(path: str, known: BuiltFile) -> bool:
    """Whether a file is what was written."""
    try:
        if _stamp(path)[0] == known.stamp:
            return True
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == known.digest
    except OSError:
        return False


def _stamp(path: str) -> tuple[str, int]:
    """A stamp, and the time at which it changed last.  Linking a file changes its ctime, so that is no part of it."""
    status = os.stat(path, follow_symlinks=False)
    if not stat.S_ISREG(status.st_mode):
        raise FileNotFoundError(path)
    return f"{status.st_mtime_ns} {status.st_size} {status.st_ino}", status.st_mtime_ns


def stamped(site: Path, files: Mapping[str, BuiltFile]) -> dict[str, BuiltFile]:
    """The files with their stamps as they are now, where these can be trusted later."""
    settled, found = settled_before(), dict[str, BuiltFile]()
    for path, file in files.items():
        stamp, changed = _stamp(f"{site}/{path}")
        found[path] = file._replace(stamp=stamp if changed < settled else "")
    return found


def unchanged_files(site: Path, files: Mapping[str, BuiltFile], besides: str) -> bool:
    """Whether a site has these files as they were written, the file ``besides``, and no others."""
    if {*_paths(site)} != {*files, besides}:
        return False
    return all(is_intact(f"{site}/{path}", file) for path, file in files.items())


def _paths(site: Path) -> Iterator[str]:
    for place, _, names in os.walk(site):
        inner = Path(place).relative_to(site).as_posix()
        yield from (name if inner == "." else f"{inner}/{name}" for name in names)
