"""The allow-lists that all HTML goes through."""

from __future__ import annotations

from functools import lru_cache
from html import escape

import nh3
from markupsafe import Markup

__all__ = ["permits", "sanitize", "sanitize_page"]

SCHEMES = {"http", "https", "mailto"}

BLOCKS = {"blockquote", "dd", "div", "dl", "dt", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
INLINES = {"a", "b", "br", "code", "del", "em", "i", "s", "strong", "sub", "sup", "u"}
TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
TEXT = BLOCKS | INLINES | TABLES
PAGE = TEXT | {"article", "footer", "h1", "header", "main", "nav", "section", "small"}

# A column of a table may be aligned; no other style is let through.
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "td": {"style"}, "th": {"style"}}

_TEXT_CLEANER = nh3.Cleaner(
    tags=TEXT,
    attributes=ATTRIBUTES,
    filter_style_properties={"text-align"},
    url_schemes=SCHEMES,
    link_rel=None,
)
_PAGE_CLEANER = nh3.Cleaner(
    tags=PAGE,
    attributes=ATTRIBUTES | {"article": {"id"}, "section": {"id"}},
    allowed_classes={"p": {"by", "tagline"}, "blockquote": {"lead"}, "ul": {"warmups"}},
    filter_style_properties={"text-align"},
    url_schemes=SCHEMES,
    link_rel=None,
)


def sanitize(html: str) -> Markup:
    """HTML made from text, with nothing in it that could do more than be read; neither ids nor classes."""
    return Markup(_TEXT_CLEANER.clean(html))


def sanitize_page(html: str) -> Markup:
    """The same for a whole page, with its landmarks, and its own ids and classes."""
    return Markup(_PAGE_CLEANER.clean(html))


@lru_cache(1024)
def permits(url: str) -> bool:
    """Whether a link may lead to ``url``; read as a browser would, which sees no tab in ``java<tab>script:``."""
    return "href=" in _TEXT_CLEANER.clean(f'<a href="{escape(url)}"></a>')
