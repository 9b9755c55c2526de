"""File names for sections and sources."""

from __future__ import annotations

import hashlib
import re
import unicodedata

__all__ = ["slug"]

LONGEST = 60
"""Characters; a file name may have 255 bytes, and a Chinese character takes three."""


def slug(name: str) -> str:
    """A readable file name, the same for ``Google AI`` and ``google  ai``; where it lost more, a digest tells it apart."""
    key = re.sub(r"\s+", "-", unicodedata.normalize("NFKC", name).casefold().strip())
    readable = re.sub(r"[^\w-]+", "-", key).strip("-_")
    if readable and readable == key and len(key) <= LONGEST:
        return readable
    return f"{readable[:LONGEST]}-{hashlib.sha256(key.encode()).hexdigest()[:8]}".lstrip("-")
