"""Live preview of the site with its drafts: a save renders only what it changed.

Entries of unchanged issues are cached, compressed.  Pages, lists, feeds and the search index are rendered when they
are requested.  So a save costs rendering its own issue, and a pass over the entries of the others.
"""

from __future__ import annotations

import datetime
import json
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from markupsafe import Markup, escape

from embedai_nb.drafts import load_newsletter
from embedai_nb.errors import ConflictMarkersError, EmbedAIError
from embedai_nb.html.page import PageParts
from embedai_nb.model import Newsletter
from embedai_nb.progress import OnProgress, silent
from embedai_nb.site.generate import generate_site
from embedai_nb.site.issue_entry import IssueEntry, issue_entry
from embedai_nb.site.issue_source import PreviewIssues
from embedai_nb.site.renderer import SiteRenderer
from embedai_nb.site.site_file import SiteFile
from embedai_nb.site.theme import SiteTheme, load_theme
from embedai_nb.workspace import layout
from embedai_nb.workspace.revisions import Revisions

__all__ = ["LivePreview"]

UNMERGED = Markup(
    '<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy"><body><pre id="problem">{}</pre></body>'
)
"""Page of an issue that cannot be shown."""


class LivePreview:
    """The site in its current state; may be used by several threads.

    Args:
        folder: the issues folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.version = 0
        self.problem = ""
        self.unmerged: dict[datetime.date, str] = {}
        """Issues that are left out, as their files have conflict markers, and what to say of each."""
        self._newsletter: Newsletter | None = None
        self._dates: tuple[datetime.date, ...] = ()
        self._entries: dict[datetime.date, IssueEntry] = {}
        self._files: dict[str, Callable[[], str | bytes]] = {}
        self._theme: SiteTheme | None = None
        self._state: object = None
        self._updating = threading.Lock()
        self._changed = threading.Condition()

    def refresh(self, saved: Iterable[str], on_progress: OnProgress = silent) -> bool:
        """Update the site after a save; a draft that cannot be shown leaves the site as it was.

        Args:
            saved: names of the saved files, as `embedai_nb.workspace.watch.saved` gives them.
            on_progress: called whenever an issue has been read.

        Returns:
            Whether the site has a new version.
        """
        with self._updating:
            try:
                self._forget(saved)
                self._files = self._generated(on_progress)
                problem = ""
            except EmbedAIError as error:
                problem = str(error)
            state = (
                problem,
                self._newsletter,
                self._theme,
                self.unmerged,
                {date: kept.digest for date, kept in self._entries.items()},
            )
        if state == self._state:
            return False
        with self._changed:
            self._state, self.version, self.problem = state, self.version + 1, problem
            self._changed.notify_all()
        return True

    def news(self, seen: int, wait: float) -> dict[str, object]:
        """Wait up to ``wait`` seconds for another version than ``seen``; return the current one."""
        with self._changed:
            self._changed.wait_for(lambda: self.version != seen, wait)
            return {"version": self.version, "problem": self.problem}

    def read(self, path: str) -> str | bytes | None:
        """Render a file of the site, if it has it; waits while the site is being updated."""
        with self._updating:
            render = self._files.get(path)
            return render and render()

    def _forget(self, saved: Iterable[str]) -> None:
        for name in saved:
            if name == layout.NEWSLETTER:
                self._newsletter = None
                self._entries.clear()
            else:
                self._entries.pop(datetime.date.fromisoformat(PurePosixPath(name).stem), None)

    def _generated(self, on_progress: OnProgress) -> dict[str, Callable[[], str | bytes]]:
        self._newsletter = newsletter = self._newsletter or load_newsletter(self.folder / layout.NEWSLETTER)
        source = PreviewIssues(self.folder, newsletter)
        self._set_dates(source.dates)
        files: dict[str, Callable[[], str | bytes]] = {}
        self.unmerged = dict(self._left_out(source, newsletter, on_progress))
        dates = tuple(date for date in source.dates if date not in self.unmerged)

        def entries() -> Iterator[IssueEntry]:
            return (self._entry(source, date, newsletter) for date in reversed(dates))

        def keep(file: SiteFile) -> None:
            files[file.path] = file.render

        self._theme = load_theme(self.folder, newsletter)
        generate_site(entries, dates, SiteRenderer(newsletter, "", self._theme), keep, Revisions())
        return files | {f"{date}.html": partial(UNMERGED.format, escape(said)) for date, said in self.unmerged.items()}

    def _left_out(
        self, source: PreviewIssues, newsletter: Newsletter, on_progress: OnProgress
    ) -> Iterator[tuple[datetime.date, str]]:
        for done, date in enumerate(reversed(source.dates), 1):
            try:
                self._entry(source, date, newsletter)
            except ConflictMarkersError as error:
                yield date, str(error)
            on_progress(done, len(source.dates))

    def _set_dates(self, dates: tuple[datetime.date, ...]) -> None:
        """Forget the issues whose list of back issues may have changed."""
        if changed := {*dates} ^ {*self._dates}:
            self._entries = {date: kept for date, kept in self._entries.items() if date < min(changed)}
        self._dates = dates

    def _entry(self, source: PreviewIssues, date: datetime.date, newsletter: Newsletter) -> IssueEntry:
        if date not in self._entries:
            made = issue_entry(source.load(date), date, newsletter, source.dates, source.numbers)
            self._entries[date] = replace(made, load_page=partial(_unpacked, _packed(made.load_page())))
        return self._entries[date]


def _packed(page: PageParts) -> bytes:
    return zlib.compress(json.dumps(page).encode(), 1)


def _unpacked(packed: bytes) -> PageParts:
    return PageParts(*map(Markup, json.loads(zlib.decompress(packed))))
