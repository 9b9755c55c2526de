"""A process of one thread that makes issues for one that has several, in which nothing may be forked.

It is told what to do over a socket.  When whoever holds the other end dies, however that happens, it ends with all
that it started, in the middle of an issue too, so that another can begin that issue anew.
"""

from __future__ import annotations

import gc
import json
import select
import sys
import time
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from embedai_nb.errors import EmbedAIError, LockedError, PublishError
from embedai_nb.publish.all import BuildContext, prepare
from embedai_nb.publish.engines.process_tree import possible, start
from embedai_nb.publish.outcome import Outcome
from embedai_nb.publish.pool import Tell, Work, work_off
from embedai_nb.publish.survey import IssueState
from embedai_nb.workspace import layout

__all__ = ["CATALOGUE", "DATES", "serve"]

CATALOGUE, DATES = layout.CATALOGUE, "dates.json"
"""What the kit of a build holds, beside newsletter.yaml and what issues are made with."""

PATIENCE = 10
"""Seconds in which an issue that a dying process holds must be free."""


def serve(boss: Connection) -> None:
    """Do what is said over the connection, until it is closed.

    Args:
        boss: brings the folder of the kit and `embedai_nb.publish.issue.Options`, then for each issue the folder to
            work in and its `IssueState`; gets what the processes of `embedai_nb.publish.pool` tell.
    """
    kit, options = boss.recv()
    if not possible():
        work_off(_refuse, boss)
        return
    prepare(sys.maxsize)
    shelf = BuildContext(kit, json.loads((kit / DATES).read_bytes()), options)
    gc.freeze()  # what is not looked at for garbage is not copied into each process
    worker = start(partial(work_off, partial(_begin, shelf), boss), {boss.fileno()})
    ends = select.poll()
    ends.register(worker.ended, select.POLLIN)
    ends.register(boss, select.POLLRDHUP)
    ends.poll()
    worker.end()


def _refuse() -> Work:
    raise PublishError("nothing can be forked there", remedy="run workers on Linux")


def _begin(shelf: BuildContext) -> Work:
    """Have the copy of the catalogue at hand; one that was made here would hold none of the issues."""
    from embedai_nb.catalogue import Catalogue

    copy = shelf.folder / CATALOGUE
    before = copy.stat().st_ino
    shelf.catalogue = Catalogue(shelf.folder, shelf.newsletter, refresh=False)
    if copy.stat().st_ino != before:
        raise EmbedAIError("cannot be read", path=copy)
    return partial(_work, shelf)


def _work(shelf: BuildContext, task: tuple[Path, IssueState], tell: Tell) -> Outcome:
    """Make one issue, as soon as it is free."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            return shelf.work(*task, tell)
        except LockedError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
