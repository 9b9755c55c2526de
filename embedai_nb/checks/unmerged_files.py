"""Findings about files that Git could not merge; they are no rules, for such a draft holds no issue to check."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from embedai_nb.checks.findings import Finding
from embedai_nb.checks.messages import FILE_MESSAGES, UNMERGED_REMEDIES
from embedai_nb.drafts.store import dates_in_conflict
from embedai_nb.errors import ConflictMarkersError
from embedai_nb.text.conflict_markers import find_conflicts, line_ranges
from embedai_nb.text.locations import Location
from embedai_nb.workspace import layout

__all__ = ["RULE", "UnmergedFile", "issue_twice", "unmerged_files", "unmerged_revisions", "unmerged_source"]

RULE = "conflict-markers"
GENERATED = (layout.markdown, layout.page, layout.wechat, layout.review)


class UnmergedFile(NamedTuple):
    """A file with conflict markers, and what to say of it."""

    path: Path
    finding: Finding


def unmerged_source(error: ConflictMarkersError) -> UnmergedFile:
    """A draft, or newsletter.yaml, that could not be read for its markers."""
    path = Path(error.path or "")
    text = path.read_text("utf-8", "replace")
    kind = "newsletter" if path.name == layout.NEWSLETTER else "draft"
    remedy = UNMERGED_REMEDIES[kind]
    if kind == "draft" and (dates := dates_in_conflict(text)):
        other = next(date for date in dates if date != path.stem)
        remedy = UNMERGED_REMEDIES["two-dates"].format(date=path.stem, other=other)
    return UnmergedFile(path, _finding(text, path.name, remedy, error.line or 1))


def issue_twice(date: str, others: Sequence[datetime.date]) -> Finding | None:
    """A finding where the issue is there under another date, too."""
    if not others:
        return None
    message = FILE_MESSAGES["issue-twice"]
    said = message.text.format(date=date, other=others[0])
    return Finding(rule="issue-twice", severity=message.severity, message=said, place=Location(path=()), line=None)


def unmerged_files(folder: Path, date: str) -> Iterator[UnmergedFile]:
    """The generated files of an issue that have markers; making it anew mends them."""
    for name in (file(date) for file in GENERATED):
        yield from _marked(folder, name, UNMERGED_REMEDIES["generated"].format(date=date))


def unmerged_revisions(folder: Path) -> Iterator[UnmergedFile]:
    """The file of revisions, if it has markers."""
    yield from _marked(folder, layout.REVISIONS, UNMERGED_REMEDIES["revisions"])


def _marked(folder: Path, name: str, remedy: str) -> Iterator[UnmergedFile]:
    try:
        content = (folder / name).read_bytes()
    except OSError:
        return
    if b"<<<<<<<" in content and (conflicts := find_conflicts(text := content.decode("utf-8", "replace"))):
        yield UnmergedFile(folder / name, _finding(text, name, remedy, conflicts[0].first))


def _finding(text: str, name: str, remedy: str, line: int) -> Finding:
    message, lines = FILE_MESSAGES[RULE], line_ranges(find_conflicts(text)) or str(line)
    said = message.text.format(file=name, lines=lines, remedy=remedy)
    return Finding(rule=RULE, severity=message.severity, message=said, place=Location(path=()), line=line)
