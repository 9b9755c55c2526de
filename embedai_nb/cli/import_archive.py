"""The command that imports old issues, of whatever shape, and feeds."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from embedai_nb.cli.catalogue_progress import open_catalogue
from embedai_nb.cli.group import Folder, commands, fail, short
from embedai_nb.cli.json_output import json_option, print_json
from embedai_nb.cli.progress_bar import tracked
from embedai_nb.cli.translated_help import option
from embedai_nb.errors import EmbedAIError, UsageError, system_problem
from embedai_nb.i18n import NP_, _
from embedai_nb.text.columns import padded
from embedai_nb.workspace import layout

if TYPE_CHECKING:
    from embedai_nb.drafts import DraftStore
    from embedai_nb.importing.files import Imported
    from embedai_nb.model import Issue, Newsletter

Shape = Literal["archive", "list", "numbered", "headings", "paragraphs"]
SHAPES = ("archive", "list", "numbered", "headings", "paragraphs")
"""As in `embedai_nb.importing.shapes`, which takes a tenth of a second to import."""


@commands.command(name="import")
@click.argument("sources", metavar="FILES…", type=str, nargs=-1, required=True)
@option(
    "--date",
    help="The date of a file that says none, neither in its text nor in its name; with --every, the first's.",
)
@option(
    "--every",
    type=click.IntRange(min=1),
    metavar="DAYS",
    help="Days from one issue to the next, for files without a date: they count from --date, by their numbers.",
)
@option("--shape", type=click.Choice(SHAPES), help="How the items look, where that is not recognised.")
@option(
    "--published/--draft",
    default=None,
    help="Whether readers have had these issues: the errors in one that was published are warnings.  "
    "Unless said, an issue is a draft where a link, a company or the lead was left empty.",
)
@json_option
@click.pass_obj
def import_(
    folder: Folder,
    sources: Sequence[str],
    date: str | None,
    every: int | None,
    shape: Shape | None,
    form: str,
    *,
    published: bool | None,
) -> int:
    """Make drafts of old issues.

    FILES are Markdown, in the archive's format or link lists of another shape, folders of it, and feeds: an address, or a
    file that ends in .xml, .rss, .atom or .json.

    Says what was taken, what was kept raw, and what is written or shown otherwise.
    """
    from embedai_nb.drafts import DraftStore, load_newsletter
    from embedai_nb.text.dates import parse_date

    if every and not date:
        raise UsageError(_("--every needs the date of the first issue"), remedy=_("name it with --date YYYY-MM-DD"))
    path, day = folder.path, parse_date(date) if date else None
    store, newsletter = DraftStore(path), load_newsletter(path / layout.NEWSLETTER)
    tasks = list(_tasks(sources, path, day, every, partial(_unfinished, newsletter=newsletter), published, shape))
    done: list[Imported] = []
    failed = _Failures()
    with _ended_early(store, len(tasks)):
        try:
            for source, task in tracked(_("importing"), tasks):
                try:
                    done.append(task(store, newsletter))
                except EmbedAIError as error:
                    failed.add(error, source)
        finally:
            for imported in done if form == "text" else ():
                _print_import(imported)
            failed.tell()
            if form == "json":
                print_json(_as_json(done, failed.reasons))
        if form == "text" and len(tasks) > 1:
            _print_archive(folder, done, len(failed.reasons))
        open_catalogue(path, newsletter).close()
    return int(bool(failed.reasons))


def _tasks(
    sources: Sequence[str],
    folder: Path,
    day: datetime.date | None,
    every: int | None,
    unfinished: Callable[[Issue], tuple[str, ...]],
    published: bool | None,  # passed on
    shape: Shape | None,
) -> Iterator[tuple[Path, Callable[[DraftStore, Newsletter], Imported]]]:
    """What to import, each with the call that does it."""
    from embedai_nb.capture.draft import caching_fetcher
    from embedai_nb.importing import files
    from embedai_nb.importing.feed_issues import entries_of, import_entry, is_feed

    options: dict[str, Any] = {"published": published, "unfinished": unfinished, "shape": shape}
    feeds = [source for source in sources if is_feed(source)]
    for source in feeds:
        for entry in entries_of(source, caching_fetcher(folder)):
            yield Path(entry.name), partial(import_entry, entry, **options)
    paths = list(files.files_in(Path(source) for source in sources if source not in feeds))
    days = files.spread_dates(paths, day, every) if day and every else dict.fromkeys(paths, day)

    def task(path: Path) -> Callable[[DraftStore, Newsletter], Imported]:
        return lambda store, newsletter: files.import_file(path, store, newsletter, days[path], **options)

    yield from ((path, task(path)) for path in paths)


class _Failures:
    """What could not be imported: an error is told at once, files without a date together at the end."""

    def __init__(self) -> None:
        self.reasons: list[tuple[Path, str]] = []
        self.undated: list[tuple[Path, EmbedAIError]] = []

    def add(self, error: EmbedAIError, source: Path) -> None:
        if error.field == "date" and error.path is None:
            self.undated.append((source, error))
            self.reasons.append((source, str(error)))
            return
        elsewhere = error.path not in (None, source)
        error.path = error.path or source
        about = _("{name} not imported: {error}", name=source.name, error=str(error))
        self.reasons.append((source, about if elsewhere else str(error)))
        fail(self.reasons[-1][1], 1)

    def tell(self) -> None:
        """Name the files without a date."""
        if len(self.undated) == 1:
            path, error = self.undated[0]
            error.path = path
            fail(str(error), 1)
        elif self.undated:
            names = ", ".join(path.name for path, _error in self.undated)
            fail(
                _(
                    "no date in {count} files: {names}; name the first one's and the days between two issues with "
                    "--date YYYY-MM-DD --every DAYS",
                    count=len(self.undated),
                    names=names,
                ),
                1,
            )


@contextmanager
def _ended_early(store: DraftStore, wanted: int) -> Iterator[None]:
    """Say how many drafts are new when the command is interrupted or fails: those stay."""
    before = set(store.dates())
    try:
        yield
    except BrokenPipeError:  # nobody reads the report, that is all
        raise
    except (KeyboardInterrupt, OSError) as error:
        problem, path = (
            (system_problem(error), error.filename) if isinstance(error, OSError) else (_("interrupted"), None)
        )
        new = len(set(store.dates()) - before)
        remedy = _(
            "{new} of {wanted} files were imported before, their drafts stay; import the others again",
            new=new,
            wanted=wanted,
        )
        raise EmbedAIError(problem, path=path, remedy=remedy) from error


KINDS = {
    "raw": NP_("a line", "raw"),
    "normalised": NP_("a line", "normalised"),
    "left out": NP_("a line", "left out"),
}
"""What reading did to a line."""

UNFINISHED = frozenset({"empty-link", "lead-skeleton", "no-items", "no-title", "warmup-without-text"})
"""Errors that no issue has that was read before it was published."""


def _unfinished(issue: Issue, newsletter: Newsletter) -> tuple[str, ...]:
    """The rules that find it so, each once."""
    from embedai_nb.checks import Context, check

    found = check(issue, Context(newsletter))
    return tuple(dict.fromkeys(finding.rule for finding in found if finding.rule in UNFINISHED))


def _print_archive(folder: Folder, done: Sequence[Imported], failed: int) -> None:
    """Print how much was imported, and what the checks find in it."""
    from embedai_nb.checks.reports import by_rule

    days = tracked(_("checking"), [str(each.draft.date) for each in done])
    findings = [found for day in days for found in folder.edition(day).findings]
    rows: list[tuple[str, int]] = [
        (_(NP_("count", "issues")), len(done)),
        (_(NP_("count", "not imported")), failed),
        (_(NP_("count", "items")), sum(len(each.draft.issue.entries) for each in done)),
        (_(NP_("count", "raw lines")), sum(each.raw for each in done)),
    ]
    if left_out := sum(each.left_out for each in done):
        rows.append((_(NP_("count", "left out")), left_out))
    rows += [(_(NP_("count", "findings")), len(findings)), *by_rule(findings)]
    click.echo()
    for name, count in rows:
        click.echo(f"{padded(name, 26)}{count:6}")


def _as_json(done: Sequence[Imported], failed: Sequence[tuple[Path, str]]) -> dict[str, Any]:
    return {
        "imported": [
            {
                "file": str(each.source),
                "draft": short(each.draft.path),
                "date": str(each.draft.date),
                "items": len(each.draft.issue.entries),
                "remarks": [{"line": remark.line, "kind": remark.kind, "text": remark.text} for remark in each.remarks],
                "unfinished": list(each.unfinished),
                "warnings": list(filter(None, [each.disagreement, each.nothing_found])),
            }
            for each in done
        ],
        "failed": [{"file": str(file), "reason": reason} for file, reason in failed],
    }


def _print_import(done: Imported) -> None:
    issue, name = done.draft.issue, done.source.name
    items, normalised = len(issue.entries), len(done.remarks) - done.raw - done.left_out
    if done.converted:
        counts = _(
            "items: {items}, raw: {raw}, left out: {left_out}", items=items, raw=done.raw, left_out=done.left_out
        )
    else:
        counts = _(
            "items: {items}, raw: {raw}, normalised: {normalised}", items=items, raw=done.raw, normalised=normalised
        )
    click.echo(f"{name} → {short(done.draft.path)} ({counts})")
    if done.converted:
        for section in issue.sections:
            if section.entries:
                click.echo(f"{name}: {section.name}: {len(section.entries)}")
    if done.disagreement:
        click.secho(f"{name}: {done.disagreement}", fg="yellow")
    if done.nothing_found:
        click.secho(_("{name}: warning: {problem}", name=name, problem=done.nothing_found), fg="yellow")
    if done.unfinished:
        why = ", ".join(done.unfinished)
        click.secho(
            _("{name}: unfinished ({why}), so a draft; import with --published if readers had it", name=name, why=why),
            fg="yellow",
        )
    for remark in done.remarks:
        click.echo(f"{name}:{remark.line}: {_(KINDS[remark.kind])}: {remark.text}")
