"""Locations of findings, as editors read them: 论文 2「ActNN」 · 摘要."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from embedai_nb.i18n import NP_, Translator, translator
from embedai_nb.model import Issue, Item, Raw, Warmup
from embedai_nb.text.paths import Path
from embedai_nb.text.spans import visible

__all__ = ["FIELDS", "Location", "locate"]

TITLE = 24
"""Characters shown of a title."""
TITLED = NP_("place of an item, and its title", "{place} “{title}”")

FIELDS = {
    "date": NP_("field", "Date"),
    "number": NP_("field", "Number"),
    "headline": NP_("field", "Keywords"),
    "heading": NP_("field", "Title line"),
    "front_matter": NP_("field", "Head of the file"),
    "tagline": NP_("field", "Tagline"),
    "before": NP_("field", "Text before the lead"),
    "lead": NP_("field", "Lead"),
    "intro": NP_("field", "Words before the warm-ups"),
    "warmups": NP_("field", "Warm-ups"),
    "note": NP_("field", "Note"),
    "after": NP_("field", "Text after the note"),
    "sections": NP_("field", "Sections"),
    "closing": NP_("field", "Closing"),
    "name": NP_("field", "Name"),
    "items": NP_("field", "Items"),
    "company": NP_("field", "Company"),
    "title": NP_("field", "Title"),
    "source": NP_("field", "Source"),
    "url": NP_("field", "Address"),
    "tags": NP_("field", "Tags"),
    "repo": NP_("field", "Repository"),
    "links": NP_("field", "More links"),
    "text": NP_("field", "Text"),
    "hook": NP_("field", "Words for the lead"),
    "status": NP_("field", "Status"),
    "waived": NP_("field", "Waived"),
    "checks": NP_("field", "Rules"),
}
"""Labels of the keys of a draft, as in the form, to be said in the newsletter's language."""


class Location(BaseModel):
    """Location of a finding: its path, and the words by which an editor finds it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    section: str | None = None
    number: int | None = Field(None, description="of the item within its section, from 1")
    title: str | None = Field(None, description="beginning of the item's title")
    field: str | None = None
    language: str = Field("en", exclude=True, description="of the words, the newsletter's")

    def __str__(self) -> str:
        item = " ".join(str(part) for part in (self.section, self.number) if part)
        if self.title:
            item = translator(self.language)(TITLED, place=item, title=self.title)
        return visible(" · ".join(part for part in (item, self.field) if part))


def locate(issue: Issue, path: Path, language: str) -> Location:
    """Describe a path in a language, the newsletter's."""
    return Location(path=path, language=language, **_words(issue, path, translator(language)))


def _words(issue: Issue, path: Path, say: Translator) -> dict[str, Any]:
    match path:
        case ("warmups", int(index), *rest):
            title = _title(issue.warmups[index])
            return {"section": say(FIELDS["warmups"]), "number": index + 1, "title": title, "field": _field(rest, say)}
        case ("sections", int(number), "items", int(index), *rest):
            section = issue.sections[number]
            entry = section.items[index]
            before = sum(isinstance(item, Item) for item in section.items[: index + 1])
            shown = before if isinstance(entry, Item) else None
            return {"section": section.name, "number": shown, "title": _title(entry), "field": _field(rest, say)}
        case ("sections", int(number), *rest):
            return {"section": issue.sections[number].name, "field": _field(rest, say)}
    return {"field": _field(path, say)}


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


def _field(path: Path | list[str | int], say: Translator) -> str | None:
    """Name of a field: of a label its own, else that in the form."""
    if path[:1] in (("fields",), ["fields"]) and len(path) > 1:
        return str(path[1])
    name = next((step for step in path if isinstance(step, str)), None)
    if name is None or name == "raw":
        return None
    return say(FIELDS[name]) if name in FIELDS else name
