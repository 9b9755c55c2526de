"""Generate all files of the site from its issues, the newest first; memory does not grow with their number.

Each file is given with what it is made of and a function that renders it, so that a build renders only what has changed,
and a preview only what is asked for.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from embedai_nb.errors import UsageError
from embedai_nb.i18n import _
from embedai_nb.publish.trends_page import TrendsPage
from embedai_nb.site.card_files import SITE_CARD
from embedai_nb.site.feeds import Feeds, entry_id
from embedai_nb.site.issue_entry import IssueEntry, ItemRow, shortened
from embedai_nb.site.pagination import ListPage, Paginator
from embedai_nb.site.renderer import SiteRenderer, default_stylesheet, script
from embedai_nb.site.search_index import SearchIndex, folding, segment_count
from embedai_nb.site.site_file import SiteFile, WriteFile
from embedai_nb.site.slugs import list_path
from embedai_nb.workspace.revisions import Revision, Revisions, revised

__all__ = ["generate_site"]

NEWEST = 80
"""Issues that the index lists."""
ISSUES, ITEMS = 40, 70
"""Rows of a page that lists issues, and of one that lists items; the newest page has up to twice as many: less than 60 KB."""


def generate_site(
    entries: Callable[[], Iterable[IssueEntry]],
    dates: Sequence[datetime.date],
    renderer: SiteRenderer,
    write: WriteFile,
    before: Revisions,
    trends: TrendsPage | None = None,
    cards: frozenset[str] = frozenset(),
) -> Revisions:
    """Generate the files of a site.

    Args:
        entries: gives the issues, the newest first; called twice.
        dates: their dates, the oldest first.
        renderer: of the site.
        write: called with each file.
        before: revisions of the last build.
        trends: the page about the whole archive, if there is one.
        cards: names of the pictures for shared links that there are.

    Returns:
        Revisions of this build; issues that are gone keep theirs.
    """
    if not dates:
        raise UsageError(_("no issue has been published yet"), remedy=_("publish one with: embedai issue DATE"))
    name = renderer.newsletter.name
    feed_id, given = before.feed_id or entry_id(name), {last.id for last in before.issues.values()}
    lists = _Lists.of(entries())
    site = _SiteBuilder(renderer, write, dates, lists, Feeds(renderer, len(dates), write, feed_id), trends, cards)
    known = {}
    for issue, newer, older in _with_neighbours(entries()):
        last = before.issues.get(issue.date)
        new_id = "" if last and last.id else entry_id(name, issue.date, given)
        known[issue.date] = revised(last, issue.digest, issue.date, dates[-1], new_id)
        site.add(issue, newer, older, known[issue.date])
    site.finish(known)
    return Revisions(feed_id, {**before.issues, **known})


def _with_neighbours(
    entries: Iterable[IssueEntry],
) -> Iterator[tuple[IssueEntry, IssueEntry | None, IssueEntry | None]]:
    """Each issue with the next newer and the next older one."""
    newer: IssueEntry | None = None
    current: IssueEntry | None = None
    for older in entries:
        if current:
            yield current, newer, older
        newer, current = current, older
    if current:
        yield current, newer, None


class IssueRow(NamedTuple):
    """An issue in a list."""

    date: datetime.date
    file: str
    subject: str
    items: int


class NextIssue(NamedTuple):
    """What the page of an issue shows of the one before or after it."""

    date: datetime.date
    file: str
    subject: str


class NamedList(NamedTuple):
    """A list of items, as the index names it."""

    path: str
    name: str
    """The spelling that is most frequent."""
    items: int


class _Lists(NamedTuple):
    """The lists of items: how many each has, and how its name is spelled; and the issues of each year."""

    spellings: Mapping[str, Counter[str]]
    """By the path of the list; in the order in which the newest items have them."""
    years: Mapping[int, int]

    @classmethod
    def of(cls, entries: Iterable[IssueEntry]) -> _Lists:
        spellings, years = dict[str, Counter[str]](), Counter[int]()
        named = Counter[tuple[str, str, tuple[str, ...]]]()
        for entry in entries:
            years[entry.date.year] += 1
            named.update(map(NAMES, entry.rows))
        for names, count in named.items():
            for path, _kind, name in _lists_of(*names):
                spellings.setdefault(path, Counter())[name] += count
        return cls(spellings, years)

    def named(self, kind: str) -> list[NamedList]:
        """The lists of a kind, the longest first."""
        found = [
            NamedList(path, names.most_common(1)[0][0], names.total())
            for path, names in self.spellings.items()
            if path.startswith(f"{kind}/")
        ]
        return sorted(found, key=lambda one: (-one.items, one.path))


NAMES = attrgetter("section", "source", "tags")
"""What an item tells of the lists that have it."""


@lru_cache(4096)
def _lists_of(section: str, source: str, tags: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    """Path, kind and name of each list that has an item."""
    names = [("sections", section), ("sources", source), *(("tags", tag) for tag in tags)]
    found = {list_path(kind, name): (kind, name) for kind, name in names}
    return tuple((path, kind, name) for path, (kind, name) in found.items() if path)


class _SiteBuilder:
    """Writes the files of a site while its issues are added."""

    def __init__(
        self,
        renderer: SiteRenderer,
        write: WriteFile,
        dates: Sequence[datetime.date],
        lists: _Lists,
        feeds: Feeds,
        trends: TrendsPage | None,
        cards: frozenset[str],
    ) -> None:
        self.renderer = renderer
        self.write = write
        self.lists = lists
        self.feeds = feeds
        self.trends = trends
        self.cards = cards
        self.index = SearchIndex(len(dates), write)
        self.segments = segment_count(len(dates))
        self.years = tuple(sorted(lists.years, reverse=True))
        self.paginators: dict[str, Paginator[IssueRow] | Paginator[ItemRow]] = {}
        self.newest: list[IssueRow] = []
        self.latest: IssueEntry | None = None
        self.taken: set[str] = set()
        self.pages: list[tuple[str, datetime.datetime]] = []
        """Paths for the sitemap, and when each was updated."""

    def page(
        self,
        template: str,
        path: str,
        updated: datetime.datetime | None = None,
        entry: IssueEntry | None = None,
        card: str = SITE_CARD,
        **values: object,
    ) -> None:
        """Write a page.

        Args:
            template: name of the template.
            path: of the page.
            updated: for the sitemap, which has no page without it.
            entry: whose page is shown within it.
            card: name of its picture for shared links, if there is such a picture.
            values: further variables of the template.
        """
        values["card"] = f"cards/{card}.png" if card in self.cards else ""

        def render() -> str:
            shown: dict[str, object] = {"html": entry.html} if entry else {}
            return self.renderer.render(template, path, {**values, **shown}) + "\n"

        self.write(SiteFile(path, (self.renderer.shared, template, entry, values), render))
        if updated:
            self.pages.append((path, updated))

    def add(self, issue: IssueEntry, newer: IssueEntry | None, older: IssueEntry | None, revision: Revision) -> None:
        """Add the next issue, older than all before it."""
        if issue.file in self.taken:
            raise UsageError(
                _("two issues have the page {file}", file=issue.file), remedy=_("give them different numbers")
            )
        self.taken.add(issue.file)
        self.page(
            "issue.html.j2",
            issue.file,
            revision.updated,
            entry=issue,
            card=str(issue.date),
            date=issue.date,
            title=issue.title,
            description=shortened(issue.lead or issue.subject),
            newer=newer and NextIssue(newer.date, newer.file, newer.subject),
            older=older and NextIssue(older.date, older.file, older.subject),
        )
        if self.renderer.address:
            self.feeds.add(issue, revision)
        self.index.add(issue)
        self._list(IssueRow(issue.date, issue.file, shortened(issue.subject, 120), len(issue.rows)), revision.updated)
        for row in issue.rows:
            for path, kind, name in _lists_of(row.section, row.source, row.tags):
                self._list_item(path, kind, name, row, revision.updated)
        self.latest = self.latest or issue

    def _list(self, row: IssueRow, updated: datetime.datetime) -> None:
        if len(self.newest) < NEWEST:
            self.newest.append(row)
        year, path = row.date.year, f"{row.date.year}.html"
        if path not in self.paginators:
            write = partial(self._year_page, year)
            self.paginators[path] = Paginator[IssueRow](path, ISSUES, self.lists.years[year], write)
        self.paginators[path].add(row, updated)  # type: ignore[arg-type]  # a path has rows of one kind

    def _list_item(self, path: str, kind: str, name: str, row: ItemRow, updated: datetime.datetime) -> None:
        if path not in self.paginators:
            total, write = self.lists.spellings[path].total(), partial(self._item_page, kind, name)
            self.paginators[path] = Paginator[ItemRow](path, ITEMS, total, write)
        self.paginators[path].add(row, updated)  # type: ignore[arg-type]  # a path has rows of one kind

    def _year_page(self, year: int, page: ListPage[IssueRow], updated: datetime.datetime) -> None:
        self.page("year.html.j2", page.path, updated, listing=page, year=year, years=self.years)

    def _item_page(self, kind: str, name: str, page: ListPage[ItemRow], updated: datetime.datetime) -> None:
        self.page("items.html.j2", page.path, updated, listing=page, kind=kind, name=name)

    def finish(self, known: Mapping[datetime.date, Revision]) -> None:
        """Write the files that depend on all issues."""
        updated = max(revision.updated for revision in known.values())
        sources, tags = self.lists.named("sources"), self.lists.named("tags")
        for kind, names in (("sources", sources), ("tags", tags)):
            if names:
                self.page("names.html.j2", f"{kind}.html", updated, kind=kind, names=names)
        if self.trends:
            self.page("trends.html.j2", "trends.html", updated, trends=self.trends)
        self._index(updated, sources, tags)
        self.page("404.html.j2", "404.html")
        self._assets()
        if self.renderer.address:
            pages = sorted(self.pages, key=lambda page: (page[0] != "index.html", page[0]))
            self._text("sitemap.xml", ("sitemap.xml.j2", {"pages": pages}))
        self._text("robots.txt", ("robots.txt.j2", {}))

    def _index(self, updated: datetime.datetime, sources: Sequence[NamedList], tags: Sequence[NamedList]) -> None:
        assert self.latest, "there is an issue"
        self.page(
            "index.html.j2",
            "index.html",
            updated,
            latest=IssueRow(self.latest.date, self.latest.file, self.latest.subject, len(self.latest.rows)),
            lead=shortened(self.latest.lead, 180),
            by_year=[(year, list(rows)) for year, rows in groupby(self.newest, key=lambda row: row.date.year)],
            counts=dict(self.lists.years),
            years=self.years,
            sections=self._sections_in_order(),
            sources=sources[:10],
            tags=tags[:10],
            totals={"sources": len(sources), "tags": len(tags)},
            segments=self.segments,
            trends=bool(self.trends),
        )

    def _sections_in_order(self) -> Sequence[NamedList]:
        """Sections in the order of newsletter.yaml; then those that it no longer has."""
        order = [list_path("sections", section.name) for section in self.renderer.newsletter.sections]
        return sorted(
            self.lists.named("sections"), key=lambda one: order.index(one.path) if one.path in order else len(order)
        )

    def _assets(self) -> None:
        theme = self.renderer.theme
        self.write(SiteFile("style.css", (theme.style,), lambda: default_stylesheet() + theme.style))
        self.write(SiteFile("search.js", (), script))
        self.write(SiteFile("search/folding.json", (), folding))
        self.write(SiteFile(".nojekyll", (), str))
        for path, content in theme.files:
            self.write(SiteFile(path, (content,), partial(bytes, content)))

    def _text(self, path: str, template: tuple[str, Mapping[str, object]]) -> None:
        """Write a file for programs."""
        name, values = template
        made_of = (self.renderer.address, name, values)
        self.write(SiteFile(path, made_of, lambda: self.renderer.render(name, path, values)))
