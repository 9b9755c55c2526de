"""Fork workers from a process that has everything loaded, for a parent with threads, which can't be forked itself.

As `multiprocessing.forkserver`, but whatever its processes have started dies with the parent; and the parent may be a
daemon of `multiprocessing`, as workers of Dask are.
"""

from __future__ import annotations

import gc
import os
import select
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from typing import TypeAlias

from embedai_nb.errors import PublishError
from embedai_nb.i18n import _
from embedai_nb.publish.engines.process_tree import Process, start
from embedai_nb.publish.pool import Task, Worker, serve_tasks

__all__ = ["ForkServer"]

Initialize: TypeAlias = Callable[[], Task]

FORKED = b"forked"
"""What the server answers to who asked for a worker."""


class ForkServer:
    """A process that prepares, then forks as many workers as are asked for, which share what it has loaded.

    Args:
        prepare: called once in that process; gives what is called once in each worker.  Can be pickled.  What it raises
            is the reason why each task fails.
        idle: seconds without a task after which a worker ends, and without a worker the server.
    """

    def __init__(self, prepare: Callable[[], Initialize], idle: float) -> None:
        self._prepare, self._idle = prepare, idle
        self._process: subprocess.Popen[bytes] | None = None
        self._control: Connection | None = None

    def worker(self) -> Worker:
        """Fork a worker; start the server if there is none, or no more.

        Raises:
            PublishError: the server died.
        """
        return Worker(0, self._fork)

    def end(self) -> None:
        """End the server and all that its workers have started, and wait until they are gone."""
        if self._process and self._control:
            self._control.close()
            self._process.wait()
            self._process = self._control = None

    def _fork(self, connection: Connection) -> _Forked:
        if not self._asked(connection):
            self.end()
            self._start()
            if not self._asked(connection):
                self.end()
                raise PublishError(_("its process died; is there enough memory?"))
        return _Forked()

    def _start(self) -> None:
        self._control, there = Pipe()
        with there:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(there.fileno())],
                pass_fds=[there.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in a terminal is not meant for it
            )
        with suppress(ConnectionError):  # it died; who asks for a worker sees that
            self._control.send((self._prepare, self._idle))

    def _asked(self, connection: Connection) -> bool:
        """Ask for a worker that serves this connection; false when nobody answers."""
        if not (self._process and self._control):
            return False
        try:
            send_handle(self._control, connection.fileno(), self._process.pid)
            return self._control.recv_bytes() == FORKED
        except (ConnectionError, EOFError):
            return False


class _Forked:
    """A worker, seen from the parent of its parent."""

    def end(self) -> None:
        """Do nothing: it ends when its connection is closed, or with the server in the middle of a task."""


def _serve(control: Connection) -> None:
    """Fork a worker for each connection that arrives, until the parent closes its end or there is nothing to do."""
    prepare, idle = control.recv()
    initialize = _prepared(prepare)
    gc.freeze()  # memory that the garbage collector doesn't visit is not copied into each worker
    workers: dict[int, Process] = {}
    events = select.poll()
    events.register(control, select.POLLIN)
    with suppress(EOFError):
        while ready := events.poll(None if workers else idle * 1000):
            for descriptor, _event in ready:
                if descriptor in workers:
                    events.unregister(descriptor)
                    workers.pop(descriptor).end()
                else:
                    worker = _forked(Connection(recv_handle(control)), initialize, idle)
                    workers[worker.ended] = worker
                    events.register(worker.ended, select.POLLIN)
                    control.send_bytes(FORKED)
    for worker in workers.values():
        worker.end()


def _prepared(prepare: Callable[[], Initialize]) -> Initialize:
    try:
        return prepare()
    except Exception as error:  # whatever it is, it is the reason why each task fails
        return partial(_raise, error)


def _raise(error: Exception) -> Task:
    raise error


def _forked(connection: Connection, initialize: Initialize, idle: float) -> Process:
    with connection:
        return start(partial(serve_tasks, initialize, connection, idle), {connection.fileno()})


if __name__ == "__main__":
    _serve(Connection(int(sys.argv[1])))
    os._exit(0)  # without tidying up what is loaded
