"""Commands that look: what is wrong, what was there before."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from embedai_nb.cli.group import COLOURS, Folder, commands, fail, short
from embedai_nb.cli.streams import required
from embedai_nb.errors import EmbedAIError
from embedai_nb.workspace import layout

if TYPE_CHECKING:
    from embedai_nb.edition import Edition


@commands.command()
@click.argument("dates", metavar="[DATE]...", nargs=-1)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
)
@click.option("--links", is_flag=True, help="Ask whether the links still lead somewhere.")
@click.pass_obj
def check(folder: Folder, dates: Sequence[str], form: str, *, links: bool) -> int:
    """List what is wrong with these drafts, or all."""
    from embedai_nb.checks.reports import REPORTS, Checked, text
    from embedai_nb.drafts import DraftStore

    days = dates or [day.isoformat() for day in DraftStore(folder.path).dates()]
    editions, failed = [], 0
    for day in days:
        try:
            editions.append(folder.edition(day))
        except EmbedAIError as error:
            failed = max(failed, fail(str(error), error.exit_status))
    reached = _look(folder.path, editions) if links else None
    checked = [Checked(short(e.draft.path), str(e.draft.date), e.checked(reached)) for e in editions]
    if checked or not failed:
        with required():
            click.echo(text(checked, _coloured) if form == "text" else REPORTS[form](checked), nl=False)
    return failed or int(any(finding.severity == "error" for each in checked for finding in each.findings))


def _look(folder: Path, editions: Sequence[Edition]) -> Any:
    """Ask for all links of these issues, and say what became of each."""
    from datetime import datetime

    from embedai_nb.capture import Fetcher
    from embedai_nb.capture.link_check import Links
    from embedai_nb.checks import pages

    urls = list(dict.fromkeys(url for edition in editions for _, url in pages(edition.draft.issue)))
    links = Links(folder, Fetcher(), datetime.now().astimezone().date())
    with click.progressbar(length=len(urls), label="links", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        links.look(urls, lambda _: bar.update(1))
    return links.of


def _coloured(text: str, severity: str) -> str:
    return click.style(text, fg=COLOURS[severity])


@commands.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--section", help="Only items of this section.")
@click.option("--year", type=click.IntRange(1, 9999), help="Only issues of this year.")
@click.option("--source", help="Only items of this source.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many.")
@click.pass_obj
def search(folder: Folder, /, words: Sequence[str], **options: Any) -> None:
    """Find past items that hold all WORDS, what fits best first."""
    from embedai_nb.catalogue import Catalogue
    from embedai_nb.drafts import load_newsletter

    path = folder.path
    with Catalogue(path, load_newsletter(path / layout.NEWSLETTER)) as catalogue, required():
        for hit in catalogue.search(" ".join(words), **options):
            source = f" | {hit.source}" if hit.source else ""
            click.echo(f"{hit.date} {hit.section}: {_marked(hit.title)}{source} {hit.url}".rstrip())
            click.echo(f"  {_marked(hit.excerpt)}")


def _marked(text: Any) -> str:
    return "".join(click.style(piece, fg="yellow", bold=True) if match else piece for piece, match in text)
