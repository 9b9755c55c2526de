"""The grams of a text, which a search looks for, and the shards of the index that they belong to; as in search.js."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from embedai_nb.text.folding import fold
from embedai_nb.text.search_terms import DIGITS, LETTER

__all__ = ["SHARDS", "IssueGrams", "grams", "grams_by_shard", "shard"]

SHARDS = 32
"""Files that a segment of the index is split into."""

WORD = re.compile(r"[^\W_]+")
GAP = re.compile(rf" (?:(?<={LETTER} )(?={DIGITS})|(?<=[0-9] )(?={LETTER}))")
"""Between the letters and digits of a term there may be marks: 7 nm is 7nm."""


class IssueGrams(NamedTuple):
    """What the index has of an issue."""

    digests: Sequence[str]
    """Of the grams in each shard."""
    load: Callable[[], Sequence[str]]
    """Returns the grams in each shard, between spaces."""


def grams(text: str) -> list[str]:
    """Characters and pairs of neighbouring characters within the words of a text, each once; `grams` in search.js."""
    words = _words(text)
    return [*_characters(words), *_pairs(words)]


def shard(gram: str) -> int:
    """Number of the shard that has a gram."""
    total = 0
    for sign in gram:
        total = total * 31 + ord(sign)
    return total % SHARDS


def grams_by_shard(text: str) -> tuple[str, ...]:
    """The grams of a text in each shard, between spaces.

    31 is -1 modulo `SHARDS`: the shard of a pair is the difference of its code points, of their lowest bytes even.
    """
    words = _words(text)
    found: list[list[str]] = [[] for _ in range(SHARDS)]
    for sign in _characters(words):
        found[ord(sign) % SHARDS].append(sign)
    pairs = _pairs(words)
    codes = "".join(pairs).encode("utf-32-le")[::4]
    for pair, first, second in zip(pairs, codes[::2], codes[1::2], strict=True):
        found[(second - first) % SHARDS].append(pair)
    return tuple(map(" ".join, found))


def _words(text: str) -> str:
    """The folded words of a text, each once, between spaces."""
    words = GAP.sub("", " ".join(WORD.findall(fold(text))))
    return " ".join(dict.fromkeys(words.split(" ")))


def _characters(words: str) -> list[str]:
    return list(filter(str.isalnum, dict.fromkeys(words)))


def _pairs(words: str) -> list[str]:
    return list(filter(str.isalnum, dict.fromkeys(map(operator.add, words, words[1:]))))
