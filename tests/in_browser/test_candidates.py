"""The tab of candidates in real JupyterLab in real Chromium, by the keyboard alone."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from embedai_nb.drafts import DraftStore, load_newsletter
from embedai_nb.inbox.decisions import load_decisions
from embedai_nb.inbox.inbox import Inbox
from embedai_nb.model import Issue, Item, Section
from embedai_nb.workspace import layout
from tests.conftest import PROJECT
from tests.loopback import Sites, running
from tests.test_inbox import rss

from .jupyterlab import Editor, Lab, serving, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

pytestmark = pytest.mark.browser


DATE = "2026-11-15"
MANY = 500
KINDS = ("量化", "剪枝", "蒸馏", "编译器", "芯片")


def prepared(folder: Path, sites: Sites) -> Path:
    """An issues folder whose inbox was fetched: 500 candidates, one of them in an earlier issue."""
    text = (PROJECT / "issues" / "newsletter.yaml").read_text("utf-8")
    feeds = [f"http://feed{n}.example/" for n in range(5)]
    path = folder / layout.NEWSLETTER
    path.write_text(f"{text}\ninbox: [{', '.join(f'{{feed: {url}}}' for url in feeds)}]\n", "utf-8")
    newsletter = load_newsletter(path)
    for n, kind in enumerate(KINDS):
        each = [
            (f"{kind}之{i}", f"https://x{n}.example/{i}", f"说明{i}。还有一句。") for i in range(MANY // len(KINDS))
        ]
        sites.page(f"feed{n}.example/", rss(f"{kind}周报", *each))
    day = datetime.date(2026, 10, 1)
    old = Item(title="量化旧闻", source="量化周报", url="https://x0.example/0")
    DraftStore(folder).create(day, Issue(date=day, sections=(Section(name="博文", items=(old,)),)))
    assert Inbox(folder, newsletter).fetch(sites.fetcher()) == []
    return folder


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("inbox") / "issues"
    folder.mkdir()
    with running() as sites:
        prepared(folder, sites)
    with serving(folder) as lab:
        yield lab


@pytest.fixture
def editor(lab: Lab, window: BrowserContext) -> Iterator[Editor]:
    editor = Editor(lab, window.new_page(), DATE).watch().open()
    yield editor
    editor.tab.close()


def test_candidates_are_taken_dismissed_filtered_and_brought_back_by_keys(lab: Lab, editor: Editor) -> None:
    tab, keys = editor.tab, editor.tab.keyboard
    shown = tab.locator(".embedai-candidate:not([hidden])")
    focused = tab.locator(".embedai-candidate:focus .embedai-candidate-title")
    counter = tab.locator(".embedai-tab-inbox")

    tab.wait_for_function(
        "count => document.querySelector('.embedai-tab-inbox')?.textContent === `候选 ${count}`", arg=MANY - 1
    )
    tab.locator(".embedai-list").focus()
    keys.press("Alt+Digit7")
    focused.wait_for()
    assert shown.count() == MANY - 1
    first = focused.inner_text()
    assert first.startswith("量化")  # like what was taken

    keys.press("Enter")
    editor.says(lambda issue: [(s.name, e.title) for s in issue.sections for e in s.entries] == [("博文", first)])
    until(lambda: focused.inner_text() != first, tab)
    second = focused.inner_text()
    keys.press("1")
    editor.says(lambda issue: [e.title for s in issue.sections if s.name == "业界新闻" for e in s.entries] == [second])
    until(lambda: focused.inner_text() != second, tab)
    third = focused.inner_text()
    keys.press("Delete")
    until(lambda: sorted(d.kind for d in load_decisions(lab.folder).values()) == ["dismissed", "taken", "taken"], tab)
    until(lambda: counter.inner_text() == f"候选 {MANY - 4}", tab)
    assert third not in shown.all_inner_texts()

    keys.press("u")
    tab.wait_for_function("title => document.activeElement?.innerText?.startsWith(title)", arg=third)
    keys.press("Control+KeyZ")
    editor.says(lambda issue: [e.title for s in issue.sections for e in s.entries] == [first])
    until(lambda: len(load_decisions(lab.folder)) == 1, tab)

    keys.press("/")
    keys.type("蒸馏 周报")
    assert shown.count() == MANY // len(KINDS)
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    with tab.context.expect_page() as opened:
        keys.press("o")
    assert opened.value.url.startswith(("https://x2.example/", "chrome-error:", "about:"))
    opened.value.close()
    tab.locator(".embedai-inbox .embedai-words").fill("没有这样的")
    assert tab.locator(".embedai-inbox-empty").inner_text() == "没有候选了。"

    assert [deed for deed in editor.deeds if "x2.example" not in deed] == []


def test_five_hundred_rows_are_filtered_within_a_frame_or_two(editor: Editor) -> None:
    """Measured as work rather than time: a keystroke builds no element, it only hides some."""
    tab = editor.tab
    tab.locator(".embedai-list").focus()
    tab.keyboard.press("Alt+Digit7")
    tab.locator(".embedai-candidate:focus").wait_for()
    tab.evaluate(
        """() => {
          window.built = 0;
          new MutationObserver((records) => { window.built += records.reduce((n, r) => n + r.addedNodes.length, 0); })
            .observe(document.querySelector(".embedai-candidates"), { childList: true, subtree: true });
        }"""
    )
    tab.locator(".embedai-inbox .embedai-words").press_sequentially("编译器")
    assert tab.locator(".embedai-candidate:not([hidden])").count() == MANY // len(KINDS)
    assert tab.evaluate("window.built") == 0
