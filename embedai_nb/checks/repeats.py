"""Rules across issues: items seen before, by page, paper, repository or title."""

from __future__ import annotations

from collections.abc import Iterator

from embedai_nb.catalogue import Earlier
from embedai_nb.checks.findings import Context, RuleMatch
from embedai_nb.model import Issue
from embedai_nb.text.paths import entries


def page_before(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A page that an earlier issue linked."""
    return _before("url", "url", issue, context)


def paper_before(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A paper of an earlier issue."""
    return _before("paper", "tags", issue, context)


def repo_before(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A repository of an earlier issue."""
    return _before("repository", "repo", issue, context)


def title_before(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A title similar to one of an earlier issue."""
    return _before("title", "title", issue, context)


def _before(reason: str, field: str, issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """Items that match an earlier one by this reason, and by no stronger one; the message names the latest."""
    for path, _, item in entries(issue) if context.seen_before else ():
        found: list[Earlier] = context.seen_before(item) if context.seen_before else []
        if found and found[0].reason == reason:
            latest = found[0]
            values = {"date": latest.date, "title": latest.title or latest.url, "score": round(latest.score)}
            yield RuleMatch((*path, field), values)
