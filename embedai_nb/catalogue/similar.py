"""Titles that say the same, though not to the letter."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import fuzz, process

from embedai_nb.catalogue.tokens import fold

ALIKE = 84
"""From 0 to 100, of the characters that two titles share in the same order."""
SHORT = 6
"""Titles of fewer characters are the same only if they are the same."""


def alike(title: str, others: Iterable[str]) -> list[tuple[int, float]]:
    """Which of the others say the same as ``title``, with a score up to 100, the best first."""
    bare, numbers = _bare(title), _numbers(title)
    if not bare:
        return []
    choices = [(n, other, _bare(other)) for n, other in enumerate(others)]
    cutoff = 100 if len(bare) < SHORT else ALIKE
    found = process.extract(bare, [b for *_, b in choices], scorer=fuzz.ratio, score_cutoff=cutoff, limit=None)
    # A chip or a release with another number is another one.
    return [(choices[n][0], score) for _, score, n in found if _numbers(choices[n][1]) == numbers]


def _bare(title: str) -> str:
    return re.sub(r"[\W_]+", "", fold(title))


def _numbers(title: str) -> list[str]:
    return sorted(re.findall(r"\d+(?:\.\d+)*", fold(title)))
