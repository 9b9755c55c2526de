"""Facts of an item that a table of the archive has as columns: what it is about, and how it is labelled."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args
from urllib.parse import urlsplit

from embedai_nb.catalogue.records import names
from embedai_nb.text import urls

if TYPE_CHECKING:
    from embedai_nb.model import Item

__all__ = ["KINDS", "ItemFacts", "Kind", "item_facts"]

Kind = Literal["paper", "repository", "article", "page"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ARTICLES = "mp.weixin.qq.com"


class ItemFacts(NamedTuple):
    """Columns of the table ``facts``; lists are JSON.

    Args:
        place: within its section, from 1.
        kind: as capturing tells it; an article about a paper or a repository counts as one.
        address: the canonical form of its URL.
        paper: arXiv id of the paper that it is about.
        repository: owner/name of the repository that it is about.
        tags: all tags.
        labels: of its fields, in their order.
    """

    place: int
    kind: Kind
    address: str
    paper: str
    repository: str
    tags: str
    labels: str


def item_facts(item: Item, place: int) -> ItemFacts:
    """The facts of an item."""
    url = item.url or ""
    address = urls.canonical(url) if "://" in url else ""
    about = dict(reversed(list(names(item))))
    repository = item.repo or urls.repository(url) or about.get("repository", "")
    tags, labels = (json.dumps(list(values), ensure_ascii=False) for values in (item.tags, item.fields))
    return ItemFacts(place, _kind(item, address), address, about.get("paper", ""), repository, tags, labels)


def _kind(item: Item, address: str) -> Kind:
    if any(map(urls.arxiv_id, (*item.tags, address))):
        return "paper"
    if item.repo or urls.repository(address):
        return "repository"
    return "article" if urlsplit(address).hostname == ARTICLES else "page"
