"""Images become links: a page loads nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from html import escape, unescape

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

__all__ = ["image_links", "without_images"]

WORD = "图："
IMG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _link(url: str, text: str) -> list[Token]:
    return [Token("link_open", "a", 1, attrs={"href": url}), _text(text), Token("link_close", "a", -1)]


def _alt(image: Token, state: StateCore) -> str:
    text = state.md.renderer.renderInlineAsText(image.children or [], state.md.options, state.env)  # type: ignore[attr-defined]  # the protocol lists render() only; ours is the HTML renderer
    return WORD + (text or str(image.attrs["src"]))


def _linked(tokens: Iterable[Token], state: StateCore) -> Iterator[Token]:
    """The tokens, each image a link; one that stands in a link leaves its address behind that link."""
    within, postponed = False, list[str]()
    for token in tokens:
        if token.type != "image":
            yield token
        elif within:
            yield _text(_alt(token, state))
            postponed.append(str(token.attrs["src"]))
        else:
            yield from _link(str(token.attrs["src"]), _alt(token, state))
        if token.tag == "a":
            within = token.nesting > 0
        while postponed and not within:
            yield _text(" ")
            yield from _link(url := postponed.pop(0), url)


def _replace(state: StateCore) -> None:
    for token in state.tokens:
        if token.children:
            token.children = list(_linked(token.children, state))


def image_links(parser: MarkdownIt) -> None:
    """Plugin."""
    parser.core.ruler.push("image_links", _replace)


def _described(tag: re.Match[str]) -> str:
    alt = ALT.search(tag[0])
    return escape(WORD + unescape(next(filter(None, alt.groups()), ""))) if alt else ""


#: Raw HTML with the alternative text in place of each image.
without_images = partial(IMG.sub, _described)
