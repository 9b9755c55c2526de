"""File names (slugs) of sections, sources and tags."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

__all__ = ["list_path", "slug"]

BEFORE_DIGITS = re.compile(r"(?<=[^\W\d_])\s+(?=\d)")
MAX_LENGTH = 60
"""In characters; a file name may have 255 bytes, and a Chinese character takes three."""


def slug(name: str) -> str:
    """Make a readable file name, the same for ``Google AI`` and ``google  ai``.

    A digest follows where other characters were lost, as in ``C++``, so that names that differ stay distinct.
    """
    key = re.sub(r"\s+", "-", unicodedata.normalize("NFKC", name).casefold().strip())
    readable = re.sub(r"[^\w-]+", "-", key).strip("-_")
    if readable and readable == key and len(key) <= MAX_LENGTH:
        return readable
    return f"{readable[:MAX_LENGTH]}-{hashlib.sha256(key.encode()).hexdigest()[:8]}".lstrip("-")


@lru_cache(4096)
def list_path(kind: str, name: str) -> str:
    """Path of the list of a section, source or tag within the site; empty if it has no name.

    The tags ``CVPR 2020`` and ``CVPR2020`` are one.
    """
    key = BEFORE_DIGITS.sub("", name) if kind == "tags" else name
    return f"{kind}/{slug(key)}.html" if name.strip() else ""
