"""Another date for an issue: all that belongs to it follows, and nobody's save is lost."""

from __future__ import annotations

import datetime
import itertools
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from embedai_nb.drafts import DraftStore
from embedai_nb.errors import ConflictError, DraftError, LockedError, UsageError
from embedai_nb.publish import reschedule as module
from embedai_nb.publish.reschedule import reschedule
from embedai_nb.workspace import layout, locks
from embedai_nb.workspace.locks import draft_lock, publication_lock, site_lock
from embedai_nb.workspace.revisions import Revision, Revisions, load_revisions, save_revisions
from embedai_nb.workspace.transaction import recover

from .publishing import DAY, issues
from .test_commit import survives
from .test_locks import PATIENCE

NEW = datetime.date(2026, 11, 29)
BELONGING = (layout.review, layout.markdown, layout.page, layout.wechat)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A published issue."""
    folder = issues(tmp_path / "issues")
    for place in BELONGING:
        (folder / place(str(DAY))).parent.mkdir(exist_ok=True)
        (folder / place(str(DAY))).write_text(place(str(DAY)), "utf-8")
    return folder


def save(folder: Path, lead: str, date: datetime.date = DAY) -> None:
    """What a colleague's form does."""
    store = DraftStore(folder)
    draft = store.load(date)
    store.save(draft, draft.issue.model_copy(update={"lead": lead}))


def test_all_that_belongs_to_it_follows(folder: Path) -> None:
    moved = reschedule(folder, DAY, NEW)
    assert DraftStore(folder).load(NEW) == moved
    assert moved.issue.date == NEW
    for place in BELONGING:
        assert (folder / place(str(NEW))).read_text("utf-8") == place(str(DAY))
    assert not [path for path in folder.rglob(f"*{DAY}*") if ".cache" not in path.parts]


def test_an_unusual_title_says_the_new_date_too(folder: Path) -> None:
    store = DraftStore(folder)
    draft = store.load(DAY)
    store.save(draft, draft.issue.model_copy(update={"heading": f"# 特刊 {DAY}："}))
    assert reschedule(folder, DAY, NEW).issue.heading == f"# 特刊 {NEW}："


REVISION = Revision("abc", datetime.datetime(2026, 11, 15, tzinfo=datetime.UTC), "urn:uuid:1")
OTHER = {datetime.date(2026, 11, 1): REVISION._replace(id="urn:uuid:2")}


class TestFeedIds:
    """Feed readers know an issue by its id: under another date it must not come to them as a new one."""

    def test_the_id_follows(self, folder: Path) -> None:
        save_revisions(folder, Revisions("urn:uuid:0", {DAY: REVISION, **OTHER}))
        reschedule(folder, DAY, NEW)
        assert load_revisions(folder) == Revisions("urn:uuid:0", {NEW: REVISION, **OTHER})

    def test_an_issue_that_was_never_on_the_site_has_none(self, folder: Path) -> None:
        reschedule(folder, DAY, NEW)
        assert not (folder / layout.REVISIONS).exists()

    def test_a_damaged_file_of_ids_keeps_the_issue_where_it_is(self, folder: Path) -> None:
        (folder / layout.REVISIONS).write_text("{")
        with pytest.raises(DraftError, match="damaged"):
            reschedule(folder, DAY, NEW)
        assert DraftStore(folder).dates() == (DAY,)

    def test_an_issue_waits_for_a_site_that_is_being_built(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with site_lock(folder, timeout=0):
            monkeypatch.setattr(locks, "lock_file", impatient(locks.lock_file))
            with pytest.raises(LockedError, match="the site is being built"):
                reschedule(folder, DAY, NEW)
        assert DraftStore(folder).dates() == (DAY,)


class TestSavesMeanwhile:
    """A save of a colleague is acknowledged: it is in the draft that is moved, or it is refused."""

    def test_one_that_comes_before_the_locks_is_moved_along(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lock = locks.lock_file

        @contextmanager
        def late(*arguments: object, **options: object) -> Iterator[None]:
            if str(arguments[0]).endswith(f"{DAY}.lock"):
                save(folder, "同事的")
            with lock(*arguments, **options):
                yield

        monkeypatch.setattr(locks, "lock_file", late)
        assert reschedule(folder, DAY, NEW).issue.lead == "同事的"
        assert DraftStore(folder).load(NEW).issue.lead == "同事的"

    def test_one_that_comes_after_the_draft_was_read_is_refused(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refused, commit = list[Exception](), module.commit

        def saving() -> None:
            try:
                save(folder, "同事的")
            except (ConflictError, LockedError) as error:
                refused.append(error)

        def after_a_save(*arguments: object) -> None:
            monkeypatch.setattr(locks, "lock_file", impatient(locks.lock_file))
            colleague = threading.Thread(target=saving)
            colleague.start()
            colleague.join(PATIENCE)
            commit(*arguments)

        monkeypatch.setattr(module, "commit", after_a_save)
        reschedule(folder, DAY, NEW)
        assert refused
        assert DraftStore(folder).dates() == (NEW,)

    def test_one_that_comes_after_a_reschedule_died_is_refused(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Once the move is decided, whoever comes next completes it: before a save, or else that would be undone."""
        draft = DraftStore(folder).load(DAY)
        for step in itertools.count():
            assert not survives(monkeypatch, step, lambda: reschedule(folder, DAY, NEW))
            if list(folder.glob(".cache/journal/*.json")):
                break
        assert DraftStore(folder).load(DAY) == draft, "nothing has moved yet"
        with pytest.raises(ConflictError):
            DraftStore(folder).save(draft, draft.issue.model_copy(update={"lead": "同事的"}))
        assert DraftStore(folder).dates() == (NEW,)


def impatient(lock: object) -> object:
    def at_once(path: Path, activity: str, *, timeout: float = 0) -> AbstractContextManager[None]:
        return lock(path, activity)

    return at_once


@pytest.mark.parametrize("date", [DAY, NEW])
def test_an_issue_that_is_being_published_stays_where_it_is(folder: Path, date: datetime.date) -> None:
    with publication_lock(folder, str(date)), pytest.raises(LockedError, match=f"issue {date} is being published"):
        reschedule(folder, DAY, NEW)
    assert DraftStore(folder).dates() == (DAY,)


@pytest.mark.parametrize("date", [DAY, NEW])
def test_a_draft_that_is_being_written_stays_where_it_is(
    folder: Path, date: datetime.date, monkeypatch: pytest.MonkeyPatch
) -> None:
    with draft_lock(folder, str(date)):
        monkeypatch.setattr(locks, "lock_file", impatient(locks.lock_file))
        with pytest.raises(LockedError, match=f"the draft of {date} is being written"):
            reschedule(folder, DAY, NEW)
    assert DraftStore(folder).dates() == (DAY,)


@pytest.mark.parametrize("dates", [(DAY, NEW), (NEW, DAY)])
def test_the_locks_are_taken_in_one_order_so_that_two_never_wait_for_each_other(
    folder: Path, dates: tuple[datetime.date, datetime.date], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, lock = list[str](), locks.lock_file

    def seen(path: Path, activity: str, *, timeout: float = 0) -> AbstractContextManager[None]:
        taken.append(path.name)
        return lock(path, activity, timeout=timeout)

    if dates[0] == NEW:
        reschedule(folder, DAY, NEW)
    monkeypatch.setattr(locks, "lock_file", seen)
    reschedule(folder, *dates)
    assert taken == ["site.lock", f"{DAY}.lock", f"{NEW}.lock", f"{DAY}.draft", f"{NEW}.draft"]


def test_to_its_own_date_nothing_moves(folder: Path) -> None:
    with pytest.raises(UsageError, match=f"there is an issue of {DAY} already"):
        reschedule(folder, DAY, DAY)


def test_a_crash_at_any_step_leaves_the_issue_under_one_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set[tuple[datetime.date, ...]]()
    for step in itertools.count():
        folder = issues(tmp_path / str(step))
        (folder / layout.ARCHIVE).mkdir()
        save_revisions(folder, Revisions("", {DAY: REVISION}))
        done = survives(monkeypatch, step, lambda folder=folder: reschedule(folder, DAY, NEW))
        recover(folder)
        seen.add(DraftStore(folder).dates())
        assert tuple(load_revisions(folder).issues) == DraftStore(folder).dates()
        if done:
            break
    assert seen == {(DAY,), (NEW,)}
