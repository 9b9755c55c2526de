"""Report how far long work has come."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["OnProgress", "silent"]

OnProgress = Callable[[int, int], object]
"""Called with how many are done, and of how many, whenever one is."""


def silent(_done: int, _of: int) -> None:
    """Report nothing."""
