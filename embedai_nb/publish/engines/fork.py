"""Papermill engine that runs cells in a forked process, which inherits what is imported here.

Whatever a cell does to its process (exit, crash, endless loop, changed modules) touches nothing else and is reported as
from a plain kernel.
"""

from __future__ import annotations

import codecs
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any, Self

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager

from embedai_nb.i18n import _
from embedai_nb.publish.cell_outputs import tags
from embedai_nb.publish.engines import kernel_in_process
from embedai_nb.publish.engines.kernel import Engine
from embedai_nb.publish.engines.limits import (
    MAX_OUTPUT,
    MemoryWatch,
    check_exit,
    limit_memory,
    message_size,
    output_error,
)
from embedai_nb.publish.engines.process_tree import Process, start

__all__ = ["ForkEngine"]

PATIENCE = 0.5
"""Seconds after which it is seen whether a cell that says nothing takes too much."""


class ForkEngine(Engine):
    """Runs a Python notebook in a forked process; `embedai_nb.publish.engines.process_tree.can_fork` must be true."""

    @classmethod
    def run(cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any) -> None:
        """Execute the cells in a forked process."""
        del kernel_name
        with _CellProcess.started(options.get("memory")) as cells:
            client = _Client(nb_man, cells, timeout=options.get("execution_timeout"), record_timing=False)
            client.reset_execution_trackers()
            client.papermill_execute_cells()


class _Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
    """Turns messages into cell outputs as for a kernel, but gets them from the forked process."""

    def __init__(self, nb_man: NotebookExecutionManager, cells: _CellProcess, **options: Any) -> None:
        super().__init__(nb_man, **options)
        self.cells = cells

    def execute_cell(self, cell: NotebookNode, cell_index: int) -> NotebookNode:
        """Execute one cell, unless it is empty or tagged to be skipped.

        Raises:
            CellExecutionError: it raised an error.
            CellTimeoutError: it took too long.
            DeadKernelError: its process died, said more than `MAX_OUTPUT`, or used more memory than it may.
        """
        if cell.cell_type != "code" or not cell.source.strip() or self.skip_cells_with_tag in tags(cell):
            return cell
        cell.outputs = []
        self.clear_before_next_output = False
        timeout = self._get_timeout(cell)
        try:
            for message in self.cells.execute(cell.source, timeout):
                if message["msg_type"] != "execute_reply":
                    self.process_message(message, cell, cell_index)
                elif message["content"]["status"] == "error" and "raises-exception" not in tags(cell):
                    raise CellExecutionError.from_cell_and_msg(cell, message["content"])
                else:
                    check_exit(cell, message["content"])
        except TimeoutError:
            raise CellTimeoutError.error_from_timeout_and_cell("Cell execution timed out", timeout, cell) from None
        except EOFError:
            raise DeadKernelError(_("Kernel died")) from None
        return cell


class _StreamReader:
    """Decodes a stream incrementally: a character may arrive in two halves."""

    def __init__(self, name: str, descriptor: int) -> None:
        self.name = name
        self.descriptor = descriptor
        os.set_blocking(descriptor, False)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def messages(self) -> Iterator[dict[str, Any]]:
        """What can be read now, as a message of a kernel; not what arrives meanwhile, which may never end."""
        if text := self._decoder.decode(self._read()):
            content = {"name": self.name, "text": text}
            yield {"msg_type": "stream", "header": {"msg_type": "stream"}, "content": content, "parent_header": {}}

    def _read(self) -> bytes:
        try:
            return os.read(self.descriptor, 65536)  # all that a pipe can hold
        except BlockingIOError:
            return b""


class _CellProcess:
    """The process that cells run in, seen from its parent."""

    def __init__(
        self, connection: Connection, process: Process, streams: tuple[_StreamReader, ...], memory: MemoryWatch
    ) -> None:
        self.connection = connection
        self.process = process
        self.streams = streams
        self.memory = memory

    @classmethod
    @contextmanager
    def started(cls, memory: float | None) -> Iterator[Self]:
        """Start a process that may use so many gigabytes; kill its process tree when the block is left."""
        kernel_in_process.prepare()
        here, there = Pipe()
        (stdout, out), (stderr, err) = os.pipe(), os.pipe()
        process = start(partial(_serve, memory, there, out, err), {there.fileno(), out, err})
        there.close()
        os.close(out)
        os.close(err)
        try:
            streams = _StreamReader("stdout", stdout), _StreamReader("stderr", stderr)
            yield cls(here, process, streams, MemoryWatch(process.pid, memory))
        finally:
            process.end()
            here.close()
            os.close(stdout)
            os.close(stderr)

    def execute(self, source: str, timeout: float | None) -> Iterator[dict[str, Any]]:
        """Run one cell; the last message is its ``execute_reply``.

        Raises:
            TimeoutError: there is none after so many seconds.
            EOFError: the process died.
            DeadKernelError: it said too much, or used too much memory.
        """
        written = 0
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            self.connection.send_bytes(source.encode())
            for message in self._messages(deadline):
                yield message
                written += message_size(message)
                if written > MAX_OUTPUT:
                    raise output_error()
                if message["msg_type"] == "execute_reply":
                    return
        except (ConnectionError, ValueError):  # or it sends no message: a cell can patch the code that does
            raise EOFError from None

    def _messages(self, deadline: float | None) -> Iterator[dict[str, Any]]:
        """Messages in their order: the text that was written before one, then that one."""
        watched: list[Connection | int] = [
            self.connection,
            self.process.ended,
            *(stream.descriptor for stream in self.streams),
        ]
        while True:
            left = PATIENCE if deadline is None else deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            ready = wait(watched, min(left, PATIENCE))
            self.memory.check()
            for stream in self.streams:
                yield from stream.messages()
            if self.connection in ready:
                message = self.connection.recv_bytes()
                self.connection.send_bytes(b"")  # acknowledged: it waits until what it wrote before is read
                yield json.loads(message)
            elif self.process.ended in ready:
                raise EOFError


def _serve(memory: float | None, *arguments: Any) -> None:
    limit_memory(os.getpid(), memory)
    kernel_in_process.serve(*arguments)
