"""Capture sources of plug-ins; whatever fails in one is a PluginError, for which it is skipped."""

from __future__ import annotations

from collections.abc import Sequence

from embedai_nb.capture.capturer import Capturer
from embedai_nb.capture.errors import FetchError
from embedai_nb.capture.fetch import Fetcher
from embedai_nb.capture.metadata import Metadata
from embedai_nb.i18n import Translator
from embedai_nb.model import Item
from embedai_nb.plugins import CAPTURE, PluginEntry, PluginError, blamed, plugin_entries

__all__ = ["plugin_capturers"]


def plugin_capturers(names: Sequence[str]) -> tuple[Capturer, ...]:
    """The capture sources of these plug-ins; one that cannot be imported says so when it is asked."""
    return tuple(map(_blaming, plugin_entries(names, CAPTURE)))


def _blaming(entry: PluginEntry) -> Capturer:
    """A capture source whose failures name its plug-in."""

    def canonical_item(item: Item) -> Item | None:
        with blamed(entry):
            found = entry.load(Capturer).canonical_item(item)
        return None if found is None else entry.expect(found, Item)

    def fetch_metadata(item: Item, fetcher: Fetcher, say: Translator) -> Metadata:
        with blamed(entry, FetchError):
            found = entry.load(Capturer).fetch_metadata(item, fetcher, say)
        return entry.expect(found, Metadata)

    try:
        kind = entry.load(Capturer).kind
    except PluginError:
        kind = "page"
    return Capturer(kind, canonical_item, fetch_metadata)
