"""The form in a container, in a development container and on Binder, as far as it can be tried without these."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from embedai_nb.cli import commands
from embedai_nb.editor.launch import launch

from .conftest import PROJECT
from .in_browser.jupyterlab import CHROMIUM, GRACE, PATIENCE, said_by, until
from .publishing import issues

DAY = datetime.date(2021, 7, 18)
BINDER = PROJECT / ".binder"


def code(path: str) -> str:
    """A file without the lines that are comments."""
    text = (PROJECT / path).read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


# --- the address that the server listens on -------------------------------------------------------------------


def test_the_form_is_for_this_machine_alone_unless_an_address_is_named(tmp_path: Path) -> None:
    folder = issues(tmp_path / "issues")
    assert "--ServerApp.ip=127.0.0.1" in launch(folder, DAY).command
    exposed = launch(folder, DAY, host="0.0.0.0").command
    assert "--ServerApp.ip=0.0.0.0" in exposed
    assert "--ServerApp.allow_remote_access=False" in exposed, "it answers under its own names only"


def test_the_image_names_it_by_the_environment() -> None:
    edit = commands.get_command(click.Context(commands), "edit")
    assert edit
    (host,) = [option for option in edit.params if option.name == "host"]
    assert f"{host.envvar}=0.0.0.0" in code(".docker/Dockerfile")


# --- the image ------------------------------------------------------------------------------------------------


def test_hadolint_finds_nothing() -> None:
    if not (program := shutil.which("hadolint")):
        pytest.skip("hadolint is not installed")
    command = [program, str(PROJECT / ".docker" / "Dockerfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_image_runs_the_command_and_publishes_the_port_of_jupyter() -> None:
    said = code(".docker/Dockerfile")
    assert 'ENTRYPOINT ["embedai"]' in said
    assert "EXPOSE 8888" in said
    assert "[editor]" in said


# --- the development container --------------------------------------------------------------------------------


def test_the_development_container_opens_the_sample_by_commands_that_there_are() -> None:
    container = json.loads((PROJECT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert container["postCreateCommand"] == "make setup"
    program, command, *_, date = container["postAttachCommand"].split()
    assert (program, command) == (".venv/bin/embedai", "edit")
    assert (PROJECT / "issues" / "drafts" / f"{date}.yaml").exists()
    assert list(container["portsAttributes"]) == [str(port) for port in container["forwardPorts"]]


# --- Binder ---------------------------------------------------------------------------------------------------


def test_binder_installs_this_project_with_a_python_that_it_admits() -> None:
    assert (BINDER / "requirements.txt").read_text(encoding="utf-8") == ".[editor]\n"
    (version,) = re.findall(r"^python-(3\.\d+)\n\Z", (BINDER / "runtime.txt").read_text(encoding="utf-8"))
    declared = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    assert f"Programming Language :: Python :: {version}" in declared
    assert all(os.access(BINDER / name, os.X_OK) for name in ("postBuild", "start"))


class Server(NamedTuple):
    """JupyterLab as Binder starts it."""

    url: str
    token: str


@pytest.fixture
def binder(tmp_path: Path) -> Iterator[Server]:
    """The project copied as Binder does, built in an environment that shares the packages of this one, and started."""
    home = tmp_path / "jovyan"
    for name in ("issues", ".binder"):
        shutil.copytree(PROJECT / name, home / name, ignore=shutil.ignore_patterns(".cache"))
    python = tmp_path / "environment"
    uv = [sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, python]
    subprocess.run(uv, check=True)
    packages = next((python / "lib").glob("python*")) / "site-packages"
    (packages / "others.pth").write_text(f"{sysconfig.get_path('purelib')}\n{PROJECT}\n", encoding="utf-8")
    share = Path("share", "jupyter")
    shutil.copytree(sysconfig.get_path("data") / share, python / share, ignore=shutil.ignore_patterns("*.map"))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("EMBEDAI", "JUPYTER"))}
    runtime = tmp_path / "runtime"
    environment = inherited | {
        "PATH": f"{python / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "JUPYTER_RUNTIME_DIR": str(runtime),
    }
    subprocess.run([home / ".binder" / "postBuild"], cwd=home, env=environment, check=True)
    options = ["--no-browser", "--allow-root", "--ServerApp.port=0", "--ServerApp.base_url=/user/somebody/"]
    start = [home / ".binder" / "start", "python", "-m", "jupyterlab", *options]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(start, cwd=home, env=environment, stdout=log, stderr=log)
    try:
        until(lambda: server.poll() is not None or said_by(runtime))
        assert server.poll() is None, (tmp_path / "log").read_text(encoding="utf-8")
        yield Server(said_by(runtime)["url"], said_by(runtime)["token"])
    finally:
        server.terminate()
        server.wait(GRACE)


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the PATH")
def test_binder_shows_the_form_of_the_sample_below_the_address_of_its_user(binder: Server) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.goto(f"{binder.url}doc/workspaces/{DAY}?token={binder.token}")
        tab.locator(".embedai-row").first.wait_for(timeout=PATIENCE * 1000)
        browser.close()
