"""Commands that check drafts and fix what is found."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from embedai_nb.cli.group import Folder, commands, fail, short, tell_misnamed
from embedai_nb.cli.streams import required
from embedai_nb.errors import EmbedAIError

if TYPE_CHECKING:
    from embedai_nb.checks import Severity
    from embedai_nb.edition import Edition


@commands.command()
@click.argument("dates", metavar="[DATE]...", nargs=-1)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="Output format; the last three are for programs.",
)
@click.option("--links", is_flag=True, help="Check links too: fetch each URL and report dead ones.")
@click.pass_obj
def check(folder: Folder, dates: Sequence[str], form: str, *, links: bool) -> int:
    """Check drafts: list findings with file, line and item.

    Without DATE, checks all drafts.
    """
    from embedai_nb.catalogue import Catalogue
    from embedai_nb.checks.reports import REPORTS, CheckedDraft, as_text
    from embedai_nb.drafts import DraftStore
    from embedai_nb.edition import Edition

    path = folder.path
    days = dates or [day.isoformat() for day in DraftStore(path).dates()]
    editions, checked, failed = list[Edition](), list[CheckedDraft](), 0 if dates else tell_misnamed(path)
    with ExitStack() as opened:
        catalogue = None
        for day in days:
            try:
                edition = folder.edition(day)
                catalogue = catalogue or opened.enter_context(Catalogue(path, edition.newsletter))
                editions.append(replace(edition, catalogue=catalogue))
            except EmbedAIError as error:
                failed = max(failed, fail(str(error), error.exit_status))
        link_status = _check_links(path, editions) if links else None
        for each in editions:
            try:
                checked.append(CheckedDraft(short(each.draft.path), str(each.draft.date), each.checked(link_status)))
            except Exception as error:  # a fault of a rule must not keep the other drafts from being checked
                problem = f"cannot be checked ({type(error).__name__}: {error}), which is a fault of this program"
                failed = max(failed, fail(f"{short(each.draft.path)}: {problem}; please report it", 1))
    if checked or not failed:
        with required():
            click.echo(as_text(checked, _coloured) if form == "text" else REPORTS[form](checked), nl=False)
    return failed or int(any(finding.severity == "error" for each in checked for finding in each.findings))


def _check_links(folder: Path, editions: Sequence[Edition]) -> Any:
    """Check all links of these issues; how to look up the result of each."""
    from datetime import datetime

    from embedai_nb.capture import Fetcher
    from embedai_nb.capture.link_check import LinkChecker
    from embedai_nb.checks import pages

    urls = list(dict.fromkeys(url for edition in editions for _, url in pages(edition.draft.issue)))
    links = LinkChecker(folder, Fetcher(), datetime.now().astimezone().date())
    with click.progressbar(length=len(urls), label="links", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        links.check(urls, lambda _: bar.update(1))
    return links.status


def _coloured(text: str, severity: Severity) -> str:
    from embedai_nb.checks import SEVERITIES

    return click.style(text, fg=SEVERITIES[severity].colour)


@commands.command()
@click.argument("date")
@click.option("--all", "unsafe", is_flag=True, help="Apply also fixes that somebody should review.")
@click.option("--dry-run", is_flag=True, help="Print the diffs without changing the draft.")
@click.pass_obj
def fix(folder: Folder, date: str, *, unsafe: bool, dry_run: bool) -> None:
    """Fix findings that need no decision.

    Prints a diff of each fix.  Idempotent: a second run changes nothing more.
    """
    from embedai_nb.checks.fixes import apply_fixes
    from embedai_nb.drafts import DraftStore

    edition = folder.edition(date)
    done = list(apply_fixes(edition.draft, lambda draft: replace(edition, draft=draft).findings, unsafe=unsafe))
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
