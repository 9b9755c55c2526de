"""From a save to the reloaded page with `embedai serve`, beside `embedai site`, which makes all pages anew."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import psutil

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

from benchmarks.site import build, fill  # noqa: E402
from benchmarks.synthetic import drafts, write  # noqa: E402

SECONDS = 0.5
"""From a save to the reloaded page, 95 of 100 times."""

SAVES = 60
DRAFTS = 12
"""The newest issues, which lie there as drafts, too; every second save is one of these, the others are published issues."""


class Server(NamedTuple):
    """`embedai serve`, running."""

    pid: int
    address: str

    def cpu(self) -> float:
        """CPU seconds so far."""
        after_name = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Most bytes of memory so far."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.address + path) as answer:
            return str(answer.read().decode())

    def version(self, seen: int = -1) -> int:
        """The version there is; waits for one that is not ``seen``."""
        return int(json.loads(self.get(f".news?seen={seen}"))["version"])


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    command = [sys.executable, "-m", "embedai_nb", "--issues", str(folder), "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Server(process.pid, process.stdout.readline().split()[0])
        finally:
            process.terminate()


def prepare(folder: Path, count: int) -> list[Path]:
    """An issues folder; gives its drafts and as many published issues of any age, one of each in turn."""
    fill(folder, count)
    (folder / "drafts").mkdir()
    for date, text in list(drafts(count))[-DRAFTS:]:
        (folder / "drafts" / f"{date}.yaml").write_text(text, encoding="utf-8")
    return inputs(folder)


def inputs(folder: Path) -> list[Path]:
    written = sorted((folder / "drafts").glob("*.yaml"))[-DRAFTS:]
    only_published = [
        path for path in sorted((folder / "archive").glob("*.md")) if path.stem not in {d.stem for d in written}
    ]
    chosen = random.Random(1).sample(only_published, min(len(written), len(only_published)))
    return [path for pair in zip(written, chosen, strict=False) for path in pair] or written


def save(path: Path, mark: str) -> None:
    """Put a mark into the first item's text, as an editor would."""
    text = path.read_text(encoding="utf-8")
    place = r"(摘要: (?:\|-?|>-?)?\s*)" if path.suffix == ".yaml" else r"(摘要：)"
    text, found = re.subn(rf"{place}(?:记号\d+。)?", rf"\g<1>{mark}", text, count=1)
    assert found, path
    path.write_text(text, encoding="utf-8")


class Refresh(NamedTuple):
    wall: list[float]
    cpu: float
    memory: int


def refreshes(server: Server, paths: list[Path]) -> Refresh:
    """What so many saves cost, each until the page of its issue has been loaded again."""
    wall, version = [], server.version()
    before = server.cpu()
    for number in range(SAVES):
        path, mark = paths[number % len(paths)], f"记号{number}。"
        time.sleep(0.2)  # nobody saves more often
        begun = time.perf_counter()
        save(path, mark)
        version = server.version(version)
        while mark not in server.get(f"{path.stem}.html"):  # it was told before the file was whole
            version = server.version(version)
        wall.append(time.perf_counter() - begun)
    return Refresh(sorted(wall), (server.cpu() - before) / SAVES, server.memory())


class Publishing(NamedTuple):
    """What it costs to publish one issue again, in a process that has everything loaded."""

    cpu: float
    """Of all processes, CPU seconds, as a median."""
    wall: float
    """Seconds from the save until all files are there, as a median."""


def tree_cpu(pid: int) -> float:
    """CPU seconds of a process and its descendants, those that have ended included."""
    found = 0.0
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            found += times.user + times.system + times.children_user + times.children_system
    return found


def published_again(folder: Path, count: int) -> Publishing:
    """Save drafts while `embedai build --watch` runs; each is published before the next."""
    (folder / "drafts").mkdir(parents=True)
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
    write(folder / "drafts", count)
    paths = sorted((folder / "drafts").glob("*.yaml"))[-DRAFTS:]
    command = [sys.executable, "-m", "embedai_nb", "--issues", str(folder), "build", "--watch"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "LC_ALL": "C"}
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            next(line for line in process.stdout if line.startswith("watching"))
            found = []
            for number in range(SAVES // 2):
                path = paths[number % len(paths)]
                time.sleep(0.5)  # until what comes after the last one is done
                before, begun = tree_cpu(process.pid), time.perf_counter()
                save(path, f"记号{number}。")
                next(line for line in process.stdout if line.startswith(path.stem))
                wall = time.perf_counter() - begun
                time.sleep(0.5)
                found.append((tree_cpu(process.pid) - before, wall))
        finally:
            process.terminate()
    return Publishing(*map(statistics.median, zip(*found, strict=True)))


COUNTS = [int(word) for word in os.environ.get("ISSUES", "").split()] or [40, 1_000]
"""How many issues."""


def main() -> int:
    """The figures; an issues folder named on the command line is copied and measured, too."""
    kept = True
    print(" issues  `site`: CPU s  a save: CPU s   ratio  wall s  95 %   MB memory")
    for given in [*(Path(word) for word in sys.argv[1:]), *COUNTS]:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "issues"
            if isinstance(given, Path):
                shutil.copytree(given, folder, ignore=shutil.ignore_patterns(".cache"))
                paths = inputs(folder)
            else:
                paths = prepare(folder, given)
            published = len(list((folder / "archive").glob("*.md")))
            cold = build(folder, Path(scratch) / "site")[0] if published else float("nan")
            with serving(folder) as server:
                found = refreshes(server, paths)
        late = found.wall[int(len(found.wall) * 0.95)]
        kept = kept and late <= SECONDS
        print(
            f"{given if isinstance(given, int) else given.name:>7} {cold:14.2f} {found.cpu:14.3f} {found.cpu / cold:7.4f}"
            f" {statistics.median(found.wall):7.3f} {late:5.3f} {found.memory / 1e6:10.0f}",
            flush=True,
        )
    with tempfile.TemporaryDirectory() as scratch:
        again = published_again(Path(scratch) / "issues", COUNTS[0])
    print(
        f"`build --watch`, one of {COUNTS[0]} issues again: CPU {again.cpu:.3f} s (goal 0.12), wall {again.wall:.2f} s (goal 0.3)"
    )
    print("within the limits" if kept else "OVER THE LIMITS")
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
