"""A function that runs in a forked process, of which nothing is left when it is over.

Between the two stands a guardian.  Descendants that lose their parent become its children, even those that began a
session of their own (prctl(2), PR_SET_CHILD_SUBREAPER), so it finds and kills them all; and it does so when whoever
asked for the process dies, however that happens.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import sys
from collections.abc import Callable, Set
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path
from typing import Protocol

__all__ = ["Process", "possible", "start"]

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
"""linux/prctl.h"""


def possible() -> bool:
    """Whether this process can be forked safely, and what comes of it be guarded.

    After a fork there is only one thread, but the locks that others held remain; threads of libraries in C count too.
    """
    tasks, me = Path("/proc/self/task"), os.getpid()
    return hasattr(os, "pidfd_open") and _children(me).exists() and len(list(tasks.iterdir())) == 1


class Process(Protocol):
    """A forked process."""

    ended: int
    """A descriptor that can be read as soon as the process is no more."""

    def end(self) -> None:
        """Kill it and all that it started, and wait until they are gone."""


def start(function: Callable[[], object], keep: Set[int]) -> Process:
    """Run a function in a forked process; `possible` says where this can be done.

    Args:
        function: what the process does; it ends when this returns.
        keep: descriptors that it may use; all others lead nowhere, this process' locks and sockets among them.
    """
    for stream in filter(None, (sys.stdout, sys.stderr)):  # either may have been closed
        stream.flush()
    return (_Child if _guarded else _Guarded)(function, keep)


_guarded = False
"""Whether this process is a guarded one: then it may kill whatever it finds among its own descendants."""


class _Guarded:
    """With a guardian between."""

    def __init__(self, function: Callable[[], object], keep: Set[int]) -> None:
        lifeline, self._lifeline = os.pipe()
        self.ended, over = os.pipe()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # until it can't run handlers of this one
        self._guardian = os.fork()
        if not self._guardian:
            _guard(function, keep, lifeline, over)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(lifeline)
        os.close(over)

    def end(self) -> None:
        os.close(self._lifeline)
        os.waitpid(self._guardian, 0)
        os.close(self.ended)


class _Child:
    """The only child of a guarded process, which needs no other guardian than that has."""

    def __init__(self, function: Callable[[], object], keep: Set[int]) -> None:
        pid = os.fork()
        if not pid:
            _run(function, keep)
        self.ended = os.pidfd_open(pid)

    def end(self) -> None:
        _kill_descendants()
        os.close(self.ended)


def _guard(function: Callable[[], object], keep: Set[int], lifeline: int, over: int) -> None:
    """What the guardian does until its own end; the lifeline is cut when nobody wants the process any more."""
    try:
        os.setsid()  # Ctrl-C in a terminal is not meant for it
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        faulthandler.disable()
        _prctl(PR_SET_CHILD_SUBREAPER, 1)
        pid = os.fork()
        if not pid:
            _run(function, keep)
        _let_go_of_files(except_for={lifeline, over})
        wait([os.pidfd_open(pid), lifeline])
        os.close(over)
        _kill_descendants()
    finally:
        os._exit(0)


def _run(function: Callable[[], object], keep: Set[int]) -> None:
    global _guarded  # of a process that was just forked
    try:
        _guarded = True
        _prctl(PR_SET_CHILD_SUBREAPER, 1)
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        os.setsid()
        _let_go_of_files(except_for=keep)
        function()
    finally:
        os._exit(1)


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _let_go_of_files(except_for: Set[int]) -> None:
    """Have descriptors lead nowhere.

    None is closed: an object that thinks it owns it might close a new one of the same number.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in set(map(int, os.listdir("/proc/self/fd"))) - except_for:
        with suppress(OSError):  # the one that listed the others is closed by now
            os.fstat(descriptor)
            os.dup2(nowhere, descriptor)


def _kill_descendants() -> None:
    """The children of those that are killed become children of this process, until there are none."""
    while True:
        for pid in _children(os.getpid()).read_text("ascii").split():
            os.kill(int(pid), signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return


def _children(pid: int) -> Path:
    """A file that lists the children of a process with one thread (proc(5))."""
    return Path(f"/proc/{pid}/task/{pid}/children")
