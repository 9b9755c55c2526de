"""Load the issues of a site: from the archive, or for a preview from drafts and archive."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

from embedai_nb.compose import complete
from embedai_nb.drafts import DraftStore
from embedai_nb.errors import DraftError, UsageError
from embedai_nb.markdown import read
from embedai_nb.model import Issue, Newsletter
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace import layout

__all__ = ["IssueSource", "LoadedIssue", "PreviewIssues", "PublishedIssues"]


class LoadedIssue(NamedTuple):
    """An issue, and the file that it was loaded from."""

    issue: Issue
    path: Path
    digest: str
    """Of the content of the file."""


class IssueSource(Protocol):
    """Loads issues by date; only one needs to be in memory at a time."""

    @property
    def dates(self) -> Sequence[datetime.date]:
        """Dates of all issues, the oldest first."""

    def load(self, date: datetime.date) -> LoadedIssue:
        """Load an issue.

        Raises:
            DraftError: its file cannot be read.
        """


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
        """Dates of the files that are named like issues."""
        return tuple(sorted(filter(None, map(_date, (self.folder / layout.ARCHIVE).glob("*.md")))))

    def load(self, date: datetime.date) -> LoadedIssue:
        """Load the published issue."""
        path = self.folder / layout.markdown(str(date))
        content = path.read_bytes()
        try:
            issue = read(content.decode("utf-8"), self.newsletter, date=date).issue
        except UnicodeDecodeError as error:
            problem = f"not UTF-8 at byte {error.start}"
            raise DraftError(problem, path=path, remedy="convert the file to UTF-8") from error
        return LoadedIssue(issue, path, hashlib.sha256(content).hexdigest())


@dataclass(frozen=True)
class PreviewIssues:
    """Loads what would be published: drafts, and published issues that have none."""

    folder: Path
    newsletter: Newsletter

    @cached_property
    def dates(self) -> tuple[datetime.date, ...]:
        """Dates of drafts and archive."""
        return tuple(sorted({*self._published.dates, *self._drafts}))

    def load(self, date: datetime.date) -> LoadedIssue:
        """Load the draft, completed as for publication; without one, the published issue."""
        if date not in self._drafts:
            return self._published.load(date)
        draft = DraftStore(self.folder).load(date)
        issue = complete(draft.issue, self.newsletter, self.dates)
        return LoadedIssue(issue, draft.path, hashlib.sha256(draft.bytes).hexdigest())

    @cached_property
    def _published(self) -> PublishedIssues:
        return PublishedIssues(self.folder, self.newsletter)

    @cached_property
    def _drafts(self) -> frozenset[datetime.date]:
        return frozenset(DraftStore(self.folder).dates())


def _date(path: Path) -> datetime.date | None:
    try:
        return parse_date(path.stem)
    except UsageError:
        return None
