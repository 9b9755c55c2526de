"""The review where reviewers open it: JupyterLab that doesn't trust it, and pages made by nbconvert."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter

from embedai_nb.publish.review_exporter import ReviewExporter
from tests.conftest import PROJECT
from tests.publishing import embedai

from .jupyterlab import serving
from .test_site import violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


BLOCKED, READY = "2021-08-05", "2021-07-18"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample issues, executed here."""
    made = tmp_path_factory.mktemp("review") / "issues"
    shutil.copytree(PROJECT / "issues", made, ignore=shutil.ignore_patterns(".cache", "review", "archive"))
    assert embedai(made, "issue", BLOCKED).returncode == 1
    assert embedai(made, "issue", READY).returncode == 0
    return made


def page(folder: Path, date: str, exporter: type[HTMLExporter]) -> Path:
    """The notebook as a page beside it."""
    notebook = nbformat.read(folder / "review" / f"{date}.ipynb", as_version=4)
    html, _ = exporter().from_notebook_node(notebook)
    path = folder / "review" / f"{date}.{exporter.__name__}.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
@pytest.mark.parametrize("date", [BLOCKED, READY])
def test_verdict_obstacles_and_figures_fit_one_screen(
    date: str, width: int, height: int, folder: Path, browser: Browser
) -> None:
    tab = browser.new_page(viewport={"width": width, "height": height})
    tab.goto(page(folder, date, ReviewExporter).as_uri())
    box = tab.locator("table").first.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= height
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    assert tab.locator("text=review.verdict").count() == 0, "no code in the way"
    tab.close()


@pytest.mark.parametrize("exporter", [HTMLExporter, ReviewExporter])
def test_a_page_made_by_nbconvert_has_one_main_landmark(
    exporter: type[HTMLExporter], folder: Path, browser: Browser
) -> None:
    tab = browser.new_page()
    tab.goto(page(folder, READY, exporter).as_uri())
    assert tab.locator("main, [role=main]").count() == 1
    tab.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("date", [BLOCKED, READY])
def test_axe_finds_nothing_of_ours(
    date: str,
    scheme: str,
    folder: Path,
    browser: Browser,
    axe: str,
) -> None:
    path = folder / "review" / f"{date}.{scheme}.html"
    path.write_text(embedai(folder, "review", date, "--format", "html").stdout, encoding="utf-8")
    tab = browser.new_page(color_scheme=scheme)
    tab.goto(path.as_uri())
    assert violations(SimpleNamespace(tab=tab), axe) == []
    tab.close()


def test_jupyterlab_that_doesnt_trust_the_notebook_shows_the_verdict_and_follows_its_links(
    folder: Path, browser: Browser
) -> None:
    served = folder / ".cache" / "edit" / "review"
    shutil.copytree(folder / "review", served)
    with serving(folder) as lab:
        tab = browser.new_page(viewport={"width": 1280, "height": 720})
        tab.set_default_timeout(30_000)
        tab.goto(f"{lab.address}doc/tree/review/{BLOCKED}.ipynb?token={lab.token}")
        tab.get_by_role("heading", name="✗ 有 2 个错误，不能发布").wait_for()
        assert not tab.locator(".jp-CodeMirrorEditor >> text=review.verdict").is_visible()
        tab.locator(".jp-RenderedHTML li a", has_text="业界新闻 2").first.click()
        finding = tab.locator("code", has_text="empty-link")
        finding.wait_for()
        tab.wait_for_function("e => e.getBoundingClientRect().top < innerHeight", arg=finding.element_handle())
        tab.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()  # a server ends with its kernels up
        tab.close()
