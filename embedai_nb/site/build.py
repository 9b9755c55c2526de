"""Build the site of all published issues: only what a change touches is made again.

A reader sees the old site or the new one, never a mixture (`embedai_nb.site.replace_folder`), and what is made again gives the
bytes that building from nothing would give.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from embedai_nb.drafts import load_newsletter
from embedai_nb.errors import ConflictMarkersError, PublishError, system_problem
from embedai_nb.i18n import _
from embedai_nb.progress import OnProgress, silent
from embedai_nb.publish.fast_imports import gc_paused
from embedai_nb.publish.inputs import site_program
from embedai_nb.publish.trends_page import load_trends_page
from embedai_nb.site.card_files import card_names, update_cards
from embedai_nb.site.entries import cached_entries, update_entries
from embedai_nb.site.generate import generate_site
from embedai_nb.site.issue_source import PublishedIssues
from embedai_nb.site.renderer import SiteRenderer, site_address
from embedai_nb.site.replace_folder import recover_folder, replacing_folder
from embedai_nb.site.site_cache import BuiltState, SiteCache, remove_site_cache, site_cache
from embedai_nb.site.site_file import SiteFile
from embedai_nb.site.site_writer import SiteWriter, stamped
from embedai_nb.site.theme import load_theme
from embedai_nb.site.up_to_date import Inputs
from embedai_nb.workspace import layout
from embedai_nb.workspace.locks import site_lock
from embedai_nb.workspace.revisions import load_revisions, save_revisions
from embedai_nb.workspace.transaction import recover

__all__ = ["BuiltSite", "build_site"]

logger = logging.getLogger(__name__)

TIMEOUT = 600
"""Seconds to wait for another process that builds the site; ten thousand issues take a third of that."""
WORKERS = 2
"""Processes that read and render issues."""


@dataclass(frozen=True)
class BuiltSite:
    """A site that was built."""

    folder: Path
    issues: int
    address: str
    unmerged: tuple[ConflictMarkersError, ...] = ()
    """Issues that were left out, since Git could not merge their file."""
    not_drawn: str = ""
    """Which pictures for shared links could not be drawn, and why."""
    rendered: tuple[str, ...] = field(default=(), compare=False)
    """The files that were made again; the others are those that were there."""


def build_site(folder: Path, out: Path, address: str | None = None, *, on_progress: OnProgress = silent) -> BuiltSite:
    """Build the site of all published issues, in place of the site that is in the folder.

    Args:
        folder: the issues folder; its archive/revisions.json and archive/cards are updated.
        out: the folder of the site.
        address: URL of the site; ``site_url`` of newsletter.yaml if not given.  If empty, there are no sitemap
            nor canonical links, nor feeds, which need absolute URLs.
        on_progress: called whenever an issue has been read.

    Raises:
        UsageError: the URL or the theme is invalid, ``out`` holds something else, or nothing has been published.
        DraftError, MarkupError: an issue can't be read or shown.
        PublishError: the files can't be written.
        LockedError: another process has been building the site for too long.
    """
    began = time.monotonic()
    try:
        with site_lock(folder, timeout=TIMEOUT), gc_paused():  # nothing that is made refers back to itself
            recover(folder)
            built = _built(folder, out, address, on_progress)
    except OSError as error:
        raise PublishError(
            system_problem(error), path=error.filename or out, remedy=_("the site that was there is untouched")
        ) from error
    seconds, rendered = time.monotonic() - began, len(built.rendered)
    logger.info("built %s from %d issues in %.2f s, files made: %d", out, built.issues, seconds, rendered)
    return built


def _built(folder: Path, out: Path, address: str | None, on_progress: OnProgress) -> BuiltSite:
    """Build with what is known of the last build; from nothing where that is damaged."""
    try:
        with site_cache(folder) as cache:
            return _Build(folder, out, address, cache).run(on_progress)
    except sqlite3.DatabaseError as error:
        logger.warning("%s: %s; the site is built from nothing", folder / layout.SITE_CACHE, error)
        remove_site_cache(folder)
        with site_cache(folder, kept=False) as cache:
            return _Build(folder, out, address, cache).run(on_progress)


class _Build:
    """One build, while the site is locked.

    Args:
        folder: the issues folder.
        out: the folder of the site.
        address: that was given.
        cache: what is known.
    """

    def __init__(self, folder: Path, out: Path, address: str | None, cache: SiteCache) -> None:
        self.folder = folder
        self.out = out
        self.cache = cache
        self.inputs = Inputs.current(folder, address)  # before any of them is read
        self.newsletter = load_newsletter(folder / layout.NEWSLETTER)
        self.address = site_address(self.newsletter.site_url if address is None else address)

    def run(self, on_progress: OnProgress) -> BuiltSite:
        """Replace the site."""
        recover_folder(self.out)
        source = PublishedIssues(self.folder, self.newsletter)
        renderer = SiteRenderer(self.newsletter, self.address, load_theme(self.folder, self.newsletter))
        update_entries(self.cache, source, self.newsletter, site_program(), WORKERS, on_progress)
        entries = partial(cached_entries, self.cache)
        not_drawn = update_cards(self.folder, entries(), self.newsletter)
        with replacing_folder(self.out) as new:
            write = SiteWriter(self.out, new, self.cache.files(self.out), site_program())
            for picture in self._pictures():
                write(picture)
            revisions, trends = load_revisions(self.folder), load_trends_page(self.folder)
            now = generate_site(entries, source.dates, renderer, write, revisions, trends, self._cards)
        save_revisions(self.folder, now)
        issues, unmerged = len(source.dates), tuple(source.unmerged.values())
        self._remember(write, issues, complete=not (unmerged or not_drawn))
        return BuiltSite(self.out, issues, self.address, unmerged, not_drawn, tuple(write.rendered))

    @property
    def _cards(self) -> frozenset[str]:
        return card_names(self.folder) if self.newsletter.theme.cards else frozenset()

    def _pictures(self) -> Iterator[SiteFile]:
        """The pictures that pages show, as they lie in the archive."""
        archive = self.folder / layout.ARCHIVE
        for path in sorted((archive / layout.IMAGES).rglob("*")):
            if path.is_file():
                yield _copied(path, path.relative_to(archive).as_posix())
        for name in sorted(self._cards):
            yield _copied(self.folder / layout.CARDS / f"{name}.png", f"cards/{name}.png")

    def _remember(self, write: SiteWriter, issues: int, *, complete: bool) -> None:
        """Keep what the next build needs to know; without it, that takes longer."""
        state = None
        if complete and self.inputs.settled:
            state = BuiltState(self.inputs.signature(self.folder), issues, self.address)
        self.cache.put_site(self.out, stamped(self.out, write.files), state)
        self.cache.drop_sites([site for site in self.cache.sites() if not Path(site).exists()])


def _copied(path: Path, name: str) -> SiteFile:
    content = path.read_bytes()
    return SiteFile(name, (hashlib.sha256(content).hexdigest(),), lambda: content)
