"""Errors as the form says them: in the newsletter's language, whoever raised them."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from embedai_nb.drafts import DraftStore
from embedai_nb.drafts.store import parse_draft
from embedai_nb.editor.error_texts import UNKNOWN_YAML, YAML, explain
from embedai_nb.errors import DraftError, EmbedAIError, LockedError
from embedai_nb.i18n import _, translator
from embedai_nb.workspace.locks import draft_lock, publication_lock

from .conftest import DATA
from .test_editor_state import DAY

NAMES = re.compile(r"`[^`]*`|'\w+'(?: or '\w+')*|“[^”]*”|[\w-]+\.(?:yaml|tmp)|YAML|UTF-8|git|schema|0x\w+|U\+\w+")
"""What is a name in any language."""
DRAFT = (DATA / "editor" / "draft.yaml").read_text("utf-8")

BROKEN = {
    "mapping": DRAFT.replace("大模型", "大: 模: 型"),
    "quote": DRAFT.replace("大模型", '"大模型'),
    "bracket": DRAFT.replace("[词]", "[词"),
    "brace": DRAFT.replace("text: 做了一件事}", "text: 做了一件事"),
    "token": DRAFT.replace("大模型", "@大模型"),
    "indent": DRAFT.replace("        url: https://e.com/2", "       url: https://e.com/2"),
    "tab": DRAFT.replace("        url: https://e.com/2", "\turl: https://e.com/2"),
    "alias": DRAFT.replace("大模型", "*x"),
    "tag": DRAFT.replace("大模型", "!!python/object:os.system x"),
    "twice": DRAFT.replace("        url: https://e.com/2", "        url: https://e.com/2\n        url: x"),
    "key": DRAFT.replace("        url: https://e.com/2", "        ulr: https://e.com/2"),
    "status": DRAFT.replace("        url: https://e.com/2", "        status: done"),
    "list": DRAFT.replace("headline: [词]", "headline: {a: b}"),
    "text": DRAFT.replace("大模型   #", "[大模型]   #"),
    "schema": DRAFT.replace("schema: 1", "schema: 9"),
    "escape": DRAFT.replace("大模型", '"大\\q模型"'),
    "second": DRAFT + "---\na: b\n",
    "empty": "",
    "conflict": DRAFT.replace("      - title: 大模型", "<<<<<<< ours\n      - title: 大模型"),
}


HAN = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def unreadable(name: str) -> DraftError:
    with pytest.raises(DraftError) as raised:
        parse_draft(BROKEN[name].encode(), Path(f"drafts/{DAY}.yaml"), DAY)
    return raised.value


@pytest.mark.parametrize("name", BROKEN)
def test_a_draft_that_cannot_be_read_in_chinese(name: str) -> None:
    said = explain(unreadable(name), "zh-CN")
    assert f"{DAY}.yaml 第 " in said
    assert not re.search("[A-Za-z]{2,}", NAMES.sub("", said)), said
    assert translator("zh-CN")(UNKNOWN_YAML) not in said


@pytest.mark.parametrize("name", BROKEN)
def test_a_draft_that_cannot_be_read_in_english(name: str) -> None:
    said = explain(unreadable(name), "en")
    assert f"{DAY}.yaml, line " in said
    assert not HAN.search(said.replace("论文", "")), said
    assert UNKNOWN_YAML not in said


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_the_system(number: int) -> None:
    error = OSError(number, os.strerror(number), "/a/folder")
    assert not re.search("[A-Za-z]", explain(error, "zh-CN")), explain(error, "zh-CN")
    assert not HAN.search(explain(error, "en"))


def test_a_draft_that_cannot_be_written(tmp_path: Path) -> None:
    store = DraftStore(tmp_path)
    (tmp_path / "drafts").mkdir()
    store.path(DAY).write_text(DRAFT.replace("2026-11-15", str(DAY)), "utf-8")
    draft = store.load(DAY)
    (tmp_path / "drafts").rename(tmp_path / "elsewhere")
    (tmp_path / "drafts").write_text("in the way")
    with pytest.raises(EmbedAIError) as raised:
        store.save(draft, draft.issue.model_copy(update={"headline": ("新",)}))
    said = explain(raised.value, "zh-CN")
    assert not re.search("[A-Za-z]{2,}", NAMES.sub("", said).replace(str(DAY), "")), said
    assert re.search("there is a file (where a folder should be|of this name already)", explain(raised.value, "en"))


def test_every_text_of_the_parser_has_one_explanation() -> None:
    parts = [part for part, _ in YAML]
    assert len({*parts}) == len(parts)


@pytest.mark.parametrize("lock", [draft_lock, publication_lock])
def test_a_lock_that_another_holds(lock: Callable[..., AbstractContextManager[None]], tmp_path: Path) -> None:
    options = {"timeout": 0} if lock is draft_lock else {}
    with lock(tmp_path, "2026-11-15"), pytest.raises(LockedError) as raised, lock(tmp_path, "2026-11-15", **options):
        pass
    assert re.search(r"别的程序正在|进程", explain(raised.value, "zh-CN"))
    assert "wait until it has ended" in explain(raised.value, "en")


@pytest.mark.parametrize(
    ("error", "chinese", "english"),
    [
        (
            EmbedAIError(_("no such file"), path="a/newsletter.yaml", line=3, item="warmups 2", field="url"),
            "newsletter.yaml 第 3 行 热身小新闻 2 网址：没有这个文件",
            "newsletter.yaml, line 3, Warm-ups 2, Address: no such file",
        ),
        (
            EmbedAIError(_("the draft is not saved"), item="论文 2", field="fields.摘要", remedy=_("save it first")),
            "论文 2 摘要：草稿还没有保存；先等它保存好",
            "论文 2, 摘要: the draft is not saved; save it first",
        ),
        (
            EmbedAIError(_("the draft is not saved"), field="schema"),
            "“schema”：草稿还没有保存",
            "“schema”: the draft is not saved",
        ),
    ],
)
def test_where_what_and_what_to_do(error: EmbedAIError, chinese: str, english: str) -> None:
    assert (explain(error, "zh-CN"), explain(error, "en")) == (chinese, english)


def test_one_that_nobody_foresaw_says_what_it_is() -> None:
    assert explain(KeyError("n"), "zh-CN") == "KeyError: 'n'"
