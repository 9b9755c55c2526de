"""Work shared out to processes forked from this one, which are gone when it is, however it ends."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple

from embedai_nb.errors import EmbedAIError
from embedai_nb.publish.engines.process_tree import possible, start

__all__ = ["Done", "Failed", "Progress", "share_out", "work_off"]

Tell = Callable[[int, int], None]
Work = Callable[[Any, Tell], object]


class Progress(NamedTuple):
    """How far a task has come: ``done`` of ``total``; told when it begins, too, with 0 of 0."""

    worker: int
    task: Any
    done: int
    total: int


class Done(NamedTuple):
    """A task that is done, and its result."""

    worker: int
    task: Any
    result: Any


class Failed(NamedTuple):
    """A task that failed, and what to say of it."""

    worker: int
    task: Any
    reason: str


def share_out(tasks: Sequence[Any], begin: Callable[[], Work], workers: int) -> Iterator[Progress | Done | Failed]:
    """Do each task once, in the order in which workers are free; what happens is told as it happens.

    A worker that dies takes one task with it; another takes its place.  Closing the iterator ends all at once.
    Where nothing can be forked, all is done in this process.

    Args:
        tasks: what can be pickled.
        begin: is called once in each worker; gives what does a task.  It may raise an `EmbedAIError`.
        workers: how many there are at most.
    """
    if not possible():
        yield from _here(tasks, begin)
        return
    waiting = list(reversed(tasks))
    gc.freeze()  # what is not looked at for garbage is not copied into each worker
    busy: dict[Connection, _Worker] = {}
    try:
        for number in range(min(workers, len(tasks))):
            worker = _Worker(number, begin)
            busy[worker.connection] = worker
            yield worker.give(waiting.pop())
        while busy:
            for connection in wait(list(busy)):
                worker = busy[connection]  # type: ignore[index]
                event = worker.event()
                yield event
                if isinstance(event, Progress):
                    continue
                if not (worker.alive and waiting):
                    worker.end()
                    del busy[worker.connection]
                if waiting and not worker.alive:
                    worker = _Worker(worker.number, begin)
                    busy[worker.connection] = worker
                if waiting:
                    yield worker.give(waiting.pop())
    finally:
        for worker in busy.values():
            worker.end()
        gc.unfreeze()


def _here(tasks: Sequence[Any], begin: Callable[[], Work]) -> Iterator[Progress | Done | Failed]:
    work = begin()
    for task in tasks:
        yield Progress(0, task, 0, 0)
        try:
            yield Done(0, task, work(task, lambda *_: None))
        except Exception as error:  # one task must not end the others
            yield Failed(0, task, _told(error))


class _Worker:
    """One process, as it is seen from here."""

    def __init__(self, number: int, begin: Callable[[], Work]) -> None:
        self.number = number
        self.task: Any = None
        self.alive = True
        self.connection, there = Pipe()
        self._process = start(partial(work_off, begin, there), {there.fileno()})
        there.close()

    def give(self, task: Any) -> Progress:
        """Have it do a task next."""
        self.task = task
        with suppress(ConnectionError):  # it is dead; the next event says so
            self.connection.send(task)
        return Progress(self.number, task, 0, 0)

    def event(self) -> Progress | Done | Failed:
        """What it has to say."""
        try:
            kind, *values = self.connection.recv()
        except (EOFError, OSError):
            self.end()
            return Failed(self.number, self.task, "its process died; is there enough memory?")
        kinds: dict[str, Any] = {"progress": Progress, "done": Done, "failed": Failed}
        event: Progress | Done | Failed = kinds[kind](self.number, self.task, *values)
        return event

    def end(self) -> None:
        """Kill it, if it isn't dead yet."""
        if self.alive:
            self.alive = False
            self._process.end()
            self.connection.close()


def work_off(begin: Callable[[], Work], connection: Connection) -> None:
    """What a worker does until there is nothing more to do.

    Args:
        begin: gives what does a task.
        connection: brings tasks; gets what `_Worker.event` reads.
    """
    work, problem = None, ""
    try:
        work = begin()
    except Exception as error:  # whatever it is, it is told of each task
        problem = _told(error)
    with suppress(EOFError):
        while True:
            task = connection.recv()
            connection.send(_done(work, task, connection) if work else ("failed", problem))


def _done(work: Work, task: Any, connection: Connection) -> tuple[object, ...]:
    try:
        return "done", work(task, lambda done, total: connection.send(("progress", done, total)))
    except Exception as error:  # one task must not end the others
        return "failed", _told(error)


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, EmbedAIError) else f"{type(error).__name__}: {error}"
