"""Split prose into sentences."""

from __future__ import annotations

import re

__all__ = ["first_sentence"]

END = re.compile(r"[。！？!?]+[”」』）)]*|[.](?=\s|$)|\n")
LONGEST = 80
"""Characters of a sentence that are shown."""


def first_sentence(text: str, longest: int = LONGEST) -> str:
    """The first sentence of a text on one line, cut where it is longer than ``longest`` characters."""
    lines = text.strip()
    found = END.search(lines)
    sentence = " ".join(lines[: found.end() if found else None].split())
    return sentence if len(sentence) <= longest else f"{sentence[: longest - 1]}…"
