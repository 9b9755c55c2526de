"""What publishing one issue costs, beside what one would type without this package.

Both are run in turn, in this environment, on a copy of the same draft; what counts are CPU seconds, those of kernels
included, because they hardly depend on what else the machine does.  Python may keep the bytecode it compiles in the
first round, which isn't counted, as it may in any installation.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

PROJECT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
DATE = "2021-07-18"
ROUNDS = 7
LIMITS = {"embedai issue": 0.30, "embedai issue, nothing changed": 0.15}
"""At most this share of the commands without us; at most so many seconds."""


def cpu_seconds(command: Sequence[str], surroundings: Mapping[str, str], folder: Path) -> float:
    """What a command and all its children use."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=surroundings, cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def commands(folder: Path) -> dict[str, list[str]]:
    notebook, executed = str(PROJECT / "notebooks" / "issue.ipynb"), str(folder / "executed.ipynb")
    convert = [str(BIN / "jupyter"), "nbconvert", executed, "--to"]
    ours = [str(BIN / "embedai"), "issue", DATE]
    return {
        "papermill": [str(BIN / "papermill"), notebook, executed, "-p", "DATE", DATE, "--no-progress-bar"],
        "jupyter nbconvert --to markdown": [*convert, "markdown"],
        "jupyter nbconvert --to html": [*convert, "html"],
        "embedai issue --engine kernel": [*ours, "--force", "--engine", "kernel"],
        "embedai issue": [*ours, "--force"],
        "embedai issue, nothing changed": ours,
    }


def measure(folder: Path) -> dict[str, list[float]]:
    issues = folder / "issues"
    (issues / "drafts").mkdir(parents=True)
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", issues)
    shutil.copy(PROJECT / "issues" / "drafts" / f"{DATE}.yaml", issues / "drafts")
    surroundings = os.environ | {"EMBEDAI_ISSUES": str(issues), "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)
    spent: dict[str, list[float]] = {name: [] for name in commands(folder)}
    for number in range(ROUNDS + 1):
        for name, command in commands(folder).items():
            seconds = cpu_seconds(command, surroundings, folder)
            if number:
                spent[name].append(seconds)
    return spent


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        spent = measure(Path(folder))
    medians = {name: statistics.median(seconds) for name, seconds in spent.items()}
    without = [name for name in spent if not name.startswith("embedai")]
    total = sum(medians[name] for name in without)
    print(f"{'CPU seconds, median of ' + str(ROUNDS):40} {'':>6} {'range':>13} {'share':>6}")
    for name, seconds in spent.items():
        if name == "embedai issue --engine kernel":
            print(f"{'these three':40} {total:6.2f} {'':>13} {1:6.2f}")
        spread = f"{min(seconds):.2f}–{max(seconds):.2f}"
        print(f"{name:40} {medians[name]:6.2f} {spread:>13} {medians[name] / total:6.2f}")
    share, idle = medians["embedai issue"] / total, medians["embedai issue, nothing changed"]
    kept = share <= LIMITS["embedai issue"] and idle <= LIMITS["embedai issue, nothing changed"]
    print("within the limits" if kept else "OVER THE LIMITS", "(a share of 0.30; 0.15 s when nothing changed)")
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
