"""Commands of the form beyond editing: publish, open what is published, list and open issues, apply all safe fixes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from difflib import unified_diff
from typing import TYPE_CHECKING, Any

from embedai_nb.checks.fixes import FixStep, apply_fixes
from embedai_nb.drafts import Draft, with_issue
from embedai_nb.edition import Edition, known_dates, load
from embedai_nb.editor import form_data
from embedai_nb.editor.copying import offered_copies, written_copies
from embedai_nb.editor.documents import document
from embedai_nb.editor.error_texts import explain
from embedai_nb.editor.issue_list import list_issues, next_date
from embedai_nb.editor.messages import WORDS
from embedai_nb.editor.publication import FILES, Publication, publication
from embedai_nb.errors import EmbedAIError, UsageError
from embedai_nb.i18n import Translator
from embedai_nb.workspace import layout

if TYPE_CHECKING:
    from embedai_nb.editor.form import Form

__all__ = ["PUBLISHING_COMMANDS", "about_publication"]

ROWS_AT_ONCE = 10
"""How many rows of the list of issues are sent together."""


def about_publication(edition: Edition, form: Form) -> dict[str, Any]:
    """Serialize the state of publication for the form."""
    known = publication(edition.folder, edition.draft.date)
    state = known.state(lambda: edition.markdown, form.session.now(), form.session.say)
    return state._asdict() | {
        "folder": edition.folder.name,
        "renames": [layout.draft(str(known.date)), *(state.files[name] for name in FILES if name in state.files)],
        "uploadable": state.kind == "published" and edition.newsletter.wechat and _has_credentials(),
        "uploading": known.uploading,
        "copies": offered_copies(edition) if state.kind == "published" else [],
    }


def _has_credentials() -> bool:
    from embedai_nb.channels.wechat.client import Credentials  # a client that most sessions never use

    try:
        return bool(Credentials.of(os.environ))
    except UsageError:
        return False


def show_publication(form: Form) -> None:
    """Show the state of publication in all windows."""
    with form.session.lock:
        for each in (form, *form.others()):
            each.publication = about_publication(each.session.edition, each)


# --- publishing -----------------------------------------------------------------------------------------------


def publish(form: Form, seen: Sequence[Sequence[str]] = ()) -> None:
    """Publish the issue; first ask about findings that forbid it, or warnings that were not seen.

    Args:
        seen: rule, place and message of the warnings that the editor has had before her eyes.
    """
    session = form.session
    known = publication(session.folder, session.date)
    if known.running:
        return
    if session.unsaved or not session.opened:
        form.notify(session.say(WORDS["publish-unsaved"]))
        return
    if question := _question(session.edition, {tuple(each) for each in seen}):
        content = session.state.content
        found = [form_data.finding(finding, content) for finding in question]
        form.question = {"number": form.question.get("number", 0) + 1, "findings": found}
        return
    known.begin()
    show_publication(form)
    form.start(_publish(form, known, session.draft.bytes))


def _question(edition: Edition, seen: Collection[tuple[str, ...]]) -> list[Any]:
    """The errors, else the warnings that were not seen."""
    errors = [finding for finding in edition.findings if finding.severity == "error"]
    warnings = [finding for finding in edition.findings if finding.severity == "warning"]
    return errors or [each for each in warnings if (each.rule, str(each.place), each.message) not in seen]


async def _publish(form: Form, known: Publication, draft: bytes) -> None:
    loop = asyncio.get_running_loop()
    say = form.session.say
    await asyncio.to_thread(known.run, draft, say, lambda: loop.call_soon_threadsafe(show_publication, form))
    with form.session.lock:
        for each in (form, *form.others()):
            each.refresh()
    show_publication(form)


def upload(form: Form) -> None:
    """Upload the issue to the draft box of the WeChat account whose credentials are in the environment."""
    known = publication(form.session.folder, form.session.date)
    if not known.uploading:
        known.uploading = True
        show_publication(form)
        form.start(_upload(form, known))


async def _upload(form: Form, known: Publication) -> None:
    say = form.session.say
    try:
        said = await asyncio.to_thread(_uploaded, known, say)
    except EmbedAIError as error:
        said = say(WORDS["upload-failed"], message=explain(error, say.language))
    finally:
        known.uploading = False
    form.notify(said)
    show_publication(form)


def _uploaded(known: Publication, say: Translator) -> str:
    from embedai_nb.capture.fetch import Fetcher
    from embedai_nb.channels.wechat import client as wechat
    from embedai_nb.channels.wechat.upload import upload as upload_draft

    fetcher = Fetcher()
    with wechat.WeChatClient(wechat.Credentials.of(os.environ), wechat.API) as client:
        sent = upload_draft(load(known.date, known.folder), client, lambda url: fetcher.get(url).body)
    return say(WORDS["uploaded" if sent.added else "uploaded-again"], count=sent.pictures)


# --- reading what is published --------------------------------------------------------------------------------


def open_file(form: Form, name: str, request: str) -> None:
    """Send a published file of this issue to the page; ``request`` is repeated in the answer."""
    files = form.publication.get("files", {})
    form.start(_open(form, files.get(name, ""), request))


async def _open(form: Form, path: str, request: str) -> None:
    try:
        found = await asyncio.to_thread(document, form.session.folder, path)
    except (OSError, ValueError) as error:
        say = form.session.say
        found = {"failed": say(WORDS["open-failed"], path=path, message=explain(error, say.language))}
    form.file = found | {"request": request}


def copies(form: Form, request: str) -> None:
    """Send the copies for communities to the page; ``request`` is repeated in the answer."""
    form.start(_copies(form, request))


async def _copies(form: Form, request: str) -> None:
    try:
        found: dict[str, Any] = {"copies": await asyncio.to_thread(written_copies, form.session.edition)}
    except EmbedAIError as error:
        found = {"failed": explain(error, form.session.newsletter.language)}
    form.file = found | {"request": request}


# --- issues ---------------------------------------------------------------------------------------------------


def issues(form: Form) -> None:
    """List all issues."""
    form.start(_list(form))


async def _list(form: Form) -> None:
    session = form.session
    rows = list_issues(session.folder, session.newsletter, session.now())
    suggested = str(next_date(known_dates(session.folder, session.store.dates()), session.now().date()))
    found: list[Any] = []
    done = False
    while not done:
        batch = await asyncio.to_thread(lambda: [row for row, _ in zip(rows, range(ROWS_AT_ONCE), strict=False)])
        found, done = [*found, *batch], len(batch) < ROWS_AT_ONCE
        form.issues = {"rows": found, "done": done, "next": suggested}


# --- fixes ----------------------------------------------------------------------------------------------------


def fix_all(form: Form) -> None:
    """Apply all safe fixes; one step of undo takes them back."""
    session = form.session
    edition, before = session.edition, session.state.content

    def findings(draft: Draft) -> Sequence[Any]:
        return replace(edition, draft=draft).fixable

    steps = list(apply_fixes(with_issue(session.draft, session.state.issue), findings))
    if steps:
        session.do("set_issue", issue=steps[-1].after.issue)
    form.fixed = {"steps": [_step(step, edition) for step in steps]}
    form.before_fixes = before if steps else None
    form.check()


def _step(step: FixStep, edition: Edition) -> dict[str, Any]:
    """Serialize a fix: where, what, and the lines of the Markdown that it changed."""
    assert step.finding.fix is not None
    texts = (replace(edition, draft=draft).markdown for draft in (step.before, step.after))
    before, after = ([line.rstrip() for line in text.splitlines()] for text in texts)
    lines = unified_diff(before, after, lineterm="", n=0)
    changed = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    return {"where": str(step.finding.place), "fix": step.finding.fix.description, "diff": changed}


PUBLISHING_COMMANDS: dict[str, Callable[..., object]] = {
    "publish": publish,
    "upload": upload,
    "open_file": open_file,
    "copies": copies,
    "issues": issues,
    "fix_all": fix_all,
}
"""Commands by name; each takes the form first."""
