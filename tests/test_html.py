"""The page that readers get: what each form looks like, that nothing is lost, and that nothing in it can act."""

from __future__ import annotations

import datetime
import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from embedai_nb.compose import complete
from embedai_nb.errors import MarkupError
from embedai_nb.html import page
from embedai_nb.html.absolute_urls import resolve_all, resolver
from embedai_nb.html.body import body
from embedai_nb.html.environment import templates
from embedai_nb.html.render import blocks, inline, plain
from embedai_nb.html.sanitize import sanitize
from embedai_nb.markdown import read, writes
from embedai_nb.model import Issue, Item, Link, Newsletter, Raw, Section, Warmup

from .conftest import DATA, PROJECT, SHARED

DAY = datetime.date(2031, 5, 4)
LARGEST = 15_000
"""Bytes that a page may have beyond its text and addresses."""


# --- what a reader and a browser see of HTML ------------------------------------------------------------------


class Seen(HTMLParser):
    """HTML taken apart by another parser than the one that made it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.text = ""
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(re.sub(r"<head>.*?</head>", "", html, flags=re.DOTALL))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, *names: str) -> list[str]:
        return [value for _, name, value in self.attributes if name in names]

    @property
    def everything(self) -> str:
        """Text, addresses and their titles."""
        return "\n".join([self.text, *self.values("href", "title", "alt", "src")])


def letters(text: str) -> Counter[str]:
    return Counter(character for character in text if character.isalnum())


ALLOWED_TAGS = frozenset(
    {"html", "body", "header", "nav", "main", "section", "article", "footer", "h1", "h2", "h3", "h4", "h5", "h6"}
    | {"blockquote", "div", "dl", "dt", "dd", "hr", "li", "ol", "p", "pre", "ul"}
    | {"table", "tbody", "td", "th", "thead", "tr"}
    | {"a", "b", "br", "code", "del", "em", "i", "s", "small", "strong", "sub", "sup", "u"}
)
ALLOWED_ATTRIBUTES = {"class", "href", "id", "lang", "start", "tabindex", "title"}


def assert_harmless(html: str) -> None:
    """Nothing in it runs, loads, or leads anywhere but to a web page or a mailbox."""
    seen = Seen(html)
    assert set(seen.tags) <= ALLOWED_TAGS
    for tag, name, value in seen.attributes:
        assert name in ALLOWED_ATTRIBUTES or (tag in {"td", "th"} and re.fullmatch(r"text-align: ?\w+;?", value)), name
    for address in seen.values("href"):
        as_browsers_read_it = re.sub(r"[\x00-\x20\x7f]", "", address)
        scheme = re.match(r"([a-z][a-z0-9+.-]*):", as_browsers_read_it, re.IGNORECASE)
        assert scheme is None or scheme[1].lower() in {"http", "https", "mailto"}, address


# --- forms ----------------------------------------------------------------------------------------------------


def article(source: str) -> str:
    """The item of this draft, as the page shows it."""
    item = Item.model_validate(yaml.safe_load(source))
    html = page.fragment(issue(item), Newsletter(name="简报"))
    found = re.search(r'<article id="甲\.1">(.*)</article>', html, re.DOTALL)
    assert found
    return found[1]


RENDERERS: dict[str, Callable[[str], str]] = {
    "emphasis": inline,
    "links": inline,
    "images": inline,
    "hostile": inline,
    "body": body,
    "blocks": blocks,
    "frame": partial(blocks, html=True),
    "items": article,
}


def issue(*items: Item | Raw, **parts: Any) -> Issue:
    return Issue(date=DAY, imported=True, **{"sections": [Section(name="甲", items=items)], **parts})


def forms() -> list[Any]:
    """Blocks of the fixtures: title, source, and the HTML; line ends in that are for the eye."""
    found = []
    for path in sorted((DATA / "html").glob("*.txt")):
        for block in path.read_text(encoding="utf-8").split("====\n"):
            title, rest = block.split("\n", 1)
            source, expected = rest.split("~~~\n")
            found.append(pytest.param(path.stem, source.removesuffix("\n"), expected, id=f"{path.stem}: {title}"))
    return found


@pytest.mark.parametrize(("kind", "source", "expected"), forms())
def test_form(kind: str, source: str, expected: str) -> None:
    html = RENDERERS[kind](source)
    assert html.replace("\n", "") == expected.replace("\n", "")
    assert_harmless(html)


def test_every_kind_of_form_has_its_fixtures() -> None:
    assert {path.stem for path in (DATA / "html").glob("*.txt")} == set(RENDERERS)


@pytest.mark.parametrize(
    "text",
    [
        "行\u2028分\u2029段",
        "\u202e右到左\u202c",
        "\u2066甲\u2069",
        "零\u200b宽\u200d字\ufeff符",
        "响\x07铃\x1b[31m",
        "空\u3000格\u2003",
    ],
    ids=ascii,
)
def test_invisible_characters_are_kept(text: str) -> None:
    assert inline(text) == text
    assert plain(text) == text
    assert Seen(page.render(issue(Item(title=f"「{text}」")), Newsletter(name="简报"))).text.count(text) == 1


def test_a_null_character_becomes_a_replacement_character() -> None:
    assert inline("甲\x00乙") == "甲\ufffd乙"


# --- too deep -------------------------------------------------------------------------------------------------

DEEP_EMPHASIS = "*甲 " * 45 + "乙" + "*" * 45
DEEP_QUOTE = "> " * 45 + "乙"
DEEP_LIST = "\n".join("  " * level + "- 乙" for level in range(1, 45))


@pytest.mark.parametrize(
    ("deep", "message"),
    [
        (issue(Item(title=DEEP_EMPHASIS)), "甲 1: title: "),
        (issue(Item(title="甲", source=DEEP_EMPHASIS)), "甲 1: source: "),
        (issue(Item(title="甲", tags=[DEEP_EMPHASIS], url="")), "甲 1: tags: "),
        (issue(Item(title="甲", links=[Link(text=DEEP_EMPHASIS, url="u")])), "甲 1: links: "),
        (issue(Raw(raw="甲"), Item(title="甲"), Item(title="乙", text=DEEP_LIST)), "甲 2: text: "),
        (issue(Item(title="甲", fields={"代码": "乙", "摘要": DEEP_EMPHASIS})), "甲 1: 摘要: "),
        (issue(Raw(raw=DEEP_QUOTE)), "甲: raw: "),
        (issue(sections=[Section(name="乙", note=DEEP_EMPHASIS)]), "乙: note: "),
        (issue(headline=[DEEP_EMPHASIS]), "headline: "),
        (issue(lead=DEEP_EMPHASIS), "lead: "),
        (issue(warmups=[Warmup(text="甲"), Warmup(text=DEEP_EMPHASIS)]), "2: warmups: "),
        (issue(closing="<b>" * 45), "closing: "),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_nested_too_deep_is_an_error_that_names_it(deep: Issue, message: str) -> None:
    with pytest.raises(MarkupError) as caught:
        page.fragment(deep, Newsletter(name="简报"))
    assert str(caught.value).startswith(f"{message}lists, quotes or emphasis nested deeper than")
    assert caught.value.remedy


@pytest.mark.parametrize("opening", ["*甲 ", "**甲 ", "_甲 ", "> ", "- ", "1. ", "[", "![", "(", "<b>", "`", "\\", "&"])
@pytest.mark.parametrize(
    "render", [inline, body, blocks, partial(blocks, html=True)], ids=["inline", "body", "blocks", "frame"]
)
def test_at_any_depth_text_is_shown_or_refused(render: Callable[[str], str], opening: str) -> None:
    closing = {"*": "*", "_": "_", "[": "](u)", "!": "](u)"}.get(opening[0], "")
    for times in (1, 10, *range(17, 24), *range(37, 46), 200):
        try:
            assert "末" in Seen(render(f"{opening * times}末{closing * times}")).everything
        except MarkupError:
            assert times > 17


# --- nothing is lost ------------------------------------------------------------------------------------------

NUMBERS = re.compile(r"^(?:\s*(?:>|(?:[-*+]|\d+[.)])(?=\s|$)))+", re.MULTILINE)
"""Numbers of lists, and the signs around them: the browser counts."""
SIGNS = "中文字，。、！（）“”[]()|*`_~:/\\<>{}'\"!.,;+=- #　abcXYZ019\u00a0\u200b😀\t"
lines = st.text(SIGNS, max_size=30).map(str.strip)
bodies = st.lists(
    st.sampled_from(["", "  - ", "    1. ", "        - ", "      "]).flatmap(lambda i: lines.map(i.__add__)), max_size=5
).map("\n".join)


@given(text=lines)
def test_every_letter_of_a_line_is_shown(text: str) -> None:
    assert letters(text) <= letters(Seen(inline(text)).everything)


@given(text=bodies)
def test_every_letter_of_a_body_is_shown(text: str) -> None:
    unnumbered = NUMBERS.sub("", text)
    assert letters(unnumbered) <= letters(Seen(body(text)).everything)


BLOCK_SIGNS = [
    "甲 | 乙",
    "|---|---|",
    "| 丙 | 丁 | 戊 |",
    "```己",
    "```",
    "# 庚",
    "> 辛",
    "- 壬",
    "1. 癸",
    "    子",
    "[丑]: 寅",
    "[丑]",
    "![卯][丑]",
    "[![辰](巳)](午)",
    "未 **申**",
    "---",
    "===",
    "<b>酉</b>",
    "<!--",
    "-->",
    "<div>",
    "",
]


@given(text=st.lists(st.sampled_from(BLOCK_SIGNS), max_size=8).map("\n".join))
def test_every_letter_of_a_block_is_shown(text: str) -> None:
    assert letters(text.replace("1.", "").replace("丑", "")) <= letters(Seen(blocks(text)).everything)


@given(
    title=lines, source=lines, text=bodies, labels=st.dictionaries(st.sampled_from(["摘要", "论文", "代码"]), bodies)
)
def test_every_letter_of_an_item_is_on_the_page(title: str, source: str, text: str, labels: dict[str, str]) -> None:
    item = Item(title=title, source=source, url="https://e.com/x_(y)?z=1&w=2", text=text, fields=labels)
    html = page.fragment(issue(item), Newsletter(name="简报"))
    written = NUMBERS.sub("", "\n".join([text, *labels.values()]))
    assert letters(f"{title}{source}{written}{''.join(labels)}") <= letters(Seen(html).everything)
    assert "https://e.com/x_(y)?z=1&w=2" in Seen(html).values("href")
    assert_harmless(html)


def published(newsletter: Newsletter) -> list[Issue]:
    """The sample drafts, as they are published."""
    found = []
    for path in sorted((PROJECT / "issues" / "drafts").glob("*.yaml")):
        values = {
            key: value for key, value in yaml.safe_load(path.read_text(encoding="utf-8")).items() if key != "schema"
        }
        found.append(complete(Issue.model_validate(values), newsletter, [DAY, datetime.date(2020, 5, 15)]))
    assert found
    return found


def assert_holds_the_same(html: str, issue: Issue, newsletter: Newsletter) -> None:
    """Law 4: the page holds the items of the issue in their order, and every address of its Markdown."""
    addresses = Seen(html).values("href")
    for address in re.findall(r"https?://[\w\-.~:/?#@!$&'*+,;=%]+", writes(issue, newsletter), re.ASCII):
        assert any(address.rstrip(".,:;*") in href for href in addresses), address
    headings = [letters(plain(heading)) for heading in re.findall(r"<h3>(.*?)</h3>", html, re.DOTALL)]
    items = [item for item in issue.entries if item.title or item.url or item.repo or item.tags]
    assert len(headings) == len(items)
    for heading, item in zip(headings, items, strict=True):
        assert letters(plain(f"{item.repo or ''} {item.title}")) <= heading
    assert letters(plain("".join(item.title for item in items))) <= letters(Seen(html).everything)
    assert_harmless(html)


def assert_small(html: str) -> None:
    seen = Seen(html)
    text = seen.text + "".join(seen.values("href"))
    assert len(html.encode()) - len(text.encode()) <= LARGEST


def test_laws_hold_for_the_sample_drafts(newsletter: Newsletter) -> None:
    for each in published(newsletter):
        html = page.render(each, newsletter)
        assert_holds_the_same(html, each, newsletter)
        assert_small(html)


def test_laws_hold_for_real_issues(real_issues: list[Path], newsletter: Newsletter) -> None:
    for path in real_issues:
        each = read(path.read_text(encoding="utf-8"), newsletter, date=DAY).issue
        html = page.render(each, newsletter)
        assert_holds_the_same(html, each, newsletter)
        assert_small(html)


# --- the page -------------------------------------------------------------------------------------------------


def whole() -> Issue:
    return issue(
        headline=["一", "二"],
        tagline="口号",
        before="<font>前</font>",
        lead="本期2条。\n第二行。\n\n另起一段。",
        intro="热身：",
        warmups=[
            Warmup(company="甲公司", text="乙"),
            Warmup(text="丙", url="https://e.com/w"),
            Raw(raw="- 三星："),
            Warmup(text="丁"),
        ],
        note="注：戊\n> 己",
        after="庚\n辛",
        sections=[
            Section(name="论文", note="注：壬", items=[Item(title="一"), Raw(raw="散句"), Item(title="二")]),
            Section(name="论文"),
            Section(name="C++ & `Rust`", items=[Item(title="三")]),
            Section(name=""),
        ],
        closing="## [往期回顾](https://e.com)\n\n本作品可自由转载。\n末行。",
    )


def test_parts_stand_in_the_order_of_the_issue(newsletter: Newsletter) -> None:
    text = Seen(page.fragment(whole(), newsletter)).text
    order = re.findall(r"热身：|三星：|散句|往期回顾|[一二三甲乙丙丁戊己庚辛壬]", text.split("另起一段。")[1])
    assert "".join(order) == "热身：甲乙丙三星：丁戊己庚辛壬一散句二三往期回顾"
    assert re.sub(r"\s+", " ", text).startswith(
        " 嵌入式AI简报 (2031-05-04)：一/二 口号 论文 · 论文 · C++ & Rust 前 导读：本期2条。"
    )


def test_it_has_one_h1_and_landmarks(newsletter: Newsletter) -> None:
    tags = Counter(Seen(page.render(whole(), newsletter)).tags)
    assert {tag: tags[tag] for tag in ("h1", "header", "nav", "main", "footer")} == dict.fromkeys(
        ("h1", "header", "nav", "main", "footer"), 1
    )


def test_ids_are_readable_and_given_once(newsletter: Newsletter) -> None:
    seen = Seen(page.render(whole(), newsletter))
    assert seen.values("id") == ["论文", "论文.1", "论文.2", "论文-2", "C-Rust", "C-Rust.1", "section"]
    assert [href for href in seen.values("href") if href[0] == "#"] == ["#论文", "#论文-2", "#C-Rust"]


def test_a_line_end_in_prose_is_a_line_end(newsletter: Newsletter) -> None:
    html = page.fragment(whole(), newsletter).replace("\n", "")
    assert "本期2条。<br>第二行。</p><p>另起一段。</p></blockquote>" in html
    assert "<p>注：戊<br>己</p></blockquote>" in html
    assert "<p>庚<br>辛</p>" in html
    assert "<p>本作品可自由转载。<br>末行。</p>" in html


def test_warmups_are_closed_as_in_the_markdown(newsletter: Newsletter) -> None:
    html = page.fragment(whole(), newsletter).replace("\n", "")
    assert "<li><b>甲公司</b>：乙；</li>" in html
    assert '<li><a href="https://e.com/w">丙</a>；</li></ul><ul><li>三星：</li></ul>' in html
    assert "<li>丁。</li></ul>" in html


def test_it_is_self_contained(newsletter: Newsletter) -> None:
    html = page.render(whole(), newsletter)
    assert html.startswith('<!DOCTYPE html>\n<html lang="zh-CN">\n')
    assert "default-src 'none'" in html
    assert not re.search(r"<(?:script|link|img|iframe|object|embed|base|form)\b|@import|url\(|\bsrc=", html)
    assert "<title>嵌入式AI简报 (2031-05-04)：一/二</title>" in html
    assert f'<meta name="description" content="{newsletter.tagline}">' in html
    assert html.endswith("</html>\n")


SHOWING = Newsletter(name="简报", images="show")


def test_images_are_shown_where_newsletter_yaml_says_so() -> None:
    each = issue(
        Item(title="![图](https://e.com/t.png)", text='![**甲**](https://e.com/a.png "乙")'),
        Item(title="丙", text="[![丁](images/b.png)](https://e.com/c)"),
        closing="![码](https://e.com/q.png)",
    )
    html = page.render(each, SHOWING)
    assert '<img src="https://e.com/a.png" alt="甲" title="乙">' in html
    assert '<a href="https://e.com/c"><img src="images/b.png" alt="丁"></a>' in html
    assert '<img src="https://e.com/q.png" alt="码">' in html
    assert '<a href="https://e.com/t.png">图</a>' in html
    assert "default-src 'none'; img-src *; style-src" in html
    assert "<img" not in page.render(each, Newsletter(name="简报"))


@pytest.mark.parametrize(
    "url",
    ["../a.png", "images/../../a.png", "images/.a.png", "a.png", "images/a.svg", "//e.com/a.png", "mailto:a@e.com"],
)
def test_an_image_that_is_neither_on_the_web_nor_in_the_folder_stays_a_link(url: str) -> None:
    html = page.fragment(issue(Item(title="甲", text=f"![图]({url})")), SHOWING)
    assert f'<a href="{url}">图</a>' in html


def test_an_image_that_may_not_be_loaded_stays_source() -> None:
    html = page.fragment(
        issue(Item(title="甲", text="![图](javascript:alert(1)) ![图](data:image/png;base64,AA==)")), SHOWING
    )
    assert "![图](javascript:alert(1)) ![图](data:image/png;base64,AA==)" in html


def test_the_class_of_a_code_block_is_its_language_alone() -> None:
    assert 'class="language-c++"' in blocks("```c++\nx\n```")
    html = page.document(
        '<pre><code class="tagline x">甲</code></pre><p class="by x">乙</p>', title="甲", language="zh-CN"
    )
    assert '<pre><code>甲</code></pre><p class="by">乙</p>' in html


class TestAddresses:
    """Where a reader outside the archive is led."""

    ARCHIVED = Newsletter(name="简报", archive_url="https://a.e/n/{date}.md", project_url="https://a.e/p")

    @pytest.mark.parametrize(
        ("url", "resolved"),
        [
            ("2020-07-18.md", "/2020-07-18.html"),
            ("../news/2020-07-18.md#论文", "/2020-07-18.html#论文"),
            ("2020-07-18.html", "/2020-07-18.html"),
            ("2020-07-19.md", "https://a.e/n/2020-07-19.md"),
            ("2020-13-45.md", "https://a.e/n/2020-13-45.md"),
            ("../code.jpg", "https://a.e/code.jpg"),
            ("#论文", "/2031-05-04.html#论文"),
            ("images/x.png", "/images/x.png"),
            ("//b.e/x", "https://b.e/x"),
            ("https://a.e/n/2020-07-18.md", "https://a.e/n/2020-07-18.md"),
            ("mailto:a@b.e", "mailto:a@b.e"),
            ("http://[", "http://["),
            ("", ""),
        ],
    )
    def test_an_issue_of_the_site_is_its_page_and_all_else_is_in_the_archive(self, url: str, resolved: str) -> None:
        there = {datetime.date(2020, 7, 18), DAY}
        resolve = resolver(issue(), self.ARCHIVED, lambda date: f"/{date}.html" if date in there else "")
        assert resolve(url) == resolved

    def test_without_an_archive_addresses_are_the_projects(self) -> None:
        resolve = resolver(issue(), Newsletter(name="简报", project_url="https://a.e/p"))
        assert (resolve("x.md"), resolve("#甲")) == ("https://a.e/p/x.md", "https://a.e/p/#甲")
        assert resolver(issue(), Newsletter(name="简报"))("x.md") == "x.md"

    def test_all_of_a_fragment_are_resolved_and_no_text(self) -> None:
        html = sanitize(
            '<a href="x.md" title="甲 &gt; &quot;">&lt;a href="x.md"&gt; href="x.md"</a><img src="b.png">', images=True
        )
        resolved = resolve_all(html, resolver(issue(), self.ARCHIVED))
        assert resolved == str(html).replace('<a href="x.md', '<a href="https://a.e/n/x.md').replace(
            '"b.png', '"https://a.e/n/b.png'
        )


def test_text_cannot_leave_the_head() -> None:
    hostile = "</title></style><script>alert(1)</script>\"'>"
    html = page.render(issue(headline=[hostile]), Newsletter(name=hostile, tagline=hostile, language=hostile))
    assert "<script" not in html
    assert_harmless(re.sub(r'<html lang="[^"]*">', "<html>", html))


def test_an_issue_without_title_has_its_name_and_date(newsletter: Newsletter) -> None:
    untitled = issue(heading="")
    assert page.title(untitled, newsletter) == "嵌入式AI简报 (2031-05-04)"
    assert "<h1>嵌入式AI简报 (2031-05-04)</h1>" in page.fragment(untitled, newsletter)


def test_the_title_is_plain_text(newsletter: Newsletter) -> None:
    assert page.title(issue(headline=["**一**", "`<b>`", "[二](https://e.com)"]), newsletter).endswith("：一/<b>/二")
    assert page.title(issue(heading="# 旧名 2031-05-04："), newsletter) == "旧名 2031-05-04"


def test_the_words_are_the_newsletters(potting_shed: Newsletter) -> None:
    text = (DATA / "markdown" / "potting-shed.md").read_text(encoding="utf-8")
    html = page.render(read(text, potting_shed).issue, potting_shed)
    assert '<html lang="en">' in html
    assert "<b>In brief: </b>2 stories." in html
    assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", html)


def test_a_fragment_that_was_tampered_with_is_made_harmless(newsletter: Newsletter) -> None:
    tampered = page.fragment(whole(), newsletter) + (
        '<script>alert(1)</script><p onclick="alert(1)" id="x" class="y">甲</p><img src="https://e.com/a.png">'
        "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'><form><math><mtext></form><form><mglyph><style></math>"
        "<img src onerror=alert(1)>"
    )
    html = page.document(tampered, title="甲", language="zh-CN")
    assert_harmless(html)
    assert not re.search(r"alert|<img|<style>.*<style>", html.split("</head>")[1], re.DOTALL)


def test_sanitizing_twice_changes_nothing(newsletter: Newsletter) -> None:
    for each in [*published(newsletter), whole()]:
        html = page.fragment(each, newsletter)
        assert html.strip() in page.document(html, title="甲", language="zh-CN")


# --- style ----------------------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-relative-luminance."""
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_text_stands_out_from_its_ground_in_light_dark_and_print() -> None:
    style = (PROJECT / "embedai_nb" / "html" / "style.css").read_text(encoding="utf-8")
    schemes = [
        dict(re.findall(r"--(\w+): (#[0-9a-f]+)", root)) for root in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    ]
    assert len(schemes) == 3
    for scheme in schemes:
        for text in ("ink", "quiet", "link", "accent"):
            for ground in ("paper", "tint"):
                darker, lighter = sorted([luminance(scheme[text]), luminance(scheme[ground])])
                assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (text, ground)


# --- public vectors -------------------------------------------------------------------------------------------


def vectors(name: str) -> Any:
    path = SHARED / "vectors" / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return json.loads(path.read_text(encoding="utf-8"))


def normalised(html: str) -> str:
    """Without what differs on purpose everywhere: h1, line breaks, what is said of code, encoded addresses."""
    html = re.sub(r"\s*<br>\s*|\n", " ", sanitize(html.replace("h1>", "h2>")))
    html = re.sub(r'<code tabindex="0"(?: title="[^"]*")?', "<code", html)
    return unquote(unescape(re.sub(r">\s+<", "><", html)))


DIFFERENT = {
    # raw HTML is text
    "HTML blocks": 43,
    "Raw HTML": 13,
    "Lists": 2 + 1,  # a definition that nothing refers to is shown
    "Backslash escapes": 1,
    "Entity and numeric character references": 1,
    "Code spans": 1,
    "Emphasis and strong emphasis": 3,
    "Hard line breaks": 2,
    # an image is a link
    "Images": 20,
    "Links": 3 + 4 + 7 + 4,  # with images, with tags, with a definition that nothing refers to, without an address
    "Link reference definitions": 6,
    # a bare address is a link; other schemes are not
    "Autolinks": 3 + 4,
}
"""How many examples of each section come out otherwise than CommonMark has it: of 652, 534 are the same."""


def test_commonmark_examples_are_harmless_and_lose_nothing() -> None:
    for example in vectors("commonmark.json"):
        for html in (blocks(example["markdown"]), blocks(example["markdown"], html=True)):
            assert_harmless(html)
            assert letters(Seen(example["html"]).text) <= letters(Seen(html).everything), example["example"]


def test_commonmark_is_followed_but_where_we_differ_on_purpose() -> None:
    different = Counter(
        example["section"]
        for example in vectors("commonmark.json")
        if normalised(blocks(example["markdown"])) != normalised(example["html"])
    )
    assert dict(different) == DIFFERENT


def test_naughty_strings_are_harmless_and_lose_nothing(newsletter: Newsletter) -> None:
    for text in vectors("blns.json"):
        item = Item(title=text, url="https://e.com", fields={"摘要": text})
        html = page.render(issue(item), newsletter)
        assert_harmless(html)
        without_entities = re.sub(r"&#?\w+;", "", text)
        assert letters(without_entities) <= letters(Seen(html).everything), text


class TestCompiledTemplates:
    """Templates are compiled once, as Python's modules are."""

    def test_they_lie_where_compiled_modules_do(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "dont_write_bytecode", False)
        monkeypatch.setattr(sys, "pycache_prefix", None)
        (tmp_path / "greeting.j2").write_text("{{ name }}!", "utf-8")
        assert templates.__wrapped__(tmp_path).get_template("greeting.j2").render(name="a<b") == "a&lt;b!"
        (compiled,) = (tmp_path / "__pycache__").iterdir()
        before = compiled.read_bytes()
        (tmp_path / "greeting.j2").write_text("{{ name }}?", "utf-8")
        assert templates.__wrapped__(tmp_path).get_template("greeting.j2").render(name="a<b") == "a&lt;b?"
        assert compiled.read_bytes() != before

    @pytest.mark.parametrize("name", ["__pycache__", "elsewhere"])
    def test_where_none_can_be_kept_they_are_compiled_each_time(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setattr(sys, "dont_write_bytecode", name == "elsewhere")
        monkeypatch.setattr(sys, "pycache_prefix", None)
        (tmp_path / name).write_text("a file in the way", "utf-8")
        (tmp_path / "greeting.j2").write_text("{{ name }}!", "utf-8")
        assert templates.__wrapped__(tmp_path).get_template("greeting.j2").render(name="b") == "b!"
        assert not (tmp_path / "__pycache__").is_dir()

    def test_a_damaged_one_is_compiled_anew(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "dont_write_bytecode", False)
        monkeypatch.setattr(sys, "pycache_prefix", None)
        (tmp_path / "greeting.j2").write_text("{{ name }}!", "utf-8")
        templates.__wrapped__(tmp_path).get_template("greeting.j2")
        (compiled,) = (tmp_path / "__pycache__").iterdir()
        whole = compiled.read_bytes()
        for end in range(len(whole)):
            compiled.write_bytes(whole[:end])
            assert templates.__wrapped__(tmp_path).get_template("greeting.j2").render(name="b") == "b!"
