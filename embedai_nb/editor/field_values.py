"""Text of a form field ⇄ value in the model.

A field is named by its path within the value: ``("title",)``, ``("fields", "摘要")``, ``("links", 0, "url")``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel

from embedai_nb.model import Issue, Item

__all__ = ["Field", "fits", "text_of", "with_text"]

Field: TypeAlias = "tuple[str | int, ...]"
Model = TypeVar("Model", bound=BaseModel)

ABSENT = {"url", "repo", "tagline", "front_matter", "heading", "lead", "intro", "note", "closing"}
"""Fields that are None when empty; most of them the program then writes itself."""

LISTS: Mapping[str, tuple[str, Callable[[str], list[str]]]] = {
    "headline": ("/", lambda text: text.split("/")),
    "tags": ("，", lambda text: re.split(r"[,，、;；\n]", text)),
}
"""Fields that hold a list: the separator to show, and how to split what was typed."""


def text_of(value: BaseModel, field: Field) -> str:
    """Get the text that a field shows."""
    found: Any = value
    for step in field:
        found = _child(found, step)
    if isinstance(found, tuple):
        return LISTS[str(field[-1])][0].join(found)
    return str(found) if found is not None else ""


def with_text(value: Model, field: Field, text: str) -> Model:
    """Copy the value with this text in this field; validation may change what was typed."""
    data = value.model_dump()
    target: Any = data
    for step in field[:-1]:
        target = target[step]
    target[field[-1]] = _typed(value, field, text)
    return type(value).model_validate(data)


def _child(value: Any, step: str | int) -> Any:
    if isinstance(value, BaseModel):
        return getattr(value, str(step))
    return value.get(step, "") if isinstance(value, Mapping) else value[step]


def _typed(value: BaseModel, field: Field, text: str) -> object:
    name = str(field[-1])
    if len(field) == 1 and name in LISTS:
        return [part for part in (part.strip() for part in LISTS[name][1](text)) if part]
    absent = len(field) == 1 and name in ABSENT and not (isinstance(value, Item) and name == "note")
    return None if absent and not text.strip() else text


def fits(value: BaseModel, field: Field) -> bool:
    """Whether the value has such a text field."""
    match value, field:
        case Item(), ("fields", str(name)):
            return bool(name.strip())
        case Item(), ("links", int(index), "text" | "url"):
            return 0 <= index < len(value.links)
        case Issue(), ("date",):
            return False
        case _, (str(name),):
            return name in type(value).model_fields and name not in ("fields", "links", "items", "status", "imported")
    return False
