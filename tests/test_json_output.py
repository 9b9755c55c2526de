"""`--format json`: the keys are those that docs/json.md documents, and stdout holds nothing else."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from embedai_nb.workspace import layout
from tests.json_keys import DOCUMENTED, PAGES, documented, keys
from tests.publishing import DAY, embedai, issues

EARLIER = "2026-11-01"
BEFORE = """\
schema: 1
date: 2026-11-01
headline: [开发板]
sections:
  - name: 业界新闻
    items:
      - {title: 新开发板, source: 某媒体, url: https://example.org/new, fields: {摘要: 做了卷积。}, status: ready}
  - name: 论文
    items:
      - {title: 低比特训练, source: 甲报, url: https://arxiv.org/abs/2104.14129, fields: {摘要: 两比特。}, status: ready}
      - {title: 剪枝, source: 甲报, url: https://example.org/pruning, fields: {摘要: 一半。}, status: ready}
"""
OLD = """\
# 嵌入式AI简报 (2031-04-06)：旧

> 导读：旧事。

## 论文

一行认不出的字

- [旧文 | 乙报](https://example.com/2)
摘要: 半角冒号。
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An issues folder with a small draft, and one before it."""
    folder = issues(tmp_path / "issues")
    (folder / layout.draft(EARLIER)).write_text(BEFORE, encoding="utf-8")
    return folder


def said(folder: Path, *words: str, status: int = 0) -> Any:
    """What a command prints, as JSON; nothing is said on stderr where all is well."""
    done: subprocess.CompletedProcess[str] = embedai(folder, *words, "--format", "json")
    assert (done.returncode, done.stderr * (not status)) == (status, "")
    return json.loads(done.stdout)


def test_both_pages_document_the_same_keys() -> None:
    assert documented(PAGES[1]) == DOCUMENTED
    assert {"search", "issue", "build", "build 2", "import", "capture", "inbox", "email", "check"} <= DOCUMENTED.keys()


def test_items_that_were_found(folder: Path) -> None:
    found = said(folder, "search", "卷积")
    assert set(keys(found)) == DOCUMENTED["search"]
    assert [each["date"] for each in found["items"]] == [str(DAY), EARLIER]
    assert said(folder, "search", "没有这样的词") == {"items": []}


def test_files_that_were_imported_and_those_that_were_not(folder: Path) -> None:
    (folder / "old.md").write_text(OLD, encoding="utf-8")
    (folder / "2031-03-02.md").write_text("# 嵌入式AI简报 (2031-03-09)\n\n## 论文\n\n- [](https://e.com/1)\n", "utf-8")
    found = said(folder, "import", "old.md", "2031-03-02.md", "nowhere.md", status=1)
    assert set(keys(found)) == DOCUMENTED["import"]
    old, new = found["imported"]
    assert [each["draft"] for each in (old, new)] == ["drafts/2031-04-06.yaml", "drafts/2031-03-09.yaml"]
    assert old["remarks"][0] == {"line": 7, "kind": "raw", "text": "一行认不出的字"}
    assert found["failed"] == [{"file": "nowhere.md", "reason": "nowhere.md: No such file or directory"}]


def test_things_that_were_captured(folder: Path) -> None:
    things = ["https://example.org/1?utm_source=x", "https://mp.weixin.qq.com/s?src=11&timestamp=1&signature=x"]
    found = said(folder, "capture", str(DAY), "--offline", *things, "2104.14129", status=1)
    assert set(keys(found)) == DOCUMENTED["capture"]
    assert [each["item"] and each["item"]["tags"] for each in found["items"]] == [[], None, ["2104.14129"]]
    assert found["items"][2]["earlier"][0]["date"] == EARLIER


def test_findings(folder: Path) -> None:
    path = folder / layout.draft(str(DAY))
    path.write_text(path.read_text("utf-8").replace("两年，", "两年，，"), encoding="utf-8")
    found = said(folder, "check", str(DAY))
    assert set(keys(found)) | {"[]"} == DOCUMENTED["check"]
    assert "doubled-punctuation" in {each["rule"] for each in found}


@pytest.mark.processes
def test_what_became_of_an_issue(folder: Path) -> None:
    found = said(folder, "issue", str(DAY))
    assert set(keys(found)) == DOCUMENTED["issue"]
    assert (found["published"], found["up_to_date"]) == (True, False)
    assert all((folder / name).is_file() for name in found["written"])
    assert said(folder, "issue", str(DAY)) == found | {"up_to_date": True, "written": []}


@pytest.mark.processes
def test_what_became_of_all_issues_and_why_one_is_out_of_date(folder: Path) -> None:
    path = folder / layout.draft(str(DAY))
    path.write_text("schema: 1\nschema: 2\n", encoding="utf-8")
    found = said(folder, "build", status=1)
    assert set(keys(found)) == DOCUMENTED["build"]
    assert [each["date"] for each in found["issues"]] == [EARLIER]
    assert found["failed"][0]["date"] == str(DAY)
    explained = said(folder, "build", "--explain", EARLIER)
    assert explained == {"date": EARLIER, "reasons": []}
    path.unlink()
    (folder / layout.page(EARLIER)).unlink()
    assert set(keys(said(folder, "build", "--explain", EARLIER))) == DOCUMENTED["build 2"]


def test_a_build_that_never_ends_has_no_json(folder: Path) -> None:
    done = embedai(folder, "build", "--watch", "--format", "json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "embedai: --watch: cannot be had together with --format json\n"
