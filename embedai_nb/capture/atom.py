"""Read the first entry of an Atom feed (RFC 4287) by expat's events: no tree, no entities, nothing loaded.

Namespaces are left to their usual prefixes: expat would copy a namespace of megabytes for every element in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias
from xml.parsers import expat

__all__ = ["Entry", "first_entry"]

Entry: TypeAlias = Mapping[str, Sequence[str]]
"""The texts of the elements of an entry, by their path in it: ``author/name``."""

MAX_FEED = 1_000_000
"""Characters that are read: a feed of one entry with three thousand authors has half of them."""
MAX_DEPTH = 100
MAX_NAME = 100
"""Characters of an element's name."""
MAX_TEXT = 20_000
"""Characters from which on no more of a text is kept."""


def first_entry(feed: str) -> Entry | None:
    """The texts of the first entry; None if the feed has none.

    Raises:
        ValueError: it is no XML, has a DTD, or is larger or deeper than is read.
    """
    if len(feed) > MAX_FEED:
        raise ValueError("too large")
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")  # what it declares no longer matters: it is decoded
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(feed.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from None
    return reader.entry


def _refuse(*_: object) -> None:
    raise ValueError("a document type declaration")


class _Reader:
    """Collects the texts of the first entry."""

    def __init__(self) -> None:
        self.entry: dict[str, list[str]] | None = None
        self._path: list[str] = []
        self._inside = False

    def start(self, name: str, _attributes: object) -> None:
        if len(self._path) > MAX_DEPTH or len(name) > MAX_NAME:
            raise ValueError("deeper than any feed, or with longer names")
        self._path.append(name.rpartition(":")[2])
        if self._path == ["feed", "entry"] and self.entry is None:
            self.entry, self._inside = {}, True
        elif self._texts is not None:
            self._texts.append("")

    def end(self, _name: str) -> None:
        if self._path == ["feed", "entry"]:
            self._inside = False
        self._path.pop()

    def text(self, text: str) -> None:
        if (texts := self._texts) and len(texts[-1]) < MAX_TEXT:
            texts[-1] += text

    @property
    def _texts(self) -> list[str] | None:
        """The texts with the current path; None outside the entry, and too deep in it."""
        if not self._inside or self.entry is None or not 3 <= len(self._path) <= 4:
            return None
        return self.entry.setdefault("/".join(self._path[2:]), [])
