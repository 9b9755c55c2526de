"""An installation without the editor: everything but the form works, and what doesn't says what to install."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from embedai_nb.editor import edit
from embedai_nb.errors import MissingExtraError
from embedai_nb.workspace import layout

from .conftest import DATA, PROJECT
from .publishing import DAY, issues

DECLARED = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
EDITOR, CORE = (
    {Requirement(text).name for text in said}
    for said in (DECLARED["optional-dependencies"]["editor"], DECLARED["dependencies"])
)


def embedai(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command where none of the editor's packages can be imported."""
    path = os.pathsep.join(map(str, (DATA / "light_install", PROJECT)))
    environment = os.environ | {"PYTHONPATH": path, "HIDDEN": " ".join(EDITOR)}
    command = [sys.executable, "-m", "embedai_nb", "--issues", str(folder), *words]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)


def test_the_editors_packages_are_no_dependencies() -> None:
    assert {"jupyterlab", "ipywidgets", "anywidget"} <= EDITOR
    assert not EDITOR & CORE


@pytest.mark.processes
def test_an_issue_is_checked_published_and_put_on_the_site_without_the_editor(tmp_path: Path) -> None:
    folder = issues(tmp_path / "issues")
    (tmp_path / "2031-05-11.md").write_text("## 甲\n\n* [乙](https://example.org/)\n", encoding="utf-8")
    for words in (
        ["import", str(tmp_path / "2031-05-11.md")],
        ["check", str(DAY)],
        ["review", str(DAY), "--format", "markdown"],
        ["build"],
        ["issue", str(DAY), "--force", "--engine", "kernel"],
        ["site", "--url", "https://example.org/"],
        ["search", "甲"],
    ):
        done = embedai(folder, *words)
        assert (done.returncode, done.stderr) == (0, ""), words
    assert (folder / layout.page(str(DAY))).exists()
    assert (folder / layout.SITE / f"{DAY}.html").exists()


def test_the_editor_says_in_one_line_what_to_install_and_begins_no_draft(tmp_path: Path) -> None:
    folder = issues(tmp_path / "issues")
    done = embedai(folder, "edit", "2031-05-04")
    said = "embedai: jupyterlab is not installed; install it: pip install 'embedai-nb[editor]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)
    assert not (folder / layout.draft("2031-05-04")).exists()


def test_so_does_the_form_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "embedai_nb.editor.form", raising=False)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(MissingExtraError, match=r"^anywidget is not installed; .*embedai-nb\[editor\]"):
        edit("2031-05-04")
