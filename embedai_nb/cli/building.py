"""The command that publishes all issues."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from embedai_nb.cli.date_argument import draft_dates
from embedai_nb.cli.group import Folder, commands, counts, fail, running_options, tell_misnamed
from embedai_nb.cli.json_output import json_option, outcome_json, print_json
from embedai_nb.cli.progress_bar import Bar, progress_bar
from embedai_nb.cli.translated_help import option
from embedai_nb.errors import EmbedAIError, UsageError
from embedai_nb.i18n import _, _n
from embedai_nb.workspace.locate import VARIABLE

if TYPE_CHECKING:
    from embedai_nb.publish.all import Plan
    from embedai_nb.publish.cluster import Cluster
    from embedai_nb.publish.issue import Options
    from embedai_nb.publish.outcome import Outcome
    from embedai_nb.publish.pool import Failed, Progress

NAMED = 10
"""How many issues that are not published are named, the newest ones: of an old archive it may be hundreds, each time."""


@commands.command()
@option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="Number of issues published in parallel (default: one for each processor).",
)
@option("--dask", metavar="ADDRESS", help="Build on the Dask cluster with this scheduler, e.g. tcp://host:8786.")
@option("--explain", metavar="DATE", shell_complete=draft_dates, help="Only say why this issue is out of date.")
@option(
    "--allow-unpublished",
    "lenient",
    is_flag=True,
    help="Exit with 0 although issues with errors are not published, as drafts are; runs that fail count in any case.",
)
@option("--all", "every", is_flag=True, help="Name all issues that are not published, not only the newest ten.")
@option("--watch", is_flag=True, help="Watch the issues folder: publish again whatever is saved, until Ctrl-C.")
@option("--inbox", type=click.IntRange(5, 10_000), metavar="MINUTES", help="While watching, fetch the inbox so often.")
@running_options
@json_option
@click.pass_obj
def build(
    folder: Folder,
    /,
    jobs: int | None,
    dask: str | None,
    explain: str | None,
    form: str,
    *,
    lenient: bool,
    every: bool,
    watch: bool,
    inbox: int | None,
    **options: Any,
) -> int:
    """Publish all issues that are out of date.

    An issue is out of date when its draft, newsletter.yaml, the notebook, the program or what it shows of other issues
    has changed.  One that fails does not stop the others; the failed ones are listed at the end.
    """
    from embedai_nb.publish.all import plan
    from embedai_nb.publish.issue import Options

    if explain:
        return _explain(folder, explain, form)
    if dask:
        _refuse_besides("--dask", {"--jobs": jobs, "--watch": watch, "--engine kernel": options["engine"] == "kernel"})
        return _tell(_build_on(dask, folder, Options(**options)), form, lenient=lenient, every=every)
    if watch:
        _refuse_besides("--watch", {"--format json": form == "json"})
    if inbox and not watch:
        raise UsageError(_("needs --watch"), field="--inbox", remedy=_("to fetch once: embedai inbox"))
    jobs, path = jobs or _processors(), folder.running_path
    if watch:
        with _fetching_inbox(path, inbox) if inbox else nullcontext():
            return _watch(path, Options(**options), jobs)
    todo = plan(path, force=options["force"])
    if folder.verbose:
        _log_plan(todo)
    built = _build(todo, Options(**options), jobs)
    return max(tell_misnamed(path), _tell(built, form, lenient=lenient, every=every))


def _log_plan(todo: Plan) -> None:
    import logging

    logger = logging.getLogger(__name__)
    for outcome in todo.fresh:
        logger.info("%s: skipped, up to date", outcome.date)
    for state in todo.stale:
        logger.info("%s: to be published", state.date)


def _processors() -> int:
    """The number of processors that this process may use, where the system can tell."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _explain(folder: Folder, date: str, form: str) -> int:
    from embedai_nb.publish.all import reasons
    from embedai_nb.text.dates import parse_date

    found = reasons(folder.path, str(parse_date(date)))
    if form == "json":
        print_json({"date": date, "reasons": found})
        return 0
    click.echo("\n".join(f"{date}: {reason}" for reason in found) or _("{date} is up to date", date=date))
    return 0


def _refuse_besides(field: str, options: Mapping[str, object]) -> None:
    for name, given in options.items():
        if given:
            raise UsageError(_("cannot be had together with {option}", option=name), field=field)


def _build_on(address: str, folder: Folder, options: Options) -> Built:
    """Publish on a cluster; the issues folder may be in object storage."""
    from embedai_nb.publish.all import plan
    from embedai_nb.publish.cluster import Cluster
    from embedai_nb.publish.storage import Storage, is_url

    named = folder.named or os.environ.get(VARIABLE, "")
    if not is_url(named):
        return _build(plan(folder.path, force=options.force), options, 1, Cluster(address))
    storage = Storage(str(named))
    with storage.mirror() as mirror:
        return _build(plan(mirror, force=options.force), options, 1, Cluster(address, storage))


@contextmanager
def _fetching_inbox(folder: Path, minutes: int) -> Iterator[None]:
    """Fetch the inbox in another process: after starting a thread, this one could no longer fork."""
    command = [sys.executable, "-m", "embedai_nb", "--issues", str(folder), "inbox", "--every", str(minutes)]
    with subprocess.Popen(command) as process:
        try:
            yield
        finally:
            process.terminate()


def _watch(folder: Path, options: Options, jobs: int) -> int:
    """Publish what is out of date, then whatever is saved, in a process that has everything imported."""
    from embedai_nb.publish.all import plan, prepare
    from embedai_nb.publish.watch_process import watch

    with suppress(KeyboardInterrupt), watch(folder) as rounds:
        _tell(_build(plan(folder, force=options.force), options, jobs))
        prepare(plan(folder), options)
        click.echo(_("watching; Ctrl-C ends it"))
        for _round in rounds:
            try:
                _publish_again(plan(folder), options._replace(force=False), jobs)
            except EmbedAIError as error:
                fail(str(error), 1)
    return 0


def _publish_again(todo: Plan, options: Options, jobs: int) -> None:
    from embedai_nb.publish.all import build as build_all
    from embedai_nb.publish.outcome import Outcome
    from embedai_nb.publish.pool import Failed

    begun = time.monotonic()
    for event in build_all(todo, options, jobs):
        took = f"{time.monotonic() - begun:.2f} s"
        if isinstance(event, Failed):
            click.secho(_("{date}: failed: {reason}", date=event.task.date, reason=event.reason), fg="red")
        elif isinstance(event, Outcome) and not event.up_to_date:
            said = _("published") if event.published else _("not published")
            text = _("{date}: {said}, {counts}; {took}", date=event.date, said=said, counts=counts(event), took=took)
            click.secho(text, fg="green" if event.published else "red")


class Built(NamedTuple):
    """What became of the issues of a build, in the order of their dates."""

    outcomes: Sequence[Outcome]
    failures: Sequence[Failed] = ()

    @property
    def unpublished(self) -> list[Outcome]:
        """The issues that an error keeps from being published."""
        return [outcome for outcome in self.outcomes if not outcome.published]


def _build(todo: Plan, options: Options, jobs: int, cluster: Cluster | None = None) -> Built:
    if not todo.stale:
        return Built(todo.fresh)
    import logging

    from embedai_nb.publish.all import build as build_all
    from embedai_nb.publish.outcome import Outcome
    from embedai_nb.publish.pool import Failed

    logger = logging.getLogger(__name__)
    outcomes, failures = list(todo.fresh), list[Failed]()
    try:
        with closing(build_all(todo, options, jobs, cluster)) as events:
            for event in _with_bars(events, len(todo.stale)):
                if isinstance(event, Outcome):
                    outcomes.append(event)
                    logger.info("%s: %s", event.date, "published" if event.published else "not published")
                elif isinstance(event, Failed):
                    failures.append(event)
    except KeyboardInterrupt:
        raise _interrupted(len(todo.stale) + len(todo.fresh) - len(outcomes) - len(failures)) from None
    return Built(sorted(outcomes), sorted(failures, key=lambda failure: failure.task.date))


def _interrupted(left: int) -> EmbedAIError:
    return EmbedAIError(
        _n(
            "interrupted; what is finished stays, {count} issue is left",
            "interrupted; what is finished stays, {count} issues are left",
            count=left,
        )
    )


def _with_bars(events: Iterable[Progress | Outcome | Failed], total: int) -> Iterator[Outcome | Failed]:
    """Results only; meanwhile, in a terminal, draw a progress bar for all issues and one for each worker."""
    from embedai_nb.publish.pool import Progress

    began, bars = time.time(), dict[int, Bar]()
    with progress_bar(_("all issues"), every_step=True) as show:
        done = 0
        try:
            for event in events:
                if not isinstance(event, Progress):
                    yield event
                    done += 1
                    show(done, total)
                elif sys.stderr.isatty():
                    bar = bars.setdefault(event.worker, Bar("", event.worker + 1, began))
                    bar.label = _("worker {number}: {date}", number=event.worker + 1, date=event.task.date)
                    bar.show(event.done, event.total)
        finally:
            for bar in bars.values():
                bar.close()


def _tell(built: Built, form: str = "text", *, lenient: bool = False, every: bool = False) -> int:
    """Report what became of the issues; returns the exit status."""
    if form == "json":
        failed = [{"date": failure.task.date, "reason": str(failure.reason)} for failure in built.failures]
        print_json({"issues": [outcome_json(outcome) for outcome in built.outcomes], "failed": failed})
    else:
        _print(built, every=every)
    return int(bool(built.failures or (built.unpublished and not lenient)))


def _print(built: Built, *, every: bool) -> None:
    """Print each issue that needs attention, then the totals."""
    named = built.unpublished if every else built.unpublished[-NAMED:]
    if left := len(built.unpublished) - len(named):
        older = _n(
            "{count} older issue is not published; embedai build --all names it",
            "{count} older issues are not published; embedai build --all names them",
            count=left,
        )
        click.echo(older)
    for outcome in named:
        click.echo(
            _(
                "{date}: not published, errors: {errors}; see embedai check {date}",
                date=outcome.date,
                errors=outcome.findings.errors,
            )
        )
    for outcome in built.outcomes:
        if outcome.by_another and outcome.published:
            click.echo(_("{date}: published by another process", date=outcome.date))
    for failure in built.failures:
        click.secho(_("{date}: failed: {reason}", date=failure.task.date, reason=failure.reason), fg="red")
    fresh = sum(outcome.up_to_date for outcome in built.outcomes)
    totals = _(
        "issues: {issues}, made: {made}, up to date: {fresh}, not published: {unpublished}, failed: {failed}",
        issues=len(built.outcomes) + len(built.failures),
        made=len(built.outcomes) - fresh,
        fresh=fresh,
        unpublished=len(built.unpublished),
        failed=len(built.failures),
    )
    click.secho(totals, fg="red" if built.failures else "green")
