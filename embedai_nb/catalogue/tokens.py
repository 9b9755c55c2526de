"""Text ⇄ what is looked for in it: Chinese in pairs of characters, everything else in words.

SQLite knows no Chinese words, and its trigrams cannot find the most usual ones, which have two characters.  So every
two neighbours are a token: 神经网络 is 神经, 经网, 网络 and 络, the last character alone so that every character begins
a token.
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
"""So many tokens of a query are enough to find the few items that may hold all of it."""


def tokens(text: str) -> set[str]:
    """The tokens of a text that is to be found."""
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
    """What is looked for."""

    match: str
    """As FTS5 understands it (sqlite.org/fts5.html); it may hit too much, as 神经网络 hits 神经 and 经网 and 网络."""
    wider: str
    """The same, where the beginning of the last Latin word is enough; costly, as it may be that of many words."""
    patterns: tuple[re.Pattern[str], ...]
    """What has to stand in the folded text, one for each word; they say where, too."""


def query(words: str) -> Query:
    """Look for all of these words."""
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
    # One character begins so many pairs that it is only looked for where there is nothing else to go by.
    return terms or [f'"{runs[0]}"*']


def _pattern(word: str) -> re.Pattern[str]:
    """The word as it stands in a text, whatever marks or spaces stand within; short Latin ones only whole."""
    parts = re.findall(rf"(?:{RUN.pattern})[+#]*", word) if word.isascii() else RUN.findall(word)
    pattern = r"[\W_]*".join(map(re.escape, parts))
    letter = rf"[^\W_{IDEOGRAPHS}]"
    beginning = rf"(?<!{letter})" if re.match(letter, parts[0]) else ""
    end = rf"(?!{letter})" if re.fullmatch(rf"{letter}{{1,2}}", parts[-1]) else ""
    return re.compile(beginning + pattern + end)
