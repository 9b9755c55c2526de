"""Bring issues up to date; nothing heavy is imported before it is known to be needed."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from embedai_nb.errors import PublishError
from embedai_nb.publish.freshness import PublishRecord
from embedai_nb.publish.lazy_imports import uncollected
from embedai_nb.publish.outcome import Outcome
from embedai_nb.publish.survey import IssueState, survey
from embedai_nb.workspace import layout
from embedai_nb.workspace.locks import publication_lock
from embedai_nb.workspace.transaction import commit, digest, recover, repair

if TYPE_CHECKING:
    from embedai_nb.edition import Edition
    from embedai_nb.publish.execute import Told

__all__ = ["Options", "bring", "publish", "telling_paths"]


class Options(NamedTuple):
    """How notebooks run.

    Args:
        engine: one of `embedai_nb.publish.execute.ENGINES`.
        timeout: seconds that one cell may take.
        force: run even if nothing changed.
    """

    engine: str = "fork"
    timeout: int = 120
    force: bool = False


USUAL = Options()


def publish(folder: Path, date: datetime.date, options: Options = USUAL, *, progress: bool = False) -> Outcome:
    """Bring the outputs of an issue up to date: all of them or, when anything fails, none.

    Args:
        folder: the issues folder.
        date: the issue.
        options: how its notebook runs.
        progress: whether to draw a bar on stderr while it does.

    Raises:
        LockedError: another process publishes this issue.
        UsageError, DraftError: there is no such draft, or it can't be read.
        PublishError: the run failed, or its outputs can't be written.
        KeyboardInterrupt: the run was interrupted.
    """
    folder, day = folder.resolve(), date.isoformat()
    with telling_paths(folder):
        recover(folder)
        found = survey(folder, day)
        state = found.states.get(day, IssueState(day, "", found.tools.digest, ""))
        if state.outcome and not options.force:
            return state.outcome
        with uncollected():
            from embedai_nb.edition import load

        edition = load(date, folder)  # says better what is wrong with a draft than a failing cell does
        found.tools.keep(folder)
        return bring(edition, state, options, progress=progress)


def bring(
    edition: Edition, state: IssueState, options: Options, *, progress: bool = False, told: Told | None = None
) -> Outcome:
    """Bring one issue up to date.

    Args:
        edition: the issue, from a folder that is named without links.
        state: as it was surveyed.
        options: how its notebook runs.
        progress: whether to draw a bar on stderr while it does.
        told: is called with the cells that are done and those there are, whenever one is.

    Raises:
        LockedError: another process publishes this issue.
        PublishError: the run failed, or its outputs can't be written.
        KeyboardInterrupt: the run was interrupted.
    """
    folder, day = edition.folder, state.date
    with publication_lock(folder, day):
        repair(folder, day)
        last, shown = PublishRecord.read(folder, day), edition.shown
        if state.others_only and last and last.shown == shown and not options.force:
            commit(folder, day, {layout.stamp(day): last._replace(others=state.others).bytes()})
            return Outcome(day, last.findings, up_to_date=True)
        with uncollected():
            from embedai_nb.publish.execute import FailedRunError, make
        try:
            made = make(edition, engine=options.engine, timeout=options.timeout, progress=progress, told=told)
        except FailedRunError as failed:
            commit(folder, day, {layout.failed(day): failed.notebook})
            raise failed.reason from None
        files = {layout.review(day): made.notebook} | ({} if made.findings.errors else made.documents)
        outputs = {name: digest(content) for name, content in (_standing_archive(folder, day) | files).items()}
        stamp = PublishRecord(digest(edition.draft.bytes), state.tools, state.others, shown, made.findings, outputs)
        commit(folder, day, files | {layout.stamp(day): stamp.bytes()}, remove=(layout.failed(day),))
        return Outcome(day, made.findings, tuple(files))


@contextmanager
def telling_paths(folder: Path) -> Iterator[None]:
    """Have errors of the system say which file they are about, and what became of the publication."""
    try:
        yield
    except OSError as error:
        raise PublishError(
            error.strerror or str(error),
            path=error.filename or folder,
            remedy="what was published before is untouched",
        ) from error


def _standing_archive(folder: Path, day: str) -> dict[str, bytes]:
    """What is published already: the notebook says what changed since."""
    path = folder / layout.markdown(day)
    return {layout.markdown(day): path.read_bytes()} if path.is_file() else {}
