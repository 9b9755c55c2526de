"""Change values within hand-written YAML: only what changed is written anew.

Comments, blank lines, quotes and the order of keys stay as they are.  A removed entry takes the comments above it
along; a removed value that has a comment leaves its key behind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from embedai_nb.diff.match import Identity, match
from embedai_nb.drafts.yaml_reader import Data, Mapping, Node, Scalar, Sequence, Source
from embedai_nb.drafts.yaml_writer import dump_entry, dump_inline, dump_item, dump_value

COMMENT = re.compile(r"(?:(?<=\s)|^)#.*")
NAMES = ("title", "name", "company")
"""Keys of which an entry of a list has one that names it."""
HEADER_COMMENT = re.compile(r"[|>][-+0-9]*[ \t]+(#.*)")


def splice(source: Source, old: dict[str, Data], new: dict[str, Data]) -> str:
    """Change the text of a source so that it says ``new``.

    Args:
        source: the YAML file.
        old: what it says now.  An entry of the source that is in neither of the two stays.
        new: what it is to say.
    """
    root = source.root
    written = _Splicer(source.text).mapping(root, old, new)
    return source.text[: root.start] + written + source.text[root.end :]


@dataclass
class _Part:
    """An entry of a mapping or sequence as text: the lines above it, itself, and the rest of its last line."""

    above: str
    text: str
    behind: str

    @property
    def commented(self) -> bool:
        return "#" in self.above + self.behind

    def aligned(self, column: int) -> str:
        """Write the entry on lines of its own."""
        above = self.above[: self.above.rfind("\n") + 1]
        return above + " " * column + self.text + self.behind


class _Splicer:
    def __init__(self, text: str) -> None:
        self.text = text

    def mapping(self, node: Mapping, old: dict[str, Data], new: dict[str, Data]) -> str:
        """Splice a block mapping, from its first key on."""
        spans = [(key.start, value.end) for key, value in node.entries]
        parts = dict(zip((key.text for key, _ in node.entries), self._parts(spans), strict=True))
        for key, value in node.entries:
            was, now = old.get(key.text), new.get(key.text)
            if same(was, now):
                continue
            if key.text in new or parts[key.text].commented or self._comments(key, value):
                self._change(parts[key.text], key, value, was, now)
            else:
                del parts[key.text]
        return self._joined([parts[name] for name in self._order(parts, old, new, node.column)], node.column)

    def sequence(self, node: Sequence, old: list[Data], new: list[Data]) -> str:
        """Splice a block sequence, from its first dash on."""
        ends = [node.start, *(each.end for each in node.items)]
        dashes = [self.text.rfind("-", end, each.start) for end, each in zip(ends, node.items, strict=False)]
        parts = self._parts([(dash, each.end) for dash, each in zip(dashes, node.items, strict=True)])
        kept = []
        before, after = ([_identity(value) for value in side] for side in (old, new))
        places = match(before, after, position=True)
        for n, value in enumerate(new):
            place = places.get(n)
            if place is None:
                kept.append(self._added(dump_item(value, node.column), node.column))
                continue
            part, was = parts[place], node.items[place]
            if not same(old[place], value):
                written = self._value(was, old[place], value)
                dash = self.text[dashes[place] : was.start]
                part.text = (
                    dash + written if written is not None else "\n".join(dump_item(value, node.column)).lstrip(" ")
                )
            kept.append(part)
        return self._joined(kept, node.column)

    def _value(self, node: Node, old: Data, new: Data) -> str | None:
        """Splice the value of a key or dash; nothing where it has to be written anew."""
        if isinstance(node, Mapping | Sequence) and node.flow:
            one_line = dump_inline(new, flow=True)
            return one_line if old and new and type(old) is type(new) and "\n" not in one_line else None
        if isinstance(node, Mapping) and isinstance(old, dict) and isinstance(new, dict) and new:
            return self.mapping(node, old, new)
        if isinstance(node, Sequence) and isinstance(old, list) and isinstance(new, list) and new:
            return self.sequence(node, old, new) if len(old) == len(node.items) else None
        return None

    def _change(self, part: _Part, key: Scalar, node: Node, old: Data, new: Data) -> None:
        """Write the entry's new value; a comment that stood within the old one goes above."""
        written = self._value(node, old, new)
        if written is not None:
            part.text = self.text[key.start : node.start] + written
            return
        head, *rest = dump_value(new, key.column)
        margin = " " * key.column
        comments = self._comments(key, node)
        line = self.text[key.start : key.end] + ":" + (f" {head}" if head else "")
        if rest and part.behind:
            line, part.behind = line + part.behind, ""
        elif rest and len(comments) == 1:
            line += f"  {comments.pop()}"
        part.above = "".join(f"{margin}{comment}\n" for comment in comments) + part.above
        part.text = "\n".join([line, *rest])

    def _comments(self, key: Scalar, node: Node) -> list[str]:
        """Find the comments between a key and its value, and in the header of a block scalar."""
        found: list[str] = COMMENT.findall(self.text[key.end + 1 : node.start])
        header = (
            HEADER_COMMENT.match(self.text, node.start) if isinstance(node, Scalar) and node.style in "|>" else None
        )
        return [*found, *([header[1]] if header else [])]

    def _parts(self, spans: list[tuple[int, int]]) -> list[_Part]:
        """Cut out the entries at these spans.  The text between two is divided at the end of the line."""
        parts = [_Part("", self.text[start:end], "") for start, end in spans]
        for (part, (_, end)), (following, (start, _)) in pairwise(zip(parts, spans, strict=True)):
            part.behind, _, following.above = self.text[end:start].partition("\n")
        return parts

    def _order(self, parts: dict[str, _Part], old: dict[str, Data], new: dict[str, Data], column: int) -> list[str]:
        """Order the names as by hand, or as in ``new`` where the order changed; new ones are inserted."""
        names = list(parts)
        if [name for name in old if name in new] != [name for name in new if name in old]:
            place = {name: n for n, name in enumerate(new)}
            names.sort(key=lambda name: place.get(name, len(new)))
        before = None
        for name, value in new.items():
            if name not in parts:
                parts[name] = self._added(dump_entry(name, value, column), column)
                names.insert(names.index(before) + 1 if before is not None else 0, name)
            before = name
        return names

    @staticmethod
    def _added(lines: list[str], column: int) -> _Part:
        return _Part("", "\n".join(lines)[column:], "")

    @staticmethod
    def _joined(parts: list[_Part], column: int) -> str:
        """Join the entries with line ends.  The text before the first one is not ours: comments above it go below."""
        if not parts:
            return "{}"
        first, *rest = parts
        stray = [" " * column + comment for comment in COMMENT.findall(first.above)]
        return "\n".join([first.text + first.behind, *stray, *(part.aligned(column) for part in rest)])


def _identity(value: Data) -> Identity:
    name = next((text for key in NAMES if isinstance(text := _get(value, key), str) and text), None)
    url = _get(value, "url")
    return Identity(repr(value), url if isinstance(url, str) else None, name)


def same(a: Data, b: Data) -> bool:
    """Whether two values are equal, with their keys in the same order."""
    return a == b and repr(a) == repr(b)


def _get(value: Data, key: str) -> Data:
    return value.get(key) if isinstance(value, dict) else None
