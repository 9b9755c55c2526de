"""Rules across issues: what was in an earlier one already."""

from __future__ import annotations

from collections.abc import Iterator

from embedai_nb.catalogue import Earlier
from embedai_nb.checks.findings import Context, Spot
from embedai_nb.model import Issue
from embedai_nb.text.paths import entries


def page_before(issue: Issue, context: Context) -> Iterator[Spot]:
    return _before("url", "url", issue, context)


def paper_before(issue: Issue, context: Context) -> Iterator[Spot]:
    return _before("paper", "tags", issue, context)


def repo_before(issue: Issue, context: Context) -> Iterator[Spot]:
    return _before("repository", "repo", issue, context)


def title_before(issue: Issue, context: Context) -> Iterator[Spot]:
    return _before("title", "title", issue, context)


def _before(reason: str, field: str, issue: Issue, context: Context) -> Iterator[Spot]:
    """Where the strongest reason for taking an item for an earlier one is this; the latest of those is named."""
    for path, _, item in entries(issue) if context.earlier else ():
        found: list[Earlier] = context.earlier(item) if context.earlier else []
        if found and found[0].reason == reason:
            yield Spot((*path, field), {"earlier": str(found[0]), "score": round(found[0].score)})
