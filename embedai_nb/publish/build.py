"""Publish one issue; nothing heavy is imported before it is known to be needed."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedai_nb.errors import PublishError
from embedai_nb.publish import layout
from embedai_nb.publish.commit import commit, recover, repair
from embedai_nb.publish.freshness import inputs, stamp, standing
from embedai_nb.publish.lock import locked
from embedai_nb.publish.outcome import Outcome
from embedai_nb.publish.sparing import uncollected

__all__ = ["publish"]


def publish(
    folder: Path,
    date: datetime.date,
    *,
    progress: bool = False,
    engine: str | None = None,
    timeout: int = 120,
    force: bool = False,
) -> Outcome:
    """Bring the outputs of an issue up to date: all of them or, when anything fails, none.

    Args:
        folder: the issues folder.
        date: the issue.
        progress: whether to draw a bar on stderr while the notebook runs.
        engine: how the notebook runs, one of `embedai_nb.publish.run.ENGINES`; the quickest when not given.
        timeout: seconds that one cell may take.
        force: run even if nothing changed.

    Raises:
        LockedError: another process publishes this issue.
        UsageError, DraftError: there is no such draft, or it can't be read.
        PublishError: the run failed, or its outputs can't be written.
        KeyboardInterrupt: the run was interrupted.
    """
    folder, day = folder.resolve(), date.isoformat()
    try:
        recover(folder)
        with locked(folder, day):
            repair(folder, day)
            made_of = inputs(folder, day, layout.notebook())
            known = None if force else standing(folder, day, made_of)
            return known or _run(folder, date, made_of, progress=progress, engine=engine or "fork", timeout=timeout)
    except OSError as error:
        raise PublishError(
            error.strerror or str(error),
            path=error.filename or folder,
            remedy="what was published before is untouched",
        ) from error


def _run(folder: Path, date: datetime.date, made_of: str, *, progress: bool, engine: str, timeout: int) -> Outcome:
    with uncollected():
        from embedai_nb.edition import load
        from embedai_nb.publish.run import FailedRunError, make

    load(date, folder)  # says better what is wrong with a draft than a failing cell does
    day = date.isoformat()
    try:
        with _scratch(folder, day) as scratch:
            made = make(folder, day, scratch, engine=engine, timeout=timeout, progress=progress)
    except FailedRunError as failed:
        commit(folder, day, {layout.failed(day): failed.notebook})
        raise failed.reason from None
    files = {layout.review(day): made.notebook} | ({} if made.findings.errors else made.documents)
    stamped = stamp(made_of, made.findings, _standing_archive(folder, day) | files)
    commit(folder, day, files | {layout.stamp(day): stamped}, remove=(layout.failed(day),))
    return Outcome(day, made.findings, tuple(files))


@contextmanager
def _scratch(folder: Path, day: str) -> Iterator[Path]:
    """An empty folder, emptied again; a run that was killed could not do that."""
    path = folder / layout.CACHE / "scratch" / day
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _standing_archive(folder: Path, day: str) -> dict[str, bytes]:
    """What is published already: the notebook says what changed since."""
    path = folder / layout.markdown(day)
    return {layout.markdown(day): path.read_bytes()} if path.is_file() else {}
