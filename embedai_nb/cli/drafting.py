"""Commands that write drafts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click

from embedai_nb.cli.group import Folder, commands, short
from embedai_nb.workspace import layout


@commands.command()
@click.argument("date")
@click.pass_obj
def new(folder: Folder, date: str) -> None:
    """Begin the draft of an issue."""
    from embedai_nb.drafts import DraftStore, load_newsletter, template
    from embedai_nb.text.dates import parse_date

    day = parse_date(date)
    path = folder.path
    newsletter = load_newsletter(path / layout.NEWSLETTER)
    draft = DraftStore(path).create(day, template(day, newsletter))
    click.echo(f"{short(draft.path)} is ready to be edited; then: embedai check {day}")


@commands.command()
@click.argument("date")
@click.option("--browser/--no-browser", default=True, help="Open it, or only print its address.")
@click.pass_obj
def edit(folder: Folder, date: str, *, browser: bool) -> int:
    """Edit an issue in JupyterLab; its draft is begun if there is none."""
    from embedai_nb.editor.launch import launch
    from embedai_nb.text.dates import parse_date
    from embedai_nb.workspace.operating_system import replace_process

    day = parse_date(date)
    start = launch(folder.path, day, *([] if browser else ["--no-browser"]))
    click.echo(f"editing {day}; Ctrl-C twice ends it, every change is saved by then")
    sys.stdout.flush()
    return replace_process(start.command, start.environment)


@commands.command()
@click.argument("date")
@click.argument("texts", metavar="[TEXT]...", nargs=-1)
@click.option("--retry", is_flag=True, help="Ask again about the items marked 待补.")
@click.option("--offline", is_flag=True, help="Ask no site; what is missing is marked 待补.")
@click.pass_obj
def capture(folder: Folder, date: str, texts: Sequence[str], *, retry: bool, offline: bool) -> int:
    """Make items of links, arXiv ids, owner/repo, titles; without TEXT of what comes in."""
    from embedai_nb.capture.into_draft import capture_into, fetcher_of
    from embedai_nb.text.dates import parse_date

    day, path = parse_date(date), folder.path
    text = None if retry else "\n".join(texts) or sys.stdin.buffer.read().decode("utf-8", "replace")
    with click.progressbar(length=1, label=str(day), file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def progress(_done: int, of: int) -> None:
            bar.length = of
            bar.update(1)

        found = capture_into(path, day, text, fetcher=None if offline else fetcher_of(path), progress=progress)
    for noticed in found:
        _print_captured(noticed)
    return int(any(noticed.captured.item is None for noticed in found))


def _print_captured(noticed: Any) -> None:
    captured = noticed.captured
    if captured.item is None:
        click.secho(f"{captured.text}: {captured.refusal}", fg="red")
        return
    item = captured.item
    click.echo(f"{captured.section}: {item.title or item.repo or captured.text} {item.url or ''}".rstrip())
    for line in [captured.pending, *map(str, noticed.earlier)]:
        if line:
            click.secho(f"  {line}", fg="yellow")


@commands.command()
@click.argument("date")
@click.option("--all", "unsafe", is_flag=True, help="Apply also the fixes that a person ought to look at.")
@click.option("--dry-run", is_flag=True, help="Only show them.")
@click.pass_obj
def fix(folder: Folder, date: str, *, unsafe: bool, dry_run: bool) -> None:
    """Cure what can be cured without a decision.

    Shows what each fix changes in the draft; a second run changes nothing more.
    """
    from embedai_nb.drafts import DraftStore
    from embedai_nb.fixes import steps

    edition = folder.edition(date)
    done = list(steps(edition, unsafe=unsafe))
    for step in done:
        _print_step(step)
    if done and not dry_run:
        edition = replace(edition, draft=DraftStore(folder.path).save(edition.draft, done[-1].after.issue))
    left = sum(finding.fix is not None for finding in edition.findings)
    click.echo(f"{edition.draft.date}: {'not ' if dry_run else ''}fixed: {len(done)}, fixes left: {left}")
    if left and not (unsafe or dry_run):
        click.echo(f"look at the others with: embedai fix {edition.draft.date} --all --dry-run")


def _print_step(step: Any) -> None:
    click.echo(f"{step.finding.place}: {step.finding.fix.description} [{step.finding.rule}]")
    for line in step.diff:
        click.secho(f"  {line}", fg="red" if line.startswith("-") else "green")


@commands.command()
@click.argument("old")
@click.argument("new")
@click.pass_obj
def reschedule(folder: Folder, old: str, new: str) -> None:
    """Move an issue to another date.

    Draft, review and title follow.
    """
    from embedai_nb.publish.reschedule import reschedule as moved
    from embedai_nb.text.dates import parse_date

    before, after = parse_date(old), parse_date(new)
    draft = moved(folder.path, before, after)
    click.echo(f"{before} is now {short(draft.path)}; publish it with: embedai issue {after}")
