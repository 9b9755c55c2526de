"""What tests of publishing share: a small issue, and processes that publish it as a shell or Jupyter would."""

from __future__ import annotations

import datetime
import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from .conftest import DATA, PROJECT

DAY = datetime.date(2026, 11, 15)
ENGINES = ["kernel", "fork"]
WAIT = 300
"""Seconds after which an event that never comes fails a test; however slow the machine is, none takes so long."""


def issues(folder: Path) -> Path:
    """An issues folder with one small draft."""
    (folder / "drafts").mkdir(parents=True)
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
    shutil.copy(DATA / "publish" / "draft.yaml", folder / "drafts" / f"{DAY}.yaml")
    return folder


def outputs(folder: Path) -> dict[str, bytes]:
    """What readers and reviewers see; nothing else may lie there, but the drafts."""
    files = [path for name in ("review", "archive") for path in (folder / name).rglob("*")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def begin(folder: Path, *words: str, **environment: str) -> subprocess.Popen[str]:
    """Start `embedai`."""
    arguments = [sys.executable, "-m", "embedai_nb", "--issues", str(folder), *words]
    surroundings = os.environ | {"PYTHONPATH": str(PROJECT)} | environment
    pipe = subprocess.PIPE
    return subprocess.Popen(arguments, env=surroundings, cwd=folder, stdout=pipe, stderr=pipe, text=True)


def embedai(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `embedai` to its end."""
    with begin(folder, *words, **environment) as process:
        out, err = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def ended(numbers: Iterable[int], wait: float = WAIT) -> bool:
    """Whether these processes end; with ``wait`` 0 whether they have ended."""
    for number in numbers:
        try:
            process = os.pidfd_open(number)
        except ProcessLookupError:
            continue
        try:
            if not select.select([process], [], [], wait)[0]:
                return False
        finally:
            os.close(process)
    return True


class Checkout:
    """This package, with a notebook that can be anything, and a home and a folder for temporary files of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("embedai_nb", "requirements.lock"):
            (folder / name).symlink_to(PROJECT / name)
        for name in ("notebooks", "home", "tmp"):
            (folder / name).mkdir()

    @property
    def environment(self) -> dict[str, str]:
        """Variables for processes that work in it."""
        named = {"PYTHONPATH": self.folder, "HOME": self.folder / "home", "TMPDIR": self.folder / "tmp"}
        return {name: str(path) for name, path in named.items()}

    @property
    def left(self) -> list[Path]:
        """What processes left where they may leave nothing."""
        return [path for name in ("home", "tmp") for path in (self.folder / name).rglob("*") if not path.is_dir()]

    def notebook(self, *sources: str | tuple[str, str]) -> Path:
        """Have this notebook published: cells of this code, or of a tag and code."""
        nb = new_notebook()
        for number, source in enumerate((("parameters", 'DATE = ""'), *sources)):
            tag, code = source if isinstance(source, tuple) else ("", source)
            nb.cells.append(new_code_cell(code, id=f"cell-{number}", metadata={"tags": [tag]} if tag else {}))
        nb.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        path = self.folder / "notebooks" / "issue.ipynb"
        nbformat.write(nb, path)
        return path


class Run(NamedTuple):
    """What came of a run: cells as nbformat has them, without that of papermill's parameters; how it failed."""

    cells: list[Any]
    error: str

    @property
    def text(self) -> str:
        """What was written to streams."""
        return "".join(out.text for cell in self.cells for out in cell.outputs if out.output_type == "stream")

    @property
    def shown(self) -> list[str]:
        """What was displayed."""
        return [out.data["text/plain"] for cell in self.cells for out in cell.outputs if "data" in out]


class _Answering:
    """A process that answers each line of JSON with another, one after the other: what is loaded stays."""

    def __init__(self, checkout: Checkout, *arguments: str, **surroundings: str) -> None:
        self.checkout = checkout
        environment = os.environ | surroundings | checkout.environment
        environment.pop("PYTEST_CURRENT_TEST", None)
        self.process = subprocess.Popen(
            [sys.executable, "-c", *arguments],
            env=environment,
            cwd=checkout.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def answer(self, request: object) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        """End it."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        assert self.process.wait() == 0
        self.process.stdout.close()


RUNS = """
import json, sys, embedai_nb.publish.execute as run, papermill
from embedai_nb.publish.engines.process_tree import can_fork
run.preload()
engine = sys.argv[1]
papermill.engines.papermill_engines.register(engine, run.engine(engine))
for line in sys.stdin:
    source, executed, timeout, memory = json.loads(line)
    options = {"engine_name": engine, "progress_bar": False, "execution_timeout": timeout, "memory": memory}
    error = ""
    try:
        papermill.execute_notebook(source, executed, {"DATE": "x"}, **options)
    except papermill.PapermillExecutionError as failed:
        error = f"{failed.ename}: {failed.evalue}"
    assert can_fork(), "a thread was left"
    print(json.dumps(error), flush=True)
"""


class Papermill(_Answering):
    """A process that has papermill execute one notebook after another; pytest's may have threads, and not fork."""

    def __init__(self, engine: str, checkout: Checkout) -> None:
        super().__init__(checkout, RUNS, engine, OPENBLAS_NUM_THREADS="1")

    def run(self, *sources: str | tuple[str, str], timeout: int = WAIT, memory: float | None = None) -> Run:
        """Execute cells of this code, each in at most so many seconds and gigabytes."""
        executed = self.checkout.folder / "executed.ipynb"
        error = self.answer([str(self.checkout.notebook(*sources)), str(executed), timeout, memory])
        cells = nbformat.read(executed, as_version=4).cells
        return Run([cell for cell in cells if cell.id.startswith("cell-") and cell.id != "cell-0"], error)

    @property
    def children(self) -> list[int]:
        """Processes that it has not waited for."""
        number = self.process.pid
        return [int(pid) for pid in Path(f"/proc/{number}/task/{number}/children").read_text("ascii").split()]

    @property
    def files(self) -> int:
        """How many descriptors it has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class Said(NamedTuple):
    """What a command said, and its exit status."""

    status: int
    out: str
    err: str


COMMANDS = """
import contextlib, io, json, sys
from embedai_nb.cli import run
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run(json.loads(line))
    print(json.dumps([status, out.getvalue(), err.getvalue()]), flush=True)
"""


class Shell(_Answering):
    """A process that runs one command of `embedai` after another."""

    def __init__(self, checkout: Checkout) -> None:
        super().__init__(checkout, COMMANDS)

    def run(self, folder: Path, *words: str) -> Said:
        return Said(*self.answer(["--issues", str(folder), *words]))
