"""Text without markup, and links in it of the plainest form: known by their characters, so that no rule need try them.

Titles, cells of a table and many paragraphs are nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

__all__ = ["Shown", "is_literal", "quick_inline", "shown_of"]

SIGNS = r"""0-9A-Za-z\u00c0-\u024f\u3041-\u30ff\u4e00-\u9fff –—‘’“”…•、-】！-～ ,.;:?!%+/()'"=@#$|-"""
"""Characters that stand for themselves within a line, and that no browser reads otherwise."""
OTHER = re.compile(f"[^{SIGNS}]")
ADDRESS = "://"
PART = re.compile(rf"(?P<text>[{SIGNS}]+)|(?<!!)\[(?P<label>[{SIGNS}]+)\]\((?P<url>[0-9A-Za-z/.:_#?=%-]*)\)")

MARKS = re.escape("\\*_`<[&~\r\0")
"""Without one of these, and a link's text, all of a paragraph is shown as it stands."""
LINK = re.compile(rf"\[([^\]\n!{MARKS}]+)\]\(([0-9A-Za-z/.:_#?=%-]*)\)")
AS_IT_STANDS = re.compile(rf"(?:[^!{MARKS}]++|!(?!\[)|{LINK.pattern})*+")


class Shown(NamedTuple):
    """What is shown of inline Markdown, its line ends as they are, and the addresses of its links."""

    text: str
    links: tuple[str, ...]


def shown_of(text: str) -> Shown | None:
    """What every parser shows of inline Markdown that detects no bare addresses; nothing where it may have markup but for links."""
    if not AS_IT_STANDS.fullmatch(text):
        return None
    return Shown(LINK.sub(r"\1", text), tuple(url for _, url in LINK.findall(text))) if "[" in text else Shown(text, ())


def is_literal(line: str) -> bool:
    """Whether a line certainly has no markup, so that it is its own HTML."""
    return not OTHER.search(line) and ADDRESS not in line


def quick_inline(parser: MarkdownIt) -> None:
    """Plugin: the tokens are those that the rules give, which are tried where there may be something for them."""

    def rule(state: StateCore) -> None:
        for token in state.tokens:
            if token.type == "inline" and (found := _tokens(token.content, parser.validateLink)) is not None:
                token.children = found
            elif token.type == "inline":
                token.children = []
                parser.inline.parse(token.content, parser, state.env, token.children)

    parser.core.ruler.at("inline", rule)


def _tokens(text: str, permits: Callable[[str], bool]) -> list[Token] | None:
    """The tokens of a line; nothing where it may have other markup than links."""
    found, at = list[Token](), 0
    while at < len(text):
        part = PART.match(text, at)
        shown = part and (part["text"] or part["label"])
        if not part or not shown or ADDRESS in shown or (part["label"] and not permits(part["url"])):
            return None
        found += _link(part["label"], part["url"]) if part["label"] else [Token("text", "", 0, content=shown)]
        at = part.end()
    return found


def _link(label: str, url: str) -> Iterator[Token]:
    yield Token("link_open", "a", 1, attrs={"href": url})
    yield Token("text", "", 0, content=label, level=1)
    yield Token("link_close", "a", -1)
