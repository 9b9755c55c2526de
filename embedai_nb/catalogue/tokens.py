"""Tokenize texts and queries for FTS5: bigrams of Chinese, Japanese and Korean characters, words of all else.

SQLite does not segment Chinese, and its trigrams miss the most frequent words, which have two characters.  The tokens
of 神经网络 are 神经, 经网, 网络 and 络: the last character alone, so that every character begins a token.  Letters and
digits beside each other, with or without a space, have a token together: those of 7 nm are 7, nm and 7nm.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from embedai_nb.text.folding import fold
from embedai_nb.text.search_terms import DIGITS, IDEOGRAPHS, LETTER, Term, parse_terms, pattern

RUN = re.compile(rf"[{IDEOGRAPHS}]+|{LETTER}+|{DIGITS}")
MARKS = re.compile(r"[\W_]+")
WORD_LENGTH = 40
TERMS = 8
"""Maximum number of tokens of a query: enough to find the few items that may contain all of it."""


def tokens(text: str) -> set[str]:
    """Tokenize a text."""
    found, before = set[str](), ""
    for run in RUN.findall(fold(text)):
        if _ideographs(run):
            found.update(map(operator.add, run, run[1:]))
            found.add(run[-1])
            before = ""
        else:
            found.add(run[:WORD_LENGTH])
            if before and _digits(before) != _digits(run):
                found.add((before + run)[:WORD_LENGTH])
            before = run
    return found


def _ideographs(run: str) -> bool:
    return run[0] > "\u2fff"


def _digits(run: str) -> bool:
    return run[0] < ":"


@dataclass(frozen=True)
class Query:
    """A parsed query."""

    match: str
    """In the syntax of FTS5 (sqlite.org/fts5.html); it may match too much, as 神经网络 matches 神经 and 经网 and 网络."""
    wider: str
    """The same with the last part of each term as a prefix; slow, as many words may begin with it."""
    patterns: tuple[re.Pattern[str], ...]
    """One for each term; a true match contains all of them in its folded text."""
    joined: str
    """All terms one after another, without the marks between and in them."""


@lru_cache(64)
def parse_query(words: str) -> Query:
    """Parse the words of a query, all of which must match."""
    terms = parse_terms(words)
    patterns = tuple(map(pattern, terms))
    return Query(_match(terms, wider=False), _match(terms, wider=True), patterns, _joined(words))


def _joined(text: str) -> str:
    """The letters and digits of a text, folded."""
    return MARKS.sub("", fold(text))


def _match(terms: tuple[Term, ...], *, wider: bool) -> str:
    found = list(dict.fromkeys(token for term in terms for token in _tokens(term, wider=wider)))
    return " AND ".join(found[:: len(found) // TERMS + 1])


def _tokens(term: Term, *, wider: bool) -> list[str]:
    if _ideographs(term[0]):
        pairs = [f'"{pair}"' for pair in map(operator.add, term[0], term[0][1:])]
        # A single character is a prefix of many bigrams: a token only if there is no other.
        return pairs or [f'"{term[0]}"*']
    words = [word for part in term for word in RUN.findall(part)]
    beside = [a + b for a, b in pairwise(words) if _digits(a) != _digits(b) and not (_ideographs(a) or _ideographs(b))]
    found = [f'"{token[:WORD_LENGTH]}"' for token in (*words, *beside)]
    if wider and len(words[-1]) > 2:
        found = [f"{token}*" if token.strip('"').endswith(words[-1][:WORD_LENGTH]) else token for token in found]
    return found
