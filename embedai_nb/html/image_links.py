"""Images become links where a page loads nothing from elsewhere; where it may, those that it cannot show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

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


def _in_place(image: Token) -> Iterator[Token]:
    described = list(_linked(image.children or []))
    if any(token.tag == "a" for token in described):
        yield from described
        yield from _behind(image)
    else:
        yield from _link(image, described or [_address(image)])


def _never(url: str) -> bool:
    del url
    return False


def _linked(tokens: Iterable[Token], shows: Callable[[str], bool] = _never) -> Iterator[Token]:
    """The tokens, each image a link; one that stands in a link leaves its address behind that link."""
    within, postponed = False, list[Token]()
    for token in tokens:
        if token.type != "image" or shows(str(token.attrs["src"])):
            yield token
        elif within:
            yield from token.children or [_address(token)]
            postponed.append(token)
        else:
            yield from _in_place(token)
        if token.tag == "a":
            within = token.nesting > 0
        while postponed and not within:
            yield from _behind(postponed.pop(0))
    for image in postponed:  # of a link that is never closed
        yield from _behind(image)


def image_links(parser: MarkdownIt, shows: Callable[[str], bool] = _never) -> None:
    """Plugin.

    Args:
        parser: the parser.
        shows: whether the image at an address is shown.
    """

    def replace(state: StateCore) -> None:
        for token in state.tokens:
            if token.children:
                token.children = list(_linked(token.children, shows))

    parser.core.ruler.push("image_links", replace)
