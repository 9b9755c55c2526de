"""Fetch all sources of an inbox: one request a host at a time, several hosts at once; what fails costs the others nothing."""

from __future__ import annotations

import datetime
import hashlib
import logging
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from embedai_nb.capture import Fetcher, FetchError
from embedai_nb.capture.url_cleaning import host
from embedai_nb.errors import EmbedAIError, system_problem
from embedai_nb.i18n import _
from embedai_nb.inbox.feed_reader import Feed, FeedError
from embedai_nb.inbox.kept_entries import KeptEntries, KeptSource, load_entries, merged_entries, save_entries
from embedai_nb.inbox.notes import read_notes
from embedai_nb.inbox.source_list import address, feeds_of, is_local, local_path, read_answer
from embedai_nb.model import InboxSource, Newsletter
from embedai_nb.progress import OnProgress, silent
from embedai_nb.workspace import layout
from embedai_nb.workspace.locks import lock_file

__all__ = ["Failure", "collect"]

logger = logging.getLogger(__name__)

AT_ONCE = 16
"""Hosts that are asked at the same time."""
READERS = 2
"""Feeds that are read at the same time, each in a process of its own."""
PATIENCE = 3
"""Sources of one host that may go without an answer before its others are left for the next time."""
LONGEST_WAIT = 24 * 3600
"""Seconds for which a host that asks for patience is left alone at most."""


@dataclass(frozen=True)
class Failure:
    """A source that gave nothing, and why."""

    place: str
    error: Exception

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"

    @property
    def reason(self) -> str:
        """What is wrong with it, in a few words."""
        match self.error:
            case EmbedAIError(problem=problem):
                return problem
            case OSError() as error:
                return system_problem(error)
            case FeedError(args=(str() as problem,)):
                return problem
        return str(self.error)


@dataclass(frozen=True)
class _Answer:
    """What came of one source."""

    source: InboxSource
    feed: Feed | None = None
    digest: str = ""
    error: Exception | None = None


def collect(
    folder: Path,
    newsletter: Newsletter,
    fetcher: Fetcher | None,
    now: datetime.datetime,
    progress: OnProgress = silent,
) -> list[Failure]:
    """Fetch the sources that newsletter.yaml names, and keep what they say in the issues folder's cache.

    Args:
        fetcher: asks the sites; without it only notes are read.
        now: for hosts that asked for patience, and the days when entries were first seen.

    Raises:
        LockedError: another process is fetching them.
    """
    with lock_file(folder / layout.lock("inbox"), _("the inbox is being fetched")):
        known = load_entries(folder)
        sources, failures = _expanded(folder, newsletter, fetcher)
        wanted = [source for source in sources.values() if fetcher or is_local(source)]
        answers = list(_Collector(folder, fetcher, known, now, progress).answers(wanted))
        save_entries(folder, _kept(known, sources, answers, now))
    return failures + [Failure(_named(each.source), each.error) for each in answers if each.error]


def _expanded(
    folder: Path, newsletter: Newsletter, fetcher: Fetcher | None
) -> tuple[dict[str, InboxSource], list[Failure]]:
    """The sources by their addresses, with the feeds of OPML lists, and what is wrong with the lists."""
    found, failures = dict[str, InboxSource](), list[Failure]()
    for source in newsletter.inbox:
        try:
            for each in feeds_of(folder, source, fetcher):
                found.setdefault(address(each), each)
        except (EmbedAIError, FeedError, OSError, ValueError) as error:
            failures.append(Failure(_named(source), error))
    return found, failures


def _kept(
    known: KeptEntries, sources: Mapping[str, InboxSource], answers: Sequence[_Answer], now: datetime.datetime
) -> KeptEntries:
    """What is known from now on; sources that newsletter.yaml no longer names are forgotten."""
    kept = {place: known.sources.get(place, KeptSource(source)) for place, source in sources.items()}
    kept = {place: KeptSource(sources[place], old.title, old.digest, old.entries) for place, old in kept.items()}
    wait = {name: until for name, until in known.not_before.items() if until > now.timestamp()}
    for each in answers:
        place = address(each.source)
        if each.feed is not None:
            kept[place] = merged_entries(known.sources.get(place), each.source, each.feed, each.digest, now.date())
        elif isinstance(each.error, FetchError) and each.error.retry_after:
            wait[host(place)] = now.timestamp() + min(each.error.retry_after, LONGEST_WAIT)
    return KeptEntries(kept, wait, now.isoformat(timespec="seconds"))


class _Collector:
    """Asks sources, host by host."""

    def __init__(
        self, folder: Path, fetcher: Fetcher | None, known: KeptEntries, now: datetime.datetime, progress: OnProgress
    ) -> None:
        self.folder, self.fetcher, self.known, self.now, self.progress = folder, fetcher, known, now, progress
        self.reading = threading.Semaphore(READERS)
        self.done, self.lock = 0, threading.Lock()

    def answers(self, sources: Sequence[InboxSource]) -> Iterator[_Answer]:
        """The answers of all sources."""
        by_host = defaultdict[str, list[InboxSource]](list)
        for source in sources:
            by_host["" if is_local(source) else host(address(source))].append(source)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for answers in threads.map(lambda each: list(self._of_host(each, len(sources))), by_host.values()):
                yield from answers

    def _of_host(self, sources: Sequence[InboxSource], of: int) -> Iterator[_Answer]:
        """The answers of one host's sources; one that doesn't answer isn't waited for again and again."""
        silent = Counter[str]()
        for source in sources:
            answer = self._answer(source) if silent["all"] < PATIENCE else _Answer(source, error=_silent(source))
            silent["all"] += isinstance(answer.error, FetchError) and answer.error.reason in {"timeout", "unreachable"}
            with self.lock:
                self.done += 1
                self.progress(self.done, of)
            yield answer

    def _answer(self, source: InboxSource) -> _Answer:
        began = time.monotonic()
        try:
            answer = self._asked(source)
        except (EmbedAIError, FeedError, OSError, ValueError) as error:
            answer = _Answer(source, error=error)
        logger.info("%s: %s in %.2f s", _named(source), answer.error or "read", time.monotonic() - began)
        return answer

    def _asked(self, source: InboxSource) -> _Answer:
        place = address(source)
        if source.kind == "links":
            return _Answer(source, read_notes(local_path(self.folder, source), self.folder / layout.DECISIONS))
        if self.fetcher is None or self.known.not_before.get(host(place), 0) > self.now.timestamp():
            raise FetchError("limited", host(place))
        response = self.fetcher.revalidated(place)
        digest = hashlib.blake2b(response.body, digest_size=16).hexdigest()
        before = self.known.sources.get(place)
        if before and before.digest == digest:
            return _Answer(source, Feed(before.title, tuple(entry for entry, _ in before.entries)), digest)
        with self.reading:
            return _Answer(source, read_answer(source, response.text, response.url), digest)


def _named(source: InboxSource) -> str:
    """What a source is called in messages: its address without the query, which may hold a secret."""
    place, query, _ = source.place.partition("?")
    return f"{place}?…" if query and "://" in place else source.place


def _silent(source: InboxSource) -> FetchError:
    return FetchError("timeout", host(address(source)))
