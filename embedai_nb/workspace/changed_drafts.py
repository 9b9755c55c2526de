"""Find the drafts that changed since a commit, and what they were then."""

from __future__ import annotations

import datetime
from pathlib import Path

from embedai_nb.errors import UsageError
from embedai_nb.i18n import _
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace import layout
from embedai_nb.workspace.git import repository_root, run_git

__all__ = ["changed_drafts", "draft_at"]


def changed_drafts(folder: Path, base: str) -> tuple[datetime.date, ...]:
    """Find the drafts that are new or different since this branch left ``base``, committed or not.

    Args:
        folder: the issues folder.
        base: a branch, a tag or a commit.  What changed there meanwhile is none of this branch's changes.

    Returns:
        their dates, the oldest first; drafts that are gone are left out.

    Raises:
        UsageError: there is no repository, or no such commit in it.
    """
    since = _fork_point(folder, base)
    changed = run_git(folder, "diff", "--name-only", "--no-renames", "--diff-filter=d", "-z", "--relative", since, "--")
    new = run_git(folder, "ls-files", "--others", "--exclude-standard", "-z", "--", layout.DRAFTS)
    if changed is None or new is None:
        raise UsageError(_("cannot be compared with the working tree"), path=folder, field="--changed", item=base)
    names = {name.decode("utf-8", "surrogateescape") for name in (changed + new).split(b"\0")}
    return tuple(sorted(date for name in names if (date := _date(name))))


def draft_at(folder: Path, base: str, date: datetime.date) -> bytes | None:
    """The content of a draft where this branch left ``base``; ``None`` if it wasn't there.

    Raises:
        UsageError: as `changed_drafts` does.
    """
    return run_git(folder, "show", f"{_fork_point(folder, base)}:./{layout.draft(str(date))}")


def _fork_point(folder: Path, base: str) -> str:
    """The commit where the branch left ``base``; ``base`` itself in a shallow clone, which doesn't know."""
    if repository_root(folder) is None:
        remedy = _("name dates instead")
        raise UsageError(_("the issues folder is in no git repository"), path=folder, field="--changed", remedy=remedy)
    found = run_git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}")
    if found is None:
        raise UsageError(
            _("no such commit: {commit}", commit=base), field="--changed", remedy=_("fetch it first: git fetch origin")
        )
    commit = found.decode().strip()
    return (run_git(folder, "merge-base", commit, "HEAD") or b"").decode().strip() or commit


def _date(name: str) -> datetime.date | None:
    """The date of a draft by its path in the issues folder; ``None`` for any other file."""
    try:
        date = parse_date(Path(name).stem)
    except UsageError:
        return None
    return date if name == layout.draft(str(date)) else None
