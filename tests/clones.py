"""Two people with clones of one repository."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from embedai_nb.cli import run
from embedai_nb.drafts import DraftStore
from embedai_nb.editor.session import Session
from embedai_nb.model import Issue

from .publishing import DAY, issues

PEOPLE = ("李", "王")
DRAFT = f"issues/drafts/{DAY}.yaml"


class Clone:
    """The working tree of one person."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.issues, self.name = folder, folder / "issues", name

    def git(self, *words: str) -> bool:
        """Run git; whether it succeeded."""
        environment = os.environ | {"GIT_EDITOR": "true", "GIT_CONFIG_GLOBAL": os.devnull}
        return subprocess.run(["git", *words], cwd=self.folder, env=environment, capture_output=True).returncode == 0

    def out(self, *words: str) -> str:
        """What git prints."""
        return subprocess.run(["git", *words], cwd=self.folder, capture_output=True, text=True, check=True).stdout

    def write(self, old: str, new: str, subject: str, path: str = DRAFT) -> None:
        """Replace some text of the draft, and commit."""
        text = (self.folder / path).read_text("utf-8")
        assert old in text
        (self.folder / path).write_text(text.replace(old, new, 1), "utf-8")
        self.commit(subject)

    def commit(self, subject: str) -> None:
        assert self.git("add", "-A")
        assert self.git("commit", "-m", subject)

    def share(self) -> None:
        assert self.git("push", "origin", "HEAD:main")

    def pull(self, *options: str) -> bool:
        """Take over what others have shared; whether git could."""
        return self.git("pull", *(options or ("--no-rebase",)), "origin", "main")

    def embedai(self, *words: str) -> int:
        return run(["--issues", str(self.issues), *words])

    @property
    def session(self) -> Session:
        return Session(self.issues, DAY)

    def issue(self, date: datetime.date = DAY) -> Issue:
        return DraftStore(self.issues).load(date).issue


def clone_for_each(folder: Path) -> None:
    """Make a bare repository that holds one issue, and a clone of it for each."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", folder / "bare"], check=True)
    for name in PEOPLE:
        subprocess.run(["git", "clone", "-q", folder / "bare", folder / name], check=True, capture_output=True)
    first, second = (Clone(folder / name, name) for name in PEOPLE)
    for clone in (first, second):
        clone.git("config", "user.name", clone.name)
        clone.git("config", "user.email", "someone@example.org")
        clone.git("remote", "set-url", "origin", "../bare")
    first.git("checkout", "-q", "-b", "main")
    issues(first.issues)
    (first.issues / ".gitignore").write_text("/.cache/\n", "utf-8")
    first.commit("开一期")
    first.share()
    assert second.pull()
    second.git("checkout", "-q", "main")


@pytest.fixture(scope="session")
def cloned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a repository and its clones, to copy."""
    if shutil.which("git") is None:
        pytest.skip("no git on the PATH")
    clone_for_each(folder := tmp_path_factory.mktemp("cloned"))
    return folder


@pytest.fixture
def clones(cloned: Path, tmp_path: Path) -> tuple[Clone, Clone]:
    """Two clones of a bare repository that holds one issue."""
    shutil.copytree(cloned, tmp_path, dirs_exist_ok=True)
    first, second = (Clone(tmp_path / name, name) for name in PEOPLE)
    return first, second
