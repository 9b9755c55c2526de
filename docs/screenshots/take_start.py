"""Take the pictures of the first steps that docs/start.md shows: `make screenshots`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
sys.path.insert(0, str(PROJECT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402 - the project is found only now

from embedai_nb.drafts import DraftStore  # noqa: E402
from tests.in_browser.jupyterlab import CHROMIUM, Lab, serving, until  # noqa: E402

NAMES = {"en": "Small Machines", "zh-CN": "小机器周报"}
SIZE = {"width": 1280, "height": 720}


def embedai(folder: Path, *words: str) -> None:
    """Run a command as one types it."""
    subprocess.run(
        [sys.executable, "-m", "embedai_nb", *words], cwd=folder, check=True, env={"PYTHONPATH": str(PROJECT)}
    )


def take(browser: Browser, language: str, folder: Path) -> None:
    """The form with the example, the page that is published, the website."""
    embedai(folder, "init", "--name", NAMES[language], "--language", language, "--example")
    (date,) = DraftStore(folder / "issues").dates()
    tab = browser.new_page(viewport=SIZE, locale=language)
    with serving(folder / "issues") as lab:
        until(lambda: answers(lab))
        tab.goto(f"{lab.address}doc?issue={date}&token={lab.token}")
        tab.locator(".embedai-row").nth(4).click()
        picture(tab, "form", language)
    embedai(folder, "issue", str(date))
    embedai(folder, "site")
    for name, page in (("page", f"issues/archive/{date}.html"), ("site", "site/index.html")):
        tab.goto((folder / page).as_uri())
        picture(tab, name, language)
    tab.close()


def answers(lab: Lab) -> bool:
    """Whether the server, which has said its address, answers there already."""
    try:
        return urllib.request.urlopen(f"{lab.address}api").status == 200
    except urllib.error.URLError:
        return False


def picture(tab: Page, name: str, language: str) -> None:
    """Keep what is on screen, once it has come to rest."""
    tab.wait_for_timeout(1500)
    tab.screenshot(path=HERE / f"start-{name}-{language}.png")


def main() -> None:
    """Take all pictures."""
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for language in NAMES:
            with tempfile.TemporaryDirectory() as folder:
                take(browser, language, Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
