"""The few tags that old issues carry in their frame; every other one is text, as it is everywhere else."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

__all__ = ["few_tags"]

FEW = {"a", "b", "br", "code", "del", "em", "font", "i", "img", "s", "small", "span", "strong", "sub", "sup", "u"}
EMPTY = {"br", "img"}
ADDRESS = {"a": "href", "img": "src"}


class _Tag(HTMLParser):
    """One tag, which the Markdown parser has found to be one."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.name = ""
        self.nesting: Literal[-1, 0, 1] = 0
        self.attributes: dict[str, str] = {}
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.name, self.nesting = tag, 0 if tag in EMPTY else 1
        self.attributes = {name: value or "" for name, value in attrs}

    def handle_endtag(self, tag: str) -> None:
        """Also called for ``<b/>``, which HTML takes for ``<b>``."""
        if not self.name:
            self.name, self.nesting = tag, -1


def _token(source: Token, parser: MarkdownIt) -> Token:
    """The tag as what Markdown itself makes of a link, an image or emphasis; else the source as text."""
    tag = _Tag(source.content)
    address = tag.attributes.get(ADDRESS.get(tag.name, ""))
    if tag.name not in FEW or (address is not None and not parser.validateLink(address)):
        return Token("text", "", 0, content=source.content)
    if tag.name == "img":
        alt = tag.attributes.get("alt")
        described = [Token("text", "", 0, content=alt)] if alt else []
        return Token("image", "img", 0, attrs={"src": address or ""}, children=described)
    return Token(f"{tag.name}_tag", tag.name, tag.nesting, attrs={"href": address} if address else {})


def _replace(state: StateCore) -> None:
    for block in state.tokens:
        if block.children:
            block.children = [
                _token(token, state.md) if token.type == "html_inline" else token for token in block.children
            ]


def few_tags(parser: MarkdownIt) -> None:
    """Plugin, for a parser with the option ``html``; a block of HTML is a paragraph to it."""
    parser.disable("html_block")
    parser.core.ruler.after("inline", "few_tags", _replace)
