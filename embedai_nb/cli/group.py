"""The group of all commands, and what they share: the issues folder, options, error output."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from embedai_nb import __version__
from embedai_nb.cli.progress_bar import beside_bars
from embedai_nb.cli.translated_help import Group, Option, option
from embedai_nb.i18n import Translatable, _

if TYPE_CHECKING:
    from embedai_nb.edition import Edition
    from embedai_nb.publish.outcome import Outcome

Command = TypeVar("Command", bound=Callable[..., Any])

MODULES = {
    "build": "building",
    "capture": "drafting",
    "check": "checking",
    "edit": "drafting",
    "email": "sending",
    "export": "exporting",
    "fix": "checking",
    "import": "import_archive",
    "inbox": "inbox_command",
    "init": "init_command",
    "issue": "publishing",
    "merge": "merging",
    "new": "drafting",
    "reschedule": "drafting",
    "review": "reviewing",
    "search": "searching",
    "serve": "website",
    "setup-git": "merging",
    "show": "publishing",
    "site": "website",
    "trends": "website",
    "wechat": "publishing",
}
"""The module in this folder that has a command."""

EPILOG = """\b
Begin a newsletter: embedai init
Create an issue:   embedai new 2026-11-15, then edit issues/drafts/2026-11-15.yaml
Check it:          embedai check 2026-11-15
Look at it:        embedai show 2026-11-15 --format html > page.html
Publish it:        embedai issue 2026-11-15
Publish all:       embedai build

\b
Exit status:
  0  done
  1  findings of severity error (check --strict: warnings too), or something failed
  2  wrong usage: nothing was touched
"""


class _Commands(Group):
    """Imports the module of a command when the command is asked for: all of them take longer than many a command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        del ctx
        return sorted(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name; for one that there isn't, click suggests others, among all."""
        named = MODULES.get(cmd_name)
        for module in [named] if named else MODULES.values():
            import_module(f"embedai_nb.cli.{module}")
        return super().get_command(ctx, cmd_name)


class Folder:
    """The issues folder, looked for when a command needs it.

    Args:
        named: the option --issues.
        verbose: whether there is a log; who is quick without logging asks before importing it.
    """

    def __init__(self, named: str | None, *, verbose: bool = False) -> None:
        self.named = named
        self.verbose = verbose

    @property
    def path(self) -> Path:
        """The folder; a UsageError if there is none."""
        from embedai_nb.errors import UsageError
        from embedai_nb.workspace.locate import issues_folder

        if self.named and "://" in self.named:
            raise UsageError(_("only embedai build --dask works in object storage"), path=self.named)
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
        """The issue of a date, with its findings and outputs."""
        from embedai_nb.edition import load

        return load(date, self.path)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EPILOG)
@option(
    "--issues",
    metavar="DIR",
    help="The issues folder, or for build --dask its URL (default: $EMBEDAI_ISSUES, else issues/ here or above).",
)
@option(
    "-v",
    "--verbose",
    count=True,
    help="Log to stderr what is read, fetched and skipped, and how long it takes; -vv logs more.",
)
@click.version_option(
    __version__,
    cls=Option,
    message="%(prog)s %(version)s, Python {}.{}.{}".format(*sys.version_info),
    help="Show the version, and that of Python, and exit.",
)
@click.pass_context
def commands(context: click.Context, issues: str | None, verbose: int) -> None:
    """Edit, check and publish a newsletter.  DATE is always YYYY-MM-DD."""
    context.obj = Folder(issues, verbose=verbose > 0)
    from embedai_nb.cli.log import log_to_stderr, warnings_to_stderr

    if not verbose:
        context.call_on_close(warnings_to_stderr())
    else:
        context.call_on_close(log_to_stderr(verbose, str(context.invoked_subcommand)))


def running_options(command: Command) -> Command:
    """Add the options of commands that run notebooks."""
    engines = click.Choice(["fork", "kernel"])
    help_ = "Run notebooks in a forked process or in a Jupyter kernel, for the same bytes; where there is no fork, in a kernel."
    for added in (
        option("--force", is_flag=True, help="Publish even if nothing has changed."),
        option(
            "--timeout",
            type=click.IntRange(1),
            default=120,
            show_default=True,
            help="Time limit of a notebook cell, in seconds.",
        ),
        option(
            "--memory",
            type=click.FloatRange(0, min_open=True),
            metavar="GB",
            help="Memory limit of a notebook cell, in GB (default: cell_memory in newsletter.yaml, else 2).",
        ),
        option("--engine", type=engines, default="fork", show_default=True, help=help_),
    ):
        command = added(command)
    return command


def fail(message: str, status: int) -> int:
    """Print an error, one line on stderr; returns the exit status."""
    with beside_bars():
        click.secho(f"embedai: {message}", fg="red", err=True)
    return status


def counts(outcome: Outcome) -> Translatable:
    """How many findings of each severity an issue has."""
    errors, warnings, notes = outcome.findings
    return _("errors: {errors}, warnings: {warnings}, notes: {notes}", errors=errors, warnings=warnings, notes=notes)


def tell_misnamed(folder: Path) -> int:
    """Report files that would be drafts but for their names, one line each; returns the exit status."""
    from embedai_nb.workspace.misnamed import misnamed_draft, misnamed_drafts

    return max((fail(str(misnamed_draft(folder, date)), 1) for date in misnamed_drafts(folder)), default=0)


def short(path: Path) -> str:
    """The path, relative to the working folder where it is below it."""
    path = Path(os.path.normpath(path))
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, FileNotFoundError):  # it is not below the working folder, or that was removed
        return str(path)
