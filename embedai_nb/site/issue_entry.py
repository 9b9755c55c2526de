"""An issue as lists, feeds and search show it: its page, its items as rows, its texts without markup."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from embedai_nb.compose import NO_NUMBERS, Numbers
from embedai_nb.errors import MarkupError
from embedai_nb.html import page
from embedai_nb.html.absolute_urls import resolve_all, resolver
from embedai_nb.html.images import is_local
from embedai_nb.html.page import PageParts
from embedai_nb.html.render import plain
from embedai_nb.html.sanitize import permits
from embedai_nb.html.view_model import view
from embedai_nb.model import Issue, Item, Newsletter
from embedai_nb.site.grams import IssueGrams
from embedai_nb.site.issue_source import LoadedIssue
from embedai_nb.text.entities import unescape_markdown
from embedai_nb.text.urls import arxiv_id

__all__ = ["IssueEntry", "ItemRow", "issue_entry", "shortened"]

DESCRIPTION = 200
"""Characters of a description; previews of links show no more."""


class ItemRow(NamedTuple):
    """An item in a list."""

    date: datetime.date
    file: str
    anchor: str
    title: str
    repo: str
    section: str
    source: str
    url: str
    tags: tuple[str, ...] = ()
    """Without those that name a single paper."""

    def __repr__(self) -> str:
        return tuple.__repr__(self)  # a third of the time of the one with names, and there may be a million rows


@dataclass(frozen=True, eq=False)
class IssueEntry:
    """An issue of the site; all texts are plain, except those of type ``Markup``."""

    date: datetime.date
    file: str
    """File name of the page: of its date, the same as in the archive and on GitHub Pages, unless newsletter.yaml says so."""
    digest: str
    title: str
    keywords: tuple[str, ...]
    lead: str
    rows: tuple[ItemRow, ...]
    load_page: Callable[[], PageParts]
    """Returns the page: most of an issue is in it, so it need not stay in memory with the entry."""
    grams: IssueGrams | None = None
    """What the search index has of it, where that is known already."""
    linked: tuple[tuple[datetime.date, str], ...] = ()
    """Dates that it links to, and the pages that their issues have on the site; empty where there is none."""
    made_of: str = ""
    """Of an entry that was kept: what tells it from one made of something else, `linked` among it."""

    def __repr__(self) -> str:
        return f"IssueEntry({self.made_of or (self.digest, self.linked)!r}, {self.file!r})"

    @property
    def subject(self) -> str:
        """One line that says what the issue is about."""
        return " / ".join(self.keywords) or shortened(self.lead, 60) or self.title

    @property
    def html(self) -> Markup:
        """The page."""
        return self.load_page().html

    @property
    def html_below_title(self) -> Markup:
        """The page without its header."""
        return self.load_page().html_below_header

    @property
    def searched_text(self) -> str:
        """The text that search.js looks at: the title, and all that is between header and footer."""
        return f"{self.title} {self.load_page().main.striptags()}"


def issue_entry(
    loaded: LoadedIssue,
    date: datetime.date,
    newsletter: Newsletter,
    dates: Collection[datetime.date] = (),
    numbers: Numbers = NO_NUMBERS,
) -> IssueEntry:
    """Make the entry of an issue.

    Args:
        loaded: the issue.
        date: of its file, and so of its address; the title may name another.
        newsletter: its newsletter.
        dates: all issues of the site; relative links to them lead to their pages, others to the archive.
        numbers: of these, where they have any.

    Raises:
        MarkupError: some text is nested too deep to be shown whole.
    """
    issue, linked = loaded.issue, dict[datetime.date, str]()
    file = newsletter.page_file(date, numbers.get(date, issue.number))

    def file_of(other: datetime.date) -> str:
        linked[other] = newsletter.page_file(other, numbers.get(other)) if other in dates else ""
        return linked[other]

    try:
        parts = _resolved(page.parts(issue, newsletter), issue, newsletter, file_of)
    except MarkupError as error:
        error.path = error.path or loaded.path
        raise
    return IssueEntry(
        date=date,
        file=file,
        digest=loaded.digest,
        title=page.title(issue, newsletter),
        keywords=tuple(filter(None, (plain(keyword).strip() for keyword in issue.headline))),
        lead=_one_line(issue.lead or ""),
        rows=tuple(_rows(issue, date, file, newsletter)),
        load_page=lambda: parts,
        linked=tuple(sorted(linked.items())),
    )


def _resolved(
    parts: PageParts, issue: Issue, newsletter: Newsletter, file_of: Callable[[datetime.date], str]
) -> PageParts:
    """The page with its relative links resolved; anchors within it stay."""
    resolve = resolver(issue, newsletter, file_of)

    def address(url: str) -> str:
        return url if url.startswith("#") or is_local(url) else resolve(url)

    return PageParts(*(resolve_all(part, address) for part in parts))


def _rows(issue: Issue, date: datetime.date, file: str, newsletter: Newsletter) -> Iterator[ItemRow]:
    for section, shown in zip(issue.sections, view(issue, newsletter).sections, strict=True):
        anchors = [entry.anchor for entry in shown.entries if entry.anchor]
        for item, anchor in zip(section.entries, anchors, strict=True):
            name, source = plain(section.name), plain(item.source)
            tags = tuple(dict.fromkeys(filter(None, map(_tag, item.tags))))
            yield ItemRow(date, file, anchor, _title(item), item.repo or "", name, source, _web_address(item), tags)


def _tag(tag: str) -> str:
    """A tag as text; empty if it is the id of a paper, which says nothing of others."""
    return "" if arxiv_id(tag) else plain(tag).strip()


def _title(item: Item) -> str:
    return plain(item.title).strip() or item.repo or unescape_markdown(item.url or "") or "…"


def _web_address(item: Item) -> str:
    """The address that the item links to on its page; empty if it is none on the web."""
    url = unescape_markdown(item.url or "")
    return url if re.match("https?://", url, re.IGNORECASE) and permits(url) else ""


def _one_line(text: str) -> str:
    return " ".join(plain(line).strip().removeprefix(">").strip() for line in text.split("\n")).strip()


def shortened(text: str, length: int = DESCRIPTION) -> str:
    """Cut a text that is longer than ``length`` characters, and end it in an ellipsis."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
