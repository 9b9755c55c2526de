"""The texts of an issue, and within a text: prose, links, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from embedai_nb.memoize import cache_last
from embedai_nb.model import Issue
from embedai_nb.text.paths import Path, strings

MASK = "\ufffc"
"""Stands for every character that is no prose; neither a letter nor white space nor punctuation."""

CODE = re.compile(r"(`{3,})[^`].*?\1|(?<!`)(`{1,2})(?!`)[^\n]*?(?<!`)\2(?!`)", re.DOTALL)
LINK = re.compile(
    r"\[(?P<text>(?:\\.|[^\[\]\\\n]|\[(?:\\.|[^\[\]\\\n])*\])*)\]"
    r"\((?P<target>[^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\)"
)
TARGET = re.compile(r"(?<=\])\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")
TAG = re.compile(r"<[^<>\n]+>")
ADDRESS = re.compile(r"https?://[!-~]+")
SIGNS = {CODE: "`", TARGET: "](", TAG: "<", ADDRESS: "://"}
"""What is in a text wherever these are: most have none, which is soon seen."""
LINK_TITLE = re.compile(r"""\s+(?:"[^"]*"|'[^']*')$""")

EMOJI = r"\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff"
INVISIBLE = re.compile(
    rf"(?!(?<=[{EMOJI}])\u200d(?=[{EMOJI}]))"
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
"""Control, zero-width and direction characters, but for the joiner within an emoji."""

IN_LINE = re.compile(r"[^\n]")
KEPT = 1024
"""Texts of which is kept what several rules ask for."""
NO_PROSE = frozenset({"waived", "url", "repo", "tags", "status", "front_matter", "heading"})
EXCERPTS = 3


class Inline(NamedTuple):
    """A link within a text."""

    text: str
    url: str


@cache_last
def texts(issue: Issue) -> tuple[tuple[Path, str], ...]:
    """All Markdown that readers will see, in its order."""
    return tuple((path, text) for path, text in strings(issue) if text and _is_prose(path))


def _is_prose(path: Path) -> bool:
    colleagues_only = path[:1] == ("sections",) and path[4:] == ("note",)
    return "fields" in path or not (colleagues_only or NO_PROSE.intersection(path))


@lru_cache(KEPT)
def prose(text: str) -> str:
    """The text with code, link targets, HTML tags and addresses masked; every other character keeps its place."""
    return _masked(text, CODE, TARGET, TAG, ADDRESS)


def written_out(text: str) -> Iterator[tuple[int, int]]:
    """Where addresses stand as such: in no link, code or tag."""
    return (found.span() for found in ADDRESS.finditer(_masked(text, CODE, TARGET, TAG)))


@lru_cache(KEPT)
def links(text: str) -> tuple[Inline, ...]:
    """The links and images of a text; code has none."""
    return tuple(
        Inline(text[slice(*found.span("text"))], LINK_TITLE.sub("", found["target"]).strip().strip("<>"))
        for found in LINK.finditer(_masked(text, CODE))
    )


def addresses(text: str) -> Iterator[str]:
    """Where the text leads to: targets of its links, then addresses written out."""
    yield from (link.url for link in links(text) if link.url)
    outside = TARGET.sub("", CODE.sub("", text)) if "://" in text else ""
    for found in ADDRESS.finditer(outside):
        yield found[0].rstrip(".,;:!?)>*'\"")


def visible(text: str) -> str:
    """The text as it may be printed anywhere, without what would turn it round or hide it."""
    return INVISIBLE.sub("", text)


def excerpts(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The places named by their surroundings, the first few of them."""
    shown = list(islice(spans, EXCERPTS + 1))
    quoted = "、".join(f"「{excerpt(text, start, end)}」" for start, end in shown[:EXCERPTS])
    return quoted + ("…" if len(shown) > EXCERPTS else "")


def excerpt(text: str, start: int, end: int, width: int = 8) -> str:
    """What stands there, with a few characters on both sides."""
    return " ".join(text[max(0, start - width) : end + width].split())


def _masked(text: str, *patterns: re.Pattern[str]) -> str:
    """The text with what the patterns find masked, one after the other."""
    for pattern in (each for each in patterns if SIGNS[each] in text):
        text = pattern.sub(lambda found: IN_LINE.sub(MASK, found[0]), text)
    return text
