"""Link checker: request each link, cache the results with their dates."""

from __future__ import annotations

import datetime
import logging
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from embedai_nb.capture import Fetcher, FetchError, url_cleaning, wechat_article
from embedai_nb.capture.messages import failure_text
from embedai_nb.capture.page_reader import anchors
from embedai_nb.checks import LinkStatus, link_status
from embedai_nb.i18n import translated
from embedai_nb.progress import OnProgress, silent

logger = logging.getLogger(__name__)

AT_ONCE = 16
"""Concurrent requests; to one host always one at a time."""
FRESH = datetime.timedelta(days=7)
"""How long a good result is cached; any other link is requested again each time."""
SCRIPTED = re.compile(
    r"[/!=?&]|:~:|^(?:top|rd|wechat_redirect|L[0-9].*|issuecomment-.*|discussion.*)$|^$", re.IGNORECASE
)
"""Fragments that need no element of that name: routes of applications, text to be found, the top, lines of a file."""

State = Literal["ok", "no-fragment"]


class LinkChecker:
    """Check links and cache their status in the issues folder.

    Args:
        folder: the issues folder.
        fetcher: requests the links.
        today: the date of new results.
        language: of the newsletter, whose editors read why a link failed.
    """

    def __init__(self, folder: Path, fetcher: Fetcher, today: datetime.date, language: str) -> None:
        self.folder = folder
        self.fetcher = fetcher
        self.today = today
        self.language = language
        self.known = link_status.load(folder)

    def check(self, urls: Iterable[str], progress: OnProgress = silent) -> None:
        """Request the URLs that are not known to be good, and cache their status."""
        wanted = [url for url in dict.fromkeys(urls) if not self._good(url)]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for done, (url, status) in enumerate(zip(wanted, threads.map(self._request, wanted), strict=True), 1):
                self.known[url] = status
                progress(done, len(wanted))
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
            state = self._wechat(url) if url_cleaning.host(url) == wechat_article.HOST else self._any(url)
        except FetchError as error:
            said = translated(failure_text(error), self.language)
            return LinkStatus("dead" if error.reason == "gone" else "unknown", said, self.today)
        except Exception as error:  # whatever a site answers, it is no reason to check no other
            logger.info("%s", url, exc_info=True)
            return LinkStatus("unknown", f"{type(error).__name__}: {error}", self.today)
        return LinkStatus(state, "", self.today)

    def _wechat(self, url: str) -> State:
        """Look at the text of an article: WeChat says with status 200 that one is gone."""
        response = self.fetcher.current(url)
        if reason := wechat_article.failure(response, wechat_article.read_article(response)):
            raise FetchError(reason, wechat_article.HOST)
        return "ok"

    def _any(self, url: str) -> State:
        """Look at the status alone; where the link leads to a part of an HTML page, whether it has that part."""
        look, part = self.fetcher.look(url), _part(url)
        return "no-fragment" if part and look.html and self._lacks(url, part) else "ok"

    def _lacks(self, url: str, part: str) -> bool:
        """Whether a page has no such part; not where the page is too large to know, or fails this time."""
        try:
            known = anchors(self.fetcher.current(url).text)
        except FetchError:
            return False
        return known is not None and not known & {part, f"user-content-{part}"}  # as GitHub renames those of READMEs


def _part(url: str) -> str:
    """The fragment of a URL where it names an element of the page; else it is read by a script, or by the browser."""
    fragment = unquote(urlsplit(url).fragment)
    return "" if SCRIPTED.search(fragment) else fragment
