"""What is saved in an issues folder, told to a process that is going to be forked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

from embedai_nb.publish.engines.process_tree import possible, start

__all__ = ["saves"]


@contextmanager
def saves(folder: Path) -> Iterator[Iterator[frozenset[str]]]:
    """The names of inputs that were saved, burst after burst (`embedai_nb.workspace.watch.watch`).

    Whoever watches has threads, so it is done in a process of its own, as long as nothing can be forked otherwise.
    """
    if not possible():
        from embedai_nb.workspace.watch import watch

        yield watch(folder)
        return
    here, there = Pipe(duplex=False)
    process = start(partial(_watch, folder, there), {there.fileno()})
    there.close()
    try:
        yield _received(here)
    finally:
        process.end()
        here.close()


def _watch(folder: Path, connection: Connection) -> None:
    from embedai_nb.workspace.watch import watch

    for names in watch(folder):
        connection.send(names)


def _received(connection: Connection) -> Iterator[frozenset[str]]:
    with suppress(EOFError):
        while True:
            yield connection.recv()
