"""Curing what the checks found: one fix after the other, each shown as the change it makes to the draft."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import unified_diff

from embedai_nb.checks import Finding
from embedai_nb.drafts import Draft, with_issue
from embedai_nb.edition import Edition


@dataclass(frozen=True)
class Step:
    """One finding cured: the draft before and after."""

    finding: Finding
    before: Draft
    after: Draft

    @property
    def diff(self) -> tuple[str, ...]:
        """The lines that went (``-``) and came (``+``)."""
        before, after = (draft.source.text.splitlines() for draft in (self.before, self.after))
        lines = unified_diff(before, after, lineterm="", n=0)
        return tuple(line for line in lines if not line.startswith(("---", "+++", "@@")))


def steps(edition: Edition, *, unsafe: bool = False) -> Iterator[Step]:
    """Fix after fix until none is left; each fits the draft that the one before left, so none undoes another.

    Args:
        edition: what was checked; nothing of it is changed, nor any file.
        unsafe: whether to take also those that a person ought to look at.
    """
    tried: set[str] = set()
    while finding := next((each for each in edition.findings if _fits(each, unsafe, tried)), None):
        assert finding.fix is not None
        tried.add(finding.fix.model_dump_json())
        draft = with_issue(edition.draft, finding.fix.applied(edition.draft.issue))
        if draft.bytes != edition.draft.bytes:
            yield Step(finding, edition.draft, draft)
            edition = replace(edition, draft=draft)


def _fits(finding: Finding, unsafe: bool, tried: set[str]) -> bool:
    """Whether to apply the fix: one that was tried and found again would be tried for ever."""
    fix = finding.fix
    return fix is not None and (fix.safe or unsafe) and fix.model_dump_json() not in tried
