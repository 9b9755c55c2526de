"""The commands as they are typed: what they print, what they return, and that they break nothing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import click
import pytest

from embedai_nb import cli
from embedai_nb.cli import commands, import_archive, run
from embedai_nb.cli.group import MODULES
from embedai_nb.edition import Edition
from embedai_nb.importing import files as importing
from tests.conftest import DATA, PROJECT

DRAFT = """\
schema: 1
date: 2031-05-04
headline: [甲]
sections:
  - name: 论文
    items:
      - title: 低比特训练
        source: 甲报
        url: https://example.com/1
        fields: {摘要: 一句。}
      - title: 空链接
        url: ""
        fields: {摘要: 两句。}
"""
OLD = """\
# 嵌入式AI简报 (2031-04-06)：旧

> 导读：旧事。

## 论文

一行认不出的字

- [旧文 | 乙报](https://example.com/2)
摘要: 半角冒号。
"""


class Command:
    """`embedai` in an issues folder."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys

    def __call__(self, *words: str, status: int = 0) -> str:
        """What is printed; what is said on stderr must be one line, and nothing where all is well."""
        assert run(["--issues", str(self.folder), *words]) == status
        out, err = self.capsys.readouterr()
        assert err.count("\n") == (1 if status and not out else 0), err
        return out or err

    def put(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def files(self) -> dict[str, bytes]:
        """Every file but those of locks, which say nothing."""
        found = {str(p.relative_to(self.folder)): p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}
        return {name: content for name, content in found.items() if not name.startswith(".cache/locks/")}


@pytest.fixture
def embedai(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "issues"
    folder.mkdir()
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
    return Command(folder, capsys)


# --- each command ---------------------------------------------------------------------------------------------


def test_new_begins_a_draft_and_says_what_to_do_next(embedai: Command) -> None:
    assert embedai("new", "2031-05-04") == (
        "issues/drafts/2031-05-04.yaml is ready to be edited; then: embedai check 2031-05-04\n"
    )
    assert "论文" in (embedai.folder / "drafts/2031-05-04.yaml").read_text(encoding="utf-8")
    before = embedai.files()
    assert "there is a draft of this date already" in embedai("new", "2031-05-04", status=2)
    assert embedai.files() == before


def test_check_lists_the_findings_with_their_lines(embedai: Command) -> None:
    embedai.put("drafts/2031-05-04.yaml", DRAFT)
    lines = embedai("check", "2031-05-04", status=1).splitlines()
    assert "issues/drafts/2031-05-04.yaml:12: error: 论文 2「空链接」 · 网址: " in "\n".join(lines)
    assert lines[-1].startswith("2031-05-04: errors: 1, ")
    assert all(
        re.fullmatch(r"issues/drafts/2031-05-04\.yaml:\d+: (error|warning|note): .+ \[[a-z-]+\]", x) for x in lines[:-1]
    )


def test_check_without_a_date_is_about_all_drafts(embedai: Command) -> None:
    assert embedai("check") == ""
    embedai.put("drafts/2031-05-04.yaml", DRAFT)
    embedai.put(
        "drafts/2031-05-05.yaml", DRAFT.replace("2031-05-04", "2031-05-05").replace('""', "https://example.com/3")
    )
    out = embedai("check", status=1)
    assert re.search(r"^2031-05-04 +1 ", out, re.MULTILINE)
    assert re.search(r"^2031-05-05 +1 ", out, re.MULTILINE), "its first item was in the other one"


def test_findings_as_json(embedai: Command) -> None:
    embedai.put("drafts/2031-05-04.yaml", DRAFT)
    found = json.loads(embedai("check", "2031-05-04", "--format", "json", status=1))
    empty = next(finding for finding in found if finding["rule"] == "empty-link")
    assert (empty["severity"], empty["line"], empty["date"]) == ("error", 12, "2031-05-04")
    assert empty["place"]["path"] == ["sections", 0, "items", 1, "url"]


def test_findings_as_annotations_of_github(embedai: Command) -> None:
    embedai.put("drafts/2031-05-04.yaml", DRAFT)
    out = embedai("check", "2031-05-04", "--format", "github", status=1)
    assert "::error file=issues/drafts/2031-05-04.yaml,line=12,title=empty-link::论文 2「空链接」 · 网址：" in out
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in out.splitlines())


def test_findings_as_sarif(embedai: Command) -> None:
    embedai.put("drafts/2031-05-04.yaml", DRAFT)
    (run_,) = json.loads(embedai("check", "2031-05-04", "--format", "sarif", status=1))["runs"]
    result = next(each for each in run_["results"] if each["ruleId"] == "empty-link")
    assert result["level"] == "error"
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "issues/drafts/2031-05-04.yaml"},
        "region": {"startLine": 12},
    }
    assert {rule["id"] for rule in run_["tool"]["driver"]["rules"]} == {each["ruleId"] for each in run_["results"]}


def test_several_drafts_are_summed_up_by_rule_and_by_issue(embedai: Command) -> None:
    embedai.put("drafts/2031-05-04.yaml", DRAFT)
    embedai.put("drafts/2031-05-05.yaml", DRAFT.replace("2031-05-04", "2031-05-05").replace("com/1", "com/2"))
    out = embedai("check", status=1)
    assert re.search(r"^rule +severity +findings +issues$", out, re.MULTILINE)
    assert re.search(r"^empty-link +error +2 +2$", out, re.MULTILINE)
    assert re.search(r"^2031-05-05 +1 +\d+ +\d+$", out, re.MULTILINE)
    assert re.search(r"^all +2 +\d+ +\d+$", out, re.MULTILINE)


def test_a_draft_that_cannot_be_read_does_not_hide_the_others(embedai: Command) -> None:
    embedai.put("drafts/2031-05-04.yaml", DRAFT)
    embedai.put("drafts/2031-05-05.yaml", "schema: 1\nsections: [")
    assert run(["--issues", str(embedai.folder), "check"]) == 1
    out, err = embedai.capsys.readouterr()
    assert "[empty-link]" in out
    assert re.search(r"^issues/drafts/2031-05-05\.yaml:2: error: .* \[unreadable-draft\]$", out, re.MULTILINE)
    assert err == ""


def test_the_same_page_in_an_earlier_issue_is_found(embedai: Command) -> None:
    embedai.put("drafts/2031-04-20.yaml", DRAFT.replace("2031-05-04", "2031-04-20"))
    embedai.put("drafts/2031-05-04.yaml", DRAFT)
    assert "曾收录于 2031-04-20：低比特训练" in embedai("check", "2031-05-04", status=1)
    assert "曾收录于" not in embedai("check", "2031-04-20", status=1)


def test_where_no_catalogue_can_be_kept_all_else_is_checked(embedai: Command) -> None:
    embedai.put("drafts/2031-05-04.yaml", DRAFT)
    embedai.put(".cache", "no folder")
    assert run(["--issues", str(embedai.folder), "check", "2031-05-04"]) == 1
    out, err = embedai.capsys.readouterr()
    assert "[empty-link]" in out
    assert err.count("\n") == 1
    assert "catalogue.sqlite: File exists; working in memory" in err


CURABLE = DRAFT.replace("一句。", '"国,内"').replace("title: 空链接", "title: 空链接   # 再找找")


def test_fix_shows_each_change_and_makes_it_and_a_second_run_changes_nothing(embedai: Command) -> None:
    path = embedai.put("drafts/2031-05-04.yaml", CURABLE)
    shown = embedai("fix", "2031-05-04", "--dry-run")
    assert "论文 1「低比特训练」 · 摘要: 改为全角标点 [halfwidth-punctuation]\n" in shown
    assert '  -        fields: {摘要: "国,内"}\n  +        fields: {摘要: 国，内}\n' in shown
    assert path.read_text(encoding="utf-8") == CURABLE
    assert "2031-05-04: fixed: 1, fixes left: 0\n" in embedai("fix", "2031-05-04")
    fixed = path.read_text(encoding="utf-8")
    assert fixed == CURABLE.replace('"国,内"', "国，内")
    assert embedai("fix", "2031-05-04") == "2031-05-04: fixed: 0, fixes left: 0\n"
    assert path.read_text(encoding="utf-8") == fixed


def test_what_a_person_ought_to_look_at_is_fixed_on_demand(embedai: Command) -> None:
    path = embedai.put("drafts/2031-05-04.yaml", DRAFT + "lead: 【新闻】；【论文】。\n")
    said = embedai("fix", "2031-05-04")
    assert said.startswith("2031-05-04: fixed: 0, fixes left: 1\nlook at the others with: ")
    assert "清空，由程序生成 [lead-skeleton]" in embedai("fix", "2031-05-04", "--all")
    assert "【新闻】" not in path.read_text(encoding="utf-8")


def test_show_prints_the_issue_as_it_will_be_published(embedai: Command) -> None:
    embedai.put("drafts/2031-05-04.yaml", DRAFT)
    markdown = embedai("show", "2031-05-04")
    assert markdown == embedai("show", "2031-05-04", "--format", "markdown")
    assert "- [低比特训练 | 甲报](https://example.com/1)" in markdown
    assert "本期2条。【论文】低比特训练，空链接。" in markdown
    html = embedai("show", "2031-05-04", "--format", "html")
    assert html.startswith("<!DOCTYPE html>")
    assert 'href="https://example.com/1"' in html
    draft = json.loads(embedai("show", "2031-05-04", "--format", "json"))
    assert draft["sections"][0]["items"][0]["url"] == "https://example.com/1"


def test_import_makes_a_draft_and_says_what_was_raw_or_normalised(embedai: Command, tmp_path: Path) -> None:
    path = embedai.put("old.md", OLD)
    assert embedai("import", str(path)).splitlines() == [
        "old.md → issues/drafts/2031-04-06.yaml (items: 1, raw: 1, normalised: 1)",
        "old.md:7: raw: 一行认不出的字",
        "old.md:10: normalised: ':' → '：'",
    ]
    assert embedai("show", "2031-04-06") == OLD.replace("\n摘要: ", "  \n摘要：")


def test_import_does_not_overwrite_a_draft_and_goes_on_with_the_other_files(embedai: Command) -> None:
    path = embedai.put("old.md", OLD)
    other = embedai.put("2031-03-02.md", "没有标题\n")
    embedai("import", str(path))
    draft = (embedai.folder / "drafts/2031-04-06.yaml").read_bytes()
    assert run(["--issues", str(embedai.folder), "import", str(path), str(other)]) == 1
    out, err = embedai.capsys.readouterr()
    assert "2031-03-02.md → issues/drafts/2031-03-02.yaml" in out
    assert re.fullmatch(r"embedai: .*2031-04-06\.yaml: there is a draft of this date already; .*\n", err)
    assert (embedai.folder / "drafts/2031-04-06.yaml").read_bytes() == draft


@pytest.mark.parametrize(
    ("stopping", "said"),
    [
        (KeyboardInterrupt(), "interrupted; "),
        (OSError(28, "No space left on device", "x.md"), "x.md: No space left on device; "),
    ],
)
def test_an_import_that_ends_early_says_what_was_imported(
    embedai: Command, monkeypatch: pytest.MonkeyPatch, stopping: BaseException, said: str
) -> None:
    for date in ("2031-03-02", "2031-04-06", "2031-05-04"):
        embedai.put(f"old/{date}.md", OLD.replace("2031-04-06", date))

    def until_april(path: Path, *arguments: object, **options: object) -> importing.Imported:
        if path.stem == "2031-05-04":
            raise stopping
        return import_file(path, *arguments, **options)

    import_file: Callable[..., importing.Imported] = importing.import_file
    monkeypatch.setattr(importing, "import_file", until_april)
    assert run(["--issues", str(embedai.folder), "import", str(embedai.folder / "old")]) == 1
    out, err = embedai.capsys.readouterr()
    assert [line for line in out.splitlines() if "→ issues" in line] == [
        f"{date}.md → issues/drafts/{date}.yaml (items: 1, raw: 1, normalised: 1)"
        for date in ("2031-03-02", "2031-04-06")
    ]
    assert err == f"embedai: {said}2 of 3 files were imported before, their drafts stay; import the others again\n"


def test_an_import_interrupted_while_its_report_is_made_says_so_too(
    embedai: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(import_archive, "_print_archive", interrupted)
    for date in ("2031-03-02", "2031-04-06"):
        embedai.put(f"old/{date}.md", OLD.replace("2031-04-06", date))
    assert run(["--issues", str(embedai.folder), "import", str(embedai.folder / "old")]) == 1
    assert "interrupted; 2 of 2 files were imported before" in embedai.capsys.readouterr().err


def test_a_folder_is_imported_whole_and_summed_up(embedai: Command) -> None:
    for date in ("2031-03-02", "2031-04-06"):
        embedai.put(f"old/{date}.md", OLD.replace("2031-04-06", date))
    embedai.put("old/README.md", "无日期\n")
    assert run(["--issues", str(embedai.folder), "import", str(embedai.folder / "old")]) == 1
    out, err = embedai.capsys.readouterr()
    assert re.search(r"README\.md:1: date: no date in the title", err)
    rows = dict(re.findall(r"^([a-z -]+?) +(\d+)$", out, re.MULTILINE))
    assert {name: rows[name] for name in ("issues", "not imported", "items", "raw lines", "page-before")} == {
        "issues": "2",
        "not imported": "1",
        "items": "2",
        "raw lines": "2",
        "page-before": "1",
    }
    assert (embedai.folder / ".cache" / "catalogue.sqlite").exists()


@pytest.mark.parametrize(
    ("name", "title", "option", "date", "said"),
    [
        (
            "2031-01-05.md",
            "# 简报 (2031-04-06)",
            None,
            "2031-04-06",
            "the title says 2031-04-06; the file name says 2031-01-05",
        ),
        ("2031-01-05.md", "# 简报", None, "2031-01-05", ""),
        ("notes.md", "# 简报", "2031-02-02", "2031-02-02", ""),
        (
            "2031-01-05.md",
            "# 简报",
            "2031-02-02",
            "2031-01-05",
            "the file name says 2031-01-05; --date says 2031-02-02",
        ),
        ("2031-02-30.md", "# 简报 (2031-13-01)", "2031-02-02", "2031-02-02", ""),
        ("report-2031-01-05-v2.md", "无", None, "2031-01-05", ""),
    ],
)
def test_the_date_is_the_titles_else_the_file_names_else_the_options(
    embedai: Command, name: str, title: str, option: str | None, date: str, said: str
) -> None:
    path = embedai.put(name, f"{title}\n\n## 论文\n")
    out = embedai("import", str(path), *(["--date", option] if option else []))
    assert (embedai.folder / f"drafts/{date}.yaml").exists()
    assert (f"{name}: {said}; {date} was taken" in out) if said else ("was taken" not in out)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"# \xff\n", "not UTF-8 at byte 2; convert the file to UTF-8"),
        ("# 简报\n".encode(), "1: date: no date in the title; name the date with --date YYYY-MM-DD"),
    ],
)
def test_a_file_that_cannot_be_imported_is_named(embedai: Command, content: bytes, said: str) -> None:
    path = embedai.folder / "x.md"
    path.write_bytes(content)
    assert said in embedai("import", str(path), status=1)
    assert not (embedai.folder / "drafts").exists()


UNFINISHED = OLD.replace("[旧文 | 乙报](https://example.com/2)", "[]()")


@pytest.mark.parametrize(
    ("text", "option", "errors", "said"),
    [
        (OLD, None, False, ""),
        (OLD, "--draft", True, ""),
        (
            UNFINISHED,
            None,
            True,
            "old.md: unfinished (empty-link), so a draft; import with --published if readers had it",
        ),
        (UNFINISHED, "--published", False, ""),
        (UNFINISHED, "--draft", True, ""),
    ],
)
def test_an_old_issue_was_published_unless_it_is_unfinished_or_said_to_be_a_draft(
    embedai: Command, text: str, option: str | None, *, errors: bool, said: str
) -> None:
    """The errors in an issue that readers have had are warnings; a draft is not published with one."""
    path = embedai.put(
        "old.md", text.replace("## 论文\n", "## 论文\n\n- [没有地址]()\n") if text is OLD and option else text
    )
    out = embedai("import", *([option] if option else []), str(path))
    assert [line for line in out.splitlines() if "unfinished" in line] == [said] * bool(said)
    found = json.loads(embedai("check", "2031-04-06", "--format", "json", status=int(errors)))
    assert any(finding["severity"] == "error" for finding in found) == errors
    assert ("unpublished: true" in (embedai.folder / "drafts/2031-04-06.yaml").read_text("utf-8")) == errors


def test_reschedule_takes_draft_review_and_title_along(embedai: Command) -> None:
    embedai.put("drafts/2031-05-04.yaml", "# 我的\n" + DRAFT)
    for name in (
        "review/2031-05-04.ipynb",
        "archive/2031-05-04.md",
        "archive/2031-05-04.html",
        "review/2031-05-04.failed.ipynb",
    ):
        embedai.put(name, name)
    said = embedai("reschedule", "2031-05-04", "2031-05-11")
    assert said == "2031-05-04 is now issues/drafts/2031-05-11.yaml; publish it with: embedai issue 2031-05-11\n"
    left = {name for name in embedai.files() if not name.startswith(".cache") and name != "newsletter.yaml"}
    assert left == {
        ".schema/draft-1.json",
        ".schema/newsletter.json",
        "drafts/2031-05-11.yaml",
        "review/2031-05-11.ipynb",
        "archive/2031-05-11.md",
        "archive/2031-05-11.html",
    }
    assert embedai.files()["drafts/2031-05-11.yaml"].decode() == "# 我的\n" + DRAFT.replace("05-04", "05-11")
    assert embedai("show", "2031-05-11").split("\n")[4] == "# 嵌入式AI简报 (2031-05-11)：甲"


@pytest.mark.parametrize("there", ["drafts/2031-05-11.yaml", "archive/2031-05-11.md", "review/2031-05-11.ipynb"])
def test_reschedule_overwrites_nothing(embedai: Command, there: str) -> None:
    embedai.put("drafts/2031-05-04.yaml", DRAFT)
    embedai.put(there, "别人的")
    before = embedai.files()
    assert "there is an issue of 2031-05-11 already" in embedai("reschedule", "2031-05-04", "2031-05-11", status=2)
    assert embedai.files() == before


# --- wrong words ----------------------------------------------------------------------------------------------

NO_DATES = [
    "../../etc/x", "2019-02-30", "20190413", "2019-W15-6", "２０１９-04-13", "2019-04-13\n", "{DATE.__class__}", "$(id)", ";id",
    "2019-04-13\0", "", "2019-4-13", " 2019-04-13",
]  # fmt: skip


@pytest.mark.parametrize("date", NO_DATES)
@pytest.mark.parametrize("command", ["new", "issue", "check", "show"])
def test_a_date_that_is_none_is_refused_before_any_path_is_built(embedai: Command, command: str, date: str) -> None:
    before = embedai.files()
    said = embedai(command, "--", date, status=2)
    assert "no date" in said or "no day of the calendar" in said
    assert embedai.files() == before


@pytest.mark.parametrize("command", ["issue", "check", "show"])
def test_a_date_without_a_draft_is_wrong_usage(embedai: Command, command: str) -> None:
    said = embedai(command, "2031-05-04", status=2)
    assert said.endswith("drafts/2031-05-04.yaml: no draft of this date; begin it with: embedai new 2031-05-04\n")


@pytest.mark.parametrize("command", ["issue", "show"])
def test_a_draft_that_cannot_be_read_is_named_with_its_line(embedai: Command, command: str) -> None:
    embedai.put("drafts/2031-05-04.yaml", DRAFT.replace("source", "sorce"))
    before = embedai.files()
    said = embedai(command, "2031-05-04", status=1)
    assert said.endswith("2031-05-04.yaml:8: 论文 1: sorce: no such key; did you mean `source`?\n")
    assert {name: text for name, text in embedai.files().items() if ".cache" not in name} == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["show"], "Missing argument 'DATE'"),
        (["show", "2031-05-04", "--format", "pdf"], "'pdf' is not one of"),
        (["issue", "2031-05-04", "--timeout", "0"], "not in the range"),
        (["import"], "Missing argument"),
        (["import", "nowhere.md"], "nowhere.md: No such file or directory"),
    ],
)
def test_wrong_usage_is_one_line(embedai: Command, words: list[str], said: str) -> None:
    assert said in embedai(*words, status=1 if "nowhere.md" in words else 2)


def test_the_issues_folder_is_named_found_or_asked_for(
    embedai: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    embedai.put("drafts/2031-05-04.yaml", DRAFT)
    (tmp_path / "deep" / "below").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "below")
    assert run(["show", "2031-05-04"]) == 0
    monkeypatch.chdir("/")
    assert run(["show", "2031-05-04"]) == 2
    assert (
        "no newsletter.yaml there; begin a newsletter here with embedai init, or name its issues folder with --issues DIR"
        in embedai.capsys.readouterr().err
    )
    monkeypatch.setenv("EMBEDAI_ISSUES", str(embedai.folder))
    assert run(["show", "2031-05-04"]) == 0


def test_another_newsletter_from_its_first_draft_on(embedai: Command) -> None:
    shutil.copy(DATA / "newsletters" / "potting-shed" / "newsletter.yaml", embedai.folder / "newsletter.yaml")
    embedai("new", "2031-05-04")
    assert "# The Potting Shed (2031-05-04)" in embedai("show", "2031-05-04")
    assert '<html lang="en">' in embedai("show", "2031-05-04", "--format", "html")


# --- help -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODULES)
def test_every_command_explains_itself(name: str) -> None:
    command = commands.get_command(click.Context(commands), name)
    assert command
    assert command.help
    options = [option for option in command.params if isinstance(option, click.Option)]
    assert all(option.help or isinstance(option.type, click.Choice) for option in options)


def test_every_command_of_a_module_is_found() -> None:
    for module in iter_modules(cli.__path__, f"{cli.__name__}."):
        import_module(module.name)
    assert commands.commands.keys() == MODULES.keys()


def test_a_command_imports_no_others() -> None:
    code = "from embedai_nb.cli import commands, run; run(['search', '--help']); print(*commands.commands)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "search"


def test_help_is_printed(embedai: Command) -> None:
    said = embedai("--help")
    assert "Edit, check and publish a newsletter" in said
    assert "..." not in said.replace("[ARGS]...", ""), "each command is explained in one whole line"
    assert re.fullmatch(r"embedai \d+\.\d+\.\d+, Python 3\.\d+\.\d+\n", embedai("--version"))


def test_help_imports_nothing_for_logging() -> None:
    code = "import sys; from embedai_nb.cli import run; run(['--help']); sys.exit('logging' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_the_option_names_the_issues_folder_rather_than_the_environment(
    embedai: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMBEDAI_ISSUES", str(tmp_path / "elsewhere"))
    embedai.put("drafts/2031-05-04.yaml", DRAFT)
    assert "低比特训练" in embedai("show", "2031-05-04")


# --- drafts that cannot be read, or have another name ---------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        f"schema: {'9' * 5000}\ndate: 2031-05-11\n",
        "schema: 1\ndate: 2031-05-11\nwarmups:\n" + "- raw: x\n" * 2001,
        "schema: 1\ndate: 2031-05-11\nlead: " + "x" * 5_000_000,
        "[" * 200_000,
    ],
    ids=["schema", "items", "bytes", "brackets"],
)
def test_a_bad_draft_keeps_no_other_from_being_checked(bad: str, embedai: Command) -> None:
    embedai.put("drafts/2031-05-04.yaml", DRAFT)
    path = embedai.put("drafts/2031-05-11.yaml", bad)
    assert run(["--issues", str(embedai.folder), "check"]) == 1
    out, err = embedai.capsys.readouterr()
    assert "[empty-link]" in out
    assert [line for line in out.splitlines() if "[unreadable-draft]" in line and path.name in line]
    assert not err


def test_a_rule_that_fails_keeps_no_other_draft_from_being_checked(
    embedai: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in ("04", "11"):
        embedai.put(f"drafts/2031-05-{day}.yaml", DRAFT.replace("2031-05-04", f"2031-05-{day}"))
    checked = Edition.checked

    def failing(edition: Edition, *arguments: object) -> object:
        if edition.draft.date.day == 11:
            raise LookupError("x")
        return checked(edition, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Edition, "checked", failing)
    assert run(["--issues", str(embedai.folder), "check"]) == 1
    out, err = embedai.capsys.readouterr()
    assert "[empty-link]" in out
    assert err.count("\n") == 1
    assert "2031-05-11.yaml: cannot be checked (LookupError: x)" in err


@pytest.mark.parametrize("words", [("check",), ("check", "2031-05-11"), ("new", "2031-05-11"), ("show", "2031-05-11")])
def test_a_draft_of_another_name_is_named(words: tuple[str, ...], embedai: Command) -> None:
    path = embedai.put("drafts/2031-5-11.yml", DRAFT)
    assert run(["--issues", str(embedai.folder), *words]) in (1, 2)
    assert f"{path}: not the name of a draft; rename it to 2031-05-11.yaml\n" in embedai.capsys.readouterr().err


def test_a_file_too_large_is_not_imported(embedai: Command) -> None:
    path = embedai.put("old.md", "x" * 5_000_001)
    assert run(["--issues", str(embedai.folder), "import", str(path), "--date", "2031-05-11"]) == 1
    assert "old.md: 5.0 MB, and at most 5 MB are read" in embedai.capsys.readouterr().err
