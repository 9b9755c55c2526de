"""The editor without its form: commands, saving, conflicts, and that nobody's text is lost."""

from __future__ import annotations

import datetime
import errno
import itertools
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from embedai_nb.diff.keyed import keyed, rekeyed
from embedai_nb.diff.merge import differences, merged
from embedai_nb.drafts import DraftStore, load_newsletter, template
from embedai_nb.editor.field_values import text_of, with_text
from embedai_nb.editor.filling import filled
from embedai_nb.editor.pasting import read_pasted, split_pasted
from embedai_nb.editor.session import Broken, Conflict, Missing, Session, Unsaved
from embedai_nb.editor.state import COMMANDS, HEAD, CommandError, EditorState, StaleError, begin
from embedai_nb.errors import UsageError
from embedai_nb.model import Issue, Item, Link, Newsletter, Raw, Section, Warmup
from embedai_nb.workspace import atomic

from .conftest import DATA, PROJECT, one_in

DAY = datetime.date(2026, 11, 15)


def issues(folder: Path, text: str | None = None) -> Path:
    """An issues folder with one draft."""
    (folder / "drafts").mkdir(parents=True)
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
    draft = text if text is not None else (DATA / "editor" / "draft.yaml").read_text(encoding="utf-8")
    (folder / "drafts" / f"{DAY}.yaml").write_text(draft, encoding="utf-8")
    return folder


def blocks(name: str) -> list[Any]:
    """Blocks of a fixture: title, section and pasted text, what of it is Markdown, what is captured."""
    text = (DATA / "editor" / name).read_text(encoding="utf-8")
    found = [[part.strip("\n") for part in block.split("~~~\n")] for block in text.split("====\n")]
    cases = [(*head.split("\n", 2), markdown, links) for head, markdown, links in found]
    return [
        pytest.param(text, None if place == "-" else place, *parts, id=title) for title, place, text, *parts in cases
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return issues(tmp_path / "issues")


@pytest.fixture
def session(folder: Path) -> Session:
    return Session(folder, DAY)


@pytest.fixture
def state() -> EditorState:
    first = Item(title="甲", url="https://e.com/1", fields={"摘要": "一"})
    sections = [Section(name="论文", items=[first, Item(title="乙"), Raw(raw="丙")]), Section(name="博文")]
    return begin(Issue(date=DAY, headline=["词"], warmups=[Warmup(company="公司", text="事")], sections=sections))


def on_disk(folder: Path) -> Issue:
    return DraftStore(folder).load(DAY).issue


def titles(state: EditorState) -> list[list[str]]:
    return [[getattr(item, "title", "原样") for item in section.items] for section in state.issue.sections]


def key(state: EditorState, title: str) -> str:
    return next(e.key for e in state.content.entries() if getattr(e.value, "title", None) == title)


def do(state: EditorState, command: str, **arguments: object) -> EditorState:
    return COMMANDS[command](state, **arguments)


def typed(state: EditorState, title: str, field: str, text: str, **more: object) -> EditorState:
    where = key(state, title)
    base = text_of(state.content.entry(where).value, tuple(field.split(".")))
    return do(state, "write", key=where, field=field.split("."), text=text, base=base, **more)


class TestCommands:
    def test_every_command_leaves_the_state_it_got_as_it_was(self, state: EditorState) -> None:
        before = state.issue
        do(state, "delete", key=key(state, "甲"))
        typed(state, "甲", "title", "戊")
        assert state.issue == before

    def test_move_goes_up_and_down_and_on_into_the_next_section(self, state: EditorState) -> None:
        state = do(state, "move", key=key(state, "乙"), by=-1)
        assert titles(state) == [["乙", "甲", "原样"], []]
        state = do(do(state, "move", key=key(state, "甲"), by=1), "move", key=key(state, "甲"), by=1)
        assert titles(state) == [["乙", "原样"], ["甲"]]
        assert titles(do(state, "move", key=key(state, "甲"), by=1)) == [["乙", "原样"], ["甲"]]
        assert titles(do(state, "move", key=key(state, "甲"), by=-1)) == [["乙", "原样", "甲"], []]

    def test_send_puts_an_item_at_the_end_of_another_section(self, state: EditorState) -> None:
        state = do(state, "send", key=key(state, "甲"), section=state.content.parts[1].key)
        assert titles(state) == [["乙", "原样"], ["甲"]]
        assert state.selected == key(state, "甲")

    def test_add_puts_something_behind_what_is_selected(self, state: EditorState) -> None:
        assert titles(do(state, "add", key=key(state, "甲"), kind="item"))[0] == ["甲", "", "乙", "原样"]
        assert titles(do(state, "add", key=HEAD, kind="item"))[0] == ["甲", "乙", "原样", ""]
        more = do(do(state, "add", key=HEAD, kind="warmup"), "add", key=state.content.parts[0].key, kind="section")
        assert [section.name for section in more.issue.sections] == ["论文", "", "博文"]
        assert len(more.issue.warmups) == 2

    def test_without_sections_there_is_no_place_for_an_item(self) -> None:
        with pytest.raises(CommandError):
            do(begin(Issue(date=DAY)), "add", key=HEAD, kind="item")

    def test_duplicate_and_delete(self, state: EditorState) -> None:
        state = do(state, "duplicate", key=key(state, "甲"))
        assert titles(state)[0] == ["甲", "甲", "乙", "原样"]
        state = do(do(state, "delete", key=state.selected), "delete", key=key(state, "甲"))
        assert titles(state)[0] == ["乙", "原样"]
        assert state.selected == key(state, "乙")

    def test_sections_are_moved_and_deleted_with_their_items(self, state: EditorState) -> None:
        state = do(state, "move", key=state.content.parts[0].key, by=1)
        assert [section.name for section in state.issue.sections] == ["博文", "论文"]
        assert titles(do(state, "delete", key=state.content.parts[1].key)) == [[]]

    def test_ready_is_marked_and_unmarked(self, state: EditorState) -> None:
        ready = do(state, "mark", key=key(state, "甲"), status="ready")
        assert ready.issue.sections[0].entries[0].status == "ready"
        assert do(ready, "mark", key=key(state, "甲"), status="draft").issue == state.issue

    def test_a_standing_part_is_left_out_or_written_by_the_program(self, state: EditorState) -> None:
        without = do(state, "omit", part="closing", omitted=True)
        assert without.issue.closing == ""
        assert do(without, "omit", part="closing", omitted=False).issue.closing is None

    def test_labels_keep_their_order_through_adding_renaming_moving_and_removing(self, state: EditorState) -> None:
        where = key(state, "甲")
        state = do(do(state, "add_label", key=where, label=" 论文： "), "add_label", key=where, label="代码")
        state = do(state, "move_label", key=where, label="代码", by=-1)
        assert list(state.content.entry(where).value.fields) == ["摘要", "代码", "论文"]
        state = do(
            do(state, "rename_label", key=where, label="代码", name="项目"), "remove_label", key=where, label="论文"
        )
        assert state.content.entry(where).value.fields == {"摘要": "一", "项目": ""}

    def test_links_are_added_and_removed(self, state: EditorState) -> None:
        where = key(state, "甲")
        state = do(state, "add_link", key=where)
        state = do(state, "write", key=where, field=["links", 0, "text"], text="解读", base="")
        assert state.content.entry(where).value.links == (Link(text="解读"),)
        assert do(state, "remove_link", key=where, index=0).content.entry(where).value.links == ()

    def test_what_is_gone_cannot_be_changed(self, state: EditorState) -> None:
        for command, more in (("mark", {"status": "ready"}), ("delete", {}), ("move", {"by": 1}), ("duplicate", {})):
            with pytest.raises(CommandError):
                do(state, command, key="gone", **more)


class TestTyping:
    def test_what_is_typed_without_a_pause_is_undone_as_one(self, state: EditorState) -> None:
        first = state
        for text in ("标", "标题", "标题一"):
            state = typed(state, state.issue.sections[0].items[0].title, "title", text)
        assert titles(do(state, "undo")) == titles(first)
        assert titles(do(do(state, "undo"), "redo")) == titles(state)

    def test_leaving_the_field_ends_it(self, state: EditorState) -> None:
        state = typed(typed(state, "甲", "title", "标题", done=True), "标题", "title", "标题一")
        assert titles(do(state, "undo"))[0][0] == "标题"

    def test_half_a_title_taken_apart_is_not_put_together_with_the_rest(self, state: EditorState) -> None:
        where, base = key(state, "甲"), "甲"
        for text in ("标题 |", "标题 | 机", "标题 | 机器", "标题 | 机器之心"):
            state = do(state, "write", key=where, field=["title"], text=text, base=base)
            base = text
        item = state.content.entry(where).value
        assert (item.title, item.source) == ("标题", "机器之心")

    @pytest.mark.parametrize(
        ("value", "field", "texts"),
        [
            (Item(), ("title",), ("a ", "a b ", "a b | 来", "a b | 来源", "a b | 来源 ")),
            (Item(), ("title",), ("o/r：", "o/r：名", "o/r：名 ")),
            (Item(source="某站"), ("title",), ("a ", "a b ", "a b c")),
            (Item(), ("source",), ("某 ", "某 站 ", "某 站")),
            (Item(), ("tags",), ("a，", "a，b ", "a，b，", "a，b，c")),
            (Item(), ("url",), ("https://e.com/ ", "https://e.com/a")),
            (Item(), ("hook",), (" 半", " 半句 ", " 半句话")),
            (Item(), ("note",), ("一\n", "一\n\n", "一\n\n二 ", "一\n\n二 三")),
            (Item(), ("text",), ("一 ", "一 \n", "一 \n二")),
            (Item(), ("fields", "摘要"), ("a ", "a \n", "a \nb ")),
            (Item(links=[Link()]), ("links", 0, "text"), ("a ", "a b ", "a [b", "a [b] ")),
            (Warmup(), ("text",), ("甲：", "甲：事。", "甲：事。又 ", "甲：事。又一件；")),
            (Raw(raw=""), ("raw",), ("a ", "a \n", "a \n\n\n", "a \n\n\nb")),
        ],
    )
    def test_what_the_draft_does_not_store_of_a_text_makes_no_conflict_with_what_is_typed_next(
        self, value: Item, field: tuple[str | int, ...], texts: tuple[str, ...]
    ) -> None:
        """As another window or a new kernel takes it: each text comes alone, over the one before as it was typed."""
        section = Section(name="论文", items=[] if isinstance(value, Warmup) else [value])
        state = begin(Issue(date=DAY, warmups=[value] if isinstance(value, Warmup) else [], sections=[section]))
        (entry,), base = state.content.entries(), text_of(value, field)
        for text in texts:
            for _ in ("sent", "sent again by a page that heard no answer"):
                state = do(state, "write", key=entry.key, field=list(field), text=text, base=base)
                state = do(state, "select", key=HEAD)
            base = text
        (entry,) = state.content.entries()
        assert entry.value == with_text(value, field, texts[-1])

    def test_undo_selects_what_it_brings_back(self, state: EditorState) -> None:
        where = key(state, "乙")
        state = do(do(do(state, "delete", key=where), "select", key=HEAD), "undo")
        assert key(state, "乙") == where

    @pytest.mark.parametrize(
        ("value", "field", "text", "kept"),
        [
            (Item(tags=["1"]), ("tags",), "2104.14129，CVPR2020, x", "2104.14129，CVPR2020，x"),
            (Item(url="https://e.com"), ("url",), "", ""),
            (Item(), ("fields", "摘要"), "一\n二", "一\n二"),
            (Item(note="a"), ("note",), "", ""),
            (Issue(date=DAY), ("headline",), "甲/ 乙 /", "甲/乙"),
            (Issue(date=DAY, lead="x"), ("lead",), " ", ""),
            (Warmup(), ("text",), "公司：事。", "事"),
        ],
    )
    def test_a_field_is_text_and_back(self, value: Item, field: tuple[str, ...], text: str, kept: str) -> None:
        changed = with_text(value, field, text)
        assert text_of(changed, field) == kept
        assert with_text(changed, field, kept) == changed


class TestFilling:
    ASKED = Item(title="乙", note="待补：来源（没有联网）")
    ANSWERED = Item(title="乙", source="某站", note="作者：丁")

    def fill(self, state: EditorState, this: str = "") -> EditorState:
        this = this or key(state, "乙")
        return do(state, "fill", key=this, asked=self.ASKED, answered=self.ANSWERED, occasion="1")

    def source(self, state: EditorState) -> str:
        return next(item.source for item in state.issue.entries if item.title.startswith("乙"))

    @pytest.mark.parametrize(
        ("now", "expected"),
        [
            (ASKED, ANSWERED),
            (Item(title="乙", source="我的"), Item(title="乙", source="我的", note="作者：丁")),
            (Item(title="改", note="先看\n待补：来源（没有联网）\n再看"), Item(title="改", source="某站", note="先看\n再看\n作者：丁")),
            (Item(title="乙", fields={"摘要": "写了"}), Item(title="乙", source="某站", fields={"摘要": "写了"}, note="作者：丁")),
        ],
    )  # fmt: skip
    def test_only_what_nobody_wrote_meanwhile(self, now: Item, expected: Item) -> None:
        assert filled(now, self.ASKED, self.ANSWERED) == expected

    def test_what_was_not_found_out_stays_marked_with_the_reason(self) -> None:
        failed = Item(title="乙", note="待补：来源（连不上 e.com）")
        note = "待补：来源（没有联网）\n我的备注"
        assert filled(Item(title="乙", note=note), self.ASKED, failed).note == "待补：来源（连不上 e.com）\n我的备注"

    def test_it_is_undone_and_redone_as_one(self, state: EditorState) -> None:
        other = {"asked": Item(title="甲"), "answered": Item(title="甲", source="他站"), "occasion": "1"}
        both = do(self.fill(state), "fill", key=key(state, "甲"), **other)
        assert [item.source for item in both.issue.entries] == ["他站", "某站"]
        assert do(both, "undo").issue == state.issue
        assert do(do(both, "undo"), "redo").issue == both.issue

    def test_it_neither_interrupts_typing_nor_is_lost_by_it(self, state: EditorState) -> None:
        this = key(state, "乙")
        typing = do(state, "write", key=this, field=["title"], text="乙 | ", base="乙")
        typing = self.fill(typing, this)
        typing = do(typing, "write", key=this, field=["title"], text="乙又", base="乙 | ")
        assert (typing.issue.entries[1].title, self.source(typing)) == ("乙又", "某站")
        undone = do(typing, "undo")
        assert (undone.issue.entries[1].title, self.source(undone)) == ("乙", "某站")
        assert do(undone, "undo").issue == state.issue

    def test_text_that_is_being_typed_into_a_field_still_empty_wins(self, state: EditorState) -> None:
        this = key(state, "乙")
        both = do(self.fill(state), "fill", key=key(state, "甲"), asked=Item(), answered=Item(hook="x"), occasion="2")
        typed = do(both, "write", key=this, field=["source"], text="我的", base="")
        assert self.source(typed) == "我的"
        assert self.source(do(typed, "undo")) == "某站"
        with pytest.raises(StaleError):
            do(typed, "write", key=this, field=["source"], text="又", base="")

    def test_it_takes_no_redo_away_and_is_there_after_it(self, state: EditorState) -> None:
        gone = do(do(state, "delete", key=key(state, "甲")), "undo")
        assert titles(do(self.fill(gone), "redo"))[0] == ["乙", "原样"]
        assert self.source(do(self.fill(gone), "redo")) == "某站"

    def test_what_is_gone_by_then_is_nobodys_business(self, state: EditorState) -> None:
        without = do(state, "delete", key=key(state, "乙"))
        assert self.fill(without, key(state, "乙")).issue == without.issue


class TestPasting:
    BLOCK = "- [标题 | 来源](https://e.com/1)  \n论文：https://e.com/2  \n摘要：一。  \n二。\n\n- [o/r: 名](https://e.com/3)\n"

    def test_items_under_no_heading_go_where_the_editor_is(self, state: EditorState, newsletter: Newsletter) -> None:
        state = do(state, "paste", key=key(state, "甲"), issue=read_pasted(self.BLOCK, newsletter, "论文"))
        assert titles(state) == [["甲", "标题", "名", "乙", "原样"], []]
        item = state.content.entry(state.selected).value
        assert (item.source, list(item.fields)) == ("来源", ["论文", "摘要"])
        assert item.fields["摘要"] == "一。\n二。"

    def test_headings_say_where_and_warmups_come_along(self, state: EditorState, newsletter: Newsletter) -> None:
        text = f"- 公司甲：事；\n- 公司乙：事。\n\n## 博文\n\n{self.BLOCK}\n## 新的\n\n{self.BLOCK}"
        state = do(state, "paste", key=key(state, "甲"), issue=read_pasted(text, newsletter, "论文"))
        assert [section.name for section in state.issue.sections] == ["论文", "博文", "新的"]
        assert [len(section.items) for section in state.issue.sections] == [3, 2, 2]
        assert [w.company for w in state.issue.warmups] == ["公司", "公司甲", "公司乙"]
        assert do(state, "undo").issue.sections[0].items[2] == Raw(raw="丙")
        assert len(do(state, "undo").issue.warmups) == 1

    def test_warmups_need_no_bullets(self, newsletter: Newsletter) -> None:
        assert [w.company for w in read_pasted("甲：一；\n乙：二。", newsletter, None).warmups] == ["甲", "乙"]

    def test_what_is_not_known_is_kept_raw(self, newsletter: Newsletter) -> None:
        assert read_pasted("随便一段\n文字", newsletter, "论文").sections[0].items == (Raw(raw="随便一段\n文字"),)

    def test_what_stands_behind_a_rule_or_as_a_note_is_not_lost(self, newsletter: Newsletter) -> None:
        text = "## 博文\n\n> 只在这里的注\n\n- [甲](https://e.com/1)\n\n----\n\n- [乙](https://e.com/2)\n"
        items = read_pasted(text, newsletter, "论文").sections[0].items
        assert "只在这里的注" in items[0].raw
        assert items[-1].url == "https://e.com/2"

    @pytest.mark.parametrize(("text", "section", "markdown", "links"), blocks("pasted.txt"))
    def test_links_are_told_from_markdown(
        self, text: str, section: str | None, markdown: str, links: str, newsletter: Newsletter
    ) -> None:
        assert split_pasted(text, newsletter, section) == (markdown, links)

    def test_whole_issues_are_markdown_with_their_headings_or_without_them(
        self, newsletter: Newsletter, real_issues: list[Path]
    ) -> None:
        for path in real_issues[:4]:
            text = path.read_text(encoding="utf-8")
            assert split_pasted(text, newsletter, "论文") == (text, "")
            for items in re.findall(r"^## .*\n((?:(?!---|#).*\n)*)", text, re.MULTILINE):
                assert split_pasted(items, newsletter, "论文") == (items, "")

    def test_an_issue_read_as_pasted_gives_all_its_items(self, newsletter: Newsletter, real_issues: list[Path]) -> None:
        for path in real_issues[:4]:
            text = path.read_text(encoding="utf-8")
            found = read_pasted(text, newsletter, "论文")
            assert sum(len(section.items) for section in found.sections) >= text.count("\n- [") // 2


class TestMerging:
    def test_all_ours_is_ours_and_all_theirs_is_theirs(self, state: EditorState) -> None:
        base = state.content
        ours = do(typed(state, "甲", "title", "甲甲"), "move", key=key(state, "乙"), by=-1).content
        theirs = rekeyed(do(typed(state, "甲", "source", "来源"), "delete", key=key(state, "乙")).issue, base)
        found = differences(base, ours, theirs)
        assert {difference.field for difference in found} == {"title", "source", "whole"}
        assert merged(base, ours, theirs, dict.fromkeys((d.name for d in found), "ours")).issue == ours.issue
        assert merged(base, ours, theirs, dict.fromkeys((d.name for d in found), "theirs")).issue == theirs.issue

    def test_what_only_one_changed_is_suggested(self, state: EditorState) -> None:
        base = state.content
        ours = typed(state, "甲", "title", "甲甲").content
        theirs = rekeyed(typed(state, "甲", "fields.摘要", "二").issue, base)
        chosen = merged(base, ours, theirs, {}).issue.sections[0].entries[0]
        assert (chosen.title, chosen.fields["摘要"]) == ("甲甲", "二")

    def test_what_both_added_is_kept(self, state: EditorState) -> None:
        base = state.content
        ours = do(
            state,
            "paste",
            key=key(state, "甲"),
            issue=Issue(date=DAY, sections=[Section(name="论文", items=[Item(title="我")])]),
        ).content
        theirs = rekeyed(
            do(
                state,
                "paste",
                key=key(state, "甲"),
                issue=Issue(date=DAY, sections=[Section(name="论文", items=[Item(title="他")])]),
            ).issue,
            base,
        )
        assert differences(base, ours, theirs) == ()
        both = [item.title for item in merged(base, ours, theirs, {}).issue.sections[0].entries]
        assert sorted(both) == ["乙", "他", "我", "甲"]

    def test_equal_entries_keep_their_keys_when_others_change_the_draft(self, state: EditorState) -> None:
        again = rekeyed(do(state, "move", key=key(state, "乙"), by=-1).issue, state.content)
        assert {entry.key for entry in again.entries()} == {entry.key for entry in state.content.entries()}
        assert keyed(state.issue).issue == state.issue


class TestSaving:
    def test_every_change_is_in_the_draft_and_comments_stay(self, session: Session, folder: Path) -> None:
        session.do("mark", key=session.state.content.parts[0].entries[0].key, status="ready")
        assert on_disk(folder).sections[0].entries[0].status == "ready"
        assert "# 一个注释" in session.store.path(DAY).read_text(encoding="utf-8")
        assert not session.unsaved

    def test_a_change_made_elsewhere_is_taken_and_can_be_undone(self, session: Session, folder: Path) -> None:
        other = Session(folder, DAY)
        other.do("write", key=HEAD, field=["headline"], text="别人", base="词")
        assert session.sync()
        assert session.state.issue.headline == ("别人",)
        assert not session.sync()
        session.do("undo")
        assert on_disk(folder).headline == ("词",)

    def test_the_second_save_does_not_overwrite_but_asks(self, session: Session, folder: Path) -> None:
        other = Session(folder, DAY)
        other.do("write", key=HEAD, field=["headline"], text="别人", base="词")
        session.do("write", key=HEAD, field=["lead"], text="我的", base="")
        session.do("write", key=HEAD, field=["headline"], text="我", base="词")
        assert isinstance(session.trouble, Conflict)
        assert on_disk(folder).headline == ("别人",)
        kept = [path.read_text(encoding="utf-8") for path in (folder / ".cache" / "kept").iterdir()]
        assert any("别人" in text for text in kept)
        assert any("[我]" in text for text in kept)
        assert [d.field for d in session.differences] == ["headline", "lead"]
        session.resolve({":headline": "theirs"})
        assert (on_disk(folder).headline, on_disk(folder).lead) == (("别人",), "我的")
        session.do("undo")
        assert on_disk(folder).headline == ("我",)

    def test_a_third_version_during_a_conflict_is_asked_about_too(self, session: Session, folder: Path) -> None:
        other = Session(folder, DAY)
        other.do("write", key=HEAD, field=["headline"], text="别人", base="词")
        session.do("write", key=HEAD, field=["headline"], text="我", base="词")
        other.do("write", key=HEAD, field=["headline"], text="又一个", base="别人", done=True)
        session.resolve({":headline": "ours"})
        assert isinstance(session.trouble, Conflict)
        assert on_disk(folder).headline == ("又一个",)

    def test_the_same_field_in_two_windows_is_a_conflict_too(self, session: Session, folder: Path) -> None:
        session.do("write", key=HEAD, field=["lead"], text="左", base="", done=True)
        session.do("select", key=HEAD)
        session.do("write", key=HEAD, field=["lead"], text="右", base="", done=True)
        assert isinstance(session.trouble, Conflict)
        assert on_disk(folder).lead == "左"
        assert [(d.ours, d.theirs) for d in session.differences] == [("右", "左")]
        session.resolve({})
        assert on_disk(folder).lead == "右"

    def test_on_a_full_disk_the_text_stays_and_is_saved_later(
        self, session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = session.store.path(DAY).read_bytes()

        def full(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(atomic, "write_durably", full)
            session.do("write", key=HEAD, field=["lead"], text="不能丢", base="")
            assert isinstance(session.trouble, Unsaved)
            assert session.unsaved
            assert session.state.issue.lead == "不能丢"
            assert session.store.path(DAY).read_bytes() == before
            session.sync()
            assert session.unsaved
        assert session.sync()
        assert on_disk(folder).lead == "不能丢"
        assert not session.unsaved

    def test_a_folder_that_went_away_and_came_back(self, session: Session, folder: Path) -> None:
        (folder / "drafts").rename(folder / "elsewhere")
        session.do("write", key=HEAD, field=["lead"], text="不能丢", base="")
        assert isinstance(session.trouble, Unsaved)
        assert session.trouble.replaceable
        (folder / "drafts").rmdir()
        (folder / "elsewhere").rename(folder / "drafts")
        session.sync()
        assert on_disk(folder).lead == "不能丢"

    def test_a_draft_that_was_removed_can_be_put_back(self, session: Session, folder: Path) -> None:
        session.store.path(DAY).unlink()
        assert session.sync()
        assert isinstance(session.trouble, Unsaved)
        session.overwrite()
        assert on_disk(folder) == session.state.issue

    def test_a_draft_that_broke_under_the_form_is_kept_when_it_is_replaced(
        self, session: Session, folder: Path
    ) -> None:
        path = session.store.path(DAY)
        path.write_text("<<<<<<< HEAD\n", encoding="utf-8")
        session.sync()
        session.do("write", key=HEAD, field=["lead"], text="我的", base="")
        assert isinstance(session.trouble, Unsaved)
        assert path.read_text(encoding="utf-8") == "<<<<<<< HEAD\n"
        session.overwrite()
        assert on_disk(folder).lead == "我的"
        kept = [each.read_text(encoding="utf-8") for each in (folder / ".cache" / "kept").glob("*.theirs.yaml")]
        assert kept == ["<<<<<<< HEAD\n"]

    def test_a_symlinked_draft_stays_a_link(self, folder: Path, tmp_path: Path) -> None:
        path = folder / "drafts" / f"{DAY}.yaml"
        path.rename(tmp_path / "real.yaml")
        path.symlink_to(tmp_path / "real.yaml")
        Session(folder, DAY).do("write", key=HEAD, field=["lead"], text="x", base="")
        assert path.is_symlink()
        assert on_disk(folder).lead == "x"

    def test_a_clock_that_goes_backwards_loses_no_kept_version(self, folder: Path) -> None:
        times = itertools.cycle([datetime.datetime(2026, 11, 14, 22, 0, n, tzinfo=datetime.UTC) for n in (5, 4)])
        session, other = Session(folder, DAY, lambda: next(times)), Session(folder, DAY)
        for n in range(4):
            other.sync()
            old = "/".join(other.state.issue.headline)
            other.do("write", key=HEAD, field=["headline"], text=f"别人{n}", base=old, done=True)
            session.do("write", key=HEAD, field=["lead"], text=f"我{n}", base=session.state.issue.lead or "", done=True)
            session.resolve({})
        kept = "".join(path.read_text(encoding="utf-8") for path in (folder / ".cache" / "kept").iterdir())
        assert all(f"别人{n}" in kept and f"我{n}" in kept for n in range(4))

    def test_text_that_is_not_saved_forbids_another_date(
        self, session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(atomic, "write_durably", full)
            session.do("write", key=HEAD, field=["lead"], text="不能丢", base="")
        with pytest.raises(UsageError, match="not saved"):
            session.reschedule("2026-11-22")
        assert (session.date, session.state.issue.lead) == (DAY, "不能丢")
        assert [path.name for path in (folder / "drafts").iterdir()] == [f"{DAY}.yaml"]

    def test_another_date_takes_the_draft_along(self, session: Session, folder: Path) -> None:
        session.reschedule("2026-11-22")
        session.do("write", key=HEAD, field=["lead"], text="x", base="")
        assert not (folder / "drafts" / f"{DAY}.yaml").exists()
        assert DraftStore(folder).load(datetime.date(2026, 11, 22)).issue.lead == "x"
        with pytest.raises(UsageError):
            session.reschedule("2026-02-30")


class TestOpening:
    def test_a_draft_that_does_not_parse_says_where_and_offers_the_last_good_copy(
        self, session: Session, folder: Path
    ) -> None:
        path = session.store.path(DAY)
        good = path.read_bytes()
        broken = good.replace(b"sections:", b"sections: [")
        path.write_bytes(broken)
        again = Session(folder, DAY)
        assert isinstance(again.trouble, Broken)
        assert again.trouble.error.line is not None
        assert path.read_bytes() == broken
        again.restore()
        assert path.read_bytes() == good
        assert [each.read_bytes() for each in (folder / ".cache" / "kept").iterdir()] == [broken]
        assert again.state.issue == session.state.issue

    def test_mended_by_hand_it_opens_by_itself(self, folder: Path) -> None:
        path = folder / "drafts" / f"{DAY}.yaml"
        good = path.read_bytes()
        path.write_bytes(b"")
        session = Session(folder, DAY)
        assert isinstance(session.trouble, Broken)
        assert not session.sync()
        path.write_bytes(good)
        assert session.sync()
        assert session.state.issue.headline == ("词",)

    def test_where_there_is_none_one_can_be_begun(self, folder: Path) -> None:
        day = datetime.date(2026, 12, 1)
        session = Session(folder, day)
        assert session.trouble == Missing((DAY,))
        with pytest.raises(CommandError):
            session.do("undo")
        session.create()
        assert [section.name for section in session.state.issue.sections] == ["业界新闻", "论文", "开源项目", "博文"]


class TestKilled:
    """What ``benchmarks/editor_safety.py`` does with hundreds of kernels."""

    EDITING = """
import datetime, itertools, sys
from pathlib import Path
from embedai_nb.editor.session import Session

session = Session(Path(sys.argv[1]), datetime.date.fromisoformat(sys.argv[2]))
entry = session.state.content.parts[0].entries[0]
for number in itertools.count(1):
    base = session.state.content.entry(entry.key).value.note
    session.do("write", key=entry.key, field=["note"], text=f"第{number}次" + "字" * (number % 700), base=base, done=True)
    if not session.unsaved:
        print(number, flush=True)
"""

    @pytest.mark.parametrize("saves", [1, 17, 60])
    def test_at_any_moment_what_was_acknowledged_is_there(self, folder: Path, saves: int) -> None:
        words = [sys.executable, "-c", self.EDITING, str(folder), str(DAY)]
        with subprocess.Popen(words, cwd=PROJECT, stdout=subprocess.PIPE) as editing:
            assert editing.stdout is not None
            said = [int(editing.stdout.readline()) for _ in range(saves)]
            editing.kill()
            said += [int(line) for line in editing.stdout.read().split()]
        number, _, rest = on_disk(folder).entries[0].note.partition("次")
        there = int(number.removeprefix("第"))
        assert there >= said[-1]
        assert rest == "字" * (there % 700)


# --- two editors on one draft ---------------------------------------------------------------------------------

FIELDS = ("title", "fields.摘要")
TOKEN = re.compile(r"T\d+T")


class Editors(RuleBasedStateMachine):
    """Two people, one draft: every text that was acknowledged as saved is in it, or was seen by who replaced it.

    A text that the draft no longer has must have been on the screen of the editor who removed it, or lie in a kept
    version.
    """

    @initialize()
    def begin(self) -> None:
        self.folder = issues(Path(tempfile.mkdtemp()) / "issues")
        self.editors = [Session(self.folder, DAY), Session(self.folder, DAY)]
        self.numbers = itertools.count()
        self.acknowledged: set[str] = set()
        self.seen: set[str] = set()
        """What an editor had on screen when she removed it."""

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder.parent)

    def tokens(self, session: Session) -> set[str]:
        return set(TOKEN.findall(session.state.issue.model_dump_json()))

    def act(self, who: int, command: str, *, removes: bool = False, **arguments: object) -> None:
        """``removes``: the command may remove texts that its editor sees."""
        session = self.editors[who]
        before = self.tokens(session)
        try:
            session.do(command, **arguments)
        except CommandError:
            return
        after = self.tokens(session)
        assert removes or isinstance(session.trouble, Conflict) or before <= after
        if removes:
            self.seen |= before - after
        if not session.unsaved:
            self.acknowledged |= after

    def entry(self, who: int, at: int) -> str | None:
        keys = [entry.key for part in self.editors[who].state.content.parts for entry in part.entries]
        return keys[at % len(keys)] if keys else None

    @rule(
        who=st.integers(0, 1),
        at=st.integers(0, 3),
        field=st.sampled_from(FIELDS),
        done=st.booleans(),
        stale=st.booleans(),
    )
    def write(self, who: int, at: int, field: str, done: bool, stale: bool) -> None:
        where = self.entry(who, at)
        session = self.editors[who]
        if where is None or not isinstance(value := session.state.content.entry(where).value, Item):
            return
        path = tuple(field.split("."))
        base = "从前的" if stale else text_of(value, path)
        text = f"T{next(self.numbers)}T"
        self.act(who, "write", removes=not stale, key=where, field=list(path), text=text, base=base, done=done)
        assert text in self.tokens(session)

    @rule(who=st.integers(0, 1), at=st.integers(0, 3), command=st.sampled_from(["duplicate", "delete"]))
    def entries(self, who: int, at: int, command: str) -> None:
        if (where := self.entry(who, at)) is not None:
            self.act(who, command, removes=command == "delete", key=where)

    @rule(who=st.integers(0, 1), at=st.integers(0, 3), by=st.sampled_from([-1, 1]))
    def move(self, who: int, at: int, by: int) -> None:
        if (where := self.entry(who, at)) is not None:
            self.act(who, "move", key=where, by=by)

    @rule(who=st.integers(0, 1), number=st.integers(0, 3), by=st.sampled_from([-1, 1]))
    def sections(self, who: int, number: int, by: int) -> None:
        parts = self.editors[who].state.content.parts
        self.act(who, "move", key=parts[number % len(parts)].key, by=by)

    @rule(who=st.integers(0, 1), at=st.integers(0, 3))
    def add(self, who: int, at: int) -> None:
        self.act(who, "add", key=self.entry(who, at) or HEAD, kind="item")

    @rule(who=st.integers(0, 1), command=st.sampled_from(["undo", "redo"]))
    def history(self, who: int, command: str) -> None:
        self.act(who, command, removes=True)

    @rule(who=st.integers(0, 1))
    def look(self, who: int) -> None:
        session = self.editors[who]
        before = self.tokens(session) if session.unsaved else set()
        session.sync()
        assert before <= self.tokens(session)

    @rule(who=st.integers(0, 1), sides=st.lists(st.sampled_from(["ours", "theirs"]), max_size=6))
    def resolve(self, who: int, sides: list[str]) -> None:
        session = self.editors[who]
        if not isinstance(session.trouble, Conflict):
            return
        names = [difference.name for difference in session.differences]
        before = self.tokens(session) | set(TOKEN.findall(session.trouble.theirs.issue.model_dump_json()))
        session.resolve(dict(zip(names, sides, strict=False)))
        if not session.unsaved:
            self.seen |= before - self.tokens(session)
            self.acknowledged |= self.tokens(session)

    @rule(who=st.integers(0, 1))
    def restart(self, who: int) -> None:
        """The kernel of one of them is gone, and with it what it had not saved."""
        if not self.editors[who].unsaved:
            self.editors[who] = Session(self.folder, DAY)

    @invariant()
    def nothing_acknowledged_is_lost(self) -> None:
        if not hasattr(self, "folder"):
            return
        there = set(TOKEN.findall(DraftStore(self.folder).load(DAY).issue.model_dump_json()))
        missing = self.acknowledged - there - self.seen
        if missing:
            kept = "".join(path.read_text(encoding="utf-8") for path in (self.folder / ".cache" / "kept").glob("*"))
            assert missing <= set(TOKEN.findall(kept))

    @invariant()
    def a_saved_state_is_the_draft(self) -> None:
        if hasattr(self, "folder"):
            for session in self.editors:
                if not session.unsaved and session.draft.bytes == session.store.path(DAY).read_bytes():
                    assert session.state.issue == DraftStore(self.folder).load(DAY).issue


def test_two_editors_lose_nothing() -> None:
    run_state_machine_as_test(Editors, settings=settings(one_in(4), stateful_step_count=50, database=None))


def test_the_template_is_a_draft_that_can_be_edited(tmp_path: Path) -> None:
    newsletter = load_newsletter(PROJECT / "issues" / "newsletter.yaml")
    folder = issues(tmp_path / "issues", template(DAY, newsletter))
    session = Session(folder, DAY)
    for part in session.state.content.parts:
        session.do("add", key=part.key, kind="item")
        session.do("write", key=session.state.selected, field=["title"], text=f"{part.value.name}一", base="")
    assert [item.title for item in on_disk(folder).entries] == ["业界新闻一", "论文一", "开源项目一", "博文一"]
    assert "# 标题里的关键词" in session.store.path(DAY).read_text(encoding="utf-8")
