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

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from embedai_nb.drafts import DraftStore, load_newsletter, template
from embedai_nb.errors import MissingExtraError
from embedai_nb.workspace import layout
from embedai_nb.workspace.locate import VARIABLE

__all__ = ["Launch", "launch", "prepare_issue"]

EXTENSIONS = Path(__file__).parent / "labextension"
"""The JupyterLab extension that runs the notebook when it is opened."""

SETTINGS: Mapping[str, Mapping[str, object]] = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/apputils-extension:kernels-settings": {"commsOverSubshells": "disabled"},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    "@jupyterlab/notebook-extension:tracker": {"scrollPastEnd": False, "windowingMode": "none", "recordTiming": False},
    "@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": False},
    "@jupyterlab/application-extension:shell": {"startMode": "single"},
    "@jupyterlab/extensionmanager-extension:plugin": {"enabled": False},
}
"""Overrides of JupyterLab's settings: no notifications, and widget state is never saved in a notebook."""

DISABLED = ("@jupyterlab/apputils-extension:announcements", "@jupyterlab/extensionmanager-extension:plugin")
"""Plugins of JupyterLab that would send requests to other machines."""

OPTIONS = (
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.allow_remote_access=False",
    "--ServerApp.allow_root=True",  # in a container one often is
    "--ServerApp.terminals_enabled=False",
    "--ServerApp.quit_button=True",
    "--LabApp.news_url=",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    "--KernelManager.transport_encryption=auto",
)


@dataclass(frozen=True)
class Launch:
    """A command and the environment it runs in."""

    command: Sequence[str]
    environment: Mapping[str, str]
    created: bool


def launch(folder: Path, date: datetime.date, *options: str) -> Launch:
    """Make the command that starts the editor of this issue; creates its draft if there is none.

    Args:
        options: further ones of JupyterLab.

    Raises:
        MissingExtraError: JupyterLab is not installed; no draft was created.
    """
    if find_spec("jupyterlab") is None:
        raise MissingExtraError("jupyterlab", "editor")
    created = prepare_issue(folder, date)
    cache = folder / layout.CACHE
    config = cache / "jupyter" / "config"
    _write(config / "labconfig" / "default_setting_overrides.json", SETTINGS)
    _write(config / "labconfig" / "page_config.json", {"disabledExtensions": dict.fromkeys(DISABLED, True)})
    places = {
        "JUPYTER_CONFIG_DIR": config,
        "JUPYTER_DATA_DIR": cache / "jupyter" / "data",
        "JUPYTER_RUNTIME_DIR": cache / "jupyter" / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": cache / "jupyter" / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": cache / "jupyter" / "workspaces",
        "IPYTHONDIR": cache / "jupyter" / "ipython",
        VARIABLE: folder,
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", *OPTIONS),
        f"--ServerApp.root_dir={cache / 'edit'}",
        f"--LabApp.default_url=/doc/tree/{date}.ipynb",
        f"--LabApp.extra_labextensions_path={EXTENSIONS}",
        *options,
    ]
    return Launch(command, os.environ | {name: str(place) for name, place in places.items()}, created)


def prepare_issue(folder: Path, date: datetime.date) -> bool:
    """Create the draft, unless it exists, and the notebook that shows its form; returns whether the draft is new."""
    store, newsletter = DraftStore(folder), load_newsletter(folder / layout.NEWSLETTER)
    created = not store.path(date).exists()
    if created:
        store.create(date, template(date, newsletter))
    notebook = folder / layout.edit_notebook(str(date))
    notebook.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(_notebook(date), notebook)
    return created


def _notebook(date: datetime.date) -> nbformat.NotebookNode:
    """A notebook of one collapsed cell; it holds nothing worth keeping, so it is overwritten each time."""
    cell = new_code_cell(
        f'from embedai_nb.editor import edit\n\nedit("{date}")',
        id="form",
        metadata={"jupyter": {"source_hidden": True}, "trusted": True},
    )
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}, "embedai": "editor"}
    notebook: nbformat.NotebookNode = new_notebook(cells=[cell], metadata=metadata)
    return notebook


def _write(path: Path, data: Mapping[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")
