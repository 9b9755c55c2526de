"""Locks: nobody waits for ever, whoever holds one is named, and a dead holder holds nothing."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from embedai_nb.drafts import DraftStore, template
from embedai_nb.editor.session import Session, Unsaved
from embedai_nb.editor.state import HEAD
from embedai_nb.errors import ConflictError, LockedError
from embedai_nb.model import Newsletter
from embedai_nb.workspace import locks
from embedai_nb.workspace.locks import draft_lock, lock_file, publication_lock

from .conftest import PROJECT
from .publishing import DAY, issues

PATIENCE = 120.0
"""Seconds that anything may take on a busy machine."""

HOLDS = """
import sys
from pathlib import Path
from embedai_nb.workspace import locks

with getattr(locks, sys.argv[1])(Path(sys.argv[2]), sys.argv[3]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held(lock: str, folder: Path, date: object = DAY) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds a lock until it is killed, or the block ends."""
    command = [sys.executable, "-c", HOLDS, lock, str(folder), str(date)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=PROJECT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


class TestLock:
    def test_the_second_is_told_who_holds_it_and_since_when(self, tmp_path: Path) -> None:
        said = rf"issue {DAY} is being published by process {os.getpid()} since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d; wait"
        with publication_lock(tmp_path, str(DAY)), pytest.raises(LockedError, match=said):
            publication_lock(tmp_path, str(DAY)).__enter__()

    def test_another_process_is_named(self, tmp_path: Path) -> None:
        with held("draft_lock", tmp_path) as process:
            said = f"the draft of {DAY} is being written by process {process.pid} since "
            with pytest.raises(LockedError, match=said), draft_lock(tmp_path, str(DAY), timeout=0):
                pass

    def test_the_lock_of_a_process_that_was_killed_is_taken_over(self, tmp_path: Path) -> None:
        with held("publication_lock", tmp_path) as process:
            process.kill()
            process.wait()
            with publication_lock(tmp_path, str(DAY)):
                pass

    def test_a_lock_is_free_after_its_block_whatever_happens_in_it(self, tmp_path: Path) -> None:
        for _ in range(2):
            with pytest.raises(ZeroDivisionError), publication_lock(tmp_path, str(DAY)):
                _ = 1 // 0

    def test_what_the_last_holder_wrote_is_not_said_of_the_next(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with publication_lock(tmp_path, str(DAY)):
            pass
        monkeypatch.setattr(Path, "write_text", lambda *_: 0)
        with publication_lock(tmp_path, str(DAY)), pytest.raises(LockedError, match="by another process; wait"):
            publication_lock(tmp_path, str(DAY)).__enter__()

    def test_a_full_disk_hinders_no_lock(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "write_text", full)
        with publication_lock(tmp_path, str(DAY)):
            pass

    def test_other_issues_and_other_locks_of_the_same_are_free(self, tmp_path: Path) -> None:
        others = publication_lock(tmp_path, "2026-11-29"), lock_file(tmp_path / "x", "something is done")
        with publication_lock(tmp_path, str(DAY)), draft_lock(tmp_path, str(DAY)), others[0], others[1]:
            pass

    def test_whoever_waits_gets_it_when_the_holder_is_done(self, tmp_path: Path) -> None:
        taken, done, order = threading.Event(), threading.Event(), []

        def hold() -> None:
            with draft_lock(tmp_path, str(DAY)):
                taken.set()
                done.wait(PATIENCE)
                order.append("first")

        thread = threading.Thread(target=hold)
        thread.start()
        assert taken.wait(PATIENCE)
        done.set()
        with draft_lock(tmp_path, str(DAY), timeout=PATIENCE):
            order.append("second")
        thread.join()
        assert order == ["first", "second"]


# --- a save ---------------------------------------------------------------------------------------------------


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a lock that is held all the time."""
    lock = locks.lock_file
    monkeypatch.setattr(
        locks, "lock_file", lambda *arguments, timeout=0.0: lock(*arguments, timeout=min(timeout, 0.01))
    )


@pytest.mark.usefixtures("hasty")
class TestSave:
    def test_it_gives_up_and_says_who_holds_the_draft(self, tmp_path: Path) -> None:
        folder = issues(tmp_path / "issues")
        store = DraftStore(folder)
        draft = store.load(DAY)
        with held("draft_lock", folder) as process:
            with pytest.raises(LockedError, match=f"the draft of {DAY} is being written by process {process.pid} "):
                store.save(draft, draft.issue.model_copy(update={"lead": "新"}))
            assert store.load(DAY) == draft
        store.save(draft, draft.issue.model_copy(update={"lead": "新"}))

    def test_a_new_draft_and_one_that_is_replaced_give_up_too(self, tmp_path: Path, newsletter: Newsletter) -> None:
        store = DraftStore(issues(tmp_path / "issues"))
        day, content = datetime.date(2026, 11, 29), store.load(DAY).bytes
        with held("draft_lock", store.folder, day), pytest.raises(LockedError):
            store.create(day, template(day, newsletter))
        with held("draft_lock", store.folder), pytest.raises(LockedError):
            store.replace(DAY, content, instead_of=content)
        assert store.dates() == (DAY,)

    def test_a_draft_is_replaced_only_where_it_is_what_it_was(self, tmp_path: Path) -> None:
        store = DraftStore(issues(tmp_path / "issues"))
        content = store.load(DAY).bytes
        with pytest.raises(ConflictError):
            store.replace(DAY, content + b"# mine\n", instead_of=content + b"# theirs\n")
        assert store.replace(DAY, content + b"# mine\n", instead_of=content) == store.load(DAY)

    def test_in_the_form_the_text_stays_unsaved_and_is_saved_when_the_lock_is_free(self, tmp_path: Path) -> None:
        session = Session(issues(tmp_path / "issues"), DAY)
        with held("draft_lock", session.folder) as process:
            session.do("write", key=HEAD, field=["lead"], text="键入的", base=session.state.issue.lead or "")
            assert isinstance(session.trouble, Unsaved)
            assert f"process {process.pid} since" in str(session.trouble.error)
            assert not session.trouble.replaceable, "the draft is all right: nothing may take its place"
            assert session.unsaved
            session.sync()
            assert session.unsaved
        session.sync()
        assert not session.unsaved
        assert session.store.load(DAY).issue.lead == "键入的"

    def test_a_retry_does_not_wait_for_the_lock(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        session, waits = Session(issues(tmp_path / "issues"), DAY), list[float]()
        lock = locks.lock_file

        def seen(path: Path, activity: str, *, timeout: float = 0) -> object:
            waits.append(timeout)
            return lock(path, activity)

        monkeypatch.setattr(locks, "lock_file", seen)
        with held("draft_lock", session.folder):
            session.do("write", key=HEAD, field=["lead"], text="键入的", base=session.state.issue.lead or "")
            session.sync()
        assert waits == [locks.DRAFT_TIMEOUT, 0]
