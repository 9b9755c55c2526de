"""Generate all files of the site from a stream of issues, the newest first; memory does not grow with their number.

Each file is written as its path and a function that renders it, so that a preview renders only what is asked for.
"""

from __future__ import annotations

import datetime
import logging
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path

from embedai_nb.drafts import load_newsletter
from embedai_nb.errors import ConflictMarkersError, PublishError, UsageError, system_problem
from embedai_nb.i18n import _
from embedai_nb.model import Newsletter
from embedai_nb.progress import OnProgress, silent
from embedai_nb.publish.trends_page import TrendsPage, load_trends_page
from embedai_nb.site.feeds import Feeds, entry_id
from embedai_nb.site.issue_entry import IssueEntry, ItemRow, issue_entry, shortened
from embedai_nb.site.issue_source import PublishedIssues
from embedai_nb.site.pagination import ListPage, Paginator
from embedai_nb.site.renderer import SiteRenderer, WriteFile, script, site_address, stylesheet
from embedai_nb.site.replace_folder import replacing_folder
from embedai_nb.site.search_index import SearchIndex, folding, segment_count
from embedai_nb.site.slugs import slug
from embedai_nb.workspace import layout
from embedai_nb.workspace.locks import site_lock
from embedai_nb.workspace.revisions import Revision, Revisions, load_revisions, revised, save_revisions
from embedai_nb.workspace.transaction import recover

__all__ = ["BuiltSite", "build_site", "generate_site"]

logger = logging.getLogger(__name__)

ISSUES, ITEMS = 80, 100
"""Rows of a page that lists issues, and of one that lists items: pages of less than 60 KB."""
TIMEOUT = 600
"""Seconds to wait for another process that builds the site; ten thousand issues take a third of that."""


@dataclass(frozen=True)
class BuiltSite:
    """A site that was built."""

    folder: Path
    issues: int
    address: str
    unmerged: tuple[ConflictMarkersError, ...] = ()
    """Issues that were left out, since Git could not merge their file."""


def build_site(folder: Path, out: Path, address: str | None = None, *, on_progress: OnProgress = silent) -> BuiltSite:
    """Build the site of all published issues, in place of the site that is in the folder.

    Args:
        folder: the issues folder; its archive/revisions.json is updated.
        out: the folder of the site.
        address: URL of the site; ``site_url`` of newsletter.yaml if not given.  If empty, there are no sitemap
            nor canonical links, nor feeds, which need absolute URLs.
        on_progress: called whenever an issue has been read.

    Raises:
        UsageError: the URL is invalid, ``out`` holds something else, or nothing has been published.
        DraftError, MarkupError: an issue can't be read or shown.
        PublishError: the files can't be written.
        LockedError: another process has been building the site for too long.
    """
    newsletter = load_newsletter(folder / layout.NEWSLETTER)
    address = site_address(newsletter.site_url if address is None else address)
    source, began = PublishedIssues(folder, newsletter), time.monotonic()
    try:
        with site_lock(folder, timeout=TIMEOUT):
            recover(folder)
            before, known = load_revisions(folder), frozenset(source.dates)
            read = (issue_entry(source.load(date), date, newsletter, known) for date in reversed(source.dates))
            entries = _reported(read, len(source.dates), on_progress)
            with replacing_folder(out) as new:
                _copy_images(folder / layout.ARCHIVE / "images", new / "images")
                write, trends = partial(_write, new), load_trends_page(folder)
                now = generate_site(entries, source.dates, newsletter, write, address, before, trends)
            save_revisions(folder, now)
        logger.info("built %s from %d issues in %.2f s", out, len(source.dates), time.monotonic() - began)
    except OSError as error:
        raise PublishError(
            system_problem(error), path=error.filename or out, remedy=_("the site that was there is untouched")
        ) from error
    return BuiltSite(out, len(source.dates), address, tuple(source.unmerged.values()))


def _reported(entries: Iterator[IssueEntry], of: int, on_progress: OnProgress) -> Iterator[IssueEntry]:
    """The same entries; reports how many were taken."""
    for done, entry in enumerate(entries, 1):
        yield entry
        on_progress(done, of)


def _copy_images(published: Path, out: Path) -> None:
    """Copy the pictures that pages show, as they lie beside the archive."""
    if published.is_dir():
        shutil.copytree(published, out)


def _write(out: Path, path: str, render: Callable[[], str]) -> None:
    """Write one file."""
    target, content = out / path, render().encode()
    try:
        target.write_bytes(content)
    except FileNotFoundError:
        target.parent.mkdir(parents=True)
        target.write_bytes(content)


def generate_site(
    entries: Iterable[IssueEntry],
    dates: Sequence[datetime.date],
    newsletter: Newsletter,
    write: WriteFile,
    address: str,
    before: Revisions,
    trends: TrendsPage | None = None,
) -> Revisions:
    """Generate the files of a site.

    Args:
        entries: the issues, the newest first.
        dates: their dates, the oldest first.
        newsletter: the newsletter.
        write: called with each file.
        address: URL of the site, as in `build_site`.
        before: revisions of the last build.
        trends: the page about the whole archive, if there is one.

    Returns:
        Revisions of this build; issues that are gone keep theirs.
    """
    if not dates:
        raise UsageError(_("no issue has been published yet"), remedy=_("publish one with: embedai issue DATE"))
    years = tuple(sorted({date.year for date in dates}, reverse=True))
    feed_id, given = before.feed_id or entry_id(newsletter.name), {last.id for last in before.issues.values()}
    site = _SiteBuilder(SiteRenderer(newsletter, address, years), write, len(dates), feed_id, trends)
    known = {}
    for issue, newer, older in _with_neighbours(entries):
        last, new_id = before.issues.get(issue.date), entry_id(newsletter.name, issue.date, given)
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


@dataclass(frozen=True)
class IssueRow:
    """An issue in a list."""

    date: datetime.date
    file: str
    subject: str
    items: int


class _SiteBuilder:
    """Writes the files of a site while its issues are added."""

    def __init__(
        self, renderer: SiteRenderer, write: WriteFile, total: int, feed_id: str, trends: TrendsPage | None
    ) -> None:
        self.renderer = renderer
        self.trends = trends
        self.write = write
        self.total = total
        self.feeds = Feeds(renderer, total, write, feed_id)
        self.index = SearchIndex(total, write)
        self.years: dict[int, Paginator[IssueRow]] = {}
        self.sections: dict[str, Paginator[ItemRow]] = {}
        self.sources: dict[str, Paginator[ItemRow]] = {}
        self.spellings: dict[str, Counter[str]] = {}
        self.newest: list[IssueRow] = []
        self.latest: IssueEntry | None = None

    def page(self, template: str, path: str, **values: object) -> None:
        """Write a page."""
        self.write(path, lambda: self.renderer.render(template, path, **values) + "\n")

    def add(self, issue: IssueEntry, newer: IssueEntry | None, older: IssueEntry | None, revision: Revision) -> None:
        """Add the next issue, older than all before it."""
        description = shortened(issue.lead or issue.subject)
        self.page("issue.html.j2", issue.file, issue=issue, newer=newer, older=older, description=description)
        if self.renderer.address:
            self.feeds.add(issue, revision)
        self.index.add(issue)
        self._list(IssueRow(issue.date, issue.file, shortened(issue.subject, 120), len(issue.rows)))
        for row in issue.rows:
            self._list_item(self.sections, "sections", row.section, row)
            self._list_item(self.sources, "sources", row.source, row)
        self.latest = self.latest or issue

    def _list(self, summary: IssueRow) -> None:
        if len(self.newest) < ISSUES:
            self.newest.append(summary)
        year = summary.date.year
        if year not in self.years:
            self.years[year] = Paginator(f"{year}.html", ISSUES, partial(self._year_page, year))
        self.years[year].add(summary)

    def _list_item(self, lists: dict[str, Paginator[ItemRow]], kind: str, name: str, row: ItemRow) -> None:
        path = _path_of_list(kind, name)
        if not path:
            return
        if path not in lists:
            lists[path] = Paginator(path, ITEMS, partial(self._item_page, kind, name))
            self.spellings[path] = Counter()
        lists[path].add(row)
        self.spellings[path][name] += 1

    def _year_page(self, year: int, page: ListPage[IssueRow]) -> None:
        self.page("year.html.j2", page.path, listing=page, year=year)

    def _item_page(self, kind: str, name: str, page: ListPage[ItemRow]) -> None:
        self.page("items.html.j2", page.path, listing=page, kind=kind, name=name)

    def finish(self, known: Mapping[datetime.date, Revision]) -> None:
        """Write the files that depend on all issues."""
        for years in self.years.values():
            years.close()
        for items in (*self.sections.values(), *self.sources.values()):
            items.close()
        sections, sources = self._sections_in_order(), self._named(self.sources)
        self.page("sources.html.j2", "sources.html", sources=sources)
        if self.trends:
            self.page("trends.html.j2", "trends.html", trends=self.trends)
        self.page(
            "index.html.j2",
            "index.html",
            latest=self.latest,
            years=[(year, list(rows)) for year, rows in groupby(self.newest, key=lambda row: row.date.year)],
            counts={year: listed.count for year, listed in self.years.items()},
            sections=sections,
            sources=sources,
            segments=segment_count(self.total),
            trends=self.trends,
        )
        self.page("404.html.j2", "404.html")
        self.write("style.css", stylesheet)
        self.write("search.js", script)
        self.write("search/folding.json", folding)
        self.write(".nojekyll", str)
        if self.renderer.address:
            self._sitemap(known)

    def _named(self, lists: dict[str, Paginator[ItemRow]]) -> Sequence[tuple[str, str, int]]:
        """Path, most frequent spelling and number of items of each list, the longest first."""
        named = [(path, self.spellings[path].most_common(1)[0][0], listed.count) for path, listed in lists.items()]
        return sorted(named, key=lambda one: (-one[2], one[0]))

    def _sections_in_order(self) -> Sequence[tuple[str, str, int]]:
        """Sections in the order of newsletter.yaml; then those that it no longer has."""
        order = [f"sections/{slug(section.name)}.html" for section in self.renderer.newsletter.sections]
        return sorted(
            self._named(self.sections), key=lambda one: order.index(one[0]) if one[0] in order else len(order)
        )

    def _sitemap(self, known: Mapping[datetime.date, Revision]) -> None:
        lists = [f"{year}.html" for year in self.years] + sorted((*self.sections, *self.sources))
        lists += ["trends.html"] if self.trends else []
        issues = [(f"{date}.html", revision.updated) for date, revision in known.items()]
        self.page("sitemap.xml.j2", "sitemap.xml", lists=["index.html", *lists, "sources.html"], issues=issues)


@lru_cache(4096)
def _path_of_list(kind: str, name: str) -> str:
    """Path of the list of a section or source; empty if it has no name."""
    return f"{kind}/{slug(name)}.html" if name.strip() else ""
