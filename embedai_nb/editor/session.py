"""Keep an EditorState and its draft in sync: acknowledge a change only when it is on disk, and lose nobody's text."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from embedai_nb.capture import Fetcher
from embedai_nb.diff.keyed import KeyedIssue, keyed, rekeyed, with_additions_matched
from embedai_nb.diff.merge import Difference, Side, differences, merged
from embedai_nb.drafts import Draft, DraftStore, load_newsletter, template, with_issue
from embedai_nb.drafts.backups import Backups, Clock
from embedai_nb.drafts.store import parse_draft
from embedai_nb.edition import Edition, known_dates
from embedai_nb.editor.error_texts import explain
from embedai_nb.editor.resumption import Resumption, with_keys
from embedai_nb.editor.state import COMMANDS, CommandError, EditorState, StaleError, replaced, with_content
from embedai_nb.editor.unmerged import Unmerged, find_unmerged, under_way
from embedai_nb.errors import ConflictError, DraftError, EmbedAIError, LockedError, UsageError
from embedai_nb.i18n import Translator, _, translator
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace import git, layout
from embedai_nb.workspace.git import Operation
from embedai_nb.workspace.locks import DRAFT_TIMEOUT

__all__ = ["Broken", "Conflict", "Missing", "Session", "Trouble", "Unsaved"]


@dataclass(frozen=True)
class Unsaved:
    """The draft cannot be written; saving is retried."""

    error: EmbedAIError

    merging: Operation | None = None
    """What Git is doing, so that nothing may take the draft's place."""

    @property
    def replaceable(self) -> bool:
        """Whether the draft is gone or cannot be read, so that what is on screen could take its place."""
        return not self.merging and (
            not isinstance(self.error, DraftError | LockedError) or self.error.line is not None
        )


@dataclass(frozen=True)
class Conflict:
    """Edit conflict: somebody else changed the draft, or the same field in another window.

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
    """The draft cannot be parsed; ``good`` is the last version that could, unless Git is merging (``merging`` is what it does)."""

    error: EmbedAIError
    content: bytes | None
    good: bytes | None
    merging: Operation | None = None


@dataclass(frozen=True)
class Missing:
    """There is no draft; ``dates`` are those of which there are."""

    dates: tuple[datetime.date, ...]


Trouble: TypeAlias = "Unsaved | Conflict | Broken | Missing | Unmerged"


def _unwritable(error: OSError, path: Path) -> DraftError:
    made = DraftError(_("cannot be written: {reason}", reason=error.strerror or error), path=path)
    made.__cause__ = error
    return made


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
        self.store, self.backups = DraftStore(folder), Backups(folder, now)
        self.newsletter = load_newsletter(folder / layout.NEWSLETTER)
        self.opened = False
        self.saved_at: datetime.datetime | None = None
        self.trouble: Trouble | None = None
        self.reloads = 0
        self.handled: dict[str, int] = {}
        """Each page, with the number of its last message that was handled, as `resumption` keeps it."""
        self.lock = threading.RLock()  # messages of the page and timers may run in different threads
        self.read()

    @property
    def say(self) -> Translator:
        """The messages of the newsletter's language, which the form speaks."""
        return translator(self.newsletter.language)

    @property
    def unsaved(self) -> bool:
        """Whether there are unsaved changes."""
        return self.opened and (self.trouble is not None or self.state.content != self.saved)

    @property
    def edition(self) -> Edition:
        """The issue as it is on screen, with its findings and outputs."""
        dates = known_dates(self.folder, self.store.dates())
        return Edition(self.folder, self.newsletter, replace(self.draft, issue=self.state.issue), dates)

    # --- reading ----------------------------------------------------------------------------------------------

    def read(self) -> None:
        """Read the draft; unsaved changes stay."""
        try:
            draft = self.store.load(self.date)
        except UsageError as error:
            self.trouble = Unsaved(error) if self.opened else Missing(self.store.dates())
        except DraftError as error:
            self.trouble = self._unreadable(error)
        else:
            self.trouble = find_unmerged(draft.path, draft.bytes)
            if self.trouble is None:
                self._take(draft)

    def _unreadable(self, error: EmbedAIError) -> Unmerged | Unsaved | Broken:
        """Say why the draft cannot be read, and whether there are two versions to choose from."""
        path, content = self.store.path(self.date), self._bytes_on_disk()
        if found := find_unmerged(path, content):
            if not self.opened:
                return found
            self._back_up_mine()
            return found.with_unsaved(self.saved.issue, self.state.issue)
        merging = under_way(path, content)
        if self.opened:
            return Unsaved(error, merging)
        return Broken(error, content, None if merging else self.backups.remembered(self.date), merging)

    def sync(self) -> bool:
        """Take over changes made to the draft elsewhere, or ask; retry to save.  Returns whether anything happened."""
        found, before = self._bytes_on_disk(), self.trouble
        if isinstance(before, Missing | Broken | Unmerged):
            if found == (None if isinstance(before, Missing) else before.content):
                return False
            self.read()
        elif before is None and found == self.draft.bytes:
            return False
        elif self.state.content == self.saved and not isinstance(before, Conflict):
            self._reread()
        elif not isinstance(before, Conflict) or found != before.draft.bytes:
            self.save()
        return self.trouble != before or before is None

    def reload_newsletter(self) -> str:
        """Reload newsletter.yaml; returns the error if it is invalid, in which case the previous one stays."""
        try:
            self.newsletter = load_newsletter(self.folder / layout.NEWSLETTER)
        except EmbedAIError as error:
            return explain(error, self.newsletter.language)
        return ""

    def _reread(self) -> None:
        """Reload the draft where there are no unsaved changes."""
        draft = self.draft
        self.read()
        self.reloads += self.draft is not draft

    def _take(self, draft: Draft) -> None:
        self.state = replaced(self.state, draft.issue) if self.opened else EditorState(self._resumed(draft))
        self.opened = True
        self._saved_as(draft)

    def _resumed(self, draft: Draft) -> KeyedIssue:
        """The content of a draft under the keys that it had in the last kernel, whose pages may be waiting."""
        self.resumption = Resumption(self.folder / layout.resumption(str(self.date)))
        good, fresh = self.backups.remembered(self.date), keyed(draft.issue)
        if found := self.resumption.find(draft.bytes):
            self.handled = found.handled | self.handled
            return with_keys(fresh, found.keys) or fresh
        if good is None or (found := self.resumption.find(good)) is None:
            return fresh
        self.handled = found.handled | self.handled
        with suppress(EmbedAIError):
            known = with_keys(keyed(parse_draft(good, draft.path, self.date).issue), found.keys)
            return rekeyed(draft.issue, known) if known else fresh
        return fresh

    def _saved_as(self, draft: Draft) -> None:
        """Note that the draft on disk equals the state."""
        self.draft, self.saved, self.trouble, self.saved_at = draft, self.state.content, None, self.now()
        self._checkpoint(draft.bytes)
        self.backups.remember(self.date, draft.bytes)

    def _checkpoint(self, content: bytes) -> None:
        self.resumption.write(content, self.state.content, self.handled)

    def _bytes_on_disk(self) -> bytes | None:
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
        """Write the state into the draft; sets `trouble` if that fails."""
        if self._undecided is not None and self._bytes_on_disk() == self._undecided:
            self._back_up_mine()
            return
        timeout = 0 if isinstance(self.trouble, Unsaved) else DRAFT_TIMEOUT  # a retry must not hold up the form
        try:
            save = self.store.save
            draft = save(self.draft, self.state.issue, timeout=timeout, before_writing=self._checkpoint)
            self._saved_as(draft)
        except ConflictError:
            self._conflict()
        except (DraftError, LockedError) as error:
            self.trouble = Unsaved(error)

    # --- two versions -----------------------------------------------------------------------------------------

    @property
    def _undecided(self) -> bytes | None:
        """The draft on disk that the editor is being asked about."""
        match self.trouble:
            case Conflict(draft=draft):
                return draft.bytes
            case Unmerged(content=content):
                return content
        return None

    def _clash(self, stale: StaleError) -> None:
        """Make a conflict of the same field changed in two windows: the later text is mine, the earlier is in the draft."""
        self._back_up_mine()
        theirs, self.state = self.state.content, stale.mine
        if not isinstance(self.trouble, Conflict):
            self.trouble = Conflict(self.draft, stale.base, theirs)
            self._resolve_by_itself()

    def _conflict(self) -> None:
        """Make a conflict of the draft that somebody else wrote, if it can be read."""
        self._back_up_mine()
        try:
            draft = self.store.load(self.date)
        except EmbedAIError as error:
            self.trouble = self._unreadable(error)
            return
        self.backups.keep(self.date, "theirs", draft.bytes)
        theirs = with_additions_matched(rekeyed(draft.issue, self.saved), self.state.content, self.saved)
        self.trouble = Conflict(draft, self.saved, theirs)
        self._resolve_by_itself()

    def _resolve_by_itself(self) -> None:
        """Merge two versions that say the same: there is nothing to choose between."""
        if not self.differences:
            self.resolve({})

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The differences to choose between in a conflict."""
        if not isinstance(self.trouble, Conflict):
            return ()
        return differences(self.trouble.base, self.state.content, self.trouble.theirs)

    def resolve(self, choices: Mapping[str, Side]) -> None:
        """Merge by these choices and save; what was not chosen can be undone to, and is backed up."""
        if not isinstance(self.trouble, Conflict):
            return
        conflict = self.trouble
        chosen = merged(conflict.base, self.state.content, conflict.theirs, choices)
        self.state = with_content(self.state, chosen)
        self.draft, self.saved, self.trouble = conflict.draft, conflict.theirs, None
        self.save()

    def resolve_unmerged(self, choices: Mapping[str, Side], *, stage: bool) -> None:
        """Write what was chosen of the versions that Git could not merge; both are backed up.

        Args:
            choices: as for `resolve`.
            stage: whether to tell Git that the conflict is resolved.

        Raises:
            EmbedAIError: the draft was changed meanwhile, or cannot be written; or Git refuses.
        """
        if not isinstance(found := self.trouble, Unmerged):
            return
        self.backups.keep(self.date, "ours", found.merge.ours.bytes)
        self.backups.keep(self.date, "theirs", found.merge.theirs.bytes)
        self._put(found.merge.resolved(choices).bytes, instead_of=found.content)
        if stage:
            git.stage(found.path)

    def overwrite(self) -> None:
        """Replace a draft that is gone or cannot be read by what is on screen; backs up what was there."""
        if not isinstance(self.trouble, Unsaved) or not self.trouble.replaceable:
            return
        with self._or_unsaved():
            found = self._bytes_on_disk()
            self.backups.keep(self.date, "theirs", found or b"")
            self._put(with_issue(self.draft, self.state.issue).bytes, instead_of=found)

    def _back_up_mine(self) -> None:
        if self.state.content == self.saved:
            return
        with self._or_unsaved():
            self.backups.keep(self.date, "mine", with_issue(self.draft, self.state.issue).bytes)

    # --- drafts that are not there, or none -------------------------------------------------------------------

    def create(self) -> None:
        """Create the draft from the template."""
        with self._or_unsaved():
            self._take(self.store.create(self.date, template(self.date, self.newsletter)))

    def restore(self) -> None:
        """Restore the last good version of a draft that cannot be parsed; backs up that one."""
        if isinstance(self.trouble, Broken) and self.trouble.good is not None:
            if under_way(self.store.path(self.date), self.trouble.content):
                self.read()
                return
            with self._or_unsaved():
                self.backups.keep(self.date, "broken", self.trouble.content or b"")
                self._put(self.trouble.good, instead_of=self.trouble.content)

    def _put(self, content: bytes, *, instead_of: bytes | None) -> None:
        """Write a whole draft, provided that the one on disk is still this."""
        self._take(self.store.replace(self.date, content, instead_of=instead_of))

    @contextmanager
    def _or_unsaved(self) -> Iterator[None]:
        """Turn errors into `Unsaved`: the text stays on screen."""
        try:
            yield
        except OSError as error:
            self._failed(_unwritable(error, self.store.path(self.date)))
        except EmbedAIError as error:
            self._failed(error)

    def _failed(self, error: EmbedAIError) -> None:
        if self.opened and not isinstance(self.trouble, Conflict):
            self.trouble = Unsaved(error)

    # --- another date -----------------------------------------------------------------------------------------

    def reschedule(self, date: str) -> None:
        """Move the issue to another date; draft, review and archive files follow.

        Raises:
            EmbedAIError: no such day, an issue of it is there, or this one is not saved.
        """
        from embedai_nb.publish.reschedule import reschedule

        day = parse_date(date)
        if self.unsaved or not self.opened:
            raise UsageError(_("the draft is not saved"), remedy=_("save it first"))
        if day != self.date:
            draft = reschedule(self.folder, self.date, day)
            self.date = day
            self.resumption = Resumption(self.folder / layout.resumption(str(day)))
            self._take(draft)
