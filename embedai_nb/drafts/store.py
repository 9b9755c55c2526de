"""Load and save drafts: what is loaded is what was written, and a save loses nobody's text."""

from __future__ import annotations

import datetime
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import yaml

from embedai_nb.drafts import fields
from embedai_nb.drafts.splice import same, splice
from embedai_nb.drafts.yaml_reader import Source, Step, check_size, decode, line_end, read
from embedai_nb.drafts.yaml_writer import dump
from embedai_nb.errors import ConflictError, ConflictMarkersError, DraftError, EmbedAIError, UsageError, system_problem
from embedai_nb.i18n import _, user_language
from embedai_nb.model import Issue, Newsletter
from embedai_nb.text.conflict_markers import one_version
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace import layout
from embedai_nb.workspace.atomic import remove_leftovers, write_atomically
from embedai_nb.workspace.locks import DRAFT_TIMEOUT, draft_lock
from embedai_nb.workspace.misnamed import misnamed_draft
from embedai_nb.workspace.transaction import recover

HEAD = f"# yaml-language-server: $schema=../{layout.schema(fields.SCHEMA)}\n"
"""The first line of a draft, by which editors that know YAML complete its keys."""

FORMER_HEAD = re.compile(r"\A# yaml-language-server: \$schema=\S*/draft-[0-9]+\.json[ \t]*\n")
"""That line as it was before, with the path of the package on one machine."""

NUMBER = re.compile(r"^number: *(.+)$", re.MULTILINE)
DATE_LINE = re.compile(r"^date: *([0-9-]{10})\b", re.MULTILINE)
LANGUAGE_LINE = re.compile(rb"^language: *[\"']?([A-Za-z0-9-]+)", re.MULTILINE)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Draft:
    """A draft as it was read: the issue, and the bytes that it was parsed from."""

    path: Path
    issue: Issue
    source: Source
    bytes: bytes

    @property
    def date(self) -> datetime.date:
        """The date of the issue."""
        return self.issue.date

    def line(self, path: tuple[Step, ...]) -> int:
        """Line, from 1, of ``path`` within the issue, or of the nearest thing around it."""
        return self.source.line(path)


class DraftStore:
    """The drafts in an issues folder, one YAML file for each date.

    Args:
        folder: the issues folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, date: datetime.date) -> Path:
        """The path of the draft of a date, whether it exists or not."""
        return self.folder / layout.draft(date.isoformat())

    def number(self, date: datetime.date) -> int | str | None:
        """The number that a draft says, read without the rest of it; None where there is no draft, or none in it."""
        try:
            found = NUMBER.search(self.path(date).read_text("utf-8", "replace"))
            said = yaml.load(found[1], Loader=yaml.BaseLoader) if found else None  # a text alone
        except (OSError, yaml.YAMLError):
            return None
        return Issue.model_validate({"date": date, "number": said if isinstance(said, str) else None}).number

    def dates(self) -> tuple[datetime.date, ...]:
        """The dates of all drafts, the oldest first; other files in the folder are ignored."""
        return tuple(sorted(_dates(self.folder / layout.DRAFTS)))

    def missing(self, date: datetime.date) -> UsageError:
        """The error for a date that has no draft; names a file that was probably meant to be it."""
        begin = UsageError(
            _("no draft of this date"), path=self.path(date), remedy=_("begin it with: embedai new {date}", date=date)
        )
        return misnamed_draft(self.folder, date) or begin

    def load(self, date: datetime.date) -> Draft:
        """Load the draft of a date.

        Raises:
            UsageError: there is none.
            DraftError: it cannot be read as a draft; names the line.
        """
        path = self.path(date)
        try:
            check_size(path.stat().st_size, path)
            content = path.read_bytes()
        except FileNotFoundError:
            raise self.missing(date) from None
        except OSError as error:
            raise DraftError(system_problem(error), path=path) from error
        logger.info("read %s, %d bytes", path, len(content))
        return parse_draft(content, path, date)

    def create(self, date: datetime.date, content: Issue | str) -> Draft:
        """Write a new draft: an issue, or the text of a template.

        Raises:
            UsageError: there is one of this date; it stays as it is.
            DraftError: the text is no draft, or it cannot be written.
        """
        path = self.path(date)
        text = content if isinstance(content, str) else dump(fields.dump_issue(content))
        draft = parse_draft((HEAD + text).encode(), path, date)
        with self._writing(date):
            if misnamed := misnamed_draft(self.folder, date):
                raise misnamed
            if path.exists() or path.is_symlink():
                raise UsageError(
                    _("there is a draft of this date already"), path=path, remedy=_("edit it, or remove it first")
                )
            write_atomically(path, draft.bytes)
        return draft

    def save(
        self,
        draft: Draft,
        issue: Issue,
        *,
        timeout: float = DRAFT_TIMEOUT,
        before_writing: Callable[[bytes], object] = bytes,
    ) -> Draft:
        """Put a changed issue into the draft it was loaded from, and keep the hand-written rest of the file.

        Args:
            draft: as it was loaded, or as the last save returned it.
            issue: what it is to say.
            timeout: seconds to wait for another process that is writing this draft.
            before_writing: called with what is about to be written.

        Returns:
            the draft as it is now on disk, durably.

        Raises:
            ConflictError: the file is no longer what was loaded; it stays as it is.
            LockedError: another process has been writing it for too long; the file stays as it is.
            DraftError: it cannot be written (disk full, folder read-only or gone).
        """
        changed = with_issue(draft, issue)
        with self._writing(draft.date, timeout):
            if _bytes(draft.path) != draft.bytes:
                problem = _("changed since it was loaded")
                raise ConflictError(problem, path=draft.path, remedy=_("load it again and put your change into it"))
            if changed.bytes != draft.bytes:
                before_writing(changed.bytes)
                write_atomically(draft.path, changed.bytes)
                logger.info("saved %s, %d bytes", draft.path, len(changed.bytes))
        return changed

    def replace(self, date: datetime.date, content: bytes, *, instead_of: bytes | None) -> Draft:
        """Write a whole draft in place of these bytes; None where there is no file.

        Raises:
            ConflictError: something else is there; it stays as it is.
            LockedError, DraftError: as in `save`, and the content is no draft.
        """
        path = self.path(date)
        draft = parse_draft(content, path, date)
        with self._writing(date):
            if _bytes(path) != instead_of:
                raise ConflictError(_("changed meanwhile"), path=path, remedy=_("look at it again"))
            write_atomically(path, content)
        return draft

    @contextmanager
    def _writing(self, date: datetime.date, timeout: float = DRAFT_TIMEOUT) -> Iterator[None]:
        """Lock a draft, after completing interrupted transactions: one of them may move this draft to another date."""
        path = self.path(date)
        try:
            path.parent.mkdir(exist_ok=True)
            recover(self.folder)
            with draft_lock(self.folder, str(date), timeout=timeout):
                remove_leftovers(path)
                write_schemas(self.folder)
                yield
        except OSError as error:
            problem = _("cannot be written: {reason}", reason=system_problem(error))
            raise DraftError(problem, path=path, remedy=_("nothing was changed; mend that and save again")) from error


def parse_draft(content: bytes, path: Path, date: datetime.date) -> Draft:
    """Parse a draft; ``path`` and ``date`` are what its name says."""
    text = decode(content, path)
    try:
        source = read(text, path)
    except ConflictMarkersError as error:
        if (dates := dates_in_conflict(text)) and str(date) in dates:
            other = next(each for each in dates if each != str(date))
            error.remedy = _(
                "it was moved to two dates; to keep this one: embedai reschedule {other} {date} --merge",
                other=other,
                date=date,
            )
        raise
    draft = Draft(path, fields.parse_issue(source), source, content)
    if draft.date != date:
        problem = _("the draft is of {date}, its name says {name}", date=draft.date, name=date)
        raise DraftError(problem, path=path, line=draft.line(("date",)), field="date", remedy=_("make the two agree"))
    return draft


def dates_in_conflict(text: str) -> tuple[str, ...]:
    """The two dates of a draft that Git could not merge, if the versions are of different ones."""
    found = [DATE_LINE.search(one_version(text, version) or "") for version in ("ours", "theirs")]
    dates = tuple(dict.fromkeys(each[1] for each in found if each))
    return dates if len(dates) == len(found) else ()


def with_issue(draft: Draft, issue: Issue, path: Path | None = None) -> Draft:
    """Put another issue into a draft, perhaps under another name; nothing is written to disk."""
    old, new = fields.dump_issue(draft.issue), fields.dump_issue(issue)
    if same(old, new):
        return draft
    with suppress(DraftError):
        changed = _rewritten(draft, FORMER_HEAD.sub(HEAD, splice(draft.source, old, new)), issue, path)
        if same(fields.dump_issue(changed.issue), new):
            return changed
    # YAML too clever to be changed in place: written anew, whole, rather than wrong.
    try:
        return _rewritten(draft, HEAD + dump(new), issue, path)
    except DraftError as error:
        error.path = error.path or path or draft.path
        raise


def _rewritten(draft: Draft, text: str, issue: Issue, path: Path | None) -> Draft:
    """Parse another text for a draft, with one kind of line end, that of most lines of the draft."""
    text = text.replace("\n", line_end(draft.bytes))
    return parse_draft(text.encode(), path or draft.path, issue.date)


def write_schemas(folder: Path) -> None:
    """Write the schemas to where the first lines of drafts and newsletter.yaml say, unless they are there.

    Without it editors do not complete keys, and that is all; so a folder that cannot be written is no error.
    """
    for name, content in schema_files().items():
        with suppress(OSError):
            if _bytes(folder / name) != content:
                (folder / name).parent.mkdir(exist_ok=True)
                write_atomically(folder / name, content)


def schema_files() -> dict[str, bytes]:
    """The schemas, by their path from the issues folder."""
    return {
        layout.schema(fields.SCHEMA): fields.SCHEMA_FILE.read_bytes(),
        layout.NEWSLETTER_SCHEMA: fields.NEWSLETTER_SCHEMA_FILE.read_bytes(),
    }


def load_newsletter(path: Path) -> Newsletter:
    """Load newsletter.yaml.

    Raises:
        UsageError: no such file.
        DraftError: it cannot be read, or says what it may not; names line and key.
    """
    with suppress(FileNotFoundError):
        check_size(path.stat().st_size, path)
    content = _bytes(path)
    if content is None:
        raise UsageError(_("no such file"), path=path, remedy=_("name the issues folder with --issues DIR"))
    if not content.strip():
        remedy = _("write what your newsletter is called: `name: …`; or delete the file and call embedai init")
        raise DraftError(_("the file is empty"), path=path, line=1, remedy=remedy)
    logger.info("read %s, %d bytes", path, len(content))
    return fields.parse_newsletter(read(decode(content, path), path))


def newsletter_language(folder: Path) -> str:
    """The language in which to speak of the files of an issues folder, be newsletter.yaml broken.

    It is the one that newsletter.yaml names; the user's, if it names none that can be found.
    """
    path = folder / layout.NEWSLETTER
    try:
        return load_newsletter(path).language
    except EmbedAIError:
        named = LANGUAGE_LINE.search(_bytes(path) or b"")
        return named[1].decode() if named else user_language()


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _dates(folder: Path) -> Iterator[datetime.date]:
    for path in folder.glob("*.yaml"):
        try:
            yield parse_date(path.stem)
        except UsageError:
            continue
