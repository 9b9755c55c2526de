"""Lists as issues have them, known by how their lines begin, so that no rule need try each of these.

An entry begins with a hyphen and a space; its other lines begin with a letter.  The tokens are those that the rules give.
"""

from __future__ import annotations

import re
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

__all__ = ["plain_entries"]

ENTRY = re.compile(r"- (?:[^\W\d_]|\[)")
LAZY = re.compile(r"[^\W\d_]|[\[（【《“「]")
"""How a line begins that can be nothing but the next one of a paragraph."""
GOES_ON = re.compile(r"\s|-(?:\s|$)", re.MULTILINE)
"""How a line begins that belongs to the list above it, or may do so, even behind a blank line."""
DEFINITION = "]:"


def plain_entries(parser: MarkdownIt) -> None:
    """Plugin for parsers of whole documents."""
    parser.block.ruler.before("table", "plain_entries", _rule)


def _rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if silent or state.level or (found := _entries(state, start, end)) is None:
        return False
    after = state.skipEmptyLines(found[-1])
    listing = state.push("bullet_list_open", "ul", 1)
    for first, last in pairwise(found):
        _push_entry(state, first, last, after if last == found[-1] else last)
    closing = state.push("bullet_list_close", "ul", -1)
    listing.map, listing.markup, closing.markup = [start, after], "-", "-"
    state.line = after
    return True


def _entries(state: StateBlock, start: int, end: int) -> list[int] | None:
    """The lines in which the entries begin, and that behind the last; nothing if they may be something else."""
    begins, line = list[int](), start
    while line < end and not state.isEmpty(line):
        if ENTRY.match(state.src, state.bMarks[line]):
            begins.append(line)
        elif not (begins and LAZY.match(state.src, state.bMarks[line])):
            return None
        line += 1
    after = state.skipEmptyLines(line)
    if after < end and GOES_ON.match(state.src, state.bMarks[after]):
        return None
    return None if DEFINITION in state.src[state.bMarks[start] : state.eMarks[line - 1]] else [*begins, line]


def _push_entry(state: StateBlock, first: int, last: int, after: int) -> None:
    """The tokens of an entry of one paragraph, which is in the lines from ``first`` to before ``last``."""
    entry = state.push("list_item_open", "li", 1)
    paragraph = state.push("paragraph_open", "p", 1)
    text = state.push("inline", "", 0)
    text.content = state.src[state.bMarks[first] + len("- ") : state.eMarks[last - 1]].strip()
    text.children = []
    paragraph.map, text.map, entry.map = [first, last], [first, last], [first, after]
    paragraph.hidden = state.push("paragraph_close", "p", -1).hidden = True
    entry.markup = state.push("list_item_close", "li", -1).markup = "-"
