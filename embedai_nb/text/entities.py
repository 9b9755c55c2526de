"""Decode HTML entities and backslash escapes as CommonMark does (sections 2.4 and 2.5).

An entity ends in a semicolon: ``&copy;`` is ©, and ``&copy=1`` in an address is a parameter.  `html.unescape` decodes both.
"""

from __future__ import annotations

import re

__all__ = ["decode_entities", "unescape_markdown"]

ENTITY = re.compile(r"&(#?[0-9A-Za-z]{1,32});")


def decode_entities(text: str) -> str:
    """Decode the entities of a text; what is none stays as it is."""
    if "&" not in text:
        return text
    from markdown_it.common.utils import replaceEntityPattern  # with its package, which a search has no need of

    return ENTITY.sub(lambda found: replaceEntityPattern(found[0], found[1]), text)


def unescape_markdown(text: str) -> str:
    """Decode entities and backslash escapes, as in the address of a link."""
    if "&" not in text and "\\" not in text:
        return text
    from markdown_it.common.utils import unescapeAll

    return unescapeAll(text)
