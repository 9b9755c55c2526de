"""Serialize the editor's state and the findings into the plain data that the form shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from pydantic import BaseModel

from embedai_nb.capture import is_pending
from embedai_nb.catalogue.past_issues import PastIssues
from embedai_nb.catalogue.search import Hit
from embedai_nb.checks import Finding
from embedai_nb.compose import closing, lead
from embedai_nb.diff import merge
from embedai_nb.diff.keyed import KeyedIssue, KeyedItem, KeyedSection
from embedai_nb.diff.merge import ORDER, PLACE, WHOLE, Difference
from embedai_nb.edition import Edition
from embedai_nb.editor.error_texts import explain
from embedai_nb.editor.field_values import Field, fits, stored, text_of
from embedai_nb.editor.messages import LABELS, MARKS, WORDS
from embedai_nb.editor.state import CLOSING, HEAD, STANDING, WARMUPS, EditorState
from embedai_nb.errors import MarkupError
from embedai_nb.html import page as pages
from embedai_nb.i18n import Translator, translator
from embedai_nb.model import Issue, Item, Newsletter, Raw, Section, Warmup
from embedai_nb.review.parts import item_codes, part_name, part_of
from embedai_nb.text.paths import Path

__all__ = [
    "Details",
    "detail",
    "difference",
    "earlier",
    "find_key",
    "finding",
    "findings",
    "hit",
    "locate",
    "outline",
    "preview",
    "rendered",
    "where",
]

Data: TypeAlias = "dict[str, Any]"

# --- where a finding belongs ----------------------------------------------------------------------------------


def locate(content: KeyedIssue, path: Path) -> tuple[str, Field]:
    """Map a path within the issue to the key of an entry and its field."""
    match path:
        case ("warmups", int(index), *rest):
            return content.warmups[index].key, tuple(rest)
        case ("sections", int(number), "items", int(index), *rest):
            return content.parts[number].entries[index].key, tuple(rest)
        case ("sections", int(number), *rest):
            return content.parts[number].key, tuple(rest)
        case ("closing", *_):
            return CLOSING, path
        case ("intro" | "warmups" | "note" | "after", *_):
            return WARMUPS, path
    return HEAD, path


def find_key(content: KeyedIssue, field: Field, texts: set[str], beside: Mapping[Field, str]) -> str | None:
    """Find the key of the value with one of these texts in this field that also has most of the texts beside it."""
    values: dict[str, BaseModel] = {HEAD: content.frame} | {part.key: part.value for part in content.parts}
    values |= {entry.key: entry.value for entry in content.entries()}
    alike = {
        key: sum(fits(value, path) and text_of(value, path) == there for path, there in beside.items())
        for key, value in values.items()
        if fits(value, field) and any(text_of(value, field) in stored(value, field, text) for text in texts)
    }
    best = [key for key, count in alike.items() if count == max(alike.values())]
    return best[0] if len(best) == 1 else None


def finding(found: Finding, content: KeyedIssue) -> Data:
    """A finding, with the key and field to select to fix it."""
    key, field = locate(content, found.place.path)
    return {
        "rule": found.rule,
        "severity": found.severity,
        "message": found.message,
        "where": str(found.place),
        "key": key,
        "field": list(field),
        "fix": found.fix and found.fix.description,
        "safe": bool(found.fix and found.fix.safe),
        "waivable": found.severity != "note" and found.place.path[:1] == ("sections",) and len(found.place.path) > 3,
    }


def findings(found: Sequence[Finding], content: KeyedIssue) -> list[Data]:
    """All findings, each with the part of the issue that it is in, named as the review names it."""
    issue = content.issue
    codes = item_codes(issue)

    def labelled(one: Finding) -> Data:
        part = part_of(one.place.path)
        title = one.place.title if part in codes else None
        return {
            "part": {
                "name": part_name(issue, part, one.place.language),
                "code": codes.get(part, ""),
                "title": title or "",
            }
        }

    return [finding(one, content) | labelled(one) for one in found]


# --- earlier issues -------------------------------------------------------------------------------------------


def earlier(content: KeyedIssue, past: PastIssues) -> dict[str, list[Data]]:
    """Earlier appearances of the items, by their keys."""
    items = [(entry.key, entry.value) for entry in content.entries() if isinstance(entry.value, Item)]
    found = ((key, past.earlier_of(item)) for key, item in items)
    return {
        key: [
            {"says": "earlier-title" if one.reason == "title" else "earlier", "date": str(one.date)}
            | {"title": one.title or one.url, "url": one.url}
            for one in before
        ]
        for key, before in found
        if before
    }


def hit(found: Hit) -> Data:
    """A search hit; its texts in pieces, each with whether it matches."""
    texts = {"title": [list(piece) for piece in found.title], "excerpt": [list(piece) for piece in found.excerpt]}
    return {"date": str(found.date), "section": found.section, "source": found.source, "url": found.url} | texts


# --- outline --------------------------------------------------------------------------------------------------


def outline(state: EditorState, findings: Sequence[Mapping[str, Any]], say: Translator) -> Data:
    """The issue at a glance."""
    marks: dict[str, list[str]] = {}
    for found in findings:
        known = marks.setdefault(found["key"], [])
        if (mark := MARKS.get(found["rule"])) and say(mark) not in known:
            known.append(say(mark))
    known_content = state.content
    return {
        "title": "/".join(known_content.frame.headline),
        "warmups": [_row(entry, marks, say) for entry in known_content.warmups],
        "parts": [_part(part, marks, say) for part in known_content.parts],
    }


def _part(part: KeyedSection, marks: Mapping[str, Sequence[str]], say: Translator) -> Data:
    return {"key": part.key, "name": part.value.name, "rows": [_row(entry, marks, say) for entry in part.entries]}


def _row(entry: KeyedItem, marks: Mapping[str, Sequence[str]], say: Translator) -> Data:
    title, mark = _title(entry.value, say)
    ready = isinstance(entry.value, Item) and entry.value.status == "ready"
    lacks = [say(WORDS["pending"])] if isinstance(entry.value, Item) and is_pending(entry.value) else []
    lacks += marks.get(entry.key, ())
    return {"key": entry.key, "title": title, "mark": mark, "ready": ready, "lacks": lacks}


def _title(value: Item | Warmup | Raw, say: Translator) -> tuple[str, str]:
    """Title of an entry, and the mark before it: repository or tags of an item, company of a warm-up."""
    match value:
        case Item():
            return value.title, value.repo or " ".join(value.tags)
        case Warmup():
            return value.text, value.company
        case Raw():
            return " ".join(value.raw.split()), say(WORDS["raw"])


# --- the form -------------------------------------------------------------------------------------------------


class Details:
    """The fields of everything that can be selected; what did not change is the same object as before."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Sequence[object], Data]] = {}

    def of(self, state: EditorState, edition: Edition) -> dict[str, Data]:
        """The fields by the keys of what they belong to."""
        content, found = state.content, dict[str, tuple[Sequence[object], Data]]()
        for key in (HEAD, WARMUPS, CLOSING):
            found[key] = (), detail(key, None, None, content.frame, edition)
        places: list[tuple[KeyedItem | KeyedSection, KeyedSection | None]] = [
            (entry, None) for entry in content.warmups
        ]
        for part in content.parts:
            places += [(part, part), *((entry, part) for entry in part.entries)]
        for place, around in places:
            section = (around.key, around.value) if around else (None, None)
            made_of = (place.value, *section, content.frame.imported, edition.newsletter)
            known = self._known.get(place.key)
            if known is None or any(a is not b and a != b for a, b in zip(known[0], made_of, strict=True)):
                known = made_of, detail(place.key, place.value, around, content.frame, edition)
            found[place.key] = known
        for key, (_, before) in self._known.items():
            if key in found and found[key][1] is not before and found[key][1] == before:
                found[key] = found[key][0], before
        self._known = found
        return {key: shown for key, (_, shown) in found.items()}


def detail(
    key: str, value: Item | Warmup | Raw | Section | None, part: KeyedSection | None, frame: Issue, edition: Edition
) -> Data:
    """The fields of a value, or of a part of the issue itself.

    Args:
        key: of the value, or the name of the part.
        value: an entry or a section; nothing for a part of the issue.
        part: the section that it is, or is in.
        frame: the issue without its entries.
        edition: the issue.
    """
    newsletter, say = edition.newsletter, _say(edition)
    shown: Data = {"key": key, "section": part.key if part else None, "kind": key, "title": ""}
    match value:
        case Item() as item:
            name = part.value.name if part else ""
            state_of = {"kind": "item", "status": item.status, "pending": is_pending(item)}
            return shown | state_of | _item(item, newsletter, name)
        case Warmup() as warmup:
            return shown | {"kind": "warmup", "fields": list(_warmup(warmup, say))}
        case Raw() as raw:
            return shown | {
                "kind": "raw",
                "fields": [_field(raw, ("raw",), say, wide=True, lines=True, hint="hint-raw")],
            }
        case Section() as section:
            return shown | {"kind": "section", "fields": list(_section(section, newsletter, frame))}
    return shown | {"fields": list(FRAMES[key](edition))}


def _say(edition: Edition) -> Translator:
    return translator(edition.newsletter.language)


def _field(
    value: Any, path: Field, say: Translator, *, label: str = "", hint: str = "", text: str | None = None, **more: Any
) -> Data:
    """A field of the form; ``more``: wide, lines, needed, placeholder, and what else the form knows."""
    name = str(path[-1])
    return {
        "path": list(path),
        "label": label or say(LABELS.get(name, name)),
        "text": text_of(value, path) if text is None else text,
        "placeholder": say(WORDS[hint]) if hint else "",
    } | more


def _item(item: Item, newsletter: Newsletter, section: str) -> Data:
    needs, say = newsletter.style(section).needs, translator(newsletter.language)
    summary = newsletter.summary_label
    wanted = "summary" in needs

    def labelled(label: str) -> Data:
        hint = "hint-summary" if label == summary else ""
        needed, own = wanted and label == summary, label in item.fields
        return _field(
            item, ("fields", label), say, label=label, wide=True, lines=True, hint=hint, needed=needed, own=own
        )

    labels = (
        [*item.fields] if summary in item.fields else [summary, *item.fields] if wanted else [*item.fields, summary]
    )
    first = [labels.pop(0)] if wanted and labels[0] == summary else []
    fields = [
        _field(item, ("title",), say, wide=True),
        _field(item, ("url",), say, hint="hint-url", url=True),
        _field(item, ("source",), say, hint="hint-source", needed="source" in needs),
        *map(labelled, first),
        _field(item, ("repo",), say, hint="hint-repo", needed="repo" in needs),
        _field(item, ("tags",), say, text=_tags(item, say), hint="hint-tags", needed="tag" in needs),
    ]
    for index in range(len(item.links)):
        for name in ("text", "url"):
            label = say(LABELS[f"link-{name}"])
            fields.append(_field(item, ("links", index, name), say, label=label, link=index, url=name == "url"))
    if item.text or wanted or not item.fields:
        fields.append(_field(item, ("text",), say, wide=True, lines=True, optional=wanted and not item.text))
    fields += map(labelled, labels)
    fields += [
        _field(item, ("hook",), say, hint="hint-hook", wide=True),
        _field(item, ("note",), say, label=say(LABELS["item-note"]), hint="hint-note", wide=True, lines=True),
    ]
    return {"fields": fields, "labels": [label for label in newsletter.labels if label not in item.fields]}


def _tags(item: Item, say: Translator) -> str:
    return say(WORDS["between-tags"]).join(item.tags)


def _warmup(warmup: Warmup, say: Translator) -> Iterator[Data]:
    yield _field(warmup, ("company",), say, hint="hint-company")
    yield _field(warmup, ("url",), say, hint="hint-url", url=True)
    yield _field(warmup, ("text",), say, label=say(LABELS["warmup-text"]), hint="hint-warmup", wide=True, lines=True)


def _section(section: Section, newsletter: Newsletter, frame: Issue) -> Iterator[Data]:
    say = translator(newsletter.language)
    standing = "" if frame.imported else newsletter.style(section.name).note
    yield _field(section, ("name",), say, wide=True)
    yield _field(section, ("note",), say, wide=True, lines=True, placeholder=standing)


def _head(edition: Edition) -> Iterator[Data]:
    frame, say = edition.draft.issue, _say(edition)
    yield _field(frame, ("headline",), say, hint="hint-headline", wide=True)
    yield _field(frame, ("date",), say, text=str(frame.date), date=True)
    written = "" if frame.imported else lead(frame, edition.newsletter)
    yield _field(frame, ("lead",), say, wide=True, lines=True, placeholder=written or say(WORDS["hint-lead"]))
    yield _standing(edition, "tagline")
    for name in ("front_matter", "heading", "before"):
        if getattr(frame, name):
            yield _field(frame, (name,), say, wide=True, lines=True)


def _warmups(edition: Edition) -> Iterator[Data]:
    yield _standing(edition, "intro")
    yield _standing(edition, "note")
    if edition.draft.issue.after:
        yield _field(edition.draft.issue, ("after",), _say(edition), wide=True, lines=True)


def _closing(edition: Edition) -> Iterator[Data]:
    yield _standing(edition, "closing")


FRAMES: dict[str, Callable[[Edition], Iterator[Data]]] = {HEAD: _head, WARMUPS: _warmups, CLOSING: _closing}
"""The fields of the issue itself, by what is selected."""


def _standing(edition: Edition, name: str) -> Data:
    """A part that the program writes unless the editor does."""
    frame, newsletter = edition.draft.issue, edition.newsletter
    if frame.imported:
        return _field(frame, (name,), _say(edition), wide=True, lines=True)
    own = (
        closing(frame.date, newsletter, edition.dates, edition.numbers)
        if name == "closing"
        else str(getattr(newsletter, name))
    )
    assert name in STANDING
    omitted = getattr(frame, name) == ""
    return _field(frame, (name,), _say(edition), wide=True, lines=True, placeholder=own, omit=name, omitted=omitted)


# --- previews -------------------------------------------------------------------------------------------------


def preview(key: str, content: KeyedIssue, edition: Edition) -> Data:
    """Render what has this key as the page shows it."""
    kind, issue = _alone(key, content, edition)
    return {"kind": kind} | rendered(lambda: pages.fragment(issue, edition.newsletter), edition.newsletter.language)


def rendered(render: Callable[[], str], language: str) -> Data:
    """Render a page, or say why that failed."""
    try:
        return {"html": render(), "failed": ""}
    except MarkupError as error:
        return {"html": "", "failed": explain(error, language)}


def _alone(key: str, content: KeyedIssue, edition: Edition) -> tuple[str, Issue]:
    """Reduce the issue to what has this key; returns its kind too."""
    whole = edition.issue
    blank = Issue(date=whole.date, imported=True)
    entry, part = content.entry(key), content.part(key)
    if entry is not None and part is not None:
        section = part.value.model_copy(update={"items": (entry.value,), "note": None})
        return "item", blank.model_copy(update={"sections": (section,)})
    if entry is not None:
        return "item", blank.model_copy(update={"warmups": (entry.value,)})
    if part is not None:
        note = next((s.note for s in whole.sections if s.name == part.value.name), part.value.note)
        return "section", blank.model_copy(update={"sections": (part.value.model_copy(update={"note": note}),)})
    names = {
        HEAD: ("front_matter", "heading", "headline", "tagline", "before", "lead"),
        WARMUPS: ("intro", "warmups", "note", "after"),
        CLOSING: ("closing",),
    }[key]
    return key, blank.model_copy(update={name: getattr(whole, name) for name in names})


# --- differences ----------------------------------------------------------------------------------------------


def difference(found: Difference, *contents: KeyedIssue, say: Translator) -> Data:
    """A difference, with labels for its place."""
    names = {ORDER: "order", PLACE: "place", WHOLE: "whole", merge.LABELS: "label-order"}
    known = WORDS[names[found.field]] if found.field in names else LABELS.get(found.field)
    label = say(known) if known else found.field.removeprefix("fields.")
    place = next((name for content in contents if (name := where(content, found.key, say))), "")
    return {
        "name": found.name,
        "where": place,
        "label": label,
        "ours": found.ours,
        "theirs": found.theirs,
        "suggested": found.suggested,
        "both": found.both,
    }


def where(content: KeyedIssue, key: str, say: Translator) -> str:
    """Name the place of an entry or section, as differences do."""
    if key == WARMUPS:
        return say(WORDS["warmups"])
    part = content.part(key)
    if (entry := content.entry(key)) is None:
        return part.value.name if part else ""
    title, mark = _title(entry.value, say)
    return f"{part.value.name if part else say(WORDS['warmups'])} · {title or mark}"
