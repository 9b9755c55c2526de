"""Match two lists: which of the new values was which of the old ones.

The rules, in their order; each looks only at what those before it left over:

1. equal in everything;
2. the same page (`embedai_nb.text.urls.canonical`) under the same name;
3. the same page;
4. the same name: the title of an item, the company of a warm-up, the name of a section;
5. the most similar name, if asked for;
6. the same position, if asked for.

Where several values fit, the first is taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from embedai_nb.text.urls import canonical

__all__ = ["SIMILAR", "Identity", "match"]

SIMILAR = 0.6
"""Ratio of `difflib` from which on two names are taken for one that was edited."""


class Identity(NamedTuple):
    """What a value is recognized by."""

    whole: Hashable
    address: str | None = None
    """Of the page that it leads to; ``None`` or empty: of none."""
    name: str | None = None
    """``None``: it has none, which is no name to have in common."""
    kind: str = ""
    """Values of different kinds never match, except by position."""


def _whole(value: Identity) -> Hashable:
    return value.kind, value.whole


def _page_and_name(value: Identity) -> Hashable | None:
    return (value.kind, canonical(value.address), value.name) if value.address and value.name is not None else None


def _page(value: Identity) -> Hashable | None:
    return (value.kind, canonical(value.address)) if value.address else None


def _name(value: Identity) -> Hashable | None:
    return (value.kind, value.name) if value.name is not None else None


RULES: tuple[Callable[[Identity], Hashable | None], ...] = (_whole, _page_and_name, _page, _name)
"""Keys that two values have in common if they are the same."""


def match(
    old: Sequence[Identity], new: Sequence[Identity], *, similar: bool = False, position: bool = False
) -> dict[int, int]:
    """Match new values to old ones.

    Args:
        old: the values before.
        new: the values now.
        similar: whether similar names match.
        position: whether values that no other rule matched do so where they stand at the same place.

    Returns:
        Position of a new value → position of the old one; each occurs once.
    """
    pairs: dict[int, int] = {}
    for rule in RULES:
        _match_keys(pairs, list(map(rule, old)), list(map(rule, new)))
    if similar:
        _match_similar(pairs, old, new)
    if position:
        _match_keys(pairs, range(len(old)), range(len(new)))
    return pairs


def _match_keys(pairs: dict[int, int], old: Sequence[Hashable | None], new: Sequence[Hashable | None]) -> None:
    """Add the pairs of values that have a key in common."""
    free: dict[Hashable, list[int]] = defaultdict(list)
    for place in _left(len(old), pairs.values()):
        free[old[place]].append(place)
    for place in _left(len(new), pairs.keys()):
        if new[place] is not None and free[new[place]]:
            pairs[place] = free[new[place]].pop(0)


def _match_similar(pairs: dict[int, int], old: Sequence[Identity], new: Sequence[Identity]) -> None:
    """Add the pairs of values whose names are similar."""
    for place in _left(len(new), pairs.keys()):
        ratios = {other: _ratio(old[other], new[place]) for other in _left(len(old), pairs.values())}
        best = max(ratios, key=lambda other: ratios[other], default=None)
        if best is not None and ratios[best] >= SIMILAR:
            pairs[place] = best


def _ratio(old: Identity, new: Identity) -> float:
    if old.kind != new.kind or old.name is None or new.name is None:
        return 0.0
    return SequenceMatcher(None, old.name, new.name).ratio()


def _left(count: int, taken: Collection[int]) -> list[int]:
    used = set(taken)
    return [place for place in range(count) if place not in used]
