"""An issue with all that belongs to it: its draft, newsletter, findings and Markdown."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from embedai_nb.catalogue import Catalogue, Earlier
from embedai_nb.catalogue.records import entry as record
from embedai_nb.checks import Context, Finding, LinkStatus, check, link_status, pages
from embedai_nb.compose import complete
from embedai_nb.diff.changes import Change, compare
from embedai_nb.drafts import Draft, DraftStore, load_newsletter
from embedai_nb.errors import EmbedAIError, UsageError
from embedai_nb.html.body import body
from embedai_nb.html.render import blocks
from embedai_nb.markdown import read, writes
from embedai_nb.model import Issue, Item, Newsletter
from embedai_nb.text.dates import DATE, parse_date
from embedai_nb.text.sentences import first_sentence
from embedai_nb.wechat.article import scales
from embedai_nb.workspace import layout

COMPARED = 25
"""So many issues before one are compared with it in size."""


@dataclass(frozen=True)
class Past:
    """What earlier issues have to do with one.

    Args:
        earlier: each item with what was about the same before.
        sizes: how many items the last issues before had in each section.
    """

    earlier: tuple[tuple[Item, list[Earlier]], ...]
    sizes: Mapping[datetime.date, Mapping[str, int]]
    lengths: Mapping[datetime.date, int] = field(default_factory=dict)

    def earlier_of(self, item: Item) -> list[Earlier]:
        """What was about the same as an item of this issue."""
        return next((found for each, found in self.earlier if each is item), [])


@dataclass(frozen=True)
class Edition:
    """One issue, ready to be looked at or published; what is costly is made when it is asked for.

    Args:
        folder: the issues folder.
        newsletter: its newsletter.
        draft: the issue as it is edited.
        dates: all issues there are.
        catalogue: an open one; without it, one is opened when it is needed.
    """

    folder: Path
    newsletter: Newsletter
    draft: Draft
    dates: tuple[datetime.date, ...]
    catalogue: Catalogue | None = None

    @cached_property
    def issue(self) -> Issue:
        """The issue as it is published."""
        return self._completed(self.draft.issue)

    @cached_property
    def markdown(self) -> str:
        """The archive Markdown."""
        return writes(self.issue, self.newsletter)

    @cached_property
    def past(self) -> Past:
        """What earlier issues have to do with this one; nothing where no catalogue of them can be kept."""
        try:
            return self._past()
        except EmbedAIError:
            return Past((), {})

    def _past(self) -> Past:
        items = self.draft.issue.entries
        with nullcontext(self.catalogue) if self.catalogue else Catalogue(self.folder, self.newsletter) as catalogue:
            found = catalogue.seen_before_all(items, self.draft.date)
            sizes = catalogue.sizes(self.draft.date, COMPARED)
        return Past(tuple(zip(items, found, strict=True)), sizes)

    @property
    def size(self) -> dict[str, int]:
        """How many items each section has, as the catalogue counts them."""
        return {section.name: len(section.entries) for section in self.draft.issue.sections if section.entries}

    @property
    def length(self) -> int:
        """Characters of all items, as the catalogue counts them."""
        return sum(
            len(record(section.name, item).text) for section in self.draft.issue.sections for item in section.entries
        )

    @cached_property
    def link_statuses(self) -> dict[str, LinkStatus]:
        """The links of this issue that were checked, and what became of them."""
        known = link_status.load(self.folder)
        return {url: known[url] for _, url in pages(self.draft.issue) if url in known}

    @property
    def shown(self) -> dict[str, dict[str, object]]:
        """What of other issues shows in this one, as plain values: while it stays the same, this one does.

        Keys are dates: those in the closing with whether there are such issues, what was about the same before, the
        sizes compared with.
        """
        there, earlier = {str(date) for date in self.dates}, dict[str, list[object]]()
        for n, (_, found) in enumerate(self.past.earlier):
            for e in found:
                earlier.setdefault(str(e.date), []).append(
                    [n, e.section, e.title, e.url, e.reason, e.score, first_sentence(e.text)]
                )
        return {
            "dates": {date: date in there for date in DATE.findall(self.issue.closing or "")},
            "earlier": dict(earlier),
            "sizes": {str(date): dict(sizes) for date, sizes in self.past.sizes.items()},
            "links": {url: [state, why, str(day)] for url, (state, why, day) in self.link_statuses.items()},
        }

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What the checks find, in order of appearance."""
        return self.checked()

    def checked(self, reached: Callable[[str], LinkStatus | None] | None = None) -> tuple[Finding, ...]:
        """The same, where somebody looked what becomes of its links."""
        context = Context(
            self.newsletter,
            self.dates,
            self.draft.line,
            self._reread,
            _shown,
            earlier=self.past.earlier_of,
            weigh=scales(self._completed, self.newsletter) if self.newsletter.wechat else None,
            reached=reached,
        )
        return check(self.draft.issue, context)

    def _completed(self, issue: Issue) -> Issue:
        return complete(issue, self.newsletter, self.dates)

    def _reread(self, issue: Issue) -> Issue:
        text = writes(self._completed(issue), self.newsletter)
        return read(text, self.newsletter, date=issue.date).issue

    @property
    def published(self) -> bool:
        """Whether the archive holds this very issue."""
        return _text(self.folder / layout.markdown(str(self.draft.date))) == self.markdown

    @cached_property
    def base(self) -> str | None:
        """The publication before this one, as Markdown.

        While the archive holds something else than this issue, it is what lies there.  Once it holds this issue,
        the notebook beside it knows what lay there before, so that publishing again says the same again.
        """
        published = _text(self.folder / layout.markdown(str(self.draft.date)))
        if published != self.markdown:
            return published
        return _base_of(self.folder / layout.review(str(self.draft.date)))

    @cached_property
    def changes(self) -> tuple[Change, ...] | None:
        """What changed since the last publication; nothing when there was none."""
        if self.base is None:
            return None
        return compare(read(self.base, self.newsletter, date=self.draft.date).issue, self.issue)


def _shown(path: tuple[str | int, ...], text: str) -> object:
    """A text of the issue as the page shows it."""
    free = path[0] in {"before", "after", "closing"} or path[-1] == "raw"
    return blocks(text) if free else body(text)


def load(date: datetime.date | str, folder: Path) -> Edition:
    """The edition of a draft.

    Raises:
        UsageError: no such day, or no draft of that day.
        DraftError: the draft or newsletter.yaml cannot be read.
    """
    day = parse_date(date) if isinstance(date, str) else date
    if (folder, day) in _AT_HAND:
        return _AT_HAND[folder, day]
    store = DraftStore(folder)
    if not store.path(day).exists():
        raise UsageError("no draft of this date", path=store.path(day), remedy=f"begin it with: embedai new {day}")
    newsletter = load_newsletter(folder / layout.NEWSLETTER)
    return Edition(folder, newsletter, store.load(day), known_dates(folder, store.dates()))


_AT_HAND: dict[tuple[Path, datetime.date], Edition] = {}


@contextmanager
def at_hand(edition: Edition) -> Iterator[None]:
    """Have `load` give this edition meanwhile, in processes forked from this one too: what is loaded needn't be again."""
    key = (edition.folder, edition.draft.date)
    _AT_HAND[key] = edition
    try:
        yield
    finally:
        del _AT_HAND[key]


def known_dates(folder: Path, drafts: Iterable[datetime.date]) -> tuple[datetime.date, ...]:
    """The issues there are, as drafts or in the archive."""
    published = set()
    for path in (folder / layout.ARCHIVE).glob("????-??-??.md"):
        try:
            published.add(parse_date(path.stem))
        except UsageError:
            continue
    return tuple(sorted(published | set(drafts)))


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _base_of(notebook: Path) -> str | None:
    """The base that the notebook says it was compared with."""
    try:
        cells = json.loads(notebook.read_bytes())["cells"]
        said = [o["metadata"]["embedai"] for c in cells for o in c.get("outputs", []) if o.get("metadata")]
        return next((entry["base"] for entry in said if "base" in entry), None)
    except (OSError, ValueError, KeyError, TypeError):
        return None
