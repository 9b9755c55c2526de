"""What is known of earlier issues in relation to one: looked up, and as plain values to be kept with that one."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from embedai_nb.catalogue.seen_before import Earlier, by_reason
from embedai_nb.text.sentences import first_sentence

if TYPE_CHECKING:
    from embedai_nb.model import Item

__all__ = ["PastIssues"]

Plain = dict[str, dict[str, Any]]
"""By kind and date, as JSON knows it."""


@dataclass(frozen=True)
class PastIssues:
    """Earlier issues in relation to one.

    Args:
        earlier: each item, with earlier items about the same.
        sizes: number of items of each section of the latest earlier issues.
        lengths: characters of all items of these issues.
        companies: for each company of the warm-ups the latest earlier warm-up about it.
    """

    earlier: tuple[tuple[Item, list[Earlier]], ...] = ()
    sizes: Mapping[datetime.date, Mapping[str, int]] = field(default_factory=dict)
    lengths: Mapping[datetime.date, int] = field(default_factory=dict)
    companies: Mapping[str, Earlier] = field(default_factory=dict)

    def earlier_of(self, item: Item) -> list[Earlier]:
        """Earlier items about the same as an item of this issue."""
        return next((found for each, found in self.earlier if each is item), [])

    def plain(self) -> Plain:
        """All of it as plain values, of each text the first sentence, which is what is shown of it."""
        earlier, companies = dict[str, list[Any]](), dict[str, list[Any]]()
        for number, (_, found) in enumerate(self.earlier):
            for each in found:
                earlier.setdefault(str(each.date), []).append([number, _plain(each)])
        for company, each in self.companies.items():
            companies.setdefault(str(each.date), []).append([company, _plain(each)])
        sizes = {str(date): [dict(sizes), self.lengths.get(date, 0)] for date, sizes in self.sizes.items()}
        return {"earlier": earlier, "sizes": sizes, "companies": companies}

    @classmethod
    def of_plain(cls, plain: Mapping[str, Mapping[str, Any]], items: Sequence[Item]) -> PastIssues:
        """The inverse of `plain`, for an issue of the same items."""
        found: list[list[Earlier]] = [[] for _ in items]
        for date, rows in plain["earlier"].items():
            for number, row in rows:
                found[number].append(_earlier(date, row))
        day = datetime.date.fromisoformat
        return cls(
            tuple(zip(items, (sorted(each, key=by_reason) for each in found), strict=True)),
            {day(date): sizes for date, (sizes, _) in plain["sizes"].items()},
            {day(date): length for date, (_, length) in plain["sizes"].items()},
            {company: _earlier(date, row) for date, rows in plain["companies"].items() for company, row in rows},
        )


def _plain(each: Earlier) -> dict[str, Any]:
    values = asdict(replace(each, text=first_sentence(each.text)))
    del values["date"]
    return values


def _earlier(date: str, row: Mapping[str, Any]) -> Earlier:
    return Earlier(date=datetime.date.fromisoformat(date), **row)
