"""What a process that publishes issues for a Dask worker loads; nothing of it is imported by the worker itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from embedai_nb.publish.fast_imports import gc_paused
from embedai_nb.publish.options import Options
from embedai_nb.publish.pool import Task

if TYPE_CHECKING:
    from embedai_nb.compose import Numbers

__all__ = ["load_context"]


def load_context(folder: Path, dates: Sequence[str], options: Options, numbers: Numbers) -> Callable[[], Task]:
    """Load what all issues of a build share; gives what makes a task of it in each forked process.

    Args:
        folder: where copies of newsletter.yaml and the catalogue are.
        dates: all issues there are.
        options: how notebooks run.
        numbers: those of all issues.
    """
    with gc_paused():
        from embedai_nb.publish.build_context import BuildContext
        from embedai_nb.publish.execute import preload
    preload()
    return BuildContext(folder, dates, options, numbers, warm=False).open_copy
