"""Commands that create and edit drafts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

import click

from embedai_nb.cli.date_argument import date_argument
from embedai_nb.cli.group import Folder, commands, short
from embedai_nb.cli.json_output import json_option, print_json
from embedai_nb.cli.progress_bar import progress_bar
from embedai_nb.cli.translated_help import option
from embedai_nb.i18n import _
from embedai_nb.workspace import layout


@commands.command()
@click.argument("date")
@click.pass_obj
def new(folder: Folder, date: str) -> None:
    """Create the draft of an issue from the template."""
    from embedai_nb.drafts import DraftStore, load_newsletter, template
    from embedai_nb.text.dates import parse_date

    day = parse_date(date)
    path = folder.path
    newsletter = load_newsletter(path / layout.NEWSLETTER)
    draft = DraftStore(path).create(day, template(day, newsletter))
    click.echo(_("{path} is ready to be edited; then: embedai check {date}", path=short(draft.path), date=day))


@commands.command()
@date_argument
@option("--browser/--no-browser", default=True, help="Open a browser, or only print the address.")
@option(
    "--host",
    metavar="ADDRESS",
    envvar="EMBEDAI_HOST",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; in a container 0.0.0.0, so that its port can be published.",
)
@click.pass_obj
def edit(folder: Folder, date: str, *, browser: bool, host: str) -> int:
    """Edit an issue in JupyterLab.

    Creates its draft if there is none.
    """
    from embedai_nb.editor.launch import launch
    from embedai_nb.text.dates import parse_date
    from embedai_nb.workspace.operating_system import replace_process

    day = parse_date(date)
    start = launch(folder.path, day, *([] if browser else ["--no-browser"]), host=host)
    click.echo(_("editing {date}; Ctrl-C twice ends it, every change is saved by then", date=day))
    sys.stdout.flush()
    return replace_process(start.command, start.environment)


@commands.command()
@date_argument
@click.argument("texts", metavar="[TEXT]...", nargs=-1)
@option("--retry", is_flag=True, help="Retry the items marked as incomplete.")
@option("--offline", is_flag=True, help="Fetch nothing; mark incomplete items.")
@json_option
@click.pass_obj
def capture(folder: Folder, date: str, texts: Sequence[str], form: str, *, retry: bool, offline: bool) -> int:
    """Add items from links, arXiv ids, owner/repo or titles.

    Puts them into the draft of DATE, with metadata fetched from their sites.  Without TEXT, reads stdin.
    """
    from embedai_nb.capture.draft import caching_fetcher, capture_into_draft
    from embedai_nb.text.dates import parse_date

    day, path = parse_date(date), folder.path
    text = None if retry else "\n".join(texts) or sys.stdin.buffer.read().decode("utf-8", "replace")
    fetcher = None if offline else caching_fetcher(path)
    with progress_bar(str(day)) as show:
        found = capture_into_draft(path, day, text, fetcher=fetcher, progress=show)
    if form == "json":
        print_json({"items": [_captured_json(result) for result in found]})
    for result in found if form == "text" else ():
        _print_captured(result)
    return int(any(result.captured.item is None for result in found))


def _captured_json(result: Any) -> dict[str, Any]:
    captured = result.captured
    item = captured.item and captured.item.model_dump(mode="json", include={"title", "source", "url", "repo", "tags"})
    earlier = [{"date": str(each.date), "title": each.title, "reason": each.reason} for each in result.earlier]
    said = {"pending": captured.pending, "refusal": captured.refusal}
    return {"text": captured.text, "section": captured.section, "item": item, **said, "earlier": earlier}


def _print_captured(result: Any) -> None:
    captured = result.captured
    if captured.item is None:
        click.secho(f"{captured.text}: {captured.refusal}", fg="red")
        return
    item = captured.item
    click.echo(f"{captured.section}: {item.title or item.repo or captured.text} {item.url or ''}".rstrip())
    for line in [captured.pending, *map(str, result.earlier)]:
        if line:
            click.secho(f"  {line}", fg="yellow")


@commands.command()
@partial(date_argument, name="old")
@click.argument("new")
@option("--merge", is_flag=True, help="Unite the two if there is an issue of NEW that is the same one.")
@click.pass_obj
def reschedule(folder: Folder, old: str, new: str, *, merge: bool) -> int:
    """Move an issue to another date.

    Renames draft, review and archive files and changes the date in the title.  With --merge, two people may have moved
    the issue to different dates: what both have written is kept, and what both changed is left to be chosen.
    """
    from embedai_nb.publish.reschedule import reschedule as moved
    from embedai_nb.publish.unite import unite
    from embedai_nb.text.dates import parse_date

    before, after = parse_date(old), parse_date(new)
    if merge:
        united = unite(folder.path, before, after)
        click.echo(
            _(
                "{before} is in {path} now; commit both: git add -A {folder}",
                before=before,
                path=short(united.path),
                folder=short(folder.path),
            )
        )
        if united.conflicts:
            click.secho(
                _(
                    "to be chosen: {conflicts}; open it with: embedai edit {after}",
                    conflicts=united.conflicts,
                    after=after,
                ),
                fg="red",
            )
        return int(united.conflicts > 0)
    draft = moved(folder.path, before, after)
    click.echo(
        _(
            "{before} is now {path}; publish it with: embedai issue {after}",
            before=before,
            path=short(draft.path),
            after=after,
        )
    )
    return 0
