"""Papermill engine that runs a kernel and gives the same notebook for the same inputs.

Papermill loads this module while it is being imported itself, so it must import nothing of the exporters.
"""

from __future__ import annotations

import ast
import asyncio
import copy
import logging
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_event_loop, run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager
from traitlets.config import Config

from embedai_nb.errors import UsageError
from embedai_nb.i18n import _
from embedai_nb.publish.cell_outputs import tags
from embedai_nb.publish.engines.limits import (
    MAX_OUTPUT,
    MemoryWatch,
    check_exit,
    limit_memory,
    message_size,
    name_exits,
    output_error,
    shorten,
)
from embedai_nb.publish.engines.normalize import normalize

__all__ = ["Engine", "kernel_config"]

logger = logging.getLogger("papermill")

POLLING = 0.25
"""Seconds between two looks at whether the kernel lives."""

NOT_FROM_CWD = "--InteractiveShellApp.ignore_cwd=True"
"""Keeps cells from importing modules that lie in the issues folder, where a pull request may have put them."""


class Engine(NBClientEngine):  # type: ignore[misc]  # papermill has no types
    """Runs a notebook in a kernel of its own and normalizes the result.

    A run that is cut short (kernel died, timeout, Ctrl-C) is recorded as an error of the cell that was running, so
    that papermill saves and reports it like any failing cell.
    """

    @classmethod
    def execute_notebook(
        cls, nb: NotebookNode, kernel_name: str, output_path: str | None = None, **options: Any
    ) -> NotebookNode:
        """Execute ``nb`` in place; papermill saves it once at the end rather than twice for each cell."""
        del output_path
        metadata = copy.deepcopy(nb.metadata)
        super().execute_notebook(nb, kernel_name, None, **(options | {"autosave_cell_every": 0}))
        return normalize(nb, metadata)

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        on_progress: Callable[[int, int], None] | None = None,
        **options: Any,
    ) -> None:
        """Execute all cells up to the first that fails; ``on_progress`` gets how many are done, and of how many."""
        _check_parameters(nb_man.nb)
        if on_progress:
            nb_man.pbar = _ProgressBar(on_progress, len(nb_man.nb.cells))
        try:
            cls.run(nb_man, kernel_name, **options)
        except (DeadKernelError, CellTimeoutError, KeyboardInterrupt) as error:
            _cancel_pending_tasks()
            _record(nb_man.nb, error)
        name_exits(nb_man.nb)

    @classmethod
    def run(cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any) -> None:
        """Execute the cells in a kernel, which is killed at the end, having nothing to save."""
        known = {
            "record_timing": False,
            "shutdown_kernel": "immediate",
            "config": kernel_config(),
            "extra_arguments": [NOT_FROM_CWD],
            "log": logger,
        }
        timeout, memory = options.pop("execution_timeout", None), options.pop("memory", None)
        settings = known | {name: value for name, value in options.items() if name in _Client.class_trait_names()}
        _Client(nb_man, memory, kernel_name=kernel_name, timeout=timeout, **settings).execute()


class _Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
    """Papermill's client, which also ends cells that say too much or use too much memory.

    While messages come without end, nbclient's timeout isn't seen to: it waits for its turn in the same event loop.
    """

    def __init__(self, nb_man: NotebookExecutionManager, memory: float | None, **options: Any) -> None:
        super().__init__(nb_man, **options)
        self._gigabytes = memory
        self._stopped: DeadKernelError | None = None
        self._written = 0
        self._deadline = float("inf")
        self.on_cell_execute = self._begin
        self.on_cell_executed = self._check_reply

    async def async_start_new_kernel(self, **options: Any) -> None:
        """Start a kernel, and limit its memory."""
        # What its children write goes into messages, and beside that to the stream it was started with.
        await super().async_start_new_kernel(stdout=subprocess.DEVNULL, **options)
        self._memory = MemoryWatch(self.km.provisioner.pid, self._gigabytes)
        limit_memory(self.km.provisioner.pid, self._gigabytes)

    start_new_kernel = run_sync(async_start_new_kernel)

    def execute_cell(self, cell: NotebookNode, cell_index: int, **options: Any) -> NotebookNode:
        """Execute one cell; a DeadKernelError says why where it was stopped."""
        try:
            executed: NotebookNode = super().execute_cell(cell, cell_index, **options)
            return executed
        except DeadKernelError as error:
            raise self._stopped or error from None

    def process_message(self, message: Any, cell: NotebookNode, cell_index: int) -> Any:
        """Add a message to the outputs of a cell, unless it has had its time, or said enough."""
        self._written += message_size(message)
        if self._written > MAX_OUTPUT:
            self._stopped = output_error()
        if self._stopped or time.monotonic() > self._deadline:
            raise _StoppedError
        return super().process_message(message, cell, cell_index)

    def _begin(self, cell: NotebookNode, cell_index: int) -> None:
        del cell_index
        self._written, timeout = 0, self._get_timeout(cell)
        self._deadline = time.monotonic() + timeout if timeout else float("inf")

    def _check_reply(self, cell: NotebookNode, cell_index: int, execute_reply: Any) -> None:
        del cell_index
        check_exit(cell, execute_reply["content"])

    async def _async_poll_output_msg(self, *arguments: Any) -> None:
        with suppress(_StoppedError):
            await super()._async_poll_output_msg(*arguments)

    async def _async_poll_kernel_alive(self) -> None:
        while self._stopped is None:
            await asyncio.sleep(POLLING)
            try:
                self._memory.check()
                await self._async_check_alive()
            except DeadKernelError as error:
                self._stopped = error
        self.task_poll_for_reply.cancel()


class _StoppedError(Exception):
    """No more messages of a cell are wanted."""


class _ProgressBar:
    """Replaces papermill's progress bar by a callback."""

    def __init__(self, on_progress: Callable[[int, int], None], total: int) -> None:
        self.on_progress = on_progress
        self.total = total
        self.n = 0

    def update(self, more: int) -> None:
        """Count some more cells as done."""
        self.n += more
        self.on_progress(self.n, self.total)

    def set_description(self, text: str) -> None:
        """Ignore what papermill says of a cell."""

    def refresh(self) -> None:
        """Do nothing: there is no bar to draw."""

    def close(self) -> None:
        """Do nothing: there is no bar to remove."""


def kernel_config(connection_file: Path | None = None) -> Config:
    """Configure the kernel manager; with encryption, since a kernel that offers it warns on stderr where it is off.

    Args:
        connection_file: where the manager writes how to reach the kernel; sockets lie beside it, where there can be some.
    """
    settings = {"transport_encryption": "auto"}
    if connection_file:
        settings |= {"connection_file": str(connection_file)} | _local_sockets(connection_file.with_suffix(""))
    return Config(KernelManager=settings)


def _local_sockets(prefix: Path) -> dict[str, str]:
    """Settings for sockets of these names; none where the system, the file system or the length of the path forbids them.

    A port is chosen before the kernel starts, and another program may have taken it when the kernel binds it.
    """
    probe = Path(f"{prefix}-0")
    try:
        with socket.socket(socket.AF_UNIX) as trial:
            trial.bind(str(probe))
        probe.unlink()
    except (AttributeError, OSError):
        return {}
    return {"transport": "ipc", "ip": str(prefix)}


def _cancel_pending_tasks() -> None:
    """Cancel tasks that wait for a dead kernel: asyncio would report on stderr that nobody retrieved their result."""
    loop = ensure_event_loop()
    waiting = asyncio.all_tasks(loop)

    async def cancel() -> None:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    loop.run_until_complete(cancel())


def _check_parameters(nb: NotebookNode) -> None:
    """Refuse parameters that the notebook doesn't have: papermill writes their names into code as they are."""
    defined = {name for cell in nb.cells if "parameters" in tags(cell) for name in _assigned(cell.source)}
    for name in nb.metadata.get("papermill", {}).get("parameters", {}):
        if name not in defined:
            raise UsageError(
                _("the notebook has no parameter {name!a}", name=name),
                remedy=_("it has {names}", names=", ".join(defined)),
            )


def _assigned(source: str) -> set[str]:
    """The names that code assigns to."""
    nodes = ast.walk(ast.parse(source))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _record(nb: NotebookNode, error: BaseException) -> None:
    """Record the error as an output of the cell that was running, where readers of the notebook look for it."""
    started = [cell for cell in nb.cells if cell.metadata.papermill.start_time]
    if not started:
        raise error
    text = str(error).strip().partition("\n")[0]
    shorten(started[-1])
    started[-1].outputs.append(new_output("error", ename=type(error).__name__, evalue=text, traceback=[]))
