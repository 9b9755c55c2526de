"""Import old archive Markdown as drafts, with a report of all that was not kept to the letter."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from embedai_nb.drafts import Draft, DraftStore
from embedai_nb.drafts.yaml_reader import check_size
from embedai_nb.errors import DraftError, UsageError, system_problem
from embedai_nb.i18n import NP_, _
from embedai_nb.markdown import Remark, read
from embedai_nb.model import Issue, Newsletter
from embedai_nb.text.conflict_markers import refuse_conflicts
from embedai_nb.text.dates import parse_date

FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n.*?^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
FRONT_DATE = re.compile(r"^date *: *[\"']?([0-9-]{10})", re.MULTILINE)
FRONT_TITLE = re.compile(r"^title *: *(.*)", re.MULTILINE)


@dataclass(frozen=True)
class Imported:
    """An imported file: its draft, and what was not kept to the letter."""

    source: Path
    draft: Draft
    remarks: tuple[Remark, ...]
    dates: tuple[tuple[str, datetime.date], ...]
    """Where a date was found, and which; the first one was taken."""
    unfinished: tuple[str, ...] = ()
    """The rules that tell that it was never published."""

    @property
    def raw(self) -> int:
        """How many lines or blocks were kept as they stood."""
        return sum(remark.kind == "raw" for remark in self.remarks)

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
            yield from sorted(found for found in path.rglob("*.md") if found.is_file())
        else:
            yield path


def import_file(
    path: Path,
    store: DraftStore,
    newsletter: Newsletter,
    date: datetime.date | None = None,
    *,
    published: bool | None = None,
    unfinished: Callable[[Issue], tuple[str, ...]] = lambda _: (),
) -> Imported:
    """Import an archive file as a draft.

    Args:
        date: taken when neither title, front matter nor file name has one.
        published: whether readers have had it, so that its errors are warnings; unless it is said, they have not where
            it is ``unfinished``.
        unfinished: the rules that say so of an issue.

    Raises:
        UsageError: no such file.
        DraftError: the file is not UTF-8, has no date, or there is a draft of its date.
    """
    text = _text(path)
    stated, named = _date_in_front_matter(text), _date_in(path.stem)
    reading = read(text, newsletter, date=stated or named or date)
    candidates = (
        (_("the title"), reading.title_date),
        (_("the front matter"), stated),
        (_("the file name"), named),
        ("--date", date),
    )
    dates = tuple((place, found) for place, found in candidates if found)
    rules = unfinished(reading.issue) if published is None else ()
    issue = reading.issue.model_copy(update={"unpublished": published is False or bool(rules)})
    return Imported(path, store.create(issue.date, issue), reading.remarks, dates, rules)


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
    """Jekyll's ``date:``, else a date in its ``title:``."""
    front = FRONT_MATTER.match(text)
    found = [FRONT_DATE.search(front[0]), FRONT_TITLE.search(front[0])] if front else []
    return next((date for each in found if each for date in _dates_in(each[1])), None)


def _date_in(name: str) -> datetime.date | None:
    """The last date in a file name."""
    return next(_dates_in(name), None)


def _dates_in(name: str) -> Iterator[datetime.date]:
    for text in reversed(re.findall(r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])", name)):
        try:
            yield parse_date(text)
        except UsageError:
            continue
