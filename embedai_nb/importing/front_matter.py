"""Take the front matter off a text: YAML between two lines of hyphens, or keys above a blank line as Pelican has them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

__all__ = ["FrontMatter", "split_front_matter"]

FENCED = re.compile(r"\A\s*---[ \t]*\n(?P<keys>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
PLAIN = re.compile(r"\A(?P<keys>(?:[A-Z][A-Za-z_-]{1,20}:[ \t]*\S.*\n)+)(?:[ \t]*\n|\Z)")
PLAIN_KEYS = {
    "author",
    "authors",
    "category",
    "date",
    "lang",
    "modified",
    "number",
    "slug",
    "status",
    "summary",
    "tags",
}
KNOWN = ("title", "date", "number", "tags")
NUMBERED = ("number", "issue", "issue_number", "volume", "episode")
"""Keys that hold the number, the first that is there."""


@dataclass(frozen=True)
class FrontMatter:
    """What stands above the text."""

    title: str = ""
    date: datetime.date | None = None
    number: int | str | None = None
    tags: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    """The keys that are not used."""
    lines: int = 0
    """How many lines it takes."""
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """The front matter, and the text with blank lines in its place, so that lines keep their numbers."""
    found = FENCED.match(text)
    values = _yaml(found["keys"]) if found else None
    if values is None:
        found = PLAIN.match(text)
        values = _plain(found["keys"]) if found else None
    if found is None or values is None:
        return FrontMatter(), text
    lines = found[0].count("\n")
    return _front_matter(values, lines), "\n" * lines + text[found.end() :]


def _yaml(keys: str) -> dict[str, Any] | None:
    try:
        found = yaml.load(keys, Loader=yaml.BaseLoader)  # texts alone: nothing is constructed
    except (yaml.YAMLError, RecursionError):
        return None
    return {str(key).lower(): value for key, value in found.items()} if isinstance(found, dict) else None


def _plain(keys: str) -> dict[str, Any] | None:
    """Keys as Pelican has them: a title among them, or one that only metadata has."""
    pairs = (line.partition(":") for line in keys.splitlines())
    values = {key.strip().lower(): value.strip() for key, _, value in pairs}
    return values if "title" in values and PLAIN_KEYS & set(values) else None


def _front_matter(values: dict[str, Any], lines: int) -> FrontMatter:
    number = next((values[key] for key in NUMBERED if isinstance(values.get(key), str) and values[key]), None)
    others = tuple(key for key, value in values.items() if key not in (*KNOWN, *NUMBERED) and value)
    return FrontMatter(
        title=_text(values.get("title")),
        date=dated(_text(values.get("date"))),
        number=int(number) if number and number.isascii() and number.isdigit() else number,
        tags=_words(values.get("tags")),
        others=others,
        lines=lines,
        values=values,
    )


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _words(value: object) -> tuple[str, ...]:
    words = re.split(r",\s*|\s{2,}", value) if isinstance(value, str) else value if isinstance(value, list) else ()
    return tuple(_text(word) for word in words if _text(word))


DATE = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<s>[-./_]|年\s?)(?P<m>\d{1,2})(?:[-./_]|月\s?)(?P<d>\d{1,2})(?!\d)日?"
)
COMPACT = re.compile(r"(?<!\d)(?P<y>20\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\d)")


def dated(text: str) -> datetime.date | None:
    """The last date in a text: ``2031-05-04``, ``2031.5.4``, ``2031年5月4日``, ``20310504``."""
    found = [date for date in map(_date, [*DATE.finditer(text)] or [*COMPACT.finditer(text)]) if date]
    return found[-1] if found else None


def _date(found: re.Match[str]) -> datetime.date | None:
    try:
        return datetime.date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        return None
