"""Cut the text of a draft into chunks of whole lines: each key, section heading, warm-up and item with its comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from embedai_nb.diff.keyed import KeyedIssue
from embedai_nb.drafts.splice import COMMENT
from embedai_nb.drafts.yaml_reader import Mapping, Node, Scalar, Sequence, Source

__all__ = ["END", "Chunk", "Cut", "UncuttableError", "comments", "cut", "key_of", "shifted"]

END = "end"
"""Key of what stands behind the last entry."""

GAP = re.compile(r"(?P<margin> *)(?:#.*)?\n?")


class UncuttableError(Exception):
    """A draft whose entries don't stand on lines of their own, or not in the usual order."""


class Chunk(NamedTuple):
    """Some whole lines; ``column``: of the key or dash that they begin with, but for comments above it."""

    text: str
    column: int


@dataclass(frozen=True)
class Cut:
    """A draft in chunks, in the order of the file.

    Args:
        chunks: by key: that of `key_of` for a key of the draft, that of the section for its heading, that of the entry.
        columns: of the dashes of warm-ups, of sections, and of the items of each section; by the key of the list.
    """

    chunks: dict[str, Chunk]
    columns: dict[str, int]


class _Start(NamedTuple):
    """Where an entry begins."""

    at: int
    column: int
    key: str


def key_of(name: str) -> str:
    """The key of the chunk of a key of the draft."""
    return f"{name}:"


def cut(source: Source, content: KeyedIssue) -> Cut:
    """Cut a draft.

    Args:
        source: its text.
        content: the same, whose keys the chunks get.

    Raises:
        UncuttableError: it can't be cut into whole lines.
    """
    root, text = source.root, source.text if source.text.endswith("\n") else f"{source.text}\n"
    if root.flow or root.column:
        raise UncuttableError
    starts = list(_starts(source, content))
    lines = [text.rfind("\n", 0, start.at) + 1 for start in starts]
    if any(text[line : start.at].strip() for line, start in zip(lines, starts, strict=True)) or lines != sorted(
        {*lines}
    ):
        raise UncuttableError
    starts.append(_Start(len(text), 0, END))
    edges = [
        0,
        *(
            _above(text, *span, start.column)
            for span, start in zip(pairwise([*lines, len(text)]), starts[1:], strict=True)
        ),
    ]
    chunks = {
        start.key: Chunk(text[first:last], start.column)
        for start, (first, last) in zip(starts, pairwise([*edges, len(text)]), strict=True)
    }
    return Cut(chunks, _columns(starts, content))


def _starts(source: Source, content: KeyedIssue) -> Iterator[_Start]:
    for key, value in source.root.entries:
        yield _Start(key.start, key.column, key_of(key.text))
        if key.text == "warmups":
            for start, _, entry in zip(*_dashes(source, key, value), content.warmups, strict=True):
                yield _Start(*start, entry.key)
        elif key.text == "sections":
            for start, node, part in zip(*_dashes(source, key, value), content.parts, strict=True):
                yield _Start(*start, part.key)
                if not isinstance(node, Mapping) or node.flow:
                    raise UncuttableError
                name, items = next((entry for entry in node.entries if entry[0].text == "items"), (None, None))
                if name is None or items is None:
                    continue
                if node.entries[-1][0] is not name:
                    raise UncuttableError
                for begin, _, entry in zip(*_dashes(source, name, items), part.entries, strict=True):
                    yield _Start(*begin, entry.key)


def _dashes(source: Source, key: Scalar, value: Node) -> tuple[list[tuple[int, int]], list[Node]]:
    """Position and column of the dash of each entry of a list, and the entries."""
    if not isinstance(value, Sequence):
        return [], []
    if value.flow:
        if value.items:
            raise UncuttableError
        return [], []
    found, end = list[tuple[int, int]](), key.end
    for node in value.items:
        dash = source.text.rfind("-", end, node.start)
        found.append((dash, dash - source.text.rfind("\n", 0, dash) - 1))
        end = node.end
    return found, list(value.items)


def _above(text: str, first: int, last: int, column: int) -> int:
    """Where the comments and blank lines above an entry begin; comments that are indented deeper are not its own."""
    while last > first:
        line = text.rfind("\n", 0, last - 1) + 1
        found = GAP.fullmatch(text[line:last])
        if line <= first or found is None or ("#" in found[0] and len(found["margin"]) > column):
            break
        last = line
    return last


def _columns(starts: list[_Start], content: KeyedIssue) -> dict[str, int]:
    lists = {entry.key: part.key for part in content.parts for entry in part.entries}
    lists |= {entry.key: key_of("warmups") for entry in content.warmups}
    lists |= {part.key: key_of("sections") for part in content.parts}
    return {lists[start.key]: start.column for start in starts if start.key in lists}


def shifted(chunk: Chunk, column: int) -> str:
    """The text of a chunk, moved to another column."""
    by = column - chunk.column
    if by == 0:
        return chunk.text
    lines = chunk.text.splitlines(keepends=True)
    return "".join(" " * by + line if by > 0 and line.strip() else line[_removable(line, -by) :] for line in lines)


def _removable(line: str, wanted: int) -> int:
    return min(max(wanted, 0), len(line) - len(line.lstrip(" ")))


def comments(source: Source) -> list[str]:
    """The comments of a text, in their order; what only looks like one, within a text of its own, is left out."""
    texts = list(_texts(source.root))
    found = ((match.start(), match[0].rstrip()) for match in COMMENT.finditer(source.text.replace("\t", " ")))
    return [comment for at, comment in found if not any(start <= at < end for start, end in texts)]


def _texts(node: Node) -> Iterator[tuple[int, int]]:
    if isinstance(node, Mapping):
        for key, value in node.entries:
            yield from _texts(key)
            yield from _texts(value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _texts(item)
    else:
        yield node.start, node.end
