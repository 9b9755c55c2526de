"""Metadata of a page, sanitized: one line each, no control characters, Markdown escaped."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from embedai_nb.model import REPO
from embedai_nb.text.spans import visible

TITLE_LENGTH = 300
TEXT_LENGTH = 4000
MARKUP = re.compile(r"[\\`*<]|~(?=~)|(?<![^\W_])_|_(?![^\W_])")


@dataclass(frozen=True)
class Metadata:
    """What a site says about a page; texts are Markdown source."""

    title: str = ""
    source: str = ""
    url: str = ""
    """Where a shortened URL leads."""
    note_lines: tuple[str, ...] = ()
    """For the item's note."""


def plain_line(text: object, length: int = TEXT_LENGTH) -> str:
    """Collapse a text to one line without control and direction characters, cut to a length; empty if it is no text."""
    if not isinstance(text, str):
        return ""
    text = text[: 8 * length]  # what hostile sites send may have millions of characters
    text = " ".join(visible(text.encode("utf-8", "ignore").decode()).split())
    text = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cn", "Co"})
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def title_markdown(text: object) -> str:
    """Escape a title, so that its Markdown renders as the site wrote it."""
    found = MARKUP.sub(r"\\\g<0>", plain_line(text, TITLE_LENGTH))
    return found.replace(":", r"\:", 1) if REPO.fullmatch(found) else found  # `I/O: …` names no repository
