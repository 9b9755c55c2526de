"""Single-threaded process that publishes issues for a multi-threaded Dask worker, which can't be forked."""

from __future__ import annotations

import json
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

from embedai_nb.catalogue import Catalogue
from embedai_nb.errors import LockedError
from embedai_nb.publish.build_context import BuildContext
from embedai_nb.publish.execute import preload
from embedai_nb.publish.freshness import IssueState
from embedai_nb.publish.issue import OnProgress, Options
from embedai_nb.publish.outcome import Outcome
from embedai_nb.publish.pool import Task, serve_tasks_guarded

__all__ = ["CONTEXT"]

CONTEXT = "context.json"
"""File of a bundle: the dates of all issues, and the `Options` of the build."""
IDLE = 60
"""Seconds without an issue after which the process ends: whoever started the build may be gone."""
LOCK_TIMEOUT = 10
"""Seconds to wait for an issue that is locked by a process of a worker that just died."""


def _initialized(bundle: Path) -> Task:
    preload()
    dates, options = json.loads((bundle / CONTEXT).read_bytes())
    context = BuildContext(bundle, dates, Options(*options), warm=False)
    context.catalogue = Catalogue(bundle, context.newsletter, refresh=False)

    def publish(task: tuple[Path, IssueState], on_progress: OnProgress) -> Outcome:
        deadline = time.monotonic() + LOCK_TIMEOUT
        while True:
            try:
                return context.publish(*task, on_progress)
            except LockedError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    return publish


if __name__ == "__main__":
    serve_tasks_guarded(lambda: _initialized(Path(sys.argv[2])), Connection(int(sys.argv[1])), IDLE)
