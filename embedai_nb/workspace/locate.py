"""Locate the issues folder (option, environment variable, or here and above) and the notebook that makes issues."""

from __future__ import annotations

import os
from pathlib import Path

from embedai_nb.errors import UsageError
from embedai_nb.i18n import _
from embedai_nb.workspace import layout

VARIABLE = "EMBEDAI_ISSUES"
"""The environment variable that names the issues folder."""

NOTEBOOK_VARIABLE = "EMBEDAI_NOTEBOOK"
"""The environment variable that names a notebook of one's own."""


def issues_folder(named: str | os.PathLike[str] | None = None) -> Path:
    """Locate the issues folder: the one named, else that of the environment, else `issues` here or in a folder above.

    Raises:
        UsageError: there is no newsletter.yaml in it, or the working folder, which is looked into, was removed.
    """
    wanted = named or os.environ.get(VARIABLE)
    for folder in [Path(wanted)] if wanted else _issues_here_or_above():
        if (folder / layout.NEWSLETTER).is_file():
            return folder.resolve()
    if not Path(wanted or layout.ISSUES).is_absolute():
        working_folder()
    place = str(wanted or layout.ISSUES)
    remedy = _("begin a newsletter here with embedai init, or name its issues folder with --issues DIR")
    raise UsageError(_("no newsletter.yaml there"), path=place, remedy=remedy)


def issue_notebook() -> Path:
    """The notebook that makes issues: the one that the environment names, else the program's own.

    It is not looked for in the issues folder or beside it: a pull request can bring files there, and nothing that it
    brings may run unasked.

    Raises:
        UsageError: the environment names a file that is not there.
    """
    named = os.environ.get(NOTEBOOK_VARIABLE)
    if not named:
        return layout.notebook()
    if not Path(named).is_file():
        remedy = _("correct the variable, or unset it to use the program's own notebook")
        raise UsageError(_("no such notebook"), path=named, field=f"${NOTEBOOK_VARIABLE}", remedy=remedy)
    return Path(named).absolute()


def working_folder() -> Path:
    """The working folder; a UsageError if it was removed."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        problem, remedy = _("the working folder has been removed"), _("change to a folder that exists: cd DIR")
        raise UsageError(problem, remedy=remedy) from None


def _issues_here_or_above() -> list[Path]:
    here = working_folder()
    return [folder / layout.ISSUES for folder in (here, *here.parents)]
