"""Rules about what becomes of the draft: the Markdown says the same, the page shows all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from embedai_nb.checks.findings import Context, Spot
from embedai_nb.checks.messages import LOST, NOTHING
from embedai_nb.errors import MarkupError
from embedai_nb.model import Issue, Item, Raw, Warmup
from embedai_nb.text.paths import Path, leaves, published_texts

HEAD = ("tags", "repo", "title", "source", "url", "links")
LENGTH = 30
"""How much of a text is enough to recognise it."""


class _Said(NamedTuple):
    """A line of text, where it stands, and what it is; label and paragraph are both just lines of a body."""

    path: Path
    kind: str
    text: str


def reads_differently(issue: Issue, context: Context) -> Iterator[Spot]:
    """The first line that is lost or changed between the draft and its Markdown; the rest follows from it.

    The Markdown may say more: the program writes what the editor left out.
    """
    if context.reread is None:
        return
    colon = context.newsletter.marks.colon
    after = list(_said(context.reread(issue), colon))
    for said in _said(issue, colon):
        same = next((n for n, other in enumerate(after) if other[1:] == said[1:]), None)
        if same is None:
            yield Spot(said.path, {"now": _short(said.text), "then": _instead(said, after)})
            return
        del after[: same + 1]


def too_deep(issue: Issue, context: Context) -> Iterator[Spot]:
    for path, text in published_texts(issue):
        try:
            if context.show is not None:
                context.show(path, text)
        except MarkupError:
            yield Spot(path)


def _instead(said: _Said, after: Sequence[_Said]) -> str:
    """What stands there instead: in a text of the frame, the next line of the same text."""
    alike = (other for other in after if other.kind == said.kind and (said.kind != "part" or other.path == said.path))
    return next((f"是{_short(other.text)}" for other in alike), LOST)


def _short(text: str) -> str:
    text = text if len(text) <= LENGTH else f"{text[: LENGTH - 1]}…"
    return f"「{text}」" if text else NOTHING


def _said(issue: Issue, colon: str) -> Iterator[_Said]:
    """All that is published, line by line, in the order of the Markdown."""
    for name in type(issue).model_fields:
        if name == "warmups":
            for index, entry in enumerate(issue.warmups):
                yield from _warmup(("warmups", index), entry, colon)
        elif name == "sections":
            yield from _sections(issue, colon)
        else:
            for path, text in leaves(getattr(issue, name), (name,)):
                yield from _lines(path, "part", text)


def _warmup(path: Path, entry: Warmup | Raw, colon: str) -> Iterator[_Said]:
    if isinstance(entry, Raw):
        yield from _lines((*path, "raw"), "raw", entry.raw)
        return
    yield from _lines((*path, "text"), "warmup", colon.join(text for text in (entry.company, entry.text) if text))
    yield from _lines((*path, "url"), "url", entry.url or "")


def _sections(issue: Issue, colon: str) -> Iterator[_Said]:
    for number, section in enumerate(issue.sections):
        path: Path = ("sections", number)
        if section.items:
            yield _Said(path, "section", section.name)
            yield from _lines((*path, "note"), "part", section.note or "")
        for index, entry in enumerate(section.items):
            if isinstance(entry, Raw):
                yield from _lines((*path, "items", index, "raw"), "raw", entry.raw)
            else:
                yield from _item((*path, "items", index), entry, colon)


def _item(path: Path, item: Item, colon: str) -> Iterator[_Said]:
    for name in HEAD:
        for where, text in leaves(getattr(item, name), (*path, name)):
            yield from _lines(where, name, text)
    yield from _lines((*path, "text"), "body", item.text)
    for label, text in item.fields.items():
        nested = "\n" if text[:1].isspace() else ""
        yield from _lines((*path, "fields", label), "body", f"{label}{colon}{nested}{text}")


def _lines(path: Path, kind: str, text: str) -> Iterator[_Said]:
    for line in text.split("\n"):
        if words := " ".join(line.split()):
            yield _Said(path, kind, words)
