"""The rule that Markdown says the same as the draft."""

from __future__ import annotations

from collections.abc import Iterator

from embedai_nb.checks.findings import Context, Spot
from embedai_nb.checks.messages import NOTHING
from embedai_nb.checks.paths import Path, leaves
from embedai_nb.model import Issue

KEPT = frozenset({"title", "source", "url", "repo", "text", "company", "raw"})
LENGTH = 30


def reads_differently(issue: Issue, context: Context) -> Iterator[Spot]:
    """The first text that is lost or changed between the draft and its Markdown; the rest follows from it."""
    if context.reread is None:
        return
    before, after = _entries(issue), _entries(context.reread(issue))
    ...
