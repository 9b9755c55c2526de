"""The index of the search: which issues may hold some text.

Pagefind was measured first: on 26 real issues it finds 92 % of the pages that hold one of 50 words (芯片: 4 of 26),
because it cuts Chinese into words and a word within another is lost; 11 % of what it finds is wrong.  Here every
pair of neighbouring characters is indexed, whatever the script, so that no text is missed.  search.js then reads
the pages that have all pairs of a query, and shows the items that hold the query itself.

Issues are indexed in segments, counted from the oldest: a full one never changes, and only one is in memory.
A segment is spread over some files by a hash of the pair, of which a query needs one or two.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import pairwise
from weakref import WeakValueDictionary

from embedai_nb.site.issue_entry import IssueEntry
from embedai_nb.site.renderer import WriteFile
from embedai_nb.text.folding import normalized

__all__ = ["SEGMENT", "SearchIndex", "grams", "segments", "shard"]

SEGMENT = 128
"""Issues in a segment."""

SHARDS = 32
"""Files of a segment."""

FIRST = 0x100
"""The character that stands for the oldest issue of a segment; the next one for the next issue."""


def grams(text: str) -> set[str]:
    """The characters and pairs of characters of a normal text, but for spaces."""
    return {gram for word in set(text.split(" ")) for gram in (*word, *map("".join, pairwise(word)))}


def shard(gram: str) -> int:
    """The file that a gram is in."""
    total = 0
    for sign in gram:
        total = total * 31 + ord(sign)
    return total % SHARDS


def segments(total: int) -> int:
    """How many segments there are."""
    return -(-total // SEGMENT)


@dataclass
class SearchIndex:
    """The index, handed over while the issues come by, the newest first.

    Args:
        total: how many issues will come.
        put: takes path and content of each file.
    """

    total: int
    put: WriteFile
    _entries: list[IssueEntry] = field(default_factory=list)
    _seen: int = 0

    def add(self, entry: IssueEntry) -> None:
        """The next issue, older than all before it."""
        number = self.total - 1 - self._seen
        self._seen += 1
        self._entries.append(entry)
        if number % SEGMENT == 0:
            self._put_segment(number // SEGMENT, tuple(self._entries))
            self._entries.clear()

    def _put_segment(self, number: int, entries: tuple[IssueEntry, ...]) -> None:
        segment = _segments.setdefault(entries, Segment(entries))
        self.put(f"search/{number}/issues.json", segment.dates)
        for place in range(SHARDS):
            self.put(f"search/{number}/{place}.json", partial(segment.shard, place))


class Segment:
    """The index of some issues, made when one of its files is asked for.

    Args:
        entries: the issues, the newest first.
    """

    def __init__(self, entries: tuple[IssueEntry, ...]) -> None:
        self.entries = entries

    def dates(self) -> str:
        """The file that says which issues they are, the oldest first."""
        return _json([str(entry.date) for entry in reversed(self.entries)])

    def shard(self, number: int) -> str:
        """The file of some grams: each with the issues that have it."""
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
            for gram in grams(normalized(entry.searched_text)):
                found[gram].append(sign)
        return found


_segments: WeakValueDictionary[tuple[IssueEntry, ...], Segment] = WeakValueDictionary()
"""Those in use: a site that is made again takes over the ones whose issues are the same."""


def _json(content: dict[str, str] | list[str]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
