"""Render the blocks of a document one by one, where they do not depend on each other, and tables cell by cell.

Issues have most of their closing in common: contacts, licence, and of the table of back issues all but a few cells.  So
these are rendered once.  The result is that of the parser, given the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from markupsafe import Markup

__all__ = ["independent_blocks", "plain_table"]

DEPENDENT = re.compile(r"^[ \t]|\]:|```|~~~|[<\r]", re.MULTILINE)
"""What may reach over a blank line: indentation, a definition, a fence, HTML."""
ENTRY = re.compile(r"^(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)", re.MULTILINE)

DIVIDER = re.compile(r"\|(?: ?:?-+:? ?\|)+")
ROW = re.compile(r"\|(?:[^\s\\`*_~!]| )*\|")
"""A row with no white space but spaces, and nothing in its cells that may be nested or hide a bar."""
STYLES = {
    (True, True): ' style="text-align:center"',
    (True, False): ' style="text-align:left"',
    (False, True): ' style="text-align:right"',
}


def independent_blocks(markdown: str) -> list[str]:
    """The parts of a document, divided at blank lines; all of it in one where these may not divide it.

    Two lists, one below the other, may be one.
    """
    parts = [part for part in re.split(r"\n\n+", markdown) if part]
    if DEPENDENT.search(markdown) or any(ENTRY.search(one) and ENTRY.match(other) for one, other in pairwise(parts)):
        return [markdown]
    return parts


def plain_table(markdown: str, inline: Callable[[str], Markup]) -> Markup | None:
    """A table in which every row has bars at both ends and as many cells as the first; nothing if it may be something else.

    Args:
        markdown: the text.
        inline: renders a cell.
    """
    lines = markdown.strip("\n").split("\n")
    if len(lines) < 2 or not DIVIDER.fullmatch(lines[1]):
        return None
    if len({line.count("|") for line in lines}) > 1 or not all(map(ROW.fullmatch, lines)):
        return None
    head, divider, *rows = ([cell.strip(" ") for cell in line.split("|")[1:-1]] for line in lines)
    styles = [STYLES.get((cell.startswith(":"), cell.endswith(":")), "") for cell in divider]

    def row(cells: list[str], tag: str) -> str:
        shown = (f"<{tag}{style}>{inline(cell)}</{tag}>\n" for cell, style in zip(cells, styles, strict=True))
        return f"<tr>\n{''.join(shown)}</tr>\n"

    body = "".join(row(cells, "td") for cells in rows)
    body = f"<tbody>\n{body}</tbody>\n" if rows else ""
    return Markup(f"<table>\n<thead>\n{row(head, 'th')}</thead>\n{body}</table>\n")
