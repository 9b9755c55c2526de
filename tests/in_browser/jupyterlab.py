"""JupyterLab as `embedai edit` starts it, and an editor in front of the form."""

from __future__ import annotations

import contextlib
import datetime
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embedai_nb.drafts import DraftStore
from embedai_nb.editor.launch import create_draft, launch
from embedai_nb.errors import EmbedAIError
from embedai_nb.model import Issue
from tests.conftest import PROJECT

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Locator, Page

CHROMIUM = shutil.which("chromium")

PATIENCE = 120
"""Seconds after which something never happens, on however busy a machine; all waiting is for events."""
GRACE = 20
"""Seconds in which a server ends by itself."""


def until(condition: Callable[[], object], tab: Page | None = None) -> None:
    """Wait for something to become true; the browser's events are heard meanwhile."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never happened"
        tab.wait_for_timeout(20) if tab else time.sleep(0.02)


@dataclass
class Lab:
    """JupyterLab as `embedai edit` starts it."""

    folder: Path
    address: str
    token: str

    def draft(self, date: str) -> Issue | None:
        """What stands in the draft; nothing while it cannot be read."""
        with contextlib.suppress(EmbedAIError):
            return DraftStore(self.folder).load(datetime.date.fromisoformat(date)).issue
        return None


def said_by(runtime: Path) -> dict[str, Any]:
    """What a server says of itself once it runs; nothing while it has not written all of it."""
    try:
        return dict(json.loads(next(runtime.glob("jpserver-*.json")).read_text(encoding="utf-8")))
    except (StopIteration, ValueError):
        return {}


def listens(said: dict[str, Any]) -> bool:
    """Whether a server can be reached; it says where it is before it listens there."""
    if not said:
        return False
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", said["port"]), 1):
        return True
    return False


@contextlib.contextmanager
def serving(folder: Path, *options: str) -> Iterator[Lab]:
    """JupyterLab on an issues folder, until the end of the block."""
    always = (
        "--no-browser",
        "--ServerApp.port=0",
        "--LabApp.expose_app_in_browser=True",
    )
    start = launch(folder, datetime.date(2026, 11, 15), *always, *options)
    environment = dict(start.environment) | {"PYTHONPATH": str(PROJECT), "TZ": "Asia/Shanghai"}
    log = folder.parent / "jupyter.log"
    with open(log, "wb") as said:
        server = subprocess.Popen(list(start.command), env=environment, cwd=folder, stdout=said, stderr=said)
    try:
        runtime = Path(start.environment["JUPYTER_RUNTIME_DIR"])
        until(lambda: server.poll() is not None or listens(said_by(runtime)))
        assert server.poll() is None, log.read_text(encoding="utf-8")
        yield Lab(folder, said_by(runtime)["url"], said_by(runtime)["token"])
    finally:
        server.terminate()
        try:
            server.wait(GRACE)
        except subprocess.TimeoutExpired:  # it waits for a kernel that was still starting, which ends with it
            server.kill()
            server.wait()


@dataclass
class Editor:
    """An editor in front of the form."""

    lab: Lab
    tab: Page
    date: str
    deeds: list[str] = field(default_factory=list)
    """What the page did that it should not have done."""

    def watch(self) -> Editor:
        local = (self.lab.address, self.lab.address.replace("http", "ws"), "data:", "blob:", "about:")
        self.tab.on("pageerror", lambda error: self.deeds.append(str(error)))
        self.tab.on("request", lambda asked: asked.url.startswith(local) or self.deeds.append(asked.url))
        self.tab.on("websocket", lambda socket: socket.url.startswith(local) or self.deeds.append(socket.url))
        self.tab.set_default_timeout(PATIENCE * 1000)
        return self

    def open(self) -> Editor:
        create_draft(self.lab.folder, datetime.date.fromisoformat(self.date))
        self.tab.goto(f"{self.lab.address}doc?issue={self.date}&token={self.lab.token}")
        return self.ready()

    def ready(self) -> Editor:
        self.tab.wait_for_selector(".embedai-status[data-kind=saved]:not(:empty)")
        return self

    def saved(self) -> None:
        self.tab.wait_for_selector(".embedai-status[data-kind=saved]:not(:empty)")

    @property
    def draft(self) -> Issue:
        issue = self.lab.draft(self.date)
        assert issue is not None
        return issue

    def says(self, condition: Callable[[Issue], object]) -> None:
        """Wait until the draft on disk says something."""
        until(lambda: (issue := self.lab.draft(self.date)) and condition(issue), self.tab)

    def field(self, path: str) -> Locator:
        return self.tab.locator(f'.embedai-form [data-field="{path}"]')

    def select(self, name: str) -> None:
        row = self.tab.locator(".embedai-list [data-key]", has_text=name).first
        row.click()
        self.tab.wait_for_function(
            "key => document.querySelector('.embedai-detail')?.dataset.key === key", arg=row.get_attribute("data-key")
        )

    def press(self, class_name: str) -> None:
        self.tab.locator(f".embedai-{class_name}:visible").first.click()

    def type(self, path: str, text: str) -> None:
        self.field(path).fill(text)

    def focused(self) -> str:
        return str(self.tab.evaluate("document.activeElement?.dataset?.field ?? document.activeElement?.className"))

    def kernel(self, action: str) -> None:
        self.tab.evaluate(f"void {PANEL}.kernel.{action}")


PANEL = "[...jupyterapp.shell.widgets('main')].find((widget) => widget.panel).panel"
OPEN = """async ([code, date]) => {
  if (code) await PANEL.kernel.requestExecute({ code }).done;
  await jupyterapp.commands.execute('embedai-editor:open', { issue: date });
}""".replace("PANEL", PANEL)
"""Run code in the kernel, if any, and show an issue as if the page had been opened on it."""


Opener = Callable[..., Editor]


def composes(editor: Editor, *steps: str) -> CDPSession:
    """An input method's text growing, without being committed."""
    session = editor.tab.context.new_cdp_session(editor.tab)
    for step in steps:
        session.send("Input.imeSetComposition", {"text": step, "selectionStart": len(step), "selectionEnd": len(step)})
    return session
