"""Run JupyterLab with the kernel of the form started beside it: ``python -m embedai_nb.editor.jupyterlab_process OPTIONS``.

While the browser loads JupyterLab, the kernel imports what the form needs; the page finds it by the path of its session.
JupyterLab's own start is spared what takes seconds of CPU time and serves nobody here.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from embedai_nb.publish.fast_imports import import_blocked

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__ = ["main"]

SESSION = "embedai-editor"
"""Path, name and type of the session that all windows of a server share; the extension of JupyterLab names it, too."""

BEGIN = ("--ext", "embedai_nb.editor.panel")
"""Options of the kernel: it loads the form as an extension of IPython."""


def main(options: list[str]) -> None:
    """Run the server until it is stopped."""
    # What checks internationalized addresses, of which the server's schemas have none: it compiles grammars for a second.
    # And JupyterLab asks Node, where there is one, from where it would get packages to build itself anew.
    with import_blocked("rfc3987_syntax"), _environment(PATH=os.devnull):
        from jupyterlab.labapp import LabApp
    server: ServerApp = LabApp.initialize_server(options)
    server.io_loop.add_callback(begin_kernel, server)
    server.start()
    # It has ended its kernels and removed its files.  Threads whose requests were cut off never end, and Python would wait for them.
    logging.shutdown()
    os._exit(0)


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Change variables of the environment while the block runs."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


async def begin_kernel(server: ServerApp) -> None:
    """Start the kernel of the form; if that fails, the page tries again, and says why it cannot."""
    from jupyter_server.utils import ApiPath

    try:
        kernel = await server.kernel_manager.start_kernel(path=ApiPath(""), extra_arguments=list(BEGIN))
        await server.session_manager.create_session(path=SESSION, name=SESSION, type=SESSION, kernel_id=kernel)
    except Exception:
        server.log.exception("the kernel of the form cannot be started")


if __name__ == "__main__":
    main(sys.argv[1:])
