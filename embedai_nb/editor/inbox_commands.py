"""Commands of the form's tab of candidates: fetch, take, dismiss, undo."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from embedai_nb.capture import Captured, add_items, enrich
from embedai_nb.capture.errors import FetchError
from embedai_nb.capture.messages import failure_text
from embedai_nb.editor.inbox_words import INBOX_WORDS
from embedai_nb.editor.messages import WORDS
from embedai_nb.editor.session import Session
from embedai_nb.errors import LockedError
from embedai_nb.i18n import Translator
from embedai_nb.inbox.candidates import Candidate
from embedai_nb.inbox.collect import Failure
from embedai_nb.inbox.inbox import Inbox
from embedai_nb.inbox.messages import reasons_text, suggestion_note
from embedai_nb.model import Issue, Item

if TYPE_CHECKING:
    from embedai_nb.editor.form import Form

__all__ = ["INBOX_COMMANDS"]

MOST = 1000
"""Candidates that are sent to the page, the most fitting."""
NAMED = 3
"""Sources that failed of which the reasons are said."""


@dataclass(frozen=True)
class _Deed:
    """A decision of this session, to be undone.

    Args:
        key: of the item that a candidate became; empty if it was dismissed.
    """

    id: str
    key: str = ""


@dataclass
class _Box:
    """What the forms of a session know of the inbox."""

    candidates: dict[str, Candidate] = field(default_factory=dict)
    deeds: list[_Deed] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    working: bool = False


_boxes: WeakKeyDictionary[Session, _Box] = WeakKeyDictionary()


def _box(form: Form) -> _Box:
    return _boxes.setdefault(form.session, _Box())


def _inbox(form: Form) -> Inbox:
    return Inbox(form.session.folder, form.session.newsletter, form.session.now)


# --- commands -------------------------------------------------------------------------------------------------


def load(form: Form) -> None:
    """Show the candidates as they were fetched last; no site is asked."""
    box = _box(form)
    _return_untaken(form, box)
    if not form.session.newsletter.inbox:
        form.candidates = {"sources": 0}
    elif not box.working:
        box.working = True
        form.start(_load(form, box))


def fetch(form: Form) -> None:
    """Fetch all sources in the background; typing goes on."""
    box = _box(form)
    if form.session.newsletter.inbox and not box.working:
        box.working = True
        form.start(_fetch(form, box))


def take(form: Form, id: str, section: str = "") -> None:  # noqa: A002 - its name in the messages
    """Make an item of a candidate, in the suggested section or another one, and fetch what it lacks."""
    box = _box(form)
    candidate = box.candidates.get(id)
    if candidate is None or not form.session.opened:
        form.notify(form.session.say(INBOX_WORDS["inbox-gone"]))
        return
    _inbox(form).decide(candidate, "taken")
    before = {entry.key for entry in form.session.state.content.entries()}
    issue = _as_issue(candidate, section or candidate.section, form)
    form.session.do("paste", key=form.session.state.selected, issue=issue)
    new = [entry.key for entry in form.session.state.content.entries() if entry.key not in before]
    box.deeds.append(_Deed(id, new[0] if new else ""))
    form.ask(new)
    _show_decided(form)


def dismiss(form: Form, id: str) -> None:  # noqa: A002
    """Dismiss a candidate: it doesn't come back."""
    box = _box(form)
    if (candidate := box.candidates.get(id)) is not None:
        _inbox(form).decide(candidate, "dismissed")
        box.deeds.append(_Deed(id))
        _show_decided(form)


def undo(form: Form) -> None:
    """Undo the last decision of this session; an item that was made of it goes."""
    box = _box(form)
    if box.deeds:
        deed = box.deeds[-1]
        _inbox(form).reconsider(box.candidates[deed.id].keys)
        box.deeds.pop()
        if deed.key and form.session.state.knows(deed.key):
            form.session.do("delete", key=deed.key)
        _show_decided(form)
        if deed.id not in {row["id"] for row in form.candidates.get("list", ())}:  # it was left out since
            load(form)


INBOX_COMMANDS: dict[str, Callable[..., object]] = {
    "inbox_load": load,
    "inbox_fetch": fetch,
    "inbox_take": take,
    "inbox_dismiss": dismiss,
    "inbox_undo": undo,
}


def _return_untaken(form: Form, box: _Box) -> None:
    """Bring candidates back whose items were undone or deleted in the draft."""
    gone = [deed for deed in box.deeds if deed.key and not form.session.state.knows(deed.key)]
    for deed in gone:
        _inbox(form).reconsider(box.candidates[deed.id].keys)
    if gone:
        box.deeds = [deed for deed in box.deeds if deed not in gone]
        _show_decided(form)


def _as_issue(candidate: Candidate, section: str, form: Form) -> Issue:
    """The candidate as an issue of one item, as capture makes it; its summary is still to be written."""
    newsletter = form.session.newsletter
    captured = enrich(candidate.item, newsletter=newsletter, fetcher=None, section=section)
    item = captured.item or candidate.item
    lines = [item.note, suggestion_note(candidate, newsletter.language)]
    noted = Item.model_validate(item.model_dump() | {"note": "\n".join(filter(None, lines))})
    return add_items(Issue(date=form.session.date), [Captured("", section, noted)], newsletter)


# --- in the background ----------------------------------------------------------------------------------------


async def _load(form: Form, box: _Box) -> None:
    try:
        found = await asyncio.to_thread(_inbox(form).candidates)
    finally:
        box.working = False
    _show(form, box, found)


async def _fetch(form: Form, box: _Box) -> None:
    loop, inbox = asyncio.get_running_loop(), _inbox(form)

    def progress(done: int, of: int) -> None:
        loop.call_soon_threadsafe(_show_progress, form, done, of)

    try:
        _show_progress(form, 0, len(form.session.newsletter.inbox))
        box.failures = await asyncio.to_thread(inbox.fetch, form.session.fetcher, progress)
        found = await asyncio.to_thread(inbox.candidates)
    except LockedError:
        form.notify(form.session.say(INBOX_WORDS["inbox-busy"]))
        found = await asyncio.to_thread(inbox.candidates)
    finally:
        box.working = False
    _show(form, box, found)


def _show_progress(form: Form, done: int, of: int) -> None:
    for each in (form, *form.others()):
        each.candidates = each.candidates | {
            "progress": each.session.say(INBOX_WORDS["inbox-fetching"], done=done, of=of)
        }


def _show(form: Form, box: _Box, found: list[Candidate]) -> None:
    """Send the candidates to all windows; those of before stay known, so that decisions can be undone."""
    with form.session.lock:
        shown = found[:MOST]
        box.candidates = box.candidates | {each.id: each for each in shown}
        data = _data(form, box, shown)
        for each in (form, *form.others()):
            each.candidates = data
    _show_decided(form)


def _show_decided(form: Form) -> None:
    """Tell all windows which candidates are no longer to be shown: the list need not be sent again."""
    decided = [deed.id for deed in _box(form).deeds]
    for each in (form, *form.others()):
        each.decided = decided


def _data(form: Form, box: _Box, found: list[Candidate]) -> dict[str, Any]:
    newsletter, say, today = form.session.newsletter, form.session.say, form.session.now().date()
    fetched = _inbox(form).fetched
    time = f"{datetime.datetime.fromisoformat(fetched):%m-%d %H:%M}" if fetched else ""
    return {
        "sources": len(newsletter.inbox),
        "sections": [style.name for style in newsletter.sections],
        "fetched": say(INBOX_WORDS["inbox-fetched"], time=time) if time else say(INBOX_WORDS["inbox-never"]),
        "failed": _failed(box.failures, say),
        "list": [_row(each, say, today) for each in found],
    }


def _failed(failures: list[Failure], say: Translator) -> str:
    if not failures:
        return ""
    named = (say(WORDS["bracketed"], name=each.place, detail=_reason(each)) for each in failures[:NAMED])
    said = say(WORDS["semicolon"]).join(named)
    more = "…" if len(failures) > NAMED else ""
    return say(INBOX_WORDS["inbox-failed"], count=len(failures), list=said + more)


def _reason(failure: Failure) -> str:
    return failure_text(failure.error) if isinstance(failure.error, FetchError) else failure.reason


def _row(candidate: Candidate, say: Translator, today: datetime.date) -> dict[str, Any]:
    days = (today - candidate.date).days
    age = say(INBOX_WORDS["age-days"], count=days) if days > 0 else say(INBOX_WORDS["age-today"])
    earlier = candidate.earlier[0].date if candidate.earlier else None
    return {
        "id": candidate.id,
        "title": candidate.title,
        "url": candidate.item.url or candidate.mentions[0].url,
        "section": candidate.section,
        "sources": say(WORDS["comma"]).join(dict.fromkeys(mention.source for mention in candidate.mentions)),
        "links": [[mention.source, mention.url] for mention in candidate.mentions[1:]],
        "age": age,
        "date": str(candidate.date),
        "excerpt": candidate.excerpt,
        "reason": reasons_text(candidate.reasons, say.language),
        "earlier": say(INBOX_WORDS["inbox-seen"], date=earlier) if earlier else "",
        "seen": candidate.seen,
    }
