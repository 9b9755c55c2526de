"""What a command costs, with every process that it starts: CPU seconds, wall seconds, memory over time."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import NamedTuple

ADOPT = 36
"""PR_SET_CHILD_SUBREAPER of prctl(2): processes that lose their parent become ours, so that they are counted, too."""
PATIENCE = 10.0
"""Seconds that processes may live on after the command that started them."""
EFFORT = 0.05
"""At most this part of one processor is spent on looking at memory."""
INTERVAL = 0.1
"""Seconds between two looks, at least: a process that is looked at can't be given memory meanwhile, which costs it time."""


class Memory(NamedTuple):
    """Bytes, at one moment.

    Shared pages count in full in a process's RSS, and in parts, one for each process that has them, in its PSS.
    """

    moment: float
    together: int
    """PSS of all processes: what the command takes of the machine."""
    largest: int
    """PSS of the process with most."""
    resident: int
    """RSS of the process with most."""

    def __str__(self) -> str:
        return f"the largest process: {self.largest / 1e6:.0f} MB PSS, {self.resident / 1e6:.0f} MB RSS"


@dataclass(frozen=True)
class Cost:
    """What one command took, or several one after another."""

    cpu: float
    wall: float
    memory: tuple[Memory, ...] = ()

    @property
    def peak(self) -> int:
        """The most bytes that its processes had together."""
        return max((at.together for at in self.memory), default=0)

    def part(self, start: float, end: float) -> Memory:
        """The most of each kind within a part of its time, ``0.9, 1`` being the last tenth."""
        within = [at for at in self.memory if start * self.wall <= at.moment <= end * self.wall]
        within = within or list(self.memory)  # it was over too soon
        return Memory(*map(max, zip(*within, strict=True)))

    def __add__(self, later: Cost) -> Cost:
        moved = (at._replace(moment=at.moment + self.wall) for at in later.memory)
        return Cost(self.cpu + later.cpu, self.wall + later.wall, (*self.memory, *moved))


def together(costs: Iterable[Cost]) -> Cost:
    """What commands cost that run one after another."""
    return sum(costs, start=Cost(0, 0))


def typical(costs: Sequence[Cost]) -> Cost:
    """The medians of several rounds, and the memory of the one that took most."""
    largest = max(costs, key=lambda cost: cost.peak)
    return Cost(median(cost.cpu for cost in costs), median(cost.wall for cost in costs), largest.memory)


def measure(command: Sequence[str], folder: Path, settings: Mapping[str, str], allowed: Sequence[int] = (0,)) -> Cost:
    """Run a command to its end.

    Args:
        command: the program and its arguments.
        folder: where it runs.
        settings: its environment.
        allowed: exit statuses that are no failure.

    Raises:
        SystemExit: it failed, or left processes behind.
    """
    ctypes.CDLL(None).prctl(ADOPT, 1, 0, 0, 0)
    samples: list[Memory] = []
    before, began, ended = _used(), time.perf_counter(), Event()
    with subprocess.Popen(
        command, cwd=folder, env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        watch = Thread(target=_watch, args=(samples, began, ended))
        watch.start()
        said, _ = process.communicate()
        wall = time.perf_counter() - began
        ended.set()
        watch.join()
    if process.returncode not in allowed:
        raise SystemExit(f"{' '.join(command)}: {process.returncode}\n{said.decode()[-2000:]}")
    _reap(command)
    return Cost(_used() - before, wall, tuple(samples))


def _used() -> float:
    """CPU seconds of all processes that ended, and that their parents or this process waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _reap(command: Sequence[str]) -> None:
    """Wait for what the command left to others."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)
        except ChildProcessError:
            return
    raise SystemExit(f"{' '.join(command)}: left behind: {list(_descendants(os.getpid()))}")


def _watch(samples: list[Memory], began: float, ended: Event) -> None:
    pause = INTERVAL
    while not ended.wait(pause):
        looked = time.perf_counter()
        sizes = [size for pid in _descendants(os.getpid()) if (size := _sizes(pid))]
        if sizes:
            shares, resident = zip(*sizes, strict=True)
            samples.append(Memory(looked - began, sum(shares), max(shares), max(resident)))
        pause = max(INTERVAL, (time.perf_counter() - looked) / EFFORT)


def _descendants(pid: int) -> Iterator[int]:
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in listed.read_text().split()]
        except OSError:
            continue
        for child in children:
            yield child
            yield from _descendants(child)


def _sizes(pid: int) -> tuple[int, int] | None:
    """PSS and RSS of a process; nothing when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return None
    found = {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)}
    return (found["Pss"], found["Rss"]) if "Pss" in found else None
