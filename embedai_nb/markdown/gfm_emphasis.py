"""Emphasis and strikethrough as GitHub pairs up their marks: cmark-gfm 0.29, src/inlines.c and extensions/strikethrough.c.

Unlike CommonMark 0.31 and markdown-it, it takes no symbol for punctuation, as ``→`` or ``😀``, unless it is ASCII; beside a
mark of emphasis it looks past tildes; and strikethrough stands between runs of exactly two of these.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isWhiteSpace
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

__all__ = ["STRUCK", "RunRule", "gfm_emphasis", "gfm_strikethrough", "run_rule"]

RUN = {"*": re.compile(r"\*+"), "_": re.compile("_+"), "~": re.compile("~+")}
STRUCK = 2
"""Tildes of a mark."""

RunRule = Callable[[StateInline, int], tuple[bool, bool]]
"""Whether the run from the current position to another one may open and close."""


def run_rule(flanks: RunRule) -> Callable[[StateInline, bool], bool]:
    """The rule for runs of asterisks and underscores: each is a token of its own, which markdown-it pairs up afterwards.

    The position of each in the text is in the ``meta`` of its token.
    """

    def rule(state: StateInline, silent: bool) -> bool:
        sign = state.src[state.pos]
        run = RUN[sign].match(state.src, state.pos, state.posMax) if sign in "*_" else None
        if silent or run is None:
            return False
        opens, closes = flanks(state, run.end())
        for at in range(run.start(), run.end()):
            _push(state, at, sign)
            delimiter = Delimiter(ord(sign), len(run[0]), len(state.tokens) - 1, -1, open=opens, close=closes)
            state.delimiters.append(delimiter)
        state.pos = run.end()
        return True

    return rule


def _push(state: StateInline, at: int, content: str) -> None:
    token = state.push("text", "", 0)
    token.content, token.meta = content, {"at": at}


def _space(sign: str) -> bool:
    return not sign or isWhiteSpace(ord(sign))


def _punctuation(sign: str) -> bool:
    return bool(sign) and (isMdAsciiPunct(ord(sign)) or unicodedata.category(sign)[0] == "P")


def _flanking(before: str, after: str) -> tuple[bool, bool]:
    """Whether a run between these is left-flanking, and right-flanking (CommonMark 0.29, section 6.4)."""
    left = not _space(after) and (not _punctuation(after) or _space(before) or _punctuation(before))
    right = not _space(before) and (not _punctuation(before) or _space(after) or _punctuation(after))
    return left, right


def _emphasis(state: StateInline, end: int) -> tuple[bool, bool]:
    start = state.pos
    while start > 0 and state.src[start - 1] == "~":
        start -= 1
    while end < len(state.src) and state.src[end] == "~":
        end += 1
    before, after = state.src[start - 1 : start], state.src[end : end + 1]
    left, right = _flanking(before, after)
    if state.src[state.pos] == "*":
        return left, right
    return left and (not right or _punctuation(before)), right and (not left or _punctuation(after))


def _strikethrough(state: StateInline, silent: bool) -> bool:
    run = RUN["~"].match(state.src, state.pos, state.posMax)
    if silent or run is None:
        return False
    _push(state, state.pos, run[0])
    if len(run[0]) == STRUCK:
        left, right = _flanking(state.src[state.pos - 1 : state.pos], state.src[run.end() : run.end() + 1])
        state.delimiters.append(Delimiter(ord("~"), 0, len(state.tokens) - 1, -1, open=left, close=right))
    state.pos = run.end()
    return True


def gfm_emphasis(parser: MarkdownIt) -> None:
    """Plugin: GitHub's emphasis in place of CommonMark's."""
    parser.inline.ruler.at("emphasis", run_rule(_emphasis))


def gfm_strikethrough(parser: MarkdownIt) -> None:
    """Plugin: GitHub's strikethrough, in place of that of markdown-it."""
    parser.inline.ruler.at("strikethrough", _strikethrough)
    parser.enable("strikethrough")
