"""An issue as the site speaks of it: its page, and what lists and feeds say about it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import NamedTuple

from markupsafe import Markup

from embedai_nb.errors import MarkupError
from embedai_nb.html import page
from embedai_nb.html.render import plain
from embedai_nb.html.sanitize import permits
from embedai_nb.model import Issue, Item, Newsletter
from embedai_nb.site.source import Copy

__all__ = ["IssueEntry", "ItemRow", "entry", "shortened", "without_tags"]

HEADER = re.compile(r"<header>.*?</header>\s*", re.DOTALL)
ITEM = re.compile(r'<article id="([^"]*)">')
DESCRIPTION = 200
"""Characters that those who show a link to a page show of its description."""


class ItemRow(NamedTuple):
    """An item in a list."""

    date: datetime.date
    anchor: str
    title: str
    repo: str
    section: str
    source: str
    url: str


@dataclass(frozen=True, eq=False)
class IssueEntry:
    """An issue; all texts are plain, those called ``html`` are sanitized."""

    date: datetime.date
    digest: str
    title: str
    keywords: tuple[str, ...]
    lead: str
    rows: tuple[ItemRow, ...]
    read: Callable[[], str]
    """Gives the page: most of an issue is in it, so whoever keeps many need not keep it."""

    @property
    def file(self) -> str:
        """The page's name, the same as in the archive and on GitHub Pages."""
        return f"{self.date}.html"

    @property
    def subject(self) -> str:
        """What it is about, in a line."""
        return " / ".join(self.keywords) or shortened(self.lead, 60) or self.title

    @property
    def html(self) -> Markup:
        """The page."""
        return Markup(self.read())

    @property
    def html_below_title(self) -> Markup:
        """The page without its header."""
        return Markup(HEADER.sub("", self.html, count=1))


def entry(copy: Copy, date: datetime.date, newsletter: Newsletter) -> IssueEntry:
    """The entry of an issue.

    Args:
        copy: the issue.
        date: that of its file, and so of its address; the title may name another.
        newsletter: its newsletter.

    Raises:
        MarkupError: some text is nested too deep to be shown whole.
    """
    issue = copy.issue
    try:
        html = page.fragment(issue, newsletter).strip()
    except MarkupError as error:
        error.path = error.path or copy.path
        raise
    return IssueEntry(
        date=date,
        digest=copy.digest,
        title=page.title(issue, newsletter),
        keywords=tuple(filter(None, (plain(keyword).strip() for keyword in issue.headline))),
        lead=_in_a_line(issue.lead or ""),
        rows=tuple(_rows(issue, date, ITEM.findall(html))),
        read=lambda: html,
    )


def _rows(issue: Issue, date: datetime.date, anchors: list[str]) -> Iterator[ItemRow]:
    items = [(section, item) for section in issue.sections for item in section.entries]
    for (section, item), anchor in zip(items, anchors, strict=True):
        url = _address(item)
        yield ItemRow(date, anchor, _title(item), item.repo or "", plain(section.name), plain(item.source), url)


def _title(item: Item) -> str:
    return plain(item.title).strip() or item.repo or item.url or "…"


def _address(item: Item) -> str:
    url = unescape(item.url or "")
    return url if re.match("https?://", url, re.IGNORECASE) and permits(url) else ""


def _in_a_line(text: str) -> str:
    return " ".join(plain(line).strip().removeprefix(">").strip() for line in text.split("\n")).strip()


def shortened(text: str, length: int = DESCRIPTION) -> str:
    """``text``, cut where it is longer, with an ellipsis."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def without_tags(html: str) -> str:
    """The characters of sanitized HTML."""
    return unescape(re.sub(r"<[^>]*>", "", html))
