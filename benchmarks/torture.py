"""Kill commands again and again, and see that what they write is always the old or the new, whole.

`python -m benchmarks.torture RUNS SEED [NAME…]`; the names are issue, import, reschedule, fix, site, saves, build --dask.
"""

from __future__ import annotations

import datetime
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import NamedTuple

from embedai_nb.drafts import DraftStore
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


# --- other commands that write ----------------------------------------------------------------------------------------


class Scenario(NamedTuple):
    """A command that is killed: what it begins with, and what may be there afterwards."""

    prepare: Callable[[Path, int], None]
    command: Callable[[Path], list[str]]
    judge: Callable[[Path, int], str]
    """Says which state there is; an AssertionError if it is neither the old nor the new."""


LATER = "2026-11-29"


def embedai(*words: str) -> Callable[[Path], list[str]]:
    """The command line of `embedai`; `FOLDER` stands for the issues folder."""
    return lambda folder: [
        *(sys.executable, "-m", "embedai_nb", "--issues", str(folder)),
        *(word.replace("FOLDER", str(folder)) for word in words),
    ]


def begin_import(folder: Path, number: int) -> None:
    for path in (folder / layout.DRAFTS).glob("*.yaml"):
        path.unlink()
    (folder / "old").mkdir(exist_ok=True)
    for day in range(1, 9):
        text = (
            f"# 早报（2020-01-0{day}）\n\n## 论文\n\n- [第 {number} 次](https://example.com/{day})\n  - 摘要：一句。\n"
        )
        (folder / "old" / f"2020-01-0{day}.md").write_text(text, "utf-8")


def judge_import(folder: Path, number: int) -> str:
    store = DraftStore(folder)
    for date in store.dates():
        assert store.load(date).issue.entries[0].title == f"第 {number} 次"
    return f"{'all' if len(store.dates()) == 8 else 'some'} imported, each whole"


def begin_reschedule(folder: Path, number: int) -> None:
    (folder / layout.draft(LATER)).unlink(missing_ok=True)
    edit(folder, number)


def judge_reschedule(folder: Path, number: int) -> str:
    del number
    recover(folder)
    dates = [str(date) for date in DraftStore(folder).dates()]
    assert dates in ([DATE], [LATER]), dates
    assert str(load(dates[0], folder).issue.date) == dates[0]
    return "old" if dates == [DATE] else "new"


UNFIXED = "schema: 1\ndate: 2026-11-15\nsections:\n- name: 论文\n  items:\n  - title: {}\n    url: https://example.com\n    fields: {{摘要: '国,内的芯片'}}\n"


def begin_fix(folder: Path, number: int) -> None:
    (folder / layout.draft(DATE)).write_text(UNFIXED.format(f"第 {number} 次"), "utf-8")


def judge_fix(folder: Path, number: int) -> str:
    (item,) = DraftStore(folder).load(datetime.date.fromisoformat(DATE)).issue.entries
    assert item.title == f"第 {number} 次"
    assert dict(item.fields)["摘要"] in ("国,内的芯片", "国，内的芯片")
    return "old" if "," in dict(item.fields)["摘要"] else "new"


def begin_site(folder: Path, number: int) -> None:
    (folder / layout.ARCHIVE).mkdir(exist_ok=True)
    for day in range(1, 9):
        text = (
            f"# 早报（2020-01-0{day}）\n\n## 论文\n\n- [第 {number} 次](https://example.com/{day})\n  - 摘要：一句。\n"
        )
        (folder / layout.ARCHIVE / f"2020-01-0{day}.md").write_text(text, "utf-8")


def judge_site(folder: Path, number: int) -> str:
    pages = [path.read_text("utf-8") for path in sorted((folder / "site").rglob("2020-01-0?.html"))]
    if not pages:
        assert not (folder / "site").exists(), "half a site"
        return "none"
    found = {int(times) for page in pages for times in re.findall(r"第 ([0-9]+) 次", page)}
    assert len(pages) == 8
    assert len(found) == 1, "pages of two sites"
    return "new" if found == {number} else "old"


SAVES = """
import datetime, sys
from pathlib import Path
from embedai_nb.drafts import DraftStore
store = DraftStore(Path(sys.argv[1]))
draft = store.load(datetime.date(2026, 11, 15))
for number in range(100000):
    draft = store.save(draft, draft.issue.model_copy(update={"headline": (str(number),)}))
    Path(sys.argv[1], "saved").write_text(str(number))
"""


def begin_saves(folder: Path, number: int) -> None:
    (folder / "saved").unlink(missing_ok=True)
    edit(folder, number)


def judge_saves(folder: Path, number: int) -> str:
    del number
    draft = DraftStore(folder).load(datetime.date.fromisoformat(DATE))
    said = (folder / "saved").read_text() if (folder / "saved").exists() else ""
    if not said:
        return "old, or the first"
    assert int(draft.issue.headline[0]) in (int(said), int(said) + 1), "an acknowledged save is lost"
    return "the last acknowledged save, or the next"


CLUSTER = """
import sys
from distributed import LocalCluster
with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""


def begin_build(folder: Path, number: int) -> None:
    for date in (DATE, LATER):
        text = DRAFT.read_text("utf-8").replace("三倍", f"{number + 2} 倍").replace(DATE, date)
        (folder / layout.draft(date)).write_text(text, "utf-8")


def judge_build(folder: Path, number: int) -> str:
    del number
    recover(folder)
    states = []
    for date in (DATE, LATER):
        if not (folder / layout.stamp(date)).exists():
            states.append("none")
            continue
        record = json.loads((folder / layout.stamp(date)).read_bytes())
        made = {name: digest((folder / name).read_bytes()) for name in record["outputs"]}
        assert made == record["outputs"], "the files are of different runs"
        current = record["draft"] == digest((folder / layout.draft(date)).read_bytes())
        states.append("new" if current else "old")
    return ", ".join(sorted(states))


SCENARIOS = {
    "import": Scenario(begin_import, embedai("import", "FOLDER/old"), judge_import),
    "reschedule": Scenario(begin_reschedule, embedai("reschedule", DATE, LATER), judge_reschedule),
    "fix": Scenario(begin_fix, embedai("fix", DATE), judge_fix),
    "site": Scenario(begin_site, embedai("site", "--out", "FOLDER/site"), judge_site),
    "saves": Scenario(begin_saves, lambda folder: [sys.executable, "-c", SAVES, str(folder)], judge_saves),
    "build --dask": Scenario(begin_build, embedai("build", "--dask", "CLUSTER"), judge_build),
}


def torture_command(name: str, folder: Path, runs: int, chance: random.Random) -> Counter[str]:
    """Kill one command again and again, at any moment; whatever is left, the next run succeeds."""
    scenario, seen = SCENARIOS[name], Counter[str]()
    prepare(folder)
    with cluster() if "--dask" in name else nullcontext("") as address:
        duration = 2.0
        for number in range(runs):
            scenario.prepare(folder, number)
            command = [word.replace("CLUSTER", address) for word in scenario.command(folder)]
            began = time.monotonic()
            with subprocess.Popen(
                command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ) as process:
                if number:  # the first one is left alone, to see how long it takes
                    time.sleep(duration * chance.uniform(0.3, 1.05))
                    process.send_signal(signal.SIGKILL)
                elif name == "saves":
                    time.sleep(duration)
                    process.send_signal(signal.SIGKILL)
                process.wait()
            duration = time.monotonic() - began if not number else duration
            seen[f"{name}: {scenario.judge(folder, number)}"] += 1
    assert not orphans(folder), "processes outlive the command that started them"
    return seen


@contextmanager
def cluster() -> Iterator[str]:
    """A Dask cluster of one worker on this machine; gives its address."""
    command = [sys.executable, "-c", CLUSTER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.communicate()


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    names = sys.argv[3:] or ["issue", *SCENARIOS]
    print(f"{runs} runs of each, seed {seed}")
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            path, chance = Path(folder) / "issues", random.Random(seed)
            results = torture(path, runs, chance) if name == "issue" else torture_command(name, path, runs, chance)
        for result, count in sorted(results.items()):
            print(f"{result:60} {count}", flush=True)


if __name__ == "__main__":
    main()
