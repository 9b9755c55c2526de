"""Is a text that was typed, or said to be saved, ever lost?  Long searches for a case where it is.

    python benchmarks/editor_safety.py editors [RUNS]   two editors on one draft, 50 steps each run
    python benchmarks/editor_safety.py kills [KERNELS]  kernels killed at random moments of editing
    python benchmarks/editor_safety.py typing [KILLS]   kernels killed while somebody types in a real browser
    python benchmarks/editor_safety.py cuts [CUTS]      the connection cut while somebody types in a real browser
    python benchmarks/editor_safety.py windows [RUNS]   two windows of a real browser on one issue, 50 steps each run

Short versions of all are among the tests.
"""

from __future__ import annotations

import contextlib
import datetime
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from queue import Empty

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from jupyter_client.manager import KernelManager
from playwright.sync_api import sync_playwright

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

from embedai_nb.drafts import DraftStore  # noqa: E402 - the project is found only now
from embedai_nb.editor.field_values import text_of  # noqa: E402
from embedai_nb.model import Issue  # noqa: E402
from tests.in_browser.jupyterlab import CHROMIUM, Editor, serving  # noqa: E402
from tests.in_browser.test_editor_panel import Cable, kill  # noqa: E402
from tests.test_editor_state import DAY, Editors, issues  # noqa: E402

EDITING = f"""
import datetime, itertools, sys
sys.path.insert(0, {str(PROJECT)!r})
from pathlib import Path
from embedai_nb.editor.session import Session
session = Session(Path(FOLDER), datetime.date.fromisoformat("{DAY}"))
where = session.state.content.parts[0].entries[0].key
for number in itertools.count(1):
    text = f"第{{number}}次" + "字" * (number % 700)
    session.do("write", key=where, field=["note"], text=text, base=session.state.content.entry(where).value.note, done=True)
    if not session.unsaved:
        print(number, flush=True)
"""


def editors(runs: int) -> None:
    """Two editors, at random: writing, moving, undoing, looking, choosing."""
    long = settings(
        max_examples=runs,
        stateful_step_count=50,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    start = time.monotonic()
    run_state_machine_as_test(Editors, settings=long)
    print(f"{runs} runs of 50 steps: nothing lost, nothing silently overwritten ({time.monotonic() - start:.0f} s)")


def kills(kernels: int) -> None:
    """Kernels that save as fast as they can, until they are killed."""
    chance = random.Random(1)
    saves = 0
    for number in range(1, kernels + 1):
        folder = issues(Path(tempfile.mkdtemp()) / "issues")
        try:
            saves += killed(folder, chance.uniform(0, 0.4))
        finally:
            shutil.rmtree(folder.parent)
        if number % 50 == 0:
            print(f"{number} kernels killed, {saves} saves acknowledged, none lost, no file torn", flush=True)


def killed(folder: Path, delay: float) -> int:
    """Have a kernel edit, kill it, and look at the draft.  How many saves it had acknowledged."""
    manager = KernelManager(transport_encryption="auto")
    manager.start_kernel(cwd=str(folder))
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        client.execute(EDITING.replace("FOLDER", repr(str(folder))))
        said = acknowledged(client, until=None)
        said = acknowledged(client, until=time.monotonic() + delay) or said
        manager.signal_kernel(signal.SIGKILL)
        said = acknowledged(client, until=time.monotonic() + 0.05) or said
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    note = DraftStore(folder).load(DAY).issue.sections[0].entries[0].note
    there = int(note.partition("次")[0].removeprefix("第"))
    assert there >= said, f"the kernel said that {said} was saved, the draft has {there}"
    assert note == f"第{there}次" + "字" * (there % 700), "a torn text"
    return said


def acknowledged(client: object, until: float | None) -> int:
    """The last save that the kernel spoke of before that time, or else the first."""
    last = 0
    while until is None or time.monotonic() < until:
        with contextlib.suppress(Empty):
            message = client.get_iopub_msg(timeout=60 if until is None else max(0.0, until - time.monotonic()))
            assert message["msg_type"] != "error", "\n".join(message["content"].get("traceback", []))
            if message["msg_type"] != "stream" or message["content"]["name"] != "stdout":
                continue
            for number in message["content"]["text"].split():
                last = int(number)
            if last and until is None:
                return last
    return last


# --- in the real browser --------------------------------------------------------------------------------------

DATE = "2026-11-15"
FIELDS = ("title", "fields.摘要", "note")
BURST = 12
"""Words typed around each kill or cut."""


@contextlib.contextmanager
def browsers(*, wired: bool = False) -> Iterator[tuple[Callable[[], Editor], Cable]]:
    """A JupyterLab with one issue; opens windows on it, through a cable that can be pulled."""
    with tempfile.TemporaryDirectory() as place, contextlib.ExitStack() as stack:
        lab = stack.enter_context(serving(issues(Path(place) / "issues")))
        chromium = stack.enter_context(sync_playwright()).chromium
        context = chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]).new_context(locale="zh-CN")
        cable = Cable(lab.address)
        near = replace(lab, address=f"http://127.0.0.1:{cable.port}/") if wired else lab
        yield lambda: Editor(near, context.new_page(), DATE).watch().open(), cable


def interrupted(count: int, *, wired: bool) -> None:
    """Type words into a field; at a random one the kernel is killed or the cable pulled.  All of them have to arrive."""
    chance = random.Random(1)
    with browsers(wired=wired) as (opens, cable):
        editor = opens()
        for number in range(1, count + 1):
            field, words = chance.choice(FIELDS), [f"w{number}x{n}" for n in range(BURST)]
            editor.tab.locator(".embedai-row").nth(1 + chance.randrange(3)).click()
            editor.field(field).click()
            editor.tab.keyboard.press("Control+A")
            moment, until_plugged = chance.randrange(BURST), chance.randrange(1, 6)
            for n, word in enumerate(words):
                editor.tab.keyboard.type(f"{word} ", delay=5)
                editor.tab.wait_for_timeout(chance.uniform(0, 120))
                if n == moment:
                    cable.pull() if wired else kill(editor.lab)
                if wired and n == moment + until_plugged:
                    cable.plug()
            cable.plug()
            assert editor.field(field).input_value().split() == words, f"{number}: not on screen"
            editor.says(lambda issue, words=words, field=field: words in shown(issue, field))
            editor.saved()
            if number % 10 == 0:
                print(
                    f"{number} {'cuts' if wired else 'kills'}, {number * BURST} words: 0 lost, 0 misplaced", flush=True
                )


def shown(issue: Issue, field: str) -> list[list[str]]:
    """The words that this field has in each item."""
    return [text_of(item, tuple(field.split("."))).split() for item in issue.entries]


def windows(runs: int) -> None:
    """Two windows, each typing into items of its own and clicking about; each field has what was typed into it last."""
    chance = random.Random(1)
    with browsers() as (opens, _):
        both = [opens(), opens()]
        for run in range(1, runs + 1):
            expected: dict[tuple[int, str], str] = {}
            for step in range(50):
                side = chance.randrange(2)
                editor, item, field = both[side], (0 if side == 0 else chance.choice((1, 2))), chance.choice(FIELDS)
                if chance.random() < 0.3:
                    editor.tab.locator(".embedai-row, .embedai-heading").nth(chance.randrange(8)).click()
                    continue
                editor.tab.locator(".embedai-row").nth(1 + item).click()
                editor.field(field).click()
                editor.tab.keyboard.press("Control+A")
                editor.tab.keyboard.type(f"r{run}s{step}")
                expected[item, field] = f"r{run}s{step}"
            for editor in both:
                editor.saved()
            both[0].says(
                lambda issue, expected=expected: all(shown(issue, f)[i] == [text] for (i, f), text in expected.items())
            )
            assert all(editor.tab.locator(".embedai-tab-conflict").count() == 0 for editor in both)
            print(f"{run} runs of 50 steps in two windows: 0 lost, 0 misplaced", flush=True)


RUNS: dict[str, tuple[Callable[[int], None], int]] = {
    "editors": (editors, 1000),
    "kills": (kills, 500),
    "typing": (lambda count: interrupted(count, wired=False), 100),
    "cuts": (lambda count: interrupted(count, wired=True), 100),
    "windows": (windows, 100),
}
"""What can be run, and how often unless the command line says."""

if __name__ == "__main__":
    what, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None
    started = datetime.datetime.now().astimezone()
    run, usual = RUNS[what]
    run(count or usual)
    print(f"took {datetime.datetime.now().astimezone() - started}")
