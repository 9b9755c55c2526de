"""Papermill's engine for issues: the same notebook for the same inputs.

Papermill loads this module while it is being imported itself, so nothing of the exporters may be needed here.
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
from embedai_nb.publish.cells import tags
from embedai_nb.publish.engines.normalize import tidy

__all__ = ["Engine", "private"]


class Engine(NBClientEngine):  # type: ignore[misc]  # papermill has no types
    """Runs a notebook in a kernel of its own and tidies what comes out.

    A run that is cut short (kernel died, timeout, Ctrl-C) is recorded as an error of the cell that was running, so
    that papermill saves and reports it like any failing cell.
    """

    @classmethod
    def execute_notebook(
        cls, nb: NotebookNode, kernel_name: str, output_path: str | None = None, **options: Any
    ) -> NotebookNode:
        """Execute ``nb`` in place; papermill saves it once, when all is done, rather than twice for each cell."""
        del output_path
        metadata = copy.deepcopy(nb.metadata)
        super().execute_notebook(nb, kernel_name, None, **(options | {"autosave_cell_every": 0}))
        return tidy(nb, metadata)

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        told: Callable[[int, int], None] | None = None,
        **options: Any,
    ) -> None:
        """Execute all cells, or those up to the first that fails; ``told`` hears how many are done, and of how many."""
        _check_parameters(nb_man.nb)
        if told:
            nb_man.pbar = _Telling(told, len(nb_man.nb.cells))
        try:
            cls.run(nb_man, kernel_name, **options)
        except (DeadKernelError, CellTimeoutError, KeyboardInterrupt) as error:
            _cancel_what_waits()
            _record(nb_man.nb, error)

    @classmethod
    def run(cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any) -> None:
        """Have a kernel execute the cells; it is killed at the end, having nothing to save."""
        settings = {"record_timing": False, "shutdown_kernel": "immediate", "config": private()} | options
        super().execute_managed_notebook(nb_man, kernel_name, **settings)


class _Telling:
    """In place of papermill's bar, where somebody else draws it."""

    def __init__(self, told: Callable[[int, int], None], total: int) -> None:
        self.told = told
        self.total = total
        self.n = 0

    def update(self, more: int) -> None:
        """Some more cells are done."""
        self.n += more
        self.told(self.n, self.total)

    def set_description(self, text: str) -> None:
        """What papermill says of a cell."""

    def refresh(self) -> None:
        """All cells are said to be done."""

    def close(self) -> None:
        """There is nothing more to tell."""


def private(**settings: str) -> Config:
    """Settings of the kernel manager, and that what is said is encrypted; else a kernel that can warns on stderr."""
    return Config(KernelManager={"transport_encryption": "auto"} | settings)


def _cancel_what_waits() -> None:
    """Have nothing wait for a kernel that is gone; asyncio would report on stderr that nobody asked how it ended."""
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
    """Put the error where a reader of the notebook looks for it."""
    started = [cell for cell in nb.cells if cell.metadata.papermill.start_time]
    if not started:
        raise error
    text = str(error).strip().partition("\n")[0]
    started[-1].outputs.append(new_output("error", ename=type(error).__name__, evalue=text, traceback=[]))
