"""What kramdown makes of the signs of emphasis, as its GFM parser does (version 2.4, parser/kramdown/emphasis.rb).

It knows no rule of flanking.  A sign opens emphasis wherever no space follows, and closes what is open wherever no space
stands before it; emphasis of one kind holds no other of the same kind, and a link binds no tighter than emphasis.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from embedai_nb.markdown.bare_urls import address_at
from embedai_nb.markdown.inline_spans import spans

__all__ = ["shown_signs"]

STRIKE = re.compile(r"~~(?![\s~]).*?[^\s~]~~", re.DOTALL)
IN_WORD = re.compile(r"[^\W\d_]-?\Z")
"""What stands before an underscore that opens nothing."""
Stop = Callable[[int, bool], bool]
"""Whether what is parsed ends at a position, given whether anything stands in it yet."""


def shown_signs(text: str) -> set[int]:
    """The positions of all ``*``, ``_`` and ``~`` in prose that are shown, rather than emphasis."""
    return _Parser(text).parse(0, len(text), (), None)[1]


class _Parser:
    """Goes along a paragraph; what is no prose is passed over, as it reads the same to all."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.known: dict[tuple[int, int, tuple[str, ...]], tuple[int, set[int]]] = {}
        self.passed: dict[int, int] = {}
        self.destinations: dict[int, int] = {}
        for span in spans(text):
            if span.kind == "destination":
                self.destinations[span.start] = span.end
            elif span.kind == "address":
                colon = text.index(":", span.start)
                self.passed[span.start] = colon + len(address_at(text, colon, span.end) or "")
            elif span.kind != "prose":
                self.passed[span.start] = span.end

    def parse(self, at: int, end: int, around: tuple[str, ...], stop: Stop | None) -> tuple[int | None, set[int]]:
        """Parse up to a stop, which has to come if there is one.

        Returns:
            where it stands, and the signs that are shown before it.
        """
        start, shown = at, set[int]()
        while at < end:
            sign, more = self.text[at], set[int]()
            if at in self.passed:
                at = self.passed[at]
            elif stop and stop(at, at > start):
                return at, shown
            elif sign in "*_":
                key = at, end, around
                at, more = self.known[key] = self.known.get(key) or self._emphasis(*key)
            elif sign == "~" and (struck := STRIKE.match(self.text, at, end)):
                more = self.parse(at + 2, struck.end() - 2, (), None)[1]
                at = struck.end()
            elif sign == "[" and "link" not in around:
                at, more = self._link(at, end, around)
            else:
                more = {at} if sign == "~" else more
                at += 1
            shown |= more
        return (None if stop else end), shown

    def _emphasis(self, at: int, end: int, around: tuple[str, ...]) -> tuple[int, set[int]]:
        sign = self.text[at]
        length = 2 if self.text.startswith(sign * 2, at, end) else 1
        kind = "strong" if length > 1 else "em"
        behind = at + length
        in_word = sign == "_" and IN_WORD.search(self.text, max(0, at - 2), at)
        if in_word or self.text[behind : behind + 1].isspace() or kind in around:
            return behind, set(range(at, behind))
        found, shown = self.parse(behind, end, (*around, kind), self._closing(sign * length))
        if found is None and length > 1 and around[-1:] != ("em",):
            length = 1
            found, shown = self.parse(at + 1, end, (*around, "em"), self._closing(sign))
        return (behind, set(range(at, behind))) if found is None else (found + length, shown)

    def _closing(self, delimiter: str) -> Stop:
        sign, text = delimiter[0], self.text

        def stop(at: int, filled: bool) -> bool:
            behind = at + len(delimiter)
            return (
                text.startswith(delimiter, at)
                and filled
                and not text[at - 1].isspace()
                and (delimiter != sign or not text.startswith(sign * 2, at) or text.startswith(sign * 3, at))
                and (sign != "_" or not text[behind : behind + 1].isalnum())
            )

        return stop

    def _link(self, at: int, end: int, around: tuple[str, ...]) -> tuple[int, set[int]]:
        found, shown = self.parse(at + 1, end, (*around, "link"), lambda n, _: n in self.destinations)
        if found is None:
            return at + 1, set()
        is_image = at > 0 and self.text[at - 1] == "!"
        return self.destinations[found], set() if is_image else shown
