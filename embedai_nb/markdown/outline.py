"""A document as its readers see it: its lines, each with what is around it and what is in it.

Two texts that have the same outline look the same, white space aside.  CommonMark is what GitHub reads: headings,
lists, quotes, code, tables and HTML as well as links and emphasis.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from markdown_it.token import Token

from embedai_nb.markdown.blocks import commonmark, tokens_of
from embedai_nb.markdown.grammar import squeeze

__all__ = ["OutlineLine", "outline", "same"]

NOT_LITERAL = re.compile(r"[\\*_`<\[\]&~!]")
"""What a paragraph has in which not all characters are what they seem."""
MARKED = {"link_open", "image", "strong_open", "em_open", "s_open", "code_inline", "html_inline"}


@dataclass
class OutlineLine:
    """A line as it is shown.

    Args:
        number: in the source, from 1.
        around: the lists, quotes and tables that it is in, outermost first.
        begins: how many of these, from the innermost, begin with it; one more where only a block begins.
        broken: whether a line break stands before it.
    """

    number: int
    around: tuple[str, ...]
    begins: int
    text: str = ""
    marks: list[tuple[str, str]] = field(default_factory=list)
    broken: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        """What is compared, its place aside."""
        return self.around, self.begins, self.text, tuple(self.marks)


LONGEST = 8192
"""Characters of a paragraph that are looked into; markdown-it takes the square of the time for some longer ones."""


@lru_cache(256)
def outline(text: str) -> tuple[OutlineLine, ...]:
    """What CommonMark makes of a text."""
    env: dict[str, Any] = {}
    tokens = tokens_of(text, commonmark(), env)
    for token in tokens:
        if token.type == "inline":
            token.children = _children(token.content, env)
    return tuple(_lines(tokens))


def _children(content: str, env: dict[str, Any]) -> list[Token]:
    if len(content) <= LONGEST and NOT_LITERAL.search(content):
        children: list[Token] = []
        commonmark().inline.parse(content, commonmark(), env, children)
        return children
    found, broken = list[Token](), False
    for n, line in enumerate(content.split("\n")):
        if n:
            found.append(Token("hardbreak" if broken else "softbreak", "br", 0))
        broken = line.endswith("  ")
        found.append(Token("text", "", 0, content=line))
    return found


def _lines(tokens: Iterable[Token]) -> Iterator[OutlineLine]:
    around: list[str] = []
    numbers: list[int] = []
    begun = 0
    for token in tokens:
        kind = token.type
        if kind in {"bullet_list_open", "ordered_list_open"}:
            numbers.append(int(token.attrs.get("start", 1)) if kind[0] == "o" else -1)
        elif kind in {"bullet_list_close", "ordered_list_close"}:
            numbers.pop()
        elif kind == "list_item_open":
            around.append("•" if numbers[-1] < 0 else f"{numbers[-1]}.")
            numbers[-1] += numbers[-1] >= 0
            begun += 1
        elif token.nesting > 0 and kind in {"blockquote_open", "tr_open", "th_open", "td_open", "table_open"}:
            around.append(token.tag)
            begun += 1
        elif kind in {"list_item_close", "blockquote_close", "tr_close", "th_close", "td_close", "table_close"}:
            if begun and kind == "list_item_close":
                yield OutlineLine(0, tuple(around), begun)
            begun = 0 if begun else begun
            around.pop()
        elif kind == "heading_open":
            around.append(token.tag)
        elif kind == "heading_close":
            around.pop()
        elif kind == "inline":
            yield from _inline(token, tuple(around), begun)
            begun = 0
        elif kind in {"fence", "code_block", "html_block", "hr"}:
            number = token.map[0] + 1 if token.map else 0
            text = token.content if "code" in kind or kind == "fence" else squeeze(token.content)
            around_it = (*around, "code" if text is token.content else kind)
            yield OutlineLine(number, around_it, begun + 1, text, [("info", token.info)] if token.info else [])
            begun = 0


def _inline(token: Token, around: tuple[str, ...], begun: int) -> Iterator[OutlineLine]:
    line = OutlineLine(token.map[0] + 1 if token.map else 0, around, begun + 1)
    texts: list[str] = []
    for child in _flat(token.children or ()):
        if child.type in {"softbreak", "hardbreak"}:
            line.text = squeeze("".join(texts))
            yield line
            line, texts = OutlineLine(line.number + 1, around, 0, broken=child.type == "hardbreak"), []
        elif child.type in MARKED:
            detail = str(child.attrs.get("href", child.attrs.get("src", "")))
            title = str(child.attrs.get("title", ""))
            line.marks.append((child.type, f"{detail} {title}".strip() or squeeze(child.content)))
        if child.type in {"text", "code_inline", "html_inline"}:
            texts.append(child.content)
    line.text = squeeze("".join(texts))
    yield line


def _flat(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        if token.type == "image":
            yield from _flat(token.children or ())


# --- comparison -----------------------------------------------------------------------------------------------


SPACES_MATTER = re.compile(r"""[`~<\\"']|\]:|\t|^ {4}""", re.MULTILINE)
"""Where spaces at the end of a line may be more than a break: in code, HTML, titles of links, behind a backslash."""


def same(a: str, b: str) -> bool:
    """Whether two texts look the same: lines may be joined where no break is, or broken where a line ended."""
    return a == b or _differ_in_breaks(a, b) or list(_folded(outline(a))) == list(_folded(outline(b)))


def _differ_in_breaks(a: str, b: str) -> bool:
    """Whether nothing differs but breaks, as in nearly all items: then neither text has to be parsed."""
    if SPACES_MATTER.search(a):
        return False
    return [line.rstrip(" ") for line in a.split("\n")] == [line.rstrip(" ") for line in b.split("\n")]


def _folded(lines: Iterable[OutlineLine]) -> Iterator[tuple[object, ...]]:
    """What is compared: each block as one, its lines joined."""
    block: list[OutlineLine] = []
    for line in lines:
        if line.begins and block:
            yield _block(block)
            block = []
        block.append(line)
    if block:
        yield _block(block)


def _block(lines: list[OutlineLine]) -> tuple[object, ...]:
    first = lines[0]
    marks = [mark for line in lines for mark in line.marks]
    return first.around, first.begins, "".join(line.text for line in lines), tuple(marks)
