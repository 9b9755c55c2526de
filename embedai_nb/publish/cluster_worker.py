"""Dask worker plugin that publishes issues, with a single-threaded process for each thread of the worker.

The scheduler and the client import it, too; what notebooks need is imported by the fork server alone.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
import uuid
import zipfile
from collections.abc import Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock
from typing import TYPE_CHECKING, Any

from distributed import WorkerPlugin, get_worker

from embedai_nb.errors import EmbedAIError, PublishError
from embedai_nb.i18n import _
from embedai_nb.publish.cluster_process import load_context
from embedai_nb.publish.fork_server import ForkServer
from embedai_nb.publish.freshness import IssueState
from embedai_nb.publish.inputs import CommonInputs, ParsedNewsletter
from embedai_nb.publish.options import OnProgress, Options
from embedai_nb.publish.pool import Failed, Progress, Reason, Worker
from embedai_nb.publish.storage import Storage
from embedai_nb.workspace import layout
from embedai_nb.workspace.transaction import digest

if TYPE_CHECKING:
    from embedai_nb.compose import Numbers

__all__ = ["BuildPlugin", "publish_on_worker"]

REPORT = 0.2
"""Seconds between two progress reports of one issue."""
IDLE = 60
"""Seconds without an issue after which a process ends: whoever started the build may be gone."""


class BuildPlugin(WorkerPlugin):
    """Publishes the issues of one build on a Dask worker.

    Args:
        storage: the issues folder.
        bundle: digest of the zip file with newsletter.yaml and the catalogue.
        common: what the issues are made with where the build was started.
        dates: all issues there are.
        options: how notebooks run.
        numbers: those of all issues, of which a worker may see no other drafts.
    """

    def __init__(
        self,
        storage: Storage,
        bundle: str,
        common: CommonInputs,
        dates: Sequence[str],
        options: Options,
        numbers: Numbers,
    ) -> None:
        self.name = f"embedai-{uuid.uuid4().hex}"
        self.bundle_file = f"{layout.CACHE}/builds/{self.name}"
        """The zip file, in the issues folder while the build lasts: who doesn't see it sees another folder."""
        self.storage, self.bundle, self.common = storage, bundle, common
        self.dates, self.options, self.numbers = dates, options, numbers
        self.problem: Reason = ""

    async def setup(self, worker: Any) -> None:
        """Unpack the bundle, or raise a PublishError that says why this worker can't take part."""
        self._lock, self._idle, self._closed = Lock(), list[Worker](), False
        self._folder = Path(mkdtemp(prefix="embedai-", dir=worker.local_directory))
        self._server = ForkServer(partial(load_context, self._folder, self.dates, self.options, self.numbers), IDLE)
        try:
            await asyncio.to_thread(self._unpack)
        except (EmbedAIError, OSError) as error:
            self.problem = _reason(error)
            raise PublishError(str(self.problem), path=f"Dask worker {worker.address}") from error

    async def teardown(self, worker: Any) -> None:
        """Kill what is running, and remove the copy."""
        del worker
        await asyncio.to_thread(self._close)

    def _unpack(self) -> None:
        if not sys.platform.startswith("linux"):
            raise PublishError(_("workers need Linux"))
        content = self.storage.download([self.bundle_file], self._folder).get(self.bundle_file)
        if content is None:
            raise PublishError(_("the folder is not seen from here"), path=self.storage.name)
        if digest(content) != self.bundle:
            raise PublishError(_("the file is damaged"), path=f"{self.storage.name}/{self.bundle_file}")
        newsletter = ParsedNewsletter(values=self.common.parts[layout.NEWSLETTER], plugins=self.common.plugins)
        if differing := CommonInputs.current(newsletter).differing(self.common.parts):
            raise PublishError(_("another version runs there: {parts}", parts=", ".join(differing)))
        zipfile.ZipFile(BytesIO(content)).extractall(self._folder)
        (self._folder / self.bundle_file).unlink()

    def _close(self) -> None:
        with self._lock:
            self._closed = True
            self._server.end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def publish(self, state: IssueState, on_progress: OnProgress) -> tuple[str, Any]:
        """Publish one issue; gives ``"done"`` and the outcome, or ``"failed"`` and the reason."""
        if self.problem:
            return "failed", self.problem
        try:
            with self.storage.working_copy(state.date, self._folder) as folder:
                process = self._take()
                process.give((folder, state))
                while isinstance(event := process.event(), Progress):
                    on_progress(event.done, event.total)
                self._idle.append(process)
                if isinstance(event, Failed):
                    return "failed", _in_storage(event.reason, folder, self.storage)
                return "done", event.result
        except (EmbedAIError, OSError) as error:
            return "failed", _reason(error)

    def _take(self) -> Worker:
        """An idle process, or a new one; an idle one that can be read from has ended."""
        with self._lock:
            if self._closed:
                raise EmbedAIError(_("the build is over"))
            while self._idle:
                process = self._idle.pop()
                if process.alive and not process.connection.poll():
                    return process
                process.end()
            return self._server.worker()


def _reason(error: Exception) -> Reason:
    return error if isinstance(error, EmbedAIError) else str(error)


def _in_storage(reason: Reason, copy: Path, storage: Storage) -> Reason:
    """Name the storage in place of the working copy, which is gone when the reason is read."""
    if isinstance(reason, str):
        return reason.replace(str(copy), storage.name)
    if reason.path is not None:
        reason.path = str(reason.path).replace(str(copy), storage.name)
    return reason


def publish_on_worker(plugin: str, state: IssueState) -> tuple[str, Any]:
    """Publish one issue on the Dask worker that runs this task, and report progress under the plugin's name."""
    worker: Any = get_worker()
    reported = 0.0

    def on_progress(done: int, total: int) -> None:
        nonlocal reported
        if time.monotonic() > reported + REPORT:
            reported = time.monotonic()
            worker.log_event(plugin, [state.date, done, total])

    result: tuple[str, Any] = worker.plugins[plugin].publish(state, on_progress)
    return result
