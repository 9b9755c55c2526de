"""Divide an issue into the parts that a review speaks of, and name them."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections import Counter

from embedai_nb.i18n import Translator, translator
from embedai_nb.model import Issue, Item, Raw
from embedai_nb.review.messages import NAMES, WORDS
from embedai_nb.text.locations import locate
from embedai_nb.text.paths import Path, entries
from embedai_nb.text.urls import canonical

__all__ = ["item_codes", "item_title", "part_name", "part_of"]

CODE_LENGTH = 4


def part_of(path: Path) -> Path:
    """The part that a path leads into: an item, a section, or a field of the issue; empty for the whole issue."""
    match path:
        case ("sections", int(), "items", int(), *_):
            return path[:4]
        case ("sections", int(), *_):
            return path[:2]
    return path[:1]


def part_name(issue: Issue, part: Path, language: str) -> str:
    """A part in an editor's words: 论文 2, 导读."""
    say = translator(language)
    match part:
        case ("sections", int(number), "items", int(index)):
            section = issue.sections[number]
            if isinstance(section.items[index], Raw):
                return say(WORDS["raw"], section=section.name)
            place = locate(issue, part, language)
            return f"{place.section} {place.number}"
        case ("sections", int(number)):
            return say(WORDS["section"], name=issue.sections[number].name)
        case (str(field),):
            return say(NAMES[field]) if field in NAMES else field
    return say(WORDS["issue"])


def item_title(item: Item, say: Translator) -> str:
    """What an item is called."""
    return item.title or item.repo or say(WORDS["untitled"])


def item_codes(issue: Issue) -> dict[Path, str]:
    """A short code for each item, made of its address, else of its title, so that it stays when items are moved."""
    seen, codes = Counter[str](), {}
    for path, _, item in entries(issue):
        code = _code(canonical(item.url) if item.url else item.repo or item.title)
        seen[code] += 1
        codes[path] = code if seen[code] == 1 else f"{code}{seen[code]}"
    return codes


def _code(name: str) -> str:
    digest = hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=5).digest()
    return b32encode(digest).decode().lower()[:CODE_LENGTH]
