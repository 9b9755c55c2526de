"""Similar titles: comparison by edit ratio, candidates by shingles and a sketch of the smallest hashes."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

from embedai_nb.text.folding import fold

MIN_RATIO = 84
"""Minimum share of common characters in order, from 0 to 100 (`rapidfuzz.fuzz.ratio`), of similar titles."""
SHORT = 6
"""Titles of fewer characters are similar only if they are equal."""
SHINGLE = 4
"""Characters of a shingle: where one in six characters differs, four equal ones in a row are still common."""
SKETCH = 12
"""Shingles stored of a title.  Similar titles share half of all, so hardly ever none of these."""

MARKS = re.compile(r"[\W_]+")
NUMBER = re.compile(r"\d+(?:\.\d+)*")


def similar(title: str, others: Iterable[str]) -> list[tuple[int, float]]:
    """Positions of the titles similar to ``title``, each with its ratio up to 100, the best first."""
    wanted, wanted_numbers = bare(title), numbers(title)
    if not wanted:
        return []
    from rapidfuzz import fuzz, process  # which a search has no need of

    choices = [(n, other, bare(other)) for n, other in enumerate(others)]
    cutoff = 100 if len(wanted) < SHORT else MIN_RATIO
    found = process.extract(wanted, [b for *_, b in choices], scorer=fuzz.ratio, score_cutoff=cutoff, limit=None)
    return [(choices[n][0], score) for _, score, n in found if numbers(choices[n][1]) == wanted_numbers]


def near(title: str, others: Sequence[str]) -> list[int]:
    """Positions of the titles that may be `similar` to this one, if its `numbers` are theirs; in doubt of a short one, it is among them.

    Args:
        title: as it is written.
        others: as `bare` gives them.
    """
    from rapidfuzz import fuzz, process

    found = process.extract(bare(title), others, scorer=fuzz.ratio, score_cutoff=MIN_RATIO, limit=None)
    return [n for _, _, n in found]


def shingles(title: str) -> set[int]:
    """Hashes of all shingles of a title; titles with different numbers in them, which are never similar, share none."""
    text, seed = bare(title), zlib.crc32(" ".join(numbers(title)).encode())
    found = {text[n : n + SHINGLE] for n in range(max(1, len(text) - SHINGLE + 1))} if text else ()
    return {zlib.crc32(shingle.encode("utf-8", "replace"), seed) for shingle in found}


def sketch(title: str) -> list[int]:
    """The smallest hashes of the shingles (bottom-k sketch): as good as a random sample."""
    return sorted(shingles(title))[:SKETCH]


@lru_cache(4096)  # the newest titles are candidates for many others
def bare(title: str) -> str:
    """The letters and digits of a title, folded."""
    return MARKS.sub("", fold(title))


def numbers(title: str) -> list[str]:
    """The numbers in a title, sorted; another one means another chip or release."""
    return sorted(NUMBER.findall(fold(title)))
