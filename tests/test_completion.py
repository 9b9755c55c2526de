"""Shells complete commands, options and the dates of drafts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from embedai_nb.cli.group import MODULES
from tests.conftest import PROJECT

DRAFTS = ("2026-10-04", "2026-11-01", "2026-11-15")
ENVIRONMENT = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with an issues folder in it; its drafts are never read."""
    (tmp_path / "issues" / "drafts").mkdir(parents=True)
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", tmp_path / "issues")
    for name in (*DRAFTS, "2026-11-15 copy", "notes"):
        (tmp_path / "issues" / "drafts" / f"{name}.yaml").write_bytes(b"\xff")
    return tmp_path


def completed(line: str, folder: Path) -> list[str]:
    """What stands for the last word of a line, as click's scripts ask for it."""
    words = {"_EMBEDAI_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    done = subprocess.run(["embedai"], cwd=folder, env=ENVIRONMENT | words, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.split()]


@pytest.mark.parametrize(
    "line",
    [
        "embedai issue 2026-11",
        "embedai edit 2026-11",
        "embedai check 2026-10-04 2026-11",
        "embedai reschedule 2026-11",
        "embedai build --explain 2026-11",
    ],
)
def test_a_date_is_that_of_a_draft_the_newest_first(line: str, folder: Path) -> None:
    assert completed(line, folder) == ["2026-11-15", "2026-11-01"]


def test_drafts_are_those_of_the_issues_folder_that_is_named(folder: Path) -> None:
    assert completed("embedai --issues issues show 2026-10", folder) == ["2026-10-04"]
    assert completed("embedai --issues nowhere show 2026-10", folder) == []


def test_where_there_is_no_issues_folder_there_is_nothing_to_complete(tmp_path: Path) -> None:
    assert completed("embedai issue 2", tmp_path) == []


def test_commands_and_options_are_completed(folder: Path) -> None:
    assert set(completed("embedai ", folder)) == MODULES.keys()
    assert "--format" in completed("embedai search --", folder)


BASH = """
eval "$(_EMBEDAI_COMPLETE=bash_source embedai)"
COMP_WORDS=(embedai issue 2026-1) COMP_CWORD=2
_embedai_completion embedai 2026-1 issue
echo "${COMPREPLY[@]}"
"""
ZSH = """
autoload -Uz compinit && compinit -u -D
eval "$(_EMBEDAI_COMPLETE=zsh_source embedai)"
compadd() { print -r -- "${(P)@[-1]}" }
compdef() { }
words=(embedai issue 2026-1) CURRENT=3
_embedai_completion
"""
FISH = """
_EMBEDAI_COMPLETE=fish_source embedai | source
complete --do-complete "embedai issue 2026-1"
"""


@pytest.mark.parametrize(("shell", "script"), [("bash", BASH), ("zsh", ZSH), ("fish", FISH)])
def test_in_a_shell(shell: str, script: str, folder: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"no {shell} on the PATH")
    done = subprocess.run(
        [shell, "-c", script], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == {*DRAFTS}, done.stderr
