"""An item as the catalogue keeps it: its words, and the keys under which the same thing is known again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from embedai_nb.model import Item
from embedai_nb.text import urls

Reason = Literal["url", "paper", "repository", "title"]
REASONS: tuple[Reason, ...] = get_args(Reason)
"""Why two items are the same, the strongest reason first."""

LEADING = re.compile(r"(?:\[[^\]\n]*\]\()?(https?://[!-~]+)")
"""The address that is the value of a label: 论文：https://…; what a text only mentions is not the item's own."""
TRAILING = ".,;:!?)>*'\""


@dataclass(frozen=True)
class ItemRecord:
    """What readers see of an item, as plain columns."""

    section: str
    title: str
    source: str
    url: str
    text: str

    @property
    def heading(self) -> str:
        """What counts most when it is found."""
        return f"{self.title}\n{self.source}"


def entry(section: str, item: Item) -> ItemRecord:
    """The entry of an item; what is for colleagues only stays out."""
    title = f"{item.repo}：{item.title}" if item.repo else item.title
    links = [link.text for link in item.links]
    parts = [item.text, *(f"{label}：{text}" for label, text in item.fields.items()), *item.tags, *links]
    return ItemRecord(section, title, item.source, item.url or "", "\n".join(part for part in parts if part))


def keys(item: Item) -> dict[int, Reason]:
    """Numbers that items have in common if they are about the same, and in which respect."""
    return {_number(f"{reason} {name}"): reason for reason, name in reversed(list(_names(item)))}


def _names(item: Item) -> Iterator[tuple[Reason, str]]:
    addresses = [url for url in (item.url, *(link.url for link in item.links)) if url]
    yield from (("url", urls.canonical(url)) for url in addresses if "://" in url)
    labelled = [found[1].rstrip(TRAILING) for text in item.fields.values() if (found := LEADING.match(text))]
    papers = [urls.arxiv_id(text) for text in (*item.tags, *addresses, *labelled)]
    yield from (("paper", paper) for paper in papers if paper)
    repositories = [item.repo, *(urls.repository(url) for url in (item.url or "", *labelled))]
    yield from (("repository", repo.lower()) for repo in repositories if repo)


def _number(name: str) -> int:
    """63 bits: among a million names two are the same once in twenty million times."""
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1


def facet(kind: str, name: str) -> str:
    """A token that stands for a section or source: no word of a text reads like this."""
    return f"zz{kind}{hashlib.blake2b(name.encode('utf-8', 'replace'), digest_size=8).hexdigest()}"
