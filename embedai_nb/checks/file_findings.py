"""Findings about files: one that cannot be read as a draft, and what git is not told of an issues folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from embedai_nb.checks.findings import Finding
from embedai_nb.checks.messages import FILE_MESSAGES
from embedai_nb.errors import EmbedAIError
from embedai_nb.i18n import translator
from embedai_nb.i18n.punctuation import listed
from embedai_nb.model import Newsletter
from embedai_nb.text.locations import Location
from embedai_nb.text.spans import visible
from embedai_nb.workspace.git_files import missing_lines

__all__ = ["file_finding", "git_files", "unreadable_draft"]


def unreadable_draft(error: EmbedAIError, language: str) -> tuple[Path, Finding]:
    """The finding of a draft, or of newsletter.yaml, that cannot be read; no setting turns it off."""
    problem = visible(error.message_in(language))
    return Path(error.path or ""), file_finding("unreadable-draft", language, error.line, problem=problem)


def git_files(folder: Path, newsletter: Newsletter) -> Iterator[tuple[Path, Finding]]:
    """A finding for each of git's files that lacks lines; where there is no repository, nothing."""
    severity = newsletter.checks.get("git-files")
    for name, missing in groupby(missing_lines(folder) if severity != "off" else (), key=lambda each: each.file):
        quotations = [f"“{each.line}”" for each in missing]
        lines = listed(quotations, translator(newsletter.language))
        path = Path(os.path.normpath(folder / name))
        found = file_finding("git-files", newsletter.language, file=path.name, lines=lines, count=len(quotations))
        yield path, found.model_copy(update={"severity": severity or found.severity})


def file_finding(rule: str, language: str, line: int | None = None, **values: object) -> Finding:
    """Make a finding about a whole file, by its entry in ``FILE_MESSAGES``."""
    message = FILE_MESSAGES[rule]
    text, place = translator(language)(message.text, **values), Location(path=(), language=language)
    return Finding(rule=rule, severity=message.severity, message=text, place=place, line=line)
