"""Publishing from the form in real JupyterLab in real Chromium: what counts is what lies in the issues folder."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from embedai_nb.cli import run
from embedai_nb.communities import COPIES
from embedai_nb.drafts import DraftStore
from embedai_nb.edition import load
from embedai_nb.html.page import title
from embedai_nb.workspace import layout
from tests.form_words import WORDS

from .jupyterlab import OPEN, Editor, Lab, Opener, until

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page

pytestmark = pytest.mark.browser


PUBLISHED = ".embedai-publishing .embedai-published[data-kind=published]"
FAILED = ".embedai-publishing .embedai-published[data-kind=failed]"


@pytest.fixture(autouse=True)
def clipboard(window: BrowserContext) -> None:
    window.grant_permissions(["clipboard-read", "clipboard-write"])


def own(text: str, date: str) -> str:
    """The draft with pages of its own: one that an earlier issue had is an error."""
    return text.replace("https://e.com/", f"https://e.com/{date}/")


def publishes(editor: Editor) -> None:
    """Publish, whatever there is to be asked, and wait until it is done."""
    editor.press("publish")
    anyway, running = editor.tab.locator(".embedai-anyway"), editor.tab.locator(".embedai-published[data-kind=running]")
    done = editor.tab.locator(PUBLISHED)
    until(lambda: anyway.is_visible() or running.is_visible() or done.is_visible(), editor.tab)
    until(lambda: _answered(anyway) or done.is_visible(), editor.tab)
    done.wait_for()


def _answered(anyway: Locator) -> bool:
    if anyway.is_visible():
        anyway.click()
        return True
    return False


def copied(editor: Editor, kind: str) -> str:
    """What is on the clipboard."""
    read = "async (kind) => (await (await navigator.clipboard.read())[0].getType(kind)).text()"
    return str(editor.tab.evaluate(read, kind))


def opens(editor: Editor, name: str) -> Page:
    """The tab that a button opens, once it shows the file."""
    with editor.tab.context.expect_page() as opening:
        editor.press(name)
    tab = opening.value
    until(lambda: tab.url.startswith("blob:"), editor.tab)
    tab.wait_for_load_state()
    return tab


def shown(tab: Page, text: str) -> None:
    """Wait until the file in a tab shows a text."""
    tab.frame_locator("iframe").get_by_text(text).first.wait_for()


class TestPublishing:
    def test_from_the_last_word_to_what_is_pasted_into_wechat(self, opened: Opener, lab: Lab, text: str) -> None:
        editor = opened("2027-04-04", own(text, "2027-04-04"))
        asked: list[str] = []
        editor.tab.context.on("request", lambda request: asked.append(request.url))
        editor.select("小模型")
        editor.field("title").focus()
        editor.tab.keyboard.press("Alt+KeyP")
        editor.tab.locator(".embedai-drawer", has_text=WORDS["publish-anyway"]).wait_for()
        assert editor.focused() == "title", "a question doesn't take the keyboard"
        editor.press("anyway")
        editor.field("title").fill("边发布边改的标题")
        editor.says(lambda issue: issue.entries[0].title == "边发布边改的标题")
        editor.tab.locator(".embedai-publishing .embedai-published[data-kind=changed]").wait_for()
        archive = lab.folder / layout.markdown(editor.date)
        first = archive.read_text("utf-8")
        publishes(editor)
        assert "边发布边改的标题" not in first
        assert "边发布边改的标题" in archive.read_text("utf-8")

        editor.tab.locator(".embedai-copy-article:enabled").click()
        editor.tab.locator(".embedai-notice", has_text=WORDS["copied-article"]).wait_for()
        page = (lab.folder / layout.wechat(editor.date)).read_text("utf-8")
        assert copied(editor, "text/html") in page
        assert "边发布边改的标题" in copied(editor, "text/plain")

        web = opens(editor, "open-page")
        shown(web, "边发布边改的标题")
        assert web.frame_locator("iframe").locator("script").count() == 0
        notebook = opens(editor, "open-notebook")
        shown(notebook, "review.verdict(issue)")
        markdown = opens(editor, "open-markdown")
        assert markdown.locator("body").inner_text().strip() == archive.read_text("utf-8").strip()
        local = (editor.lab.address, editor.lab.address.replace("http", "ws"), "data:", "blob:", "about:")
        assert [url for url in asked if not url.startswith(local)] == []
        for tab in (web, notebook, markdown):
            tab.close()

    def test_the_same_bytes_as_the_command(
        self, opened: Opener, lab: Lab, text: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        editor = opened("2027-04-11", own(text, "2027-04-11"))
        publishes(editor)
        names = [place(editor.date) for place in (layout.markdown, layout.page, layout.wechat, layout.review)]
        made = [(lab.folder / name).read_bytes() for name in names]
        assert run(["--issues", str(lab.folder), "issue", editor.date, "--force"]) == 0, capsys.readouterr()
        assert [(lab.folder / name).read_bytes() for name in names] == made

    def test_warnings_that_were_seen_are_not_asked_about(self, opened: Opener, lab: Lab, text: str) -> None:
        editor = opened("2027-04-18", own(text, "2027-04-18"))
        editor.tab.locator(".embedai-obstacles button").first.wait_for()
        editor.tab.locator(".embedai-tab-findings").click()
        editor.tab.locator(".embedai-checks .embedai-finding").first.wait_for()
        until(lambda: editor.tab.locator(".embedai-obstacles button").count() == 0, editor.tab)
        editor.press("publish")
        editor.tab.locator(PUBLISHED).wait_for()
        assert editor.tab.locator(".embedai-drawer").is_hidden()

    def test_an_error_stands_in_the_way_and_is_one_click_away(self, opened: Opener, lab: Lab, text: str) -> None:
        editor = opened("2027-04-25", own(text, "2027-04-25").replace("https://e.com/2027-04-25/3", "https://e .com/3"))
        editor.tab.locator(".embedai-tab-search").click()
        obstacle = editor.tab.locator(".embedai-obstacle.embedai-error")
        obstacle.wait_for()
        editor.press("publish")
        editor.tab.locator(".embedai-drawer", has_text=WORDS["ask-errors"].format(count=1)).wait_for()
        assert editor.tab.locator(".embedai-anyway").count() == 0
        obstacle.click()
        editor.tab.wait_for_function("document.activeElement?.dataset?.field === 'url'")
        editor.type("url", "https://e.com/3")
        obstacle.wait_for(state="detached")
        assert not (lab.folder / layout.markdown(editor.date)).exists()

    def test_a_run_that_fails_says_why_and_shows_the_notebook(
        self, opened: Opener, lab: Lab, text: str, tmp_path: Path
    ) -> None:
        (tmp_path / "sitecustomize.py").write_text(BREAKS, encoding="utf-8")
        editor = opened("2027-05-02", own(text, "2027-05-02"), cell=BREAKING.replace("FOLDER", str(tmp_path)))
        editor.press("publish")
        editor.press("anyway")
        editor.tab.locator(FAILED).wait_for()
        editor.press("why-failed")
        said = editor.tab.locator(".embedai-drawer").inner_text()
        assert "ValueError: 往期看不到" in said
        assert layout.failed(editor.date) in said
        notebook = opens(editor, "open-failed")
        shown(notebook, "往期看不到")
        notebook.close()
        assert not (lab.folder / layout.markdown(editor.date)).exists()
        (tmp_path / "sitecustomize.py").unlink()
        editor.press("publish")
        editor.tab.locator(PUBLISHED).wait_for()
        assert editor.tab.locator(".embedai-why-failed").is_hidden()
        assert not (lab.folder / layout.failed(editor.date)).exists()

    def test_article_title_and_digest_are_copied_from_the_preview_too(self, opened: Opener, text: str) -> None:
        editor = opened("2027-05-09", own(text, "2027-05-09"))
        editor.tab.locator(".embedai-tab-wechat").click()
        editor.tab.locator(".embedai-page:visible iframe").content_frame.get_by_text("随笔").first.wait_for()
        for name, word in (("copy-title", "copied-title"), ("copy-digest", "copied-digest")):
            editor.press(name)
            editor.tab.locator(".embedai-notice", has_text=WORDS[word]).wait_for()
            assert copied(editor, "text/plain") == editor.tab.locator(f".embedai-{name} + span").inner_text()
        editor.press("copy-shown")
        editor.tab.locator(".embedai-notice", has_text=WORDS["copied-article"]).wait_for()
        assert "随笔" in copied(editor, "text/plain")
        assert copied(editor, "text/html").startswith("<section")


@pytest.fixture
def named(lab: Lab) -> Iterator[None]:
    """The newsletter names two communities."""
    settings = lab.folder / layout.NEWSLETTER
    before = settings.read_bytes()
    settings.write_bytes(before + b"copies: [zhihu, juejin]\n")
    yield
    settings.write_bytes(before)


@pytest.mark.usefixtures("named")
class TestCopies:
    def test_one_click_puts_each_on_the_clipboard(self, opened: Opener, lab: Lab, text: str) -> None:
        editor = opened("2027-05-16", own(text, "2027-05-16"))
        assert editor.tab.locator(".embedai-copy-zhihu").count() == 0, "what is not published is not copied"
        publishes(editor)
        edition = load(editor.date, lab.folder)
        editor.tab.locator(".embedai-copy-zhihu:enabled").click()
        editor.tab.locator(".embedai-notice", has_text="正文已复制（知乎）").wait_for()
        shown = editor.tab.locator(".embedai-notice").inner_text()
        assert title(edition.issue, edition.newsletter) in shown
        assert copied(editor, "text/html") == COPIES["zhihu"].render(edition.issue, edition.newsletter)
        assert "小模型" in copied(editor, "text/plain")
        editor.tab.locator(".embedai-copy-juejin:enabled").click()
        editor.tab.locator(".embedai-notice", has_text="正文已复制（掘金）").wait_for()
        assert copied(editor, "text/plain") == COPIES["juejin"].render(edition.issue, edition.newsletter)
        editor.select("小模型")
        editor.field("title").fill("又改了")
        editor.tab.locator(".embedai-copy-zhihu").wait_for(state="detached")


BREAKS = """\
from embedai_nb import review

def history(edition):
    raise ValueError("往期看不到")

review.history = history
"""
BREAKING = """\
import os

os.environ["PYTHONPATH"] = os.pathsep.join(["FOLDER", os.environ["PYTHONPATH"].split(os.pathsep)[-1]])"""


class TestIssues:
    def test_another_issue_is_opened_and_one_begun(self, opened: Opener, lab: Lab, text: str) -> None:
        other = own(text, "2027-06-13").replace("2026-11-15", "2027-06-13").replace("小模型", "别的模型")
        (lab.folder / layout.draft("2027-06-13")).write_text(other, encoding="utf-8")
        editor = opened("2027-06-06", own(text, "2027-06-06"))
        editor.field("headline").focus()
        editor.tab.keyboard.press("End")
        editor.tab.keyboard.type("还没存的")
        editor.press("issues")
        row = editor.tab.locator(".embedai-issue-list [data-date='2027-06-13']")
        row.get_by_text(WORDS["publish-state-never"]).wait_for()
        row.get_by_role("button").click()
        editor.tab.locator(".embedai-editor h1", has_text="2027-06-13").wait_for()
        editor.tab.locator(".embedai-row", has_text="别的模型").wait_for()
        assert lab.draft("2027-06-06").headline == ("词还没存的",)  # type: ignore[union-attr]
        assert lab.draft("2027-06-13").headline == ("词",)  # type: ignore[union-attr]
        editor.field("headline").fill("另一期的")
        editor.date = "2027-06-13"
        editor.says(lambda issue: issue.headline == ("另一期的",))

        editor.press("issues")
        editor.tab.locator(".embedai-drawer input[type=date]").fill("2027-06-27")
        editor.press("begin")
        editor.tab.locator(".embedai-editor h1", has_text="2027-06-27").wait_for()
        editor.tab.locator(".embedai-beginning").wait_for()
        assert DraftStore(lab.folder).path(datetime.date(2027, 6, 27)).exists()

    def test_a_date_without_an_issue_offers_to_begin_it_or_to_open_another(
        self, opened: Opener, lab: Lab, text: str
    ) -> None:
        editor = opened("2027-07-04", own(text, "2027-07-04"))
        DraftStore(lab.folder).path(datetime.date(2027, 7, 11)).unlink(missing_ok=True)
        editor.tab.evaluate(OPEN, ["", "2027-07-11"])
        panel = editor.tab.locator(".embedai-panel", has_text=f"{WORDS['missing']}：2027-07-11")
        panel.wait_for()
        panel.get_by_role("button", name="2027-07-04").click()
        editor.tab.locator(".embedai-editor h1", has_text="2027-07-04").wait_for()
        editor.tab.locator(".embedai-row", has_text="小模型").wait_for()


class TestRescheduling:
    def test_a_published_issue_is_asked_about_renamed_and_published_again(
        self, opened: Opener, lab: Lab, text: str
    ) -> None:
        editor = opened("2027-08-01", own(text, "2027-08-01"))
        publishes(editor)
        editor.select(WORDS["head"])
        editor.field("date").fill("2027-08-08")
        waiting = editor.tab.get_by_role("button", name=WORDS["reschedule-waiting"].format(date="2027-08-08"))
        waiting.wait_for()
        assert editor.tab.locator(".embedai-unconfirmed").inner_text() == WORDS["reschedule-unconfirmed"]
        editor.select("随笔")
        waiting.click()
        editor.tab.wait_for_function("document.activeElement?.dataset?.field === 'date'")
        assert editor.field("date").input_value() == "2027-08-08"
        editor.tab.keyboard.press("Enter")
        drawer = editor.tab.locator(".embedai-drawer")
        for place in (layout.draft, layout.markdown, layout.page, layout.wechat, layout.review):
            assert f"{place('2027-08-01')} → {place('2027-08-08')}" in drawer.inner_text()
            assert (lab.folder / place("2027-08-01")).exists()
        editor.press("reschedule-do")
        editor.tab.locator(".embedai-editor h1", has_text="2027-08-08").wait_for()
        until(lambda: "2027-08-08" in _published(lab, "2027-08-08"), editor.tab)
        editor.tab.locator(PUBLISHED).wait_for()
        assert not list(lab.folder.glob("*/2027-08-01.*"))

    def test_a_typed_date_can_be_dropped(self, opened: Opener, lab: Lab, text: str) -> None:
        editor = opened("2027-08-15", own(text, "2027-08-15"))
        editor.field("date").fill("2027-08-22")
        editor.tab.locator(".embedai-unconfirmed:not(:empty)").wait_for()
        editor.tab.keyboard.press("Escape")
        assert editor.field("date").input_value() == "2027-08-15"
        assert editor.tab.locator(".embedai-unconfirmed").inner_text() == ""
        assert lab.draft("2027-08-22") is None


def _published(lab: Lab, date: str) -> str:
    path = lab.folder / layout.markdown(date)
    return path.read_text("utf-8").splitlines()[4] if path.exists() else ""


class TestWriting:
    def test_all_safe_fixes_are_shown_and_undone_as_one(self, opened: Opener, text: str) -> None:
        given = own(text, "2027-09-05").replace("第一段。", "第一段，，").replace("/2\n", "/2\n        text: 它很大\n")
        editor = opened("2027-09-05", given)
        editor.tab.locator(".embedai-tab-findings").click()
        editor.press("fix-all")
        editor.says(lambda issue: issue.entries[1].fields == {"摘要": "它很大"} and "，，" not in str(issue))
        fixed = editor.tab.locator(".embedai-fixed")
        assert "摘要：它很大" in fixed.inner_text()
        editor.press("fixed-undo")
        editor.says(lambda issue: issue.entries[1].text == "它很大" and "，，" in issue.entries[0].fields["摘要"])
        fixed.wait_for(state="detached")

    def test_enter_goes_from_the_source_to_the_summary_and_text_is_had_on_request(
        self, opened: Opener, text: str
    ) -> None:
        editor = opened("2027-09-12", own(text, "2027-09-12"))
        editor.select("大模型")
        editor.field("title").focus()
        for name in ("url", "source", "fields.摘要"):
            editor.tab.keyboard.press("Enter")
            assert editor.focused() == name
        assert editor.field("text").count() == 0
        editor.press("add-text")
        assert editor.focused() == "text"
        editor.tab.keyboard.type("没有标签的话")
        editor.says(lambda issue: issue.entries[1].text == "没有标签的话")

    def test_an_empty_issue_says_what_to_do_first_and_what_was_undone_is_no_longer_said(self, opened: Opener) -> None:
        editor = opened("2027-09-19", "schema: 1\ndate: 2026-11-15\nsections:\n  - name: 论文\n")
        editor.press("begin-paste")
        editor.tab.locator(".embedai-dialog textarea").fill("- 甲公司：一事。\n- 乙公司：二事。")
        editor.tab.locator(".embedai-dialog select").select_option("warmups")
        editor.press("paste-do")
        notice = editor.tab.locator(".embedai-notice")
        notice.get_by_text("放进了 0 条、2 条小新闻。").wait_for()
        assert editor.tab.locator(".embedai-beginning").is_hidden()
        editor.press("undo")
        editor.says(lambda issue: not issue.warmups)
        until(lambda: notice.inner_text() == "", editor.tab)
        assert editor.tab.locator(".embedai-beginning").is_visible()


@pytest.mark.parametrize("width", [1440, 1024])
def test_nothing_sticks_out_of_the_bar(opened: Opener, text: str, width: int) -> None:
    editor = opened("2027-10-03", own(text, "2027-10-03"))
    editor.tab.set_viewport_size({"width": width, "height": 768})
    publishes(editor)
    editor.type("title" if editor.field("title").count() else "headline", "改了")
    editor.tab.locator(".embedai-publishing .embedai-published[data-kind=changed]").wait_for()
    outside: Any = editor.tab.evaluate(
        """(() => {
        const box = document.querySelector('.embedai-publishing').getBoundingClientRect();
        return [...document.querySelectorAll('.embedai-publishing button')].map((e) => [e.className, e.getBoundingClientRect()])
          .filter(([, r]) => r.width && (r.right > box.right || r.left < box.left || r.bottom > box.bottom)).map(([name]) => name);
        })()"""
    )
    editor.tab.set_viewport_size({"width": 1440, "height": 900})
    assert outside == []
