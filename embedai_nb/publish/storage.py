"""The issues folder of a cluster: a path that all machines share, or the URL of object storage that fsspec knows.

Object storage has no locks, and several files cannot be replaced at once.  So the files of an issue are uploaded in such
an order that an interrupted upload is seen to be out of date, and that the next run makes of it what this one would have.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from embedai_nb.errors import EmbedAIError, PublishError, UsageError
from embedai_nb.i18n import _
from embedai_nb.publish.freshness import FOLDERS
from embedai_nb.workspace import layout

__all__ = ["Storage", "is_url"]

UPLOADED = (layout.review, layout.page, layout.wechat, layout.markdown, layout.failed, layout.stamp)
"""In this order: the notebook records what it was compared with, so it comes before the Markdown that the next run is
compared with; and an issue is up to date by its stamp, so that comes last."""
SUFFIXES = (".yaml", ".md", ".html", ".ipynb", ".json")
BATCH = 200
"""Files that are in memory at once, at most."""


def is_url(name: object) -> bool:
    """Whether it is the URL of object storage rather than a path."""
    return "://" in str(name)


class Storage:
    """An issues folder that several machines work in.

    Args:
        name: its path, the same on all machines, or its URL.
    """

    def __init__(self, name: str) -> None:
        self.name = name.rstrip("/")

    @contextmanager
    def working_copy(self, date: str, bundle: Path) -> Iterator[Path]:
        """A folder to publish an issue in: the shared folder, or a copy that is uploaded when the block is left.

        Args:
            date: the issue.
            bundle: a folder on this machine, with the newsletter.yaml of the build.
        """
        if not is_url(self.name):
            yield Path(self.name)
            return
        with TemporaryDirectory(dir=bundle, prefix=date, ignore_cleanup_errors=True) as name:
            folder, uploaded = Path(name), [made(date) for made in UPLOADED]
            shutil.copy(bundle / layout.NEWSLETTER, folder)
            before = self.download([layout.draft(date), *uploaded], folder)
            yield folder
            for made in uploaded:
                content = path.read_bytes() if (path := folder / made).exists() else None
                if content is not None and content != before.get(made):
                    self.write(made, content)
                elif content is None and made in before:
                    self.remove(made)

    @contextmanager
    def mirror(self) -> Iterator[Path]:
        """A copy of all files that tell which issues are up to date.

        Raises:
            UsageError: there is no newsletter.yaml, or nothing that can be reached.
        """
        with TemporaryDirectory(prefix="embedai-") as temporary:
            folder = Path(temporary)
            with self._error_context():
                self._fs.invalidate_cache()
                names = [name for place in (*FOLDERS, layout.TOOLS) for name in self._listed(place)]
            if not self.download([layout.NEWSLETTER], folder):
                remedy = _("name the issues folder with --issues")
                raise UsageError(_("no newsletter.yaml there"), path=self.name, remedy=remedy)
            for start in range(0, len(names), BATCH):
                self.download(names[start : start + BATCH], folder)
            yield folder

    def download(self, names: Iterable[str], folder: Path) -> dict[str, bytes]:
        """Copy those of the files that exist, and give their content."""
        wanted, files = {self._path(name): name for name in names}, {}
        with self._error_context():
            for path, content in self._fs.cat(list(wanted), on_error="return").items():
                if isinstance(content, bytes):
                    files[wanted[path]] = content
                elif not isinstance(content, FileNotFoundError | NotADirectoryError):
                    raise content
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return files

    def write(self, name: str, content: bytes) -> None:
        """Upload a file."""
        with self._error_context():
            try:
                self._fs.pipe_file(self._path(name), content)
            except FileNotFoundError:  # it has folders, unlike object storage
                self._fs.makedirs(self._path(name).rpartition("/")[0], exist_ok=True)
                self._fs.pipe_file(self._path(name), content)

    def remove(self, name: str) -> None:
        """Remove a file."""
        with self._error_context():
            self._fs.rm_file(self._path(name))

    def _listed(self, folder: str) -> list[str]:
        try:
            paths = self._fs.ls(self._path(folder), detail=False)
        except FileNotFoundError:
            return []
        names = (path.rstrip("/").rpartition("/")[2] for path in paths)
        return [f"{folder}/{name}" for name in sorted(names) if name.endswith(SUFFIXES)]

    def _path(self, name: str) -> str:
        return f"{self._resolved[1]}/{name}"

    @property
    def _fs(self) -> Any:
        return self._resolved[0]

    @property
    def _resolved(self) -> tuple[Any, str]:
        """The file system, which fsspec caches, and the path in it."""
        try:
            core: Any = import_module("fsspec.core")  # has no types
            fs, path = core.url_to_fs(self.name if is_url(self.name) else Path(self.name).as_uri())
        except (ImportError, ValueError) as error:
            raise UsageError(str(error), path=self.name) from error
        return fs, path.rstrip("/")

    @contextmanager
    def _error_context(self) -> Iterator[None]:
        """Name the storage in errors: each kind of file system raises its own."""
        try:
            yield
        except (EmbedAIError, FileNotFoundError):
            raise
        except Exception as error:
            raise PublishError(f"{type(error).__name__}: {error}", path=self.name) from error
