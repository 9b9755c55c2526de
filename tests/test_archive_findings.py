"""What is found in the real archive: as much as was counted by reading it, and hardly anything that is no defect."""

from __future__ import annotations

import datetime
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from embedai_nb.checks import RULES, Finding
from embedai_nb.drafts import DraftStore, load_newsletter
from embedai_nb.drafts.importing import Imported, import_file
from embedai_nb.edition import load

from .conftest import DATA, PROJECT, SHARED

ARCHIVE = SHARED / "archive"
DRAFTS = [SHARED / "drafts" / name for name in ("seed-003-2021-08-05.md", "seed-002-2022-06-30.md")]
"""Unfinished issues; the other files there are earlier states of issues in the archive."""
FORMAT = SHARED / "design" / "archive-format.md"

WRONG = 0.02
"""So small a part of what is found may be no defect."""


class Count(NamedTuple):
    """A kind of defect: how often it was counted by reading, how often the rules find it, and why that is not the same."""

    what: str
    counted: str
    rules: list[str]
    found: int
    why: str


class Judged(NamedTuple):
    """A finding, known by rule and position, and whether it is one."""

    date: str
    rule: str
    path: str
    verdict: str
    reason: str


class Checked(NamedTuple):
    """The issues of the archive, and what is found in each issue."""

    archive: list[Imported]
    findings: dict[datetime.date, tuple[Finding, ...]]

    @property
    def in_archive(self) -> list[Finding]:
        return [finding for each in self.archive for finding in self.findings[each.draft.date]]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """All issues in one folder, so that each knows those before it."""
    if not ARCHIVE.is_dir():
        pytest.skip(f"no real issues in {ARCHIVE}")
    folder = tmp_path_factory.mktemp("issues")
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
    newsletter, store = load_newsletter(folder / "newsletter.yaml"), DraftStore(folder)
    archive = [import_file(path, store, newsletter) for path in sorted(ARCHIVE.glob("*.md"))]
    dates = [each.draft.date for each in archive]
    dates += [import_file(path, store, newsletter).draft.date for path in DRAFTS]
    return Checked(archive, {date: load(date, folder).findings for date in dates})


def counts() -> list[Count]:
    rows = [[cell.strip() for cell in line.split("|")] for line in lines(DATA / "checks-archive" / "counts.txt")]
    return [Count(what, counted, rules.split(), int(found), why) for what, counted, rules, found, why in rows]


def judged() -> list[Judged]:
    rows = [f"{line} ".split(" ", maxsplit=4) for line in lines(DATA / "checks-archive" / "judged.txt")]
    return [Judged(date, rule, path, verdict, reason.strip()) for date, rule, path, verdict, reason in rows]


def lines(path: Path) -> list[str]:
    """The lines but for comments and empty ones."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def test_as_much_is_found_as_the_table_says(checked: Checked) -> None:
    total = Counter(finding.rule for finding in checked.in_archive)
    assert [sum(total[rule] for rule in row.rules) for row in counts()] == [row.found for row in counts()]


def test_the_table_leaves_out_no_finding_and_explains_each_number(checked: Checked) -> None:
    named = [rule for row in counts() for rule in row.rules]
    assert {finding.rule for finding in checked.in_archive} <= set(named) <= set(RULES)
    assert len(set(named)) == len(named)
    assert all(row.why for row in counts())


def test_the_table_has_every_defect_that_was_counted() -> None:
    if not FORMAT.is_file():
        pytest.skip(f"no {FORMAT}")
    table = FORMAT.read_text(encoding="utf-8").partition("| defect |")[2].partition("\n\n")[0]
    seen = [part for row in table.splitlines()[2:] for part in row.split("|")[2].split(";")]
    assert seen
    numbers = [re.findall("[0-9]+", part)[0] for part in seen]
    assert [row.counted for row in counts() if row.counted != "-"] == numbers


def test_no_issue_of_the_archive_lies_under_another_date(checked: Checked) -> None:
    assert checked.archive
    assert not any(each.disagreement for each in checked.archive)


def test_what_was_judged_to_be_a_defect_is_found(checked: Checked) -> None:
    found = {
        (str(date), finding.rule, "/".join(map(str, finding.place.path)) or "-")
        for date, findings in checked.findings.items()
        for finding in findings
    }
    assert {each[:3] for each in judged() if each.verdict == "true"} <= found


def test_hardly_anything_is_found_that_is_no_defect() -> None:
    verdicts = Counter(each.verdict for each in judged())
    assert set(verdicts) == {"true", "false"}
    assert verdicts.total() >= 200
    assert verdicts["false"] < WRONG * verdicts.total()
    assert all(each.reason for each in judged() if each.verdict == "false")
