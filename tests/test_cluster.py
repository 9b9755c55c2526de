"""Builds on a Dask cluster: a real scheduler and real workers, some of which are killed."""

from __future__ import annotations

import asyncio
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, NamedTuple, TypeVar

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from embedai_nb.cli import run
from embedai_nb.errors import EmbedAIError
from embedai_nb.publish.inputs import CommonInputs, ParsedNewsletter
from embedai_nb.publish.issue import Options
from embedai_nb.publish.storage import Storage
from embedai_nb.workspace import layout
from embedai_nb.workspace.transaction import digest

from .conftest import DATA, PROJECT
from .publishing import WAIT, Checkout, ended

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not find_spec("distributed"), reason="Dask is not installed: pip install 'embedai-nb[dask]'"),
]

T = TypeVar("T")

DAYS = [f"2026-11-{day:02}" for day in range(1, 6)]
POISON = DAYS[3]
WORKERS = 4
S3_SERVER = shutil.which("moto_server")
ALLOWED_FAILURES = 1
EXTRA = """import os, pathlib
extra = pathlib.Path(os.environ["CONTROL"], "extra.py")
exec(extra.read_text() if extra.exists() else "")"""
"""A cell more than the notebook has: it runs what a test puts into the folder $CONTROL."""
STUCK = """
import time
if DATE in {dates} and not pathlib.Path(os.environ["CONTROL"], f"passes-{{DATE}}").exists():
    started = pathlib.Path(os.environ["CONTROL"], f"new-{{DATE}}-{{os.getpid()}}")
    started.write_text(str(os.getpid()))
    started.rename(started.with_name(f"started-{{DATE}}-{{os.getpid()}}"))
    time.sleep(1000)
"""
"""Issues of these dates say which process they are in, and never end."""


class Control:
    """A checkout whose notebook does what a test wants, and the variables that all its processes get."""

    def __init__(self, folder: Path) -> None:
        self.checkout = Checkout(folder)
        nb = nbformat.read(PROJECT / "notebooks" / "issue.ipynb", as_version=4)
        nb.cells.append(new_code_cell(EXTRA, id="extra"))
        nbformat.write(nb, folder / "notebooks" / "issue.ipynb")
        (folder / "control").mkdir()
        self.folder = folder / "control"
        self.environment = (
            os.environ
            | self.checkout.environment
            | {
                "CONTROL": str(self.folder),
                "PYTHONWARNINGS": "ignore",
                "CLUSTER": uuid.uuid4().hex,
                "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(ALLOWED_FAILURES),
            }
        )

    def let_hang(self, *dates: str) -> None:
        (self.folder / "extra.py").write_text(STUCK.format(dates=dates))

    def started(self, date: str) -> int:
        """The process of an issue that hangs, as soon as there is one; each is told once."""

        def found() -> int | None:
            for path in self.folder.glob(f"started-{date}-*"):
                pid = int(path.read_text("utf-8"))
                path.unlink()
                return pid
            return None

        return until(found)

    def release(self, *dates: str) -> None:
        """Have these issues not hang the next time."""
        for date in dates:
            (self.folder / f"passes-{date}").touch()

    def clear(self) -> None:
        for path in self.folder.iterdir():
            path.unlink()

    def process(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        arguments, pipe = [sys.executable, "-m", *words], subprocess.PIPE
        surroundings, folder = self.environment | environment, self.checkout.folder
        return subprocess.Popen(arguments, env=surroundings, cwd=folder, stdout=pipe, stderr=pipe, text=True)

    def build(self, folder: object, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        process = self.process("embedai_nb", "build", *words, EMBEDAI_ISSUES=str(folder), **environment)
        said = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, *said)


@pytest.fixture(scope="module")
def shared_control(tmp_path_factory: pytest.TempPathFactory) -> Control:
    return Control(tmp_path_factory.mktemp("checkout"))


@pytest.fixture
def control(shared_control: Control) -> Iterator[Control]:
    yield shared_control
    shared_control.clear()


def issues(folder: Path) -> Path:
    """An issues folder with some small drafts, of which each repeats something of those before, and names their numbers."""
    (folder / "drafts").mkdir(parents=True)
    newsletter = (PROJECT / "issues" / layout.NEWSLETTER).read_text("utf-8").replace("{date}.md", "{number}.md")
    (folder / layout.NEWSLETTER).write_text(f'{newsletter}title: "{{name}} {{number}} ({{date}})"\n', "utf-8")
    draft = (DATA / "publish" / "draft.yaml").read_text("utf-8")
    for number, day in enumerate(DAYS):
        text = draft.replace("2026-11-15", f"{day}\nnumber: {number}").replace("example.org/", f"example.org/{number}/")
        (folder / layout.draft(day)).write_text(text.replace("int8", f"int{number}"), "utf-8")
    return folder


def outputs(folder: Path) -> dict[str, object]:
    """What readers and reviewers see, and the stamps, which name all that it was made of."""
    files = [path for name in ("review", "archive", ".cache/stamps") for path in (folder / name).rglob("*")]
    return {str(path.relative_to(folder)): _content(path) for path in files}


def _content(path: Path) -> object:
    return json.loads(path.read_bytes()) if path.suffix == ".json" else path.read_bytes()


def until(condition: Callable[[], T | None]) -> T:
    """What it gives, as soon as it gives something."""
    end = time.monotonic() + WAIT
    while (found := condition()) is None:
        assert time.monotonic() < end, "it never happened"
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


@contextmanager
def started(control: Control, folder: Path, **environment: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a scheduler with some workers, and its process."""
    file, log = folder / f"scheduler-{uuid.uuid4().hex}.json", (folder / "log").open("ab")
    arguments = [sys.executable, "-c", CLUSTER, str(file), str(folder), str(WORKERS)]
    here, surroundings = control.checkout.folder, control.environment | environment
    with log, subprocess.Popen(arguments, env=surroundings, cwd=here, stderr=log, start_new_session=True) as process:
        try:
            yield until(lambda: _address(file)), process
        finally:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def cluster(shared_control: Control, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with some workers."""
    with started(shared_control, tmp_path_factory.mktemp("cluster")) as (address, _):
        yield address


@pytest.fixture(scope="module")
def local(cluster: str, shared_control: Control, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What is published here, while the cluster gets ready."""
    folder = issues(tmp_path_factory.mktemp("local") / "issues")
    done = shared_control.build(folder)
    assert (done.returncode, done.stderr) == (0, "")
    return outputs(folder)


# --- workers that die -----------------------------------------------------------------------------------------


def kill_worker_of(pid: int) -> None:
    """Kill the Dask worker that a process works for, and see that the process dies with it."""
    ended, worker = os.pidfd_open(pid), pid
    while b"distributed" not in Path(f"/proc/{worker}/cmdline").read_bytes():
        worker = int(Path(f"/proc/{worker}/stat").read_text("utf-8").rpartition(")")[2].split()[1])
    os.kill(worker, signal.SIGKILL)
    assert select.select([ended], [], [], WAIT)[0]


def test_an_issue_whose_worker_dies_is_published_by_another(
    cluster: str, local: dict[str, object], control: Control, tmp_path: Path
) -> None:
    """One worker dies once; an issue that kills all its workers fails alone."""
    folder, victim = issues(tmp_path / "issues"), DAYS[0]
    control.let_hang(victim, POISON)
    with control.process("embedai_nb", "build", "--dask", cluster, EMBEDAI_ISSUES=str(folder)) as build:
        pid = control.started(victim)
        control.release(victim)
        kill_worker_of(pid)
        for _ in range(ALLOWED_FAILURES + 1):
            kill_worker_of(control.started(POISON))
        said, errors = build.communicate()
    assert (build.returncode, errors) == (1, "")
    *each, total = said.splitlines()
    # A worker may be killed when it has published an issue, and not yet told so: then another finds it published.
    untold = [line for line in each if line.endswith(": published by another process")]
    assert set(each) - set(untold) == {
        f"{POISON}: failed: each worker that was to make it died; is there enough memory?"
    }
    made = len(DAYS) - 1 - len(untold)
    assert total == f"issues: {len(DAYS)}, made: {made}, up to date: {len(untold)}, not published: 0, failed: 1"
    assert outputs(folder) == {name: content for name, content in local.items() if POISON not in name}
    assert not list((folder / ".cache" / "builds").iterdir())


def test_the_scheduler_dies(local: dict[str, object], control: Control, tmp_path: Path) -> None:
    """What is finished stays, one line says so, and with another scheduler the next build does the rest."""
    folder, stuck = issues(tmp_path / "issues"), DAYS[-1]
    control.let_hang(stuck)
    with (
        started(control, tmp_path) as (address, scheduler),
        control.process("embedai_nb", "build", "--dask", address, EMBEDAI_ISSUES=str(folder)) as build,
    ):
        pid = control.started(stuck)
        until(lambda: len([name for name in outputs(folder) if "stamps" in name]) == len(DAYS) - 1 or None)
        scheduler.kill()
        said, errors = build.communicate()
        assert ended([pid])
    assert (build.returncode, said) == (1, "")
    assert errors == "embedai: the Dask scheduler is gone; what is finished stays, the next build does the rest\n"
    assert outputs(folder) == {name: content for name, content in local.items() if stuck not in name}
    control.clear()
    with started(control, tmp_path) as (address, _):
        done = control.build(folder, "--dask", address)
    made, there = 1, len(DAYS) - 1
    assert done.stdout == f"issues: {len(DAYS)}, made: {made}, up to date: {there}, not published: 0, failed: 0\n"
    assert (done.returncode, done.stderr) == (0, "")
    assert outputs(folder) == local


# --- object storage -------------------------------------------------------------------------------------------


def helpers(control: Control) -> list[Path]:
    """The processes that publish issues for workers."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            ours = control.environment["CLUSTER"].encode() in (path / "environ").read_bytes()
            found += [path] * (ours and b"embedai_nb.publish.fork_server" in (path / "cmdline").read_bytes())
    return found


def test_control_c_in_object_storage(cluster: str, local: dict[str, object], control: Control, tmp_path: Path) -> None:
    """Nothing but fsspec knows here that this URL is a folder."""
    folder, stuck = issues(tmp_path / "bucket"), DAYS[2]
    control.let_hang(stuck)
    with control.process("embedai_nb", "build", "--dask", cluster, EMBEDAI_ISSUES=folder.as_uri()) as build:
        control.started(stuck)
        until(lambda: any("stamps" in name for name in outputs(folder)) or None)
        assert helpers(control)
        build.send_signal(signal.SIGINT)
        said, errors = build.communicate()
    assert (build.returncode, said, errors.count("\n")) == (1, "", 1)
    assert errors.startswith("embedai: interrupted; what is finished stays, ")
    until(lambda: not helpers(control) or None)
    assert not list((folder / ".cache" / "builds").iterdir())
    finished = {name for name in outputs(folder) if "stamps" in name}
    assert layout.stamp(stuck) not in finished
    control.clear()
    done = control.build(folder.as_uri(), "--dask", cluster)
    made, there = len(DAYS) - len(finished), len(finished)
    assert done.stdout == f"issues: {len(DAYS)}, made: {made}, up to date: {there}, not published: 0, failed: 0\n"
    assert (done.returncode, done.stderr) == (0, "")
    assert outputs(folder) == local


def test_what_is_put_back_comes_in_an_order_that_may_be_interrupted(tmp_path: Path) -> None:
    class Recording(Storage):
        uploaded: ClassVar[list[str]] = []

        def write(self, name: str, content: bytes) -> None:
            self.uploaded.append(name)
            super().write(name, content)

    folder, day = issues(tmp_path / "bucket"), DAYS[0]
    (folder / "review").mkdir()
    (folder / layout.failed(day)).write_text("{}")
    (folder / layout.page(day)).parent.mkdir()
    (folder / layout.markdown(day)).write_text("before")
    with Recording(folder.as_uri()).working_copy(day, folder) as copy:
        assert (copy / layout.draft(day)).read_bytes() == (folder / layout.draft(day)).read_bytes()
        (copy / layout.failed(day)).unlink()
        (copy / layout.stamp(day)).parent.mkdir(parents=True)
        for made in (layout.stamp, layout.markdown, layout.page, layout.review):
            (copy / made(day)).write_text('"made"')
    assert Recording.uploaded == [made(day) for made in (layout.review, layout.page, layout.markdown, layout.stamp)]
    assert set(outputs(folder).values()) == {b'"made"', "made"}
    assert not (folder / layout.failed(day)).exists()


def test_an_upload_that_is_interrupted_is_repeated(
    cluster: str, local: dict[str, object], control: Control, tmp_path: Path
) -> None:
    """Whatever was uploaded of an issue: without its stamp, the next build gives what this one would have."""
    folder, day = issues(tmp_path / "bucket"), DAYS[1]
    for name, content in local.items():
        if isinstance(content, bytes) and name != layout.markdown(day):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
    assert control.build(folder.as_uri(), "--dask", cluster).returncode == 0
    assert outputs(folder) == local


@contextmanager
def s3_server(program: str) -> Iterator[dict[str, str]]:
    """The variables that lead s3fs to a server of this machine."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    arguments = [program, "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: _listens(port) or None)
            access = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "anybody")
            yield access | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_DEFAULT_REGION": "us-east-1"}
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


COPY = """
import sys
from s3fs import S3FileSystem
kind, *arguments = sys.argv[1:]
bucket = S3FileSystem()
if kind == "put":
    bucket.mkdir("bucket")
getattr(bucket, kind)(*arguments, recursive=True)
"""


@pytest.mark.skipif(
    not (find_spec("s3fs") and S3_SERVER), reason="no server of S3 to try: pip install s3fs 'moto[s3,server]'"
)
def test_a_bucket_of_s3(local: dict[str, object], control: Control, tmp_path: Path) -> None:
    """Storage without folders, locks and renaming, over HTTP."""
    folder, made = issues(tmp_path / "issues"), tmp_path / "made"
    with s3_server(str(S3_SERVER)) as access, started(control, tmp_path, **access) as (address, _):
        here = control.environment | access

        def copy(*arguments: object) -> None:
            subprocess.run([sys.executable, "-c", COPY, *map(str, arguments)], env=here, check=True)

        copy("put", f"{folder}/", "bucket/issues/")
        done = control.build("s3://bucket/issues", "--dask", address, **access)
        assert (done.returncode, done.stderr) == (0, "")
        again = control.build("s3://bucket/issues", "--dask", address, **access)
        copy("get", "bucket/issues/", f"{made}/")
    assert again.stdout.startswith(f"issues: {len(DAYS)}, made: 0, up to date: {len(DAYS)}, ")
    assert outputs(made) == local


# --- what is refused ------------------------------------------------------------------------------------------


REFUSED = """
import sys, embedai_nb.publish.cluster as cluster, embedai_nb.cli as cli
for address in sys.argv[1:]:
    print(cli.run(["build", "--dask", address]), file=sys.stderr)
    cluster.CONNECT_TIMEOUT = 0.1
"""


def test_a_cluster_that_cannot_do_it(cluster: str, control: Control, tmp_path: Path) -> None:
    """Its workers are of another version; there is none."""
    folder, nowhere = issues(tmp_path / "issues"), "tcp://127.0.0.1:9"
    (tmp_path / "nh3-99.dist-info").mkdir()
    path = {"PYTHONPATH": f"{tmp_path}:{control.environment['PYTHONPATH']}", "EMBEDAI_ISSUES": str(folder)}
    arguments = [sys.executable, "-c", REFUSED, cluster, nowhere]
    environment = control.environment | path
    here = control.checkout.folder
    done = subprocess.run(arguments, env=environment, cwd=here, capture_output=True, text=True, check=True)
    other, one, none, two = done.stderr.splitlines()
    assert (none, two) == (f"embedai: --dask: no Dask scheduler answers at {nowhere}", "2")
    assert other.startswith("embedai: Dask worker tcp://127.0.0.1:")
    assert other.endswith(": another version runs there: nh3")
    assert (one, done.stdout, outputs(folder)) == ("1", "", {})


class Worker(NamedTuple):
    """What a plugin sees of a Dask worker."""

    local_directory: str
    address: str = "tcp://127.0.0.1:1"


def set_up(folder: Path, name: str, bundle: bytes = b"") -> None:
    """Set the plugin up on a worker that works in one folder, for the issues folder of this name."""
    from embedai_nb.publish.cluster_worker import BuildPlugin

    common = CommonInputs.current(ParsedNewsletter())
    plugin = BuildPlugin(Storage(name), digest(b"the bundle"), common, [], Options(), {})
    if bundle:
        Storage(name).write(plugin.bundle_file, bundle)
    asyncio.run(plugin.setup(Worker(str(folder))))


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_folder_that_a_worker_does_not_see(scheme: str, tmp_path: Path) -> None:
    nowhere = f"{scheme}{tmp_path / 'nowhere'}"
    with pytest.raises(EmbedAIError, match=f"tcp://127.0.0.1:1: {nowhere}: the folder is not seen from here"):
        set_up(tmp_path, nowhere)


def test_a_copy_that_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(EmbedAIError, match=rf"Dask worker tcp://.*: {tmp_path}/\.cache/builds/.*: the file is damaged"):
        set_up(tmp_path, str(tmp_path), b"THE BUNDLE")


def refused(capsys: pytest.CaptureFixture[str], folder: object, *words: str) -> str:
    """What is said to a command that is refused at once."""
    assert run(["--issues", str(folder), "build", "--dask", "tcp://127.0.0.1:9", *words]) == 2
    said = capsys.readouterr()
    assert not said.out
    return said.err


def test_without_dask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    expected = "embedai: --dask: Dask is not installed; install it: pip install 'embedai-nb[dask]'\n"
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
