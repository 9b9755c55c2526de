"""Link checker: request each link, cache the results with their dates."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from embedai_nb.capture import Fetcher, FetchError
from embedai_nb.capture.messages import failure_text
from embedai_nb.checks import LinkStatus, link_status

AT_ONCE = 16
"""Concurrent requests; to one host always one at a time."""
FRESH = datetime.timedelta(days=7)
"""How long a good result is cached; any other link is requested again each time."""


class LinkChecker:
    """Check links and cache their status in the issues folder.

    Args:
        folder: the issues folder.
        fetcher: requests the links.
        today: the date of new results.
    """

    def __init__(self, folder: Path, fetcher: Fetcher, today: datetime.date) -> None:
        self.folder = folder
        self.fetcher = fetcher
        self.today = today
        self.known = link_status.load(folder)

    def check(self, urls: Iterable[str], progress: Callable[[int], object] = lambda _: None) -> None:
        """Request the URLs that are not known to be good, and cache their status."""
        wanted = [url for url in dict.fromkeys(urls) if not self._good(url)]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for done, (url, status) in enumerate(zip(wanted, threads.map(self._request, wanted), strict=True), 1):
                self.known[url] = status
                progress(done)
        if wanted:
            link_status.save(self.folder, self.known)

    def status(self, url: str) -> LinkStatus | None:
        """The status of a link, if it was checked."""
        return self.known.get(url)

    def _good(self, url: str) -> bool:
        known = self.known.get(url)
        return known is not None and known.state == "ok" and self.today - known.date < FRESH

    def _request(self, url: str) -> LinkStatus:
        try:
            self.fetcher.final_url(url)
        except FetchError as error:
            return LinkStatus("dead" if error.reason == "gone" else "unknown", failure_text(error), self.today)
        return LinkStatus("ok", "", self.today)
