"""The site as it would be, drafts included, while it is worked on: a save makes again only what it changed.

Of an issue that nobody changed its entry is kept, packed.  Pages, lists, feeds and the search are made when they are
asked for, of which a person sees few; so a save costs its own issue, and a walk through the other entries.
"""

from __future__ import annotations

import datetime
import json
import threading
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from markupsafe import Markup

from embedai_nb.drafts import load_newsletter
from embedai_nb.errors import EmbedAIError
from embedai_nb.html.page import PageParts
from embedai_nb.model import Newsletter
from embedai_nb.site.build import generate_site
from embedai_nb.site.issue_entry import IssueEntry, issue_entry
from embedai_nb.site.issue_source import PreviewIssues
from embedai_nb.workspace import layout

__all__ = ["LivePreview"]


class LivePreview:
    """The newest state of a site.

    Args:
        folder: the issues folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.version = 0
        self.problem = ""
        self._newsletter: Newsletter | None = None
        self._dates: tuple[datetime.date, ...] = ()
        self._entries: dict[datetime.date, IssueEntry] = {}
        self._files: dict[str, Callable[[], str]] = {}
        self._state: object = None
        self._making = threading.Lock()
        self._news = threading.Condition()

    def refresh(self, saved: Iterable[str]) -> bool:
        """Follow what was saved; a draft that can't be shown leaves the site as it was.

        Args:
            saved: the names of the inputs, as `embedai_nb.workspace.watch.saved` tells them.

        Returns:
            Whether there is anything new to see.
        """
        with self._making:
            try:
                self._forget(saved)
                self._files = self._made()
                problem = ""
            except EmbedAIError as error:
                problem = str(error)
            state = problem, self._newsletter, {date: kept.digest for date, kept in self._entries.items()}
        if state == self._state:
            return False
        with self._news:
            self._state, self.version, self.problem = state, self.version + 1, problem
            self._news.notify_all()
        return True

    def news(self, seen: int, wait: float) -> dict[str, object]:
        """The version there is now; waits so many seconds for one that is not ``seen``."""
        with self._news:
            self._news.wait_for(lambda: self.version != seen, wait)
            return {"version": self.version, "problem": self.problem}

    def read(self, path: str) -> str | None:
        """The content of a file of the site, if it has it; while the site is being made, this waits."""
        with self._making:
            make = self._files.get(path)
            return make and make()

    def _forget(self, saved: Iterable[str]) -> None:
        for name in saved:
            if name == layout.NEWSLETTER:
                self._newsletter = None
                self._entries.clear()
            else:
                self._entries.pop(datetime.date.fromisoformat(PurePosixPath(name).stem), None)

    def _made(self) -> dict[str, Callable[[], str]]:
        self._newsletter = newsletter = self._newsletter or load_newsletter(self.folder / layout.NEWSLETTER)
        shelf = PreviewIssues(self.folder, newsletter)
        self._list(shelf.dates)
        files: dict[str, Callable[[], str]] = {}
        entries = (self._entry(shelf, date, newsletter) for date in reversed(shelf.dates))
        generate_site(entries, shelf.dates, newsletter, files.__setitem__, "", {})
        return files

    def _list(self, dates: tuple[datetime.date, ...]) -> None:
        """Forget the issues that may list others than before as their back issues."""
        if changed := {*dates} ^ {*self._dates}:
            self._entries = {date: kept for date, kept in self._entries.items() if date < min(changed)}
        self._dates = dates

    def _entry(self, shelf: PreviewIssues, date: datetime.date, newsletter: Newsletter) -> IssueEntry:
        if date not in self._entries:
            made = issue_entry(shelf.take(date), date, newsletter)
            self._entries[date] = replace(made, load_page=partial(_unpacked, _packed(made.load_page())))
        return self._entries[date]


def _packed(page: PageParts) -> bytes:
    return zlib.compress(json.dumps(page).encode(), 1)


def _unpacked(packed: bytes) -> PageParts:
    return PageParts(*map(Markup, json.loads(zlib.decompress(packed))))
