"""The form in the notebook: one widget, bound to a session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from embedai_nb.capture import Captured, Fetcher, add, capture
from embedai_nb.capture.into_draft import fetcher_of
from embedai_nb.catalogue import Catalogue
from embedai_nb.diff.keyed import new_key
from embedai_nb.edition import Edition
from embedai_nb.editor import form_data
from embedai_nb.editor.messages import SEVERITIES, WORDS
from embedai_nb.editor.pasting import parted, pasted
from embedai_nb.editor.pending_items import Question, answer, questions
from embedai_nb.editor.session import Broken, Conflict, Missing, Session, Unsaved
from embedai_nb.editor.state import CommandError
from embedai_nb.editor.watch_loop import heard
from embedai_nb.errors import EmbedAIError
from embedai_nb.html import page as pages
from embedai_nb.model import Issue, Item, Raw
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace import layout
from embedai_nb.workspace.locate import issues_folder

__all__ = ["Form", "edit"]

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("elements.js", "typing.js", "outline.js", "fields.js", "pages.js", "search.js", "troubles.js", "form.js")
"""The form's script; its parts share one scope, so their order is free but for the last."""

PAUSE = 0.35
"""Seconds without a command after which the checks, which take longest, are made anew."""

AGAIN = 1.0
"""Seconds after which it is tried again to save what could not be saved."""

HITS = 30
"""How many past items a search shows."""

WINDOWS = 4
"""How many forms of one issue are kept up to date: each reload of the page makes a new one."""


def _static(*names: str) -> str:
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


class Form(anywidget.AnyWidget):
    """Shows a session; whatever the editor does comes as a message that names a command of the state.

    Args:
        session: what is edited; several forms may show one.
    """

    _esm = _static(*SCRIPTS)
    _css = _static("form.css")

    words = traitlets.Dict(WORDS | {f"severity-{kind}": word for kind, word in SEVERITIES.items()}).tag(sync=True)
    document = traitlets.Unicode().tag(sync=True)
    issue = traitlets.Dict().tag(sync=True)
    outline = traitlets.Dict().tag(sync=True)
    detail = traitlets.Dict().tag(sync=True)
    preview = traitlets.Dict().tag(sync=True)
    findings: traitlets.List[Any] = traitlets.List(allow_none=True, default_value=None).tag(sync=True)
    earlier = traitlets.Dict().tag(sync=True)
    hits = traitlets.Dict().tag(sync=True)
    page = traitlets.Dict().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    trouble = traitlets.Dict().tag(sync=True)
    notice = traitlets.Dict().tag(sync=True)
    done = traitlets.Dict().tag(sync=True)

    def __init__(self, session: Session) -> None:
        self.session = session
        self.tab = "edit"
        self._later: asyncio.TimerHandle | None = None
        self._notices = 0
        self.asking: set[asyncio.Task[None]] = set()
        super().__init__(document=pages.document("", title="", language=session.newsletter.language))
        self.on_msg(self._receive)
        self.refresh()

    # --- messages ---------------------------------------------------------------------------------------------

    def _receive(self, _: object, message: Mapping[str, Any], __: object) -> None:
        with self.session.lock:
            with self.hold_sync():
                self.perform(str(message["command"]), message.get("arguments", {}))
                self.done = self.done | {message["client"]: message["number"]}
            for form in self.others():
                form.refresh()
        self.soon()

    def others(self) -> list[Form]:
        """The same issue in other windows."""
        return [form for form in _forms.get(self.session, []) if form is not self]

    def perform(self, command: str, arguments: Mapping[str, Any]) -> None:
        """Do what a message says; the draft says it, too, when this returns, or the status that it doesn't."""
        arguments = {name: _sound(value) for name, value in arguments.items()}
        try:
            own = OWN.get(command)
            if own is not None:
                own(self, **arguments)
            else:
                self.session.do(command, **arguments)
        except (CommandError, TypeError) as error:
            self._refuse(command, arguments, error)
        except EmbedAIError as error:
            self.say(str(error))
        self.refresh()

    def _refuse(self, command: str, arguments: Mapping[str, Any], error: Exception) -> None:
        """What cannot be done is said; typed text that has no place any more is shown, to be put elsewhere."""
        text = arguments.get("text", "")
        if command == "write" and text and text != arguments.get("base"):
            self.session.shelf.keep(self.session.date, "rescued", text.encode())
            self.say(WORDS["rescued"], text)
        elif isinstance(error, CommandError):
            self.say(WORDS["nothing-to-do"])
        else:
            raise error

    def say(self, text: str, rescued: str = "") -> None:
        """Tell the editor something that needs no answer."""
        self._notices += 1
        self.notice = {"text": text, "rescued": rescued, "number": self._notices}

    # --- what only the form can do ----------------------------------------------------------------------------

    def paste(self, key: str, text: str, target: str) -> None:
        """Make items of links and of Markdown, as far as the text itself says; the sites are asked afterwards."""
        content, newsletter = self.session.state.content, self.session.newsletter
        part = content.part(target)
        section = part.value.name if part else None
        markdown, links = parted(text, newsletter, section)
        captured = capture(links, newsletter, None)
        issue = add(pasted(markdown, newsletter, section), captured, newsletter)
        if issue.warmups or any(section.items for section in issue.sections):
            self.session.do("paste", key=key if content.part(key) == part else target, issue=issue)
        count = self.ask([e.key for e in self.session.state.content.entries() if content.entry(e.key) is None])
        self._tell_pasted(issue, count, [each for each in captured if each.refusal])

    def _tell_pasted(self, issue: Issue, asked: int, refused: Sequence[Captured]) -> None:
        """Say what became of what was pasted; what must not become an item is shown again, and kept."""
        values = [*issue.warmups, *(item for section in issue.sections for item in section.items)]
        raw = sum(isinstance(value, Raw) for value in values)
        items = sum(isinstance(value, Item) for value in values)
        said, back = "" if refused else WORDS["pasted-nothing"], "\n".join(each.text for each in refused)
        if values:
            said = WORDS["pasted-raw" if raw else "pasted"].format(
                items=items, warmups=len(values) - raw - items, raw=raw
            )
        if asked:
            said += WORDS["asking"].format(count=asked)
        if refused:
            reasons = "".join(dict.fromkeys(each.refusal for each in refused))
            said += WORDS["refused"].format(count=len(refused), reasons=reasons)
            self.session.shelf.keep(self.session.date, "rescued", back.encode())
        self.say(said, back)

    def ask(self, keys: Sequence[str]) -> int:
        """Have the sites asked about those of these items that wait for it, while the editor goes on; how many."""
        waiting = questions(self.session.state.content, keys)
        if self.session.fetcher is None or not waiting:
            return 0
        task = asyncio.get_running_loop().create_task(self._ask(waiting, self.session.fetcher))
        self.asking.add(task)
        task.add_done_callback(self.asking.discard)
        return len(waiting)

    async def _ask(self, waiting: Sequence[Question], fetcher: Fetcher) -> None:
        """Fill in what the sites say, as it comes."""
        occasion = new_key()

        async def fills(question: Question) -> None:
            item = await asyncio.to_thread(answer, question, self.session.newsletter, fetcher)
            with self.session.lock:
                self.session.do("fill", key=question.key, asked=question.item, answered=item, occasion=occasion)
                for form in (self, *self.others()):
                    form.refresh()
            self.soon()

        await asyncio.gather(*map(fills, waiting))
        if not self.notice.get("rescued"):
            left = len(questions(self.session.state.content, [question.key for question in waiting]))
            self.say(WORDS["asked-pending" if left else "asked"].format(count=left))

    def search(self, words: str) -> None:
        """Find items of other issues."""
        with Catalogue(self.session.folder, self.session.newsletter) as catalogue:
            found = [hit for hit in catalogue.search(words, limit=2 * HITS) if hit.date != self.session.date]
        self.hits = {"query": words, "hits": [form_data.hit(hit) for hit in found[:HITS]], "more": len(found) > HITS}

    def fix(self, rule: str, key: str, field: list[str | int]) -> None:
        """Do what a finding suggests, provided that it is still found."""
        state = self.session.state
        for found in self.session.edition.findings:
            if (
                found.fix
                and found.rule == rule
                and form_data.located(state.content, found.place.path) == (key, tuple(field))
            ):
                self.session.do("become", issue=found.fix.applied(state.issue))
                return

    def waive(self, rule: str, key: str, reason: str) -> None:
        """Let a rule be broken by an item, and say why."""
        entry = self.session.state.content.entry(key)
        if entry is not None and isinstance(entry.value, Item) and reason.strip():
            item = entry.value.model_copy(update={"waived": entry.value.waived | {rule: reason.strip()}})
            self.session.do("become", issue=self.session.state.content.with_value(key, item).issue)

    def show(self, tab: str) -> None:
        """Show another tab."""
        self.tab = tab

    def hello(self) -> None:
        """A page shows this form."""

    def recover(
        self,
        key: str,
        text: str,
        base: str,
        *,
        field: list[str | int],
        near: Sequence[tuple[list[str | int], str]] = (),
        done: bool = True,
    ) -> None:
        """Text that a page still had: the kernel that it was typed for may be gone, and its keys with it."""
        state = self.session.state
        if not state.knows(key):
            beside = {tuple(path): there for path, there in near}
            key = form_data.holding(state.content, tuple(field), {text, base}, beside) or key
        self.perform("write", {"key": key, "field": field, "text": text, "base": base, "done": done})

    # --- showing ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the session as it is now; only what changed is sent."""
        with self.hold_sync():
            self.trouble = _trouble(self.session)
            self.status = _status(self.session)
            if self.session.opened:
                self._refresh()

    def _refresh(self) -> None:
        state, edition = self.session.state, self.session.edition
        self.issue = {
            "date": str(self.session.date),
            "newsletter": edition.newsletter.name,
            "undo": bool(state.past),
            "redo": bool(state.future),
        }
        self.outline = form_data.outline(state, self.findings or [])
        self.detail = form_data.detail(state, edition)
        self.preview = form_data.preview(state, edition)
        if render := PAGES.get(self.tab):
            self.page = {"tab": self.tab} | form_data.shown(lambda: render(edition))

    def check(self) -> None:
        """Make anew what takes long: what is found in this issue and in earlier ones."""
        if not self.session.opened:
            return
        with self.hold_sync():
            content, edition = self.session.state.content, self.session.edition
            self.findings = [form_data.finding(found, content) for found in edition.findings]
            self.earlier = form_data.earlier(content, edition.past)
            self.outline = form_data.outline(self.session.state, self.findings)

    # --- time -------------------------------------------------------------------------------------------------

    def soon(self) -> None:
        """Check in a moment, in all windows, unless something else happens first."""
        if self._later is not None:
            self._later.cancel()
        self._later = asyncio.get_running_loop().call_later(PAUSE, self._check_all)

    def _check_all(self) -> None:
        with self.session.lock:
            for form in (self, *self.others()):
                form.check()


OWN: dict[str, Callable[..., object]] = {
    "paste": Form.paste,
    "ask": lambda form, key: form.ask([key]),
    "search": Form.search,
    "fix": Form.fix,
    "waive": Form.waive,
    "show": Form.show,
    "hello": Form.hello,
    "recover": Form.recover,
    "retry": lambda form: form.session.look(),
    "reschedule": lambda form, date: form.session.reschedule(date),
    "resolve": lambda form, choices: form.session.resolve(choices),
    "overwrite": lambda form: form.session.overwrite(),
    "create": lambda form: form.session.create(),
    "restore": lambda form: form.session.restore(),
    "reread": lambda form: form.session.read(),
}
"""Commands that are about more than the state."""


def _wechat(edition: Edition) -> str:
    from embedai_nb.wechat import article  # needed by this tab only

    return article.article(edition.issue, edition.newsletter)


def _changes(edition: Edition) -> str:
    from embedai_nb import review
    from embedai_nb.review import as_html  # brings pandas, which takes longer than all the rest

    if edition.changes is None:
        return f"<p>{WORDS['never-published']}</p>"
    return str(as_html.change_list(review.assemble(edition, published=edition.published)))


PAGES: dict[str, Callable[[Edition], str]] = {
    "preview": lambda edition: pages.fragment(edition.issue, edition.newsletter),
    "wechat": _wechat,
    "changes": _changes,
}
"""Tabs that show a page."""


def _status(session: Session) -> dict[str, Any]:
    time = f"{session.saved_at:%H:%M:%S}" if session.saved_at else ""
    kind = "unsaved" if session.unsaved else "saved"
    return {"kind": kind, "text": WORDS[kind].format(time=time)}


def _trouble(session: Session) -> dict[str, Any]:
    """What stands between the editor and her work."""
    match session.trouble:
        case Unsaved() as unsaved:
            words = WORDS["unsaved-replaceable" if unsaved.replaceable else "unsaved-because"]
            return {
                "kind": "unsaved",
                "text": words.format(message=f"{unsaved.error}。"),
                "replaceable": unsaved.replaceable,
            }
        case Conflict() as conflict:
            contents = (session.state.content, conflict.theirs)
            return {
                "kind": "conflict",
                "differences": [form_data.difference(d, *contents) for d in session.differences],
            }
        case Broken() as broken:
            text = (broken.content or b"").decode(errors="replace")
            good = None if broken.good is None else broken.good.decode(errors="replace")
            return {"kind": "broken", "error": str(broken.error), "line": broken.error.line, "text": text, "good": good}
        case Missing() as missing:
            return {"kind": "missing", "date": str(session.date), "dates": [str(date) for date in missing.dates]}
    return {}


def _sound(value: Any) -> Any:
    """Text that can be written: half of a surrogate pair, which a browser may send, is none."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value


# --- in the notebook ------------------------------------------------------------------------------------------

_sessions: dict[tuple[Path, str], Session] = {}
_forms: dict[Session, list[Form]] = {}


def edit(date: str, fetcher: Fetcher | None = None) -> Form:
    """The form of the draft of this date (YYYY-MM-DD), from the issues folder.

    Asked for again in the same kernel, it shows the same session: what could not be saved is still there.

    Args:
        fetcher: asks the sites about what is pasted; one that keeps their answers in the issues folder if absent.
    """
    folder = issues_folder()
    session = _sessions.get((folder, date))
    if session is None:
        session = _sessions[folder, date] = Session(folder, parse_date(date), fetcher=fetcher or fetcher_of(folder))
        _forms[session] = []
        asyncio.get_running_loop().create_task(_follow(session))
    else:
        session.look()
    form = Form(session)
    _forms[session] = [*_forms[session][1 - WINDOWS :], form]
    form.soon()
    return form


async def _follow(session: Session) -> None:
    """Show what is saved elsewhere, at once; and try again now and then what could not be saved."""
    told: asyncio.Queue[frozenset[str]] = asyncio.Queue()
    with heard(session.folder, told.put_nowait):
        while True:
            try:
                names = await asyncio.wait_for(told.get(), AGAIN)
            except TimeoutError:
                names = frozenset()
            with session.lock:
                _take_in(session, names)


def _take_in(session: Session, names: frozenset[str]) -> None:
    """Have the forms show what was saved: the draft, the newsletter, and issues that this one lists or is compared with."""
    reloads, changed = session.reloads, session.look()
    said = session.renew() if layout.NEWSLETTER in names else ""
    if not changed and names <= {layout.draft(str(session.date))}:
        return
    for form in _forms[session]:
        form.refresh()
        form.soon()
        if said or session.reloads != reloads:
            form.say(said or WORDS["reloaded"])
