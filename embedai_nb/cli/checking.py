"""Commands that check drafts and fix what is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from embedai_nb.cli.catalogue_progress import open_catalogue
from embedai_nb.cli.chosen_drafts import ListCommand, chosen_drafts, draft_choice, nothing_chosen
from embedai_nb.cli.date_argument import date_argument
from embedai_nb.cli.group import Folder, commands, fail, short, tell_misnamed
from embedai_nb.cli.progress_bar import progress_bar, tracked
from embedai_nb.cli.streams import required
from embedai_nb.cli.translated_help import option
from embedai_nb.errors import ConflictMarkersError, DraftError, UsageError
from embedai_nb.i18n import NP_, _
from embedai_nb.workspace import layout

if TYPE_CHECKING:
    from embedai_nb.checks import Finding, Severity
    from embedai_nb.checks.reports import CheckedDraft
    from embedai_nb.edition import Edition


@commands.command(cls=ListCommand)
@draft_choice
@option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="Output format; the last three are for programs.",
)
@option("--links", is_flag=True, help="Check links too: fetch each URL and report dead ones.")
@option("--strict", is_flag=True, help="Fail on warnings too, not on errors alone.")
@click.pass_obj
def check(
    folder: Folder, /, wanted: Sequence[str], changed: str | None, form: str, *, links: bool, strict: bool
) -> int:
    """Check drafts: list findings with file, line and item.

    Without DATE or FILE, checks all drafts.  An empty list after -- checks nothing, and so does --changed where no draft
    has changed.
    """
    from embedai_nb.checks.reports import REPORTS, as_text
    from embedai_nb.drafts import DraftStore

    path, place = folder.path, _report_path(folder.path) if form in ("github", "sarif") else short
    days = chosen_drafts(path, wanted, changed)
    if days == []:
        click.echo(_("nothing to check: {reason}", reason=nothing_chosen(changed)), err=form != "text")
    dates = [str(day) for day in DraftStore(path).dates()] if days is None else days
    checked, status = _checked(folder, dates, place, links=links)
    if days is None:
        checked += _checked_files(path, place)
        status = max(status, tell_misnamed(path))
    with required():
        click.echo(as_text(checked, _coloured) if form == "text" else REPORTS[form](checked), nl=False)
    failing = {"error", "warning"} if strict else {"error"}
    return max(status, int(any(finding.severity in failing for each in checked for finding in each.findings)))


def _checked(
    folder: Folder, dates: Sequence[str], place: Callable[[Path], str], *, links: bool
) -> tuple[list[CheckedDraft], int]:
    """The findings of drafts, also of those that cannot be read; and 2 if one is no date or has no draft."""
    from embedai_nb.checks.reports import CheckedDraft
    from embedai_nb.checks.unmerged_files import issue_twice, unmerged_files
    from embedai_nb.drafts import load_newsletter, newsletter_language

    language = newsletter_language(folder.path)
    editions: dict[str, Edition] = {}
    files: dict[Path, CheckedDraft] = {}  # once each: newsletter.yaml is read with every draft
    status = 0

    def note(date: str, *found: tuple[Path, Finding]) -> None:
        for path, finding in found:
            files[path] = CheckedDraft(place(path), "" if path.name == layout.NEWSLETTER else date, (finding,))

    try:
        load_newsletter(folder.path / layout.NEWSLETTER)  # which may have changed alone
    except DraftError as error:
        note("", _unread(error, language))
    with ExitStack() as opened:
        catalogue = None
        for date in tracked(_("reading drafts"), list(dict.fromkeys(dates))):
            try:
                edition = folder.edition(date)
                catalogue = catalogue or opened.enter_context(open_catalogue(folder.path, edition.newsletter))
                editions[date] = replace(edition, catalogue=catalogue)
                note(date, *unmerged_files(folder.path, date, language))
            except UsageError as error:
                status = fail(str(error), error.exit_status)
            except DraftError as error:
                note(date, _unread(error, language))
        link_status = _check_links(folder.path, list(editions.values())) if links else None
        for date, edition in tracked(_("checking"), list(editions.items())):
            path = edition.draft.path
            try:
                found = (
                    *filter(None, [issue_twice(date, edition.same_issues, language)]),
                    *edition.checked(link_status),
                )
                files[path] = CheckedDraft(place(path), date, found)
            except Exception as error:  # a fault of a rule must not keep the other drafts from being checked
                problem = _(
                    "cannot be checked ({kind}: {error}), which is a fault of this program",
                    kind=type(error).__name__,
                    error=str(error),
                )
                said = _("{path}: {problem}; please report it", path=short(path), problem=problem)
                status = max(status, fail(said, 1))
    return sorted(files.values(), key=lambda each: each.date), status


def _unread(error: DraftError, language: str) -> tuple[Path, Finding]:
    """The finding about a file that cannot be read."""
    from embedai_nb.checks.file_findings import unreadable_draft
    from embedai_nb.checks.unmerged_files import unmerged_source

    if isinstance(error, ConflictMarkersError):
        return unmerged_source(error, language)
    return unreadable_draft(error, language)


def _checked_files(folder: Path, place: Callable[[Path], str]) -> list[CheckedDraft]:
    """The findings about the file of revisions, and about git's own files, which newsletter.yaml may turn off."""
    from embedai_nb.checks.file_findings import git_files
    from embedai_nb.checks.reports import CheckedDraft
    from embedai_nb.checks.unmerged_files import unmerged_revisions
    from embedai_nb.drafts import load_newsletter, newsletter_language

    found: list[tuple[Path, Finding]] = [*unmerged_revisions(folder, newsletter_language(folder))]
    with suppress(DraftError):
        found += git_files(folder, load_newsletter(folder / layout.NEWSLETTER))
    return [CheckedDraft(place(path), "", (finding,)) for path, finding in found]


def _report_path(folder: Path) -> Callable[[Path], str]:
    """How GitHub names files: from the root of their repository, wherever the command runs."""
    from embedai_nb.workspace.git import repository_root

    root = repository_root(folder)
    return lambda path: path.relative_to(root).as_posix() if root and path.is_relative_to(root) else short(path)


def _check_links(folder: Path, editions: Sequence[Edition]) -> Any:
    """Check all links of these issues; how to look up the result of each."""
    from datetime import datetime

    from embedai_nb.capture import Fetcher
    from embedai_nb.capture.link_check import LinkChecker
    from embedai_nb.checks import pages

    urls = list(dict.fromkeys(url for edition in editions for _, url in pages(edition.draft.issue)))
    language = editions[0].newsletter.language if editions else "en"
    links = LinkChecker(folder, Fetcher(), datetime.now().astimezone().date(), language)
    with progress_bar(_(NP_("progress", "links"))) as show:
        links.check(urls, show)
    return links.status


def _coloured(text: str, severity: Severity) -> str:
    from embedai_nb.checks import SEVERITIES

    return click.style(text, fg=SEVERITIES[severity].colour)


@commands.command()
@date_argument
@option("--all", "unsafe", is_flag=True, help="Apply also fixes that somebody should review.")
@option("--dry-run", is_flag=True, help="Print the diffs without changing the draft.")
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
    values = {"date": edition.draft.date, "count": len(done), "left": left}
    fixed = _("{date}: fixed: {count}, fixes left: {left}", **values)
    click.echo(_("{date}: not fixed: {count}, fixes left: {left}", **values) if dry_run else fixed)
    if left and not (unsafe or dry_run):
        click.echo(_("look at the others with: embedai fix {date} --all --dry-run", date=edition.draft.date))


def _print_step(step: Any) -> None:
    click.echo(f"{step.finding.place}: {step.finding.fix.description} [{step.finding.rule}]")
    for line in step.diff:
        click.secho(f"  {line}", fg="red" if line.startswith("-") else "green")
