"""Findings about files that Git could not merge; they are no rules, for such a draft holds no issue to check."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from embedai_nb.checks.file_findings import file_finding
from embedai_nb.checks.findings import Finding
from embedai_nb.checks.messages import UNMERGED_REMEDIES
from embedai_nb.drafts.store import dates_in_conflict
from embedai_nb.errors import ConflictMarkersError
from embedai_nb.i18n import translator
from embedai_nb.text.conflict_markers import find_conflicts, line_ranges
from embedai_nb.workspace import layout

__all__ = ["RULE", "UnmergedFile", "issue_twice", "unmerged_files", "unmerged_revisions", "unmerged_source"]

RULE = "conflict-markers"
GENERATED = (layout.markdown, layout.page, layout.wechat, layout.review)


class UnmergedFile(NamedTuple):
    """A file with conflict markers, and what to say of it."""

    path: Path
    finding: Finding


def unmerged_source(error: ConflictMarkersError, language: str) -> UnmergedFile:
    """A draft, or newsletter.yaml, that could not be read for its markers."""
    path = Path(error.path or "")
    text = path.read_text("utf-8", "replace")
    kind, say = "newsletter" if path.name == layout.NEWSLETTER else "draft", translator(language)
    remedy = say(UNMERGED_REMEDIES[kind])
    if kind == "draft" and (dates := dates_in_conflict(text)):
        other = next(date for date in dates if date != path.stem)
        remedy = say(UNMERGED_REMEDIES["two-dates"], date=path.stem, other=other)
    return UnmergedFile(path, _finding(text, path.name, remedy, error.line or 1, language))


def issue_twice(date: str, others: Sequence[datetime.date], language: str) -> Finding | None:
    """A finding where the issue is there under another date, too."""
    return file_finding("issue-twice", language, date=date, other=others[0]) if others else None


def unmerged_files(folder: Path, date: str, language: str) -> Iterator[UnmergedFile]:
    """The generated files of an issue that have markers; making it anew mends them."""
    remedy = translator(language)(UNMERGED_REMEDIES["generated"], date=date)
    for name in (file(date) for file in GENERATED):
        yield from _marked(folder, name, remedy, language)


def unmerged_revisions(folder: Path, language: str) -> Iterator[UnmergedFile]:
    """The file of revisions, if it has markers."""
    yield from _marked(folder, layout.REVISIONS, translator(language)(UNMERGED_REMEDIES["revisions"]), language)


def _marked(folder: Path, name: str, remedy: str, language: str) -> Iterator[UnmergedFile]:
    try:
        content = (folder / name).read_bytes()
    except OSError:
        return
    if b"<<<<<<<" in content and (conflicts := find_conflicts(text := content.decode("utf-8", "replace"))):
        yield UnmergedFile(folder / name, _finding(text, name, remedy, conflicts[0].first, language))


def _finding(text: str, name: str, remedy: str, line: int, language: str) -> Finding:
    lines = line_ranges(find_conflicts(text)) or str(line)
    return file_finding(RULE, language, line, file=name, lines=lines, remedy=remedy)
