"""Kill `embedai issue` again and again, and see that what is published is always the old or the new, whole."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from embedai_nb.edition import load
from embedai_nb.workspace import layout
from embedai_nb.workspace.transaction import digest, recover, staging

PROJECT = Path(__file__).parents[1]
DATE = "2026-11-15"
DRAFT = PROJECT / "tests" / "data" / "publish" / "draft.yaml"


def torture(folder: Path, runs: int, chance: random.Random) -> Counter[str]:
    """Publish ever new drafts, killing each run; every second one near the moment at which it commits.

    Returns:
        How often a kill left the old publication, the new one, or the new one once it was repaired.
    """
    prepare(folder)
    duration = publish(folder)
    seen: Counter[str] = Counter()
    for number in range(runs):
        edit(folder, number)
        before = outputs(folder)
        kill_one(folder, duration * chance.uniform(0, 1.1), chance.uniform(0, 0.02) if number % 2 else None)
        unrepaired = outputs(folder)
        recover(folder)
        seen[judge(folder, before, unrepaired)] += 1
    edit(folder, runs)
    publish(folder)
    assert judge(folder, {}, outputs(folder)) == "new"
    assert not orphans(folder), "kernels outlive the runs that started them"
    return seen


def prepare(folder: Path) -> None:
    (folder / "drafts").mkdir(parents=True)
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
    edit(folder, -1)


def edit(folder: Path, number: int) -> None:
    text = DRAFT.read_text("utf-8").replace("三倍", f"{number + 2} 倍")
    (folder / layout.draft(DATE)).write_text(text, "utf-8")


def start(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "embedai_nb", "--issues", str(folder), "issue", DATE]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def publish(folder: Path) -> float:
    """Publish undisturbed, and say how long it took."""
    began = time.monotonic()
    with start(folder) as process:
        _, said = process.communicate()
    assert process.returncode == 0, said.decode()
    return time.monotonic() - began


def kill_one(folder: Path, moment: float, into_commit: float | None) -> None:
    """Start a run and kill it ``moment`` seconds later, or ``into_commit`` seconds after it began to commit."""
    with start(folder) as process:
        deadline = time.monotonic() + (60 if into_commit is not None else moment)
        while process.poll() is None and time.monotonic() < deadline:
            if into_commit is not None and staging(folder, DATE).exists():
                time.sleep(into_commit)
                break
            time.sleep(0.0005)
        process.send_signal(signal.SIGKILL)


def outputs(folder: Path) -> dict[str, bytes]:
    kinds = (layout.review, layout.markdown, layout.page, layout.wechat, layout.stamp, layout.failed)
    names = [kind(DATE) for kind in kinds]
    return {name: (folder / name).read_bytes() for name in names if (folder / name).exists()}


def judge(folder: Path, before: dict[str, bytes], unrepaired: dict[str, bytes]) -> str:
    """Which publication there is; anything but one of the two, whole, is an AssertionError."""
    after = outputs(folder)
    if after == before:
        return "old"
    made = json.loads(after[layout.stamp(DATE)])["outputs"]
    assert {name: digest(after[name]) for name in made} == made, "the files are of different runs"
    assert after[layout.markdown(DATE)].decode() == load(DATE, folder).markdown, "neither the old nor the new"
    assert layout.failed(DATE) not in after, "nothing failed"
    return "new" if unrepaired == after else "new, once repaired"


def orphans(folder: Path) -> list[int]:
    """Processes that still work in the folder; kernels look once a second whether their parent lives."""
    for _ in range(50):
        found = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if works_in(pid, folder)]
        if not found:
            break
        time.sleep(0.1)
    return found


def works_in(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").resolve() == folder.resolve() and pid != os.getpid()
    except OSError:
        return False


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    print(f"{runs} runs, seed {seed}")
    with tempfile.TemporaryDirectory() as folder:
        for result, count in sorted(torture(Path(folder) / "issues", runs, random.Random(seed)).items()):
            print(f"{result:20} {count}")


if __name__ == "__main__":
    main()
