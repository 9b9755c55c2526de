"""The archive format: what each form means, and the laws of reading and writing."""

from __future__ import annotations

import datetime
import json
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from embedai_nb.errors import DraftError
from embedai_nb.markdown import normal, outline, read, reads, writes
from embedai_nb.markdown.grammar import squeeze
from embedai_nb.markdown.liquid import unshielded
from embedai_nb.model import Issue, Item, Link, Newsletter, Raw, Section, Warmup

from .conftest import DATA

DAY = datetime.date(2031, 5, 4)


# --- forms ----------------------------------------------------------------------------------------------------


def blocks(name: str) -> list[Any]:
    """Blocks of a fixture: title, Markdown, meaning, and the Markdown written back where it differs."""
    found = []
    for block in (DATA / "markdown" / name).read_text(encoding="utf-8").split("====\n"):
        title, rest = block.split("\n", 1)
        source, meaning, *written = rest.split("~~~\n")
        found.append(pytest.param(source, yaml.safe_load(meaning), (written or [source])[0], id=title))
    return found


def meaning(values: Any) -> list[Any]:
    return json.loads(json.dumps([value.model_dump(mode="json", exclude_defaults=True) for value in values]))


def unspaced(text: str) -> list[str]:
    return [line.rstrip() for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize(("source", "expected", "written"), blocks("items.txt"))
def test_item(source: str, expected: Any, written: str, newsletter: Newsletter) -> None:
    issue = reads(f"# 嵌入式AI简报 ({DAY})\n\n## 论文\n\n{source}", newsletter)
    assert meaning(issue.sections[0].items) == (expected if isinstance(expected, list) else [expected])
    assert unspaced(writes(issue, newsletter))[2:] == unspaced(written)


@pytest.mark.parametrize(("source", "expected", "written"), blocks("warmups.txt"))
def test_warmup(source: str, expected: Any, written: str, newsletter: Newsletter) -> None:
    issue = reads(f"# 嵌入式AI简报 ({DAY})\n\n{source}\n## 论文", newsletter)
    assert meaning(issue.warmups) == expected
    assert unspaced(writes(issue, newsletter))[1:-1] == unspaced(written)


@pytest.mark.parametrize(
    ("title", "headline", "heading"),
    [
        ("# 嵌入式AI简报 (2031-05-04)", (), None),
        ("# 嵌入式AI简报 (2031-05-04)：甲/乙 丙/丁", ("甲", "乙 丙", "丁"), None),
        ("# 嵌入式AI简报（2031-05-04）：甲", ("甲",), None),
        ("# 嵌入式AI简报 (2031-05-04) 甲/乙", ("甲", "乙"), "# 嵌入式AI简报 (2031-05-04)"),
        ("# 嵌入式AI简报 (2031-05-04)：", (), "# 嵌入式AI简报 (2031-05-04)："),
        ("# 旧名 2031-05-04", (), "# 旧名 2031-05-04"),
    ],
)
def test_title(title: str, headline: tuple[str, ...], heading: str | None, newsletter: Newsletter) -> None:
    issue = reads(f"{title}\n", newsletter)
    assert (issue.date, issue.headline, issue.heading) == (DAY, headline, heading)


def test_parts_between_title_and_sections(newsletter: Newsletter) -> None:
    issue = reads((DATA / "markdown" / "whole.md").read_text(encoding="utf-8"), newsletter)
    assert issue.front_matter == "---\nlayout: default\n---"
    assert issue.tagline == "只谈小设备"
    assert issue.before == "<font>注：旧格式里的一句话</font>"
    assert issue.lead == "本期2条。【新闻】甲。\n第二行。\n\n另起一段。"
    assert issue.intro == "先来一些热身："
    assert [w.company for w in issue.warmups if isinstance(w, Warmup)] == ["甲公司", "乙公司"]
    assert issue.note == "注：链接打不开请到文末。"
    assert [(s.name, s.note, len(s.items)) for s in issue.sections] == [
        ("业界新闻", None, 1),
        ("开源项目", "注：说明。", 1),
    ]
    assert issue.closing is not None
    assert issue.closing.startswith("> 注：链接打不开请到文末。\n\n## [往期回顾]")
    assert issue.closing.endswith("127.0.0.1")


def test_date_is_the_titles_else_the_given_one(newsletter: Newsletter) -> None:
    other = datetime.date(2030, 1, 1)
    assert read(f"# 嵌入式AI简报 ({DAY})", newsletter, date=other).issue.date == DAY
    assert read("# 嵌入式AI简报", newsletter, date=other).issue.date == other
    with pytest.raises(DraftError, match="no date in the title"):
        read("# 嵌入式AI简报 (2031-02-30)", newsletter)


def test_report_names_line_and_change(newsletter: Newsletter) -> None:
    text = f"\ufeff# 嵌入式AI简报 ({DAY})\r\n\n## 论文\n\n- [甲](u)\n摘要:\t乙\n\n* 丙\n"
    remarks = [(remark.line, remark.kind, remark.text) for remark in read(text, newsletter).remarks]
    assert remarks == [
        (1, "normalised", "byte order mark removed"),
        (1, "normalised", "carriage return removed"),
        (6, "normalised", "tab made spaces"),
        (6, "normalised", "':' → '：'"),
        (8, "raw", "* 丙"),
    ]


def test_a_file_of_another_kind_is_kept_raw_as_a_whole(newsletter: Newsletter) -> None:
    text = "只是一些笔记\n\n| a | b |\n|---|---|\n"
    issue = read(text, newsletter, date=DAY).issue
    assert issue.before == text.strip()
    assert squeeze(writes(issue, newsletter)) == squeeze(text)


# --- laws -----------------------------------------------------------------------------------------------------

SIGNS = "中文字，。、！（）“”[]()|*`_~:/\\&<>{}'\"!.,;+ 　abcXYZ019\u00a0\u200b😀"


def lines(signs: str = SIGNS, *, least: int = 0) -> st.SearchStrategy[str]:
    return st.text(signs, min_size=least, max_size=20).map(lambda text: text.strip())


def plain(*, least: int = 0) -> st.SearchStrategy[str]:
    return st.text("中文字abcXYZ019 ", min_size=least, max_size=12).map(str.strip).filter(lambda t: len(t) >= least)


urls = st.text(string.ascii_letters + "0123456789/-_.~:?#&=+%()", max_size=15).map(lambda path: f"https://{path}")
repos = st.from_regex(r"[a-z]{1,5}/[a-z.]{1,5}", fullmatch=True)
paragraphs = lines("中文，。*`[]()|#>-1. abc").filter(lambda t: "：" not in t and t != "")
nested = st.tuples(st.sampled_from(["  ", "    ", "        "]), st.sampled_from(["- ", "1. "]), plain(least=1)).map(
    "".join
)
bodies = st.lists(paragraphs.map(lambda t: t.lstrip("#>-1.* ") or "文") | nested, max_size=4).map("\n".join)


@st.composite
def items(draw: st.DrawFn, labels: Sequence[str] = ("摘要", "论文", "代码", "项目地址")) -> Item:
    url = draw(st.none() | st.just("") | urls)
    known = st.sampled_from(labels)
    return Item(
        title=draw(lines() if url is not None else plain(least=1)),
        source=draw(plain()),
        url=url,
        tags=draw(st.lists(plain(least=1), max_size=2)) if url is not None else (),
        repo=draw(st.none() | repos),
        links=draw(st.lists(st.builds(Link, text=lines(), url=urls), max_size=2)) if url is not None else (),
        text=draw(bodies),
        fields=draw(st.dictionaries(known, bodies, max_size=3)),
    )


warmups = st.builds(Warmup, company=plain(), text=plain(least=1), url=st.none() | urls)


@st.composite
def issues(draw: st.DrawFn, labels: Sequence[str] = ("摘要", "论文", "代码", "项目地址")) -> Issue:
    names = draw(st.lists(plain(least=1), max_size=3))
    news = draw(st.lists(warmups, max_size=3))
    return Issue(
        date=draw(st.dates(datetime.date(1900, 1, 1))),
        headline=draw(st.lists(plain(least=1), max_size=3)),
        imported=True,
        tagline=draw(st.none() | plain(least=1)),
        lead=draw(st.none() | plain()),
        intro="先来一些热身：" if news else None,
        warmups=news,
        note=draw(st.none() | plain(least=1)) if names else None,
        sections=[
            Section(
                name=name,
                note=draw(st.none() | plain(least=1)),
                items=draw(st.lists(items(labels), min_size=1, max_size=3)),
            )
            for name in names
        ],
        closing=draw(st.none() | st.just("----\n\n本作品可自由转载。")) if names else None,
    )


@given(issue=issues())
def test_law_1_reading_what_was_written_gives_the_same_issue(issue: Issue, newsletter: Newsletter) -> None:
    again = reads(writes(issue, newsletter), newsletter)
    assert again == normal(issue, newsletter)
    assert normal(again, newsletter) == again


ENGLISH = Newsletter(name="Small Talk", language="en", sections=[{"name": "Papers"}, {"name": "Tools"}])
"""A newsletter whose newsletter.yaml leaves all words and marks to its language."""


@given(issue=issues(ENGLISH.known_labels))
def test_law_1_holds_with_the_words_of_a_language(issue: Issue) -> None:
    again = reads(writes(issue, ENGLISH), ENGLISH)
    assert again == normal(issue, ENGLISH)
    assert normal(again, ENGLISH) == again


FRAGMENTS = [
    "# 嵌入式AI简报 (2031-05-04)：甲", "# 无日期", "---", "layout: default", "**只谈小设备**", "> 导读：甲", "> 导读", "> 注：乙", ">",
    "先来一些热身：", "- 甲：乙；", "- [甲：乙](https://e.com)；", "- ", "-", "–丙: 丁", "- [a](b", "- **[a](b)**", "-[a](b)", "- [a](b) 尾",
    "- [x] [t | s](https://e.com) [[l]](m)", "- []()", "* 星", "+ 加", "## 论文", "##", "## ", "### 小节", "## [往期回顾](https://e.com)", "----",
    "摘要：甲", "摘要: 乙", " 摘要：丙", "某某：https://e.com", "    - 嵌套", "\t1. 嵌套", "  续行", "| a | b |", "|:--|--|", "```", "<font>注</font>",
    "1. 一", "", "", "\u2028", "\x0b- 甲", "\x00", "丁 ", "\ufeff", "[r]: https://e.com", "![图](https://e.com/a.png)", "\\- 甲", "=====",
]  # fmt: skip


@given(text=st.lists(st.sampled_from(FRAGMENTS) | lines(), max_size=25).map("\n".join) | st.text(max_size=80))
def test_laws_2_and_3_nothing_is_lost_and_a_second_pass_changes_nothing(text: str, newsletter: Newsletter) -> None:
    issue = read(text, newsletter, date=DAY).issue
    written = writes(issue, newsletter)
    assert survivors(written) == survivors(text)
    again = read(written, newsletter, date=DAY).issue
    assert writes(again, newsletter) == written


ENGLISH_FRAGMENTS = [
    "# Small Talk (2031-05-04): beans", "# Undated", "**Small gardens**", "> In this issue: 1 item. Papers: beans.", "> In this issue",
    "> Note: b", "First, some news:", "- Arm: a chip;", "- made in the U.S..", "- [Arm: a chip](https://e.com).", "- ...", "-", "–c: d.",
    "- [a](b", "- [2104.14129] [t | s](https://e.com) [[l]](m)", "- [a/b: t](https://e.com)", "## Papers", "## ",
    "## [Back issues](https://e.com)", "----", "Summary: beans", "Summary:", " Summary： beans", "Code: https://e.com", "    - nested", "  more",
]  # fmt: skip


@given(text=st.lists(st.sampled_from(ENGLISH_FRAGMENTS) | lines(), max_size=25).map("\n".join))
def test_laws_2_and_3_hold_with_the_words_of_a_language(text: str) -> None:
    issue = read(text, ENGLISH, date=DAY).issue
    written = writes(issue, ENGLISH)
    assert survivors(written).replace(".", "") == survivors(text).replace(".", "")
    again = read(written, ENGLISH, date=DAY).issue
    assert writes(again, ENGLISH) == written


@pytest.mark.parametrize("text", ["made in the U.S.", "and so on...", "a; b", "whose?", "1.", "."])
def test_a_warmup_keeps_its_own_last_mark(text: str, potting_shed: Newsletter) -> None:
    for newsletter in (ENGLISH, potting_shed):
        news = (Warmup(text=text), Warmup(company="Arm", text=text))
        assert reads(writes(Issue(date=DAY, imported=True, warmups=news), newsletter), newsletter).warmups == news


def survivors(text: str) -> str:
    """The characters that no reading may lose: all but white space, bullets and closing marks of warm-ups."""
    text = text.replace("；", ";").replace("。", ";").replace("–", "-").replace("\ufeff", "")
    return "".join(c for c in squeeze(unshielded(text)) if c not in ";-*+")


def test_laws_hold_for_real_issues(real_issues: list[Path], newsletter: Newsletter) -> None:
    for path in real_issues:
        text = path.read_text(encoding="utf-8")
        issue = reads(text, newsletter)
        written = writes(issue, newsletter)
        assert survivors(written) == survivors(text), path.name
        assert reads(written, newsletter) == issue, path.name
        assert not [raw for section in issue.sections for raw in section.items if isinstance(raw, Raw)], path.name


def test_another_newsletter_reads_its_own_words(potting_shed: Newsletter) -> None:
    text = (DATA / "markdown" / "potting-shed.md").read_text(encoding="utf-8")
    issue = reads(text, potting_shed)
    assert issue.lead == "2 stories. Seeds: beans; Sheds: a hoe."
    assert issue.intro == "First, gossip over the fence"
    assert meaning(issue.warmups) == [
        {"company": "Ms Green", "text": "won a prize"},
        {"company": "Mr Moss", "text": "did not"},
    ]
    assert issue.sections[1].entries[0].repo == "shed/hoe"
    assert issue.closing is not None
    assert writes(issue, potting_shed) == text


@given(st.text("ab甲 -+*#>[](){}|:!&;.1=_/\n", max_size=80))
@example("- [a](b)\n甲**乙**\nb")
def test_texts_that_differ_in_breaks_alone_look_the_same_without_being_parsed(text: str) -> None:
    plain = "\n".join(line.rstrip() for line in text.split("\n"))
    broken = "\n".join(f"{line}  " for line in plain.split("\n"))
    if outline._differ_in_breaks(plain, broken):
        assert list(outline._folded(outline.outline(plain))) == list(outline._folded(outline.outline(broken)))
