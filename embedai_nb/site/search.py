"""The index of the search: which issues may hold some text.

Pagefind was measured first: on 26 real issues it finds 92 % of the pages that hold one of 50 words (芯片: 4 of 26),
because it cuts Chinese into words and a word within another is lost; 11 % of what it finds is wrong.  Here every
pair of neighbouring characters is indexed, whatever the script, so that no text is missed.  search.js then reads
the pages that have all pairs of a query, and shows the items that hold the query itself.

Issues are indexed in segments, counted from the oldest: a full one never changes, and only one is in memory.
A segment is spread over some files by a hash of the pair, of which a query needs one or two.
"""

from __future__ import annotations

import datetime
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from embedai_nb.site.entry import Entry, without_tags

__all__ = ["SEGMENT", "Index", "grams", "normal", "segments", "shard"]

SEGMENT = 128
"""Issues in a segment."""

SHARDS = 32
"""Files of a segment."""

FIRST = 0x100
"""The character that stands for the oldest issue of a segment; the next one for the next issue."""

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
OTHER_SPACES = "\x85\u1680\u2028\u2029"

MAIN = re.compile(r"<h1>.*?</h1>|<main>.*</main>", re.DOTALL)


class _Normal(dict[int, str]):
    """What a character is looked for as: full width as half width, capitals as small letters; see `normal` in search.js."""

    def __missing__(self, code: int) -> str:
        text = "" if chr(code) in INVISIBLE else unicodedata.normalize("NFKC", chr(code)).lower()
        self[code] = "".join(" " if sign <= " " or sign in OTHER_SPACES else sign for sign in text)
        return self[code]


_NORMAL = _Normal()


def normal(text: str) -> str:
    """``text`` as it is compared."""
    return re.sub(" +", " ", text.translate(_NORMAL)).strip(" ")


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
class Index:
    """The index, written while the issues come by, the newest first.

    Args:
        total: how many issues will come.
        write: takes path and content of each file.
    """

    total: int
    write: Callable[[str, str], None]
    _dates: list[datetime.date] = field(default_factory=list)
    _issues: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _seen: int = 0

    def add(self, entry: Entry) -> None:
        """The next issue, older than all before it."""
        number = self.total - 1 - self._seen
        self._seen += 1
        self._dates.append(entry.date)
        sign = chr(FIRST + number % SEGMENT)
        text = " ".join(map(without_tags, MAIN.findall(entry.html)))
        for gram in grams(normal(text)):
            self._issues[gram].append(sign)
        if number % SEGMENT == 0:
            self._write_segment(number // SEGMENT)

    def _write_segment(self, segment: int) -> None:
        self._put(f"search/{segment}/issues.json", [str(date) for date in reversed(self._dates)])
        for number, found in enumerate(self._shards()):
            self._put(f"search/{segment}/{number}.json", found)
        self._dates.clear()
        self._issues.clear()

    def _shards(self) -> Iterator[dict[str, str]]:
        spread: list[dict[str, str]] = [{} for _ in range(SHARDS)]
        for gram in sorted(self._issues):
            spread[shard(gram)][gram] = "".join(self._issues[gram])
        yield from spread

    def _put(self, path: str, content: dict[str, str] | Iterable[str]) -> None:
        self.write(path, json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n")
