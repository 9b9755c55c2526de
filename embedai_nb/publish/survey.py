"""Which issues are up to date: all of them at a glance.

What was found is kept beside the records of publication, with the stamp of each file (`embedai_nb.workspace.stamps`),
so that a file is read again only when that differs.  Nothing is kept of one that changed too recently to be trusted.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Mapping, Set
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from embedai_nb.errors import UsageError
from embedai_nb.publish.freshness import PublishRecord, Tools, chained, changed_outputs
from embedai_nb.publish.lazy_imports import uncollected
from embedai_nb.publish.outcome import Findings, Outcome
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace import layout
from embedai_nb.workspace.stamps import file_stamps, settled_before
from embedai_nb.workspace.transaction import digest

__all__ = ["IssueState", "Survey", "survey"]

FOLDERS = (layout.DRAFTS, layout.ARCHIVE, layout.REVIEW, layout.STAMPS)
VERSION = 1


class IssueState(NamedTuple):
    """An issue as it is now: its inputs, and what came of the last run if nothing has changed since."""

    date: str
    draft: str
    tools: str
    others: str
    outcome: Outcome | None = None
    others_only: bool = False
    """Nothing but other issues has changed: it depends on which of them this one shows."""


class Survey(NamedTuple):
    """All issues that have a draft, the oldest first."""

    tools: Tools
    dates: tuple[str, ...]
    """Those, and those that are only in the archive."""
    states: Mapping[str, IssueState]

    @property
    def stale(self) -> list[IssueState]:
        """Those that have to be made again, or looked at closer."""
        return [state for state in self.states.values() if not state.outcome]


class _Files(NamedTuple):
    """The files of one issue; the signature is another when the name or stamp of one is."""

    drafted: bool
    signature: str
    changed_ns: int


class _Known(NamedTuple):
    """What an earlier survey found of an issue."""

    files: str
    content: str
    others: str = ""
    findings: list[int] | None = None
    mentioned: dict[str, bool] | None = None
    """Later issues that it speaks of, as old ones do, and whether there are such."""


def survey(folder: Path, only: str | None = None) -> Survey:
    """Look at all issues; where a date is given, at the files of no other issue closer than at a glance."""
    with uncollected():
        tools, before = Tools.at_hand(folder), _load(folder)
        dates, states, now = _surveyed(folder, tools, before, only)
    if now != before:
        _save(folder, now)
    return Survey(tools, dates, states)


def _surveyed(
    folder: Path, tools: Tools, before: _Index, only: str | None
) -> tuple[tuple[str, ...], dict[str, IssueState], _Index]:
    settled, found = settled_before(), _found(folder)
    contents = {date: _content(folder, date, files, before.issues.get(date)) for date, files in found.items()}
    states, known = dict[str, IssueState](), dict[str, _Known]()
    for (date, content), others in zip(contents.items(), chained(contents.items()), strict=True):
        files, last = found[date], before.issues.get(date)
        now = _Known(files.signature, content)
        if files.drafted:
            state = IssueState(date, content, tools.digest, others)
            if last and last.findings and before.tools == tools.digest and _same(last, now, others, found):
                now = last
            elif only in (None, date):
                state, now = _looked_at(folder, state, now, found)
            states[date] = state._replace(outcome=_outcome(date, now)) if now.findings else state
        if files.changed_ns < settled:
            known[date] = now
    return tuple(found), states, _Index(tools.digest, known)


def _same(last: _Known, now: _Known, others: str, dates: Mapping[str, object]) -> bool:
    """Whether an issue that was up to date must still be."""
    unchanged = (last.files, last.others) == (now.files, others)
    return unchanged and all((date in dates) == there for date, there in (last.mentioned or {}).items())


def _looked_at(folder: Path, state: IssueState, now: _Known, dates: Mapping[str, object]) -> tuple[IssueState, _Known]:
    """The same, by what the files hold."""
    stamp = PublishRecord.read(folder, state.date)
    if not stamp or (folder / layout.failed(state.date)).exists():
        return state, now
    if (stamp.draft, stamp.tools) != (state.draft, state.tools) or changed_outputs(folder, stamp):
        return state, now
    mentioned = {date: there for date, there in stamp.shown["dates"].items() if date > state.date}
    if stamp.others != state.others or any((date in dates) != there for date, there in mentioned.items()):
        return state._replace(others_only=True), now
    return state, now._replace(others=state.others, findings=list(stamp.findings), mentioned=mentioned)


def _outcome(date: str, known: _Known) -> Outcome:
    return Outcome(date, Findings(*known.findings or ()), up_to_date=True)


# --- the files ------------------------------------------------------------------------------------------------


def _found(folder: Path) -> dict[str, _Files]:
    """The files of all issues, by date; there may be ten thousand issues, so each file is cheap."""
    entries, newest, names = defaultdict[str, list[str]](list), defaultdict[str, int](int), set[str]()
    for place in FOLDERS:
        for file, (changed_ns, size, inode) in file_stamps(folder / place):
            date, name = file[:10], f"{place}/{file}"
            entries[date].append(f"{name} {changed_ns} {size} {inode}")
            names.add(name)
            if changed_ns > newest[date]:
                newest[date] = changed_ns
    dates = sorted(date for date in entries if _is_issue(date, names))
    return {date: _Files(layout.draft(date) in names, _signature(entries[date]), newest[date]) for date in dates}


def _signature(entries: list[str]) -> str:
    return hashlib.blake2b("\n".join(sorted(entries)).encode(), digest_size=12).hexdigest()


def _is_issue(date: str, names: Set[str]) -> bool:
    try:
        return (layout.draft(date) in names or layout.markdown(date) in names) and bool(parse_date(date))
    except UsageError:
        return False


def _content(folder: Path, date: str, files: _Files, known: _Known | None) -> str:
    """Digest of what other issues see of this one: its draft, else what is in the archive."""
    if known and known.files == files.signature:
        return known.content
    name = layout.draft(date) if files.drafted else layout.markdown(date)
    try:
        return digest((folder / name).read_bytes())
    except OSError:
        return ""


# --- what is kept ---------------------------------------------------------------------------------------------


class _Index(NamedTuple):
    tools: str
    issues: Mapping[str, _Known]


def _path(folder: Path) -> Path:
    return folder / layout.SURVEY


def _load(folder: Path) -> _Index:
    try:
        said: dict[str, Any] = json.loads(_path(folder).read_bytes())
        if said["version"] == VERSION:
            return _Index(said["tools"], {date: _Known(*known) for date, known in said["issues"].items()})
    except (OSError, ValueError, TypeError, KeyError):
        pass
    return _Index("", {})


def _save(folder: Path, index: _Index) -> None:
    """For the next survey; without it that takes longer, so a disk that is full or can't be written is no matter."""
    path = _path(folder)
    new = path.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        new.write_text(json.dumps({"version": VERSION, **index._asdict()}), encoding="utf-8")
        new.replace(path)
