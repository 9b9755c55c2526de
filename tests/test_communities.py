"""Copies for communities: the whole issue, as each editor takes it, with every link written out."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from embedai_nb.cli import publishing, run
from embedai_nb.communities import COPIES, printed
from embedai_nb.markdown import read
from embedai_nb.model import BUILT_IN_COPIES, Item, Newsletter, Raw
from tests.conftest import PROJECT
from tests.test_html import Seen, assert_harmless, issue, vectors, whole

PLAIN = Newsletter(name="简报", tagline="口号", archive_url="https://archive.e.com/{date}.md")
CODE = "```c\nint main(void) {\n\n  return 0;\n}\n```"
TABLE = "| 甲 | 乙 |\n|:--|--:|\n| 1 | [2](x.md) |"


def written(name: str, *items: Item | Raw, newsletter: Newsletter = PLAIN, **more: object) -> str:
    return COPIES[name].render(issue(*items, **more), newsletter)


def text_of(html: str) -> str:
    body = LexborHTMLParser(html).body
    assert body is not None
    return body.text()


class TestList:
    def test_the_command_and_newsletter_yaml_know_the_same_names(self) -> None:
        assert tuple(COPIES) == BUILT_IN_COPIES == publishing.COPIES

    def test_what_newsletter_yaml_says_of_them_changes_no_issue(self) -> None:
        assert PLAIN.model_copy(update={"copies": ("zhihu",)}).model_dump() == PLAIN.model_dump()


class TestZhihu:
    def test_the_title_is_left_to_its_own_field(self) -> None:
        html = written("zhihu", Item(title="甲"), headline=["一", "二"])
        assert not re.search(r"<h1|一/二", html)
        assert html.startswith("<p>口号</p>") or "<h3>甲</h3>" in html

    def test_nothing_but_structure_and_links(self) -> None:
        html = written("zhihu", Item(title="甲", url="https://e.com/1", text=f"{CODE}\n\n{TABLE}"))
        assert not re.search(r"style=|class=|\bid=|<section|<div|<img|<thead", html)
        assert '<a href="https://e.com/1">甲</a>' in html

    def test_code_keeps_its_language_and_its_blank_lines(self) -> None:
        html = written("zhihu", Item(title="甲", text=CODE))
        assert '<pre lang="c"><code>int main(void) {\n\n  return 0;\n}\n</code></pre>' in html

    def test_a_table_is_rows_and_cells(self) -> None:
        html = written("zhihu", Item(title="甲", text=TABLE))
        assert re.sub(r"\s", "", html[html.index("<table>") : html.index("</table>")]) == (
            "<table><tbody><tr><th>甲</th><th>乙</th></tr><tr><td>1</td>"
            '<td><ahref="https://archive.e.com/x.md">2</a></td></tr></tbody>'
        )

    def test_pictures_are_links_and_addresses_whole(self) -> None:
        html = written("zhihu", Item(title="甲", url="2031-04-20.md", text="![图](images/p.png)"))
        assert Seen(html).values("href") == [
            "https://archive.e.com/2031-04-20.md",
            "https://archive.e.com/images/p.png",
        ]

    def test_hostile_text_stays_text(self) -> None:
        texts = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</body><h1>x", *vectors("blns.json")]
        for start in range(0, len(texts), 40):
            some = texts[start : start + 40]
            assert_harmless(written("zhihu", *(Item(title=text, text=text, url="https://e.com") for text in some)))

    def test_it_is_printed_as_a_page_that_holds_nothing_else(self) -> None:
        page = printed("zhihu", issue(Item(title="甲"), headline=["<b>"]), PLAIN)
        assert "<title>简报 (2031-05-04)：&lt;b&gt;</title>" in page
        assert page.endswith(f"<body>\n{written('zhihu', Item(title='甲'), headline=['<b>'])}</body>\n</html>\n")


@pytest.mark.parametrize("name", ["juejin", "csdn"])
class TestMarkdown:
    def test_neither_title_nor_front_matter(self, name: str) -> None:
        text = written(name, Item(title="甲"), headline=["一", "二"], front_matter="---\nlayout: default\n---")
        assert not re.search(r"^# |一/二|layout|^---", text, re.MULTILINE)
        assert text.endswith("- 甲\n")

    def test_relative_addresses_are_written_out_and_code_is_left_alone(self, name: str) -> None:
        body = '![图](images/p.png) [旧](2031-04-20.md "题") `[码](a.md)`\n\n```\n[x](images/q.png)\n```'
        text = written(name, Item(title="甲", text=body))
        assert "![图](https://archive.e.com/images/p.png)" in text
        assert '[旧](https://archive.e.com/2031-04-20.md "题")' in text
        assert "`[码](a.md)`" in text
        assert "[x](images/q.png)" in text

    def test_whole_addresses_stay_as_they_are(self, name: str) -> None:
        text = written(name, Item(title="甲", url="https://e.com/a_(b)", links=[]), closing="[一](https://e.com/#x)")
        assert "[甲](https://e.com/a_(b))" in text
        assert "[一](https://e.com/#x)" in text

    def test_what_shields_templates_from_jekyll_is_left_out(self, name: str) -> None:
        text = written(name, Item(title="模板 {{ x }}"))
        assert "模板 {{ x }}" in text
        assert "raw %}" not in text

    def test_hard_breaks_are_there_for_readers_that_need_them(self, name: str) -> None:
        assert "一  \n二" in written(name, Item(title="甲", text="一\n二"))


def items_shown(html: str, items: list[str]) -> None:
    """All titles stand in the text, in their order."""
    shown, place = text_of(html), 0
    for title in items:
        place = shown.index(title, place)


@pytest.mark.parametrize("name", COPIES)
def test_every_item_and_every_link_is_there(name: str) -> None:
    each = whole()
    text = COPIES[name].render(each, PLAIN)
    html = text if COPIES[name].kind == "html" else MarkdownIt("gfm-like", {"linkify": False}).render(text)
    items_shown(html, [item.title for item in each.entries if re.fullmatch(r"\w+", item.title)])
    addresses = set(Seen(html).values("href"))
    for item in each.entries:
        if item.url and item.url.startswith("http"):
            assert item.url in addresses


@pytest.mark.parametrize("name", COPIES)
def test_real_issues(name: str, real_issues: list[Path], newsletter: Newsletter) -> None:
    for path in real_issues:
        each = read(path.read_text(encoding="utf-8"), newsletter, date=datetime.date(2031, 5, 4)).issue
        text = COPIES[name].render(each, newsletter)
        for item in each.entries:
            if item.url and item.url.startswith("http"):
                assert item.url.replace("&", "&amp;") in text or item.url in text, (path, item.url)


@pytest.mark.parametrize("name", COPIES)
def test_the_command_says_the_title_apart_from_the_text(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--issues", str(PROJECT / "issues"), "show", "2021-07-18", "--format", name]) == 0
    said = capsys.readouterr()
    assert said.err.startswith("title: 嵌入式AI简报 (2021-07-18)：张江三家 AI 芯片/")
    assert "瀚博半导体首秀" in said.out
