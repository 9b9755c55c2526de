"""The command `embedai`: each command parses, calls one function and prints.

Import heavy modules inside the functions that use them: imports are most of what a short command takes.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from embedai_nb.cli import streams
from embedai_nb.cli.click_messages import speak_users_language
from embedai_nb.cli.group import commands, fail
from embedai_nb.errors import EmbedAIError, system_problem
from embedai_nb.i18n import _
from embedai_nb.publish.fast_imports import claim_process
from embedai_nb.workspace.locate import working_folder

__all__ = ["commands", "main", "run"]


def main() -> None:
    """Entry point: exit with the status of `run`."""
    claim_process()
    streams.install()
    sys.exit(run(sys.argv[1:]))


def run(argv: Sequence[str]) -> int:
    """Run one command.

    Args:
        argv: the arguments of `embedai`.

    Returns:
        The exit status.  0: done; 1: findings of severity error, or a run that failed; 2: wrong usage.
    """
    speak_users_language()
    try:
        return int(commands.main(args=list(argv), prog_name="embedai", standalone_mode=False) or 0)
    except EmbedAIError as error:
        return fail(str(error), error.exit_status)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.ClickException as error:
        return fail(" ".join(error.format_message().split()), 2)
    except (click.Abort, KeyboardInterrupt):
        return fail(_("interrupted; what was there before is untouched"), 1)
    except OSError as error:
        return _fail_of_system(error)


def _fail_of_system(error: OSError) -> int:
    """Say what the system refused, and first of all whether that is because the working folder is gone."""
    try:
        working_folder()
    except EmbedAIError as gone:
        return fail(str(gone), gone.exit_status)
    return fail(": ".join(str(part) for part in (error.filename, system_problem(error)) if part), 1)
