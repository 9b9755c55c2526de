"""Watch an issues folder from a separate process, so that this one has no threads and can be forked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

from embedai_nb.publish.engines.process_tree import can_fork, start

__all__ = ["watch"]


@contextmanager
def watch(folder: Path) -> Iterator[Iterator[frozenset[str]]]:
    """The names of inputs that were saved, burst after burst (`embedai_nb.workspace.watch.watch`)."""
    if not can_fork():
        from embedai_nb.workspace.watch import watch as watch_folder

        yield watch_folder(folder)
        return
    here, there = Pipe(duplex=False)
    process = start(partial(_send_saved, folder, there), {there.fileno()})
    there.close()
    try:
        yield _received(here)
    finally:
        process.end()
        here.close()


def _send_saved(folder: Path, connection: Connection) -> None:
    from embedai_nb.workspace.watch import watch as watch_folder

    for names in watch_folder(folder):
        connection.send(names)


def _received(connection: Connection) -> Iterator[frozenset[str]]:
    with suppress(EOFError):
        while True:
            yield connection.recv()
