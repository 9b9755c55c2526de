"""Kernels forked from this process: they needn't import again what is imported here.

Everything else is as with any kernel: it is ipykernel in a process of its own, and nbclient talks to it over the same
sockets.  So whatever a cell does to its process (exit, crash, endless loop) is seen and ended the same way.
"""

from __future__ import annotations

import asyncio
import faulthandler
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ipykernel.kernelapp import IPKernelApp
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from papermill.engines import NotebookExecutionManager

from embedai_nb.publish.engine import Engine

__all__ = ["ForkEngine"]

LAUNCHER = "ipykernel_launcher"


class ForkEngine(Engine):
    """Runs a notebook in a kernel forked from this process, or in a new one where that isn't safe."""

    @classmethod
    def run(cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any) -> None:
        """Have a forked kernel execute the cells."""
        super().run(nb_man, kernel_name, kernel_manager_class=ForkManager, **options)


class ForkManager(AsyncKernelManager):
    """Starts kernels by `ForkProvisioner`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.provisioner = ForkProvisioner(kernel_id="fork", kernel_spec=self.kernel_spec, parent=self)


class ForkProvisioner(LocalProvisioner):
    """Forks where others start a command."""

    async def launch_kernel(self, cmd: list[str], **settings: Any) -> KernelConnectionInfo:
        """Fork, if the command is ipykernel's and no other thread can be holding a lock."""
        if LAUNCHER not in cmd or _threads() > 1:
            return await super().launch_kernel(cmd, **settings)
        # Ipykernel ends with its parent; the usual way of telling it, JPY_PARENT_PID, is read at import.
        arguments = [*cmd[cmd.index(LAUNCHER) :], f"--IPKernelApp.parent_handle={os.getpid()}"]
        process: Any = _Process(arguments, settings["env"])
        self.process, self.pid, self.pgid = process, process.pid, process.pid
        return self.connection_info


class _Process:
    """A forked process, to be used like a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, arguments: list[str], environment: Mapping[str, str]) -> None:
        context = multiprocessing.get_context("fork")
        self._process = context.Process(target=_become_kernel, args=(arguments, environment))
        self._process.start()
        self.pid = self._process.pid or 0

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()


def _become_kernel(arguments: list[str], environment: Mapping[str, str]) -> None:
    """What a new process would find, and then ipykernel's main function."""
    os.setsid()
    faulthandler.disable()
    _let_go_of_files()
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    asyncio.set_event_loop(asyncio.new_event_loop())
    sys.argv = arguments
    _tell_pandas()
    IPKernelApp.launch_instance(arguments[1:])


def _let_go_of_files() -> None:
    """Have every descriptor lead nowhere.

    The lock of the issue is among them, which would outlive a run that is killed.  None is closed: an object that
    thinks it owns it might close a new one of the same number.  What cells write arrives by ipykernel.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        with suppress(OSError):  # the one that listed the others is closed by now
            os.fstat(descriptor)
            os.dup2(nowhere, descriptor)


def _tell_pandas() -> None:
    """Pandas, imported where there was no kernel, takes this for a terminal and fits tables to its width."""
    pandas = sys.modules.get("pandas")
    if pandas:
        pandas.set_option("display.max_columns", 20)


def _threads() -> int:
    """How many threads this process has, those of libraries in C too; many, where nobody can say."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else sys.maxsize
