"""Images become links: a page loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

__all__ = ["image_links"]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _link(image: Token, text: Iterable[Token]) -> Iterator[Token]:
    attributes = {"href" if name == "src" else name: value for name, value in image.attrs.items() if name != "alt"}
    yield Token("link_open", "a", 1, attrs=attributes, meta=image.meta)
    yield from text
    yield Token("link_close", "a", -1)


def _address(image: Token) -> Token:
    return _text(str(image.attrs["src"]))


def _behind(image: Token) -> Iterator[Token]:
    """The link that follows the image's description, where that cannot be the link itself."""
    yield _text(" ")
    yield from _link(image, [_address(image)])


def _shown(image: Token) -> Iterator[Token]:
    described = list(_linked(image.children or []))
    if any(token.tag == "a" for token in described):
        yield from described
        yield from _behind(image)
    else:
        yield from _link(image, described or [_address(image)])


def _linked(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens, each image a link; one that stands in a link leaves its address behind that link."""
    within, postponed = False, list[Token]()
    for token in tokens:
        if token.type != "image":
            yield token
        elif within:
            yield from token.children or [_address(token)]
            postponed.append(token)
        else:
            yield from _shown(token)
        if token.tag == "a":
            within = token.nesting > 0
        while postponed and not within:
            yield from _behind(postponed.pop(0))
    for image in postponed:  # of a link that is never closed
        yield from _behind(image)


def _replace(state: StateCore) -> None:
    for token in state.tokens:
        if token.children:
            token.children = list(_linked(token.children))


def image_links(parser: MarkdownIt) -> None:
    """Plugin."""
    parser.core.ruler.push("image_links", _replace)
