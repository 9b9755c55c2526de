"""Move an issue to another date, with everything that belongs to it, or nothing."""

from __future__ import annotations

import contextlib
import datetime
from pathlib import Path

from embedai_nb.drafts import Draft, DraftStore, with_issue
from embedai_nb.errors import UsageError
from embedai_nb.model import Issue
from embedai_nb.workspace import layout
from embedai_nb.workspace.locks import locked
from embedai_nb.workspace.transaction import commit

FOLLOWING = (layout.review, layout.markdown, layout.page, layout.wechat)
"""Outputs that are moved with the draft; they say the old date until the issue is published again."""


def reschedule(folder: Path, old: datetime.date, new: datetime.date) -> Draft:
    """Move the issue of one date to another.

    Returns:
        the draft at its new place.

    Raises:
        UsageError: no draft of the old date, or something of the new date is there already.
        DraftError: the draft cannot be read.
        LockedError: the issue is being published.
    """
    store = DraftStore(folder)
    draft = store.load(old)
    for name in (store.path(new), *(folder / place(str(new)) for place in FOLLOWING)):
        if name.exists():
            raise UsageError(f"there is an issue of {new} already", path=name, remedy="choose another date")
    moved = with_issue(draft, _of(draft.issue, new), store.path(new))
    files = {layout.draft(str(new)): moved.bytes}
    for place in FOLLOWING:
        with contextlib.suppress(FileNotFoundError):
            files[place(str(new))] = (folder / place(str(old))).read_bytes()
    gone = [place(str(old)) for place in (layout.draft, *FOLLOWING, layout.failed)]
    with locked(folder, str(old)), locked(folder, str(new)):
        commit(folder, str(new), files, tuple(gone))
    return moved


def _of(issue: Issue, date: datetime.date) -> Issue:
    """The issue under another date, which is replaced in an unusual title too."""
    heading = issue.heading and issue.heading.replace(str(issue.date), str(date))
    return issue.model_copy(update={"date": date, "heading": heading})
