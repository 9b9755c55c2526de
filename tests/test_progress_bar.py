"""Progress bars: on stderr, in a terminal alone, for what takes longer than two seconds, and gone when it is done."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedai_nb.cli import progress_bar as bars
from embedai_nb.cli.group import fail
from embedai_nb.cli.progress_bar import Bar, progress_bar, tracked
from tests.conftest import PROJECT
from tests.publishing import DAY, issues


class Terminal:
    """A terminal of 24 rows and 80 columns, which is stderr while the block runs."""

    def __init__(self) -> None:
        self.reader, descriptor = pty.openpty()
        termios.tcsetwinsize(descriptor, (24, 80))
        self.stream = os.fdopen(descriptor, "w", encoding="utf-8", buffering=1)

    def __enter__(self) -> None:
        self.before, sys.stderr = sys.stderr, self.stream

    def __exit__(self, *error: object) -> None:
        sys.stderr = self.before

    def close(self) -> None:
        self.stream.close()
        os.close(self.reader)

    def written(self, wait: float = 0) -> str:
        """What was written by now, or is so within the first seconds of waiting."""
        found = b""
        while select.select([self.reader], [], [], 0 if found else wait)[0]:
            found += os.read(self.reader, 65536)
        return found.decode()

    @staticmethod
    def shown(written: str) -> list[str]:
        """The rows that are left, without what was written over and blanks at their ends."""
        rows, row = [""], 0
        for part in re.findall(r"\x1b\[A|\r|\n|[^\x1b\r\n]+", written):
            if part == "\x1b[A":
                row -= 1
            elif part == "\n":
                row += 1
                rows += [""] * (row == len(rows))
            elif part != "\r":
                rows[row] = part + rows[row][len(part) :]
        return [text.rstrip() for text in rows if text.strip()]


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bars are drawn without delay."""
    monkeypatch.setattr(bars, "DELAY", 0)


def test_a_bar_shows_how_much_is_done_and_is_gone_at_the_end(terminal: Terminal) -> None:
    with terminal:
        assert list(tracked("检查", ["a", "b"])) == ["a", "b"]
    written = terminal.written()
    assert re.search(r"检查:  50%\|█+[^|]*\| 1/2 \[00:00<00:00\]", written)
    assert Terminal.shown(written) == []


def test_what_is_quick_shows_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars, "DELAY", 3600)
    with terminal:
        list(tracked("检查", ["a", "b"]))
    assert terminal.written() == ""


def test_where_stderr_is_no_terminal_nothing_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    list(tracked("检查", ["a", "b"]))
    assert capsys.readouterr() == ("", "")


def test_it_is_gone_when_the_work_fails_too(terminal: Terminal) -> None:
    def half() -> None:
        with progress_bar("检查") as show:
            show(1, 2)
            raise ZeroDivisionError

    with terminal, pytest.raises(ZeroDivisionError):
        half()
    written = terminal.written()
    assert "1/2" in written
    assert Terminal.shown(written) == []


def test_an_error_stands_in_a_line_of_its_own_above_the_bar(terminal: Terminal) -> None:
    with terminal, progress_bar("检查") as show:
        show(1, 3)
        fail("a.md: no date", 1)
        show(2, 3)
        during = terminal.written()
    error, bar = Terminal.shown(re.sub(r"\x1b\[\d*m", "", during))
    assert error == "embedai: a.md: no date"
    assert bar.startswith("检查: ")


def test_several_bars_have_a_row_each(terminal: Terminal) -> None:
    shown = [Bar("各期"), Bar("进程 1", 1), Bar("进程 2", 2)]
    with terminal:
        for bar in shown:
            bar.show(1, 4)
        during = terminal.written()
        for bar in reversed(shown):
            bar.close()
    assert [row[:4] for row in Terminal.shown(during)] == ["各期: ", "进程 1", "进程 2"]
    assert Terminal.shown(during + terminal.written()) == []


def test_it_starts_no_thread_and_its_library_is_imported_when_it_is_drawn(terminal: Terminal) -> None:
    code = "import sys; from embedai_nb.cli import run; run(['--version']); sys.exit('tqdm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
    threads = threading.active_count()
    with terminal, progress_bar("检查") as show:
        show(1, 2)
        assert threading.active_count() == threads


AT_ONCE = "from embedai_nb.cli import main, progress_bar; progress_bar.DELAY = 0; main()"


@pytest.mark.processes
@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("reading issues", ["search", "甲"]),
        ("reading issues", ["export"]),
        ("checking", ["check"]),
        ("importing", ["import", "old"]),
        (str(DAY), ["capture", str(DAY), "--offline", "2104.14129"]),
        (str(DAY), ["issue", str(DAY)]),
        ("all issues", ["build"]),
        ("site", ["site"]),
        ("trends", ["trends"]),
    ],
)
def test_what_may_take_long_shows_a_bar_and_leaves_only_its_report(
    label: str, words: list[str], tmp_path: Path
) -> None:
    folder, terminal = issues(tmp_path / "issues"), Terminal()
    (folder / "old").mkdir()
    shutil.copytree(
        PROJECT / "issues" / "archive", folder / "archive", ignore=shutil.ignore_patterns("*.html", "*.json")
    )
    shutil.copy(PROJECT / "issues" / "archive" / "2021-07-18.md", folder / "old")
    surroundings = os.environ | {"PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-c", AT_ONCE, "--issues", str(folder), *words]
    with subprocess.Popen(
        command, cwd=folder, env=surroundings, stdout=subprocess.PIPE, stderr=terminal.stream, text=True
    ) as process:
        written = ""
        while process.poll() is None:
            written += terminal.written(0.05)
        assert process.stdout
        out = process.stdout.read()
    written += terminal.written()
    terminal.close()
    assert process.returncode == 0, written
    assert re.search(rf"{label}: +\d+%\|", written)
    assert "%|" not in out
    assert not [row for row in Terminal.shown(written) if "%|" in row]
