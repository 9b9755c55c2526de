"""Paths in an editor's words: 论文 2「ActNN」 · 摘要."""

from __future__ import annotations

from embedai_nb.checks.findings import Place
from embedai_nb.checks.messages import FIELDS
from embedai_nb.checks.paths import Path
from embedai_nb.model import Issue, Item, Raw, Warmup

TITLE = 24
"""How much of a title is enough to recognise it."""


def place(issue: Issue, path: Path) -> Place:
    """Where this path leads to."""
    match path:
        case ("warmups", int(index), *rest):
            title = _title(issue.warmups[index])
            return Place(path=path, section=FIELDS["warmups"], number=index + 1, title=title, field=_field(rest))
        case ("sections", int(number), "items", int(index), *rest):
            section = issue.sections[number]
            entry = section.items[index]
            before = sum(isinstance(item, Item) for item in section.items[: index + 1])
            number_shown = before if isinstance(entry, Item) else None
            return Place(path=path, section=section.name, number=number_shown, title=_title(entry), field=_field(rest))
        case ("sections", int(number), *rest):
            return Place(path=path, section=issue.sections[number].name, field=_field(rest))
    return Place(path=path, field=_field(path))


def _title(entry: Item | Warmup | Raw) -> str | None:
    match entry:
        case Item():
            text = entry.title or entry.repo or ""
        case Warmup():
            text = entry.company or entry.text
        case Raw():
            text = entry.raw
    text = " ".join(text.split())
    return (text if len(text) <= TITLE else f"{text[: TITLE - 1]}…") or None


def _field(path: Path | list[str | int]) -> str | None:
    """A label by its name, any other field by the word that the form uses for it."""
    if path[:1] in (("fields",), ["fields"]) and len(path) > 1:
        return str(path[1])
    name = next((step for step in path if isinstance(step, str)), None)
    return None if name in (None, "raw") else FIELDS.get(str(name), str(name))
