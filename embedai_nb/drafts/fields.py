"""Validate the keys of a draft and of newsletter.yaml (plain data ⇄ models), and explain what is wrong with them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from embedai_nb.drafts.yaml_reader import Data, Source, Step
from embedai_nb.errors import DraftError, UsageError
from embedai_nb.i18n import N_, NP_, _
from embedai_nb.model import (
    Contact,
    EmailStyle,
    InboxSource,
    Issue,
    Item,
    LeadStyle,
    Link,
    Marks,
    Newsletter,
    Palette,
    Raw,
    Section,
    SectionStyle,
    Theme,
    Warmup,
)
from embedai_nb.text.dates import parse_date

SCHEMA = 1
"""The version of the draft's keys that this program reads and writes."""

MAX_ENTRIES = 2000
"""Items, warm-ups and sections of a draft; the longest issue known has a hundred."""

SCHEMA_FILE = Path(__file__).parents[1] / "schema" / f"draft-{SCHEMA}.json"
"""The JSON Schema of a draft (`embedai_nb.drafts.schema`), as it is shipped."""

NEWSLETTER_SCHEMA_FILE = SCHEMA_FILE.with_name("newsletter.json")
"""That of newsletter.yaml."""

Value = TypeVar("Value", bound=BaseModel)

KEYS: tuple[type[BaseModel], ...] = (
    *(Issue, Section, Item, Warmup, Raw, Link),
    *(Newsletter, SectionStyle, LeadStyle, Marks, Contact, EmailStyle, InboxSource, Theme, Palette),
)
WRONG = {
    "string_type": N_("text expected"),
    "tuple_type": N_("a list expected"),
    "dict_type": N_("keys with values expected"),
    "model_type": N_("keys with values expected"),
    "model_attributes_type": N_("keys with values expected"),
    "missing": NP_("a key", "missing"),
    "bool_parsing": N_("true or false expected"),
    "int_parsing": N_("a whole number expected"),
    "float_parsing": N_("a number expected"),
}
"""Types of pydantic's errors (docs.pydantic.dev/latest/errors/validation_errors), and what they say here."""


def parse_issue(source: Source) -> Issue:
    """Validate a draft.

    Raises:
        DraftError: a key is not known, missing or holds something else than it should; names its line.
    """
    data = {key: _without_final_line_end(value) for key, value in source.data.items()}
    _check_schema(data.pop("schema", None), source)
    _check_count(data, source)
    try:
        date = parse_date(str(data.get("date")))
    except UsageError as error:
        _refuse(source, ("date",), error.problem, error.remedy or _("write it as in 2026-11-15"))
    return _value(Issue, data | {"date": date.isoformat()}, source)


def parse_newsletter(source: Source) -> Newsletter:
    """Validate newsletter.yaml; raises a DraftError like `parse_issue`."""
    return _value(Newsletter, source.data, source)


def dump_issue(issue: Issue) -> dict[str, Data]:
    """Give the keys of a draft, in their order; those that hold a default are left out.  Inverse of `parse_issue`."""
    keys = cast("dict[str, Data]", issue.model_dump(mode="json", exclude_defaults=True))
    return {"schema": SCHEMA} | {key: _with_final_line_end(value) for key, value in keys.items()}


def _without_final_line_end(value: Data) -> Data:
    """Texts without the line end that a block of YAML has at its end, where no more are meant to be."""
    if isinstance(value, str):
        return value.removesuffix("\n")
    return _in_each(_without_final_line_end, value)


def _with_final_line_end(value: Data) -> Data:
    """The inverse: a text that ends in a line end has one more, so that it is not lost."""
    if isinstance(value, str):
        return f"{value}\n" if value.endswith("\n") else value
    return _in_each(_with_final_line_end, value)


def _in_each(change: Callable[[Data], Data], value: Data) -> Data:
    if isinstance(value, dict):
        return {key: change(each) for key, each in value.items()}
    return [change(each) for each in value] if isinstance(value, list) else value


def _check_schema(schema: Data, source: Source) -> None:
    if not isinstance(schema, str) or not (schema.isascii() and schema.isdigit()):
        _refuse(source, ("schema",), _("not a number"), _("begin the draft with `schema: {schema}`", schema=SCHEMA))
    if len(schema) > 9:  # Python converts at most 4,300 digits
        _refuse(
            source,
            ("schema",),
            _("{version}… is no version", version=schema[:9]),
            _("write `schema: {schema}`", schema=SCHEMA),
        )
    if int(schema) > SCHEMA:
        _refuse(
            source,
            ("schema",),
            _("{version} is newer than this program, which knows {known}", version=schema, known=SCHEMA),
            _("update embedai-nb"),
        )
    if int(schema) < SCHEMA:
        _refuse(
            source,
            ("schema",),
            _("{version} was never used", version=schema),
            _("write `schema: {schema}`", schema=SCHEMA),
        )


def _check_count(data: Mapping[str, Data], source: Source) -> None:
    """Refuse a draft with more entries than an issue may have, before each of them is looked at."""
    sections = data.get("sections")
    lists = [_at(section, "items") for section in (sections if isinstance(sections, list) else ())]
    count = sum(len(each) for each in [data.get("warmups"), sections, *lists] if isinstance(each, list))
    if count > MAX_ENTRIES:
        place = ("sections",) if sections else ("warmups",)
        _refuse(
            source,
            place,
            _("more than {count:,} items", count=MAX_ENTRIES),
            _("divide it into several issues"),
        )


def _value(kind: type[Value], data: Mapping[str, Data], source: Source) -> Value:
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        wrong = next(each for each in error.errors(include_url=False) if _meant(each["loc"], dict(data)))
        path = tuple(step for step in wrong["loc"] if step not in ("Item", "Raw", "Warmup"))
        problem, remedy = _explained(wrong, path)
        _refuse(source, path, problem, remedy)


def _meant(location: tuple[Step, ...], data: Data) -> bool:
    """Whether an error is about the kind that an entry is meant to be: the key `raw` makes it raw text."""
    for step in location:
        if step in ("Item", "Warmup", "Raw"):
            return (step == "Raw") == (isinstance(data, dict) and "raw" in data)
        data = _at(data, step)
    return True


def _at(data: Data, step: Step) -> Data:
    if isinstance(data, dict):
        return data.get(str(step))
    return data[step] if isinstance(data, list) and isinstance(step, int) else None


def _explained(wrong: ErrorDetails, path: tuple[Step, ...]) -> tuple[str, str | None]:
    """Explain an error of pydantic: the problem, and the remedy."""
    kind, known = wrong["type"], wrong.get("ctx", {})
    if kind == "extra_forbidden":
        names = {name for model in KEYS for name in model.model_fields} - {str(path[-1])}
        near = difflib.get_close_matches(str(path[-1]), sorted(names), 1)
        return _("no such key"), _("did you mean `{name}`?", name=near[0]) if near else _(
            "remove it, or make it a comment"
        )
    if kind == "literal_error":
        between = _(NP_("write A or B", "or"))
        expected = known["expected"].replace(" or ", f" {between} ")
        return _("`{value}` is not known", value=wrong["input"]), _("write {expected}", expected=expected)
    if kind == "missing":
        return _(WRONG[kind]), _("write `{key}: …`", key=path[-1])
    if kind == "value_error":
        return known["error"].args[0], None
    remedy = _("begin each entry with `- `") if kind == "tuple_type" else None
    return (_(WRONG[kind]) if kind in WRONG else wrong["msg"]), remedy


def _refuse(source: Source, path: tuple[Step, ...], problem: str, remedy: str | None = None) -> NoReturn:
    item, steps = _item(source.data, path)
    field = ".".join(str(step) for step in steps if isinstance(step, str)) or None
    raise DraftError(problem, path=source.path, line=source.line(path), item=item, field=field, remedy=remedy)


def _item(data: Data, path: tuple[Step, ...]) -> tuple[str | None, tuple[Step, ...]]:
    """Name the entry at a path as a person would, 论文 2, and give the rest of the path."""
    match path:
        case ("sections", int(number), "items", int(index), *rest):
            section = _at(_at(data, "sections"), number)
            name = _at(section, "name")
            unnamed = _("section {section} {number}", section=number + 1, number=index + 1)
            return f"{name} {index + 1}" if name else unnamed, tuple(rest)
        case ("warmups", int(index), *rest):
            return _("warmups {number}", number=index + 1), tuple(rest)
    return None, path
