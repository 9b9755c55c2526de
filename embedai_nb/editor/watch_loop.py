"""What is saved in the issues folder, heard in an event loop."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from embedai_nb.workspace.watch import watch

__all__ = ["heard"]


@contextlib.contextmanager
def heard(folder: Path, hear: Callable[[frozenset[str]], object]) -> Iterator[None]:
    """Have what is saved while the block runs heard in this event loop, as `embedai_nb.workspace.watch.watch` tells it."""
    loop, stop = asyncio.get_running_loop(), threading.Event()

    def follow() -> None:
        bursts = watch(folder, stop)
        next(bursts)  # what there is already
        for names in bursts:
            with contextlib.suppress(RuntimeError):  # the loop is closed, the end is near
                loop.call_soon_threadsafe(hear, names)

    def end() -> None:
        stop.set()
        thread.join()

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    atexit.register(end)  # a kernel may end without leaving the block, and no thread may outlive Python
    try:
        yield
    finally:
        atexit.unregister(end)
        end()
