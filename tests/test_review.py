"""The review: the verdict first, then each part with all that concerns it; in a notebook, a terminal, a pull request."""

from __future__ import annotations

import datetime
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from embedai_nb import review
from embedai_nb.cli import run
from embedai_nb.diff.keyed import keyed
from embedai_nb.diff.words import abridged, word_diff
from embedai_nb.edition import Edition
from embedai_nb.edition import load as load_edition
from embedai_nb.editor import form_data
from embedai_nb.html import page as pages
from embedai_nb.publish.exporters import MarkdownExporter, PageExporter
from embedai_nb.review import as_markdown, as_text
from embedai_nb.text.sentences import first_sentence
from tests.conftest import PROJECT

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'<style>*{}</style>"
DAY = "2031-05-04"
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
        note: 给同事的话
      - title: %s
        url: "javascript:alert(1)"
  - name: 博文
    items:
"""
CLEAN = (
    DRAFT.replace('"javascript:alert(1)"', "https://example.com/2")
    .replace('text: ""', "text: 新芯片")
    .replace('"一句,两句。"', "一句，两句。")
    % "新条目"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "drafts").mkdir()
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", tmp_path)
    write(tmp_path, DRAFT % json.dumps(HOSTILE))
    monkeypatch.setenv("EMBEDAI_ISSUES", str(tmp_path))
    return tmp_path


def write(folder: Path, draft: str, day: str = DAY) -> None:
    (folder / "drafts" / f"{day}.yaml").write_text(draft, encoding="utf-8")


def publish(folder: Path, edition: Edition) -> None:
    (folder / "archive").mkdir(exist_ok=True)
    (folder / "archive" / f"{DAY}.md").write_text(edition.markdown, encoding="utf-8")


@pytest.fixture
def edition(folder: Path) -> Edition:
    return review.load(DAY)


def html(shown: review.DisplayData) -> str:
    data, _ = shown._repr_mimebundle_()
    return data["text/html"]


def text(markup: str) -> str:
    """What a reviewer sees, on one line."""
    body = HTMLParser(markup).body
    assert body is not None
    return " ".join(body.text(separator=" ").split())


def named(found: review.Review, name: str) -> review.ReviewPart:
    return next(part for part in found.parts if part.name == name)


# --- the verdict ----------------------------------------------------------------------------------------------


def test_the_verdict_comes_first_in_words_and_names_what_stands_in_the_way(edition: Edition) -> None:
    markup = html(review.verdict(edition))
    errors = sum(finding.severity == "error" for finding in edition.findings)
    assert text(markup).startswith(f"✗ 有 {errors} 个错误，不能发布")
    links = [a.attributes["href"] for a in HTMLParser(markup).css("li a")]
    assert "#part-warmups" in links
    anchors = {node.attributes["id"] for node in HTMLParser(html(review.items(edition))).css("details[id]")}
    assert {f"#{anchor}" for anchor in anchors} >= set(links)


def test_an_issue_without_errors_can_be_published_and_one_in_the_archive_is(folder: Path) -> None:
    write(folder, CLEAN)
    edition = review.load(DAY)
    assert text(html(review.verdict(edition))).startswith("✓ 可以发布（首次发布）")
    publish(folder, edition)
    assert review.assemble(load_edition(DAY, folder), published=edition.published).verdict == "unchanged"
    write(folder, CLEAN.replace("一句，两句", "一句，三句"))
    changed = load_edition(DAY, folder)
    assert not changed.published
    assert text(html(review.verdict(changed))).startswith("✓ 可以发布（改动 1 处）")


def test_the_figures_and_tasks_are_in_the_verdict(edition: Edition) -> None:
    said = text(html(review.verdict(edition)))
    assert "条目 2 条（论文 2），热身 1 条" in said
    assert re.search(r"篇幅 \d+ 字，约读 1 分钟", said)
    assert re.search(r"公众号 [\d,]+ / 20,000 字（\d+%）", said)
    assert "链接 1 个，都没有查过" in said
    assert "编辑 改好" in said
    assert "写完 1 条（论文 2）" in said
    assert "审阅 通读全文" in said


def test_checked_links_are_counted_with_the_day_and_shown_at_their_item(folder: Path) -> None:
    (folder / ".cache").mkdir()
    answers = {"https://example.com/1": ["dead", "404", "2031-05-01"]}
    (folder / ".cache" / "links.json").write_text(json.dumps(answers), encoding="utf-8")
    edition = load_edition(DAY, folder)
    assert "1 个，查过 1 个（2031-05-01），打不开 1 个，未知 0 个" in text(html(review.verdict(edition)))
    assert "https://example.com/1 打不开：404（2031-05-01 查过）" in text(html(review.items(edition)))


def test_findings_are_counted_for_the_publisher(edition: Edition) -> None:
    _, metadata = review.verdict(edition)._repr_mimebundle_()
    severities = [finding.severity for finding in edition.findings]
    assert metadata == {"embedai": {f"{kind}s": severities.count(kind) for kind in ("error", "warning", "note")}}


# --- part by part ---------------------------------------------------------------------------------------------


def test_every_finding_stands_at_its_part_once(edition: Edition) -> None:
    found = review.assemble(edition)
    at_parts = [finding for part in found.parts for finding in part.findings]
    assert sorted(map(str, at_parts)) == sorted(map(str, edition.findings))
    assert {f.rule for f in named(found, "热身小新闻").findings} >= {"warmup-without-text"}
    assert {f.rule for f in named(found, "论文 1").findings} >= {"halfwidth-punctuation"}


def test_parts_come_in_the_order_of_the_issue(edition: Edition) -> None:
    names = [part.name for part in review.assemble(edition).parts]
    wanted = ["关键词", "口号", "导读", "热身小新闻", "论文 1", "论文 2", "博文（栏目）", "文末"]
    assert [name for name in names if name in wanted] == wanted


def test_an_item_is_shown_as_readers_see_it_with_its_note_state_share_and_line(edition: Edition) -> None:
    part = named(review.assemble(edition), "论文 1")
    assert "<b>摘要：</b>一句,两句。" in part.html
    assert (part.note, part.ready, part.line) == ("给同事的话", True, 9)
    said = text(html(review.items(edition)))
    assert "备注：给同事的话" in said
    assert re.search(r"就绪 · 公众号 \d+ 字，占 \d+% · 草稿第 9 行", said)
    assert 'href="../drafts/2031-05-04.yaml#L9"' in html(review.items(edition))


def test_an_item_with_nothing_to_say_about_is_folded(folder: Path) -> None:
    write(folder, CLEAN.replace("        note: 给同事的话\n", ""))
    tree = HTMLParser(html(review.items(review.load(DAY))))
    folded = {
        node.css_first("summary").text().split()[0]: "open" in node.attributes for node in tree.css("details[id]")
    }
    assert folded["论文"] is not None
    first = next(node for node in tree.css("details[id]") if "低比特训练" in node.css_first("summary").text())
    assert "open" not in first.attributes
    assert "一句，两句。" in first.text()


def test_the_code_of_an_item_stays_when_it_is_moved_and_differs_from_all_others(folder: Path, edition: Edition) -> None:
    before = {part.title: part.code for part in review.assemble(edition).parts if part.is_item}
    head, first, second = re.split(r"(?=      - title)", DRAFT % json.dumps(HOSTILE))
    second, rest = second.split("  - name: 博文")
    write(folder, f"{head}{second}{first}  - name: 博文{rest}")
    after = {part.title: part.code for part in review.assemble(load_edition(DAY, folder)).parts if part.is_item}
    assert after == before
    assert len(set(before.values())) == len(before) == 2


def test_two_items_of_one_address_have_two_codes(folder: Path) -> None:
    write(folder, CLEAN.replace("https://example.com/2", "https://example.com/1"))
    codes = [part.code for part in review.assemble(review.load(DAY)).parts if part.is_item]
    assert codes[1] == f"{codes[0]}2"


def test_what_an_earlier_issue_said_about_the_same_stands_at_the_item(folder: Path) -> None:
    earlier = (
        CLEAN.replace(DAY, "2031-04-20").replace("title: 低比特训练", "title: 旧文").replace("一句，两句", "旧话。后面")
    )
    write(folder, earlier, "2031-04-20")
    found = named(review.assemble(load_edition(DAY, folder)), "论文 1")
    assert next((e.date, e.title, e.reason) for e in found.earlier) == (datetime.date(2031, 4, 20), "旧文", "url")
    shown = html(review.items(load_edition(DAY, folder)))
    assert re.search(r'<a href="https://example.com/1">2031-04-20 论文 的“旧文”，同一网址：[^<]*旧话。</a>', shown)


def test_what_an_earlier_issue_said_about_a_company_stands_at_the_warmups(folder: Path) -> None:
    earlier = CLEAN.replace(DAY, "2031-04-20").replace("text: 新芯片", "text: 三星卖了工厂。别的")
    write(folder, earlier, "2031-04-20")
    shown = text(html(review.items(load_edition(DAY, folder))))
    assert "2031-04-20 热身小新闻 的“三星”，同一公司：三星卖了工厂。" in shown


def test_changes_are_told_word_by_word_at_their_part(folder: Path, edition: Edition) -> None:
    publish(folder, edition)
    write(folder, CLEAN.replace("低比特训练", "低比特微调").replace("一句，两句。", "一句，三句。"))
    edition = load_edition(DAY, folder)
    shown = html(review.items(edition))
    assert "<del>训练</del><ins>微调</ins>" in shown
    assert "<del>,两</del><ins>，三</ins>" in shown
    found = review.assemble(edition)
    assert [change.kind for change in named(found, "论文 1").changes] == ["edited"]
    assert [change.kind for change in named(found, "论文 2").changes] == ["added"]
    assert [part.name for part in found.changed] == ["导读", "热身小新闻", "论文 1", "论文 2"]


def test_an_item_that_is_gone_is_listed_behind_the_others(folder: Path) -> None:
    write(folder, CLEAN)
    publish(folder, review.load(DAY))
    write(folder, re.sub(r"      - title: 新条目\n.*\n", "", CLEAN))
    assert text(html(review.items(load_edition(DAY, folder)))).endswith("删去的条目 论文：新条目")


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
    shown = html(review.items(written(after)))
    assert "<script>aler" in text(shown)
    tags = {node.tag for node in HTMLParser(shown).css("body *")}
    assert not tags & {"script", "style", "img"}


def test_publishing_the_same_again_tells_the_same_changes(folder: Path, edition: Edition) -> None:
    """What lay in the archive before is kept in the notebook, so that equal inputs give equal bytes."""
    publish(folder, edition)
    write(folder, CLEAN)
    new = load_edition(DAY, folder)
    shown = review.items(new)
    data, metadata = shown._repr_mimebundle_()
    output = nbformat.v4.new_output("execute_result", data=data, metadata=metadata, execution_count=1)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output])])
    (folder / "review").mkdir()
    nbformat.write(notebook, folder / "review" / f"{DAY}.ipynb")
    publish(folder, new)
    again = load_edition(DAY, folder)
    assert html(review.items(again)) == html(shown)
    assert html(review.verdict(again)) == html(review.verdict(new))


def test_the_index_lists_parts_with_findings_changed_ones_and_all(edition: Edition) -> None:
    found = review.assemble(edition)
    lists = HTMLParser(html(review.items(edition))).css("details:not([id])")
    counted = [len(node.css("a")) for node in lists]
    assert counted == [len(found.with_findings), 0, len(found.parts)]


def test_an_issue_without_items_has_a_review(folder: Path) -> None:
    write(folder, f"schema: 1\ndate: {DAY}\n")
    assert text(html(review.verdict(review.load(DAY)))).startswith("✗ 有 1 个错误")
    assert "栏目 （1 个错误）" in text(html(review.items(review.load(DAY))))


def test_a_text_nested_too_deep_is_a_finding_of_a_review_and_doesnt_end_it(folder: Path) -> None:
    deep = "\n".join("  " * n + "- 甲" for n in range(200))
    write(folder, CLEAN.replace("一句，两句。", json.dumps(deep)))
    found = review.assemble(review.load(DAY))
    assert found.verdict == "blocked"
    assert "too-deep" in {finding.rule for _, finding in found.obstacles}


# --- size among earlier issues --------------------------------------------------------------------------------


def test_the_history_has_a_row_for_each_issue_and_the_median(folder: Path) -> None:
    for number, day in enumerate(("2031-03-01", "2031-03-15", "2031-04-01")):
        items = "".join(f"      - {{title: 第{day}篇{n}, url: 'https://e.com/{day}/{n}'}}\n" for n in range(number + 1))
        write(folder, f"schema: 1\ndate: {day}\nsections:\n  - name: 论文\n    items:\n{items}", day)
    tree = HTMLParser(html(review.history(load_edition(DAY, folder))))
    rows = [[cell.text() for cell in row.css("th, td")] for row in tree.css("tbody tr")]
    assert [row[0] for row in rows] == ["2031-03-01", "2031-03-15", "2031-04-01", "往期中位数", "2031-05-04（本期）"]
    papers = [cell.text() for cell in tree.css("thead th")].index("论文")
    assert [row[papers] for row in rows] == ["1", "2", "3", "2", "2"]
    assert rows[-1][-1] == "▓▓"
    lengths = [row[[cell.text() for cell in tree.css("thead th")].index("字数")] for row in rows]
    assert lengths[:3] == ["0", "0", "0"], "titles alone"
    assert int(lengths[-1]) > 0
    assert [row[-1].count("▓") for row in rows[:3]] == [1, 2, 3]


def test_the_first_issue_has_a_history_of_its_own(edition: Edition) -> None:
    shown = html(review.history(edition))
    assert "这是第一期" in text(shown)
    assert len(HTMLParser(shown).css("tbody tr")) == 1


# --- what is published ----------------------------------------------------------------------------------------


def output(shown: review.DisplayData, tag: str) -> nbformat.NotebookNode:
    data, metadata = shown._repr_mimebundle_()
    made = nbformat.v4.new_output("execute_result", data=data, metadata=metadata, execution_count=1)
    cell = nbformat.v4.new_code_cell("", outputs=[made], metadata={"tags": [tag]})
    return nbformat.v4.new_notebook(cells=[cell])


def test_page_and_markdown_are_exported_as_they_are_though_they_are_folded(edition: Edition) -> None:
    markdown, _ = MarkdownExporter().from_notebook_node(output(review.archive(edition), "archive"))
    assert markdown == edition.markdown
    page, _ = PageExporter().from_notebook_node(output(review.page(edition), "page"))
    assert page == pages.render(edition.issue, edition.newsletter)
    assert "<main" not in html(review.page(edition))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=200))
def test_any_text_comes_out_of_its_fold_to_the_character(text: str) -> None:
    assert pages.extracted_text(pages.embedded_text(text, "甲")) == text


@given(st.text(alphabet="<>/main divsumary&-!\n", max_size=80))
def test_any_fragment_comes_out_of_its_fold(fragment: str) -> None:
    if "<main" in fragment or "</main" in fragment or "</div><!--main-->" in fragment:
        return
    framed = f"<header>x</header>\n<main>\n{fragment}\n</main>"
    assert pages.extracted(pages.embedded(framed, "甲")) == framed


# --- words that changed ---------------------------------------------------------------------------------------


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_pieces_of_a_difference_make_both_texts(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(p.text for p in pieces if p.kind != "inserted") == before
    assert "".join(p.text for p in pieces if p.kind != "deleted") == after


def test_words_are_compared_whole_and_chinese_by_character() -> None:
    assert word_diff("用 TensorFlow 训练", "用 PyTorch 训练") == (
        ("same", "用 "),
        ("deleted", "TensorFlow"),
        ("inserted", "PyTorch"),
        ("same", " 训练"),
    )


def test_what_stayed_is_cut_short_beside_a_change() -> None:
    pieces = abridged(word_diff("甲" * 50 + "乙" + "丙" * 50, "甲" * 50 + "丁" + "丙" * 50), 3)
    assert "".join(piece.text for piece in pieces) == "…甲甲甲乙丁丙丙丙…"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("一句。两句。", "一句。"),
        ("“真的？”他问。", "“真的？”"),
        ("3.5 版来了. Next", "3.5 版来了."),
        ("一行\n二行", "一行"),
        ("", ""),
    ],
)
def test_the_first_sentence_of_a_text(text: str, first: str) -> None:
    assert first_sentence(text) == first


# --- terminal, pull request, program --------------------------------------------------------------------------


def test_the_command_prints_the_review_and_says_by_its_status_whether_it_can_go_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["review", DAY]) == 1
    assert capsys.readouterr().out.startswith("✗ 有 ")
    write(folder, CLEAN)
    assert run(["review", DAY, "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["verdict"] == "ready"
    assert [part["name"] for part in said["parts"] if part["code"]] == ["论文 1", "论文 2"]
    assert run(["review", DAY, "--format", "html"]) == 0
    tree = HTMLParser(capsys.readouterr().out)
    assert len(tree.css("main")) == len(tree.css("h1")) == 1


@pytest.mark.parametrize("width", [40, 80, 132])
def test_no_line_for_a_terminal_is_wider_than_it(edition: Edition, width: int) -> None:
    said = as_text.render(review.assemble(edition), width)
    wide = [line for line in said.splitlines() if as_text.columns(line) > width and " " in line.strip()]
    assert not wide


def test_a_comment_fits_a_pull_request_and_is_cut_between_parts(folder: Path) -> None:
    items = "".join(f"      - {{title: 第{n}篇, note: '{'话' * 300}'}}\n" for n in range(400))
    write(folder, f"schema: 1\ndate: {DAY}\nsections:\n  - name: 论文\n    items:\n{items}")
    said = as_markdown.render(review.assemble(review.load(DAY)))
    assert 60_000 < len(said) <= as_markdown.LONGEST
    assert re.search(r"太长，略去其余 \d+ 条；完整的审阅稿见 review/2031-05-04.ipynb。\n\Z", said)
    shown = len(re.findall("^### 论文", said, re.MULTILINE))
    assert shown + int(re.search(r"其余 (\d+) 条", said)[1]) >= 400  # type: ignore[index]


def test_nothing_of_an_item_is_markup_in_a_comment(edition: Edition) -> None:
    rendered = MarkdownIt("commonmark", {"html": True}).render(as_markdown.render(review.assemble(edition)))
    assert not HTMLParser(rendered).css("script, img, style")
    assert "<script>alert(1)</script>" in HTMLParser(rendered).text()


# --- wherever it is opened --------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", [review.verdict, review.items, review.history, review.page])
def test_no_cell_needs_script_or_style_sheet_or_lets_text_be_markup(edition: Edition, cell: object) -> None:
    assert callable(cell)
    tree = HTMLParser(html(cell(edition)))
    assert not tree.css("script, style, img, svg, iframe, link, object, embed, form, input")
    attributes = {name for node in tree.css("body *") for name in node.attributes}
    assert attributes <= {"href", "id", "class", "style", "start", "open", "scope", "aria-hidden"}
    links = [node.attributes["href"] or "" for node in tree.css("a[href]")]
    assert all(link.startswith(("https://", "http://", "mailto:", "#", "../drafts/")) for link in links)


def test_the_notebook_is_thin_hides_its_code_and_explains_its_parameters() -> None:
    notebook = nbformat.read(PROJECT / "notebooks" / "issue.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) == len(notebook.cells) == 8
    assert all(len(cell.source.splitlines()) <= 4 and not cell.outputs for cell in code)
    assert all(cell.metadata["jupyter"]["source_hidden"] for cell in code)
    assert re.fullmatch(r'DATE: str = "[0-9-]{10}"  # .+', code[0].source)
    tags = [tag for cell in code for tag in cell.metadata.get("tags", [])]
    assert tags == ["parameters", "findings", "page", "wechat", "archive"]


def test_a_notebook_is_small_and_a_changed_word_changes_few_lines(tmp_path: Path) -> None:
    """A notebook of 15 items has at most 150 KB; one word changes at most 40 of its lines."""
    shutil.copytree(PROJECT / "issues", tmp_path / "issues", ignore=shutil.ignore_patterns(".cache"))
    path = tmp_path / "issues" / "drafts" / "2021-07-18.yaml"
    before = notebook_lines(tmp_path / "issues")
    assert sum(len(line.encode()) + 1 for line in before) <= 150_000
    path.write_text(path.read_text("utf-8").replace("模型", "网络", 1), encoding="utf-8")
    after = notebook_lines(tmp_path / "issues")
    assert 0 < len(set(before) ^ set(after)) <= 40


def notebook_lines(folder: Path) -> list[str]:
    """The lines that the cells of a notebook have in its file."""
    edition = load_edition("2021-07-18", folder)
    cells = (review.verdict, review.items, review.history, review.page, review.wechat, review.archive)
    shown = [found._repr_mimebundle_() for cell in cells if (found := cell(edition))]
    outputs = [nbformat.v4.new_output("execute_result", data=d, metadata=m, execution_count=1) for d, m in shown]
    made = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("", outputs=[o], id=f"c{n}") for n, o in enumerate(outputs)]
    )
    return nbformat.writes(made).splitlines()


# --- in the form ----------------------------------------------------------------------------------------------


def test_the_form_names_the_part_of_each_finding_as_the_review_does(edition: Edition) -> None:
    shown = form_data.findings(edition.findings, keyed(edition.draft.issue))
    named = {(found["part"]["name"], found["part"]["code"], found["rule"]) for found in shown}
    parts = review.assemble(edition).parts
    assert named == {(part.name, part.code, finding.rule) for part in parts for finding in part.findings}
