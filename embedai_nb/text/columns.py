"""Columns that a text takes in a terminal."""

from __future__ import annotations

import re
from unicodedata import east_asian_width

__all__ = ["COLOUR", "columns", "padded"]

COLOUR = re.compile("\033\\[[0-9;]*m")
"""Takes no column (ECMA-48, Select Graphic Rendition)."""


def columns(text: str) -> int:
    """Count the columns: two for each wide character (Unicode Standard Annex 11, East Asian Width)."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in COLOUR.sub("", text))


def padded(text: str, width: int) -> str:
    """Fill a text with spaces up to so many columns."""
    return text + " " * (width - columns(text))
