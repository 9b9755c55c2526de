"""What came of a publication: plain values, so that telling it needs nothing heavy."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Findings", "Outcome"]


class Findings(NamedTuple):
    """How many findings of each severity the notebook shows."""

    errors: int = 0
    warnings: int = 0
    notes: int = 0


class Outcome(NamedTuple):
    """The state of one issue after `publish`.

    ``written`` names the files this run replaced, relative to the issues folder; none when it was up to date.
    """

    date: str
    findings: Findings = Findings()
    written: tuple[str, ...] = ()
    up_to_date: bool = False

    @property
    def published(self) -> bool:
        """Whether the archive holds this issue as it is; findings of severity error keep it out."""
        return self.findings.errors == 0
