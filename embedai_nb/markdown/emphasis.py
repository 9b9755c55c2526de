"""Emphasis that every reader sees alike.

Three grammars pair up the same signs: the dialect's, which knows Chinese punctuation, CommonMark's, and kramdown's.  Where
they differ, emphasis is written so that they don't: punctuation is moved out of it, signs that stand for themselves are
escaped, and at last there is no emphasis, so that at least the same text is shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from embedai_nb.markdown.cjk_emphasis import is_cjk
from embedai_nb.markdown.dialect import parser
from embedai_nb.markdown.gfm_emphasis import gfm_emphasis, gfm_strikethrough
from embedai_nb.markdown.inline_spans import spans
from embedai_nb.markdown.kramdown_emphasis import shown_signs

__all__ = ["alike"]

SIGNS = re.compile(r"[*_`]|~~")
EMPHASIS = re.compile(r"(?<![*\\])(\*{1,3})(?![\s*])([^*\n]+?)(?<![\s\\])\1(?!\*)")
LONGEST = 8192
"""Characters of a paragraph whose emphasis is looked after; markdown-it takes the square of the time for longer ones."""
MOST_MARKS = 100
"""So many marks at most are compared with kramdown's grammar, which takes the square of the time."""
MOST_PAIRS = 8
"""So many pairs at most are tried one by one."""
DEEPEST = 100
"""Elements within elements: more than any page shows."""


class _Mark(NamedTuple):
    """A sign of emphasis, or two that are one."""

    start: int
    end: int
    pair: int
    """Which mark it belongs to, the number of the emphasis; negative if it stands for itself."""


def alike(text: str, original: str) -> str:
    """The inline text, its emphasis in a form that shows all readers what the dialect makes of the original."""
    if not SIGNS.search(text) or len(text) > LONGEST:
        return text
    text = _without_backticks(text) if "`" in text else text
    shown = _visible(_parsed(original))
    return next((form for form in _forms(text) if _agrees(form, shown)), text)


def _forms(text: str) -> Iterator[str]:
    """The text in its forms, those first that change least."""
    for start in dict.fromkeys([_outside(text), text]) if "*" in text else [text]:
        marks = list(_marks(_parsed(start)))
        yield _rewritten(start, [mark for mark in marks if mark.pair < 0 and not _harmless(start, mark)])
        yield _rewritten(start, marks)
        pairs = sorted({mark.pair for mark in marks if mark.pair >= 0}, reverse=True)
        for pair in pairs[:MOST_PAIRS]:
            yield _rewritten(start, marks, {pair})
        yield _rewritten(start, marks, pairs)
        yield _rewritten(start, [mark._replace(pair=-1) for mark in marks])


def _rewritten(text: str, marks: Iterable[_Mark], without: Collection[int] = ()) -> str:
    """The text with these marks escaped where they stand for themselves, else as asterisks, or not at all."""
    written, at = list[str](), 0
    for mark in marks:
        sign = text[mark.start : mark.end]
        if mark.pair < 0:
            sign = "".join(f"\\{each}" for each in sign)
        elif mark.pair in without:
            sign = ""
        written += [text[at : mark.start], sign.replace("_", "*") if mark.pair >= 0 else sign]
        at = mark.end
    return "".join([*written, text[at:]])


def _harmless(text: str, mark: _Mark) -> bool:
    """Between letters or between spaces, no partner is found."""
    sign, before, after = text[mark.start], text[: mark.start].rstrip(text[mark.start]), text[mark.end :]
    left, right = before[-1:], after.lstrip(sign)[:1]
    if _space(left) and _space(right):
        return True
    return sign == "~" or (sign == "_" and left.isalnum() and right.isalnum())


def _agrees(text: str, shown: str) -> bool:
    """Whether all readers show this of the text."""
    tokens = _parsed(text)
    marks = list(_marks(tokens))
    if not _visible(tokens) == shown == _visible(_commonmark().parseInline(text)):
        return False
    signs = {n for mark in marks if mark.pair < 0 for n in range(mark.start, mark.end)}
    return len(marks) > MOST_MARKS or shown_signs(text) == signs


# --- what the dialect and CommonMark make of it -----------------------------------------------------------------


@cache
def _dialect() -> MarkdownIt:
    """Leaves each mark a token of its own; whether all is nested too deep is for others to say."""
    made = parser(bool).disable(["fragments_join", "text_join", "nesting_limit"])
    made.options["maxNesting"] = DEEPEST
    return made


@cache
def _commonmark() -> MarkdownIt:
    return MarkdownIt("commonmark", {"maxNesting": DEEPEST}).use(gfm_emphasis).use(gfm_strikethrough)


def _parsed(text: str) -> list[Token]:
    return _dialect().parseInline(text)


def _visible(tokens: Iterable[Token]) -> str:
    """The characters that are shown, white space aside."""
    return "".join("".join(_texts(tokens)).split())


def _texts(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children:
            yield from _texts(token.children)
        elif token.type != "image":
            yield token.content


def _marks(tokens: Sequence[Token]) -> Iterator[_Mark]:
    """All marks in their order; of those of strong emphasis one was emptied, before the opening or behind the closing."""
    opened, count, over = list[int](), 0, -1
    for token in tokens[0].children or ():
        at = token.meta.get("at", -1)
        if at < 0 or at == over:
            continue
        length = len(token.markup)
        if token.nesting > 0:
            opened.append(count)
            yield _Mark(
                at + 1 - length if token.tag == "strong" else at, at + (1 if token.tag == "strong" else length), count
            )
            count += 1
        elif token.nesting < 0:
            over = at + 1 if token.tag == "strong" else -1
            yield _Mark(at, at + length, opened.pop())
        elif token.content:
            yield _Mark(at, at + len(token.content), -1)


# --- marks that the dialect alone takes for emphasis --------------------------------------------------------------


def _punctuation(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "PS"


def _space(sign: str) -> bool:
    return sign.isspace() or not sign


def _parts(outer: str, inner: str) -> bool:
    """Whether emphasis between the two is emphasis in the dialect, but not in CommonMark."""
    return (is_cjk(inner) or is_cjk(outer)) and _divides(outer, inner)


def _divides(outer: str, inner: str) -> bool:
    """Whether a sign of emphasis between the two is none to CommonMark (0.31.2, section 6.2)."""
    return _punctuation(inner) and not (_space(outer) or _punctuation(outer))


def _outside(text: str) -> str:
    """Emphasis whose marks CommonMark would take for asterisks, punctuation moved out of it: ``**强调**。后面``."""
    masked = "".join(text[s.start : s.end] if s.kind == "prose" else "\ufffc" * (s.end - s.start) for s in spans(text))
    written, at = [], 0
    for found in EMPHASIS.finditer(masked):
        start, end = found.span()
        mark = found[1]
        before, after = text[start - 1 : start], text[end : end + 1]
        inside = text[found.start(2) : found.end(2)]
        if "\ufffc" in (masked[found.start(2)], masked[found.end(2) - 1]):
            continue  # an escape or a code span, which cannot be divided
        head = tail = ""
        while inside and _parts(before, inside[0]):
            head, before, inside = head + inside[0], inside[0], inside[1:]
        while inside and _parts(after, inside[-1]):
            tail, after, inside = inside[-1] + tail, inside[-1], inside[:-1]
        closed = inside and not (_divides(before, inside[0]) or _divides(after, inside[-1]))
        if (head or tail) and inside.strip() == inside and closed:
            written.append(f"{text[at:start]}{head}{mark}{inside}{mark}{tail}")
            at = end
    return "".join(written) + text[at:]


def _without_backticks(text: str) -> str:
    """Backticks that stand for themselves escaped, so that they find no partner in what follows in the item."""
    return "".join(
        text[span.start : span.end].replace("`", "\\`") if span.kind == "prose" else text[span.start : span.end]
        for span in spans(text)
    )
