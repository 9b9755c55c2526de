"""Where a value stands within an issue: ``("sections", 0, "items", 1, "fields", "摘要")``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import BaseModel, JsonValue

from embedai_nb.memoize import cache_last
from embedai_nb.model import Issue, Item, Section

Path = tuple[str | int, ...]


def entries(issue: Issue) -> Iterator[tuple[Path, Section, Item]]:
    """All items in their order, each with its path and section."""
    for number, section in enumerate(issue.sections):
        for index, item in enumerate(section.items):
            if isinstance(item, Item):
                yield ("sections", number, "items", index), section, item


def leaves(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """All strings of a value in their order."""
    found = list[tuple[Path, str]]()
    _gather(value, path, found)
    return iter(found)


@cache_last
def strings(issue: Issue) -> tuple[tuple[Path, str], ...]:
    """All strings of an issue in their order, which nearly every rule looks at."""
    return tuple(leaves(issue))


def _gather(value: object, path: Path, found: list[tuple[Path, str]]) -> None:
    if isinstance(value, str):
        found.append((path, value))
    else:
        for step, child in _children(value):
            _gather(child, (*path, step), found)


def position(issue: Issue, path: Path) -> tuple[int, ...]:
    """A key by which paths sort in the order in which a reader meets what they lead to."""
    value: object = issue
    found: list[int] = []
    for step in path:
        steps = [name for name, _ in _children(value)]
        found.append(steps.index(step) if step in steps else len(steps))
        value = dict(_children(value)).get(step)
    return tuple(found)


def replaced(value: JsonValue, path: Path, new: JsonValue) -> JsonValue:
    """A copy of JSON data in which ``path`` leads to ``new``."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, list) and isinstance(step, int):
        return [replaced(child, rest, new) if n == step else child for n, child in enumerate(value)]
    if isinstance(value, dict) and isinstance(step, str):
        return {**value, step: replaced(value.get(step), rest, new)}
    raise KeyError(step)


def _children(value: object) -> Iterable[tuple[str | int, object]]:
    if isinstance(value, BaseModel):
        return vars(value).items()
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, tuple) else ()
