"""Run ipykernel's kernel in the current process, without sockets and threads.

It sends the messages of the Jupyter protocol (jupyter-client.readthedocs.io, Messaging) as JSON over a connection and
waits for each to be acknowledged.  Text written to descriptors 1 and 2 in between, by the process or its children, thus
belongs between the two messages.
"""

from __future__ import annotations

import asyncio
import gc
import io
import logging
import os
import signal
import sys
import tempfile
from contextlib import suppress
from functools import cache
from multiprocessing.connection import Connection
from threading import Lock
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

from embedai_nb.publish.fast_imports import import_blocked

# Loading the debugger takes half a second; nobody can reach it here.
with import_blocked("debugpy"):
    import ipykernel.debugger  # noqa: F401
from ipykernel.ipkernel import IPythonKernel
from IPython.core.profiledir import ProfileDir
from jupyter_client.session import Session
from tornado.ioloop import IOLoop
from traitlets.config import Config

__all__ = ["prepare", "serve"]


def prepare() -> None:
    """Create the kernel that `serve` uses, so that forked processes inherit it."""
    _shell()


def serve(connection: Connection, stdout: int, stderr: int) -> None:
    """Run the cells that come over the connection, until it is closed.

    Args:
        connection: receives sources of cells; sends messages, the last of each cell its ``execute_reply``.
        stdout: the descriptor for standard output.
        stderr: the descriptor for standard error.
    """
    shell = _shell()
    os.environ.update(shell.environment)
    sys.modules["__main__"] = shell.module
    sys.argv = ["ipykernel_launcher", "-f", "none"]
    sys.path[:] = [
        place for place in sys.path if place not in ("", os.getcwd())
    ]  # a pull request may have put files there
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for descriptor, own in ((stdout, 1), (stderr, 2)):
        os.dup2(descriptor, own)
    sys.stdout, sys.stderr = _Stream(stdout), _Stream(stderr)  # which stay when a cell closes 1 and 2
    gc.freeze()  # memory that the garbage collector doesn't visit is not copied
    gc.enable()
    _set_pandas_width()
    shell.session.connection = connection
    os.register_at_fork(after_in_child=connection.close)  # only one process can speak for the cell
    asyncio.set_event_loop(loop := asyncio.new_event_loop())
    loop.run_until_complete(_serve(shell, connection))


async def _serve(shell: _Shell, connection: Connection) -> None:
    kernel: Any = shell.kernel
    kernel.io_loop = IOLoop.current()
    kernel._execute_sleep = 0  # for sockets that are slower than the reply
    with suppress(EOFError):
        while True:
            code = connection.recv_bytes().decode()
            content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
            request = shell.session.msg("execute_request", content | {"stop_on_error": False})
            shell.session.request = request["header"]["msg_id"]
            kernel.set_parent([], request, "shell")
            await kernel.execute_request(None, [], request)


class _Session(Session):
    """Sends messages over the connection rather than a ZeroMQ socket."""

    def __init__(self) -> None:
        super().__init__()
        self.connection: Connection | None = None
        self.request = ""
        self._lock = Lock()

    def send(self, stream: object, msg_or_type: Any, *args: Any, **options: Any) -> Any:
        """Send a message if it answers the cell that is running; a frontend hears no others."""
        del stream
        named = dict(zip(("content", "parent"), args, strict=False)) | options
        wanted = {name: named[name] for name in ("content", "parent", "header", "metadata") if name in named}
        message = msg_or_type if isinstance(msg_or_type, dict) else self.msg(msg_or_type, **wanted)
        if self.connection and not self.connection.closed:
            with self._lock:
                if message["parent_header"].get("msg_id") == self.request:
                    self.connection.send_bytes(self.pack(message))
                    self.connection.recv_bytes()
                    if message["msg_type"] == "execute_reply":
                        self.request = ""  # what a thread displays now would meet the next request
        return message


class _Stream(io.TextIOWrapper):
    """Unbuffered standard stream, so that what others write to its descriptor stays in order."""

    def __init__(self, descriptor: int) -> None:
        raw = open(descriptor, "wb", buffering=0, closefd=False)  # noqa: SIM115  # open as long as the process
        super().__init__(raw, encoding="UTF-8", errors="backslashreplace", write_through=True)


class _Shell(NamedTuple):
    """A kernel that has run nothing, and the process state that it needs when it does."""

    kernel: IPythonKernel
    session: _Session
    module: ModuleType
    environment: dict[str, str]


@cache
def _shell() -> _Shell:
    """Create the kernel that all forked processes begin with, and restore the state of this process."""
    main, environment, session = sys.modules["__main__"], dict(os.environ), _Session()
    try:
        with tempfile.TemporaryDirectory() as folder:
            kernel = IPythonKernel.instance(
                session=session,
                profile_dir=ProfileDir(location=folder),
                user_ns={},
                log=logging.getLogger(__name__),
                shell_channel_thread=SimpleNamespace(parent_thread=None),
                config=Config({"HistoryManager": {"enabled": False}}),
            )
        os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        changed = {name: value for name, value in os.environ.items() if environment.get(name) != value}
        return _Shell(kernel, session, sys.modules["__main__"], changed)
    finally:
        sys.modules["__main__"] = main
        os.environ.clear()
        os.environ.update(environment)


def _set_pandas_width() -> None:
    """Set what pandas sets in a kernel: imported outside one, it fits tables to the width of a terminal."""
    pandas = sys.modules.get("pandas")
    if pandas:
        pandas.set_option("display.max_columns", 20)
