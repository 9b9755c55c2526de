"""Similar titles: comparison by edit ratio, candidates by shingles and a sketch of the smallest hashes."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence

from embedai_nb.text.folding import fold

MIN_RATIO = 84
"""Minimum share of common characters in order, from 0 to 100 (`rapidfuzz.fuzz.ratio`), of similar titles."""
SHORT = 6
"""Titles of fewer characters are similar only if they are equal."""
SHINGLE = 4
"""Characters of a shingle: where one in six characters differs, four equal ones in a row are still common."""
SKETCH = 12
"""Shingles stored of a title.  Similar titles share half of all, so hardly ever none of these."""


def similar(title: str, others: Iterable[str]) -> list[tuple[int, float]]:
    """Positions of the titles similar to ``title``, each with its ratio up to 100, the best first."""
    bare, numbers = _bare(title), _numbers(title)
    if not bare:
        return []
    from rapidfuzz import fuzz, process  # which a search has no need of

    choices = [(n, other, _bare(other)) for n, other in enumerate(others)]
    cutoff = 100 if len(bare) < SHORT else MIN_RATIO
    found = process.extract(bare, [b for *_, b in choices], scorer=fuzz.ratio, score_cutoff=cutoff, limit=None)
    # Another number means another chip or release.
    return [(choices[n][0], score) for _, score, n in found if _numbers(choices[n][1]) == numbers]


def similar_to_any(titles: Iterable[str], others: Sequence[str]) -> set[int]:
    """Positions of the titles that may be `similar` to one of ``titles``; in doubt of a short one, it is among them."""
    from rapidfuzz import fuzz, process

    choices, found = [_bare(other) for other in others], set[int]()
    for title in titles:
        numbers = _numbers(title)
        near = process.extract(_bare(title), choices, scorer=fuzz.ratio, score_cutoff=MIN_RATIO, limit=None)
        found |= {n for _, _, n in near if _numbers(others[n]) == numbers}
    return found


def shingles(title: str) -> set[int]:
    """Hashes of all shingles of a title; titles with different numbers in them, which are never similar, share none."""
    bare, seed = _bare(title), zlib.crc32(" ".join(_numbers(title)).encode())
    found = {bare[n : n + SHINGLE] for n in range(max(1, len(bare) - SHINGLE + 1))} if bare else ()
    return {zlib.crc32(shingle.encode("utf-8", "replace"), seed) for shingle in found}


def sketch(title: str) -> list[int]:
    """The smallest hashes of the shingles (bottom-k sketch): as good as a random sample."""
    return sorted(shingles(title))[:SKETCH]


def _bare(title: str) -> str:
    return re.sub(r"[\W_]+", "", fold(title))


def _numbers(title: str) -> list[str]:
    return sorted(re.findall(r"\d+(?:\.\d+)*", fold(title)))
