"""Everything that can go wrong, as data; the one line a user sees is composed here and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class EmbedAIError(Exception):
    """Base of all errors this package raises on purpose.

    Args:
        problem: what is wrong, one line, no full stop.
        path: the file it is about.
        line: line in that file, from 1.
        item: which item, as a person would say it (``论文 2``).
        field: the key of the draft or option of the command.
        remedy: what to do about it.
    """

    exit_status: ClassVar[int] = 1

    def __init__(
        self,
        problem: str,
        *,
        path: Path | str | None = None,
        line: int | None = None,
        item: str | None = None,
        field: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path = path
        self.line = line
        self.item = item
        self.field = field
        self.remedy = remedy

    def __str__(self) -> str:
        where = "" if self.path is None else str(self.path)
        if self.line is not None:
            where += f":{self.line}"
        parts = [part for part in (where, self.item, self.field, self.problem) if part]
        text = ": ".join(parts)
        if self.remedy:
            text += f"; {self.remedy}"
        return " ".join(text.split())


class UsageError(EmbedAIError):
    """The command was called wrongly; nothing was touched."""

    exit_status = 2


class DraftError(EmbedAIError):
    """A draft or newsletter.yaml cannot be read as what it should be."""


class ConflictError(EmbedAIError):
    """The file changed since it was read, so writing would lose somebody's text."""


class MarkupError(EmbedAIError):
    """Text that cannot be rendered without dropping some of it."""


class LockedError(EmbedAIError):
    """Another process holds the lock: it is publishing the issue, or writing the same file."""


class PublishError(EmbedAIError):
    """A run of the notebook or an export failed; what was published before is untouched."""
