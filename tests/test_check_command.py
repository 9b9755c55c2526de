"""`embedai check` in a repository: what it is asked about, where it says a finding is, and by what it fails."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from embedai_nb.cli import run
from embedai_nb.workspace.git_files import git_files

from .conftest import PROJECT

GOOD = """schema: 1
date: {date}
headline: [甲]
sections:
  - name: 论文
    items:
      - title: 低比特训练
        source: 甲报
        url: https://example.com/{date}
        fields: {{摘要: 一句。}}
"""
BAD = GOOD.replace("https://example.com/{date}", '""')
BROKEN = "schema: 1\ndate: {date}\nsections: [\n"
FIRST, SECOND, THIRD = "2031-05-04", "2031-05-18", "2031-06-01"
FORMATS = ["text", "json", "github", "sarif"]


class Repository:
    """A repository whose issues folder lies in a folder of its own."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.folder = root / "news" / "issues"
        self.capsys = capsys
        (self.folder / "drafts").mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")
        shutil.copy(PROJECT / "issues" / "newsletter.yaml", self.folder)
        for name, content in git_files(self.folder).items():
            (self.folder / name).write_text(content, encoding="utf-8")

    def git(self, *arguments: str) -> None:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
        subprocess.run(["git", "-C", self.root, *who, *arguments], check=True, capture_output=True)

    def put(self, date: str, text: str) -> Path:
        path = self.folder / "drafts" / f"{date}.yaml"
        path.write_text(text.format(date=date), encoding="utf-8")
        return path

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "x")

    def turn_off(self, rule: str) -> None:
        path = self.folder / "newsletter.yaml"
        text = path.read_text("utf-8")
        assert "\nchecks: {" in text
        path.write_text(text.replace("\nchecks: {", f'\nchecks: {{{rule}: "off", '), encoding="utf-8")

    def check(self, *words: str) -> tuple[int, str, str]:
        status = run(["--issues", str(self.folder), "check", *words])
        return status, *self.capsys.readouterr()

    def checked(self, *words: str) -> set[str]:
        """The dates with findings, at least one of which every draft here has."""
        return {found["date"] for found in json.loads(self.check(*words, "--format", "json")[1])}


@pytest.fixture
def repository(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Three drafts on main, and a branch where nothing has changed yet; commands run below the root."""
    made = Repository(tmp_path / "repository", capsys)
    for date in (FIRST, SECOND, THIRD):
        made.put(date, BAD)
    made.commit()
    made.git("switch", "--quiet", "--create", "branch")
    monkeypatch.chdir(made.root / "news")
    return made


class TestChanged:
    def test_drafts_that_are_new_or_different_are_checked_committed_or_not(self, repository: Repository) -> None:
        repository.put(FIRST, BAD + "# 改过\n")
        repository.commit()
        repository.put(SECOND, BAD + "# 改过\n")
        repository.put("2031-06-15", BAD)
        assert repository.checked("--changed", "main") == {FIRST, SECOND, "2031-06-15"}

    def test_what_changed_on_the_base_meanwhile_is_none_of_it(self, repository: Repository) -> None:
        repository.put(FIRST, BAD + "# 改过\n")
        repository.commit()
        repository.git("switch", "--quiet", "main")
        repository.put(THIRD, BAD + "# 改过\n")
        repository.commit()
        repository.git("switch", "--quiet", "branch")
        assert repository.checked("--changed", "main") == {FIRST}

    def test_a_draft_that_was_moved_is_checked_and_one_that_is_gone_is_not(self, repository: Repository) -> None:
        repository.git("mv", f"news/issues/drafts/{FIRST}.yaml", "news/issues/drafts/2031-05-11.yaml")
        repository.put("2031-05-11", BAD)
        repository.git("rm", "--quiet", f"news/issues/drafts/{SECOND}.yaml")
        assert repository.checked("--changed", "main") == {"2031-05-11"}

    @pytest.mark.parametrize("form", FORMATS)
    def test_where_no_draft_has_changed_nothing_is_checked(self, repository: Repository, form: str) -> None:
        (repository.root / "README").write_text("x")
        (repository.folder / "drafts" / "notes.yaml").write_text("x")
        status, out, err = repository.check("--changed", "HEAD", "--format", form)
        assert (status, "nothing to check: no draft has changed since HEAD" in out + err) == (0, True)
        assert form not in ("json", "sarif") or json.loads(out) is not None

    @pytest.mark.parametrize("base", ["nowhere", "--output=x", ""])
    def test_a_commit_that_is_none_is_wrong_usage(self, repository: Repository, base: str) -> None:
        status, out, err = repository.check(f"--changed={base}")
        assert (status, out) == (2, "")
        assert re.fullmatch(r"embedai: --changed: no such commit: .*\n", err)
        assert not (repository.root / "x").exists()

    def test_outside_a_repository_it_is_wrong_usage(self, repository: Repository) -> None:
        shutil.rmtree(repository.root / ".git")
        assert repository.check("--changed", "main")[0] == 2

    def test_it_goes_with_no_list(self, repository: Repository) -> None:
        assert repository.check("--changed", "main", FIRST)[0] == 2


class TestList:
    def test_drafts_are_named_by_date_or_file(self, repository: Repository) -> None:
        assert repository.checked(FIRST, f"issues/drafts/{SECOND}.yaml") == {FIRST, SECOND}
        assert repository.checked(str(repository.folder / "drafts" / f"{THIRD}.yaml"), THIRD) == {THIRD}

    @pytest.mark.parametrize("form", FORMATS)
    def test_an_empty_list_checks_nothing_and_says_so(self, repository: Repository, form: str) -> None:
        status, out, err = repository.check("--format", form, "--")
        assert (status, "nothing to check: the list is empty" in out + err) == (0, True)
        assert "empty-link" not in out
        assert form not in ("json", "sarif") or json.loads(out) is not None

    def test_no_list_is_all_drafts(self, repository: Repository) -> None:
        assert repository.checked() == {FIRST, SECOND, THIRD}

    @pytest.mark.parametrize("file", ["issues/newsletter.yaml", f"{FIRST}.yaml", "issues/drafts/notes.yaml"])
    def test_a_file_that_is_no_draft_is_wrong_usage(self, repository: Repository, file: str) -> None:
        status, out, err = repository.check(file)
        assert (status, out, err.count("\n")) == (2, "", 1)


class TestUnreadable:
    """A draft that cannot be read is told where all findings are, however they are written."""

    def test_as_text(self, repository: Repository) -> None:
        repository.put(SECOND, BROKEN)
        status, out, err = repository.check()
        assert (status, err) == (1, "")
        assert re.search(rf"^issues/drafts/{SECOND}\.yaml:\d: error: .+ \[unreadable-draft\]$", out, re.MULTILINE)
        assert "[empty-link]" in out

    def test_for_programs(self, repository: Repository) -> None:
        repository.put(SECOND, BROKEN)
        status, out, _ = repository.check(SECOND, "--format", "json")
        (found,) = json.loads(out)
        assert (status, found["rule"], found["severity"], found["date"]) == (1, "unreadable-draft", "error", SECOND)
        assert found["line"] in (3, 4)
        _, out, _ = repository.check(SECOND, "--format", "github")
        file = f"news/issues/drafts/{SECOND}.yaml"
        assert out.startswith(f"::error file={file},line={found['line']},title=unreadable-draft::")
        _, out, _ = repository.check(SECOND, "--format", "sarif")
        (result,) = json.loads(out)["runs"][0]["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == file

    def test_a_newsletter_that_cannot_be_read_is_told_once(self, repository: Repository) -> None:
        (repository.folder / "newsletter.yaml").write_text("name: [", encoding="utf-8")
        status, out, _ = repository.check("--format", "github")
        assert status == 1
        assert re.fullmatch(r"::error file=news/issues/newsletter\.yaml,line=\d,title=unreadable-draft::.*\n", out)

    def test_a_newsletter_that_alone_was_broken_is_told(self, repository: Repository) -> None:
        (repository.folder / "newsletter.yaml").write_text("name: [", encoding="utf-8")
        status, out, _ = repository.check("--changed", "main", "--format", "github")
        assert (status, out.count("\n"), "newsletter.yaml" in out) == (1, 1, True)

    def test_no_setting_turns_it_off(self, repository: Repository) -> None:
        repository.turn_off("unreadable-draft")
        repository.put(SECOND, BROKEN)
        status, out, _ = repository.check(SECOND)
        assert (status, "[unreadable-draft]" in out) == (1, True)
        assert "unknown-rule" not in repository.check(FIRST)[1]


class TestWhere:
    """GitHub shows an annotation at a file that is named from the root of the repository."""

    @pytest.mark.parametrize("below", ["", "news", "news/issues/drafts"])
    def test_annotations_are_relative_to_the_root(
        self, repository: Repository, monkeypatch: pytest.MonkeyPatch, below: str
    ) -> None:
        monkeypatch.chdir(repository.root / below)
        _, out, _ = repository.check(FIRST, "--format", "github")
        assert {line.split("file=")[1].split(",")[0] for line in out.splitlines()} == {
            f"news/issues/drafts/{FIRST}.yaml"
        }

    def test_outside_a_repository_to_the_working_folder(self, repository: Repository) -> None:
        shutil.rmtree(repository.root / ".git")
        assert f"file=issues/drafts/{FIRST}.yaml," in repository.check(FIRST, "--format", "github")[1]


class TestStatus:
    def test_errors_fail_and_warnings_only_where_asked(self, repository: Repository) -> None:
        repository.put(FIRST, GOOD.replace("        url: https://example.com/{date}\n", ""))
        assert repository.check(FIRST)[0] == 0
        assert repository.check(FIRST, "--strict")[0] == 1
        repository.put(FIRST, GOOD)
        assert repository.check(FIRST, "--strict")[0] == 0, "notes are no warnings"
        assert repository.check(SECOND)[0] == 1
        assert repository.check("2031-01-01")[0] == repository.check("--strict", SECOND, "2031-01-01")[0] == 2


class TestGitFiles:
    """Notes about `.gitignore` and `.gitattributes`, where all is checked."""

    def test_what_git_is_not_told_is_a_note(self, repository: Repository) -> None:
        assert "[git-files]" not in repository.check()[1]
        (repository.folder / ".gitattributes").write_text("")
        out = repository.check()[1]
        assert re.search(
            r"^issues/\.gitattributes:1: note: .*“/review/\*\.ipynb .*embedai setup-git.*$", out, re.MULTILINE
        )
        assert "[git-files]" not in repository.check(FIRST)[1]

    def test_a_setting_turns_it_off(self, repository: Repository) -> None:
        (repository.folder / ".gitignore").write_text("")
        assert "[git-files]" in repository.check()[1]
        repository.turn_off("git-files")
        assert "[git-files]" not in repository.check()[1]


class TestReview:
    """`embedai review` takes what `embedai check` takes, and then tells what changed since the commit."""

    def review(self, repository: Repository, *words: str) -> tuple[int, str, str]:
        status = run(["--issues", str(repository.folder), "review", *words])
        return status, *repository.capsys.readouterr()

    def test_what_changed_is_what_the_branch_changed(self, repository: Repository) -> None:
        repository.put(FIRST, BAD.replace("低比特训练", "低比特推理"))
        repository.put("2031-06-15", GOOD)
        status, out, err = self.review(repository, "--changed", "main", "--format", "markdown")
        assert (status, err) == (1, "")
        assert "低比特<del>训练</del><ins>推理</ins>" in out
        assert out.count("\n# ") == 1, "two issues, one after the other"
        assert "首次发布" in out.partition("\n# ")[2]

    def test_a_note_to_colleagues_alone_is_no_change_and_says_nothing_of_publication(
        self, repository: Repository
    ) -> None:
        repository.put(FIRST, GOOD)
        repository.commit()
        repository.put(FIRST, f"{GOOD}        note: 再看看\n")
        status, out, _ = self.review(repository, "--changed", "HEAD", "--format", "json")
        said = json.loads(out)
        assert (status, said["verdict"]) == (0, "ready")
        assert not any(part["changes"] for part in said["parts"])

    def test_the_comment_and_the_pages_are_written_also_beside_a_draft_that_cannot_be_read(
        self, repository: Repository
    ) -> None:
        repository.put(FIRST, GOOD)
        repository.put(SECOND, BROKEN)
        status, out, err = self.review(repository, "--changed", "main", "--out", "said")
        assert (status, out, err) == (1, "wrote said/comment.md, issues: 2\n", "")
        assert sorted(path.name for path in Path("said").iterdir()) == [f"{FIRST}.html", "comment.md"]
        said = Path("said/comment.md").read_text("utf-8")
        assert f"# ✗ `drafts/{SECOND}.yaml:" in said
        assert "# ✓ 可以发布" in said

    def test_a_comment_about_many_issues_fits_as_well(self, repository: Repository) -> None:
        note = f"        note: {'话' * 300}\n"
        items = "".join(f"      - title: 第{n}篇\n{note}" for n in range(150))
        for date in (FIRST, SECOND):
            repository.put(date, BAD + items)
        self.review(repository, FIRST, SECOND, "--out", "said")
        assert 50_000 < len(Path("said/comment.md").read_text("utf-8")) <= 65_000

    def test_for_programs_it_is_one_issue(self, repository: Repository) -> None:
        assert self.review(repository, FIRST, SECOND, "--format", "json")[0] == 2
        assert self.review(repository)[0] == 2

    def test_an_empty_list_is_nothing(self, repository: Repository) -> None:
        said = "nothing to review: no draft has changed since main\n"
        assert self.review(repository, "--changed", "main") == (0, "", said)
