"""Show text that CommonMark drops: definitions nothing refers to, and what follows the language of a fence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from embedai_nb.text.entities import unescape_markdown

__all__ = ["lossless"]


def _paragraph(*children: Token) -> Iterator[Token]:
    yield Token("paragraph_open", "p", 1, block=True)
    yield Token("inline", "", 0, children=list(children))
    yield Token("paragraph_close", "p", -1, block=True)


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _definition(meta: Mapping[str, str]) -> Iterator[Token]:
    """The definition of a reference, as it may have been written."""
    link = Token("link_open", "a", 1, attrs={"href": meta["url"]})
    title = f' "{meta["title"]}"' if meta["title"] else ""
    yield from _paragraph(
        _text(f"[{meta['label']}]: "), link, _text(meta["url"]), Token("link_close", "a", -1), _text(title)
    )


def _with_the_silent(tokens: Iterable[Token], used: set[str]) -> Iterator[Token]:
    """The tokens, and each definition that nothing refers to; a block of code is titled with what stands behind its fence."""
    for token in tokens:
        if token.type == "fence":
            token.attrSet("tabindex", "0")  # who has no pointer scrolls long lines, too
            if info := unescape_markdown(token.info).strip():
                token.attrSet("title", info)
        if token.type != "definition":
            yield token
        elif token.meta["id"] in used:
            used.remove(token.meta["id"])  # a second one is never referred to
        else:
            yield from _definition(token.meta)


def _show(state: StateCore) -> None:
    used = {child.meta["label"] for token in state.tokens for child in token.children or () if "label" in child.meta}
    state.tokens = list(_with_the_silent(state.tokens, used))


def lossless(parser: MarkdownIt) -> None:
    """Plugin, to be used after the one for images."""
    parser.options["inline_definitions"] = parser.options["store_labels"] = True
    parser.core.ruler.push("lossless", _show)
