"""Jekyll's templates: what looks like one in a text is passed through as it is."""

from __future__ import annotations

import re

__all__ = ["RAW_END", "shielded", "unshielded"]

TEMPLATE = re.compile(r"\{\{|\{%")
OPENING = "<!-- {% raw %} -->"
CLOSING = "<!-- {% endraw %} -->"
RAW_END = re.compile(r"\{%-?\s*endraw\s*-?%\}")
"""What would end the shield from within; no Markdown can say it, so it is an error."""


def shielded(text: str) -> str:
    """The text between comments that no reader shows, and Liquid takes for ``raw``; only where there is need."""
    return f"{OPENING}\n\n{text}\n\n{CLOSING}" if TEMPLATE.search(text) else text


def unshielded(text: str) -> str:
    """The inverse; the lines of the comments stay as blank ones."""
    if OPENING not in text or CLOSING not in text:
        return text
    before, _, rest = text.partition(OPENING)
    inside, _, after = rest.rpartition(CLOSING)
    return before + inside + after
