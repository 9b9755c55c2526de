"""Three-way merge of drafts: by value, as `embedai_nb.diff.merge` says, each entry in lines that somebody wrote.

An entry that only one side changed is taken as it is written there, with its comments; one that both changed is written
into the lines of ours, and keeps the comments of both.  What somebody has to choose stands between conflict markers:
whole entries, whose two versions differ in nothing but that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from embedai_nb.diff.keyed import KeyedIssue, KeyedSection, Value, aligned
from embedai_nb.diff.merge import Difference, Side, differences, merged, woven
from embedai_nb.drafts import fields
from embedai_nb.drafts.chunks import END, Chunk, Cut, UncuttableError, comments, cut, key_of, shifted
from embedai_nb.drafts.splice import same, splice
from embedai_nb.drafts.store import HEAD, Draft, parse_draft, with_issue
from embedai_nb.drafts.yaml_reader import Source, line_end, read
from embedai_nb.drafts.yaml_writer import dump
from embedai_nb.errors import DraftError
from embedai_nb.model import Issue, Section
from embedai_nb.text.conflict_markers import one_version
from embedai_nb.text.dates import parse_date

__all__ = ["DraftMerge", "Marked"]

Chunks = Sequence[tuple[str, str]]
"""Keys and texts of a draft, in their order."""


class Marked(NamedTuple):
    """The text of a merge; ``conflicts``: how many it has, between markers."""

    text: str
    conflicts: int


@dataclass(frozen=True)
class DraftMerge:
    """The merge of two drafts that come from one.

    Args:
        base: that one; ``None`` where both were begun by themselves.
        ours: the draft whose lines are kept where there is no reason to take others.
        theirs: the other one.
    """

    base: Draft | None
    ours: Draft
    theirs: Draft

    @cached_property
    def contents(self) -> tuple[KeyedIssue, KeyedIssue, KeyedIssue]:
        """Base, ours and theirs, with keys in common."""
        return aligned(self.base.issue if self.base else None, self.ours.issue, self.theirs.issue)

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """What differs between ours and theirs."""
        return differences(*self.contents)

    @property
    def questions(self) -> tuple[Difference, ...]:
        """The differences that somebody has to decide: both sides changed the same."""
        return tuple(each for each in self.differences if each.both)

    def resolved(self, choices: Mapping[str, Side]) -> Draft:
        """The draft that these choices give; what is left out is as suggested."""
        wanted = merged(*self.contents, choices)
        with suppress(UncuttableError):
            text = "".join(text for _, text in self._composer(_source).compose(wanted))
            if self._says(text, wanted):
                return self._parsed(text, wanted)
        return with_issue(self.ours, wanted.issue)

    def marked(self, labels: tuple[str, str] = ("ours", "theirs"), size: int = 7) -> Marked:
        """The text of the merge, with markers around what has to be decided.

        Args:
            labels: stand behind the first and the last marker.
            size: characters of a marker.
        """
        if not self.questions:
            return Marked(self.resolved({}).bytes.decode(), 0)
        ours, theirs = (merged(*self.contents, {each.name: side for each in self.questions}) for side in SIDES)
        for source_of in (_source, _source_written_anew):
            with suppress(UncuttableError):
                composer = self._composer(source_of)
                chunks = composer.compose(ours), composer.compose(theirs)
                found = _marked(*chunks, {part.key for each in (ours, theirs) for part in each.parts}, labels, size)
                versions = one_version(found.text, "ours") or "", one_version(found.text, "theirs") or ""
                if self._says(versions[0], ours) and self._says(versions[1], theirs):
                    return found._replace(text=self._with_line_ends(found.text))
        mine, other = (with_issue(self.ours, wanted.issue).source.text for wanted in (ours, theirs))
        return Marked(self._with_line_ends(_between_markers(mine, other, labels, size)), 1)

    def _composer(self, source_of: Callable[[Draft], Source]) -> _Composer:
        """Compose of these sources; raises an UncuttableError where they can't be cut into lines."""
        base, ours, theirs = self.contents
        first = _cut_or_nothing(source_of(self.base), base) if self.base else Cut({}, {})
        return _Composer(first, cut(source_of(self.ours), ours), cut(source_of(self.theirs), theirs))

    def _says(self, text: str, wanted: KeyedIssue) -> bool:
        with suppress(DraftError):
            return same(fields.dump_issue(self._parsed(text, wanted).issue), fields.dump_issue(wanted.issue))
        return False

    def _parsed(self, text: str, wanted: KeyedIssue) -> Draft:
        return parse_draft(self._with_line_ends(text).encode(), self.ours.path, wanted.frame.date)

    def _with_line_ends(self, text: str) -> str:
        return text.replace("\n", line_end(self.ours.bytes))


SIDES: tuple[Side, Side] = ("ours", "theirs")


def _source(draft: Draft) -> Source:
    return draft.source


def _source_written_anew(draft: Draft) -> Source:
    """As this program would write it, which can be cut in any case; comments are lost."""
    return read(HEAD + dump(fields.dump_issue(draft.issue)), draft.path)


def _cut_or_nothing(source: Source, content: KeyedIssue) -> Cut:
    with suppress(UncuttableError):
        return cut(source, content)
    return Cut({}, {})


# --- markers --------------------------------------------------------------------------------------------------


def _marked(ours: Chunks, theirs: Chunks, headings: Set[str], labels: tuple[str, str], size: int) -> Marked:
    """Put markers around the chunks that differ; ``headings``: the keys of sections, which own what follows."""
    text, conflicts = "", 0
    for mine, other in _aligned_chunks(ours, theirs, headings):
        if mine == other:
            text += mine
        else:
            text += _between_markers(mine, other, labels, size)
            conflicts += 1
    return Marked(text, conflicts)


def _between_markers(ours: str, theirs: str, labels: tuple[str, str], size: int) -> str:
    return f"{'<' * size} {labels[0]}\n{ours}{'=' * size}\n{theirs}{'>' * size} {labels[1]}\n"


def _aligned_chunks(ours: Chunks, theirs: Chunks, headings: Set[str]) -> Iterator[tuple[str, str]]:
    """Pairs of texts that stand for each other: of one entry, or where entries have moved, of all between."""
    keys = [[key for key, _ in side] for side in (ours, theirs)]
    for a, b, c, d in _spans(*keys):
        mine, other = ([text for _, text in side] for side in (ours[a:b], theirs[c:d]))
        if keys[0][a:b] == keys[1][c:d]:
            yield from zip(mine, other, strict=True)
        elif {*keys[0][a:b], *keys[1][c:d]} & {*keys[0]} & {*keys[1]} or headings & {*keys[0][a:b], *keys[1][c:d]}:
            yield "".join(mine), "".join(other)
        else:
            yield from [(text, "") for text in mine] + [("", text) for text in other]


def _spans(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Spans of two orders that have the same keys, as far as both have them at all."""
    both, begin = {*ours} & {*theirs}, None
    for _, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        first = begin or (a, c)
        begin = first if ({*ours[first[0] : b]} ^ {*theirs[first[1] : d]}) & both else None
        if begin is None:
            yield first[0], b, first[1], d


# --- composing ------------------------------------------------------------------------------------------------

BLANK = Issue(date=parse_date("2000-01-01"))
BEFORE_DATE = "schema: 1\n"
BEFORE_KEY = f"{BEFORE_DATE}date: {BLANK.date}\n"
BEFORE_WARMUP = f"{BEFORE_KEY}warmups:\n"
BEFORE_SECTION = f"{BEFORE_KEY}sections:\n"
BEFORE_ITEM = f"{BEFORE_SECTION}- name: x\n  items:\n"
"""What makes a draft of the text of a chunk alone."""

STEP = 2


class _Wanted(NamedTuple):
    """What a chunk is to say: ``before`` and the chunk are the draft of this issue."""

    before: str
    issue: Issue


class _Composer:
    """Writes a draft of the chunks of others."""

    def __init__(self, base: Cut, ours: Cut, theirs: Cut) -> None:
        self.cuts = base, ours, theirs
        self.columns = theirs.columns | ours.columns

    def compose(self, wanted: KeyedIssue) -> Chunks:
        """The chunks of a draft that says this."""
        return [(key, text) for key, text in self._chunks(wanted) if text]

    def _chunks(self, wanted: KeyedIssue) -> Iterator[tuple[str, str]]:
        names = ([key for key in each.chunks if key.endswith(":")] for each in self.cuts[1:])
        for key in woven(*names):
            name = key.removesuffix(":")
            if name == "warmups":
                yield key, self._heading(key, wanted.warmups)
                yield from (self._entry(key, entry.key, entry.value) for entry in wanted.warmups)
            elif name == "sections":
                yield key, self._heading(key, wanted.parts)
                for part in wanted.parts:
                    yield part.key, self._section(part)
                    yield from (self._entry(part.key, entry.key, entry.value) for entry in part.entries)
            else:
                yield key, self._text(key, 0, _wanted_key(name, wanted.frame))
        yield END, self._text(END, 0, None)

    def _heading(self, key: str, entries: Sequence[object]) -> str:
        """The line of the key of a list; in a list without entries it may say so."""
        text = self._text(key, 0, None)
        return _opened(text, key) if entries else text

    def _section(self, part: KeyedSection) -> str:
        column = self._column(key_of("sections"), 0)
        section = part.value.model_copy(update={"items": ()})
        text = self._text(part.key, column, _Wanted(BEFORE_SECTION, _issue(sections=(section,))))
        return _opened(text, " " * (column + STEP) + "items:") if part.entries else text

    def _entry(self, list_key: str, key: str, value: Value) -> tuple[str, str]:
        if list_key == key_of("warmups"):
            wanted = _Wanted(BEFORE_WARMUP, _issue(warmups=(value,)))
            return key, self._text(key, self._column(list_key, 0), wanted)
        section = Section(name="x").model_copy(update={"items": (value,)})
        column = self._column(list_key, self._column(key_of("sections"), 0) + STEP)
        return key, self._text(key, column, _Wanted(BEFORE_ITEM, _issue(sections=(section,))))

    def _column(self, list_key: str, around: int) -> int:
        return self.columns.get(list_key, around + STEP)

    def _text(self, key: str, column: int, wanted: _Wanted | None) -> str:
        """The text of a chunk: that of the one side that changed it, else ours, made to say what is wanted."""
        base, ours, theirs = (shifted(chunk, column) if (chunk := each.chunks.get(key)) else "" for each in self.cuts)
        first, second = (theirs, ours) if ours == base else (ours, theirs)
        if wanted is None:
            return _with_comments(first or second, (base, ours, theirs), column, "")
        text = first or ("" if _says("", wanted) else second)
        if not _says(text, wanted):
            text = _rewritten(text, column, wanted)
        return _with_comments(text, (base, ours, theirs), column, wanted.before) if text else ""


def _wanted_key(name: str, frame: Issue) -> _Wanted | None:
    """What a key of the draft is to say; the program knows but one schema."""
    if name == "schema":
        return None
    if name == "date":
        return _Wanted(BEFORE_DATE, _issue(date=frame.date))
    return _Wanted(BEFORE_KEY, _issue(**{name: getattr(frame, name)}))


def _issue(**values: object) -> Issue:
    return BLANK.model_copy(update=values)


def _opened(text: str, key: str) -> str:
    """The heading of a list that gets entries: with its key, which has no value."""
    lines = text.splitlines(keepends=True)
    line = next((n for n, each in enumerate(lines) if each.startswith(key)), None)
    if line is None:
        return f"{text}{key}\n"
    rest = lines[line].removeprefix(key).strip()
    lines[line] = f"{key}\n" if rest.startswith(("[", "~", "null")) else lines[line]
    return "".join(lines)


def _parsed(text: str, wanted: _Wanted) -> tuple[Source, Issue]:
    source = read(wanted.before + text, Path())
    return source, fields.parse_issue(source)


def _says(text: str, wanted: _Wanted) -> bool:
    with suppress(DraftError):
        return same(fields.dump_issue(_parsed(text, wanted)[1]), fields.dump_issue(wanted.issue))
    return False


def _rewritten(text: str, column: int, wanted: _Wanted) -> str:
    """Splice what is wanted into a text; write it anew where that is impossible."""
    with suppress(DraftError):
        source, issue = _parsed(text, wanted)
        spliced = splice(source, fields.dump_issue(issue), fields.dump_issue(wanted.issue))
        new = spliced.removeprefix(wanted.before)
        if text and spliced.startswith(wanted.before) and _says(new, wanted):
            return new
    whole, last = dump(fields.dump_issue(wanted.issue)), wanted.before.rstrip().rpartition("\n")[2].strip()
    lines = whole[whole.index(f"{last}\n") + len(last) + 1 :]
    return shifted(Chunk(lines, len(lines) - len(lines.lstrip(" "))), column)


def _with_comments(text: str, versions: tuple[str, str, str], column: int, before: str) -> str:
    """Add the comments that a side has added and the text does not have, above it."""
    base, *sides = (_comments(before + version) for version in versions)
    there = {*base, *_comments(before + text)}
    missing = [comment for side in sides for comment in side if comment not in there]
    return "".join(f"{' ' * column}{comment}\n" for comment in dict.fromkeys(missing)) + text


def _comments(text: str) -> list[str]:
    with suppress(DraftError):
        return comments(read(text, Path()))
    return [line.strip() for line in text.splitlines() if line.lstrip().startswith("#")]
