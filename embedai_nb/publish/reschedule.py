"""Move an issue to another date: everything that belongs to it follows, or nothing does."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from embedai_nb.drafts import Draft, DraftStore, with_issue
from embedai_nb.drafts.store import write_schemas
from embedai_nb.errors import UsageError
from embedai_nb.i18n import _
from embedai_nb.model import Issue
from embedai_nb.workspace import layout
from embedai_nb.workspace.locks import DRAFT_TIMEOUT, draft_lock, publication_lock, site_lock
from embedai_nb.workspace.revisions import load_revisions, written
from embedai_nb.workspace.transaction import commit, recover, repair

FOLLOWING = (layout.review, layout.markdown, layout.page, layout.wechat)
"""The files that move along with the draft; they say the old date until the issue is published again."""


def reschedule(folder: Path, old: datetime.date, new: datetime.date) -> Draft:
    """Move the issue of one date to another.

    Returns:
        the draft at its new place.

    Raises:
        UsageError: no draft of the old date, or something of the new date is there already.
        DraftError: the draft cannot be read, or the file of revisions.
        LockedError: one of the two is being published, its draft has been locked for too long, or the site.
    """
    with locked(folder, old, new):
        moved = _moved(DraftStore(folder), old, new)
        files = {layout.draft(str(new)): moved.bytes}
        for place in FOLLOWING:
            with suppress(FileNotFoundError):
                files[place(str(new))] = (folder / place(str(old))).read_bytes()
        revisions = load_revisions(folder)
        if old in revisions.issues:
            files[layout.REVISIONS] = written(revisions.rescheduled(old, new))
        gone = [place(str(old)) for place in (layout.draft, *FOLLOWING, layout.failed)]
        write_schemas(folder)
        commit(folder, str(new), files, tuple(gone))
    return moved


@contextmanager
def locked(folder: Path, *dates: datetime.date) -> Iterator[None]:
    """Exclude runs and saves of these issues before anything is read, so that no save in between is lost."""
    recover(folder)
    days = sorted({str(date) for date in dates})
    with ExitStack() as locks:
        locks.enter_context(site_lock(folder, timeout=DRAFT_TIMEOUT))
        for lock in (publication_lock, draft_lock):
            for day in days:
                locks.enter_context(lock(folder, day))
        for day in days:
            repair(folder, day)
        yield


def _moved(store: DraftStore, old: datetime.date, new: datetime.date) -> Draft:
    """Load the draft and put it under its new date."""
    draft, folder = store.load(old), store.folder
    for path in (store.path(new), *(folder / place(str(new)) for place in FOLLOWING)):
        if path.exists():
            remedy = _(
                "choose another date, or if it is the same issue: embedai reschedule {old} {new} --merge",
                old=old,
                new=new,
            )
            raise UsageError(_("there is an issue of {date} already", date=new), path=path, remedy=remedy)
    return with_issue(draft, dated(draft.issue, new), store.path(new))


def dated(issue: Issue, date: datetime.date) -> Issue:
    """Give the issue another date, in an unusual title too."""
    heading = issue.heading and issue.heading.replace(str(issue.date), str(date))
    return issue.model_copy(update={"date": date, "heading": heading})
