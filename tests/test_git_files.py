"""What git is told of an issues folder: which files it ignores, and how it treats those that are generated."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from embedai_nb.workspace import layout
from embedai_nb.workspace.git_files import MissingLine, git_files, missing_lines
from embedai_nb.workspace.revisions import load_revisions

from .conftest import PROJECT


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An issues folder below the root of a repository."""
    git(tmp_path, "init", "--quiet")
    (folder := tmp_path / "issues").mkdir()
    return folder


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True).stdout


def write_git_files(folder: Path) -> None:
    for name, content in git_files(folder).items():
        (folder / name).write_text(content, encoding="utf-8")


def test_nothing_is_missing_once_the_files_are_written(repository: Path) -> None:
    assert MissingLine(".gitignore", "/.cache/") in missing_lines(repository)
    assert MissingLine(".gitattributes", "* text=auto eol=lf") in missing_lines(repository)
    write_git_files(repository)
    assert missing_lines(repository) == []


def test_what_is_there_already_stays_and_is_not_repeated(repository: Path) -> None:
    (repository / ".gitignore").write_text("# our own\n/.cache/\nnotes.txt", encoding="utf-8")
    write_git_files(repository)
    text = (repository / ".gitignore").read_text(encoding="utf-8")
    assert text.startswith("# our own\n/.cache/\nnotes.txt\n")
    assert text.count("/.cache/") == 1
    assert git_files(repository)[".gitignore"] == text


def test_lines_count_wherever_in_the_repository_they_stand(repository: Path) -> None:
    beside = git_files(repository).pop("../.gitignore")
    for name, content in git_files(repository).items():
        if not name.startswith(".."):
            lines = [line if line.startswith(("*", ".")) else f"/issues{line}" for line in content.splitlines()]
            (repository.parent / name).write_text("\n".join([*lines, beside]), encoding="utf-8")
    assert missing_lines(repository) == []


@pytest.mark.parametrize(
    ("file", "line", "missing"),
    [
        (".gitignore", "!/.cache/", "/.cache/"),
        (".gitattributes", "/archive/revisions.json -merge", "/archive/revisions.json linguist-generated merge=union"),
    ],
)
def test_a_later_line_that_says_the_opposite_is_seen(repository: Path, file: str, line: str, missing: str) -> None:
    write_git_files(repository)
    with (repository / file).open("a", encoding="utf-8") as lines:
        lines.write(f"{line}\n")
    assert missing_lines(repository) == [MissingLine(file, missing)]


def test_at_the_root_of_a_repository_there_are_two_files(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert set(git_files(tmp_path)) == {".gitignore", ".gitattributes"}
    write_git_files(tmp_path)
    assert missing_lines(tmp_path) == []


def test_outside_a_repository_nothing_is_missing(tmp_path: Path) -> None:
    assert missing_lines(tmp_path) == []


def test_without_git_nothing_is_missing(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))
    assert missing_lines(repository) == []


def test_git_commits_no_cache_and_no_site(repository: Path) -> None:
    write_git_files(repository)
    for name in (
        ".cache/catalogue.sqlite",
        "site/index.html",
        ".site.new/index.html",
        "review/2031-05-04.failed.ipynb",
    ):
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).touch()
    git(repository.parent, "add", "--all", ".")
    assert git(repository.parent, "ls-files").split() == [".gitignore", "issues/.gitattributes", "issues/.gitignore"]


def on_two_branches(repository: Path, file: str, base: str, ours: str, theirs: str) -> int:
    """Change a file on two branches and merge one into the other; git's exit status."""
    git(repository, "config", "user.name", "A")
    git(repository, "config", "user.email", "a@example.com")
    write_git_files(repository)
    (repository / file).parent.mkdir()
    for branch, start, content in (("main", "HEAD", base), ("theirs", "main", theirs), ("ours", "main", ours)):
        git(repository, "checkout", "--quiet", *(["-B", branch, start] if branch != "main" else ["-B", "main"]))
        (repository / file).write_text(content, encoding="utf-8")
        git(repository, "add", "--all", ".")
        git(repository, "commit", "--quiet", "--message", branch)
    return subprocess.run(["git", "-C", repository, "merge", "theirs"], capture_output=True, check=False).returncode


def test_two_branches_that_publish_different_issues_merge_without_a_conflict(repository: Path) -> None:
    """Each adds a line to the file of revisions at the same place."""
    line, feed = '"{0}": ["a", "{0}T00:00:00+00:00", "urn:{0}"],\n', '"feed": "urn:feed"\n}\n'
    texts = [
        "{\n" + "".join(map(line.format, ("2031-05-04", *more))) + feed for more in ((), ["2031-05-11"], ["2031-05-18"])
    ]
    assert on_two_branches(repository, layout.REVISIONS, *texts) == 0
    merged = load_revisions(repository)
    assert [str(date) for date in merged.issues] == ["2031-05-04", "2031-05-11", "2031-05-18"]
    assert merged.feed_id == "urn:feed"


def test_a_notebook_that_two_branches_made_is_left_whole(repository: Path) -> None:
    file = layout.review("2031-05-04")
    assert on_two_branches(repository, file, "{}\n", '{"ours": 1}\n', '{"theirs": 1}\n') == 1
    assert (repository / file).read_text("utf-8") == '{"ours": 1}\n'


def test_this_repository_has_the_same_files_for_its_issues() -> None:
    for name, content in git_files(PROJECT / "no-such-folder").items():
        assert content.splitlines()
        assert set(content.splitlines()) <= set((PROJECT / "issues" / name).read_text(encoding="utf-8").splitlines())
