"""Apply the fixes of findings one after another, each shown as a diff of the draft."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff

from embedai_nb.checks.findings import Finding
from embedai_nb.drafts import Draft, with_issue
from embedai_nb.text.paths import Path

DEPTHS = {"sections": 4, "warmups": 2}
"""Lengths of the paths of items, as ``("sections", 0, "items", 1)``, and of warm-ups; other parts have one step."""


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
    """Apply fixes until none is left; check again before the next that may depend on one of them, so that none undoes another.

    Args:
        draft: the draft to start from; neither it nor its file is changed.
        check: the findings in a draft, those of `embedai_nb.checks.fixable_rules` at least.
        unsafe: apply those too that a person ought to look at.
    """
    tried: set[str] = set()
    while found := [each for each in check(draft) if _applicable(each, unsafe, tried)]:
        for finding in _independent(found):
            fix = finding.fix
            assert fix is not None
            tried.add(fix.model_dump_json())
            fixed = with_issue(draft, fix.applied(draft.issue))
            if fixed.bytes != draft.bytes:
                yield FixStep(finding, draft, fixed)
                draft = fixed


def _applicable(finding: Finding, unsafe: bool, tried: set[str]) -> bool:
    """Whether to apply the fix; one that was tried and is found again would be applied for ever."""
    fix = finding.fix
    return fix is not None and (fix.safe or unsafe) and fix.model_dump_json() not in tried


def _independent(found: Sequence[Finding]) -> Iterator[Finding]:
    """The first ones, as long as each concerns another item, or part of the issue, and gives a text for a text."""
    changed = set[Path]()
    for finding in found:
        assert finding.fix is not None
        path = finding.fix.path
        part = path[: DEPTHS.get(str(path[0]), 1)]
        if part in changed:
            return
        yield finding
        if not isinstance(finding.fix.value, str):
            return
        changed.add(part)
