"""Launch JupyterLab on one issue, isolated from the user's settings, without requests to other machines."""

from __future__ import annotations

import datetime
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from embedai_nb.drafts import DraftStore, load_newsletter, template
from embedai_nb.errors import MissingExtraError
from embedai_nb.workspace import layout
from embedai_nb.workspace.locate import NOTEBOOK_VARIABLE, VARIABLE, issue_notebook

__all__ = ["Launch", "create_draft", "launch"]

EXTENSIONS = Path(__file__).parent / "labextension"
"""The JupyterLab extension that shows the form of the issue that the address names."""

SETTINGS: Mapping[str, Mapping[str, object]] = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/apputils-extension:kernels-settings": {"commsOverSubshells": "disabled"},
    "@jupyterlab/application-extension:shell": {"startMode": "single"},
    "@jupyterlab/extensionmanager-extension:plugin": {"enabled": False},
}
"""Overrides of JupyterLab's settings: no notifications, one document, messages of a form in their order."""

DISABLED = ("@jupyterlab/apputils-extension:announcements", "@jupyterlab/extensionmanager-extension:plugin")
"""Plugins of JupyterLab that would send requests to other machines."""

PAGE: Mapping[str, object] = {
    "disabledExtensions": dict.fromkeys(DISABLED, True),
    "buildCheck": False,  # it would ask Node
}
"""Overrides of JupyterLab's page."""

OPTIONS = (
    "--ServerApp.allow_remote_access=False",
    "--ServerApp.allow_root=True",  # in a container one often is
    "--ServerApp.terminals_enabled=False",
    "--ServerApp.quit_button=True",
    "--LabApp.news_url=",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    "--LanguageServerManager.autodetect=False",  # it would ask npm where there may be some
    "--KernelManager.transport_encryption=auto",
)


@dataclass(frozen=True)
class Launch:
    """A command and the environment it runs in."""

    command: Sequence[str]
    environment: Mapping[str, str]
    created: bool


def launch(folder: Path, date: datetime.date, *options: str, host: str = "127.0.0.1") -> Launch:
    """Make the command that starts the editor of this issue; creates its draft if there is none.

    Args:
        options: further ones of JupyterLab.
        host: the address that it listens on.

    Raises:
        MissingExtraError: JupyterLab is not installed; no draft was created.
    """
    if find_spec("jupyterlab") is None:
        raise MissingExtraError("jupyterlab", "editor")
    created = create_draft(folder, date)
    cache = folder / layout.CACHE
    config = cache / "jupyter" / "config"
    work = folder / layout.EDIT
    work.mkdir(parents=True, exist_ok=True)
    _write(config / "labconfig" / "default_setting_overrides.json", SETTINGS)
    _write(config / "labconfig" / "page_config.json", PAGE)
    places = {
        "JUPYTER_CONFIG_DIR": config,
        "JUPYTER_DATA_DIR": cache / "jupyter" / "data",
        "JUPYTER_RUNTIME_DIR": cache / "jupyter" / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": cache / "jupyter" / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": cache / "jupyter" / "workspaces",
        "IPYTHONDIR": cache / "jupyter" / "ipython",
        VARIABLE: folder,
    }
    if NOTEBOOK_VARIABLE in os.environ:  # maybe relative to this working folder, which that of the kernels is not
        places[NOTEBOOK_VARIABLE] = issue_notebook()
    command = [
        *(sys.executable, "-m", "embedai_nb.editor.jupyterlab_process", *OPTIONS),
        f"--ServerApp.ip={host}",
        f"--ServerApp.root_dir={work}",
        f"--LabApp.default_url=/doc/workspaces/{date}",  # not a query: the server prints the address with its token behind
        f"--LabApp.extra_labextensions_path={EXTENSIONS}",
        *options,
    ]
    return Launch(command, os.environ | {name: str(place) for name, place in places.items()}, created)


def create_draft(folder: Path, date: datetime.date) -> bool:
    """Create the draft, unless it exists; returns whether it is new."""
    store, newsletter = DraftStore(folder), load_newsletter(folder / layout.NEWSLETTER)
    if store.path(date).exists():
        return False
    store.create(date, template(date, newsletter))
    return True


def _write(path: Path, data: Mapping[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")
