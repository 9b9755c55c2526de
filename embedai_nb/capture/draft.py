"""Capture into the draft of a date, for callers that hold no draft themselves."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from embedai_nb.capture.capture import Captured, add_items, capture, retry
from embedai_nb.capture.fetch import Fetcher
from embedai_nb.capture.response_cache import ResponseCache
from embedai_nb.catalogue import Catalogue, Earlier
from embedai_nb.drafts import DraftStore, load_newsletter
from embedai_nb.progress import OnProgress
from embedai_nb.workspace import layout


@dataclass(frozen=True)
class CaptureResult:
    """One captured item, and where it was in earlier issues."""

    captured: Captured
    earlier: tuple[Earlier, ...]


def caching_fetcher(folder: Path) -> Fetcher:
    """A fetcher that caches responses in an issues folder."""
    return Fetcher(ResponseCache(folder / layout.FETCHED))


def capture_into_draft(
    folder: Path, date: datetime.date, text: str | None, *, fetcher: Fetcher | None, progress: OnProgress
) -> list[CaptureResult]:
    """Add pasted items to the draft of a date, or retry its pending items.

    Args:
        text: the pasted text; if absent, the metadata of items marked as incomplete is fetched again.
        fetcher: fetches the metadata; if absent, no site is asked.

    Raises:
        UsageError: no draft of this date.
        DraftError: the draft cannot be read or written.
        ConflictError: it was edited while pending items were retried; it stays as it is.
    """
    store, newsletter = DraftStore(folder), load_newsletter(folder / layout.NEWSLETTER)
    draft = store.load(date)
    if text is None:
        issue, found = retry(draft.issue, newsletter, fetcher, progress)
    else:
        found = capture(text, newsletter, fetcher, progress)
        draft = store.load(date)  # it may have been edited while metadata was fetched
        issue = add_items(draft.issue, found, newsletter)
    store.save(draft, issue)
    with Catalogue(folder, newsletter) as catalogue:
        return [
            CaptureResult(each, tuple(catalogue.seen_before(each.item, date) if each.item else ())) for each in found
        ]
