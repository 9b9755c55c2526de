"""Read links from notes: a text file, or a folder of them, as a telephone's notebook syncs it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

from embedai_nb.capture import parse_pasted
from embedai_nb.inbox.feed_reader import Feed, SourceEntry

__all__ = ["read_notes"]

ENDINGS = {".md", ".txt"}
MOST_BYTES = 1_000_000
"""Larger files are no notes."""


def read_notes(path: Path, own: Path) -> Feed:
    """Read the links of a file, or of the text files in a folder.

    Args:
        path: the file or folder.
        own: the file in which this package keeps decisions; it holds links, but is no note.

    Raises:
        OSError: there is none.
    """
    files = sorted(each for each in path.iterdir() if _is_note(each, own)) if path.is_dir() else [path]
    return Feed("", tuple(entry for file in files for entry in _entries(file)))


def _is_note(path: Path, own: Path) -> bool:
    return path.suffix in ENDINGS and path != own and path.is_file() and path.stat().st_size <= MOST_BYTES


def _entries(path: Path) -> Iterator[SourceEntry]:
    """Its links, dated by the day when the file was written."""
    written = datetime.datetime.fromtimestamp(path.stat().st_mtime).astimezone().date().isoformat()
    for pasted in parse_pasted(path.read_text("utf-8", "replace")):
        item = pasted.item
        url = item.url or (f"https://github.com/{item.repo}" if item.repo else "")
        url = url or (f"https://arxiv.org/abs/{item.tags[0]}" if item.tags else "")
        if url:
            yield SourceEntry(item.title, url, written, text="\n".join(pasted.around))
