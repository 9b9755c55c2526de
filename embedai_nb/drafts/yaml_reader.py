"""Read YAML strictly: texts, lists and mappings, each with its position, and nothing that surprises.

Every scalar is text: ``NO``, ``12:30:45`` and ``1_000`` stay what was typed.  Tags, anchors and aliases are refused,
so neither ``!!python/object`` nor an alias bomb exists.  PyYAML's C parser only delivers events: its composer
would keep the last of two equal keys and exhaust the stack on deep nesting.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn, TypeAlias, cast

import yaml

from embedai_nb.drafts.yaml_parser_messages import parser_message
from embedai_nb.errors import ConflictMarkersError, DraftError
from embedai_nb.i18n import N_, _
from embedai_nb.text.conflict_markers import MARKER, refuse_conflicts

Data: TypeAlias = "bool | int | str | list[Data] | dict[str, Data] | None"
Step: TypeAlias = "str | int"

MAX_DEPTH = 24  # a link of an item of a section is at 7
MAX_BYTES = 5_000_000
"""Bytes of a file; an issue of a hundred items has a fiftieth of that."""
MAX_NODES = 60_000
"""Texts, lists and mappings of a file: thirty for each of as many items as a draft may have."""

BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what ends a line in YAML 1.1, hence in libyaml
FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

REMEDIES = (
    ("mapping values are not allowed", N_("a text with `: ` in it needs quotes")),
    ("unexpected end of stream", N_("close the quotes")),
    ("cannot start any token", N_("a text that begins with `@`, `%` or a back quote needs quotes")),
    ("could not find expected ':'", N_("a key is followed by a colon and a space; more lines of a text are indented")),
    ("did not find expected key", N_("indent it like the keys above, and check the quotes")),
    ("did not find expected '-' indicator", N_("indent it like the entries above")),
    ("block end", N_("indent it like the lines above")),
)


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its position: from the character ``start`` up to ``end``, on the rows ``row`` to ``last``."""

    start: int
    end: int
    row: int
    last: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar(Node):
    """A scalar; ``style`` is its quote, ``|`` or ``>`` for a block, or empty."""

    text: str
    style: str

    @property
    def data(self) -> str | None:
        """The text; nothing where there is none and no quotes that say so."""
        return None if self.style == "" and self.text in ("", "~", "null") else self.text


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    """A list; ``flow``: between brackets."""

    items: tuple[Node, ...]
    flow: bool


@dataclass(frozen=True, slots=True)
class Mapping(Node):
    """Keys with values; ``flow``: between braces."""

    entries: tuple[tuple[Scalar, Node], ...]
    flow: bool


def to_data(node: Node) -> Data:
    """Give the value of a node without positions."""
    if isinstance(node, Mapping):
        return {key.text: to_data(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [to_data(item) for item in node.items]
    return cast("Scalar", node).data


@dataclass(frozen=True)
class Source:
    """A YAML file that holds one mapping."""

    text: str
    path: Path
    root: Mapping

    @cached_property
    def data(self) -> dict[str, Data]:
        """The content, without positions."""
        return cast("dict[str, Data]", to_data(self.root))

    def line(self, path: tuple[Step, ...]) -> int:
        """Line, from 1, of the key or list entry at ``path``, or of the nearest thing around it."""
        row, node = self.root.row, cast("Node", self.root)
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            row, node = found
        return row + 1


def _child(node: Node, step: Step) -> tuple[int, Node] | None:
    if isinstance(node, Mapping):
        return next(((key.row, value) for key, value in node.entries if key.text == step), None)
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step].row, node.items[step]
    return None


def check_size(size: int, path: Path) -> None:
    """Refuse a file of more bytes than are read."""
    if size > MAX_BYTES:
        problem = _("{size:.1f} MB, and at most {limit:g} MB are read", size=size / 1e6, limit=MAX_BYTES / 1e6)
        raise DraftError(problem, path=path, remedy=_("divide it into several issues"))


def decode(data: bytes, path: Path) -> str:
    """Decode a file as UTF-8, without byte order mark, and with line feeds in place of the line ends of Windows."""
    check_size(len(data), path)
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        problem = _("not UTF-8: byte 0x{byte:02x} at offset {offset}", byte=data[error.start], offset=error.start)
        line = data.count(b"\n", 0, error.start) + 1
        raise DraftError(problem, path=path, line=line, remedy=_("save the file as UTF-8")) from error
    return text.replace("\r\n", "\n")


def line_end(data: bytes) -> str:
    """The line end that most lines of a file have; where tools of two systems edited it there may be both."""
    return "\r\n" if 2 * data.count(b"\r\n") > data.count(b"\n") else "\n"


def read(text: str, path: Path) -> Source:
    """Read YAML; ``path`` is for messages.  Whatever is not one plain mapping is a DraftError."""
    refuse_conflicts(
        text,
        path,
        _("choose between the two versions in the form (embedai edit), or leave one of them and remove the markers"),
    )
    composer = Composer(text, path)
    if found := FORBIDDEN.search(text):
        composer.refuse(
            _("control character U+{code:04X}", code=ord(found[0])),
            found.start(),
            _('write it as "\\x…" in double quotes'),
        )
    try:
        root = composer.document()
    except yaml.MarkedYAMLError as error:
        raise composer.syntax_error(error) from error
    if not isinstance(root, Mapping):
        composer.refuse(_("keys with values expected"), root.start, _("begin with `schema: 1`"))
    return Source(text, path, root)


class Composer:
    """Compose nodes from the parser's events."""

    def __init__(self, text: str, path: Path) -> None:
        self.text = text
        self.path = path
        self.starts = row_starts(text)
        self.nodes = 0
        self.events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=yaml.CSafeLoader))

    def refuse(self, problem: str, at: int, remedy: str) -> NoReturn:
        """Raise the error for the character ``at``."""
        raise DraftError(problem, path=self.path, line=self._row(at) + 1, remedy=remedy)

    def document(self) -> Node:
        """Compose the one document of the file."""
        next(self.events)  # the stream's start
        if isinstance(next(self.events), yaml.StreamEndEvent):
            raise DraftError(
                _("the file is empty"), path=self.path, line=1, remedy=_("take it back from git, or delete it")
            )
        root = self._node(next(self.events), 0)
        next(self.events)  # the document's end
        if isinstance(event := next(self.events), yaml.DocumentStartEvent):
            self.refuse(_("a second document"), _index(event.start_mark), _("remove the line `---`"))
        return root

    def syntax_error(self, error: yaml.MarkedYAMLError) -> DraftError:
        """Explain an error of the parser."""
        mark, said = error.problem_mark, error.problem or str(error)
        row = min(mark.line, len(self.starts) - 1) if mark else 0
        if (marked := self._left_over_marker()) is not None:
            left = _("a conflict marker of a merge is left over")
            return ConflictMarkersError(left, path=self.path, line=marked + 1, remedy=_("remove this line"))
        start = self.starts[row]
        problem, remedy = parser_message(said), next((_(remedy) for part, remedy in REMEDIES if part in said), None)
        if re.match(" *\t", self.text[start:]):
            problem, remedy = _("a tab in the indentation"), _("indent with spaces")
        elif error.context and error.context_mark:
            problem = _(
                "{problem} {context} in line {line}",
                problem=problem,
                context=parser_message(error.context),
                line=error.context_mark.line + 1,
            )
        return DraftError(problem, path=self.path, line=row + 1, remedy=remedy)

    def _left_over_marker(self) -> int | None:
        """The row of a single marker, which no YAML has at the beginning of a line."""
        rows = (self.text[start:end].rstrip("\r\n") for start, end in pairwise([*self.starts, len(self.text)]))
        return next((row for row, line in enumerate(rows) if MARKER.fullmatch(line)), None)

    def _node(self, event: yaml.Event, depth: int) -> Node:
        at = _index(event.start_mark)
        if not isinstance(event, yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent) or event.anchor:
            self.refuse(
                _("anchors and aliases are not allowed"), at, _("a text that begins with `&` or `*` needs quotes")
            )
        if event.tag is not None:
            self.refuse(_("tag {tag} is not allowed", tag=event.tag), at, _("a text that begins with `!` needs quotes"))
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.refuse(
                _("more than {count:,} texts, lists and keys", count=MAX_NODES), at, _("divide it into several issues")
            )
        if depth > MAX_DEPTH:
            self.refuse(_("nested too deeply"), at, _("a text that begins with `[` or `{{` needs quotes"))
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        return (
            self._sequence(event, depth) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(event, depth)
        )

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        start, end = _index(event.start_mark), _index(event.end_mark)
        end = start + len(self.text[start:end].rstrip(" \t\n\r\x85\u2028\u2029"))  # a block's end is after blank lines
        return Scalar(*self._place(start, end), event.value, event.style or "")

    def _sequence(self, event: yaml.SequenceStartEvent, depth: int) -> Sequence:
        items = []
        while not isinstance(following := next(self.events), yaml.SequenceEndEvent):
            items.append(self._node(following, depth + 1))
        # A block ends where its last entry does; the parser says that it ends where the next token begins.
        end = _index(following.end_mark) if event.flow_style else items[-1].end
        return Sequence(*self._place(_index(event.start_mark), end), tuple(items), bool(event.flow_style))

    def _mapping(self, event: yaml.MappingStartEvent, depth: int) -> Mapping:
        entries, seen, start = [], dict[str, Scalar](), _index(event.start_mark)
        while not isinstance(following := next(self.events), yaml.MappingEndEvent):
            key = self._key(self._node(following, depth + 1), start if not event.flow_style else None)
            if (first := seen.setdefault(" ".join(key.text.split()), key)) is not key:
                problem = _("key `{key}` is there twice, first in line {line}", key=key.text, line=first.row + 1)
                self.refuse(problem, key.start, _("join the two"))
            entries.append((key, value := self._node(next(self.events), depth + 1)))
            if event.flow_style and isinstance(value, Scalar) and value.data is None:
                self.refuse(
                    _("`{key}` has no value", key=key.text), key.start, _("a text with a comma in it needs quotes")
                )
        end = _index(following.end_mark) if event.flow_style else entries[-1][1].end
        return Mapping(*self._place(start, end), tuple(entries), bool(event.flow_style))

    def _key(self, key: Node, block_start: int | None) -> Scalar:
        """Check a key: it has to be text, and in a block to stand in the block's column, not behind `? `."""
        explicit = block_start is not None and self._place(block_start, block_start)[4] != key.column
        if explicit or not isinstance(key, Scalar):
            self.refuse(_("a key has to be a plain word"), key.start, _("write `key: value`"))
        return key

    def _place(self, start: int, end: int) -> tuple[int, int, int, int, int]:
        row = self._row(start)
        return start, end, row, self._row(max(start, end - 1)), start - self.starts[row]

    def _row(self, at: int) -> int:
        return bisect.bisect_right(self.starts, at) - 1


def _index(mark: Any) -> int:
    """The index of a mark; those of the C parser have a type of their own."""
    return int(mark.index)


def row_starts(text: str) -> list[int]:
    """The index at which each row of ``text`` begins; the last one may be empty."""
    return [0, *(found.end() for found in BREAK.finditer(text))]
