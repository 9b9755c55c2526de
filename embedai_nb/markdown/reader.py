"""Archive Markdown → Issue.  What the grammar does not know stays where it stood, as raw text; nothing is dropped."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

from embedai_nb.errors import DraftError
from embedai_nb.markdown import grammar
from embedai_nb.markdown.grammar import squeeze
from embedai_nb.markdown.writer import write_item, write_warmup, writes
from embedai_nb.model import CLOSING_MARKS, Issue, Item, Newsletter, Raw, Section, Warmup

ROUNDS = 4
"""How often a text is written and read again until that changes nothing; two have always been enough."""


@dataclass(frozen=True)
class Remark:
    """Something that reading did to a line: kept it raw, or wrote it otherwise."""

    line: int
    kind: Literal["raw", "normalised"]
    text: str


@dataclass(frozen=True)
class Reading:
    """An issue and what became of the text it was read from."""

    issue: Issue
    remarks: tuple[Remark, ...]
    title_date: datetime.date | None


def reads(text: str, newsletter: Newsletter) -> Issue:
    """The issue that ``text`` describes; the inverse of ``writes``.

    Raises:
        DraftError: the title has no date.
    """
    return read(text, newsletter).issue


def read(text: str, newsletter: Newsletter, *, date: datetime.date | None = None) -> Reading:
    """Read an issue, with a report.

    Args:
        text: Markdown in the archive format, or any other text.
        date: taken when the title has none.

    Raises:
        DraftError: no date, neither in the title nor as an argument.
    """
    lines = _lines(text)
    title_date = _title_date(lines)
    if (known := title_date or date) is None:
        raise DraftError("no date in the title", line=1, field="date", remedy="name the date with --date YYYY-MM-DD")
    issue = _settled(lines, newsletter, known)
    return Reading(issue, tuple(_remarks(text, lines, issue, newsletter)), title_date)


def _lines(text: str) -> list[str]:
    text = re.sub(r"\A[\s\ufeff]*\ufeff", "", text).replace("\r\n", "\n").replace("\r", "\n")
    return [line.expandtabs(4).rstrip() for line in text.split("\n")]


def _settled(lines: Sequence[str], newsletter: Newsletter, date: datetime.date) -> Issue:
    """The reading that writing and reading again leaves alone; all raw if there is none that keeps every character."""
    issue = _Reader(lines, newsletter, date).issue()
    for _ in range(ROUNDS):
        written = writes(issue, newsletter)
        if _lines(written) == lines:
            return issue
        again = _Reader(_lines(written), newsletter, date).issue()
        if again == issue and not _lost(lines, written, newsletter):
            return issue
        issue = again
    return Issue(date=date, imported=True, heading="", before="\n".join(lines))


def _lost(lines: Iterable[str], written: str, newsletter: Newsletter) -> bool:
    """Whether a character is gone that is neither white space nor the bullet and closing mark of a warm-up."""
    return _comparable(lines, newsletter) != _comparable(_lines(written), newsletter)


def _comparable(lines: Iterable[str], newsletter: Newsletter) -> str:
    kept, preamble = [], True
    marks = squeeze(CLOSING_MARKS + newsletter.marks.item_end + newsletter.marks.list_end)
    for line in lines:
        preamble = preamble and not grammar.SECTION.fullmatch(line)
        found = grammar.WARMUP.fullmatch(line) if preamble else None
        kept.append(squeeze(found["text"]).rstrip(marks) if found else squeeze(line))
    return "".join(kept)


# --- the report -----------------------------------------------------------------------------------------------


def _remarks(text: str, lines: Sequence[str], issue: Issue, newsletter: Newsletter) -> Iterator[Remark]:
    if text.startswith("\ufeff"):
        yield Remark(1, "normalised", "byte order mark removed")
    for sign, name in (("\r", "carriage return removed"), ("\t", "tab made spaces")):
        if sign in text:
            yield Remark(text[: text.index(sign)].count("\n") + 1, "normalised", name)
    yield from sorted([*_raw(lines, issue), *_rewritten(lines, issue, newsletter)], key=lambda remark: remark.line)


def _raw(lines: Sequence[str], issue: Issue) -> Iterator[Remark]:
    """Where each raw block stood: the blocks come in the order of the lines."""
    blocks = [issue.before, *(w.raw for w in issue.warmups if isinstance(w, Raw)), issue.after]
    blocks += [item.raw for section in issue.sections for item in section.items if isinstance(item, Raw)]
    number = 0
    for block in filter(None, blocks):
        first = block.split("\n", 1)[0].strip()
        number = next((n for n in range(number, len(lines)) if lines[n].strip() == first), number)
        yield Remark(number + 1, "raw", first)
        number += 1


def _rewritten(lines: Sequence[str], issue: Issue, newsletter: Newsletter) -> Iterator[Remark]:
    """The lines whose characters changed, white space aside."""
    old = [(n, "".join(line.split())) for n, line in enumerate(lines, 1) if line.strip()]
    new = ["".join(line.split()) for line in _lines(writes(issue, newsletter)) if line.strip()]
    matcher = SequenceMatcher(None, [line for _, line in old], new, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        joined = "".join(new[c:d])
        if tag == "equal" or "".join(line for _, line in old[a:b]) == joined:
            continue  # lines that were only split or joined
        pairs = zip(old[a:b], new[c:d], strict=True) if b - a == d - c else ((line, joined) for line in old[a:b])
        yield from (Remark(n, "normalised", _change(was, now)) for (n, was), now in pairs if was != now)


def _change(was: str, now: str) -> str:
    """The characters that differ, as ``':' → '：'``."""
    changes = SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    return ", ".join(f"{was[a:b]!r} → {now[c:d]!r}" for tag, a, b, c, d in changes if tag != "equal")


# --- the title ------------------------------------------------------------------------------------------------


def _title_date(lines: Sequence[str]) -> datetime.date | None:
    index = _title_index(lines)
    found = None if index is None else grammar.DATED_TITLE.fullmatch(lines[index])
    try:
        return datetime.date.fromisoformat(found["date"]) if found else None
    except ValueError:
        return None


def _title_index(lines: Sequence[str]) -> int | None:
    for index, line in enumerate(lines):
        if grammar.TITLE.fullmatch(line):
            return index
        if grammar.SECTION.fullmatch(line):
            return None
    return None


# --- the parts, in their order --------------------------------------------------------------------------------


class _Reader:
    """Goes down the lines once; every method takes what is its own and leaves the rest."""

    def __init__(self, lines: Sequence[str], newsletter: Newsletter, date: datetime.date) -> None:
        self.lines = lines
        self.newsletter = newsletter
        self.date = date

    def issue(self) -> Issue:
        title = _title_index(self.lines)
        sections = self._section_starts(0 if title is None else title + 1)
        closing = self._closing_start(sections[-1] if sections else (-1 if title is None else title))
        ends = [*sections, closing]
        parts = {"heading": ""} if title is None else self._title(title)
        return Issue.model_validate(
            {"date": self.date, "imported": True}
            | parts
            | self._preamble(0 if title is None else title + 1, ends[0])
            | {"sections": [self._section(a, b) for a, b in pairwise(ends)]}
            | ({"closing": "\n".join(self.lines[closing:])} if "".join(self.lines[closing:]) else {})
        )

    def _section_starts(self, start: int) -> list[int]:
        """The headings of sections; back issues after the last of them belong to the closing."""
        starts = [n for n in range(start, len(self.lines)) if grammar.SECTION.fullmatch(self.lines[n])]
        while starts and self.newsletter.back_issues in self.lines[starts[-1]]:
            starts.pop()
        return starts

    def _closing_start(self, heading: int) -> int:
        """Where the closing begins: at back issues, a rule, or a note behind the last item."""
        start = next(
            (
                n
                for n in range(heading + 1, len(self.lines))
                if grammar.RULE.fullmatch(self.lines[n]) or grammar.SECTION.fullmatch(self.lines[n])
            ),
            len(self.lines),
        )
        first = heading + 1 if heading >= 0 and grammar.SECTION.fullmatch(self.lines[heading]) else start
        while start > first and (not self.lines[start - 1] or grammar.QUOTE.match(self.lines[start - 1])):
            start -= 1
        note_of_section = not any(self.lines[heading + 1 : start])
        return self._skip(self._quote(self._skip(heading + 1), len(self.lines))[1] if note_of_section else start)

    def _skip(self, start: int) -> int:
        """The first line from ``start`` on that is not blank."""
        return next((n for n in range(start, len(self.lines)) if self.lines[n]), len(self.lines))

    def _title(self, index: int) -> dict[str, object]:
        front_matter = "\n".join(self.lines[:index])
        parts: dict[str, object] = {"front_matter": front_matter} if front_matter.strip() else {}
        found = grammar.DATED_TITLE.fullmatch(self.lines[index])
        if found is None:
            return parts | {"heading": self.lines[index]}
        keywords = found["keywords"].split("/") if found["keywords"] else []
        usual = squeeze(f"# {self.newsletter.name} ({self.date})") + (":" if keywords else "")
        heading = found["heading"] + found["separator"].strip()
        return parts | {"headline": keywords} | ({} if squeeze(heading) == usual else {"heading": heading})

    # What stands between the title and the first section.

    def _preamble(self, start: int, end: int) -> dict[str, object]:
        parts: dict[str, object] = {}
        start = self._skip(start)
        if start < end and (found := grammar.TAGLINE.fullmatch(self.lines[start])):
            parts["tagline"], start = found["tagline"], start + 1
        lead = self._find(start, end, self._is_lead)
        warmups = self._find(start if lead == end else lead + 1, end, grammar.WARMUP.fullmatch)
        intro = self._intro(start if lead == end else lead + 1, warmups, end)
        news = warmups if intro is None else intro
        note = self._find(start if lead == end else self._lead_end(lead, news), end, grammar.NOTE.match, after=warmups)
        if intro is not None and note < intro:
            note = self._find(intro, end, grammar.NOTE.match)
        parts["before"] = self._text(start, min(lead, news, note))
        if lead < end:
            parts["lead"] = self._lead(lead, min(news, note))
        if intro is not None:
            parts["intro"] = self.lines[intro]
            news += 1
        parts["warmups"] = list(self._warmups(news, note)) if news < note else []
        if note < end:
            parts["note"], note = self._quote(note, end)
            parts["after"] = self._text(note, end)
        return parts

    def _find(self, start: int, end: int, kind: Callable[[str], object], *, after: int | None = None) -> int:
        """The first line of this kind, not before ``after`` where that is within; else ``end``."""
        start = max(start, after) if after is not None and after < end else start
        return next((n for n in range(start, end) if kind(self.lines[n])), end)

    def _is_lead(self, line: str) -> object:
        return re.match(rf">\s*{re.escape(self.newsletter.lead_word)}\s*[：:]", line)

    def _lead_end(self, lead: int, news: int) -> int:
        """A quote may go on over the lines below it, up to a blank one."""
        return next((n for n in range(lead, news) if not self.lines[n]), news)

    def _lead(self, start: int, end: int) -> str:
        first = re.split(r"[：:]", self.lines[start], maxsplit=1)[1].strip()
        return self._text_of([first, *self.lines[start + 1 : end]])

    def _intro(self, start: int, warmups: int, end: int) -> int | None:
        """The sentence before the warm-ups: known by its words, or by where it stands and its colon."""
        words = (self.newsletter.intro, *self.newsletter.intro_words)
        for n in range(start, warmups):
            if 0 < len(self.lines[n]) < 60 and any(word and word in self.lines[n] for word in words):
                return None if grammar.QUOTE.match(self.lines[n]) else n
        last = next((n for n in range(warmups - 1, start - 1, -1) if self.lines[n]), None)
        if (
            warmups == end
            or last is None
            or self.lines[last][-1] not in "：:"
            or (last > start and self.lines[last - 1])
        ):
            return None
        return None if grammar.QUOTE.match(self.lines[last]) else last

    def _warmups(self, start: int, end: int) -> Iterator[Warmup | Raw]:
        for line in filter(None, self.lines[start:end]):
            found = grammar.WARMUP.fullmatch(line)
            warmup = grammar.warmup(found["text"], self.newsletter) if found else None
            kept = warmup and _comparable([write_warmup(warmup, self.newsletter)], self.newsletter)
            yield warmup if warmup and kept == _comparable([line], self.newsletter) else Raw(raw=line)

    def _quote(self, start: int, end: int) -> tuple[str, int]:
        """The quoted block at ``start``, its first mark taken off, and where it ends."""
        stop = next((n for n in range(start, end) if not grammar.QUOTE.match(self.lines[n])), end)
        lines = self.lines[start:stop]
        return "\n".join([lines[0][1:].strip(), *lines[1:]]) if lines else "", stop

    def _text(self, start: int, end: int) -> str:
        return self._text_of(self.lines[start:end])

    @staticmethod
    def _text_of(lines: Iterable[str]) -> str:
        return "\n".join(lines).strip("\n")

    # Sections.

    def _section(self, start: int, end: int) -> Section:
        found = grammar.SECTION.fullmatch(self.lines[start])
        note, first = None, self._skip(start + 1)
        if first < end and grammar.NOTE.match(self.lines[first]):
            note, start = self._quote(first, end)
            start -= 1
        return Section(name=found["name"] or "" if found else "", note=note, items=tuple(self._items(start + 1, end)))

    def _items(self, start: int, end: int) -> Iterator[Item | Raw]:
        while (start := self._skip(start)) < end:
            found = grammar.ITEM.fullmatch(self.lines[start])
            stop = self._block_end(start, end, item=bool(found))
            yield self._item(found["head"], start, stop) if found else Raw(raw=self._text(start, stop))
            start = stop

    def _block_end(self, start: int, end: int, *, item: bool) -> int:
        """An item goes on over blank lines, a raw block does not."""
        for n in range(start + 1, end):
            line = self.lines[n]
            if grammar.ITEM.fullmatch(line) or (grammar.INTERRUPTION.match(line) and item) or not (line or item):
                return n
        return end

    def _item(self, head: str, start: int, stop: int) -> Item | Raw:
        lines = self.lines[start:stop]
        body = grammar.body(filter(None, lines[1:]), self.newsletter.labels)
        item = grammar.item(head, body.text, body.fields)
        if squeeze(write_item(item, self.newsletter)) != squeeze("".join(lines)):
            return Raw(raw=self._text_of(lines))
        return item
