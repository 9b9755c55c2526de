"""The allow-lists that all HTML goes through."""

from __future__ import annotations

import re
from functools import cache, lru_cache
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

PAGE_CLASSES = {"p": {"by", "tagline"}, "blockquote": {"lead"}, "ul": {"warmups"}}
LANGUAGE = re.compile(r"language-[\w+#.-]+")


def _known_class(tag: str, attribute: str, value: str) -> str | None:
    """The class of a block of code may name its language, which is none of ours to list."""
    if attribute != "class":
        return value
    if tag == "code":
        return value if LANGUAGE.fullmatch(value) else None
    kept = [name for name in value.split() if name in PAGE_CLASSES.get(tag, ())]
    return " ".join(kept) or None


@cache
def _cleaner(*, page: bool, images: bool, languages: bool) -> nh3.Cleaner:
    """A cleaner; without ``languages`` it needs not call back for each attribute."""
    attributes = ATTRIBUTES | ({"img": {"alt", "src", "title"}} if images else {})
    classes = PAGE_CLASSES if page else {}
    if page:
        attributes = attributes | {"article": {"id"}, "section": {"id"}}
    if languages:
        attributes = attributes | {tag: {"class"} for tag in classes} | {"code": {"class", "tabindex", "title"}}
    return nh3.Cleaner(
        tags=(PAGE if page else TEXT) | ({"img"} if images else set()),
        attributes=attributes,
        attribute_filter=_known_class if languages else None,
        allowed_classes=None if languages else classes,
        filter_style_properties={"text-align"},
        url_schemes=SCHEMES,
        link_rel=None,
    )


def _clean(html: str, *, page: bool, images: bool) -> Markup:
    return Markup(_cleaner(page=page, images=images, languages="<code " in html).clean(html))


def sanitize(html: str, *, images: bool = False) -> Markup:
    """HTML made from text, with nothing in it that could do more than be read; neither ids nor classes of a page."""
    return _clean(html, page=False, images=images)


def sanitize_page(html: str, *, images: bool = False) -> Markup:
    """The same for a whole page, with its landmarks, and its own ids and classes."""
    return _clean(html, page=True, images=images)


@lru_cache(1024)
def permits(url: str) -> bool:
    """Whether a link may lead to ``url``; read as a browser would, which sees no tab in ``java<tab>script:``."""
    return "href=" in sanitize(f'<a href="{escape(url)}"></a>')
