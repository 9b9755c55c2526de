"""Findings that are kept: whatever happens to issues in between, they are those that a check without them finds."""

from __future__ import annotations

import datetime
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from embedai_nb.catalogue import Catalogue
from embedai_nb.checks import Finding
from embedai_nb.drafts import DraftStore, load_newsletter
from embedai_nb.edition import Edition, known_dates
from embedai_nb.errors import DraftError
from embedai_nb.publish.findings_cache import FindingsCache, all_findings
from embedai_nb.workspace import layout

from .conftest import PROJECT, one_in

DAYS = [datetime.date(2031, month, 4) for month in range(1, 9)]
TITLES = ("低比特训练的新进展", "低比特训练新进展", "边缘芯片发布", "Cortex-M55 发布", "开源编译器", "")
PAGES = ("https://a.example/1", "https://a.example/2", "https://arxiv.org/abs/2104.14129", "https://github.com/o/r", "")
REPOS = (None, "o/r", "O/R", "p/q")
CLOSINGS = (None, "往期回顾 [2031-03-04](2031-03-04.md) [2031-07-04](2031-07-04.md)", "往期回顾")
TEXTS = ("一句。", "两句,混排ab。", "")


def item(chance: random.Random) -> dict[str, Any]:
    values = {"title": chance.choice(TITLES), "url": chance.choice(PAGES), "repo": chance.choice(REPOS)}
    return {key: value for key, value in values.items() if value} | {"fields": {"摘要": chance.choice(TEXTS)}}


def draft(day: datetime.date, chance: random.Random) -> str:
    """A draft that may repeat what others have, name others, or be no draft at all."""
    if chance.random() < 0.05:
        return "schema: 1\nsections: ["
    items = [item(chance) for _ in range(chance.randrange(5))]
    values: dict[str, Any] = {"schema": 1, "date": day, "sections": [{"name": "论文", "items": items}]}
    if closing := chance.choice(CLOSINGS):
        values |= {"closing": closing, "imported": chance.random() < 0.5}
    return yaml.safe_dump(values, allow_unicode=True, sort_keys=False)


class Issues:
    """An issues folder, and everything that can happen to it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.chance = random.Random(seed)
        (folder / layout.DRAFTS).mkdir(parents=True)
        (folder / layout.ARCHIVE).mkdir()
        shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
        for day in DAYS[::2]:
            self.write(day)

    def write(self, day: datetime.date) -> None:
        self.path(day).write_text(draft(day, self.chance), encoding="utf-8")

    def path(self, day: datetime.date) -> Path:
        return self.folder / layout.draft(str(day))

    def edit(self) -> None:
        self.write(self.chance.choice(DAYS))

    def correct_title(self) -> None:
        """One that others may be told of, all else left as it is."""
        path = self.path(self.chance.choice(DAYS))
        if path.exists():
            old, new = self.chance.sample(TITLES[:-1], 2)
            path.write_text(path.read_text("utf-8").replace(old, new, 1), encoding="utf-8")

    def remove(self) -> None:
        self.path(self.chance.choice(DAYS)).unlink(missing_ok=True)

    def reschedule(self) -> None:
        old, new = self.chance.sample(DAYS, 2)
        if self.path(old).exists():
            text = self.path(old).read_text("utf-8").replace(str(old), str(new))
            self.path(old).unlink()
            self.path(new).write_text(text, encoding="utf-8")

    def copy(self) -> None:
        """The same issue under two dates."""
        old, new = self.chance.sample(DAYS, 2)
        if self.path(old).exists():
            text = self.path(old).read_text("utf-8").replace(f"date: {old}", f"date: {new}")
            self.path(new).write_text(text, encoding="utf-8")

    def archive(self) -> None:
        """An issue that is only in the archive comes or goes."""
        path = self.folder / layout.markdown(str(self.chance.choice(DAYS)))
        if path.exists():
            path.unlink()
        else:
            path.write_text(f"# 简报 {path.stem}\n\n## 论文\n\n- [{TITLES[0]}]({PAGES[0]})\n", encoding="utf-8")

    def configure(self) -> None:
        path = self.folder / layout.NEWSLETTER
        severity = self.chance.choice(["off", "note", "error"])
        text = path.read_text("utf-8").split("\nchecks: {")[0]
        path.write_text(f"{text}\nchecks: {{no-source: {severity}}}\n", encoding="utf-8")

    def damage(self) -> None:
        """A file of the cache is torn, emptied, or has another content."""
        kept = sorted((self.folder / layout.findings("x")).parent.glob("*"))
        if kept:
            path = self.chance.choice(kept)
            content = path.read_bytes()
            torn = content[: self.chance.randrange(len(content) + 1)]
            path.write_bytes(self.chance.choice([torn, b"", b"[]", content.replace(b"note", b"none"), b"\0" * 99]))


HAPPENINGS: tuple[Callable[[Issues], None], ...] = (
    Issues.edit,
    Issues.correct_title,
    Issues.remove,
    Issues.reschedule,
    Issues.copy,
    Issues.archive,
    Issues.configure,
    Issues.damage,
)


@contextmanager
def cache(folder: Path) -> Iterator[FindingsCache]:
    newsletter = load_newsletter(folder / layout.NEWSLETTER)
    dates = known_dates(folder, DraftStore(folder).dates())
    with Catalogue(folder, newsletter) as catalogue:
        yield FindingsCache(folder, newsletter, dates, catalogue)


Found = dict[datetime.date, tuple[Finding, ...] | str]


def found(folder: Path, *, kept: bool) -> Found:
    """The findings of all issues, of those that cannot be read the reason."""
    said: Found = {}
    with cache(folder) as issues:
        for day in DraftStore(folder).dates():
            try:
                said[day] = issues.findings(day) if kept else all_findings(issues.edition(day))
            except DraftError as error:
                said[day] = str(error)
    return said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "issues"


@one_in(4)
@given(seed=st.integers(0, 2**32), happenings=st.lists(st.sampled_from(HAPPENINGS), min_size=1, max_size=8))
def test_kept_findings_are_those_of_a_fresh_check(
    seed: int, happenings: list[Callable[[Issues], None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    issues = Issues(tmp_path_factory.mktemp("any") / "issues", seed)
    found(issues.folder, kept=True)
    for happens in happenings:
        happens(issues)
        assert found(issues.folder, kept=True) == found(issues.folder, kept=False)


class TestChecksAgain:
    """Only what may have other findings is checked again."""

    @pytest.fixture
    def issues(self, folder: Path) -> Issues:
        made = Issues(folder, 1)
        for number, day in enumerate(DAYS):
            text = f"schema: 1\ndate: {day}\nsections:\n- name: 论文\n  items:\n  - title: {'甲乙丙丁戊己庚辛'[number] * 8}\n"
            made.path(day).write_text(text, encoding="utf-8")
        return made

    @pytest.fixture
    def checked(self, monkeypatch: pytest.MonkeyPatch) -> list[datetime.date]:
        """The issues whose rules have run."""
        days, original = list[datetime.date](), Edition.checked

        def noted(edition: Edition, *arguments: Any) -> tuple[Finding, ...]:
            days.append(edition.draft.date)
            return original(edition, *arguments)

        monkeypatch.setattr(Edition, "checked", noted)
        return days

    def test_nothing_where_nothing_has_changed(self, issues: Issues, checked: list[datetime.date]) -> None:
        found(issues.folder, kept=True)
        assert checked == DAYS
        found(issues.folder, kept=True)
        assert checked == DAYS

    def test_an_issue_that_has_changed_and_no_other_that_is_told_the_same(
        self, issues: Issues, checked: list[datetime.date]
    ) -> None:
        found(issues.folder, kept=True)
        checked.clear()
        path = issues.path(DAYS[2])
        path.write_text(path.read_text("utf-8").replace("丙", "寅"), encoding="utf-8")
        found(issues.folder, kept=True)
        assert checked == [DAYS[2]]

    def test_a_later_issue_that_is_told_of_the_change(self, issues: Issues, checked: list[datetime.date]) -> None:
        found(issues.folder, kept=True)
        checked.clear()
        path = issues.path(DAYS[1])
        path.write_text(path.read_text("utf-8").replace("乙", "戊"), encoding="utf-8")
        found(issues.folder, kept=True)
        assert checked == [DAYS[1], DAYS[4]]

    def test_all_where_the_newsletter_says_something_else(self, issues: Issues, checked: list[datetime.date]) -> None:
        found(issues.folder, kept=True)
        checked.clear()
        path = issues.folder / layout.NEWSLETTER
        path.write_text(f"{path.read_text('utf-8')}# 注\n", encoding="utf-8")
        found(issues.folder, kept=True)
        assert checked == []
        issues.configure()
        found(issues.folder, kept=True)
        assert checked == DAYS


def test_where_nothing_can_be_kept_all_is_checked(folder: Path) -> None:
    issues = Issues(folder, 3)
    (folder / ".cache").write_text("no folder")
    assert found(issues.folder, kept=True) == found(issues.folder, kept=False)
