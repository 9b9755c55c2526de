"""A draft that git could not merge, in the form in a real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from embedai_nb.drafts import DraftStore
from tests.clones import Clone
from tests.publishing import DAY
from tests.test_team import add, titles

from .jupyterlab import PATIENCE, Editor, serving, until

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

pytestmark = pytest.mark.browser


@pytest.fixture
def merging(clones: tuple[Clone, Clone], window: BrowserContext) -> Iterator[tuple[Clone, Editor]]:
    """The form of somebody whose merge has stopped: both changed a title, and each added an item."""
    first, second = clones
    first.write("手写一个 int8 卷积", "手写 int8 卷积", "改短标题")
    add(first, "甲闻")
    first.share()
    second.write("手写一个 int8 卷积", "动手写一个 int8 卷积", "改标题")
    add(second, "乙闻")
    assert not second.pull()
    with serving(second.issues) as lab:
        tab = window.new_page()
        editor = Editor(lab, tab, str(DAY)).watch()
        tab.set_default_timeout(PATIENCE * 1000)
        tab.goto(f"{lab.address}doc?issue={DAY}&token={lab.token}")
        yield second, editor
        assert editor.deeds == []
        tab.close()


def test_is_merged_in_the_form_and_staged(merging: tuple[Clone, Editor]) -> None:
    clone, editor = merging
    tab = editor.tab
    tab.locator(".embedai-unmerged-stage").wait_for()
    shown = tab.locator(".embedai-panel, .embedai-conflict").locator("visible=true").last.inner_text()
    for word in ("王（加乙闻）", "李（加甲闻）", "合并（git merge）", "业界新闻 · 甲闻", "业界新闻 · 乙闻"):
        assert word in shown
    assert not tab.locator("button", has_text="用最后一份好的").count()
    if folder := os.environ.get("SCREENSHOTS"):
        tab.screenshot(path=Path(folder) / "unmerged.png")
    tab.locator(".embedai-difference input[value=theirs]").check()
    editor.press("unmerged-stage")
    until(lambda: clone.out("diff", "--name-only", "--diff-filter=U") == "", tab)
    editor.ready()
    issue = DraftStore(clone.issues).load(DAY).issue
    assert sorted(titles(issue)) == ["一块开发板的来历", "乙闻", "手写 int8 卷积", "甲闻"]
    assert "git commit" in tab.locator(".embedai-notice").inner_text()
    editor.select("手写 int8 卷积")
    editor.type("title", "手写的 int8 卷积")
    editor.says(lambda issue: any(item.title == "手写的 int8 卷积" for item in issue.entries))
