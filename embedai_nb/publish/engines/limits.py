"""Limits of what cells may use: memory, output; and what is said when a cell goes beyond one, or ends its process."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import psutil
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output

from embedai_nb.i18n import N_, _
from embedai_nb.publish.cell_outputs import tags

__all__ = [
    "MAX_OUTPUT",
    "MemoryWatch",
    "check_exit",
    "limit_memory",
    "message_size",
    "name_exits",
    "output_error",
    "shorten",
]

MAX_OUTPUT = 2**24
"""Characters that a cell may say: all are kept in memory, and nobody reads more."""
KEPT_OF_FAILED = 100_000
"""Characters that are kept of what a cell wrote that was stopped."""
INTERVAL = 0.5
"""Seconds between two looks at the memory in use."""
GIGABYTE = 10**9

EXITED = N_("the cell ended its process; tag it raises-exception if that is meant")


def output_error() -> DeadKernelError:
    """The error of a cell that said more than `MAX_OUTPUT`."""
    return DeadKernelError(_("A cell said more than {megabytes} MB.", megabytes=MAX_OUTPUT >> 20))


class MemoryWatch:
    """Watches the memory of a process and its descendants.

    Args:
        pid: the process.
        gigabytes: how much all of them may use; None for no limit.
    """

    def __init__(self, pid: int, gigabytes: float | None) -> None:
        self.gigabytes = gigabytes
        self._pid = pid
        self._next = time.monotonic() + INTERVAL

    def check(self) -> None:
        """Look at it, if it is time; a DeadKernelError where it is too much."""
        if self.gigabytes is None or time.monotonic() < self._next:
            return
        if self._used() > self.gigabytes * GIGABYTE:
            raise DeadKernelError(
                _(
                    "A cell used more than {gigabytes:g} GB of memory; --memory, or cell_memory in "
                    "newsletter.yaml, allows more.",
                    gigabytes=self.gigabytes,
                )
            )
        self._next = time.monotonic() + INTERVAL

    def _used(self) -> int:
        """Bytes that these processes share with no other."""
        used = 0
        for process in _tree(self._pid):
            try:
                used += process.memory_full_info().uss
            except psutil.Error:  # it has ended, or is another user's
                continue
        return used


def _tree(pid: int) -> list[psutil.Process]:
    """The process with its descendants; none where it has ended, or the system doesn't tell."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def limit_memory(pid: int, gigabytes: float | None) -> None:
    """Let allocations of a process fail beyond a limit, and of each that it starts; Linux only.

    This comes at once, before the system is short of memory; `MemoryWatch` sees it half a second later, on every
    system, and sees what several processes use together.
    """
    if gigabytes is not None and sys.platform == "linux":
        with suppress(psutil.Error):  # without /proc, `MemoryWatch` sees nothing either
            process = psutil.Process(pid)
            most = process.memory_info().data + round(gigabytes * GIGABYTE)
            process.rlimit(psutil.RLIMIT_DATA, (most, most))


def message_size(message: Mapping[str, Any]) -> int:
    """How many characters a message of a kernel says."""
    content = message["content"]
    data = content.get("data")
    return len(content.get("text", "")) + (sum(map(len, map(str, data.values()))) if isinstance(data, dict) else 0)


def check_exit(cell: NotebookNode, reply: Mapping[str, Any]) -> None:
    """Fail where a cell called `exit()`, which a kernel reports as success; unless it is tagged.

    Raises:
        CellExecutionError: it did.
    """
    asked = any(payload.get("source") == "ask_exit" for payload in reply.get("payload", ()))
    if asked and "raises-exception" not in tags(cell):
        error = {"ename": "SystemExit", "evalue": _(EXITED), "traceback": []}
        cell.outputs.append(new_output("error", **error))
        raise CellExecutionError.from_cell_and_msg(cell, error)


def name_exits(nb: NotebookNode) -> None:
    """Say of cells that raised SystemExit that they did: papermill takes one without a status, or with 0, for success."""
    for cell in nb.cells:
        for output in cell.get("outputs", ()) if "raises-exception" not in tags(cell) else ():
            if output.output_type == "error" and output.ename == "SystemExit" and output.evalue in ("", "0", "None"):
                output.evalue = _(EXITED)


def shorten(cell: NotebookNode) -> None:
    """Keep the beginning of what a cell wrote that was stopped: all of it may be millions of lines."""
    left, dropped = KEPT_OF_FAILED, 0
    for output in cell.outputs:
        if output.output_type == "stream":
            dropped += max(0, len(output.text) - left)
            output.text = output.text[:left]
            left -= len(output.text)
    if dropped:
        cell.outputs.append(new_output("stream", name="stderr", text=f"… {dropped:,} more characters\n"))
