"""Cells run in a process forked from this one: it needn't import again what is imported here.

Whatever a cell does to its process (exit, crash, endless loop, changed modules) touches nothing else, and is seen and
told as if there were a plain kernel.
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

from embedai_nb.publish.cells import tags
from embedai_nb.publish.engines import kernel_in_process
from embedai_nb.publish.engines.kernel import Engine
from embedai_nb.publish.engines.process_tree import Process, start

__all__ = ["ForkEngine"]

MOST = 2**24
"""So many characters a cell may write to its streams: all are kept in memory, and nobody reads more."""


class ForkEngine(Engine):
    """Runs a notebook in Python in a forked process, which `embedai_nb.publish.engines.process_tree.possible` must allow."""

    @classmethod
    def run(cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any) -> None:
        """Have a forked process execute the cells."""
        del kernel_name
        with _Cells.forked() as cells:
            client = _Client(nb_man, cells, timeout=options.get("execution_timeout"), record_timing=False)
            client.reset_execution_trackers()
            client.papermill_execute_cells()


class _Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
    """Puts into the notebook what the cells say, as it does with what a kernel says."""

    def __init__(self, nb_man: NotebookExecutionManager, cells: _Cells, **options: Any) -> None:
        super().__init__(nb_man, **options)
        self.cells = cells

    def execute_cell(self, cell: NotebookNode, cell_index: int) -> NotebookNode:
        """Execute one cell; those that hold nothing to run, or are not to be run, stay as they are.

        Raises:
            CellExecutionError: it raised an error.
            CellTimeoutError: it took too long.
            DeadKernelError: its process is no more, or has no end of what it says.
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
        except TimeoutError:
            raise CellTimeoutError.error_from_timeout_and_cell("Cell execution timed out", timeout, cell) from None
        except EOFError:
            raise DeadKernelError("Kernel died") from None
        except OverflowError:
            raise DeadKernelError(f"A cell said more than {MOST >> 20} MB.") from None
        return cell


class _Text:
    """What a stream said since it was last asked; a character may come in two halves."""

    def __init__(self, name: str, descriptor: int) -> None:
        self.name = name
        self.descriptor = descriptor
        os.set_blocking(descriptor, False)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def messages(self) -> Iterator[dict[str, Any]]:
        """All that was there to be read, as a message of a kernel, and not what comes meanwhile, which may never end."""
        if text := self._decoder.decode(self._read()):
            content = {"name": self.name, "text": text}
            yield {"msg_type": "stream", "header": {"msg_type": "stream"}, "content": content, "parent_header": {}}

    def _read(self) -> bytes:
        try:
            return os.read(self.descriptor, 65536)  # all that a pipe can hold
        except BlockingIOError:
            return b""


class _Cells:
    """The process that cells run in, as it is seen from here."""

    def __init__(self, connection: Connection, process: Process, texts: tuple[_Text, ...]) -> None:
        self.connection = connection
        self.process = process
        self.texts = texts

    @classmethod
    @contextmanager
    def forked(cls) -> Iterator[Self]:
        """A new process, ended with all that it started when the block is left."""
        kernel_in_process.prepare()
        here, there = Pipe()
        (stdout, out), (stderr, err) = os.pipe(), os.pipe()
        serve = partial(kernel_in_process.serve, there, out, err)
        process = start(serve, {there.fileno(), out, err})
        there.close()
        os.close(out)
        os.close(err)
        try:
            yield cls(here, process, (_Text("stdout", stdout), _Text("stderr", stderr)))
        finally:
            process.end()
            here.close()
            os.close(stdout)
            os.close(stderr)

    def execute(self, source: str, timeout: float | None) -> Iterator[dict[str, Any]]:
        """Run one cell; the last message is its ``execute_reply``.

        Raises:
            TimeoutError: there is none after so many seconds.
            EOFError: the process is no more.
            OverflowError: it says too much.
        """
        said = 0
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            self.connection.send_bytes(source.encode())
            for message in self._messages(deadline):
                yield message
                said += len(message["content"].get("text", ""))
                if said > MOST:
                    raise OverflowError
                if message["msg_type"] == "execute_reply":
                    return
        except (ConnectionError, ValueError):  # or it says what is no message: a cell can change how it speaks
            raise EOFError from None

    def _messages(self, deadline: float | None) -> Iterator[dict[str, Any]]:
        """What is said, in its order: the text that came before a message, then the message."""
        watched: list[Connection | int] = [
            self.connection,
            self.process.ended,
            *(text.descriptor for text in self.texts),
        ]
        while True:
            ready = wait(watched, None if deadline is None else max(0, deadline - time.monotonic()))
            for text in self.texts:
                yield from text.messages()
            if self.connection in ready:
                message = self.connection.recv_bytes()
                self.connection.send_bytes(b"")  # it waits until what was said before is read
                yield json.loads(message)
            elif self.process.ended in ready:
                raise EOFError
            elif deadline is not None and time.monotonic() >= deadline:
                raise TimeoutError
