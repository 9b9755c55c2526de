"""The command that imports old issues."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from embedai_nb.cli.catalogue_progress import open_catalogue
from embedai_nb.cli.group import Folder, commands, fail, short
from embedai_nb.cli.json_output import json_option, print_json
from embedai_nb.cli.progress_bar import tracked
from embedai_nb.cli.translated_help import columns, option
from embedai_nb.errors import EmbedAIError, system_problem
from embedai_nb.i18n import NP_, _
from embedai_nb.workspace import layout

if TYPE_CHECKING:
    from embedai_nb.drafts import DraftStore
    from embedai_nb.model import Issue, Newsletter


@commands.command(name="import")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@option("--date", help="The date of a file that says none, neither in its title nor in its name.")
@option(
    "--published/--draft",
    default=None,
    help="Whether readers have had these issues: the errors in one that was published are warnings.  "
    "Unless said, an issue is a draft where a link, a company or the lead was left empty.",
)
@json_option
@click.pass_obj
def import_(folder: Folder, files: Sequence[Path], date: str | None, form: str, *, published: bool | None) -> int:
    """Make drafts of old archive Markdown.

    Says, line by line, what was kept raw and what is written or shown otherwise.
    """
    from embedai_nb.drafts import DraftStore, load_newsletter
    from embedai_nb.drafts.importing import files_in, import_file
    from embedai_nb.text.dates import parse_date

    path, day = folder.path, parse_date(date) if date else None
    store, newsletter = DraftStore(path), load_newsletter(path / layout.NEWSLETTER)
    done, failed, wanted = list[Any](), list[tuple[Path, str]](), list(files_in(files))
    with _ended_early(store, len(wanted)):
        try:
            for file in tracked(_("importing"), wanted):
                try:
                    found = partial(_unfinished, newsletter=newsletter)
                    done.append(import_file(file, store, newsletter, day, published=published, unfinished=found))
                except EmbedAIError as error:
                    elsewhere = error.path not in (None, file)
                    error.path = error.path or file
                    about = _("{name} not imported: {error}", name=file.name, error=str(error))
                    failed.append((file, about if elsewhere else str(error)))
                    fail(failed[-1][1], 1)
        finally:
            if form == "json":
                print_json(_as_json(done, failed))
            for imported in done if form == "text" else ():
                _print_import(imported)
        if form == "text" and len(wanted) > 1:
            _print_archive(folder, done, len(failed))
        open_catalogue(path, newsletter).close()
    return int(bool(failed))


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


KINDS = {"raw": NP_("a line", "raw"), "normalised": NP_("a line", "normalised")}
"""What reading did to a line."""

UNFINISHED = frozenset({"empty-link", "lead-skeleton", "no-items", "no-title", "warmup-without-text"})
"""Errors that no issue has that was read before it was published."""


def _unfinished(issue: Issue, newsletter: Newsletter) -> tuple[str, ...]:
    """The rules that find it so, each once."""
    from embedai_nb.checks import Context, check

    found = check(issue, Context(newsletter))
    return tuple(dict.fromkeys(finding.rule for finding in found if finding.rule in UNFINISHED))


def _print_archive(folder: Folder, done: Sequence[Any], failed: int) -> None:
    """Print how much was imported, and what the checks find in it."""
    from embedai_nb.checks.reports import by_rule

    days = tracked(_("checking"), [str(each.draft.date) for each in done])
    findings = [found for day in days for found in folder.edition(day).findings]
    rows: list[tuple[str, int]] = [
        (_(NP_("count", "issues")), len(done)),
        (_(NP_("count", "not imported")), failed),
        (_(NP_("count", "items")), sum(len(each.draft.issue.entries) for each in done)),
    ]
    rows += [
        (_(NP_("count", "raw lines")), sum(each.raw for each in done)),
        (_(NP_("count", "findings")), len(findings)),
        *by_rule(findings),
    ]
    click.echo()
    for name, count in rows:
        click.echo(f"{name}{' ' * (26 - columns(name))}{count:6}")


def _as_json(done: Sequence[Any], failed: Sequence[tuple[Path, str]]) -> dict[str, Any]:
    return {
        "imported": [
            {
                "file": str(each.source),
                "draft": short(each.draft.path),
                "date": str(each.draft.date),
                "items": len(each.draft.issue.entries),
                "remarks": [vars(remark) for remark in each.remarks],
                "unfinished": list(each.unfinished),
                "warnings": list(filter(None, [each.disagreement, each.nothing_found])),
            }
            for each in done
        ],
        "failed": [{"file": str(file), "reason": reason} for file, reason in failed],
    }


def _print_import(done: Any) -> None:
    issue, name = done.draft.issue, done.source.name
    counts = _(
        "items: {items}, raw: {raw}, normalised: {normalised}",
        items=len(issue.entries),
        raw=done.raw,
        normalised=len(done.remarks) - done.raw,
    )
    click.echo(f"{name} → {short(done.draft.path)} ({counts})")
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
