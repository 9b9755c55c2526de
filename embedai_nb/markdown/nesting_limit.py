"""Too deep is an error: markdown-it leaves out whatever is nested deeper than its limit, and says nothing."""

from __future__ import annotations

from collections.abc import Iterable

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from embedai_nb.errors import MarkupError
from embedai_nb.i18n import _

__all__ = ["DEEPEST", "nesting_limit", "too_deep"]

DEEPEST = 40
"""Elements within elements; a nested list takes two of them."""

MARGIN = 4
"""One step of the parser opens at most two elements, so it cannot pass from DEEPEST to its own limit unseen."""


def too_deep() -> MarkupError:
    """The error, to be raised."""
    return MarkupError(
        _("lists, quotes or emphasis nested deeper than {levels} levels", levels=DEEPEST),
        remedy=_("take the inner ones out"),
    )


def _depth(tokens: Iterable[Token]) -> int:
    level = deepest = 0
    for token in tokens:
        level += token.nesting
        deepest = max(deepest, level + (_depth(token.children) + 1 if token.children else 0))
    return deepest


def _check(state: StateCore) -> None:
    if _depth(state.tokens) > DEEPEST:
        raise too_deep()


def nesting_limit(parser: MarkdownIt) -> None:
    """Plugin."""
    parser.options["maxNesting"] = DEEPEST + MARGIN
    parser.core.ruler.after("inline", "nesting_limit", _check)
