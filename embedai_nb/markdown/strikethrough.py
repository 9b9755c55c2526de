"""Strikethrough as on GitHub: between runs of exactly two tildes; markdown-it would divide longer ones."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

__all__ = ["strikethrough"]

TILDES = re.compile("~+")
MARK = 2
"""Tildes of a mark."""


def _tildes(state: StateInline, silent: bool) -> bool:
    """A run of tildes; markdown-it pairs up afterwards what is a mark."""
    run = TILDES.match(state.src, state.pos, state.posMax)
    if silent or run is None:
        return False
    scanned = state.scanDelims(state.pos, True)
    token = state.push("text", "", 0)
    token.content, token.meta = run[0], {"at": state.pos}
    if len(run[0]) == MARK:
        number = len(state.tokens) - 1
        delimiter = Delimiter(ord("~"), 0, number, -1, open=scanned.can_open, close=scanned.can_close)
        state.delimiters.append(delimiter)
    state.pos = run.end()
    return True


def strikethrough(parser: MarkdownIt) -> None:
    """Plugin: GitHub's rule in place of markdown-it's."""
    parser.inline.ruler.at("strikethrough", _tildes)
    parser.enable("strikethrough")
