"""Compute in a thread what takes long, while messages are handled in the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

__all__ = ["Newest"]

Result = TypeVar("Result")


class Newest:
    """Compute the newest of what was asked for: while one runs, those that come replace each other.

    Args:
        run: runs a coroutine in the event loop.
    """

    def __init__(self, run: Callable[[Coroutine[Any, Any, None]], object]) -> None:
        self._start = run
        self._waiting: tuple[Callable[[], Any], Callable[[Any], object]] | None = None
        self.running = False

    @property
    def waiting(self) -> bool:
        """Whether something newer is going to be computed."""
        return self._waiting is not None

    def start(self, compute: Callable[[], Result], show: Callable[[Result], object]) -> None:
        """Compute in a thread, then show the result in the event loop; at once where there is none.

        Args:
            compute: takes nothing that changes meanwhile; handles its own exceptions.
            show: called in the event loop.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            show(compute())
            return
        self._waiting = compute, show
        if not self.running:
            self.running = True
            self._start(self._run())

    async def _run(self) -> None:
        try:
            while self._waiting is not None:
                (compute, show), self._waiting = self._waiting, None
                show(await asyncio.to_thread(compute))
        finally:
            self.running = False
