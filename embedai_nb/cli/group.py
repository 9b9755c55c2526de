"""What all commands share: the group they belong to, the issues folder, how things are said."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from embedai_nb.edition import Edition

Command = TypeVar("Command", bound=Callable[..., Any])

STORY = """\b
A new issue:    embedai new 2026-11-15, then edit issues/drafts/2026-11-15.yaml
What is wrong:  embedai check 2026-11-15
How it looks:   embedai show 2026-11-15 --format html > page.html
Publish:        embedai issue 2026-11-15
All issues:     embedai build
"""

COLOURS = {"error": "red", "warning": "yellow", "note": "blue"}


class Folder:
    """The issues folder, looked for when a command needs it."""

    def __init__(self, named: str | None) -> None:
        self.named = named

    @property
    def path(self) -> Path:
        """The folder; a UsageError where there is none."""
        from embedai_nb.errors import UsageError
        from embedai_nb.workspace.locate import issues_folder

        if self.named and "://" in self.named:
            raise UsageError("only embedai build --dask works in object storage", path=self.named)
        return issues_folder(self.named)

    @property
    def running_path(self) -> Path:
        """The same, for commands that run notebooks: papermill wants a working folder, and ours may have been removed."""
        from embedai_nb.errors import UsageError
        from embedai_nb.workspace.locate import working_folder

        path = self.path
        try:
            working_folder()
        except UsageError:
            os.chdir(path)
        return path

    def edition(self, date: str) -> Edition:
        """The issue of a date, with all that belongs to it."""
        from embedai_nb.edition import load

        return load(date, self.path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=STORY)
@click.option(
    "--issues",
    metavar="DIR",
    help="The issues folder, or the URL of one for build --dask; else $EMBEDAI_ISSUES, else issues/ here or above.",
)
@click.version_option(package_name="embedai-nb")
@click.pass_context
def commands(context: click.Context, issues: str | None) -> None:
    """Edit, check and publish a newsletter.  DATE is always YYYY-MM-DD."""
    context.obj = Folder(issues)


def running_options(command: Command) -> Command:
    """The options of commands that run notebooks."""
    engines = click.Choice(["fork", "kernel"])
    said = "How notebooks run; both give the same bytes.  Where nothing can be forked, it is a kernel."
    for option in (
        click.option("--force", is_flag=True, help="Run even if nothing changed."),
        click.option(
            "--timeout", type=click.IntRange(1), default=120, show_default=True, help="Seconds a cell may take."
        ),
        click.option("--engine", type=engines, default="fork", show_default=True, help=said),
    ):
        command = option(command)
    return command


def fail(message: str, status: int) -> int:
    """Say what went wrong, in one line on stderr."""
    click.secho(f"embedai: {message}", fg="red", err=True)
    return status


def short(path: Path) -> str:
    """The path as one would type it here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, FileNotFoundError):  # it is not below the working folder, or that was removed
        return str(path)
