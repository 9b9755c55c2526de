"""Editor commands as pure functions from state to state, with undo.  No widgets, no files, no clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from embedai_nb.diff.keyed import KeyedIssue, KeyedItem, KeyedSection, Value, keyed, new_key, rekeyed
from embedai_nb.editor.field_values import Field, fits, retyped, stored, text_of, with_text
from embedai_nb.editor.filling import filled
from embedai_nb.model import Issue, Item, Link, Section, Warmup

__all__ = [
    "COMMANDS",
    "HEAD",
    "CommandError",
    "EditorState",
    "Moment",
    "StaleError",
    "begin",
    "replaced",
    "with_content",
]

HEAD, WARMUPS, CLOSING = "head", "warmups", "closing"
"""Keys of what can be selected besides sections and entries: title and lead, all warm-ups, the closing."""

STANDING = ("tagline", "intro", "note", "closing")
"""Standing parts: written by the program unless the editor writes or omits them."""


class CommandError(Exception):
    """A command that does not apply: its target is gone, or never existed."""


class StaleError(Exception):
    """Text was typed over an outdated text: somebody changed the field meanwhile.

    Args:
        mine: the state with what was typed.
        base: the content over which it was typed.
    """

    def __init__(self, mine: EditorState, base: KeyedIssue) -> None:
        super().__init__("typed over a text that had been changed")
        self.mine = mine
        self.base = base


@dataclass(frozen=True)
class Moment:
    """An entry of the undo history."""

    content: KeyedIssue
    selected: str


@dataclass(frozen=True)
class Burst:
    """Continuous typing into one field, undone in one step."""

    key: str
    field: Field
    text: str
    open: bool = True


@dataclass(frozen=True)
class Filling:
    """Metadata filled in, with nothing else done since.

    Args:
        occasion: id of the batch of requests that the last metadata came from.
        asked: keys, and the items as they were without the metadata; somebody may be typing over these.
    """

    occasion: str = ""
    asked: tuple[tuple[str, Item], ...] = ()

    def texts(self, key: str, field: Field) -> list[str]:
        """Texts of a field from before metadata was filled in."""
        return [text_of(item, field) for known, item in self.asked if known == key and fits(item, field)]


@dataclass(frozen=True)
class EditorState:
    """An issue, the selection, and the undo and redo history."""

    content: KeyedIssue
    selected: str = HEAD
    past: tuple[Moment, ...] = ()
    future: tuple[Moment, ...] = ()
    burst: Burst | None = None
    filling: Filling = Filling()

    @property
    def issue(self) -> Issue:
        """The issue as it would be saved."""
        return self.content.issue

    def knows(self, key: str) -> bool:
        """Whether this key exists."""
        return (
            key in (HEAD, WARMUPS, CLOSING) or self.content.entry(key) is not None or self.content.part(key) is not None
        )

    def base_of(self, key: str, field: Field, bases: Sequence[str]) -> str:
        """Which of several texts the field has now; the last if it has another one."""
        if self.knows(key) and fits(value := _value(self.content, key), field):
            return next((each for each in bases if text_of(value, field) in stored(value, field, each)), bases[-1])
        return bases[-1]


def begin(issue: Issue) -> EditorState:
    """The initial state for an issue."""
    return EditorState(keyed(issue))


def with_content(state: EditorState, changed: KeyedIssue, *, selected: str | None = None) -> EditorState:
    """Replace the content; undoable."""
    if changed == state.content:
        return select(state, selected) if selected else state
    past = (*state.past, Moment(state.content, state.selected))
    following = EditorState(changed, state.selected, past)
    return _selecting(following, selected or state.selected)


def replaced(state: EditorState, issue: Issue) -> EditorState:
    """Replace the issue as somebody else changed it; undoable, and entries keep their keys."""
    return with_content(state, rekeyed(issue, state.content))


def _selecting(state: EditorState, key: str) -> EditorState:
    return replace(state, selected=key if state.knows(key) else HEAD, burst=None)


# --- commands -------------------------------------------------------------------------------------------------


def select(state: EditorState, key: str) -> EditorState:
    """Select what the form shows."""
    return _selecting(state, key)


def write(
    state: EditorState, key: str, field: Sequence[str | int], text: str, base: str, *, done: bool = False
) -> EditorState:
    """Write typed text into a field.

    Args:
        base: the text over which it was typed, as it was typed or as the draft stores it.
        done: the field lost the focus; what is typed into it later is undone separately.  With ``base`` as the text
            that is all there is to say, whatever is in the field by then.

    Raises:
        StaleError: ``base`` is not what was there.
    """
    path = tuple(field)
    value = _value(state.content, key)
    if not fits(value, path):
        raise CommandError(f"{key} has no {path}")
    last = state.burst if state.burst and (state.burst.key, state.burst.field) == (key, path) else None
    burst = last if last and last.open else None
    if text == base:
        return replace(state, burst=replace(last, open=False)) if last and done else state
    changed = retyped(value, path, text, base)
    if burst is None and changed == value:
        return state
    past = state.past if burst else (*state.past, Moment(state.content, state.selected))
    content = _with_value(state.content, key, changed)
    now = EditorState(content, state.selected, past, burst=Burst(key, path, text, open=not done))
    known = (text_of(value, path), last.text if last else None, *state.filling.texts(key, path))
    if base not in known and not stored(value, path, base) & {*known}:
        raise StaleError(replace(now, burst=None), _with_value(state.content, key, with_text(value, path, base)))
    return now


def add(state: EditorState, key: str, kind: Literal["item", "warmup", "section"]) -> EditorState:
    """Add a new entry or section after the selection, and select it."""
    if kind == "section":
        return _add_section(state, key)
    entry = KeyedItem(new_key(), Warmup() if kind == "warmup" else Item())
    if kind == "warmup":
        place = key if _is_warmup(state.content, key) else WARMUPS
    else:
        place = _section_at(state.content, key)
    return _inserted(state, place, [entry])


def duplicate(state: EditorState, key: str) -> EditorState:
    """Insert a copy after an entry, and select it."""
    return _inserted(state, key, [KeyedItem(new_key(), _entry(state.content, key).value)])


def delete(state: EditorState, key: str) -> EditorState:
    """Delete an entry, or a section with its items."""
    if state.content.entry(key) is None:
        return _delete_section(state, key)
    siblings = state.content.siblings(key)
    rest = [entry for entry in siblings if entry.key != key]
    at = next(n for n, entry in enumerate(siblings) if entry.key == key)
    neighbour = rest[min(at, len(rest) - 1)].key if rest else (_home(state.content, key))
    return with_content(state, state.content.with_entries(key, rest), selected=neighbour)


def move(state: EditorState, key: str, by: int) -> EditorState:
    """Move an entry or section up or down by one; an item at the end of a section moves on into the next."""
    if state.content.entry(key) is None:
        return _move_section(state, key, by)
    siblings = list(state.content.siblings(key))
    at = next(n for n, entry in enumerate(siblings) if entry.key == key)
    if not 0 <= at + by < len(siblings):
        return _move_on(state, key, by)
    siblings.insert(at + by, siblings.pop(at))
    return with_content(state, state.content.with_entries(key, siblings), selected=key)


def send(state: EditorState, key: str, section: str) -> EditorState:
    """Move an item to the end of another section."""
    target = state.content.part(section)
    if target is None or _is_warmup(state.content, key) or target == state.content.part(key):
        raise CommandError(f"{key} cannot go to {section}")
    return _moved(state, key, section, len(target.entries))


def place(state: EditorState, key: str, target: str, *, after: bool) -> EditorState:
    """Move an entry before or after another, or to the beginning of a section; a section before or after another."""
    content = state.content
    if content.entry(key) is None:
        return _placed_section(state, key, target, after=after)
    if target == key:
        return _selecting(state, key)
    home = target if content.entry(target) is None else _home(content, target)
    if _is_warmup(content, key) != (home == WARMUPS) or (home != WARMUPS and content.part(home) is None):
        raise CommandError(f"{key} cannot go to {target}")
    siblings = [entry.key for entry in content.siblings(home) if entry.key != key]
    at = siblings.index(target) + after if target in siblings else 0
    return _moved(state, key, home, at)


def mark(state: EditorState, key: str, status: Literal["draft", "ready"]) -> EditorState:
    """Mark an item as ready or as draft."""
    item = _item(state.content, key).model_copy(update={"status": status})
    return with_content(state, state.content.with_value(key, item), selected=key)


def omit(state: EditorState, part: str, *, omitted: bool) -> EditorState:
    """Omit a standing part of the issue, or let the program write it again."""
    if part not in STANDING:
        raise CommandError(f"{part} is no standing part")
    frame = state.content.frame.model_copy(update={part: "" if omitted else None})
    return with_content(state, replace(state.content, frame=frame))


def paste(state: EditorState, key: str, issue: Issue) -> EditorState:
    """Insert what was read from pasted text where it belongs.

    Warm-ups go behind the warm-up that is selected; the items of a section into the one of the same name, at the
    selected place if that is the one; sections that aren't there yet are made.
    """
    done = state
    if issue.warmups:
        place = key if _is_warmup(state.content, key) else WARMUPS
        done = _inserted(done, place, _keyed(issue.warmups))
    for section in issue.sections:
        done = _pasted_section(done, key, section)
    first = next((e.key for e in done.content.entries() if not state.knows(e.key)), state.selected)
    return with_content(state, _pasted_frame(done.content, issue), selected=first)


def fill(state: EditorState, key: str, asked: Item, answered: Item, occasion: str) -> EditorState:
    """Merge fetched metadata into an item, in the undo and redo history too; fields edited meanwhile stay.

    It may come at any moment: nothing can be undone or redone less than before, typing goes on, and undoing takes
    back the typing first.

    Args:
        asked: the item as it was when the request was made.
        answered: the same with the metadata.
        occasion: what is filled in with the same id, with nothing in between, is undone in one step.
    """
    content, future = _filled(state.content, key, asked, answered), state.future
    future = tuple(replace(moment, content=_filled(moment.content, key, asked, answered)) for moment in future)
    if content == state.content:
        return replace(state, future=future)
    burst, past = state.burst, state.past if state.burst is None else state.past[:-1]
    before = Moment(state.content, state.selected) if burst is None else state.past[-1]
    if state.filling.occasion != occasion:
        past = (*past, before)
    if burst is not None:
        past = (*past, replace(before, content=_filled(before.content, key, asked, answered)))
    return EditorState(
        content, state.selected, past, future, burst, Filling(occasion, (*state.filling.asked, (key, asked)))
    )


def set_issue(state: EditorState, issue: Issue) -> EditorState:
    """Replace the whole issue, as by a fix."""
    return replaced(state, issue)


def undo(state: EditorState) -> EditorState:
    """Undo: back to the last different content."""
    past = state.past
    while past and past[-1].content == state.content:
        past = past[:-1]
    if not past:
        return replace(state, past=(), burst=None)
    future = (*state.future, Moment(state.content, state.selected))
    return _selecting(EditorState(past[-1].content, past[-1].selected, past[:-1], future), past[-1].selected)


def redo(state: EditorState) -> EditorState:
    """Redo the last step that was undone."""
    if not state.future:
        return state
    moment = state.future[-1]
    past = (*state.past, Moment(state.content, state.selected))
    return _selecting(EditorState(moment.content, moment.selected, past, state.future[:-1]), moment.selected)


# --- labels and links of an item ------------------------------------------------------------------------------


def add_label(state: EditorState, key: str, label: str) -> EditorState:
    """Append a label to an item."""
    item, name = _item(state.content, key), " ".join(label.split()).rstrip(":：")
    if not name or name in item.fields:
        return state
    return _with_fields(state, key, [*item.fields.items(), (name, "")])


def rename_label(state: EditorState, key: str, label: str, name: str) -> EditorState:
    """Rename a label in its place."""
    item, name = _item(state.content, key), " ".join(name.split()).rstrip(":：")
    if label not in item.fields or not name or name in item.fields:
        return state
    return _with_fields(state, key, [(name if known == label else known, text) for known, text in item.fields.items()])


def remove_label(state: EditorState, key: str, label: str) -> EditorState:
    """Remove a label with its text."""
    return _with_fields(state, key, [each for each in _item(state.content, key).fields.items() if each[0] != label])


def move_label(state: EditorState, key: str, label: str, by: int) -> EditorState:
    """Move a label up or down by one: they are published in this order."""
    fields = list(_item(state.content, key).fields.items())
    at = next((n for n, each in enumerate(fields) if each[0] == label), None)
    if at is None or not 0 <= at + by < len(fields):
        return state
    fields.insert(at + by, fields.pop(at))
    return _with_fields(state, key, fields)


def add_link(state: EditorState, key: str) -> EditorState:
    """Append an empty link to an item."""
    item = _item(state.content, key)
    return _with_links(state, key, (*item.links, Link()))


def remove_link(state: EditorState, key: str, index: int) -> EditorState:
    """Remove a link from an item."""
    links = _item(state.content, key).links
    return _with_links(state, key, (*links[:index], *links[index + 1 :]))


COMMANDS: dict[str, Callable[..., EditorState]] = {
    command.__name__: command
    for command in (
        select, write, add, duplicate, delete, move, send, place, mark, omit, paste, fill, set_issue, undo, redo,
        add_label, rename_label, remove_label, move_label, add_link, remove_link,
    )
}  # fmt: skip
"""All commands by name."""


# --- parts of commands ----------------------------------------------------------------------------------------


def _value(known: KeyedIssue, key: str) -> Issue | Section | Value:
    if key in (HEAD, WARMUPS, CLOSING):
        return known.frame
    if (entry := known.entry(key)) is not None:
        return entry.value
    if (part := known.part(key)) is not None:
        return part.value
    raise CommandError(f"{key} is gone")


def _with_value(known: KeyedIssue, key: str, value: Any) -> KeyedIssue:
    if isinstance(value, Issue):
        return replace(known, frame=value)
    if isinstance(value, Section) and (part := known.part(key)) is not None:
        return known.with_part(replace(part, value=value))
    return known.with_value(key, value)


def _entry(known: KeyedIssue, key: str) -> KeyedItem:
    if (entry := known.entry(key)) is None:
        raise CommandError(f"{key} is gone, or is no entry")
    return entry


def _item(known: KeyedIssue, key: str) -> Item:
    value = _entry(known, key).value
    if not isinstance(value, Item):
        raise CommandError(f"{key} is no item")
    return value


def _is_warmup(known: KeyedIssue, key: str) -> bool:
    return any(entry.key == key for entry in known.warmups)


def _home(known: KeyedIssue, key: str) -> str:
    part = known.part(key)
    return part.key if part else WARMUPS


def _section_at(known: KeyedIssue, key: str) -> str:
    """Where to add an item: after ``key``, else in the first section."""
    if known.part(key) is not None:
        return key
    if not known.parts:
        raise CommandError("there is no section to put an item into")
    return known.parts[0].key


def _keyed(values: Sequence[Value]) -> list[KeyedItem]:
    return [KeyedItem(new_key(), value) for value in values]


def _inserted(state: EditorState, place: str, entries: Sequence[KeyedItem]) -> EditorState:
    """Insert entries after the entry ``place``, or at the end of the section of this key; selects the first."""
    siblings = list(state.content.siblings(place))
    at = next((n for n, entry in enumerate(siblings, 1) if entry.key == place), len(siblings))
    siblings[at:at] = entries
    return with_content(state, state.content.with_entries(place, siblings), selected=entries[0].key)


def _moved(state: EditorState, key: str, section: str, at: int) -> EditorState:
    entry = _entry(state.content, key)
    without = state.content.with_entries(key, [e for e in state.content.siblings(key) if e.key != key])
    target = list(without.siblings(section))
    target.insert(at, entry)
    return with_content(state, without.with_entries(section, target), selected=key)


def _move_on(state: EditorState, key: str, by: int) -> EditorState:
    """Move an item from the end of a section to the beginning of the next, or back."""
    keys = [part.key for part in state.content.parts]
    part = state.content.part(key)
    if part is None or not 0 <= keys.index(part.key) + by < len(keys):
        return _selecting(state, key)
    following = state.content.parts[keys.index(part.key) + by]
    return _moved(state, key, following.key, 0 if by > 0 else len(following.entries))


def _add_section(state: EditorState, key: str) -> EditorState:
    part, parts = KeyedSection(new_key(), Section(name="")), list(state.content.parts)
    here = state.content.part(key)
    at = parts.index(here) + 1 if here else len(parts)
    parts.insert(at, part)
    return with_content(state, replace(state.content, parts=tuple(parts)), selected=part.key)


def _delete_section(state: EditorState, key: str) -> EditorState:
    part = state.content.part(key)
    if part is None:
        raise CommandError(f"{key} is gone, or cannot be removed")
    rest = tuple(other for other in state.content.parts if other.key != part.key)
    at = min(state.content.parts.index(part), len(rest) - 1)
    return with_content(state, replace(state.content, parts=rest), selected=rest[at].key if rest else HEAD)


def _move_section(state: EditorState, key: str, by: int) -> EditorState:
    parts, part = list(state.content.parts), state.content.part(key)
    if part is None:
        raise CommandError(f"{key} cannot be moved")
    at = parts.index(part)
    if not 0 <= at + by < len(parts):
        return _selecting(state, key)
    parts.insert(at + by, parts.pop(at))
    return with_content(state, replace(state.content, parts=tuple(parts)), selected=key)


def _placed_section(state: EditorState, key: str, target: str, *, after: bool) -> EditorState:
    part, beside, parts = state.content.part(key), state.content.part(target), list(state.content.parts)
    if part is None or beside is None:
        raise CommandError(f"{key} cannot go to {target}")
    if part != beside:
        parts.remove(part)
        parts.insert(parts.index(beside) + after, part)
    return with_content(state, replace(state.content, parts=tuple(parts)), selected=key)


def _pasted_section(state: EditorState, key: str, section: Section) -> EditorState:
    here = state.content.part(key)
    if here is None or here.value.name != section.name:
        here = next((part for part in state.content.parts if part.value.name == section.name), None)
        key = here.key if here else ""
    if here is None:
        made = KeyedSection(new_key(), section.model_copy(update={"items": ()}), tuple(_keyed(section.items)))
        return with_content(state, replace(state.content, parts=(*state.content.parts, made)))
    return _inserted(state, key, _keyed(section.items)) if section.items else state


def _filled(known: KeyedIssue, key: str, asked: Item, answered: Item) -> KeyedIssue:
    """Merge metadata into the item of this key, if it exists."""
    entry = known.entry(key)
    if entry is None or not isinstance(entry.value, Item):
        return known
    return known.with_value(key, filled(entry.value, asked, answered))


def _pasted_frame(known: KeyedIssue, issue: Issue) -> KeyedIssue:
    """Take over pasted keywords and lead where there are none yet."""
    frame = known.frame
    found = {name: getattr(issue, name) for name in ("headline", "lead") if not getattr(frame, name)}
    return replace(known, frame=frame.model_copy(update={name: text for name, text in found.items() if text}))


def _with_fields(state: EditorState, key: str, fields: Sequence[tuple[str, str]]) -> EditorState:
    item = Item.model_validate(_item(state.content, key).model_dump() | {"fields": dict(fields)})
    return with_content(state, state.content.with_value(key, item), selected=key)


def _with_links(state: EditorState, key: str, links: Sequence[Link]) -> EditorState:
    item = _item(state.content, key).model_copy(update={"links": tuple(links)})
    return with_content(state, state.content.with_value(key, item), selected=key)
