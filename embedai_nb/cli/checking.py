"""Commands that check drafts and fix what is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import replace
from itertools import chain
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
    import datetime

    from embedai_nb.checks import Finding, LinkStatus, Severity
    from embedai_nb.checks.reports import CheckedDraft
    from embedai_nb.publish.findings_cache import FindingsCache

FEW = 3
"""So many issues are checked anew each time: whether their findings are kept takes about as long to tell."""


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
    run = _Checks(path, place, {"error", "warning"} if strict else {"error"})
    checked = run.drafts(dates, links=links)
    if days is None:
        checked = chain(checked, run.files())
    with required():
        for text in as_text(run.counted(checked), _coloured) if form == "text" else REPORTS[form](run.counted(checked)):
            click.echo(text, nl=False)
    return max(run.status, tell_misnamed(path) if days is None else 0)


class _Checks:
    """A run of all checks, one draft after another, and the exit status that it comes to."""

    def __init__(self, folder: Path, place: Callable[[Path], str], failing: Set[str]) -> None:
        self.folder = folder
        self.place = place
        self.failing = failing
        self.status = 0

    def counted(self, checked: Iterable[CheckedDraft]) -> Iterator[CheckedDraft]:
        """The same; what is found among it counts for the exit status."""
        for each in checked:
            if any(finding.severity in self.failing for finding in each.findings):
                self.status = max(self.status, 1)
            yield each

    def drafts(self, dates: Sequence[str], *, links: bool) -> Iterator[CheckedDraft]:
        """The findings of drafts, the oldest first, also of those that cannot be read; exit status 2 if one is none."""
        from embedai_nb.drafts import DraftStore, load_newsletter, newsletter_language
        from embedai_nb.edition import known_dates
        from embedai_nb.publish.findings_cache import FindingsCache

        try:
            newsletter = load_newsletter(self.folder / layout.NEWSLETTER)  # which may have changed alone
        except DraftError as error:
            yield self._about("", *_unread(error, newsletter_language(self.folder)))
            newsletter = None
        days = sorted(filter(None, map(self._day, dict.fromkeys(dates))))
        if not days or newsletter is None:
            return
        known = known_dates(self.folder, DraftStore(self.folder).dates())
        with open_catalogue(self.folder, newsletter) as catalogue:
            find = _finder(FindingsCache(self.folder, newsletter, known, catalogue), days, links=links)
            for day in tracked(_("checking"), days):
                yield from self._draft(day, newsletter.language, find)

    def _day(self, date: str) -> datetime.date | None:
        """The date of a draft that there is; else tell that there is none."""
        from embedai_nb.drafts import DraftStore
        from embedai_nb.text.dates import parse_date

        store = DraftStore(self.folder)
        try:
            day = parse_date(date)
            if store.path(day).exists():
                return day
            raise store.missing(day)
        except UsageError as error:
            self.status = fail(str(error), error.exit_status)
            return None

    def _draft(
        self, day: datetime.date, language: str, find: Callable[[datetime.date], tuple[Finding, ...]]
    ) -> Iterator[CheckedDraft]:
        from embedai_nb.checks.reports import CheckedDraft
        from embedai_nb.checks.unmerged_files import unmerged_files

        path, date = self.folder / layout.draft(str(day)), str(day)
        found: tuple[Finding, ...] | None = None
        try:
            found = find(day)
        except DraftError as error:
            yield self._about(date, *_unread(error, language))
            return
        except Exception as error:  # a fault of a rule must not keep the other drafts from being checked
            problem = _(
                "cannot be checked ({kind}: {error}), which is a fault of this program",
                kind=type(error).__name__,
                error=str(error),
            )
            said = _("{path}: {problem}; please report it", path=short(path), problem=problem)
            self.status = max(self.status, fail(said, 1))
        for each in unmerged_files(self.folder, date, language):
            yield self._about(date, *each)
        if found is not None:
            yield CheckedDraft(self.place(path), date, found)

    def _about(self, date: str, path: Path, finding: Finding) -> CheckedDraft:
        """A finding about a file; newsletter.yaml belongs to no date."""
        from embedai_nb.checks.reports import CheckedDraft

        return CheckedDraft(self.place(path), "" if path.name == layout.NEWSLETTER else date, (finding,))

    def files(self) -> Iterator[CheckedDraft]:
        """The findings about the file of revisions, and about git's own files, which newsletter.yaml may turn off."""
        from embedai_nb.checks.file_findings import git_files
        from embedai_nb.checks.unmerged_files import unmerged_revisions
        from embedai_nb.drafts import load_newsletter, newsletter_language

        for path, finding in unmerged_revisions(self.folder, newsletter_language(self.folder)):
            yield self._about("", path, finding)
        with suppress(DraftError):
            for path, finding in git_files(self.folder, load_newsletter(self.folder / layout.NEWSLETTER)):
                yield self._about("", path, finding)


def _finder(
    issues: FindingsCache, days: Sequence[datetime.date], *, links: bool
) -> Callable[[datetime.date], tuple[Finding, ...]]:
    """How to find what is wrong with an issue; of many issues, or where links are fetched, something is done before."""
    from embedai_nb.publish.findings_cache import all_findings

    if links:
        status = _check_links(issues, days)
        return lambda day: all_findings(issues.edition(day), status)
    return issues.findings if len(days) > FEW else lambda day: all_findings(issues.edition(day))


def _unread(error: DraftError, language: str) -> tuple[Path, Finding]:
    """The finding about a file that cannot be read."""
    from embedai_nb.checks.file_findings import unreadable_draft
    from embedai_nb.checks.unmerged_files import unmerged_source

    if isinstance(error, ConflictMarkersError):
        return unmerged_source(error, language)
    return unreadable_draft(error, language)


def _report_path(folder: Path) -> Callable[[Path], str]:
    """How GitHub names files: from the root of their repository, wherever the command runs."""
    from embedai_nb.workspace.git import repository_root

    root = repository_root(folder)
    return lambda path: path.relative_to(root).as_posix() if root and path.is_relative_to(root) else short(path)


def _check_links(issues: FindingsCache, days: Sequence[datetime.date]) -> Callable[[str], LinkStatus | None]:
    """Check all links of these issues; how to look up the result of each."""
    from datetime import datetime

    from embedai_nb.capture import Fetcher
    from embedai_nb.capture.link_check import LinkChecker
    from embedai_nb.checks import pages

    urls = dict[str, None]()
    for day in days:
        with suppress(DraftError, UsageError):  # reported when it is checked
            urls |= dict.fromkeys(url for _, url in pages(issues.edition(day).draft.issue))
    links = LinkChecker(issues.folder, Fetcher(), datetime.now().astimezone().date(), issues.newsletter.language)
    with progress_bar(_(NP_("progress", "links"))) as show:
        links.check(list(urls), show)
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
    done = list(apply_fixes(edition.draft, lambda draft: replace(edition, draft=draft).fixable, unsafe=unsafe))
    for step in done:
        _print_step(step)
    if done and not dry_run:
        edition = replace(edition, draft=DraftStore(folder.path).save(edition.draft, done[-1].after.issue))
    left = sum(finding.fix is not None for finding in edition.fixable)
    values = {"date": edition.draft.date, "count": len(done), "left": left}
    fixed = _("{date}: fixed: {count}, fixes left: {left}", **values)
    click.echo(_("{date}: not fixed: {count}, fixes left: {left}", **values) if dry_run else fixed)
    if left and not (unsafe or dry_run):
        click.echo(_("look at the others with: embedai fix {date} --all --dry-run", date=edition.draft.date))


def _print_step(step: Any) -> None:
    click.echo(f"{step.finding.place}: {step.finding.fix.description} [{step.finding.rule}]")
    for line in step.diff:
        click.secho(f"  {line}", fg="red" if line.startswith("-") else "green")
