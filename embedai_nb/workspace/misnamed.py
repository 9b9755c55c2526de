"""Find files that look like drafts but for their names, which no command would read: ``2030-3-2.yaml``, ``….yml``."""

from __future__ import annotations

import datetime
import os
import re
from contextlib import suppress
from pathlib import Path

from embedai_nb.errors import UsageError
from embedai_nb.i18n import _
from embedai_nb.workspace import layout

__all__ = ["misnamed_draft", "misnamed_drafts"]

NAME = re.compile(r"\s*([0-9]{4})[-_. ]?([0-9]{1,2})[-_. ]?([0-9]{1,2})\s*\.ya?ml(?:\.txt)?", re.IGNORECASE)


def misnamed_drafts(folder: Path) -> dict[datetime.date, Path]:
    """Such files of an issues folder by the dates that they seem to mean, if there is no draft of that date."""
    found = dict[datetime.date, Path]()
    with suppress(OSError):
        for name in sorted(os.listdir(folder / layout.DRAFTS)):
            date = _meant(name)
            if date and not (folder / layout.draft(str(date))).exists():
                found.setdefault(date, folder / layout.DRAFTS / name)
    return found


def misnamed_draft(folder: Path, date: datetime.date) -> UsageError | None:
    """The error that names such a file of a date, if there is one."""
    path = misnamed_drafts(folder).get(date)
    rename = _("rename it to {name}", name=Path(layout.draft(str(date))).name)
    return UsageError(_("not the name of a draft"), path=path, remedy=rename) if path else None


def _meant(name: str) -> datetime.date | None:
    """The date that the name of a file seems to mean; None where it says that date as it should, or none."""
    if not (found := NAME.fullmatch(name)):
        return None
    with suppress(ValueError):
        date = datetime.date(*map(int, found.groups()))
        return date if f"{layout.DRAFTS}/{name}" != layout.draft(str(date)) else None
    return None
