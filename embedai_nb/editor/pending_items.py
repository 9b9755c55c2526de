"""Items that wait for a site to answer: what is asked, and what is answered."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from embedai_nb.capture import Fetcher, is_pending, retry
from embedai_nb.diff.keyed import KeyedIssue
from embedai_nb.model import Issue, Item, Newsletter, Section

__all__ = ["Question", "answer", "questions"]


@dataclass(frozen=True)
class Question:
    """An item that waits, with its key and the name of its section."""

    key: str
    section: str
    item: Item


def questions(content: KeyedIssue, keys: Collection[str]) -> list[Question]:
    """Those of these entries that wait for an answer."""
    entries = [(part.value.name, entry) for part in content.parts for entry in part.entries if entry.key in keys]
    items = [(entry.key, name, entry.value) for name, entry in entries if isinstance(entry.value, Item)]
    return [Question(key, name, item) for key, name, item in items if is_pending(item)]


def answer(question: Question, newsletter: Newsletter, fetcher: Fetcher) -> Item:
    """The item with what the sites say; a failure stands in its note, none is raised."""
    section = Section(name=question.section, items=(question.item,))
    found, _ = retry(Issue(date=datetime.date.min, sections=(section,)), newsletter, fetcher)
    return found.entries[0]
