"""Errors as the form says them: in its own language, whoever raised them."""

from __future__ import annotations

import ast
import errno
import os
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from embedai_nb.drafts import DraftStore
from embedai_nb.drafts.store import parse_draft
from embedai_nb.editor import error_texts
from embedai_nb.editor.error_texts import explain
from embedai_nb.errors import DraftError, EmbedAIError, LockedError
from embedai_nb.workspace.locks import draft_lock, publication_lock

from .conftest import DATA, PROJECT
from .test_editor_state import DAY

NAMES = re.compile(r"`[^`]*`|“[^”]*”|[\w-]+\.(?:yaml|tmp)|YAML|UTF-8|git|schema|0x\w+|U\+\w+")
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


@pytest.mark.parametrize("name", BROKEN)
def test_a_draft_that_cannot_be_read(name: str) -> None:
    with pytest.raises(DraftError) as raised:
        parse_draft(BROKEN[name].encode(), Path(f"drafts/{DAY}.yaml"), DAY)
    said = explain(raised.value)
    assert f"{DAY}.yaml 第 " in said
    assert not re.search("[A-Za-z]{2,}", NAMES.sub("", said)), said
    assert error_texts.UNKNOWN not in said
    assert error_texts.UNKNOWN_YAML not in said


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_the_system(number: int) -> None:
    said = explain(OSError(number, os.strerror(number), "/a/folder"))
    assert not re.search("[A-Za-z]", said), said


def test_a_draft_that_cannot_be_written(tmp_path: Path) -> None:
    store = DraftStore(tmp_path)
    (tmp_path / "drafts").mkdir()
    store.path(DAY).write_text(DRAFT.replace("2026-11-15", str(DAY)), "utf-8")
    draft = store.load(DAY)
    (tmp_path / "drafts").rename(tmp_path / "elsewhere")
    (tmp_path / "drafts").write_text("in the way")
    with pytest.raises(EmbedAIError) as raised:
        store.save(draft, draft.issue.model_copy(update={"headline": ("新",)}))
    assert not re.search("[A-Za-z]{2,}", NAMES.sub("", explain(raised.value)).replace(str(DAY), "")), explain(
        raised.value
    )


DOMAIN = (
    "drafts",
    "workspace",
    "text",
    "publish/reschedule.py",
    "markdown/nesting_limit.py",
    "edition.py",
    "editor/session.py",
)


def problems() -> list[str]:
    """What the parts that the form stands on say is wrong, with x for what is filled in."""
    found = []
    for part in DOMAIN:
        place = PROJECT / "embedai_nb" / part
        for path in [place] if place.suffix else sorted(place.glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and ast.unparse(node.func)
                    in ("DraftError", "UsageError", "ConflictError", "LockedError", "composer.refuse", "self.refuse")
                    and node.args
                ):
                    found += _texts(node.args[0])
    assert len(found) > 20
    return sorted({text for text in found if not text.startswith("x by")})  # of a lock, whose holders are below


def _texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)]
    return []


@pytest.mark.parametrize("problem", problems())
def test_every_problem_that_the_form_may_meet_is_translated(problem: str) -> None:
    assert explain(EmbedAIError(problem)) != error_texts.UNKNOWN


@pytest.mark.parametrize("lock", [draft_lock, publication_lock])
def test_a_lock_that_another_holds(lock: Callable[..., AbstractContextManager[None]], tmp_path: Path) -> None:
    options = {"timeout": 0} if lock is draft_lock else {}
    with lock(tmp_path, "2026-11-15"), pytest.raises(LockedError) as raised, lock(tmp_path, "2026-11-15", **options):
        pass
    assert "别的程序正在" in explain(raised.value)
