"""The command in a real shell, whatever its standard streams lead to: what was done is said, and is the exit status."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from .conftest import PROJECT
from .publishing import DAY, issues

pytestmark = pytest.mark.processes

EMBEDAI = shlex.join([sys.executable, "-m", "embedai_nb"])
OUTPUTS = {f"{DAY}.md", f"{DAY}.html", f"{DAY}.wechat.html"}
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")


class Said(NamedTuple):
    status: int
    out: str
    err: str


class Shell:
    """A POSIX shell in a folder with an issues folder in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = os.environ | {"PYTHONPATH": str(PROJECT)}

    def __call__(self, command: str, **streams: int) -> Said:
        """Run a command line; `embedai` stands for the command under test."""
        wanted = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
        done = subprocess.run(
            ["sh", "-c", f'embedai() {{ {EMBEDAI} "$@"; }}\n{command}'],
            cwd=self.folder,
            env=self.environment,
            text=True,
            check=False,
            start_new_session=True,  # no terminal, as in a cron job
            **wanted,  # type: ignore[call-overload]
        )
        return Said(done.returncode, done.stdout or "", done.stderr or "")

    @property
    def published(self) -> set[str]:
        return {path.name for path in (self.folder / "issues" / "archive").glob("*")} - {"revisions.json"}


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    issues(tmp_path / "issues")
    return Shell(tmp_path)


@pytest.fixture
def nobody() -> Iterator[int]:
    """A pipe whose reader has left."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


READING = [f"show {DAY}", f"show {DAY} --format html", "search 卷积", "check", "--help", "--version"]


def test_without_a_terminal_it_says_what_was_done(shell: Shell) -> None:
    said = shell(f"embedai issue {DAY}")
    assert (said.status, said.err) == (0, "")
    assert "published" in said.out
    assert shell.published == OUTPUTS


class TestReaderThatLeft:
    def test_an_issue_is_published_and_that_is_the_status(self, shell: Shell, nobody: int) -> None:
        assert shell(f"embedai issue {DAY}", stdout=nobody) == (0, "", "")
        assert shell.published == OUTPUTS

    @pytest.mark.parametrize("command", READING)
    def test_who_has_seen_enough_need_not_be_told_of_an_error(self, shell: Shell, nobody: int, command: str) -> None:
        assert shell(f"embedai {command}", stdout=nobody) == (0, "", "")

    def test_findings_are_still_the_status(self, shell: Shell, nobody: int) -> None:
        path = shell.folder / "issues" / "drafts" / f"{DAY}.yaml"
        path.write_text(path.read_text("utf-8").replace("url: https:", "url: javascript:"), encoding="utf-8")
        assert shell("embedai check", stdout=nobody).status == 1

    def test_in_a_pipeline(self, shell: Shell) -> None:
        assert shell(f"{{ embedai issue {DAY}; echo $? >status; }} | true").err == ""
        assert (shell.folder / "status").read_text() == "0\n"
        assert shell.published == OUTPUTS


@FULL
class TestFullDevice:
    def test_an_issue_is_published_and_the_report_goes_to_stderr(self, shell: Shell) -> None:
        said = shell(f"embedai issue {DAY} >/dev/full")
        assert said.err.startswith("embedai: stdout: No space left on device; the report goes on here\n")
        assert f"wrote issues/archive/{DAY}.md\n" in said.err
        assert "nothing was changed" not in said.err
        assert said.status == 0
        assert shell.published == OUTPUTS

    @pytest.mark.parametrize("command", READING[:4])
    def test_what_only_prints_has_failed(self, shell: Shell, command: str) -> None:
        said = shell(f"embedai {command} >/dev/full")
        assert said.status == 1
        assert said.err.startswith("embedai: stdout: No space left on device; ")
        assert said.err.count("\n") == 1

    def test_with_stderr_full_too_the_status_is_all_that_can_be_told(self, shell: Shell) -> None:
        assert shell(f"embedai issue {DAY} >/dev/full 2>&1") == (0, "", "")
        assert shell.published == OUTPUTS


class TestClosedStreams:
    @pytest.mark.parametrize("closed", ["2>&-", ">&-", "<&- >&- 2>&-"])
    def test_an_issue_is_published(self, shell: Shell, closed: str) -> None:
        said = shell(f"embedai issue {DAY} {closed}")
        assert (said.status, said.err) == (0, "")
        assert ("published" in said.out) == (closed == "2>&-")
        assert shell.published == OUTPUTS

    @pytest.mark.parametrize("command", READING)
    def test_reading_works_without_stderr(self, shell: Shell, command: str) -> None:
        said = shell(f"embedai {command} 2>&-")
        assert said.status == 0
        assert said.out == shell(f"embedai {command}").out != ""

    def test_the_status_tells_of_an_error_that_cannot_be_said(self, shell: Shell) -> None:
        assert shell("embedai show 1999-01-01 2>&-") == (2, "", "")

    def test_without_stdin_there_is_nothing_to_capture(self, shell: Shell) -> None:
        assert shell(f"embedai capture {DAY} --offline <&-") == (0, "", "")


class TestRemovedWorkingFolder:
    GONE = "mkdir gone; cd gone; rmdir ../gone; "

    @pytest.mark.parametrize("command", [f"show {DAY}", f"--issues ../issues show {DAY}", "build"])
    def test_it_is_named_with_what_to_do(self, shell: Shell, command: str) -> None:
        said = shell(f"unset EMBEDAI_ISSUES; {self.GONE} embedai {command}")
        assert said == (2, "", "embedai: the working folder has been removed; change to a folder that exists: cd DIR\n")

    def test_a_relative_path_cannot_be_meant(self, shell: Shell) -> None:
        said = shell(f"{self.GONE} embedai --issues {shell.folder}/issues site --out site")
        assert said.status == 2
        assert "the working folder has been removed" in said.err

    @pytest.mark.parametrize("command", [f"show {DAY}", f"issue {DAY}", f"issue {DAY} --engine kernel", "build"])
    def test_a_folder_named_by_its_full_path_is_used(self, shell: Shell, command: str) -> None:
        said = shell(f"{self.GONE} embedai --issues {shlex.quote(str(shell.folder / 'issues'))} {command}")
        assert (said.status, said.err) == (0, "")
        assert said.out


class TestVerbose:
    LINE = re.compile(r" *\d+ ms embedai_nb(\.\w+)+: .+")

    def test_what_is_read_is_logged_to_stderr_with_the_time_it_took(self, shell: Shell) -> None:
        quiet, verbose = shell(f"embedai show {DAY}"), shell(f"embedai -v show {DAY}")
        assert (quiet.status, quiet.out, quiet.err) == (verbose.status, verbose.out, "")
        lines = verbose.err.splitlines()
        assert all(map(self.LINE.fullmatch, lines))
        assert any("embedai_nb.drafts.store: read " in line and f"{DAY}.yaml" in line for line in lines)
        assert re.search(r": embedai show took \d+\.\d\d s$", lines[-1])

    def test_twice_it_says_more(self, shell: Shell) -> None:
        shell("embedai check")
        assert "catalogue" not in shell("embedai -v check").err
        assert "embedai_nb.catalogue.database: " in shell("embedai -vv check").err

    @pytest.mark.parametrize("engine", ["fork", "kernel"])
    def test_the_log_gets_into_no_output(self, shell: Shell, engine: str) -> None:
        def files() -> dict[str, bytes]:
            folder = shell.folder / "issues"
            return {
                path.name: path.read_bytes() for name in ("review", "archive") for path in (folder / name).iterdir()
            }

        shell(f"embedai issue {DAY} --engine {engine}")
        before = files()
        assert len(before) == 4
        said = shell(f"embedai -vv issue {DAY} --force --engine {engine}")
        assert f"embedai_nb.publish.execute: {DAY}: executed the notebook (embedai-{engine}) in " in said.err
        assert files() == before

    def test_a_build_says_what_was_skipped(self, shell: Shell) -> None:
        assert f"embedai_nb.cli.building: {DAY}: published\n" in shell("embedai -v build").err
        assert f"embedai_nb.cli.building: {DAY}: skipped, up to date\n" in shell("embedai -v build").err

    def test_a_log_that_nobody_reads_stops_nothing(self, shell: Shell, nobody: int) -> None:
        assert shell(f"embedai -v issue {DAY}", stderr=nobody).status == 0
        assert shell.published == OUTPUTS
