"""Locate the issues folder: option, environment variable, or here and above."""

from __future__ import annotations

import os
from pathlib import Path

from embedai_nb.errors import UsageError
from embedai_nb.i18n import _
from embedai_nb.workspace import layout

VARIABLE = "EMBEDAI_ISSUES"
"""The environment variable that names the issues folder."""


def issues_folder(named: str | os.PathLike[str] | None = None) -> Path:
    """Locate the issues folder: the one named, else that of the environment, else `issues` here or in a folder above.

    Raises:
        UsageError: there is no newsletter.yaml in it, or the working folder, which is looked into, was removed.
    """
    wanted = named or os.environ.get(VARIABLE)
    for folder in [Path(wanted)] if wanted else _issues_here_or_above():
        if (folder / layout.NEWSLETTER).is_file():
            return folder.resolve()
    if not Path(wanted or "issues").is_absolute():
        working_folder()
    place = str(wanted or "issues")
    raise UsageError(_("no newsletter.yaml there"), path=place, remedy=_("name the issues folder with --issues DIR"))


def working_folder() -> Path:
    """The working folder; a UsageError if it was removed."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        problem, remedy = _("the working folder has been removed"), _("change to a folder that exists: cd DIR")
        raise UsageError(problem, remedy=remedy) from None


def _issues_here_or_above() -> list[Path]:
    here = working_folder()
    return [folder / "issues" for folder in (here, *here.parents)]
