"""What all issues of a build share: loaded once, used by every process that publishes one."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from embedai_nb.catalogue import Catalogue
from embedai_nb.compose import Numbers
from embedai_nb.drafts import DraftStore, load_newsletter
from embedai_nb.edition import Edition, known_numbers
from embedai_nb.errors import EmbedAIError, LockedError
from embedai_nb.publish.execute import warm_up
from embedai_nb.publish.fast_imports import gc_paused
from embedai_nb.publish.freshness import IssueState
from embedai_nb.publish.issue import os_error_context, publish_edition
from embedai_nb.publish.options import OnProgress, Options
from embedai_nb.publish.outcome import Outcome
from embedai_nb.workspace import layout

__all__ = ["BuildContext"]

LOCK_TIMEOUT = 3
"""Seconds to wait for an issue that another build publishes, besides those that its slowest cell may take."""

Publish = Callable[[IssueState, OnProgress], Outcome]
PublishIn = Callable[[tuple[Path, IssueState], OnProgress], Outcome]


class BuildContext:
    """What all issues of a build share.

    Args:
        folder: where newsletter.yaml and the catalogue are.
        dates: all issues there are.
        options: how notebooks run.
        numbers: those of all issues, as of `embedai_nb.edition.known_numbers`; if absent, drafts and archive lie in the folder.
        warm: whether not to call `embedai_nb.publish.execute.warm_up` before the first issue that has changed, which doesn't pay for few.
    """

    def __init__(
        self, folder: Path, dates: Sequence[str], options: Options, numbers: Numbers | None = None, *, warm: bool
    ) -> None:
        self.folder = folder
        self.options = options
        self.dates = tuple(map(datetime.date.fromisoformat, dates))
        self.newsletter = load_newsletter(folder / layout.NEWSLETTER)
        self.numbers = known_numbers(folder, self.newsletter, self.dates) if numbers is None else numbers
        self.catalogue: Catalogue | None = None
        self._warm = warm

    def update_catalogue(self) -> None:
        """Bring the catalogue up to date with the drafts: once, for all processes."""
        with suppress(EmbedAIError):  # issues then show nothing of earlier ones
            Catalogue(self.folder, self.newsletter).close()

    def open(self) -> Publish:
        """Open the catalogue for this process, since a connection to a database must not be shared."""
        with suppress(EmbedAIError):
            self.catalogue = Catalogue(self.folder, self.newsletter, refresh=False)
        return partial(self.publish, self.folder)

    def open_copy(self) -> PublishIn:
        """Open the catalogue, a copy that this process only reads; gives what publishes an issue in any folder."""
        self.catalogue = Catalogue(self.folder, self.newsletter, refresh=False)
        return lambda task, on_progress: self.publish(*task, on_progress)

    def publish(self, folder: Path, state: IssueState, on_progress: OnProgress) -> Outcome:
        """Bring one issue up to date in an issues folder; where another process does, wait for it to end."""
        deadline = time.monotonic() + LOCK_TIMEOUT + self.options.timeout
        while True:
            try:
                return self._publish(folder, state, on_progress)
            except LockedError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def _publish(self, folder: Path, state: IssueState, on_progress: OnProgress) -> Outcome:
        with os_error_context(folder), gc_paused():
            draft = DraftStore(folder).load(datetime.date.fromisoformat(state.date))
            edition = Edition(folder, self.newsletter, draft, self.dates, self.catalogue, self.numbers)
            if not (self._warm or state.others_only):
                self._warm = True
                warm_up(edition)
            return publish_edition(edition, state, self.options, on_progress=on_progress)
