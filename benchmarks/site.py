"""What a site of made-up issues costs: CPU seconds, memory, and what its pages weigh.

The site is built from nothing, again when nothing has changed, when one issue has, and when there is one more.
"""

from __future__ import annotations

import argparse
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

from benchmarks.synthetic import drafts  # noqa: E402
from embedai_nb.compose import complete  # noqa: E402
from embedai_nb.drafts import load_newsletter  # noqa: E402
from embedai_nb.drafts.store import parse_draft  # noqa: E402
from embedai_nb.markdown import writes  # noqa: E402

SECONDS = {40: 3.0, 1_000: 30.0, 10_000: 300.0}
AGAIN = {40: 2.0, 1_000: 3.0, 10_000: 20.0}
"""CPU seconds when one issue has changed, and when there is one more; all on a machine that does other things, too."""
SETTLING = 2.1
"""Seconds after which stamps of files are trusted."""
GROWTH = 1.25
"""Memory for 10,000 issues, as a multiple of that for 1,000."""

INDEX_PAGE, BEYOND_TEXT = 60_000, 15_000
"""Bytes of a page that lists, and those of an issue's page beyond its text."""


class Cost(NamedTuple):
    seconds: float
    wall: float
    nothing: float
    changed: float
    added: float
    memory: int
    listing: int
    beyond_text: int
    search: int
    total: int


def fill(folder: Path, count: int) -> None:
    """An archive of made-up issues, their closing without the table of back issues."""
    (folder / "archive").mkdir(parents=True)
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
    newsletter = load_newsletter(folder / "newsletter.yaml")
    for date, text in drafts(count):
        issue = parse_draft(text.encode(), Path(f"{date}.yaml"), date).issue
        published = writes(complete(issue, newsletter), newsletter)
        (folder / "archive" / f"{date}.md").write_text(published, encoding="utf-8")


def build(folder: Path, out: Path, program: Path = PROJECT) -> tuple[float, float, int]:
    """CPU seconds of the command and its processes, wall seconds, and the most bytes of memory of one of them."""
    command = [sys.executable, "-m", "embedai_nb", "--issues", str(folder), "site", "--out", str(out)]
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*command, "--url", "https://news.example/"], cwd=program, stdout=subprocess.DEVNULL, check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return seconds, time.perf_counter() - began, used.ru_maxrss * 1024


def again(folder: Path, out: Path, program: Path) -> float:
    """CPU seconds of another build, when all stamps can be trusted."""
    time.sleep(SETTLING)
    return build(folder, out, program)[0]


def change(folder: Path) -> None:
    """A word of an item in the middle of the archive."""
    files = sorted((folder / "archive").glob("*.md"))
    path = files[len(files) // 2]
    path.write_text(path.read_text("utf-8").replace("摘要：", "摘要：改", 1), "utf-8")


def add(folder: Path) -> None:
    """One more issue, newer than all others."""
    newest = max((folder / "archive").glob("*.md"))
    text = newest.read_text("utf-8").replace(newest.stem, "2031-05-04")
    newest.with_name("2031-05-04.md").write_text(text, "utf-8")


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def listings(out: Path) -> Iterator[Path]:
    yield out / "index.html"
    yield from (path for folder in ("sections", "sources") for path in (out / folder).glob("*.html"))
    yield from (path for path in out.glob("*.html") if re.fullmatch(r"\d{4}(\.\d+)?|sources", path.stem))


def beyond_text(page: Path) -> int:
    html = page.read_text(encoding="utf-8")
    text = unescape(re.sub(r"<[^>]*>", "", html))
    return page.stat().st_size - len(text.encode())


def measure(folder: Path, count: int, program: Path) -> Cost:
    fill(folder / "issues", count)
    out = folder / "site"
    seconds, wall, memory = build(folder / "issues", out, program)
    again(folder / "issues", out, program)  # which finds that the files it has not made a moment ago are the same
    nothing = again(folder / "issues", out, program)
    change(folder / "issues")
    changed = again(folder / "issues", out, program)
    add(folder / "issues")
    added = again(folder / "issues", out, program)
    return Cost(
        seconds,
        wall,
        nothing,
        changed,
        added,
        memory,
        max(path.stat().st_size for path in listings(out)),
        max(beyond_text(path) for path in out.glob("????-??-??.html")),
        size(out / "search"),
        size(out),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.site")
    parser.add_argument("--issues", default="40,1000", help="how many issues")
    parser.add_argument("--program", type=Path, default=PROJECT, help="where another version of the program is")
    given = parser.parse_args()
    costs: dict[int, Cost] = {}
    print(
        " issues   CPU s  wall s  nothing  changed    added  MB memory  KB of a list  KB beyond text  MB search  MB in all"
    )
    for count in map(int, given.issues.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            cost = costs[count] = measure(Path(folder), count, given.program)
        print(
            f"{count:7} {cost.seconds:7.2f} {cost.wall:7.2f} {cost.nothing:8.2f} {cost.changed:8.2f} {cost.added:8.2f}"
            f" {cost.memory / 1e6:10.1f} {cost.listing / 1e3:13.1f}"
            f" {cost.beyond_text / 1e3:15.1f} {cost.search / 1e6:10.1f} {cost.total / 1e6:10.0f}",
            flush=True,
        )
    kept = all(
        cost.seconds <= SECONDS.get(count, SECONDS[10_000])
        and max(cost.changed, cost.added) <= AGAIN.get(count, AGAIN[10_000])
        and cost.listing <= INDEX_PAGE
        and cost.beyond_text <= BEYOND_TEXT
        for count, cost in costs.items()
    )
    if {1_000, 10_000} <= costs.keys():
        kept = kept and costs[10_000].memory <= GROWTH * costs[1_000].memory
    print("within the limits" if kept else "OVER THE LIMITS")
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
