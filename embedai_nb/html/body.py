"""Render the text of an item, or of a part like it, behind the label that it has in the draft."""

from __future__ import annotations

from markupsafe import Markup

from embedai_nb.html.render import item_blocks

__all__ = ["body"]

NO_LABEL = Markup()
PARAGRAPH = Markup("<p>")


def body(text: str, *, label: Markup = NO_LABEL, images: bool = False) -> Markup:
    """``text`` as HTML, ``label`` before its first paragraph, or in one of its own where it begins otherwise.

    Raises:
        MarkupError: it is nested too deep to be shown whole.
    """
    html = item_blocks(text.strip("\n"), images=images)
    if not label:
        return html
    if html.startswith(PARAGRAPH):
        return PARAGRAPH + label + html.removeprefix(PARAGRAPH)
    return Markup("<p>{}</p>\n{}").format(label, html)
