"""Decide which issues are up to date, by digests of their inputs and outputs.

The record of an issue is written with its outputs.  It names everything that can change them: the draft, the inputs
that all issues share, and what this issue shows of others.

The findings of a survey are cached with the stamp of each file (`embedai_nb.workspace.stamps`), as Git's index does, so
that a file is read again only when that differs; a file that changed too recently to be trusted is read again, too.
Cached as well is which other issues have changed since an issue was found up to date: it is asked what it shows of
others only if it may show something of these.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Set
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from embedai_nb.errors import UsageError
from embedai_nb.publish.fast_imports import gc_paused
from embedai_nb.publish.inputs import CommonInputs, ParsedNewsletter
from embedai_nb.publish.outcome import FindingCounts, Outcome
from embedai_nb.text.dates import parse_date
from embedai_nb.text.parse_json import parse_json
from embedai_nb.workspace import layout
from embedai_nb.workspace.stamps import file_stamps, settled_before
from embedai_nb.workspace.transaction import digest

__all__ = ["FOLDERS", "Changed", "IssueState", "PublishRecord", "Survey", "changed_outputs", "survey"]

FOLDERS = (layout.DRAFTS, layout.ARCHIVE, layout.REVIEW, layout.STAMPS)
"""Where the files lie that tell which issues are up to date."""
VERSION = 6
KINDS = ("dates", "numbers", "earlier", "sizes", "companies", "links")
"""What an issue may show of others."""

Changed = Mapping[str, bool]
"""Dates of issues that have changed since another one was up to date, and whether they were there at that time."""
Unaffected = Callable[[Mapping[str, Changed], Set[str]], Set[str]]
"""Given issues with the others that have changed, and the dates of all: those that show nothing of them."""


class PublishRecord(NamedTuple):
    """What the last run of an issue read and wrote."""

    draft: str
    common: str
    """Digest of the inputs that all issues share."""
    others: str
    """Digest of all issues before this one."""
    shown: dict[str, Any]
    """What this issue shows of others (`embedai_nb.edition.Edition.shown`)."""
    findings: FindingCounts
    outputs: dict[str, str]
    """Files, relative to the issues folder, and their digests."""

    @classmethod
    def read(cls, folder: Path, date: str) -> PublishRecord | None:
        """Read the record of an issue; nothing where there is none that can be read."""
        try:
            said = parse_json((folder / layout.stamp(date)).read_bytes())
            record = cls(**said | {"findings": FindingCounts(**said["findings"])})
            return record if record._is_usable() else None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _is_usable(self) -> bool:
        """Whether a record that was read is as it was written, as far as others rely on it."""
        shown, counts = self.shown, self.findings
        return (
            isinstance(shown, dict)
            and all(isinstance(shown.get(kind), dict) for kind in KINDS)
            and isinstance(self.outputs, dict)
            and all(isinstance(count, int) for count in counts)
        )

    def bytes(self) -> bytes:
        """Serialize as `read` expects it."""
        return json.dumps(self._asdict() | {"findings": self.findings._asdict()}, ensure_ascii=False).encode()


class IssueState(NamedTuple):
    """An issue as it is now: its inputs, and the outcome of the last run if nothing has changed since."""

    date: str
    draft: str
    common: str
    others: str
    outcome: Outcome | None = None
    others_only: bool = False
    """Nothing but other issues has changed: whether this one is out of date depends on what it shows of them."""


class Survey(NamedTuple):
    """All issues that have a draft, the oldest first."""

    common: CommonInputs
    dates: tuple[str, ...]
    """Those, and those that are only in the archive."""
    states: Mapping[str, IssueState]

    @property
    def stale(self) -> list[IssueState]:
        """Those that have to be published again, or looked at closer."""
        return [state for state in self.states.values() if not state.outcome]


class _Files(NamedTuple):
    """The files of one issue, or all images; the signature changes with the name, time stamp or size of any."""

    drafted: bool
    signature: str
    changed_ns: int


class _Known(NamedTuple):
    """What an earlier survey found of an issue."""

    files: str
    content: str
    findings: list[int] | None = None
    """What the run found after which it was up to date."""
    mentioned: dict[str, bool] | None = None
    """Later issues that it mentions, as old ones do, and whether they exist."""
    changed: dict[str, bool] | None = None
    """`Changed` issues before it, since then."""

    def holds(self, now: _Known, dates: Container[str]) -> bool:
        """Whether an issue that was up to date must still be, other issues aside."""
        there = all((date in dates) == there for date, there in (self.mentioned or {}).items())
        return self.findings is not None and self.files == now.files and there

    def after(self, date: str, changed: Changed) -> _Known:
        """The same after other issues have changed."""
        earlier = {other: was for other, was in changed.items() if other < date}
        return self._replace(changed=earlier | (self.changed or {})) if earlier else self


def survey(folder: Path, only: str | None = None, unaffected: Unaffected | None = None) -> Survey:
    """Look at all issues.

    Args:
        folder: the issues folder.
        only: read the files of no other issue than that of this date.
        unaffected: tells which issues show nothing of those that have changed; else all that might are reported stale.
    """
    with gc_paused():
        before, settled = _load(folder), settled_before()
        newsletter = ParsedNewsletter.current(folder, before.newsletter)
        common, images = CommonInputs.current(newsletter), _images(folder)
        now = _Index(common.digest, newsletter, {}, images.signature, _links(folder))
        dates, states, known = _surveyed(folder, common, before, now, only, unaffected)
    now = now._replace(issues=known, images=now.images if images.changed_ns < settled else "unsettled")
    if now != before:
        _save(folder, now)
    return Survey(common, dates, states)


def changed_outputs(folder: Path, record: PublishRecord) -> list[str]:
    """Name the outputs that differ from what was written, and the images that differ from their published copies."""
    written = ((path, known) for name, known in record.outputs.items() for path in _alike(name))
    return [path for path, known in written if _digest(folder / path) != known]


def _alike(output: str) -> tuple[str, ...]:
    """An output, and what it is a copy of."""
    image = output.removeprefix(f"{layout.ARCHIVE}/")
    return (output, image) if image.startswith(f"{layout.IMAGES}/") else (output,)


def _surveyed(
    folder: Path, common: CommonInputs, before: _Index, now: _Index, only: str | None, unaffected: Unaffected | None
) -> tuple[tuple[str, ...], dict[str, IssueState], dict[str, _Known]]:
    settled, found = settled_before(), _found(folder)  # in this order: later, a file just read may seem settled
    contents = {date: _content(folder, date, files, before.issues.get(date)) for date, files in found.items()}
    changed = _changed(before.issues, contents)
    chained = _chained(contents.items(), now.links)
    states = {
        date: IssueState(date, content, common.digest, others)
        for (date, content), others in zip(contents.items(), chained, strict=True)
        if found[date].drafted
    }
    known = {date: _Known(files.signature, contents[date]) for date, files in found.items()}
    if now.same_inputs(before):
        last = ((date, before.issues.get(date)) for date in states)
        known |= {date: each.after(date, changed) for date, each in last if each and each.holds(known[date], found)}
    asked = {date: known[date].changed or {} for date in states if known[date].changed}
    if asked and unaffected:
        known |= {date: known[date]._replace(changed={}) for date in unaffected(asked, found.keys())}
    for date in states:
        if (known[date].findings is None or known[date].changed) and only in (None, date):
            states[date], known[date] = _compared(folder, states[date], known[date], found)
        if known[date].findings and not known[date].changed:
            states[date] = states[date]._replace(outcome=_outcome(date, known[date]))
    unsettled = {date for date, files in found.items() if files.changed_ns >= settled}
    return tuple(found), states, known | {date: _Known("", contents[date]) for date in unsettled}


def _changed(before: Mapping[str, _Known], contents: Mapping[str, str]) -> Changed:
    """The issues that have changed, come or gone."""
    known = {date: issue.content for date, issue in before.items()}
    return {date: date in known for date in sorted({*known, *contents}) if known.get(date) != contents.get(date)}


def _compared(folder: Path, state: IssueState, now: _Known, dates: Mapping[str, object]) -> tuple[IssueState, _Known]:
    """Compare the content of the issue's files with its record."""
    record = PublishRecord.read(folder, state.date)
    if not record or (folder / layout.failed(state.date)).exists():
        return state, now
    if (record.draft, record.common) != (state.draft, state.common) or changed_outputs(folder, record):
        return state, now
    mentioned = {date: there for date, there in record.shown["dates"].items() if date > state.date}
    if record.others != state.others or any((date in dates) != there for date, there in mentioned.items()):
        return state._replace(others_only=True), now
    return state, now._replace(findings=list(record.findings), mentioned=mentioned, changed={})


def _outcome(date: str, known: _Known) -> Outcome:
    return Outcome(date, FindingCounts(*known.findings or ()), up_to_date=True)


def _links(folder: Path) -> str:
    """Digest of what link checks found, which the review of each issue shows; empty if none was made."""
    try:
        return digest((folder / layout.LINKS).read_bytes())
    except OSError:
        return ""


def _chained(issues: Iterable[tuple[str, str]], before: str) -> Iterator[str]:
    """Yield for each issue, by its date and digest, one digest of ``before`` and all issues before it."""
    for date, content in issues:
        yield before
        before = hashlib.blake2b(f"{before}{date}{content}".encode(), digest_size=16).hexdigest()


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


def _images(folder: Path) -> _Files:
    """The images that issues may show."""
    found = [
        (f"{os.path.relpath(place, folder)}/{name} {stamp}", stamp.changed_ns)
        for place, _, _ in os.walk(folder / layout.IMAGES)
        for name, stamp in file_stamps(place)
    ]
    entries, changed = zip(*found, strict=True) if found else ((), (0,))
    return _Files(False, _signature(entries), max(changed))


def _signature(entries: Iterable[str]) -> str:
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
    return _digest(folder / (layout.draft(date) if files.drafted else layout.markdown(date))) or ""


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


# --- the cache ------------------------------------------------------------------------------------------------


class _Index(NamedTuple):
    common: str
    newsletter: ParsedNewsletter
    issues: Mapping[str, _Known]
    images: str = ""
    links: str = ""

    def same_inputs(self, other: _Index) -> bool:
        """Whether all is the same that may change any issue."""
        return (self.common, self.images, self.links) == (other.common, other.images, other.links)


def _load(folder: Path) -> _Index:
    try:
        said: dict[str, Any] = parse_json((folder / layout.SURVEY).read_bytes())
        if said["version"] == VERSION:
            issues = {date: _Known(*known) for date, known in said["issues"].items()}
            for known in issues.values():
                (
                    FindingCounts(*known.findings or ()),
                    dict(known.mentioned or {}),
                    dict(known.changed or {}),
                )  # as read later
            source, values, plugins = said["newsletter"]
            newsletter = ParsedNewsletter(source, values, tuple(plugins))
            return _Index(said["common"], newsletter, issues, said["images"], said["links"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        pass
    return _Index("", ParsedNewsletter(), {})


def _save(folder: Path, index: _Index) -> None:
    """Save for the next survey, which only takes longer without; so a disk that can't be written does no harm."""
    path = folder / layout.SURVEY
    new = path.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        for left in path.parent.glob(f"{path.stem}.[0-9]*"):  # by a killed run, or on a full disk
            left.unlink(missing_ok=True)
        new.write_text(json.dumps({"version": VERSION, **index._asdict()}), encoding="utf-8")
        new.replace(path)
