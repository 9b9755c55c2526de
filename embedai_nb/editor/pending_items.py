"""Look up the metadata of items that are still marked 待补 (incomplete)."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from embedai_nb.capture import Fetcher, is_pending, retry
from embedai_nb.diff.keyed import KeyedIssue
from embedai_nb.model import Issue, Item, Newsletter, Section

__all__ = ["PendingItem", "look_up", "pending_items"]


@dataclass(frozen=True)
class PendingItem:
    """An item without all its metadata, with its key and the name of its section."""

    key: str
    section: str
    item: Item


def pending_items(content: KeyedIssue, keys: Collection[str]) -> list[PendingItem]:
    """Filter entries by their keys: the items without all their metadata."""
    entries = [(part.value.name, entry) for part in content.parts for entry in part.entries if entry.key in keys]
    items = [(entry.key, name, entry.value) for name, entry in entries if isinstance(entry.value, Item)]
    return [PendingItem(key, name, item) for key, name, item in items if is_pending(item)]


def look_up(item: PendingItem, newsletter: Newsletter, fetcher: Fetcher) -> Item:
    """Fetch the metadata of an item; a failure is written into its note, none is raised."""
    section = Section(name=item.section, items=(item.item,))
    found, _ = retry(Issue(date=datetime.date.min, sections=(section,)), newsletter, fetcher)
    return found.entries[0]
