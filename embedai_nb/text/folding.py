"""Fold case and width of characters: the one normalizer of the catalogue's search and the site's.

Characters are folded one by one, as site/search.js folds them too, so that each knows where it stood in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

__all__ = ["fold", "normalized"]

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
OTHER_SPACES = "\x85\u1680\u2028\u2029"
"""Spaces that are neither ASCII nor compatible with one."""

FOLDABLE = re.compile(
    "[^\x00-\x7f\u2010-\u2027\u3000-\u3029\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff0f\uff1a-\uff20]"
)
"""Characters that may have a case or a width, beside ASCII; most Chinese texts have none of them."""


class _Table(dict[int, str]):
    """A translation table, filled as characters occur."""

    def __init__(self, translate: Callable[[str], str]) -> None:
        super().__init__()
        self._translate = translate

    def __missing__(self, code: int) -> str:
        self[code] = self._translate(chr(code))
        return self[code]


def _folded(character: str) -> str:
    return unicodedata.normalize("NFKC", character).lower()


def _in_place(character: str) -> str:
    folded = _folded(character)
    return folded if len(folded) == 1 and folded.isalnum() else character


def _without_spacing(character: str) -> str:
    folded = "" if character in INVISIBLE else _folded(character)
    return "".join(" " if sign <= " " or sign in OTHER_SPACES else sign for sign in folded)


_IN_PLACE = _Table(_in_place)
_WITHOUT_SPACING = _Table(_without_spacing)


def fold(text: str) -> str:
    """Fold letters and digits; the result has as many characters as the text, each in its place."""
    return text.translate(_IN_PLACE) if FOLDABLE.search(text) else text.lower()


def normalized(text: str) -> str:
    """Fold all characters, drop invisible ones, and make one space of several; `normal` in site/search.js."""
    return re.sub(" +", " ", text.translate(_WITHOUT_SPACING)).strip(" ")
