"""Several files are replaced all or none, wherever the process dies."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from embedai_nb.workspace.locks import publication_lock
from embedai_nb.workspace.transaction import commit, recover, repair, staging

DAY = "2026-11-15"
OLD = {"archive/a.md": b"old text", "archive/a.html": b"old page", "review/a.failed.ipynb": b"old failure"}
NEW = {"archive/a.md": b"new text", "archive/a.html": b"new page", "review/a.ipynb": b"new notebook"}
STEPS = [(os, "fsync"), (Path, "open"), (Path, "mkdir"), (Path, "replace"), (Path, "unlink"), (shutil, "rmtree")]


class Crash(BaseException):
    """The process is no more: whatever it still wants to do fails."""


@contextmanager
def crashing(monkeypatch: pytest.MonkeyPatch, step: int) -> Iterator[None]:
    """Die before the step of this number, counted over everything that changes the disk."""
    numbers = itertools.count()

    def dying(do: Callable[..., Any]) -> Callable[..., Any]:
        def instead(*args: Any, **options: Any) -> Any:
            if next(numbers) >= step:
                raise Crash
            return do(*args, **options)

        return instead

    with monkeypatch.context() as patch:
        for owner, name in STEPS:
            patch.setattr(owner, name, dying(getattr(owner, name)))
        yield


def survives(monkeypatch: pytest.MonkeyPatch, step: int, act: Callable[[], None]) -> bool:
    try:
        with crashing(monkeypatch, step):
            act()
    except Crash:
        return False
    return True


def old(folder: Path) -> Path:
    for name, content in OLD.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def renew(folder: Path) -> None:
    commit(folder, DAY, NEW, remove=("review/a.failed.ipynb",))


def content(folder: Path) -> dict[str, bytes]:
    """Every file, the unfinished ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_all_files_are_replaced_and_removed(tmp_path: Path) -> None:
    renew(old(tmp_path))
    assert content(tmp_path) == NEW


def test_a_crash_at_any_step_leaves_the_old_or_the_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    for step in itertools.count():
        folder = old(tmp_path / str(step))
        if survives(monkeypatch, step, lambda folder=folder: renew(folder)):
            break
        repair(folder, DAY)
        left = {name: text for name, text in content(folder).items() if not name.endswith(".partial")}
        assert left in (OLD, NEW), f"step {step}"
        seen.append(left == NEW)
    assert seen == sorted(seen), "once the new publication is decided it stays"
    assert min(seen.count(False), seen.count(True)) > 4


def test_a_crash_while_repairing_is_repaired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decided = decided_at(tmp_path, monkeypatch)
    for step in itertools.count():
        folder = old(tmp_path / f"again-{step}")
        assert not survives(monkeypatch, decided, lambda folder=folder: renew(folder))
        done = survives(monkeypatch, step, lambda folder=folder: repair(folder, DAY))
        repair(folder, DAY)
        assert content(folder) == NEW, f"step {step}"
        if done:
            break
    assert step > 5


def decided_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """The first step after which the new publication exists."""
    for step in itertools.count():
        folder = old(tmp_path / f"decided-{step}")
        survives(monkeypatch, step, lambda folder=folder: renew(folder))
        if list(folder.glob(".cache/journal/*.json")):
            return step
    raise AssertionError


def test_content_is_on_disk_before_it_is_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Power may fail at any moment: a file is synced before it gets its name, a folder after it got one."""
    events, fsync, replace = list[tuple[str, int]](), os.fsync, Path.replace

    def syncing(descriptor: int) -> None:
        events.append(("synced", os.fstat(descriptor).st_ino))
        fsync(descriptor)

    def renaming(source: Path, target: Path) -> Path:
        events.append(("renamed", source.stat().st_ino))
        return replace(source, target)

    folder = old(tmp_path)
    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(Path, "replace", renaming)
    renew(folder)
    for name in NEW:
        file, parent = (path.stat().st_ino for path in (folder / name, (folder / name).parent))
        renamed = events.index(("renamed", file))
        assert ("synced", file) in events[:renamed], name
        assert ("synced", parent) in events[renamed:], name
    journal = next(number for kind, number in events if kind == "renamed")
    assert events.index(("synced", journal)) < events.index(("renamed", journal))
    decided = events.index(("renamed", journal))
    assert all(("synced", (folder / name).stat().st_ino) in events[:decided] for name in NEW)


@pytest.mark.parametrize("damage", [b"", b"new te", b"something else"])
def test_a_staged_file_that_is_damaged_is_not_published(
    damage: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = decided_at(tmp_path / "count", monkeypatch)
    folder = old(tmp_path / "folder")
    survives(monkeypatch, step, lambda: renew(folder))
    staged = next(path for path in staging(folder, DAY).iterdir() if path.read_bytes() == NEW["archive/a.md"])
    staged.write_bytes(damage)
    repair(folder, DAY)
    assert content(folder) == NEW | {"archive/a.md": OLD["archive/a.md"]}


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    folder = old(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            renew(folder)
    assert content(folder) == OLD
    assert not staging(folder, DAY).exists()


def test_recover_finishes_what_others_left_but_not_what_they_are_doing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = decided_at(tmp_path / "count", monkeypatch)
    folder = old(tmp_path / "folder")
    survives(monkeypatch, step, lambda: renew(folder))
    with publication_lock(folder, DAY):
        recover(folder)
        assert (folder / "archive/a.md").read_bytes() == b"old text"
    recover(folder)
    assert (folder / "archive/a.md").read_bytes() == b"new text"


def test_a_staged_file_that_was_damaged_does_not_take_the_place_of_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = decided_at(tmp_path / "count", monkeypatch)
    folder = old(tmp_path / "folder")
    survives(monkeypatch, step, lambda: renew(folder))
    (staging(folder, DAY) / "archive+a.md").write_bytes(b"new te\0\0")
    repair(folder, DAY)
    assert (folder / "archive/a.md").read_bytes() == b"old text"


# --- interruptions --------------------------------------------------------------------------------------------


def interrupting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Ctrl-C pressed in the middle of the renames."""
    rename = Path.replace

    def pressed(path: Path, target: Path) -> Path:
        signal.raise_signal(signal.SIGINT)
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", pressed)


def test_ctrl_c_waits_for_the_renames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = old(tmp_path)
    interrupting(monkeypatch)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            renew(folder)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert content(folder) == NEW


def test_in_another_thread_signals_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", None)
    thread = threading.Thread(target=renew, args=(old(tmp_path),))
    thread.start()
    thread.join()
    assert content(tmp_path) == NEW
