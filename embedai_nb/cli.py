"""The command `embedai`: each command parses, calls one function and prints.

What is heavy is imported where it is used: most of what one waits for in a short command are imports.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from embedai_nb.errors import EmbedAIError

if TYPE_CHECKING:
    from embedai_nb.checks import Finding
    from embedai_nb.edition import Edition

STORY = """\b
A new issue:    embedai new 2026-11-15, then edit issues/drafts/2026-11-15.yaml
What is wrong:  embedai check 2026-11-15
How it looks:   embedai show 2026-11-15 --format html > page.html
Publish:        embedai issue 2026-11-15
"""

COLOURS = {"error": "red", "warning": "yellow", "note": "blue"}


def main() -> None:
    """Entry point: exit with the status of `run`."""
    sys.exit(run(sys.argv[1:]))


def run(argv: Sequence[str]) -> int:
    """Run one command.

    Args:
        argv: the words behind `embedai`.

    Returns:
        0: done; 1: findings of severity error, or a run that failed; 2: called wrongly.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        return int(commands.main(args=list(argv), prog_name="embedai", standalone_mode=False) or 0)
    except EmbedAIError as error:
        return _fail(str(error), error.exit_status)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.ClickException as error:
        return _fail(" ".join(error.format_message().split()), 2)
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted; what was there before is untouched", 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _fail(f"{error.filename or 'a file'}: {error.strerror or error}; nothing was changed", 1)


def _fail(message: str, status: int) -> int:
    click.secho(f"embedai: {message}", fg="red", err=True)
    return status


class _Folder:
    """The issues folder, looked for when a command needs it."""

    def __init__(self, named: Path | None) -> None:
        self.named = named

    @property
    def path(self) -> Path:
        from embedai_nb.folder import issues_folder

        return issues_folder(self.named)

    def edition(self, date: str) -> Edition:
        from embedai_nb.edition import load

        return load(date, self.path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=STORY)
@click.option(
    "--issues",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The issues folder; else $EMBEDAI_ISSUES, else issues/ here or above.",
)
@click.version_option(package_name="embedai-nb")
@click.pass_context
def commands(context: click.Context, issues: Path | None) -> None:
    """Edit, check and publish a newsletter.  DATE is always YYYY-MM-DD."""
    context.obj = _Folder(issues)


@commands.command()
@click.argument("date")
@click.pass_obj
def new(folder: _Folder, date: str) -> None:
    """Begin the draft of an issue."""
    from embedai_nb.dates import parse_date
    from embedai_nb.drafts import DraftStore, load_newsletter, template

    day = parse_date(date)
    path = folder.path
    newsletter = load_newsletter(path / "newsletter.yaml")
    draft = DraftStore(path).create(day, template(day, newsletter))
    click.echo(f"{_short(draft.path)} is ready to be edited; then: embedai check {day}")


@commands.command()
@click.argument("date")
@click.option(
    "--engine", type=click.Choice(["fork", "kernel"]), help="How the notebook runs; both give the same bytes."
)
@click.option("--timeout", type=click.IntRange(1), default=120, show_default=True, help="Seconds a cell may take.")
@click.option("--force", is_flag=True, help="Run even if nothing changed.")
@click.pass_obj
def issue(folder: _Folder, /, date: str, **options: Any) -> int:
    """Execute, check and publish an issue.

    Writes review/DATE.ipynb always, and archive/DATE.md and .html when no finding is an error.
    """
    from embedai_nb.dates import parse_date
    from embedai_nb.publish.build import publish

    outcome = publish(folder.path, parse_date(date), progress=sys.stderr.isatty(), **options)
    return _tell(outcome, folder.path)


def _tell(outcome: Any, folder: Path) -> int:
    """Say what was written and what to do next."""
    notebook = _short(folder / "review" / f"{outcome.date}.ipynb")
    errors, warnings, notes = outcome.findings
    counts = f"errors: {errors}, warnings: {warnings}, notes: {notes}"
    if outcome.up_to_date:
        click.echo(f"{outcome.date} is up to date ({counts})")
    else:
        for name in outcome.written:
            click.echo(f"wrote {_short(folder / name)}")
        click.echo(f"{outcome.date}: {counts}")
    if outcome.published:
        click.secho(f"published; reviewers read {notebook}", fg="green")
        return 0
    click.secho(f"not published; embedai check {outcome.date} lists what to mend, {notebook} shows it", fg="red")
    return 1


@commands.command()
@click.argument("dates", metavar="[DATE]...", nargs=-1)
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@click.pass_obj
def check(folder: _Folder, dates: Sequence[str], form: str) -> int:
    """List what is wrong with these drafts, or all."""
    from embedai_nb.drafts import DraftStore

    days = dates or [day.isoformat() for day in DraftStore(folder.path).dates()]
    found = [(edition, edition.findings) for edition in map(folder.edition, days)]
    if form == "json":
        report = [
            finding.model_dump(mode="json") | {"date": str(e.draft.date)} for e, all_ in found for finding in all_
        ]
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        for edition, findings in found:
            _print_findings(edition, findings, form)
    return int(any(finding.severity == "error" for _, findings in found for finding in findings))


def _print_findings(edition: Edition, findings: Sequence[Finding], form: str) -> None:
    path = _short(edition.draft.path)
    for finding in findings:
        if form == "github":
            click.echo(_github(path, finding))
        else:
            severity = click.style(finding.severity, fg=COLOURS[finding.severity])
            place = f"{finding.place}: " if str(finding.place) else ""
            click.echo(f"{path}:{finding.line or 1}: {severity}: {place}{finding.message} [{finding.rule}]")
    if form == "text":
        click.echo(f"{edition.draft.date}: {_summary(findings)}")


def _summary(findings: Iterable[Finding]) -> str:
    severities = [finding.severity for finding in findings]
    return ", ".join(f"{kind}s: {severities.count(kind)}" for kind in ("error", "warning", "note"))


def _github(path: str, finding: Finding) -> str:
    """A workflow command (docs.github.com: workflow commands for GitHub Actions)."""
    kind = {"note": "notice"}.get(finding.severity, finding.severity)
    text = f"{finding.place}：{finding.message}" if str(finding.place) else finding.message
    for sign, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        text = text.replace(sign, code)
    return f"::{kind} file={path},line={finding.line or 1},title={finding.rule}::{text}"


@commands.command()
@click.argument("date")
@click.option(
    "--format", "form", type=click.Choice(["markdown", "html", "json"]), default="markdown", show_default=True
)
@click.pass_obj
def show(folder: _Folder, date: str, form: str) -> None:
    """Print an issue as it would be published.

    The format json prints the draft.
    """
    edition = folder.edition(date)
    if form == "json":
        text = json.dumps(edition.draft.issue.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
    elif form == "html":
        from embedai_nb.html.page import render

        text = render(edition.issue, edition.newsletter)
    else:
        text = edition.markdown
    click.echo(text, nl=False)


@commands.command(name="import")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--date", help="The date of a file that says none, neither in its title nor in its name.")
@click.pass_obj
def import_(folder: _Folder, files: Sequence[Path], date: str | None) -> int:
    """Make drafts of old archive Markdown.

    Says, line by line, what was kept raw and what was normalised.
    """
    from embedai_nb.dates import parse_date
    from embedai_nb.drafts import DraftStore, load_newsletter
    from embedai_nb.importing import import_file

    path, day = folder.path, parse_date(date) if date else None
    store, newsletter = DraftStore(path), load_newsletter(path / "newsletter.yaml")
    failed = False
    for file in files:
        try:
            _print_import(import_file(file, store, newsletter, day))
        except EmbedAIError as error:
            error.path = error.path or file
            failed = bool(_fail(str(error), 1))
    return int(failed)


def _print_import(done: Any) -> None:
    issue, name = done.draft.issue, done.source.name
    raw = sum(remark.kind == "raw" for remark in done.remarks)
    counts = f"items: {len(issue.entries)}, raw: {raw}, normalised: {len(done.remarks) - raw}"
    click.echo(f"{name} → {_short(done.draft.path)} ({counts})")
    if done.disagreement:
        click.secho(f"{name}: {done.disagreement}", fg="yellow")
    for remark in done.remarks:
        click.echo(f"{name}:{remark.line}: {remark.kind}: {remark.text}")


@commands.command()
@click.argument("old")
@click.argument("new")
@click.pass_obj
def reschedule(folder: _Folder, old: str, new: str) -> None:
    """Move an issue to another date.

    Draft, review and title follow.
    """
    from embedai_nb.dates import parse_date
    from embedai_nb.rescheduling import reschedule as moved

    before, after = parse_date(old), parse_date(new)
    draft = moved(folder.path, before, after)
    click.echo(f"{before} is now {_short(draft.path)}; publish it with: embedai issue {after}")


def _short(path: Path) -> str:
    """The path as one would type it here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


__all__ = ["commands", "main", "run"]
