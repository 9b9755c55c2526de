"""Outcomes of publishing, as plain values: reporting one loads nothing heavy."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["FindingCounts", "Outcome"]


class FindingCounts(NamedTuple):
    """How many findings of each severity the notebook shows."""

    errors: int = 0
    warnings: int = 0
    notes: int = 0


class Outcome(NamedTuple):
    """The state of one issue after `embedai_nb.publish.issue.publish`.

    ``written`` names the files this run replaced, relative to the issues folder; none when it was up to date.
    """

    date: str
    findings: FindingCounts = FindingCounts()
    written: tuple[str, ...] = ()
    up_to_date: bool = False
    by_another: bool = False
    """Another process published it meanwhile, of the same inputs."""

    @property
    def published(self) -> bool:
        """Whether the archive holds this issue as it is; findings of severity error keep it out."""
        return self.findings.errors == 0
