"""Merge fetched metadata into an item that somebody may have edited meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from embedai_nb.capture.messages import PENDING
from embedai_nb.model import Item

__all__ = ["filled"]


def filled(item: Item, asked: Item, answered: Item) -> Item:
    """Merge fetched metadata into an item.

    Args:
        asked: the item as it was when the request was made; fields edited since then stay as they are.
        answered: that item with the metadata.
    """
    values = {name: said for name, said in answered if said != getattr(asked, name) == getattr(item, name)}
    return item.model_copy(update=values | {"note": "\n".join(_note(item.note, asked.note, answered.note))})


def _note(note: str, asked: str, answered: str) -> Iterator[str]:
    """Merge the lines of a note: those that the answer dropped go, new ones come, 待补 first."""
    lines, before, now = (text.split("\n") if text else [] for text in (note, asked, answered))
    new = [line for line in now if line not in before and line not in lines]
    yield from (line for line in new if line.startswith(PENDING))
    yield from (line for line in lines if line in now or line not in before)
    yield from (line for line in new if not line.startswith(PENDING))
