"""Emphasis next to Chinese punctuation: ``**强调。**后面`` is bold.

CommonMark lets a run of ``*`` close only where a word could end, and takes 。 for the punctuation of a language
that puts spaces around words.  This is its rule of flanking (0.31.2, section 6.2) as the "CommonMark CJK-friendly
Amendments Specification" changes it: github.com/tats-u/markdown-cjk-friendly, specification.md.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline import StateInline

from embedai_nb.markdown.gfm_emphasis import run_rule

__all__ = ["cjk_emphasis", "is_cjk"]

# East Asian Width W, F or H, or script Hangul, but for emoji; unassigned code points are merged into their neighbours.
CJK = (
    (0x1100, 0x11FF),
    (0x20A9, 0x20A9),
    (0x2329, 0x2329),
    (0x232A, 0x232A),
    (0x2630, 0x2637),
    (0x268A, 0x268F),
    (0x2E80, 0x303E),
    (0x3041, 0x3247),
    (0x3250, 0xA4CF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),
    (0xF900, 0xFAFF),
    (0xFE10, 0xFE1F),
    (0xFE30, 0xFE6F),
    (0xFF01, 0xFFEE),
    (0x16FE0, 0x1B2FF),
    (0x1D300, 0x1D37F),
    (0x1F200, 0x1F200),
    (0x1F202, 0x1F202),
    (0x1F210, 0x1F219),
    (0x1F21B, 0x1F22E),
    (0x1F230, 0x1F230),
    (0x1F231, 0x1F231),
    (0x1F237, 0x1F237),
    (0x1F23B, 0x1F23B),
    (0x1F240, 0x1F248),
    (0x1F260, 0x1F265),
    (0x20000, 0x3FFFD),
)
"""First and last code points.  A class of a pattern would take milliseconds to compile, as Python 3.11 looks at each."""
VARIATION = re.compile("[\ufe00-\ufe0e]")
IDEOGRAPHIC_VARIATION = re.compile("[\U000e0100-\U000e01ef]")
FULL_WIDTH_QUOTE = re.compile("[\u2018\u2019\u201c\u201d]\ufe01")


class Neighbour(NamedTuple):
    """What the rule asks of the character on one side of a run."""

    space: bool
    punctuation: bool
    cjk: bool

    @property
    def foreign(self) -> bool:
        """Punctuation that is not Chinese, Japanese or Korean."""
        return self.punctuation and not self.cjk

    def lets(self, other: Neighbour) -> bool:
        """Whether emphasis may start (or end) here, ``other`` standing on the outer side of the run."""
        return not self.space and (not self.foreign or other.space or other.foreign or other.cjk)


@lru_cache(4096)
def is_cjk(character: str) -> bool:
    """Whether a character is Chinese, Japanese or Korean; false of none."""
    return bool(character) and any(first <= ord(character) <= last for first, last in CJK)


def _neighbour(character: str) -> Neighbour:
    return Neighbour(
        space=isWhiteSpace(ord(character)),
        punctuation=isMdAsciiPunct(ord(character)) or isPunctChar(character),
        cjk=is_cjk(character),
    )


def _before(text: str, start: int) -> Neighbour:
    """The character before ``start``, read together with the variation selector behind it."""
    if start == 0:
        return _neighbour(" ")
    last = text[start - 1]
    if FULL_WIDTH_QUOTE.match(text, max(0, start - 2)):
        return Neighbour(space=False, punctuation=True, cjk=True)
    if IDEOGRAPHIC_VARIATION.match(last):
        return Neighbour(space=False, punctuation=False, cjk=True)
    return _neighbour(text[start - 2] if VARIATION.match(last) and start > 1 else last)


def _flanks(state: StateInline, end: int) -> tuple[bool, bool]:
    """Whether the run from the current position may open and close."""
    before = _before(state.src, state.pos)
    after = _neighbour(state.src[end] if end < state.posMax else " ")
    left, right = after.lets(before), before.lets(after)
    anywhere = state.src[state.pos] == "*"
    opens = left and (anywhere or not right or before.punctuation)
    return opens, right and (anywhere or not left or after.punctuation)


def cjk_emphasis(parser: MarkdownIt) -> None:
    """Plugin: the amended rule in place of CommonMark's."""
    parser.inline.ruler.at("emphasis", run_rule(_flanks))
