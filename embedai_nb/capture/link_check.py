"""Whether links still lead somewhere: asked politely, and remembered with the date."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from embedai_nb.capture import Fetcher, FetchError
from embedai_nb.capture.messages import why
from embedai_nb.checks import LinkStatus, link_status

AT_ONCE = 16
"""Sites asked at the same time; of one host it is always one."""
FRESH = datetime.timedelta(days=7)
"""So long a good answer counts; another is asked for again each time."""


class Links:
    """Links and what became of them, remembered in the issues folder.

    Args:
        folder: the issues folder.
        fetcher: asks the sites.
        today: the date of the answers.
    """

    def __init__(self, folder: Path, fetcher: Fetcher, today: datetime.date) -> None:
        self.folder = folder
        self.fetcher = fetcher
        self.today = today
        self.known = link_status.load(folder)

    def look(self, urls: Iterable[str], progress: Callable[[int], object] = lambda _: None) -> None:
        """Ask for those that are not known to be good, and remember the answers."""
        wanted = [url for url in dict.fromkeys(urls) if not self._good(url)]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for done, (url, reached) in enumerate(zip(wanted, threads.map(self._ask, wanted), strict=True), 1):
                self.known[url] = reached
                progress(done)
        if wanted:
            link_status.save(self.folder, self.known)

    def of(self, url: str) -> LinkStatus | None:
        """What is known of a link."""
        return self.known.get(url)

    def _good(self, url: str) -> bool:
        known = self.known.get(url)
        return known is not None and known.state == "ok" and self.today - known.date < FRESH

    def _ask(self, url: str) -> LinkStatus:
        try:
            self.fetcher.reach(url)
        except FetchError as error:
            return LinkStatus("dead" if error.why == "gone" else "unknown", why(error), self.today)
        return LinkStatus("ok", "", self.today)
