"""EditorState ⇄ draft: every change is on disk before it is said to be, and nobody's text is lost."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from embedai_nb.capture import Fetcher
from embedai_nb.diff.keyed import KeyedIssue, rekeyed
from embedai_nb.diff.merge import Difference, Side, differences, merged
from embedai_nb.drafts import Draft, DraftStore, load_newsletter, template, with_issue
from embedai_nb.drafts.backups import Backups, Clock
from embedai_nb.edition import Edition, known_dates
from embedai_nb.editor.state import COMMANDS, CommandError, EditorState, StaleError, begin, replaced, with_content
from embedai_nb.errors import ConflictError, DraftError, EmbedAIError, LockedError, UsageError
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace import layout
from embedai_nb.workspace.locks import DRAFT_TIMEOUT

__all__ = ["Broken", "Conflict", "Missing", "Session", "Trouble", "Unsaved"]


@dataclass(frozen=True)
class Unsaved:
    """What is on screen cannot be written into the draft; saving is tried again."""

    error: EmbedAIError

    @property
    def replaceable(self) -> bool:
        """Whether the draft is gone or cannot be read, so that what is on screen could take its place."""
        return not isinstance(self.error, DraftError | LockedError) or self.error.line is not None


@dataclass(frozen=True)
class Conflict:
    """Somebody else changed the draft, or the same field in another window.

    Args:
        draft: the draft that lies on disk.
        base: what both were made of.
        theirs: the other version, under the same keys.
    """

    draft: Draft
    base: KeyedIssue
    theirs: KeyedIssue


@dataclass(frozen=True)
class Broken:
    """The file is no draft that can be read; ``good`` is the last one that could."""

    error: EmbedAIError
    content: bytes | None
    good: bytes | None


@dataclass(frozen=True)
class Missing:
    """There is no draft; ``dates`` are those of which there are."""

    dates: tuple[datetime.date, ...]


Trouble: TypeAlias = "Unsaved | Conflict | Broken | Missing"


def _now() -> datetime.datetime:
    return datetime.datetime.now().astimezone()


class Session:
    """One issue being edited.

    Args:
        folder: the issues folder.
        date: of the issue.
        now: the clock; it only serves to be shown and to name files.
        fetcher: asks the sites about what is pasted; without it nobody is asked.
    """

    state: EditorState
    draft: Draft
    saved: KeyedIssue
    """What the draft says."""

    def __init__(self, folder: Path, date: datetime.date, now: Clock = _now, *, fetcher: Fetcher | None = None) -> None:
        self.folder, self.date, self.now, self.fetcher = folder, date, now, fetcher
        self.store, self.shelf = DraftStore(folder), Backups(folder, now)
        self.newsletter = load_newsletter(folder / layout.NEWSLETTER)
        self.opened = False
        self.saved_at: datetime.datetime | None = None
        self.trouble: Trouble | None = None
        self.reloads = 0
        self.lock = threading.RLock()  # a kernel may hear the page in another thread than the clock
        self.read()

    @property
    def unsaved(self) -> bool:
        """Whether there is text here that is not in the draft."""
        return self.opened and (self.trouble is not None or self.state.content != self.saved)

    @property
    def edition(self) -> Edition:
        """The issue with all that belongs to it, as it is on screen."""
        dates = known_dates(self.folder, self.store.dates())
        return Edition(self.folder, self.newsletter, replace(self.draft, issue=self.state.issue), dates)

    # --- reading ----------------------------------------------------------------------------------------------

    def read(self) -> None:
        """Read the draft; text that only this session has stays."""
        try:
            self._take(self.store.load(self.date))
        except UsageError as error:
            self.trouble = Unsaved(error) if self.opened else Missing(self.store.dates())
        except DraftError as error:
            found = Broken(error, self._bytes(), self.shelf.remembered(self.date))
            self.trouble = Unsaved(error) if self.opened else found

    def look(self) -> bool:
        """See whether somebody else changed the draft: take the change, or ask.  Whether anything happened."""
        found, before = self._bytes(), self.trouble
        if isinstance(before, Missing | Broken):
            if found == (before.content if isinstance(before, Broken) else None):
                return False
            self.read()
        elif before is None and found == self.draft.bytes:
            return False
        elif self.state.content == self.saved and not isinstance(before, Conflict):
            self._reread()
        elif not isinstance(before, Conflict) or found != before.draft.bytes:
            self.save()
        return self.trouble != before or before is None

    def renew(self) -> str:
        """Read newsletter.yaml again; what is wrong with it if the one before stays."""
        try:
            self.newsletter = load_newsletter(self.folder / layout.NEWSLETTER)
        except EmbedAIError as error:
            return str(error)
        return ""

    def _reread(self) -> None:
        """Nothing here is unsaved, so what others wrote is taken."""
        draft = self.draft
        self.read()
        self.reloads += self.draft is not draft

    def _take(self, draft: Draft) -> None:
        self.state = replaced(self.state, draft.issue) if self.opened else begin(draft.issue)
        self.opened = True
        self._is(draft)

    def _is(self, draft: Draft) -> None:
        """The draft on disk says what the state says."""
        self.draft, self.saved, self.trouble, self.saved_at = draft, self.state.content, None, self.now()
        self.shelf.remember(self.date, draft.bytes)

    def _bytes(self) -> bytes | None:
        try:
            return self.store.path(self.date).read_bytes()
        except OSError:
            return None

    # --- changing ---------------------------------------------------------------------------------------------

    def do(self, command: str, **arguments: Any) -> None:
        """Change the state and save it.

        Raises:
            CommandError: the command means nothing here; nothing changed.
        """
        if not self.opened:
            raise CommandError("there is no draft to change")
        try:
            self.state = COMMANDS[command](self.state, **arguments)
        except StaleError as stale:
            self._clash(stale)
        if self.state.content != self.saved or isinstance(self.trouble, Conflict):
            self.save()

    def save(self) -> None:
        """Have the draft say what the state says, or say why it doesn't."""
        if isinstance(self.trouble, Conflict) and self._bytes() == self.trouble.draft.bytes:
            self._keep_mine()
            return
        timeout = 0 if isinstance(self.trouble, Unsaved) else DRAFT_TIMEOUT  # a retry must not hold up the form
        try:
            self._is(self.store.save(self.draft, self.state.issue, timeout=timeout))
        except ConflictError:
            self._conflict()
        except (DraftError, LockedError) as error:
            self.trouble = Unsaved(error)

    # --- two versions -----------------------------------------------------------------------------------------

    def _clash(self, stale: StaleError) -> None:
        """The same field was changed in two windows: the later text is one's own, the earlier lies in the draft."""
        self._keep_mine()
        theirs, self.state = self.state.content, stale.mine
        if not isinstance(self.trouble, Conflict):
            self.trouble = Conflict(self.draft, stale.base, theirs)

    def _conflict(self) -> None:
        """Somebody else's draft lies where this one should go, or none that can be read."""
        self._keep_mine()
        try:
            draft = self.store.load(self.date)
        except EmbedAIError as error:
            self.trouble = Unsaved(error)
            return
        self.shelf.keep(self.date, "theirs", draft.bytes)
        self.trouble = Conflict(draft, self.saved, rekeyed(draft.issue, self.saved))

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What there is to choose between."""
        if not isinstance(self.trouble, Conflict):
            return ()
        return differences(self.trouble.base, self.state.content, self.trouble.theirs)

    def resolve(self, choices: Mapping[str, Side]) -> None:
        """Save what comes of choosing; what was not chosen can be undone to, and lies on the shelf."""
        if not isinstance(self.trouble, Conflict):
            return
        conflict = self.trouble
        chosen = merged(conflict.base, self.state.content, conflict.theirs, choices)
        self.state = with_content(self.state, chosen)
        self.draft, self.saved, self.trouble = conflict.draft, conflict.theirs, None
        self.save()

    def overwrite(self) -> None:
        """Put what is on screen where the draft is gone or cannot be read; what lies there goes on the shelf."""
        if not isinstance(self.trouble, Unsaved) or not self.trouble.replaceable:
            return
        with self._trying():
            found = self._bytes()
            self.shelf.keep(self.date, "theirs", found or b"")
            self._put(with_issue(self.draft, self.state.issue).bytes, instead_of=found)

    def _keep_mine(self) -> None:
        if self.state.content == self.saved:
            return
        with self._trying():
            self.shelf.keep(self.date, "mine", with_issue(self.draft, self.state.issue).bytes)

    # --- drafts that are not there, or none -------------------------------------------------------------------

    def create(self) -> None:
        """Begin the draft."""
        with self._trying():
            self._take(self.store.create(self.date, template(self.date, self.newsletter)))

    def restore(self) -> None:
        """Put the last good copy where a draft cannot be read; that one goes on the shelf."""
        if isinstance(self.trouble, Broken) and self.trouble.good is not None:
            with self._trying():
                self.shelf.keep(self.date, "broken", self.trouble.content or b"")
                self._put(self.trouble.good, instead_of=self.trouble.content)

    def _put(self, content: bytes, *, instead_of: bytes | None) -> None:
        """Write a whole draft, provided that nothing happened to the one there."""
        self._take(self.store.replace(self.date, content, instead_of=instead_of))

    @contextmanager
    def _trying(self) -> Iterator[None]:
        """What fails leaves text unsaved, not the editor without a form."""
        try:
            yield
        except OSError as error:
            self._failed(DraftError(f"cannot be written: {error.strerror or error}", path=self.store.path(self.date)))
        except EmbedAIError as error:
            self._failed(error)

    def _failed(self, error: EmbedAIError) -> None:
        if self.opened and not isinstance(self.trouble, Conflict):
            self.trouble = Unsaved(error)

    # --- another date -----------------------------------------------------------------------------------------

    def reschedule(self, date: str) -> None:
        """Give the issue another date; draft, review and publication follow.

        Raises:
            EmbedAIError: no such day, an issue of it is there, or this one is not saved.
        """
        from embedai_nb.publish.reschedule import reschedule

        day = parse_date(date)
        if self.unsaved or not self.opened:
            raise UsageError("the draft is not saved", remedy="save it first")
        if day != self.date:
            draft = reschedule(self.folder, self.date, day)
            self.date = day
            self._take(draft)
