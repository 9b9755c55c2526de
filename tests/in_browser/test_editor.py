"""An editor's evening in real JupyterLab in real Chromium; what counts is what stands in the draft."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from embedai_nb.cli import run
from embedai_nb.model import Item
from tests.conftest import DATA, PROJECT
from tests.form_words import WORDS
from tests.loopback import running

from .jupyterlab import PANEL, Editor, Lab, Opener, composes, said_by, until

pytestmark = pytest.mark.browser


TYPED_WHILE_RESTARTING = """() => {
  void PANEL.kernel.restart();
  const field = document.querySelector('.embedai-form [data-field="fields.摘要"]');
  field.focus();
  field.value = "内核不在时写的";
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}""".replace("PANEL", PANEL)
"""In one go: a quick kernel would be back before a slow browser has typed."""


CANNOT_SHOW = """\
from embedai_nb.editor import form_data

def outline(state, findings, say, usual=form_data.outline):
    if "显示不了" in state.issue.headline:
        raise KeyError("显示不了")
    return usual(state, findings, say)

form_data.outline = outline"""
PASTED = """\
- 甲公司：推出一款芯片；
- 乙公司：开源一个模型。

## 业界新闻

- [第一条 | 某站](https://example.com/1)
摘要：一段话。
另一段话。

## 开源项目

- [owner/name: 一个项目](https://github.com/owner/name)
项目：https://example.com/2
摘要：它很小。
"""


def test_an_evening(opened: Opener, capsys: pytest.CaptureFixture[str]) -> None:
    editor = opened("2026-11-15")
    assert [section.name for section in editor.draft.sections] == ["业界新闻", "论文", "开源项目", "博文"]

    editor.type("headline", "小芯片/大模型")
    editor.says(lambda issue: issue.headline == ("小芯片", "大模型"))

    editor.press("paste")
    editor.tab.locator(".embedai-dialog textarea").fill(PASTED)
    editor.press("paste-do")
    editor.says(lambda issue: [item.title for item in issue.entries] == ["第一条", "一个项目"])
    assert [warmup.company for warmup in editor.draft.warmups] == ["甲公司", "乙公司"]
    assert editor.draft.entries[1].repo == "owner/name"

    editor.select("第一条")
    editor.field("fields.摘要").focus()
    editor.tab.keyboard.press("Control+End")
    composing = composes(editor, "z", "zh", "zhong", "zhong wen")
    composing.send("Input.insertText", {"text": "中文"})
    editor.says(lambda issue: issue.entries[0].fields["摘要"] == "一段话。\n另一段话。中文")
    frame = editor.tab.frame_locator(".embedai-detail iframe")
    frame.locator("text=另一段话。中文").wait_for()

    editor.press("add-item")
    editor.tab.wait_for_function("document.activeElement?.dataset?.field === 'title'")
    editor.tab.keyboard.type("第二条 | 另一站")
    editor.says(lambda issue: [item.title for item in issue.entries][:2] == ["第一条", "第二条"])
    editor.press("up")
    editor.says(lambda issue: [item.title for item in issue.entries][:2] == ["第二条", "第一条"])
    assert editor.draft.entries[0].source == "另一站"

    editor.tab.locator(".embedai-send").select_option(label="博文")
    editor.says(lambda issue: [item.title for item in issue.sections[3].entries] == ["第二条"])
    editor.press("undo")
    editor.says(lambda issue: [item.title for item in issue.sections[0].entries] == ["第二条", "第一条"])

    editor.tab.reload()
    editor.ready()
    editor.select("第二条")
    assert editor.field("source").input_value() == "另一站"

    editor.kernel("restart()")
    editor.tab.wait_for_selector(".embedai-undo:disabled", state="attached")
    editor.ready()
    editor.select("第二条")
    editor.type("url", "https://example.com/3")
    editor.type("fields.摘要", "它更小。")
    editor.says(lambda issue: issue.entries[0].fields == {"摘要": "它更小。"})
    editor.saved()

    path = editor.lab.folder / "drafts" / "2026-11-15.yaml"
    editor.field("fields.摘要").focus()
    editor.tab.keyboard.press("Control+End")
    composing = composes(editor, "k", "kuai")  # so she has begun before the other one saves, and not yet ended
    path.write_text(path.read_text(encoding="utf-8").replace("它更小。", "它最小。"), encoding="utf-8")
    composing.send("Input.insertText", {"text": "也更快。"})
    editor.tab.locator(".embedai-compare, .embedai-resolve").first.wait_for()
    editor.says(lambda issue: issue.entries[0].fields["摘要"] == "它最小。")
    if editor.tab.locator(".embedai-compare").is_visible():
        editor.press("compare")
    editor.tab.locator(".embedai-side", has_text="它更小。也更快。").click()
    editor.press("resolve")
    editor.says(lambda issue: issue.entries[0].fields["摘要"] == "它更小。也更快。")

    for title in ("第二条", "第一条", "一个项目"):
        editor.select(title)
        editor.press("ready")
    editor.says(lambda issue: [item.status for item in issue.entries] == ["ready"] * 3)
    assert run(["--issues", str(editor.lab.folder), "issue", "2026-11-15"]) == 0, capsys.readouterr()
    published = (editor.lab.folder / "archive" / "2026-11-15.md").read_text(encoding="utf-8")
    for typed in (
        "小芯片/大模型",
        "甲公司：推出一款芯片",
        "[第二条 | 另一站](https://example.com/3)",
        "它更小。也更快。",
        "中文",
    ):
        assert typed in published
    editor.tab.locator(".embedai-tab-changes").click()
    assert list((editor.lab.folder / ".cache" / "edit").iterdir()) == []


class TestTyping:
    def test_half_typed_pinyin_is_never_saved(self, opened: Opener, text: str) -> None:
        editor = opened("2027-01-03", text)
        editor.select("小模型")
        editor.field("title").focus()
        editor.tab.keyboard.press("End")
        editor.tab.keyboard.type("A")
        composing = composes(editor, "n", "ni", "ni hao")
        editor.says(lambda issue: issue.entries[0].title == "小模型A")  # what stood there before is saved at once
        editor.tab.evaluate("window.dispatchEvent(new Event('pagehide'))")
        composes(editor, "ni hao ma")
        editor.tab.wait_for_timeout(1500)  # longer than any text waits to be saved
        assert editor.draft.entries[0].title == "小模型A"
        composing.send("Input.insertText", {"text": "你好"})
        editor.says(lambda issue: issue.entries[0].title == "小模型A你好")

    def test_typed_text_survives_closing_the_tab_at_once(self, opened: Opener, text: str) -> None:
        editor = opened("2027-01-04", text, new=True)
        editor.select("大模型")
        editor.field("title").fill("关掉也在")
        editor.tab.close()
        opened("2027-01-04").says(lambda issue: issue.entries[1].title == "关掉也在")  # if not before, then now

    def test_text_that_a_dead_kernel_did_not_get_is_there_again(self, opened: Opener, text: str) -> None:
        editor = opened("2027-01-05", text)
        editor.select("大模型")
        editor.tab.evaluate(TYPED_WHILE_RESTARTING)
        editor.says(lambda issue: issue.entries[1].fields.get("摘要") == "内核不在时写的")

    def test_focus_and_caret_stay_while_saving_checking_and_previewing(self, opened: Opener, text: str) -> None:
        editor = opened("2027-01-06", text)
        editor.select("小模型")
        editor.field("fields.摘要").focus()
        editor.tab.keyboard.press("Control+Home")
        written = "在前面一个字一个字地写，每写一会儿就停一停。"
        for sign in written:
            editor.tab.keyboard.type(sign)
            editor.tab.wait_for_timeout(60)
        editor.says(lambda issue: issue.entries[0].fields["摘要"].startswith(written + "第一段"))
        assert editor.focused() == "fields.摘要"
        assert editor.tab.evaluate("document.activeElement.selectionStart") == len(written)

    def test_what_is_typed_without_a_pause_is_saved_meanwhile(self, opened: Opener, text: str) -> None:
        editor = opened("2027-01-07", text)
        editor.select("小模型")
        editor.field("note").focus()

        def types_on() -> bool:
            editor.tab.keyboard.type("字")
            return editor.draft.entries[0].note != ""

        until(types_on, editor.tab)

    def test_text_that_is_on_its_way_follows_the_issue_to_another_date(self, opened: Opener, text: str) -> None:
        editor = opened("2027-01-08", text)
        editor.field("date").fill("2027-01-09")
        editor.tab.get_by_role("button", name=WORDS["reschedule"]).click()
        editor.tab.locator(".embedai-editor h1", has_text="2027-01-09").wait_for()
        editor.select("大模型")
        editor.tab.evaluate(TYPED_WHILE_RESTARTING)
        editor.date = "2027-01-09"
        editor.says(lambda issue: issue.entries[1].fields.get("摘要") == "内核不在时写的")


class TestKeyboard:
    def test_everything_can_be_done_without_a_mouse(self, opened: Opener, text: str) -> None:
        editor = opened("2027-01-10", text)
        keys = editor.tab.keyboard
        editor.tab.locator(".embedai-list").focus()
        for _ in range(5):
            keys.press("ArrowDown")
        editor.tab.wait_for_function("document.querySelector('.embedai-where').textContent === '论文 2'")
        keys.press("Alt+ArrowUp")
        editor.says(lambda issue: [item.title for item in issue.sections[0].entries] == ["大模型", "小模型"])
        keys.press("Enter")
        editor.tab.wait_for_function("document.activeElement?.dataset?.field === 'title'")
        keys.press("End")
        keys.type("（改）")
        keys.press("Enter")
        assert editor.focused() == "url"
        keys.press("Alt+Enter")
        editor.says(lambda issue: issue.entries[0].status == "ready" and issue.entries[0].title == "大模型（改）")
        keys.press("Alt+KeyD")
        editor.says(lambda issue: len(issue.entries) == 4)
        keys.press("Alt+Delete")
        editor.says(lambda issue: len(issue.entries) == 3)
        keys.press("Alt+KeyN")
        editor.tab.wait_for_function("document.activeElement?.dataset?.field === 'title'")
        keys.type("键盘加的")
        editor.says(lambda issue: any(item.title == "键盘加的" for item in issue.entries))
        keys.press("Alt+Digit3")
        assert editor.tab.locator(".embedai-checks").is_visible()

    def test_every_field_has_a_label_and_every_button_a_name(self, opened: Opener, text: str) -> None:
        editor = opened("2027-01-11", text)
        editor.select("小模型")
        nameless = editor.tab.evaluate(
            """[...document.querySelectorAll('.embedai-editor :is(input, textarea, select)')]
            .filter((e) => !e.labels.length && !e.getAttribute('aria-label')).map((e) => e.outerHTML)"""
        )
        assert nameless == []
        for found in editor.tab.locator(".embedai-editor button:visible").all():
            assert (found.get_attribute("aria-label") or found.inner_text()).strip()

    def test_a_label_is_added_and_can_be_typed_into_at_once(self, opened: Opener, text: str) -> None:
        editor = opened("2027-01-12", text)
        editor.select("小模型")
        editor.tab.locator(".embedai-new-label").fill("代码")
        editor.tab.keyboard.press("Enter")
        editor.tab.wait_for_function("document.activeElement?.dataset?.field === 'fields.代码'")
        editor.tab.keyboard.type("https://e.com/code")
        editor.says(lambda issue: list(issue.entries[0].fields.items())[-1] == ("代码", "https://e.com/code"))


class TestTrouble:
    def test_a_draft_that_does_not_parse_is_shown_with_its_line_and_left_alone(
        self, opened: Opener, lab: Lab, text: str
    ) -> None:
        editor = opened("2027-02-01", text)
        path = lab.folder / "drafts" / "2027-02-01.yaml"
        broken = path.read_text(encoding="utf-8").replace("sections:", "sections: [")
        path.write_text(broken, encoding="utf-8")
        editor.tab.locator(".embedai-banner .embedai-overwrite").wait_for()
        assert path.read_text(encoding="utf-8") == broken
        editor.kernel("restart()")
        editor.tab.locator(".embedai-panel .embedai-wrong").wait_for()
        assert path.read_text(encoding="utf-8") == broken
        editor.tab.get_by_role("button", name=WORDS["restore"]).click()
        editor.says(lambda issue: [item.title for item in issue.entries] == ["小模型", "大模型", "随笔"])

    def test_what_cannot_be_shown_is_said_until_it_can(self, opened: Opener, text: str) -> None:
        editor = opened("2027-02-02", text, cell=CANNOT_SHOW)
        editor.type("headline", "显示不了")
        editor.tab.wait_for_selector(".embedai-status[data-kind=failed]")
        assert "KeyError" in editor.tab.locator(".embedai-banner").inner_text()
        editor.says(lambda issue: issue.headline == ("显示不了",))
        editor.type("headline", "显示得了")
        editor.saved()
        assert editor.tab.locator(".embedai-banner").inner_text() == ""

    def test_when_the_folder_is_gone_the_text_stays_on_screen_until_it_is_back(
        self, opened: Opener, lab: Lab, text: str
    ) -> None:
        editor = opened("2027-02-03", text)
        editor.select("小模型")
        drafts = lab.folder / "drafts"
        drafts.rename(lab.folder / "elsewhere")
        try:
            (lab.folder / "drafts").write_text("in the way", encoding="utf-8")
            editor.type("title", "还在屏幕上")
            editor.tab.wait_for_selector(".embedai-status[data-kind=unsaved]")
            assert editor.field("title").input_value() == "还在屏幕上"
        finally:
            drafts.unlink()
            (lab.folder / "elsewhere").rename(drafts)
        editor.says(lambda issue: issue.entries[0].title == "还在屏幕上")
        editor.saved()

    def test_two_windows_on_one_issue_show_the_same(self, opened: Opener, lab: Lab, text: str) -> None:
        left = opened("2027-02-04", text, new=True)
        right = Editor(lab, left.tab.context.new_page(), left.date).watch().open()
        right.select("随笔")
        right.type("title", "右边改的")
        left.tab.locator(".embedai-row", has_text="右边改的").wait_for()
        left.select("右边改的")
        left.type("title", "左边又改")
        right.tab.locator(".embedai-row", has_text="左边又改").wait_for()
        assert right.deeds == []

    def test_a_change_made_elsewhere_appears_by_itself(self, opened: Opener, lab: Lab, text: str) -> None:
        editor = opened("2027-02-05", text)
        path = lab.folder / "drafts" / f"{editor.date}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("大模型", "更大的模型"), encoding="utf-8")
        editor.tab.locator(".embedai-row", has_text="更大的模型").wait_for()
        assert WORDS["reloaded"] in editor.tab.locator(".embedai-notice").inner_text()

    def test_the_whole_issue_follows_a_save_made_elsewhere_and_stays_where_it_was_scrolled_to(
        self, opened: Opener, lab: Lab, text: str
    ) -> None:
        editor = opened("2027-02-06", text.replace("第一段。", "第一段。\n\n            还有一段。" * 40))
        editor.tab.locator(".embedai-tab-preview").click()
        page = editor.tab.locator(".embedai-page:visible iframe").content_frame
        page.get_by_text("大模型").first.wait_for()
        place = editor.tab.locator(".embedai-scroller:has(.embedai-page):visible")
        place.evaluate("(element) => { element.scrollTop = 700; }")
        path = lab.folder / "drafts" / f"{editor.date}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("大模型", "更大的模型"), encoding="utf-8")
        page.get_by_text("更大的模型").first.wait_for()
        assert place.evaluate("(element) => element.scrollTop") == 700


def test_a_finding_leads_to_its_field_and_is_mended(opened: Opener, text: str) -> None:
    editor = opened("2027-03-01", text.replace("第一段。", "第一段，，"))
    editor.tab.locator(".embedai-tab-findings").click()
    row = editor.tab.locator(".embedai-finding", has_text="标点重复")
    row.locator(".embedai-go").click()
    editor.tab.wait_for_function("document.activeElement?.dataset?.field === 'fields.摘要'")
    editor.tab.locator(".embedai-findings button.embedai-small", has_text="标点").click()
    editor.says(lambda issue: "，，" not in issue.entries[0].fields["摘要"])


ARTICLE = "https://mp.weixin.qq.com/s/abc"
EXPIRING = "https://mp.weixin.qq.com/s?src=11&timestamp=1&signature=abc"
ASKING_LOOPBACK = """\
from embedai_nb.editor.form import edit
from tests.loopback import Sites

sites = Sites()
sites.ports = PORTS
edit("{date}", sites.fetcher())"""


def test_links_become_items_and_what_was_there_before_is_noticed(opened: Opener, lab: Lab, text: str) -> None:
    past = text.replace("2026-11-15", "2026-10-01").replace("https://e.com/3", ARTICLE)
    (lab.folder / "drafts" / "2026-10-01.yaml").write_text(past, encoding="utf-8")
    with running() as sites:
        sites.page("mp.weixin.qq.com/s/abc", '<meta property="og:title" content="晶圆厂动工，，小芯片" />')
        paper = (DATA / "capture" / "paper.xml").read_text(encoding="utf-8")
        sites.page("export.arxiv.org/api/query?max_results=1&id_list=2101.00001", paper)
        editor = opened("2027-03-04", text, cell=ASKING_LOOPBACK.replace("PORTS", f"dict({list(sites.ports.items())})"))
        editor.press("paste")
        editor.tab.locator(".embedai-dialog textarea").fill(
            f"{ARTICLE}?utm_source=x\n2101.00001v2\nocto/gone\n{EXPIRING}"
        )
        editor.press("paste-do")
        editor.says(lambda issue: [len(section.entries) for section in issue.sections] == [3, 1, 1, 1])
        row = editor.tab.locator(".embedai-row", has_text="晶圆厂")
        row.locator(".embedai-lacks", has_text="曾收录").wait_for()
        waiting = editor.tab.locator(".embedai-row", has_text="octo/gone")
        waiting.locator(".embedai-lacks", has_text="待补").wait_for()
        editor.says(lambda issue: [item.title != "" for item in issue.entries] == [True, True, True, True, True, False])
        editor.says(lambda issue: "没有这个网页" in issue.entries[-1].note)
    back, said = editor.tab.locator(".embedai-notice textarea"), editor.tab.locator(".embedai-notice span")
    assert back.input_value() == EXPIRING
    assert (said.bounding_box() or {})["width"] > 200

    editor.select("晶圆厂")
    before = editor.tab.locator(".embedai-before a")
    assert (before.inner_text(), before.get_attribute("href")) == ("随笔", ARTICLE)
    editor.tab.locator(".embedai-findings button.embedai-small", has_text="标点").click()
    editor.says(lambda issue: any(item.title == "晶圆厂动工，小芯片" for item in issue.entries))
    editor.press("undo")
    editor.says(lambda issue: any(item.title == "晶圆厂动工，，小芯片" for item in issue.entries))
    editor.press("undo")
    editor.says(
        lambda issue: len(issue.entries) == 6 and not any(item.title.startswith("晶圆") for item in issue.entries)
    )
    editor.press("undo")
    editor.says(lambda issue: len(issue.entries) == 3)

    keys = editor.tab.keyboard
    keys.press("Alt+KeyF")
    keys.type("随笔")
    editor.tab.locator(".embedai-hits mark", has_text="随笔").first.wait_for()
    keys.press("ArrowDown")
    assert editor.focused() == "embedai-hit"
    assert "2026-10-01" in editor.tab.locator(".embedai-hits").inner_text()
    keys.press("ArrowUp")
    assert editor.focused() == "embedai-words"


def test_nothing_sticks_out_of_a_narrow_window(opened: Opener, lab: Lab, text: str) -> None:
    editor = opened("2027-03-03", text)
    editor.tab.set_viewport_size({"width": 1024, "height": 768})
    path = lab.folder / "drafts" / f"{editor.date}.yaml"
    editor.field("headline").focus()
    composing = composes(editor, "w", "wo")  # so she has begun before the other one saves, and not yet ended
    path.write_text(path.read_text(encoding="utf-8").replace("[词]", "[别人的词]"), encoding="utf-8")
    composing.send("Input.insertText", {"text": "我的词"})
    editor.tab.locator(".embedai-tab-conflict").wait_for()
    outside = editor.tab.evaluate(
        """(() => {
        const box = document.querySelector('.embedai-editor').getBoundingClientRect();
        const all = [...document.querySelectorAll('.embedai-top *, .embedai-banner *, .embedai-tools *')];
        return all.map((e) => [e.className, e.getBoundingClientRect()])
          .filter(([, r]) => r.width && (r.right > box.right || r.left < box.left)).map(([name]) => name);
        })()"""
    )
    editor.tab.set_viewport_size({"width": 1440, "height": 900})
    assert outside == []


def test_the_server_listens_on_loopback_only_and_wants_its_token(lab: Lab) -> None:
    assert lab.address.startswith("http://127.0.0.1:")
    assert len(lab.token) >= 32
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{lab.address}api/contents")
    assert refused.value.code == 403
    refused.value.close()


def test_200_items_are_up_and_selected_quickly_enough_to_work_with(opened: Opener, text: str) -> None:
    items = [Item(title=f"第{n}条", url=f"https://e.com/{n}", fields={"摘要": "一段话。"}) for n in range(200)]
    many = "\n".join(f"      - {{title: {item.title}, url: {item.url}, fields: {{摘要: 一段话。}}}}" for item in items)
    editor = opened("2027-03-02", text.replace("  - name: 博文\n    items:\n", f"  - name: 博文\n    items:\n{many}\n"))
    assert editor.tab.locator(".embedai-row").count() == 204
    editor.select("第150条")
    editor.type("title", "第一百五十条")
    editor.says(lambda issue: any(item.title == "第一百五十条" for item in issue.entries))


def test_the_command_starts_it_on_a_new_draft(tmp_path: Path) -> None:
    folder = tmp_path / "issues"
    folder.mkdir()
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
    words = [sys.executable, "-m", "embedai_nb", "--issues", str(folder), "edit", "--no-browser", "2026-11-15"]
    surroundings = os.environ | {"PYTHONPATH": str(PROJECT)}
    runtime = folder / ".cache" / "jupyter" / "runtime"
    log = tmp_path / "jupyter.log"
    with open(log, "wb") as said, subprocess.Popen(words, env=surroundings, stdout=said, stderr=said) as started:
        try:
            until(lambda: started.poll() is not None or said_by(runtime))
            assert started.poll() is None, log.read_text(encoding="utf-8")
        finally:
            started.terminate()
    assert (folder / "drafts" / "2026-11-15.yaml").exists()
    assert "/doc/workspaces/2026-11-15?token=" in log.read_text(encoding="utf-8")
