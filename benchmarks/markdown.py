"""Reading and writing take time in proportion to the text: the worst texts known, at twice the size each time.

Run with `python -m benchmarks.markdown`; it fails where twice the text takes more than 2.3 times the time.
"""

from __future__ import annotations

import datetime
import gc
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise

from embedai_nb.markdown import read, safe, writes
from embedai_nb.model import Issue, Item, Newsletter, Section

DAY = datetime.date(2031, 5, 4)
HEAD = f"# 嵌入式AI简报 ({DAY})\n\n"
SIZES = (125_000, 250_000, 500_000, 1_000_000)
SLOWEST = 2.3
MEASURABLE = 0.05
"""Seconds; of less no ratio can be told."""
NEWSLETTER = Newsletter(name="嵌入式AI简报", labels=("摘要",))

TEXTS: Mapping[str, Callable[[int], str]] = {
    "bars in a head": lambda n: f"## 论文\n\n- [a{' | b' * (n // 4)}](u)\n",
    "an unclosed head": lambda n: f"## 论文\n\n- [a{' | b' * (n // 4)}",
    "parentheses in an address": lambda n: f"## 论文\n\n- [a](http://x{'(' * n}\n",
    "open brackets": lambda n: f"## 论文\n\n- {'[' * n}\n",
    "closed brackets": lambda n: f"## 论文\n\n- {'[a]' * (n // 3)}\n",
    "links in a head": lambda n: f"## 论文\n\n- {'[a](b) ' * (n // 7)}\n",
    "short lines": lambda n: "## 论文\n\n- [a](u)\n" + "文\n" * (n // 2),
    "short paragraphs": lambda n: "## 论文\n\n- [a](u)\n" + "\n  文\n" * (n // 5),
    "items": lambda n: "## 论文\n\n" + "- [a | b](u)\n摘要：文\n" * (n // 20),
    "raw lines": lambda n: "## 论文\n\n" + "文\n\n" * (n // 3),
    "warm-ups": lambda n: "- 甲：乙；\n" * (n // 7),
    "nested lists": lambda n: "## 论文\n\n- [a](u)\n" + "    - 文\n" * (n // 8),
    "sections": lambda n: "## 论文\n\n" * (n // 7),
    "white space": lambda n: f"## 论文\n\n- [a](u)\n文{' ' * n}文\n",
    "backticks": lambda n: f"## 论文\n\n- [a](u)\n{'` `` ' * (n // 5)}\n",
    "asterisks": lambda n: f"## 论文\n\n- [a](u)\n{'**文 ' * (n // 4)}\n",
    "tables": lambda n: "## 论文\n\n- [a](u)\n\n  | a |\n  |---|\n" + "  | b |\n" * (n // 8),
    "definitions": lambda n: "## 论文\n\n- [a](u)\n\n" + "[r]: u\n" * (n // 7),
}


ROUNDS = 4
"""How often it is measured what seems too slow: the best times count, as other processes disturb all of them."""


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def measured(works: Sequence[Callable[[], object]]) -> tuple[list[float], float]:
    """The times of the same work on ever longer texts, and how often the time of one the next one takes at most."""
    times, ratio = [math.inf] * len(works), math.inf
    for _ in range(ROUNDS):
        if ratio > SLOWEST:
            times = [min(best, seconds(work)) for best, work in zip(times, works, strict=True)]
            ratio = max((b / a for a, b in pairwise(times) if a > MEASURABLE), default=0)
    return times, ratio


def pass_over(text: str) -> None:
    """Read, write and read the report, as an import does."""
    reading = read(HEAD + text, NEWSLETTER)
    writes(reading.issue, NEWSLETTER)


def publish(text: str) -> None:
    """Make safe and write an item that has this text, as a publication does."""
    items = (Item(title=text[:1000], url="https://e.com", text=text.partition("](u)\n")[2] or text),)
    writes(safe(Issue(date=DAY, sections=(Section(name="论文", items=items),)), NEWSLETTER), NEWSLETTER)


def main() -> int:
    slow = 0
    sizes = tuple(size for size in SIZES if size <= int((sys.argv[1:] or [SIZES[-1]])[0]))
    print(f"{'':28}{'':8}" + "".join(f"{size // 1000:>8} KB" for size in sizes) + "   ratio")
    for name, text in TEXTS.items():
        for work in (pass_over, publish):
            times, ratio = measured([partial(work, text(size)) for size in sizes])
            slow += ratio > SLOWEST
            print(
                f"{name:28}{work.__name__:9}" + "".join(f"{each:9.2f} s" for each in times) + f"{ratio:8.2f}",
                flush=True,
            )
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main())
