"""The archive as a table: its columns, where their values come from, and how it is exported."""

from __future__ import annotations

import builtins
import datetime
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import embedai_nb
from embedai_nb.catalogue.table import ITEM_COLUMNS, WARMUP_COLUMNS
from embedai_nb.cli import run
from embedai_nb.drafts import DraftStore
from embedai_nb.model import Issue, Item, Section, Warmup
from embedai_nb.workspace import layout

from .conftest import PROJECT

PAPER = Item(
    title="AdderNet",
    source="机器之心",
    url="https://mp.weixin.qq.com/s/abc?from=timeline",
    tags=("2104.14129", "CVPR 2021"),
    fields={"论文": "https://arxiv.org/abs/2104.14129", "摘要": "只用加法。"},
)
REPOSITORY = Item(title="推理框架", repo="Tencent/ncnn", url="https://github.com/Tencent/ncnn/")
LABELLED = Item(title="无编号", url="https://www.b.example/x", fields={"论文": "https://arxiv.org/pdf/1905.02244v3"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / layout.NEWSLETTER).write_bytes((PROJECT / "issues" / "newsletter.yaml").read_bytes())
    put(tmp_path, "2021-05-30", 论文=(PAPER,))
    put(tmp_path, "2021-06-30", 论文=(LABELLED,), 开源项目=(REPOSITORY, PAPER))
    return tmp_path


def put(folder: Path, date: str, **sections: tuple[Item, ...]) -> None:
    day = datetime.date.fromisoformat(date)
    warmups = (Warmup(company="华为", text=f"消息{date}", url="https://h.example/"), Warmup(text="没有公司的一条"))
    parts = tuple(Section(name=name, items=items) for name, items in sections.items())
    DraftStore(folder).create(day, Issue(date=day, warmups=warmups, sections=parts))


def test_one_row_an_item_with_the_documented_columns(folder: Path) -> None:
    table = embedai_nb.archive(folder)
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == ITEM_COLUMNS
    first, second, third, last = table.to_dict("records")
    assert first == {
        "date": pd.Timestamp("2021-05-30"),
        "number": 1,
        "section": "论文",
        "position": 1,
        "title": "AdderNet",
        "source": "机器之心",
        "url": "https://mp.weixin.qq.com/s/abc?from=timeline",
        "address": "https://mp.weixin.qq.com/s/abc",
        "domain": "mp.weixin.qq.com",
        "kind": "paper",
        "arxiv": "2104.14129",
        "repository": "",
        "tags": ["2104.14129", "CVPR 2021"],
        "characters": first["characters"],
        "labels": ["论文", "摘要"],
    }
    assert first["characters"] > len("只用加法。")
    assert (second["kind"], second["arxiv"], second["domain"]) == ("page", "1905.02244", "b.example")
    assert (third["kind"], third["repository"], third["title"]) == (
        "repository",
        "Tencent/ncnn",
        "Tencent/ncnn：推理框架",
    )
    assert [(row["number"], row["position"]) for row in (second, third, last)] == [(2, 1), (2, 1), (2, 2)]


def test_warm_ups_are_a_table_of_their_own(folder: Path) -> None:
    table = embedai_nb.warmups(folder)
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == WARMUP_COLUMNS
    rows = table[["number", "position", "company", "url"]].to_numpy().tolist()
    assert rows == [
        [1, 1, "华为", "https://h.example/"],
        [1, 2, "", ""],
        [2, 1, "华为", "https://h.example/"],
        [2, 2, "", ""],
    ]


def test_the_table_follows_every_change(folder: Path) -> None:
    assert len(embedai_nb.archive(folder)) == 4
    DraftStore(folder).path(datetime.date(2021, 5, 30)).unlink()
    assert embedai_nb.archive(folder)["number"].tolist() == [1, 1, 1]
    put(folder, "2021-05-01", 博文=(LABELLED,))
    assert embedai_nb.archive(folder)["section"].tolist() == ["博文", "论文", "开源项目", "开源项目"]


def test_an_empty_archive_is_an_empty_table_with_the_same_columns(tmp_path: Path) -> None:
    (tmp_path / layout.NEWSLETTER).write_bytes((PROJECT / "issues" / "newsletter.yaml").read_bytes())
    table = embedai_nb.archive(tmp_path)
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == ITEM_COLUMNS
    assert table.empty
    assert embedai_nb.warmups(tmp_path).empty


@pytest.mark.parametrize("page", ["trends.md", "trends.zh-CN.md"])
def test_every_column_is_documented_with_its_dtype(page: str) -> None:
    text = (PROJECT / "docs" / page).read_text("utf-8")
    for name, dtype in {**ITEM_COLUMNS, **WARMUP_COLUMNS}.items():
        assert re.search(rf"^\| `{name}` \| {re.escape(dtype)} \|", text, re.MULTILINE), name


READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    "csv": lambda path: pd.read_csv(path, dtype={"arxiv": "str"}, keep_default_na=False),
    "parquet": pd.read_parquet,
    "jsonl": lambda path: pd.DataFrame(map(json.loads, path.read_text("utf-8").splitlines())),
}


@pytest.mark.parametrize("form", READERS)
def test_export_writes_what_the_table_holds(folder: Path, form: str, tmp_path: Path) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    out = tmp_path / f"items.{form}"
    assert run(["--issues", str(folder), "export", "--format", form, "--out", str(out)]) == 0
    found, table = READERS[form](out), embedai_nb.archive(folder)
    assert list(found) == list(table)
    for name in ("title", "arxiv", "position", "characters", "address"):
        assert found[name].tolist() == table[name].tolist()
    assert [str(day)[:10] for day in found["date"]] == ["2021-05-30"] + 3 * ["2021-06-30"]
    assert found["tags"].map(list if form != "csv" else str).iloc[0] == (
        "2104.14129; CVPR 2021" if form == "csv" else ["2104.14129", "CVPR 2021"]
    )


def test_export_prints_csv(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["--issues", str(folder), "export", "--warmups"]) == 0
    found = pd.read_csv(io.BytesIO(capfdbinary.readouterr().out), keep_default_na=False)
    assert found["company"].tolist() == ["华为", "", "华为", ""]


def test_parquet_without_pyarrow_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    imported = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name.partition(".")[0] == "pyarrow":
            raise ImportError(name)
        return imported(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("pandas.DataFrame.to_parquet", lambda *_, **__: without("pyarrow"))
    assert run(["--issues", str(folder), "export", "--format", "parquet"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert 'pyarrow, which is not installed; pip install "embedai-nb[parquet]", or take csv or jsonl' in err
