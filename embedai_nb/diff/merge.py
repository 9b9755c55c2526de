"""Three-way merge of issues, field by field: what differs between ours and theirs, and the result of choosing sides.

The three issues share their keys (`embedai_nb.diff.keyed`), so a moved entry is not mistaken for a removed one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel

from embedai_nb.diff.keyed import KeyedIssue, KeyedItem, KeyedSection
from embedai_nb.model import Item, Link, Raw, Section, Warmup

__all__ = ["Difference", "Side", "differences", "merged", "woven"]

Side: TypeAlias = Literal["ours", "theirs"]

ORDER = "order"
"""Field of a difference about the order of the entries of a list, or of the sections; its key is that of the list."""

PLACE = "place"
"""Field of a difference about the list that an entry is in."""

WARMUPS, SECTIONS = "warmups", ""
"""Keys of the list of warm-ups, and of the list of sections."""

LABELS = "labels"
"""Field of a difference about the order of an item's labels."""

WHOLE = "whole"
"""Field of a difference about whether an entry or section is there at all."""


@dataclass(frozen=True)
class Difference:
    """A field with different values in ours and theirs.

    Args:
        key: of the entry or section; empty for the issue itself.
        field: its name; that of a label follows ``fields.``.
        ours: the value as text; ``None`` if there is none.
        theirs: likewise.
        suggested: the side that changed it; ours if both did, which is a conflict.
        both: whether both did.
    """

    key: str
    field: str
    ours: str | None
    theirs: str | None
    suggested: Side
    both: bool

    @property
    def name(self) -> str:
        """Key of the choice between its sides."""
        return f"{self.key}:{self.field}"


Choice: TypeAlias = Callable[[str, str], Side]
"""Key and field → chosen side."""


def differences(base: KeyedIssue, ours: KeyedIssue, theirs: KeyedIssue) -> tuple[Difference, ...]:
    """List the differences between two descendants of ``base``; what only one of them added is none."""
    return tuple(_differences(base, ours, theirs))


def merged(base: KeyedIssue, ours: KeyedIssue, theirs: KeyedIssue, choices: Mapping[str, Side]) -> KeyedIssue:
    """Merge two descendants of ``base``.

    Args:
        base: the common ancestor.
        ours: one descendant.
        theirs: the other.
        choices: a side for each difference, by its name; the suggested one where it is left out.
    """
    sides = {found.name: found.suggested for found in differences(base, ours, theirs)} | dict(choices)

    def choice(key: str, field: str) -> Side:
        return sides.get(f"{key}:{field}", "ours")

    return _Merger(base, ours, theirs, choice).merged()


# --- differences ----------------------------------------------------------------------------------------------


def _differences(base: KeyedIssue, ours: KeyedIssue, theirs: KeyedIssue) -> Iterator[Difference]:
    yield from _in_value("", base.frame, ours.frame, theirs.frame)
    base_values, our_values, their_values = _values(base), _values(ours), _values(theirs)
    places = [_places(each) for each in (base, ours, theirs)]
    for key in dict.fromkeys([*our_values, *their_values]):
        values = base_values.get(key), our_values.get(key), their_values.get(key)
        if values[1] is not None and values[2] is not None:
            yield from _in_value(key, values[0], values[1], values[2])
        elif values[0] is not None:
            moved = {known.get(key) for known in places} - {None} != {places[0].get(key)}
            yield _in_whole(key, values[0], values[1], values[2], moved=moved)
    yield from _in_places(base, ours, theirs)
    yield from _in_orders(base, ours, theirs)


def _in_places(base: KeyedIssue, ours: KeyedIssue, theirs: KeyedIssue) -> Iterator[Difference]:
    """Entries that are in one list in ours, and in another in theirs."""
    names = {part.key: part.value.name for known in (theirs, ours) for part in known.parts} | {WARMUPS: None}
    places = [_places(each) for each in (base, ours, theirs)]
    for key, place in places[1].items():
        if place != (other := places[2].get(key, place)):
            was = places[0].get(key)
            suggested: Side = "theirs" if place == was else "ours"
            yield Difference(key, PLACE, names[place], names[other], suggested, was not in (place, other))


def _in_orders(base: KeyedIssue, ours: KeyedIssue, theirs: KeyedIssue) -> Iterator[Difference]:
    """Lists whose common entries are in another order in ours than in theirs."""
    before, mine, other = (_lists(each) for each in (base, ours, theirs))
    for key in (key for key in mine if key in other):
        common = set(mine[key]) & set(other[key])
        orders = [[each for each in known.get(key, ()) if each in common] for known in (before, mine, other)]
        if orders[1] != orders[2]:
            changed = [[each for each in order if each in orders[0]] != orders[0] for order in orders[1:]]
            suggested: Side = "theirs" if changed == [False, True] else "ours"
            yield Difference(key, ORDER, _lines(ours, orders[1]), _lines(theirs, orders[2]), suggested, all(changed))


def _lists(known: KeyedIssue) -> dict[str, list[str]]:
    """The keys of the entries of each list, and those of the sections."""
    lists = {part.key: [entry.key for entry in part.entries] for part in known.parts}
    return lists | {WARMUPS: [entry.key for entry in known.warmups], SECTIONS: [part.key for part in known.parts]}


def _places(known: KeyedIssue) -> dict[str, str]:
    """The key of the list that each entry is in."""
    return {entry: key for key, entries in _lists(known).items() if key != SECTIONS for entry in entries}


def _lines(known: KeyedIssue, keys: Sequence[str]) -> str:
    values = _values(known)
    return "\n".join(f"· {_summary(values[key]).split(chr(10), 1)[0]}" for key in keys)


def _values(known: KeyedIssue) -> dict[str, BaseModel]:
    entries = {entry.key: entry.value for entry in known.entries()}
    return entries | {part.key: part.value for part in known.parts}


def _in_value(key: str, base: BaseModel | None, ours: BaseModel, theirs: BaseModel) -> Iterator[Difference]:
    sides = (_blank(ours) if base is None else _fields(base), _fields(ours), _fields(theirs))
    for name in dict.fromkeys([*sides[1], *sides[2]]):
        if sides[1].get(name) != sides[2].get(name):
            yield _difference(key, name, *(_text(side.get(name)) for side in sides))
    orders = [_labels(ours, theirs), _labels(theirs, ours)]
    if orders[0] != orders[1]:
        yield _difference(key, LABELS, *("\n".join(order) for order in (_labels(base, ours), *orders)))


def _blank(added: BaseModel) -> dict[str, object]:
    """The fields of what both sides added, before they did; a side that left one out did not change it."""
    fields = type(added).model_fields.items()
    return {name: field.get_default(call_default_factory=True) for name, field in fields if not field.is_required()}


def _labels(value: BaseModel | None, other: BaseModel) -> list[str]:
    """The labels that both items have, in the order of the first."""
    if not isinstance(value, Item) or not isinstance(other, Item):
        return []
    return [label for label in value.fields if label in other.fields]


def _in_whole(
    key: str, base: BaseModel, ours: BaseModel | None, theirs: BaseModel | None, *, moved: bool
) -> Difference:
    """A removal by one side, which is suggested unless the other side changed the value, or moved it."""
    our_text, their_text = (None if value is None else _summary(value) for value in (ours, theirs))
    both = moved or base != (theirs if ours is None else ours)
    suggested: Side = "ours" if (ours is None) != both else "theirs"
    return Difference(key, WHOLE, our_text, their_text, suggested, both)


def _difference(key: str, field: str, base: str | None, ours: str | None, theirs: str | None) -> Difference:
    suggested: Side = "theirs" if ours == base else "ours"
    return Difference(key, field, ours, theirs, suggested, base not in (ours, theirs))


def _fields(value: BaseModel) -> dict[str, object]:
    """The fields of a value; each label of an item is one by itself."""
    found = {name: getattr(value, name) for name in type(value).model_fields}
    for name in ("imported", "warmups", "sections", "items"):
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
            return " ".join(filter(None, [value.company, value.text]))
        case Raw():
            return value.raw
        case Section():
            return value.name
    return ""


# --- merging --------------------------------------------------------------------------------------------------


class _Merger:
    """Assembles the merged issue from the chosen sides."""

    def __init__(self, base: KeyedIssue, ours: KeyedIssue, theirs: KeyedIssue, choice: Choice) -> None:
        self.base_values = _values(base)
        self.ours, self.theirs, self.choice = ours, theirs, choice
        self.our_values, self.their_values = _values(ours), _values(theirs)
        self.our_places, self.their_places = _places(ours), _places(theirs)

    def merged(self) -> KeyedIssue:
        frame = self._value("", self.ours.frame, self.theirs.frame)
        orders = _lists(self.ours), _lists(self.theirs)
        places = {key: self._place(key) for key in (*self.our_places, *self.their_places)}
        parts = (self._part(key, self._entries(key, *orders, places)) for key in self._ordered(SECTIONS, *orders))
        warmups = self._entries(WARMUPS, *orders, places)
        return KeyedIssue(frame, warmups, tuple(part for part in parts if part is not None))

    def _place(self, key: str) -> str:
        """The list that an entry belongs into."""
        ours, theirs = self.our_places.get(key), self.their_places.get(key)
        if ours is None or (theirs is not None and self.choice(key, PLACE) == "theirs"):
            return theirs or WARMUPS
        return ours

    def _ordered(self, key: str, ours: Mapping[str, list[str]], theirs: Mapping[str, list[str]]) -> list[str]:
        """The keys of a list in the chosen order; those that only the other side has stand where they do there."""
        orders = [ours.get(key, []), theirs.get(key, [])]
        return woven(*(orders if self.choice(key, ORDER) == "ours" else reversed(orders)))

    def _part(self, key: str, entries: tuple[KeyedItem, ...]) -> KeyedSection | None:
        return KeyedSection(key, self._chosen(key), entries) if entries or self._kept(key) else None

    def _entries(
        self, key: str, ours: Mapping[str, list[str]], theirs: Mapping[str, list[str]], places: Mapping[str, str]
    ) -> tuple[KeyedItem, ...]:
        """The entries of a list, those that came from another one among them."""
        keys = (each for each in self._ordered(key, ours, theirs) if places[each] == key and self._kept(each))
        return tuple(KeyedItem(each, self._chosen(each)) for each in keys)

    def _kept(self, key: str) -> bool:
        in_ours, in_theirs = key in self.our_values, key in self.their_values
        if (in_ours and in_theirs) or key not in self.base_values:
            return True
        return in_ours if self.choice(key, WHOLE) == "ours" else in_theirs

    def _chosen(self, key: str) -> Any:
        ours, theirs = self.our_values.get(key), self.their_values.get(key)
        if ours is None or theirs is None:
            return ours if theirs is None else theirs
        return self._value(key, ours, theirs)

    def _value(self, key: str, ours: Any, theirs: Any) -> Any:
        if type(ours) is not type(theirs):
            return ours
        our_fields, their_fields = _fields(ours), _fields(theirs)
        names = dict.fromkeys([*our_fields, *their_fields])
        sides = {name: their_fields if self.choice(key, name) == "theirs" else our_fields for name in names}
        chosen = {name: side[name] for name, side in sides.items() if name in side}
        update = {name: value for name, value in chosen.items() if not name.startswith("fields.")}
        if isinstance(ours, Item):
            first, second = (ours, theirs) if self.choice(key, LABELS) == "ours" else (theirs, ours)
            labels = woven([*first.fields], [*second.fields])
            update["fields"] = {each: chosen[f"fields.{each}"] for each in labels if f"fields.{each}" in chosen}
        return ours.model_copy(update=update)


def woven(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Merge two orders of keys: a key that only the second has stands behind the one that it follows there."""
    woven, known = list(first), set(first)
    at = 0
    for key in second:
        if key in known:
            at = woven.index(key) + 1
        else:
            woven.insert(at, key)
            at += 1
    return woven
