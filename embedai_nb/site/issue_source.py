"""Load the issues of a site: from the archive, or for a preview from drafts and archive."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from embedai_nb.compose import Numbers, complete
from embedai_nb.drafts import DraftStore
from embedai_nb.edition import known_numbers, published_number
from embedai_nb.errors import ConflictMarkersError, DraftError, UsageError
from embedai_nb.i18n import _
from embedai_nb.markdown import read_issue
from embedai_nb.model import Issue, Newsletter
from embedai_nb.text.conflict_markers import refuse_conflicts
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace import layout

__all__ = ["LoadedIssue", "PreviewIssues", "PublishedIssues"]


class LoadedIssue(NamedTuple):
    """An issue, and the file that it was loaded from."""

    issue: Issue
    path: Path
    digest: str
    """Of the content of the file."""


@dataclass(frozen=True)
class PublishedIssues:
    """Loads published issues.

    From their Markdown, not from the page beside it: issues older than this program have no page, and the site shows
    all of them in the same way.
    """

    folder: Path
    newsletter: Newsletter

    @cached_property
    def dates(self) -> tuple[datetime.date, ...]:
        """Dates of the published issues, without those that Git could not merge."""
        return tuple(date for date in self.named if date not in self.unmerged)

    @cached_property
    def numbers(self) -> Numbers:
        """Numbers of these issues, where addresses have them."""
        found = ((date, published_number(self.folder, self.newsletter, date)) for date in self.dates)
        return {date: number for date, number in found if number is not None}

    @cached_property
    def named(self) -> tuple[datetime.date, ...]:
        """Dates of the files that are named like issues."""
        return tuple(sorted(filter(None, map(_date, (self.folder / layout.ARCHIVE).glob("*.md")))))

    @cached_property
    def digests(self) -> dict[datetime.date, str]:
        """Digests of the files, without those that Git could not merge."""
        return {date: found for date, found in self._looked_at.items() if isinstance(found, str)}

    @cached_property
    def unmerged(self) -> dict[datetime.date, ConflictMarkersError]:
        """Issues with conflict markers in their file: they are left out, the others are shown."""
        return {date: found for date, found in self._looked_at.items() if not isinstance(found, str)}

    @cached_property
    def _looked_at(self) -> dict[datetime.date, str | ConflictMarkersError]:
        """The digest of each file, or what is wrong with it."""
        return {date: _digest_or_error(self.folder / layout.markdown(str(date))) for date in self.named}

    def load(self, date: datetime.date) -> LoadedIssue:
        """Load the published issue."""
        path = self.folder / layout.markdown(str(date))
        content = path.read_bytes()
        try:
            text = content.decode("utf-8")
            _refuse_markers(text, path)
            issue = read_issue(text, self.newsletter, date=date)
        except UnicodeDecodeError as error:
            problem = _("not UTF-8 at byte {offset}", offset=error.start)
            raise DraftError(problem, path=path, remedy=_("convert the file to UTF-8")) from error
        return LoadedIssue(issue, path, hashlib.sha256(content).hexdigest())


@dataclass(frozen=True)
class PreviewIssues:
    """Loads what would be published: drafts, and published issues that have none."""

    folder: Path
    newsletter: Newsletter

    @cached_property
    def dates(self) -> tuple[datetime.date, ...]:
        """Dates of drafts and archive."""
        return tuple(sorted({*self._published.named, *self._drafts}))

    @cached_property
    def numbers(self) -> Numbers:
        """Numbers of these issues, where they have any."""
        return known_numbers(self.folder, self.newsletter, self.dates)

    def load(self, date: datetime.date) -> LoadedIssue:
        """Load the draft, completed as for publication; without one, the published issue."""
        if date not in self._drafts:
            return self._published.load(date)
        draft = DraftStore(self.folder).load(date)
        issue = complete(draft.issue, self.newsletter, self.dates, self.numbers)
        return LoadedIssue(issue, draft.path, hashlib.sha256(draft.bytes).hexdigest())

    @cached_property
    def _published(self) -> PublishedIssues:
        return PublishedIssues(self.folder, self.newsletter)

    @cached_property
    def _drafts(self) -> frozenset[datetime.date]:
        return frozenset(DraftStore(self.folder).dates())


def _digest_or_error(path: Path) -> str | ConflictMarkersError:
    content = path.read_bytes()
    if b"<<<<<<<" in content:
        try:
            _refuse_markers(content.decode("utf-8", "replace"), path)
        except ConflictMarkersError as error:
            return error
    return hashlib.sha256(content).hexdigest()


def _refuse_markers(text: str, path: Path) -> None:
    refuse_conflicts(text, path, f"the issue is left out; make the file anew: embedai issue {path.stem}")


def _date(path: Path) -> datetime.date | None:
    try:
        return parse_date(path.stem)
    except UsageError:
        return None
