"""All files of the site, from the issues one after another, the newest first: memory does not grow with them.

Each file is handed over as what makes it, so that those who look at few of them have few of them made.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path

from embedai_nb.drafts import load_newsletter
from embedai_nb.errors import PublishError, UsageError
from embedai_nb.model import Newsletter
from embedai_nb.site import revisions
from embedai_nb.site.feeds import Feeds
from embedai_nb.site.issue_entry import IssueEntry, ItemRow, entry, shortened
from embedai_nb.site.pagination import Chapter, Paged
from embedai_nb.site.renderer import Frame, Put, script, site_address, style
from embedai_nb.site.replace_folder import replaced
from embedai_nb.site.revisions import Revisions, revised
from embedai_nb.site.search_index import SearchIndex, segments
from embedai_nb.site.slugs import slug
from embedai_nb.site.source import PublishedIssues
from embedai_nb.workspace import layout
from embedai_nb.workspace.locks import lock_file

__all__ = ["Built", "build", "make_site"]

ISSUES, ITEMS = 80, 100
"""Rows of a page that lists issues, and of one that lists items: less than 60 KB."""
TIMEOUT = 600
"""Seconds to wait for another process that builds the site; ten thousand issues take a third of that."""


@dataclass(frozen=True)
class Built:
    """What there is in a new site."""

    folder: Path
    issues: int
    address: str


def build(folder: Path, out: Path, address: str | None = None) -> Built:
    """Put the site of all published issues into a folder, in place of the site that is there.

    Args:
        folder: the issues folder; archive/revisions.json in it is brought up to date.
        out: the folder to make.
        address: where the site will stand; when not given, newsletter.yaml says it.  Where that is empty there is
            neither sitemap nor canonical link, and the feeds name pages by relative addresses.

    Raises:
        UsageError: the address is none, ``out`` holds something else, or nothing has been published.
        DraftError, MarkupError: an issue can't be read or shown.
        PublishError: the files can't be written.
        LockedError: another process has been building the site for too long.
    """
    newsletter = load_newsletter(folder / layout.NEWSLETTER)
    address = site_address(newsletter.site_url if address is None else address)
    shelf = PublishedIssues(folder, newsletter)
    try:
        with lock_file(folder / layout.lock("site.lock"), "the site is being built", timeout=TIMEOUT):
            before = revisions.load(folder)
            entries = (entry(shelf.take(date), date, newsletter) for date in reversed(shelf.dates))
            with replaced(out) as new:
                now = make_site(entries, shelf.dates, newsletter, partial(_write, new), address, before)
            revisions.save(folder, {**before, **now})
    except OSError as error:
        problem = error.strerror or str(error)
        raise PublishError(
            problem, path=error.filename or out, remedy="the site that was there is untouched"
        ) from error
    return Built(out, len(shelf.dates), address)


def _write(out: Path, path: str, make: Callable[[], str]) -> None:
    """Write one file."""
    target, content = out / path, make().encode()
    try:
        target.write_bytes(content)
    except FileNotFoundError:
        target.parent.mkdir(parents=True)
        target.write_bytes(content)


def make_site(
    entries: Iterable[IssueEntry],
    dates: Sequence[datetime.date],
    newsletter: Newsletter,
    put: Put,
    address: str,
    before: Revisions,
) -> Revisions:
    """Hand over the files of a site.

    Args:
        entries: its issues, the newest first.
        dates: theirs, the oldest first.
        newsletter: whose site it is.
        put: takes path and content of each file.
        address: as in `build`.
        before: the revisions of the issues when the site was made last.

    Returns:
        The revisions of its issues.
    """
    if not dates:
        raise UsageError("no issue has been published yet", remedy="publish one with: embedai issue DATE")
    years = tuple(sorted({date.year for date in dates}, reverse=True))
    site = _Site(Frame(newsletter, address, years), put, len(dates))
    known = {}
    for issue, newer, older in _with_neighbours(entries):
        known[issue.date] = revised(before.get(issue.date), issue.digest, issue.date, dates[-1])
        site.add(issue, newer, older, known[issue.date].updated)
    site.finish(known)
    return known


def _with_neighbours(
    entries: Iterable[IssueEntry],
) -> Iterator[tuple[IssueEntry, IssueEntry | None, IssueEntry | None]]:
    """Each issue with the one after it and the one before."""
    newer: IssueEntry | None = None
    current: IssueEntry | None = None
    for older in entries:
        if current:
            yield current, newer, older
        newer, current = current, older
    if current:
        yield current, newer, None


@dataclass(frozen=True)
class Summary:
    """An issue in a list."""

    date: datetime.date
    file: str
    subject: str
    items: int


class _Site:
    """The files of a site while its issues come by."""

    def __init__(self, frame: Frame, put: Put, total: int) -> None:
        self.frame = frame
        self.put = put
        self.total = total
        self.feeds = Feeds(frame, total, put)
        self.index = SearchIndex(total, put)
        self.years: dict[int, Paged[Summary]] = {}
        self.sections: dict[str, Paged[ItemRow]] = {}
        self.sources: dict[str, Paged[ItemRow]] = {}
        self.spellings: dict[str, Counter[str]] = {}
        self.newest: list[Summary] = []
        self.latest: IssueEntry | None = None

    def page(self, template: str, path: str, **values: object) -> None:
        """Hand over one page."""
        self.put(path, lambda: self.frame.render(template, path, **values) + "\n")

    def add(
        self, issue: IssueEntry, newer: IssueEntry | None, older: IssueEntry | None, updated: datetime.datetime
    ) -> None:
        """The next issue, older than all before it."""
        description = shortened(issue.lead or issue.subject)
        self.page("issue.html.j2", issue.file, issue=issue, newer=newer, older=older, description=description)
        self.feeds.add(issue, updated)
        self.index.add(issue)
        self._list(Summary(issue.date, issue.file, shortened(issue.subject, 120), len(issue.rows)))
        for row in issue.rows:
            self._list_item(self.sections, "sections", row.section, row)
            self._list_item(self.sources, "sources", row.source, row)
        self.latest = self.latest or issue

    def _list(self, summary: Summary) -> None:
        if len(self.newest) < ISSUES:
            self.newest.append(summary)
        year = summary.date.year
        if year not in self.years:
            self.years[year] = Paged(f"{year}.html", ISSUES, partial(self._year_page, year))
        self.years[year].add(summary)

    def _list_item(self, lists: dict[str, Paged[ItemRow]], kind: str, name: str, row: ItemRow) -> None:
        path = _path_of_list(kind, name)
        if not path:
            return
        if path not in lists:
            lists[path] = Paged(path, ITEMS, partial(self._item_page, kind, name))
            self.spellings[path] = Counter()
        lists[path].add(row)
        self.spellings[path][name] += 1

    def _year_page(self, year: int, chapter: Chapter[Summary]) -> None:
        self.page("year.html.j2", chapter.path, chapter=chapter, year=year)

    def _item_page(self, kind: str, name: str, chapter: Chapter[ItemRow]) -> None:
        self.page("items.html.j2", chapter.path, chapter=chapter, kind=kind, name=name)

    def finish(self, known: Revisions) -> None:
        """Hand over all that could not be known before the oldest issue was."""
        for years in self.years.values():
            years.close()
        for items in (*self.sections.values(), *self.sources.values()):
            items.close()
        sections, sources = self._sections_in_order(), self._named(self.sources)
        self.page("sources.html.j2", "sources.html", sources=sources)
        self.page(
            "index.html.j2",
            "index.html",
            latest=self.latest,
            years=[(year, list(rows)) for year, rows in groupby(self.newest, key=lambda row: row.date.year)],
            counts={year: listed.count for year, listed in self.years.items()},
            sections=sections,
            sources=sources,
            segments=segments(self.total),
        )
        self.page("404.html.j2", "404.html")
        self.put("style.css", style)
        self.put("search.js", script)
        self.put(".nojekyll", str)
        if self.frame.address:
            self._sitemap(known)

    def _named(self, lists: dict[str, Paged[ItemRow]]) -> Sequence[tuple[str, str, int]]:
        """Path, most frequent spelling and number of items; those with the most items first."""
        named = [(path, self.spellings[path].most_common(1)[0][0], listed.count) for path, listed in lists.items()]
        return sorted(named, key=lambda one: (-one[2], one[0]))

    def _sections_in_order(self) -> Sequence[tuple[str, str, int]]:
        """As the newsletter orders them; then those it had once."""
        order = [f"sections/{slug(style.name)}.html" for style in self.frame.newsletter.sections]
        return sorted(
            self._named(self.sections), key=lambda one: order.index(one[0]) if one[0] in order else len(order)
        )

    def _sitemap(self, known: Revisions) -> None:
        lists = [f"{year}.html" for year in self.years] + sorted((*self.sections, *self.sources))
        issues = [(f"{date}.html", revision.updated) for date, revision in known.items()]
        self.page("sitemap.xml.j2", "sitemap.xml", lists=["index.html", *lists, "sources.html"], issues=issues)


@lru_cache(4096)
def _path_of_list(kind: str, name: str) -> str:
    """Where the items of a section or source are listed; nothing where it has no name."""
    return f"{kind}/{slug(name)}.html" if name.strip() else ""
