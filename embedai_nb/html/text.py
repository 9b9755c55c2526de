"""Markdown → sanitized HTML: CommonMark with tables, and what Chinese needs.

Differences from CommonMark: raw HTML is text, bare addresses are links, an image is a link to it, a line end stays
one, ``#`` gives an ``h2`` (the page has the ``h1``), an address is kept as typed, and one that may not be linked to
leaves the source standing.
"""

from __future__ import annotations

import re
from functools import cache
from html import unescape

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markupsafe import Markup

from embedai_nb.html.bare_urls import bare_urls
from embedai_nb.html.cjk import cjk_emphasis
from embedai_nb.html.images import image_links, without_images
from embedai_nb.html.nesting import nesting_limit, too_deep
from embedai_nb.html.sanitize import permits, sanitize

__all__ = ["blocks", "inline", "linked", "plain"]


class _Parser(MarkdownIt):
    def normalizeLink(self, url: str) -> str:
        return url

    def validateLink(self, url: str) -> bool:
        return permits(url)


def _below_h1(state: StateCore) -> None:
    for token in state.tokens:
        if token.tag == "h1":
            token.tag = "h2"


@cache
def _parser(html: bool = False) -> MarkdownIt:
    parser = _Parser("commonmark", {"html": html, "breaks": True}).enable("table")
    parser.use(nesting_limit).use(cjk_emphasis).use(bare_urls).use(image_links)
    parser.core.ruler.push("below_h1", _below_h1)
    return parser


def inline(markdown: str) -> Markup:
    """One line of Markdown as HTML without blocks.

    Raises:
        MarkupError: it is nested too deep to be shown whole.
    """
    try:
        return sanitize(_parser().renderInline(markdown))
    except RecursionError as error:
        raise too_deep() from error


def blocks(markdown: str, *, html: bool = False) -> Markup:
    """Free Markdown as HTML; ``html`` lets the tags of the allow-list in it be tags.

    Raises:
        MarkupError: it is nested too deep to be shown whole.
    """
    try:
        return sanitize(without_images(_parser(html).render(markdown)))
    except RecursionError as error:
        raise too_deep() from error


def plain(markdown: str) -> str:
    """One line of Markdown as a reader sees it, without any markup."""
    return unescape(re.sub(r"<[^>]*>", "", inline(markdown)))


def linked(text: Markup, url: str) -> Markup:
    """``text`` as link to ``url``; nothing gets lost where it cannot be one."""
    if not url:
        return text
    if not permits(url):
        return Markup("{} <code>{}</code>").format(text, url)
    if "<a " in text:
        return Markup('{} <a href="{}">{}</a>').format(text, url, url)
    return Markup('<a href="{}">{}</a>').format(url, text or url)
