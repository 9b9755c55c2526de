"""Issues made on a Dask cluster: a real scheduler and real workers, some of which are killed."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, TypeVar

import pytest

from embedai_nb.cli import run
from embedai_nb.errors import EmbedAIError
from embedai_nb.publish.bench import Bench, Kit, digest_of, kit_file
from embedai_nb.publish.issue import Options
from embedai_nb.publish.storage import ObjectStorage
from embedai_nb.workspace import layout

from .conftest import DATA, PROJECT

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not find_spec("distributed"), reason="Dask is not installed: pip install 'embedai-nb[dask]'"),
]

T = TypeVar("T")

DAYS = [f"2026-11-{day:02}" for day in range(1, 6)]
POISON = DAYS[3]
WORKERS = 4
ALLOWED_FAILURES = 1
SURROUNDINGS = os.environ | {
    "PYTHONPATH": str(PROJECT),
    "PYTHONWARNINGS": "ignore",
    "CLUSTER": uuid.uuid4().hex,
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(ALLOWED_FAILURES),
}


def issues(folder: Path) -> Path:
    """An issues folder with some small drafts, of which each repeats something of those before."""
    (folder / "drafts").mkdir(parents=True)
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
    draft = (DATA / "publish" / "draft.yaml").read_text("utf-8")
    for number, day in enumerate(DAYS):
        text = draft.replace("2026-11-15", day).replace("example.org/", f"example.org/{number}/")
        (folder / layout.draft(day)).write_text(text.replace("int8", f"int{number}"), "utf-8")
    return folder


def outputs(folder: Path) -> dict[str, object]:
    """What readers and reviewers see, and the stamps, which name all that it was made of."""
    files = [path for name in ("review", "archive", ".cache/stamps") for path in (folder / name).rglob("*")]
    return {str(path.relative_to(folder)): _content(path) for path in files}


def _content(path: Path) -> object:
    return json.loads(path.read_bytes()) if path.suffix == ".json" else path.read_bytes()


def started(*words: str, **environment: str) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-m", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(arguments, env=SURROUNDINGS | environment, stdout=pipe, stderr=pipe, text=True)


def embedai(folder: object, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    process = started("embedai_nb", "build", *words, EMBEDAI_ISSUES=str(folder), **environment)
    said = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, *said)


def until(condition: Callable[[], T | None], seconds: float = 60) -> T:
    """What it gives, as soon as it gives something."""
    end = time.monotonic() + seconds
    while (found := condition()) is None:
        assert time.monotonic() < end, "took too long"
        time.sleep(0.005)
    return found


def _address(file: Path) -> str | None:
    with suppress(FileNotFoundError, ValueError):  # not written yet, or half of it
        return str(json.loads(file.read_bytes())["address"])
    return None


CLUSTER = """
import asyncio, os, sys
from distributed import Scheduler, Worker

async def run(kind, **options):
    async with kind(host="127.0.0.1", dashboard=False, **options) as server:
        await server.finished()

file, folder, workers = sys.argv[1:]
for _ in range(int(workers)):
    if not os.fork():
        asyncio.run(run(Worker, scheduler_file=file, nthreads=1, local_directory=folder))
asyncio.run(run(Scheduler, scheduler_file=file, port=0))
"""
"""As ``dask scheduler`` and ``dask worker`` do, but what they need is imported once."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with some workers."""
    folder = tmp_path_factory.mktemp("cluster")
    file, log = folder / "scheduler.json", (folder / "log").open("wb")
    arguments = [sys.executable, "-c", CLUSTER, str(file), str(folder), str(WORKERS)]
    with log, subprocess.Popen(arguments, env=SURROUNDINGS, stderr=log, start_new_session=True) as process:
        try:
            yield until(lambda: _address(file))
        finally:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def local(cluster: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What is made here, while the cluster gets ready."""
    folder = issues(tmp_path_factory.mktemp("local") / "issues")
    done = embedai(folder)
    assert (done.returncode, done.stderr) == (0, "")
    return outputs(folder)


# --- workers that die -----------------------------------------------------------------------------------------


def maker(folder: Path, days: Sequence[str]) -> int | None:
    """A process that is just making one of these issues."""
    for day in days:
        with suppress(FileNotFoundError, IndexError):  # nobody has it, or has just taken it
            pid = int((folder / ".cache" / "locks" / f"{day}.lock.holder").read_text("utf-8").split()[1])
            return pid if Path(f"/proc/{pid}").exists() else None
    return None


def kill_worker_of(pid: int) -> None:
    """Kill the Dask worker that a process works for, and see that the process dies with it."""
    ended, worker = os.pidfd_open(pid), pid
    while b"distributed" not in Path(f"/proc/{worker}/cmdline").read_bytes():
        worker = int(Path(f"/proc/{worker}/stat").read_text("utf-8").rpartition(")")[2].split()[1])
    os.kill(worker, signal.SIGKILL)
    assert select.select([ended], [], [], 10)[0]


def test_an_issue_whose_worker_dies_is_made_by_another(cluster: str, local: dict[str, object], tmp_path: Path) -> None:
    """One worker dies once; what kills all its workers fails alone."""
    folder = issues(tmp_path / "issues")
    with started("embedai_nb", "build", "--dask", cluster, EMBEDAI_ISSUES=str(folder)) as build:
        kill_worker_of(until(lambda: maker(folder, [day for day in DAYS if day != POISON])))
        for _ in range(ALLOWED_FAILURES + 1):
            kill_worker_of(until(lambda: maker(folder, [POISON])))
        said, errors = build.communicate()
    assert (build.returncode, errors) == (1, "")
    assert said.splitlines() == [
        f"{POISON}: failed: each worker that was to make it died; is there enough memory?",
        f"issues: {len(DAYS)}, made: {len(DAYS) - 1}, up to date: 0, not published: 0, failed: 1",
    ]
    assert outputs(folder) == {name: content for name, content in local.items() if POISON not in name}
    assert not list((folder / ".cache" / "kits").iterdir())


# --- object storage -------------------------------------------------------------------------------------------


def hands() -> list[Path]:
    """The processes that make issues for workers."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            ours = SURROUNDINGS["CLUSTER"].encode() in (path / "environ").read_bytes()
            found += [path] * (ours and b"embedai_nb.publish.hand" in (path / "cmdline").read_bytes())
    return found


def test_control_c_in_object_storage(cluster: str, local: dict[str, object], tmp_path: Path) -> None:
    """Nothing but fsspec knows here that this URL is a folder."""
    folder = issues(tmp_path / "bucket")
    with started("embedai_nb", "build", "--dask", cluster, EMBEDAI_ISSUES=folder.as_uri()) as build:
        until(lambda: any("stamps" in name for name in outputs(folder)) or None)
        assert hands()
        build.send_signal(signal.SIGINT)
        said, errors = build.communicate()
    assert (build.returncode, said, errors.count("\n")) == (1, "", 1)
    assert errors.startswith("embedai: interrupted; what is finished stays, ")
    until(lambda: not hands() or None, 10)
    finished = {name for name in outputs(folder) if "stamps" in name}
    done = embedai(folder.as_uri(), "--dask", cluster)
    made, there = len(DAYS) - len(finished), len(finished)
    assert done.stdout == f"issues: {len(DAYS)}, made: {made}, up to date: {there}, not published: 0, failed: 0\n"
    assert (done.returncode, done.stderr) == (0, "")
    assert outputs(folder) == local


def test_what_is_put_back_comes_in_an_order_that_may_be_interrupted(tmp_path: Path) -> None:
    class Interrupted(ObjectStorage):
        put_back: ClassVar[list[str]] = []

        def put(self, path: Path, name: str) -> None:
            self.put_back.append(name)
            super().put(path, name)

    folder, day = issues(tmp_path / "bucket"), DAYS[0]
    (folder / "review").mkdir()
    (folder / layout.failed(day)).write_text("{}")
    (folder / layout.page(day)).parent.mkdir()
    (folder / layout.markdown(day)).write_text("before")
    with Interrupted(folder.as_uri()).working_copy(day, folder) as copy:
        assert (copy / layout.draft(day)).read_bytes() == (folder / layout.draft(day)).read_bytes()
        (copy / layout.failed(day)).unlink()
        (copy / layout.stamp(day)).parent.mkdir(parents=True)
        for made in (layout.stamp, layout.markdown, layout.page, layout.review):
            (copy / made(day)).write_text('"made"')
    assert Interrupted.put_back == [made(day) for made in (layout.review, layout.page, layout.markdown, layout.stamp)]
    assert set(outputs(folder).values()) == {b'"made"', "made"}
    assert not (folder / layout.failed(day)).exists()


# --- what is refused ------------------------------------------------------------------------------------------


REFUSED = """
import sys, embedai_nb.publish.cluster as cluster, embedai_nb.cli as cli
for address in sys.argv[1:]:
    print(cli.run(["build", "--dask", address]), file=sys.stderr)
    cluster.ANSWER = 0.1
"""


def test_a_cluster_that_cannot_do_it(cluster: str, tmp_path: Path) -> None:
    """Its workers are of another version; there is none."""
    folder, nowhere = issues(tmp_path / "issues"), "tcp://127.0.0.1:9"
    (tmp_path / "another-1.dist-info").mkdir()
    surroundings = SURROUNDINGS | {"PYTHONPATH": f"{tmp_path}:{PROJECT}", "EMBEDAI_ISSUES": str(folder)}
    arguments = [sys.executable, "-c", REFUSED, cluster, nowhere]
    done = subprocess.run(arguments, env=surroundings, capture_output=True, text=True, check=True)
    other, one, none, two = done.stderr.splitlines()
    assert (none, two) == (f"embedai: --dask: no Dask scheduler answers at {nowhere}", "2")
    assert other.startswith("embedai: Dask worker tcp://127.0.0.1:")
    assert other.endswith(": another version runs there: installed packages")
    assert (one, done.stdout, outputs(folder)) == ("1", "", {})


def test_a_folder_that_a_worker_does_not_see(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    with pytest.raises(EmbedAIError, match=f"{nowhere}: the folder is not seen from here"):
        Bench(Kit("build", nowhere, "digest", "tools", Options()), tmp_path)


def test_a_copy_that_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / kit_file("digest")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"something else")
    assert digest_of(path) != "digest"
    with pytest.raises(EmbedAIError, match="a copied file is damaged"):
        Bench(Kit("build", str(tmp_path), "digest", "tools", Options()), tmp_path)


def refused(capsys: pytest.CaptureFixture[str], folder: object, *words: str) -> str:
    """What is said to a command that is refused at once."""
    assert run(["--issues", str(folder), "build", "--dask", "tcp://127.0.0.1:9", *words]) == 2
    said = capsys.readouterr()
    assert not said.out
    return said.err


def test_without_dask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    expected = "embedai: --dask: Dask is not installed; pip install 'embedai-nb[dask]'\n"
    assert refused(capsys, issues(tmp_path / "issues")) == expected


@pytest.mark.parametrize("words", ["--jobs 2", "--watch", "--engine kernel"])
def test_what_goes_not_together_with_a_cluster(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, PROJECT / "issues", *words.split())
    assert said == f"embedai: --dask: cannot be had together with {words.removesuffix(' 2')}\n"


@pytest.mark.parametrize(
    ("url", "message"),
    [("nonsense://x", "Protocol not known: nonsense"), ("file:///nowhere/at/all", "no newsletter.yaml there")],
)
def test_a_url_that_leads_nowhere(
    url: str, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EMBEDAI_ISSUES", url)
    assert run(["build", "--dask", "tcp://127.0.0.1:9"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"embedai: {url}: {message}")
    assert said.count("\n") == 1
