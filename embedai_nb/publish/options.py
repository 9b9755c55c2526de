"""How the notebook of an issue runs."""

from __future__ import annotations

from typing import NamedTuple

from embedai_nb.progress import OnProgress

__all__ = ["DEFAULTS", "OnProgress", "Options"]


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
