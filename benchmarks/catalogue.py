"""What the catalogue costs with ten thousand issues: building it, following one changed draft, searching, its size."""

from __future__ import annotations

import datetime
import os
import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

from benchmarks.synthetic import LATIN, USUAL, write  # noqa: E402
from embedai_nb.catalogue import Catalogue  # noqa: E402
from embedai_nb.drafts import DraftStore, load_newsletter  # noqa: E402
from embedai_nb.model import Item  # noqa: E402

COUNT = int(os.environ.get("ISSUES", "10000"))
LIMITS = {
    "build, s": 60,
    "one changed draft, ms, p95": 50,
    "... not told which, ms, p95": 100,
    "search, ms, p95": 20,
    "seen before, ms, p95": 50,
    "size, of the text": 1.5,
}


def p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] * 1000


def cpu() -> float:
    """Seconds that this process and its children have computed."""
    return sum(os.times()[:4])


def timed(action: Callable[[], object]) -> float:
    """Seconds of computing: what else the machine does at the moment hardly counts."""
    started = time.process_time()
    action()
    return time.process_time() - started


def queries(folder: Path, chance: random.Random) -> list[dict[str, object]]:
    """What one looks for: usual words, rare ones, names, two at once, one character, with filters and without."""
    store = DraftStore(folder)
    found: list[dict[str, object]] = [{"words": word} for word in USUAL + LATIN]
    found += [{"words": f"{a} {b}"} for a, b in zip(USUAL, LATIN, strict=False)]
    found += [{"words": word, "year": 1950, "section": "论文"} for word in USUAL]
    found += [
        {"words": "的"},
        {"words": "芯"},
        {"words": "tens"},
        {"words": "没有这个词呢"},
        {"words": "", "year": 1960},
    ]
    for date in chance.sample(store.dates(), min(100, COUNT)):
        item = chance.choice(store.load(date).issue.entries)
        text = item.fields.get("摘要", item.title)
        at = chance.randrange(max(1, len(text) - 6))
        found += [{"words": text[at : at + chance.randint(2, 6)]}, {"words": item.title, "source": item.source or None}]
    return found


def change(folder: Path, date: datetime.date) -> None:
    path = folder / "drafts" / f"{date}.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("title: ", "title: 新", 1), encoding="utf-8")


def _followed(catalogue: Catalogue, folder: Path, date: datetime.date, told: datetime.date | None) -> float:
    change(folder, date)
    return timed(lambda: catalogue.refresh(told))


def measure(folder: Path, text: int) -> dict[str, float]:
    chance = random.Random(2)
    newsletter = load_newsletter(folder / "newsletter.yaml")
    started, computed = time.perf_counter(), cpu()
    catalogue = Catalogue(folder, newsletter)
    figures = {"build, s": time.perf_counter() - started, "build, s of computing": cpu() - computed}
    time.sleep(2.1)  # until the time stamps of the drafts can be trusted
    catalogue.refresh()
    dates = chance.sample(DraftStore(folder).dates(), 40)
    figures["one changed draft, ms, p95"] = p95([_followed(catalogue, folder, date, date) for date in dates[:20]])
    time.sleep(2.1)
    catalogue.refresh()
    figures["... not told which, ms, p95"] = p95([_followed(catalogue, folder, date, None) for date in dates[20:]])
    wanted = queries(folder, chance)
    searches = [timed(lambda q=q: catalogue.search(**q)) for q in wanted for _ in range(3)]  # type: ignore[misc]
    figures["search, ms, p95"] = p95(searches)
    figures["search, ms, median"] = statistics.median(searches) * 1000
    figures["search, ms, worst"] = max(searches) * 1000
    store = DraftStore(folder)
    dates = chance.sample(store.dates(), min(100, COUNT))
    items: list[Item] = [chance.choice(store.load(date).issue.entries) for date in dates]
    last = datetime.date(2100, 1, 1)
    figures["seen before, ms, p95"] = p95([timed(lambda i=i: catalogue.seen_before(i, last)) for i in items])
    catalogue.close()
    path = folder / ".cache" / "catalogue.sqlite"
    figures["size, of the text"] = path.stat().st_size / text
    count = sqlite3.connect(path).execute("SELECT count(*) FROM items").fetchone()[0]
    print(f"{COUNT} issues, {count} items, {text / 1e6:.0f} MB of drafts")
    return figures


def main() -> int:
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "drafts").mkdir()
        shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
        figures = measure(folder, write(folder / "drafts", COUNT))
    finally:
        shutil.rmtree(folder)
    for name, figure in figures.items():
        limit = LIMITS.get(name)
        verdict = "" if limit is None else f"  (at most {limit}{'' if figure <= limit else ': TOO MUCH'})"
        print(f"{name:30} {figure:8.2f}{verdict}")
    return int(any(figures[name] > limit for name, limit in LIMITS.items()))


if __name__ == "__main__":
    sys.exit(main())
