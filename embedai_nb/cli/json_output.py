"""Output for programs: `--format json`.  docs/json.md documents the keys, which later versions only add to."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from embedai_nb.cli.streams import required
from embedai_nb.cli.translated_help import option

if TYPE_CHECKING:
    from embedai_nb.publish.outcome import Outcome

__all__ = ["json_option", "outcome_json", "print_json"]

Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    """Add the option of commands that print text for people, or JSON for programs."""
    return option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="Output format; json is for programs, docs/json.md documents its keys.",
    )(command)


def print_json(value: object) -> None:
    """Print a value as JSON, the only thing that a command prints on stdout then."""
    with required():
        click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """What became of an issue that was to be published."""
    return {
        "date": outcome.date,
        "published": outcome.published,
        "up_to_date": outcome.up_to_date,
        "written": list(outcome.written),
        "findings": outcome.findings._asdict(),
    }
