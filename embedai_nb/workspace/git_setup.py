"""Set up Git for an issues folder: which files it merges how, and the driver that merges drafts."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import NamedTuple

from embedai_nb.errors import UsageError
from embedai_nb.i18n import _
from embedai_nb.workspace.atomic import write_atomically
from embedai_nb.workspace.git import run_git
from embedai_nb.workspace.git_files import MERGE_DRIVER, git_files

__all__ = ["GitSetup", "set_up_git"]


class GitSetup(NamedTuple):
    """What `set_up_git` changed."""

    files: tuple[str, ...]
    """The files in which it added lines."""
    driver: bool
    """Whether it set the driver."""


def set_up_git(folder: Path) -> GitSetup:
    """Add what is missing in .gitignore and .gitattributes of an issues folder, and in the configuration of this clone.

    Lines that others wrote stay as they are; called again, it changes nothing.

    Raises:
        UsageError: the folder is in no repository, or Git is not installed.
    """
    if run_git(folder, "rev-parse", "--git-dir") is None:
        raise UsageError(
            _("in no repository of Git, or Git is not installed"), path=folder, remedy=_("begin one: git init")
        )
    wanted = {name: text.encode() for name, text in git_files(folder).items()}
    changed = {name: text for name, text in wanted.items() if _content(folder / name) != text}
    for name, text in changed.items():
        write_atomically(folder / name, text)
    return GitSetup(tuple(changed), _set_driver(folder))


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _set_driver(folder: Path) -> bool:
    settings = {
        f"merge.{MERGE_DRIVER}.name": "drafts of a newsletter, item by item",
        f"merge.{MERGE_DRIVER}.driver": driver_command(Path(sys.executable)),
    }
    changed = {key: value for key, value in settings.items() if _setting(folder, key) != value}
    for key, value in changed.items():
        if run_git(folder, "config", "--local", key, value) is None:
            raise UsageError(_("cannot be set"), path=folder, field=key, remedy=_("is .git/config writable?"))
    return bool(changed)


def _setting(folder: Path, key: str) -> str:
    return (run_git(folder, "config", "--local", "--get", key) or b"").decode().removesuffix("\n")


def driver_command(python: Path) -> str:
    """The command for Git (gitattributes, "Defining a custom merge driver").

    Where this program is gone Git's own merge takes its place: a driver that is not found would leave ours alone in the
    file, without any marker.
    """
    program = f"{shlex.quote(python.as_posix())}"
    return (
        f"if {program} -c 'import embedai_nb' 2>/dev/null; "
        f"then {program} -m embedai_nb merge %O %A %B %P --marker-size %L; "
        "else git merge-file --marker-size=%L -L ours -L base -L theirs %A %O %B; fi"
    )
