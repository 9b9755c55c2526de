"""Work shared out to the workers of a Dask cluster, told as `embedai_nb.publish.pool` tells it.

No more issues are given out than there are threads to make them.  So one that kills its worker takes the blame for it
nearly always alone (`distributed.scheduler.allowed-failures`), and there is little to end when this ends early.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import time
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from embedai_nb.errors import EmbedAIError, PublishError, UsageError
from embedai_nb.publish.bench import Kit, bench, digest_of, finish, kit_file
from embedai_nb.publish.issue import Options
from embedai_nb.publish.outcome import Findings, Outcome
from embedai_nb.publish.pool import Done, Failed, Progress
from embedai_nb.publish.storage import ObjectStorage, SharedFolder, Storage
from embedai_nb.publish.survey import IssueState
from embedai_nb.workspace import layout

if TYPE_CHECKING:
    from embedai_nb.publish.all import Plan

__all__ = ["Cluster"]

ANSWER = 10
"""Seconds in which the scheduler, and then a worker, must be there."""
GONE = 30
"""Seconds without any worker, after which none is expected to come back."""
LOOK = 1
"""Seconds between two looks at how many workers there are."""
TELL = 0.2
"""Seconds between two messages about one issue."""


class Cluster(NamedTuple):
    """Where the work is done.

    Args:
        address: of the scheduler.
        storage: where the issues folder is that was mirrored here; else all workers see it where it is here.
    """

    address: str
    storage: ObjectStorage | None = None

    def share_out(self, todo: Plan, options: Options) -> Iterator[Progress | Done | Failed]:
        """Do what is to be done; what happens is told as it happens.

        An issue whose worker dies is given to another, unless it has killed several.  Closing the iterator ends all.

        Raises:
            UsageError: there is no such cluster.
            EmbedAIError: it cannot do this work, or is gone.
        """
        place = self.storage or SharedFolder(str(todo.folder))
        with _client(self.address) as client, _kit(todo, options, place) as kit:
            work = _Work(client, kit, todo.stale)
            try:
                _check(client, kit)
                yield from work.events()
            finally:
                work.end()


# --- before and after -----------------------------------------------------------------------------------------


@contextmanager
def _client(address: str) -> Iterator[Any]:
    """A connection to a scheduler that has workers."""
    try:
        distributed = import_module("distributed")
    except ImportError as error:
        raise UsageError("Dask is not installed", field="--dask", remedy="pip install 'embedai-nb[dask]'") from error
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is told as errors
    try:
        client = distributed.Client(address, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"no Dask scheduler answers at {address}", field="--dask") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=ANSWER)
        except TimeoutError as error:
            raise UsageError(f"there are no workers at {address}", field="--dask") from error
        yield client


@contextmanager
def _kit(todo: Plan, options: Options, place: Storage) -> Iterator[Kit]:
    """What workers need, put where they find it, and removed in the end."""
    tools = todo.survey.tools
    with TemporaryDirectory(prefix="embedai-") as name:
        packed = _packed(todo, Path(name))
        kit = Kit(uuid.uuid4().hex, place.name, digest_of(packed), tools.digest, options)
        place.put(packed, kit_file(kit.digest))
    if isinstance(place, ObjectStorage):
        place.put(todo.folder / layout.tools(tools.digest), layout.tools(tools.digest))
    try:
        yield kit
    finally:
        with suppress(OSError, EmbedAIError):
            place.remove(kit_file(kit.digest))


def _packed(todo: Plan, folder: Path) -> Path:
    """One file with all that workers need.

    A database must not be opened over a network, where others may write to it, so they get a copy.
    """
    from embedai_nb.catalogue import Catalogue
    from embedai_nb.drafts import load_newsletter
    from embedai_nb.publish.hand import CATALOGUE, DATES

    Catalogue(todo.folder, load_newsletter(todo.folder / layout.NEWSLETTER)).close()
    copy, packed = folder / "catalogue", folder / "kit"
    with closing(sqlite3.connect(todo.folder / CATALOGUE)) as now, closing(sqlite3.connect(copy)) as new:
        now.backup(new)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.write(copy, CATALOGUE)
        file.writestr(DATES, json.dumps(todo.survey.dates))
        for name in (layout.NEWSLETTER, layout.tools(todo.survey.tools.digest)):
            file.write(todo.folder / name, name)
    return packed


def _check(client: Any, kit: Kit) -> None:
    """Have all workers get ready; don't begin if one can't."""
    said = client.run(_ready, kit, on_error="return")
    for address, problem in sorted(said.items()):
        if problem:
            reason = problem if isinstance(problem, str) else _reason(problem)
            raise PublishError(reason, path=f"Dask worker {address}")


# --- in between -----------------------------------------------------------------------------------------------


class _Given(NamedTuple):
    """An issue that was given out; ``number`` tells it from others that are being made."""

    number: int
    state: IssueState
    future: Any


class _Work:
    """The issues of a build, given out and got back."""

    def __init__(self, client: Any, kit: Kit, states: Sequence[IssueState]) -> None:
        self._client = client
        self._kit = kit
        self._waiting = list(reversed(states))
        self._given: dict[str, _Given] = {}
        self._heard: SimpleQueue[tuple[Any, ...]] = SimpleQueue()
        self._silent = set[str]()

    def events(self) -> Iterator[Progress | Done | Failed]:
        """What happens, until all is done."""
        self._client.subscribe_topic(_topic(self._kit), lambda event: self._heard.put(tuple(event[1])))
        threads, looked = _Threads(self._client), time.monotonic()
        while self._waiting or self._given:
            while self._waiting and len(self._given) < threads.count:
                yield self._give(self._waiting.pop())
            with suppress(Empty):
                yield from self._told(*self._heard.get(timeout=LOOK))
            if time.monotonic() > looked + LOOK:
                threads.look()
                yield from self._untold()
                looked = time.monotonic()

    def end(self) -> None:
        """Have workers put all away, and give up what isn't done."""
        futures = [given.future for given in self._given.values()]
        with suppress(Exception):  # whatever it is: who cannot be reached has nothing to put away
            self._client.cancel(futures, force=True)
            self._client.run(_finish, self._kit.build, on_error="ignore")

    def _give(self, state: IssueState) -> Progress:
        number = min({*range(len(self._given) + 1)} - {given.number for given in self._given.values()})
        key = f"{_topic(self._kit)}-{state.date}"
        future = self._client.submit(_make, self._kit, state, key=key, pure=False)
        self._given[state.date] = _Given(number, state, future)
        return Progress(number, state, 0, 0)

    def _told(self, date: str, kind: str, *said: Any) -> Iterator[Progress | Done | Failed]:
        """What a worker says of an issue; it may say so once more after another has made it."""
        if date not in self._given:
            return
        number, state, _ = self._given[date]
        if kind == "progress":
            yield Progress(number, state, *said)
            return
        del self._given[date]
        yield Failed(number, state, *said) if kind == "failed" else Done(number, state, _outcome(*said))

    def _untold(self) -> Iterator[Progress | Done | Failed]:
        """What came of issues of which no worker says it."""
        for date, given in list(self._given.items()):
            if given.future.status == "error":
                yield from self._told(date, "failed", _reason(given.future.exception(timeout=ANSWER)))
            elif given.future.status == "finished":  # what came of it should have been told before
                if date in self._silent:
                    yield from self._told(date, "failed", "its worker does not say what came of it")
                self._silent.add(date)
            elif given.future.status != "pending":
                raise _gone()


class _Threads:
    """How many threads the workers have, which come and go."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._seen = time.monotonic()
        self.look()

    def look(self) -> None:
        """Count them.

        Raises:
            PublishError: there have been none for some time, or nobody can tell.
        """
        try:
            self.count = sum(self._client.nthreads().values())
        except Exception as error:
            raise _gone() from error
        now = time.monotonic()
        if self.count:
            self._seen = now
        elif now > self._seen + GONE:
            raise _gone("all Dask workers are")


def _reason(error: Exception) -> str:
    if type(error).__name__ == "KilledWorker":
        return "each worker that was to make it died; is there enough memory?"
    return f"{type(error).__name__}: {error}"


def _gone(who: str = "the Dask scheduler is") -> PublishError:
    return PublishError(f"{who} gone", remedy="what is finished stays")


# --- in the workers -------------------------------------------------------------------------------------------


async def _ready(kit: Kit, dask_worker: Any) -> str:
    """Get ready; gives what is wrong."""
    try:
        await asyncio.to_thread(bench, kit, Path(dask_worker.local_directory))
    except (EmbedAIError, OSError) as error:
        return str(error)
    return ""


async def _finish(build: str) -> None:
    await asyncio.to_thread(finish, build)


def _make(kit: Kit, state: IssueState) -> None:
    """Make one issue, and say what comes of it.

    It is said rather than returned: what is returned stays with the worker until it is fetched, and may die with it.
    """
    worker, told = import_module("distributed").get_worker(), 0.0

    def say(*said: Any) -> None:
        worker.log_event(_topic(kit), [state.date, *said])

    def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() > told + TELL:
            told = time.monotonic()
            say("progress", done, total)

    try:
        kind, result = bench(kit, Path(worker.local_directory)).make(state, tell)
        say(kind, result if kind == "failed" else _plain(result))
    except (EmbedAIError, OSError) as error:
        say("failed", str(error))


def _plain(outcome: Outcome) -> list[Any]:
    return [outcome.date, list(outcome.findings), list(outcome.written), outcome.up_to_date]


def _outcome(plain: Sequence[Any]) -> Outcome:
    date, findings, written, up_to_date = plain
    return Outcome(date, Findings(*findings), tuple(written), up_to_date)


def _topic(kit: Kit) -> str:
    return f"embedai-{kit.build}"
