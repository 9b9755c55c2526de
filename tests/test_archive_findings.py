"""Findings in the real archive: recall against counts made by reading and searching it, precision by judging each."""

from __future__ import annotations

import datetime
import re
import shutil
from collections import Counter
from collections.abc import Callable, Set
from pathlib import Path
from typing import NamedTuple

import pytest

from embedai_nb.checks import RULES, Finding
from embedai_nb.drafts import DraftStore, load_newsletter
from embedai_nb.edition import load
from embedai_nb.importing.files import Imported, import_file

from .conftest import DATA, PROJECT, SHARED

ARCHIVE = SHARED / "archive"
DRAFTS = [SHARED / "drafts" / name for name in ("seed-003-2021-08-05.md", "seed-002-2022-06-30.md")]
"""Unfinished issues; the other files there are earlier states of issues in the archive."""
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

WRONG = 0.02
"""Highest share of false positives."""
MISSED = 0.03
"""Highest share of defects that no rule finds."""

SEARCHES: dict[str, Callable[[str, Set[str]], int]] = {
    "expiring-link": lambda text, _: len(re.findall(r"mp\.weixin\.qq\.com/s\?[^\s)]*signature=", text)),
    "empty-link": lambda text, _: len(re.findall(r"\]\(\s*\)", text)),
    "warmup-without-text": lambda text, _: len(re.findall(r"^- [^：\n]{1,20}：\s*$", text, re.MULTILINE)),
    "doubled-punctuation": lambda text, _: sum(bool(re.search("[，。；：、]{2,}", line)) for line in text.splitlines()),
    "no-headline": lambda text, _: len(re.findall(r"^#[^#].*\)[：:]?\s*$", text, re.MULTILINE)),
    "no-closing": lambda text, _: int("往期回顾" not in text),
    "dead-back-issue": lambda text, days: int(bool(set(DATE.findall(text.partition("往期回顾")[2])) - days)),
}
"""Count by plain search what a rule finds, given the text and the dates of all issues."""


class Count(NamedTuple):
    """A kind of defect: how often it was counted by reading, how often the rules find it, why the numbers differ."""

    what: str
    counted: str
    rules: list[str]
    found: int
    why: str


class Judged(NamedTuple):
    """The verdict on a finding, which is identified by date, rule and path."""

    date: str
    rule: str
    path: str
    verdict: str
    reason: str


class Checked(NamedTuple):
    """The issues of the archive, and the findings in each."""

    archive: list[Imported]
    findings: dict[datetime.date, tuple[Finding, ...]]
    texts: dict[str, str]
    """The imported Markdown of each issue, by date."""

    @property
    def in_archive(self) -> list[Finding]:
        return [finding for each in self.archive for finding in self.findings[each.draft.date]]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """All issues in one folder, so that items are compared with earlier ones."""
    if not ARCHIVE.is_dir():
        pytest.skip(f"no real issues in {ARCHIVE}")
    folder = tmp_path_factory.mktemp("issues")
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
    newsletter, store = load_newsletter(folder / "newsletter.yaml"), DraftStore(folder)
    archive = [import_file(path, store, newsletter) for path in sorted(ARCHIVE.glob("*.md"))]
    imported = [*archive, *(import_file(path, store, newsletter) for path in DRAFTS)]
    paths = [*sorted(ARCHIVE.glob("*.md")), *DRAFTS]
    dates = [each.draft.date for each in imported]
    texts = {str(date): path.read_text("utf-8") for date, path in zip(dates, paths, strict=True)}
    return Checked(archive, {date: load(date, folder).findings for date in dates}, texts)


def counts() -> list[Count]:
    rows = [[cell.strip() for cell in line.split("|")] for line in lines(DATA / "checks-archive" / "counts.txt")]
    return [Count(what, counted, rules.split(), int(found), why) for what, counted, rules, found, why in rows]


def judged() -> list[Judged]:
    rows = [f"{line} ".split(" ", maxsplit=4) for line in lines(DATA / "checks-archive" / "judged.txt")]
    return [Judged(date, rule, path, verdict, reason.strip()) for date, rule, path, verdict, reason in rows]


def lines(path: Path) -> list[str]:
    """Lines of a file without comments and empty ones."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def test_as_much_is_found_as_the_table_says(checked: Checked) -> None:
    total = Counter(finding.rule for finding in checked.in_archive)
    assert [sum(total[rule] for rule in row.rules) for row in counts()] == [row.found for row in counts()]


def test_the_table_leaves_out_no_finding_and_explains_each_number(checked: Checked) -> None:
    named = [rule for row in counts() for rule in row.rules]
    assert {finding.rule for finding in checked.in_archive} <= set(named) <= set(RULES)
    assert len(set(named)) == len(named)
    assert all(row.why for row in counts())


def test_the_rules_find_what_a_plain_search_of_the_text_finds(checked: Checked) -> None:
    """Count in the Markdown itself, without reader, model and rules, for the rules where a regular expression can."""
    days = {str(date) for date in checked.findings}
    for rule, count in SEARCHES.items():
        searched = {day: count(text, days) for day, text in checked.texts.items()}
        found = Counter(str(date) for date, all_ in checked.findings.items() for each in all_ if each.rule == rule)
        assert {day: number for day, number in searched.items() if number} == found, rule


def test_no_issue_of_the_archive_lies_under_another_date(checked: Checked) -> None:
    assert checked.archive
    assert not any(each.disagreement for each in checked.archive)


def test_what_was_judged_to_be_a_defect_is_found(checked: Checked) -> None:
    assert {each[:3] for each in judged() if each.verdict == "true"} <= set(positions(checked))


def test_hardly_any_defect_is_missed() -> None:
    verdicts = Counter(each.verdict for each in judged())
    assert set(verdicts) == {"true", "false", "missed"}
    assert verdicts["missed"] < MISSED * (verdicts["true"] + verdicts["missed"])


def test_hardly_anything_is_found_that_is_no_defect(checked: Checked) -> None:
    """Every finding needs a verdict, so a rule that becomes less precise fails here."""
    verdicts = {each[:3]: each.verdict for each in judged()}
    found = positions(checked)
    assert set(found) <= set(verdicts), "judge what is found for the first time, in judged.txt"
    wrong = [each for each in found if verdicts[each] == "false"]
    assert len(found) >= 200
    assert len(wrong) < WRONG * len(found), wrong
    assert all(each.reason for each in judged() if each.verdict != "true")


def positions(checked: Checked) -> list[tuple[str, str, str]]:
    """Date, rule and path of each finding, as in judged.txt."""
    return [
        (str(date), finding.rule, "/".join(map(str, finding.place.path)) or "-")
        for date, findings in checked.findings.items()
        for finding in findings
    ]
