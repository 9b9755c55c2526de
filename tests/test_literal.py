"""Text whose HTML is known without trying all rules: it is what the rules give."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.rules_core import inline as by_rules
from markdown_it.token import Token

from embedai_nb.html.independent_blocks import independent_blocks, plain_table
from embedai_nb.html.literal_text import literal_line, literal_paragraph
from embedai_nb.html.render import _rendered as rendered
from embedai_nb.html.render import blocks, inline
from embedai_nb.html.sanitize import permits, sanitize
from embedai_nb.markdown.blocks import commonmark, document_tokens, is_plain, tokens_of
from embedai_nb.markdown.dialect import document_parser, parser
from embedai_nb.markdown.literal import shown_of

PIECES = [
    *"aZ0é量，。：！～ .:;!?-+=#|()[]*_`~<>&\\\"'\n",
    "  ",
    "量化 INT8。",
    "1. ",
    "://",
    "https://e.com/a_b?c=d",
    "\t",
    "\u3000",
]
LINKS = [
    "[量化](https://e.com/a_b?c=1#d)",
    "[2031-05-04](../r/2031-05-04.md)",
    "[x]()",
    "[x](javascript:x)",
    "[x](y z)",
    "](",
]
UNDERLINES = [
    "题",
    "\n",
    "\n\n",
    "---",
    "===",
    "-",
    "> ",
    "- ",
    "    ",
    "| a | b |",
    "|---|---|",
    "```",
    "1. ",
    "\r",
    "<p>",
]

texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
linking = st.lists(st.sampled_from([*PIECES, *LINKS]), max_size=8).map("".join)


def ruled(made: MarkdownIt) -> MarkdownIt:
    """A parser that tries its rules on every text."""
    made.core.ruler.at("inline", by_rules)
    return made


ITEM, DOCUMENT = ruled(parser(permits)), ruled(document_parser(permits))
COMMONMARK, WITHOUT_BARE_URLS = commonmark(), parser(bool).disable("bare_urls")


@pytest.mark.parametrize("text", ["低比特量化，INT8：快 2.5 倍！", 'Say "no" (50% off); it\'s free?', "a | b", ""])
def test_text_without_markup_is_literal(text: str) -> None:
    assert literal_line(text) == text == sanitize(ITEM.renderInline(text))


@pytest.mark.parametrize(
    "text", ["*a*", "a_b", "`a`", "[a]", "a & b", "<b>", "a\\b", "~a~", "https://e.com", "a\nb", "a\u3000"]
)
def test_text_that_may_have_markup_is_not_literal(text: str) -> None:
    assert literal_line(text) is None


@given(text=texts)
@settings(max_examples=500, deadline=None)
def test_literal_text_is_what_the_rules_make_of_it(text: str) -> None:
    if (line := literal_line(text)) is not None:
        assert line == sanitize(ITEM.renderInline(text))
    if (paragraph := literal_paragraph(text)) is not None:
        assert paragraph == sanitize(ITEM.render(text)) == sanitize(DOCUMENT.render(text))


@given(text=st.from_regex(r"https?://[a-zA-Z0-9/.:_-]{1,20}", fullmatch=True))
def test_an_address_alone_is_the_link_that_the_rules_make_of_it(text: str) -> None:
    if (paragraph := literal_paragraph(text)) is not None:
        assert paragraph == sanitize(ITEM.render(text)) == sanitize(DOCUMENT.render(text))
    assert literal_paragraph("https://e.com/a-b/c.html")
    assert literal_paragraph("https://e.com/a_b_") is None, "there may be emphasis in it"
    assert literal_paragraph("http://a.1") is None, "no host, so no link"


@given(text=linking)
@settings(max_examples=500, deadline=None)
def test_literal_text_and_links_have_the_tokens_that_the_rules_give(text: str) -> None:
    assert parser(permits).parse(text) == ITEM.parse(text)
    assert document_parser(permits).parse(text) == DOCUMENT.parse(text)


BLOCKS = [
    *LINKS,
    *(
        "题",
        "量化",
        "\n",
        "\n\n",
        "\n\n\n",
        "---",
        "----",
        "- ",
        "* ",
        "1. ",
        "2) ",
        "> ",
        "# ",
        "## 甲",
        "    ",
        "\t",
        " ",
        "```",
        "~~~",
    ),
    *(
        "| a | b |\n|---|:-:|\n| c | [d](e) |",
        "| a |\n|-|",
        "|a|b|\n",
        "|:--|--:|\n",
        "|",
        "\\|",
        "`",
        "*",
        "~~",
        "[x]: y",
        "[x]",
        "![a](b)",
    ),
    *("https://e.com", "\r\n", "&amp;", "[ ] ", "\0", "\u3000", "\\"),
]


@given(text=st.lists(st.sampled_from(BLOCKS), max_size=14).map("".join), images=st.booleans())
@settings(max_examples=1000, deadline=None)
def test_blocks_rendered_one_by_one_are_those_of_the_document(text: str, images: bool) -> None:
    assert blocks(text, images=images) == rendered(text, "document", images=images)


def test_a_table_of_back_issues_is_rendered_cell_by_cell() -> None:
    table = "| 往 | 期 |\n|:---:|---|\n| [2031-05-04](../r/2031-05-04.md) |   |"
    assert plain_table(table, inline) == rendered(table, "document")
    assert plain_table(table.replace("往", "`|`"), inline) is None, "a bar within a cell"
    assert plain_table(table.replace("   |", "   | |"), inline) is None, "a cell that the head hasn't"
    assert independent_blocks(f"## 往期\n\n{table}\n\n---\n") == ["## 往期", table, "---\n"]


ENTRIES = [
    *(
        "- 量化",
        "- [",
        "- ",
        "-",
        "[题](https://e.com)",
        "[x]: y",
        "摘要：",
        "a",
        "（注）",
        "7",
        "  ",
        " ",
        "\t",
        "    ",
        "\u3000",
        "_",
        "\0",
    ),
    *(
        "\n",
        "\n",
        "\n",
        "\n\n",
        "\n- [a](b)\n摘要：c\n",
        "---",
        "## 节",
        "> ",
        "* ",
        "1. ",
        "| a |\n|---|\n",
        "```",
        "<p>",
        "<!--",
        "+ ",
        "=",
        "\r",
    ),
]


@given(text=st.lists(st.sampled_from(ENTRIES), max_size=14).map("".join))
@settings(max_examples=1000, deadline=None)
def test_a_document_with_plain_lists_has_the_same_blocks(text: str) -> None:
    assert document_tokens(text) == tokens_of(text, commonmark())


@given(text=st.lists(st.sampled_from(UNDERLINES), max_size=12).map("".join))
@settings(max_examples=500, deadline=None)
def test_a_document_without_underlines_has_the_same_blocks(text: str) -> None:
    assert document_tokens(text) == tokens_of(text, commonmark())


def seen(children: Sequence[Token]) -> tuple[str, tuple[object, ...]]:
    """Text and links; where lines end no reader sees the spaces."""
    text = "".join("\n" if token.type.endswith("break") else token.content for token in children)
    return without_spaces_at_ends(text), tuple(token.attrs["href"] for token in children if token.type == "link_open")


def without_spaces_at_ends(text: str) -> str:
    return re.sub(" *\n *", "\n", text)


@given(text=linking)
@settings(max_examples=500, deadline=None)
def test_what_is_shown_of_plain_text_and_links_is_what_the_parsers_make_of_it(text: str) -> None:
    if (shown := shown_of(text)) is None:
        return
    expected = without_spaces_at_ends(shown.text), shown.links
    assert seen(COMMONMARK.parseInline(text)[0].children or []) == expected
    if is_plain(text) and all(shown.links):
        blocks = [token for token in WITHOUT_BARE_URLS.parse(text) if token.type == "inline"]
        assert len(blocks) <= 1
        read, links = seen([child for token in blocks for child in token.children or []])
        assert (read.strip(), links) == (expected[0].strip(), expected[1])


def test_links_are_known_among_plain_text() -> None:
    shown = shown_of("[量化](https://e.com/a_b?c=1#d)：快！  \n见 [x]()")
    assert shown == ("量化：快！  \n见 x", ("https://e.com/a_b?c=1#d", ""))
    assert shown_of("![图](a.png)") is shown_of("*a*") is shown_of("[a]") is shown_of("[a](b&c)") is None
