"""List all issues for the form: date, title, state and findings of each."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from embedai_nb.catalogue import Catalogue
from embedai_nb.checks.severity import count_severities
from embedai_nb.drafts import DraftStore
from embedai_nb.edition import Edition, known_dates
from embedai_nb.editor.error_texts import explain
from embedai_nb.editor.messages import WORDS
from embedai_nb.editor.publication import publication
from embedai_nb.errors import EmbedAIError
from embedai_nb.i18n import Translator, translator
from embedai_nb.model import Newsletter

__all__ = ["list_issues", "next_date"]

USUAL_GAP = datetime.timedelta(days=14)
"""Time between issues where there are not two of them yet."""


def list_issues(folder: Path, newsletter: Newsletter, now: datetime.datetime) -> Iterator[Mapping[str, Any]]:
    """List the issues of a folder, the latest first; one that takes long to check is yielded when that is done."""
    store = DraftStore(folder)
    drafted, say = set(store.dates()), translator(newsletter.language)
    dates = known_dates(folder, drafted)
    with Catalogue(folder, newsletter) as catalogue:
        for date in reversed(dates):
            if date not in drafted:
                yield _row(date, "archived", say(WORDS["issue-archived"]))
                continue
            try:
                yield _drafted(Edition(folder, newsletter, store.load(date), dates, catalogue), now, say)
            except EmbedAIError as error:
                yield _row(date, "unreadable", say(WORDS["issue-unreadable"]), title=explain(error, say.language))


def _drafted(edition: Edition, now: datetime.datetime, say: Translator) -> Mapping[str, Any]:
    draft = edition.draft
    state = publication(edition.folder, draft.date).state(lambda: edition.markdown, now, say)
    counts = count_severities(finding.severity for finding in edition.findings)
    title = "/".join(draft.issue.headline)
    return _row(draft.date, state.kind, state.text, title, errors=counts["error"], warnings=counts["warning"])


def _row(
    date: datetime.date, kind: str, state: str, title: str = "", *, errors: int = 0, warnings: int = 0
) -> Mapping[str, Any]:
    return {"date": str(date), "kind": kind, "state": state, "title": title, "errors": errors, "warnings": warnings}


def next_date(dates: tuple[datetime.date, ...], today: datetime.date) -> datetime.date:
    """Suggest the date of the next issue: as long after the last as that was after the one before, but not in the past."""
    if not dates:
        return today
    gap = dates[-1] - dates[-2] if len(dates) > 1 else USUAL_GAP
    return max(dates[-1] + gap, today)
