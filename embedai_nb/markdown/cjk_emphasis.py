"""Emphasis next to Chinese punctuation: ``**强调。**后面`` is bold.

CommonMark lets a run of ``*`` close only where a word could end, and takes 。 for the punctuation of a language
that puts spaces around words.  This is its rule of flanking (0.31.2, section 6.2) as the "CommonMark CJK-friendly
Amendments Specification" changes it: github.com/tats-u/markdown-cjk-friendly, specification.md.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline import StateInline

from embedai_nb.markdown.gfm_emphasis import run_rule

__all__ = ["cjk_emphasis"]

# East Asian Width W, F or H, or script Hangul, but for emoji; unassigned code points are merged into their neighbours.
CJK = re.compile(
    "[\u1100-\u11ff\u20a9\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\u3247\u3250-\ua4cf\ua960-\ua97f"
    "\uac00-\ud7ff\uf900-\ufaff\ufe10-\ufe1f\ufe30-\ufe6f\uff01-\uffee\U00016fe0-\U0001b2ff\U0001d300-\U0001d37f"
    "\U0001f200\U0001f202\U0001f210-\U0001f219\U0001f21b-\U0001f22e\U0001f230\U0001f231\U0001f237\U0001f23b"
    "\U0001f240-\U0001f248\U0001f260-\U0001f265\U00020000-\U0003fffd]"
)
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


def _neighbour(character: str) -> Neighbour:
    return Neighbour(
        space=isWhiteSpace(ord(character)),
        punctuation=isMdAsciiPunct(ord(character)) or isPunctChar(character),
        cjk=bool(CJK.match(character)),
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
