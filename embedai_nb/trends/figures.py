"""What the page about trends says: tables made from those of the archive, without words or pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from embedai_nb.checks import LinkStatus
from embedai_nb.text.folding import fold
from embedai_nb.trends.vocabulary import mentions, vocabulary

__all__ = [
    "AGES",
    "WordChange",
    "by_section",
    "link_states",
    "named_companies",
    "paper_months",
    "repeated",
    "source_years",
    "word_changes",
]

AGES = (0, 1, 3, 6, 12, 24)
"""Months from which on each group of ages begins."""
NEW_ID, OLD_ID = re.compile(r"(\d\d)(\d\d)\.\d{4,5}"), re.compile(r"[a-z.-]+/(\d\d)(\d\d)\d{3}")
FIRST_YEAR = 91
"""Of arXiv: an id of 91 or later is of the last century."""
MOST_COLUMNS = 130
"""Issues that have a column each."""
RARE = 120
"""One title in so many has a word that is looked at, and at least three do."""
CERTAIN = 1.3
"""How many standard errors a word's share must change by."""


def by_section(items: pd.DataFrame) -> pd.DataFrame:
    """Items of each issue by section, the sections with the most first: a row an issue, of many issues a row a year."""
    dates = items["date"].dt.strftime("%Y-%m-%d")
    if dates.nunique() > MOST_COLUMNS:
        dates = dates.str[:4]
    table = pd.crosstab(dates, items["section"].astype("str"))
    return table[list(table.sum().sort_values(ascending=False, kind="stable").index)]


def source_years(items: pd.DataFrame, most: int) -> pd.DataFrame:
    """Items by source and year, the most frequent sources first."""
    named = items[items["source"] != ""]
    frequent = named["source"].value_counts(sort=False).sort_values(ascending=False, kind="stable").index[:most]
    table = pd.crosstab(named["source"], named["date"].dt.year)
    return table.reindex(list(frequent))


class WordChange(NamedTuple):
    """A word, and in how many of a hundred items it was mentioned."""

    word: str
    before: float
    after: float

    @property
    def change(self) -> float:
        """How many more it is now."""
        return self.after - self.before


def word_changes(titles: Sequence[str], late: Sequence[bool], most: int) -> list[WordChange]:
    """The words whose mentions changed most: those that rise, the most first, then those that fall, the most last.

    Args:
        titles: of items; not their texts, which grow longer over the years.
        late: whether each is of the second half of the time.
        most: how many rise, and how many fall, at most.
    """
    words = vocabulary(titles, max(3, len(titles) // RARE))
    after, before = sum(late), len(late) - sum(late)
    if not after or not before:
        return []
    changes = list[WordChange]()
    for word, found in mentions(titles, sorted(words)).items():
        times = sum(late[n] for n in found)
        shares = (len(found) - times) / before, times / after
        mean = len(found) / len(late)
        error = (mean * (1 - mean) * (1 / before + 1 / after)) ** 0.5
        if error and abs(shares[1] - shares[0]) / error >= CERTAIN:
            changes.append(WordChange(words[word], *(100 * share for share in shares)))
    ordered = sorted(changes, key=lambda each: (-each.change, each.word))
    rising, falling = ([c for c in ordered if c.change > 0][:most], [c for c in ordered if c.change < 0][-most:])
    return rising + falling


def paper_months(items: pd.DataFrame) -> pd.Series:
    """How many months after its first version each paper was reported."""
    papers = items[items["arxiv"] != ""].drop_duplicates(["date", "arxiv"])
    born = pd.Series([_month(paper) for paper in papers["arxiv"]], index=papers.index, dtype="int32")
    months = papers["date"].dt.year * 12 + papers["date"].dt.month - born
    return pd.Series(months[months >= 0], dtype="int32")


def _month(paper: str) -> int:
    """The month of an arXiv id, counted from the year 0 (info.arxiv.org/help/arxiv_identifier.html)."""
    found = NEW_ID.match(paper) or OLD_ID.match(paper)
    year, month = (int(found[1]), int(found[2])) if found else (99, 12)
    return (1900 if year >= FIRST_YEAR else 2000) * 12 + year * 12 + month


def named_companies(warmups: pd.DataFrame) -> pd.Series:
    """How often each company has a warm-up, as it is written most often; the most frequent first."""
    named = warmups[warmups["company"] != ""]
    keys = named["company"].map(lambda name: "".join(fold(name).split()))
    written = named.groupby(keys, sort=False)["company"].agg(lambda names: names.mode()[0])
    counts = keys.value_counts(sort=False).sort_values(ascending=False, kind="stable")
    return pd.Series(counts.to_numpy(), index=[written[key] for key in counts.index])


def link_states(items: pd.DataFrame, known: Mapping[str, LinkStatus]) -> pd.DataFrame:
    """Links that were checked and those that are dead, by year."""
    state = items["url"].map({url: status.state for url, status in known.items()})
    checked = items[state.notna()]
    years = checked["date"].dt.year
    dead = state[state.notna()] == "dead"
    return pd.DataFrame({"checked": years.value_counts(), "dead": years[dead].value_counts()}).fillna(0).astype(int)


def repeated(items: pd.DataFrame) -> pd.DataFrame:
    """Items about a page, paper or repository of an earlier issue, with the ``first`` date when that was."""
    found = pd.Series(pd.NaT, index=items.index, dtype=items["date"].dtype)
    for name in ("address", "arxiv", "repository"):
        values = items[name].str.lower()
        first = items[values != ""].groupby(values[values != ""])["date"].transform("min")
        earlier = first[first < items.loc[first.index, "date"]]
        found.update(earlier[~earlier.index.isin(found[found.notna()].index)])
    return items[found.notna()].assign(first=found[found.notna()])
