"""Check issues, or take their findings from the last check where nothing has changed that they come from.

Findings come from the draft, from what all issues share (newsletter.yaml, the program), and from what the draft is told
of the other issues.  Whether these changed is told from the catalogue at first, for all issues at once, without reading a
draft as an issue; where they may have, the draft is asked what it is told of them now.
"""

from __future__ import annotations

import datetime
import json
from bisect import bisect_left
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from embedai_nb.catalogue import Catalogue
from embedai_nb.drafts import DraftStore
from embedai_nb.publish.fast_imports import gc_paused
from embedai_nb.publish.inputs import CommonInputs, ParsedNewsletter
from embedai_nb.text.dates import DATE
from embedai_nb.text.parse_json import parse_json
from embedai_nb.workspace import layout
from embedai_nb.workspace.transaction import digest

if TYPE_CHECKING:
    from embedai_nb.catalogue.surroundings import Surroundings
    from embedai_nb.checks.findings import Finding, LinkStatus
    from embedai_nb.compose import Numbers
    from embedai_nb.edition import Edition
    from embedai_nb.model import Newsletter

    LookUp = Callable[[str], LinkStatus | None]

__all__ = ["FindingsCache", "all_findings"]


class _Kept(NamedTuple):
    """The findings of an issue, as JSON, and what they come from."""

    inputs: str
    """Digest of the draft and of what all issues share."""
    surroundings: str
    """Digest of all that the draft might have been told of others."""
    names: dict[str, bool]
    """The issues that its closing names, and whether there is one of that date."""
    told: str
    """Digest of what it was told of others."""
    findings: list[Any]


class FindingsCache:
    """Check the issues of a folder; what all of them share is loaded once.

    Args:
        folder: the issues folder.
        newsletter: of the folder.
        dates: of all issues.
        catalogue: of the folder, up to date.
    """

    def __init__(
        self, folder: Path, newsletter: Newsletter, dates: Sequence[datetime.date], catalogue: Catalogue
    ) -> None:
        self.folder = folder
        self.newsletter = newsletter
        self.dates = tuple(dates)
        self.catalogue = catalogue

    def edition(self, date: datetime.date) -> Edition:
        """Load an issue; raises as `embedai_nb.edition.load` does."""
        from embedai_nb.edition import Edition

        draft = DraftStore(self.folder).load(date)
        return Edition(self.folder, self.newsletter, draft, self.dates, self.catalogue, self._numbers)

    @gc_paused()  # an issue's tokens are many, and in no cycle
    def findings(self, date: datetime.date) -> tuple[Finding, ...]:
        """The findings of an issue, links aside; raises as `edition` does."""
        kept, around = _load(self.folder, date), self._around(date)
        if kept and self._is_current(kept, date) and kept.surroundings == around:
            return self._restored(kept.findings)
        edition = self.edition(date)
        new = _Kept(self._inputs(edition.draft.bytes), around, self._names(edition), self._told(edition), [])
        if kept and kept._replace(surroundings=around) == new._replace(findings=kept.findings):
            rows = kept.findings
        else:
            rows = [finding.model_dump(mode="json") for finding in all_findings(edition)]
        _save(self.folder, date, new._replace(findings=rows))
        return self._restored(rows)

    @cached_property
    def _numbers(self) -> Numbers:
        from embedai_nb.edition import known_numbers

        return known_numbers(self.folder, self.newsletter, self.dates)

    @cached_property
    def _common(self) -> str:
        values = digest(self.newsletter.model_dump_json().encode())
        return CommonInputs.current(ParsedNewsletter(values=values, plugins=tuple(self.newsletter.plugins))).digest

    @cached_property
    def _surroundings(self) -> Surroundings:
        return self.catalogue.surroundings()

    @cached_property
    def _there(self) -> frozenset[str]:
        return frozenset(map(str, self.dates))

    def _inputs(self, draft: bytes) -> str:
        return digest(draft + self._common.encode())

    def _around(self, date: datetime.date) -> str:
        """What the issue might be told of the others: their items, and those of them that its closing may list."""
        return digest(f"{self._surroundings.digest(date)} {self._listed(date)}".encode())

    def _listed(self, date: datetime.date) -> list[str]:
        """The earlier issues that the closing may list, with their numbers."""
        end = bisect_left(self.dates, date)
        listed = self.dates[max(0, end - self.newsletter.back_issues_listed) : end]
        return [f"{other} {self._numbers.get(other)}" for other in listed]

    def _told(self, edition: Edition) -> str:
        same = list(map(str, edition.same_issues))
        return digest(json.dumps([edition.past.plain()["earlier"], same, self._listed(edition.draft.date)]).encode())

    def _names(self, edition: Edition) -> dict[str, bool]:
        return {date: date in self._there for date in DATE.findall(edition.issue.closing or "")}

    def _is_current(self, kept: _Kept, date: datetime.date) -> bool:
        """Whether an issue is what it was, and those that it names; no matter what else is told of others."""
        try:
            draft = DraftStore(self.folder).path(date).read_bytes()
        except OSError:
            return False
        known = all((other in self._there) == there for other, there in kept.names.items())
        return known and kept.inputs == self._inputs(draft)

    def _restored(self, rows: Sequence[Any]) -> tuple[Finding, ...]:
        from embedai_nb.checks.findings import Finding

        language = {"language": self.newsletter.language}  # which isn't part of what programs get of a finding
        return tuple(Finding.model_validate({**row, "place": row["place"] | language}) for row in rows)


def all_findings(edition: Edition, link_status: LookUp | None = None) -> tuple[Finding, ...]:
    """The findings of an issue: whether it is there twice, and those of all rules."""
    from embedai_nb.checks.unmerged_files import issue_twice

    twice = issue_twice(str(edition.draft.date), edition.same_issues, edition.newsletter.language)
    return (*filter(None, [twice]), *edition.checked(link_status))


# --- files ----------------------------------------------------------------------------------------------------


def _load(folder: Path, date: datetime.date) -> _Kept | None:
    """Read what is kept of an issue; nothing where it isn't whole, which its first line tells."""
    try:
        mark, _, content = (folder / layout.findings(str(date))).read_bytes().partition(b"\n")
        return _Kept(**parse_json(content)) if mark == digest(content).encode() else None
    except (OSError, ValueError, TypeError):
        return None


def _save(folder: Path, date: datetime.date, kept: _Kept) -> None:
    """Keep it for the next check, which only takes longer without; so a disk that can't be written does no harm."""
    path, content = folder / layout.findings(str(date)), json.dumps(kept._asdict()).encode()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(digest(content).encode() + b"\n" + content)
