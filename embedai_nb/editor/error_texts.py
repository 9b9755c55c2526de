"""Explain errors in the form's language: the package's own, those of the operating system, and those of YAML."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path

import yaml

from embedai_nb.errors import EmbedAIError
from embedai_nb.i18n import N_, NP_, Translatable, Translator, _, translated, translator
from embedai_nb.text.locations import FIELDS

__all__ = ["explain", "system_message"]

SYSTEM = {
    errno.ENOSPC: N_("the disk is full"),
    errno.EDQUOT: N_("the disk quota is used up"),
    errno.EACCES: N_("permission denied"),
    errno.EPERM: N_("permission denied"),
    errno.EROFS: N_("the disk is read-only"),
    errno.ENOENT: N_("the file or its folder is gone"),
    errno.ENOTDIR: N_("there is a file where a folder should be"),
    errno.EISDIR: N_("there is a folder where the file should be"),
    errno.EEXIST: N_("there is a file of this name already"),
    errno.ELOOP: N_("symbolic links lead in a circle"),
    errno.ENAMETOOLONG: N_("the file name is too long"),
    errno.EFBIG: N_("the file is too large"),
    errno.EIO: N_("the disk cannot be read or written"),
    errno.EBUSY: N_("another program is using the file"),
    errno.ETXTBSY: N_("another program is using the file"),
    errno.EMFILE: N_("too many files are open"),
    errno.ENFILE: N_("too many files are open"),
    errno.ENOMEM: N_("not enough memory"),
    errno.ESTALE: N_("the network folder is out of reach"),
    errno.ETIMEDOUT: N_("no answer for too long"),
    errno.ECONNREFUSED: N_("the other side refused the connection"),
    errno.EHOSTUNREACH: N_("the other side cannot be reached"),
    errno.ENETUNREACH: N_("no network"),
    errno.EPIPE: N_("the other side closed the connection"),
}
UNKNOWN_SYSTEM = N_("the system reports error {number}")

YAML: Sequence[tuple[str, str]] = (
    ("mapping values are not allowed", N_("`: ` is not allowed here")),
    ("unexpected end of stream", N_("a quote is not closed before the end of the file")),
    ("cannot start any token", N_("a text cannot begin with this sign")),
    ("could not find expected ':'", N_("a colon is missing after the key")),
    ("did not find expected key", N_("not indented like the keys above, or a quote is missing")),
    ("did not find expected '-' indicator", N_("not indented like the entries above")),
    ("did not find expected ',' or ']'", N_("a bracket is not closed, or a comma is missing")),
    ("did not find expected ',' or '}'", N_("a brace is not closed, or a comma is missing")),
    ("block end", N_("not indented like the lines above")),
    ("tab character", N_("a tab in the indentation")),
    ("block sequence entries are not allowed", N_("`- ` is not allowed here")),
    ("mapping keys are not allowed", N_("`? ` is not allowed here")),
    ("unknown escape character", N_("an unknown character after a backslash in double quotes")),
    ("duplicate anchor", N_("an anchor is there twice")),
    ("undefined alias", N_("an alias of no anchor")),
    ("control characters", N_("an invisible control character")),
)
UNKNOWN_YAML = N_("this is not YAML")

LINE = N_("line {line}")
QUOTED = N_("“{name}”")
BETWEEN_PLACES = NP_("between file, line, item and field", ", ")
BETWEEN_PARTS = NP_("between item, field and problem", ": ")
WITH_REMEDY = N_("{problem}; {remedy}")


def explain(error: BaseException, language: str) -> str:
    """Say in a language what is wrong, where, and what to do about it; no full stop."""
    say = translator(language)
    if isinstance(error, EmbedAIError):
        said = say(BETWEEN_PARTS).join(filter(None, (_where(error, say), _problem(error, say))))
        return say(WITH_REMEDY, problem=said, remedy=translated(error.remedy, language)) if error.remedy else said
    if isinstance(error, OSError):
        return say(system_message(error))
    return f"{type(error).__name__}: {error}"  # none that anybody foresaw: its own words are what helps


def system_message(error: OSError) -> Translatable:
    """What the operating system reports."""
    known = SYSTEM.get(error.errno or 0)
    return _(known) if known else _(UNKNOWN_SYSTEM, number=error.errno or 0)


def _where(error: EmbedAIError, say: Translator) -> str:
    parts = (
        Path(error.path).name if error.path else "",
        say(LINE, line=error.line) if error.line else "",
        translated(error.item or "", say.language).replace("warmups", say(FIELDS["warmups"])),
        _labelled(translated(error.field or "", say.language).removeprefix("fields."), say),
    )
    return say(BETWEEN_PLACES).join(filter(None, parts))


def _labelled(field: str, say: Translator) -> str:
    """A field by its label in the form; another key of the draft or option in quotes, a label of the author's as it is."""
    if known := FIELDS.get(field.lower()):
        return say(known)
    return say(QUOTED, name=field) if field and field.isascii() else field


def _problem(error: EmbedAIError, say: Translator) -> str:
    cause = error.__cause__
    if isinstance(cause, OSError) and cause.errno:  # a lock that times out has none
        return say(system_message(cause))
    if isinstance(cause, yaml.MarkedYAMLError):
        return say(next((said for part, said in YAML if part in str(cause.problem)), UNKNOWN_YAML))
    return translated(error.problem, say.language)
