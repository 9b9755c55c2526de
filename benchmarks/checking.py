"""What checking, showing, fixing and searching cost: a folder of made-up issues, cold, unchanged, with one changed."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.archive import PROJECT, SAMPLE, Archive, Limit, Row, table
from benchmarks.measure import Cost, typical
from embedai_nb.workspace import layout

DATE = "1900-09-07"
"""A made-up issue with many fixes."""


def folder(archive: Archive, rounds: int) -> Iterator[Row]:
    """`embedai check` of all issues."""

    def check() -> Cost:
        return archive.embedai("--issues", str(archive.folder), "check")

    def cold() -> Cost:
        shutil.rmtree((archive.folder / layout.findings("x")).parent, ignore_errors=True)
        return check()

    check()  # the catalogue is built by whichever command is the first
    count = len(archive.dates)
    few = typical([cold() for _ in range(min(rounds, 2))])
    yield Row("nothing kept", few, limits=[Limit("CPU ms an issue", 15, 1000 * few.cpu / count), _memory(few)])
    idle = typical([check() for _ in range(rounds)])
    yield Row("nothing changed", idle, limits=[Limit("CPU ms an issue", 15, 1000 * idle.cpu / count), _memory(idle)])
    for name, place in {"the newest title corrected": -1, "a title in the middle corrected": count // 2}.items():
        archive.change(archive.dates[place])
        yield Row(name, check())
    newsletter = archive.folder / layout.NEWSLETTER
    newsletter.write_text(f"{newsletter.read_text('utf-8')}# a comment\n", "utf-8")
    yield Row("a comment in newsletter.yaml", check())


def one_issue(archive: Archive, rounds: int) -> Iterator[Row]:
    """What concerns one issue, in a folder of many."""
    shutil.copy(PROJECT / "issues" / "drafts" / f"{SAMPLE}.yaml", archive.folder / "drafts")
    commands = {
        ("show", SAMPLE): 0.25,
        ("check", SAMPLE): 0.25,
        ("fix", SAMPLE, "--dry-run"): 0.25,
        ("fix", DATE, "--dry-run"): 0.25,
        ("search", "芯片"): 0.15,
    }
    archive.embedai("--issues", str(archive.folder), "search", "芯片")
    for words, most in commands.items():
        cost = typical([archive.embedai("--issues", str(archive.folder), *words) for _ in range(rounds)])
        yield Row(f"`embedai {' '.join(words)}`", cost, limits=[Limit("CPU s", most, cost.cpu)])


def _memory(cost: Cost) -> Limit:
    return Limit("MB", 150, cost.peak / 1e6)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.checking")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=1000, help="issues")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as parent:
        archive = Archive.made_up(Path(parent), "checking", given.count)
        titles = {
            f"`embedai check` of {given.count} issues": folder(archive, given.rounds),
            f"One of {given.count} issues": one_issue(archive, given.rounds),
        }
        met = [table(title, rows) for title, rows in titles.items()]
    return int(not all(met))


if __name__ == "__main__":
    sys.exit(main())
