"""What happened to an editor's text, one test for each story: kernels die, cables are cut, windows and programs meddle."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.conftest import PROJECT
from tests.form_words import WORDS

from .jupyterlab import Editor, Lab, Opener, serving, until

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

pytestmark = pytest.mark.browser


WORDS_TYPED = [f"第{n}词" for n in range(40)]
SUMMARY = "fields.摘要"


def asked(lab: Lab, path: str, method: str = "GET") -> Any:
    """Ask JupyterLab's server, as another program would."""
    request = urllib.request.Request(
        f"{lab.address}api/{path}", method=method, headers={"Authorization": f"token {lab.token}"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"null")


def processes(lab: Lab, *words: str) -> list[int]:
    """The processes of this lab whose command line has these words."""
    lines = subprocess.run(["ps", "-ewwo", "pid,args"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [int(line.split()[0]) for line in lines if all(word in line for word in (*words, str(lab.folder)))]


def kill(lab: Lab) -> None:
    """Kill the kernel, as the system does where memory is short."""
    for process in processes(lab, "ipykernel_launcher"):
        os.kill(process, signal.SIGKILL)


def kernel(lab: Lab, action: str) -> None:
    """Have the server restart or interrupt the kernel, as from another window."""
    for each in asked(lab, "kernels"):
        asked(lab, f"kernels/{each['id']}/{action}", "POST")


@contextmanager
def asleep(lab: Lab) -> Iterator[None]:
    """The server and the kernel stand still, as on a laptop that sleeps."""
    stopped = [*processes(lab, "jupyterlab"), *processes(lab, "ipykernel_launcher")]
    for process in stopped:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in stopped:
            os.kill(process, signal.SIGCONT)


class Cable:
    """What lies between browser and server; it can be pulled out."""

    def __init__(self, address: str) -> None:
        host, port = address.removeprefix("http://").rstrip("/").split(":")
        self.server = (host, int(port))
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.plugged, self.sockets = True, set[socket.socket]()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listening.accept()
                if not self.plugged:
                    near.close()
                    continue
                far = socket.create_connection(self.server)
                self.sockets |= {near, far}
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
            self.sockets.discard(end)

    def pull(self) -> None:
        self.plugged = False
        for each in [*self.sockets]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def plug(self) -> None:
        self.plugged = True


@pytest.fixture
def cable(lab: Lab) -> Iterator[Cable]:
    cable = Cable(lab.address)
    yield cable
    cable.pull()
    cable.listening.close()


def types(editor: Editor, words: list[str], each: Callable[[int], object] = int) -> None:
    """Type words as somebody who thinks between them does."""
    for number, word in enumerate(words):
        editor.tab.keyboard.type(f"{word} ", delay=5)
        editor.tab.wait_for_timeout(40)
        each(number)


WATCHED = """(field) => {
  window.watched = { field, blurs: 0, said: [], scrolls: 0 };
  field.addEventListener("blur", () => watched.blurs++);
  const status = document.querySelector(".embedai-status");
  new MutationObserver(() => watched.said.push(status.textContent)).observe(status, { childList: true, characterData: true, subtree: true });
}"""
CAUGHT = """() => [watched.field.isConnected, document.activeElement === watched.field, watched.blurs,
  watched.field.selectionStart === watched.field.value.length, document.querySelectorAll(".jp-Dialog").length]"""
STAYED = [True, True, 0, True, 0]
"""The same field has the keyboard, it never lost it, the caret is at the end, and there is no dialog."""


def writes(editor: Editor, meanwhile: Callable[[int], object]) -> None:
    """Type 40 words into a summary while something happens; all of them arrive there, and the field stays."""
    editor.select("大模型")
    editor.field(SUMMARY).click()
    editor.field(SUMMARY).evaluate(WATCHED)
    types(editor, WORDS_TYPED, meanwhile)
    editor.says(lambda issue: issue.entries[1].fields.get("摘要", "").split() == WORDS_TYPED)
    editor.saved()
    assert editor.tab.evaluate(CAUGHT) == STAYED


def at(number: int, action: Callable[[], object]) -> Callable[[int], object]:
    return lambda now: action() if now == number else None


class TestKeyboard:
    def test_from_the_start_every_key_reaches_the_form_and_nothing_else(self, opened: Opener, text: str) -> None:
        editor = opened("2027-11-07", text, new=True)
        editor.tab.set_viewport_size({"width": 1280, "height": 720})
        box = editor.tab.locator(".embedai-editor").bounding_box() or {}
        assert box["width"] >= 900
        assert box["height"] >= 650
        inside = "document.querySelector('.embedai-editor').contains(document.activeElement)"
        assert editor.tab.evaluate(inside)
        for key in ("x", "d", "d", "Escape", "a", "b", "Control+s", "Shift+Enter", "Enter"):
            editor.tab.keyboard.press(key)
            assert editor.tab.evaluate(inside), key
        assert editor.tab.locator(".jp-Dialog").count() == 0
        assert editor.draft.headline == ("词",)
        editor.tab.keyboard.press("Alt+KeyN")
        editor.says(lambda issue: len(issue.entries) == 4)
        editor.tab.wait_for_function("document.activeElement?.dataset?.field === 'title'")
        editor.tab.evaluate("document.activeElement.blur()")
        editor.tab.keyboard.type("没有焦点也写得进去")
        editor.says(lambda issue: any("没有焦点也写得进去" in item.title for item in issue.entries))

    def test_a_tab_takes_the_keyboard_and_gives_it_back(self, opened: Opener, text: str) -> None:
        editor = opened("2027-11-08", text)
        editor.select("小模型")
        editor.field("title").focus()
        editor.tab.keyboard.press("End")
        for digit in range(2, 7):
            editor.tab.keyboard.press(f"Alt+Digit{digit}")
            assert editor.tab.evaluate("document.activeElement !== document.body"), digit
        editor.tab.keyboard.press("Alt+Digit1")
        assert editor.focused() == "title"
        editor.tab.keyboard.type("接着写")
        editor.says(lambda issue: issue.entries[0].title == "小模型接着写")

    def test_jupyterlabs_menus_are_hidden_and_come_back(self, opened: Opener, text: str) -> None:
        editor = opened("2027-11-09", text)
        menu = editor.tab.locator("#jp-menu-panel")
        assert menu.is_hidden()
        editor.press("chrome")
        menu.wait_for()
        editor.press("chrome")
        menu.wait_for(state="hidden")


class TestKernels:
    @pytest.mark.parametrize("number", [1, 10])
    def test_killed_while_she_types(self, opened: Opener, lab: Lab, text: str, number: int) -> None:
        editor = opened(f"2027-12-{number:02}", text)

        def again(now: int) -> None:
            if now % 4 == 1 and now // 4 < number:
                until(lambda: processes(lab, "ipykernel_launcher"), editor.tab)
                kill(lab)

        writes(editor, again)
        said = editor.tab.evaluate("watched.said")
        assert number == 10 or WORDS["offline-unsaved"] in said, said

    @pytest.mark.parametrize("action", ["restart", "interrupt"])
    def test_restarted_or_interrupted_from_elsewhere(self, opened: Opener, lab: Lab, text: str, action: str) -> None:
        editor = opened("2027-12-12" if action == "restart" else "2027-12-13", text)
        threads: list[threading.Thread] = []

        def begin() -> None:
            threads.append(threading.Thread(target=kernel, args=(lab, action)))
            threads[-1].start()

        writes(editor, at(10, begin))
        threads[0].join()

    def test_a_laptop_that_sleeps(self, opened: Opener, lab: Lab, text: str) -> None:
        editor = opened("2027-12-14", text)
        cut = editor.tab.locator(".embedai-status", has_text=WORDS["offline-unsaved"])

        def sleeps() -> None:
            with asleep(lab):
                types(editor, WORDS_TYPED[10:20])
                cut.wait_for()

        editor.select("大模型")
        editor.field(SUMMARY).click()
        editor.field(SUMMARY).evaluate(WATCHED)
        types(editor, WORDS_TYPED[:10])
        sleeps()
        types(editor, WORDS_TYPED[20:])
        editor.says(lambda issue: issue.entries[1].fields.get("摘要", "").split() == WORDS_TYPED)
        assert editor.tab.evaluate(CAUGHT) == STAYED


class TestConnection:
    @pytest.fixture
    def editor(self, opened: Opener, lab: Lab, window: BrowserContext, cable: Cable, text: str) -> Any:
        (lab.folder / "drafts" / "2027-12-19.yaml").write_text(text.replace("2026-11-15", "2027-12-19"), "utf-8")
        wired = replace(lab, address=f"http://127.0.0.1:{cable.port}/")
        editor = Editor(wired, window.new_page(), "2027-12-19").watch().open()
        yield editor
        editor.tab.close()

    def test_cut_while_she_types(self, editor: Editor, cable: Cable) -> None:
        cut = editor.tab.locator(".embedai-status", has_text=WORDS["offline-unsaved"])

        def meanwhile(number: int) -> None:
            if number == 10:
                cable.pull()
            if number == 25:
                cut.wait_for()
                cable.plug()

        writes(editor, meanwhile)

    def test_another_item_is_clicked_and_typed_into(self, editor: Editor, cable: Cable) -> None:
        editor.select("小模型")
        cable.pull()
        editor.tab.locator(".embedai-status", has_text=WORDS["offline"]).wait_for()
        editor.select("大模型")
        editor.field(SUMMARY).click()
        editor.tab.keyboard.type("断线时写的")
        editor.tab.keyboard.press("Alt+ArrowUp")
        editor.tab.locator(".embedai-notice", has_text=WORDS["offline-refused"]).wait_for()
        editor.select("小模型")
        editor.select("大模型")
        assert editor.field(SUMMARY).input_value() == "断线时写的"
        cable.plug()
        editor.says(lambda issue: issue.entries[1].fields == {"摘要": "断线时写的"})
        assert editor.draft.entries[0].fields == {"摘要": "第一段。\n第二段。"}
        assert [item.title for item in editor.draft.entries] == ["小模型", "大模型", "随笔"]


class TestOthers:
    def test_two_windows_edit_two_items_without_noticing_each_other(self, opened: Opener, lab: Lab, text: str) -> None:
        left = opened("2027-12-20", text)
        right = opened("2027-12-20", new=True)
        left.select("大模型")
        left.field(SUMMARY).click()
        left.field(SUMMARY).evaluate(WATCHED)
        right.select("随笔")
        right.field("title").click()
        right.tab.keyboard.press("End")

        def meanwhile(number: int) -> None:
            if number % 10 == 5:
                right.select("小模型" if number % 20 == 5 else "随笔")
            right.tab.keyboard.type("右")

        right.field("source").click()
        types(left, WORDS_TYPED, meanwhile)
        left.says(lambda issue: issue.entries[1].fields.get("摘要", "").split() == WORDS_TYPED)
        assert left.tab.evaluate(CAUGHT) == STAYED
        left.saved()
        right.saved()

    def test_a_change_from_outside_under_a_field_that_was_just_typed_in(
        self, opened: Opener, lab: Lab, text: str
    ) -> None:
        editor = opened("2027-12-21", text)
        editor.select("大模型")
        editor.field("title").click()
        editor.tab.keyboard.press("End")
        editor.tab.keyboard.type("又写 ")
        editor.says(lambda issue: issue.entries[1].title == "大模型又写")
        editor.saved()
        path = lab.folder / "drafts" / "2027-12-21.yaml"
        path.write_text(path.read_text("utf-8").replace("大模型又写", "别人的标题"), "utf-8")
        editor.tab.locator(".embedai-notice", has_text=WORDS["reloaded"]).wait_for()
        assert editor.field("title").input_value() == "别人的标题"
        assert editor.focused() == "title"
        editor.tab.keyboard.press("Alt+KeyZ")
        editor.says(lambda issue: issue.entries[1].title == "大模型又写")
        until(lambda: editor.field("title").input_value() == "大模型又写", editor.tab)
        assert editor.tab.locator(".embedai-tab-conflict").count() == 0


class TestStart:
    """What is done while the browser loads JupyterLab, and what isn't done at all."""

    def test_the_kernel_starts_with_the_server_and_the_page_finds_it_there(
        self, window: BrowserContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commands = tmp_path / "commands"
        commands.mkdir()
        for name in ("node", "npm"):
            (commands / name).write_text(f'#!/bin/sh\ntouch "{commands}/$(basename "$0")-was-called"\n', "utf-8")
            (commands / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(commands), prepend=os.pathsep)
        folder = tmp_path / "issues"
        folder.mkdir()
        shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
        with serving(folder) as lab:
            until(lambda: asked(lab, "sessions"))
            editor = Editor(lab, window.new_page(), "2027-12-26").watch()
            [begun] = asked(lab, "sessions")
            editor.open()
            assert [each["id"] for each in asked(lab, "sessions")] == [begun["id"]]
            [process] = processes(lab, "ipykernel_launcher")
            assert psutil.Process(process).environ()["PATH"] == os.environ["PATH"]
            editor.tab.close()
        assert sorted(path.name for path in commands.iterdir()) == ["node", "npm"]


class TestLongTexts:
    """A copy of what is not saved lies in the browser: of a long text whole, and then what was changed in it."""

    LONG = "卷积里的乘法又慢又费电。" * 2000
    LEFT = "(date) => Object.keys(localStorage).filter((name) => /^embedai(-whole:[0-9]+)?:/.test(name) && name.includes(`:${date}:`))"
    TYPED = """async (steps) => {
      const field = document.activeElement;
      for (const [start, end, text] of steps) {
        field.setSelectionRange(start, end < 0 ? field.value.length : end);
        document.execCommand("insertText", false, text);
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => setTimeout(resolve))));
      }
      return field.value;
    }"""
    """Replace ranges of a text one after the other, each until it is on screen, and no longer."""

    def test_what_was_typed_is_there_again_when_server_and_tab_were_dead(
        self, opened: Opener, lab: Lab, text: str
    ) -> None:
        from playwright.sync_api import Error

        day, long = "2027-12-27", self.LONG
        editor = opened(day, text.replace("第一段。", long), new=True)
        editor.select("小模型")
        editor.field(SUMMARY).click()
        with asleep(lab):
            steps = [[0, 0, "开头"], [9000, 9003, "中间"], [-1, -1, "末尾"], [20_000, 20_000, long], [5, 6, ""]]
            typed = editor.tab.evaluate(self.TYPED, steps)
            assert len(typed) > 2 * len(long)
            assert len(editor.tab.evaluate(self.LEFT, day)) == 3  # two texts whole, and the edits
            with suppress(Error):
                editor.tab.goto("chrome://crash")
        again = Editor(lab, editor.tab.context.new_page(), day).watch().open()
        again.says(lambda issue: issue.entries[0].fields["摘要"] == typed.removesuffix("\n"))
        again.saved()
        until(lambda: again.tab.evaluate(self.LEFT, day) == [], again.tab)
        again.tab.close()

    def test_it_is_saved_while_one_types_on(self, opened: Opener, text: str) -> None:
        editor = opened("2027-12-28", text.replace("第一段。", self.LONG))
        editor.select("小模型")
        editor.field(SUMMARY).click()
        editor.tab.keyboard.press("Control+Home")
        types(editor, WORDS_TYPED)
        expected = "".join(f"{word} " for word in WORDS_TYPED) + self.LONG
        editor.says(lambda issue: issue.entries[0].fields["摘要"].startswith(expected))
        editor.saved()
        assert editor.tab.evaluate(self.LEFT, editor.date) == []
