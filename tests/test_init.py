"""A newsletter of one's own: what `embedai init` writes, asks and refuses, and that everything works from there."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from embedai_nb import __version__
from embedai_nb.cli import run
from embedai_nb.cli.init_command import LANGUAGES
from embedai_nb.drafts import DraftStore, load_newsletter
from embedai_nb.errors import UsageError
from embedai_nb.init import NewNewsletter, begin, default_sections
from embedai_nb.model import Newsletter
from embedai_nb.workspace import transaction
from embedai_nb.workspace.git_files import missing_lines

from .conftest import PROJECT

TODAY = datetime.date(2031, 5, 4)
DATE = "2031-05-11"
EXAMPLE = {language: NewNewsletter("甲乙丙", language, example=True) for language in LANGUAGES}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no pseudo-terminals")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a name that is hard on shells and paths, as the working folder of a user who speaks English."""
    (folder := tmp_path / "我的 简报 $HOME").mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("EMBEDAI_ISSUES", raising=False)
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    return folder


def files(folder: Path) -> dict[str, bytes]:
    """The files that a user sees: without the cache, and without git's own."""
    found = (path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
    return {name: content for name, content in named.items() if not re.search(r"(^|/)(\.cache|\.git)/", name)}


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True).stdout


# --- what it leaves -------------------------------------------------------------------------------------------

GITHUB = [
    ".devcontainer/devcontainer.json",
    ".github/workflows/check.yml",
    ".github/workflows/comment.yml",
    ".github/workflows/publish.yml",
]
OTHERS = [
    ".gitignore",
    "README.md",
    "issues/.gitattributes",
    "issues/.gitignore",
    "issues/.schema/draft-1.json",
    "issues/.schema/newsletter.json",
    f"issues/drafts/{DATE}.yaml",
    "issues/newsletter.yaml",
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_folder_becomes_a_newsletter(folder: Path, language: str) -> None:
    begun = begin(folder, EXAMPLE[language], TODAY)
    assert sorted(files(folder)) == sorted([*GITHUB, *OTHERS])
    assert set(begun.files) == {(folder / name).resolve() for name in files(folder)}
    assert str(begun.date) == DATE
    newsletter = load_newsletter(folder / "issues" / "newsletter.yaml")
    assert (newsletter.name, newsletter.language) == ("甲乙丙", language)
    assert newsletter.sections == default_sections(language)
    assert DraftStore(folder / "issues").dates() == (begun.date,)


def test_a_folder_that_is_not_there_yet_is_made(folder: Path) -> None:
    begin(folder / "a" / "b", EXAMPLE["en"], TODAY)
    assert (folder / "a" / "b" / "issues" / "newsletter.yaml").is_file()


def test_what_it_writes_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one", "another place"):
        begin(tmp_path / name, EXAMPLE["en"], TODAY)
    assert files(tmp_path / "one") == files(tmp_path / "another place")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_two_languages_are_not_mixed(folder: Path, language: str) -> None:
    begin(folder, NewNewsletter("Name", language, notebook=True), TODAY)
    for name in ("README.md", "issues/newsletter.yaml"):
        chinese = re.findall(r"[\u4e00-\u9fff]+", (folder / name).read_text("utf-8"))
        assert (len(chinese) > 10) == (language == "zh-CN"), name


@pytest.mark.parametrize(
    "name", ["Tea: the #1", "yes", "2031", "'quoted' \"twice\"", "{wanted.name}", "{{ wanted }}", "- a", "简报【甲】"]
)
def test_any_name_is_a_name(folder: Path, name: str) -> None:
    begin(folder, NewNewsletter(name, "en"), TODAY)
    assert load_newsletter(folder / "issues" / "newsletter.yaml").name == name
    assert json.loads((folder / ".devcontainer" / "devcontainer.json").read_text("utf-8"))["name"] == name
    assert (folder / "README.md").read_text("utf-8").startswith(f"# {name}\n")


def test_sections_of_ones_own_get_the_items_of_the_example_by_number(folder: Path) -> None:
    begin(folder, NewNewsletter("甲", "zh-CN", sections=("动态", "论文"), example=True), TODAY)
    newsletter = load_newsletter(folder / "issues" / "newsletter.yaml")
    assert [style.name for style in newsletter.sections] == ["动态", "论文"]
    assert newsletter.sections[1] in default_sections("zh-CN"), "one that is usual keeps what it needs"
    issue = DraftStore(folder / "issues").load(TODAY + datetime.timedelta(days=7)).issue
    assert [(section.name, len(section.items)) for section in issue.sections] == [("动态", 1), ("论文", 1)]


def test_every_file_of_the_editors_names_only_what_is_there(folder: Path) -> None:
    begin(folder, NewNewsletter("Name", "en", notebook=True), TODAY)
    said = (folder / "README.md").read_text("utf-8")
    made_later = {"issues/review/", "issues/archive/", "site/"}
    named = set(re.findall(r"`((?:issues|notebooks|site)/[\w./-]*)`", said)) - made_later
    assert len(named) >= 3
    assert [name for name in named if not (folder / name).exists()] == []


# --- where a repository is there ------------------------------------------------------------------------------


def test_a_repository_keeps_its_readme_and_its_lines(folder: Path) -> None:
    git(folder, "init", "--quiet")
    (folder / "README.md").write_text("ours\n", encoding="utf-8")
    (folder / ".gitignore").write_text("*.log\n", encoding="utf-8")
    assert begin(folder, EXAMPLE["en"], TODAY).in_repository
    assert (folder / "README.md").read_text("utf-8") == "ours\n"
    assert (folder / "issues" / "README.md").exists()
    assert (folder / ".gitignore").read_text("utf-8").startswith("*.log\n/site/\n")
    assert missing_lines(folder / "issues") == []
    assert "embedai_nb merge" in git(folder, "config", "merge.embedai.driver")


def test_what_github_reads_lies_at_the_root_of_the_repository(folder: Path) -> None:
    git(folder, "init", "--quiet")
    begin(folder / "my news", NewNewsletter("News", "en", notebook=True), TODAY)
    assert sorted(name for name in files(folder) if not name.startswith("my news/")) == sorted([*GITHUB, ".gitignore"])
    publish = yaml.safe_load((folder / GITHUB[3]).read_text("utf-8"))
    assert publish["env"]["EMBEDAI_ISSUES"] == "my news/issues"
    container = json.loads((folder / GITHUB[0]).read_text("utf-8"))
    assert container["remoteEnv"]["EMBEDAI_ISSUES"] == "${containerWorkspaceFolder}/my news/issues"
    git(folder, "check-ignore", "my news/site/index.html", "site/index.html", "my news/issues/.cache/x")


def test_workflows_of_a_new_newsletter_pass_actionlint(folder: Path) -> None:
    places = os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))
    if not (program := shutil.which("actionlint", path=places)):
        pytest.skip("no actionlint on the PATH")
    git(folder, "init", "--quiet")
    begin(folder / "a: #b", NewNewsletter("News", "en", notebook=True), TODAY)
    done = subprocess.run([program, *GITHUB[1:]], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    steps = yaml.safe_load((folder / GITHUB[3]).read_text("utf-8"))["jobs"]["build"]["steps"]
    assert {"EMBEDAI_NOTEBOOK": "a: #b/notebooks/issue.ipynb"} in [step.get("env") for step in steps]
    assert "EMBEDAI_NOTEBOOK" not in (folder / GITHUB[1]).read_text("utf-8"), "a pull request's is not run"


def test_workflows_and_container_install_this_version(folder: Path) -> None:
    """Another one might write other bytes than those that editors commit."""
    begin(folder, EXAMPLE["en"], TODAY)
    for name in (GITHUB[1], GITHUB[3]):
        assert f"EMBEDAI: embedai-nb~={__version__}\n" in (folder / name).read_text("utf-8")
    assert f"'embedai-nb[editor]~={__version__}'" in (folder / GITHUB[0]).read_text("utf-8")


def test_files_for_github_can_be_left_out(folder: Path) -> None:
    begin(folder, NewNewsletter("News", "en", github=False), TODAY)
    assert sorted(files(folder)) == sorted(OTHERS)


# --- all or none ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*GITHUB, *(name for name in OTHERS if not re.search(r"\.git|README", name))])
def test_nothing_is_overwritten(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("somebody's", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        begin(folder, EXAMPLE["en"], TODAY)
    assert f"these files are there already: {name}; nothing was written" in str(caught.value)
    assert files(folder) == {name: b"somebody's"}
    assert (folder / "issues").exists() == name.startswith("issues/"), "not even a cache is left"


def test_a_link_is_neither_followed_nor_replaced(folder: Path) -> None:
    (folder / "README.md").symlink_to("nowhere")
    (folder / ".devcontainer").mkdir()
    (folder / ".devcontainer" / "devcontainer.json").symlink_to("nowhere")
    with pytest.raises(UsageError, match=r"already: .*devcontainer\.json"):
        begin(folder, EXAMPLE["en"], TODAY)
    (folder / "issues").symlink_to(folder.parent)
    with pytest.raises(UsageError, match=r"issues: is a link"):
        begin(folder, EXAMPLE["en"], TODAY)


def test_a_second_time_every_file_is_named(folder: Path) -> None:
    begin(folder, EXAMPLE["en"], TODAY)
    before = files(folder)
    with pytest.raises(UsageError, match=r"check\.yml, .*issues/newsletter\.yaml; nothing"):
        begin(folder, EXAMPLE["zh-CN"], TODAY)
    assert files(folder) == before


def test_a_file_where_a_folder_should_be_is_named(folder: Path) -> None:
    (folder / "issues").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match=r"issues: is no folder"):
        begin(folder, EXAMPLE["en"], TODAY)
    with pytest.raises(UsageError, match=r"issues: is no folder"):
        begin(folder / "issues" / "deeper", EXAMPLE["en"], TODAY)


def test_where_a_file_cannot_be_written_there_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    def full(path: Path, content: bytes) -> None:
        written.append(path)
        if len(written) == 5:
            raise OSError(28, "No space left on device")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    monkeypatch.setattr(transaction, "_write", full)
    with pytest.raises(OSError, match="No space left"):
        begin(folder, EXAMPLE["en"], TODAY)
    assert files(folder) == {}


def test_what_was_interrupted_in_the_middle_is_completed_next_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(Exception):
        pass

    def killed(folder: Path, date: str) -> None:
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(transaction, "_complete", killed)
        with pytest.raises(KilledError):
            begin(folder, EXAMPLE["en"], TODAY)
    assert files(folder) == {}
    with pytest.raises(UsageError, match="are there already"):
        begin(folder, EXAMPLE["en"], TODAY)
    assert sorted(files(folder)) == sorted([*GITHUB, *OTHERS])


# --- the command ----------------------------------------------------------------------------------------------


def test_with_nobody_to_ask_a_name_is_needed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init"]) == 2
    said = "embedai: --name: the newsletter needs a name; give it: embedai init --name 'My newsletter'\n"
    assert capsys.readouterr().err == said
    assert files(folder) == {}


def test_it_says_what_it_wrote_and_what_comes_next(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "my news", "--name", " My  News ", "--sections", "A，B、C, B"]) == 0
    *wrote, after, cd, edit, _, _ = capsys.readouterr().out.splitlines()
    assert sorted(line.removeprefix("wrote ") for line in wrote) == sorted(files(folder))
    assert (after, cd) == ("Next:", "  cd 'my news'")
    (date,) = DraftStore(folder / "my news" / "issues").dates()
    assert edit == f"  embedai edit {date}"
    newsletter = load_newsletter(folder / "my news" / "issues" / "newsletter.yaml")
    assert (newsletter.name, newsletter.language) == ("My News", "en")
    assert [style.name for style in newsletter.sections] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("locale", "language"), [("zh_CN.UTF-8", "zh-CN"), ("zh_TW.UTF-8", "zh-CN"), ("de_DE.UTF-8", "en"), ("C", "en")]
)
def test_the_language_is_that_of_the_user(
    folder: Path, monkeypatch: pytest.MonkeyPatch, locale: str, language: str
) -> None:
    monkeypatch.setenv("LANG", locale)
    assert run(["init", "--name", "甲"]) == 0
    assert load_newsletter(folder / "issues" / "newsletter.yaml").language == language


def test_the_issues_folder_cannot_be_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--issues", "news", "init", "--name", "x"]) == 2
    assert "embedai init DIR" in capsys.readouterr().err
    assert files(folder) == {}


def test_an_environment_that_names_another_newsletter_is_mentioned(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EMBEDAI_ISSUES", "/elsewhere")
    assert run(["init", "--name", "x"]) == 0
    assert "/elsewhere; first: unset EMBEDAI_ISSUES" in capsys.readouterr().err


def test_an_empty_folder_says_how_to_begin(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", DATE]) == 2
    assert "begin a newsletter here with embedai init" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1: the file is empty; write what your newsletter is called: `name: …`; or delete the file"),
        ("language: en\n", "1: name: missing; write `name: …`"),
        ("name: A\nsections: [{name: B, need: [tag]}]\n", "2: sections.need: no such key; did you mean `needs`?"),
    ],
)
def test_a_newsletter_without_what_it_needs_says_what(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (folder / "issues").mkdir()
    (folder / "issues" / "newsletter.yaml").write_text(text, encoding="utf-8")
    assert run(["new", DATE]) == 1
    assert f"newsletter.yaml:{said}" in capsys.readouterr().err


# --- the questions --------------------------------------------------------------------------------------------


def converse(folder: Path, answers: list[str], *words: str, **environment: str) -> str:
    """Run a command in a terminal of its own, answer each of its questions, and return all that it said."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        command = [sys.executable, "-m", "embedai_nb", *words]
        os.execve(command[0], command, os.environ | {"PYTHONPATH": str(PROJECT)} | environment)
    said, left = "", list(answers)
    with contextlib.suppress(OSError):  # the terminal's other end is closed
        while more := os.read(terminal, 4096):
            said += more.decode("utf-8", "replace")
            if left and said.rstrip().endswith(":"):
                answer = left.pop(0)
                os.write(terminal, f"{answer}\n".encode())
                said += "\x00"
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, said
    assert left == [], said
    return said


@pytest.mark.processes
def test_in_a_terminal_it_asks_for_what_is_not_given(folder: Path) -> None:
    said = converse(folder, ["Small Machines", "", "News, Tools", "n"], "init", LANG="en_US.UTF-8")
    assert [q in said for q in ("Name:", "[en]:", "[News, Papers, Projects, Reading]:", "[Y/n]:")] == [True] * 4
    newsletter = load_newsletter(folder / "issues" / "newsletter.yaml")
    assert (newsletter.name, newsletter.language) == ("Small Machines", "en")
    assert [style.name for style in newsletter.sections] == ["News", "Tools"]
    store = DraftStore(folder / "issues")
    assert store.load(store.dates()[0]).issue.entries == ()


@pytest.mark.processes
def test_it_asks_in_the_language_of_the_user_and_takes_what_is_usual(folder: Path) -> None:
    said = converse(folder, ["小机器", "", "", ""], "init", LANG="zh_CN.UTF-8", LANGUAGE="zh_CN")
    assert re.search(r"名称.*语言.*zh-CN.*栏目.*新闻, 论文, 开源, 文章", said, re.DOTALL), said
    newsletter = load_newsletter(folder / "issues" / "newsletter.yaml")
    assert newsletter.sections == default_sections("zh-CN")
    store = DraftStore(folder / "issues")
    assert len(store.load(store.dates()[0]).issue.entries) == 4, "Enter says yes to the example"


@pytest.mark.processes
def test_what_is_given_is_not_asked(folder: Path) -> None:
    given = ["--name", "A", "--language", "en", "--sections", "B", "--no-example"]
    assert ":" not in converse(folder, [], "init", *given).partition("wrote")[0]


# --- everything works from there ------------------------------------------------------------------------------


def embedai(folder: Path, *words: str, **environment: str) -> str:
    """Run a command as a user of the new newsletter does."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("EMBEDAI")}
    command = [sys.executable, "-m", "embedai_nb", *words]
    variables = inherited | {"PYTHONPATH": str(PROJECT)} | environment
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


@pytest.mark.processes
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_has_no_findings_and_is_published(folder: Path, language: str) -> None:
    begin(folder, EXAMPLE[language], TODAY)
    assert "errors: 0, warnings: 0, notes: 0" in embedai(folder, "check", "--strict", LANG="C", LANGUAGE="en")
    embedai(folder, "issue", DATE)
    embedai(folder, "site", "--url", "https://example.org/")
    page = (folder / "issues" / "archive" / f"{DATE}.html").read_text("utf-8")
    assert f'lang="{language}"' in page
    for section in default_sections(language):
        assert section.name in page
    assert (folder / "site" / f"{DATE}.html").exists()
    assert list((folder / "site").glob("*.xml"))


@pytest.mark.processes
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_next_draft_is_begun_checked_and_merged_by_git(folder: Path, language: str) -> None:
    git(folder, "init", "--quiet")
    begin(folder, EXAMPLE[language], TODAY)
    embedai(folder, "new", "2031-05-18")
    assert len(DraftStore(folder / "issues").dates()) == 2
    assert "git is set up already" in embedai(folder, "setup-git", LANG="C", LANGUAGE="en")


# --- a notebook of one's own ----------------------------------------------------------------------------------


@pytest.mark.processes
def test_a_notebook_of_ones_own_is_executed_where_the_environment_names_it_and_nowhere_else(folder: Path) -> None:
    begin(folder, NewNewsletter("A", "en", example=True, notebook=True), TODAY)
    path = folder / "notebooks" / "issue.ipynb"
    mark = "open('ran', 'w').write('x')\\n"
    path.write_text(
        path.read_text("utf-8").replace("from embedai_nb import review\\n", f"{mark}from embedai_nb import review\\n")
    )
    assert mark in path.read_text("utf-8")
    for command in (("issue", DATE), ("build",), ("review", DATE)):
        embedai(folder, *command)
    assert list(folder.rglob("ran")) == []
    embedai(folder, "build", EMBEDAI_NOTEBOOK="notebooks/issue.ipynb")
    assert [ran.parent.name for ran in folder.rglob("ran")] == ["issues"]
    said = embedai(folder, "build", "--explain", DATE, LANG="C", LANGUAGE="en")
    assert "the notebook" in said


def test_a_notebook_that_is_named_and_not_there_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(folder, EXAMPLE["en"], TODAY)
    monkeypatch.setenv("EMBEDAI_NOTEBOOK", "nowhere.ipynb")
    assert run(["build"]) == 2
    assert "nowhere.ipynb: $EMBEDAI_NOTEBOOK: no such notebook" in capsys.readouterr().err


# --- the wheel ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what the Dockerfile copies and nothing else."""
    context = tmp_path_factory.mktemp("context")
    ignored = (PROJECT / ".docker" / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    for name in (line[1:] for line in ignored if line.startswith("!")):
        source, target = PROJECT / name, context / name
        shutil.copytree(
            source, target, ignore=shutil.ignore_patterns("__pycache__", "*.mo")
        ) if source.is_dir() else shutil.copy(source, target)
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "uv", "build", "--wheel", "--offline", "--no-build-isolation"]
    subprocess.run([*command, "--python", sys.executable, "--out-dir", out, context], check=True, capture_output=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, and the packages of this one."""
    place = tmp_path_factory.mktemp("environment")
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, place], check=True)
    python = place / "bin" / "python"
    install = [*uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel]
    subprocess.run(install, check=True)
    packages = next((place / "lib").glob("python*")) / "site-packages"
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return place


def commands(page: str) -> Iterator[str]:
    """The lines of the shell blocks of a page, without their comments."""
    text = (PROJECT / page).read_text("utf-8")
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield from (line.partition("  #")[0].strip() for line in block.splitlines())


@pytest.mark.processes
@pytest.mark.parametrize("page", ["docs/start.md", "docs/start.zh-CN.md", "README.md", "README.zh-CN.md"])
def test_every_command_of_the_first_steps_works_from_the_wheel_in_an_empty_folder(
    folder: Path, environment: Path, page: str
) -> None:
    date = datetime.datetime.now().astimezone().date() + datetime.timedelta(days=7)
    lines = [line.replace("DATE", str(date)) for line in commands(page) if not line.startswith("make ")]
    typed = [line for line in lines if not line.startswith("embedai edit")]  # tests/test_containers.py opens the form
    assert len(typed) >= 4
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("EMBEDAI", "PYTHON"))}
    variables = inherited | {"PATH": f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    script = ["bash", "-euo", "pipefail", "-c", "\n".join(typed)]
    done = subprocess.run(script, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert list(folder.rglob(f"archive/{date}.html"))
    assert list(folder.rglob("site/index.html"))
    found = subprocess.run(
        [environment / "bin" / "python", "-c", "import embedai_nb; print(embedai_nb.__file__)"],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert found.startswith(str(environment)), "the wheel itself was tried"


# --- the schema, and the page of all keys ---------------------------------------------------------------------


def nested(model: type, prefix: str = "") -> Iterator[str]:
    """All keys of a model as the documentation writes them: `lead.count`, `sections[].name`."""
    for name, field in model.model_fields.items():
        yield prefix + name
        text = field.annotation
        inner = [part for part in (text, *getattr(text, "__args__", ())) if isinstance(part, type)]
        for part in inner:
            if issubclass(part, BaseModel):
                yield from nested(part, f"{prefix}{name}{'' if part is text else '[]'}.")


@pytest.mark.parametrize("page", ["newsletter.md", "newsletter.zh-CN.md"])
def test_the_page_lists_all_keys_and_no_others(page: str) -> None:
    listed = re.findall(r"^\| `([\w.\[\]]+)` \|", (PROJECT / "docs" / page).read_text("utf-8"), re.MULTILINE)
    assert len(set(listed)) == len(listed)
    assert sorted(listed) == sorted(nested(Newsletter))
