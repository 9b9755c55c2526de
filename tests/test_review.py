"""Outputs of the notebook for reviewers: content, findings and changes as static HTML."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from embedai_nb import review
from embedai_nb.edition import Edition
from embedai_nb.edition import load as load_edition
from tests.conftest import PROJECT

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'<style>*{}</style>"
DRAFT = """\
schema: 1
date: 2031-05-04
headline: [甲]
warmups:
  - {company: 三星, text: ""}
sections:
  - name: 论文
    items:
      - title: 低比特训练
        source: 甲报
        url: https://example.com/1
        tags: ["2101.00001"]
        status: ready
        fields: {摘要: "一句,两句。"}
      - title: %s
        url: "javascript:alert(1)"
  - name: 博文
    items:
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "drafts").mkdir()
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", tmp_path)
    write(tmp_path, DRAFT % json.dumps(HOSTILE))
    monkeypatch.setenv("EMBEDAI_ISSUES", str(tmp_path))
    return tmp_path


def write(folder: Path, draft: str) -> None:
    (folder / "drafts" / "2031-05-04.yaml").write_text(draft, encoding="utf-8")


@pytest.fixture
def edition(folder: Path) -> Edition:
    return review.load("2031-05-04")


def html(shown: review.DisplayData) -> str:
    data, _ = shown._repr_mimebundle_()
    return data["text/html"]


def text(shown: review.DisplayData) -> str:
    """The visible text, on one line."""
    body = HTMLParser(html(shown)).body
    assert body is not None
    return " ".join(body.text(separator=" ").split())


# --- cells ------------------------------------------------------------------------------------------------------


def test_the_overview_says_whether_it_can_be_published(edition: Edition) -> None:
    said = text(review.overview(edition))
    assert said.startswith("嵌入式AI简报 (2031-05-04)：甲")
    errors = sum(finding.severity == "error" for finding in edition.findings)
    assert errors
    assert f"有 {errors} 个错误，改好后才会发布。" in said
    assert "2 条（论文 2 条），热身 1 条" in said


def test_an_issue_without_errors_can_be_published(folder: Path) -> None:
    write(
        folder,
        DRAFT.replace('"javascript:alert(1)"', "https://example.com/2").replace('text: ""', "text: 新芯片") % "甲",
    )
    assert "可以发布。" in text(review.overview(review.load("2031-05-04")))


def test_findings_come_by_gravity_with_place_line_and_rule(edition: Edition) -> None:
    said = text(review.findings(edition))
    assert said.index("错误") < said.index("警告") < said.index("提示")
    assert re.search(r"热身小新闻 1「三星」 · 正文 .*? 5 warmup-without-text", said)
    assert re.search(r"论文 1「低比特训练」 · 摘要 .*? 14 halfwidth-punctuation", said)


def test_findings_are_counted_for_the_publisher(edition: Edition) -> None:
    _, metadata = review.findings(edition)._repr_mimebundle_()
    severities = [finding.severity for finding in edition.findings]
    assert metadata == {"embedai": {f"{kind}s": severities.count(kind) for kind in ("error", "warning", "note")}}


def test_items_are_a_table_in_their_order(edition: Edition) -> None:
    rows = [[cell.text() for cell in row.css("td")] for row in HTMLParser(html(review.items(edition))).css("tbody tr")]
    assert rows[0] == ["论文 1", "低比特训练", "甲报", "2101.00001", "6", "就绪"]
    assert rows[1][0] == "论文 2"
    assert rows[1][-1] == "待完成"


def test_an_issue_without_items_has_no_table(folder: Path) -> None:
    write(folder, "schema: 1\ndate: 2031-05-04\n")
    assert text(review.items(review.load("2031-05-04"))) == "条目 还没有条目。"


def test_the_first_publication_has_nothing_to_be_compared_with(edition: Edition) -> None:
    assert "首次发布" in text(review.changes(edition))


def test_changes_are_told_item_by_item(folder: Path, edition: Edition) -> None:
    (folder / "archive").mkdir()
    (folder / "archive" / "2031-05-04.md").write_text(edition.markdown, encoding="utf-8")
    assert "首次发布" in text(review.changes(load_edition("2031-05-04", folder))), "it holds this very issue"
    write(
        folder,
        (DRAFT % "新条目")
        .replace("javascript:alert(1)", "https://example.com/2")
        .replace('"一句,两句。"', "一句，三句。")
        .replace("低比特训练", "低比特微调"),
    )
    shown = review.changes(load_edition("2031-05-04", folder))
    assert "<del>训练</del><ins>微调</ins>" in html(shown)
    assert "<del>,两</del><ins>，三</ins>" in html(shown)
    assert "改动 论文：低比特微调" in text(shown)
    assert "新增 论文：新条目" in text(shown)


@pytest.mark.parametrize(
    ("before", "after"),
    [(HOSTILE, "甲"), ("甲", HOSTILE), (f"甲{HOSTILE}", f"{HOSTILE}乙")],
    ids=["del", "ins", "kept"],
)
def test_a_change_shows_markup_as_text(folder: Path, before: str, after: str) -> None:
    def written(text: str) -> Edition:
        write(folder, DRAFT.replace('"一句,两句。"', json.dumps(text)) % "新条目")
        return load_edition("2031-05-04", folder)

    (folder / "archive").mkdir()
    (folder / "archive" / "2031-05-04.md").write_text(written(before).markdown, encoding="utf-8")
    shown = review.changes(written(after))
    assert "<script>aler" in text(shown)
    tags = {node.tag for node in HTMLParser(html(shown)).css("body *")}
    assert tags <= {"h2", "p", "ul", "li", "strong", "del", "ins"}


def test_publishing_the_same_again_tells_the_same_changes(folder: Path, edition: Edition) -> None:
    """The base of the comparison is kept in the notebook, so that equal inputs give equal bytes."""
    old = edition.markdown
    (folder / "archive").mkdir()
    (folder / "archive" / "2031-05-04.md").write_text(old, encoding="utf-8")
    write(folder, DRAFT % "新条目")
    new = load_edition("2031-05-04", folder)
    shown = review.changes(new)
    data, metadata = shown._repr_mimebundle_()
    output = nbformat.v4.new_output("execute_result", data=data, metadata=metadata, execution_count=1)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output])])
    (folder / "review").mkdir()
    nbformat.write(notebook, folder / "review" / "2031-05-04.ipynb")
    (folder / "archive" / "2031-05-04.md").write_text(new.markdown, encoding="utf-8")
    assert html(review.changes(load_edition("2031-05-04", folder))) == html(shown)


def test_the_markdown_is_shown_to_the_character(edition: Edition) -> None:
    data, _ = review.archive(edition)._repr_mimebundle_()
    assert data == {"text/plain": edition.markdown}


def test_what_was_in_an_earlier_issue_is_listed_with_its_date_and_link(folder: Path, edition: Edition) -> None:
    assert "没有重复收录的条目。" in text(review.past(edition).shown[0])
    earlier = (DRAFT % "旧").replace("2031-05-04", "2031-04-20").replace("title: 低比特训练", "title: 旧文")
    (folder / "drafts" / "2031-04-20.yaml").write_text(earlier, encoding="utf-8")
    listed, picture = review.past(load_edition("2031-05-04", folder)).shown
    rows = [[cell.text() for cell in row.css("td")] for row in HTMLParser(html(listed)).css("tbody tr")]
    assert rows == [["低比特训练", "2031-04-20", "旧文", "网址"]]
    assert 'href="https://example.com/1"' in html(listed)
    assert "近 2 期每期的条数" in text(listed)
    data, _ = picture._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG\r\n")


# --- wherever it is opened --------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", [review.overview, review.findings, review.items, review.changes, review.page])
def test_no_cell_needs_script_or_style_sheet_or_lets_text_be_markup(edition: Edition, cell: object) -> None:
    assert callable(cell)
    tree = HTMLParser(html(cell(edition)))
    assert not tree.css("script, style, img, svg, iframe, link, object, embed, form, input")
    attributes = {name for node in tree.css("body *") for name in node.attributes}
    assert attributes <= {"href", "id", "class", "style", "start", "border"}
    links = [node.attributes["href"] or "" for node in tree.css("a[href]")]
    assert all(link.startswith(("https://", "http://", "mailto:", "#")) for link in links)


def test_the_notebook_is_thin_and_its_parameters_are_explained() -> None:
    notebook = nbformat.read(PROJECT / "notebooks" / "issue.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) == 9
    assert all(len(cell.source.splitlines()) <= 4 and not cell.outputs for cell in code)
    assert re.fullmatch(r'DATE: str = "[0-9-]{10}"  # .+', code[0].source)
    tags = [tag for cell in code for tag in cell.metadata.get("tags", [])]
    assert tags == ["parameters", "findings", "page", "wechat", "archive"]
