"""Papermill engine that runs a kernel and gives the same notebook for the same inputs.

Papermill loads this module while it is being imported itself, so it must import nothing of the exporters.
"""

from __future__ import annotations

import ast
import asyncio
import copy
from collections.abc import Callable
from typing import Any

from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.engines import NBClientEngine, NotebookExecutionManager
from traitlets.config import Config

from embedai_nb.errors import UsageError
from embedai_nb.publish.cell_outputs import tags
from embedai_nb.publish.engines.normalize import normalize

__all__ = ["Engine", "kernel_config"]


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

    @classmethod
    def run(cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any) -> None:
        """Execute the cells in a kernel, which is killed at the end, having nothing to save."""
        settings = {"record_timing": False, "shutdown_kernel": "immediate", "config": kernel_config()} | options
        super().execute_managed_notebook(nb_man, kernel_name, **settings)


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


def kernel_config(**settings: str) -> Config:
    """Configure the kernel manager; with encryption, since a kernel that offers it warns on stderr where it is off."""
    return Config(KernelManager={"transport_encryption": "auto"} | settings)


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
            raise UsageError(f"the notebook has no parameter {name!a}", remedy=f"it has {', '.join(defined)}")


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
    started[-1].outputs.append(new_output("error", ename=type(error).__name__, evalue=text, traceback=[]))
