"""What in a paragraph is no prose to CommonMark: escapes, code spans, autolinks, destinations of links, bare addresses."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Literal, NamedTuple

__all__ = ["Span", "open_code_spans", "spans"]

Kind = Literal["prose", "escape", "code", "autolink", "destination", "address"]

BRACKET = re.compile(r"[\[\]]")
RUN = re.compile(r"`+")
MARK = re.compile(
    r"(?P<escape>\\[!-/:-@\[-`{-~])|(?P<code>`+)|(?P<autolink><[A-Za-z][A-Za-z0-9+.\-]{1,31}:[^\s<>]*>|<[\w.+-]+@[\w.-]+>)"
    r"|(?P<destination>\]\()|(?P<address>(?<![A-Za-z])https?://[^\s<\\`]+)"
)
DESTINATION = re.compile(r"[ \t]*\n?[ \t]*(?:<[^<>\n]*>|(?!<)[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)")
TITLE = re.compile(r"""\s+(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""", re.DOTALL)


class Span(NamedTuple):
    """A stretch of the text."""

    kind: Kind
    start: int
    end: int


def spans(text: str) -> Iterator[Span]:
    """All of the text in order, what is no prose apart; time linear in its length."""
    closings = _closings(text) if "`" in text else {}
    at = counted = brackets = 0
    found = MARK.search(text)
    while found:
        kind: Kind = found.lastgroup  # type: ignore[assignment]  # the groups are named like the kinds
        for bracket in BRACKET.finditer(text, counted, found.start()):
            brackets = brackets + 1 if bracket[0] == "[" else max(0, brackets - 1)
        end = _end(text, kind, found, closings) if brackets or kind != "destination" else None
        counted = found.end() if end is None else end
        brackets -= kind == "destination" and end is not None
        if end is None:
            found = MARK.search(text, found.end())
            continue
        if found.start() > at:
            yield Span("prose", at, found.start())
        yield Span(kind, found.start(), end)
        at = end
        found = MARK.search(text, end)
    if at < len(text):
        yield Span("prose", at, len(text))


def _end(text: str, kind: Kind, found: re.Match[str], closings: dict[int, int]) -> int | None:
    if kind == "code":
        return closings.get(found.start())
    if kind == "destination":
        inside = DESTINATION.match(text, found.end())
        end = inside.end() if inside else found.end()
        title = TITLE.match(text, end)
        end = title.end() if title else end
        while end < len(text) and text[end] in " \t\n":
            end += 1
        return end + 1 if text.startswith(")", end) else None
    return found.end()


def _closings(text: str) -> dict[int, int]:
    """Where each run of backticks that opens a code span finds its end."""
    runs = [(found.start(), found.end()) for found in RUN.finditer(text)]
    later: dict[int, list[int]] = defaultdict(list)
    for n in range(len(runs) - 1, -1, -1):
        later[runs[n][1] - runs[n][0]].append(n)
    closings, n = {}, 0
    while n < len(runs):
        start, end = runs[n]
        start += _escaped(text, start)  # which it is only where it opens: in code, a backslash stands for itself
        same = later[end - start]
        while same and same[-1] <= n:
            same.pop()
        if same and start < end:
            closings[start] = runs[same[-1]][1]
            n = same[-1]
        n += 1
    return closings


def _escaped(text: str, at: int) -> bool:
    before = text[max(0, at - 64) : at]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def open_code_spans(text: str) -> frozenset[int]:
    """The lines of a paragraph that end within a code span."""
    if "`" not in text or "\n" not in text:
        return frozenset()
    open_at: set[int] = set()
    for span in spans(text):
        if span.kind == "code":
            first = text.count("\n", 0, span.start)
            open_at.update(range(first, first + text.count("\n", span.start, span.end)))
    return frozenset(open_at)
