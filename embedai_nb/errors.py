"""Exceptions of the package; each carries file, line, item and field, and composes the one line that a user sees."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from embedai_nb.i18n import N_, NP_, _, translated, translator, user_language


class EmbedAIError(Exception):
    """Base class of all errors that this package raises.

    Args:
        problem: what is wrong, one line, no full stop.
        path: the file.
        line: in that file, from 1.
        item: by section and number, ``论文 2``, or by name.
        field: key of the draft, or option of the command.
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
        return " ".join(": ".join(filter(None, (where, self.message))).split())

    @property
    def message(self) -> str:
        """The same line without the file and its line, for who shows these in another way."""
        return self.message_in(user_language())

    def message_in(self, language: str) -> str:
        """Say `message` in a language: the newsletter's, where its editors or reviewers read it."""
        say = translator(language)
        parts = [translated(part, language) for part in (self.item, self.field, self.problem) if part]
        text = say(NP_("between item, field and problem", ": ")).join(parts)
        if self.remedy:
            text = say(N_("{problem}; {remedy}"), problem=text, remedy=self.remedy)
        return " ".join(text.split())


class UsageError(EmbedAIError):
    """Wrong arguments; nothing was changed."""

    exit_status = 2


class MissingExtraError(UsageError):
    """A package that an optional part of this one needs is not installed.

    Args:
        package: its name.
        extra: what brings it, as pip says: ``embedai-nb[editor]``.
    """

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            _("{package} is not installed", package=package),
            remedy=_("install it: pip install 'embedai-nb[{extra}]'", extra=extra),
        )


class DraftError(EmbedAIError):
    """Invalid draft or newsletter.yaml."""


class ConflictMarkersError(DraftError):
    """A file has conflict markers of Git: it holds two versions, of which nobody has chosen one yet."""


class ConflictError(EmbedAIError):
    """The file changed since it was read; writing would lose somebody's edits."""


class MarkupError(EmbedAIError):
    """Text that cannot be rendered without loss."""


class LockedError(EmbedAIError):
    """Another process holds the lock: it is publishing the issue, or writing the same file."""


class PublishError(EmbedAIError):
    """Executing or exporting the notebook failed; what was published before is unchanged."""
