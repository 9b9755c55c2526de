"""Where the issues folder of a cluster lies: a path that all machines share, or object storage by its URL.

Object storage holds single files and nothing else: it has no locks, and several files cannot be replaced at once.  So
what belongs together is put there in such an order that what an interruption leaves is seen to be out of date, and
that the next run makes of it what this one would have made.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from embedai_nb.errors import EmbedAIError, PublishError, UsageError
from embedai_nb.publish.survey import FOLDERS
from embedai_nb.workspace import layout

__all__ = ["ObjectStorage", "SharedFolder", "Storage", "is_url", "place"]

MADE = (layout.review, layout.page, layout.wechat, layout.markdown, layout.failed, layout.stamp)
"""In the order in which they are put back.

The notebook knows what it was compared with, so it comes before the text that is compared with; and an issue is up to
date by its stamp, so that comes last.
"""

BATCH = 200
"""So many files are in memory at once, at most."""


class Storage(Protocol):
    """An issues folder that several machines work in."""

    name: str
    """As people name it."""

    def working_copy(self, date: str, kit: Path) -> AbstractContextManager[Path]:
        """A folder to make an issue in; the place has what was made there when it is left.

        Args:
            date: the issue.
            kit: a folder on this machine, with the newsletter.yaml of the build.
        """

    def get(self, name: str, path: Path) -> None:
        """Copy a file from there."""

    def put(self, path: Path, name: str) -> None:
        """Copy a file there."""

    def remove(self, name: str) -> None:
        """Remove a file that is there."""


def is_url(name: object) -> bool:
    """Whether it names object storage rather than a path."""
    return "://" in str(name)


def place(name: str) -> Storage:
    """The issues folder of this name."""
    return ObjectStorage(name) if is_url(name) else SharedFolder(name)


class SharedFolder:
    """A folder that all machines see under the same path; issues are made right there.

    Args:
        name: its path.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    @contextmanager
    def working_copy(self, date: str, kit: Path) -> Iterator[Path]:
        """The folder itself."""
        del date, kit
        yield Path(self.name)

    def get(self, name: str, path: Path) -> None:
        """Copy a file from there."""
        shutil.copyfile(Path(self.name, name), path)

    def put(self, path: Path, name: str) -> None:
        """Copy a file there."""
        target = Path(self.name, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, partial := target.with_suffix(".partial"))
        partial.replace(target)

    def remove(self, name: str) -> None:
        """Remove a file that is there."""
        Path(self.name, name).unlink(missing_ok=True)


class ObjectStorage:
    """A folder in whatever fsspec knows, such as S3; what is needed of it is copied.

    Args:
        name: its URL.
    """

    def __init__(self, name: str) -> None:
        self.name = name.rstrip("/")

    @contextmanager
    def working_copy(self, date: str, kit: Path) -> Iterator[Path]:
        """A folder with the files of one issue."""
        with TemporaryDirectory(dir=kit, prefix=date, ignore_cleanup_errors=True) as name:
            folder = Path(name)
            shutil.copy(kit / layout.NEWSLETTER, folder)
            before = self._copy([layout.draft(date), *(made(date) for made in MADE)], folder)
            yield folder
            for made in MADE:
                self._put_back(made(date), folder, before.get(made(date)))

    @contextmanager
    def mirror(self) -> Iterator[Path]:
        """A folder with all files that tell which issues are up to date.

        Raises:
            UsageError: there is no newsletter.yaml, or nothing that can be reached.
        """
        with TemporaryDirectory(prefix="embedai-") as name:
            folder = Path(name)
            with self._telling():
                self._fs.invalidate_cache()
                if not self._copy([layout.NEWSLETTER], folder):
                    remedy = "name the issues folder with --issues"
                    raise UsageError("no newsletter.yaml there", path=self.name, remedy=remedy)
                names = [name for place in (*FOLDERS, layout.TOOLS) for name in self._names(place)]
                for start in range(0, len(names), BATCH):
                    self._copy(names[start : start + BATCH], folder)
            yield folder

    def get(self, name: str, path: Path) -> None:
        """Copy a file from there."""
        with self._telling():
            self._fs.get_file(self._at(name), str(path))

    def put(self, path: Path, name: str) -> None:
        """Copy a file there."""
        with self._telling():
            try:
                self._fs.put_file(str(path), self._at(name))
            except FileNotFoundError:  # there are folders, as object storage has none
                self._fs.makedirs(self._at(name).rpartition("/")[0], exist_ok=True)
                self._fs.put_file(str(path), self._at(name))

    def remove(self, name: str) -> None:
        """Remove a file that is there."""
        with self._telling():
            self._fs.rm_file(self._at(name))

    def _put_back(self, name: str, folder: Path, before: bytes | None) -> None:
        path = folder / name
        if path.exists() and path.read_bytes() != before:
            self.put(path, name)
        elif before is not None and not path.exists():
            self.remove(name)

    def _names(self, folder: str) -> list[str]:
        """The files of a folder that belong to issues or tools: their names begin with a date or digest."""
        try:
            paths = self._fs.ls(self._at(folder), detail=False)
        except FileNotFoundError:
            return []
        names = sorted(path.rstrip("/").rpartition("/")[2] for path in paths)
        return [f"{folder}/{name}" for name in names if name.endswith((".yaml", ".md", ".html", ".ipynb", ".json"))]

    def _copy(self, names: Iterable[str], folder: Path) -> dict[str, bytes]:
        """Copy what there is of these."""
        with self._telling():
            wanted = {self._at(name): name for name in names}
            found = self._fs.cat(list(wanted), on_error="return")
            files = {}
            for at, content in found.items():
                if isinstance(content, FileNotFoundError):
                    continue
                if isinstance(content, Exception):
                    raise content
                files[wanted[at]] = content
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return files

    def _at(self, name: str) -> str:
        return f"{self._found[1]}/{name}"

    @property
    def _fs(self) -> Any:
        return self._found[0]

    @cached_property
    def _found(self) -> tuple[Any, str]:
        """The file system, as fsspec has it, and the path in it."""
        try:
            fsspec: Any = import_module("fsspec.core")  # has no types
            fs, path = fsspec.url_to_fs(self.name)
        except (ImportError, ValueError) as error:
            raise UsageError(str(error), path=self.name) from error
        return fs, path.rstrip("/")

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Have errors say which place they are about; each kind of storage has its own."""
        try:
            yield
        except (EmbedAIError, FileNotFoundError):
            raise
        except Exception as error:
            raise PublishError(f"{type(error).__name__}: {error}", path=self.name) from error
