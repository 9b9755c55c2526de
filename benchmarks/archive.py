"""What publishing costs beside what one would type without this package: one issue, forty, a thousand.

All is measured in turn in one run, on made-up issues and copies in a temporary folder.  What counts are CPU seconds, those of all processes
that a command starts included, because they hardly depend on what else the machine does; wall seconds do.  Python may
keep the bytecode that it compiles in a first round, which isn't counted, as it may in any installation.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measure import Cost, measure, together, typical
from benchmarks.synthetic import write

PROJECT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
SAMPLE = "2021-07-18"
COUNT = 40
NOTHING = Cost(0, 0)

RENDER = """
import pathlib, sys
from markdown_it import MarkdownIt
markdown = MarkdownIt("commonmark").enable("table")
for path in pathlib.Path(sys.argv[1]).glob("*.md"):
    path.with_suffix(".plain.html").write_text(markdown.render(path.read_text("utf-8")), "utf-8")
"""
"""What a generator of static sites does: no notebook, no checks, no layout."""


@dataclass(frozen=True)
class Limit:
    """What a figure may be at most."""

    what: str
    most: float
    figure: float

    @property
    def met(self) -> bool:
        return self.figure <= self.most

    def __str__(self) -> str:
        return f"{self.what} {self.figure:.3g} of {self.most:.3g}: {'met' if self.met else 'NOT MET'}"


@dataclass(frozen=True)
class Row:
    """A line of a table."""

    name: str
    cost: Cost
    naive: Cost = NOTHING
    limits: Sequence[Limit] = ()

    def cells(self) -> Iterator[str]:
        yield self.name
        yield f"{self.cost.cpu:.2f}" if self.cost.cpu else ""
        yield f"{self.cost.wall:.2f}" if self.cost.wall else ""
        yield f"{self.cost.peak / 1e6:.0f}" if self.cost.memory else ""
        for mine, other in ((self.cost.cpu, self.naive.cpu), (self.cost.wall, self.naive.wall)):
            yield ratio(mine, other) if other else ""
        yield "; ".join(map(str, self.limits))


def ratio(mine: float, other: float) -> str:
    """A share of what is larger, one part in so many of what is far larger."""
    return f"{mine / other:.2f}" if mine > other / 10 else f"1/{other / mine:.0f}"


@dataclass(frozen=True)
class Archive:
    """An issues folder that nobody else uses."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @classmethod
    def empty(cls, parent: Path, name: str) -> Archive:
        folder = parent / name
        (folder / "drafts").mkdir(parents=True)
        shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
        bytecode = {"EMBEDAI_ISSUES": str(folder), "PYTHONPYCACHEPREFIX": str(parent / "bytecode")}
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return cls(folder, kept | bytecode)

    @classmethod
    def made_up(cls, parent: Path, name: str, count: int) -> Archive:
        archive = cls.empty(parent, name)
        write(archive.folder / "drafts", count)
        return archive

    @property
    def dates(self) -> list[str]:
        return sorted(path.stem for path in (self.folder / "drafts").glob("*.yaml"))

    def embedai(self, *arguments: str) -> Cost:
        """One of our commands; 1 says that an issue has errors, as some of the made-up ones have."""
        return measure([str(BIN / "embedai"), *arguments], PROJECT, self.settings, allowed=(0, 1))

    def build(self, *options: str) -> Cost:
        return self.embedai("--issues", str(self.folder), "build", *options)

    def naive(self, date: str) -> dict[str, Cost]:
        """What one would type."""
        executed = self.folder / f"{date}.ipynb"
        notebook = str(PROJECT / "notebooks" / "issue.ipynb")
        convert = [str(BIN / "jupyter"), "nbconvert", str(executed), "--to"]
        commands = {
            "`papermill`": [str(BIN / "papermill"), notebook, str(executed), "-p", "DATE", date, "--no-progress-bar"],
            "`jupyter nbconvert --to markdown`": [*convert, "markdown"],
            "`jupyter nbconvert --to html`": [*convert, "html"],
        }
        return {name: measure(command, self.folder, self.settings) for name, command in commands.items()}

    def change(self, date: str) -> None:
        """Edit a draft."""
        path = self.folder / "drafts" / f"{date}.yaml"
        path.write_text(path.read_text("utf-8").replace('title: "', 'title: "新', 1), "utf-8")

    def check(self) -> str:
        """That all issues were made, and how many of them are published, having no errors."""
        reviewed = [path.stem for path in (self.folder / "review").glob("????-??-??.ipynb")]
        if sorted(reviewed) != self.dates:
            raise SystemExit(f"{self.folder}: {len(reviewed)} of {len(self.dates)} issues were made")
        return f"{len(list((self.folder / 'archive').glob('*.md')))} of {len(self.dates)} published"


# --- the tables -----------------------------------------------------------------------------------------------


def one_issue(parent: Path, rounds: int) -> Iterator[Row]:
    archive = Archive.empty(parent, "one")
    shutil.copy(PROJECT / "issues" / "drafts" / f"{SAMPLE}.yaml", archive.folder / "drafts")
    spent: dict[str, list[Cost]] = {}
    for number in range(rounds + 1):
        costs = archive.naive(SAMPLE)
        costs = costs | {
            "these three": together(costs.values()),
            "`embedai issue --engine kernel`": archive.embedai("issue", SAMPLE, "--force", "--engine", "kernel"),
            "`embedai issue`": archive.embedai("issue", SAMPLE, "--force"),
            "`embedai issue`, nothing changed": archive.embedai("issue", SAMPLE),
        }
        for name, cost in costs.items() if number else ():
            spent.setdefault(name, []).append(cost)
    medians = {name: typical(costs) for name, costs in spent.items()}
    naive = medians["these three"]
    share = medians["`embedai issue`"].cpu / naive.cpu
    for name, cost in medians.items():
        yield Row(name, cost, naive, [Limit("CPU", 0.1, share)] if name == "`embedai issue`" else ())


def forty(parent: Path, count: int, naive_issues: int, rounds: int) -> Iterator[Row]:
    """A small archive: all of it, nothing of it, one issue of it."""
    naive, measured = _naive(parent, count, naive_issues)
    extrapolated = "" if measured == count else f", extrapolated from {measured}"
    yield Row(f"the three commands for each of {count} issues{extrapolated}", naive, naive)

    looped = Archive.made_up(parent, "loop", count)
    yield Row("`embedai issue` for each", together(looped.embedai("issue", date) for date in looped.dates), naive)
    single = Archive.made_up(parent, "single", count)
    yield Row("`embedai build --jobs 1`", single.build("--jobs", "1"), naive)
    archive = Archive.made_up(parent, "double", count)
    cost = archive.build("--jobs", "2")
    limits = [Limit("CPU", 1 / 30, cost.cpu / naive.cpu), Limit("wall", 1 / 30, cost.wall / naive.wall)]
    yield Row(f"`embedai build --jobs 2`, {archive.check()}", cost, naive, limits)
    looped.check()
    single.check()

    idle = typical([archive.build("--jobs", "2") for _ in range(rounds)])
    yield Row("`embedai build`, nothing changed", idle, naive, [Limit("CPU s", 0.15, idle.cpu)])
    yield Row("`embedai build`, one draft changed", typical([_changed(archive, n * 7) for n in range(rounds)]), naive)
    plain = [sys.executable, "-c", RENDER, str(archive.folder / "archive")]
    yield Row(
        "their Markdown rendered by markdown-it-py, without notebook, checks or layout",
        typical([measure(plain, PROJECT, archive.settings) for _ in range(rounds)]),
        naive,
    )


def _naive(parent: Path, count: int, measured: int) -> tuple[Cost, int]:
    """The cost of ``count`` issues, and from how many it was taken."""
    archive = Archive.made_up(parent, "naive", count)
    dates = archive.dates[: measured or count]
    cost = together(cost for date in dates for cost in archive.naive(date).values())
    times = count / len(dates)
    return Cost(cost.cpu * times, cost.wall * times, cost.memory), len(dates)


def _changed(archive: Archive, number: int) -> Cost:
    """Build after the draft of this number was changed."""
    archive.change(archive.dates[number % len(archive.dates)])
    return archive.build("--jobs", "2")


def scale(parent: Path, counts: Sequence[int], rounds: int) -> Iterator[Row]:
    """Larger and larger archives; the largest is compared with the smallest."""
    each: list[float] = []
    for count in counts:
        archive = Archive.made_up(parent, f"scale{count}", count)
        cost = archive.build("--jobs", "2")
        each.append(cost.cpu / count)
        limits = [Limit("CPU s an issue", 0.2, each[-1]), Limit("MB of a process", 400, _resident(cost))]
        if len(each) == len(counts) > 1:
            limits.append(Limit(f"times what an issue costs of {counts[0]}", 1.2, each[-1] / each[0]))
        yield Row(f"`embedai build --jobs 2`, {count} issues, {archive.check()}", cost, limits=limits)
        for name, part in (("first", cost.part(0, 0.1)), ("last", cost.part(0.9, 1))):
            yield Row(f"in the {name} tenth, {part}", Cost(0, 0, (part,)))
        idle = typical([archive.build("--jobs", "2") for _ in range(min(rounds, 3))])
        yield Row("nothing changed", idle, limits=[Limit("CPU s", 0.15 if count <= COUNT else 0.6, idle.cpu)])
        yield from corrected(archive, min(rounds, 3))
        shutil.rmtree(archive.folder)


def corrected(archive: Archive, rounds: int) -> Iterator[Row]:
    """What a small correction in a large archive costs: few issues show anything of it."""
    dates = archive.dates
    newest = typical([_changed(archive, -1) for _ in range(rounds)])
    yield Row("the newest title corrected", newest)
    old = typical([_changed(archive, len(dates) * 3 // 10) for _ in range(rounds)])
    yield Row("the title of an old one", old, limits=[Limit("times the newest", 1.2, old.cpu / newest.cpu)])
    for name, more in {"a comment": "# a comment\n", "a key that no issue shows": "wechat_author: 甲\n"}.items():
        path = archive.folder / "newsletter.yaml"
        path.write_text(f"{path.read_text('utf-8')}{more}", "utf-8")
        cost = archive.build("--jobs", "2")
        yield Row(f"{name} in newsletter.yaml", cost, limits=[Limit("CPU s", 0.3, cost.cpu)])


def _resident(cost: Cost) -> float:
    """Megabytes of the process with most, what it shares with others included."""
    return max(at.resident for at in cost.memory) / 1e6


def starting(parent: Path, rounds: int) -> Iterator[Row]:
    """What every command pays."""
    archive = Archive.empty(parent, "starting")
    importing = [sys.executable, "-c", "import embedai_nb"]
    archive.embedai("--help")
    for name, costs in {
        "`import embedai_nb`": [measure(importing, PROJECT, archive.settings) for _ in range(rounds)],
        "`embedai --help`": [archive.embedai("--help") for _ in range(rounds)],
    }.items():
        cost = typical(costs)
        yield Row(name, cost, limits=[Limit("CPU s", 0.1, cost.cpu)])


# --- printing -------------------------------------------------------------------------------------------------

HEADS = ("", "CPU s", "wall s", "MB", "CPU of naive", "wall of naive", "limits")


def table(title: str, rows: Iterator[Row]) -> bool:
    """Print a table as Markdown, line by line while it is measured; whether all limits are met."""
    print(f"\n## {title}\n\n| {' | '.join(HEADS)} |\n|{'---|' * len(HEADS)}", flush=True)
    met = True
    for row in rows:
        print(f"| {' | '.join(row.cells())} |", flush=True)
        met = met and all(limit.met for limit in row.limits)
    return met


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.archive")
    parser.add_argument("--rounds", type=int, default=5, help="how often what is quick is measured")
    parser.add_argument("--count", type=int, default=COUNT, help="issues of the small archive")
    parser.add_argument("--naive-issues", type=int, default=8, help="measure so few of them and extrapolate; 0: all")
    parser.add_argument("--issues", default="100,1000", help="sizes of the large archives; none when empty")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    counts = [int(count) for count in given.issues.split(",") if count]
    with tempfile.TemporaryDirectory() as folder:
        parent = Path(folder)
        tables = {
            "One issue": one_issue(parent, given.rounds),
            f"{given.count} issues": forty(parent, given.count, given.naive_issues, given.rounds),
            "Larger archives": scale(parent, counts, given.rounds),
            "Starting": starting(parent, given.rounds),
        }
        met = [table(title, rows) for title, rows in tables.items()]
    print("\nMB: PSS of all processes together.  Hugo is said to render the plain Markdown of 40 issues in 0.3 s.")
    print("\nwithin the limits" if all(met) else "\nOVER THE LIMITS")
    return int(not all(met))


if __name__ == "__main__":
    sys.exit(main())
