"""Import the issues of a newsletter that only a feed has: each entry is one."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from bs4 import BeautifulSoup

from embedai_nb.capture import Fetcher
from embedai_nb.drafts import DraftStore
from embedai_nb.drafts.yaml_reader import check_size
from embedai_nb.errors import DraftError, UsageError, system_problem
from embedai_nb.i18n import _
from embedai_nb.importing.convert import convert, convert_html
from embedai_nb.importing.files import Imported, as_published
from embedai_nb.importing.shapes import Shape
from embedai_nb.inbox.feed_reader import FeedError, FullEntry, read_in_child
from embedai_nb.model import Issue, Newsletter

__all__ = ["FeedIssue", "entries_of", "import_entry", "is_feed"]

SUFFIXES = {".atom", ".json", ".rss", ".xml"}


@dataclass(frozen=True)
class FeedIssue:
    """An entry of a feed, and the feed's place."""

    entry: FullEntry
    feed: str

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return self.entry.title.replace("/", "-") or self.entry.url or self.feed


def is_feed(source: str) -> bool:
    """Whether an argument of the command names a feed: an address, or a file whose name says so."""
    return source.startswith(("http://", "https://")) or Path(source).suffix.lower() in SUFFIXES


def entries_of(source: str, fetcher: Fetcher) -> Iterator[FeedIssue]:
    """Read a feed; its issues come the oldest first, as feeds have the newest first.

    Args:
        source: an address, or a file.
        fetcher: asks for the address.

    Raises:
        FetchError: it cannot be fetched.
        UsageError: there is no such file, or it is no feed.
    """
    text, place = _read(source, fetcher)
    try:
        feed = read_in_child(text, place, full=True)
    except FeedError as error:
        raise UsageError(
            _("it is no feed that can be read"), path=source, remedy=_("name an RSS, Atom or JSON feed")
        ) from error
    for entry in reversed(feed.entries):
        if isinstance(entry, FullEntry):
            yield FeedIssue(entry, source)


def _read(source: str, fetcher: Fetcher) -> tuple[str, str]:
    """The text of a feed, and what its relative addresses are relative to."""
    if source.startswith(("http://", "https://")):
        response = fetcher.current(source)
        return response.text, response.url
    path = Path(source)
    try:
        check_size(path.stat().st_size, path)
        return path.read_text("utf-8", "replace"), ""
    except OSError as error:
        raise UsageError(system_problem(error), path=path) from error


def import_entry(
    issue: FeedIssue,
    store: DraftStore,
    newsletter: Newsletter,
    *,
    published: bool | None = None,
    unfinished: Callable[[Issue], tuple[str, ...]] = lambda _: (),
    shape: Shape | None = None,
) -> Imported:
    """Import an entry as a draft; arguments as for `embedai_nb.importing.files.import_file`.

    Raises:
        DraftError: the feed has no text of it or no date, or there is a draft of its date.
    """
    entry = issue.entry
    if not entry.content.strip():
        raise DraftError(
            _("the feed has no text of this entry"),
            path=issue.feed,
            item=issue.name,
            remedy=_("save its page as Markdown and import that"),
        )
    if not entry.date:
        raise DraftError(_("no date in the feed"), path=issue.feed, item=issue.name, field="date")
    date = datetime.date.fromisoformat(entry.date)
    if entry.is_plain:
        found = convert(entry.content, newsletter, date=date, shape=shape, title=entry.title)
    else:
        found = convert_html(_absolute(entry.content, entry.url), entry.title, newsletter, date, shape)
    made, rules = as_published(found.issue, published, unfinished)
    candidates = ((_("the title"), found.title_date), (_("the feed"), date))
    dates = tuple((place, day) for place, day in candidates if day)
    return Imported(Path(issue.name), store.create(made.date, made), found.remarks, dates, rules, converted=True)


def _absolute(html: str, base: str) -> str:
    """HTML whose relative addresses are whole."""
    soup = BeautifulSoup(html, "html.parser")
    for name in ("href", "src"):
        for tag in soup.find_all(lambda tag, name=name: tag.has_attr(name)):
            address = str(tag[name]).strip()
            if base and not address.startswith("#"):
                tag[name] = _joined(base, address)
    return str(soup)


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return address
