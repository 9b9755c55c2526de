"""Tell which issues show something of others that have changed, by the records of their last run and the catalogue."""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections.abc import Mapping, Set
from pathlib import Path

from embedai_nb.catalogue import Catalogue
from embedai_nb.drafts import load_newsletter
from embedai_nb.edition import COMPARED
from embedai_nb.errors import EmbedAIError
from embedai_nb.publish.freshness import Changed, PublishRecord
from embedai_nb.workspace import layout

__all__ = ["unaffected"]

MANY = 50
"""When so many issues have changed, asking all others takes less time than looking for what these have in common."""


def unaffected(folder: Path, asked: Mapping[str, Changed], dates: Set[str]) -> set[str]:
    """Find the issues that show nothing of those that have changed; none where that can't be told.

    Args:
        folder: the issues folder.
        asked: dates of issues, each with earlier ones that have changed since it was up to date.
        dates: of all issues.
    """
    changed = sorted({date for each in asked.values() for date in each})
    if len(changed) > MANY:
        return set()
    try:
        newsletter = load_newsletter(folder / layout.NEWSLETTER)
        with Catalogue(folder, newsletter) as catalogue:
            now = {date: _ChangedIssue(catalogue, date) for date in changed}
    except EmbedAIError:
        return set()
    reach = max(COMPARED, newsletter.back_issues_listed) + len(changed)
    listing = {date: _following(date, dates, reach) for date in changed}
    found = ((date, PublishRecord.read(folder, date)) for date in asked)
    return {
        date
        for date, record in found
        if record
        and not any(
            now[other].is_shown_in(date, record)
            or (newsletter.numbered_addresses and other in record.shown["dates"])
            or (was != (other in dates) and (date in listing[other] or other in record.shown["dates"]))
            for other, was in asked[date].items()
        )
    }


def _following(date: str, dates: Set[str], count: int) -> set[str]:
    """The issues after a date that may list it or count back beyond it."""
    ordered = sorted(dates)
    return set(ordered[(start := bisect_left(ordered, date)) : start + count])


class _ChangedIssue:
    """What later issues may show of an issue, as it is now."""

    def __init__(self, catalogue: Catalogue, date: str) -> None:
        day = datetime.date.fromisoformat(date)
        self.date = date
        self.related = {str(later) for later in catalogue.related_later(day)}
        sizes = catalogue.section_sizes(day + datetime.timedelta(days=1), 1).get(day, {})
        self.size = [sizes, catalogue.issue_lengths([day])[day]]

    def is_shown_in(self, date: str, record: PublishRecord) -> bool:
        """Whether an issue shows something of this one that has changed, or would show what it has now."""
        shown, sizes = record.shown, record.shown["sizes"]
        named = self.date in shown["earlier"] or self.date in shown["companies"]
        counted = self.date in sizes or (self.size[0] and (len(sizes) < COMPARED or self.date > min(sizes)))
        return named or date in self.related or bool(counted and sizes.get(self.date) != self.size)
