"""What a site says about a page, as plain text that can do no harm in a draft."""

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
class Facts:
    """What was found out; texts are Markdown source already."""

    title: str = ""
    source: str = ""
    url: str = ""
    """The address that a short one stands for."""
    remarks: tuple[str, ...] = ()
    """Lines for the note."""


def plain(text: object, length: int = TEXT_LENGTH) -> str:
    """One line of what a site sent, if it is text: no control or direction characters, no endless lines."""
    if not isinstance(text, str):
        return ""
    text = " ".join(visible(text.encode("utf-8", "ignore").decode()).split())
    text = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cn", "Co"})
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def title(text: object) -> str:
    """A title as Markdown that shows what the site wrote."""
    found = MARKUP.sub(r"\\\g<0>", plain(text, TITLE_LENGTH))
    return found.replace(":", r"\:", 1) if REPO.fullmatch(found) else found  # `I/O: …` names no repository
