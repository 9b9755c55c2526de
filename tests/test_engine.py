"""Engines: cells in a forked process, of which nothing is left, whatever they do; the internals that this relies on."""

from __future__ import annotations

import inspect
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from embedai_nb.publish.engines.limits import KEPT_OF_FAILED
from embedai_nb.publish.execute import in_kernel
from embedai_nb.workspace import layout
from embedai_nb.workspace.locks import publication_lock

from .conftest import DATA, PROJECT
from .publishing import DAY, ENGINES, WAIT, Checkout, Papermill, begin, embedai, ended, issues

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def fork(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Papermill]:
    """One process for all runs: what one of them did must not show in the next."""
    papermill = Papermill("fork", Checkout(tmp_path_factory.mktemp("fork")))
    yield papermill
    papermill.close()
    assert papermill.checkout.left == []


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Papermill]:
    """The same, with kernels."""
    papermill = Papermill("kernel", Checkout(tmp_path_factory.mktemp("kernel")))
    yield papermill
    papermill.close()


# --- what is relied on ----------------------------------------------------------------------------------------

INTERNALS = {
    "ipykernel.ipkernel:IPythonKernel.execute_request": ["self", "stream", "ident", "parent"],
    "ipykernel.ipkernel:IPythonKernel.set_parent": ["self", "ident", "parent", "channel"],
    "ipykernel.ipkernel:IPythonKernel._execute_sleep": None,
    "ipykernel.ipkernel:IPythonKernel.shell_channel_thread": None,
    "ipykernel.ipkernel:IPythonKernel.profile_dir": None,
    "ipykernel.ipkernel:IPythonKernel.session": None,
    "ipykernel.ipkernel:IPythonKernel.user_ns": None,
    "ipykernel.debugger:Debugger": None,
    "nbclient.client:NotebookClient._get_timeout": ["self", "cell"],
    "nbclient.client:NotebookClient.process_message": ["self", "msg", "cell", "cell_index"],
    "nbclient.client:NotebookClient.reset_execution_trackers": ["self"],
    "nbclient.client:NotebookClient.skip_cells_with_tag": None,
    "nbclient.exceptions:CellExecutionError.from_cell_and_msg": ["cell", "msg"],
    "nbclient.exceptions:CellTimeoutError.error_from_timeout_and_cell": ["msg", "timeout", "cell"],
    "nbclient.client:NotebookClient._async_poll_kernel_alive": ["self"],
    "nbclient.client:NotebookClient._async_poll_output_msg": ["self", "parent_msg_id", "cell", "cell_index"],
    "nbclient.client:NotebookClient._async_check_alive": ["self"],
    "nbclient.client:NotebookClient.async_start_new_kernel": ["self", "kwargs"],
    "papermill.clientwrap:PapermillNotebookClient.papermill_execute_cells": ["self"],
    "papermill.engines:entrypoints.get_group_all": ["group", "path"],
    "papermill.engines:NBClientEngine.execute_managed_notebook": None,
    "papermill.engines:Engine.execute_notebook": None,
    "papermill.engines:papermill_engines.register": ["name", "engine"],
    "papermill.execute:ERROR_MARKER_TAG": None,
    "papermill.iorw:papermill_io.register": ["scheme", "handler"],
}
"""What the engines use of packages beyond their documented interfaces, with its parameters where it is called or
overridden; the upper bounds in pyproject.toml hold until this was looked at again."""


@pytest.mark.parametrize("name", INTERNALS)
def test_internals_of_packages_are_as_the_engines_expect(name: str) -> None:
    module, _, path = name.partition(":")
    found = import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    if (parameters := INTERNALS[name]) is not None:
        assert list(inspect.signature(found).parameters) == parameters


def test_a_kernel_that_is_not_started_is_given_its_loop() -> None:
    assert "self.io_loop = " in inspect.getsource(import_module("ipykernel.kernelbase").Kernel.start)


@pytest.mark.parametrize("package", ["ipykernel", "nbclient", "papermill"])
def test_packages_with_such_internals_have_upper_bounds(package: str) -> None:
    needed = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert [need for need in needed if re.match(rf"{package}\b.*,<", need)]


HIDDEN = """
import os, sys
for name in sys.argv.pop(1).split(","):
    module, _, attribute = name.partition(":")
    if attribute:
        delattr(sys.modules.get(module) or __import__(module), attribute)
    else:
        sys.modules[module] = None
from embedai_nb.cli import run
status = run(sys.argv[1:])
used = [name for name in ("fork", "kernel_in_process") if f"embedai_nb.publish.engines.{name}" in sys.modules]
print("engine modules:", *used)
sys.exit(status)
"""
"""Runs a command where these modules and functions don't exist."""


@pytest.mark.parametrize(
    ("hidden", "words"),
    [
        ("ipykernel.debugger", ["issue", str(DAY), "--engine", "kernel"]),
        ("ipykernel.debugger", ["build", "--engine", "kernel"]),
        ("os:pidfd_open", ["issue", str(DAY)]),
        ("os:fork,os:pidfd_open", ["issue", str(DAY)]),
        ("os:fork,os:pidfd_open", ["build"]),
    ],
)
def test_a_kernel_needs_nothing_of_what_forking_needs(hidden: str, words: list[str], tmp_path: Path) -> None:
    folder = issues(tmp_path / "issues")
    arguments = [sys.executable, "-c", HIDDEN, hidden, "--issues", str(folder), *words]
    done = subprocess.run(arguments, cwd=PROJECT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("engine modules:\n")
    assert (folder / layout.page(str(DAY))).exists()


# --- the same as from a kernel --------------------------------------------------------------------------------

RUN_BOTH = """
import sys, embedai_nb.publish.execute as run, papermill
run.preload()
for name in sys.argv[2:]:
    papermill.engines.papermill_engines.register(name, run.engine(name))
    papermill.execute_notebook(sys.argv[1], name + ".ipynb", {"DATE": "x"}, engine_name=name)
"""


def test_whatever_a_cell_displays_is_the_same_from_both_engines(tmp_path: Path) -> None:
    """In a process of its own: pytest changes what is done about warnings, and ipykernel hears less below it."""
    cells = (DATA / "publish" / "telling.py").read_text("utf-8").split("# next cell\n")
    checkout = Checkout(tmp_path)
    surroundings = os.environ | {"OPENBLAS_NUM_THREADS": "1"} | checkout.environment
    del surroundings["PYTEST_CURRENT_TEST"]
    arguments = [sys.executable, "-c", RUN_BOTH, str(checkout.notebook(*cells)), *ENGINES]
    done = subprocess.run(arguments, cwd=tmp_path, env=surroundings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Executing: 100%") >= len(ENGINES)
    forked = (tmp_path / "fork.ipynb").read_text("utf-8")
    assert forked == (tmp_path / "kernel.ipynb").read_text("utf-8")
    for said in ("to stdout", "to stderr", "from a child", "a warning", "IPythonKernel", "from a pool", "300000"):
        assert said in forked


def test_cells_are_counted_as_in_a_fresh_kernel(fork: Papermill) -> None:
    for _ in range(2):
        assert [cell.execution_count for cell in fork.run("1", "", "# nothing", "2").cells] == [3, None, 4, 5]


def test_tags_of_nbclient(fork: Papermill) -> None:
    """nbclient goes on after a cell tagged raises-exception, which papermill reports; skip-execution leaves one out."""
    run = fork.run(("raises-exception", "1 / 0"), ("skip-execution", "1 / 0"), "'after'")
    assert (run.error, run.shown) == ("ZeroDivisionError: division by zero", ["'after'"])
    assert [cell.execution_count for cell in run.cells] == [3, None, 4]


# --- what cells do to their process ---------------------------------------------------------------------------

FAILURES = {
    "import os; os._exit(0)": "DeadKernelError: Kernel died",
    "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)": "DeadKernelError: Kernel died",
    "import ctypes; ctypes.string_at(0)": "DeadKernelError: Kernel died",
    "import os, signal, time; os.kill(os.getppid(), signal.SIGKILL); time.sleep(1000)": "DeadKernelError: Kernel died",
    "import os; os.closerange(0, 100)": "DeadKernelError: Kernel died",
    "import signal; signal.raise_signal(signal.SIGINT)": "KeyboardInterrupt: ",
    "raise SystemExit(1)": "SystemExit: 1",
    "input()": "StdinNotImplementedError: raw_input was called, but this frontend does not support input requests.",
}


@pytest.mark.parametrize("source", FAILURES)
def test_a_process_that_ends(source: str, fork: Papermill) -> None:
    run = fork.run("print('before')", source, "print('never')")
    assert (run.cells[0].outputs[0].text, run.error) == ("before\n", FAILURES[source])
    assert run.cells[2].execution_count is None
    assert fork.run("1").shown == ["1"]


EXITED = "SystemExit: the cell ended its process; tag it raises-exception if that is meant"


@pytest.mark.parametrize("source", ["raise SystemExit", "import sys; sys.exit(0)", "exit()", "quit()"])
def test_a_cell_that_ends_its_process_has_failed(source: str, fork: Papermill) -> None:
    """papermill takes none of these for a failure."""
    run = fork.run(source, "print('never')")
    assert (run.error, run.text.count("never")) == (EXITED, 0)


@pytest.mark.parametrize("source", ["raise SystemExit", "exit()"])
def test_a_cell_may_end_its_process_where_it_is_tagged(source: str, fork: Papermill) -> None:
    assert fork.run(("raises-exception", source)).error == ""


ENDLESS = {
    "quiet": "while True: pass",
    "asleep": "import time; time.sleep(1000)",
    "asleep in a loop of asyncio": "import asyncio; await asyncio.sleep(1000)",
    "deaf": "import signal\nfor n in (1, 2, 3, 15): signal.signal(n, signal.SIG_IGN)\nwhile True: pass",
    "printing": "import time\nwhile True: print('x'); time.sleep(0.0001)",
    "displaying": "while True: display(1)",
    "stopped": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_cell_that_never_ends(name: str, fork: Papermill) -> None:
    run = fork.run(ENDLESS[name], timeout=1)
    assert run.error == "CellTimeoutError: A cell timed out while it was being executed, after 1 seconds."


@pytest.mark.parametrize(
    "source", ["while True: print('x' * 10_000)", "import subprocess; subprocess.run(['yes', 'x' * 10_000])"]
)
def test_a_cell_that_has_no_end_of_what_it_says(source: str, fork: Papermill) -> None:
    run = fork.run(source)
    assert run.error == "DeadKernelError: A cell said more than 16 MB."
    assert len(run.text) < 2 * KEPT_OF_FAILED


def test_a_cell_may_not_say_more_than_16_mb_in_displays_either(fork: Papermill) -> None:
    run = fork.run("while True: display('x' * 1_000_000)")
    assert run.error == "DeadKernelError: A cell said more than 16 MB."


# --- memory -------------------------------------------------------------------------------------------------------

TOO_MUCH = "A cell used more than 0.5 GB of memory; --memory, or cell_memory in newsletter.yaml, allows more."
HUNGRY = {
    "a process": ("x = bytearray(1_000_000_000)", "MemoryError: "),
    "a child": (
        "import subprocess as s\ns.run(['python3', '-c', 'bytearray(10**9)'], check=True)",
        "CalledProcessError",
    ),
    "several children": (
        """import subprocess
hungry = ["python3", "-c", "import time; x = bytearray(b'x' * (2 * 10**8)); time.sleep(60)"]
[subprocess.Popen(hungry) for _ in range(4)][0].wait()""",
        f"DeadKernelError: {TOO_MUCH}",
    ),
    "shared memory": (
        "import mmap, time\nx = mmap.mmap(-1, 10**9)\nfor n in range(900): x.write(b'x' * 10**6)\ntime.sleep(60)",
        f"DeadKernelError: {TOO_MUCH}",
    ),
}


@pytest.mark.parametrize("name", HUNGRY)
def test_a_cell_that_uses_too_much_memory(name: str, fork: Papermill) -> None:
    source, error = HUNGRY[name]
    run = fork.run(source, "print('never')", memory=0.5)
    assert (run.error.startswith(error), "never" in run.text) == (True, False), run.error


def test_a_cell_may_use_as_much_as_it_is_allowed(fork: Papermill) -> None:
    assert fork.run("len(bytearray(300_000_000))", memory=0.5).shown == ["300000000"]


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import os; os.system('yes')", "DeadKernelError: A cell said more than 16 MB."),
        ("while True: print('x')", "CellTimeoutError: A cell timed out while it was being executed, after 2 seconds."),
        ("exit()", EXITED),
        HUNGRY["a process"],
        HUNGRY["shared memory"],
    ],
)
def test_the_same_limits_hold_in_a_kernel(source: str, error: str, kernel: Papermill) -> None:
    assert kernel.run(source, timeout=2 if "print" in source else WAIT, memory=0.5).error == error


def test_what_one_notebook_changes_does_not_show_in_the_next(fork: Papermill) -> None:
    state = """
        import builtins, json, os, random, signal, sys, warnings
        import embedai_nb.review, pandas
        (
            os.getcwd(), hasattr(json, 'mine'), os.environ.get("MINE"), signal.getsignal(signal.SIGTERM), sys.path,
            sorted(globals()), hasattr(builtins, "mine"), hasattr(embedai_nb.review, "mine"), "wave" in sys.modules,
            pandas.get_option("display.max_rows"), warnings.filters, os.umask(0o22), sys.getrecursionlimit(), _, Out,
            get_ipython().execution_count, random.random() == before if "before" in globals() else False,
        )
    """
    change = """
        import builtins, json, os, random, signal, sys, warnings
        import embedai_nb.review, pandas, wave
        json.mine = 1
        os.chdir("/")
        os.environ["MINE"] = "1"
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.path.clear()
        builtins.mine = embedai_nb.review.mine = mine = 1
        pandas.set_option("display.max_rows", 3)
        warnings.simplefilter("error")
        os.umask(0)
        sys.setrecursionlimit(500)
        get_ipython().events.register("pre_run_cell", lambda *_: print("mine"))
        get_ipython().ast_node_interactivity = "all"
    """
    before = fork.run(state)
    changed = fork.run(change, "1")
    assert (changed.text, changed.error) == ("mine\n", "")
    assert before.error == ""
    assert fork.run(state) == before


def test_a_cell_may_break_what_messages_are_made_with(fork: Papermill) -> None:
    """A plain kernel uses this function too."""
    assert fork.run("import json; json.dumps = lambda *_, **__: 'mine'").error == "DeadKernelError: Kernel died"
    assert fork.run("import json; json.dumps({})").shown == ["'{}'"]


def test_the_names_of_a_notebook_are_its_own(fork: Papermill) -> None:
    assert fork.run("mine = 1").error == ""
    assert fork.run("mine").error == "NameError: name 'mine' is not defined"


def test_a_display_that_comes_late_disturbs_no_other_cell(fork: Papermill) -> None:
    late = (
        "import threading\ndef f():\n    while True: display('late')\nthreading.Thread(target=f, daemon=True).start()"
    )
    run = fork.run(late, *(f"print('cell {n}')" for n in range(20)))
    assert run.text == "".join(f"cell {n}\n" for n in range(20))
    assert [cell.execution_count for cell in run.cells] == list(range(3, 24))


def test_a_process_forked_in_a_cell_does_not_speak_for_it(fork: Papermill) -> None:
    """A plain kernel refuses to send what such a process displays, too."""
    fails = "import os\npid = os.fork()\nif not pid: raise ValueError('in the child')\nos.waitpid(pid, 0)[0] == pid"
    shows = (
        "import multiprocessing as m\np = m.get_context('fork').Process(target=display, args=(1,))\np.start()\np.join()"
    )
    run = fork.run(fails, shows, "'after'")
    assert (run.error, run.shown) == ("", ["True", "'after'"])


def test_a_cell_that_closes_its_streams(fork: Papermill) -> None:
    assert fork.run("import os\nos.close(1)\nos.close(2)", "1").shown == ["1"]


def test_much_is_said_whole(fork: Papermill) -> None:
    assert fork.run("print('x' * 5_000_000)").text == "x" * 5_000_000 + "\n"


# --- what is left ---------------------------------------------------------------------------------------------

LEFTOVERS = {
    "a child": "import subprocess\nprint(subprocess.Popen(['sleep', '1000']).pid)",
    "a session": "import subprocess\nprint(subprocess.Popen(['sleep', '1000'], start_new_session=True).pid)",
    "a daemon": """import os
if not os.fork():
    os.setsid()
    pid = os.fork()
    if pid:
        os.write(1, b"%d" % pid)
        os._exit(0)
    os.execvp("sleep", ["sleep", "1000"])
os.wait()""",
    "deaf": """import subprocess
deaf = subprocess.Popen(["sh", "-c", "trap '' HUP INT TERM; echo $$; while :; do sleep 1000; done"])
import time; time.sleep(0.3)""",
    "a pool": """import multiprocessing
pool = multiprocessing.get_context("fork").Pool(2)
print(*pool.map(lambda _: __import__("os").getpid(), [1]) if False else [p.pid for p in pool._pool])""",
}


@pytest.mark.parametrize("after", ["", "1 / 0", "import os; os._exit(0)"], ids=["success", "failure", "death"])
@pytest.mark.parametrize("name", LEFTOVERS)
def test_what_a_cell_left_running_is_ended(name: str, after: str, fork: Papermill) -> None:
    fork.run("1", after)  # a first failure leaves asyncio's event loop, which stays
    files = fork.files
    run = fork.run(LEFTOVERS[name], after)
    started = [int(number) for number in run.text.split()]
    assert started
    assert ended(started, wait=0)
    assert fork.children == []
    assert fork.files == files


KILLED = """
import os, pathlib, subprocess, time
{leftover}
started = [subprocess.Popen(['sleep', '1000'], start_new_session=True).pid, os.getpid(), os.getppid()]
pathlib.Path('started').write_text(' '.join(map(str, started)))
time.sleep(1000)
"""


def wait_for(path: Path) -> str:
    """What a file holds, as soon as it holds something."""
    deadline = time.monotonic() + WAIT
    while not (path.exists() and path.read_text("utf-8")):
        assert time.monotonic() < deadline, f"{path} doesn't appear"
        time.sleep(0.01)
    return path.read_text("utf-8")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_when_a_run_is_ended_in_the_middle_of_a_cell(number: signal.Signals, tmp_path: Path) -> None:
    checkout, folder = Checkout(tmp_path), issues(tmp_path / "issues")
    checkout.notebook(KILLED.format(leftover=LEFTOVERS["a daemon"]))
    with begin(folder, "issue", str(DAY), **checkout.environment) as process:
        started = [int(pid) for pid in wait_for(folder / "started").split()]
        process.send_signal(number)
        _, said = process.communicate()
    assert ended(started)
    assert checkout.left == []
    assert not [name for name in unix_sockets() if str(tmp_path) in name]
    assert not list(folder.glob(".cache/staged/*")) + list(folder.glob(".cache/scratch/*"))
    with publication_lock(folder, str(DAY)):
        pass
    if number == signal.SIGINT:
        assert (process.returncode, said.strip()) == (1, "embedai: interrupted; what was there before is untouched")
        assert b"KeyboardInterrupt" in (folder / layout.failed(str(DAY))).read_bytes()


def unix_sockets() -> set[str]:
    """Names of sockets in the file system and beside it."""
    lines = Path("/proc/net/unix").read_text("utf-8").splitlines()
    return {line.split()[7] for line in lines[1:] if len(line.split()) > 7}


@pytest.mark.processes
@pytest.mark.parametrize("engine", ["fork", "kernel"])
def test_no_cell_imports_what_lies_in_the_issues_folder(engine: str, tmp_path: Path) -> None:
    """A pull request could have put it there: `nh3` is imported by the notebook's own code."""
    folder = issues(tmp_path / "issues")
    for name in ("nh3", "autocorrect_py", "css_inline", "mine"):
        (folder / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write('{name}')\nraise ImportError\n")
    done = embedai(folder, "issue", str(DAY), "--engine", engine)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "ran").exists()


def test_a_kernel_is_reached_by_sockets_of_the_system_where_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def transport(folder: Path) -> str | None:
        with in_kernel(folder, str(DAY)) as options:
            assert [*(folder / ".cache" / "scratch").rglob("kernel*")] == []
            return options["config"].KernelManager.get("transport")  # type: ignore[no-any-return]

    with tempfile.TemporaryDirectory() as near:
        assert transport(Path(near)) == "ipc"
        assert transport(Path(near, "x" * 100)) is None, "its path is too long"
        monkeypatch.delattr(socket, "AF_UNIX")
        assert transport(Path(near)) is None
