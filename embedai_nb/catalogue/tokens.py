"""Tokenize texts and queries for FTS5: bigrams of Chinese, Japanese and Korean characters, words of all else.

SQLite does not segment Chinese, and its trigrams miss the most frequent words, which have two characters.  The tokens
of 神经网络 are 神经, 经网, 网络 and 络: the last character alone, so that every character begins a token.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass

from embedai_nb.text.folding import fold

IDEOGRAPHS = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
RUN = re.compile(rf"[{IDEOGRAPHS}]+|[^\W_{IDEOGRAPHS}]+")
WORD_LENGTH = 40
TERMS = 8
"""Maximum number of terms of a query: enough to find the few items that may contain all of it."""


def tokens(text: str) -> set[str]:
    """Tokenize a text."""
    found = set[str]()
    for run in RUN.findall(fold(text)):
        if _ideographs(run):
            found.update(map(operator.add, run, run[1:]))
            found.add(run[-1])
        else:
            found.add(run[:WORD_LENGTH])
    return found


def _ideographs(run: str) -> bool:
    return run[0] > "\u2fff"


@dataclass(frozen=True)
class Query:
    """A parsed query."""

    match: str
    """In the syntax of FTS5 (sqlite.org/fts5.html); it may match too much, as 神经网络 matches 神经 and 经网 and 网络."""
    wider: str
    """The same with the last Latin word as a prefix; slow, as many words may begin with it."""
    patterns: tuple[re.Pattern[str], ...]
    """One for each word; a true match contains all of them in its folded text."""


def parse_query(words: str) -> Query:
    """Parse the words of a query, all of which must match."""
    found = [word for word in fold(words).split() if RUN.search(word)]
    return Query(_match(found, wider=False), _match(found, wider=True), tuple(map(_pattern, found)))


def _match(words: list[str], *, wider: bool) -> str:
    terms = list(dict.fromkeys(term for word in words for term in _terms(word, wider=wider)))
    return " AND ".join(terms[:: len(terms) // TERMS + 1])


def _terms(word: str, *, wider: bool) -> list[str]:
    runs, terms = RUN.findall(word), list[str]()
    for run in runs:
        if not _ideographs(run):
            terms.append(f'"{run[:WORD_LENGTH]}"' + ("*" if wider and run is runs[-1] and len(run) > 2 else ""))
        else:
            terms += [f'"{pair}"' for pair in map(operator.add, run, run[1:])]
    # A single character is a prefix of many bigrams: a term only if there is no other.
    return terms or [f'"{runs[0]}"*']


def _pattern(word: str) -> re.Pattern[str]:
    """Pattern of a word, with any marks or spaces between its runs; one or two Latin letters match whole words only."""
    parts = re.findall(rf"(?:{RUN.pattern})[+#]*", word) if word.isascii() else RUN.findall(word)
    pattern = r"[\W_]*".join(map(re.escape, parts))
    letter = rf"[^\W_{IDEOGRAPHS}]"
    beginning = rf"(?<!{letter})" if re.match(letter, parts[0]) else ""
    end = rf"(?!{letter})" if re.fullmatch(rf"{letter}{{1,2}}", parts[-1]) else ""
    return re.compile(beginning + pattern + end)
