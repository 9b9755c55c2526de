"""The type of capture sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from embedai_nb.capture.fetch import Fetcher
from embedai_nb.capture.metadata import Metadata
from embedai_nb.i18n import Translator
from embedai_nb.model import Item

__all__ = ["Capturer", "Kind"]

Kind = Literal["paper", "repository", "article", "page"]


@dataclass(frozen=True)
class Capturer:
    """A capture source: a site whose pages are recognised.

    Args:
        kind: of its pages; decides their section.
        canonical_item: the item with its permanent URL and ids; None if it isn't of this site.
        fetch_metadata: of a canonical item, its notes in the newsletter's language; may raise FetchError.
    """

    kind: Kind
    canonical_item: Callable[[Item], Item | None]
    fetch_metadata: Callable[[Item, Fetcher, Translator], Metadata]
