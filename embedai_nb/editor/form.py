"""The form: one model bound to a session; shown by anywidget in a notebook, or by the extension in a panel (panel.py)."""

from __future__ import annotations

import asyncio
import datetime
import logging
import signal
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import anywidget
import traitlets
from IPython.core.getipython import get_ipython
from IPython.display import HTML, display

from embedai_nb.capture import Captured, Fetcher, add_items, capture
from embedai_nb.capture.draft import caching_fetcher
from embedai_nb.catalogue import Catalogue
from embedai_nb.diff.keyed import KeyedIssue, new_key
from embedai_nb.edition import Edition
from embedai_nb.editor import form_data, trouble_data
from embedai_nb.editor.background import Newest
from embedai_nb.editor.error_texts import explain
from embedai_nb.editor.form_words import form_words, sentences
from embedai_nb.editor.inbox_commands import INBOX_COMMANDS
from embedai_nb.editor.messages import WORDS
from embedai_nb.editor.pasting import read_pasted, split_pasted
from embedai_nb.editor.pending_items import PendingItem, look_up, pending_items
from embedai_nb.editor.publishing_commands import PUBLISHING_COMMANDS, about_publication
from embedai_nb.editor.session import Session
from embedai_nb.editor.state import HEAD, CommandError
from embedai_nb.editor.tab_pages import PAGES, about_page, preview_document
from embedai_nb.editor.unmerged import UNMERGED_COMMANDS
from embedai_nb.editor.watch_loop import News, watched
from embedai_nb.editor.writing_commands import WRITING_COMMANDS
from embedai_nb.errors import EmbedAIError, UsageError
from embedai_nb.i18n import Translator, _
from embedai_nb.model import Issue, Item, Raw
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace import layout
from embedai_nb.workspace.locate import VARIABLE, issues_folder

__all__ = ["Form", "edit", "forget", "session_of", "shown"]

logger = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
SCRIPTS = (
    "elements.js",
    "copies.js",
    "outbox.js",
    "typing.js",
    "outline.js",
    "fields.js",
    "pages.js",
    "search.js",
    "candidates.js",
    "troubles.js",
    "unmerged.js",
    "publishing.js",
    "rescheduling.js",
    "requests.js",
    "edits.js",
    "marks.js",
    "images.js",
    "rich_paste.js",
    "drag.js",
    "follow.js",
    "writing.js",
    "form.js",
)
"""Parts of the form's script; they share one scope, and only the last must be last."""

CHECK_DELAY = 0.35
"""Seconds without a command after which the checks, the slowest part, run again."""

RETRY = 1.0
"""Seconds between retries of what could not be saved or shown."""

MAX_HITS = 30
"""Maximum number of past items that a search shows."""

MAX_FORMS = 8
"""Maximum number of forms of one issue that are kept up to date, those that were heard of last: a reload makes a new one."""

LONG = 20_000
"""Characters of an entry from which its preview is rendered in the background."""


def _static(*names: str) -> str:
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


class Form(anywidget.AnyWidget):
    """View of a session; each action of the editor arrives as a message that names a command.

    Args:
        session: the session to show; several forms may share one.
    """

    _esm = _static(*SCRIPTS)
    _css = _static("form.css", "candidates.css")

    language = traitlets.Unicode().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    document = traitlets.Unicode().tag(sync=True)
    issue = traitlets.Dict().tag(sync=True)
    outline = traitlets.Dict().tag(sync=True)
    selected = traitlets.Unicode(HEAD).tag(sync=True)
    preview = traitlets.Dict().tag(sync=True)
    findings: traitlets.List[Any] = traitlets.List(allow_none=True, default_value=None).tag(sync=True)
    earlier = traitlets.Dict().tag(sync=True)
    hits = traitlets.Dict().tag(sync=True)
    candidates = traitlets.Dict().tag(sync=True)
    decided: traitlets.List[Any] = traitlets.List().tag(sync=True)
    page = traitlets.Dict().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    trouble = traitlets.Dict().tag(sync=True)
    notice = traitlets.Dict().tag(sync=True)
    publication = traitlets.Dict().tag(sync=True)
    question = traitlets.Dict().tag(sync=True)
    file = traitlets.Dict().tag(sync=True)
    answer = traitlets.Dict().tag(sync=True)
    issues = traitlets.Dict().tag(sync=True)
    fixed = traitlets.Dict().tag(sync=True)
    done = traitlets.Dict().tag(sync=True)
    """Each page, with the number of its last message that was handled."""
    kept = traitlets.Dict().tag(sync=True)
    """The same, of those whose effects are on disk: what came after, a page has to keep."""
    greeted = traitlets.Unicode().tag(sync=True)
    """The last greeting that was answered."""
    busy = traitlets.Dict().tag(sync=True)
    """What is being computed in the background."""

    def __init__(self, session: Session, **options: Any) -> None:
        self.session = session
        self.client = ""
        self.details: dict[str, Any] = {}
        self._shown: dict[str, Any] | None = None
        self._make_details = form_data.Details()
        self._previewing, self._rendering, self._checking = Newest(self.start), Newest(self.start), Newest(self.start)
        self.tab = "edit"
        self._later: asyncio.TimerHandle | None = None
        self._notices = 0
        self.before_notice: KeyedIssue | None = None
        self.before_fixes: KeyedIssue | None = None
        self.asking: set[asyncio.Task[None]] = set()
        self.failures: dict[str, str] = {}
        super().__init__(**_spoken(session.newsletter.language), **options)
        self.on_msg(self._receive)
        self.refresh()

    # --- messages ---------------------------------------------------------------------------------------------

    def _receive(self, _: object, message: Mapping[str, Any], __: object) -> None:
        command, arguments = str(message["command"]), message.get("arguments", {})
        with uninterrupted(), self.session.lock:
            if command in UNNUMBERED:
                with self.hold_sync():
                    UNNUMBERED[command](self, **arguments)
                return
            with self.hold_sync():
                if self._is_next(message):
                    self._perform_safely(command, arguments)
                self._acknowledge([message["client"]])
            for form in self.others():
                form.refresh()
        self.check_soon()

    def _is_next(self, message: Mapping[str, Any]) -> bool:
        """Whether a message is to be handled now: for the first time, and after all that its page sent before it."""
        handled = self.session.handled
        client, number, last = message["client"], message["number"], handled.pop(message["client"], 0)
        following = bool(message.get("after", 0) <= last < number)
        handled[client] = number if following else last  # as the newest: pages not heard of for long are forgotten
        return following

    def _acknowledge(self, clients: Iterable[str]) -> None:
        """Tell pages which of their messages were handled, and are on disk if all is."""
        self.done = self.done | {client: self.session.handled.get(client, 0) for client in clients}
        if not self.session.unsaved:
            self.kept = self.done

    def _perform_safely(self, command: str, arguments: Mapping[str, Any]) -> None:
        """Execute a command; one that fails for a reason that nobody foresaw is not repeated, its text is kept."""
        try:
            self.perform(command, arguments)
        except Exception as error:
            logger.exception("the editor could not do this: %s", command)
            message = self.session.say(WORDS["failed-command"], message=f"{type(error).__name__}: {error}")
            self._rescue(str(arguments.get("text", "")), message)

    def others(self) -> list[Form]:
        """Forms of the same session in other windows."""
        return [form for form in _forms.get(self.session, []) if form is not self]

    def greet(self, client: str, greeting: str, acknowledged: Mapping[str, int], key: str, tab: str) -> None:
        """A page shows this form from now on.

        Args:
            client: the page.
            greeting: is repeated when all is there that the page needs.
            acknowledged: the clients whose messages it is going to send, with the last of each that was kept.
            key: what is selected there.
            tab: what it shows.
        """
        for other in self.others():
            if other.client == client:  # its connection was cut
                forget(other)
        self.client, handled = client, self.session.handled
        handled.update({client: max(number, handled.get(client, 0)) for client, number in acknowledged.items()})
        self.tab, self._shown = tab, {}
        self.select(key)
        self.refresh()
        self._acknowledge(acknowledged)
        self.greeted = greeting

    def acknowledge(self, client: str, kept: int) -> None:
        """A page is going to send what another one left, after the last of its messages that was kept."""
        self.session.handled[client] = max(kept, self.session.handled.get(client, 0))
        self._acknowledge([client])

    def pong(self, ping: int) -> None:
        """Tell a page that its kernel lives, and can be reached."""
        _heard(self)
        self.send({"pong": ping})

    def perform(self, command: str, arguments: Mapping[str, Any]) -> None:
        """Execute a command; when this returns, it is saved in the draft, or the status says that it isn't."""
        arguments = {name: _well_formed(value) for name, value in arguments.items()}
        if self.session.opened:  # each window has its own selection
            self.session.state = replace(self.session.state, selected=self.selected)
        try:
            own = FORM_COMMANDS.get(command)
            if own is not None:
                own(self, **arguments)
            else:
                self.session.do(command, **arguments)
        except (CommandError, TypeError) as error:
            self._refuse(command, arguments, error)
        except EmbedAIError as error:
            self.notify(explain(error, self.session.newsletter.language))
        if self.session.opened:
            self.selected = self.session.state.selected
        self.refresh()

    def _refuse(self, command: str, arguments: Mapping[str, Any], error: Exception) -> None:
        """Report a command that does not apply; back up typed text whose field is gone, and show it to be pasted elsewhere."""
        text = arguments.get("text", "")
        if command in ("write", "recover") and text and text != arguments.get("base"):
            self._rescue(text, self.session.say(WORDS["rescued"]))
        elif isinstance(error, CommandError):
            self.notify(self.session.say(WORDS["nothing-to-do"]))
        else:
            raise error

    def _rescue(self, text: str, reason: str) -> None:
        """Back up text that found no place in the draft, and show it to be copied."""
        if text:
            self.session.backups.keep(self.session.date, "rescued", text.encode())
        self.notify(reason, text)

    def notify(self, text: str, rescued: str = "", *, before: KeyedIssue | None = None) -> None:
        """Show a notice that needs no answer.

        Args:
            rescued: text that was not saved, to be copied.
            before: the content before what the notice speaks of; it goes when that is undone.
        """
        self._notices += 1
        self.before_notice = before
        self.notice = {"text": text, "rescued": rescued, "number": self._notices}

    # --- what only the form can do ----------------------------------------------------------------------------

    def paste(self, key: str, text: str, target: str) -> None:
        """Make items of links and Markdown from the text alone; metadata is fetched afterwards."""
        content, newsletter = self.session.state.content, self.session.newsletter
        part = content.part(target)
        section = part.value.name if part else None
        markdown, links = split_pasted(text, newsletter, section)
        captured = capture(links, newsletter, None)
        issue = add_items(read_pasted(markdown, newsletter, section), captured, newsletter)
        if issue.warmups or any(section.items for section in issue.sections):
            self.session.do("paste", key=key if content.part(key) == part else target, issue=issue)
        asked = [e.key for e in self.session.state.content.entries() if content.entry(e.key) is None]
        count = self.ask(asked, before=content)
        self._tell_pasted(issue, count, [each for each in captured if each.refusal], content)

    def _tell_pasted(self, issue: Issue, asked: int, refused: Sequence[Captured], before: KeyedIssue) -> None:
        """Report what was pasted; back up the lines that were refused, and show them again."""
        values = [*issue.warmups, *(item for section in issue.sections for item in section.items)]
        raw = sum(isinstance(value, Raw) for value in values)
        items = sum(isinstance(value, Item) for value in values)
        say, back = self.session.say, "\n".join(each.text for each in refused)
        said = [say(WORDS["pasted-nothing"])] if not values and not refused else []
        if values:
            said.append(_pasted(say, items, len(values) - raw - items, raw))
        if asked:
            said.append(say(WORDS["asking"], count=asked))
        if refused:
            reasons = sentences(say, dict.fromkeys(each.refusal for each in refused))
            said.append(say(WORDS["refused"], count=len(refused), reasons=reasons))
            self.session.backups.keep(self.session.date, "rescued", back.encode())
        self.notify(sentences(say, said), back, before=before if values and not refused else None)

    def ask(self, keys: Sequence[str], *, before: KeyedIssue | None = None) -> int:
        """Fetch the metadata of pending items in the background; returns how many are fetched.

        Args:
            before: the content before these items were pasted; what is said of them goes when that is undone.
        """
        waiting = pending_items(self.session.state.content, keys)
        if self.session.fetcher is None or not waiting:
            return 0
        self.start(self._ask(waiting, self.session.fetcher, before))
        return len(waiting)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something in the background; typing goes on."""
        task = asyncio.get_running_loop().create_task(work)
        self.asking.add(task)
        task.add_done_callback(self.asking.discard)

    async def _ask(self, waiting: Sequence[PendingItem], fetcher: Fetcher, before: KeyedIssue | None) -> None:
        """Fill in metadata as it arrives."""
        occasion = new_key()

        async def fills(question: PendingItem) -> None:
            item = await asyncio.to_thread(look_up, question, self.session.newsletter, fetcher)
            with self.session.lock:
                self.session.do("fill", key=question.key, asked=question.item, answered=item, occasion=occasion)
                for form in (self, *self.others()):
                    form.refresh()
            self.check_soon()

        await asyncio.gather(*map(fills, waiting))
        if not self.notice.get("rescued"):
            left = len(pending_items(self.session.state.content, [question.key for question in waiting]))
            self.notify(self.session.say(WORDS["asked-pending" if left else "asked"], count=left), before=before)

    def search(self, words: str) -> None:
        """Search the items of other issues."""
        with Catalogue(self.session.folder, self.session.newsletter) as catalogue:
            found = [hit for hit in catalogue.search(words, limit=2 * MAX_HITS) if hit.date != self.session.date]
        self.hits = {
            "query": words,
            "hits": [form_data.hit(hit) for hit in found[:MAX_HITS]],
            "more": len(found) > MAX_HITS,
        }

    def fix(self, rule: str, key: str, field: list[str | int]) -> None:
        """Apply the fix of a finding, provided that it is still found."""
        state = self.session.state
        for found in self.session.edition.findings:
            if (
                found.fix
                and found.rule == rule
                and form_data.locate(state.content, found.place.path) == (key, tuple(field))
            ):
                self.session.do("set_issue", issue=found.fix.applied(state.issue))
                return

    def waive(self, rule: str, key: str, reason: str) -> None:
        """Waive a rule for an item, with the reason."""
        entry = self.session.state.content.entry(key)
        if entry is not None and isinstance(entry.value, Item) and reason.strip():
            item = entry.value.model_copy(update={"waived": entry.value.waived | {rule: reason.strip()}})
            self.session.do("set_issue", issue=self.session.state.content.with_value(key, item).issue)

    def reschedule(self, date: str) -> None:
        """Give the issue another date; forms that found no issue of that date show this one from now on."""
        session = self.session
        session.reschedule(date)
        for other in [each for each in _forms if _place(each) == _place(session) and not each.opened]:
            for form in _forms.pop(other):
                form.session = session
                _forms.setdefault(session, [self]).append(form)

    def open_issue(self, date: str, *, create: bool = False) -> None:
        """Show the issue of another date; ``create`` creates its draft.

        Raises:
            UsageError: this one has text that is not saved: nobody would see it.
        """
        if self.session.unsaved:
            raise UsageError(_("the draft is not saved"), remedy=_("save it first"))
        before, session = self.session, session_of(self.session.folder, parse_date(date), self.session.fetcher)
        for client, number in before.handled.items():
            session.handled[client] = max(number, session.handled.get(client, 0))
        _forms[before] = [form for form in _forms.get(before, []) if form is not self]
        _forms[session].append(self)
        self.session, self.selected = session, HEAD
        self.set_trait("findings", None)
        self.earlier, self.hits, self.fixed, self.question, self.publication = {}, {}, {}, {}, {}
        if create and not session.opened:
            session.create()
        self.select(HEAD)

    def select(self, key: str) -> None:
        """Select what this window shows."""
        if self.session.opened and self.session.state.knows(key):
            self.selected = key
            self.session.state = replace(self.session.state, selected=key)

    def show(self, tab: str) -> None:
        """Show another tab."""
        self.tab = tab

    def recover(
        self,
        key: str,
        text: str,
        bases: list[str],
        *,
        field: list[str | int],
        near: Sequence[tuple[list[str | int], str]] = (),
        done: bool = True,
    ) -> None:
        """Write text that a page still had: the kernel it was typed for may be gone, and its keys with it.

        Args:
            bases: texts over which it was typed, one of which the draft may have by now.
            near: fields beside it, with their texts: they identify the place when keys have changed.
        """
        if not self.session.opened:
            raise CommandError("there is no draft to change")
        state = self.session.state
        if not state.knows(key):
            beside = {tuple(path): there for path, there in near}
            key = form_data.find_key(state.content, tuple(field), {text, *bases}, beside) or key
        base = state.base_of(key, tuple(field), bases)
        self.session.do("write", key=key, field=field, text=text, base=base, done=done)

    # --- showing ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the session as it is now; only what changed is sent.

        What cannot be shown leaves what was shown before, with the reason; the very first time it is raised.
        """
        with self.hold_sync():
            self._speak(self.session.newsletter.language)
            if self.session.opened:
                with _reported([self], "show") if self.details else nullcontext():
                    self._refresh()
            self.show_trouble()

    def show_trouble(self) -> None:
        """Show whether all is saved and shown, and if not, why."""
        if not self.session.unsaved and self.kept != self.done:
            self.kept = self.done
        self.trouble = trouble_data.trouble(self.session) or trouble_data.failed_parts(self.failures, self.session.say)
        self.status = trouble_data.status(self.session, failed=bool(self.failures))

    def _refresh(self) -> None:
        state, edition = self.session.state, self.session.edition
        if not state.knows(self.selected):
            self.selected = HEAD
        self.issue = {
            "date": str(self.session.date),
            "newsletter": edition.newsletter.name,
            "undo": bool(state.past),
            "redo": bool(state.future),
        }
        self.outline = form_data.outline(state, self.findings or [], self.session.say)
        self.details = self._make_details.of(state, edition)
        self._show_details()
        self._preview(state.content, edition)
        self._show_page(edition)
        self._forget_undone(state.content)

    def _speak(self, language: str) -> None:
        """Speak the language that newsletter.yaml has now."""
        if language != self.language:
            for name, value in _spoken(language).items():
                self.set_trait(name, value)

    @property
    def detail(self) -> dict[str, Any]:
        """The fields of what is selected."""
        return dict(self.details.get(self.selected, {}))

    def _show_details(self) -> None:
        """Send the fields that changed, of whatever can be selected: the page may have no time to ask for them."""
        if self._shown is None:
            return  # nobody looks at this form yet
        changed = {key: shown for key, shown in self.details.items() if self._shown.get(key) is not shown}
        gone = [key for key in self._shown if key not in self.details]
        self._shown = self.details
        if changed or gone:
            self.send({"details": changed, "gone": gone})

    def _preview(self, content: KeyedIssue, edition: Edition) -> None:
        """Render what is selected; long texts in the background."""
        key = self.selected

        def render() -> dict[str, Any]:
            return form_data.preview(key, content, edition)

        def show(preview: dict[str, Any]) -> None:
            if key == self.selected:
                self.preview = preview
            self._show_busy(preview=self._previewing.waiting)

        if sum(len(field["text"]) for field in self.detail["fields"]) < LONG and not self._previewing.running:
            show(render())
            return
        self._show_busy(preview=True)
        self._previewing.start(render, show)

    def _show_page(self, edition: Edition) -> None:
        """Render the page of this tab in the background."""
        tab, render = self.tab, PAGES.get(self.tab)
        if render is None:
            return

        def rendered() -> dict[str, Any]:
            try:
                return (
                    {"tab": tab}
                    | form_data.rendered(lambda: render(edition), edition.newsletter.language)
                    | about_page(tab, edition)
                )
            except Exception as error:
                logger.exception("the page cannot be shown: %s", tab)
                return {"tab": tab, "html": "", "failed": f"{type(error).__name__}: {error}"}

        def show(page: dict[str, Any]) -> None:
            self.page = page
            self._show_busy(page=self._rendering.waiting)

        self._show_busy(page=True)
        self._rendering.start(rendered, show)

    def _show_busy(self, **more: bool) -> None:
        self.busy = self.busy | more

    def _forget_undone(self, content: KeyedIssue) -> None:
        """Take back what was said of a change that is undone."""
        if content == self.before_notice:
            self.notify("")
        if content == self.before_fixes:
            self.fixed, self.before_fixes = {}, None

    def check(self) -> None:
        """Run the checks and the search for earlier appearances, which take longest."""
        if self.session.opened:
            content, edition = self.session.state.content, self.session.edition
            self._show_checks(_checked(content, edition), [self])

    def _show_checks(self, checked: Checked | Exception, forms: Sequence[Form]) -> None:
        """Show what the checks found, in all windows."""
        with self.session.lock, _reported(forms, "check"):
            if isinstance(checked, Exception):
                raise checked
            publication = about_publication(checked.edition, self)
            for form in forms:
                with form.hold_sync():
                    form.findings, form.earlier, form.publication = checked.findings, checked.earlier, publication
                    form.outline = form_data.outline(form.session.state, checked.findings, form.session.say)

    # --- time -------------------------------------------------------------------------------------------------

    def check_soon(self) -> None:
        """Schedule `check` in all windows; restarts the delay (debounce)."""
        if self._later is not None:
            self._later.cancel()
        self._later = asyncio.get_running_loop().call_later(CHECK_DELAY, self._check_all)

    def _check_all(self) -> None:
        session = self.session
        if session.opened:
            content, edition = session.state.content, session.edition
            self._checking.start(lambda: _checked(content, edition), self._show_all_checks)

    def _show_all_checks(self, checked: Checked | Exception) -> None:
        if isinstance(checked, Exception) or checked.edition.draft.date == self.session.date:
            self._show_checks(checked, [self, *self.others()])


class Checked(NamedTuple):
    """What the checks found in an edition, as the form shows it."""

    edition: Edition
    findings: list[Any]
    earlier: dict[str, Any]


def _checked(content: KeyedIssue, edition: Edition) -> Checked | Exception:
    try:
        findings = form_data.findings(edition.findings, content)
        return Checked(edition, findings, form_data.earlier(content, edition.past))
    except Exception as error:  # shown, until it is mended
        return error


UNNUMBERED: dict[str, Callable[..., object]] = {
    "greet": Form.greet,
    "acknowledge": Form.acknowledge,
    "ping": Form.pong,
}
"""What pages say of themselves; it may be said at any time, and again."""

FORM_COMMANDS: dict[str, Callable[..., object]] = {
    "paste": Form.paste,
    "ask": lambda form, key: form.ask([key]),
    "search": Form.search,
    "fix": Form.fix,
    "waive": Form.waive,
    "select": Form.select,
    "show": Form.show,
    "recover": Form.recover,
    "retry": lambda form: form.session.sync(),
    "reschedule": Form.reschedule,
    "resolve": lambda form, choices: form.session.resolve(choices),
    "overwrite": lambda form: form.session.overwrite(),
    "create": lambda form: form.session.create(),
    "restore": lambda form: form.session.restore(),
    "reread": lambda form: form.session.read(),
    "open_issue": Form.open_issue,
    **INBOX_COMMANDS,
    **PUBLISHING_COMMANDS,
    **UNMERGED_COMMANDS,
    **WRITING_COMMANDS,
}
"""Commands that need more than the state."""


@contextmanager
def _reported(forms: Sequence[Form], part: str) -> Iterator[None]:
    """Catch and log any exception of the block; these forms show it until the block succeeds."""
    try:
        yield
    except Exception as error:
        messages = [explain(error, form.session.newsletter.language) for form in forms]
        if messages != [form.failures.get(part) for form in forms]:
            logger.exception("the editor's form goes on without this: %s", part)
        for form, message in zip(forms, messages, strict=True):
            form.failures[part] = message
    else:
        for form in forms:
            form.failures.pop(part, None)
    for form in forms:
        form.show_trouble()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignore interrupts of the kernel while the block runs: a message is handled, or not at all."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _spoken(language: str) -> dict[str, Any]:
    """The traits of a form that speaks a language."""
    return {"language": language, "words": form_words(language), "document": preview_document(language)}


def _pasted(say: Translator, items: int, warmups: int, raw: int) -> str:
    """Say what was pasted."""
    return say(
        WORDS["pasted-raw" if raw else "pasted"],
        items=say(WORDS["pasted-items"], count=items),
        warmups=say(WORDS["pasted-warmups"], count=warmups),
        raw=say(WORDS["pasted-passages"], count=raw),
    )


def _well_formed(value: Any) -> Any:
    """Replace lone surrogates, which a browser may send and UTF-8 cannot encode."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value


# --- in the notebook ------------------------------------------------------------------------------------------

_forms: dict[Session, list[Form]] = {}
"""The sessions of this kernel, each with the forms that show it."""
_loops: set[asyncio.Task[None]] = set()
"""An event loop alone does not keep its tasks."""


def edit(date: str, fetcher: Fetcher | None = None) -> Form:
    """Show the form of the draft of this date (YYYY-MM-DD), from the issues folder.

    Called again in the same kernel, it shows the same session, by the date that its issue has now: what could not be
    saved is still there.

    Args:
        fetcher: fetches metadata of what is pasted; by default one that caches responses in the issues folder.

    Raises:
        UsageError: there is no issues folder, or no such day.
    """
    try:
        folder = issues_folder()
    except UsageError as error:
        remedy = _("name the issues folder first: %env {variable}=DIR", variable=VARIABLE)
        raise UsageError(error.problem, path=error.path, remedy=remedy) from None
    session = session_of(folder, parse_date(date), fetcher or caching_fetcher(folder))
    if get_ipython() is not None:
        display(HTML(f'<p class="embedai-no-form">{session.say(WORDS["no-form"])}</p>'))  # the form removes it
    return shown(Form(session))


def shown(form: Form) -> Form:
    """Keep a form up to date from now on."""
    _heard(form)
    form.check_soon()
    return form


def _heard(form: Form) -> None:
    """Count a form as the one that was heard of last."""
    known = [each for each in _forms.get(form.session, []) if each is not form]
    _forms[form.session] = [*known[1 - MAX_FORMS :], form]


def forget(form: Form) -> None:
    """Stop keeping a form up to date: its page is gone."""
    _forms[form.session] = form.others()
    form.close()


def session_of(folder: Path, day: datetime.date, fetcher: Fetcher | None) -> Session:
    """The session of an issue in this kernel, which is opened unless there is one."""
    session = next((each for each in _forms if _place(each) == (folder, day)), None)
    if session is None:
        return _opened(Session(folder, day, fetcher=fetcher))
    session.sync()
    return session


def _place(session: Session) -> tuple[Path, datetime.date]:
    return session.folder, session.date


def _opened(session: Session) -> Session:
    _forms[session] = []
    loop = asyncio.get_running_loop().create_task(_follow(session))
    _loops.add(loop)
    loop.add_done_callback(_loops.discard)
    return session


async def _follow(session: Session) -> None:
    """Follow saves made elsewhere, and retry now and then what could not be saved or shown."""
    told: asyncio.Queue[News] = asyncio.Queue()
    with watched(session.folder, told.put_nowait):
        while session in _forms:
            news = await _next(told)
            with session.lock:
                forms = _forms.get(session, [])
                if news is not None:
                    with _reported(forms, "watch"):
                        if isinstance(news, Exception):
                            raise news
                with _reported(forms, "follow"):
                    _take_in(session, news if isinstance(news, frozenset) else frozenset())


async def _next(told: asyncio.Queue[News]) -> News | None:
    """The next news; None when it is time to retry."""
    try:
        return await asyncio.wait_for(told.get(), RETRY)
    except TimeoutError:
        return None


def _take_in(session: Session, names: frozenset[str]) -> None:
    """Refresh the forms after a save of the draft, the newsletter, or an issue that this one lists or is compared with."""
    reloads, changed = session.reloads, session.sync()
    said = session.reload_newsletter() if layout.NEWSLETTER in names else ""
    news = changed or not names <= {layout.draft(str(session.date))}
    for form in _forms.get(session, []):
        if not news and not form.failures:
            continue
        form.refresh()
        form.check_soon()
        if said or session.reloads != reloads:
            form.notify(said or session.say(WORDS["reloaded"]))
