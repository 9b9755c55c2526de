"""The blocks of a text in the dialect, and the lines in which every reader of Markdown finds the same blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import pairwise, starmap
from typing import Any, Literal, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token

from embedai_nb.markdown.dialect import BAR, parser
from embedai_nb.markdown.gfm_emphasis import gfm_emphasis, gfm_strikethrough
from embedai_nb.markdown.inert import inert
from embedai_nb.markdown.inline_spans import open_code_spans
from embedai_nb.markdown.plain_entries import plain_entries
from embedai_nb.markdown.references import DEFINITION, references, written_out

__all__ = ["NUMBERED", "Laid", "Line", "commonmark", "document_tokens", "is_plain", "lay_out", "tokens_of"]

NESTED = 4
"""Columns that a list stands deeper than the text it belongs to; issues have always been written so."""

NO_LINE = r"[ \t]*(?:[-*+>#|`~:={<$_\[]|\d{1,9}[.)](?:\s|$))|[ \t]+$|\t| {4}"
"""How a line begins that is more than one of a paragraph."""
BEGINS_OTHERWISE = re.compile(NO_LINE, re.MULTILINE)
NOT_PLAIN = re.compile(rf"\n(?:{NO_LINE}|[ \t]*\n)|\\$|\|", re.MULTILINE)
"""What a text has, behind its beginning, that is more than lines of a paragraph."""

HEAD_OF_TABLE = 2
"""Lines of a table before its first row."""

LISTED = re.compile(r"^ {0,3}(?:[-*+]|\d+\.)\s", re.MULTILINE)
LAST_BACKSLASH = re.compile(r"(?<!\\)((?:\\\\)*)\\\\\Z")
"""What kramdown takes for a line break at the end of a line, however it is escaped."""
DIVIDES = re.compile(r"[-+|: \t]*-[-+|: \t]*")
"""What kramdown takes for a line between rows."""
BOX = re.compile(r"\[([xX])\](?!\()")
"""What GitHub takes for a tick wherever it stands in a line that begins with an empty box."""
AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.\-]*://[^\s<>]*)>")
"""What kramdown takes for a block of HTML at the beginning of a line."""

INTERRUPTS = re.compile(
    r"#{1,6}(?:\s|$)|>|(?:`{3}|~{3})|=+\s*$|-+\s*$|(?:[-*_]\s*){3,}$|[-*+](?:\s|$)"
    r"|\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$|\[\^[^\]\s]+\]:"
)
"""A line of a paragraph that CommonMark would take for another block, wherever it stands."""
HTML = re.compile(
    r"<(?:!--|\?|![A-Za-z]|!\[CDATA\[|/?(?:address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup"
    r"|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html"
    r"|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table"
    r"|tbody|td|tfoot|th|thead|title|tr|track|ul|script|pre|style|textarea)(?:\s|/?>|$))",
    re.IGNORECASE,
)
"""What begins a block of HTML that interrupts a paragraph (CommonMark 0.31.2, section 4.6)."""
TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>\s*$")
"""What may begin a block of HTML where no paragraph is open."""
NUMBERED = re.compile(r"\d{1,9}(?=[.)](?:\s|$))")
HEAD = re.compile(r"-\[")
"""The head of an item, to the reader of old issues; a bullet to nobody else."""
DEFINED = re.compile(r":(?:\s|$)|\{:")
"""What kramdown takes for a definition or for attributes."""


UNDERLINE = re.compile(r"\n(?<=[^\n]\n)[ \t>]*(?:=+|-+)[ \t]*$", re.MULTILINE)
"""What makes a heading of the lines before it, or might."""


class Line(NamedTuple):
    """A line as it is written.

    Args:
        text: without the white space at its end, but in code.
        breaks: whether the line end is a line break, so that white space has to stand before it.
        lazy: a line of a paragraph that may stand at column 0 of an item, as it goes on with one.
    """

    text: str
    breaks: bool = False
    lazy: bool = False

    def within(self, margin: str) -> Line:
        """The line behind a margin; an empty one stays empty, a lazy one where it is."""
        return self if self.lazy else self.indented(margin)

    def indented(self, margin: str) -> Line:
        """The same, a lazy one too."""
        return Line(margin + self.text if self.text else self.text, self.breaks)


def is_plain(text: str) -> bool:
    """Whether the text is lines of one paragraph and nothing else, in all dialects alike."""
    return not (BEGINS_OTHERWISE.match(text) or NOT_PLAIN.search(text))


@cache
def _parser() -> MarkdownIt:
    return parser()


class _CommonMark(MarkdownIt):
    """Keeps addresses as they were typed, and links to any, as GitHub does before it sanitizes."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802  # markdown-it's name
        return url

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802  # markdown-it's name
        return True


@cache
def commonmark() -> MarkdownIt:
    """CommonMark with GitHub's tables and strikethrough, as a whole document is read; nobody nests deeper."""
    return _CommonMark("commonmark", {"maxNesting": 100}).enable("table").use(gfm_emphasis).use(gfm_strikethrough)


@cache
def _without_underlines() -> MarkdownIt:
    made = _CommonMark("commonmark", {"maxNesting": 100}).enable("table").disable("lheading")
    return made.use(plain_entries)


def document_tokens(text: str, env: dict[str, Any] | None = None) -> list[Token]:
    """The block tokens of a whole document, not to be changed.

    Where no line can underline a heading, none is tried, nor any in a plain list.
    """
    tokens, found = _document(text)
    if env is not None:
        env.update(found)
    return tokens


@lru_cache(2)
def _document(text: str) -> tuple[list[Token], dict[str, Any]]:
    """The tokens of a document, and the definitions in it; several readers look at the same one."""
    env: dict[str, Any] = {}
    return tokens_of(text, commonmark() if UNDERLINE.search(text) else _without_underlines(), env), env


def tokens_of(text: str, made: MarkdownIt | None = None, env: dict[str, Any] | None = None) -> list[Token]:
    """The block tokens of a text, the inline ones not yet parsed; definitions of references go into ``env``."""
    made = made or _parser()
    tokens: list[Token] = []
    made.block.parse(text.replace("\0", "\ufffd"), made, {} if env is None else env, tokens)
    return tokens


class _Block(NamedTuple):
    """A block with what is in it."""

    token: Token
    inside: list[_Block]

    @property
    def kind(self) -> str:
        return self.token.type.removesuffix("_open")

    @property
    def start(self) -> int:
        return self.token.map[0] if self.token.map else 0

    @property
    def end(self) -> int:
        return self.token.map[1] if self.token.map else 0


def _tree(tokens: Iterable[Token]) -> list[_Block]:
    root: list[_Block] = []
    within = [root]
    for token in tokens:
        if token.nesting < 0:
            within.pop()
            continue
        block = _Block(token, [])
        within[-1].append(block)
        if token.nesting > 0:
            within.append(block.inside)
    return root


class Laid(NamedTuple):
    """A text as it is written.

    Args:
        opens: the kind of its first block, "list" if that may follow a label without a blank line, else "block".
        closes: the kind of its last block.
    """

    lines: list[Line]
    opens: Literal["paragraph", "list", "block"] = "paragraph"
    closes: Literal["paragraph", "list", "block"] = "paragraph"


def lay_out(text: str, *, safe: bool, labelled: bool = False, tight: bool = True) -> Laid:
    """The lines of a text within an item.

    Args:
        text: Markdown in the dialect.
        safe: also write so that readers other than GitHub find the same, and nothing is active in it; some
            characters are escaped.  Otherwise only what would reach beyond the item is.
        labelled: whether a label stands before the first line, which is then no beginning of one.
        tight: whether no blank line stands above in the item, so that a list is indented by NESTED.
    """
    if is_plain(text):
        content = (inert(text) if safe else text).split("\n")
        content = [_linked(line) if n or not labelled else line for n, line in enumerate(content)] if safe else content
        return Laid(_paragraph_lines(content, open_code_spans(text), lazy=True))
    text = text.expandtabs(4) if "\t" in text and "```" not in text and "~~~" not in text else text
    return _Writer(text, safe, labelled).laid(tight)


def _paragraph_lines(lines: list[str], joined: frozenset[int] | set[int], *, lazy: bool = False) -> list[Line]:
    """Lines of a paragraph; those in ``joined`` end within a span of code, where no break can be."""
    return [
        Line(line.strip(" \t"), n not in joined and not _ends_in_backslash(line), lazy) for n, line in enumerate(lines)
    ]


def _linked(line: str) -> str:
    """The line with an address at its beginning as a link of the usual form; one of a caret alone ends a block."""
    if line.strip() == "^":
        return "&#94;"
    found = AUTOLINK.match(line.lstrip(" "))
    shown = inert(found[1], links=False).replace("~", r"\~") if found else ""
    return f"[{shown}](<{found[1]}>){line.lstrip(' ')[found.end() :]}" if found else line


def _ends_in_backslash(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


class _Writer:
    """Writes each kind of block in the one form that all readers understand."""

    def __init__(self, text: str, safe: bool, labelled: bool) -> None:
        self.source = text.split("\n")
        self.safe = safe
        self.labelled = labelled
        env: dict[str, Any] = {}
        self.tree = _tree(tokens_of(text, env=env))
        self.references = references(env)
        self.used: set[str] = set()

    def laid(self, tight: bool) -> Laid:
        if self.references and self.safe:
            self._blocks(self.tree)  # which definitions are used
        blocks = list(self._with_definitions())
        if not blocks:
            return Laid([])
        lines = self._blocks(blocks, tight=tight, top=True)
        head = len(self._block(blocks[0], True, self.labelled))
        compact = all(line.text for line in lines[:head])
        return Laid(
            lines, _opening(blocks[0], compact and _begins_tight(blocks[0], safe=self.safe)), _closing(blocks[-1])
        )

    def _with_definitions(self) -> Iterator[_Block]:
        """The blocks and, between them, as paragraphs, definitions: all, or to be safe those that nothing refers to."""
        at = 0
        for block in [*self.tree, None]:
            end = block.start if block else len(self.source)
            gap = [line.strip() for line in self.source[at:end] if line.strip()] if self.references else []
            if gap := [line for line in gap if not (self.safe and self._is_used(line))]:
                inline = Token("inline", "", 0, content="\n".join(gap), map=[at, end])
                yield _Block(Token("paragraph_open", "p", 1, map=[at, end]), [_Block(inline, [])])
            if block:
                yield block
                at = block.end

    def _is_used(self, line: str) -> bool:
        found = DEFINITION.match(line)
        return found is not None and normalizeReference(found["label"]) in self.used

    def _blocks(self, blocks: list[_Block], *, tight: bool = False, top: bool = False) -> list[Line]:
        lines: list[Line] = []
        before: _Block | None = None
        for block in blocks:
            first = before is None and top and self.labelled
            written = self._block(block, top, first)
            compact = all(line.text for line in written)
            if before is not None and not (compact and self._joins(before, block)):
                lines.append(Line(""))
                tight = False
            if (
                top
                and before is None
                and block.kind != "paragraph"
                and not (compact and _begins_tight(block, safe=self.safe))
            ):
                tight = False
            margin = " " * NESTED if top and tight and block.kind.endswith("_list") and not self._stays(block) else ""
            lines += [line.within(margin) if margin else line for line in written]
            before = block
        return lines

    def _stays(self, block: _Block) -> bool:
        """Whether a numbered list stays at column 0: in an old issue it was there, and so not in the item."""
        return not self.safe and self.source[block.start][:1].isdigit()

    def _joins(self, before: _Block, block: _Block) -> bool:
        """Whether a block follows without a blank line: a list may, where it did."""
        return before.kind == "paragraph" and _begins_tight(block, safe=self.safe) and before.end == block.start

    def _block(self, block: _Block, top: bool, first: bool) -> list[Line]:
        match block.kind:
            case "paragraph":
                return self._paragraph(block, top, first)
            case "bullet_list" | "ordered_list":
                return self._list(block)
            case "blockquote":
                return [self._quoted(line) for line in self._blocks(block.inside)]
            case "fence":
                return self._fence(block)
            case "table":
                return self._table(block)
        return [Line(line.strip()) for line in self.source[block.start : block.end]]

    @staticmethod
    def _quoted(line: Line) -> Line:
        return Line(f"> {line.text}" if line.text else ">", line.breaks)

    def _paragraph(self, block: _Block, top: bool, first: bool) -> list[Line]:
        content = block.inside[0].token.content if block.inside else ""
        if self.safe:
            content = written_out(content, self.references, self.used)
        lines = [line.strip(" \t") for line in (inert(content) if self.safe else content).split("\n")]
        labelled = first and lines[0][:1] == content.lstrip(" \t")[:1]  # else its first signs were written otherwise
        guarded = [self._guarded(line, opening=not n, labelled=labelled and not n) for n, line in enumerate(lines)]
        if self.safe:
            guarded[-1] += "\\" * _ends_in_backslash(guarded[-1])
            guarded = [LAST_BACKSLASH.sub(r"\1&#92;", line) for line in guarded]
        found = _paragraph_lines(guarded, open_code_spans("\n".join(guarded)), lazy=top)
        if top or self.safe:
            return found
        return [line._replace(lazy=n > 0 and self._at_column_0(block.start + n)) for n, line in enumerate(found)]

    def _at_column_0(self, n: int) -> bool:
        """As old issues have it: the line goes on with an entry of a list by CommonMark's rule of laziness."""
        return n < len(self.source) and self.source[n][:1] not in {"", " ", "\t", ">"}

    def _guarded(self, line: str, *, opening: bool, labelled: bool) -> str:
        """A line of a paragraph that cannot be taken for another block; behind a label, only for a definition."""
        if labelled:
            return "\\" + line if self.safe and DEFINITION.match(line) else line
        if self.safe:
            line = _linked(line)
            if opening and line.startswith("[ ]") and "`" not in line:
                line = line[:3] + BOX.sub(r"[\1\]", line[3:])
        if (
            (self.safe and DEFINITION.match(line))
            or INTERRUPTS.match(line)
            or HTML.match(line)
            or (opening and TAG.match(line))
        ):
            return "\\" + line
        if self.safe and (DEFINED.match(line) or HEAD.match(line)):
            return "\\" + line
        if self.safe or opening:
            line = NUMBERED.sub(lambda found: found[0] + "\\", line, count=1) if NUMBERED.match(line) else line
        return line

    def _list(self, block: _Block) -> list[Line]:
        lines: list[Line] = []
        loose = any(self._is_loose(entry.inside) for entry in block.inside)
        for n, entry in enumerate(block.inside):
            if n and loose:
                lines.append(Line(""))
            lines += self._entry(entry, block)
        return lines

    def _is_loose(self, inside: list[_Block]) -> bool:
        """Whether an entry makes its list loose: it is in a loose one, or a blank line is written between its blocks."""
        paragraphs = (part.token for part in inside if part.kind == "paragraph")
        together = all(token.hidden for token in paragraphs) and all(starmap(self._joins, pairwise(inside)))
        return not together or self._begins_with_listing(inside)

    def _begins_with_listing(self, inside: list[_Block]) -> bool:
        """Whether it begins with code in which kramdown finds a list, as no blank line stands above."""
        first = inside[0].token if self.safe and inside else None
        return first is not None and first.type == "fence" and bool(LISTED.search(first.content))

    def _entry(self, entry: _Block, block: _Block) -> list[Line]:
        markup = entry.token.markup if not self.safe or block.kind == "bullet_list" else "."
        mark = f"{entry.token.info}{markup}" if block.kind == "ordered_list" else markup
        width, inside = len(mark) + 1, entry.inside
        lines = [Line("&nbsp;"), Line("")] if self._begins_with_listing(inside) else []
        for n, part in enumerate(inside):
            if n and not self._joins(inside[n - 1], part):
                lines.append(Line(""))
            deeper = max(width, NESTED) if n and part.kind.endswith("_list") else width
            lines += [line.within(" " * deeper) for line in self._block(part, False, False)]
        if not lines:
            return [Line(f"{mark} &nbsp;" if self.safe else mark)]  # kramdown knows no empty entry
        return [
            Line(f"{mark} {lines[0].text.lstrip(' ') if lines[0].text else ''}".rstrip(" "), lines[0].breaks),
            *lines[1:],
        ]

    def _fence(self, block: _Block) -> list[Line]:
        token = block.token
        content = token.content.removesuffix("\n").split("\n") if token.content else []
        info = token.info.split(maxsplit=1)[:1] if self.safe else [token.info.rstrip()]  # kramdown knows one word
        return [Line("".join([token.markup, *info])), *map(Line, content), Line(token.markup)]

    def _table(self, block: _Block) -> list[Line]:
        rows = [self._row(n) for n in range(block.start, block.end)]
        if self.safe:  # kramdown knows no table without a body, and more lines than one that divide its rows
            head, body = rows[:HEAD_OF_TABLE], rows[HEAD_OF_TABLE:] or ["|  |"]
            rows = head + [row.replace("-", "\\-", 1) if DIVIDES.fullmatch(row) else row for row in body]
        return list(map(Line, rows))

    def _row(self, n: int) -> str:
        row = self.source[n].strip().lstrip("> ").strip()
        if not self.safe:
            return row
        cells = BAR.split(written_out(row, self.references, self.used))
        row = "|".join(inert(cell, bars=False) for cell in cells)  # no emphasis reaches over two of them
        return row if row.startswith("|") else f"| {row} |"


def _opening(block: _Block, tight: bool) -> Literal["paragraph", "list", "block"]:
    return "paragraph" if block.kind == "paragraph" else "list" if tight else "block"


def _closing(block: _Block) -> Literal["paragraph", "list", "block"]:
    return "paragraph" if block.kind == "paragraph" else "list" if block.kind.endswith("_list") else "block"


def _begins_tight(block: _Block, *, safe: bool) -> bool:
    """Whether it may interrupt a paragraph for every reader: a list with something in it that begins with 1, if at all."""
    counted = block.kind == "bullet_list" or (block.kind == "ordered_list" and block.inside[0].token.info == "1")
    return counted and (safe or bool(block.inside[0].inside))
