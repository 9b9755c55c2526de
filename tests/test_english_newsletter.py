"""A newsletter in English: all that an editor or reviewer reads of it is English, but for what its author wrote."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from embedai_nb.cli import run

from .conftest import DATA

pytestmark = pytest.mark.processes

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
EARLIER, DAY = "2031-04-20", "2031-05-04"
OLD = """\
schema: 1
date: 2031-04-20
warmups:
  - {company: Ms Green, text: planted beans}
sections:
  - name: Seeds
    items:
      - {title: Soil for beans, url: 'https://allotment.example/soil', source: The Allotment, status: ready}
      - {title: Peas in a pot, url: 'https://allotment.example/peas', source: The Allotment, status: ready}
      - {title: Leeks all year, url: 'https://allotment.example/leeks', source: The Allotment, status: ready}
  - name: Tools
    items:
      - {title: A rake that folds, repo: shed/rake, url: 'https://github.com/shed/rake', status: ready}
"""
FAULTS = {
    "url: https://allotment.example/beans": "url: https://allotment.example/soil",
    "text: did not": "text: ''",
    "hook: a hoe\n        status: ready": "hook: a hoe\n        note: ask Mr Moss",
    "Two inches.": "Two inches，and “more.",
    "https://github.com/shed/hoe": "https://github.com/shed/rake",
}


@pytest.fixture
def shed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The newsletter with two published issues, the later one full of faults since then; one link was checked."""
    folder = tmp_path / "shed"
    shutil.copytree(DATA / "newsletters" / "potting-shed", folder)
    monkeypatch.setenv("EMBEDAI_ISSUES", str(folder))
    (folder / "drafts" / f"{EARLIER}.yaml").write_text(OLD, encoding="utf-8")
    assert run(["build"]) == 0
    draft = folder / "drafts" / f"{DAY}.yaml"
    text = draft.read_text(encoding="utf-8")
    for right, wrong in FAULTS.items():
        assert right in text
        text = text.replace(right, wrong)
    draft.write_text(text, encoding="utf-8")
    (folder / ".cache").mkdir(exist_ok=True)
    links = {"https://allotment.example/soil": ["dead", "404", "2031-05-01"]}
    (folder / ".cache" / "links.json").write_text(json.dumps(links), encoding="utf-8")
    return folder


def theirs(folder: Path) -> set[str]:
    """The Chinese characters that the author typed."""
    return {*CHINESE.findall((folder / "drafts" / f"{DAY}.yaml").read_text(encoding="utf-8"))}


def test_the_executed_notebook_is_english(shed: Path) -> None:
    assert run(["issue", DAY]) == 1, "it has errors"
    notebook = (shed / "review" / f"{DAY}.ipynb").read_text(encoding="utf-8")
    assert "Cannot be published: 3 errors" in notebook
    assert "What will be published" in notebook
    assert {*CHINESE.findall(notebook)} <= theirs(shed)


@pytest.mark.parametrize("form", ["text", "html", "markdown", "json"])
def test_the_review_is_english(form: str, shed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["review", DAY, "--format", form]) == 1
    said = capsys.readouterr().out
    assert "Nothing follows “Mr Moss”. Finish it, or remove the line." in said
    assert "Seeds 1" in said
    assert {*CHINESE.findall(said)} <= theirs(shed)


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_findings_are_english(form: str, shed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = shed / "drafts" / "2031-05-18.yaml"
    broken.write_text("schema: 1\n<<<<<<< a\ndate: 2031-05-18\n=======\n>>>>>>> b\n", encoding="utf-8")
    (shed / "drafts" / "2031-06-01.yaml").write_text("schema: 1\nlead: [\n", encoding="utf-8")
    capsys.readouterr()
    assert run(["check", "--format", form]) == 1
    said = capsys.readouterr().out
    assert "2031-05-18.yaml has conflict markers of Git" in said
    assert "This file cannot be read: " in said
    assert {*CHINESE.findall(said)} <= theirs(shed)


def test_a_broken_newsletter_is_told_of_in_the_language_it_names(
    shed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, text = shed / "newsletter.yaml", (shed / "newsletter.yaml").read_text(encoding="utf-8")
    for language, said in {"en": "This file cannot be read: ", "zh-CN": "读不出来："}.items():
        path.write_text(text.replace("language: en", f"language: {language}") + "sections: 3\n", encoding="utf-8")
        capsys.readouterr()
        assert run(["check"]) == 1
        assert said in capsys.readouterr().out
