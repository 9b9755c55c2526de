"""Capturing into a draft: what the command does, and what anything else that holds no draft itself may call."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from embedai_nb.capture.answers import Answers
from embedai_nb.capture.capture import Captured, Progress, add, capture, retry
from embedai_nb.capture.fetch import Fetcher
from embedai_nb.catalogue import Catalogue, Earlier
from embedai_nb.drafts import DraftStore, load_newsletter
from embedai_nb.workspace import layout


@dataclass(frozen=True)
class Noticed:
    """What became of one pasted thing, and where it was before."""

    captured: Captured
    earlier: tuple[Earlier, ...]


def fetcher_of(folder: Path) -> Fetcher:
    """A fetcher that keeps its answers in an issues folder."""
    return Fetcher(Answers(folder / layout.FETCHED))


def capture_into(
    folder: Path, date: datetime.date, text: str | None, *, fetcher: Fetcher | None, progress: Progress
) -> list[Noticed]:
    """Put what was pasted into the draft of a date, or complete what waits there for an answer.

    Args:
        text: what was pasted; without it the items marked 待补 are asked about again.
        fetcher: asks the sites; without it nobody is asked.

    Raises:
        UsageError: no draft of this date.
        DraftError: the draft cannot be read or written.
        ConflictError: it was changed while it was being completed; it stays as it is.
    """
    store, newsletter = DraftStore(folder), load_newsletter(folder / layout.NEWSLETTER)
    draft = store.load(date)
    if text is None:
        issue, found = retry(draft.issue, newsletter, fetcher, progress)
    else:
        found = capture(text, newsletter, fetcher, progress)
        draft = store.load(date)  # it may have been edited while the sites were asked
        issue = add(draft.issue, found, newsletter)
    store.save(draft, issue)
    with Catalogue(folder, newsletter) as catalogue:
        return [Noticed(each, tuple(catalogue.seen_before(each.item, date) if each.item else ())) for each in found]
