"""The command that lists candidates for the next issue."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import click

from embedai_nb.cli.group import Folder, commands, fail
from embedai_nb.cli.json_output import json_option, print_json
from embedai_nb.cli.progress_bar import progress_bar
from embedai_nb.cli.streams import required
from embedai_nb.cli.translated_help import option
from embedai_nb.errors import EmbedAIError
from embedai_nb.i18n import NP_, Translatable, _, translated
from embedai_nb.workspace import layout

if TYPE_CHECKING:
    from embedai_nb.inbox.candidates import Candidate
    from embedai_nb.inbox.collect import Failure
    from embedai_nb.inbox.inbox import Inbox


@commands.command()
@json_option
@option("--limit", type=click.IntRange(1, 10_000), default=40, show_default=True, help="Maximum number listed.")
@option("--unseen", is_flag=True, help="Leave out what was in an earlier issue.")
@option("--offline", is_flag=True, help="Ask no site; list what was fetched before.")
@option(
    "--every",
    type=click.IntRange(5, 10_000),
    metavar="MINUTES",
    help="Fetch again and again, until Ctrl-C, and only count.",
)
@click.pass_obj
def inbox(folder: Folder, /, form: str, limit: int, *, unseen: bool, offline: bool, every: int | None) -> int:
    """List candidates for the next issue.

    Fetches the sources under `inbox` in newsletter.yaml: feeds, queries, notes.  The most fitting candidate comes first,
    by what the newsletter took before.  A source that fails is one line on stderr and
    costs the others nothing; exits with 1 only if all failed.
    """
    from embedai_nb.drafts import load_newsletter
    from embedai_nb.errors import UsageError
    from embedai_nb.inbox.inbox import Inbox

    path = folder.path
    newsletter = load_newsletter(path / layout.NEWSLETTER)
    if not newsletter.inbox:
        problem, remedy = _("names no sources of an inbox"), _("add some under inbox:, as docs/inbox.md shows")
        raise UsageError(problem, path=path / layout.NEWSLETTER, remedy=remedy)
    box = Inbox(path, newsletter)
    if every:
        return _repeat(box, every)
    failures = _fetch(box, offline=offline)
    found = [each for each in box.candidates() if not (unseen and each.seen)]
    if form == "json":
        print_json(_as_json(found[:limit], failures, newsletter.language))
    else:
        with required():
            _print(found, limit, newsletter.language)
    return int(len(failures) >= len(newsletter.inbox) and not found)


def _repeat(box: Inbox, minutes: int) -> int:
    """Fetch now and then, as long as whoever started this lives, and say how many candidates there are."""
    known, parent = set[str](), os.getppid()
    while os.getppid() == parent:
        try:
            failures = _fetch(box, offline=False)
            found = {each.id for each in box.candidates() if not each.seen}
        except EmbedAIError as error:  # another process is fetching, or a file cannot be written at the moment
            fail(str(error), 1)
        else:
            click.echo(_counts(len(found), len(found - known) if known else None, len(failures)))
            known |= found
        time.sleep(60 * minutes)
    return 0


def _counts(found: int, new: int | None, failed: int) -> Translatable:
    if new is None:
        return _("inbox: candidates: {found}, sources that failed: {failed}", found=found, failed=failed)
    return _(
        "inbox: candidates: {found}, new: {new}, sources that failed: {failed}", found=found, new=new, failed=failed
    )


def _fetch(box: Inbox, *, offline: bool) -> list[Failure]:
    """Fetch with a progress bar, and say what failed."""
    from embedai_nb.capture.draft import caching_fetcher

    with progress_bar(_("inbox")) as show:
        failures = box.fetch(None if offline else caching_fetcher(box.folder), show)
    for failure in failures:
        fail(str(failure), 1)
    return failures


def _print(found: list[Candidate], limit: int, language: str) -> None:
    from embedai_nb.inbox.messages import reasons_text

    for each in found[:limit]:
        sources = _(NP_("between names", ", ")).join(dict.fromkeys(mention.source for mention in each.mentions))
        click.echo(f"{each.section}: {each.title} | {sources} {each.item.url or ''}")
        said = [str(each.date), reasons_text(each.reasons, language), *map(str, each.earlier[:1])]
        click.secho(f"  {' · '.join(filter(None, said))}", fg="yellow" if each.seen else None)
    if len(found) > limit:
        click.secho(_("{count} more: --limit {all}", count=len(found) - limit, all=len(found)), err=True)


def _as_json(found: list[Candidate], failures: list[Failure], language: str) -> dict[str, Any]:
    return {
        "candidates": [_candidate(each, language) for each in found],
        "failed": [{"source": each.place, "reason": translated(each.reason, language)} for each in failures],
    }


def _candidate(each: Candidate, language: str) -> dict[str, Any]:
    from embedai_nb.inbox.messages import reason_text

    return {
        "title": each.title,
        "url": each.item.url,
        "section": each.section,
        "date": str(each.date),
        "score": round(each.score, 2),
        "reasons": [reason_text(reason, language) for reason in each.reasons],
        "excerpt": each.excerpt,
        "tags": list(each.item.tags),
        "repo": each.item.repo,
        "links": [{"source": mention.source, "url": mention.url} for mention in each.mentions],
        "earlier": [{"date": str(e.date), "title": e.title, "reason": e.reason} for e in each.earlier],
    }
