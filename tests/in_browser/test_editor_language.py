"""The form of an English newsletter in real JupyterLab: all that it says is English, wherever one looks."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from embedai_nb.drafts import load_newsletter
from embedai_nb.inbox.inbox import Inbox
from embedai_nb.workspace import layout
from tests.conftest import DATA
from tests.form_words import ENGLISH, WORDS
from tests.loopback import running
from tests.test_inbox import rss

from .jupyterlab import OPEN, Editor, Lab, Opener, composes, serving
from .test_editor_writing import OVERLAPPING, TABS, sized

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


HAN = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
AUTHORS = "豆类"
"""The one Chinese word of the author's own."""
DRAFT = f"""\
schema: 1
date: 2026-11-15
headline: [beans, a hoe]
warmups:
  - {{company: Ms Green, text: won a prize}}
sections:
  - name: Seeds
    items:
      - title: How deep to sow beans ({AUTHORS})
        source: The Allotment
        url: https://allotment.example/beans
        fields: {{Gist: Two inches.}}
        status: ready
      - title: Peas, and how to keep pigeons off them
        url: https://allotment.example/peas
        tags: ["2104.14129", CVPR2021]
        links: [{{text: video, url: https://v.example/}}]
      - title: Sowing beans again
        source: The Allotment
        url: https://allotment.example/beans
        fields: {{Gist: 'Again .', Recipe: ''}}
  - name: Tools
    items:
      - {{title: A hoe that folds, repo: shed/hoe, url: https://github.com/shed/hoe}}
"""
SAID = """() => {
  const said = new Set();
  for (const element of document.querySelectorAll(".embedai-editor, .embedai-editor *")) {
    for (const name of ["title", "aria-label", "placeholder"]) said.add(element.getAttribute(name) ?? "");
    for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) said.add(node.textContent);
  }
  return [...said];
}"""
"""All texts of the form, those that only a screen reader or a mouse finds too."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An English newsletter in the middle of an evening: findings, an earlier issue, candidates, a source that failed."""
    folder = tmp_path_factory.mktemp("english") / "issues"
    shutil.copytree(DATA / "newsletters" / "potting-shed", folder)
    newsletter = folder / layout.NEWSLETTER
    feeds = "inbox: [{feed: http://a.example/, source: The Allotment}, {feed: http://b.example/, source: The Fence}]\n"
    newsletter.write_text(newsletter.read_text("utf-8") + feeds, "utf-8")
    with running() as sites:
        sites.page("a.example/", rss("", ("When to water", "https://allotment.example/water", "In the morning.")))
        sites.page("b.example/", rss("", ("When to water", "https://fence.example/water", "Early.")))
        assert Inbox(folder, load_newsletter(newsletter)).fetch(sites.fetcher()) == []
    return folder


@pytest.fixture(scope="module")
def lab(folder: Path, browser: Browser) -> Iterator[Lab]:
    with serving(folder) as lab:
        yield lab


def begun(opened: Opener, date: str) -> Editor:
    """The form of an issue after the earlier one, with its findings."""
    editor = opened(date, DRAFT)
    show(editor, "edit")
    editor.tab.wait_for_selector(".embedai-lacks:not(:empty)")
    return editor


def chinese(editor: Editor) -> list[str]:
    """What the form says in Chinese, but for the author's own word."""
    said = [text.replace(AUTHORS, "") for text in editor.tab.evaluate(SAID)]
    assert len(said) > 50
    return [text for text in said if HAN.search(text)]


def show(editor: Editor, tab: str) -> None:
    editor.tab.locator(f".embedai-tab-{tab}").click()
    if tab in ("preview", "wechat", "changes"):
        editor.tab.locator(f".embedai-view-{tab} iframe").wait_for()
    if tab == "inbox":
        editor.tab.locator(".embedai-candidate").first.wait_for()


class TestEnglish:
    def test_every_tab_and_drawer_says_nothing_in_chinese(self, opened: Opener) -> None:
        editor = begun(opened, "2031-06-01")
        found: dict[str, list[str]] = {}
        for tab in TABS:
            show(editor, tab)
            found[tab] = chinese(editor)
        show(editor, "search")
        editor.tab.locator(".embedai-search input").fill("beans")
        editor.tab.locator(".embedai-hits mark").first.wait_for()
        found["hits"] = chinese(editor)
        show(editor, "edit")
        for name in ("Headline and lead", "Warm-ups", "Ms Green", "Seeds", "Peas", "Sowing beans again", "Closing"):
            editor.select(name)
            found[name] = chinese(editor)
        editor.press("issues")
        editor.tab.locator(".embedai-issue-list .embedai-lacks:not(:empty)").first.wait_for()
        found["issues"] = chinese(editor)
        editor.press("publish")
        editor.tab.locator(".embedai-drawer[data-kind=question] .embedai-finding").first.wait_for()
        found["question"] = chinese(editor)
        editor.press("paste")
        found["paste"] = chinese(editor)
        assert {place: said for place, said in found.items() if said} == {}
        assert editor.tab.locator(".embedai-editor").get_attribute("lang") == "en"

    def test_a_conflict_and_a_draft_that_cannot_be_read(self, opened: Opener) -> None:
        editor = begun(opened, "2031-06-02")
        path = editor.lab.folder / layout.draft(editor.date)
        editor.select("Peas")
        text = path.read_text("utf-8")
        editor.field("title").focus()
        composing = composes(editor, "P", "Pe")  # so he has begun before the other one saves, and not yet ended
        path.write_text(text.replace("Peas, and", "Beans, and"), "utf-8")
        composing.send("Input.insertText", {"text": "Peas and pigeons"})
        editor.tab.locator(".embedai-compare").click()
        editor.tab.locator(".embedai-difference").first.wait_for()
        assert chinese(editor) == []
        editor.press("resolve")
        editor.saved()
        broken = editor.lab.folder / layout.draft("2031-06-08")
        broken.write_text(text.replace("schema: 1", "schema: [1"), "utf-8")
        editor.tab.evaluate(OPEN, ["", "2031-06-08"])
        editor.tab.locator(".embedai-panel", has_text=ENGLISH["broken"]).wait_for()
        assert chinese(editor) == []

    def test_axe_finds_nothing_in_any_tab(self, opened: Opener, axe: str) -> None:
        editor = begun(opened, "2031-06-03")
        editor.tab.evaluate(axe)
        found: list[Any] = []
        for tab in TABS:
            show(editor, tab)
            run = "axe.run('.embedai-editor', { iframes: false }).then(({ violations }) => violations)"
            found += [(tab, one["id"], one["nodes"][0]["html"][:200]) for one in editor.tab.evaluate(run)]
        assert found == []

    @pytest.mark.parametrize("size", [(320, 640), (640, 480), (1024, 768)])
    def test_longer_words_neither_overlap_nor_are_cut(self, opened: Opener, size: tuple[int, int]) -> None:
        editor = begun(opened, "2031-06-04")
        editor.select("Sowing beans again")
        with sized(editor, *size):
            for tab in TABS:
                show(editor, tab)
                assert editor.tab.evaluate(OVERLAPPING) == [], tab

    def test_the_form_follows_newsletter_yaml_and_keeps_what_is_typed(self, opened: Opener) -> None:
        editor = begun(opened, "2031-06-05")
        newsletter = editor.lab.folder / layout.NEWSLETTER
        english = newsletter.read_text("utf-8")
        editor.select("Peas")
        editor.type("title", "Peas, typed before")
        try:
            newsletter.write_text(english.replace("language: en", "language: zh-CN"), "utf-8")
            editor.tab.locator(".embedai-publish", has_text=WORDS["publish"]).wait_for()
            editor.saved()
            editor.says(lambda issue: issue.sections[0].entries[1].title == "Peas, typed before")
            assert editor.field("title").input_value() == "Peas, typed before", "what was selected still is"
        finally:
            newsletter.write_text(english, "utf-8")
        editor.tab.locator(".embedai-publish", has_text=ENGLISH["publish"]).wait_for()
