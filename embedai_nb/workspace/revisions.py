"""The journal of feeds: permanent ids, and the time of each issue's last correction, which must change exactly with it.

The times come from no clock, so that the same archive gives the same feeds on any day.  archive/revisions.json holds
the digest of each issue in the last build.  An issue that is not in it was updated on its own date.  One whose digest
differs was corrected since: at the date of the newest issue, or a second after its last correction if that is later.
"""

from __future__ import annotations

import datetime
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from embedai_nb.errors import DraftError
from embedai_nb.i18n import _
from embedai_nb.text.conflict_markers import MARKER, find_conflicts
from embedai_nb.workspace import layout
from embedai_nb.workspace.atomic import write_atomically
from embedai_nb.workspace.locks import DRAFT_TIMEOUT, site_lock

__all__ = ["Revision", "Revisions", "load_revisions", "mend_revisions", "revised", "save_revisions", "written"]

FEED = "feed"
"""The key of the feed's own id, among the dates of issues."""


class Revision(NamedTuple):
    """Digest of an issue, time of its last correction, and its id in feeds, which never changes."""

    digest: str
    updated: datetime.datetime
    id: str = ""


@dataclass(frozen=True)
class Revisions:
    """The ids of the feed and its issues, and the state of these in the last build."""

    feed_id: str = ""
    issues: Mapping[datetime.date, Revision] = field(default_factory=dict)

    def rescheduled(self, old: datetime.date, new: datetime.date) -> Revisions:
        """Move the revision of an issue to another date, so that subscribers are not told of it as a new one."""
        issues = dict(self.issues)
        if old in issues:
            issues[new] = issues.pop(old)
        return replace(self, issues=issues)


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
    path = folder / layout.REVISIONS
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Revisions()
    except (ValueError, TypeError, RecursionError) as error:
        remedy = _("take it out of version control again; without it every issue counts as never corrected")
        raise DraftError(_("the file is damaged"), path=path, remedy=remedy) from error


def save_revisions(folder: Path, revisions: Revisions) -> None:
    """Write the revisions for the next build."""
    path, content = folder / layout.REVISIONS, written(revisions)
    if not path.exists() or path.read_bytes() != content:
        write_atomically(path, content)


def written(revisions: Revisions) -> bytes:
    """The content of the file of revisions: a JSON object, one line an issue, the feed's id last.

    Two branches can both add and change lines: `merge=union` in `.gitattributes` keeps those of both, and every line but
    the last ends with a comma.
    """
    issues = [
        f'"{date}": {json.dumps([revision.digest, revision.updated.isoformat(), revision.id])},'
        for date, revision in sorted(revisions.issues.items())
    ]
    return "\n".join(["{", *issues, f'"{FEED}": {json.dumps(revisions.feed_id)}', "}\n"]).encode()


def mend_revisions(folder: Path) -> None:
    """Write the file anew if Git could not merge it: it keeps what either side recorded."""
    path = folder / layout.REVISIONS
    with suppress(OSError, DraftError):
        if b"<<<<<<<" in (content := path.read_bytes()) and find_conflicts(content.decode("utf-8", "replace")):
            with site_lock(folder, timeout=DRAFT_TIMEOUT):
                save_revisions(folder, load_revisions(folder))


# --- reading what branches made of it -------------------------------------------------------------------------


def _parsed(text: str) -> Revisions:
    feed_ids, revisions = [], defaultdict[datetime.date, list[Revision]](list)
    for key, value in _entries(text):
        if key == FEED:
            feed_ids.append(str(value))
        else:
            digest, updated, *kept_id = value
            revision = Revision(digest, datetime.datetime.fromisoformat(updated), *kept_id)
            revisions[datetime.date.fromisoformat(key)].append(revision)
    issues = {date: _resolved(found) for date, found in sorted(revisions.items())}
    return Revisions(min(filter(None, feed_ids), default=""), _with_unique_ids(issues))


def _entries(text: str) -> Iterator[tuple[str, Any]]:
    """All keys with their values; after a merge a key may be there twice, commas may be missing, and markers left."""
    if not (text.startswith("{") and text.rstrip().endswith("}")):
        raise ValueError("not a whole JSON object")
    marked = bool(find_conflicts(text))
    try:
        yield from json.loads(text, object_pairs_hook=list)
    except json.JSONDecodeError:
        for line in text.splitlines():
            if line.strip() not in {"", "{", "}"} and not (marked and MARKER.fullmatch(line)):
                yield from json.loads(f"{{{line.strip().removesuffix(',')}}}").items()


def _resolved(found: Sequence[Revision]) -> Revision:
    """One revision of those that branches recorded: the latest, under the id that subscribers have known for longest."""
    first = min((each for each in found if each.id), key=lambda each: (each.updated, each.id), default=found[0])
    return max(found, key=lambda each: (each.updated, each.digest))._replace(id=first.id)


def _with_unique_ids(issues: Mapping[datetime.date, Revision]) -> dict[datetime.date, Revision]:
    """Leave an id to the latest of several issues: one branch moved the issue to that date, another corrected it."""
    last = {revision.id: date for date, revision in issues.items()}
    return {
        date: revision if last[revision.id] == date else revision._replace(id="") for date, revision in issues.items()
    }
