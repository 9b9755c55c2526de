"""Resume editing in a new kernel: the keys that pages know, and which of their messages the draft has.

A page sends again what was not acknowledged when its kernel died.  So that each message is handled once, a note beside
the last good copy of the draft says what had been handled when the draft had a given content.  It is written *before*
the draft: whether a save was interrupted is told by the draft itself, which is one of the two last contents.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from embedai_nb.diff.keyed import KeyedIssue, KeyedItem

__all__ = ["Checkpoint", "Resumption", "keys_of", "with_keys"]

Keys: TypeAlias = "list[list[str]]"
"""The keys of the warm-ups; then, for each section, its own and those of its entries."""

MAX_PAGES = 64
"""Maximum number of pages whose messages are known: each reload is another page."""


@dataclass(frozen=True)
class Checkpoint:
    """What was known when the draft had a content.

    Args:
        digest: of that content.
        keys: of its entries and sections.
        handled: each page, with the number of its last message that was handled.
    """

    digest: str
    keys: Keys
    handled: dict[str, int]


class Resumption:
    """The two last checkpoints of a draft, in a file that may be lost: then pages look for their places by the texts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoints = _read(path)

    def write(self, draft: bytes, content: KeyedIssue, handled: Mapping[str, int]) -> None:
        """Note that the draft has this content, or is about to have it."""
        last = dict([*handled.items()][-MAX_PAGES:])
        new = Checkpoint(_digest(draft), keys_of(content), last)
        if self.checkpoints[-1:] == [new]:
            return
        self.checkpoints = [*[each for each in self.checkpoints if each.digest != new.digest][-1:], new]
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self.path.with_suffix(".json.new")
            temporary.write_text(json.dumps([asdict(each) for each in self.checkpoints]), encoding="utf-8")
            temporary.replace(self.path)

    def find(self, draft: bytes | None) -> Checkpoint | None:
        """The checkpoint of a draft of this content."""
        if draft is None:
            return None
        digest = _digest(draft)
        return next((each for each in reversed(self.checkpoints) if each.digest == digest), None)


def keys_of(content: KeyedIssue) -> Keys:
    """The keys of an issue; the inverse of `with_keys`."""
    parts = [[part.key, *(entry.key for entry in part.entries)] for part in content.parts]
    return [[entry.key for entry in content.warmups], *parts]


def with_keys(content: KeyedIssue, keys: Keys) -> KeyedIssue | None:
    """Give an issue these keys; nothing if they are those of another one."""
    fresh = keys_of(content)
    if [len(each) for each in fresh] != [len(each) for each in keys]:
        return None
    names = dict(zip(chain(*fresh), chain(*keys), strict=True))

    def renamed(entries: tuple[KeyedItem, ...]) -> tuple[KeyedItem, ...]:
        return tuple(replace(entry, key=names[entry.key]) for entry in entries)

    parts = tuple(replace(part, key=names[part.key], entries=renamed(part.entries)) for part in content.parts)
    return replace(content, warmups=renamed(content.warmups), parts=parts)


def _digest(draft: bytes) -> str:
    return hashlib.sha256(draft).hexdigest()


def _read(path: Path) -> list[Checkpoint]:
    try:
        return [Checkpoint(**each) for each in json.loads(path.read_bytes())]
    except (OSError, ValueError, TypeError):
        return []
