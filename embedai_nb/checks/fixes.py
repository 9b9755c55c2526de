"""Apply the fixes of findings one after another, each shown as a diff of the draft."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff

from embedai_nb.checks.findings import Finding
from embedai_nb.drafts import Draft, with_issue


@dataclass(frozen=True)
class FixStep:
    """One applied fix: the draft before and after it."""

    finding: Finding
    before: Draft
    after: Draft

    @property
    def diff(self) -> tuple[str, ...]:
        """The removed (``-``) and added (``+``) lines, without context."""
        before, after = (draft.source.text.splitlines() for draft in (self.before, self.after))
        lines = unified_diff(before, after, lineterm="", n=0)
        return tuple(line for line in lines if not line.startswith(("---", "+++", "@@")))


def apply_fixes(
    draft: Draft, check: Callable[[Draft], Sequence[Finding]], *, unsafe: bool = False
) -> Iterator[FixStep]:
    """Apply fixes until none is left; check again after each, so that none undoes another.

    Args:
        draft: the draft to start from; neither it nor its file is changed.
        check: the findings in a draft, those of `embedai_nb.checks.fixable_rules` at least.
        unsafe: apply those too that a person ought to look at.
    """
    tried: set[str] = set()
    while finding := next((each for each in check(draft) if _applicable(each, unsafe, tried)), None):
        assert finding.fix is not None
        tried.add(finding.fix.model_dump_json())
        fixed = with_issue(draft, finding.fix.applied(draft.issue))
        if fixed.bytes != draft.bytes:
            yield FixStep(finding, draft, fixed)
            draft = fixed


def _applicable(finding: Finding, unsafe: bool, tried: set[str]) -> bool:
    """Whether to apply the fix; one that was tried and is found again would be applied for ever."""
    fix = finding.fix
    return fix is not None and (fix.safe or unsafe) and fix.model_dump_json() not in tried
