"""The sample issues: what is committed is what the program makes of their drafts."""

from __future__ import annotations

import datetime
import re
import shutil
from pathlib import Path

import pytest

from embedai_nb.edition import load
from embedai_nb.publish.issue import publish
from tests.conftest import DATA, PROJECT

pytestmark = pytest.mark.processes

ISSUES = PROJECT / "issues"
FINISHED, UNFINISHED = datetime.date(2021, 7, 18), datetime.date(2021, 8, 5)


@pytest.mark.parametrize(("date", "published"), [(FINISHED, True), (UNFINISHED, False)])
def test_publishing_again_gives_what_is_committed(date: datetime.date, published: bool, tmp_path: Path) -> None:
    folder = tmp_path / "issues"
    shutil.copytree(ISSUES, folder, ignore=shutil.ignore_patterns(".cache"))
    assert publish(folder, date).published == published
    names = {str(path.relative_to(folder)) for path in folder.rglob(f"{date}.*") if ".cache" not in path.parts}
    assert names == {str(path.relative_to(ISSUES)) for path in ISSUES.rglob(f"{date}.*") if ".cache" not in path.parts}
    assert any(name.startswith("archive/") for name in names) == published
    for name in names:
        assert (folder / name).read_bytes() == (ISSUES / name).read_bytes(), f"make issue DATE={date}"


def test_the_finished_sample_has_nothing_wrong() -> None:
    assert load(FINISHED, ISSUES).findings == ()


def test_the_unfinished_sample_shows_what_the_checks_find() -> None:
    found = {finding.rule for finding in load(UNFINISHED, ISSUES).findings}
    assert {"empty-link", "no-source", "no-summary", "warmup-without-text", "doubled-punctuation", "not-ready"} <= found


def test_another_newsletter_is_published_in_its_own_words(tmp_path: Path) -> None:
    folder = tmp_path / "issues"
    shutil.copytree(DATA / "newsletters" / "potting-shed", folder)
    date = datetime.date(2031, 5, 4)
    assert publish(folder, date).published
    markdown = (folder / "archive" / f"{date}.md").read_text(encoding="utf-8")
    assert markdown == (DATA / "newsletters" / "potting-shed.md").read_text(encoding="utf-8")
    page = (folder / "archive" / f"{date}.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in page
    assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", markdown + page.partition("</style>")[2])
