"""Locate the issues folder: option, environment variable, or here and above."""

from __future__ import annotations

import os
from pathlib import Path

from embedai_nb.errors import UsageError
from embedai_nb.workspace import layout

VARIABLE = "EMBEDAI_ISSUES"
"""The environment variable that names the issues folder."""


def issues_folder(named: str | os.PathLike[str] | None = None) -> Path:
    """Locate the issues folder: the one named, else that of the environment, else `issues` here or in a folder above.

    Raises:
        UsageError: there is no newsletter.yaml in it.
    """
    wanted = named or os.environ.get(VARIABLE)
    here = Path.cwd()
    candidates = [Path(wanted)] if wanted else [folder / "issues" for folder in (here, *here.parents)]
    for folder in candidates:
        if (folder / layout.NEWSLETTER).is_file():
            return folder.resolve()
    place = str(wanted or "issues")
    raise UsageError("no newsletter.yaml there", path=place, remedy="name the issues folder with --issues DIR")
