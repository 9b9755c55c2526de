"""Publish all issues that are out of date."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from embedai_nb.errors import EmbedAIError, UsageError
from embedai_nb.i18n import N_, _
from embedai_nb.publish.fast_imports import gc_paused
from embedai_nb.publish.freshness import Changed, IssueState, PublishRecord, Survey, changed_outputs, survey
from embedai_nb.publish.issue import os_error_context
from embedai_nb.publish.options import Options
from embedai_nb.publish.outcome import Outcome
from embedai_nb.workspace import layout
from embedai_nb.workspace.revisions import mend_revisions
from embedai_nb.workspace.transaction import recover

if TYPE_CHECKING:
    from embedai_nb.publish.cluster import Cluster
    from embedai_nb.publish.pool import Done, Failed, Progress

__all__ = ["Plan", "build", "plan", "prepare", "reasons"]

MANY = 3
"""From so many issues on, warming up takes less time than it saves."""


class Plan(NamedTuple):
    """What there is to do: issues to look at, and those that are up to date."""

    folder: Path
    survey: Survey
    stale: Sequence[IssueState]
    fresh: Sequence[Outcome]


def plan(folder: Path, *, force: bool = False) -> Plan:
    """Find out what is to be done; complete what an interrupted run had decided."""
    folder = folder.resolve()
    with os_error_context(folder):
        recover(folder)
        mend_revisions(folder)
        found = survey(folder, unaffected=partial(_unaffected, folder))
    stale = list(found.states.values()) if force else found.stale
    fresh = [] if force else [state.outcome for state in found.states.values() if state.outcome]
    return Plan(folder, found, stale, fresh)


def _unaffected(folder: Path, asked: Mapping[str, Changed], dates: Set[str]) -> set[str]:
    with gc_paused():
        from embedai_nb.publish.dependents import unaffected
    return unaffected(folder, asked, dates)


def build(
    todo: Plan, options: Options, jobs: int, cluster: Cluster | None = None
) -> Generator[Progress | Outcome | Failed]:
    """Publish all issues that are out of date.

    Each issue is published by itself: one that fails keeps no other from being published, and when the iterator is
    closed early, those that are finished stay.

    Args:
        todo: from `plan`.
        options: how notebooks run.
        jobs: how many issues are worked on at the same time.
        cluster: does the work instead of this machine.
    """
    if not todo.stale:
        return
    from embedai_nb.publish.pool import Done

    with os_error_context(todo.folder):
        todo.survey.common.save(todo.folder)
    try:
        for event in cluster.build(todo, options) if cluster else _build_here(todo, options, jobs):
            yield event.result if isinstance(event, Done) else event
    finally:
        with os_error_context(todo.folder):
            recover(todo.folder)
            survey(todo.folder)  # caches what is up to date now


def _build_here(todo: Plan, options: Options, jobs: int) -> Iterator[Progress | Done | Failed]:
    with gc_paused():
        from embedai_nb.publish.build_context import BuildContext
        from embedai_nb.publish.execute import preload
        from embedai_nb.publish.pool import run_tasks
    preload()
    changed = sum(not state.others_only for state in todo.stale)  # hardly any of the others is published
    context = BuildContext(todo.folder, todo.survey.dates, options, warm=changed < MANY)
    context.update_catalogue()
    yield from run_tasks(todo.stale, context.open, jobs)


def prepare(todo: Plan, options: Options) -> None:
    """Load and rehearse what `build` does, in a process that is going to build again and again."""
    with gc_paused():
        from embedai_nb.edition import load
        from embedai_nb.publish.execute import preload, rehearse
    preload()
    for outcome in todo.fresh[-1:]:  # its notebook is known to run
        with suppress(EmbedAIError):  # its draft can't be read any longer
            rehearse(load(outcome.date, todo.folder), options)


def reasons(folder: Path, date: str) -> list[str]:
    """Why an issue is not up to date; nothing when it is.

    Raises:
        UsageError: there is no draft of this date.
        DraftError: the draft or newsletter.yaml cannot be read.
    """
    todo = plan(folder)
    if date not in todo.survey.states:
        raise UsageError(_("no draft of this date"), path=todo.folder / layout.draft(date))
    state, last = todo.survey.states[date], PublishRecord.read(todo.folder, date)
    if state.outcome:
        return []
    if (todo.folder / layout.failed(date)).exists():
        return [_("the last run failed, see {path}", path=layout.failed(date))]
    if not last:
        return [_("it was never published here")]
    found = [_("{path} has changed", path=layout.draft(date))] if last.draft != state.draft else []
    if last.common != state.common:
        found += [
            _("{path} has changed", path=_(part)) for part in todo.survey.common.changed_since(todo.folder, last.common)
        ]
    found += [_("{path} has been changed or removed", path=path) for path in changed_outputs(todo.folder, last)]
    return found + _changed_others(todo.folder, date, last)


def _changed_others(folder: Path, date: str, last: PublishRecord) -> list[str]:
    """What this issue shows of other issues and would show differently now."""
    from embedai_nb.edition import load

    now = load(date, folder).as_published().shown
    reasons_by_kind = {
        "dates": N_("the issue {date}, in its closing, has changed, come or gone"),
        "numbers": N_("the issue {date}, in its closing, has another number"),
        "earlier": N_("the issue {date}, of which it repeats something, has changed, come or gone"),
        "sizes": N_("the issue {date}, that it is compared with, has changed, come or gone"),
        "companies": N_("the issue {date}, which has news of the same company, has changed, come or gone"),
        "links": N_("the link {url} has been checked"),
    }
    return [
        _(reason, date=other, url=other)
        for kind, reason in reasons_by_kind.items()
        for other in sorted({*now[kind], *last.shown.get(kind, {})})
        if now[kind].get(other) != last.shown.get(kind, {}).get(other)
    ]
