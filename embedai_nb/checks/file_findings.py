"""Findings about files: one that cannot be read as a draft, and what git is not told of an issues folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from embedai_nb.checks.findings import Finding
from embedai_nb.checks.messages import FILE_MESSAGES
from embedai_nb.errors import EmbedAIError
from embedai_nb.model import Newsletter
from embedai_nb.text.locations import Location
from embedai_nb.text.spans import visible
from embedai_nb.workspace.git_files import missing_lines

__all__ = ["git_files", "unreadable_draft"]


def unreadable_draft(error: EmbedAIError) -> tuple[Path, Finding]:
    """The finding of a draft, or of newsletter.yaml, that cannot be read; no setting turns it off."""
    return Path(error.path or ""), _finding("unreadable-draft", error.line, problem=visible(error.message))


def git_files(folder: Path, newsletter: Newsletter) -> Iterator[tuple[Path, Finding]]:
    """A finding for each of git's files that lacks lines; where there is no repository, nothing."""
    severity = newsletter.checks.get("git-files")
    for name, missing in groupby(missing_lines(folder) if severity != "off" else (), key=lambda each: each.file):
        lines = "、".join(f"“{each.line}”" for each in missing)
        path = Path(os.path.normpath(folder / name))
        found = _finding("git-files", None, file=path.name, lines=lines)
        yield path, found.model_copy(update={"severity": severity or found.severity})


def _finding(rule: str, line: int | None, **values: str) -> Finding:
    message = FILE_MESSAGES[rule]
    place = Location(path=())
    return Finding(
        rule=rule, severity=message.severity, message=message.text.format_map(values), place=place, line=line
    )
