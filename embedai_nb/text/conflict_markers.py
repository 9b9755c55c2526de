"""Conflict markers that Git leaves in a file it cannot merge: find them, refuse them, take one side.

A conflict is the sequence ``<<<<<<<``, perhaps ``|||||||``, ``=======``, ``>>>>>>>``, each at the beginning of a line and
of the same length (git-merge, "How conflicts are presented").  One of these lines alone is none: Markdown underlines
headings with ``=``, and quotes with ``>``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from embedai_nb.errors import ConflictMarkersError
from embedai_nb.i18n import _

__all__ = ["MARKER", "MarkedConflict", "Version", "find_conflicts", "line_ranges", "one_version", "refuse_conflicts"]

Version: TypeAlias = Literal["ours", "base", "theirs"]

MARKER = re.compile(r"(?P<marker>(?P<sign>[<|=>])(?P=sign){6,})(?: .*)?", re.DOTALL)
"""A line that may be one, without its end."""


class MarkedConflict(NamedTuple):
    """The lines of the markers of one conflict, from 1.

    Args:
        base: of ``|||||||``; ``None`` where the common version is not shown.
        middle: of ``=======``; ``None`` where somebody removed it.
    """

    first: int
    base: int | None
    middle: int | None
    last: int


def find_conflicts(text: str) -> tuple[MarkedConflict, ...]:
    """Find all conflicts in a text; a fast test for nearly all texts, which have none."""
    return tuple(_conflicts(text)) if "<<<<<<<" in text and ">>>>>>>" in text else ()


def _conflicts(text: str) -> Iterator[MarkedConflict]:
    size = first = 0
    base = middle = None
    for number, line in enumerate(_lines(text), 1):
        found = MARKER.fullmatch(line.rstrip("\r\n"))
        if found is None or not (found["sign"] == "<" or len(found["marker"]) == size):
            continue
        if found["sign"] == "<":
            size, first, base, middle = len(found["marker"]), number, None, None
        elif found["sign"] == "|" and base is None and middle is None:
            base = number
        elif found["sign"] == "=" and middle is None:
            middle = number
        elif found["sign"] == ">":
            yield MarkedConflict(first, base, middle, number)
            size = 0


def _lines(text: str) -> list[str]:
    """The lines as Git counts them, with their ends; `str.splitlines` ends them at other characters, too."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def line_ranges(conflicts: Sequence[MarkedConflict]) -> str:
    """Write the lines of conflicts: ``5-9, 30-41``."""
    return ", ".join(f"{each.first}-{each.last}" for each in conflicts)


def refuse_conflicts(text: str, path: Path, remedy: str) -> None:
    """Raise a ConflictMarkersError, with their lines, if the text has conflicts."""
    if conflicts := find_conflicts(text):
        problem = _("conflict markers of a merge in lines {lines}", lines=line_ranges(conflicts))
        raise ConflictMarkersError(problem, path=path, line=conflicts[0].first, remedy=remedy)


def one_version(text: str, version: Version) -> str | None:
    """Take one version of each conflict; ``None`` for a base that one of them does not show."""
    lines, kept, at = _lines(text), list[str](), 0
    for conflict in find_conflicts(text):
        if version == "base" and conflict.base is None:
            return None
        middle = conflict.middle or conflict.last
        spans = {
            "ours": (conflict.first, (conflict.base or middle) - 1),
            "base": (conflict.base or middle, middle - 1),
            "theirs": (middle, conflict.last - 1),
        }
        kept += lines[at : conflict.first - 1] + lines[slice(*spans[version])]
        at = conflict.last
    return "".join(kept + lines[at:])
