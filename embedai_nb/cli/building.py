"""The command that publishes all issues."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from embedai_nb.cli.group import Folder, commands, running_options

if TYPE_CHECKING:
    from embedai_nb.publish.archive import Plan
    from embedai_nb.publish.outcome import Outcome
    from embedai_nb.publish.workers import Failed, Progress


@commands.command()
@click.option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="Issues worked on at the same time; else one for each processor.",
)
@click.option("--explain", metavar="DATE", help="Only say why this issue is not up to date.")
@running_options
@click.pass_obj
def build(folder: Folder, /, jobs: int | None, explain: str | None, **options: Any) -> int:
    """Execute, check and publish all issues that are not up to date.

    An issue is out of date when its draft, newsletter.yaml, the notebook, the program or what it shows of other issues
    has changed.  One that fails keeps no other from being published; all that failed are listed at the end.
    """
    from embedai_nb.publish.archive import plan
    from embedai_nb.publish.build import Options

    if explain:
        return _explain(folder, explain)
    todo = plan(folder.path, force=options["force"])
    return _build(todo, Options(**options), jobs or len(os.sched_getaffinity(0)))


def _explain(folder: Folder, date: str) -> int:
    from embedai_nb.dates import parse_date
    from embedai_nb.publish.archive import reasons

    found = reasons(folder.path, str(parse_date(date)))
    click.echo("\n".join(f"{date}: {reason}" for reason in found) or f"{date} is up to date")
    return 0


def _build(todo: Plan, options: Any, jobs: int) -> int:
    from embedai_nb.publish.archive import build as build_all
    from embedai_nb.publish.outcome import Outcome
    from embedai_nb.publish.workers import Failed

    outcomes, failures = list(todo.fresh), list[Failed]()
    try:
        with closing(_with_bars(build_all(todo, options, jobs), len(todo.stale))) as events:
            for event in events:
                if isinstance(event, Outcome):
                    outcomes.append(event)
                elif isinstance(event, Failed):
                    failures.append(event)
    except KeyboardInterrupt:
        left = len(todo.stale) + len(todo.fresh) - len(outcomes) - len(failures)
        click.secho(f"embedai: interrupted; what is finished stays, {left} issues are left", fg="red", err=True)
        return 1
    return _tell(sorted(outcomes), sorted(failures, key=lambda failure: failure.task.date))


def _with_bars(events: Iterable[Progress | Outcome | Failed], total: int) -> Generator[Outcome | Failed]:
    """What comes of the issues; meanwhile, in a terminal, a bar for all and one for each worker."""
    from embedai_nb.publish.workers import Progress

    if not total or not sys.stderr.isatty():
        yield from (event for event in events if not isinstance(event, Progress))
        return
    from tqdm.std import tqdm

    tqdm.monitor_interval = 0  # no thread: after one, nothing can be forked
    bars: dict[int, Any] = {}
    with tqdm(total=total, desc="all issues", unit="issue", position=0) as all_issues:
        for event in events:
            if not isinstance(event, Progress):
                all_issues.update()
                yield event
                continue
            name = f"worker {event.worker + 1}: {event.task.date}"
            if event.worker not in bars:
                bars[event.worker] = tqdm(desc=name, unit="cell", position=event.worker + 1, leave=False)
            bar = bars[event.worker]
            bar.total, bar.n = event.total or bar.total, event.done
            bar.set_description(name)
        for bar in bars.values():
            bar.close()


def _tell(outcomes: Iterable[Outcome], failures: Iterable[Failed]) -> int:
    """Say what came of each issue that needs somebody, then of all."""
    outcomes, failures = list(outcomes), list(failures)
    unpublished = [outcome for outcome in outcomes if not outcome.published]
    for outcome in unpublished:
        click.echo(
            f"{outcome.date}: not published, errors: {outcome.findings.errors}; see embedai check {outcome.date}"
        )
    for failure in failures:
        click.secho(f"{failure.task.date}: failed: {failure.reason}", fg="red")
    fresh = sum(outcome.up_to_date for outcome in outcomes)
    counts = {
        "issues": len(outcomes) + len(failures),
        "made": len(outcomes) - fresh,
        "up to date": fresh,
        "not published": len(unpublished),
        "failed": len(failures),
    }
    click.secho(", ".join(f"{name}: {count}" for name, count in counts.items()), fg="red" if failures else "green")
    return int(bool(unpublished or failures))
