"""Order candidates by what the newsletter took before, each with its reasons.

Counts, and nothing else: how much more often a word, source, site, author or section occurs among what was taken than
among all that is on offer now (the logarithm of the ratio, as in naive Bayes), and how much a candidate resembles the
most similar item there is (the cosine of words weighted by their rarity).  benchmarks/inbox.py measures it.
"""

from __future__ import annotations

import datetime
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from embedai_nb.catalogue.records import ItemRecord
from embedai_nb.catalogue.tokens import RUN, tokens
from embedai_nb.text.folding import fold
from embedai_nb.text.urls import canonical

__all__ = ["Judgement", "Offer", "Reason", "Taste"]

ABOUT = 200
"""Characters of an item's text that are looked at, after its title."""
ALIKE = 0.2
"""Similarity from which on it is a reason."""
TELLING = 0.7
"""Logarithm of a ratio from which on it is a reason: twice as often."""
WORDS = 3
"""Words that are named at most."""
WEIGHTS = {"word": 1.0, "source": 0.5, "site": 0.3, "section": 0.3, "author": 0.5}
"""How much each kind of feature counts; and the greatest similarity:"""
SIMILARITY = 6.0


@dataclass(frozen=True)
class Offer:
    """What is known of a candidate, or of an item that was taken."""

    title: str
    text: str = ""
    source: str = ""
    url: str = ""
    section: str = ""
    authors: tuple[str, ...] = ()

    @classmethod
    def taken(cls, record: ItemRecord) -> Offer:
        """An item of the archive."""
        return cls(record.title, record.text, record.source, record.url, record.section)

    @property
    def site(self) -> str:
        """The host of its page."""
        return urlsplit(canonical(self.url)).hostname or "" if self.url else ""

    @cached_property
    def words(self) -> frozenset[str]:
        """Tokens of its title and of the beginning of its text; single ideographs say nothing."""
        found = tokens(f"{self.title}\n{self.text[:ABOUT]}")
        return frozenset(word for word in found if len(word) > 1 and not word.isdigit())

    @cached_property
    def title_words(self) -> frozenset[str]:
        """Tokens of its title."""
        return frozenset(word for word in tokens(self.title) if len(word) > 1 and not word.isdigit())

    def features(self) -> Iterable[tuple[str, str]]:
        """What is counted besides words: kind and value."""
        values = (("source", self.source), ("site", self.site), ("section", self.section))
        yield from ((kind, value) for kind, value in values if value)
        yield from (("author", author) for author in self.authors)


@dataclass(frozen=True)
class Reason:
    """Why a candidate stands where it stands.

    Args:
        kind: ``source``, ``site``, ``author``, ``words`` or ``alike``.
        value: which source, site or author; the title of the similar item.
        words: which words.
        count: how many items were taken that have it.
        date: of the similar item.
    """

    kind: str
    value: str = ""
    count: int = 0
    date: datetime.date | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """A score, the greater the better, and the reasons for it, the strongest first."""

    score: float
    reasons: tuple[Reason, ...]


class Taste:
    """What a newsletter took before.

    Args:
        taken: its items with the dates of their issues, the newest first.
    """

    def __init__(self, taken: Sequence[tuple[datetime.date, ItemRecord]]) -> None:
        self.dates = [date for date, _ in taken]
        self.taken = [Offer.taken(record) for _, record in taken]
        self.words = Counter(word for offer in self.taken for word in offer.words)
        self.features = Counter(feature for offer in self.taken for feature in offer.features())
        self.names = fold("\n".join(record.text for _, record in taken))

    @cached_property
    def _with_word(self) -> Mapping[str, list[tuple[int, float]]]:
        """For each word of titles the items that have it, with its weight in them."""
        found = defaultdict[str, list[tuple[int, float]]](list)
        for n, offer in enumerate(self.taken):
            length = math.sqrt(sum(self._rarity(word) ** 2 for word in offer.title_words)) or 1
            for word in offer.title_words:
                found[word].append((n, self._rarity(word) / length))
        return found

    def _rarity(self, word: str) -> float:
        return math.log((len(self.taken) + 1) / (self.words[word] + 1)) + 1

    def judge(self, offers: Sequence[Offer]) -> list[Judgement]:
        """Judge what is on offer, in its order; without an archive all are worth the same."""
        if not self.taken:
            return [Judgement(0, ()) for _ in offers]
        words = Counter(word for offer in offers for word in offer.words)
        features = Counter(feature for offer in offers for feature in offer.features())
        return [self._judged(offer, words, features, len(offers)) for offer in offers]

    def _judged(
        self, offer: Offer, words: Mapping[str, int], features: Mapping[tuple[str, str], int], of: int
    ) -> Judgement:
        ratios = {word: self._ratio(self.words[word], words[word], of) for word in offer.words}
        score = WEIGHTS["word"] * sum(ratios.values()) / math.sqrt(len(ratios) or 1)
        reasons = list[tuple[float, Reason]]()
        for kind, value in offer.features():
            count = self._count(kind, value)
            ratio = self._ratio(count, features[kind, value], of)
            score += WEIGHTS[kind] * ratio
            if count and kind != "section" and (ratio > 0 or kind == "source"):
                reasons.append((WEIGHTS[kind] * ratio + (kind == "source"), Reason(kind, value, count)))
        similarity, nearest = self._nearest(offer)
        score += SIMILARITY * similarity
        if similarity >= ALIKE:
            alike = Reason("alike", self.taken[nearest].title, date=self.dates[nearest])
            reasons.append((SIMILARITY * similarity, alike))
        if telling := _telling(offer.title, {word: r for word, r in ratios.items() if self.words[word] > 1}):
            reasons.append((1, Reason("words", words=tuple(telling))))
        return Judgement(score, tuple(reason for _, reason in sorted(reasons, key=lambda each: -each[0])))

    def _count(self, kind: str, value: str) -> int:
        """How many items have it; authors stand in their texts."""
        return self.features[kind, value] or (self.names.count(fold(value)) if kind == "author" else 0)

    def _ratio(self, taken: int, offered: int, of: int) -> float:
        """Logarithm of how much more frequent something is among what was taken than on offer, smoothed."""
        return math.log((taken + 0.5) / (len(self.taken) + 1)) - math.log((offered + 0.5) / (of + 1))

    def _nearest(self, offer: Offer) -> tuple[float, int]:
        """The greatest similarity to an item, and which it is."""
        found = defaultdict[int, float](float)
        length = math.sqrt(sum(self._rarity(word) ** 2 for word in offer.title_words)) or 1
        for word in offer.title_words:
            for n, weight in self._with_word.get(word, ()):
                found[n] += weight * self._rarity(word) / length
        nearest = max(found, key=lambda n: (found[n], -n), default=0)
        return found.get(nearest, 0.0), nearest


def _telling(title: str, ratios: Mapping[str, float]) -> list[str]:
    """Words of a title that were taken more often than they are on offer; neighbouring bigrams are one word."""
    found = list[tuple[float, str]]()
    for run in RUN.findall(title):
        folded = fold(run)
        if run[0] <= "\u2fff":
            found += [(ratios[folded], run)] if ratios.get(folded, 0) > TELLING else []
            continue
        good = [ratios.get(folded[n : n + 2], 0) > TELLING for n in range(len(folded) - 1)]
        for piece in re.finditer(r"1+", "".join("1" if each else "0" for each in good)):
            start, end = piece.start(), piece.end()
            best = max(ratios[folded[n : n + 2]] for n in range(start, end))
            found.append((best, run[start : end + 1][:8]))
    best_first = sorted(enumerate(found), key=lambda each: (-each[1][0], each[0]))[:WORDS]
    return list(dict.fromkeys(word for _, (_, word) in best_first))
