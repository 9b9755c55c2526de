"""Publish one issue; nothing heavy is imported before it is known to be needed."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from embedai_nb.errors import PublishError, system_problem
from embedai_nb.i18n import _
from embedai_nb.publish.fast_imports import gc_paused
from embedai_nb.publish.freshness import IssueState, PublishRecord, changed_outputs, survey
from embedai_nb.publish.options import DEFAULTS, OnProgress, Options
from embedai_nb.publish.outcome import Outcome
from embedai_nb.workspace import layout
from embedai_nb.workspace.locks import publication_lock
from embedai_nb.workspace.revisions import mend_revisions
from embedai_nb.workspace.transaction import commit, digest, recover, repair

if TYPE_CHECKING:
    from embedai_nb.edition import Edition

__all__ = ["Options", "os_error_context", "publish", "publish_edition"]


def publish(
    folder: Path,
    date: datetime.date,
    options: Options = DEFAULTS,
    *,
    draft: bytes | None = None,
    on_progress: OnProgress | None = None,
) -> Outcome:
    """Bring the outputs of an issue up to date: all of them or, when anything fails, none.

    Args:
        folder: the issues folder.
        date: the issue.
        options: how its notebook runs.
        draft: content to publish instead of the file's, which may have changed meanwhile; a notebook that runs in a
            kernel reads the file in any case.
        on_progress: called whenever a cell is done.

    Raises:
        LockedError: another process publishes this issue.
        UsageError, DraftError: there is no such draft, or it can't be read.
        PublishError: the run failed, or its outputs can't be written.
        KeyboardInterrupt: the run was interrupted.
    """
    folder, day = folder.resolve(), date.isoformat()
    with os_error_context(folder), gc_paused():
        recover(folder)
        mend_revisions(folder)
        found = survey(folder, day)
        state = found.states.get(day, IssueState(day, "", found.common.digest, ""))
        if draft is not None and state.draft != digest(draft):
            state = state._replace(draft=digest(draft), outcome=None, others_only=False)
        if state.outcome and not options.force:
            return state.outcome
        from dataclasses import replace

        from embedai_nb.drafts.store import parse_draft
        from embedai_nb.edition import load

        edition = load(date, folder)  # reports an error in a draft better than a failing cell does
        if draft is not None and draft != edition.draft.bytes:
            edition = replace(edition, draft=parse_draft(draft, edition.draft.path, date))
        found.common.save(folder)
        # nbformat's other validator compiles the schema first, which pays for many notebooks
        os.environ.setdefault("NBFORMAT_VALIDATOR", "jsonschema")
        return publish_edition(edition, state, options, on_progress=on_progress)


def publish_edition(
    edition: Edition,
    state: IssueState,
    options: Options,
    *,
    on_progress: OnProgress | None = None,
) -> Outcome:
    """Bring the outputs of a loaded issue up to date.

    Args:
        edition: the issue; its folder is a resolved path.
        state: as it was surveyed.
        options: how its notebook runs.
        on_progress: called whenever a cell is done.

    Raises:
        LockedError: another process publishes this issue.
        PublishError: the run failed, its outputs can't be written, or the issue is there under another date, too.
        KeyboardInterrupt: the run was interrupted.
    """
    folder, day = edition.folder, state.date
    with publication_lock(folder, day):
        repair(folder, day)
        _refuse_twice(edition)
        edition = edition.as_published()
        last, shown = PublishRecord.read(folder, day), edition.shown
        if state.others_only and last and last.shown == shown and not options.force:
            commit(folder, day, {layout.stamp(day): last._replace(others=state.others).bytes()})
            return Outcome(day, last.findings, up_to_date=True)
        if last and not options.force and _is_current(last, edition, state):  # it was not when it was surveyed
            return Outcome(day, last.findings, up_to_date=True, by_another=True)
        from embedai_nb.publish.execute import FailedRunError, execute

        try:
            result = execute(edition, options, on_progress=on_progress)
        except FailedRunError as failed:
            commit(folder, day, {layout.failed(day): failed.notebook})
            raise failed.reason from None
        files = {layout.review(day): result.notebook}
        if not result.findings.errors:
            files |= result.documents | _images(edition)
        outputs = {name: digest(content) for name, content in (_standing_archive(folder, day) | files).items()}
        record = PublishRecord(digest(edition.draft.bytes), state.common, state.others, shown, result.findings, outputs)
        commit(folder, day, files | {layout.stamp(day): record.bytes()}, remove=(layout.failed(day),))
        return Outcome(day, result.findings, tuple(files))


def _refuse_twice(edition: Edition) -> None:
    """Refuse an issue that is there under another date, too: two people have moved it."""
    day = edition.draft.date
    for other in edition.same_issues:
        problem = _("the same issue is there as {other}", other=other)
        remedy = _(
            "keep one: embedai reschedule {other} {date} --merge, or embedai reschedule {date} {other} --merge",
            other=other,
            date=day,
        )
        raise PublishError(problem, path=edition.draft.path, remedy=remedy)


def _is_current(record: PublishRecord, edition: Edition, state: IssueState) -> bool:
    """Whether the last publication, of whichever process, is what this one would be."""
    if (edition.folder / layout.failed(state.date)).exists():
        return False
    inputs = digest(edition.draft.bytes), state.common, edition.shown
    return (record.draft, record.common, record.shown) == inputs and not changed_outputs(edition.folder, record)


def _images(edition: Edition) -> dict[str, bytes]:
    """Copies of the local images of an issue, to lie beside its page; in an old issue some may be missing.

    Raises:
        PublishError: an image is not in the issues folder.
    """
    from embedai_nb.html.images import image_urls, is_local

    copies = {}
    for name in filter(is_local, image_urls(edition.issue)):
        path = edition.folder / name
        if path.is_file():
            copies[f"{layout.ARCHIVE}/{name}"] = path.read_bytes()
        elif not edition.draft.issue.imported:
            raise PublishError(_("no such image"), path=path, remedy=_("put it there, or remove it from the text"))
    return copies


@contextmanager
def os_error_context(folder: Path) -> Iterator[None]:
    """Turn an OSError into a PublishError that names the file and says what became of the publication."""
    try:
        yield
    except OSError as error:
        raise PublishError(
            system_problem(error),
            path=error.filename or folder,
            remedy=_("what was published before is untouched"),
        ) from error


def _standing_archive(folder: Path, day: str) -> dict[str, bytes]:
    """The Markdown published already, an input too: the notebook says what changed since."""
    path = folder / layout.markdown(day)
    return {layout.markdown(day): path.read_bytes()} if path.is_file() else {}
