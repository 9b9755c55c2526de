"""Changes between two versions of an issue."""

from __future__ import annotations

import datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import given

from embedai_nb.diff import changes
from embedai_nb.diff.changes import Change, Edit
from embedai_nb.model import Issue, Item, Raw, Section, Warmup
from tests.test_markdown import issues

from .conftest import one_in

DAY = datetime.date(2031, 5, 4)
A = Item(title="低比特训练", source="甲报", url="https://e.com/1", fields={"摘要": "一句。"})
B = Item(title="移动端推理", source="乙报", url="https://e.com/2")
C = Item(title="量化综述", source="丙报", url="https://e.com/3")

compare = partial(changes.compare, colon="：")


def issue(*papers: Item, posts: tuple[Item | Raw, ...] = (), **parts: Any) -> Issue:
    return Issue(date=DAY, sections=(Section(name="论文", items=papers), Section(name="博文", items=posts)), **parts)


def test_nothing_changed() -> None:
    assert compare(issue(A, B), issue(A, B)) == ()


@pytest.mark.parametrize(
    ("new", "change"),
    [
        pytest.param(issue(A, B, C), Change("added", "论文", "量化综述"), id="an item was added"),
        pytest.param(issue(A), Change("removed", "论文", "移动端推理"), id="an item was removed"),
        pytest.param(
            issue(A, posts=(B,)),
            Change("moved", "博文", "移动端推理", (Edit("section", "论文", "博文"),)),
            id="to another section",
        ),
        pytest.param(
            issue(A, B.model_copy(update={"url": "https://e.com/9"})),
            Change("edited", "论文", "移动端推理", (Edit("url", "https://e.com/2", "https://e.com/9"),)),
            id="another address, the same title",
        ),
        pytest.param(
            issue(A, B.model_copy(update={"title": "全新的标题"})),
            Change("edited", "论文", "全新的标题", (Edit("title", "移动端推理", "全新的标题"),)),
            id="another title, the same address",
        ),
        pytest.param(
            issue(A, B.model_copy(update={"title": "移动端推理加速", "url": "https://e.com/9"})),
            Change(
                "edited",
                "论文",
                "移动端推理加速",
                (Edit("title", "移动端推理", "移动端推理加速"), Edit("url", "https://e.com/2", "https://e.com/9")),
            ),
            id="both, and similar still",
        ),
        pytest.param(
            issue(A.model_copy(update={"fields": {"论文": "https://e.com/p", "摘要": "两句。"}}), B),
            Change(
                "edited", "论文", "低比特训练", (Edit("摘要", "一句。", "两句。"), Edit("论文", "", "https://e.com/p"))
            ),
            id="labels",
        ),
        pytest.param(
            issue(A, B, lead="新的"),
            Change("edited", "", "lead", (Edit("lead", "", "新的"),)),
            id="a part of the issue",
        ),
        pytest.param(
            issue(A, B, warmups=(Warmup(company="甲", text="一件事"),)),
            Change("edited", "", "warmups", (Edit("warmups", "", "甲：一件事"),)),
            id="the warm-ups",
        ),
    ],
)
def test_one_change(new: Issue, change: Change) -> None:
    found = compare(issue(A, B), new)
    assert len(found) == 1
    assert (found[0].kind, found[0].section, found[0].title) == (change.kind, change.section, change.title)
    assert [edit for edit in found[0].edits if edit.before != edit.after] == list(change.edits)


def test_only_the_item_that_was_moved_has_moved() -> None:
    assert compare(issue(A, B, C), issue(C, A, B)) == (Change("moved", "论文", "量化综述", (Edit("place", "3", "1"),)),)


def test_items_below_an_added_or_removed_one_have_not_moved() -> None:
    assert compare(issue(A, B), issue(C, A, B)) == (Change("added", "论文", "量化综述"),)
    assert compare(issue(A, B), issue(B)) == (Change("removed", "论文", "低比特训练"),)


def test_raw_text_names_and_notes_of_sections_count_too() -> None:
    (change,) = compare(issue(A, posts=(Raw(raw="旧"),)), issue(A, posts=(Raw(raw="新"),)))
    assert change.edits == (Edit("sections", "论文\n博文\n旧", "论文\n博文\n新"),)


def test_internal_notes_and_states_are_no_change() -> None:
    assert compare(issue(A), issue(A.model_copy(update={"note": "核对", "status": "ready", "hook": "半句"}))) == ()


@given(old=issues(), new=issues())
@one_in(2)
def test_every_item_is_accounted_for(old: Issue, new: Issue) -> None:
    kinds = [change.kind for change in compare(old, new) if change.section]
    came, went = kinds.count("added"), kinds.count("removed")
    assert len(old.entries) + came - went == len(new.entries)
    assert compare(new, new) == ()
