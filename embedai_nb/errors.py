"""Exceptions of the package; each carries file, line, item and field, and composes the one line that a user sees."""

from __future__ import annotations

import copyreg
from pathlib import Path
from typing import Any, ClassVar

from embedai_nb.i18n import N_, NP_, Translatable, _, translated, translator, user_language

SYSTEM = (
    N_("Permission denied"),
    N_("Operation not permitted"),
    N_("No such file or directory"),
    N_("File exists"),
    N_("File name too long"),
    N_("Not a directory"),
    N_("Is a directory"),
    N_("Directory not empty"),
    N_("No space left on device"),
    N_("Disk quota exceeded"),
    N_("Read-only file system"),
    N_("Input/output error"),
    N_("Too many open files"),
    N_("Too many levels of symbolic links"),
    N_("Cannot allocate memory"),
    N_("Address already in use"),
    N_("Connection refused"),
    N_("Broken pipe"),
)
"""What the system says most often, in the C locale, in which Python asks it (strerror, POSIX)."""


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

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the attributes: to another process goes what the constructors of subclasses have made of their arguments."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]  # as pickle names it

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


def system_problem(error: OSError) -> Translatable:
    """What the system refused, in the user's language."""
    said = error.strerror or str(error) or type(error).__name__
    return _(said.replace("{", "{{").replace("}", "}}"))


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
