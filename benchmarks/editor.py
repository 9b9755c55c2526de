"""How long an editor waits: for a change to be saved and shown, for the form to be there.

python benchmarks/editor.py
"""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

from benchmarks.watching import tree_cpu  # noqa: E402 - the project is found only now
from embedai_nb.drafts import DraftStore  # noqa: E402 - the project is found only now
from embedai_nb.editor.form import Form  # noqa: E402
from embedai_nb.editor.publication import publication  # noqa: E402
from embedai_nb.editor.session import Session  # noqa: E402
from embedai_nb.i18n import translator  # noqa: E402
from embedai_nb.model import Issue  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Page

EXAMPLE = datetime.date(2021, 7, 18)
EDITS = 60
GOALS = {20: 50, 200: 100}
"""Milliseconds for an edit, by the number of items."""


@contextlib.contextmanager
def folder(items: int) -> Iterator[Path]:
    """An issues folder with one issue of this size, made of the items of the example."""
    cache = PROJECT / "issues" / ".cache"  # the disk that drafts really lie on
    cache.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as name:
        place = Path(name) / "issues"
        place.mkdir()
        shutil.copy(PROJECT / "issues" / "newsletter.yaml", place)
        DraftStore(place).create(EXAMPLE, issue(items))
        yield place


def issue(items: int) -> Issue:
    """The example issue with so many items."""
    example = DraftStore(PROJECT / "issues").load(EXAMPLE).issue
    entries = example.entries
    copies = [
        entries[n % len(entries)].model_copy(
            update={"title": f"{n} {entries[n % len(entries)].title}", "url": f"https://example.com/{n}"}
        )
        for n in range(items)
    ]
    share = -(-items // len(example.sections))
    sections = [
        section.model_copy(update={"items": tuple(copies[n * share : (n + 1) * share])})
        for n, section in enumerate(example.sections)
    ]
    return example.model_copy(update={"sections": tuple(sections)})


def timed(call: Callable[[], object]) -> float:
    """Milliseconds that a call takes."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def edits(items: int) -> None:
    """What the kernel does for one change: it is on disk, and fields, preview and outline are made anew."""
    with folder(items) as place:
        form = Form(Session(place, EXAMPLE))
        rows = [row["key"] for part in form.outline["parts"] for row in part["rows"]]
        key = rows[len(rows) // 2]
        form.perform("select", {"key": key})
        texts = [f"标题改了 {n} 次" for n in range(EDITS + 1)]
        form.perform(
            "write", {"key": key, "field": ["title"], "text": texts[0], "base": form.detail["fields"][0]["text"]}
        )
        found = [
            timed(
                lambda n=n: form.perform(
                    "write", {"key": key, "field": ["title"], "text": texts[n], "base": texts[n - 1]}
                )
            )
            for n in range(1, EDITS + 1)
        ]
        assert texts[-1] in form.preview["html"]
        assert DraftStore(place).load(EXAMPLE).issue == form.session.state.issue
        slow = sorted(found)[int(len(found) * 0.95)]
        print(
            f"an edit, {items} items: {statistics.median(found):.0f} ms (95 %: {slow:.0f} ms; goal {GOALS[items]} ms)"
        )
        print(f"  checks and marks, {items} items, a moment later: {timed(form.check):.0f} ms")
        form.close()


def loading() -> None:
    """What the notebook's cell waits for before it begins: the imports, in a new process."""
    words = [sys.executable, "-c", "import embedai_nb.editor.form"]
    found = [timed(lambda: subprocess.run(words, cwd=PROJECT, check=True)) for _ in range(5)]
    print(f"loading the form's code in a new kernel: {statistics.median(found):.0f} ms")


def publishing() -> None:
    """What pressing the form's button costs, the first time and again; all processes counted."""
    with folder(20) as place:
        known = publication(place, EXAMPLE)
        say = translator("en")
        found = []
        for number in range(PUBLICATIONS):
            path = DraftStore(place).path(EXAMPLE)
            draft = path.read_bytes() + b"# %d\n" % number
            path.write_bytes(draft)  # the form saves before it publishes
            before, begun = tree_cpu(os.getpid()), time.perf_counter()
            known.run(draft, say, lambda: None)
            wall = time.perf_counter() - begun
            assert not known.failure, known.failure
            time.sleep(1)  # it gets ready for the next time
            found.append((tree_cpu(os.getpid()) - before, wall))
        known.end()
    cpu, wall = map(statistics.median, zip(*found[2:], strict=True))
    print(f"publishing from the form: CPU {found[0][0]:.2f} s, wall {found[0][1]:.2f} s")
    print(f"  again: CPU {cpu:.3f} s (goal 0.12), wall {wall:.2f} s (goal 0.3)")


class Start(NamedTuple):
    """Seconds of wall time from `embedai edit` to the form, one after the other; the browser runs already."""

    command: float
    """Until the command has become JupyterLab's server."""
    server: float
    """Until the server answers."""
    page: float
    """Until the page has loaded, and JupyterLab begins the form."""
    form: float
    """Until the form can be used."""


def starting() -> None:
    """From `embedai edit` on an issue of the usual size until the form can be used; and JupyterLab alone, until one button can be."""
    from playwright.sync_api import sync_playwright

    from tests.in_browser.jupyterlab import CHROMIUM

    with folder(20) as place, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        found, alone = [], []
        for _ in range(STARTS):
            found.append(start(place, browser.new_context().new_page()))
            alone.append(start_alone(browser.new_context().new_page()))
    whole, theirs = (statistics.median(map(sum, each)) for each in (found, alone))
    print(f"from `embedai edit` to a usable form: {whole:.1f} s (goal 4)")
    middle = Start(*map(statistics.median, zip(*found, strict=True)))
    print("  " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in middle._asdict().items()))
    server, page = map(statistics.median, zip(*alone, strict=True))
    print(f"from `jupyter lab` to one ipywidgets button: {theirs:.1f} s: server {server:.2f} s, page {page:.2f} s")
    print(f"  so ours is {whole - theirs:.1f} s (goal 1)")


@contextlib.contextmanager
def process(words: list[str], **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command that runs until the end of the block."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(words, cwd=PROJECT, env=os.environ | settings, stdout=quiet, stderr=quiet) as running:
        try:
            yield running
        finally:
            running.terminate()


def start(place: Path, page: Page) -> Start:
    """Run the command, and open the page as soon as its server answers."""
    from tests.in_browser.jupyterlab import listens, said_by

    runtime = place / ".cache" / "jupyter" / "runtime"
    shutil.rmtree(runtime, ignore_errors=True)
    words = [sys.executable, "-m", "embedai_nb", "--issues", str(place), "edit", "--no-browser", str(EXAMPLE)]
    moments = [time.monotonic()]
    with process(words) as running:
        waited(lambda: b"jupyterlab_process" in Path(f"/proc/{running.pid}/cmdline").read_bytes())
        moments.append(time.monotonic())
        waited(lambda: listens(said_by(runtime)))
        moments.append(time.monotonic())
        server = said_by(runtime)
        page.goto(f"{server['url']}doc/workspaces/{EXAMPLE}?token={server['token']}", wait_until="commit")
        page.wait_for_selector(".embedai-status[data-kind=saved]:not(:empty)")
        ready = time.monotonic()
        moments += [ready - page.evaluate(SINCE_BEGUN) / 1000, ready]
    return Start(*(after - before for before, after in pairwise(moments)))


def start_alone(page: Page) -> tuple[float, float]:
    """The same of JupyterLab without this package, in seconds: until its server answers, until a notebook shows a widget."""
    from tests.in_browser.jupyterlab import listens, said_by

    with tempfile.TemporaryDirectory() as scratch:
        runtime = Path(scratch) / "runtime"
        notebook = new_notebook(cells=[new_code_cell(BUTTON)], metadata={"kernelspec": KERNEL})
        nbformat.write(notebook, Path(scratch) / "button.ipynb")
        options = ("--no-browser", "--allow-root", "--ServerApp.port=0", f"--ServerApp.root_dir={scratch}")
        begun = time.monotonic()
        with process([sys.executable, "-m", "jupyter", "lab", *options], JUPYTER_RUNTIME_DIR=str(runtime)):
            waited(lambda: listens(said_by(runtime)))
            answers = time.monotonic()
            server = said_by(runtime)
            page.goto(f"{server['url']}doc/tree/button.ipynb?token={server['token']}", wait_until="commit")
            page.wait_for_selector("text=| Idle")
            page.locator(".jp-CodeCell .cm-content").click()
            page.keyboard.press("Shift+Enter")
            page.wait_for_selector(".jupyter-button")
            return answers - begun, time.monotonic() - answers


def waited(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.005)


def browser(items: int) -> None:
    """From opening the address until the form is there, and a key of it until it is on screen, in a long text too."""
    from playwright.sync_api import sync_playwright

    from tests.in_browser.jupyterlab import CHROMIUM, Editor, serving

    with folder(items) as place, serving(place) as lab, sync_playwright() as started:
        lengthen(place)
        page = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]).new_page()
        editor = Editor(lab, page, str(EXAMPLE)).watch()
        first = timed(editor.open)
        again = statistics.median(timed(editor.open) for _ in range(5))
        print(f"form of {items} items usable, from opening the address: {again:.0f} ms; the first time: {first:.0f} ms")
        for title in ("1 ", TITLE):
            editor.select(title)
            field = editor.field("fields.摘要")
            field.click()
            length = len(field.input_value())
            page.keyboard.press("Control+End")
            page.evaluate(WATCH_KEYS)
            for _ in range(KEYS):
                page.keyboard.press("a")
                page.wait_for_timeout(150)
            took = sorted(page.evaluate("window.embedaiTook"))
            shown = f"{statistics.median(took):.0f} ms (95 %: {took[len(took) * 95 // 100]:.0f})"
            print(f"a key in a summary of {length:,} characters, {items} items: on screen after {shown}, goal 100 ms")


def lengthen(place: Path) -> None:
    """Give the first item a summary that is as long as a book's chapter."""
    store = DraftStore(place)
    draft = store.load(EXAMPLE)
    section = draft.issue.sections[0]
    item = section.entries[0].model_copy(
        update={"title": TITLE, "fields": {"摘要": "卷积里的乘法又慢又费电。\n" * (LONG // 13)}}
    )
    changed = section.model_copy(update={"items": (item, *section.items[1:])})
    store.save(draft, draft.issue.model_copy(update={"warmups": (), "sections": (changed, *draft.issue.sections[1:])}))


TITLE = "很长的一条"
LONG = 310_000
"""Characters of its summary."""
KEYS = 40
STARTS = 5
KERNEL = {"name": "python3", "display_name": "Python 3"}
BUTTON = "import ipywidgets; ipywidgets.Button(description='ready')"
PUBLICATIONS = 12

SINCE_BEGUN = "performance.now() - performance.getEntriesByName('embedai-editor')[0].startTime"
"""Milliseconds since JupyterLab began the form's extension."""

WATCH_KEYS = """() => {
  window.embedaiTook = [];
  document.activeElement.addEventListener('keydown', () => {
    const start = performance.now();
    requestAnimationFrame(() => setTimeout(() => window.embedaiTook.push(performance.now() - start)));
  });
}"""
"""From the event of a key to the end of the frame that shows it."""


if __name__ == "__main__":
    for size in GOALS:
        edits(size)
    loading()
    publishing()
    starting()
    browser(200)
