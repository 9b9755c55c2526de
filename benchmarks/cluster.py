"""Builds on a Dask cluster of this machine: what they cost, what becomes of them when it dies, what a large one would take.

Three parts, each by itself or all in turn: ``cost`` compares with ``--jobs 2``; ``faults`` kills a worker, then the
scheduler, in the middle of a build, in a shared folder and in object storage; ``tasks`` measures what a task and a
worker cost the scheduler and the client.  CPU seconds are those of the client and of the whole cluster.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.measure import ADOPT
from benchmarks.synthetic import write
from embedai_nb.publish.storage import Storage

PROJECT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
GOAL = 1.5
"""Times the CPU seconds of ``--jobs 2`` for forty issues."""
TICKS = os.sysconf("SC_CLK_TCK")
SHAPES = {"two workers of one thread": (2, 1), "one worker of two threads": (1, 2)}


# --- what processes cost --------------------------------------------------------------------------------------


def descendants(pid: int) -> list[int]:
    found = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in listed.read_text().split()]
        except OSError:
            continue
        found += [each for child in children for each in (child, *descendants(child))]
    return found


def spent(pid: int) -> float:
    """CPU seconds of a process and the children that it waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15])) / TICKS


def tree(pid: int) -> float:
    return sum(map(spent, (pid, *descendants(pid))))


def all_spent() -> float:
    """CPU seconds of all that this process has started, whether it runs or not."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime + sum(map(spent, descendants(os.getpid())))


class Cost(NamedTuple):
    cpu: float
    wall: float

    def __str__(self) -> str:
        return f"{self.cpu:.2f} CPU s, {self.wall:.1f} s"


@contextmanager
def costing() -> Iterator[Callable[[], Cost]]:
    cpu, wall = all_spent(), time.perf_counter()
    yield lambda: Cost(all_spent() - cpu, time.perf_counter() - wall)


# --- a cluster, and a server of object storage ----------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Cluster:
    """A scheduler and its workers, as ``dask scheduler`` and ``dask worker`` start them."""

    def __init__(self, folder: Path, workers: int, threads: int, settings: dict[str, str]) -> None:
        self.folder, self.threads, self.settings = folder, threads, settings
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.scheduler = self._scheduler()
        self.workers = [self._worker() for _ in range(workers)]

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen([str(BIN / "dask"), *words], cwd=self.folder, env=self.settings, stderr=log)

    def _scheduler(self) -> subprocess.Popen[bytes]:
        port = self.address.rpartition(":")[2]
        return self._start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")

    def _worker(self) -> subprocess.Popen[bytes]:
        number, size = str(self.threads), ("--nworkers", "1", "--nthreads")
        scratch = tempfile.mkdtemp(dir=self.folder)
        return self._start("worker", self.address, *size, number, "--no-dashboard", "--local-directory", scratch)

    def kill_worker(self) -> None:
        """Kill a worker, not the nanny that starts another."""
        listed = Path(f"/proc/{self.workers[0].pid}/task").glob("*/children")
        children = [int(pid) for path in listed for pid in path.read_text().split()]
        os.kill(max(children), signal.SIGKILL)

    def kill_scheduler(self) -> None:
        self.scheduler.kill()
        self.scheduler.wait()

    def restart(self) -> None:
        """Start the scheduler again, and those workers that ended with it."""
        self.scheduler = self._scheduler()
        for number, worker in enumerate(self.workers):
            worker.terminate()
            worker.wait()
            self.workers[number] = self._worker()

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.terminate()
        for process in (*self.workers, self.scheduler):
            process.wait()


@contextmanager
def cluster(workers: int, threads: int, settings: dict[str, str]) -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        started = Cluster(Path(folder), workers, threads, settings)
        try:
            time.sleep(10)  # what starting costs is over
            yield started
        finally:
            started.end()


@contextmanager
def object_storage(server: str) -> Iterator[dict[str, str]]:
    """Variables that lead s3fs to a server of this machine with an empty bucket."""
    port, user = free_port(), "nobody"
    with subprocess.Popen([server, "-H", "127.0.0.1", "-p", str(port)], stderr=subprocess.DEVNULL) as process:
        try:
            names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
            place = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_DEFAULT_REGION": "us-east-1"}
            os.environ.update(variables := dict.fromkeys(names, user) | place)
            until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
            from s3fs import S3FileSystem

            S3FileSystem().mkdir("bucket")
            yield variables
        finally:
            process.terminate()


def until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.5)


# --- an issues folder -----------------------------------------------------------------------------------------


def issues(folder: Path, count: int) -> Path:
    (folder / "drafts").mkdir(parents=True)
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
    write(folder / "drafts", count)
    return folder


def begin(folder: object, *words: str) -> subprocess.Popen[str]:
    command = [str(BIN / "embedai"), "build", *words]
    settings = os.environ | {"EMBEDAI_ISSUES": str(folder)}
    return subprocess.Popen(
        command, cwd=PROJECT, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def build(folder: object, *words: str) -> tuple[Cost, str]:
    """What a build cost and said last; 1 says that an issue has errors, as some of the made-up ones have."""
    with costing() as cost:
        process = begin(folder, *words)
        said, errors = process.communicate()
        if process.returncode not in (0, 1) or errors:
            raise SystemExit(errors)
        return cost(), said.splitlines()[-1]


def outputs(folder: Path) -> dict[str, object]:
    """What readers and reviewers get, and the stamps as values: they are written in no particular order."""
    found: dict[str, object] = {}
    for path in (path for name in ("review", "archive", ".cache/stamps") for path in (folder / name).rglob("*")):
        content = path.read_bytes()
        found[str(path.relative_to(folder))] = json.loads(content) if path.suffix == ".json" else content
    return found


# --- the parts ------------------------------------------------------------------------------------------------


def cost(count: int, rounds: int) -> bool:
    """What a build costs beside one by processes of this machine, in turn."""
    print(
        f"\n## {count} issues\n\n| | CPU s | wall s | of `--jobs 2` | of it the idle cluster, CPU s |\n|---|---|---|---|---|"
    )
    met = True
    for name, (workers, threads) in SHAPES.items():
        with tempfile.TemporaryDirectory() as folder, cluster(workers, threads, dict(os.environ)) as dask:
            with costing() as idle:
                time.sleep(5)
                rate = idle().cpu / 5
            ours, theirs = [], []
            for number in range(rounds):
                theirs.append(build(issues(Path(folder) / f"here{number}", count), "--jobs", "2")[0])
                ours.append(build(issues(Path(folder) / f"there{number}", count), "--dask", dask.address)[0])
        here, there = middle(theirs), middle(ours)
        met = met and there.cpu <= GOAL * here.cpu
        print(f"| `--jobs 2` | {here.cpu:.2f} | {here.wall:.1f} | 1.00 | |")
        share = f"{there.cpu / here.cpu:.2f}"
        print(f"| {name} | {there.cpu:.2f} | {there.wall:.1f} | {share} | {rate * there.wall:.2f} |", flush=True)
    return met


def middle(costs: Sequence[Cost]) -> Cost:
    return Cost(median(cost.cpu for cost in costs), median(cost.wall for cost in costs))


def faults(count: int, server: str | None) -> bool:
    """The same bytes as here, although a worker and the scheduler are killed meanwhile."""
    print(f"\n## {count} issues, a worker and the scheduler killed\n", flush=True)
    same = True
    with tempfile.TemporaryDirectory() as folder:
        parent = Path(folder)
        reference = issues(parent / "here", count)
        here, said = build(reference, "--jobs", "2")
        print(f"- `--jobs 2`: {here}; {said}", flush=True)
        expected = outputs(reference)
        same &= _killed("a shared folder", parent / "shared", count, here, expected, {})
        if server and find_spec("s3fs"):
            with object_storage(server) as variables:
                same &= _killed("object storage", parent / "copy", count, here, expected, variables)
        else:
            print("- object storage: not tried; pip install s3fs 'moto[s3,server]', then --s3 moto_server")
    return same


def _killed(
    where: str, folder: Path, count: int, here: Cost, expected: dict[str, object], variables: dict[str, str]
) -> bool:
    issues(folder, count)
    name = "s3://bucket/issues" if variables else str(folder)
    storage = Storage(name)
    if variables:
        for path in (path for path in folder.rglob("*") if path.is_file()):
            storage.write(str(path.relative_to(folder)), path.read_bytes())
    with ExitStack() as stack:
        dask = stack.enter_context(cluster(2, 1, os.environ | variables))
        start = all_spent(), time.perf_counter()
        first = begin(name, "--dask", dask.address)
        until(lambda: _stamps(name) >= count / 4)
        dask.kill_worker()
        until(lambda: _stamps(name) >= count / 2)
        dask.kill_scheduler()
        killed = time.perf_counter()
        _said, errors = first.communicate()
        ended, made = time.perf_counter() - killed, _stamps(name)
        print(f"- {where}: a worker killed after {count // 4}, the scheduler after {count // 2} issues; ", end="")
        print(f"{ended:.1f} s later the build ended with {first.returncode}, {errors.strip()!r}; {made} are made")
        dask.restart()
        _second, said = build(name, "--dask", dask.address)
        cpu, wall = all_spent() - start[0], time.perf_counter() - start[1]
    if variables:
        for made_folder in ("review", "archive", ".cache/stamps"):
            names = [f"{made_folder}/{path.rpartition('/')[2]}" for path in _listed(f"{name}/{made_folder}")]
            storage.download(names, folder)
    same = outputs(folder) == expected
    print(f"  - the next one: {said}; the same bytes: {same}")
    print(
        f"  - both and what was restarted: {Cost(cpu, wall)}: {(cpu - here.cpu) / count:.3f} CPU s an issue more than `--jobs 2`",
        flush=True,
    )
    return same and first.returncode == 1 and errors.count("\n") == 1


def _listed(name: str) -> list[str]:
    from fsspec.core import url_to_fs

    fs, path = url_to_fs(name)
    fs.invalidate_cache()
    try:
        return [str(each) for each in fs.ls(path, detail=False)]
    except FileNotFoundError:
        return []


def _stamps(name: str) -> int:
    return len(_listed(f"{name}/.cache/stamps"))


TASKS = """
import sys
from queue import SimpleQueue
from distributed import Client
address, count, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
finished = SimpleQueue()
with Client(address, set_as_default=False) as client:
    for number in range(count):
        if number >= threads:
            client.nthreads()
            finished.get().result()
        future = client.submit(len, "", key=f"task-{number}", pure=False)
        future.add_done_callback(finished.put)
"""
"""As a build submits issues, but with nothing to do in them."""


def tasks(count: int) -> bool:
    """What a task costs scheduler and client, apart from publishing, and what a worker costs the scheduler."""
    print("\n## Tasks with nothing to do\n\n| | scheduler, CPU ms a task | client | wall ms |\n|---|---|---|---|")
    for threads in (2, 16):
        with cluster(2, threads // 2, dict(os.environ)) as dask:
            figures = []
            for number in (0, count):
                scheduler, wall = spent(dask.scheduler.pid), time.perf_counter()
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                arguments = [sys.executable, "-c", TASKS, dask.address, str(number), str(threads)]
                subprocess.run(arguments, check=True, stderr=subprocess.DEVNULL)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                client = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                figures.append((spent(dask.scheduler.pid) - scheduler, client, time.perf_counter() - wall))
        nothing, all_tasks = figures
        each = [(much - little) / count * 1000 for much, little in zip(all_tasks, nothing, strict=True)]
        print(f"| {threads} threads | {each[0]:.2f} | {each[1]:.2f} | {each[2]:.2f} |", flush=True)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.cluster")
    parser.add_argument("parts", nargs="*", help="cost, faults, tasks; all when none is given")
    parser.add_argument("--count", type=int, default=40, help="issues of which the cost is compared")
    parser.add_argument("--rounds", type=int, default=3, help="how often it is")
    parser.add_argument("--issues", type=int, default=400, help="issues among which processes are killed")
    parser.add_argument("--s3", default=shutil.which("moto_server"), help="the program moto_server")
    given = parser.parse_args()
    parts = {
        "cost": lambda: cost(given.count, given.rounds),
        "faults": lambda: faults(given.issues, given.s3),
        "tasks": lambda: tasks(2000),
    }
    ctypes.CDLL(None).prctl(ADOPT, 1, 0, 0, 0)
    met = [part() for name, part in parts.items() if name in (given.parts or parts)]
    print("\nas it should be" if all(met) else "\nNOT AS IT SHOULD BE")
    return int(not all(met))


if __name__ == "__main__":
    sys.exit(main())
