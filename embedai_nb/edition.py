"""Edition: an issue with its draft, newsletter, findings, Markdown and earlier issues, each computed on demand.

What computes a part is imported with it: to show an issue as JSON neither rules nor catalogue have to be there.  A process
that forks others imports it all before (`embedai_nb.publish.execute.preload`).
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embedai_nb.drafts import Draft, DraftStore, load_newsletter
from embedai_nb.errors import EmbedAIError, UsageError
from embedai_nb.model import Issue, Newsletter, Warmup
from embedai_nb.text.conflict_markers import one_version
from embedai_nb.text.dates import DATE, parse_date
from embedai_nb.text.parse_json import parse_json
from embedai_nb.workspace import layout
from embedai_nb.workspace.transaction import digest

if TYPE_CHECKING:
    from embedai_nb.catalogue import Catalogue
    from embedai_nb.catalogue.past_issues import PastIssues
    from embedai_nb.checks import Context, Finding, LinkStatus
    from embedai_nb.compose import Numbers
    from embedai_nb.diff.changes import Change
    from embedai_nb.wechat.budget import Budget

COMPARED = 25
"""How many earlier issues an issue is compared with in size."""


@dataclass(frozen=True)
class Edition:
    """An issue with its context; costly parts are computed on demand and cached.

    Args:
        folder: the issues folder.
        newsletter: of the folder.
        draft: the issue as edited.
        dates: of all issues in the folder.
        catalogue: an open one; if absent, one is opened when needed.
        all_numbers: those of all issues, as of `known_numbers`; if absent, all files are looked into when needed.
        said: what to say of other issues and of links, as in `shown`, instead of what is known of them now.
        since: Markdown to tell changes since, instead of that of the previous publication.
    """

    folder: Path
    newsletter: Newsletter
    draft: Draft
    dates: tuple[datetime.date, ...]
    catalogue: Catalogue | None = None
    all_numbers: Numbers | None = None
    said: Mapping[str, Mapping[str, Any]] | None = None
    since: str | None = None

    def as_published(self) -> Edition:
        """The edition as its notebook shows it: an issue that is published says of others what it said then.

        So publishing one issue changes the notebook of no other, on no machine; a notebook that is removed, or an issue
        that isn't published as it is now, says what is known now.
        """
        kept = _kept(self.folder / layout.review(str(self.draft.date))).get("others")
        if self.said is not None or not kept or not self.published:
            return self
        try:
            of, said = parse_json(kept)
            edition = replace(self, said=said)
            _ = edition.past, edition.link_statuses
        except (ValueError, TypeError, LookupError, AttributeError):  # of another version, or merged by hand
            return self
        return edition if of == self._digest else self

    @property
    def others(self) -> str:
        """What this edition says of others, to be kept in its notebook for `as_published`."""
        said = {kind: values for kind, values in self.shown.items() if kind not in {"dates", "numbers"}}
        return json.dumps([self._digest, said], ensure_ascii=False)

    @property
    def _digest(self) -> str:
        return digest(self.markdown.encode())

    @cached_property
    def issue(self) -> Issue:
        """The issue as published: with lead, closing and standing parts."""
        return self._completed(self.draft.issue)

    @cached_property
    def markdown(self) -> str:
        """The archive Markdown."""
        from embedai_nb.markdown import writes

        return writes(self.issue, self.newsletter)

    @cached_property
    def past(self) -> PastIssues:
        """Earlier issues in relation to this one; empty if the catalogue cannot be opened."""
        from embedai_nb.catalogue.past_issues import PastIssues

        if self.said is not None:
            return PastIssues.of_plain(self.said, self.draft.issue.entries)
        try:
            return self._past()
        except EmbedAIError:
            return PastIssues()

    def _past(self) -> PastIssues:
        from embedai_nb.catalogue import Catalogue
        from embedai_nb.catalogue.past_issues import PastIssues

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
        from embedai_nb.catalogue.records import item_record

        return sum(
            len(item_record(section.name, item, self.newsletter.marks.colon).text)
            for section in self.draft.issue.sections
            for item in section.entries
        )

    @cached_property
    def link_statuses(self) -> dict[str, LinkStatus]:
        """The links of this issue that were checked, and what became of them."""
        from embedai_nb.checks import LinkStatus, link_status, pages

        known = link_status.load(self.folder)
        for url, (state, reason, day) in (self.said or {}).get("links", {}).items():
            said = LinkStatus(state, reason, datetime.date.fromisoformat(day))
            if url not in known or known[url].date < said.date:
                known[url] = said
        return {url: known[url] for _, url in pages(self.draft.issue) if url in known}

    @property
    def shown(self) -> dict[str, dict[str, object]]:
        """What this issue shows of others, as plain values; unless it changes, this issue's outputs stay the same.

        Keys are dates: those in the closing with whether the issue exists, and its number if addresses have that; earlier items about the same, sizes of
        earlier issues, earlier warm-ups about the same companies; and the URLs of checked links with their status.
        """
        there, listed = {str(date) for date in self.dates}, DATE.findall(self.issue.closing or "")
        numbers: dict[str, object] = {str(day): number for day, number in self.numbers.items() if str(day) in listed}
        return {
            "dates": {date: date in there for date in listed},
            "numbers": numbers,
            **self.past.plain(),
            "links": {url: [state, why, str(day)] for url, (state, why, day) in self.link_statuses.items()},
        }

    @property
    def same_issues(self) -> tuple[datetime.date, ...]:
        """Other dates under which this issue is there, too; an issue that readers have had is what it is."""
        from embedai_nb.catalogue import Catalogue

        issue = self.draft.issue
        if issue.imported and not issue.unpublished:
            return ()
        with (
            suppress(EmbedAIError),
            nullcontext(self.catalogue) if self.catalogue else Catalogue(self.folder, self.newsletter) as catalogue,
        ):
            return tuple(catalogue.same_issues(issue.entries, self.draft.date))
        return ()

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all checks, in the order of the issue."""
        return self.checked()

    def checked(self, link_status: Callable[[str], LinkStatus | None] | None = None) -> tuple[Finding, ...]:
        """The findings, including those about links where their status is given."""
        from embedai_nb.checks import check

        return check(self.draft.issue, self._context(link_status))

    @cached_property
    def fixable(self) -> tuple[Finding, ...]:
        """Those of `findings` whose rules may offer a fix; the other rules, which cost most, are not run."""
        from embedai_nb.checks import check, fixable_rules

        return check(self.draft.issue, self._context(), fixable_rules())

    def _context(self, link_status: Callable[[str], LinkStatus | None] | None = None) -> Context:
        from embedai_nb.checks import Context

        return Context(
            self.newsletter,
            self.dates,
            self.draft.line,
            self._completed,
            self._round_trip,
            _render,
            seen_before=lambda item: self.past.earlier_of(item),
            wechat_budget=(lambda issue: self._weigh(issue)) if self.newsletter.wechat else None,
            link_status=link_status,
        )

    @cached_property
    def _weigh(self) -> Callable[[Issue], Budget]:
        from embedai_nb.wechat.article import scales  # most rules, and all that offer a fix, need none

        return scales(self._completed, self.newsletter)

    def _completed(self, issue: Issue) -> Issue:
        from embedai_nb.compose import complete

        return complete(issue, self.newsletter, self.dates, self.numbers)

    @cached_property
    def numbers(self) -> Numbers:
        """Numbers of all issues, where addresses have them."""
        if self.all_numbers is not None:
            return self.all_numbers
        return known_numbers(self.folder, self.newsletter, self.dates)

    def _round_trip(self, issue: Issue) -> Issue:
        from embedai_nb.markdown import read_issue, writes

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
        if self.since is not None:
            return self.since
        published = _text(self.folder / layout.markdown(str(self.draft.date)))
        if published != self.markdown:
            return published
        return _kept(self.folder / layout.review(str(self.draft.date))).get("base")

    @cached_property
    def changes(self) -> tuple[Change, ...] | None:
        """Changes since the previous publication; None if there was none."""
        from embedai_nb.diff.changes import compare
        from embedai_nb.markdown import read_issue

        if self.base is None:
            return None
        old = read_issue(self.base, self.newsletter, date=self.draft.date)
        return compare(old, self.issue, self.newsletter.marks.colon)


def _render(path: tuple[str | int, ...], text: str) -> object:
    """Render a text of the issue as the page does."""
    from embedai_nb.html.body import body
    from embedai_nb.html.render import blocks

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


def known_numbers(folder: Path, newsletter: Newsletter, dates: Iterable[datetime.date]) -> Numbers:
    """Numbers of all issues, from their drafts or titles; none where no address has any."""
    if not newsletter.numbered_addresses:
        return {}
    store, found = DraftStore(folder), dict[datetime.date, int | str]()
    for date in dates:
        number = store.number(date)  # which may be zero
        number = published_number(folder, newsletter, date) if number is None else number
        if number is not None:
            found[date] = number
    return found


def published_number(folder: Path, newsletter: Newsletter, date: datetime.date) -> int | str | None:
    """Read the number in the title of a published issue; none where newsletter.yaml has no numbers in addresses."""
    if not newsletter.numbered_addresses:
        return None
    from embedai_nb.markdown.grammar import numbered_title

    text = _text(folder / layout.markdown(str(date))) or ""
    title = next((line for line in text.splitlines() if line.startswith("# ")), "")
    parts = numbered_title(title, date, newsletter) or {}
    return Issue.model_validate({"date": date, "number": parts.get("number")}).number


def _text(path: Path) -> str | None:
    """Read a published file; of one that Git could not merge, our version: it is about to be made anew."""
    try:
        return one_version(path.read_text(encoding="utf-8"), "ours")
    except (OSError, UnicodeDecodeError):
        return None


def _kept(notebook: Path) -> dict[str, str]:
    """What an executed notebook keeps for the next run, in the metadata of its outputs."""
    try:
        cells = parse_json(notebook.read_bytes())["cells"]
        said = [o["metadata"]["embedai"] for c in cells for o in c.get("outputs", []) if o.get("metadata")]
        return {name: text for entry in said for name, text in entry.items() if name in {"base", "others"}}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
