"""Edition: an issue with its draft, newsletter, findings, Markdown and earlier issues, each computed on demand."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from embedai_nb.catalogue import Catalogue, Earlier
from embedai_nb.catalogue.records import item_record
from embedai_nb.checks import Context, Finding, LinkStatus, check, link_status, pages
from embedai_nb.compose import complete
from embedai_nb.diff.changes import Change, compare
from embedai_nb.drafts import Draft, DraftStore, load_newsletter
from embedai_nb.errors import EmbedAIError, UsageError
from embedai_nb.html.body import body
from embedai_nb.html.render import blocks
from embedai_nb.markdown import read_issue, writes
from embedai_nb.model import Issue, Item, Newsletter, Warmup
from embedai_nb.text.dates import DATE, parse_date
from embedai_nb.text.parse_json import parse_json
from embedai_nb.text.sentences import first_sentence
from embedai_nb.wechat.article import scales
from embedai_nb.workspace import layout

COMPARED = 25
"""How many earlier issues an issue is compared with in size."""


@dataclass(frozen=True)
class PastIssues:
    """Earlier issues in relation to one.

    Args:
        earlier: each item, with earlier items about the same.
        sizes: number of items of each section of the latest earlier issues.
        lengths: characters of all items of these issues.
        companies: for each company of the warm-ups the latest earlier warm-up about it.
    """

    earlier: tuple[tuple[Item, list[Earlier]], ...]
    sizes: Mapping[datetime.date, Mapping[str, int]]
    lengths: Mapping[datetime.date, int] = field(default_factory=dict)
    companies: Mapping[str, Earlier] = field(default_factory=dict)

    def earlier_of(self, item: Item) -> list[Earlier]:
        """Earlier items about the same as an item of this issue."""
        return next((found for each, found in self.earlier if each is item), [])


@dataclass(frozen=True)
class Edition:
    """An issue with its context; costly parts are computed on demand and cached.

    Args:
        folder: the issues folder.
        newsletter: of the folder.
        draft: the issue as edited.
        dates: of all issues in the folder.
        catalogue: an open one; if absent, one is opened when needed.
    """

    folder: Path
    newsletter: Newsletter
    draft: Draft
    dates: tuple[datetime.date, ...]
    catalogue: Catalogue | None = None

    @cached_property
    def issue(self) -> Issue:
        """The issue as published: with lead, closing and standing parts."""
        return self._completed(self.draft.issue)

    @cached_property
    def markdown(self) -> str:
        """The archive Markdown."""
        return writes(self.issue, self.newsletter)

    @cached_property
    def past(self) -> PastIssues:
        """Earlier issues in relation to this one; empty if the catalogue cannot be opened."""
        try:
            return self._past()
        except EmbedAIError:
            return PastIssues((), {})

    def _past(self) -> PastIssues:
        items = self.draft.issue.entries
        with nullcontext(self.catalogue) if self.catalogue else Catalogue(self.folder, self.newsletter) as catalogue:
            found = catalogue.seen_before_all(items, self.draft.date)
            sizes = catalogue.section_sizes(self.draft.date, COMPARED)
            lengths = catalogue.issue_lengths(sizes)
            companies = catalogue.companies_before(self._companies(), self.draft.date)
        return PastIssues(tuple(zip(items, found, strict=True)), sizes, lengths, companies)

    def _companies(self) -> list[str]:
        warmups = (warmup for warmup in self.draft.issue.warmups if isinstance(warmup, Warmup))
        return list(dict.fromkeys(warmup.company for warmup in warmups if warmup.company))

    @property
    def size(self) -> dict[str, int]:
        """How many items each section has, as the catalogue counts them."""
        return {section.name: len(section.entries) for section in self.draft.issue.sections if section.entries}

    @property
    def length(self) -> int:
        """Characters of all items, as the catalogue counts them."""
        return sum(
            len(item_record(section.name, item).text)
            for section in self.draft.issue.sections
            for item in section.entries
        )

    @cached_property
    def link_statuses(self) -> dict[str, LinkStatus]:
        """The links of this issue that were checked, and what became of them."""
        known = link_status.load(self.folder)
        return {url: known[url] for _, url in pages(self.draft.issue) if url in known}

    @property
    def shown(self) -> dict[str, dict[str, object]]:
        """What this issue shows of others, as plain values; unless it changes, this issue's outputs stay the same.

        Keys are dates: those in the closing with whether the issue exists, earlier items about the same, sizes of
        earlier issues, earlier warm-ups about the same companies; and the URLs of checked links with their status.
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
            "sizes": {
                str(date): [dict(sizes), self.past.lengths.get(date, 0)] for date, sizes in self.past.sizes.items()
            },
            "companies": {str(e.date): [name, first_sentence(e.text)] for name, e in self.past.companies.items()},
            "links": {url: [state, why, str(day)] for url, (state, why, day) in self.link_statuses.items()},
        }

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all checks, in the order of the issue."""
        return self.checked()

    def checked(self, link_status: Callable[[str], LinkStatus | None] | None = None) -> tuple[Finding, ...]:
        """The findings, including those about links where their status is given."""
        context = Context(
            self.newsletter,
            self.dates,
            self.draft.line,
            self._completed,
            self._round_trip,
            _render,
            seen_before=self.past.earlier_of,
            wechat_budget=scales(self._completed, self.newsletter) if self.newsletter.wechat else None,
            link_status=link_status,
        )
        return check(self.draft.issue, context)

    def _completed(self, issue: Issue) -> Issue:
        return complete(issue, self.newsletter, self.dates)

    def _round_trip(self, issue: Issue) -> Issue:
        text = writes(self._completed(issue), self.newsletter)
        return read_issue(text, self.newsletter, date=issue.date)

    @property
    def published(self) -> bool:
        """Whether the archive holds this very issue."""
        return _text(self.folder / layout.markdown(str(self.draft.date))) == self.markdown

    @cached_property
    def base(self) -> str | None:
        """The previous publication of this issue, as Markdown.

        It is the file in the archive, if that differs from this issue.  Once the archive has this issue, it is the base
        kept in the executed notebook, so that publishing again shows the same changes.
        """
        published = _text(self.folder / layout.markdown(str(self.draft.date)))
        if published != self.markdown:
            return published
        return _base_of(self.folder / layout.review(str(self.draft.date)))

    @cached_property
    def changes(self) -> tuple[Change, ...] | None:
        """Changes since the previous publication; None if there was none."""
        if self.base is None:
            return None
        return compare(read_issue(self.base, self.newsletter, date=self.draft.date), self.issue)


def _render(path: tuple[str | int, ...], text: str) -> object:
    """Render a text of the issue as the page does."""
    free = path[0] in {"before", "after", "closing"} or path[-1] == "raw"
    return blocks(text) if free else body(text)


def load(date: datetime.date | str, folder: Path) -> Edition:
    """Load the edition of a date.

    Raises:
        UsageError: not a date, or no draft of that date.
        DraftError: the draft or newsletter.yaml cannot be read.
    """
    day = parse_date(date) if isinstance(date, str) else date
    edition = _PRELOADED.get()
    if edition and (edition.folder, edition.draft.date) == (folder, day):
        return edition
    store = DraftStore(folder)
    if not store.path(day).exists():
        raise store.missing(day)
    newsletter = load_newsletter(folder / layout.NEWSLETTER)
    return Edition(folder, newsletter, store.load(day), known_dates(folder, store.dates()))


_PRELOADED = ContextVar[Edition | None]("preloaded", default=None)


@contextmanager
def preloaded(edition: Edition) -> Iterator[None]:
    """Let `load` return this edition in the current context, which forked processes inherit."""
    token = _PRELOADED.set(edition)
    try:
        yield
    finally:
        _PRELOADED.reset(token)


def known_dates(folder: Path, drafts: Iterable[datetime.date]) -> tuple[datetime.date, ...]:
    """Dates of all issues, as drafts or in the archive."""
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
    """The base in the metadata of an executed notebook."""
    try:
        cells = parse_json(notebook.read_bytes())["cells"]
        said = [o["metadata"]["embedai"] for c in cells for o in c.get("outputs", []) if o.get("metadata")]
        return next((entry["base"] for entry in said if "base" in entry), None)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
