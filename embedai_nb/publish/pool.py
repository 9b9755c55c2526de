"""Run tasks in a pool of forked processes, which end with this one, however it ends."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple, Protocol, TypeAlias

from embedai_nb.errors import EmbedAIError
from embedai_nb.i18n import _
from embedai_nb.publish.engines.process_tree import can_fork, start

__all__ = ["Done", "Failed", "Progress", "Reason", "Task", "Worker", "WorkerProcess", "run_tasks", "serve_tasks"]

Reason: TypeAlias = "str | EmbedAIError"
"""Why a task failed; an error of this package says it in the language of who reads it."""

Task = Callable[[Any, Callable[[int, int], None]], object]
"""Does one task, and reports how far it has come."""


class Progress(NamedTuple):
    """A task has come so far: ``done`` of ``total``; 0 of 0 when it begins."""

    worker: int
    task: Any
    done: int
    total: int


class Done(NamedTuple):
    """A task is done."""

    worker: int
    task: Any
    result: Any


class Failed(NamedTuple):
    """A task failed."""

    worker: int
    task: Any
    reason: Reason


def run_tasks(tasks: Sequence[Any], initialize: Callable[[], Task], workers: int) -> Iterator[Progress | Done | Failed]:
    """Do each task once, in the order in which workers are free; yield events as they happen.

    A worker that dies takes one task with it; another takes its place.  Closing the iterator kills all workers.
    Where this process can't be forked, it does all tasks itself.

    Args:
        tasks: what can be pickled.
        initialize: called once in each worker; gives the function that does a task.  May raise an `EmbedAIError`.
        workers: how many there are at most.
    """
    if not can_fork():
        yield from _run_here(tasks, initialize)
        return
    waiting = list(reversed(tasks))
    gc.freeze()  # memory that the garbage collector doesn't visit is not copied into each worker
    busy: dict[Connection, Worker] = {}
    try:
        for number in range(min(workers, len(tasks))):
            worker = _forked_worker(number, initialize)
            busy[worker.connection] = worker
            yield worker.give(waiting.pop())
        while busy:
            for connection in wait(list(busy)):
                worker = busy[connection]  # type: ignore[index]  # wait() returns what it was given
                event = worker.event()
                yield event
                if isinstance(event, Progress):
                    continue
                if not (worker.alive and waiting):
                    worker.end()
                    del busy[worker.connection]
                if waiting and not worker.alive:
                    worker = _forked_worker(worker.number, initialize)
                    busy[worker.connection] = worker
                if waiting:
                    yield worker.give(waiting.pop())
    finally:
        for worker in busy.values():
            worker.end()
        gc.unfreeze()


def _run_here(tasks: Sequence[Any], initialize: Callable[[], Task]) -> Iterator[Progress | Done | Failed]:
    do = initialize()
    for task in tasks:
        yield Progress(0, task, 0, 0)
        try:
            yield Done(0, task, do(task, lambda *_: None))
        except Exception as error:  # one task must not end the others
            yield Failed(0, task, _reason(error))


class WorkerProcess(Protocol):
    """A process that runs `serve_tasks`."""

    def end(self) -> None:
        """Kill the process and its descendants."""


class Worker:
    """A process that does one task after another, seen from its parent.

    Args:
        number: tells it from others.
        launch: starts the process, with the connection that it is to serve.
    """

    def __init__(self, number: int, launch: Callable[[Connection], WorkerProcess]) -> None:
        self.number = number
        self.task: Any = None
        self.alive = True
        self.connection, there = Pipe()
        self._process = launch(there)
        there.close()

    def give(self, task: Any) -> Progress:
        """Send it the next task."""
        self.task = task
        with suppress(ConnectionError):  # it died; the next event says so
            self.connection.send(task)
        return Progress(self.number, task, 0, 0)

    def event(self) -> Progress | Done | Failed:
        """Wait for its next event."""
        try:
            kind, *values = self.connection.recv()
        except (EOFError, OSError):
            self.end()
            return Failed(self.number, self.task, _("its process died; is there enough memory?"))
        kinds: dict[str, Any] = {"progress": Progress, "done": Done, "failed": Failed}
        event: Progress | Done | Failed = kinds[kind](self.number, self.task, *values)
        return event

    def end(self) -> None:
        """Kill it, unless it has ended, and close the connection."""
        if self.alive:
            self.alive = False
            self._process.end()
            self.connection.close()


def _forked_worker(number: int, initialize: Callable[[], Task]) -> Worker:
    return Worker(number, lambda there: start(partial(serve_tasks, initialize, there), {there.fileno()}))


def serve_tasks(initialize: Callable[[], Task], connection: Connection, idle: float | None = None) -> None:
    """Do tasks in a worker until the connection is closed.

    Args:
        initialize: gives the function that does a task.
        connection: receives tasks; sends what `Worker.event` reads.
        idle: seconds without a task after which it ends, too.
    """
    do: Task | None = None
    problem: Reason = ""
    try:
        do = initialize()
    except Exception as error:  # whatever it is, it is the reason why each task fails
        problem = _reason(error)
    with suppress(EOFError):
        while connection.poll(idle):
            task = connection.recv()
            connection.send(_result(do, task, connection) if do else ("failed", problem))


def _result(do: Task, task: Any, connection: Connection) -> tuple[object, ...]:
    try:
        return "done", do(task, lambda done, total: connection.send(("progress", done, total)))
    except Exception as error:  # one task must not end the others
        return "failed", _reason(error)


def _reason(error: Exception) -> Reason:
    return error if isinstance(error, EmbedAIError) else f"{type(error).__name__}: {error}"
