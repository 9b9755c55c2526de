"""Two people changed one issue: what differs, field by field, and what comes of choosing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel

from embedai_nb.diff.keyed import KeyedIssue, KeyedItem, KeyedSection
from embedai_nb.model import Item, Link, Raw, Section, Warmup

__all__ = ["Difference", "Side", "differences", "merged"]

Side: TypeAlias = Literal["mine", "theirs"]

ORDER = "order"
"""Name of the one difference that is about the order of entries and sections."""

LABELS = "labels"
"""Field of a difference that is about the order of an item's labels."""

WHOLE = "whole"
"""Field of a difference that is about an entry or section being there at all."""


@dataclass(frozen=True)
class Difference:
    """Something that is one thing here and another there.

    Args:
        key: of the entry or section; empty: of the issue.
        field: of that; a label's name stands behind ``fields.``.
        mine: the text here; ``None``: it is not there.
        theirs: likewise.
        suggested: the side that changed it; where both did, one's own.
        both: whether both did.
    """

    key: str
    field: str
    mine: str | None
    theirs: str | None
    suggested: Side
    both: bool

    @property
    def name(self) -> str:
        """What a choice is filed under."""
        return f"{self.key}:{self.field}"


Choice: TypeAlias = Callable[[str, str], Side]
"""Key and field → the side chosen."""


def differences(base: KeyedIssue, mine: KeyedIssue, theirs: KeyedIssue) -> tuple[Difference, ...]:
    """What differs between two contents that share their keys with what both were made of.

    What only one of them added differs in nothing: it is kept.
    """
    return tuple(_differences(base, mine, theirs))


def merged(base: KeyedIssue, mine: KeyedIssue, theirs: KeyedIssue, choices: Mapping[str, Side]) -> KeyedIssue:
    """The content that comes of choosing a side for each difference; those not chosen are as suggested."""
    sides = {found.name: found.suggested for found in differences(base, mine, theirs)} | dict(choices)

    def choice(key: str, field: str) -> Side:
        return sides.get(f"{key}:{field}", "mine")

    return _Merger(base, mine, theirs, choice).content()


# --- differences ----------------------------------------------------------------------------------------------


def _differences(base: KeyedIssue, mine: KeyedIssue, theirs: KeyedIssue) -> Iterator[Difference]:
    yield from _in_value("", base.frame, mine.frame, theirs.frame)
    were, ours, others = _values(base), _values(mine), _values(theirs)
    for key in dict.fromkeys([*ours, *others]):
        was, our, other = were.get(key), ours.get(key), others.get(key)
        if our is not None and other is not None:
            yield from _in_value(key, was, our, other)
        elif was is not None:
            yield _in_whole(key, was, our, other)
    common = set(ours) & set(others)
    orders = [_order(each, common) for each in (base, mine, theirs)]
    if orders[1] != orders[2]:
        yield _difference("", ORDER, *("\n".join(_outline(each, common)) for each in (base, mine, theirs)))


def _values(known: KeyedIssue) -> dict[str, BaseModel]:
    entries = {entry.key: entry.value for entry in known.entries()}
    return entries | {part.key: part.value for part in known.parts}


def _in_value(key: str, was: BaseModel | None, our: BaseModel, other: BaseModel) -> Iterator[Difference]:
    before, here, there = _fields(was) if was is not None else {}, _fields(our), _fields(other)
    for name in dict.fromkeys([*here, *there]):
        if here.get(name) != there.get(name):
            yield _difference(key, name, *(_text(fields.get(name)) for fields in (before, here, there)))
    orders = [_labels(our, other), _labels(other, our)]
    if orders[0] != orders[1]:
        yield _difference(key, LABELS, *("\n".join(order) for order in (_labels(was, our), *orders)))


def _labels(value: BaseModel | None, other: BaseModel) -> list[str]:
    """The labels of an item that the other one has, too, in their order."""
    if not isinstance(value, Item) or not isinstance(other, Item):
        return []
    return [label for label in value.fields if label in other.fields]


def _in_whole(key: str, was: BaseModel, our: BaseModel | None, other: BaseModel | None) -> Difference:
    """One side removed it; unless the other changed it, that is what is suggested."""
    texts = [None if value is None else _summary(value) for value in (our, other)]
    both = was != (other if our is None else our)
    suggested: Side = "mine" if (our is None) != both else "theirs"
    return Difference(key, WHOLE, texts[0], texts[1], suggested, both)


def _difference(key: str, field: str, before: str | None, here: str | None, there: str | None) -> Difference:
    suggested: Side = "theirs" if here == before else "mine"
    return Difference(key, field, here, there, suggested, before not in (here, there))


def _fields(value: BaseModel) -> dict[str, object]:
    """What a value consists of; each label of an item by itself."""
    found = {name: getattr(value, name) for name in type(value).model_fields}
    for name in ("date", "imported", "warmups", "sections", "items"):
        found.pop(name, None)
    labels = found.pop("fields", {})
    return found | {f"fields.{label}": text for label, text in labels.items()}


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, tuple):
        return "\n".join(f"{each.text} {each.url}" if isinstance(each, Link) else str(each) for each in value)
    return str(value)


def _summary(value: BaseModel) -> str:
    match value:
        case Item():
            return "\n".join(filter(None, [value.title, value.url, value.text, *value.fields.values()]))
        case Warmup():
            return "：".join(filter(None, [value.company, value.text]))
        case Raw():
            return value.raw
        case Section():
            return value.name
    return ""


def _order(known: KeyedIssue, common: set[str]) -> list[tuple[str, list[str]]]:
    groups = [("", known.warmups), *((part.key, part.entries) for part in known.parts if part.key in common)]
    return [(key, [entry.key for entry in entries if entry.key in common]) for key, entries in groups]


def _outline(known: KeyedIssue, common: set[str]) -> Iterator[str]:
    values = _values(known)
    for key, entries in _order(known, common):
        if key:
            yield _summary(values[key])
        yield from (f"· {_summary(values[each]).split(chr(10), 1)[0]}" for each in entries)


# --- choosing -------------------------------------------------------------------------------------------------


class _Merger:
    """Puts together what was chosen."""

    def __init__(self, base: KeyedIssue, mine: KeyedIssue, theirs: KeyedIssue, choice: Choice) -> None:
        self.base = _values(base)
        self.mine, self.theirs, self.choice = mine, theirs, choice
        self.ours, self.others = _values(mine), _values(theirs)

    def content(self) -> KeyedIssue:
        first, second = (self.mine, self.theirs) if self.choice("", ORDER) == "mine" else (self.theirs, self.mine)
        placed = {entry.key for entry in first.entries()}
        frame = self._value("", self.mine.frame, self.theirs.frame)
        warmups = self._entries(first.warmups, second.warmups, placed)
        keys = _woven([part.key for part in first.parts], [part.key for part in second.parts])
        parts = [self._part(key, first, second, placed) for key in keys]
        return KeyedIssue(frame, warmups, tuple(part for part in parts if part is not None))

    def _part(self, key: str, first: KeyedIssue, second: KeyedIssue, placed: set[str]) -> KeyedSection | None:
        one, other = (next((p for p in known.parts if p.key == key), None) for known in (first, second))
        entries = self._entries(one.entries if one else (), other.entries if other else (), placed)
        if not entries and not self._kept(key):
            return None
        return KeyedSection(key, self._chosen(key), entries)

    def _entries(
        self, first: Sequence[KeyedItem], second: Sequence[KeyedItem], placed: set[str]
    ) -> tuple[KeyedItem, ...]:
        """Those of the first, and of the second those that the first has nowhere."""
        others = [entry.key for entry in second if entry.key not in placed or any(e.key == entry.key for e in first)]
        keys = _woven([entry.key for entry in first], others)
        return tuple(KeyedItem(key, self._chosen(key)) for key in keys if self._kept(key))

    def _kept(self, key: str) -> bool:
        here, there = key in self.ours, key in self.others
        if (here and there) or key not in self.base:
            return True
        return here if self.choice(key, WHOLE) == "mine" else there

    def _chosen(self, key: str) -> Any:
        our, other = self.ours.get(key), self.others.get(key)
        if our is None or other is None:
            return our if other is None else other
        return self._value(key, our, other)

    def _value(self, key: str, our: Any, other: Any) -> Any:
        if type(our) is not type(other):
            return our
        here, there = _fields(our), _fields(other)
        names = dict.fromkeys([*here, *there])
        sides = {name: there if self.choice(key, name) == "theirs" else here for name in names}
        found = {name: side[name] for name, side in sides.items() if name in side}
        labels = {name.removeprefix("fields."): text for name, text in found.items() if name.startswith("fields.")}
        if isinstance(our, Item):
            first, second = (our, other) if self.choice(key, LABELS) == "mine" else (other, our)
            labels = {label: labels[label] for label in _woven([*first.fields], [*second.fields]) if label in labels}
        update = {name: value for name, value in found.items() if not name.startswith("fields.")}
        return our.model_copy(update=update | ({"fields": labels} if isinstance(our, Item) else {}))


def _woven(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """The keys of both; those that only the second has, behind the one they follow there."""
    woven, known = list(first), set(first)
    at = 0
    for key in second:
        if key in known:
            at = woven.index(key) + 1
        else:
            woven.insert(at, key)
            at += 1
    return woven
