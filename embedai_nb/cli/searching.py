"""The command that searches past issues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from embedai_nb.cli.group import Folder, commands
from embedai_nb.cli.streams import required
from embedai_nb.cli.translated_help import option


@commands.command()
@click.argument("words", nargs=-1, required=True)
@option("--section", help="Only items in this section.")
@option("--year", type=click.IntRange(1, 9999), help="Only issues of this year.")
@option("--source", help="Only items from this source.")
@option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Maximum number of items.")
@click.pass_obj
def search(folder: Folder, /, words: Sequence[str], **options: Any) -> None:
    """Search past items that contain all WORDS, best match first."""
    from embedai_nb.catalogue import Catalogue

    with Catalogue(folder.path) as catalogue, required():
        for hit in catalogue.search(" ".join(words), **options):
            source = f" | {hit.source}" if hit.source else ""
            click.echo(f"{hit.date} {hit.section}: {_marked(hit.title)}{source} {hit.url}".rstrip())
            click.echo(f"  {_marked(hit.excerpt)}")


def _marked(text: Any) -> str:
    return "".join(click.style(piece, fg="yellow", bold=True) if match else piece for piece, match in text)
