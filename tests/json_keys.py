"""The keys of `--format json`: as docs/json.md documents them, and as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.conftest import PROJECT

__all__ = ["DOCUMENTED", "PAGES", "documented", "keys"]

PAGES = ("docs/json.md", "docs/json.zh-CN.md")


def documented(page: str) -> dict[str, set[str]]:
    """The keys of each command; where it has a second table, those of that are under `build 2`."""
    found = {}
    for part in (PROJECT / page).read_text(encoding="utf-8").split("\n## ")[1:]:
        for number, table in enumerate(part.split("\n|---|---|\n")[1:], 1):
            name = part.partition("\n")[0] + (f" {number}" if number > 1 else "")
            found[name] = set(re.findall(r"^\| `([^`]+)` \|", table.partition("\n\n")[0], re.MULTILINE))
    return found


DOCUMENTED = documented(PAGES[0])


def keys(value: Any, path: str = "") -> Iterator[str]:
    """The keys in a value, as the page writes them."""
    if path:
        yield path + "[]" * isinstance(value, list)
    if isinstance(value, dict):
        for name, part in value.items():
            yield from keys(part, f"{path}.{name}".removeprefix("."))
    elif isinstance(value, list):
        for part in value:
            yield from keys(part, f"{path}[]")
