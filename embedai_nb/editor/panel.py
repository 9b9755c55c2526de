"""Forms in panels of JupyterLab: each page opens one over a comm of its own, which the extension in labextension/ makes.

There is no notebook and no cell: the messages are those of Jupyter widgets, so that the page's script is the same as in
a notebook.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets
from comm import get_comm_manager
from comm.base_comm import BaseComm

from embedai_nb.capture.draft import caching_fetcher
from embedai_nb.editor.form import Form, forget, session_of, shown
from embedai_nb.errors import EmbedAIError
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace.locate import issues_folder

__all__ = ["TARGET", "listen", "load_ipython_extension"]

TARGET = "embedai-editor"
"""The comm target; the extension names it too."""


class PanelForm(Form):
    """A form over the comm that its page has opened."""

    layout = traitlets.Any(None)  # a model of its own, which nobody would look at


def listen() -> None:
    """Let pages open forms in this kernel."""
    get_comm_manager().register_target(TARGET, _opened)


def load_ipython_extension(_shell: object) -> None:
    """Do so in a kernel that loads this module as an extension."""
    listen()


def _opened(comm: BaseComm, message: Mapping[str, Any]) -> None:
    """Show the issue whose date the page names; an error is for the page to show."""
    try:
        folder = issues_folder()
        date = parse_date(str(message["content"]["data"]["issue"]))
        form = shown(PanelForm(session_of(folder, date, caching_fetcher(folder)), comm=comm))
    except EmbedAIError as error:
        comm.send({"failed": str(error)})
        return
    comm.on_close(lambda _: forget(form))
