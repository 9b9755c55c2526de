"""The command that searches past issues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from embedai_nb.cli.catalogue_progress import open_catalogue
from embedai_nb.cli.group import Folder, commands
from embedai_nb.cli.json_output import json_option, print_json
from embedai_nb.cli.streams import required
from embedai_nb.cli.translated_help import option

if TYPE_CHECKING:
    from embedai_nb.catalogue.search import Hit


@commands.command()
@click.argument("words", nargs=-1, required=True)
@option("--section", help="Only items in this section.")
@option("--year", type=click.IntRange(1, 9999), help="Only issues of this year.")
@option("--source", help="Only items from this source.")
@option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Maximum number of items.")
@json_option
@click.pass_obj
def search(folder: Folder, /, words: Sequence[str], form: str, **options: Any) -> None:
    """Search past items that contain all WORDS, best match first."""
    with open_catalogue(folder.path) as catalogue:
        found = catalogue.search(" ".join(words), **options)
    if form == "json":
        print_json({"items": [_as_json(hit) for hit in found]})
        return
    with required():
        for hit in found:
            source = f" | {hit.source}" if hit.source else ""
            click.echo(f"{hit.date} {hit.section}: {_marked(hit.title)}{source} {hit.url}".rstrip())
            click.echo(f"  {_marked(hit.excerpt)}")


def _as_json(hit: Hit) -> dict[str, str]:
    title, excerpt = ("".join(piece for piece, _match in text) for text in (hit.title, hit.excerpt))
    named = {"section": hit.section, "title": title, "source": hit.source, "url": hit.url}
    return {"date": str(hit.date), **named, "excerpt": excerpt}


def _marked(text: Any) -> str:
    return "".join(click.style(piece, fg="yellow", bold=True) if match else piece for piece, match in text)
