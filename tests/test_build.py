"""All issues that are out of date, and no others, are published by one command."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell

from embedai_nb.cli.building import Built, _tell
from embedai_nb.edition import load
from embedai_nb.publish.all import reasons
from embedai_nb.publish.dependents import unaffected
from embedai_nb.publish.freshness import PublishRecord, survey
from embedai_nb.publish.issue import Options, publish_edition
from embedai_nb.publish.outcome import FindingCounts, Outcome
from embedai_nb.workspace import layout, stamps
from embedai_nb.workspace.locks import publication_lock

from .conftest import PROJECT, one_in
from .publishing import WAIT, Checkout, Shell, begin, embedai, ended, outputs

pytestmark = pytest.mark.processes

FIRST, SECOND, THIRD, LAST = DATES = ["2026-09-01", "2026-09-15", "2026-10-01", "2026-10-15"]
DRAFT = """schema: 1
date: {date}
headline: [{word}]
lead:
warmups: []
sections:
  - name: 业界新闻
    items:
      - title: {word}
        source: 某媒体
        url: https://example.org/{date}
        fields:
          摘要: |
            {word}用了两年，**第一批只做了一百块**。
        hook: {word}
        status: ready
  - name: 博文
    items:
      - title: {other}
        source: 某博客
        url: https://example.org/{link}
        fields:
          摘要: |
            作者写{other}，速度快了三倍。
        hook: {other}
        status: ready
        waived:
          page-before: 有意再登
"""
WORDS = {
    FIRST: ("织布机的声音", "火星车"),
    SECOND: ("海带汤", "算盘"),
    THIRD: ("木星的卫星", "跑步机"),
    LAST: ("灯塔", "琴键"),
}
EXTRA = """from pathlib import Path
extra = Path("extra.py")
exec(extra.read_text() if extra.exists() else "")"""


def draft(folder: Path, date: str, words: tuple[str, str] = ("新的一期", "风筝"), link: str | None = None) -> Path:
    path = folder / layout.draft(date)
    path.write_text(DRAFT.format(date=date, word=words[0], other=words[1], link=link or f"{date}-2"), "utf-8")
    return path


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The notebook of issues has one more cell: what lies in the issues folder as extra.py."""
    made = Checkout(tmp_path_factory.mktemp("checkout"))
    nb = nbformat.read(PROJECT / "notebooks" / "issue.ipynb", as_version=4)
    nb.cells.append(new_code_cell(EXTRA, id="extra"))
    nbformat.write(nb, path := made.folder / "notebooks" / "issue.ipynb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "notebook", lambda: path)  # for what is looked at without a process of its own
        yield made


@pytest.fixture(scope="module")
def shell(checkout: Checkout) -> Iterator[Shell]:
    started = Shell(checkout)
    yield started
    started.close()


@pytest.fixture(scope="module")
def first(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four issues, published; an item of the third was in the first."""
    folder = tmp_path_factory.mktemp("first") / "issues"
    (folder / "drafts").mkdir(parents=True)
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
    for date in DATES:
        draft(folder, date, WORDS[date], f"{FIRST}-2" if date == THIRD else None)
    done = embedai(folder, "build", "--jobs", "2", **checkout.environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "issues: 4, made: 4, up to date: 0, not published: 0, failed: 0\n"
    return folder


@pytest.fixture
def published(first: Path, tmp_path: Path) -> Path:
    """The same, to do something with."""
    return Path(shutil.copytree(first, tmp_path / "issues"))


def times(folder: Path) -> dict[str, int]:
    return {path.stem: path.stat().st_mtime_ns for path in folder.glob("review/????-??-??.ipynb")}


def executed(folder: Path, before: dict[str, int]) -> set[str]:
    return {date for date, changed in times(folder).items() if changed != before.get(date)}


# --- work shared out ------------------------------------------------------------------------------------------

SHARING = """
import json, os, signal, subprocess, sys, threading, time
from embedai_nb.errors import EmbedAIError
from embedai_nb.publish.pool import Done, Failed, Progress, run_tasks

def begin():
    started = os.getpid()
    def work(task, tell):
        tell(1, 2)
        if task == "raise":
            raise ValueError("it raises")
        if task == "tell":
            raise EmbedAIError("it tells", remedy="do this")
        if task == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if task == "exit":
            sys.exit(3)
        if task == "unspeakable":
            return lambda: None
        if task == "stay":
            child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
            tell(child.pid, os.getpid())
            time.sleep(1000)
        return [started, task]
    return work

def shared(tasks, workers=2, begin=begin):
    return [(type(event).__name__, *event) for event in run_tasks(tasks, begin, workers)]
"""


def sharing(code: str) -> Any:
    """What the code displays, run in a process of its own: pytest's may have threads, and not fork."""
    arguments = [sys.executable, "-c", SHARING + "\nprint(json.dumps(" + code + ", default=str))"]
    return json.loads(subprocess.run(arguments, cwd=PROJECT, check=True, capture_output=True, text=True).stdout)


def results(events: list[list[Any]]) -> dict[str, Any]:
    """What came of each task: of those that were done, nothing."""
    return {event[2]: event[3] if event[0] == "Failed" else None for event in events if event[0] != "Progress"}


def test_tasks_begin_in_their_order_and_each_is_done_once() -> None:
    tasks = [str(number) for number in range(7)]
    events = sharing(f"shared({tasks})")
    assert [task for kind, _, task, *said in events if (kind, said) == ("Progress", [0, 0])] == tasks
    assert sorted(task for kind, _, task, *_ in events if kind == "Done") == tasks
    for task in tasks:
        assert [event[3:] for event in events if event[:1] == ["Progress"] and event[2] == task] == [[0, 0], [1, 2]]
    assert {worker for _, worker, *_ in events} == {0, 1}
    assert len({result[0] for kind, _, _, *said in events if kind == "Done" for result in said}) == 2


def test_a_task_that_fails_ends_no_other() -> None:
    died = "its process died; is there enough memory?"
    tasks = ["a", "raise", "b", "die", "tell", "c", "exit", "unspeakable", "d", "e"]
    expected = {"raise": "ValueError: it raises", "tell": "it tells; do this"}
    for workers in (1, 2):
        assert results(sharing(f"shared({tasks}, {workers})")) == {
            **dict.fromkeys("abcde"),
            **expected,
            **dict.fromkeys(("die", "exit", "unspeakable"), died),
        }
    thread = "[threading.Thread(target=time.sleep, args=(2,), daemon=True).start()] and "
    tasks = ["a", "raise", "tell", "b"]
    assert results(sharing(f"{thread} shared({tasks})")) == {**dict.fromkeys("ab"), **expected}


def test_workers_that_cannot_begin() -> None:
    assert results(sharing("shared(['a', 'b', 'c'], begin=lambda: 1 / 0)")) == dict.fromkeys(
        "abc", "ZeroDivisionError: division by zero"
    )
    assert sharing("shared([])") == []


@pytest.mark.parametrize("after", range(1, 7))
def test_who_asks_for_no_more_ends_all_processes_at_once(after: int) -> None:
    """Wherever it stopped: the first events tell that both tasks have begun, the last which processes they started."""
    closing = f"""(
        (shared := run_tasks(["stay", "stay"], begin, 2)),
        (seen := [next(shared) for _ in range({after})]),
        shared.close(),
        [pid for event in seen if event.total > 2 for pid in event[2:]],
        open(f"/proc/self/task/{{os.getpid()}}/children").read(),
        len(os.listdir("/proc/self/fd")),
    )[3:]"""
    started, children, files = sharing(closing)
    assert ended(started, wait=0)
    assert (children, files) == ("", 4)
    assert after < 6 or len(started) == 4


# --- what is made ---------------------------------------------------------------------------------------------


def test_nothing_is_done_or_loaded_where_nothing_is_to_be_done(first: Path, checkout: Checkout) -> None:
    before = times(first)
    code = "import sys; from embedai_nb.cli import run; run(sys.argv[1:]); print(sorted(sys.modules))"
    arguments = [sys.executable, "-c", code, "--issues", str(first), "build"]
    surroundings = os.environ | checkout.environment
    told = subprocess.run(arguments, env=surroundings, cwd=first, check=True, capture_output=True, text=True).stdout
    assert told.startswith("issues: 4, made: 0, up to date: 4, not published: 0, failed: 0\n")
    for module in ("papermill", "nbconvert", "nbformat", "pandas", "pydantic", "yaml", "jinja2", "asyncio", "sqlite3"):
        assert f"'{module}'" not in told
    assert times(first) == before


def test_one_job_or_two_and_once_more_give_the_same_bytes(first: Path, published: Path, shell: Shell) -> None:
    before = times(published)
    done = shell.run(published, "build", "--force", "--jobs", "1")
    assert done == (0, "issues: 4, made: 4, up to date: 0, not published: 0, failed: 0\n", "")
    assert executed(published, before) == set(DATES)
    assert outputs(published) == outputs(first)


def test_issues_that_were_published_one_by_one_are_up_to_date(first: Path, tmp_path: Path, shell: Shell) -> None:
    folder = tmp_path / "issues"
    shutil.copytree(first / "drafts", folder / "drafts")
    shutil.copy(first / "newsletter.yaml", folder)
    for date in DATES:
        assert shell.run(folder, "issue", date).status == 0
    assert outputs(folder) == outputs(first)
    assert shell.run(folder, "build").out == "issues: 4, made: 0, up to date: 4, not published: 0, failed: 0\n"


class Change(NamedTuple):
    """What is done to the folder, and for each issue that has to be made again, why."""

    do: Callable[[Path], object]
    why: dict[str, list[str]]


def everywhere(*said: str) -> dict[str, list[str]]:
    return {date: list(said) for date in DATES}


CLOSING, REPEATS, SIZES = (
    f"the issue {{}}, {shown}, has changed, come or gone"
    for shown in ("in its closing", "of which it repeats something", "that it is compared with")
)
NEW = "2026-09-20"
CHANGES = {
    "nothing, but the folder was copied": Change(lambda folder: None, {}),
    "its draft": Change(
        lambda folder: replace(folder / layout.draft(LAST), "三倍", "四倍"), {LAST: [f"drafts/{LAST}.yaml has changed"]}
    ),
    "what no later issue shows of an earlier one": Change(
        lambda folder: replace(folder / layout.draft(SECOND), "三倍", "四倍"),
        {SECOND: [f"drafts/{SECOND}.yaml has changed"]},
    ),
    "the title of an item that a later one repeats": Change(
        lambda folder: replace(folder / layout.draft(FIRST), "title: 火星车", "title: 火星车的轮子"),
        {FIRST: [f"drafts/{FIRST}.yaml has changed"]},
    ),
    "an item comes to repeat an earlier one": Change(
        lambda folder: replace(folder / layout.draft(SECOND), f"{SECOND}-2", "2026-09-01-2"),
        {SECOND: [f"drafts/{SECOND}.yaml has changed", REPEATS.format(FIRST)]},
    ),
    "an issue between others": Change(
        lambda folder: draft(folder, NEW),
        {NEW: ["it was never published here"], **{d: [CLOSING.format(NEW), SIZES.format(NEW)] for d in (THIRD, LAST)}},
    ),
    "a later issue": Change(
        lambda folder: draft(folder, "2026-11-01"), {"2026-11-01": ["it was never published here"]}
    ),
    "an earlier issue gone": Change(
        lambda folder: [(folder / name(SECOND)).unlink() for name in (layout.draft, layout.markdown)],
        {d: [CLOSING.format(SECOND), SIZES.format(SECOND)] for d in (THIRD, LAST)},
    ),
    "the newsletter": Change(
        lambda folder: replace(folder / "newsletter.yaml", "模型压缩", "模型剪枝"),
        everywhere("newsletter.yaml has changed"),
    ),
    "a comment in the newsletter": Change(
        lambda folder: replace(folder / "newsletter.yaml", "\nname:", "\n# a comment\n\nname:"), {}
    ),
    "what no issue is made of": Change(
        lambda folder: replace(
            folder / "newsletter.yaml",
            "\nname:",
            "\nsite_url: https://example.org/\nemail: {sender: news@example.org}\ncell_memory: 3\nname:",
        ),
        {},
    ),
    "a page changed": Change(
        lambda folder: (folder / layout.page(SECOND)).write_text("mine"),
        {SECOND: [f"archive/{SECOND}.html has been changed or removed"]},
    ),
    "a text lost": Change(
        lambda folder: (folder / layout.markdown(SECOND)).unlink(),
        {SECOND: [f"archive/{SECOND}.md has been changed or removed"]},
    ),
    "a stamp lost": Change(
        lambda folder: (folder / layout.stamp(THIRD)).unlink(), {THIRD: ["it was never published here"]}
    ),
    "a stamp broken": Change(
        lambda folder: (folder / layout.stamp(THIRD)).write_text("{"), {THIRD: ["it was never published here"]}
    ),
    "a run that failed": Change(
        lambda folder: (folder / layout.failed(THIRD)).write_text("{}"),
        {THIRD: [f"the last run failed, see review/{THIRD}.failed.ipynb"]},
    ),
    "a file that is no draft": Change(lambda folder: (folder / "drafts" / f"{LAST}.yaml~").write_text("x"), {}),
    "a link that leads nowhere": Change(lambda folder: (folder / "drafts" / f"{LAST}.lock").symlink_to("gone"), {}),
    "the catalogue lost": Change(lambda folder: [path.unlink() for path in folder.glob(".cache/*.sqlite*")], {}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_has_to_be_made_again_and_why(name: str, published: Path, shell: Shell) -> None:
    do, why = CHANGES[name]
    do(published)
    dates = sorted(path.stem for path in published.glob("drafts/????-??-??.yaml"))
    assert {date: found for date in dates if (found := reasons(published, date))} == why
    before = times(published)
    done = shell.run(published, "build", "--jobs", "2")
    assert (done.status, done.err) == (0, "")
    assert executed(published, before) == set(why)
    assert f"made: {len(why)}, up to date: {len(dates) - len(why)}" in done.out
    assert not survey(published).stale


def test_what_changed_is_explained(published: Path, shell: Shell) -> None:
    replace(published / layout.draft(LAST), "三倍", "四倍")
    (published / layout.page(LAST)).unlink()
    said = f"{LAST}: drafts/{LAST}.yaml has changed\n{LAST}: archive/{LAST}.html has been changed or removed\n"
    assert shell.run(published, "build", "--explain", LAST) == (0, said, "")
    assert shell.run(published, "build", "--explain", FIRST) == (0, f"{FIRST} is up to date\n", "")
    assert shell.run(published, "build", "--explain", "2026-12-31").status == 2
    assert shell.run(published, "build", "--explain", "today").status == 2


# --- what a notebook says of other issues ---------------------------------------------------------------------

ITEM = """  - name: 新添的一栏
    items:
      - title: 后来补上的
        source: 某媒体
        url: https://example.org/added
        fields:
          摘要: |
            补上一条。
        hook: 补上
"""


def without_cache(folder: Path, copy: Path) -> Path:
    """What a colleague has: all that git holds."""
    return Path(shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(layout.CACHE)))


def test_an_item_more_in_an_old_issue_changes_no_notebook_of_another(
    published: Path, first: Path, tmp_path: Path, shell: Shell
) -> None:
    """Neither of those that repeat something of it, nor of those compared with it in size; on no machine."""
    with (published / layout.draft(FIRST)).open("a", encoding="utf-8") as file:
        file.write(ITEM)
    replace(published / layout.draft(FIRST), "title: 火星车", "title: 火星车的轮子")
    assert shell.run(published, "build").status == 0
    changed = {name for name, content in outputs(published).items() if content != outputs(first)[name]}
    assert changed == {name(FIRST) for name in (layout.review, layout.markdown, layout.page, layout.wechat)}
    colleague = without_cache(published, tmp_path / "colleague")
    assert shell.run(colleague, "build").out.startswith("issues: 4, made: 4")
    assert outputs(colleague) == outputs(published)
    assert "火星车的轮子" not in (colleague / layout.review(THIRD)).read_text("utf-8")


def test_an_issue_that_is_edited_or_whose_notebook_is_removed_says_what_is_known_now(
    published: Path, shell: Shell
) -> None:
    replace(published / layout.draft(FIRST), "title: 火星车", "title: 火星车的轮子")
    (published / layout.review(THIRD)).unlink()
    assert shell.run(published, "build").status == 0
    assert "火星车的轮子" in (published / layout.review(THIRD)).read_text("utf-8")
    replace(published / layout.draft(FIRST), "title: 火星车的轮子", "title: 火星车的天线")
    replace(published / layout.draft(THIRD), "三倍", "四倍")
    assert shell.run(published, "build").status == 0
    assert "火星车的天线" in (published / layout.review(THIRD)).read_text("utf-8")


def test_an_issue_that_another_kept_from_being_published_is_made_again(published: Path, shell: Shell) -> None:
    repeated = draft(published, "2026-11-01", link=f"{FIRST}-2")
    replace(repeated, "        waived:\n          page-before: 有意再登\n", "")
    assert "not published: 1" in shell.run(published, "build").out
    replace(published / layout.draft(THIRD), f"{FIRST}-2", "elsewhere")
    replace(published / layout.draft(FIRST), f"{FIRST}-2", "nowhere")
    assert reasons(published, "2026-11-01") == [
        f"the issue {date}, of which it repeats something, has changed, come or gone" for date in (FIRST, THIRD)
    ]
    assert "made: 3, up to date: 2, not published: 0" in shell.run(published, "build").out


def test_what_became_of_links_is_said_where_it_was_not_looked_up(published: Path, tmp_path: Path, shell: Shell) -> None:
    links = {f"https://example.org/{FIRST}": ["dead", "404", "2026-10-20"]}
    (published / layout.LINKS).write_text(json.dumps(links), encoding="utf-8")
    assert shell.run(published, "build").status == 0
    colleague = without_cache(published, tmp_path / "colleague")
    assert shell.run(colleague, "build").status == 0
    assert outputs(colleague) == outputs(published)


@pytest.mark.parametrize("every", [False, True])
def test_of_many_that_are_not_published_the_newest_ten_are_named(
    every: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    dates = [f"2031-05-{day:02}" for day in range(1, 13)]
    outcomes = [Outcome(date, FindingCounts(1, 0, 0), up_to_date=True) for date in dates]
    assert _tell(Built(outcomes), lenient=False, every=every) == 1
    *older, counts = capsys.readouterr().out.splitlines()
    assert counts == "issues: 12, made: 0, up to date: 12, not published: 12, failed: 0"
    left = [] if every else ["2 older issues are not published; embedai build --all names them"]
    named = [f"{date}: not published, errors: 1; see embedai check {date}" for date in dates[0 if every else 2 :]]
    assert older == left + named


# --- some fail ------------------------------------------------------------------------------------------------


def test_what_fails_keeps_no_other_from_being_published(first: Path, published: Path, shell: Shell) -> None:
    """One can't be read, one isn't finished, one has a cell that fails, one a cell that crashes; another is fine."""
    before = outputs(published)
    (published / layout.draft(FIRST)).write_text("schema: 1\ndate: [", "utf-8")
    replace(published / layout.draft(SECOND), f"url: https://example.org/{SECOND}\n", "url: ''\n")
    (published / "extra.py").write_text(f"if DATE == {THIRD!r}: 1 / 0\nif DATE == {LAST!r}: import os; os._exit(0)")
    draft(published, "2026-11-01")
    done = shell.run(published, "build", "--jobs", "2", "--force")
    assert done.status == 1
    unfinished, broken, failing, crashing, counts = done.out.splitlines()
    assert unfinished == f"{SECOND}: not published, errors: 1; see embedai check {SECOND}"
    assert broken.startswith(f"{FIRST}: failed: {published / layout.draft(FIRST)}:")
    at = f"failed: {published / 'review'}"
    assert failing.startswith(f"{THIRD}: {at}/{THIRD}.failed.ipynb: cell `extra` failed: ZeroDivisionError: division")
    assert crashing.startswith(f"{LAST}: {at}/{LAST}.failed.ipynb: cell `extra` failed: DeadKernelError: Kernel died;")
    assert counts == "issues: 5, made: 2, up to date: 0, not published: 1, failed: 3"
    after = outputs(published)
    assert layout.page("2026-11-01") in after
    changed = {name for name in before if after[name] != before[name]}
    assert changed == {layout.review(SECOND)}
    assert done.out == shell.run(published, "build", "--jobs", "2").out.replace(
        "made: 0, up to date: 2", "made: 2, up to date: 0"
    )


def test_an_issue_that_somebody_else_publishes_is_left_to_them(published: Path, shell: Shell) -> None:
    replace(published / layout.draft(SECOND), "三倍", "四倍")
    with publication_lock(published, SECOND):
        done = shell.run(published, "build", "--timeout", "1")
    assert done.status == 1
    assert (
        f"{SECOND}: failed: {published / '.cache' / 'locks' / SECOND}.lock: issue {SECOND} is being published"
        in done.out
    )


def test_an_issue_that_another_build_has_just_published_has_not_failed(published: Path, shell: Shell) -> None:
    replace(published / layout.draft(SECOND), "三倍", "五倍")
    stale = survey(published).states[SECOND]
    assert shell.run(published, "build").status == 0
    before = (published / layout.stamp(SECOND)).stat()
    outcome = publish_edition(load(SECOND, published), stale, Options())
    assert (outcome.by_another, outcome.up_to_date, outcome.published) == (True, True, True)
    assert (published / layout.stamp(SECOND)).stat() == before


# --- watched --------------------------------------------------------------------------------------------------


def test_what_is_saved_is_published_again_and_again_with_the_bytes_of_a_build(
    published: Path, checkout: Checkout, shell: Shell, tmp_path: Path
) -> None:
    surroundings = checkout.environment | {"PYTHONUNBUFFERED": "1", "LC_ALL": "C"}
    other = Path(shutil.copytree(published, tmp_path / "other" / "issues"))
    with begin(published, "build", "--watch", **surroundings) as process:
        assert process.stdout is not None
        try:
            assert next(line for line in process.stdout if line.startswith("watching"))
            for number in "四五六":
                for folder in (published, other):
                    path = folder / layout.draft(LAST)
                    path.write_text(re.sub("快了.倍", f"快了{number}倍", path.read_text("utf-8")), "utf-8")
                said = next(line for line in process.stdout if line.startswith(LAST))
                assert said.startswith(f"{LAST}: published")
                assert shell.run(other, "build").out.startswith("issues: 4, made: 1, up to date: 3")
                assert outputs(published) == outputs(other)
        finally:
            process.send_signal(signal.SIGINT)
    assert process.returncode == 0


# --- interrupted ----------------------------------------------------------------------------------------------

STUCK = f"""
if DATE in {[THIRD, LAST]}:
    import os, subprocess, time
    child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    Path(f"new-{{DATE}}").write_text(f"{{child.pid}} {{os.getpid()}} {{os.getppid()}}")
    Path(f"new-{{DATE}}").rename(f"started-{{DATE}}")
    time.sleep(1000)
"""


def wait_for_both(folder: Path, read: Callable[[], object] = lambda: None) -> list[int]:
    """The processes of both issues that never end, as soon as they have begun."""
    deadline, files = time.monotonic() + WAIT, [folder / f"started-{date}" for date in (THIRD, LAST)]
    while not all(file.exists() for file in files):
        assert time.monotonic() < deadline
        read()
        time.sleep(0.01)
    return [int(number) for file in files for number in file.read_text("utf-8").split()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_build_that_is_ended_leaves_what_is_finished(
    number: signal.Signals, first: Path, published: Path, checkout: Checkout, shell: Shell
) -> None:
    (published / "extra.py").write_text(STUCK)
    before = times(published)
    with begin(published, "build", "--jobs", "2", "--force", **checkout.environment) as process:
        started = wait_for_both(published)
        process.send_signal(number)
        _, said = process.communicate()
    assert ended(started)
    assert executed(published, before) == {FIRST, SECOND}
    assert outputs(published) == outputs(first)
    assert checkout.left == []
    if number == signal.SIGINT:
        assert (process.returncode, said.strip()) == (
            1,
            "embedai: interrupted; what is finished stays, 2 issues are left",
        )
        assert not list(published.glob(".cache/staged/*")) + list(published.glob(".cache/journal/*"))
    (published / "extra.py").unlink()
    replace(published / layout.draft(LAST), "三倍", "四倍")
    assert shell.run(published, "build") == (
        0,
        "issues: 4, made: 1, up to date: 3, not published: 0, failed: 0\n",
        "",
    )
    assert not list(published.glob(".cache/staged/*")) + list(published.glob(".cache/journal/*"))


BARS_AT_ONCE = "from embedai_nb.cli import main, progress_bar; progress_bar.DELAY = 0; main()"
"""`embedai`, which otherwise draws bars after two seconds."""


def test_bars_in_a_terminal_and_control_c(published: Path, checkout: Checkout) -> None:
    """The terminal sends the signal to all processes that it knows of."""
    (published / "extra.py").write_text(STUCK)
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(published)
        termios.tcsetwinsize(0, (24, 100))
        words = [sys.executable, "-c", BARS_AT_ONCE, "--issues", str(published), "build", "--jobs", "2", "--force"]
        os.execve(sys.executable, words, os.environ | checkout.environment)
    said = bytearray()

    def read() -> None:
        while select.select([terminal], [], [], 0)[0]:
            try:
                said.extend(os.read(terminal, 65536))
            except OSError:  # its other end is closed
                return

    started = wait_for_both(published, read)
    os.write(terminal, b"\x03")
    deadline = time.monotonic() + WAIT
    while not (status := os.waitpid(pid, os.WNOHANG))[0]:
        assert time.monotonic() < deadline
        read()
        time.sleep(0.01)
    read_rest(terminal, said)
    assert os.waitstatus_to_exitcode(status[1]) == 1
    assert ended(started)
    text = said.decode()
    assert re.search(r"all issues:  50%\|.*\| 2/4 ", text)
    assert {*re.findall(r"worker \d: ([-\d]+)", text)} == set(DATES)
    assert {*re.findall(r"worker (\d):", text)} == {"1", "2"}
    assert text.count("embedai: interrupted; what is finished stays, 2 issues are left") == 1
    assert "Traceback" not in text


def read_rest(terminal: int, said: bytearray) -> None:
    try:
        while select.select([terminal], [], [], 0.1)[0] and (data := os.read(terminal, 65536)):
            said.extend(data)
    except OSError:  # its other end is closed
        pass
    os.close(terminal)


# --- the survey -----------------------------------------------------------------------------------------------


def known(folder: Path) -> set[str]:
    """The issues that need not be looked at again while their files are as they are."""
    issues = json.loads((folder / ".cache" / "survey.json").read_bytes())["issues"]
    return {date for date, (signature, *_) in issues.items() if signature}


def test_files_that_changed_just_now_are_not_trusted(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "SETTLING_NS", 0)
    assert not survey(published).stale
    assert known(published) == set(DATES)
    monkeypatch.undo()
    (published / layout.draft(SECOND)).touch()
    assert not survey(published).stale
    assert SECOND not in known(published)


def test_a_file_is_not_trusted_because_the_survey_took_long(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "SETTLING_NS", 0)
    assert not survey(published).stale
    monkeypatch.undo()
    replace(published / layout.draft(FIRST), "三倍", "四倍")

    def after_a_while(asked: object, dates: object) -> set[str]:
        monkeypatch.setattr(stamps, "SETTLING_NS", 0)
        return set()

    survey(published, unaffected=after_a_while)
    assert FIRST not in known(published)


def test_what_is_known_of_a_folder_may_be_lost_or_nonsense(published: Path) -> None:
    for nonsense in (b"", b"{}", b"[]", b'{"version": 1, "tools": 3, "issues": {"2026-09-01": [1]}}', b"\xff"):
        (published / ".cache" / "survey.json").write_bytes(nonsense)
        assert not survey(published).stale


def test_an_image_makes_the_issues_out_of_date_that_show_it(published: Path, shell: Shell) -> None:
    """Also where its stamp alone tells; a copy of it lies beside the pages."""
    image = published / "images" / "board.png"
    image.parent.mkdir()
    image.write_bytes(b"old")
    replace(published / layout.draft(SECOND), "三倍", "三倍\n            ![板子](images/board.png)")
    assert shell.run(published, "build").status == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stamps, "SETTLING_NS", 0)
        assert not survey(published).stale
        image.write_bytes(b"new")
        assert [state.date for state in survey(published).stale] == [SECOND]
    assert reasons(published, SECOND) == ["images/board.png has been changed or removed"]
    assert "made: 1, up to date: 3" in shell.run(published, "build").out
    assert (published / "archive" / "images" / "board.png").read_bytes() == b"new"
    assert not survey(published).stale


# --- any edits ------------------------------------------------------------------------------------------------

EDITS = st.lists(
    st.tuples(
        st.sampled_from(["edit", "restore", "remove", "damage", "lose", "stamp", "fail", "newsletter"]),
        st.sampled_from([*DATES, "2026-09-20"]),
    ),
    max_size=6,
)


def apply(folder: Path, original: Path, kind: str, date: str) -> None:
    """Do one edit, where it can be done."""
    if kind == "edit":
        draft(folder, date, ("另一个", "词"))
    elif kind == "newsletter":
        with (folder / "newsletter.yaml").open("a") as file:
            file.write("\n")
    elif kind == "restore":
        for name in (layout.draft(date), layout.markdown(date), layout.page(date), layout.review(date)):
            if (original / name).exists():
                shutil.copy(original / name, folder / name)
    elif kind == "fail":
        (folder / layout.failed(date)).write_text("{}")
    else:
        kinds = {"remove": layout.draft, "damage": layout.page, "lose": layout.markdown, "stamp": layout.stamp}
        path = folder / kinds[kind](date)
        if path.exists():
            path.write_text("damaged") if kind == "damage" else path.unlink()


@given(rounds=st.lists(EDITS, min_size=1, max_size=3))
@one_in(3)
def test_the_survey_finds_what_reading_all_files_finds(rounds: list[Any], first: Path) -> None:
    """Whatever it remembers, and even if it trusts files at once."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(stamps, "SETTLING_NS", 0)
        folder = Path(shutil.copytree(first, Path(name) / "issues"))
        for edits in rounds:
            for kind, date in edits:
                apply(folder, first, kind, date)
            remembered = survey(folder)
            (folder / ".cache" / "survey.json").unlink()
            assert remembered == survey(folder)


@given(edits=EDITS)
@one_in(10)
def test_after_a_build_nothing_is_out_of_date(edits: Any, first: Path, shell: Shell) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(shutil.copytree(first, Path(name) / "issues"))
        for kind, date in edits:
            apply(folder, first, kind, date)
        assert shell.run(folder, "build", "--jobs", "2").status == 0
        assert not survey(folder).stale
        assert not any((folder / layout.failed(path.stem)).exists() for path in folder.glob("drafts/*.yaml"))


# --- what issues show of each other ---------------------------------------------------------------------------

TITLES = ("一种风筝", "一种风筝线", "另一种灯塔", "NPU 跑分", "NPU 跑分 2")
COMPANIES = ("某公司", "别的公司")
RELATED = [f"2026-{month:02}-01" for month in range(1, 9)]
CONTENT = st.tuples(st.sampled_from(TITLES), st.integers(0, 3), st.sampled_from(COMPANIES), st.booleans())


def related_draft(folder: Path, date: str, title: str, page: int, company: str, is_whole: bool) -> None:
    """A draft that may repeat what others have; one that is not whole has an error, and isn't published."""
    path = draft(folder, date, (f"织布机{date}", title), f"page-{page}")
    replace(path, "warmups: []", f"warmups:\n  - {{company: {company}, text: '{date}'}}")
    if not is_whole:
        replace(path, f"    url: https://example.org/{date}", "    url: ''")


@pytest.fixture(scope="module")
def related(first: Path, tmp_path_factory: pytest.TempPathFactory, shell: Shell) -> Path:
    """Published issues that have pages, titles and companies in common."""
    folder = Path(shutil.copytree(first, tmp_path_factory.mktemp("related") / "issues"))
    for date in DATES:
        (folder / layout.draft(date)).unlink()
        (folder / layout.markdown(date)).unlink()
    for number, date in enumerate(RELATED):
        related_draft(folder, date, TITLES[number % 5], number % 4, COMPANIES[number % 2], number % 3 != 1)
    assert "made: 8" in shell.run(folder, "build").out
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stamps, "SETTLING_NS", 0)
        survey(folder)
    return folder


@given(
    edits=st.lists(
        st.dictionaries(st.sampled_from([*RELATED, "2026-04-15"]), CONTENT | st.none(), max_size=2), max_size=3
    )
)
@one_in(3)
def test_what_is_up_to_date_shows_of_others_what_it_would_show_now(edits: Any, related: Path) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(stamps, "SETTLING_NS", 0)
        folder = Path(shutil.copytree(related, Path(name) / "issues"))
        for changes in edits:
            for date, content in changes.items():
                if content:
                    related_draft(folder, date, *content)
                else:
                    (folder / layout.draft(date)).unlink(missing_ok=True)
            found = survey(folder, unaffected=partial(unaffected, folder))
            for date, state in found.states.items():
                record = PublishRecord.read(folder, date)
                if state.outcome and record:
                    assert load(date, folder).as_published().shown == record.shown, date


def test_a_corrected_title_concerns_only_who_repeats_it(
    related: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(related, tmp_path / "issues"))
    monkeypatch.setattr(stamps, "SETTLING_NS", 0)
    assert not survey(folder).stale
    replace(folder / layout.draft(RELATED[1]), f"title: 织布机{RELATED[1]}", f"title: 织布机之歌{RELATED[1]}")
    found = survey(folder, unaffected=partial(unaffected, folder))
    same_company, same_page, similar_title = RELATED[3], RELATED[5], RELATED[6]
    assert {state.date for state in found.stale} == {RELATED[1], same_company, same_page, similar_title}


# --- checked links --------------------------------------------------------------------------------------------


def test_a_checked_link_makes_its_issue_out_of_date_and_no_other(published: Path, shell: Shell) -> None:
    links = {f"https://example.org/{FIRST}": ["dead", "404", "2026-10-20"]}
    (published / layout.LINKS).write_text(json.dumps(links), encoding="utf-8")
    assert reasons(published, FIRST) == [f"the link https://example.org/{FIRST} has been checked"]
    assert "made: 1, up to date: 3" in shell.run(published, "build").out
    assert "打不开：404（2026-10-20 查过）" in (published / layout.review(FIRST)).read_text("utf-8")
