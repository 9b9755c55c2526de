"""Measure the order of candidates: precision at 20 for the last ten issues, against newest first.

``python -m benchmarks.inbox FOLDER`` with the issues folder of a newsletter.  For each issue the program knows the issues
before it.  On offer are its own items, made-up headlines of other fields (tests/data/inbox/distractors.txt), and items
of the other years, which it then hasn't learned from.  All are dated at random within the fortnight; half of the
headlines have sources that the newsletter often takes from, as real feeds do.
"""

from __future__ import annotations

import datetime
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from embedai_nb.catalogue import Catalogue
from embedai_nb.catalogue.records import ItemRecord
from embedai_nb.drafts import load_newsletter
from embedai_nb.inbox.ranking import Offer, Taste

DISTRACTORS = Path(__file__).parents[1] / "tests" / "data" / "inbox" / "distractors.txt"
AT = 20
ISSUES = 10
OTHERS = 60
"""Items of other years on offer."""

Taken = Sequence[tuple[datetime.date, ItemRecord]]


class Measured(NamedTuple):
    """Precision at 20 for one issue: of this order, of newest first, and of the best possible order."""

    date: datetime.date
    pool: str
    items: int
    offered: int
    ours: float
    newest_first: float
    best: float


def distractors() -> list[str]:
    """Headlines of other fields."""
    return [line for line in DISTRACTORS.read_text("utf-8").splitlines() if line and not line.startswith("#")]


def measure(taken: Taken, seed: int = 1) -> Iterator[Measured]:
    """Measure the last ten issues, each with two pools."""
    for date in sorted({date for date, _ in taken})[-ISSUES:]:
        chance = random.Random(f"{seed} {date}")
        wanted = [Offer.taken(record) for day, record in taken if day == date]
        others = [(day, record) for day, record in taken if day < date and day.year != date.year]
        chance.shuffle(others)
        hidden = {id(record) for _, record in others[:OTHERS]}
        before = [each for each in taken if each[0] < date]
        unseen = [each for each in before if id(each[1]) not in hidden]
        made_up = list(_made_up(before, chance))
        other_years = [Offer.taken(record) for _, record in others[:OTHERS]]
        yield _measured(date, "other fields", Taste(before), wanted, made_up, chance)
        yield _measured(date, "other years and fields", Taste(unseen), wanted, made_up + other_years, chance)


def _made_up(before: Taken, chance: random.Random) -> Iterator[Offer]:
    sources = Counter(record.source for _, record in before if record.source)
    names, weights = list(sources), list(sources.values())
    for n, title in enumerate(distractors()):
        source = chance.choices(names, weights)[0] if n % 2 else f"频道{n % 12}"
        url = f"https://mp.weixin.qq.com/s/x{n}" if n % 2 else f"https://news{n % 12}.example/{n}"
        yield Offer(title, source=source, url=url)


def _measured(
    date: datetime.date, pool: str, taste: Taste, wanted: list[Offer], others: list[Offer], chance: random.Random
) -> Measured:
    # A feed has the beginning of an article, not the newsletter's summary of it.
    offers = [Offer(each.title, "", each.source, each.url) for each in (*wanted, *others)]
    good = set(range(len(wanted)))
    newest = list(range(len(offers)))
    chance.shuffle(newest)
    judged = taste.judge(offers)
    ours = sorted(newest, key=lambda n: -judged[n].score)
    precision = [len(good & set(order[:AT])) / AT for order in (ours, newest)]
    return Measured(date, pool, len(wanted), len(offers), *precision, min(len(wanted), AT) / AT)


def main() -> None:
    """Print a table."""
    folder = Path(sys.argv[1])
    with Catalogue(folder, load_newsletter(folder / "newsletter.yaml")) as catalogue:
        taken = catalogue.latest_items()
    found = list(measure(taken))
    for each in found:
        print(f"{each.date} {each.pool:24} {each.items:3} of {each.offered:3}: ", end="")
        print(f"{each.ours:.2f}, newest first {each.newest_first:.2f}, best possible {each.best:.2f}")
    for pool in dict.fromkeys(each.pool for each in found):
        rows = [each for each in found if each.pool == pool]
        figures = (mean(row[at] for row in rows) for at in (4, 5, 6))
        print("{}: {:.2f}, newest first {:.2f}, best possible {:.2f}".format(pool, *figures))


if __name__ == "__main__":
    main()
