"""Papermill's engine for issues: the same notebook for the same inputs.

Papermill loads this module while it is being imported itself, so nothing of the exporters may be needed here.
"""

from __future__ import annotations

import copy
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.engines import NBClientEngine, NotebookExecutionManager

from embedai_nb.publish.tidy import tidy

__all__ = ["Engine"]


class Engine(NBClientEngine):
    """Runs a notebook in a kernel of its own and tidies what comes out.

    A run that is cut short (kernel died, timeout, Ctrl-C) is recorded as an error of the cell that was running, so
    that papermill saves and reports it like any failing cell.
    """

    @classmethod
    def execute_notebook(
        cls, nb: NotebookNode, kernel_name: str, output_path: str | None = None, **options: Any
    ) -> NotebookNode:
        """Execute ``nb`` in place; papermill saves it once, when all is done, rather than twice for each cell."""
        metadata = copy.deepcopy(nb.metadata)
        super().execute_notebook(nb, kernel_name, None, **(options | {"autosave_cell_every": 0}))
        return tidy(nb, metadata)

    @classmethod
    def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any) -> None:
        """Execute all cells, or those up to the first that fails."""
        try:
            cls.run(nb_man, kernel_name, **options)
        except (DeadKernelError, CellTimeoutError, KeyboardInterrupt) as error:
            _record(nb_man.nb, error)

    @classmethod
    def run(cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any) -> None:
        """Have a kernel execute the cells; it is killed at the end, having nothing to save."""
        settings = {"record_timing": False, "shutdown_kernel": "immediate"} | options
        super().execute_managed_notebook(nb_man, kernel_name, **settings)


def _record(nb: NotebookNode, error: BaseException) -> None:
    """Put the error where a reader of the notebook looks for it."""
    started = [cell for cell in nb.cells if cell.metadata.papermill.start_time]
    if not started:
        raise error
    text = str(error).strip().partition("\n")[0]
    started[-1].outputs.append(new_output("error", ename=type(error).__name__, evalue=text, traceback=[]))
