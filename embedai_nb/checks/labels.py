"""Rules about labelled paragraphs of an item, such as the summary."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import JsonValue

from embedai_nb.checks.findings import Context, Replacement, RuleMatch
from embedai_nb.checks.items import needing
from embedai_nb.model import Issue, Item
from embedai_nb.text.paths import Path, entries

CONTINUATION = "的中里上部说提写指"
"""Characters after which a label begins a sentence instead: 摘要里说…."""

BLOCK = re.compile(r"\s*(?:(?:[-+*]|\d+[.)])\s|[>#|<`~!]|https?://)|\s{4}")
"""The beginning of a list, quote, heading, table, code, picture or URL: nothing that can follow a label on its line."""


def no_summary(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """No summary, nor any other prose."""
    label = context.newsletter.summary_label
    for path, item in needing("summary", issue, context):
        if label not in item.fields and not _has_prose(item):
            yield RuleMatch((*path, "fields", label), {"label": label})


def unlabelled_summary(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """Text without a label where the section needs a summary; text that begins with prose is moved under the label."""
    label = context.newsletter.summary_label
    for path, item in needing("summary", issue, context):
        if label in item.fields or not item.text or any(_divided(text, label) for _, text in _bodies(item)):
            continue
        moved = _with_summary(item, ("text",), ("", item.text), label)
        change = None if BLOCK.match(item.text) else Replacement(path, moved)
        yield RuleMatch((*path, "text"), {"label": label}, change)


def empty_label(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A label without text."""
    for path, _, item in entries(issue):
        for label, text in item.fields.items():
            if not text.strip():
                yield RuleMatch((*path, "fields", label), {"label": label})


def summary_without_colon(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A summary whose label lacks its colon."""
    label = context.newsletter.summary_label
    for path, _, item in entries(issue):
        if label in item.fields:
            continue
        for where, text in _bodies(item):
            if parts := _divided(text, label):
                values = _with_summary(item, where, parts, label)
                yield RuleMatch((*path, *where), {"label": label}, Replacement(path, values))
                break


def repeated_label(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A label written twice, or again in the text of another."""
    for path, _, item in entries(issue):
        for where, text in _bodies(item):
            label = next((label for label in item.fields if _labelled(label).search(text)), None)
            if label is not None:
                once = _labelled(label).sub("", text)
                change = Replacement((*path, *where), once) if where == ("fields", label) else None
                yield RuleMatch((*path, *where), {"label": label}, change)


def _labelled(label: str) -> re.Pattern[str]:
    """Pattern of a label with its colon at the beginning of a line."""
    return re.compile(rf"^(?:{re.escape(label)}[：:][ ]*)+", re.MULTILINE)


def _has_prose(item: Item) -> bool:
    """Whether an item has prose, if only below a label whose own value is a URL."""
    return bool(item.text) or any("\n" in text for text in item.fields.values())


def _bodies(item: Item) -> Iterator[tuple[Path, str]]:
    yield ("text",), item.text
    yield from ((("fields", label), text) for label, text in item.fields.items())


def _divided(text: str, label: str) -> tuple[str, str] | None:
    """Split a text at a label without colon at the beginning of a line."""
    word = re.escape(label) + (r"\b" if label.isascii() else "")
    found = re.search(rf"^(?:\*\*)?{word}(?:\*\*)?(?![：:{CONTINUATION}])[\s，,、；;.。—–-]*", text, re.MULTILINE)
    return (text[: found.start()].rstrip("\n"), text[found.end() :]) if found else None


def _with_summary(item: Item, where: Path, parts: tuple[str, str], label: str) -> dict[str, JsonValue]:
    """The item with the second part as its summary, in the same position."""
    before, summary = parts
    values: dict[str, JsonValue] = item.model_dump(mode="json")
    if where == ("text",):
        return values | {"text": before, "fields": {label: summary, **item.fields}}
    fields: dict[str, JsonValue] = {}
    for name, text in item.fields.items():
        fields |= {name: before, label: summary} if name == where[1] else {name: text}
    return values | {"fields": fields}
