"""Make the entries of all published issues, several at a time, and keep them: only those that changed are made again.

An entry is made of its file, of what newsletter.yaml says, of the program, and of which pages the issues that it links to have.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial

from markupsafe import Markup

from embedai_nb.html.page import PageParts
from embedai_nb.model import Newsletter
from embedai_nb.progress import OnProgress, silent
from embedai_nb.publish.pool import Done, Failed, Task, run_tasks
from embedai_nb.site.grams import IssueGrams, grams_by_shard
from embedai_nb.site.issue_entry import IssueEntry, ItemRow, issue_entry
from embedai_nb.site.issue_source import PublishedIssues
from embedai_nb.site.site_cache import CachedEntry, SiteCache
from embedai_nb.site.site_file import fingerprint

__all__ = ["cached_entries", "update_entries"]

NOT_SHOWN = frozenset(
    {"site_url", "wechat", "wechat_author", "wechat_comments", "email", "cell_memory", "checks", "theme"}
)
"""What newsletter.yaml says that no page of an issue depends on."""

BETWEEN_PARTS = "\0"
"""What stands between the parts of a page that is kept; HTML that was sanitized has none."""

BATCH = 16
"""Issues that a process makes entries of at a time."""


def update_entries(
    cache: SiteCache,
    source: PublishedIssues,
    newsletter: Newsletter,
    program: str,
    workers: int,
    on_progress: OnProgress = silent,
) -> None:
    """Make the entries that are missing or out of date, and remove those whose issue is gone.

    Args:
        cache: where they are kept.
        source: the issues.
        newsletter: their newsletter.
        program: digest of the program.
        workers: how many processes there are at most.
        on_progress: called whenever some issues have been read.

    Raises:
        DraftError, MarkupError: an issue can't be read or shown.
    """
    make = _EntryMaker(source, newsletter, fingerprint(program, newsletter.model_dump_json(exclude=set(NOT_SHOWN))))
    known, dates = cache.known_entries(), frozenset(map(str, source.dates))
    cache.drop_entries(known.keys() - dates)
    stale = [date for date in source.dates if not make.is_current(known.get(str(date)), date)]
    batches = [stale[start : start + BATCH] for start in range(0, len(stale), BATCH)]
    done = 0
    for entries in _made(make, batches, workers):
        cache.put_entries(entries)
        done += len(entries)
        on_progress(done, len(stale))


def _made(
    make: _EntryMaker, batches: Sequence[Sequence[datetime.date]], workers: int
) -> Iterator[Sequence[CachedEntry]]:
    """The entries of each batch, in any order."""
    if len(batches) <= 1 or workers <= 1:
        yield from map(make, batches)
        return
    for event in run_tasks(batches, make.as_task, workers):
        if isinstance(event, Done):
            yield [CachedEntry(*entry) for entry in event.result]
        elif isinstance(event, Failed):
            yield make(event.task)  # which raises the error itself


class _EntryMaker:
    """Makes entries of issues."""

    def __init__(self, source: PublishedIssues, newsletter: Newsletter, shared: str) -> None:
        self.source = source
        self.newsletter = newsletter
        self.shared = shared
        self.dates = frozenset(source.dates)

    def as_task(self) -> Task:
        """What a worker does with a batch; plain values are sent back faster."""
        return lambda dates, _: [tuple(entry) for entry in self(dates)]

    def __call__(self, dates: Sequence[datetime.date]) -> list[CachedEntry]:
        return [self._entry(date) for date in dates]

    def _entry(self, date: datetime.date) -> CachedEntry:
        loaded = self.source.load(date)
        made = issue_entry(loaded, date, self.newsletter, self.dates, self.source.numbers)
        grams = grams_by_shard(made.searched_text)
        about = [made.file, made.digest, made.title, made.keywords, made.lead, [row[2:] for row in made.rows]]
        return CachedEntry(
            str(date),
            self._made_of(date, loaded.digest),
            json.dumps({str(other): file for other, file in made.linked}),
            json.dumps(about, ensure_ascii=False),
            " ".join(map(fingerprint, grams)),
            BETWEEN_PARTS.join(made.load_page()).encode(),
            "\n".join(grams).encode(),
        )

    def _made_of(self, date: datetime.date, digest: str) -> str:
        return fingerprint(self.shared, date, digest, self.source.numbers.get(date))

    def is_current(self, known: tuple[str, str] | None, date: datetime.date) -> bool:
        """Whether an entry is still what would be made."""
        if known is None or known[0] != self._made_of(date, self.source.digests[date]):
            return False
        linked: Mapping[str, str] = json.loads(known[1])
        return all(self._files.get(other, "") == file for other, file in linked.items())

    @cached_property
    def _files(self) -> Mapping[str, str]:
        """The pages of all issues, by their dates."""
        numbers = self.source.numbers
        return {str(date): self.newsletter.page_file(date, numbers.get(date)) for date in self.dates}


def cached_entries(cache: SiteCache) -> Iterator[IssueEntry]:
    """The entries, the newest first; their pages are read when they are asked for."""
    for date, made_of, linked, about, gram_digests in cache.entries():
        file, digest, title, keywords, lead, rows = json.loads(about)
        day = datetime.date.fromisoformat(date)
        yield IssueEntry(
            date=day,
            file=file,
            digest=digest,
            title=title,
            keywords=tuple(keywords),
            lead=lead,
            rows=tuple(ItemRow._make((day, file, *texts, tuple(tags))) for *texts, tags in rows),
            load_page=partial(_page, cache.page, date),
            grams=IssueGrams(gram_digests.split(), partial(_grams, cache.grams, date)),
            made_of=f"{made_of} {linked}",
        )


def _page(read: Callable[[str], bytes], date: str) -> PageParts:
    return PageParts(*map(Markup, read(date).decode().split(BETWEEN_PARTS)))


def _grams(read: Callable[[str], bytes], date: str) -> list[str]:
    return read(date).decode().split("\n")
