"""Run a function in a forked child, then kill its process tree.

A guardian process stands between parent and child.  It is the subreaper of all descendants (prctl(2),
PR_SET_CHILD_SUBREAPER): those that lose their parent become its children, even in sessions of their own, so it finds
and kills them all.  It also does so when the parent dies, however that happens.

Linux only: `can_fork` says whether it works here; importing this module works on every system.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Set
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path
from typing import Protocol

__all__ = ["Process", "can_fork", "start"]

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
"""linux/prctl.h"""

NEEDED = ((os, "fork"), (os, "pidfd_open"), (os, "setsid"), (signal, "pthread_sigmask"))
"""Functions that only some systems have."""
GONE_WITHIN = 0.2
"""Seconds in which a thread that has ended is gone."""


def can_fork() -> bool:
    """Whether this process can be forked safely, and the child's process tree be killed.

    It must have a single thread, those of C libraries included: locks that others hold would stay locked in the child.
    """
    if not all(hasattr(module, name) for module, name in NEEDED) or not _children(os.getpid()).exists():
        return False
    return _has_single_thread()


def _has_single_thread() -> bool:
    """Whether no other thread is left; one that Python has joined takes a moment to be gone for the system, too."""
    deadline = time.monotonic() + GONE_WITHIN
    while len(os.listdir("/proc/self/task")) > 1:
        if threading.active_count() > 1 or time.monotonic() > deadline:
            return False
        time.sleep(0.001)
    return True


class Process(Protocol):
    """A forked process."""

    ended: int
    """A descriptor that becomes readable when the process has ended."""
    pid: int
    """The process, or the one that all its descendants are children of."""

    def end(self) -> None:
        """Kill the process and its descendants, and wait until they are gone."""


def start(function: Callable[[], object], keep: Set[int]) -> Process:
    """Run a function in a forked process; `can_fork` must be true.

    Args:
        function: what the process does; it ends when this returns.
        keep: descriptors that it may use; all others, such as locks and sockets of this process, are redirected to the
            null device.
    """
    for stream in filter(None, (sys.stdout, sys.stderr)):  # either may have been closed
        stream.flush()
    return (_Child if _guarded else _Guarded)(function, keep)


_guarded = False
"""Whether this process is itself such a child, and may kill all its own descendants."""


class _Guarded:
    """A child with a guardian."""

    def __init__(self, function: Callable[[], object], keep: Set[int]) -> None:
        lifeline, self._lifeline = os.pipe()
        self.ended, over = os.pipe()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # until it can't run handlers of this one
        self.pid = os.fork()
        if not self.pid:
            _guard(function, keep, lifeline, over)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(lifeline)
        os.close(over)

    def end(self) -> None:
        os.close(self._lifeline)
        os.waitpid(self.pid, 0)
        os.close(self.ended)


class _Child:
    """The only child of a guarded process, which needs no guardian of its own."""

    def __init__(self, function: Callable[[], object], keep: Set[int]) -> None:
        self.pid = os.fork()
        if not self.pid:
            _run(function, keep)
        self.ended = os.pidfd_open(self.pid)

    def end(self) -> None:
        _kill_descendants()
        os.close(self.ended)


def _guard(function: Callable[[], object], keep: Set[int], lifeline: int, over: int) -> None:
    """Wait until the child ends or the parent closes the lifeline, then kill all descendants."""
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
        _redirect_descriptors(except_for={lifeline, over})
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
        _redirect_descriptors(except_for=keep)
        function()
    finally:
        os._exit(1)


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _redirect_descriptors(except_for: Set[int]) -> None:
    """Redirect descriptors to the null device.

    None is closed: an object that thinks it owns it might close a new one of the same number.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in set(map(int, os.listdir("/proc/self/fd"))) - except_for:
        with suppress(OSError):  # the one that listed the others is closed by now
            os.fstat(descriptor)
            os.dup2(nowhere, descriptor)


def _kill_descendants() -> None:
    """Kill children until there are none; the children of those that are killed become children of this process."""
    while True:
        for pid in _children(os.getpid()).read_text("ascii").split():
            os.kill(int(pid), signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return


def _children(pid: int) -> Path:
    """The file that lists the children of a single-threaded process (proc(5))."""
    return Path(f"/proc/{pid}/task/{pid}/children")
