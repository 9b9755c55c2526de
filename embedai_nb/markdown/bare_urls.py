"""Bare addresses become links, as on GitHub; a Chinese character ends one, unless the host is Chinese, too."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from embedai_nb.text.entities import unescape_markdown

__all__ = ["address_at", "bare_urls"]

SCHEME = re.compile(r"(?<![A-Za-z])https?\Z", re.IGNORECASE)
REST = re.compile(r"://[A-Za-z0-9][A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]*")
ONE_LABEL = re.compile(r"://[A-Za-z0-9-]+\.?\Z")
"""An address that may be the beginning of one whose host goes on in another script."""
INTERNATIONAL = re.compile(r"://\w[\w-]*(?:\.\w[\w-]*)+(?::[0-9]+)?(?:[/?#](?:\w|[\-.~:/?#@!$&'()*+,;=%])*)?")
"""An address whose host has letters of another script (RFC 3987); in its path they don't end it, either."""
TRAILING = "?!.,:;*~'"
"""Marks that belong to the sentence; not ``_``, in which one in sixty WeChat addresses ends."""

ENTITY = re.compile(r"&[A-Za-z0-9]+;\Z")
"""What resembles one at the end is none of the address (GitHub Flavored Markdown, 6.9)."""


def _without_punctuation(url: str) -> str:
    """``url`` without the marks of the sentence around it, entities among them; ``)`` belongs to it where its ``(`` does."""
    while url[-1] in TRAILING or (url[-1] == ")" and url.count(")") > url.count("(")):
        entity = ENTITY.search(url) if url[-1] == ";" else None
        url = url[: entity.start() if entity else -1]
    return url


def address_at(text: str, colon: int, end: int | None = None) -> str | None:
    """The bare address whose ``://`` is at ``colon``, without its scheme."""
    end = len(text) if end is None else end
    rest = REST.match(text, colon, end)
    if rest is None or ONE_LABEL.fullmatch(rest[0]):
        rest = INTERNATIONAL.match(text, colon, end) or rest
    return _without_punctuation(rest[0]) if rest else None


def _url(state: StateInline) -> tuple[str, str] | None:
    """Scheme and rest of the address whose colon is at the current position."""
    start = max(0, state.pos - len(" https"))
    scheme = SCHEME.search(state.src[start : state.pos])
    rest = address_at(state.src, state.pos, state.posMax) if scheme and not state.linkLevel else None
    return (scheme[0], rest) if scheme and rest else None


def _link(state: StateInline, silent: bool) -> bool:
    """Rule at a colon: by then the scheme was taken for text, and is taken back."""
    found = _url(state) if state.src[state.pos] == ":" else None
    if found is None:
        return False
    scheme, rest = found
    if not silent:
        if not state.pending.endswith(scheme):
            return False
        state.pending = state.pending.removesuffix(scheme)
        url = unescape_markdown(scheme + rest)
        state.push("link_open", "a", 1).attrSet("href", url)
        state.push("text", "", 0).content = url
        state.push("link_close", "a", -1)
    state.pos += len(rest)
    return True


def bare_urls(parser: MarkdownIt) -> None:
    """Plugin."""
    parser.inline.ruler.after("text", "bare_urls", _link)
