"""Bring all issues up to date that are not."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from embedai_nb.errors import EmbedAIError, UsageError
from embedai_nb.publish.freshness import PublishRecord, changed_outputs
from embedai_nb.publish.issue import Options, bring, telling_paths
from embedai_nb.publish.lazy_imports import uncollected
from embedai_nb.publish.outcome import Outcome
from embedai_nb.publish.survey import IssueState, Survey, survey
from embedai_nb.workspace import layout
from embedai_nb.workspace.transaction import recover

if TYPE_CHECKING:
    from embedai_nb.catalogue import Catalogue
    from embedai_nb.edition import Edition
    from embedai_nb.publish.cluster import Cluster
    from embedai_nb.publish.pool import Done, Failed, Progress, Tell, Work

__all__ = ["BuildContext", "Plan", "build", "plan", "prepare", "reasons"]

WORTHWHILE = 3
"""For so many issues it takes less time to make ahead what each would have to make."""


class Plan(NamedTuple):
    """What there is to do: issues to look at, and those that are up to date."""

    folder: Path
    survey: Survey
    stale: Sequence[IssueState]
    fresh: Sequence[Outcome]


def plan(folder: Path, *, force: bool = False) -> Plan:
    """See what is to be done; whatever an earlier run could not complete is completed."""
    folder = folder.resolve()
    with telling_paths(folder):
        recover(folder)
        found = survey(folder)
    stale = list(found.states.values()) if force else found.stale
    fresh = [] if force else [state.outcome for state in found.states.values() if state.outcome]
    return Plan(folder, found, stale, fresh)


def build(
    todo: Plan, options: Options, jobs: int, cluster: Cluster | None = None
) -> Generator[Progress | Outcome | Failed]:
    """Do what is to be done.

    Each issue is brought up to date by itself: what fails keeps no other from being published, and when this ends
    early, those that are finished stay.

    Args:
        todo: from `plan`.
        options: how notebooks run.
        jobs: how many issues are worked on at the same time.
        cluster: does the work instead of this machine.
    """
    if not todo.stale:
        return
    from embedai_nb.publish.pool import Done

    with telling_paths(todo.folder):
        todo.survey.tools.keep(todo.folder)
    try:
        for event in cluster.share_out(todo, options) if cluster else _share_out_here(todo, options, jobs):
            yield event.result if isinstance(event, Done) else event
    finally:
        with telling_paths(todo.folder):
            recover(todo.folder)
            survey(todo.folder)  # remembers what is up to date now


def _share_out_here(todo: Plan, options: Options, jobs: int) -> Iterator[Progress | Done | Failed]:
    from embedai_nb.publish.pool import share_out

    prepare(len(todo.stale))
    shelf = BuildContext(todo.folder, todo.survey.dates, options)
    shelf.follow()
    yield from share_out(todo.stale, shelf.open, jobs)


def reasons(folder: Path, date: str) -> list[str]:
    """Why an issue is not up to date; nothing when it is.

    Raises:
        UsageError: there is no draft of this date.
        DraftError: the draft or newsletter.yaml cannot be read.
    """
    todo = plan(folder)
    if date not in todo.survey.states:
        raise UsageError("no draft of this date", path=todo.folder / layout.draft(date))
    state, last = todo.survey.states[date], PublishRecord.read(todo.folder, date)
    if state.outcome:
        return []
    if (todo.folder / layout.failed(date)).exists():
        return [f"the last run failed, see {layout.failed(date)}"]
    if not last:
        return ["it was never published here"]
    found = [f"{layout.draft(date)} has changed"] if last.draft != state.draft else []
    if last.tools != state.tools:
        found += [f"{part} has changed" for part in todo.survey.tools.since(todo.folder, last.tools)]
    found += [f"{name} has been changed or removed" for name in changed_outputs(todo.folder, last)]
    return found + _changed_others(todo.folder, date, last)


def _changed_others(folder: Path, date: str, last: PublishRecord) -> list[str]:
    """What is shown of other issues that isn't what was shown."""
    from embedai_nb.edition import load

    now = load(date, folder).shown
    names = {"dates": "in its closing", "earlier": "of which it repeats something", "sizes": "that it is compared with"}
    return [
        f"the issue {other}, {names[kind]}, has changed, come or gone"
        for kind in names
        for other in sorted({*now[kind], *last.shown[kind]})
        if now[kind].get(other) != last.shown[kind].get(other)
    ]


def prepare(issues: int) -> None:
    """Load what `build` needs for so many issues; what is loaded here needn't be in the processes forked from this."""
    with uncollected():
        from embedai_nb.publish.execute import preload
    preload()
    if issues >= WORTHWHILE:
        from embedai_nb.warm import warm_up

        _once(warm_up)


@cache
def _once(function: Callable[[], None]) -> None:
    function()


class BuildContext:
    """What all issues of a build have in common.

    Args:
        folder: where newsletter.yaml and the catalogue are.
        dates: all issues there are.
        options: how notebooks run.
    """

    def __init__(self, folder: Path, dates: Sequence[str], options: Options) -> None:
        from embedai_nb.drafts import load_newsletter

        self.folder = folder
        self.options = options
        self.dates = tuple(map(datetime.date.fromisoformat, dates))
        self.newsletter = load_newsletter(folder / layout.NEWSLETTER)
        self.catalogue: Catalogue | None = None

    def follow(self) -> None:
        """Have the catalogue follow the drafts: once, for all processes."""
        from embedai_nb.catalogue import Catalogue

        with suppress(EmbedAIError):  # issues then say nothing of earlier ones
            Catalogue(self.folder, self.newsletter).close()

    def open(self) -> Work:
        """What one process needs for itself: a connection to a database must not be shared."""
        from embedai_nb.catalogue import Catalogue

        with suppress(EmbedAIError):
            self.catalogue = Catalogue(self.folder, self.newsletter, refresh=False)
        return partial(self.work, self.folder)

    def work(self, folder: Path, state: IssueState, tell: Tell) -> Outcome:
        """Bring one issue up to date in an issues folder."""
        with telling_paths(folder), uncollected():
            return bring(self._edition(folder, state.date), state, self.options, told=tell)

    def _edition(self, folder: Path, day: str) -> Edition:
        from embedai_nb.drafts import DraftStore
        from embedai_nb.edition import Edition

        draft = DraftStore(folder).load(datetime.date.fromisoformat(day))
        return Edition(folder, self.newsletter, draft, self.dates, self.catalogue)
