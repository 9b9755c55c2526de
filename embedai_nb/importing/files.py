"""Import files as drafts, with a report of all that was not kept to the letter."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from embedai_nb.drafts import Draft, DraftStore
from embedai_nb.drafts.yaml_reader import check_size
from embedai_nb.errors import DraftError, UsageError, system_problem
from embedai_nb.i18n import NP_, _
from embedai_nb.importing.convert import convert, item_count
from embedai_nb.importing.front_matter import dated
from embedai_nb.importing.shapes import Shape
from embedai_nb.importing.titles import number_in, read_title, same_name
from embedai_nb.markdown import Reading, Remark, read
from embedai_nb.model import Issue, Newsletter
from embedai_nb.text.conflict_markers import refuse_conflicts

__all__ = ["Imported", "as_published", "files_in", "import_file", "spread_dates"]

FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n.*?^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
FRONT_DATE = re.compile(r"^date *: *[\"']?(.*)", re.MULTILINE | re.IGNORECASE)
FRONT_TITLE = re.compile(r"^title *: *(.*)", re.MULTILINE | re.IGNORECASE)
PLAIN_DATE = re.compile(r"\A(?:[A-Z][\w-]*:.*\n)*?Date:(.*)")
IN_FOLDERS = re.compile(r"(?<!\d)(?P<year>20\d\d)[/\\](?P<month>[01]\d)[-._/\\]?(?P<day>[0-3]\d)(?!\d)")
TITLE = re.compile(r"#(?!#)\s*(?P<name>.*?)\s*[(（]?\s*\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Imported:
    """An imported text: its draft, and what was not kept to the letter."""

    source: Path
    draft: Draft
    remarks: tuple[Remark, ...]
    dates: tuple[tuple[str, datetime.date], ...]
    """Where a date was found, and which; the first one was taken."""
    unfinished: tuple[str, ...] = ()
    """The rules that tell that it was never published."""
    converted: bool = field(default=False)
    """Whether it had another shape than the archive's."""

    @property
    def raw(self) -> int:
        """How many lines or blocks were kept as they stood."""
        return sum(remark.kind == "raw" for remark in self.remarks)

    @property
    def left_out(self) -> int:
        """How many parts of the text are not in the draft."""
        return sum(remark.kind == "left out" for remark in self.remarks)

    @property
    def nothing_found(self) -> str:
        """What to say where the text holds no item: the first line that was not understood."""
        if self.draft.issue.entries:
            return ""
        first = next((remark for remark in self.remarks if remark.kind == "raw"), None)
        if first is None:
            return _("no item found")
        return _("no item found; line {line} was not understood: {text}", line=first.line, text=first.text)

    @property
    def disagreement(self) -> str:
        """The message where title, file name and option name different days; else empty."""
        if len({date for _place, date in self.dates}) < 2:
            return ""
        stated = [_("{place} says {date}", place=place, date=date) for place, date in self.dates]
        taken = _("{date} was taken", date=self.dates[0][1])
        return _(NP_("between statements", "; ")).join([*stated, taken])


def files_in(paths: Iterable[Path]) -> Iterator[Path]:
    """Expand folders to all Markdown files in them, in the order of their names."""
    for path in paths:
        if path.is_dir():
            found = (each for each in path.rglob("*") if each.suffix in {".md", ".markdown"} and each.is_file())
            yield from sorted(found)
        else:
            yield path


def spread_dates(paths: Sequence[Path], first: datetime.date, days: int) -> Mapping[Path, datetime.date]:
    """A date for each file: the first one's, and so many days more for each number, or file, after it.

    Args:
        paths: those whose names have numbers come in the order of these, and a number left out is an issue left out.
        first: the date of the first.
        days: from one issue to the next.
    """
    numbers = {path: number_in(path.stem) for path in paths}
    if all(number is not None for number in numbers.values()) and len(set(numbers.values())) == len(paths):
        lowest = min((number or 0 for number in numbers.values()), default=0)
        steps = {path: (number or 0) - lowest for path, number in numbers.items()}
    else:
        steps = {path: n for n, path in enumerate(sorted(paths, key=_natural))}
    return {path: first + datetime.timedelta(days=days * step) for path, step in steps.items()}


def _natural(path: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", str(path))]


def import_file(
    path: Path,
    store: DraftStore,
    newsletter: Newsletter,
    date: datetime.date | None = None,
    *,
    published: bool | None = None,
    unfinished: Callable[[Issue], tuple[str, ...]] = lambda _: (),
    shape: Shape | None = None,
) -> Imported:
    """Import a file as a draft.

    Args:
        date: taken when neither title, front matter nor file name has one.
        published: whether readers have had it, so that its errors are warnings; unless it is said, they have not where
            it is ``unfinished``.
        unfinished: the rules that say so of an issue.
        shape: how its items look; else it is recognised.

    Raises:
        UsageError: no such file.
        DraftError: the file is not UTF-8, has no date, or there is a draft of its date.
    """
    text = _text(path)
    stated, named = _date_in_front_matter(text), _date_in(path)
    reading, converted = _reading(text, newsletter, stated or named or date, shape)
    candidates = (
        (_("the title"), reading.title_date),
        (_("the front matter"), stated),
        (_("the file name"), named),
        ("--date", date),
    )
    dates = tuple((place, found) for place, found in candidates if found)
    issue = reading.issue
    if issue.number is None and (converted or issue.heading):
        issue = issue.model_copy(update={"number": _number(issue, path, newsletter)})
    issue, rules = as_published(issue, published, unfinished)
    return Imported(path, store.create(issue.date, issue), reading.remarks, dates, rules, converted)


def as_published(
    issue: Issue,
    published: bool | None,  # as in import_file
    unfinished: Callable[[Issue], tuple[str, ...]],
) -> tuple[Issue, tuple[str, ...]]:
    """The issue with what is known of its publication, and the rules that tell that it was never published."""
    rules = unfinished(issue) if published is None else ()
    return issue.model_copy(update={"unpublished": published is False or bool(rules)}), rules


def _number(issue: Issue, path: Path, newsletter: Newsletter) -> int | None:
    """The number that a title of another newsletter says, else the file name."""
    title = read_title((issue.heading or "").lstrip("# "), newsletter)
    if issue.heading and dated(issue.heading) and same_name(title.name, newsletter):
        return None  # an old issue of this one, which had none
    return title.number if title.number is not None else number_in(path.stem)


# --- which reading --------------------------------------------------------------------------------------------


def _reading(
    text: str, newsletter: Newsletter, date: datetime.date | None, shape: Shape | None
) -> tuple[Reading, bool]:
    """Read a text as the archive's, or as a link list of another shape if more items are found in it so."""
    archive = None if shape not in (None, "archive") else _archive(text, newsletter, date)
    if archive and (shape == "archive" or _is_own(archive.issue, text, newsletter)):
        return archive, False
    found = convert(text, newsletter, date=date, shape=None if shape == "archive" else shape)
    other = Reading(found.issue, found.remarks, found.title_date)
    return (other, True) if archive is None or _is_better(other, archive, text, newsletter) else (archive, False)


def _archive(text: str, newsletter: Newsletter, date: datetime.date | None) -> Reading | None:
    """The reading of the archive format; None where only another reading may find a date."""
    try:
        return read(text, newsletter, date=date)
    except DraftError as error:
        if error.field != "date":
            raise
        return None


def _is_own(issue: Issue, text: str, newsletter: Newsletter) -> bool:
    """Whether it has parts that only the archive format has."""
    closing = bool(newsletter.back_issues) and newsletter.back_issues in (issue.closing or "")
    return issue.lead is not None or closing or (bool(issue.warmups) and _has_own_title(text, newsletter))


def _has_own_title(text: str, newsletter: Newsletter) -> bool:
    """Whether its title is the newsletter's name with a date."""
    title = next((found for line in text.splitlines() if (found := TITLE.match(line))), None)
    return title is not None and same_name(title["name"], newsletter)


def _is_better(other: Reading, archive: Reading, text: str, newsletter: Newsletter) -> bool:
    """Whether more items are found, or as many and less is left raw in an issue that has not the newsletter's name."""
    more = item_count(other.issue) - item_count(archive.issue)
    if _has_own_title(text, newsletter):
        return more > 0
    numbered = more == 0 and other.issue.number is not None and other.issue.heading is None
    return bool(item_count(other.issue)) and (more > 0 or numbered or _raw(other) < _raw(archive))


def _raw(reading: Reading) -> int:
    return sum(remark.kind == "raw" for remark in reading.remarks)


# --- texts and dates ------------------------------------------------------------------------------------------


def _text(path: Path) -> str:
    try:
        check_size(path.stat().st_size, path)
        text = path.read_bytes().decode("utf-8")
        refuse_conflicts(text, path, _("leave one of the two versions, and remove the markers"))
        return text
    except UnicodeDecodeError as error:
        problem = _("not UTF-8 at byte {offset}", offset=error.start)
        raise DraftError(problem, path=path, remedy=_("convert the file to UTF-8")) from error
    except OSError as error:
        raise UsageError(system_problem(error), path=path) from error


def _date_in_front_matter(text: str) -> datetime.date | None:
    """Jekyll's ``date:``, else a date in its ``title:``; or Pelican's."""
    if front := FRONT_MATTER.match(text):
        found = [FRONT_DATE.search(front[0]), FRONT_TITLE.search(front[0])]
    else:
        found = [PLAIN_DATE.match(text)]
    return next((date for each in found if each and (date := dated(each[1]))), None)


def _date_in(path: Path) -> datetime.date | None:
    """The last date in a file name, or in the names of its folders and it: ``2031/05-04.md``."""
    if found := dated(path.stem):
        return found
    folders = IN_FOLDERS.search("/".join(path.with_suffix("").parts[-3:]))
    return dated("{year}-{month}-{day}".format(**folders.groupdict())) if folders else None
