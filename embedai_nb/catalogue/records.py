"""Items as the catalogue stores them: their texts, and the keys that items about the same thing share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from embedai_nb.memoize import cache_recent
from embedai_nb.text import urls
from embedai_nb.text.entities import decode_entities
from embedai_nb.text.folding import fold
from embedai_nb.text.spans import LINK

if TYPE_CHECKING:
    from embedai_nb.model import Item

Reason = Literal["url", "paper", "repository", "company", "title"]
REASONS: tuple[Reason, ...] = get_args(Reason)
"""Why two items are about the same thing, the strongest reason first."""
REASON_BITS = 2
"""Bits of a key that tell its reason, one of the first four."""

LEADING = re.compile(r"(?:\[[^\]\n]*\]\()?(https?://[!-~]+)")
"""A URL that is the value of a label: 论文：https://…; one that a text only mentions is not the item's own."""
LIST_NUMBER = re.compile(r"^ *[0-9]{1,9}[.)] +", re.MULTILINE)
TRAILING = ".,;:!?)>*'\""


@dataclass(frozen=True)
class ItemRecord:
    """The published texts of an item, as columns."""

    section: str
    title: str
    source: str
    url: str
    text: str

    @property
    def heading(self) -> str:
        """The texts in which a match counts most."""
        return f"{self.title}\n{self.source}"


def item_record(section: str, item: Item, colon: str) -> ItemRecord:
    """Make the record of an item, without its internal notes; labels stand before the newsletter's colon."""
    links = [link.text for link in item.links]
    parts = [item.text, *(f"{label}{colon}{text}" for label, text in item.fields.items()), *item.tags, *links]
    return ItemRecord(
        section, item_title(item, colon), item.source, item.url or "", _shown("\n".join(part for part in parts if part))
    )


def item_title(item: Item, colon: str) -> str:
    """The title of an item, its repository before it."""
    return f"{item.repo}{colon}{item.title}" if item.repo else item.title


def _shown(text: str) -> str:
    """The words of a text that its readers see: no URLs of links, numbers of lists, signs of emphasis within a word."""
    text = LIST_NUMBER.sub("", text)
    text = LINK.sub(lambda found: found["text"], text) if "](" in text else text
    return decode_entities(text.replace("**", ""))


def company_key(company: str) -> str:
    """The name of a company as it is compared: without differences of case, width and space."""
    return "".join(fold(company).split())


class ItemTraits(NamedTuple):
    """What tells that an item is about the same as another: a key in common, or a similar title."""

    title: str
    keys: frozenset[int]


def item_traits(item: Item, colon: str) -> ItemTraits:
    """The traits of an item."""
    return ItemTraits(item_title(item, colon), keys(item))


@cache_recent(64)
def keys(item: Item) -> frozenset[int]:
    """Keys that items about the same thing share, as numbers; `reason_of` tells the reason of each."""
    return frozenset(_key(reason, name) for reason, name in names(item))


def reason_of(key: int) -> Reason:
    """Why two items that share a key are about the same thing."""
    return REASONS[key % (1 << REASON_BITS)]


def names(item: Item) -> Iterator[tuple[Reason, str]]:
    """What an item is about: pages, papers and repositories, by its address, tags, links and labels."""
    addresses = [url for url in (item.url, *(link.url for link in item.links)) if url]
    yield from (("url", urls.canonical(url)) for url in addresses if "://" in url)
    labelled = [found[1].rstrip(TRAILING) for text in item.fields.values() if (found := LEADING.match(text))]
    papers = [urls.arxiv_id(text) for text in (*item.tags, *addresses, *labelled)]
    yield from (("paper", paper) for paper in papers if paper)
    repositories = [item.repo, *(urls.repository(url) for url in (item.url or "", *labelled))]
    yield from (("repository", repo.lower()) for repo in repositories if repo)


def _key(reason: Reason, name: str) -> int:
    """Hash of 61 bits, so that a collision among a million names has the chance of one in four million, and the reason."""
    digest = hashlib.blake2b(f"{reason} {name}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (1 + REASON_BITS) << REASON_BITS | REASONS.index(reason)


def facet(kind: str, name: str) -> str:
    """Token that stands for a section or source; no text contains it as a word."""
    return f"zz{kind}{hashlib.blake2b(name.encode('utf-8', 'replace'), digest_size=8).hexdigest()}"
