"""Check issues, or take their findings from the last check where nothing has changed that they come from.

Findings come from the draft, from what all issues share (newsletter.yaml, the program), and from what the draft is told
of the other issues.  Whether these changed is told from the catalogue: at first for all issues at once, then, where any
earlier item is another, by asking it what the draft would be told.  Only a draft that has to be checked is read as an issue.
"""

from __future__ import annotations

import datetime
import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from embedai_nb.catalogue import Catalogue, Earlier
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
    others: str
    """Digest of the issues that it is compared with, and of those that its closing may list."""
    earlier: str
    """Digest of all earlier items, of which it might have been told."""
    names: dict[str, bool]
    """The issues that its closing names, and whether there is one of that date."""
    told: str
    """Digest of what it was told of them."""
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
        kept, earlier, draft = _load(self.folder, date), self._surroundings.earlier(date), self._draft(date)
        if kept and self._is_current(kept, date, draft):
            if kept.earlier == earlier:
                return self._restored(kept.findings)
            if kept.told == self._told_by_catalogue(date, draft):
                _save(self.folder, date, kept._replace(earlier=earlier))
                return self._restored(kept.findings)
        edition = self.edition(date)
        found = all_findings(edition)
        told = _digest_of_earlier(each for _, each in edition.past.earlier)
        rows = [finding.model_dump(mode="json") for finding in found]
        names = self._names(edition)
        _save(
            self.folder, date, _Kept(self._inputs(edition.draft.bytes), self._others(date), earlier, names, told, rows)
        )
        return found

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

    def _others(self, date: datetime.date) -> str:
        return digest(f"{self._surroundings.shared(date)} {self._listed(date)}".encode())

    def _listed(self, date: datetime.date) -> list[str]:
        """The earlier issues that the closing may list, with their numbers."""
        end = bisect_left(self.dates, date)
        listed = self.dates[max(0, end - self.newsletter.back_issues_listed) : end]
        return [f"{other} {self._numbers.get(other)}" for other in listed]

    def _told_by_catalogue(self, date: datetime.date, draft: bytes) -> str | None:
        """Digest of what an issue is told of earlier items now, without reading it; unknown if the catalogue has another draft."""
        items = self._surroundings.traits(date, draft)
        return None if items is None else _digest_of_earlier(self.catalogue.seen_before_traits(items, date))

    def _names(self, edition: Edition) -> dict[str, bool]:
        return {date: date in self._there for date in DATE.findall(edition.issue.closing or "")}

    def _is_current(self, kept: _Kept, date: datetime.date, draft: bytes) -> bool:
        """Whether an issue is what it was, and those others that it is sure to be told of."""
        known = all((other in self._there) == there for other, there in kept.names.items())
        return known and kept.inputs == self._inputs(draft) and kept.others == self._others(date)

    def _draft(self, date: datetime.date) -> bytes:
        """The content of a draft; nothing if it cannot be read."""
        try:
            return DraftStore(self.folder).path(date).read_bytes()
        except OSError:
            return b""

    def _restored(self, rows: Sequence[Any]) -> tuple[Finding, ...]:
        from embedai_nb.checks.findings import Finding

        language = {"language": self.newsletter.language}  # which isn't part of what programs get of a finding
        return tuple(Finding.model_validate({**row, "place": row["place"] | language}) for row in rows)


def _digest_of_earlier(found: Iterable[Sequence[Earlier]]) -> str:
    """Digest of the earlier items that an issue is told of, with all that a finding may say of them."""
    rows = [[(str(each.date), each.title, each.url, each.reason, each.score) for each in some] for some in found]
    return digest(json.dumps(rows).encode())


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
