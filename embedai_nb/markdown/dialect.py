"""The Markdown dialect of an item's text, and the one parser configured for it.

CommonMark 0.31.2 with tables and strikethrough of GitHub Flavored Markdown, and with these differences:

- A line end is a line break.
- No raw HTML, headings, thematic breaks, indented code or footnotes: the characters stand as they were typed.
- However far a list or a fence is indented, it may interrupt a paragraph, as it can nowhere be indented code.
- A table that would leave out a cell is no table.
- ``[x]`` and ``[ ]`` at the beginning of a list entry are ☑ and ☐.
- Emphasis next to Chinese punctuation (`cjk_emphasis`), GitHub's strikethrough (`gfm_emphasis`), bare addresses
  (`bare_urls`).
- Nesting that markdown-it would leave out in silence is an error (`nesting_limit`).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, hr, list_block, reference, table
from markdown_it.rules_block.table import getLine
from markdown_it.rules_core import StateCore

from embedai_nb.markdown.bare_urls import bare_urls
from embedai_nb.markdown.cjk_emphasis import cjk_emphasis
from embedai_nb.markdown.gfm_emphasis import gfm_strikethrough
from embedai_nb.markdown.literal import quick_inline
from embedai_nb.markdown.nesting_limit import nesting_limit

__all__ = ["document_parser", "parser"]


REFUSED = "line behind a refused table"
BAR = re.compile(r"(?<!\\)\|")
BOX = re.compile(r"\A\[(?P<mark>[ xX])\](?=\s)")


class _Parser(MarkdownIt):
    """Keeps addresses as they were typed."""

    def __init__(self, permits: Callable[[str], bool] | None) -> None:
        super().__init__("commonmark", {"html": False, "breaks": True})
        self.permits = permits or super().validateLink

    def normalizeLink(self, url: str) -> str:  # noqa: N802  # markdown-it's name
        return url

    def validateLink(self, url: str) -> bool:  # noqa: N802  # markdown-it's name
        return self.permits(url)


def document_parser(permits: Callable[[str], bool] | None = None) -> MarkdownIt:
    """The parser for text around the items, in which the other blocks of CommonMark are blocks, too.

    Args:
        permits: whether a link may lead to an address; where it may not, the source stands as text.
    """
    made = _Parser(permits).enable("table").use(gfm_strikethrough)
    made.block.ruler.at("table", _whole_table, {"alt": ["paragraph", "reference"]})
    made.core.ruler.after("inline", "task_boxes", _task_boxes)
    return made.use(nesting_limit).use(cjk_emphasis).use(bare_urls).use(quick_inline)


def parser(permits: Callable[[str], bool] | None = None) -> MarkdownIt:
    """The parser for the text of an item; arguments as for `document_parser`."""
    made = document_parser(permits).disable(["code", "heading", "lheading", "html_block"])
    made.block.ruler.at("hr", _rule_as_text, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    made.block.ruler.at("list", _list, {"alt": ["paragraph", "reference", "blockquote"]})
    made.block.ruler.at("reference", _no_footnote)
    made.block.ruler.at("paragraph", _paragraph)
    return made


def _push_paragraph(state: StateBlock, start: int, content: str) -> None:
    """The tokens of a paragraph from line ``start`` to the current one."""
    lines = [start, state.line]
    state.push("paragraph_open", "p", 1).map = lines
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = content, lines, []
    state.push("paragraph_close", "p", -1)


def _rule_as_text(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A line of hyphens, asterisks or underscores: a paragraph of its own, neither a list nor a heading's underline."""
    if not hr(state, start, end, silent):
        return False
    if not silent:
        state.tokens.pop()
        _push_paragraph(
            state, start, state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]].strip()
        )
    return True


def _list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A list, whose entries may stand at any indentation: markdown-it takes those from 4 on for lazy lines."""
    indent, state.listIndent = state.listIndent, -1
    try:
        return list_block(state, start, end, silent)
    finally:
        state.listIndent = indent


def _no_footnote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A definition of a reference, unless GitHub would take it for a footnote."""
    first = state.bMarks[start] + state.tShift[start]
    return not state.src.startswith("[^", first) and reference(state, start, end, silent)


def _paragraph(state: StateBlock, start: int, _end: int, _silent: bool) -> bool:
    """CommonMark's paragraph, but a line may interrupt it at any indentation."""
    terminators, parent = state.md.block.ruler.getRules("paragraph"), state.parentType
    state.parentType = "paragraph"
    line = start + 1
    while line < state.lineMax and not state.isEmpty(line):
        outside = state.sCount[line] < 0  # a lazy line of a quote, which has looked at it already
        if not outside and any(rule(state, line, state.lineMax, True) for rule in terminators):
            break
        line += 1
    state.line, state.parentType = line, parent
    _push_paragraph(state, start, state.getLines(start, line, state.blkIndent, False).strip())
    return True


# --- in all texts ---------------------------------------------------------------------------------------------


def _cells(state: StateBlock, line: int) -> int:
    """How many cells the line has, as the rule for tables counts them."""
    return len(BAR.split(getLine(state, line).strip().removeprefix("|").removesuffix("|")))


def _whole_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table, unless it would leave out the cells of a row that is longer than the first; then all of it is text."""
    before = len(state.tokens)
    if start < state.env.get(REFUSED, 0) or not table(state, start, end, silent):
        return False
    if silent or max(_cells(state, line) for line in range(start, state.line)) == _cells(state, start):
        return True
    del state.tokens[before:]
    state.env[REFUSED], state.line = state.line, start
    return False


def _task_boxes(state: StateCore) -> None:
    """Show the boxes of a task list as characters: nobody can tick them on a page."""
    for entry, _, text in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if entry.type == "list_item_open" and text.type == "inline" and text.children:
            first = text.children[0]
            if first.type == "text":
                first.content = BOX.sub(lambda box: "☐" if box["mark"] == " " else "☑", first.content)
