"""Issues whose entries and sections have keys, which stay the same while they are moved and edited.

Keys are what a merge compares by, and what a form names an entry by.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from embedai_nb.diff.match import Identity, match
from embedai_nb.model import Issue, Item, Raw, Section, Warmup

__all__ = [
    "KeyedIssue",
    "KeyedItem",
    "KeyedSection",
    "Value",
    "aligned",
    "keyed",
    "new_key",
    "rekeyed",
    "with_additions_matched",
]

Value: TypeAlias = "Item | Warmup | Raw"

# Different in each process, so that a key that outlived its process never means another entry.
_RUN = secrets.token_hex(3)
_numbers = itertools.count(1)


def new_key() -> str:
    """Make a key that nothing else has."""
    return f"{_RUN}-{next(_numbers)}"


@dataclass(frozen=True)
class KeyedItem:
    """A warm-up, an item, or raw text kept between them."""

    key: str
    value: Value


@dataclass(frozen=True)
class KeyedSection:
    """A section; ``value`` has no items."""

    key: str
    value: Section
    entries: tuple[KeyedItem, ...] = ()


@dataclass(frozen=True, eq=False)
class KeyedIssue:
    """An issue; ``frame`` has neither warm-ups nor sections."""

    frame: Issue
    warmups: tuple[KeyedItem, ...] = ()
    parts: tuple[KeyedSection, ...] = ()

    def __eq__(self, other: object) -> bool:
        """Compare the order of labels, too, which dictionaries ignore."""
        return isinstance(other, KeyedIssue) and self._compared() == other._compared()

    def _compared(self) -> tuple[object, ...]:
        labels = tuple(tuple(e.value.fields) for e in self.entries() if isinstance(e.value, Item))
        return self.frame, self.warmups, self.parts, labels

    @property
    def issue(self) -> Issue:
        """The issue without keys; the inverse of `keyed`."""
        sections = tuple(
            part.value.model_copy(update={"items": tuple(entry.value for entry in part.entries)}) for part in self.parts
        )
        warmups = tuple(entry.value for entry in self.warmups)
        return self.frame.model_copy(update={"warmups": warmups, "sections": sections})

    def entries(self) -> Iterator[KeyedItem]:
        """Warm-ups, then the entries of all sections."""
        yield from self.warmups
        for part in self.parts:
            yield from part.entries

    def entry(self, key: str) -> KeyedItem | None:
        """The entry of this key."""
        return next((entry for entry in self.entries() if entry.key == key), None)

    def part(self, key: str) -> KeyedSection | None:
        """The section of this key, or the one that has the entry of this key."""
        keys = ((part, (part.key, *(entry.key for entry in part.entries))) for part in self.parts)
        return next((part for part, known in keys if key in known), None)

    def with_part(self, changed: KeyedSection) -> KeyedIssue:
        """Replace the section of the same key."""
        return replace(self, parts=tuple(changed if part.key == changed.key else part for part in self.parts))

    def with_entries(self, place: str, entries: Sequence[KeyedItem]) -> KeyedIssue:
        """Replace the entries of the section ``place``, or of an entry's section; without one, the warm-ups."""
        if (part := self.part(place)) is None:
            return replace(self, warmups=tuple(entries))
        return self.with_part(replace(part, entries=tuple(entries)))

    def with_value(self, key: str, value: Value) -> KeyedIssue:
        """Replace the value of the entry ``key``."""
        siblings = self.siblings(key)
        return self.with_entries(key, [replace(e, value=value) if e.key == key else e for e in siblings])

    def siblings(self, key: str) -> tuple[KeyedItem, ...]:
        """The entries of the section ``key``, or of the list that holds the entry ``key``."""
        part = self.part(key)
        return self.warmups if part is None else part.entries


def keyed(issue: Issue) -> KeyedIssue:
    """Give new keys to all entries and sections."""
    parts = tuple(
        KeyedSection(new_key(), section.model_copy(update={"items": ()}), _entries(section.items))
        for section in issue.sections
    )
    return KeyedIssue(issue.model_copy(update={"warmups": (), "sections": ()}), _entries(issue.warmups), parts)


def _entries(values: Sequence[Value]) -> tuple[KeyedItem, ...]:
    return tuple(KeyedItem(new_key(), value) for value in values)


# --- keys kept across versions --------------------------------------------------------------------------------

Keyed = TypeVar("Keyed", KeyedItem, KeyedSection)


def rekeyed(issue: Issue, known: KeyedIssue) -> KeyedIssue:
    """Give the entries and sections of an issue the keys they have in ``known``, another version of it.

    Those that `embedai_nb.diff.match` finds nowhere in it get new keys.
    """
    fresh = keyed(issue)
    keys = _matched(tuple(fresh.entries()), tuple(known.entries())) | _matched(fresh.parts, known.parts)
    return _with_keys(fresh, keys | _renamed_sections(fresh, known, keys))


def aligned(base: Issue | None, ours: Issue, theirs: Issue) -> tuple[KeyedIssue, KeyedIssue, KeyedIssue]:
    """Give three versions of an issue keys in common, as a merge needs them; without ``base``, all was added by both."""
    known = keyed(base or Issue(date=ours.date))
    mine = rekeyed(ours, known)
    return known, mine, with_additions_matched(rekeyed(theirs, known), mine, known)


def with_additions_matched(theirs: KeyedIssue, ours: KeyedIssue, base: KeyedIssue) -> KeyedIssue:
    """Give what both added to ``base``, the same link, say, the key that it has in ours."""
    known = {entry.key for entry in base.entries()} | {part.key for part in base.parts}

    def added(values: Iterable[Keyed]) -> tuple[Keyed, ...]:
        return tuple(each for each in values if each.key not in known)

    keys = _matched(added(theirs.entries()), added(ours.entries())) | _matched(added(theirs.parts), added(ours.parts))
    return _with_keys(theirs, keys)


def _with_keys(issue: KeyedIssue, keys: Mapping[str, str]) -> KeyedIssue:
    parts = tuple(
        replace(part, key=keys.get(part.key, part.key), entries=_renamed(part.entries, keys)) for part in issue.parts
    )
    return replace(issue, warmups=_renamed(issue.warmups, keys), parts=parts)


def _renamed_sections(new: KeyedIssue, old: KeyedIssue, keys: Mapping[str, str]) -> dict[str, str]:
    """Recognize sections that have another name by the entries that they share: more than half of them."""
    found = dict[str, str]()
    free = [part for part in old.parts if part.key not in keys.values()]
    for part in (part for part in new.parts if part.key not in keys):
        here = [keys.get(entry.key) for entry in part.entries]
        for other in free:
            there = {entry.key for entry in other.entries}
            if other.key not in found.values() and 2 * sum(key in there for key in here) > max(len(here), len(there)):
                found[part.key] = other.key
                break
    return found


def _renamed(entries: Sequence[KeyedItem], keys: Mapping[str, str]) -> tuple[KeyedItem, ...]:
    return tuple(replace(entry, key=keys.get(entry.key, entry.key)) for entry in entries)


def _matched(new: Sequence[Keyed], old: Sequence[Keyed]) -> dict[str, str]:
    """Return the old key for each new one."""
    before, after = ([_identity(each.value) for each in side] for side in (old, new))
    return {new[place].key: old[other].key for place, other in match(before, after).items()}


def _identity(value: Value | Section) -> Identity:
    whole, kind = value.model_dump_json(), type(value).__name__
    match value:
        case Item():
            text = "\n".join([value.text, *value.fields.values()])
            return Identity(whole, value.url, value.title or None, kind, text)
        case Warmup():
            return Identity(whole, value.url, value.company or None, kind, value.text)
        case Raw():
            return Identity(whole, kind=kind, text=value.raw)
        case Section():
            return Identity(whole, None, value.name or None, kind)
    return Identity(whole, kind=kind)
