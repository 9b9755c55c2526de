"""Render text without any markup by itself, which is most titles and many paragraphs: no parser is needed for it.

The result is that of the parsers of the dialect.
"""

from __future__ import annotations

import re

from markupsafe import Markup

from embedai_nb.markdown.blocks import is_plain

__all__ = ["literal_line", "literal_paragraph"]

MEANT = re.compile(r"""[^0-9A-Za-z\u00c0-\u024f\u3041-\u30ff\u4e00-\u9fff –—‘’“”…•、-】！-～ ,.;:?!%+/()'"=@#$|-]""")
"""A character that may be more than itself, or that a browser would read otherwise; most texts have none."""
ADDRESS = "://"


def literal_line(text: str) -> Markup | None:
    """The line as HTML; nothing if it has markup, or may have."""
    return None if MEANT.search(text) or ADDRESS in text else Markup(text)


def literal_paragraph(text: str) -> Markup | None:
    """The lines of a paragraph as HTML; nothing if it has markup, or may have, or is something else."""
    lines = text.strip(" \n").split("\n")
    if not lines[0] or any(map(MEANT.search, lines)) or ADDRESS in text or not is_plain(text):
        return None
    broken = "<br>\n".join(line.strip(" ") for line in lines)
    return Markup(f"<p>{broken}</p>\n")
