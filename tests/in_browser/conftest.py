"""One Chromium for all tests in a browser, and for each module about the form a JupyterLab that has it open."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.conftest import DATA, PROJECT

from .jupyterlab import CHROMIUM, OPEN, Editor, Lab, Opener, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

AXE = "axe-core@4.14.1"


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium on the PATH")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """What an editor works in, with as many tabs as she likes."""
    with browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN") as window:
        yield window


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Lab]:
    """JupyterLab on an issues folder, for tests which have dates of their own."""
    folder = tmp_path_factory.mktemp("editor") / "issues"
    folder.mkdir()
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
    with serving(folder) as lab:
        yield lab


@pytest.fixture(scope="module")
def desk(lab: Lab, window: BrowserContext) -> Editor:
    """A tab that stays open, first on a new issue: what takes longest is JupyterLab itself."""
    return Editor(lab, window.new_page(), "2026-11-15").watch().open()


@pytest.fixture
def opened(lab: Lab, window: BrowserContext, desk: Editor) -> Iterator[Opener]:
    """Opens the form of a date, in the tab that is there or in a new one; the draft is there if its text is given."""
    editors: list[Editor] = []

    def at(date: str, draft: str | None = None, *, new: bool = False, cell: str = "") -> Editor:
        if draft is not None:
            (lab.folder / "drafts" / f"{date}.yaml").write_text(draft.replace("2026-11-15", date), encoding="utf-8")
        if new:
            editors.append(Editor(lab, window.new_page(), date).watch())
            return editors[-1].open()
        desk.date = date
        desk.tab.evaluate(OPEN, [cell.format(date=date), date])
        desk.tab.locator(".embedai-editor h1", has_text=date).wait_for()
        return desk.ready()

    yield at
    for editor in editors:
        editor.tab.close()
        assert editor.deeds == []
    assert desk.deeds == []


@pytest.fixture
def text() -> str:
    return (DATA / "editor" / "draft.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="package")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script of axe-core, which finds what keeps people out."""
    folder = tmp_path_factory.mktemp("axe")
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm on the PATH, which brings axe-core")
    done = subprocess.run([npm, "pack", AXE, "--silent"], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"npm cannot bring {AXE}: {done.stderr.strip()[-200:]}")
    shutil.unpack_archive(folder / done.stdout.split()[-1], folder, filter="data")
    return (folder / "package" / "axe.min.js").read_text(encoding="utf-8")
