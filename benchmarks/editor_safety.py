"""Is a text that was said to be saved ever lost?  Two long searches for a case where it is.

    python benchmarks/editor_safety.py editors [RUNS]   two editors on one draft, 50 steps each run
    python benchmarks/editor_safety.py kills [KERNELS]  kernels killed at random moments of editing

Short versions of both are among the tests.
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
from pathlib import Path
from queue import Empty

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from jupyter_client.manager import KernelManager

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

from embedai_nb.drafts import DraftStore  # noqa: E402 - the project is found only now
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
            saves += kill(folder, chance.uniform(0, 0.4))
        finally:
            shutil.rmtree(folder.parent)
        if number % 50 == 0:
            print(f"{number} kernels killed, {saves} saves acknowledged, none lost, no file torn", flush=True)


def kill(folder: Path, delay: float) -> int:
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


if __name__ == "__main__":
    what, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None
    started = datetime.datetime.now().astimezone()
    editors(count or 1000) if what == "editors" else kills(count or 500)
    print(f"took {datetime.datetime.now().astimezone() - started}")
