"""Find the words of a field in its titles, Chinese ones without a dictionary, and how often items mention them."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from embedai_nb.text.folding import fold
from embedai_nb.text.search_terms import IDEOGRAPHS

__all__ = ["mentions", "vocabulary"]

CHINESE = re.compile(f"[{IDEOGRAPHS}]+")
LATIN = re.compile(r"(?<![\w.])[A-Za-z][A-Za-z0-9]+(?:[-+#.][A-Za-z0-9]+)*[+#]*")
LONGEST = 4
"""Ideographs of a word at most."""
COHESION = 3.0
"""Logarithm of how much more often the parts of a word must stand together than by chance."""
NEIGHBOURS = 3
"""Different characters that must stand on each side of a word somewhere; the end of a text counts as one each time."""
CONTAINED = 0.6
"""A word is no word of its own where so many of its occurrences are in one longer word."""
GRAMMAR = frozenset(
    [
        "a",
        "all",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "for",
        "from",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "more",
        "new",
        "no",
        "not",
        "of",
        "on",
        "one",
        "or",
        "our",
        "out",
        "over",
        "s",
        "so",
        "that",
        "the",
        "their",
        "they",
        "this",
        "to",
        "up",
        "use",
        "using",
        "via",
        "was",
        "we",
        "what",
        "when",
        "which",
        "who",
        "why",
        "will",
        "with",
        "you",
        "your",
    ]
)
"""English words that say nothing of a field."""
FUNCTION = re.compile(
    "[的了是在和与及或就都而被把从到对为以于之等这那哪些个么吗呢吧很最更还也又再不没有我你他她它们何怎如一首款]"
)
"""Ideographs that no word of a field begins or ends with."""


def vocabulary(titles: Sequence[str], least: int) -> dict[str, str]:
    """Words that at least ``least`` titles have: folded, and as most titles write them."""
    latin, spellings = Counter[str](), defaultdict[str, Counter[str]](Counter)
    for title in titles:
        found = {fold(word): word for word in LATIN.findall(title)}
        latin.update(found.keys())
        for word, spelling in found.items():
            spellings[word][spelling] += 1
    frequent = [word for word, count in latin.items() if count >= least and word not in GRAMMAR]
    return {word: spellings[word].most_common(1)[0][0] for word in frequent} | _chinese(titles, least)


def _chinese(titles: Sequence[str], least: int) -> dict[str, str]:
    counts, left, right = Counter[str](), defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for n, title in enumerate(titles):
        for run in CHINESE.findall(title):
            for word, before, after in _pieces(run, f"#{n}"):
                counts[word] += 1
                left[word].add(before)
                right[word].add(after)
    total = sum(count for word, count in counts.items() if len(word) == 1) or 1
    words = {
        word: count
        for word, count in counts.items()
        if count >= least
        and len(word) > 1
        and not FUNCTION.search(word[0] + word[-1])
        and min(len(left[word]), len(right[word])) >= NEIGHBOURS
        and _cohesion(word, counts, total) >= COHESION
    }
    return {word: word for word in words if not _contained(word, words)}


def _pieces(run: str, end: str) -> Iterator[tuple[str, str, str]]:
    """Every piece of a run of ideographs, with what stands before and behind it."""
    for start in range(len(run)):
        for stop in range(start + 1, min(start + LONGEST, len(run)) + 1):
            before, after = run[start - 1] if start else end, run[stop] if stop < len(run) else end
            yield run[start:stop], before, after


def _cohesion(word: str, counts: Counter[str], total: int) -> float:
    """Pointwise mutual information of the least cohesive two parts of a word."""
    halves = ((counts[word[:n]], counts[word[n:]]) for n in range(1, len(word)))
    return min(math.log(counts[word] * total / (a * b)) for a, b in halves)


def _contained(word: str, words: dict[str, int]) -> bool:
    longer = (count for other, count in words.items() if word in other and word != other)
    return any(count >= CONTAINED * words[word] for count in longer)


def mentions(texts: Sequence[str], words: Sequence[str]) -> dict[str, list[int]]:
    """Positions of the texts that mention each of these folded words."""
    found: dict[str, list[int]] = {word: [] for word in words}
    chinese = [word for word in words if CHINESE.fullmatch(word)]
    latin = set(words) - set(chinese)
    for n, text in enumerate(texts):
        folded = fold(text)
        for word in {each.rstrip(".") for each in LATIN.findall(folded)} & latin:
            found[word].append(n)
        for word in chinese:
            if word in folded:
                found[word].append(n)
    return found
