"""Text that CommonMark and its tables pass over in silence: it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import getLine
from markdown_it.rules_block.table import table as table_rule
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

__all__ = ["lossless"]

BAR = re.compile(r"(?<!\\)\|")


def _cells(state: StateBlock, line: int) -> int:
    """How many cells the line has, as the rule for tables counts them."""
    return len(BAR.split(getLine(state, line).strip().removeprefix("|").removesuffix("|")))


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table, unless it would leave out the cells of a row that is longer than the first."""
    before = len(state.tokens)
    if not table_rule(state, start, end, silent):
        return False
    if silent or max(_cells(state, line) for line in range(start, state.line)) == _cells(state, start):
        return True
    del state.tokens[before:]
    state.line = start
    return False


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
    """The tokens; over a block of code what stands behind its fence, and each definition that nothing refers to."""
    for token in tokens:
        if token.type == "fence" and token.info.strip():
            yield from _paragraph(_text(token.info.strip()))
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
    parser.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    parser.core.ruler.push("lossless", _show)
