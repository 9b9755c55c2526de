"""Full-text index of the site: bigrams of characters → the issues that contain them.

Every pair of neighbouring characters is indexed, whatever the script, so that no text is missed.  search.js fetches
the pages that have all pairs of a query, and shows the items that contain the query itself.

An index of words would need Chinese segmented into words, and miss a word that the segmentation has within another.

Issues are indexed in segments, numbered from the oldest: a full segment never changes, and only one is in memory.
A segment is split into shards, one file each, by a hash of the pair; a query needs one or two of them.
"""

from __future__ import annotations

import json
import operator
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from weakref import WeakValueDictionary

from embedai_nb.site.issue_entry import IssueEntry
from embedai_nb.site.site_file import SiteFile, WriteFile, fingerprint
from embedai_nb.text.folding import conversions, fold
from embedai_nb.text.search_terms import DIGITS, LETTER

__all__ = ["SEGMENT", "SearchIndex", "folding", "grams", "segment_count", "shard"]

SEGMENT = 128
"""Issues in a segment."""

SHARDS = 32
"""Files that a segment is split into."""

FIRST = 0x100
"""Code point of the character that stands for the oldest issue of a segment; the next one for the next issue."""


MARKS = re.compile(rf"(?<={LETTER})[\W_]+(?={DIGITS})|(?<=[0-9])[\W_]+(?={LETTER})")
"""What may stand between the letters and digits of a term: 7 nm is 7nm."""


def grams(text: str) -> list[str]:
    """Characters and pairs of neighbouring characters within the words of a text, each once; `grams` in search.js."""
    folded = MARKS.sub("", fold(text))
    pairs = map(operator.add, folded, folded[1:])
    return list(filter(str.isalnum, dict.fromkeys(chain(folded, pairs))))


def folding() -> str:
    """Content of the file with the characters that search.js cannot fold by itself, and what they are folded into."""
    return _json(conversions())


def shard(gram: str) -> int:
    """Number of the shard that has a gram."""
    total = 0
    for sign in gram:
        total = total * 31 + ord(sign)
    return total % SHARDS


def segment_count(total: int) -> int:
    """Number of segments of so many issues."""
    return -(-total // SEGMENT)


@dataclass
class SearchIndex:
    """Writes the index while issues are added, the newest first.

    Args:
        total: number of issues that will be added.
        write: called with each file.
    """

    total: int
    write: WriteFile
    _entries: list[IssueEntry] = field(default_factory=list)
    _seen: int = 0

    def add(self, entry: IssueEntry) -> None:
        """Add the next issue, older than all before it."""
        number = self.total - 1 - self._seen
        self._seen += 1
        self._entries.append(entry)
        if number % SEGMENT == 0:
            self._write_segment(number // SEGMENT, tuple(self._entries))
            self._entries.clear()

    def _write_segment(self, number: int, entries: tuple[IssueEntry, ...]) -> None:
        segment = _segments.setdefault(entries, Segment(entries))
        made_of = (fingerprint("segment", entries),)
        self.write(SiteFile(f"search/{number}/issues.json", made_of, segment.dates))
        for place in range(SHARDS):
            self.write(SiteFile(f"search/{number}/{place}.json", made_of, partial(segment.shard, place)))


class Segment:
    """Index of the issues of a segment, computed when one of its files is first rendered.

    Args:
        entries: the issues, the newest first.
    """

    def __init__(self, entries: tuple[IssueEntry, ...]) -> None:
        self.entries = entries

    def dates(self) -> str:
        """Content of the file with the pages of the issues, without their ending, the oldest first."""
        return _json([entry.file.removesuffix(".html") for entry in reversed(self.entries)])

    def shard(self, number: int) -> str:
        """Content of a shard: each gram with the issues that contain it."""
        return self._shards[number]

    @cached_property
    def _shards(self) -> tuple[str, ...]:
        issues = self._issues()
        spread: list[dict[str, str]] = [{} for _ in range(SHARDS)]
        for gram in sorted(issues):
            spread[shard(gram)][gram] = "".join(issues[gram])
        return tuple(map(_json, spread))

    def _issues(self) -> dict[str, list[str]]:
        found = defaultdict[str, list[str]](list)
        for place, entry in enumerate(self.entries, 1):
            sign = chr(FIRST + len(self.entries) - place)
            for gram in entry.load_grams() if entry.load_grams else grams(entry.searched_text):
                found[gram].append(sign)
        return found


_segments: WeakValueDictionary[tuple[IssueEntry, ...], Segment] = WeakValueDictionary()
"""Segments in use: a preview that is generated again reuses those whose issues are the same."""


def _json(content: dict[str, str] | list[str]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
