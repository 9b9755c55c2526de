"""Watching an issues folder, with real files and a real system that tells of them."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest

from embedai_nb.workspace import watch as watching
from embedai_nb.workspace.atomic import write_atomically

from .conftest import PROJECT

PATIENCE = 120
"""Seconds that anything may take on a busy machine."""


class Watch:
    """What is told of a folder."""

    def __init__(self, folder: Path) -> None:
        self.stop = threading.Event()
        self.bursts = Queue[frozenset[str]]()
        self.thread = threading.Thread(target=self._follow, args=(folder,))
        self.thread.start()
        self.first = self.bursts.get(timeout=PATIENCE)

    def _follow(self, folder: Path) -> None:
        for names in watching.watch(folder, self.stop):
            self.bursts.put(names)

    def told(self, *names: str) -> None:
        """Wait until all of these have been told, and nothing else."""
        missing = set(names)
        while missing:
            burst = self.bursts.get(timeout=PATIENCE)
            assert burst <= set(names)
            missing -= burst

    def ends(self) -> None:
        self.stop.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An issues folder with one draft."""
    folder = tmp_path / "issues"
    (folder / "drafts").mkdir(parents=True)
    (folder / "newsletter.yaml").write_text("name: n\n")
    (folder / "drafts" / "2026-11-15.yaml").write_text("a: 1\n")
    return folder


@pytest.fixture
def watch(folder: Path) -> Iterator[Watch]:
    watch = Watch(folder)
    yield watch
    watch.ends()


def test_first_everything_is_told_then_what_is_saved(folder: Path, watch: Watch) -> None:
    assert watch.first == {"newsletter.yaml", "drafts/2026-11-15.yaml"}
    for n in range(3):
        (folder / "drafts" / "2026-11-15.yaml").write_text(f"a: {n}\n")
        watch.told("drafts/2026-11-15.yaml")
    (folder / "newsletter.yaml").write_text("name: other\n")
    watch.told("newsletter.yaml")
    (folder / "drafts" / "2026-11-29.yaml").write_text("")
    watch.told("drafts/2026-11-29.yaml")
    (folder / "drafts" / "2026-11-29.yaml").unlink()
    watch.told("drafts/2026-11-29.yaml")


def test_without_the_package_that_hears_of_events_saves_are_found_by_looking(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    watch = Watch(folder)
    (folder / "drafts" / "2026-11-15.yaml").write_text("a: 2\n")
    watch.told("drafts/2026-11-15.yaml")
    watch.ends()


def test_an_editor_that_saves_by_renaming_is_one(folder: Path, watch: Watch) -> None:
    draft = folder / "drafts" / "2026-11-15.yaml"
    write_atomically(draft, b"a: 2\n")
    watch.told("drafts/2026-11-15.yaml")
    draft.rename(draft.with_name("2026-11-15.yaml~"))  # as vim does with 'backup'
    draft.write_text("a: 3\n")
    watch.told("drafts/2026-11-15.yaml")


def test_what_is_no_input_is_not_told(folder: Path, watch: Watch) -> None:
    for name in (
        *("drafts/.2026-11-15.yaml.swp", "drafts/2026-11-15.yaml~", "drafts/.#2026-11-15.yaml", "drafts/4913"),
        *("drafts/.2026-11-15.yaml.0a1b2c3d.tmp", "drafts/2026-02-30.yaml", "drafts/2026-11-15.md", "notes.yaml"),
        *(".cache/drafts/2026-11-15.yaml", "review/2026-11-15.ipynb", "drafts/old/2026-11-15.yaml"),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("b: 1\n")
    time.sleep(0.2)  # or else they would be hidden in the burst of what follows
    (folder / "newsletter.yaml").write_text("name: other\n")
    watch.told("newsletter.yaml")


def test_folders_come_and_go(folder: Path, watch: Watch) -> None:
    (folder / "archive").mkdir()
    (folder / "archive" / "2026-11-15.md").write_text("# n\n")
    watch.told("archive/2026-11-15.md")
    (folder / "archive" / "2026-11-15.md").write_text("# m\n")
    watch.told("archive/2026-11-15.md")
    (folder / "drafts").rename(folder / "elsewhere")
    watch.told("drafts/2026-11-15.yaml")
    (folder / "drafts").write_text("in the way\n")
    (folder / "drafts").unlink()
    (folder / "elsewhere").rename(folder / "drafts")
    watch.told("drafts/2026-11-15.yaml")
    shutil.rmtree(folder)
    watch.told("newsletter.yaml", "drafts/2026-11-15.yaml", "archive/2026-11-15.md")
    folder.mkdir()
    (folder / "newsletter.yaml").write_text("name: back\n")
    watch.told("newsletter.yaml")


def test_links_are_followed(folder: Path, tmp_path: Path) -> None:
    link, elsewhere = tmp_path / "link", tmp_path / "elsewhere.yaml"
    link.symlink_to(folder)
    elsewhere.write_text("a: 1\n")
    (folder / "drafts" / "2026-11-29.yaml").symlink_to(elsewhere)
    watch = Watch(link)
    try:
        (folder / "drafts" / "2026-11-15.yaml").write_text("a: 2\n")
        watch.told("drafts/2026-11-15.yaml")
        elsewhere.write_text("a: longer\n")
        watch.told("drafts/2026-11-29.yaml")
    finally:
        watch.ends()


def test_what_is_saved_while_the_last_burst_is_dealt_with_is_told(folder: Path) -> None:
    with contextlib.closing(watching.watch(folder)) as bursts:
        next(bursts)
        (folder / "drafts" / "2026-11-15.yaml").write_text("a: 2\n")
        assert next(bursts) == {"drafts/2026-11-15.yaml"}


@pytest.mark.skipif(sys.platform != "linux", reason="threads and open files are counted in /proc")
def test_no_thread_and_no_file_stays(folder: Path) -> None:
    def held() -> int:
        return sum(len(os.listdir(f"/proc/self/{kind}")) for kind in ("task", "fd"))

    before = held()
    for _ in range(3):
        watch = Watch(folder)
        (folder / "newsletter.yaml").write_text("name: other\n")
        watch.told("newsletter.yaml")
        assert held() > before
        watch.ends()
    end = time.monotonic() + PATIENCE
    while held() > before:
        assert time.monotonic() < end
        time.sleep(0.01)


FOLLOWS = """
import resource, signal, sys
from pathlib import Path
from embedai_nb.workspace.watch import watch

if "without" in sys.argv:  # no file descriptors for what the system's service needs, but for one folder at a time
    with open("/dev/null") as free:
        resource.setrlimit(resource.RLIMIT_NOFILE, (free.fileno() + 1,) * 2)
signal.signal(signal.SIGINT, signal.default_int_handler)  # those who start tests in the background ignore it
try:
    for names in watch(Path(sys.argv[1])):
        print(*sorted(names), flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("service", ["with", "without"])
def test_where_the_system_tells_nothing_the_folder_is_looked_at(folder: Path, service: str) -> None:
    command = [sys.executable, "-c", FOLLOWS, str(folder), service]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "drafts/2026-11-15.yaml newsletter.yaml\n"
            for n in range(3):
                (folder / "drafts" / "2026-11-15.yaml").write_text(f"a: {n}\n")
                assert process.stdout.readline() == "drafts/2026-11-15.yaml\n"
            process.send_signal(signal.SIGINT)
            assert process.stdout.read() == "interrupted\n"
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
