"""When each published issue was last corrected, for feeds: their `updated` must move exactly when an issue changes.

The time comes from no clock, so that the same archive gives the same feeds on any day.  archive/revisions.json
remembers the digest of each issue as it was last put on the site.  An issue that is not in it was updated on its
own date.  One that differs from it was corrected since: at the date of the newest issue there is, or a second
after the last correction, whichever is later.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from embedai_nb.errors import DraftError
from embedai_nb.workspace import layout
from embedai_nb.workspace.atomic import write_atomically

__all__ = ["Revision", "Revisions", "load", "revised", "save"]


class Revision(NamedTuple):
    """The last state of an issue."""

    digest: str
    updated: datetime.datetime


Revisions = Mapping[datetime.date, Revision]


def revised(last: Revision | None, digest: str, date: datetime.date, newest: datetime.date) -> Revision:
    """The revision of the issue of ``date``, which was ``last`` and now has this digest."""
    if last is None:
        return Revision(digest, _midnight(date))
    if last.digest == digest:
        return last
    return Revision(digest, max(_midnight(newest), last.updated + datetime.timedelta(seconds=1)))


def _midnight(date: datetime.date) -> datetime.datetime:
    return datetime.datetime(date.year, date.month, date.day, tzinfo=datetime.UTC)


def load(folder: Path) -> Revisions:
    """What the last build noted.

    Raises:
        DraftError: the file is damaged.
    """
    path = _path(folder)
    try:
        noted = json.loads(path.read_bytes())
        return {
            datetime.date.fromisoformat(date): Revision(digest, datetime.datetime.fromisoformat(updated))
            for date, (digest, updated) in noted.items()
        }
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as error:
        remedy = "take it out of version control again; without it every issue counts as never corrected"
        raise DraftError("damaged", path=path, remedy=remedy) from error


def save(folder: Path, revisions: Revisions) -> None:
    """Note them for the next build, a line for each issue."""
    lines = [
        f'"{date}": ["{revision.digest}", "{revision.updated.isoformat()}"]'
        for date, revision in sorted(revisions.items())
    ]
    content = ("{\n" + ",\n".join(lines) + "\n}\n").encode()
    path = _path(folder)
    if not path.exists() or path.read_bytes() != content:
        write_atomically(path, content)


def _path(folder: Path) -> Path:
    return folder / layout.REVISIONS
