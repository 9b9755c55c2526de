"""The inbox of an issues folder: fetch its sources, list candidates, decide about them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from pathlib import Path

from embedai_nb.capture import Fetcher
from embedai_nb.catalogue import Catalogue
from embedai_nb.inbox.candidates import Candidate, find_candidates
from embedai_nb.inbox.collect import Failure, collect
from embedai_nb.inbox.decisions import Decision, DecisionKind, change_decisions, load_decisions
from embedai_nb.inbox.kept_entries import load_entries
from embedai_nb.model import Newsletter
from embedai_nb.progress import OnProgress, silent

__all__ = ["Inbox"]


def _now() -> datetime.datetime:
    return datetime.datetime.now().astimezone()


class Inbox:
    """Candidates for the next issue.

    Args:
        folder: the issues folder.
        newsletter: names the sources.
        now: the clock.
    """

    def __init__(self, folder: Path, newsletter: Newsletter, now: Callable[[], datetime.datetime] = _now) -> None:
        self.folder, self.newsletter, self.now = folder, newsletter, now

    @property
    def fetched(self) -> str:
        """When the sources were last fetched, ISO 8601; empty if never."""
        return load_entries(self.folder).fetched

    def fetch(self, fetcher: Fetcher | None, progress: OnProgress = silent) -> list[Failure]:
        """Fetch all sources; returns those that gave nothing.

        Args:
            fetcher: asks the sources; without it only notes are read.

        Raises:
            LockedError: another process is doing so.
        """
        return collect(self.folder, self.newsletter, fetcher, self.now(), progress)

    def candidates(self) -> list[Candidate]:
        """The candidates that nobody has decided about, the most fitting first."""
        decisions = load_decisions(self.folder)
        with Catalogue(self.folder, self.newsletter) as catalogue:
            return find_candidates(load_entries(self.folder), self.newsletter, decisions, catalogue, self.now().date())

    def decide(self, candidate: Candidate, kind: DecisionKind) -> None:
        """Take or dismiss a candidate: it doesn't come back, from any of its sources, on any machine of the team.

        Raises:
            EmbedAIError: that cannot be written down.
        """
        decision = Decision(kind, self.now().date(), candidate.title)
        change_decisions(self.folder, dict.fromkeys(candidate.keys, decision))

    def reconsider(self, keys: Iterable[str]) -> None:
        """Undo the decision about the candidate with these keys."""
        change_decisions(self.folder, {}, keys)
