"""Unite an issue that is there under two dates: nothing of either is lost."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from embedai_nb.drafts import Draft, DraftStore, with_issue
from embedai_nb.drafts.backups import Backups
from embedai_nb.drafts.draft_merge import DraftMerge
from embedai_nb.drafts.merge_driver import read_version
from embedai_nb.errors import ConflictMarkersError, DraftError, UsageError
from embedai_nb.i18n import _
from embedai_nb.model import Issue
from embedai_nb.publish.reschedule import FOLLOWING, dated, locked
from embedai_nb.text.conflict_markers import one_version
from embedai_nb.text.urls import canonical
from embedai_nb.workspace import git, layout
from embedai_nb.workspace.revisions import load_revisions, written
from embedai_nb.workspace.transaction import commit

__all__ = ["United", "same_items", "unite"]


class United(NamedTuple):
    """The draft that is left, and how much is to be chosen in it, between conflict markers."""

    path: Path
    conflicts: int


def unite(folder: Path, dropped: datetime.date, kept: datetime.date) -> United:
    """Unite the issues of two dates under one of them.

    What was published stays under the date that is kept, if it was published there, else it moves along.  Both drafts
    are backed up.  The version that both come from is looked for in Git, so that what only one changed needs no choice.

    Raises:
        UsageError: there is no issue of one of the dates, or they are different issues.
        DraftError: a draft cannot be read, or the file of revisions.
        LockedError: as `embedai_nb.publish.reschedule.reschedule` does.
    """
    if dropped == kept:
        raise UsageError(
            _("the same date twice"), field=str(kept), remedy=_("name the date to drop, then the one to keep")
        )
    with locked(folder, dropped, kept):
        content, conflicts = _united(folder, dropped, kept)
        files, moved = {layout.draft(str(kept)): content}, not (folder / layout.markdown(str(kept))).exists()
        for place in FOLLOWING:
            source, target = folder / place(str(dropped)), place(str(kept))
            if source.exists() and not (folder / target).exists():
                files[target] = source.read_bytes()
        revisions = load_revisions(folder)
        if moved and dropped in revisions.issues:
            files[layout.REVISIONS] = written(revisions.rescheduled(dropped, kept))
        gone = tuple(place(str(dropped)) for place in (layout.draft, *FOLLOWING, layout.failed))
        commit(folder, str(kept), files, gone)
    return United(folder / layout.draft(str(kept)), conflicts)


def _united(folder: Path, dropped: datetime.date, kept: datetime.date) -> tuple[bytes, int]:
    """The draft to be written, and how many conflicts it has."""
    store = DraftStore(folder)
    first, second = (_version(store, date) for date in (kept, dropped))
    published = [(folder / layout.markdown(str(date))).exists() for date in (kept, dropped)]
    for date, draft, there in ((kept, first, published[0]), (dropped, second, published[1])):
        if draft is None and not there:
            raise UsageError(
                _("no issue of this date"), path=store.path(date), remedy=_("see which there are: embedai check")
            )
    if first is None or second is None:
        if (draft := first or second) is None:
            raise UsageError(_("no draft of either date"), path=store.path(kept), remedy=_("take one back from git"))
        return with_issue(draft, dated(draft.issue, kept), store.path(kept)).bytes, 0
    if not same_items(first.issue, second.issue):
        problem = _("{kept} and {dropped} are different issues", kept=kept, dropped=dropped)
        raise UsageError(problem, path=store.path(kept), remedy=_("move one of them to a date of its own"))
    for draft, whose in ((first, "kept"), (second, "dropped")):
        Backups(folder, lambda: datetime.datetime.now().astimezone()).keep(draft.date, whose, draft.bytes)
    base = _base(store, first)
    merge = DraftMerge(base and _under(base, kept, store), _under(first, kept, store), _under(second, kept, store))
    marked = merge.marked((str(kept), str(dropped)))
    return marked.text.encode(), marked.conflicts


def _under(draft: Draft, date: datetime.date, store: DraftStore) -> Draft:
    """A version as if it had always been of this date."""
    return replace(with_issue(draft, dated(draft.issue, date), store.path(date)), path=store.path(date))


def _version(store: DraftStore, date: datetime.date) -> Draft | None:
    """The draft of a date; of one that Git could not merge, the version that was moved to this date."""
    path = store.path(date)
    try:
        return store.load(date)
    except UsageError:
        return None
    except ConflictMarkersError:
        found = list(_sides(path))
        return next((draft for draft in found if draft.date == date), None) or _first(found, path)


def _sides(path: Path) -> Iterator[Draft]:
    stages = git.stages(path)
    text = path.read_text("utf-8")
    contents = [stages.ours, stages.theirs] if stages else []
    contents += [(one_version(text, "ours") or "").encode(), (one_version(text, "theirs") or "").encode()]
    for content in filter(None, contents):
        with suppress(DraftError):
            yield read_version(content, path)


def _first(found: list[Draft], path: Path) -> Draft:
    if not found:
        raise DraftError(
            _("neither version is a draft"), path=path, remedy=_("mend it by hand, or take it back from git")
        )
    return found[0]


def _base(store: DraftStore, draft: Draft) -> Draft | None:
    """The version from which both come: of the drafts where the branches part, the one with these items."""
    for content in git.common_versions(store.folder / layout.DRAFTS):
        with suppress(DraftError):
            found = read_version(content, draft.path)
            if same_items(found.issue, draft.issue):
                return found
    return None


def same_items(first: Issue, second: Issue) -> bool:
    """Whether two drafts are of one issue: at least half of the items of the shorter one are in both."""
    items = [{canonical(item.url) if item.url else item.title for item in issue.entries} for issue in (first, second)]
    return 2 * len(items[0] & items[1]) >= min(map(len, items))
