"""Commands for working together with Git: the merge driver for drafts, and setting it up."""

from __future__ import annotations

import os
from pathlib import Path

import click

from embedai_nb.cli.group import Folder, commands, fail, short
from embedai_nb.cli.translated_help import option
from embedai_nb.errors import system_problem
from embedai_nb.i18n import _

CRASHED = 129
"""Exit status by which a merge driver says that it failed (gitattributes: greater than 128)."""


@commands.command()
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("ours", type=click.Path(path_type=Path))
@click.argument("theirs", type=click.Path(path_type=Path))
@click.argument("name", required=False)
@option("--marker-size", type=click.IntRange(1), default=7, help="Characters of a conflict marker.")
def merge(base: Path, ours: Path, theirs: Path, name: str | None, marker_size: int) -> int:
    """Merge versions of a draft: git's merge driver.

    Merges item by item and writes the result into OURS.  What both changed stands in it between conflict markers, whole items only.  NAME is
    the draft that git merges, for messages.  embedai setup-git lets git call this.

    \b
    Exit status:
      0    merged
      1    conflicts are left, between markers
      129  a file cannot be read or written; git aborts the merge
    """  # noqa: D301  # \b is the character by which click leaves a paragraph as it is
    from embedai_nb.drafts.merge_driver import merge_files

    shown = name or str(ours)
    try:
        conflicts = merge_files(base, ours, theirs, ("ours", _their_name()), marker_size)
    except OSError as error:
        return fail(f"{error.filename or shown}: {system_problem(error)}", CRASHED)
    if conflicts:
        click.echo(
            _(
                "{path}: to be chosen: {conflicts}; open it with embedai edit, or look for <<<<<<<",
                path=shown,
                conflicts=conflicts,
            ),
            err=True,
        )
    return int(conflicts > 0)


def _their_name() -> str:
    """The name of the branch that is merged, which git tells by the environment (git-merge: GITHEAD_)."""
    names = {value for key, value in os.environ.items() if key.startswith("GITHEAD_") and value}
    return names.pop().replace("\n", " ") if len(names) == 1 else "theirs"


@commands.command("setup-git")
@click.pass_obj
def setup_git(folder: Folder) -> None:
    """Let git merge drafts item by item.

    Adds what is missing to .gitignore and .gitattributes in the issues folder, to be committed, and sets the merge
    driver in .git/config, which every clone needs for itself.  Without it git merges drafts line by line.
    """
    from embedai_nb.workspace.git_setup import set_up_git

    path = folder.path
    done = set_up_git(path)
    for name in done.files:
        click.echo(_("wrote {path}; commit it", path=short(path / name)))
    if done.driver:
        click.echo(_("set the merge driver of this clone"))
    if not (done.files or done.driver):
        click.echo(_("git is set up already"))
