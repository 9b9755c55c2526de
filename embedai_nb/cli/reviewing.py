"""Print the review of an issue, for a terminal, a pull request or a program."""

from __future__ import annotations

import shutil
import sys
from typing import Any

import click

from embedai_nb.cli.group import Folder, commands

STYLES: dict[str, dict[str, Any]] = {
    "deleted": {"fg": "red", "strikethrough": True},
    "inserted": {"fg": "green", "underline": True},
    "blocked": {"fg": "red", "bold": True},
    "ready": {"fg": "green", "bold": True},
    "unchanged": {"fg": "blue", "bold": True},
}


@commands.command()
@click.argument("date")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "html", "markdown", "json"]),
    default="text",
    show_default=True,
    help="markdown: for a pull request's comment, at most 65,536 characters.",
)
@click.option("--width", type=click.IntRange(20, 1000), help="Columns of the text; else the terminal's.")
@click.pass_obj
def review(folder: Folder, /, date: str, form: str, width: int | None) -> int:
    """Print the review of an issue: verdict, then item by item.

    Exits with 1 if an error stands in the way of publication.
    """
    from markupsafe import Markup

    from embedai_nb.review import as_html, as_json, as_markdown, as_text, assemble, history

    edition = folder.edition(date).as_published()
    found = assemble(edition, published=edition.published)
    if form == "json":
        said = as_json.render(found)
    elif form == "markdown":
        said = as_markdown.render(found)
    elif form == "html":
        said = as_html.document(found, Markup(history(edition).data["text/html"]), edition.newsletter.language)
    else:
        columns = width or shutil.get_terminal_size().columns
        said = as_text.render(found, columns, _styled if sys.stdout.isatty() else lambda text, _: text)
    click.echo(said, nl=False)
    return int(found.verdict == "blocked")


def _styled(text: str, kind: str) -> str:
    from embedai_nb.checks.severity import SEVERITIES

    found = {severity: {"fg": style.colour} for severity, style in SEVERITIES.items()}
    return click.style(text, **(STYLES | found)[kind])
