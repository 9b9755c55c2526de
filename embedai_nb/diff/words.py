"""Compare two texts word by word: Chinese by character, everything else by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

__all__ = ["Piece", "abridged", "word_diff"]

WORD = re.compile(r"[^\W_\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]+|\s+|.", re.DOTALL)
"""A run of letters and digits of a script that puts spaces between words, a run of white space, or one character."""


class Piece(NamedTuple):
    """A stretch of text that stayed, went or came."""

    kind: Literal["same", "deleted", "inserted"]
    text: str


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """Split two texts into the pieces that make one of the other, in the order of reading."""
    old, new = WORD.findall(before), WORD.findall(after)
    return tuple(_pieces(old, new))


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(old[a:b]))
            continue
        if b > a:
            yield Piece("deleted", "".join(old[a:b]))
        if d > c:
            yield Piece("inserted", "".join(new[c:d]))


def abridged(pieces: tuple[Piece, ...], context: int) -> tuple[Piece, ...]:
    """Cut what stayed down to ``context`` characters beside each change."""
    return tuple(
        Piece(piece.kind, _cut(piece.text, context, first=n == 0, last=n == len(pieces) - 1))
        if piece.kind == "same"
        else piece
        for n, piece in enumerate(pieces)
    )


def _cut(text: str, context: int, *, first: bool, last: bool) -> str:
    head, tail = ("" if first else text[:context]), ("" if last else text[-context:])
    return text if len(text) <= len(head) + len(tail) + 1 else f"{head}…{tail}"
