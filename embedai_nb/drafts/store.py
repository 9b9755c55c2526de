"""Drafts on disk: what is loaded is what was written, and a save loses nobody's text."""

from __future__ import annotations

import datetime
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from embedai_nb.drafts import fields
from embedai_nb.drafts.splice import same, spliced
from embedai_nb.drafts.yaml_reader import Source, Step, decode, read
from embedai_nb.drafts.yaml_writer import document
from embedai_nb.errors import ConflictError, DraftError, UsageError
from embedai_nb.model import Issue, Newsletter
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace import layout
from embedai_nb.workspace.atomic import locked, remove_leftovers, write_atomically

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Draft:
    """A draft as it was read: the issue, and the bytes it came from."""

    path: Path
    issue: Issue
    source: Source
    bytes: bytes

    @property
    def date(self) -> datetime.date:
        """The date of the issue."""
        return self.issue.date

    def line(self, path: tuple[Step, ...]) -> int:
        """The line of the draft, from 1, where ``path`` within the issue stands, or what is nearest around it."""
        return self.source.line(path)


class DraftStore:
    """The drafts in an issues folder, one YAML file for each date.

    Args:
        folder: the issues folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, date: datetime.date) -> Path:
        """Where the draft of a date is, whether it is there or not."""
        return self.folder / layout.draft(date.isoformat())

    def dates(self) -> tuple[datetime.date, ...]:
        """The dates of all drafts, the oldest first; other files in the folder are none of ours."""
        return tuple(sorted(_dates(self.folder / layout.DRAFTS)))

    def load(self, date: datetime.date) -> Draft:
        """The draft of a date.

        Raises:
            UsageError: there is none.
            DraftError: it cannot be read as a draft; names the line.
        """
        path = self.path(date)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise UsageError("no draft of this date", path=path, remedy=f"begin it with: embedai new {date}") from None
        except OSError as error:
            raise DraftError(error.strerror or "cannot be read", path=path) from error
        logger.info("read %s, %d bytes", path, len(content))
        return parse(content, path, date)

    def create(self, date: datetime.date, content: Issue | str) -> Draft:
        """Write a new draft: an issue, or the text of a template.

        Raises:
            UsageError: there is one of this date; it stays as it is.
            DraftError: the text is no draft, or it cannot be written.
        """
        path = self.path(date)
        text = content if isinstance(content, str) else document(fields.data(content))
        draft = parse((head(self.folder) + text).encode(), path, date)
        with self._writing(date):
            if path.exists() or path.is_symlink():
                raise UsageError(
                    "there is a draft of this date already", path=path, remedy="edit it, or remove it first"
                )
            write_atomically(path, draft.bytes)
        return draft

    def save(self, draft: Draft, issue: Issue) -> Draft:
        """Put a changed issue into the draft it was loaded from, and keep the hand-written rest of the file.

        Returns:
            the draft as it is now on disk, durably.

        Raises:
            ConflictError: the file is no longer what was loaded; it stays as it is.
            DraftError: it cannot be written (disk full, folder read-only or gone).
        """
        changed = with_issue(draft, issue)
        with self._writing(draft.date):
            if _bytes(draft.path) != draft.bytes:
                problem = "changed since it was loaded"
                raise ConflictError(problem, path=draft.path, remedy="load it again and put your change into it")
            if changed.bytes != draft.bytes:
                write_atomically(draft.path, changed.bytes)
                logger.info("saved %s, %d bytes", draft.path, len(changed.bytes))
        return changed

    @contextmanager
    def _writing(self, date: datetime.date) -> Iterator[None]:
        path = self.path(date)
        try:
            path.parent.mkdir(exist_ok=True)
            with locked(self.folder / layout.lock(f"{date}.draft")):
                remove_leftovers(path)
                yield
        except OSError as error:
            problem = f"cannot be written: {error.strerror or error}"
            raise DraftError(problem, path=path, remedy="nothing was changed; mend that and save again") from error


def parse(content: bytes, path: Path, date: datetime.date) -> Draft:
    """The draft in these bytes; ``path`` and ``date`` are what its name says."""
    source = read(decode(content, path), path)
    draft = Draft(path, fields.issue(source), source, content)
    if draft.date != date:
        problem = f"the draft is of {draft.date}, its name says {date}"
        raise DraftError(problem, path=path, line=draft.line(("date",)), field="date", remedy="make the two agree")
    return draft


def with_issue(draft: Draft, issue: Issue, path: Path | None = None) -> Draft:
    """The draft as it reads with another issue in it, perhaps under another name; nothing is written."""
    old, new = fields.data(draft.issue), fields.data(issue)
    if same(old, new):
        return draft
    parsed = partial(parse, path=path or draft.path, date=issue.date)
    try:
        changed = parsed(spliced(draft.source, old, new).encode())
        if same(fields.data(changed.issue), new):
            return changed
    except DraftError:
        pass
    # YAML too clever to be changed in place: written anew, whole, rather than wrong.
    return parsed(document(new).encode())


def head(folder: Path) -> str:
    """The first line of a draft: it tells editors that know YAML which keys there are."""
    return f"# yaml-language-server: $schema={os.path.relpath(fields.SCHEMA_FILE, folder / layout.DRAFTS)}\n"


def load_newsletter(path: Path) -> Newsletter:
    """What newsletter.yaml says.

    Raises:
        UsageError: no such file.
        DraftError: it cannot be read; names the line.
    """
    content = _bytes(path)
    if content is None:
        raise UsageError("no such file", path=path, remedy="name the issues folder with --issues DIR")
    logger.info("read %s, %d bytes", path, len(content))
    return fields.newsletter(read(decode(content, path), path))


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _dates(folder: Path) -> Iterator[datetime.date]:
    for path in folder.glob("*.yaml"):
        try:
            yield parse_date(path.stem)
        except UsageError:
            continue
