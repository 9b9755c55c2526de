"""What the README and the Makefile promise: every command that is named there is there and works as typed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.conftest import PROJECT

BIN = Path(sys.executable).parent
READMES = ("README.md", "README.zh-CN.md")
MADE = {"issues/drafts/2026-11-15.yaml"}
"""What the commands of the examples make."""


def make(*words: str, cwd: Path = PROJECT, **variables: str) -> subprocess.CompletedProcess[str]:
    """`make` with the Makefile of the project, and the environment of these tests in place of a `.venv` of its own."""
    with tempfile.NamedTemporaryFile() as ready:
        command = ["make", "--no-print-directory", f"BIN={BIN}", f"READY={ready.name}", *words]
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=os.environ | variables, check=False)


def commands(readme: str) -> list[str]:
    """The lines of the shell blocks, without their comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (PROJECT / readme).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]


def test_make_alone_prints_the_targets() -> None:
    lines = make().stdout.splitlines()
    described = [line.split()[1] for line in lines]
    targets = re.findall(r"^([a-z-]+):.* ## ", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert described == targets
    assert {"setup", "new", "issue", "test", "check"} <= set(targets)
    assert all(len(line.split()) > 2 for line in lines)


@pytest.mark.processes
def test_make_test_fails_with_a_failing_test_and_ends_with_one_summary(tmp_path: Path) -> None:
    (tmp_path / "test_two.py").write_text("def test_good(): pass\ndef test_bad(): assert False\n", encoding="utf-8")
    done = make("test", PYTEST_ADDOPTS=f"-p no:cacheprovider -o testpaths={tmp_path}")
    assert done.returncode == 2
    assert re.findall(r"^\d+ (?:passed|failed).*", done.stdout, re.MULTILINE) == [done.stdout.splitlines()[-1]]
    assert done.stdout.splitlines()[-1].startswith("1 failed, 1 passed")


@pytest.mark.processes
def test_skipped_tests_are_summed_up_with_the_command_that_installs_what_lacks(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/in_browser/test_page.py"]
    without = os.environ | {"PATH": str(tmp_path)}
    said = subprocess.run(command, cwd=PROJECT, env=without, capture_output=True, text=True, check=True).stdout
    assert re.search(r"^\d+ tests: no chromium on the PATH$", said, re.MULTILINE), said
    assert "sudo apt-get install chromium fonts-noto-cjk\n" in said


@pytest.mark.parametrize("readme", READMES)
def test_the_readmes_commands_are_those_of_the_makefile(readme: str) -> None:
    named = commands(readme)
    assert named[:2] == ["make issue DATE=2021-07-18", "make test"]
    for line in named:
        if line.startswith(("embedai ", "cd ")):
            continue  # run in tests/test_init.py
        assert line.startswith("make "), line
        assert make("-n", *line.split()[1:]).returncode == 0, line


@pytest.mark.processes
def test_what_editors_type_works(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "issues", tmp_path / "issues", ignore=shutil.ignore_patterns(".cache"))
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(PROJECT / name, tmp_path)
    findings = 2  # what make exits with where the command exits with 1
    for command, status in {
        "new DATE=2026-11-15": 0,
        "findings": findings,
        "issue DATE=2021-07-18": 0,
        "archive": findings,
        "site": 0,
    }.items():
        done = make(*command.split(), cwd=tmp_path)
        assert done.returncode == status, (command, done.stderr)
    assert (tmp_path / "issues" / "drafts" / "2026-11-15.yaml").exists()
    assert (tmp_path / "site" / "index.html").exists()


@pytest.mark.parametrize("readme", READMES)
def test_the_readmes_links_lead_to_files(readme: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (PROJECT / readme).read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (PROJECT / link).exists()] == []


PATH = re.compile(r"(?<![\w./-])(?:embedai_nb|tests|docs|issues|notebooks|benchmarks|\.ci)/[\w./-]*\w", re.ASCII)
"""A path within the project, wherever in a text."""


@pytest.mark.parametrize("page", [*READMES, "CONTRIBUTING.md", "docs/architecture.md"])
def test_files_that_a_page_names_are_there(page: str) -> None:
    named = {path for path in PATH.findall((PROJECT / page).read_text(encoding="utf-8")) if path == path.lower()}
    assert len(named) > 1
    assert sorted(path for path in named if not (PROJECT / path).exists() and path not in MADE) == []


@pytest.mark.parametrize(
    "date",
    [
        "$(id)",
        "$(shell touch hacked)",
        ";touch hacked",
        "`touch hacked`",
        "2021-07-18;touch hacked",
        "'",
        '"',
        "-h",
        "../../etc/x",
    ],
)
def test_a_date_is_never_shell_or_make_code(date: str) -> None:
    for done in (make("issue", f"DATE={date}"), make("issue", DATE=date)):
        assert done.returncode == 2
        assert re.search(r"^embedai: .*no date", done.stderr, re.MULTILINE), done.stderr
        assert f"{date!a}" in done.stderr, "as it was typed"
    assert not (PROJECT / "hacked").exists()


def test_papermill_explains_the_notebooks_parameters() -> None:
    command = [BIN / "papermill", "--help-notebook", "notebooks/issue.ipynb"]
    said = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert re.search(r"DATE: str \(default \"2021-07-18\"\)\s+the issue to show", said), said


def test_the_lock_pins_everything_by_hash_and_names_no_host() -> None:
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^([a-z0-9][a-z0-9._-]*)==", lock, re.MULTILINE)
    blocks = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]
    assert len(pins) == len(blocks) > 50
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"://|--(extra-)?index-url|--find-links", lock)
