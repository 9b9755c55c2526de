"""Trends of the archive: what is counted, how it is drawn, the notebook, and its page of the site."""

from __future__ import annotations

import datetime
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from benchmarks.inbox import distractors
from embedai_nb.catalogue.table import archive
from embedai_nb.checks import LinkStatus
from embedai_nb.cli import run
from embedai_nb.drafts import DraftStore
from embedai_nb.model import Issue, Item, Section, Warmup
from embedai_nb.site.build import build_site
from embedai_nb.trends import figures
from embedai_nb.trends.vocabulary import mentions, vocabulary
from embedai_nb.workspace import layout
from embedai_nb.workspace.locate import VARIABLE

from .conftest import PROJECT

plots = pytest.importorskip("embedai_nb.trends.plots")
pytest.importorskip("matplotlib", reason="matplotlib is not installed")

TITLES = [
    f"神经网络 {a}：{b}" for a in ("量化", "剪枝", "蒸馏", "部署", "压缩") for b in ("入门", "进阶", "实践", "综述")
]


def frame(*rows: dict[str, object]) -> pd.DataFrame:
    """A table of these rows, with the columns that figures are made of."""
    empty = {"section": "论文", "source": "", "url": "", "address": "", "arxiv": "", "repository": "", "title": ""}
    table = pd.DataFrame([empty | row for row in rows])
    return table.assign(date=pd.to_datetime(table["date"]).astype("datetime64[s]"))


# --- figures --------------------------------------------------------------------------------------------------


def test_words_of_a_field_are_found_without_a_dictionary() -> None:
    found = vocabulary(
        [*TITLES, *distractors(), "用 PyTorch 训练", "pytorch 部署", "PyTorch 与 TVM", "The end of the story"], 3
    )
    assert found["神经网络"] == "神经网络"
    assert found["pytorch"] == "PyTorch"
    assert {"量化", "剪枝", "蒸馏"} <= set(found)
    assert not {"神经", "经网", "网络", "网络量", "the"} & set(found)


def test_mentions_are_counted_once_an_item_and_latin_words_as_a_whole() -> None:
    assert mentions(["ARM 量化量化", "SMART 量化", "arm."], ["arm", "量化"]) == {"arm": [0, 2], "量化": [0, 1]}


def test_words_that_rise_come_first_and_those_that_fall_last() -> None:
    filler = distractors()[:80]
    early, late = (
        [f"{n}号 芯片{x}" for n, x in enumerate("新快好大小多")],
        [f"{n}位 量化{x}" for n, x in enumerate("新快好大小多")],
    )
    titles = [*early, *filler[:40], *late, *filler[40:]]
    found = figures.word_changes(titles, [False] * 46 + [True] * 46, 3)
    assert (found[0].word, found[-1].word) == ("量化", "芯片")
    assert round(found[0].change, 1) == round(600 / 46, 1) == -round(found[-1].change, 1)
    assert figures.word_changes(titles, [True] * 92, 3) == []


def test_the_age_of_a_paper_is_told_by_its_id() -> None:
    table = frame(
        {"date": "2021-05-30", "arxiv": "2104.14129"},
        {"date": "2021-05-30", "arxiv": "2105.00001"},
        {"date": "2021-05-30", "arxiv": "cs/9901002"},
        {"date": "2021-05-30", "arxiv": "2201.00001"},
        {"date": "2021-05-30"},
    )
    assert figures.paper_months(table).tolist() == [1, 0, 22 * 12 + 4]


def test_repetitions_are_told_by_page_paper_or_repository_of_an_earlier_issue() -> None:
    table = frame(
        {"date": "2021-01-01", "address": "https://a", "arxiv": "2104.1", "repository": "O/N", "title": "一"},
        {"date": "2021-01-01", "address": "https://a", "title": "同期"},
        {"date": "2021-02-01", "address": "https://a", "title": "同页"},
        {"date": "2021-03-01", "arxiv": "2104.1", "address": "https://b", "title": "同文"},
        {"date": "2021-04-01", "repository": "o/n", "address": "https://c", "title": "同库"},
        {"date": "2021-05-01", "title": "无址"},
    )
    found = figures.repeated(table)
    assert found["title"].tolist() == ["同页", "同文", "同库"]
    assert {str(day)[:10] for day in found["first"]} == {"2021-01-01"}


def test_dead_links_are_counted_where_links_were_checked() -> None:
    table = frame(
        {"date": "2020-01-01", "url": "u1"}, {"date": "2020-05-01", "url": "u2"}, {"date": "2021-01-01", "url": "u3"}
    )
    day = datetime.date(2026, 1, 1)
    known = {"u1": LinkStatus("dead", "", day), "u2": LinkStatus("ok", "", day)}
    assert figures.link_states(table, known).to_dict("index") == {2020: {"checked": 2, "dead": 1}}
    assert figures.link_states(table, {}).empty


def test_companies_are_one_however_they_are_written() -> None:
    table = pd.DataFrame({"company": ["Arm", "ARM", "Arm", "", "华为", "Ａrm"]})
    assert figures.named_companies(table).to_dict() == {"Arm": 4, "华为": 1}


def test_issues_that_are_too_many_are_counted_by_year() -> None:
    days = pd.date_range("2000-01-01", periods=figures.MOST_COLUMNS + 1, freq="30D")
    table = frame(*({"date": day} for day in days))
    assert figures.by_section(table).index[0] == "2000"
    assert figures.by_section(table).to_numpy().sum() == len(days)


# --- plots ----------------------------------------------------------------------------------------------------

HOSTILE = '<script>alert("$x^2$")</script> & \\frac'


@pytest.mark.parametrize(
    "plot",
    [
        lambda: plots.horizontal_bars({HOSTILE: 3, "知乎": 0}, HOSTILE),
        lambda: plots.diverging_bars({"升": 2.0, HOSTILE: -3.0}, HOSTILE),
        lambda: plots.grid([HOSTILE, "乙"], ["2020", "2021"], [[1, 0], [0, 0]], HOSTILE),
        lambda: plots.stacked_columns(["2020-01", "2020-02"], {HOSTILE: [1, 2], "论文": [0, 3]}, HOSTILE),
    ],
    ids=["bars", "diverging", "grid", "columns"],
)
def test_a_plot_is_safe_well_formed_and_the_same_each_time(plot: object) -> None:
    html = str(plot())  # type: ignore[operator]
    assert html == str(plot())  # type: ignore[operator]
    svg = ET.fromstring(html[html.index("<svg") :])
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == HOSTILE
    assert "<script" not in html
    texts = ["".join(text.itertext()) for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert any(text.startswith("<script>") for text in texts) or "&lt;script&gt;" in html
    assert not re.search(r"font-family|#010101|<style|<metadata|\bwidth=\"\d+(\.\d+)?pt", html)


# --- the notebook and its page --------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "issues"
    path.mkdir()
    (path / layout.NEWSLETTER).write_bytes((PROJECT / "issues" / "newsletter.yaml").read_bytes())
    for month, title in enumerate(TITLES[:6], 1):
        day = datetime.date(2021, month, 1)
        item = Item(title=title, source="知乎", url=f"https://z.example/{month}", tags=(f"21{month:02}.00001",))
        issue = Issue(
            date=day, warmups=(Warmup(company="华为", text="消息"),), sections=(Section(name="论文", items=(item,)),)
        )
        DraftStore(path).create(day, issue)
    monkeypatch.setenv(VARIABLE, str(path))
    return path


def test_every_cell_says_so_where_there_is_nothing(folder: Path) -> None:
    from embedai_nb import trends

    for found in (trends.load("1999-01-01", "1999-12-31"), trends.load("2021-01-01", "2021-01-01")):
        for name in trends.__all__:
            if name != "load":
                assert "nan" not in str(getattr(trends, name)(found).data["text/html"]).lower()


def test_a_plot_has_its_data_as_a_table(folder: Path) -> None:
    from embedai_nb import trends

    html = trends.sources(trends.load()).data["text/html"]
    assert "<svg" in html
    assert '<tr><th scope="row">知乎</th><td>6</td><td>6</td></tr>' in html


@pytest.mark.processes
def test_trends_are_executed_by_papermill_and_become_a_page_of_the_site(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["--issues", str(folder), "trends", "--since", "2021-02-01", "--until", "2021-05-31"]) == 0
    notebook = (folder / layout.TRENDS).read_bytes()
    assert run(["--issues", str(folder), "trends", "--since", "2021-02-01", "--until", "2021-05-31"]) == 0
    assert (folder / layout.TRENDS).read_bytes() == notebook
    nb = nbformat.reads(notebook.decode(), as_version=4)
    assert 'SINCE = "2021-02-01"\nUNTIL = "2021-05-31"' in nb.cells[1].source
    assert str(tmp_path) not in notebook.decode()

    for date in ("2021-02-01", "2021-03-01"):
        (folder / "archive").mkdir(exist_ok=True)
        (folder / layout.markdown(date)).write_text("# 嵌入式AI简报 (2021)\n", "utf-8")
    build_site(folder, tmp_path / "site", "https://n.example/")
    page = (tmp_path / "site" / "trends.html").read_text("utf-8")
    assert page.count("<h1>") == 1
    assert "2021-02-01 至 2021-05-01，4 期，4 条" in page
    assert 'href="trends.html"' in (tmp_path / "site" / "index.html").read_text("utf-8")
    assert "https://n.example/trends.html" in (tmp_path / "site" / "sitemap.xml").read_text("utf-8")

    from embedai_nb.publish.trends_exporter import TrendsExporter

    document, _ = TrendsExporter().from_notebook_node(nb)
    assert document.startswith("<!DOCTYPE html>")
    assert "4 期，4 条" in document


def test_without_an_executed_notebook_the_site_has_no_such_page(tmp_path: Path) -> None:
    build_site(PROJECT / "issues", tmp_path / "site", "")
    assert not (tmp_path / "site" / "trends.html").exists()
    assert "trends.html" not in (tmp_path / "site" / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--since", "2021-13-01"), "2021-13-01 is no day of the calendar"),
        (("--since", "2021-05-01", "--until", "2021-04-01"), "2021-05-01 is later than 2021-04-01"),
    ],
)
def test_days_that_make_no_sense_are_refused_before_anything_runs(
    folder: Path, words: tuple[str, ...], problem: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["--issues", str(folder), "trends", *words]) == 2
    assert problem in capfd.readouterr().err
    assert not (folder / layout.TRENDS).exists()


def test_the_real_archive(tmp_path: Path, real_issues: list[Path]) -> None:
    (tmp_path / layout.NEWSLETTER).write_bytes((PROJECT / "issues" / "newsletter.yaml").read_bytes())
    (tmp_path / "archive").mkdir()
    for path in real_issues:
        if path.parent.name == "archive":
            (tmp_path / "archive" / path.name).write_bytes(path.read_bytes())
    items = archive(tmp_path)
    assert items["number"].max() == 26
    words = vocabulary(items["title"].tolist(), 3)
    assert {"神经网络", "深度学习", "编译器", "目标检测", "自动驾驶", "量化", "剪枝"} <= set(words)
