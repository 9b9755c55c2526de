"""Processes forked for a parent that has threads: one loads, the others share it, and none outlives the parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from embedai_nb.errors import PublishError
from embedai_nb.publish.fork_server import ForkServer
from embedai_nb.publish.pool import Done, Failed, Progress, Task, Worker

from .conftest import PROJECT
from .publishing import WAIT, ended

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are forked on Linux only"),
]


def load(problem: str = "") -> Callable[[], Task]:
    """What is called once in the server."""
    if problem:
        raise PublishError(problem)
    return partial(begin, os.getpid())


def begin(server: int) -> Task:
    """What is called once in each worker; its tasks tell which processes did what."""

    def work(task: str, tell: Callable[[int, int], None]) -> list[int]:
        if task == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if task == "stay":
            child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
            tell(child.pid, os.getpid())
            time.sleep(1000)
        return [server, os.getpid()]

    return work


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ForkServer]:
    monkeypatch.chdir(PROJECT)  # where the server imports this module from
    started = ForkServer(load, WAIT)
    yield started
    started.end()


def result(worker: Worker, task: str = "") -> Done | Failed | Progress:
    worker.give(task)
    return worker.event()


def processes(worker: Worker) -> list[int]:
    """The server and the worker."""
    event = result(worker)
    assert isinstance(event, Done)
    return list(event.result)


def test_workers_share_what_one_process_has_loaded(server: ForkServer) -> None:
    first, second = server.worker(), server.worker()
    (loaded, one), (shared, two) = processes(first), processes(second)
    assert loaded == shared
    assert len({loaded, one, two, os.getpid()}) == 4
    assert processes(first) == [loaded, one]


def test_a_worker_that_dies_ends_no_other(server: ForkServer) -> None:
    first, second = server.worker(), server.worker()
    event = result(first, "die")
    assert isinstance(event, Failed)
    assert event.reason == "its process died; is there enough memory?"
    assert not first.alive
    assert processes(second)[0] == processes(server.worker())[0]


def test_what_tasks_have_started_ends_with_the_server(server: ForkServer) -> None:
    event = result(server.worker(), "stay")
    assert isinstance(event, Progress)
    server.end()
    assert ended([event.done, event.total], wait=0)


def test_a_server_that_was_killed_is_started_anew(server: ForkServer) -> None:
    killed, worker = processes(server.worker())
    os.kill(killed, signal.SIGKILL)
    assert ended([worker])
    assert processes(server.worker())[0] != killed


def test_without_anything_to_do_all_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    server = ForkServer(load, 0.1)
    worker = server.worker()
    numbers = processes(worker)
    assert ended(numbers[1:])
    assert worker.connection.poll(WAIT), "seen from here, too"
    again = server.worker()
    assert processes(again)[1] not in numbers
    server.end()


def test_what_cannot_be_loaded_fails_each_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    server = ForkServer(partial(load, "there is nothing"), WAIT)
    for worker in (server.worker(), server.worker()):
        event = result(worker)
        assert isinstance(event, Failed)
        assert str(event.reason) == "there is nothing"
    server.end()
    with pytest.raises(PublishError, match="its process died"):
        ForkServer(partial(os._exit, 1), WAIT).worker()


def test_a_parent_that_is_killed_takes_all_along() -> None:
    code = (
        "from tests.test_fork_server import *\n"
        "server = ForkServer(load, WAIT)\n"
        "worker = server.worker()\n"
        "numbers = processes(worker)\n"
        "print(*numbers, result(worker, 'stay').done, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert ended(map(int, done.stdout.split()))


AFTER_THREADS = """
import threading
from embedai_nb.publish.engines.process_tree import can_fork
for _ in range(200):
    thread = threading.Thread(target=str)
    thread.start()
    thread.join()
    assert can_fork()
end = threading.Event()
threading.Thread(target=end.wait).start()
assert not can_fork()
end.set()
"""


def test_a_process_can_be_forked_as_soon_as_its_threads_have_ended() -> None:
    done = subprocess.run(
        [sys.executable, "-c", AFTER_THREADS], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
