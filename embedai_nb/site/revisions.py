"""Times of the last correction of each issue: `updated` in feeds, which must change exactly when an issue does.

The times come from no clock, so that the same archive gives the same feeds on any day.  archive/revisions.json holds
the digest of each issue in the last build.  An issue that is not in it was updated on its own date.  One whose digest
differs was corrected since: at the date of the newest issue, or a second after its last correction if that is later.
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

__all__ = ["Revision", "Revisions", "load_revisions", "revised", "save_revisions"]


class Revision(NamedTuple):
    """Digest of an issue, time of its last correction, and its id in feeds, which never changes."""

    digest: str
    updated: datetime.datetime
    id: str = ""


Revisions = Mapping[datetime.date, Revision]


def revised(last: Revision | None, digest: str, date: datetime.date, newest: datetime.date, new_id: str) -> Revision:
    """The revision of an issue that had the revision ``last`` and now has this digest; ``new_id`` is for a new one."""
    if last is None:
        return Revision(digest, _midnight(date), new_id)
    known = last._replace(id=last.id or new_id)
    if last.digest == digest:
        return known
    return known._replace(digest=digest, updated=max(_midnight(newest), last.updated + datetime.timedelta(seconds=1)))


def _midnight(date: datetime.date) -> datetime.datetime:
    return datetime.datetime(date.year, date.month, date.day, tzinfo=datetime.UTC)


def load_revisions(folder: Path) -> Revisions:
    """Read the revisions of the last build; none if there was none.

    Raises:
        DraftError: the file is damaged.
    """
    path = _path(folder)
    try:
        noted = json.loads(path.read_bytes())
        return {
            datetime.date.fromisoformat(date): Revision(digest, datetime.datetime.fromisoformat(updated), *kept_id)
            for date, (digest, updated, *kept_id) in noted.items()
        }
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        remedy = "take it out of version control again; without it every issue counts as never corrected"
        raise DraftError("damaged", path=path, remedy=remedy) from error


def save_revisions(folder: Path, revisions: Revisions) -> None:
    """Write the revisions for the next build, one line an issue."""
    lines = [
        f'"{date}": {json.dumps([revision.digest, revision.updated.isoformat(), revision.id])}'
        for date, revision in sorted(revisions.items())
    ]
    content = ("{\n" + ",\n".join(lines) + "\n}\n").encode()
    path = _path(folder)
    if not path.exists() or path.read_bytes() != content:
        write_atomically(path, content)


def _path(folder: Path) -> Path:
    return folder / layout.REVISIONS
