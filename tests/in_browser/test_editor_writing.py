"""Writing in the form in real JupyterLab in real Chromium: what counts is what stands in the draft and lies beside it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from tests.form_words import WORDS
from tests.loopback import running
from tests.test_rich_paste import PNG, WECHAT, WORD

from .jupyterlab import Editor, Lab, Opener, until
from .test_editor import ASKING_LOOPBACK

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

pytestmark = pytest.mark.browser


SUMMARY = "fields.摘要"
EVENT = """(input, [kind, html, text, image]) => {
  const data = new DataTransfer();
  if (html) data.setData("text/html", html);
  if (text) data.setData("text/plain", text);
  if (image) data.items.add(new File([Uint8Array.from(atob(image), (c) => c.charCodeAt(0))], "x.bin", { type: "image/png" }));
  input.focus();
  const { left, top } = input.getBoundingClientRect();
  const about = { bubbles: true, cancelable: true, clientX: left + 2, clientY: top + 2 };
  input.dispatchEvent(kind === "paste" ? new ClipboardEvent(kind, { ...about, clipboardData: data }) : new DragEvent(kind, { ...about, dataTransfer: data }));
}"""
ARTICLE = """<h2>一个标题</h2><p>看<a href="https://example.com/a">这里</a>，<b>加粗。</b>后面</p>
<ul><li>一<ul><li>二</li></ul></li></ul><table><tr><th>名</th><th>数</th></tr><tr><td>甲</td><td>1</td></tr></table><pre><code>x = 1
y = 2</code></pre>"""
AS_MARKDOWN = "**一个标题**\n\n看[这里](https://example.com/a)，**加粗。**后面\n\n- 一\n  - 二\n\n| 名 | 数 |\n| --- | --- |\n| 甲 | 1 |\n\n```\nx = 1\ny = 2\n```"


@pytest.fixture(autouse=True)
def clipboard(window: BrowserContext) -> None:
    window.grant_permissions(["clipboard-read", "clipboard-write"])


def at(opened: Opener, date: str, text: str, title: str = "大模型") -> Editor:
    """The form on an item, its summary empty and with the caret."""
    editor = opened(date, text)
    editor.select(title)
    editor.field(SUMMARY).fill("")
    editor.says(lambda issue: not issue.entries[1].fields.get("摘要"))
    editor.field(SUMMARY).focus()
    return editor


def happens(editor: Editor, kind: str, *, html: str = "", text: str = "", image: bytes = b"") -> None:
    """Something is pasted or dropped into the summary."""
    editor.field(SUMMARY).evaluate(EVENT, [kind, html, text, base64.b64encode(image).decode()])


def summary(editor: Editor, wanted: str) -> None:
    editor.says(lambda issue: issue.entries[1].fields.get("摘要") == wanted)


class TestRichPaste:
    def test_what_is_copied_from_a_page_arrives_as_markdown_and_undo_gives_its_plain_text(
        self, opened: Opener, text: str
    ) -> None:
        editor = at(opened, "2028-01-01", text)
        page = editor.tab.context.new_page()
        page.set_content(ARTICLE)
        page.bring_to_front()
        page.locator("h2").click()
        page.keyboard.press("Control+KeyA")
        page.keyboard.press("Control+KeyC")
        editor.tab.bring_to_front()
        until(lambda: "一个标题" in editor.tab.evaluate("navigator.clipboard.readText()"), editor.tab)
        page.close()
        editor.field(SUMMARY).focus()
        editor.tab.keyboard.press("Control+KeyV")
        summary(editor, AS_MARKDOWN)
        assert editor.focused() == SUMMARY
        editor.tab.keyboard.type("接着写")
        summary(editor, AS_MARKDOWN + "接着写")
        while "**" in editor.field(SUMMARY).input_value():
            editor.tab.keyboard.press("Control+KeyZ")
        editor.says(lambda issue: "看这里，加粗。后面" in issue.entries[1].fields["摘要"])

        editor.field(SUMMARY).fill("")
        editor.tab.keyboard.press("Control+Shift+KeyV")
        editor.says(lambda issue: "看这里，加粗。后面" in issue.entries[1].fields.get("摘要", ""))
        assert "**" not in editor.field(SUMMARY).input_value()

    @pytest.mark.parametrize("source", [WORD, WECHAT], ids=["word", "wechat"])
    def test_from_word_and_wechat(self, opened: Opener, text: str, source: tuple[str, str]) -> None:
        html, markdown = source
        editor = at(opened, "2028-01-02", text)
        happens(editor, "paste", html=html, text="纯文字")
        summary(editor, markdown)

    def test_typing_goes_on_while_it_is_converted(self, opened: Opener, text: str) -> None:
        editor = at(opened, "2028-01-03", text)
        editor.tab.keyboard.type("前")
        editor.tab.evaluate(
            """([event, path, html]) => {
            const input = document.querySelector(`[data-field="${path}"]`);
            (eval(event))(input, ["paste", html, "纯文字", ""]);
            document.execCommand("insertText", false, "后");
            }""",
            [EVENT, SUMMARY, "<p>纯<b>文字</b></p>"],
        )
        summary(editor, "前纯**文字**后")
        assert editor.tab.evaluate("document.activeElement.selectionStart") == len("前纯**文字**后")

    def test_images_of_a_page_are_saved_beside_the_draft_when_that_is_wished(
        self, opened: Opener, lab: Lab, text: str
    ) -> None:
        with running() as sites:
            sites.page("mp.weixin.qq.com/mmbiz/640", PNG)
            cell = ASKING_LOOPBACK.replace("PORTS", f"dict({list(sites.ports.items())})")
            editor = opened("2028-01-04", text, cell=cell)
            editor.select("大模型")
            html = '<p>见图</p><img data-src="https://mp.weixin.qq.com/mmbiz/640">'
            happens(editor, "paste", html=html, text="见图")
            editor.press("save-images")
            editor.says(lambda issue: "](images/" in issue.entries[1].fields.get("摘要", ""))
        address = editor.draft.entries[1].fields["摘要"].partition("](")[2].rstrip(")")
        assert (lab.folder / address).read_bytes() == PNG

    def test_a_pasted_and_a_dropped_image_is_saved_and_shown(self, opened: Opener, lab: Lab, text: str) -> None:
        newsletter = lab.folder / "newsletter.yaml"
        usual = newsletter.read_text("utf-8")
        newsletter.write_text(usual.replace("images: link", "images: show"), "utf-8")
        try:
            editor = at(opened, "2028-01-05", text)
            happens(editor, "paste", image=PNG)
            editor.says(lambda issue: "](images/" in issue.entries[1].fields.get("摘要", ""))
            once = editor.draft.entries[1].fields["摘要"]
            happens(editor, "drop", image=PNG)
            summary(editor, once + once)
            assert len(list((lab.folder / "images").iterdir())) == 1
            image = editor.tab.frame_locator(".embedai-beside iframe").locator("img").first
            until(lambda: image.evaluate("(image) => image.naturalWidth") == 1, editor.tab)
            happens(editor, "drop", image=b"MZ this is no image")
            editor.tab.locator(".embedai-notice", has_text=WORDS["image-unknown"]).wait_for()
            assert editor.field(SUMMARY).input_value() == once + once
        finally:
            newsletter.write_text(usual, "utf-8")


class TestMarks:
    def test_each_key_sets_its_mark_and_takes_it_away(self, opened: Opener, text: str) -> None:
        editor = at(opened, "2028-02-01", text)
        keys = editor.tab.keyboard
        keys.type("一句话")
        for key, marked in (
            ("KeyB", "一**句话**"),
            ("KeyI", "一*句话*"),
            ("KeyE", "一`句话`"),
            ("Backquote", "一`句话`"),
        ):
            select(editor, "句话")
            keys.press(f"Control+{key}")
            assert editor.field(SUMMARY).input_value() == marked
            keys.press(f"Control+{key}")
            assert editor.field(SUMMARY).input_value() == "一句话"
        keys.press("Control+KeyK")
        keys.type("https://e.com/x")
        summary(editor, "一[句话](https://e.com/x)")
        keys.press("Control+KeyK")
        summary(editor, "一句话")
        keys.press("Control+KeyZ")
        summary(editor, "一[句话](https://e.com/x)")

    def test_bold_and_italic_are_told_apart_and_lines_are_marked_one_by_one(self, opened: Opener, text: str) -> None:
        editor = at(opened, "2028-02-02", text)
        editor.field(SUMMARY).fill("**粗**\n\n- 二")
        select(editor, "粗")
        editor.tab.keyboard.press("Control+KeyI")
        assert editor.field(SUMMARY).input_value() == "***粗***\n\n- 二"
        editor.tab.keyboard.press("Control+KeyB")
        assert editor.field(SUMMARY).input_value() == "*粗*\n\n- 二"
        editor.field(SUMMARY).select_text()
        editor.tab.keyboard.press("Control+KeyB")
        assert editor.field(SUMMARY).input_value() == "***粗***\n\n- **二**"
        editor.tab.keyboard.press("Control+KeyB")
        summary(editor, "*粗*\n\n- 二")


def select(editor: Editor, part: str) -> None:
    script = "(input, part) => { const at = input.value.indexOf(part); input.focus(); input.setSelectionRange(at, at + part.length); }"
    editor.field(SUMMARY).evaluate(script, part)


IN_VIEW = """(line) => {
  const frame = window.frameElement.getBoundingClientRect(), view = window.frameElement.closest(".embedai-beside").getBoundingClientRect();
  const { top, bottom } = line.getBoundingClientRect();
  return frame.top + top >= view.top && frame.top + bottom <= view.bottom;
}"""


class TestPreview:
    def test_beside_the_fields_it_stays_in_view_and_follows_the_item(self, opened: Opener, text: str) -> None:
        editor = opened("2028-03-01", text)
        editor.select("小模型")
        frame = editor.tab.frame_locator(".embedai-beside iframe")
        frame.get_by_text("小模型").wait_for()
        editor.field(SUMMARY).fill("一行。\n\n" * 80 + "末行。")
        frame.get_by_text("末行").wait_for()
        until(lambda: frame.get_by_text("末行").evaluate(IN_VIEW), editor.tab)
        editor.field("note").focus()
        beside, fields = (editor.tab.locator(f".embedai-{name}").bounding_box() for name in ("beside", "form"))
        assert beside
        assert fields
        assert beside["x"] >= fields["x"] + fields["width"]
        assert beside["y"] > 0, "it is where the fields were scrolled away"
        assert beside["y"] + beside["height"] <= 900
        editor.select("随笔")
        frame.get_by_text("随笔").wait_for()

    def test_in_a_narrow_window_it_is_below_them(self, opened: Opener, text: str) -> None:
        editor = opened("2028-03-02", text)
        editor.select("小模型")
        with sized(editor, 1024, 768):
            beside, fields = (editor.tab.locator(f".embedai-{name}").bounding_box() for name in ("beside", "form"))
        assert beside
        assert fields
        assert beside["y"] >= fields["y"] + fields["height"]


class sized:  # noqa: N801 - used as a function
    """The window in another size, for the time of a block."""

    def __init__(self, editor: Editor, width: int, height: int) -> None:
        self.tab, self.size = editor.tab, {"width": width, "height": height}

    def __enter__(self) -> None:
        self.tab.set_viewport_size(self.size)  # type: ignore[arg-type]  # playwright's own dict

    def __exit__(self, *_: object) -> None:
        self.tab.set_viewport_size({"width": 1440, "height": 900})


class TestOutline:
    def test_dragging_moves_items_and_sections_and_says_where_they_are(self, opened: Opener, text: str) -> None:
        editor = opened("2028-04-01", text)
        rows = editor.tab.locator(".embedai-list [data-key]")
        row = lambda name: rows.filter(has_text=name).first  # noqa: E731
        shown = lambda *names: [each for text in rows.all_inner_texts() for each in names if each in text] == [*names]  # noqa: E731
        row("小模型").drag_to(row("随笔"), target_position={"x": 60, "y": 2})
        editor.says(lambda issue: [item.title for item in issue.entries] == ["大模型", "小模型", "随笔"])
        editor.tab.locator(".embedai-heard", has_text="小模型").wait_for(state="attached")
        row("大模型").drag_to(row("随笔"), target_position={"x": 60, "y": 20})
        editor.says(lambda issue: [item.title for item in issue.entries] == ["小模型", "随笔", "大模型"])
        editor.press("undo")
        editor.says(lambda issue: [item.title for item in issue.entries] == ["大模型", "小模型", "随笔"])
        until(lambda: shown("大模型", "小模型", "随笔"), editor.tab)
        before = [section.name for section in editor.draft.sections]
        row("博文").drag_to(row(before[0]), target_position={"x": 60, "y": 2})
        editor.says(lambda issue: issue.sections[0].name == "博文")

    def test_an_empty_issue_says_what_to_do_first(self, opened: Opener, desk: Editor) -> None:
        editor = opened("2028-04-02", EMPTY)
        assert editor.tab.get_by_text(WORDS["begin-title"]).is_visible()
        editor.press("begin-paste")
        editor.tab.locator(".embedai-dialog textarea").fill("- [一条 | 某站](https://example.com/1)\n摘要：一段。")
        editor.press("paste-do")
        editor.says(lambda issue: len(issue.entries) == 1)
        editor.tab.locator(".embedai-notice", has_text="放进了 1 条").wait_for()
        assert not editor.tab.get_by_text(WORDS["begin-title"]).is_visible()
        editor.press("undo")
        editor.says(lambda issue: len(issue.entries) == 0)
        editor.tab.wait_for_function("!document.querySelector('.embedai-notice').textContent")


EMPTY = "schema: 1\ndate: 2026-11-15\nsections:\n  - name: 论文\n    items: []\n"


class TestFixes:
    def test_all_safe_fixes_show_what_changed_and_are_undone_as_one(self, opened: Opener, text: str) -> None:
        editor = opened("2028-05-01", text.replace("第一段。", "第一段，，").replace("随笔", "随笔，，"))
        before = editor.draft
        editor.tab.locator(".embedai-tab-findings").click()
        editor.press("fix-all")
        editor.says(lambda issue: "，，" not in str(issue))
        editor.tab.locator(".embedai-fixed ins").first.wait_for()
        editor.press("fixed-undo")
        editor.says(lambda issue: issue == before)
        editor.tab.locator(".embedai-fixed").wait_for(state="detached")

    def test_the_keys_of_a_field_lead_from_title_to_summary(self, opened: Opener, text: str) -> None:
        editor = opened(
            "2028-05-02", text.replace("          摘要: |", "          论文: https://e.com/4\n          摘要: |")
        )
        editor.select("小模型")
        editor.field("title").focus()
        for wanted in ("url", "source", SUMMARY):
            editor.tab.keyboard.press("Enter")
            assert editor.focused() == wanted
        assert editor.field("text").count() == 0
        editor.press("add-text")
        editor.tab.wait_for_function("document.activeElement?.dataset?.field === 'text'")


LIGHT = {"JupyterLab Light": "true", "JupyterLab Dark": "false"}
TABS = ("edit", "preview", "findings", "wechat", "changes", "search", "inbox")


class TestForEverybody:
    def test_every_tab_is_reached_from_every_tab_and_pages_scroll_by_key(self, opened: Opener, text: str) -> None:
        editor = opened("2028-06-01", text.replace("第一段。", "第一段。\n\n            还有一段。" * 40))
        editor.select("小模型")
        editor.field("title").focus()
        keys = editor.tab.keyboard
        shown = lambda tab: editor.tab.locator(f".embedai-tab-{tab}[aria-selected=true]").wait_for()  # noqa: E731
        for here in range(len(TABS)):
            for there in range(len(TABS)):
                keys.press(f"Alt+Digit{here + 1}")
                shown(TABS[here])
                keys.press(f"Alt+Digit{there + 1}")
                shown(TABS[there])
        keys.press("Alt+Digit1")
        assert editor.focused() == "title"
        keys.press("Alt+Digit2")
        editor.tab.frame_locator(".embedai-page:visible iframe").get_by_text("大模型").first.wait_for()
        keys.press("PageDown")
        editor.tab.wait_for_function("document.querySelector('.embedai-view-preview').scrollTop > 300")
        editor.tab.frame_locator(".embedai-page:visible iframe").get_by_text("大模型").first.click()
        keys.press("Alt+Digit1")
        shown("edit")

    @pytest.mark.parametrize("theme", LIGHT)
    def test_axe_finds_nothing_in_any_tab(self, opened: Opener, text: str, theme: str, axe: str) -> None:
        editor = opened("2028-06-02", text.replace("第一段。", "第一段，，"))
        editor.tab.evaluate("(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
        editor.tab.wait_for_selector(f"body[data-jp-theme-light={LIGHT[theme]}]", state="attached")
        editor.tab.evaluate(axe)
        editor.select("小模型")
        found: list[Any] = []
        for tab in TABS:
            editor.tab.locator(f".embedai-tab-{tab}").click()
            if tab in ("preview", "wechat", "changes"):
                editor.tab.locator(f".embedai-view-{tab} iframe").wait_for()
            said = editor.tab.evaluate(
                "axe.run('.embedai-editor', { iframes: false }).then(({ violations }) => violations)"
            )
            found += [
                (tab, one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"]) for one in said
            ]
        editor.tab.locator(".embedai-tab-edit").click()
        assert found == []

    @pytest.mark.parametrize("size", [(320, 640), (640, 480), (720, 450)])
    def test_nothing_overlaps_or_is_cut_in_a_small_window(
        self, opened: Opener, text: str, size: tuple[int, int]
    ) -> None:
        editor = opened("2028-06-03", text)
        editor.select("小模型")
        with sized(editor, *size):
            for tab in TABS:
                editor.tab.locator(f".embedai-tab-{tab}").click()
                assert editor.tab.evaluate(OVERLAPPING) == [], tab
            editor.tab.locator(".embedai-tab-edit").click()


OVERLAPPING = """() => {
  const form = document.querySelector(".embedai-editor"), box = form.getBoundingClientRect();
  const parts = [...form.querySelectorAll(":scope > :not(.embedai-copying, dialog), .embedai-top > *, .embedai-tab, .embedai-publishing > *, .embedai-adds > *, .embedai-field, .embedai-outline, .embedai-scroller")];
  const shown = parts.filter((part) => part.checkVisibility()).map((part) => [part, part.getBoundingClientRect()]).filter(([, r]) => r.width && r.height);
  const found = shown.filter(([, r]) => r.left < box.left - 1 || r.right > box.right + 1).map(([part]) => `${part.className} sticks out`);
  for (const [one, a] of shown) for (const [other, b] of shown) {
    if (one === other || one.contains(other) || other.contains(one) || !(one.compareDocumentPosition(other) & 4)) continue;
    if (a.right > b.left + 1 && b.right > a.left + 1 && a.bottom > b.top + 1 && b.bottom > a.top + 1) found.push(`${one.className} × ${other.className}`);
  }
  if (form.scrollHeight > form.clientHeight + 1 && getComputedStyle(form).overflowY !== "auto") found.push("cut");
  return found;
}"""
