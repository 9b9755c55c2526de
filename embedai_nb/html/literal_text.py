"""Render text without any markup by itself, which is most titles and many paragraphs: no parser is needed for it.

Nor is one for an address alone.  The result is that of the parsers of the dialect.
"""

from __future__ import annotations

import re

from markupsafe import Markup

from embedai_nb.html.sanitize import permits
from embedai_nb.markdown.blocks import is_plain
from embedai_nb.markdown.literal import is_literal

__all__ = ["literal_line", "literal_paragraph"]

ADDRESS = re.compile(r"https?://[0-9A-Za-z][0-9A-Za-z/.-]*[0-9A-Za-z/]")
"""An address of which certainly every character belongs to it."""


def literal_line(text: str) -> Markup | None:
    """The line as HTML; nothing if it may have markup."""
    return Markup(text) if is_literal(text) else None


def literal_paragraph(text: str) -> Markup | None:
    """The lines of a paragraph as HTML; nothing if they may have markup, or be something else."""
    if ADDRESS.fullmatch(text) and permits(text):
        return Markup(f'<p><a href="{text}">{text}</a></p>\n')
    lines = text.strip(" \n").split("\n")
    if not lines[0] or not all(map(is_literal, lines)) or not is_plain(text):
        return None
    broken = "<br>\n".join(line.strip(" ") for line in lines)
    return Markup(f"<p>{broken}</p>\n")
