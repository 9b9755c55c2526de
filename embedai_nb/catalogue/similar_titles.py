"""Titles that say the same, though not to the letter."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable

from rapidfuzz import fuzz, process

from embedai_nb.text.folding import fold

ALIKE = 84
"""From 0 to 100, of the characters that two titles share in the same order."""
SHORT = 6
"""Titles of fewer characters are the same only if they are the same."""
PIECE = 4
"""Characters of a piece.  Where one in six differs, four in a row that do not are still to be found."""
SKETCH = 12
"""So many pieces stand for a title.  Two that are alike have half of all pieces in common, so hardly ever none of these."""


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


def pieces(title: str) -> set[int]:
    """Numbers of all pieces of a title; titles with other numbers in them, which are never alike, have none in common."""
    bare, seed = _bare(title), zlib.crc32(" ".join(_numbers(title)).encode())
    found = {bare[n : n + PIECE] for n in range(max(1, len(bare) - PIECE + 1))} if bare else ()
    return {zlib.crc32(piece.encode("utf-8", "replace"), seed) for piece in found}


def sketch(title: str) -> list[int]:
    """The pieces by which a title is found: those of the smallest numbers, as good as picked by chance."""
    return sorted(pieces(title))[:SKETCH]


def _bare(title: str) -> str:
    return re.sub(r"[\W_]+", "", fold(title))


def _numbers(title: str) -> list[str]:
    return sorted(re.findall(r"\d+(?:\.\d+)*", fold(title)))
