"""Text of a form field ⇄ value in the model.

A field is named by its path within the value: ``("title",)``, ``("fields", "摘要")``, ``("links", 0, "url")``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel

from embedai_nb.model import Issue, Item, Warmup

__all__ = ["Field", "fits", "retyped", "stored", "text_of", "with_text"]

Field: TypeAlias = "tuple[str | int, ...]"
Model = TypeVar("Model", bound=BaseModel)

ABSENT = {"url", "repo", "tagline", "front_matter", "heading", "lead", "intro", "note", "closing"}
"""Fields that are None when empty; most of them the program then writes itself."""

LISTS: Mapping[str, tuple[str, Callable[[str], list[str]]]] = {
    "headline": ("/", lambda text: text.split("/")),
    "tags": ("，", lambda text: re.split(r"[,，、;；\n]", text)),
}
"""Fields that hold a list: the separator to show, and how to split what was typed."""

DIVIDED: Mapping[tuple[type[BaseModel], str], Mapping[str, object]] = {
    (Item, "title"): {"repo": None, "source": ""},
    (Warmup, "text"): {"company": ""},
}
"""Fields whose text the model divides among others (``标题 | 来源``), with these where they are empty."""


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


def stored(value: BaseModel, field: Field, text: str) -> set[str]:
    """What the draft stores in this field of a text typed into it: without blanks at its ends, a title without its source.

    There may be two answers: the text may have been divided among fields that are no longer empty.
    """
    return {text_of(with_text(each, field, text), field) for each in (value, _blank(value, field))}


def retyped(value: Model, field: Field, text: str, base: str) -> Model:
    """`with_text` of a text that was typed over another one, which may have been divided among other fields since.

    It replaces all of that text, not only the part that was left in the field.
    """
    blank = _blank(value, field)
    divided = with_text(blank, field, text) if blank != value else None
    if divided is not None and value in (divided, with_text(blank, field, base)):
        return divided
    return with_text(value, field, text)


def _blank(value: Model, field: Field) -> Model:
    """The value without what a text typed into this field may have been divided into."""
    return value.model_copy(update=DIVIDED.get((type(value), str(field[0])), {}))


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
