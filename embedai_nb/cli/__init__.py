"""The command `embedai`: each command parses, calls one function and prints.

What is heavy is imported where it is used: most of what one waits for in a short command are imports.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from embedai_nb.cli import building, checking, drafting, import_archive, publishing, reviewing
from embedai_nb.cli.group import commands, fail
from embedai_nb.errors import EmbedAIError

__all__ = ["building", "checking", "commands", "drafting", "import_archive", "main", "publishing", "reviewing", "run"]


def main() -> None:
    """Entry point: exit with the status of `run`."""
    sys.exit(run(sys.argv[1:]))


def run(argv: Sequence[str]) -> int:
    """Run one command.

    Args:
        argv: the words behind `embedai`.

    Returns:
        0: done; 1: findings of severity error, or a run that failed; 2: called wrongly.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
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
        return fail("interrupted; what was there before is untouched", 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return fail(f"{error.filename or 'a file'}: {error.strerror or error}; nothing was changed", 1)
