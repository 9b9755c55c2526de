"""Choose drafts on the command line: by dates, by files, or as those that changed since a commit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from embedai_nb.cli import translated_help
from embedai_nb.cli.date_argument import draft_dates
from embedai_nb.cli.group import Command, short
from embedai_nb.cli.translated_help import option
from embedai_nb.errors import UsageError
from embedai_nb.i18n import _
from embedai_nb.workspace import layout

__all__ = ["ListCommand", "chosen_drafts", "draft_choice", "nothing_chosen"]


class ListCommand(translated_help.Command):
    """A command that takes a list, and is told whether an empty one was meant: ``embedai check -- $(git diff …)``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as usual, and note a list that is begun and holds nothing."""
        ctx.meta[EMPTY_LIST] = args[-1:] == ["--"]
        return super().parse_args(ctx, args)


EMPTY_LIST = "embedai_nb.empty_list"


def draft_choice(command: Command) -> Command:
    """Add the arguments and the option that `chosen_drafts` reads, of a `ListCommand`."""
    help_ = "Take the drafts that changed since this branch left BASE: a branch, tag or commit of Git."
    command = option("--changed", metavar="BASE", help=help_)(command)
    return click.argument("wanted", metavar="[DATE|FILE]...", nargs=-1, shell_complete=draft_dates)(command)


def chosen_drafts(folder: Path, wanted: Sequence[str], changed: str | None) -> list[str] | None:
    """The dates that the arguments choose; ``None`` where they choose none.

    Raises:
        UsageError: a file is no draft of this folder, or there is no such commit.
    """
    from embedai_nb.workspace.changed_drafts import changed_drafts

    if changed is not None:
        if wanted:
            raise UsageError(_("cannot be had together with DATE or FILE"), field="--changed")
        return [str(day) for day in changed_drafts(folder, changed)]
    empty = click.get_current_context().meta[EMPTY_LIST]
    return [_date(folder, named) for named in wanted] if wanted or empty else None


def nothing_chosen(changed: str | None) -> str:
    """Why `chosen_drafts` gave an empty list."""
    return _("no draft has changed since {commit}", commit=changed) if changed else _("the list is empty")


def _date(folder: Path, named: str) -> str:
    """The date of a draft that is named by its date or its file."""
    if not named.endswith(".yaml"):
        return named
    path = Path(named).absolute()
    if path.parent.resolve() != (folder / layout.DRAFTS).resolve():
        remedy = _("drafts lie in {folder}", folder=short(folder / layout.DRAFTS))
        raise UsageError(_("no draft of this issues folder"), path=named, remedy=remedy)
    return path.stem
