"""Rules about rendering: the Markdown reads back as the same issue, the page shows all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from embedai_nb.checks.findings import Context, RuleMatch
from embedai_nb.checks.messages import BECOMES, LOST, NOTHING
from embedai_nb.errors import MarkupError
from embedai_nb.i18n import Translator
from embedai_nb.i18n.punctuation import quoted
from embedai_nb.markdown import safe
from embedai_nb.model import Issue, Item, Raw, Warmup
from embedai_nb.text.paths import Path, leaves, published_texts

HEAD = ("tags", "repo", "title", "source", "url", "links")
LENGTH = 30
"""Characters of a text quoted in a message."""


class _Line(NamedTuple):
    """A published line of text with its path and kind; label and paragraph are both lines of a body."""

    path: Path
    kind: str
    text: str


def reads_differently(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """The first line that the Markdown loses or changes; the rest follows from it.

    The Markdown may have more: the program writes what the editor left out.
    """
    if context.round_trip is None:
        return
    colon, say = context.newsletter.marks.colon, context.say
    after = list(_published_lines(context.round_trip(issue), colon))
    for line in _published_lines(safe(issue, context.newsletter), colon):
        same = next((n for n, other in enumerate(after) if other[1:] == line[1:]), None)
        if same is None:
            yield RuleMatch(line.path, {"now": _quote(line.text, say), "then": _instead(line, after, say)})
            return
        del after[: same + 1]


def too_deep(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """Text nested too deep to be rendered."""
    for path, text in published_texts(issue):
        try:
            if context.render is not None:
                context.render(path, text)
        except MarkupError:
            yield RuleMatch(path)


def _instead(lost: _Line, after: Sequence[_Line], say: Translator) -> str:
    """Describe what is read instead; in text around the sections, the next line of the same text."""
    alike = (other for other in after if other.kind == lost.kind and (lost.kind != "part" or other.path == lost.path))
    return next((say(BECOMES, text=_quote(other.text, say)) for other in alike), say(LOST))


def _quote(text: str, say: Translator) -> str:
    text = text if len(text) <= LENGTH else f"{text[: LENGTH - 1]}…"
    return quoted(text, say) if text else say(NOTHING)


def _published_lines(issue: Issue, colon: str) -> Iterator[_Line]:
    """All published lines, in the order of the Markdown."""
    for name in type(issue).model_fields:
        if name == "warmups":
            for index, entry in enumerate(issue.warmups):
                yield from _warmup(("warmups", index), entry, colon)
        elif name == "number":
            continue  # in the title, if that shows it
        elif name == "sections":
            yield from _sections(issue, colon)
        else:
            for path, text in leaves(getattr(issue, name), (name,)):
                yield from _lines(path, "part", text)


def _warmup(path: Path, entry: Warmup | Raw, colon: str) -> Iterator[_Line]:
    if isinstance(entry, Raw):
        yield from _lines((*path, "raw"), "raw", entry.raw)
        return
    yield from _lines((*path, "text"), "warmup", colon.join(text for text in (entry.company, entry.text) if text))
    yield from _lines((*path, "url"), "url", entry.url or "")


def _sections(issue: Issue, colon: str) -> Iterator[_Line]:
    for number, section in enumerate(issue.sections):
        path: Path = ("sections", number)
        if section.items:
            yield _Line(path, "section", section.name)
            yield from _lines((*path, "note"), "part", section.note or "")
        for index, entry in enumerate(section.items):
            if isinstance(entry, Raw):
                yield from _lines((*path, "items", index, "raw"), "raw", entry.raw)
            else:
                yield from _item((*path, "items", index), entry, colon)


def _item(path: Path, item: Item, colon: str) -> Iterator[_Line]:
    for name in HEAD:
        for where, text in leaves(getattr(item, name), (*path, name)):
            yield from _lines(where, name, text)
    yield from _lines((*path, "text"), "body", item.text)
    for label, text in item.fields.items():
        nested = "\n" if text[:1].isspace() else ""
        yield from _lines((*path, "fields", label), "body", f"{label}{colon}{nested}{text}")


def _lines(path: Path, kind: str, text: str) -> Iterator[_Line]:
    for line in text.split("\n"):
        if words := " ".join(line.split()):
            yield _Line(path, kind, words)
