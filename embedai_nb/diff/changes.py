"""List the changes between two versions of an issue, item by item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from embedai_nb.diff.match import Identity, match
from embedai_nb.model import Issue, Item, Raw, Section, Warmup
from embedai_nb.text.paths import Path

PARTS = (
    "number",
    "headline",
    "heading",
    "tagline",
    "before",
    "lead",
    "intro",
    "warmups",
    "note",
    "after",
    "sections",
    "closing",
)
"""Parts of an issue that are no items, in order; ``sections`` stands for their names, notes and raw text."""


class Edit(NamedTuple):
    """Value of a field before and after; empty if there was none."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """A change of an item, or of a part of the issue."""

    kind: Literal["added", "removed", "moved", "edited"]
    section: str
    title: str
    edits: tuple[Edit, ...] = ()
    path: Path = field(default=(), compare=False)
    """Where it stands in the new state; empty where it is gone."""


class _PlacedItem(NamedTuple):
    section: str
    number: int
    item: Item
    path: Path


def compare(old: Issue, new: Issue, colon: str) -> tuple[Change, ...]:
    """List the changes: of parts of the issue, then of items in their new order, then removed items.

    Args:
        old: the issue as it was.
        new: the issue as it is.
        colon: the newsletter's, between the company of a warm-up and its text.
    """
    return (*_parts(old, new, colon), *_items(_placed(old.sections), _placed(new.sections)))


def _parts(old: Issue, new: Issue, colon: str) -> Iterator[Change]:
    for part in PARTS:
        before, after = _text(getattr(old, part), colon), _text(getattr(new, part), colon)
        if before != after:
            yield Change("edited", "", part, (Edit(part, before, after),), (part,))


def _text(value: object, colon: str) -> str:
    """A part of an issue as text."""
    match value:
        case tuple():
            return "\n".join(_text(entry, colon) for entry in value)
        case Warmup():
            return colon.join(text for text in (value.company, value.text) if text) + (
                f" {value.url}" if value.url else ""
            )
        case Raw():
            return value.raw
        case Section():
            raw = [item for item in value.items if isinstance(item, Raw)]
            return "\n".join(filter(None, [value.name, value.note, _text(tuple(raw), colon)]))
    return "" if value is None else str(value)


def _placed(sections: Sequence[Section]) -> list[_PlacedItem]:
    return [
        _PlacedItem(section.name, n, item, path)
        for number, section in enumerate(sections)
        for n, (path, item) in enumerate(_entries(number, section), 1)
    ]


def _entries(number: int, section: Section) -> Iterator[tuple[Path, Item]]:
    for index, item in enumerate(section.items):
        if isinstance(item, Item):
            yield ("sections", number, "items", index), item


def _items(old: Sequence[_PlacedItem], new: Sequence[_PlacedItem]) -> Iterator[Change]:
    before, after = ([_identity(placed.item) for placed in side] for side in (old, new))
    pairs = match(before, after, similar=True)
    stayed = _in_order([pairs[n] for n in sorted(pairs)])
    for n, now in enumerate(new):
        if n not in pairs:
            yield Change("added", now.section, now.item.title, path=now.path)
        elif change := _changed(old[pairs[n]], now, stayed=pairs[n] in stayed):
            yield change
    kept = set(pairs.values())
    yield from (Change("removed", was.section, was.item.title) for n, was in enumerate(old) if n not in kept)


def _in_order(new: Sequence[int]) -> set[int]:
    """The positions that need not move to bring the old order into the new one."""
    old = sorted(new)
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return {old[block.a + n] for block in blocks for n in range(block.size)}


def _changed(was: _PlacedItem, now: _PlacedItem, *, stayed: bool) -> Change | None:
    before, after = _fields(was.item), _fields(now.item)
    names = dict.fromkeys([*before, *after])
    edits = [Edit(k, before.get(k, ""), after.get(k, "")) for k in names if before.get(k, "") != after.get(k, "")]
    if was.section != now.section:
        return Change(
            "moved", now.section, now.item.title, (Edit("section", was.section, now.section), *edits), now.path
        )
    if not stayed:
        place = Edit("place", str(was.number), str(now.number))
        return Change("moved", now.section, now.item.title, (place, *edits), now.path)
    return Change("edited", now.section, now.item.title, tuple(edits), now.path) if edits else None


def _fields(item: Item) -> dict[str, str]:
    """The published texts of an item, by field or label."""
    links = "\n".join(f"{link.text} {link.url}" for link in item.links)
    own = {"title": item.title, "source": item.source, "url": item.url or "", "repo": item.repo or ""}
    return own | {"tags": " ".join(item.tags), "links": links, "text": item.text} | item.fields


def _identity(item: Item) -> Identity:
    return Identity(tuple(_fields(item).items()), item.url, item.title)
