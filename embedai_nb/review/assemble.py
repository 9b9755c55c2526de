"""Gather, part by part, what a reviewer needs to decide about an issue."""

from __future__ import annotations

import datetime
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeVar

from markupsafe import Markup

from embedai_nb.catalogue import Earlier
from embedai_nb.checks import Finding, LinkStatus, pages
from embedai_nb.diff.changes import Change
from embedai_nb.edition import Edition
from embedai_nb.errors import MarkupError
from embedai_nb.html import page
from embedai_nb.html.view_model import IssueView, ItemView, view
from embedai_nb.i18n import Translator, translator
from embedai_nb.model import Item, Raw, Warmup
from embedai_nb.review.parts import item_codes, item_title, part_name, part_of
from embedai_nb.text.paths import Path
from embedai_nb.wechat.article import weigh
from embedai_nb.wechat.budget import LIMITS, Budget

__all__ = ["Review", "ReviewPart", "assemble"]

NOTHING = Markup()
T = TypeVar("T")
Verdict = Literal["blocked", "ready", "unchanged"]

FRAME = ("headline", "tagline", "before", "lead", "intro", "warmups", "note", "after")
"""The parts before the sections, in the order of the page."""

CHARACTERS_A_MINUTE, WORDS_A_MINUTE = 400, 238
"""How fast adults read Chinese, and English non-fiction (Brysbaert 2019, doi.org/10.1016/j.jml.2019.104047)."""

CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
LATIN_WORD = re.compile(r"[A-Za-z0-9][\w'.-]*")
CODE_LENGTH = 4


@dataclass(frozen=True)
class ReviewPart:
    """One item, or one other part of the issue, with everything that concerns it.

    Args:
        path: where it stands in the draft.
        name: its place in words: 论文 2, 导读.
        code: a short name that stays when items are moved; made of the item's address, else of its title.
        title: the title of an item.
        html: the part as readers see it.
        line: its line in the draft, from 1.
        findings: what the checks found in it.
        changes: what changed in it since the last publication.
        earlier: items of earlier issues about the same.
        links: its links that were checked, and what became of them.
        note: for colleagues.
        ready: whether the editor marked it ready; nothing where there is no such mark.
        characters: its share of the WeChat article, tags counted.
    """

    path: Path
    name: str
    code: str = ""
    title: str = ""
    html: Markup = NOTHING
    line: int | None = None
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    links: tuple[tuple[str, LinkStatus], ...] = ()
    note: str = ""
    ready: bool | None = None
    characters: int | None = None

    @property
    def anchor(self) -> str:
        """The id of the part in a document."""
        return f"part-{self.code or '-'.join(map(str, self.path)) or 'issue'}"

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a section, or raw text among them."""
        return self.path[:1] == ("sections",) and len(self.path) > 2

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to say about it."""
        told = self.findings or self.changes or self.earlier or self.note
        return not told and all(status.state == "ok" for _, status in self.links)


@dataclass(frozen=True)
class Review:
    """What there is to decide about one issue.

    Args:
        title: the issue's title.
        date: its date.
        language: of its words, the newsletter's.
        verdict: whether it can be published.
        parts: its parts in their order.
        removed: items that are gone since the last publication.
        changes: everything that changed since then; nothing before the first publication.
        sections: how many items each section has.
        warmups: how many warm-ups there are.
        characters: Chinese characters and other words that readers see.
        minutes: how long they take to be read.
        budget: the WeChat article in figures; nothing where the newsletter has none.
        budget_problem: why there are no figures.
        links: all links of the issue, with their state where they were checked.
    """

    title: str
    date: datetime.date
    language: str
    verdict: Verdict
    parts: tuple[ReviewPart, ...]
    removed: tuple[Change, ...]
    changes: tuple[Change, ...] | None
    sections: Mapping[str, int]
    warmups: int
    characters: int
    minutes: int
    budget: Budget | None
    budget_problem: str
    links: Mapping[str, LinkStatus | None]

    @property
    def say(self) -> Translator:
        """Says words in the newsletter's language."""
        return translator(self.language)

    def count(self, severity: str) -> int:
        """How many findings of this severity there are."""
        return sum(finding.severity == severity for part in self.parts for finding in part.findings)

    @cached_property
    def with_findings(self) -> tuple[ReviewPart, ...]:
        """The parts in which the checks found something."""
        return tuple(part for part in self.parts if part.findings)

    @cached_property
    def changed(self) -> tuple[ReviewPart, ...]:
        """The parts that changed since the last publication."""
        return tuple(part for part in self.parts if part.changes)

    @cached_property
    def obstacles(self) -> tuple[tuple[ReviewPart, Finding], ...]:
        """What stands in the way of publication, in the order of the issue."""
        return tuple((p, f) for p in self.parts for f in p.findings if f.severity == "error")

    @cached_property
    def unfinished(self) -> tuple[ReviewPart, ...]:
        """The items that the editor hasn't marked ready."""
        return tuple(part for part in self.parts if part.ready is False)

    @property
    def budget_percent(self) -> int:
        """How much of what WeChat takes is used."""
        return math.ceil(100 * self.budget.characters / LIMITS.characters) if self.budget else 0


def assemble(edition: Edition, *, published: bool = False) -> Review:
    """Gather the review of an issue.

    Args:
        edition: the issue; its text, findings and comparison are made once and shared with what is published.
        published: whether the archive holds this very state.  The notebook doesn't ask: it is made before its issue
            is published, and made again it has to say the same.
    """
    view_ = _view(edition)
    parts = tuple(_Assembler(edition, view_).parts())
    text = _visible(edition)
    counts = len(CHINESE.findall(text)), len(LATIN_WORD.findall(text))
    budget, problem = _budget(edition)
    changes = edition.changes
    return Review(
        title=page.title(edition.issue, edition.newsletter),
        date=edition.issue.date,
        language=edition.newsletter.language,
        verdict=_verdict(edition, published),
        parts=parts,
        removed=tuple(change for change in changes or () if change.kind == "removed"),
        changes=changes,
        sections={section.name: len(section.entries) for section in edition.issue.sections},
        warmups=sum(isinstance(warmup, Warmup) for warmup in edition.issue.warmups),
        characters=sum(counts),
        minutes=max(1, round(counts[0] / CHARACTERS_A_MINUTE + counts[1] / WORDS_A_MINUTE)),
        budget=budget,
        budget_problem=problem,
        links={url: edition.link_statuses.get(url) for _, url in pages(edition.draft.issue)},
    )


def _verdict(edition: Edition, published: bool) -> Verdict:
    if any(finding.severity == "error" for finding in edition.findings):
        return "blocked"
    return "unchanged" if published or (edition.since is None and edition.changes == ()) else "ready"


def _view(edition: Edition) -> IssueView | None:
    """The issue as readers see it; nothing where it cannot be shown whole, which a finding says."""
    try:
        return view(edition.issue, edition.newsletter)
    except MarkupError:
        return None


def _budget(edition: Edition) -> tuple[Budget | None, str]:
    if not edition.newsletter.wechat:
        return None, ""
    try:
        return weigh(edition.issue, edition.newsletter), ""
    except MarkupError as error:
        return None, error.message_in(edition.newsletter.language)


def _visible(edition: Edition) -> str:
    try:
        return Markup(page.fragment(edition.issue, edition.newsletter)).striptags()
    except MarkupError:
        return ""


class _Assembler:
    """Puts what is known of an issue to the part that it concerns."""

    def __init__(self, edition: Edition, shown: IssueView | None) -> None:
        self.edition = edition
        self.draft = edition.draft.issue
        self.shown = shown
        self.published = [n for n, s in enumerate(self.draft.sections) if s.items or self.draft.imported]
        self.codes = item_codes(self.draft)
        self.findings = _by_part([(finding.place.path, finding) for finding in edition.findings])
        still = [change for change in edition.changes or () if change.kind != "removed"]
        self.changes = _by_part([(self._in_draft(change.path), change) for change in still])
        checked = edition.link_statuses
        self.links = _by_part([(path, (url, checked[url])) for path, url in pages(self.draft) if url in checked])

    def parts(self) -> Iterator[ReviewPart]:
        """The parts that there are, in the order of the issue; others only where there is something to say of them."""
        yield from self._optional(())
        for field in FRAME:
            yield from self._frame(field)
        yield from self._optional(("sections",))
        for number in range(len(self.draft.sections)):
            yield from self._section(number)
        yield from self._frame("closing")
        yield from (part for key in sorted(self._left()) for part in self._optional(key))

    def _left(self) -> set[tuple[str, ...]]:
        """Fields that are no part of the page, such as the file's head, of which there is something to say."""
        known = {(), ("sections",), ("closing",), *((field,) for field in FRAME)}
        return {(str(key[0]),) for key in {*self.findings, *self.changes} if len(key) == 1 and key not in known}

    def _optional(self, key: Path) -> Iterator[ReviewPart]:
        if key in self.findings or key in self.changes:
            yield self._part(key)

    def _frame(self, field: str) -> Iterator[ReviewPart]:
        html = self._html(field)
        if html or (field,) in self.findings or (field,) in self.changes:
            earlier = tuple(self.edition.past.companies.values()) if field == "warmups" else ()
            yield self._part((field,), html=html, earlier=earlier)

    def _html(self, field: str) -> Markup:
        if self.shown is None:
            return Markup()
        if field == "warmups":
            return Markup("").join(self.shown.warmups)
        return Markup(getattr(self.shown, "keywords" if field == "headline" else field))

    def _section(self, number: int) -> Iterator[ReviewPart]:
        section = self.draft.sections[number]
        yield from self._optional(("sections", number))
        views = self._views(number)
        weights = self._weights(number)
        for index, item in enumerate(section.items):
            key: Path = ("sections", number, "items", index)
            html = _item_html(views[index]) if index < len(views) else Markup()
            characters = weights[index] if index < len(weights) else None
            if isinstance(item, Raw):
                yield self._part(key, html=html, characters=characters)
            else:
                yield self._item(key, item, html, characters)

    def _item(self, key: Path, item: Item, html: Markup, characters: int | None) -> ReviewPart:
        return self._part(
            key,
            code=self.codes[key],
            title=item_title(item, translator(self.edition.newsletter.language)),
            html=html,
            earlier=tuple(self.edition.past.earlier_of(item)),
            note=item.note,
            ready=None if self.draft.imported else item.status == "ready",
            characters=characters,
        )

    def _part(self, key: Path, **known: object) -> ReviewPart:
        return ReviewPart(
            path=key,
            name=part_name(self.draft, key, self.edition.newsletter.language),
            line=self.edition.draft.line(key) if key else None,
            findings=tuple(self.findings.get(key, ())),
            changes=tuple(self.changes.get(key, ())),
            links=tuple(dict.fromkeys(self.links.get(key, ()))),
            **known,  # type: ignore[arg-type]  # the fields of a part
        )

    def _views(self, number: int) -> Sequence[ItemView]:
        if self.shown is None or number not in self.published:
            return ()
        return self.shown.sections[self.published.index(number)].entries

    def _weights(self, number: int) -> Sequence[int]:
        """The characters of each item of a section in the article."""
        budget, _ = _budget(self.edition)
        if budget is None or number not in self.published:
            return ()
        sections = self.edition.issue.sections
        at = self.published.index(number)
        start = sum(len(section.items) for section in sections[:at])
        return [weight.characters for weight in budget.items[start : start + len(sections[at].items)]]

    def _in_draft(self, path: Path) -> Path:
        """A path within the published issue, which has no empty sections, as one within the draft."""
        match path:
            case ("sections", int(number), *rest):
                return ("sections", self.published[number], *rest)
        return path


def _by_part(found: Sequence[tuple[Path, T]]) -> dict[Path, list[T]]:
    parts = defaultdict[Path, list[T]](list)
    for path, value in found:
        parts[part_of(path)].append(value)
    return parts


def _item_html(item: ItemView) -> Markup:
    """An item as readers see it, its head as a paragraph so that the review has its own headings."""
    tags = Markup("").join(Markup("<code>{}</code> ").format(tag) for tag in item.tags)
    head = Markup("<p>{}<strong>{}</strong></p>\n").format(tags, item.head) if item.head or tags else Markup()
    by = Markup("<p>{}</p>\n").format(Markup(" · ").join(item.byline)) if item.byline else Markup()
    return head + by + item.body
