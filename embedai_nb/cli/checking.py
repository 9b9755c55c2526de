"""Commands that check drafts and fix what is found."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from embedai_nb.cli.group import Folder, commands, fail, short
from embedai_nb.cli.streams import required
from embedai_nb.errors import ConflictMarkersError, EmbedAIError

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
    from embedai_nb.checks.reports import REPORTS, CheckedDraft, as_text
    from embedai_nb.checks.unmerged_files import issue_twice, unmerged_files, unmerged_revisions, unmerged_source
    from embedai_nb.drafts import DraftStore

    days = dates or [day.isoformat() for day in DraftStore(folder.path).dates()]
    editions, failed, unmerged = [], 0, []
    for day in days:
        try:
            editions.append(folder.edition(day))
            unmerged += [(day, found) for found in unmerged_files(folder.path, day)]
        except ConflictMarkersError as error:
            unmerged.append((day, unmerged_source(error)))
        except EmbedAIError as error:
            failed = max(failed, fail(str(error), error.exit_status))
    link_status = _check_links(folder.path, editions) if links else None
    twice = {e.draft.date: issue_twice(str(e.draft.date), e.same_issues) for e in editions}
    checked = [
        CheckedDraft(
            short(e.draft.path),
            str(e.draft.date),
            (*filter(None, [twice[e.draft.date]]), *e.checked(link_status)),
        )
        for e in editions
    ]
    unmerged += [("", found) for found in unmerged_revisions(folder.path)]
    files = {found.path: CheckedDraft(short(found.path), day, (found.finding,)) for day, found in unmerged}
    checked += files.values()
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
