"""The form without a browser: what the page is told, and what becomes of what it says."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import comm
import pytest
from comm.base_comm import BaseComm

from embedai_nb.capture.messages import EXPIRING
from embedai_nb.diff.keyed import KeyedIssue
from embedai_nb.drafts import DraftStore
from embedai_nb.editor import form as forms
from embedai_nb.editor import form_data, watch_loop
from embedai_nb.editor.form import FORM_COMMANDS, Form
from embedai_nb.editor.form_words import form_words
from embedai_nb.editor.session import Session
from embedai_nb.editor.state import COMMANDS, HEAD
from embedai_nb.errors import UsageError
from embedai_nb.i18n import translator
from embedai_nb.model import Issue
from embedai_nb.workspace import atomic

from .conftest import DATA
from .form_words import WORDS
from .loopback import Sites, running
from .test_editor_state import DAY, issues

PATIENCE = 120
"""Seconds that anything may take on a busy machine."""


class Comm(BaseComm):
    """One end of a line that leads nowhere."""

    def publish_msg(self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **_: Any) -> None:
        SENT.append((msg_type, data))


SENT: list[tuple[str, Any]] = []


@pytest.fixture(autouse=True)
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(comm, "create_comm", lambda *args, **more: Comm(*args, **more))
    monkeypatch.setattr(Form, "check_soon", Form.check)
    SENT.clear()
    yield
    Form.close_all()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return issues(tmp_path / "issues")


@pytest.fixture
def form(folder: Path) -> Form:
    form = Form(Session(folder, DAY))
    form.check()
    return form


def tells(form: Form, command: str, **arguments: object) -> None:
    """What the page does when the editor does something."""
    client = form.model_id
    number = form.done.get(client, 0) + 1
    content = {"client": client, "number": number, "after": number - 1, "command": command, "arguments": arguments}
    form._handle_custom_msg(content, [])
    assert form.done[client] == number


def keys(form: Form) -> list[str]:
    return [row["key"] for part in form.outline["parts"] for row in part["rows"]]


def titles(form: Form) -> list[str]:
    return [row["title"] for part in form.outline["parts"] for row in part["rows"]]


def fields(form: Form) -> dict[str, str]:
    return {".".join(map(str, field["path"])): field["text"] for field in form.detail["fields"]}


def on_disk(folder: Path) -> Issue:
    return DraftStore(folder).load(DAY).issue


class TestShowing:
    def test_the_outline_has_everything_with_its_marks(self, form: Form) -> None:
        assert [part["name"] for part in form.outline["parts"]] == ["论文", "博文"]
        rows = [row for part in form.outline["parts"] for row in part["rows"]]
        assert [(row["mark"], row["title"], row["lacks"]) for row in rows] == [
            ("2104.14129", "小模型", []),
            ("", "大模型", ["缺摘要"]),
            ("", "随笔", ["缺摘要"]),
        ]

    def test_ready_is_marked_in_the_outline(self, form: Form) -> None:
        tells(form, "mark", key=keys(form)[0], status="ready")
        assert [row["ready"] for part in form.outline["parts"] for row in part["rows"]] == [True, False, False]

    def test_what_is_selected_is_shown_with_its_fields_and_as_the_page_shows_it(self, form: Form) -> None:
        tells(form, "select", key=keys(form)[0])
        assert fields(form)["title"] == "小模型"
        assert fields(form)["tags"] == "2104.14129"
        assert fields(form)["fields.摘要"] == "第一段。\n第二段。"
        assert "<p><b>摘要：</b>第一段。<br>第二段。</p>" in form.preview["html"].replace("\n", "")

    @pytest.mark.parametrize("key", ["head", "warmups", "closing"])
    def test_the_issue_itself_is_edited_the_same_way(self, form: Form, key: str) -> None:
        tells(form, "select", key=key)
        assert form.detail["kind"] == key
        assert form.detail["fields"]
        assert form.preview["failed"] == ""

    def test_a_newsletter_that_numbers_its_issues_has_a_field_for_the_number(self, folder: Path, form: Form) -> None:
        tells(form, "select", key=HEAD)
        assert "number" not in fields(form)
        with (folder / "newsletter.yaml").open("a", encoding="utf-8") as file:
            file.write('title: "{name}第{number}期 ({date})"\n')
        numbered = Form(Session(folder, DAY))
        tells(numbered, "select", key=HEAD)
        assert fields(numbered)["number"] == ""
        tells(numbered, "write", key=HEAD, field=["number"], text="42", base="")
        assert on_disk(folder).number == 42
        assert "第42期" in numbered.preview["html"]

    def test_the_summary_can_be_typed_where_there_is_none_yet(self, form: Form, folder: Path) -> None:
        tells(form, "select", key=keys(form)[1])
        assert fields(form)["fields.摘要"] == ""
        tells(form, "write", key=keys(form)[1], field=["fields", "摘要"], text="有了", base="")
        assert on_disk(folder).entries[1].fields == {"摘要": "有了"}

    def test_the_lead_that_the_program_would_write_is_shown_where_it_will_stand(self, form: Form) -> None:
        tells(form, "select", key=HEAD)
        lead = next(field for field in form.detail["fields"] if field["path"] == ["lead"])
        assert lead["placeholder"].startswith("本期3条。")

    def test_text_that_cannot_be_shown_says_so_in_its_preview(self, form: Form) -> None:
        deep = "\n".join("    " * n + "- 深" for n in range(1, 60))
        tells(form, "select", key=keys(form)[0])
        tells(form, "write", key=keys(form)[0], field=["text"], text=deep, base="")
        assert form.preview["failed"]

    @pytest.mark.parametrize(
        ("tab", "expected"), [("preview", "随笔"), ("wechat", "随笔"), ("changes", WORDS["never-published"])]
    )
    def test_tabs_are_made_when_they_are_shown(self, form: Form, tab: str, expected: str) -> None:
        assert form.page == {}
        tells(form, "show", tab=tab)
        assert expected in form.page["html"]

    def test_only_what_changed_is_sent(self, form: Form) -> None:
        SENT.clear()
        tells(form, "select", key=keys(form)[0])
        sent = {name for _, data in SENT for name in (data or {}).get("state", {})}
        assert {"selected", "preview", "done"} <= sent
        assert not sent & {"outline", "words", "document", "_esm", "_css", "findings"}

    def test_one_issue_is_one_widget_however_many_items_it_has(self, form: Form) -> None:
        opened = [data for kind, data in SENT if kind == "comm_open"]
        assert len(opened) <= 2  # the form and its layout


class TestSaying:
    def test_a_command_is_in_the_draft_when_it_is_acknowledged(self, form: Form, folder: Path) -> None:
        tells(form, "write", key=HEAD, field=["lead"], text="导读", base="")
        assert on_disk(folder).lead == "导读"
        assert form.status["kind"] == "saved"
        assert re.fullmatch(r"已保存 \d\d:\d\d:\d\d", form.status["text"])

    def test_a_pasted_block_becomes_items_and_the_editor_is_told(self, form: Form, folder: Path) -> None:
        block = "- [甲 | 站](https://e.com/a)\n摘要：一。\n\n- [乙](https://e.com/b)\n"
        part = form.outline["parts"][1]["key"]
        tells(form, "paste", key=keys(form)[0], text=block, target=part)
        assert [item.title for item in on_disk(folder).sections[1].entries] == ["随笔", "甲", "乙"]
        assert form.notice["text"] == "放进了 2 条、0 条小新闻。"
        tells(form, "paste", key=keys(form)[0], text="甲公司：事", target="warmups")
        assert [w.company for w in on_disk(folder).warmups] == ["甲公司", "甲公司"]

    def test_a_finding_is_mended_by_what_it_suggests(self, form: Form, folder: Path) -> None:
        tells(form, "write", key=keys(form)[0], field=["fields", "摘要"], text="好，，的", base="第一段。\n第二段。")
        found = next(each for each in form.findings if each["rule"] == "doubled-punctuation")
        tells(form, "fix", rule=found["rule"], key=found["key"], field=found["field"])
        assert on_disk(folder).entries[0].fields["摘要"] == "好，的"
        assert not [each for each in form.findings if each["rule"] == "doubled-punctuation"]

    def test_only_the_finding_that_was_meant_is_mended(self, form: Form, folder: Path) -> None:
        first, second = keys(form)[:2]
        tells(form, "write", key=first, field=["fields", "摘要"], text="好，，的", base="第一段。\n第二段。")
        tells(form, "write", key=second, field=["fields", "摘要"], text="坏，，的", base="")
        tells(form, "fix", rule="doubled-punctuation", key=second, field=["fields", "摘要"])
        assert [item.fields["摘要"] for item in on_disk(folder).entries[:2]] == ["好，，的", "坏，的"]

    def test_a_finding_that_is_meant_so_is_waived_with_a_reason_and_that_is_undone(
        self, form: Form, folder: Path
    ) -> None:
        found = next(each for each in form.findings if each["rule"] == "no-summary" and each["waivable"])
        tells(form, "waive", rule=found["rule"], key=found["key"], reason=" ")
        assert on_disk(folder).entries[1].waived == {}
        tells(form, "waive", rule=found["rule"], key=found["key"], reason="原文就是一张图")
        assert on_disk(folder).entries[1].waived == {"no-summary": "原文就是一张图"}
        again = next(each for each in form.findings if (each["rule"], each["key"]) == (found["rule"], found["key"]))
        assert (again["severity"], again["waivable"]) == ("note", False)
        tells(form, "undo")
        assert on_disk(folder).entries[1].waived == {}

    def test_findings_lead_to_what_they_are_about(self, form: Form) -> None:
        without_summary = [found["key"] for found in form.findings if found["rule"] == "no-summary"]
        assert without_summary == keys(form)[1:]
        assert {found["key"] for found in form.findings} <= {*keys(form), "head", "warmups", "closing"} | {
            part["key"] for part in form.outline["parts"]
        }

    def test_text_for_something_that_is_gone_is_shown_and_kept(self, form: Form, folder: Path) -> None:
        tells(form, "write", key="gone", field=["title"], text="不能丢", base="x")
        assert form.notice["rescued"] == "不能丢"
        assert [path.read_text("utf-8") for path in (folder / ".cache" / "kept").iterdir()] == ["不能丢"]

    def test_text_of_a_page_whose_kernel_died_finds_its_place(self, form: Form, folder: Path) -> None:
        near = [[["title"], "随笔"], [["url"], "https://e.com/3"]]
        tells(
            form, "recover", key="other-kernel", field=["fields", "摘要"], text="找回", bases=[""], near=near, done=True
        )
        assert on_disk(folder).entries[2].fields == {"摘要": "找回"}

    def test_text_of_a_page_is_kept_where_there_is_no_draft_to_put_it_into(self, folder: Path) -> None:
        (folder / "drafts" / f"{DAY}.yaml").unlink()
        form = Form(Session(folder, DAY))
        tells(form, "recover", key="gone", field=["title"], text="不能丢", bases=[""], done=True)
        assert form.notice["rescued"] == "不能丢"
        assert [path.read_text("utf-8") for path in (folder / ".cache" / "kept").iterdir()] == ["不能丢"]

    def test_half_a_surrogate_pair_is_no_text(self, form: Form, folder: Path) -> None:
        tells(form, "write", key=HEAD, field=["lead"], text="好\ud83d", base="")
        assert on_disk(folder).lead == "好\ufffd"

    def test_another_date(self, form: Form, folder: Path) -> None:
        tells(form, "reschedule", date="2026-02-30")
        assert "2026-02-30" in form.notice["text"]
        tells(form, "reschedule", date="2026-11-22")
        assert form.issue["date"] == "2026-11-22"
        assert (folder / "drafts" / "2026-11-22.yaml").exists()


ARTICLE = "https://mp.weixin.qq.com/s/abc"
PAPER = "2101.00001"
LINKS = f"{ARTICLE}\n{PAPER}v2\nocto/gone"


class TestCapturing:
    @pytest.fixture
    def sites(self) -> Iterator[Sites]:
        with running() as sites:
            paper = (DATA / "capture" / "paper.xml").read_text("utf-8")
            sites.page(f"export.arxiv.org/api/query?max_results=1&id_list={PAPER}", paper)
            sites.page("mp.weixin.qq.com/s/abc", (DATA / "capture" / "article.html").read_text("utf-8"))
            yield sites

    def pastes(self, form: Form, text: str) -> None:
        tells(form, "paste", key=keys(form)[0], text=text, target=form.outline["parts"][0]["key"])

    def pastes_and_waits(self, folder: Path, text: str, sites: Sites) -> Form:
        async def runs() -> Form:
            form = Form(Session(folder, DAY, fetcher=sites.fetcher()))
            self.pastes(form, text)
            await asyncio.gather(*form.asking)
            return form

        return asyncio.run(runs())

    def lacks(self, form: Form) -> dict[str, list[str]]:
        rows = [row for part in form.outline["parts"] for row in part["rows"]]
        return {row["title"] or row["mark"]: row["lacks"] for row in rows}

    def test_links_become_items_where_they_belong_before_anybody_is_asked(self, form: Form, folder: Path) -> None:
        self.pastes(form, LINKS)
        sections = {section.name: [item.url for item in section.entries] for section in on_disk(folder).sections}
        assert sections["业界新闻"] == [ARTICLE]
        assert sections["论文"][1] == f"https://arxiv.org/abs/{PAPER}"
        assert sections["开源项目"] == ["https://github.com/octo/gone"]
        assert form.notice["text"] == "放进了 3 条、0 条小新闻。"
        assert self.lacks(form)[PAPER][0] == "待补"
        assert form.detail["pending"]
        tells(form, "undo")
        assert len(on_disk(folder).entries) == 3

    def test_what_the_sites_say_is_filled_in_and_can_be_undone_at_once(self, folder: Path, sites: Sites) -> None:
        form = self.pastes_and_waits(folder, LINKS, sites)
        items = {item.url: item for item in on_disk(folder).entries}
        assert items[ARTICLE].title == "晶圆厂动工，小芯片&大机会"
        assert items[f"https://arxiv.org/abs/{PAPER}"].title
        assert "待补" in items["https://github.com/octo/gone"].note
        assert form.notice["text"] == WORDS["asked-pending"].format(count=1)
        assert "待补" in self.lacks(form)["octo/gone"]
        assert "待补" not in self.lacks(form)["晶圆厂动工，小芯片&大机会"]
        tells(form, "undo")
        assert [item.title for item in on_disk(folder).entries if item.url == ARTICLE] == [""]
        tells(form, "undo")
        assert len(on_disk(folder).entries) == 3

    def test_an_item_can_be_asked_about_again(self, folder: Path, sites: Sites) -> None:
        form = self.pastes_and_waits(folder, "octo/gone", sites)
        repository = (DATA / "capture" / "repository.json").read_text("utf-8")
        sites.page("api.github.com/repos/octo/gone", repository)

        async def again() -> None:
            tells(form, "ask", key=form.detail["key"])
            await asyncio.gather(*form.asking)

        asyncio.run(again())
        assert not form.detail["pending"]
        assert fields(form)["title"]

    def test_what_must_not_become_an_item_is_given_back_with_what_to_do(self, form: Form, folder: Path) -> None:
        expiring = "https://mp.weixin.qq.com/s?src=11&timestamp=1&signature=abc"
        self.pastes(form, f"{expiring}\n{PAPER}")
        assert form.notice["text"] == "放进了 1 条、0 条小新闻。" + WORDS["refused"].format(
            count=1, reasons=translator("zh-CN")(EXPIRING)
        )
        assert form.notice["rescued"] == expiring
        assert [path.read_text("utf-8") for path in (folder / ".cache" / "kept").iterdir()] == [expiring]
        assert len(on_disk(folder).entries) == 4

    def test_markdown_and_links_at_once(self, form: Form, folder: Path) -> None:
        self.pastes(form, f"{PAPER}\n\n- [甲 | 站](https://e.com/a)\n摘要：一。\n")
        assert [item.title for item in on_disk(folder).sections[0].entries] == ["小模型", "甲", "", "大模型"]
        tells(form, "paste", key="head", text="https://e.com/b", target="warmups")
        assert on_disk(folder).sections[1].entries[-1].url == "https://e.com/b"


class TestEarlierIssues:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = issues(tmp_path / "issues")
        text = (folder / "drafts" / f"{DAY}.yaml").read_text("utf-8").replace(str(DAY), "2026-09-20")
        text = text.replace("title: 随笔", "title: 在手机上跑小模型的随笔").replace("e.com/2", "e.com/old")
        (folder / "drafts" / "2026-09-20.yaml").write_text(text, encoding="utf-8")
        return folder

    def test_items_that_were_there_before_are_marked_and_say_when(self, form: Form) -> None:
        rows = [row for part in form.outline["parts"] for row in part["rows"]]
        assert "曾收录" in rows[0]["lacks"]
        assert form.earlier[rows[0]["key"]] == [
            {"says": "earlier", "date": "2026-09-20", "title": "小模型", "url": "https://e.com/1"}
        ]

    def test_it_is_noticed_while_the_address_is_typed(self, form: Form) -> None:
        key = keys(form)[1]
        assert [each["says"] for each in form.earlier[key]] == ["earlier-title"]
        tells(form, "write", key=key, field=["url"], text="https://e.com/old?utm_source=x", base="https://e.com/2")
        assert [each["says"] for each in form.earlier[key]] == ["earlier"]
        assert "曾收录" in form.outline["parts"][0]["rows"][1]["lacks"]

    def test_other_issues_are_searched_with_the_match_marked(self, form: Form) -> None:
        tells(form, "search", words="手机")
        (hit,) = form.hits["hits"]
        assert (hit["date"], hit["section"], hit["source"], hit["url"]) == (
            "2026-09-20", "博文", "某站", "https://e.com/3",
        )  # fmt: skip
        assert hit["title"] == [["在", False], ["手机", True], ["上跑小模型的随笔", False]]
        tells(form, "search", words="小模型")
        assert {hit["date"] for hit in form.hits["hits"]} == {"2026-09-20"}, "not this issue, which has it too"
        tells(form, "search", words="没有这样的词")
        assert form.hits == {"query": "没有这样的词", "hits": [], "more": False}


class TestMessages:
    """What a page sends again after its kernel or its connection was gone."""

    def sends(self, form: Form, number: int, after: int, command: str, **arguments: object) -> None:
        content = {"client": "page", "number": number, "after": after, "command": command, "arguments": arguments}
        form._handle_custom_msg(content, [])

    def write(self, form: Form, number: int, after: int, text: str, base: str) -> None:
        self.sends(form, number, after, "write", key=HEAD, field=["lead"], text=text, base=base)

    def greet(self, form: Form, kept: int, key: str = HEAD) -> None:
        arguments = {"client": "page", "greeting": "1", "acknowledged": {"page": kept}, "key": key, "tab": "edit"}
        form._handle_custom_msg({"client": "page", "number": 0, "command": "greet", "arguments": arguments}, [])

    def test_a_message_is_handled_once(self, form: Form, folder: Path) -> None:
        self.sends(form, 1, 0, "add", key=keys(form)[0], kind="item")
        self.sends(form, 1, 0, "add", key=keys(form)[0], kind="item")
        assert len(on_disk(folder).entries) == 4
        assert form.done["page"] == form.kept["page"] == 1

    def test_a_message_whose_predecessor_was_lost_waits_for_it(self, form: Form, folder: Path) -> None:
        self.write(form, 2, 1, "一二", "一")
        assert (on_disk(folder).lead, form.done["page"]) == (None, 0)
        self.write(form, 1, 0, "一", "")
        self.write(form, 2, 1, "一二", "一")
        assert (on_disk(folder).lead, form.trouble) == ("一二", {})

    def test_a_new_kernel_goes_on_where_the_last_one_was_killed(self, form: Form, folder: Path) -> None:
        selected = keys(form)[1]
        self.sends(form, 1, 0, "write", key=selected, field=["note"], text="一 ", base="")
        self.sends(form, 2, 1, "write", key=selected, field=["note"], text="一 二 ", base="一 ")
        again = Form(Session(folder, DAY))
        self.greet(again, 0, selected)
        assert (again.selected, again.done["page"]) == (selected, 2), "the page had heard nothing of both"
        write = {"key": selected, "field": ["note"], "text": "一 二 三", "bases": ["一 二 "]}
        self.sends(again, 3, 2, "recover", **write)
        assert (on_disk(folder).entries[1].note, again.trouble) == ("一 二 三", {})

    def test_what_is_not_on_disk_is_not_kept(self, form: Form, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(atomic, "write_durably", full)
            self.write(form, 1, 0, "不能丢", "")
            assert (form.done["page"], form.kept.get("page", 0)) == (1, 0)
        form.session.sync()
        form.refresh()
        assert form.kept["page"] == 1

    def test_each_window_has_its_own_selection(self, form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
        other = Form(form.session)
        monkeypatch.setitem(forms._forms, form.session, [form, other])
        first, second = keys(form)[:2]
        tells(form, "select", key=first)
        tells(other, "select", key=second)
        tells(form, "write", key=first, field=["note"], text="左", base="")
        assert (form.selected, other.selected) == (first, second)
        tells(form, "delete", key=second)
        assert (form.selected, other.selected) == (first, HEAD)

    def test_a_command_that_fails_unforeseen_is_not_repeated_and_its_text_is_kept(
        self, form: Form, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_: Any, **__: Any) -> None:
            raise KeyError("n")

        monkeypatch.setattr(Session, "do", fails)
        self.write(form, 1, 0, "不能丢", "")
        assert form.done["page"] == 1
        assert form.notice["rescued"] == "不能丢"
        assert [path.read_text("utf-8") for path in (folder / ".cache" / "kept").iterdir()] == ["不能丢"]


class TestTrouble:
    def test_a_conflict_is_shown_field_by_field(self, form: Form, folder: Path) -> None:
        Session(folder, DAY).do("write", key=HEAD, field=["headline"], text="别人", base="词")
        tells(form, "write", key=HEAD, field=["headline"], text="我", base="词")
        assert form.status["kind"] == "unsaved"
        (difference,) = form.trouble["differences"]
        assert (difference["label"], difference["ours"], difference["theirs"], difference["both"]) == (
            "关键词",
            "我",
            "别人",
            True,
        )
        tells(form, "resolve", choices={difference["name"]: "theirs"})
        assert (form.trouble, form.status["kind"]) == ({}, "saved")
        assert on_disk(folder).headline == ("别人",)

    def test_a_broken_draft_and_a_missing_one(self, folder: Path) -> None:
        path = folder / "drafts" / f"{DAY}.yaml"
        good = path.read_bytes()
        path.write_bytes(b"schema: 1\nsections: [\n")
        form = Form(Session(folder, DAY))
        assert (form.trouble["kind"], form.trouble["good"]) == ("broken", None)
        assert form.trouble["line"]
        path.write_bytes(good)
        tells(form, "reread")
        assert form.trouble == {}
        path.unlink()
        missing = Form(Session(folder, DAY))
        assert missing.trouble == {"kind": "missing", "date": str(DAY), "dates": []}
        tells(missing, "create")
        assert [part["name"] for part in missing.outline["parts"]][:1] == ["业界新闻"]


def notebook(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a kernel that was just started on this folder."""
    monkeypatch.setenv("EMBEDAI_ISSUES", str(folder))
    monkeypatch.setattr(forms, "_forms", {})


async def until(condition: Callable[[], object]) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


async def saved_until(path: Path, text: str, condition: Callable[[], object]) -> None:
    """Save a file, now and then again: what is saved before the watch has begun is not told."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            path.write_text(text, encoding="utf-8")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2):
                    await until(condition)


class TestInTheNotebook:
    def test_without_an_issues_folder_it_says_what_can_be_typed_there(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("EMBEDAI_ISSUES", str(tmp_path))
        with pytest.raises(UsageError, match="%env EMBEDAI_ISSUES=DIR"):
            forms.edit(str(DAY))

    def test_run_again_it_shows_the_same_session(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        notebook(folder, monkeypatch)

        async def runs() -> None:
            first = forms.edit(str(DAY))
            tells(first, "add", key=keys(first)[0], kind="item")
            again = forms.edit(str(DAY))
            assert again.session is first.session
            assert again.detail["key"] == HEAD, "each window has its own selection"
            tells(again, "undo")
            assert first.outline == again.outline

        asyncio.run(runs())

    @pytest.mark.parametrize("tab", ["preview", "wechat"])
    def test_the_whole_issue_follows_every_edit_and_every_save(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, tab: str
    ) -> None:
        notebook(folder, monkeypatch)

        async def runs() -> None:
            form, window = forms.edit(str(DAY)), forms.edit(str(DAY))
            tells(form, "show", tab=tab)
            tells(window, "write", key=keys(form)[0], field=["title"], text="另一个窗口", base="小模型")
            await until(lambda: "另一个窗口" in form.page.get("html", ""))
            tells(form, "undo")
            await until(lambda: "小模型" in form.page["html"])
            for name, old, new in (
                (f"drafts/{DAY}.yaml", "小模型", "文本编辑器"),
                ("newsletter.yaml", "关注模型压缩", "换了口号"),
                (f"drafts/{DAY}.yaml", "第一段", "再改一次"),
            ):
                text = (folder / name).read_text(encoding="utf-8").replace(old, new)
                await saved_until(folder / name, text, lambda new=new: new in form.page["html"])
            (folder / "archive").mkdir()
            earlier = folder / "archive" / "2026-11-01.md"
            await saved_until(earlier, "# 更早的一期\n", lambda: "2026-11-01" in form.page["html"])
            broken = folder / "newsletter.yaml"
            await saved_until(broken, "name: [", lambda: "newsletter.yaml" in form.notice.get("text", ""))

        before = threading.active_count()
        asyncio.run(runs())
        assert threading.active_count() == before


class TestAnotherDate:
    NEW = "2026-11-22"

    def test_sessions_are_found_by_the_date_they_have_now(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        notebook(folder, monkeypatch)

        async def runs() -> None:
            form = forms.edit(str(DAY))
            tells(form, "reschedule", date=self.NEW)
            assert forms.edit(self.NEW).session is form.session
            old = forms.edit(str(DAY))
            assert old.trouble == {"kind": "missing", "date": str(DAY), "dates": [self.NEW]}
            assert old.session is not form.session
            tells(old, "create")
            assert old.issue["date"] == str(DAY)
            assert form.issue["date"] == self.NEW
            assert {path.name for path in (folder / "drafts").iterdir()} == {f"{DAY}.yaml", f"{self.NEW}.yaml"}

        asyncio.run(runs())

    def test_a_form_that_waits_for_an_issue_of_that_date_shows_it(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        notebook(folder, monkeypatch)

        async def runs() -> None:
            form, waiting = forms.edit(str(DAY)), forms.edit(self.NEW)
            assert waiting.trouble["kind"] == "missing"
            tells(form, "reschedule", date=self.NEW)
            assert waiting.session is form.session is forms.edit(self.NEW).session
            assert (waiting.trouble, waiting.issue["date"]) == ({}, self.NEW)
            tells(waiting, "write", key=HEAD, field=["headline"], text="一个会话", base="词")
            assert form.outline["title"] == "一个会话"
            assert form.trouble == {}

        asyncio.run(runs())

    def test_a_date_that_is_taken_changes_nothing(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        notebook(folder, monkeypatch)

        async def runs() -> None:
            form, other = forms.edit(str(DAY)), forms.edit(self.NEW)
            tells(other, "create")
            tells(form, "reschedule", date=self.NEW)
            assert self.NEW in form.notice["text"]
            assert (forms.edit(str(DAY)).session, forms.edit(self.NEW).session) == (form.session, other.session)

        asyncio.run(runs())


class TestGoingOn:
    """Whatever is raised while a save is heard: later ones are heard, and the trouble is shown until it is mended."""

    @pytest.fixture(autouse=True)
    def quickly(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        notebook(folder, monkeypatch)
        monkeypatch.setattr(forms, "RETRY", 0.05)
        monkeypatch.setattr(watch_loop, "RETRY", 0.05)

    def draft(self, folder: Path, title: str) -> tuple[Path, str]:
        text = (DATA / "editor" / "draft.yaml").read_text("utf-8")
        return folder / "drafts" / f"{DAY}.yaml", text.replace("title: 随笔", f"title: {title}")

    @pytest.mark.parametrize(("part", "name"), [("show", "preview"), ("check", "earlier")])
    def test_what_cannot_be_shown(
        self,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        part: str,
        name: str,
    ) -> None:
        usual = getattr(form_data, name)

        def fails(what: Any, *more: Any) -> Any:
            (content,) = [each for each in (what, *more) if isinstance(each, KeyedIssue)]
            if any(getattr(entry.value, "title", "") == "坏的" for entry in content.entries()):
                raise KeyError("n")
            return usual(what, *more)

        monkeypatch.setattr(form_data, name, fails)

        async def runs() -> None:
            form = forms.edit(str(DAY))
            await saved_until(*self.draft(folder, "坏的"), lambda: form.status["kind"] == "failed")
            assert form.trouble["kind"] == "failed"
            assert form.trouble["text"].startswith(WORDS[f"failed-{part}"].partition("{")[0])
            assert "KeyError: 'n'" in form.trouble["text"]
            assert re.fullmatch(r"已保存 \d\d:\d\d:\d\d，但有问题", form.status["text"])
            tells(form, "write", key=HEAD, field=["lead"], text="照常保存", base="")
            assert on_disk(folder).lead == "照常保存"
            await saved_until(*self.draft(folder, "改好了"), lambda: "改好了" in titles(form))
            await until(lambda: form.status["kind"] == "saved")
            assert form.trouble == {}

        asyncio.run(runs())
        (record,) = [record for record in caplog.records if record.name == "embedai_nb.editor.form"]
        assert record.exc_info
        assert part in record.getMessage()

    def test_what_cannot_be_read(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        broken = True

        def sync(session: Session) -> bool:
            if broken:
                raise RuntimeError("kaputt")
            return usual(session)

        usual = Session.sync

        async def runs() -> None:
            nonlocal broken
            form = forms.edit(str(DAY))
            await until(lambda: form.status["kind"] == "failed")
            assert "RuntimeError: kaputt" in form.trouble["text"]
            broken = False
            await until(lambda: form.status["kind"] == "saved")
            await saved_until(*self.draft(folder, "改好了"), lambda: "改好了" in titles(form))

        monkeypatch.setattr(Session, "sync", sync)
        asyncio.run(runs())

    def test_a_watch_that_ends(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        begun, usual = 0, watch_loop.watch

        def saved(*arguments: Any) -> Iterator[frozenset[str]]:
            nonlocal begun
            begun += 1
            if begun < 3:
                yield frozenset()
                raise OSError("no watches left")
            yield from usual(*arguments)

        monkeypatch.setattr(watch_loop, "watch", saved)

        async def runs() -> None:
            form, said = forms.edit(str(DAY)), []
            form.observe(lambda change: said.append(change["new"]["kind"]), "status")
            newsletter = folder / "newsletter.yaml"
            text = newsletter.read_text("utf-8")
            await until(lambda: begun == 3 and form.status["kind"] == "saved")
            assert "failed" in said
            await saved_until(
                newsletter,
                text.replace("name: 嵌入式AI简报", "name: 别的简报"),
                lambda: form.issue["newsletter"] == "别的简报",
            )

        asyncio.run(runs())

    def test_the_form_follows_the_language_of_the_newsletter(self, folder: Path) -> None:
        async def runs() -> None:
            form = forms.edit(str(DAY))
            newsletter = folder / "newsletter.yaml"
            text = newsletter.read_text("utf-8").replace("zh-CN", "en")
            await saved_until(newsletter, text, lambda: form.language == "en")
            assert form.words["publish"] == "Publish"
            assert 'lang="en"' in form.document
            assert form.status["text"].startswith("Saved ")

        asyncio.run(runs())

    def test_a_form_that_cannot_be_shown_at_all_says_so_in_its_cell(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_: Any) -> Any:
            raise KeyError("n")

        monkeypatch.setattr(form_data, "preview", fails)

        async def runs() -> None:
            with pytest.raises(KeyError):
                forms.edit(str(DAY))

        asyncio.run(runs())


class TestWords:
    SCRIPT = "\n".join(path.read_text("utf-8") for path in sorted(forms.STATIC.glob("*.js")))

    TABLE = form_words("zh-CN").keys()
    PYTHON = "\n".join(path.read_text("utf-8") for path in sorted(forms.STATIC.parent.glob("*.py")))
    MADE = re.findall(r"words\[`([^`]+)`\]", SCRIPT) + re.findall(r"WORDS\[f\"([^\"]+)\"\]", PYTHON)
    """Keys that have a part that varies, as tab-… has."""

    def matching(self, made: list[str]) -> dict[str, set[str]]:
        """Which words a key with a part that varies may mean."""
        patterns = {key: re.sub(r"\$?\{[^}]*\}", "[a-z-]+", key) for key in made}
        return {key: {word for word in self.TABLE if re.fullmatch(patterns[key], word)} for key in made}

    def test_all_words_of_the_script_are_in_the_table(self) -> None:
        wanted = set(re.findall(r"""words(?:\.|\[")([a-z-]+)""", self.SCRIPT))
        assert wanted
        assert wanted <= self.TABLE
        assert all(self.matching(self.MADE).values())

    def test_no_word_of_the_table_is_unused(self) -> None:
        python = re.sub(r'(?m)^    "[a-z-]+": ', "", self.PYTHON)
        named = {*re.findall(r"""["']([a-z-]+)["']""", python + self.SCRIPT), *re.findall(r"words\.(\w+)", self.SCRIPT)}
        made = self.matching([*self.MADE, *re.findall(r"`([a-z-]+\$\{\w+\})`", self.SCRIPT)])
        assert self.TABLE - named - set().union(*made.values()) == set()

    def test_the_script_has_no_words_of_its_own(self) -> None:
        assert HAN.findall(re.sub(r"//.*|\[:：\]", "", self.SCRIPT)) == []

    def test_all_commands_of_the_script_are_known(self) -> None:
        wanted = set(re.findall(r"""(?:command|send)\("([a-z_]+)\"""", self.SCRIPT))
        assert len(wanted) > 10
        assert wanted <= {*COMMANDS, *FORM_COMMANDS}

    def test_no_name_is_given_twice_in_the_scope_that_the_scripts_share(self) -> None:
        names = re.findall(r"^(?:const|let|class|function) (\w+)", self.SCRIPT, re.MULTILINE)
        assert sorted(names) == sorted(set(names))

    def test_every_script_is_part_of_the_form(self) -> None:
        assert sorted(forms.SCRIPTS) == sorted(path.name for path in forms.STATIC.glob("*.js"))


HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")
"""Chinese, and the punctuation of Chinese."""


class TestLanguage:
    def speaks(self, folder: Path, language: str) -> Form:
        newsletter = folder / "newsletter.yaml"
        newsletter.write_text(newsletter.read_text("utf-8").replace("zh-CN", language), "utf-8")
        return Form(Session(folder, DAY))

    def test_the_form_says_all_its_words_in_the_newsletters_language(self, folder: Path) -> None:
        chinese, english = Form(Session(folder, DAY)), self.speaks(folder, "en")
        assert (chinese.language, english.language) == ("zh-CN", "en")
        assert chinese.words.keys() == english.words.keys()
        assert HAN.findall(str(english.words)) == []
        alike = {key for key, said in chinese.words.items() if said == english.words[key]}
        assert alike == {"hint-url", "reschedule-renames"}, "the same in both languages, or not translated"

    @pytest.mark.parametrize(
        ("language", "tabs"),
        [
            ("zh-CN", "编辑 整期预览 检查 微信预览 与上次发布的差别 搜索 候选"),
            ("en", "Edit Preview Findings WeChat Changes Search Candidates"),
        ],
    )
    def test_the_tabs(self, folder: Path, language: str, tabs: str) -> None:
        words = self.speaks(folder, language).words
        names = ("edit", "preview", "findings", "wechat", "changes", "search", "inbox")
        assert " ".join(words[f"tab-{name}"] for name in names) == tabs

    def test_what_depends_on_a_count_is_said_for_one_and_for_more(self, folder: Path) -> None:
        form = self.speaks(folder, "en")
        assert form.words["issue-errors"] == ["{count} error", "{count} errors"]
        tells(form, "paste", key=keys(form)[0], text="2104.14130", target=form.outline["parts"][0]["key"])
        assert form.notice["text"] == "Added 1 item and 0 warm-ups."

    def test_what_the_kernel_says(self, folder: Path) -> None:
        form = self.speaks(folder, "en")
        form.check()
        assert form.status["text"].startswith("Saved ")
        assert form.publication["text"] == "Not published"
        rows = [row for part in form.outline["parts"] for row in part["rows"]]
        assert [row["lacks"] for row in rows] == [[], ["no summary"], ["no summary"]]
        tells(form, "select", key=keys(form)[0])
        labels = {field["label"]: field["placeholder"] for field in form.detail["fields"]}
        assert [label for label in labels if HAN.search(label)] == ["摘要"], "a label of the newsletter's own"
        assert labels["Private note"] == "for colleagues, never published"
        assert HAN.findall(" ".join(labels.values())) == []

    def test_tags_are_listed_as_the_language_does_and_saved_alike(self, folder: Path) -> None:
        form = self.speaks(folder, "en")
        tells(form, "select", key=keys(form)[0])
        tells(form, "write", key=keys(form)[0], field=["tags"], text="a, b", base="2104.14129")
        assert fields(form)["tags"] == "a, b"
        tells(form, "write", key=keys(form)[0], field=["tags"], text="a, b, c", base="a, b")
        assert on_disk(folder).sections[0].entries[0].tags == ("a", "b", "c")
        assert form.trouble == {}

    def test_an_error_is_explained_in_the_newsletters_language(self, folder: Path) -> None:
        form = self.speaks(folder, "en")
        path = folder / "drafts" / f"{DAY}.yaml"
        path.write_text(path.read_text("utf-8").replace("schema: 1", "schema: 9"), "utf-8")
        broken = Form(Session(folder, DAY))
        assert broken.trouble["error"].startswith(f"{path.name}, line 1, “schema”: 9 is newer")
        tells(form, "write", key=keys(form)[0], field=["title"], text="typed", base="小模型")
        assert form.trouble["text"].startswith(f"Not saved: the draft is gone or cannot be read. {path.name}, line 1")


def test_the_draft_of_these_tests_is_there() -> None:
    assert (DATA / "editor" / "draft.yaml").is_file()
