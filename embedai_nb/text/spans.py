"""Spans of a Markdown text: prose, links, URLs written out, excerpts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from embedai_nb.i18n import Translator
from embedai_nb.i18n.punctuation import listed, quoted

MASK = "\ufffc"
"""Replaces every character that is not prose; it is neither a letter nor white space nor punctuation."""

CODE = re.compile(r"(`{3,})[^`].*?\1|(?<!`)(`{1,2})(?!`)[^\n]*?(?<!`)\2(?!`)", re.DOTALL)
LINK = re.compile(
    r"\[(?P<text>(?:\\.|[^\[\]\\\n]|\[(?:\\.|[^\[\]\\\n])*\])*)\]"
    r"\((?P<target>[^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\)"
)
TARGET = re.compile(r"(?<=\])\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")
TAG = re.compile(r"<[^<>\n]+>")
ADDRESS = re.compile(r"https?://[!-~]+")
SIGNS = {CODE: "`", TARGET: "](", TAG: "<", ADDRESS: "://"}
"""Substrings without which a pattern cannot match: a quick test, as most texts have none of them."""
LINK_TITLE = re.compile(r"""\s+(?:"[^"]*"|'[^']*')$""")

EMOJI = r"\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff"
INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
    rf"(?!(?<=[{EMOJI}]\u200d)[{EMOJI}])"
)
"""Control, zero-width and bidirectional characters, except the joiner within an emoji."""

IN_LINE = re.compile(r"[^\n]")
KEPT = 1024
"""Texts whose spans are cached, since several rules ask for them."""
EXCERPTS = 3


class InlineLink(NamedTuple):
    """A link within a text."""

    text: str
    url: str


@lru_cache(KEPT)
def prose(text: str) -> str:
    """Mask code, link targets, HTML tags and URLs; every character keeps its position."""
    return _masked(text, CODE, TARGET, TAG, ADDRESS)


def written_out(text: str) -> Iterator[tuple[int, int]]:
    """Spans of URLs that stand in no link, code or tag."""
    return (found.span() for found in ADDRESS.finditer(_masked(text, CODE, TARGET, TAG)))


@lru_cache(KEPT)
def links(text: str) -> tuple[InlineLink, ...]:
    """Links and images outside code."""
    if SIGNS[TARGET] not in text:
        return ()
    return tuple(
        InlineLink(text[slice(*found.span("text"))], LINK_TITLE.sub("", found["target"]).strip().strip("<>"))
        for found in LINK.finditer(_masked(text, CODE))
    )


def addresses(text: str) -> Iterator[str]:
    """URLs of a text: targets of its links, then those written out."""
    yield from (link.url for link in links(text) if link.url)
    outside = TARGET.sub("", CODE.sub("", text)) if "://" in text else ""
    for found in ADDRESS.finditer(outside):
        yield found[0].rstrip(".,;:!?)>*'\"")


def visible(text: str) -> str:
    """Remove invisible and bidirectional characters, so that the text is safe to print."""
    return INVISIBLE.sub("", text)


def excerpts(text: str, spans: Iterable[tuple[int, int]], say: Translator) -> str:
    """Quote the first few spans with their context."""
    shown = list(islice(spans, EXCERPTS + 1))
    quotations = [quoted(excerpt(text, start, end), say) for start, end in shown[:EXCERPTS]]
    return listed(quotations, say) + ("…" if len(shown) > EXCERPTS else "")


def excerpt(text: str, start: int, end: int, width: int = 8) -> str:
    """A span with ``width`` characters of context on both sides."""
    return " ".join(text[max(0, start - width) : end + width].split())


def _masked(text: str, *patterns: re.Pattern[str]) -> str:
    """Mask the matches of each pattern in turn."""
    for pattern in (each for each in patterns if SIGNS[each] in text):
        text = pattern.sub(lambda found: IN_LINE.sub(MASK, found[0]), text)
    return text
