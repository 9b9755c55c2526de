"""Several people and one repository: what they do with git, in clones of it, and what becomes of their work."""

from __future__ import annotations

import datetime
import json
import shlex
import shutil
from pathlib import Path

import pytest

from benchmarks.branches import measure
from embedai_nb.cli import run
from embedai_nb.drafts import DraftStore
from embedai_nb.editor.session import Broken, Unsaved
from embedai_nb.editor.unmerged import Unmerged, unmerged_data
from embedai_nb.model import Issue
from embedai_nb.site.live_preview import LivePreview

from .clones import DRAFT, Clone
from .publishing import DAY, issues

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git on the PATH")

MOVED, OTHER = DAY + datetime.timedelta(7), DAY + datetime.timedelta(14)
MARKED = "<<<<<<< HEAD\n{}=======\n{}>>>>>>> 她的\n"


ITEM = """\
      # {comment}
      - title: {title}
        source: 某站
        url: https://example.org/{title}
"""


def add(clone: Clone, title: str) -> None:
    """Add an item at the end of the news, with a comment by hand."""
    new = ITEM.format(title=title, comment=f"{clone.name}加的")
    clone.write("  - name: 博文\n", f"{new}  - name: 博文\n", f"加{title}")


def titles(issue: Issue) -> list[str]:
    return [item.title for item in issue.entries]


BOTH = ["一块开发板的来历", "甲闻", "乙闻", "手写一个 int8 卷积"]


class TestTheForm:
    def test_keeps_what_both_added_and_stages_it(self, clones: tuple[Clone, Clone]) -> None:
        first, second = clones
        add(first, "甲闻")
        first.share()
        add(second, "乙闻")
        assert not second.pull(), "git cannot merge two additions at one place"
        session = second.session
        found = session.trouble
        assert isinstance(found, Unmerged)
        shown = unmerged_data(found, session.say)
        assert (shown["ours"], shown["theirs"]) == ("王（加乙闻）", "李（加甲闻）")
        assert shown["added"] == {"ours": ["业界新闻 · 乙闻"], "theirs": ["业界新闻 · 甲闻"]}
        assert shown["differences"] == []
        session.resolve_unmerged({}, stage=True)
        assert session.trouble is None
        assert sorted(titles(second.issue())) == sorted(BOTH)
        assert second.out("diff", "--name-only", "--diff-filter=U") == ""
        assert second.git("commit", "--no-edit")
        second.share()
        assert first.pull()
        assert sorted(titles(first.issue())) == sorted(BOTH)
        text = (first.folder / DRAFT).read_text("utf-8")
        assert "# 李加的" in text
        assert "# 王加的" in text

    def test_asks_field_by_field_for_the_whole_issue(self, clones: tuple[Clone, Clone]) -> None:
        first, second = clones
        first.write("一块开发板的来历", "开发板的来历", "改标题")
        first.write("某博客", "她的博客", "改来源")
        first.share()
        second.write("一块开发板的来历", "一块板子的来历", "也改标题")
        assert not second.pull()
        session = second.session
        found = session.trouble
        assert isinstance(found, Unmerged)
        asked = {each.field: (each.ours, each.theirs, each.suggested, each.both) for each in found.differences}
        assert asked == {
            "title": ("一块板子的来历", "开发板的来历", "ours", True),
            "source": ("某博客", "她的博客", "theirs", False),
        }
        title = next(each.name for each in found.differences if each.both)
        session.resolve_unmerged({title: "theirs"}, stage=False)
        assert (second.issue().entries[0].title, second.issue().entries[1].source) == ("开发板的来历", "她的博客")
        assert second.out("diff", "--name-only", "--diff-filter=U").split() == [DRAFT], "staged only when asked"
        kept = "".join(path.read_text("utf-8") for path in (second.issues / ".cache" / "kept").iterdir())
        assert "一块板子的来历" in kept

    @pytest.mark.parametrize("how", ["rebase", "stash"])
    def test_does_so_in_a_rebase_and_for_a_stash(self, clones: tuple[Clone, Clone], how: str) -> None:
        first, second = clones
        add(first, "甲闻")
        first.share()
        if how == "rebase":
            add(second, "乙闻")
            assert not second.pull("--rebase")
        else:
            new = ITEM.format(title="乙闻", comment="王加的")
            path = second.folder / DRAFT
            path.write_text(path.read_text("utf-8").replace("  - name: 博文\n", f"{new}  - name: 博文\n"), "utf-8")
            assert second.git("stash")
            assert second.pull()
            assert not second.git("stash", "pop")
        session = second.session
        assert isinstance(session.trouble, Unmerged)
        assert session.trouble.operation == how
        assert [author and author.name for author in session.trouble.authors] == ["李", "王"]
        session.resolve_unmerged({}, stage=True)
        assert sorted(titles(second.issue())) == sorted(BOTH)
        assert how == "stash" or second.git("rebase", "--continue")

    def test_that_was_open_while_git_merged_asks_too_and_loses_nothing_typed(self, clones: tuple[Clone, Clone]) -> None:
        first, second = clones
        add(first, "甲闻")
        first.share()
        add(second, "乙闻")
        session = second.session
        assert not second.pull()
        session.do("write", key="head", field=["lead"], text="刚打的导读", base="")
        assert isinstance(session.trouble, Unmerged)
        assert session.unsaved
        session.resolve_unmerged({}, stage=True)
        assert sorted(titles(second.issue())) == sorted(BOTH)
        assert second.issue().lead == "刚打的导读"

    def test_offers_no_former_copy_while_git_is_merging(self, clones: tuple[Clone, Clone]) -> None:
        first, second = clones
        assert second.session.trouble is None, "a good copy is kept"
        add(first, "甲闻")
        first.share()
        add(second, "乙闻")
        open_form = second.session
        assert not second.pull()
        (second.folder / DRAFT).write_text("schema: 1\n坏了", "utf-8")
        broken = second.session.trouble
        assert isinstance(broken, Broken)
        assert broken.good is None
        assert broken.merging == "merge"
        open_form.sync()
        assert isinstance(open_form.trouble, Unsaved)
        assert not open_form.trouble.replaceable
        second.git("merge", "--abort")
        (second.folder / DRAFT).write_text("schema: 1\n坏了", "utf-8")
        after = second.session.trouble
        assert isinstance(after, Broken)
        assert after.good is not None

    def test_takes_the_versions_from_the_markers_where_they_were_committed(self, clones: tuple[Clone, Clone]) -> None:
        first, second = clones
        add(first, "甲闻")
        first.share()
        add(second, "乙闻")
        second.pull()
        second.commit("合并了")
        session = second.session
        assert isinstance(session.trouble, Unmerged)
        assert session.trouble.operation is None
        session.resolve_unmerged({}, stage=False)
        assert sorted(titles(second.issue())) == sorted(BOTH)

    def test_asks_where_only_ours_is_in_the_file(self, clones: tuple[Clone, Clone]) -> None:
        """As a merge driver leaves it that cannot be run."""
        first, second = clones
        add(first, "甲闻")
        first.share()
        add(second, "乙闻")
        (second.issues / ".gitattributes").write_text("drafts/*.yaml merge=gone\n", "utf-8")
        second.git("config", "merge.gone.driver", "no-such-program %A")
        assert not second.pull()
        assert "<<<<<<<" not in (second.folder / DRAFT).read_text("utf-8")
        assert isinstance(second.session.trouble, Unmerged)


@pytest.mark.parametrize("seed", range(2))
def test_random_branches_lose_and_mix_nothing(seed: int) -> None:
    """The benchmark has 500 pairs, as many as these tests have time for not."""
    found = measure(12, 6, seed)
    assert found["driver"]
    assert found["git"] > found["driver"]
    never = ("unasked", "whole", "lost", "twice", "mixed", "comments")
    assert {name: found[name] for name in never} == dict.fromkeys(never, 0)


class TestTheMergeDriver:
    def test_is_set_up_once_and_leaves_other_lines_alone(
        self, clones: tuple[Clone, Clone], capsys: pytest.CaptureFixture[str]
    ) -> None:
        clone, _ = clones
        attributes = clone.issues / ".gitattributes"
        attributes.write_text("*.png binary", "utf-8")
        assert clone.embedai("setup-git") == 0
        first = attributes.read_text("utf-8"), (clone.folder / ".git" / "config").read_text("utf-8")
        assert first[0].startswith("*.png binary\n")
        assert clone.out("check-attr", "merge", DRAFT).strip().endswith(": merge: embedai")
        capsys.readouterr()
        assert clone.embedai("setup-git") == 0
        assert (attributes.read_text("utf-8"), (clone.folder / ".git" / "config").read_text("utf-8")) == first
        assert "already" in capsys.readouterr().out

    def test_merges_what_both_added_without_a_question(self, clones: tuple[Clone, Clone]) -> None:
        first, second = clones
        first.embedai("setup-git")
        add(first, "甲闻")
        first.share()
        second.embedai("setup-git")
        add(second, "乙闻")
        assert second.pull()
        assert sorted(titles(second.issue())) == sorted(BOTH)
        text = (second.folder / DRAFT).read_text("utf-8")
        assert "# 李加的" in text
        assert "# 王加的" in text

    def test_merges_once_what_both_moved_and_both_edited(self, clones: tuple[Clone, Clone]) -> None:
        first, second = clones
        for clone, old, new in ((first, "某媒体", "她的媒体"), (second, "开发板量产", "板子量产")):
            clone.embedai("setup-git")
            path = clone.folder / DRAFT
            head, first_item, rest = path.read_text("utf-8").partition("      - title: 一块开发板的来历\n")
            body, heading, blog = rest.partition("  - name: 博文\n    items:\n")
            moved = f"{head.rstrip()[: -len('items:')].rstrip()}\n    items:\n{heading}{first_item}{body.replace(old, new)}{blog}"
            path.write_text(moved, "utf-8")
            clone.commit("移到博文，改一改")
        first.share()
        assert second.pull()
        item = second.issue().sections[1].entries[0]
        assert (item.source, item.hook) == ("她的媒体", "板子量产")
        assert len(second.issue().entries) == 2

    def test_leaves_whole_items_between_markers(self, clones: tuple[Clone, Clone]) -> None:
        first, second = clones
        second.embedai("setup-git")
        second.commit("git 的设置")
        second.share()
        assert first.pull()
        first.write("一块开发板的来历", "开发板的来历", "改标题")
        first.write("某媒体", "她的媒体", "改来源")
        first.share()
        second.write("一块开发板的来历", "一块板子的来历", "也改标题")
        assert not second.pull()
        text = (second.folder / DRAFT).read_text("utf-8")
        ours, theirs = text.split("<<<<<<< ours\n")[1].split(">>>>>>> ")[0].split("=======\n")
        assert ours.startswith("      - title: 一块板子的来历\n        source: 她的媒体\n")
        assert ours.replace("一块板子的来历", "开发板的来历") == theirs, "they differ in nothing but the question"
        assert ours.endswith("        status: ready\n")

    @pytest.mark.parametrize(
        ("ours", "theirs", "status"),
        [
            ("headline: [a]\n", "headline: [a]\n", 0),
            ("headline: [b]\n", "headline: [c]\n", 1),
            ("headline: [b\n", "headline: [c]\n", 1),
        ],
    )
    def test_exits_as_git_expects(self, tmp_path: Path, ours: str, theirs: str, status: int) -> None:
        for name, text in (("base", "headline: [a]\n"), ("ours", ours), ("theirs", theirs)):
            (tmp_path / name).write_text(f"schema: 1\ndate: {DAY}\n{text}", "utf-8")
        paths = [str(tmp_path / name) for name in ("base", "ours", "theirs")]
        assert run(["merge", *paths]) == status
        assert ("<<<<<<< ours" in (tmp_path / "ours").read_text("utf-8")) == bool(status)
        assert run(["merge", *paths[:2], str(tmp_path / "gone")]) >= 128

    def test_gives_way_to_git_where_the_program_is_gone(self, clones: tuple[Clone, Clone]) -> None:
        first, second = clones
        second.embedai("setup-git")
        driver = second.out("config", "merge.embedai.driver")
        program = shlex.split(driver)[1]
        second.git("config", "merge.embedai.driver", driver.strip().replace(program, "/no/python"))
        second.commit("git 的设置")
        add(first, "甲闻")
        first.share()
        add(second, "乙闻")
        assert not second.pull()
        assert "<<<<<<<" in (second.folder / DRAFT).read_text("utf-8")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two published issues and their site."""
    folder = issues((whole := tmp_path_factory.mktemp("whole")) / "issues")
    text = (folder / "drafts" / f"{DAY}.yaml").read_text("utf-8").replace(str(DAY), str(MOVED))
    for word in ("board", "int8"):
        text = text.replace(f"example.org/{word}", f"example.org/{word}/2").replace("一块开发板", "另一块开发板")
    (folder / "drafts" / f"{MOVED}.yaml").write_text(text, "utf-8")
    assert run(["--issues", str(folder), "build", "--jobs", "1"]) == 0
    assert run(["--issues", str(folder), "site", "--out", str(whole / "site"), "--url", "https://n.example"]) == 0
    return whole


class TestMarkers:
    @pytest.fixture
    def folder(self, published: Path, tmp_path: Path) -> Path:
        """A copy of the issues; their site is beside them."""
        shutil.copytree(published, tmp_path, dirs_exist_ok=True)
        return tmp_path / "issues"

    def mark(self, path: Path) -> None:
        """Leave the file as a merge that failed does."""
        first, _, rest = path.read_text("utf-8").partition("\n")
        line, _, rest = rest.partition("\n")
        path.write_text(f"{first}\n{MARKED.format(line + chr(10), line + ' 她' + chr(10))}{rest}", "utf-8")

    @pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
    @pytest.mark.parametrize(
        "name",
        [f"drafts/{DAY}.yaml", f"archive/{DAY}.md", f"archive/{DAY}.html", f"review/{DAY}.ipynb", "newsletter.yaml"],
    )
    def test_are_an_error_of_check_in_every_format(
        self, folder: Path, name: str, form: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.mark(folder / name)
        capsys.readouterr()
        assert run(["--issues", str(folder), "check", str(DAY), "--format", form]) == 1
        out = capsys.readouterr().out
        assert "conflict-markers" in out
        assert "2-6" in out
        assert Path(name).name in out

    def test_in_a_generated_file_are_gone_when_it_is_made_anew(self, folder: Path) -> None:
        names = [f"archive/{DAY}.md", f"archive/{DAY}.html", f"archive/{DAY}.wechat.html", f"review/{DAY}.ipynb"]
        before = {name: (folder / name).read_bytes() for name in names}
        for name in names:
            self.mark(folder / name)
        revisions = folder / "archive" / "revisions.json"
        line = next(line for line in revisions.read_text("utf-8").splitlines(keepends=True) if str(DAY) in line)
        sides = MARKED.format(line, line.replace("T00:00:00", "T00:00:01"))
        revisions.write_text(revisions.read_text("utf-8").replace(line, sides), "utf-8")
        assert run(["--issues", str(folder), "check"]) == 1
        assert run(["--issues", str(folder), "build", "--jobs", "1"]) == 0
        after = {name: (folder / name).read_bytes() for name in names}
        assert {name for name in names if after[name] != before[name]} <= {f"review/{DAY}.ipynb"}, "it compares"
        assert json.loads(revisions.read_text("utf-8"))[str(DAY)][1] == f"{DAY}T00:00:01+00:00", "the later one"
        assert run(["--issues", str(folder), "check"]) == 0

    def test_keep_an_issue_off_the_site_and_no_other(
        self, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.mark(folder / "archive" / f"{DAY}.md")
        status = run(["--issues", str(folder), "site", "--out", str(tmp_path / "site"), "--url", "https://n.example"])
        assert status == 1
        assert f"embedai issue {DAY}" in capsys.readouterr().err
        files = [path for path in (tmp_path / "site").rglob("*") if path.is_file()]
        assert not [path for path in files if b"<<<<<<<" in path.read_bytes()]
        assert {path.name for path in files if path.name.startswith("2026-")} == {f"{MOVED}.html"}

    def test_keep_a_draft_out_of_the_preview_and_no_other(self, folder: Path) -> None:
        live = LivePreview(folder)
        live.refresh([])
        self.mark(folder / "drafts" / f"{DAY}.yaml")
        assert live.refresh([f"drafts/{DAY}.yaml"])
        assert "2-6" in live.unmerged[DAY]
        assert not live.problem, "the site is shown"
        assert "<<<<<<<" not in (live.read("index.html") or "")
        assert f"{DAY}.html" not in (live.read("index.html") or "")
        assert "conflict markers" in (live.read(f"{DAY}.html") or "")
        draft = folder / "drafts" / f"{MOVED}.yaml"
        draft.write_text(draft.read_text("utf-8").replace("小芯片", "大芯片"), "utf-8")
        assert live.refresh([f"drafts/{MOVED}.yaml"])
        assert "大芯片" in (live.read("index.html") or "")

    def test_in_a_draft_refuse_its_publication_and_no_other(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = (folder / "archive" / f"{DAY}.md").read_bytes()
        self.mark(folder / "drafts" / f"{DAY}.yaml")
        assert run(["--issues", str(folder), "issue", str(DAY)]) == 1
        assert f"{DAY}.yaml:2: conflict markers of a merge in lines 2-6" in capsys.readouterr().err
        assert run(["--issues", str(folder), "build", "--jobs", "1"]) == 1
        assert "issues: 2, made: 0, up to date: 1, not published: 0, failed: 1" in capsys.readouterr().out
        assert (folder / "archive" / f"{DAY}.md").read_bytes() == before


class TestTwoDates:
    def test_two_moves_to_different_dates_are_said_and_united(
        self, clones: tuple[Clone, Clone], capsys: pytest.CaptureFixture[str]
    ) -> None:
        first, second = clones
        first.write("某媒体", "她的媒体", "改来源")
        assert first.embedai("reschedule", str(DAY), str(MOVED)) == 0
        first.commit("改期")
        first.share()
        assert second.embedai("reschedule", str(DAY), str(OTHER)) == 0
        second.write("开发板量产", "板子量产", "改期", f"issues/drafts/{OTHER}.yaml")
        assert not second.pull()
        capsys.readouterr()
        assert second.embedai("check") == 1
        assert f"embedai reschedule {OTHER} {MOVED} --merge" in capsys.readouterr().out
        assert second.embedai("issue", str(MOVED)) == 1
        assert f"embedai reschedule {OTHER} {MOVED} --merge" in capsys.readouterr().err
        assert second.embedai("reschedule", str(OTHER), str(MOVED), "--merge") == 0
        item = second.issue(MOVED).entries[0]
        assert (item.source, item.hook) == ("她的媒体", "板子量产")
        assert DraftStore(second.issues).dates() == (MOVED,)
        second.commit("合成一期")
        assert second.embedai("check") == 0

    @pytest.mark.parametrize("keep", [DAY, MOVED])
    def test_a_move_of_what_another_one_publishes_is_said_and_united(
        self, clones: tuple[Clone, Clone], keep: datetime.date, capsys: pytest.CaptureFixture[str]
    ) -> None:
        first, second = clones
        assert first.embedai("issue", str(DAY)) == 0
        first.commit("发布")
        first.share()
        assert second.embedai("reschedule", str(DAY), str(MOVED)) == 0
        second.commit("改期")
        assert second.pull()
        capsys.readouterr()
        assert second.embedai("check", str(MOVED)) == 1
        assert "issue-twice" in capsys.readouterr().out
        assert second.embedai("issue", str(MOVED)) == 1
        assert f"the same issue is there as {DAY}" in capsys.readouterr().err
        drop = MOVED if keep == DAY else DAY
        assert second.embedai("reschedule", str(drop), str(keep), "--merge") == 0
        assert titles(second.issue(keep)) == ["一块开发板的来历", "手写一个 int8 卷积"]
        assert second.embedai("issue", str(keep)) == 0
        assert not list(second.issues.glob(f"*/{drop}*"))

    def test_different_issues_are_not_united(
        self, clones: tuple[Clone, Clone], capsys: pytest.CaptureFixture[str]
    ) -> None:
        clone, _ = clones
        assert clone.embedai("new", str(MOVED)) == 0
        clone.write(
            "  - name: 论文",
            "  - name: 论文\n    items: [{title: 别的}]\n  - name: 论文二",
            "另一期",
            f"issues/drafts/{MOVED}.yaml",
        )
        assert clone.embedai("reschedule", str(DAY), str(MOVED), "--merge") == 2
        assert "different issues" in capsys.readouterr().err
        assert titles(clone.issue()) == ["一块开发板的来历", "手写一个 int8 卷积"]
