"""Full-text index of the site: bigrams of characters → the issues that contain them.

Every pair of neighbouring characters is indexed, whatever the script, so that no text is missed.  search.js fetches
the pages that have all pairs of a query, and shows the items that contain the query itself.

An index of words would need Chinese segmented into words, and miss a word that the segmentation has within another.

Issues are indexed in segments, numbered from the oldest: issues to come leave a full segment alone, and only one is in
memory.  A segment is split into shards, one file each, by a hash of the pair; a query needs one or two of them.  A shard
is made of what its issues have in it: another word in an issue changes a few shards.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from weakref import WeakValueDictionary

from embedai_nb.site.grams import SHARDS, grams_by_shard
from embedai_nb.site.issue_entry import IssueEntry
from embedai_nb.site.site_file import SiteFile, WriteFile
from embedai_nb.text.folding import conversions

__all__ = ["SEGMENT", "SearchIndex", "folding", "segment_count"]

SEGMENT = 128
"""Issues in a segment."""

FIRST = 0x100
"""Code point of the character that stands for the oldest issue of a segment; the next one for the next issue."""


def folding() -> str:
    """Content of the file with the characters that search.js cannot fold by itself, and what they are folded into."""
    return _json(conversions())


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
        pages = tuple(segment.pages)
        self.write(SiteFile(f"search/{number}/issues.json", pages, segment.issues))
        for place, made_of in enumerate(zip(*map(_gram_digests, entries), strict=True)):
            self.write(SiteFile(f"search/{number}/{place}.json", made_of, partial(segment.shard, place)))


def _gram_digests(entry: IssueEntry) -> Sequence[str]:
    """Digests of what an issue has in each shard; of all of it where the grams are not yet known."""
    return entry.grams.digests if entry.grams else (repr(entry),) * SHARDS


class Segment:
    """Index of the issues of a segment; their grams are loaded when one of its shards is first rendered.

    Args:
        entries: the issues, the newest first.
    """

    def __init__(self, entries: tuple[IssueEntry, ...]) -> None:
        self.entries = entries

    @property
    def pages(self) -> list[str]:
        """The pages of the issues, without their ending, the oldest first."""
        return [entry.file.removesuffix(".html") for entry in reversed(self.entries)]

    def issues(self) -> str:
        """Content of the file with the pages."""
        return _json(self.pages)

    def shard(self, number: int) -> str:
        """Content of a shard: each gram with the issues that contain it."""
        found = defaultdict[str, list[str]](list)
        for place, grams in enumerate(self._grams, 1):
            sign = chr(FIRST + len(self.entries) - place)
            for gram in grams[number].split():
                found[gram].append(sign)
        return _json({gram: "".join(found[gram]) for gram in sorted(found)})

    @cached_property
    def _grams(self) -> list[Sequence[str]]:
        """What each issue has in each shard."""
        return [entry.grams.load() if entry.grams else grams_by_shard(entry.searched_text) for entry in self.entries]


_segments: WeakValueDictionary[tuple[IssueEntry, ...], Segment] = WeakValueDictionary()
"""Segments in use: a preview that is generated again reuses those whose issues are the same."""


def _json(content: dict[str, str] | list[str]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
