"""Archive Markdown → Issue.  What the grammar does not know stays where it stood, as raw text; nothing is dropped.

The blocks of the text are those of CommonMark, as GitHub reads it: a part of the issue is one whole block or several,
an item is an entry of a list.  An entry that would not be written back with the same blocks in it stays raw.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from markdown_it.token import Token

from embedai_nb.errors import DraftError
from embedai_nb.i18n import _
from embedai_nb.markdown import grammar
from embedai_nb.markdown.blocks import document_tokens
from embedai_nb.markdown.grammar import squeeze
from embedai_nb.markdown.liquid import unshielded
from embedai_nb.markdown.outline import same
from embedai_nb.markdown.references import written_out
from embedai_nb.markdown.report import Remark, comparable, lost, remarks
from embedai_nb.markdown.writer import write_item, write_warmup, writes
from embedai_nb.model import Issue, Item, Newsletter, Raw, Section, Warmup

ROUNDS = 4
"""How often a text is written and read again until that changes nothing; two have always been enough."""

FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(?:.*\n)*?---[ \t]*(?:\n|\Z)")
BLANK = re.compile(r"\s*")
MARKER = re.compile(r"(?P<indent> {0,3})(?P<mark>[-*+]|\d{1,9}[.)])(?P<gap> *)(?P<text>.*)")
CODE = ("fence", "code_block")


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
    return read_issue(text, newsletter)


def read_issue(text: str, newsletter: Newsletter, *, date: datetime.date | None = None) -> Issue:
    """The same, with a date for a title that has none."""
    lines = _lines(text)
    return _settled(lines, newsletter, _date(lines, date))


def read(text: str, newsletter: Newsletter, *, date: datetime.date | None = None) -> Reading:
    """Read an issue, with a report.

    Args:
        text: Markdown in the archive format, or any other text.
        date: taken when the title has none.

    Raises:
        DraftError: no date, neither in the title nor as an argument.
    """
    lines = _lines(text)
    issue = _settled(lines, newsletter, _date(lines, date))
    return Reading(issue, tuple(remarks(text, lines, issue, newsletter)), _title_date(lines))


def _date(lines: Sequence[str], given: datetime.date | None) -> datetime.date:
    if (known := _title_date(lines) or given) is None:
        raise DraftError(
            _("no date in the title"), line=1, field="date", remedy=_("name the date with --date YYYY-MM-DD")
        )
    return known


def _lines(text: str) -> list[str]:
    """The lines of a text, each as it is; white space at the end of a line is only of use in code."""
    text = re.sub(r"\A[\s\ufeff]*\ufeff", "", text).replace("\r\n", "\n").replace("\r", "\n")
    return unshielded(text).split("\n")


def _settled(lines: list[str], newsletter: Newsletter, date: datetime.date) -> Issue:
    """The reading that writing and reading again leaves alone; all raw if there is none that keeps every character."""
    reader = _Reader(lines, newsletter, date)
    issue, kept = reader.issue(), reader.written_out()
    for _round in range(ROUNDS):
        written = _lines(writes(issue, newsletter))
        if [line.rstrip() for line in written] == [line.rstrip() for line in lines]:
            return issue
        again = _Reader(written, newsletter, date).issue()
        if again == issue and not lost(kept, written, newsletter):
            return issue
        issue = again
    return Issue(date=date, imported=True, heading="", before="\n".join(lines))


# --- the title ------------------------------------------------------------------------------------------------


def _title_date(lines: Sequence[str]) -> datetime.date | None:
    index = _title_index(lines, _after_front_matter(lines))
    found = None if index is None else grammar.DATED_TITLE.fullmatch(lines[index].rstrip())
    try:
        return datetime.date.fromisoformat(found["date"]) if found else None
    except ValueError:
        return None


def _title_index(lines: Sequence[str], start: int) -> int | None:
    for index in range(start, len(lines)):
        if grammar.TITLE.fullmatch(lines[index]):
            return index
        if grammar.SECTION.fullmatch(lines[index].rstrip()):
            return None
    return None


def _after_front_matter(lines: Sequence[str]) -> int:
    """The first line behind Jekyll's front matter; 0 where there is none."""
    start = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if not lines or lines[start].rstrip() != "---":
        return 0
    end = next((n for n in range(start + 1, len(lines)) if lines[n].rstrip() == "---"), None)
    if end is None or any(grammar.SECTION.fullmatch(line.rstrip()) for line in lines[start + 1 : end]):
        return 0
    return end + 1


# --- blocks of the document -----------------------------------------------------------------------------------


class _Block(NamedTuple):
    """A block of the document, or an entry of a bulleted list."""

    kind: str
    start: int
    end: int
    tokens: Sequence[Token] = ()
    """What is in an entry of a list."""


def _blocks(tokens: Sequence[Token], lines: Sequence[str], offset: int) -> Iterator[_Block]:
    """The outermost blocks, bulleted lists taken apart, and the lines between them of which no token tells."""
    at = offset
    for block in _outermost(tokens, offset):
        start = next((n for n in range(at, block.start) if lines[n].strip()), None)
        if start is not None:
            yield _trimmed(_Block("definition", start, block.start), lines)
        yield _trimmed(block, lines)
        at = block.end
    start = next((n for n in range(at, len(lines)) if lines[n].strip()), None)
    if start is not None:
        yield _trimmed(_Block("definition", start, len(lines)), lines)


def _trimmed(block: _Block, lines: Sequence[str]) -> _Block:
    end = block.end
    while end > block.start + 1 and not lines[end - 1].strip():
        end -= 1
    return block._replace(end=end)


def _outermost(tokens: Sequence[Token], offset: int) -> Iterator[_Block]:
    opened = 0
    for n, token in enumerate(tokens):
        if token.map is None or token.nesting < 0:
            if token.type == "list_item_close" and token.level == 1 and opened:
                entry = tokens[opened]
                assert entry.map is not None, "an entry has lines"
                yield _Block("entry", entry.map[0] + offset, entry.map[1] + offset, tokens[opened + 1 : n])
                opened = 0
            continue
        if token.level == 0 and token.type != "bullet_list_open":
            if token.type != "inline":
                yield _Block(token.type.removesuffix("_open"), token.map[0] + offset, token.map[1] + offset)
        elif token.level == 1 and token.type == "list_item_open" and token.info == "":
            opened = n


class _Reader:
    """Goes down the blocks once; every method takes what is its own and leaves the rest."""

    def __init__(self, lines: Sequence[str], newsletter: Newsletter, date: datetime.date) -> None:
        self.newsletter = newsletter
        self.labels = frozenset(newsletter.known_labels)
        self.date = date
        self.front = _after_front_matter(lines)
        self.title = _title_index(lines, self.front)
        self.first = self.front if self.title is None else self.title + 1
        env: dict[str, Any] = {}
        self.lines = list(_with_bullets(lines, self.first))
        tokens = document_tokens("\n".join(self.lines[self.first :]), env)
        self.blocks = list(_blocks(tokens, self.lines, self.first))
        self.references: Mapping[str, Any] = env.get("references", {})

    def written_out(self) -> Sequence[str]:
        """The lines as they are written where links refer to definitions."""
        return written_out("\n".join(self.lines), self.references).split("\n") if self.references else self.lines

    def issue(self) -> Issue:
        sections = self._section_starts()
        closing = self._closing_start(sections[-1] if sections else None)
        starts = [*sections, closing]
        return Issue.model_validate(
            {"date": self.date, "imported": True}
            | self._heading()
            | self._preamble(self.blocks[: starts[0]])
            | {"sections": [self._section(self.blocks[a:b]) for a, b in pairwise(starts)]}
            | ({"closing": self._text(self.blocks[closing:])} if closing < len(self.blocks) else {})
        )

    def _text(self, blocks: Sequence[_Block]) -> str:
        """The lines of these blocks, as they stand; white space at the end of a line is kept in code only."""
        if not blocks:
            return ""
        code = {n for block in blocks for n in self._code(block)}
        found = range(blocks[0].start, blocks[-1].end)
        return "\n".join(self.lines[n] if n in code else self.lines[n].rstrip() for n in found)

    def _code(self, block: _Block) -> Iterator[int]:
        if block.kind in CODE:
            yield from range(block.start, block.end)
        offset = _offset(block)
        for token in block.tokens:
            if token.map and token.type in CODE:
                yield from range(token.map[0] + offset, token.map[1] + offset)

    def _is_heading(self, block: _Block) -> bool:
        return block.kind == "heading" and bool(grammar.SECTION.fullmatch(self.lines[block.start].rstrip()))

    def _section_starts(self) -> list[int]:
        """The headings of sections; back issues after the last of them belong to the closing."""
        starts = [n for n, block in enumerate(self.blocks) if self._is_heading(block)]
        while starts and self.newsletter.back_issues in self.lines[self.blocks[starts[-1]].start]:
            starts.pop()
        return starts

    def _closing_start(self, heading: int | None) -> int:
        """Where the closing begins: at back issues, or at a rule behind the last item; a note before it belongs to it."""
        first = 0 if heading is None else heading + 1
        last = max((n for n in range(first, len(self.blocks)) if self._is_item(self.blocks[n])), default=first - 1)
        end = next(
            (
                n
                for n in range(first, len(self.blocks))
                if self._is_heading(self.blocks[n]) or (self.blocks[n].kind == "hr" and n > last)
            ),
            len(self.blocks),
        )
        if heading is None:
            return end
        start = end
        while start > first and self.blocks[start - 1].kind == "blockquote":
            start -= 1
        return min(first + 1, end) if start == first < end else start

    def _is_item(self, block: _Block) -> bool:
        if block.kind != "entry":
            return False
        found = grammar.ITEM.fullmatch(self.lines[block.start].strip())
        return found is not None and "](" in found["head"]

    def _heading(self) -> dict[str, object]:
        end = self.front if self.title is None else self.title
        front_matter = "\n".join(line.rstrip() for line in self.lines[:end])
        parts: dict[str, object] = {"front_matter": front_matter} if front_matter.strip() else {}
        if self.title is None:
            return parts | {"heading": ""}
        line = self.lines[self.title].rstrip()
        if numbered := grammar.numbered_title(line, self.date, self.newsletter):
            return parts | numbered
        found = grammar.DATED_TITLE.fullmatch(line)
        if found is None:
            return parts | {"heading": line}
        keywords = found["keywords"].split("/") if found["keywords"] else []
        usual = squeeze(f"# {self.newsletter.issue_title(self.date, None)}") + (":" if keywords else "")
        heading = found["heading"] + found["separator"].strip()
        return parts | {"headline": keywords} | ({} if squeeze(heading) == usual else {"heading": heading})

    # What stands between the title and the first section.

    def _preamble(self, blocks: Sequence[_Block]) -> dict[str, object]:
        parts: dict[str, object] = {}
        end, start = len(blocks), 0
        before = ""
        if blocks and blocks[0].kind == "paragraph":
            tagline, before = self._tagline(blocks[0], blocks[1:2])
            parts["tagline"], start = tagline, int(bool(tagline))
        lead = self._find(blocks, start, self._is_lead)
        behind = start if lead == end else lead + 1
        warmups = self._find(blocks, behind, lambda block: block.kind == "entry")
        intro = self._intro(blocks, behind, warmups)
        news = warmups if intro is None else intro
        note = self._find(blocks, max(behind, warmups if warmups < end else 0), self._is_note)
        note = note if note < end else self._find(blocks, behind, self._is_note)
        if intro is not None and note < intro:
            note = self._find(blocks, intro, self._is_note)
        more = self._text(blocks[start : min(lead, news, note)])
        parts["before"] = "\n\n".join(filter(None, (before, more)))
        if lead < end:
            parts["lead"] = self._lead(blocks[lead : min(news, note)])
        if intro is not None:
            parts["intro"] = self._text(blocks[intro : intro + 1])
            news += 1
        parts["warmups"] = [self._warmup(block) for block in blocks[news:note]]
        if note < end:
            parts["note"] = self._unquoted(blocks[note])
            parts["after"] = self._text(blocks[note + 1 :])
        return parts

    def _find(self, blocks: Sequence[_Block], start: int, kind: Callable[[_Block], object]) -> int:
        """The first block of this kind from ``start`` on, else the end."""
        return next((n for n in range(start, len(blocks)) if kind(blocks[n])), len(blocks))

    def _tagline(self, block: _Block, following: Sequence[_Block]) -> tuple[str | None, str]:
        """Bold words that are a paragraph of their own, or end where a tag begins; and what follows in that paragraph."""
        first, _, rest = self._text([block]).partition("\n")
        found = grammar.TAGLINE.fullmatch(first)
        tagged = rest.startswith("<") if rest else self._text(following).startswith("<")
        return (found["tagline"], rest) if found and bool(rest) == tagged else (None, "")

    def _is_lead(self, block: _Block) -> bool:
        word = re.escape(self.newsletter.lead_word)
        return block.kind == "blockquote" and bool(re.match(rf"\s*>\s*{word}\s*[：:]", self.lines[block.start]))

    def _is_note(self, block: _Block) -> bool:
        return block.kind == "blockquote" and bool(grammar.NOTE.match(self.lines[block.start].lstrip()))

    def _lead(self, blocks: Sequence[_Block]) -> str:
        first, *rest = self._text(blocks).split("\n")
        return "\n".join([re.split(r"[：:]", first, maxsplit=1)[1].strip(), *rest]).rstrip("\n")

    def _unquoted(self, block: _Block) -> str:
        """A quote, its first mark taken off."""
        return self._text([block]).lstrip().removeprefix(">").strip()

    def _intro(self, blocks: Sequence[_Block], start: int, warmups: int) -> int | None:
        """The sentence before the warm-ups: known by its words, or by where it stands and its colon."""
        words = [word for word in (self.newsletter.intro, *self.newsletter.intro_words) if word]
        for n in range(start, warmups):
            line = self._text(blocks[n : n + 1])
            if (
                blocks[n].kind != "entry"
                and "\n" not in line
                and len(line) < 60
                and any(word in line for word in words)
            ):
                return n if blocks[n].kind == "paragraph" else None
        last = warmups - 1
        if warmups == len(blocks) or last < start or blocks[last].kind != "paragraph":
            return None
        line = self._text(blocks[last : last + 1])
        return last if "\n" not in line and line[-1:] in "：:" else None

    def _warmup(self, block: _Block) -> Warmup | Raw:
        line = self._text([block])
        found = grammar.WARMUP.fullmatch(line.strip()) if block.kind == "entry" and "\n" not in line else None
        warmup = grammar.warmup(found["text"], self.newsletter) if found else None
        kept = warmup and comparable([write_warmup(warmup, self.newsletter)], self.newsletter)
        return warmup if warmup and kept == comparable([line.strip()], self.newsletter) else Raw(raw=line)

    # Sections.

    def _section(self, blocks: Sequence[_Block]) -> Section:
        found = grammar.SECTION.fullmatch(self.lines[blocks[0].start].rstrip())
        assert found is not None, "a section begins with its heading"
        items, note = blocks[1:], None
        if items and self._is_note(items[0]):
            note, items = self._unquoted(items[0]), items[1:]
        return Section(name=found["name"] or "", note=note, items=tuple(self._items(items)))

    def _items(self, blocks: Sequence[_Block]) -> Iterator[Item | Raw]:
        """A numbered list right below an item, which CommonMark takes out of it, is meant as its text."""
        at = 0
        while at < len(blocks):
            block, at = blocks[at], at + 1
            following = blocks[at] if at < len(blocks) else None
            if following and self._belongs(block, following):
                longer = self._item(block._replace(end=following.end), tail=following.start)
                if isinstance(longer, Item):
                    yield longer
                    at += 1
                    continue
            yield self._item(block)

    def _belongs(self, block: _Block, following: _Block) -> bool:
        numbered = following.kind == "ordered_list" and self.lines[following.start][:1].isdigit()
        return block.kind == "entry" and numbered and block.end == following.start

    def _item(self, block: _Block, tail: int | None = None) -> Item | Raw:
        source = self._text([block])
        if block.kind != "entry" or (item := self._parsed(block, tail)) is None:
            return Raw(raw=source)
        if item.url is None and source.lstrip()[0] != "-":
            return Raw(raw=source)  # only a link makes an item of an entry with another bullet
        written = write_item(item, self.newsletter)
        if written.split("\n") in (source.split("\n"), self.lines[block.start : block.end]):
            return item
        original = written_out(source, self.references) if self.references else source
        if squeeze(written) != squeeze(_usual_bullet(original)) or not same(_usual_bullet(original), written):
            return Raw(raw=source)
        return item

    def _parsed(self, block: _Block, tail: int | None) -> Item | None:
        """The item that an entry of a list is, if its first block is a paragraph or it is empty."""
        marker = MARKER.fullmatch(self.lines[block.start].rstrip())
        if marker is None or (block.tokens and block.tokens[0].type != "paragraph_open"):
            return None
        head, used = self._head(marker["text"], block)
        body = _Body(self.lines, block, _content_column(marker), block.end if tail is None else tail)
        parts = body.parts(block.start + used, self.labels, self.references)
        text = parts.pop("")
        return grammar.item(written_out(head, self.references), text, parts)

    def _head(self, first: str, block: _Block) -> tuple[str, int]:
        """The head and how many lines it takes: a link may be broken over a line end."""
        head = first.strip()
        if not block.tokens or not head.startswith("[") or block.tokens[0].map is None:
            return head, 1
        if "[" in head and not grammar.is_head(head):
            length = block.tokens[0].map[1] - block.tokens[0].map[0]
            for n in range(1, min(length, LONGEST_HEAD)):
                longer = " ".join([head, *(self.lines[block.start + m].strip() for m in range(1, n + 1))])
                if grammar.is_head(longer):
                    return longer, n + 1
        return head, 1


LONGEST_HEAD = 4
"""Lines over which the link of a head may be broken."""


def _with_bullets(lines: Sequence[str], start: int) -> Iterator[str]:
    """Lines that are meant as entries, with the bullet that makes them so: ``–news`` before the sections, ``-[head]``."""
    preamble = True
    for n, line in enumerate(lines):
        preamble = preamble and not (n >= start and grammar.SECTION.fullmatch(line.rstrip()))
        if n < start or not line.startswith(("-", "–")) or line.startswith("- "):
            yield line
        elif preamble and (found := grammar.WARMUP.fullmatch(line.rstrip())):
            yield f"- {found['text']}" + line[len(line.rstrip()) :]
        else:
            yield f"- {line[1:]}" if line.startswith("-[") else line


def _usual_bullet(text: str) -> str:
    """An entry with the bullet and the indentation that items have."""
    return re.sub(r"\A {0,3}[-*+]", "-", text)


def _offset(block: _Block) -> int:
    """What the lines of the tokens in an entry are counted from."""
    return block.start - block.tokens[0].map[0] if block.tokens and block.tokens[0].map else 0


def _content_column(marker: re.Match[str]) -> int:
    """Where the content of an entry begins (CommonMark 0.31.2, section 5.2)."""
    gap = len(marker["gap"])
    return marker.end("mark") + (gap if 1 <= gap <= 4 and marker["text"] else 1)


class _Body:
    """The lines of an entry below its head."""

    def __init__(self, lines: Sequence[str], block: _Block, column: int, tail: int) -> None:
        self.lines, self.block, self.column, self.tail = lines, block, column, tail
        offset = _offset(block)
        self.own: set[int] = set()
        self.code: set[int] = set()
        for token in block.tokens:
            if token.map and token.type == "paragraph_open" and token.level == 2:
                self.own.update(range(token.map[0] + offset, token.map[1] + offset))
            elif token.map and token.type in CODE:
                self.code.update(range(token.map[0] + offset, token.map[1] + offset))

    def parts(self, start: int, labels: frozenset[str], references: Mapping[str, Any]) -> dict[str, str]:
        """The text under each label, that without one under the empty; a label met before is text of the one above."""
        parts: dict[str, list[str]] = {"": []}
        at, loose = "", False
        for n in range(start, self.block.end):
            line = self._line(n, loose)
            loose = loose or not line
            found = grammar.label(line, labels) if self._may_be_label(n) else None
            if found and found[0] not in parts:
                at = found[0]
                parts[at] = [found[1]]
            else:
                parts[at].append(line)
        return {label: _joined(lines, label, last=label == at, known=references) for label, lines in parts.items()}

    def _may_be_label(self, n: int) -> bool:
        return n not in self.code and (n in self.own or not self.lines[n][:2].isspace())

    def _line(self, n: int, loose: bool) -> str:
        """The line without the indentation that makes it a part of the entry."""
        line = self.lines[n] if n in self.code else self.lines[n].rstrip(" \t")
        indent = len(line) - len(line.lstrip(" "))
        if n in self.own:
            return line.lstrip(" \t")
        if n >= self.tail:
            return line
        if n in self.code or loose or self.column > len("- "):
            return line[min(indent, self.column) :]
        return line.expandtabs(4)  # a list right below the text keeps its indentation


def _joined(lines: list[str], label: str, *, last: bool, known: Mapping[str, Any]) -> str:
    """Blank lines at the end say nothing behind the last part, nor those before a block that is no paragraph."""
    while last and lines and not lines[-1]:
        lines.pop()
    if lines and not lines[0]:
        shown = next((n for n, line in enumerate(lines) if line), None)
        if shown is not None and OTHER_BLOCK.match(lines[shown]):
            lines = lines[shown:]
    text = "\n".join(lines) if any(lines) else "\n" * (len(lines) > bool(label))
    return written_out(text, known) if known else text


OTHER_BLOCK = re.compile(r"\s*(?:[-*+](?:\s|$)|\d{1,9}[.)](?:\s|$)|>|`{3}|~{3}|\|)")
