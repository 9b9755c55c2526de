"""Paths of values within an issue, such as ``("sections", 0, "items", 1, "fields", "摘要")``, and walks along them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import BaseModel, JsonValue

from embedai_nb.memoize import cache_last
from embedai_nb.model import Issue, Item, Section

Path = tuple[str | int, ...]

NO_MARKDOWN = frozenset({"waived", "url", "repo", "tags", "status", "front_matter", "heading"})
"""Fields that hold no Markdown, or none that is published."""


def entries(issue: Issue) -> Iterator[tuple[Path, Section, Item]]:
    """All items in order, each with its path and section."""
    for number, section in enumerate(issue.sections):
        for index, item in enumerate(section.items):
            if isinstance(item, Item):
                yield ("sections", number, "items", index), section, item


def leaves(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """All strings of a value in order, with their paths."""
    found = list[tuple[Path, str]]()
    _gather(value, path, found)
    return iter(found)


@cache_last
def strings(issue: Issue) -> tuple[tuple[Path, str], ...]:
    """All strings of an issue in order; cached, since nearly every rule asks for them."""
    return tuple(leaves(issue))


@cache_last
def published_texts(issue: Issue) -> tuple[tuple[Path, str], ...]:
    """All Markdown that readers will see, in order."""
    return tuple((path, text) for path, text in strings(issue) if text and _is_published_markdown(path))


def _is_published_markdown(path: Path) -> bool:
    internal_note = path[:1] == ("sections",) and path[4:] == ("note",)
    return "fields" in path or not (internal_note or NO_MARKDOWN.intersection(path))


def _gather(value: object, path: Path, found: list[tuple[Path, str]]) -> None:
    if isinstance(value, str):
        found.append((path, value))
    else:
        for step, child in _children(value):
            _gather(child, (*path, step), found)


def position(issue: Issue, path: Path) -> tuple[int, ...]:
    """Sort key of a path: the position of its value within the issue."""
    value: object = issue
    found: list[int] = []
    for step in path:
        steps = [name for name, _ in _children(value)]
        found.append(steps.index(step) if step in steps else len(steps))
        value = dict(_children(value)).get(step)
    return tuple(found)


def replaced_at(value: JsonValue, path: Path, new: JsonValue) -> JsonValue:
    """Copy JSON data with another value at a path.

    Raises:
        KeyError: the path leads nowhere.
    """
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, list) and isinstance(step, int):
        return [replaced_at(child, rest, new) if n == step else child for n, child in enumerate(value)]
    if isinstance(value, dict) and isinstance(step, str):
        return {**value, step: replaced_at(value.get(step), rest, new)}
    raise KeyError(step)


def _children(value: object) -> Iterable[tuple[str | int, object]]:
    if isinstance(value, BaseModel):
        return vars(value).items()
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, tuple) else ()
