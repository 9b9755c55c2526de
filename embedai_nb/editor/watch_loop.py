"""Watch the issues folder in a thread, and call back in an event loop."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from embedai_nb.workspace.watch import watch

__all__ = ["News", "watched"]

logger = logging.getLogger(__name__)

RETRY = 1.0
"""Seconds between a failure of the watch and the next attempt."""

News: TypeAlias = "frozenset[str] | Exception"
"""What was saved, as `watch` yields it, or why the watch failed."""


@contextlib.contextmanager
def watched(folder: Path, callback: Callable[[News], object]) -> Iterator[None]:
    """Call back in this event loop whenever something is saved, while the block runs.

    A watch that fails is restarted.  Then comes everything there is: any of it may have been saved meanwhile.
    """
    loop, stop = asyncio.get_running_loop(), threading.Event()

    def follow() -> None:
        for news in _restarting(folder, stop):
            with contextlib.suppress(RuntimeError):  # the loop is closed, the end is near
                loop.call_soon_threadsafe(callback, news)

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


def _restarting(folder: Path, stop: threading.Event) -> Iterator[News]:
    first, failure = True, ""
    while not stop.is_set():
        try:
            bursts = watch(folder, stop)
            there = next(bursts, frozenset())
            if not first:
                yield there
            first, failure = False, ""
            yield from bursts
        except Exception as error:  # a loop that must not end
            if failure != (failure := repr(error)):
                logger.exception("watching %s failed; retried every %.0f s", folder, RETRY)
            first = False
            yield error
            stop.wait(RETRY)
