"""Faults of the system: each system call of a save and of a publication fails once; the old or the new stands, whole.

The calls are intercepted where the package makes them: opening and writing files, fsync, rename, unlink, mkdir.
"""

from __future__ import annotations

import builtins
import datetime
import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from embedai_nb.drafts import DraftStore
from embedai_nb.errors import EmbedAIError
from embedai_nb.model import Issue
from embedai_nb.publish.issue import os_error_context
from embedai_nb.publish.reschedule import reschedule
from embedai_nb.workspace.atomic import write_atomically
from embedai_nb.workspace.locks import publication_lock
from embedai_nb.workspace.transaction import commit, recover

ERRORS = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EACCES)
DAY, NEXT = datetime.date(2031, 5, 4), datetime.date(2031, 5, 18)


class Faults:
    """Counts the system calls that change files below a folder, and lets one of them fail."""

    def __init__(self, folder: Path, failing: int | None, error: int) -> None:
        self.folder = str(folder)
        self.failing = failing
        self.error = error
        self.calls: list[str] = []

    def call(self, name: str, path: object) -> None:
        """Count a call; an OSError if it is the one to fail."""
        if isinstance(path, int):
            path = os.readlink(f"/proc/self/fd/{path}")
        if not os.fspath(path).startswith(self.folder) or "/locks/" in os.fspath(path):  # type: ignore[arg-type]
            return
        self.calls.append(name)
        if len(self.calls) - 1 == self.failing:
            raise OSError(self.error, os.strerror(self.error), *([] if name in ("write", "fsync") else [path]))

    @contextmanager
    def installed(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for name in ("fsync", "replace", "rename", "unlink", "mkdir", "rmdir"):
                patch.setattr(os, name, self._failing(name, getattr(os, name)))
            opening = self._opening(open)
            patch.setattr(builtins, "open", opening)
            patch.setattr(io, "open", opening)
            yield

    def _failing(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: object, *arguments: Any, **options: Any) -> Any:
            if options.get("dir_fd") is None:
                self.call(name, path)
            return real(path, *arguments, **options)

        return call

    def _opening(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
            if isinstance(path, int) or not set(mode) & set("wxa+"):
                return real(path, mode, *arguments, **options)
            self.call("open", path)
            file = real(path, mode, *arguments, **options)
            return _Writing(file, lambda: self.call("write", path))

        return call


class _Writing:
    """A file of which a write may fail, when half of it is written."""

    def __init__(self, file: Any, before: Callable[[], None]) -> None:
        self._file = file
        self._before = before

    def __enter__(self) -> _Writing:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: Any) -> int:
        try:
            self._before()
        except OSError:
            self._file.write(data[: len(data) // 2])
            self._file.flush()
            raise
        return int(self._file.write(data))


def each_fault(
    folder: Callable[[], Path], act: Callable[[Path], object]
) -> Iterator[tuple[Path, str, Exception | None]]:
    """Act in new folders, each time with another fault; yields the folder, the fault, and the error that was raised."""
    count = Faults(place := folder(), None, 0)
    with count.installed():
        act(place)
    assert count.calls, "nothing was intercepted"
    for number, name in enumerate(count.calls):
        for error in ERRORS:
            faults, raised = Faults(place := folder(), number, error), None
            with faults.installed():
                try:
                    act(place)
                except (OSError, EmbedAIError) as problem:
                    raised = problem
            yield place, f"{name} {number}: {errno.errorcode[error]}", raised


@pytest.fixture
def folders(tmp_path: Path) -> Callable[[], Path]:
    numbers = iter(range(10**6))

    def folder() -> Path:
        path = tmp_path / str(next(numbers))
        path.mkdir()
        (path / "newsletter.yaml").write_text("name: x\n", "utf-8")
        DraftStore(path).create(DAY, Issue(date=DAY, headline=("old",)))
        return path

    return folder


def leftovers(folder: Path) -> list[Path]:
    """Files that nobody asked for."""
    return [path for path in folder.rglob("*") if path.suffix in (".tmp", ".partial", ".new") or "staged/" in str(path)]


def test_a_file_is_the_old_or_the_new_and_the_error_names_it(folders: Callable[[], Path]) -> None:
    def act(folder: Path) -> None:
        write_atomically(folder / "newsletter.yaml", b"name: y\n")

    for folder, fault, raised in each_fault(folders, act):
        content = (folder / "newsletter.yaml").read_bytes()
        assert content == (b"name: x\n" if raised else b"name: y\n"), fault
        assert not raised or getattr(raised, "filename", None) == str(folder / "newsletter.yaml"), fault
        assert leftovers(folder) == [], fault


def test_a_save_keeps_the_old_draft_and_says_so_or_the_new_one_is_there(folders: Callable[[], Path]) -> None:
    def act(folder: Path) -> None:
        store = DraftStore(folder)
        store.save(store.load(DAY), Issue(date=DAY, headline=("new",)))

    for folder, fault, raised in each_fault(folders, act):
        store = DraftStore(folder)
        draft = store.load(DAY)
        assert draft.issue.headline == (("old",) if raised else ("new",)), fault
        if raised:
            assert isinstance(raised, EmbedAIError), fault
            assert str(raised).startswith(str(store.path(DAY))), fault
        assert store.save(draft, Issue(date=DAY, headline=("again",))).issue.headline == ("again",), fault
        assert leftovers(folder) == [], fault


OLD = {"archive/2031-05-04.md": b"old", "archive/2031-05-04.html": b"<old>"}
NEW = {"archive/2031-05-04.md": b"new text", "archive/2031-05-04.html": b"<new text>", "review/2031-05-04.ipynb": b"{}"}


def test_a_publication_is_the_old_or_the_new_whole(folders: Callable[[], Path]) -> None:
    def folder() -> Path:
        path = folders()
        commit(path, str(DAY), OLD)
        return path

    def act(folder: Path) -> None:
        with os_error_context(folder), publication_lock(folder, str(DAY)):
            commit(folder, str(DAY), NEW)

    for place, fault, raised in each_fault(folder, act):
        recover(place)
        there = {name: (place / name).read_bytes() for name in NEW if (place / name).exists()}
        assert there == (OLD if raised else NEW), fault
        assert not raised or (isinstance(raised, EmbedAIError) and raised.path), fault
        assert leftovers(place) == [], fault


def test_an_issue_has_moved_whole_or_not_at_all(folders: Callable[[], Path]) -> None:
    for folder, fault, raised in each_fault(folders, lambda folder: reschedule(folder, DAY, NEXT)):
        recover(folder)
        assert DraftStore(folder).dates() == ((DAY,) if raised else (NEXT,)), fault
        assert not raised or str(folder) in str(raised), fault
        assert leftovers(folder) == [], fault


def test_where_the_last_steps_fail_again_and_again_the_next_run_takes_them(
    folders: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folders()
    commit(folder, str(DAY), OLD)
    replace = Path.replace

    def failing(source: Path, target: Path) -> Path:
        if target.suffix == ".html":
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(source))
        return replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", failing)
        with pytest.raises(
            EmbedAIError, match=r"2031-05-04\.html: Input/output error; .* the next command completes them"
        ):
            commit(folder, str(DAY), NEW)
    recover(folder)
    assert {name: (folder / name).read_bytes() for name in NEW} == NEW
