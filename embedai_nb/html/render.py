"""Render Markdown as sanitized HTML.

The parsers are those of the dialect (`embedai_nb.markdown.dialect`).  Besides, an image is a link to it unless it may be
shown, ``#`` gives an ``h2`` (the page has the ``h1``), and an address that may not be linked to leaves the source
standing.  No text vanishes.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markupsafe import Markup

from embedai_nb.html.dropped_text import lossless
from embedai_nb.html.image_links import image_links
from embedai_nb.html.images import is_showable
from embedai_nb.html.independent_blocks import independent_blocks, plain_table
from embedai_nb.html.inline_tags import few_tags
from embedai_nb.html.literal_text import literal_line, literal_paragraph
from embedai_nb.html.sanitize import permits, sanitize
from embedai_nb.markdown.dialect import document_parser, parser
from embedai_nb.markdown.nesting_limit import too_deep
from embedai_nb.text.entities import decode_entities, unescape_markdown

__all__ = ["blocks", "inline", "item_blocks", "linked", "plain"]

KEPT = 1024
"""Texts whose HTML is kept: page, article and checks ask for the same few hundred."""


Kind = Literal["item", "document", "frame"]


def _below_h1(state: StateCore) -> None:
    for token in state.tokens:
        if token.tag == "h1":
            token.tag = "h2"


def _nowhere(state: StateCore) -> None:
    """``[text]()`` leads nowhere; an empty address would lead to the page itself."""
    for token in state.tokens:
        for child in token.children or ():
            if child.attrs.get("href") == "":
                del child.attrs["href"]


@cache
def _parser(kind: Kind, *, images: bool) -> MarkdownIt:
    made = parser(permits) if kind == "item" else document_parser(permits)
    made.use(image_links, is_showable) if images else made.use(image_links)
    made.use(lossless)
    if kind == "frame":
        made.options["html"] = True
        made.use(few_tags)
    made.core.ruler.push("below_h1", _below_h1)
    made.core.ruler.push("nowhere", _nowhere)
    return made


def inline(markdown: str) -> Markup:
    """One line of Markdown as HTML without blocks.

    Raises:
        MarkupError: it is nested too deep to be shown whole.
    """
    literal = literal_line(markdown)
    return _rendered(markdown, "item", one_line=True) if literal is None else literal


def item_blocks(markdown: str, *, images: bool = False) -> Markup:
    """The text of an item as HTML; ``images`` lets them be shown.

    Raises:
        MarkupError: it is nested too deep to be shown whole.
    """
    return literal_paragraph(markdown) or _rendered(markdown, "item", images=images and "![" in markdown)


def blocks(markdown: str, *, html: bool = False, images: bool = False) -> Markup:
    """Markdown from around the items as HTML.

    Args:
        markdown: the text.
        html: whether a few harmless tags in it are tags.
        images: whether images are shown.

    Raises:
        MarkupError: it is nested too deep to be shown whole.
    """
    if html and "<" in markdown:
        return _rendered(markdown, "frame", images=images)
    return Markup("").join(_block(part, images=images) for part in independent_blocks(markdown))


def _block(markdown: str, *, images: bool) -> Markup:
    return (
        literal_paragraph(markdown)
        or plain_table(markdown, inline)
        or _rendered(markdown, "document", images=images and "![" in markdown)
    )


@lru_cache(KEPT)
def _rendered(markdown: str, kind: Kind, *, one_line: bool = False, images: bool = False) -> Markup:
    made = _parser(kind, images=images)
    try:
        html = made.renderInline(markdown) if one_line else made.render(markdown)
    except RecursionError as error:
        raise too_deep() from error
    return sanitize(html, images=images)


def plain(markdown: str) -> str:
    """One line of Markdown as a reader sees it, without any markup."""
    return decode_entities(re.sub(r"<[^>]*>", "", inline(markdown)))


def linked(text: Markup, url: str) -> Markup:
    """``text`` as link to ``url``, Markdown source like all else; nothing gets lost where it cannot be one."""
    url = unescape_markdown(url)
    if not url:
        return text
    if not permits(url):
        return Markup("{} <code>{}</code>").format(text, url)
    if "<a " in text:
        return Markup('{} <a href="{}">{}</a>').format(text, url, url)
    return Markup('<a href="{}">{}</a>').format(url, text or url)
