"""Build issues on the workers of a Dask cluster; yields the events of `embedai_nb.publish.pool`.

No more issues are submitted than there are threads.  So one that kills its worker takes the blame for it nearly always
alone (`distributed.scheduler.allowed-failures`), and there is little to cancel when the build ends early.
"""

from __future__ import annotations

import datetime
import logging
import sqlite3
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from importlib import import_module
from io import BytesIO
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

from embedai_nb.errors import EmbedAIError, PublishError, UsageError
from embedai_nb.i18n import _
from embedai_nb.publish.freshness import IssueState
from embedai_nb.publish.options import Options
from embedai_nb.publish.pool import Done, Failed, Progress
from embedai_nb.publish.storage import Storage, is_url
from embedai_nb.workspace import layout
from embedai_nb.workspace.transaction import digest

if TYPE_CHECKING:
    from embedai_nb.model import Newsletter
    from embedai_nb.publish.all import Plan

__all__ = ["Cluster"]

CONNECT_TIMEOUT = 10
"""Seconds in which the scheduler, and then a worker, must answer."""
WORKERS_TIMEOUT = 30
"""Seconds without any worker, after which none is expected to come back."""
POLL = 1
"""Seconds between two looks at how many workers there are."""


class Cluster(NamedTuple):
    """A Dask cluster.

    Args:
        address: of the scheduler.
        storage: the object storage that was mirrored here; else the issues folder is shared by all machines.
    """

    address: str
    storage: Storage | None = None

    def build(self, todo: Plan, options: Options) -> Iterator[Progress | Done | Failed]:
        """Publish all that is out of date; yield events as they happen.

        An issue whose worker dies is given to another, unless it has killed several.  Closing the iterator cancels all.

        Raises:
            UsageError: there is no such cluster.
            EmbedAIError: a worker can't take part, or all are gone.
        """
        with _client(self.address) as client:
            build = _Build(client, self.storage or Storage(str(todo.folder)), todo, options)
            try:
                yield from build.events()
            finally:
                build.cancel()


@contextmanager
def _client(address: str) -> Iterator[Any]:
    """Connect to a scheduler that has workers."""
    try:
        distributed = import_module("distributed")
    except ImportError as error:
        raise UsageError(
            _("Dask is not installed"),
            field="--dask",
            remedy=_("install it: pip install 'embedai-nb[{extra}]'", extra="dask"),
        ) from error
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is reported as an error
    try:
        client = distributed.Client(address, timeout=CONNECT_TIMEOUT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(_("no Dask scheduler answers at {address}", address=address), field="--dask") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_TIMEOUT)
        except TimeoutError as error:
            raise UsageError(_("there are no workers at {address}", address=address), field="--dask") from error
        yield client


def _bundle(todo: Plan, newsletter: Newsletter) -> bytes:
    """Pack what the build shares; a copy of the catalogue, since a database must not be opened over a network."""
    from embedai_nb.catalogue import Catalogue

    Catalogue(todo.folder, newsletter).close()
    with BytesIO() as packed:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
            with closing(sqlite3.connect(todo.folder / layout.CATALOGUE)) as catalogue:
                file.writestr(layout.CATALOGUE, catalogue.serialize())
            file.write(todo.folder / layout.NEWSLETTER, layout.NEWSLETTER)
        return packed.getvalue()


class _Submitted(NamedTuple):
    """An issue that was submitted; ``number`` tells it from others that are in progress."""

    number: int
    state: IssueState
    future: Any


class _Build:
    """A build on a cluster."""

    def __init__(self, client: Any, storage: Storage, todo: Plan, options: Options) -> None:
        from embedai_nb.drafts import load_newsletter
        from embedai_nb.edition import known_numbers
        from embedai_nb.publish.cluster_worker import BuildPlugin

        self._client, self._storage, self._todo = client, storage, todo
        newsletter, dates = load_newsletter(todo.folder / layout.NEWSLETTER), todo.survey.dates
        numbers = known_numbers(todo.folder, newsletter, map(datetime.date.fromisoformat, dates))
        self._bundle = _bundle(todo, newsletter)
        self._plugin = BuildPlugin(storage, digest(self._bundle), todo.survey.common, dates, options, numbers)
        self._submitted: dict[str, _Submitted] = {}
        self._queue: SimpleQueue[Any] = SimpleQueue()
        self._seen = time.monotonic()

    def events(self) -> Iterator[Progress | Done | Failed]:
        """Set up all workers, then publish."""
        self._storage.write(self._plugin.bundle_file, self._bundle)
        if is_url(self._storage.name):
            inputs = layout.tools(self._todo.survey.common.digest)
            self._storage.write(inputs, (self._todo.folder / inputs).read_bytes())
        self._client.subscribe_topic(self._plugin.name, lambda event: self._queue.put(event[1]))
        self._client.register_plugin(self._plugin, name=self._plugin.name)
        waiting, threads = list(reversed(self._todo.stale)), self._threads()
        while waiting or self._submitted:
            while waiting and len(self._submitted) < threads:
                yield self._submit(waiting.pop())
            try:
                date, *progress = self._queue.get(timeout=POLL)
            except Empty:
                threads = self._threads()
                continue
            if date in self._submitted and progress:
                yield Progress(*self._submitted[date][:2], *progress)
            elif date in self._submitted:
                yield self._finished(self._submitted.pop(date))
                threads = self._threads()

    def cancel(self) -> None:
        """Cancel what isn't done, and have workers kill it."""
        with suppress(Exception):  # whatever it is: workers that can't be reached have nothing to cancel
            self._client.cancel([issue.future for issue in self._submitted.values()], force=True)
            self._client.unregister_worker_plugin(self._plugin.name)
        with suppress(OSError, EmbedAIError):
            self._storage.remove(self._plugin.bundle_file)

    def _submit(self, state: IssueState) -> Progress:
        from embedai_nb.publish.cluster_worker import publish_on_worker

        number = min({*range(len(self._submitted) + 1)} - {issue.number for issue in self._submitted.values()})
        key = f"{self._plugin.name}-{state.date}"
        future = self._client.submit(publish_on_worker, self._plugin.name, state, key=key, pure=False)
        self._submitted[state.date] = _Submitted(number, state, future)
        future.add_done_callback(lambda _: self._queue.put([state.date]))
        return Progress(number, state, 0, 0)

    def _finished(self, issue: _Submitted) -> Done | Failed:
        """The result of an issue; if it died with its worker meanwhile, that of another."""
        if issue.future.cancelled():
            raise _gone(_("the Dask scheduler is gone"))
        try:
            kind, result = issue.future.result(timeout=WORKERS_TIMEOUT)
        except Exception as error:
            kind, result = "failed", _reason(error)
        return (Done if kind == "done" else Failed)(issue.number, issue.state, result)

    def _threads(self) -> int:
        """How many threads the workers have, which come and go.

        Raises:
            PublishError: there have been none for some time, or the scheduler doesn't answer.
        """
        try:
            count = int(sum(self._client.nthreads().values()))
        except Exception as error:
            raise _gone(_("the Dask scheduler is gone")) from error
        now = time.monotonic()
        if count:
            self._seen = now
        elif now > self._seen + WORKERS_TIMEOUT:
            raise _gone(_("all Dask workers are gone"))
        return count


def _reason(error: Exception) -> str:
    if type(error).__name__ == "KilledWorker":
        return _("each worker that was to make it died; is there enough memory?")
    return f"{type(error).__name__}: {error}"


def _gone(problem: str) -> PublishError:
    return PublishError(problem, remedy=_("what is finished stays, the next build does the rest"))
