"""How the notebook of an issue runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

__all__ = ["DEFAULTS", "OnProgress", "Options"]

OnProgress = Callable[[int, int], None]
"""Called with the number of cells that are done and the number of all, whenever one is done."""


class Options(NamedTuple):
    """How notebooks run.

    Args:
        engine: ``fork`` or ``kernel``.
        timeout: seconds that one cell may take.
        force: run even if nothing changed.
        memory: gigabytes that one cell may use; as newsletter.yaml says if None.
    """

    engine: str = "fork"
    timeout: int = 120
    force: bool = False
    memory: float | None = None


DEFAULTS = Options()
