"""The argument DATE of commands, which shells complete with the dates of drafts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from embedai_nb.cli.group import Folder
from embedai_nb.text.dates import DATE
from embedai_nb.workspace import layout

__all__ = ["date_argument", "draft_dates"]

Command = TypeVar("Command", bound=Callable[..., Any])


def date_argument(command: Command, name: str = "date") -> Command:
    """Add the argument DATE of a command that takes an issue that is there."""
    return click.argument(name, shell_complete=draft_dates)(command)


def draft_dates(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """The dates of drafts that begin so, the newest first; by the names of their files, which are not read."""
    from embedai_nb.errors import EmbedAIError

    try:
        folder = Folder(context.find_root().params.get("issues")).path / layout.DRAFTS
    except EmbedAIError:  # there is no issues folder here: nothing to complete
        return []
    names = (path.stem for path in folder.glob("*.yaml"))
    return sorted((name for name in names if name.startswith(begun) and DATE.fullmatch(name)), reverse=True)
