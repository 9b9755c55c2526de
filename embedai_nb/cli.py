"""The command `embedai`: each command parses, calls one function and prints.

What is heavy is imported where it is used: most of what one waits for in a short command are imports.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from embedai_nb.errors import EmbedAIError

if TYPE_CHECKING:
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
@click.option("--browser/--no-browser", default=True, help="Open it, or only print its address.")
@click.pass_obj
def edit(folder: _Folder, date: str, *, browser: bool) -> None:
    """Edit an issue in JupyterLab; its draft is begun if there is none."""
    from embedai_nb.dates import parse_date
    from embedai_nb.editor.launch import launch

    day = parse_date(date)
    start = launch(folder.path, day, *([] if browser else ["--no-browser"]))
    click.echo(f"editing {day}; Ctrl-C twice ends it, every change is saved by then")
    sys.stdout.flush()
    os.execve(start.command[0], list(start.command), dict(start.environment))


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
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
)
@click.option("--links", is_flag=True, help="Ask whether the links still lead somewhere.")
@click.pass_obj
def check(folder: _Folder, dates: Sequence[str], form: str, *, links: bool) -> int:
    """List what is wrong with these drafts, or all."""
    from embedai_nb.drafts import DraftStore
    from embedai_nb.reports import REPORTS, Checked, text

    days = dates or [day.isoformat() for day in DraftStore(folder.path).dates()]
    editions, failed = [], 0
    for day in days:
        try:
            editions.append(folder.edition(day))
        except EmbedAIError as error:
            failed = max(failed, _fail(str(error), error.exit_status))
    reached = _look(folder.path, editions) if links else None
    checked = [Checked(_short(e.draft.path), str(e.draft.date), e.checked(reached)) for e in editions]
    if checked or not failed:
        click.echo(text(checked, _coloured) if form == "text" else REPORTS[form](checked), nl=False)
    return failed or int(any(finding.severity == "error" for each in checked for finding in each.findings))


def _look(folder: Path, editions: Sequence[Edition]) -> Any:
    """Ask for all links of these issues, and say what became of each."""
    from datetime import datetime

    from embedai_nb.capture import Fetcher
    from embedai_nb.checks import pages
    from embedai_nb.reach import Links

    urls = list(dict.fromkeys(url for edition in editions for _, url in pages(edition.draft.issue)))
    links = Links(folder, Fetcher(), datetime.now().astimezone().date())
    with click.progressbar(length=len(urls), label="links", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        links.look(urls, lambda _: bar.update(1))
    return links.of


def _coloured(text: str, severity: str) -> str:
    return click.style(text, fg=COLOURS[severity])


@commands.command()
@click.argument("date")
@click.option("--all", "unsafe", is_flag=True, help="Apply also the fixes that a person ought to look at.")
@click.option("--dry-run", is_flag=True, help="Only show them.")
@click.pass_obj
def fix(folder: _Folder, date: str, *, unsafe: bool, dry_run: bool) -> None:
    """Cure what can be cured without a decision.

    Shows what each fix changes in the draft; a second run changes nothing more.
    """
    from embedai_nb.drafts import DraftStore
    from embedai_nb.fixing import steps

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
@click.argument("date")
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "html", "wechat", "email", "json"]),
    default="markdown",
    show_default=True,
)
@click.pass_obj
def show(folder: _Folder, date: str, form: str) -> None:
    """Print an issue as it would be published.

    The format wechat is a page to copy the article from, email a message to be sent; json prints the draft.
    """
    edition = folder.edition(date)
    if form == "json":
        text = json.dumps(edition.draft.issue.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
    elif form == "html":
        from embedai_nb.html.page import render

        text = render(edition.issue, edition.newsletter)
    elif form == "wechat":
        from embedai_nb.html.wechat import render as render_article

        text = render_article(edition.issue, edition.newsletter)
    elif form == "email":
        from embedai_nb.html.email import message

        text = message(edition.issue, edition.newsletter)
    else:
        text = edition.markdown
    click.echo(text, nl=False)


@commands.command()
@click.argument("date")
@click.option(
    "--cover",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="The picture over the article; else cover.jpg or cover.png in the issues folder.",
)
@click.pass_obj
def wechat(folder: _Folder, date: str, cover: Path | None) -> None:
    """Put an issue into the draft box of a WeChat account; publish it there by hand.

    The account is that of $WECHAT_APPID and $WECHAT_SECRET.  A draft put there before is replaced.
    """
    from embedai_nb.capture.fetch import Fetcher
    from embedai_nb.wechat.client import API, Client, Credentials
    from embedai_nb.wechat.upload import upload

    edition, fetcher = folder.edition(date), Fetcher()
    with Client(Credentials.of(os.environ), API) as client:
        sent = upload(edition, client, lambda url: fetcher.get(url).body, cover)
    done = "is in the draft box" if sent.added else "has been replaced in the draft box"
    click.echo(f"{date} {done} (pictures: {sent.pictures}); look at it and publish it at https://mp.weixin.qq.com")


@commands.command(name="import")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--date", help="The date of a file that says none, neither in its title nor in its name.")
@click.pass_obj
def import_(folder: _Folder, files: Sequence[Path], date: str | None) -> int:
    """Make drafts of old archive Markdown.

    Says, line by line, what was kept raw and what was normalised.
    """
    from embedai_nb.catalogue import Catalogue
    from embedai_nb.dates import parse_date
    from embedai_nb.drafts import DraftStore, load_newsletter
    from embedai_nb.importing import files_in, import_file

    path, day = folder.path, parse_date(date) if date else None
    store, newsletter = DraftStore(path), load_newsletter(path / "newsletter.yaml")
    done, failed, wanted = [], 0, list(files_in(files))
    with click.progressbar(wanted, label="importing", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for file in bar:
            try:
                done.append(import_file(file, store, newsletter, day))
            except EmbedAIError as error:
                error.path = error.path or file
                failed += _fail(str(error), 1)
    for imported in done:
        _print_import(imported)
    if len(wanted) > 1:
        _print_archive(folder, done, failed)
    Catalogue(path, newsletter).close()
    return int(failed > 0)


def _print_archive(folder: _Folder, done: Sequence[Any], failed: int) -> None:
    """What came in, and what the checks find in it."""
    from embedai_nb.reports import by_rule

    findings = [found for each in done for found in folder.edition(str(each.draft.date)).findings]
    rows = [
        ("issues", len(done)),
        ("not imported", failed),
        ("items", sum(len(each.draft.issue.entries) for each in done)),
    ]
    rows += [("raw lines", sum(each.raw for each in done)), ("findings", len(findings)), *by_rule(findings)]
    click.echo()
    for name, count in rows:
        click.echo(f"{name:26}{count:6}")


def _print_import(done: Any) -> None:
    issue, name = done.draft.issue, done.source.name
    counts = f"items: {len(issue.entries)}, raw: {done.raw}, normalised: {len(done.remarks) - done.raw}"
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


@commands.command()
@click.option(
    "--out", type=click.Path(path_type=Path), default="site", show_default=True, help="The folder; replaced as a whole."
)
@click.option("--url", help="Where the site will stand; else site_url of newsletter.yaml.")
@click.pass_obj
def site(folder: _Folder, out: Path, url: str | None) -> None:
    """Make the website of all published issues."""
    from embedai_nb.site import build

    built = build(folder.path, out.absolute(), url)
    click.echo(f"wrote {_short(built.folder)}, issues: {built.issues}")
    if not built.address:
        click.secho("no sitemap and no canonical links: newsletter.yaml names no site_url", fg="yellow", err=True)


@commands.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes any.")
@click.pass_obj
def serve(folder: _Folder, port: int) -> None:
    """Show the website with the drafts in it; pages reload when a draft is saved."""
    from embedai_nb.site.serve import serve as serve_site

    serve_site(folder.path, port, click.echo)


@commands.command()
@click.argument("date")
@click.argument("texts", metavar="[TEXT]...", nargs=-1)
@click.option("--retry", is_flag=True, help="Ask again about the items marked 待补.")
@click.option("--offline", is_flag=True, help="Ask no site; what is missing is marked 待补.")
@click.pass_obj
def capture(folder: _Folder, date: str, texts: Sequence[str], *, retry: bool, offline: bool) -> int:
    """Make items of links, arXiv ids, owner/repo, titles; without TEXT of what comes in."""
    from embedai_nb.capture.drafting import capture_into, fetcher_of
    from embedai_nb.dates import parse_date

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
@click.argument("words", nargs=-1, required=True)
@click.option("--section", help="Only items of this section.")
@click.option("--year", type=click.IntRange(1, 9999), help="Only issues of this year.")
@click.option("--source", help="Only items of this source.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many.")
@click.pass_obj
def search(folder: _Folder, /, words: Sequence[str], **options: Any) -> None:
    """Find past items that hold all WORDS, what fits best first."""
    from embedai_nb.catalogue import Catalogue
    from embedai_nb.drafts import load_newsletter

    path = folder.path
    with Catalogue(path, load_newsletter(path / "newsletter.yaml")) as catalogue:
        for hit in catalogue.search(" ".join(words), **options):
            source = f" | {hit.source}" if hit.source else ""
            click.echo(f"{hit.date} {hit.section}: {_marked(hit.title)}{source} {hit.url}".rstrip())
            click.echo(f"  {_marked(hit.excerpt)}")


def _marked(text: Any) -> str:
    return "".join(click.style(piece, fg="yellow", bold=True) if match else piece for piece, match in text)


def _short(path: Path) -> str:
    """The path as one would type it here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


__all__ = ["commands", "main", "run"]
