"""Match two lists: which of the new values was which of the old ones.

The rules, in their order; each looks only at what those before it left over:

1. equal in everything;
2. the same page (`embedai_nb.text.urls.canonical`) under the same name;
3. the same page;
4. the same name: the title of an item, the company of a warm-up, the name of a section; not where both address and
   text differ, since then a new value has taken a name that was free;
5. nearly the same text, where it is long enough to be no coincidence;
6. the most similar name, if asked for;
7. the same position, if asked for.

Where several values fit, the one with the most similar text is taken, else the first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple, TypeAlias

from embedai_nb.text.urls import canonical

__all__ = ["SIMILAR", "Identity", "match"]

SIMILAR = 0.6
"""Ratio of `difflib` from which on two names are taken for one that was edited."""

SAME_TEXT, LONG = 0.8, 12
"""Similarity from which on two texts are taken for one that was edited, and characters that each of them must have."""


class Identity(NamedTuple):
    """What a value is recognized by."""

    whole: Hashable
    address: str | None = None
    """Of the page that it leads to; ``None`` or empty: of none."""
    name: str | None = None
    """``None``: it has none, which is no name to have in common."""
    kind: str = ""
    """Values of different kinds never match, except by position."""
    text: str = ""
    """What it says besides; empty: nothing, or nothing to be recognized by."""


def _whole(value: Identity) -> Hashable:
    return value.kind, value.whole


def _page_and_name(value: Identity) -> Hashable | None:
    return (value.kind, canonical(value.address), value.name) if value.address and value.name is not None else None


def _page(value: Identity) -> Hashable | None:
    return (value.kind, canonical(value.address)) if value.address else None


def _name(value: Identity) -> Hashable | None:
    return (value.kind, value.name) if value.name is not None else None


Rule: TypeAlias = Callable[[Identity], Hashable | None]

RULES: tuple[Rule, ...] = (_whole, _page_and_name, _page, _name)
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
        _match_keys(pairs, old, new, rule)
    _match_texts(pairs, old, new)
    if similar:
        _match_similar(pairs, old, new)
    if position:
        free = set(_left(len(old), pairs.values()))
        pairs |= {place: place for place in _left(len(new), pairs.keys()) if place in free}
    return pairs


def _match_keys(pairs: dict[int, int], old: Sequence[Identity], new: Sequence[Identity], rule: Rule) -> None:
    """Add the pairs of values that have a key in common."""
    free: dict[Hashable, list[int]] = defaultdict(list)
    for place in _left(len(old), pairs.values()):
        free[rule(old[place])].append(place)
    for place in _left(len(new), pairs.keys()):
        key = rule(new[place])
        fitting = [each for each in free[key] if rule is not _name or _may_share_a_name(old[each], new[place])]
        if key is not None and fitting:
            pairs[place] = _most_alike(fitting, old, new[place])
            free[key].remove(pairs[place])


def _may_share_a_name(old: Identity, new: Identity) -> bool:
    """Whether a value may have kept its name, as its address or its text shows; with neither, the name is all there is."""
    if not (old.text and new.text):
        return True
    same_page = bool(old.address and new.address) and canonical(old.address or "") == canonical(new.address or "")
    return same_page or not (old.address or new.address) or _text_ratio(old, new) >= SIMILAR


def _most_alike(places: Sequence[int], old: Sequence[Identity], new: Identity) -> int:
    """The place of the most similar text; the first if there is none to compare."""
    if len(places) == 1:
        return places[0]
    return max(places, key=lambda place: _text_ratio(old[place], new))


def _match_texts(pairs: dict[int, int], old: Sequence[Identity], new: Sequence[Identity]) -> None:
    """Add the pairs of values that say nearly the same under another name and address."""
    for place in _left(len(new), pairs.keys()):
        ratios = {other: _text_ratio(old[other], new[place]) for other in _left(len(old), pairs.values())}
        best = max(ratios, key=lambda other: ratios[other], default=None)
        if best is not None and ratios[best] >= SAME_TEXT:
            pairs[place] = best


def _text_ratio(old: Identity, new: Identity) -> float:
    """Similarity of two texts from 0 to 1; 0 for those of different kinds, and for short ones."""
    if old.kind != new.kind or min(len(old.text), len(new.text)) < LONG:
        return 0.0
    from rapidfuzz import fuzz  # seldom needed, and this module is part of every command

    return fuzz.ratio(old.text, new.text, score_cutoff=100 * SIMILAR) / 100


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
