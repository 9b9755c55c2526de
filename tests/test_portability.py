"""Systems other than Linux: the commands do without what those lack, and line ends change no output."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from embedai_nb.cli import run
from embedai_nb.workspace import operating_system
from embedai_nb.workspace.operating_system import replace_process, sync_folder

from .conftest import DATA, PROJECT
from .publishing import DAY, begin, issues, outputs

ELSEWHERE = {
    "PYTHONPATH": os.pathsep.join([str(DATA / "portability"), str(PROJECT)]),
    "PYTHONWARNINGS": "ignore:only soft file lock",  # on Windows filelock has a lock of the system
}
"""Has Python hide fcntl, fork, pidfds, signal masks and /proc, in all processes (data/portability/sitecustomize.py)."""


COMMANDS = """
import contextlib, io, json, sys
from embedai_nb.cli import run
for words in json.loads(sys.argv[2]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run(["--issues", sys.argv[1], *words])
    print(json.dumps([status, out.getvalue(), err.getvalue()]))
"""


def python(code: str, *arguments: object) -> str:
    """What a process prints from which all of this is hidden."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, env=os.environ | ELSEWHERE, check=True, capture_output=True, text=True).stdout


def elsewhere(folder: Path, *commands: Sequence[str]) -> list[str]:
    """What commands print there, one after the other; none has a reason to complain."""
    said = [json.loads(line) for line in python(COMMANDS, folder, json.dumps(commands)).splitlines()]
    assert [(status, err) for status, _, err in said] == [(0, "")] * len(commands)
    return [out for _, out, _ in said]


def here(folder: Path, *words: str, capsys: pytest.CaptureFixture[str], status: int = 0) -> str:
    """What a command prints in this process."""
    assert run(["--issues", str(folder), *words]) == status
    out, err = capsys.readouterr()
    assert not err
    return out


def embedai(folder: Path, *words: str, **environment: str) -> str:
    """What a command prints in a process of its own, which may start others."""
    with begin(folder, *words, **environment) as process:
        out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    return out


class TestWithoutPosix:
    def test_all_of_it_is_hidden(self) -> None:
        code = """
import os, pathlib, signal, sys
assert not {"fork", "fchmod", "pidfd_open", "O_DIRECTORY"} & set(dir(os)) and not hasattr(signal, "pthread_sigmask")
assert not pathlib.Path("/proc/self").exists() and not os.path.exists("/proc/self/fd")
try:
    import fcntl
except ImportError:
    print("hidden")
"""
        assert python(code) == "hidden\n"

    def test_every_module_can_be_imported(self) -> None:
        code = """
import importlib, pkgutil, embedai_nb
for module in pkgutil.walk_packages(embedai_nb.__path__, "embedai_nb."):
    if not module.name.endswith(("__main__", ".cluster_worker")):  # a Dask worker alone imports that
        importlib.import_module(module.name)
print("imported")
"""
        assert python(code) == "imported\n"

    def test_a_draft_is_begun_checked_shown_and_moved(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        folder = issues(tmp_path / "issues")
        shown = [("show", str(DAY), "--format", form) for form in ("markdown", "html", "wechat", "json")]
        reading = [("check", str(DAY), "--format", "json"), *shown]
        begun, *read, moved = elsewhere(folder, ("new", "2031-05-04"), *reading, ("reschedule", str(DAY), "2026-11-29"))
        assert "2031-05-04.yaml is ready to be edited" in begun
        assert "2026-11-29.yaml; publish it" in moved
        assert {path.name for path in (folder / "drafts").iterdir()} == {"2026-11-29.yaml", "2031-05-04.yaml"}
        same = issues(tmp_path / "here" / "issues")
        here(same, "new", "2031-05-04", capsys=capsys)
        assert read == [here(same, *words, capsys=capsys) for words in reading]

    def test_the_editor_is_about_to_start(self, tmp_path: Path) -> None:
        folder = issues(tmp_path / "issues")
        said, launched = embedai(folder, "edit", "2031-05-04", **ELSEWHERE).splitlines()
        assert said.startswith("editing 2031-05-04")
        launch = json.loads(launched)
        assert launch["command"][:3] == [sys.executable, "-m", "embedai_nb.editor.jupyterlab_process"]
        assert launch["issues"] == str(folder)
        assert (folder / "drafts" / "2031-05-04.yaml").exists()

    def test_the_form_saves(self, tmp_path: Path) -> None:
        folder = issues(tmp_path / "issues")
        code = f"""
import datetime, sys
from pathlib import Path
from embedai_nb.editor import form
from embedai_nb.editor.session import Session
session = Session(Path(sys.argv[1]), datetime.date({DAY.year}, {DAY.month}, {DAY.day}))
session.do("write", key="head", field=["lead"], text="typed", base=session.state.issue.lead or "")
print(session.trouble, session.unsaved)
"""
        assert python(code, folder) == "None False\n"

    @pytest.mark.processes
    def test_an_issue_is_published_with_the_same_bytes(self, tmp_path: Path) -> None:
        near, there = issues(tmp_path / "here" / "issues"), issues(tmp_path / "there" / "issues")
        embedai(near, "issue", str(DAY))
        embedai(there, "issue", str(DAY), **ELSEWHERE)
        assert outputs(there) == outputs(near) != {}
        assert "up to date: 1" in embedai(there, "build", "--jobs", "2", **ELSEWHERE)

    @pytest.mark.processes
    def test_all_issues_are_built(self, tmp_path: Path) -> None:
        folder = issues(tmp_path / "issues")
        assert "made: 1" in embedai(folder, "build", "--jobs", "2", **ELSEWHERE)


class TestOperatingSystem:
    def test_where_a_folder_cannot_be_opened_it_is_not_synced(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(os, "O_DIRECTORY")
        monkeypatch.setattr(os, "open", None)
        sync_folder(tmp_path)

    def test_where_a_process_cannot_be_replaced_it_waits_for_the_other(self, monkeypatch: pytest.MonkeyPatch) -> None:
        code = "import os, sys; sys.exit(int(os.environ['STATUS']))"
        monkeypatch.setattr(operating_system, "os", type("Windows", (), {"name": "nt"}))
        assert replace_process([sys.executable, "-c", code], {"STATUS": "7"}) == 7


# --- line ends ------------------------------------------------------------------------------------------------

FORMATS = ("markdown", "html", "wechat", "email", "json")


def checked_out(folder: Path, *, line_end: bytes) -> Path:
    """The sample issues as git gives them, on Windows with ``core.autocrlf``."""
    (folder / "drafts").mkdir(parents=True)
    (folder / "archive").mkdir()
    names = ["newsletter.yaml", *(f"drafts/{day}.yaml" for day in DAYS), "archive/2021-07-18.md"]
    for name in names:
        text = (PROJECT / "issues" / name).read_bytes()
        assert b"\r" not in text
        (folder / name).write_bytes(text.replace(b"\n", line_end))
    return folder


DAYS = ("2021-07-18", "2021-08-05")


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """The same issues with each kind of line ends."""
    return (
        checked_out(tmp_path / "lf" / "issues", line_end=b"\n"),
        checked_out(tmp_path / "crlf" / "issues", line_end=b"\r\n"),
    )


class TestLineEnds:
    @pytest.mark.parametrize("day", DAYS)
    def test_a_draft_says_the_same(
        self, folders: tuple[Path, Path], day: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for form in FORMATS:
            shown = [here(folder, "show", day, "--format", form, capsys=capsys) for folder in folders]
            assert shown[0] == shown[1] != ""

    def test_what_is_found_is_the_same(self, folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
        found = [here(folder, "check", "--format", "json", capsys=capsys, status=1) for folder in folders]
        assert found[0].replace("/lf/", "/crlf/") == found[1]

    def test_what_is_imported_is_the_same(self, folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
        drafts = []
        for folder in folders:
            shutil.rmtree(folder / "drafts")
            here(folder, "import", str(folder / "archive" / "2021-07-18.md"), capsys=capsys)
            drafts.append((folder / "drafts" / "2021-07-18.yaml").read_bytes())
        assert drafts[0] == drafts[1]

    @pytest.mark.processes
    def test_what_is_published_is_the_same_where_the_notebook_has_them_too(
        self, folders: tuple[Path, Path], tmp_path: Path
    ) -> None:
        notebook = tmp_path / "windows" / "notebooks" / "issue.ipynb"
        notebook.parent.mkdir(parents=True)
        shutil.copytree(PROJECT / "embedai_nb", tmp_path / "windows" / "embedai_nb")
        source = (PROJECT / "notebooks" / "issue.ipynb").read_bytes()
        notebook.write_bytes(source.replace(b"\n", b"\r\n"))
        embedai(folders[0], "issue", "2021-07-18")
        embedai(folders[1], "issue", "2021-07-18", PYTHONPATH=str(tmp_path / "windows"))
        assert outputs(folders[0]) == outputs(folders[1])
