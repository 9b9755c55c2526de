"""Write the files of a new newsletter into a folder, all or none, and nothing over what is there."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from embedai_nb.errors import UsageError
from embedai_nb.i18n import _
from embedai_nb.init.new_files import NewNewsletter, project_files
from embedai_nb.workspace import layout
from embedai_nb.workspace.git import repository_root
from embedai_nb.workspace.git_files import git_files
from embedai_nb.workspace.git_setup import set_up_git
from embedai_nb.workspace.locks import publication_lock
from embedai_nb.workspace.transaction import commit, recover, repair

__all__ = ["Begun", "begin"]

TRANSACTION = "init"
README = "README.md"
FIRST_ISSUE = datetime.timedelta(days=7)


class Begun(NamedTuple):
    """What `begin` wrote."""

    files: tuple[Path, ...]
    date: datetime.date
    """Of the first draft."""
    in_repository: bool


def begin(folder: Path, wanted: NewNewsletter, today: datetime.date) -> Begun:
    """Begin a newsletter in a folder, which becomes the place to run commands in: its issues folder is below.

    Args:
        folder: empty, or a repository, or not there yet.
        wanted: what the newsletter is to be.
        today: the first draft is of a week later.

    Raises:
        UsageError: files are there that would be overwritten; names them, and nothing was changed.
    """
    folder = folder.resolve()
    issues, date = folder / layout.ISSUES, today + FIRST_ISSUE
    _refuse_files_as_folders(issues)
    recover(issues)
    root = repository_root(folder)
    made = project_files(wanted, date, (issues.relative_to(root or folder)).as_posix(), _readme(folder))
    _refuse_overwriting(folder, issues, made)
    completed = {name: text.encode() for name, text in git_files(issues, folder).items()}
    with publication_lock(issues, TRANSACTION):
        repair(issues, TRANSACTION)
        _refuse_overwriting(folder, issues, made)
        commit(issues, TRANSACTION, completed | made)
    if root:
        with suppress(UsageError):  # no Git: the files are there for whoever has it
            set_up_git(issues)
    return Begun(tuple(_normal(issues, name) for name in completed | made), date, root is not None)


def _readme(folder: Path) -> str:
    """The path of the README for editors: that of a repository stays as it is, and ours lies beside the drafts."""
    return f"{layout.ISSUES}/{README}" if (folder / README).exists() else README


def _refuse_files_as_folders(issues: Path) -> None:
    if issues.is_symlink():
        raise UsageError(_("is a link"), path=issues, remedy=_("name another folder; nothing was written"))
    for path in (issues, *issues.parents):
        if path.exists() and not path.is_dir():
            raise UsageError(_("is no folder"), path=path, remedy=_("name another folder; nothing was written"))


def _refuse_overwriting(folder: Path, issues: Path, made: Iterable[str]) -> None:
    there = sorted(path for path in (_normal(issues, name) for name in made) if path.exists() or path.is_symlink())
    if there:
        listed = ", ".join(Path(os.path.relpath(path, folder)).as_posix() for path in there)
        remedy = _(
            "nothing was written; move them away, or name another folder; --no-github writes no files for GitHub"
        )
        raise UsageError(_("these files are there already: {files}", files=listed), path=folder, remedy=remedy)


def _normal(issues: Path, name: str) -> Path:
    """The path of a file without `..`, which cannot be followed out of a folder that is not there yet."""
    return Path(os.path.normpath(issues / name))
