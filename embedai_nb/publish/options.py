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
    """

    engine: str = "fork"
    timeout: int = 120
    force: bool = False


DEFAULTS = Options()
