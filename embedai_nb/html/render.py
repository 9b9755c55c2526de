"""Markdown → sanitized HTML: CommonMark with tables, and what Chinese needs.

Differences from CommonMark: raw HTML is text, bare addresses are links, an image is a link to it, a line end stays
one, ``#`` gives an ``h2`` (the page has the ``h1``), an address is kept as typed, and one that may not be linked to
leaves the source standing.  No text vanishes.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markupsafe import Markup

from embedai_nb.html.bare_urls import bare_urls
from embedai_nb.html.cjk_emphasis import cjk_emphasis
from embedai_nb.html.dropped_text import lossless
from embedai_nb.html.image_links import image_links
from embedai_nb.html.inline_tags import few_tags
from embedai_nb.html.nesting_limit import nesting_limit, too_deep
from embedai_nb.html.sanitize import permits, sanitize
from embedai_nb.text.entities import decode_entities, unescape_markdown

__all__ = ["blocks", "inline", "linked", "plain"]

KEPT = 1024
"""Texts whose HTML is kept: page, article and checks ask for the same few hundred."""


class _Parser(MarkdownIt):
    def normalizeLink(self, url: str) -> str:  # noqa: N802  # markdown-it's name
        return url

    def validateLink(self, url: str) -> bool:  # noqa: N802  # markdown-it's name
        return permits(url)


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
def _parser(html: bool = False) -> MarkdownIt:
    parser = _Parser("commonmark", {"html": html, "breaks": True}).enable("table")
    parser.use(nesting_limit).use(cjk_emphasis).use(bare_urls).use(image_links).use(lossless)
    if html:
        parser.use(few_tags)
    parser.core.ruler.push("below_h1", _below_h1)
    parser.core.ruler.push("nowhere", _nowhere)
    return parser


def inline(markdown: str) -> Markup:
    """One line of Markdown as HTML without blocks.

    Raises:
        MarkupError: it is nested too deep to be shown whole.
    """
    return _rendered(markdown, one_line=True)


def blocks(markdown: str, *, html: bool = False) -> Markup:
    """Free Markdown as HTML; ``html`` lets a few harmless tags in it be tags.

    Raises:
        MarkupError: it is nested too deep to be shown whole.
    """
    return _rendered(markdown, html=html and "<" in markdown)


@lru_cache(KEPT)
def _rendered(markdown: str, *, one_line: bool = False, html: bool = False) -> Markup:
    parser = _parser(html)
    try:
        return sanitize(parser.renderInline(markdown) if one_line else parser.render(markdown))
    except RecursionError as error:
        raise too_deep() from error


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
