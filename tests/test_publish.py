"""Publishing: real notebooks, executed by real papermill, exported by real nbconvert."""

from __future__ import annotations

import ast
import datetime
import importlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbconvert.exporters import get_exporter
from nbformat.v4 import new_code_cell, new_notebook, new_output

from benchmarks.torture import torture
from embedai_nb import drafts
from embedai_nb.cli import run
from embedai_nb.edition import load
from embedai_nb.errors import DraftError, LockedError, PublishError, UsageError
from embedai_nb.html.page import render
from embedai_nb.publish.engines.normalize import normalize
from embedai_nb.publish.exporters import MarkdownExporter, NothingToExportError
from embedai_nb.publish.fast_imports import import_blocked
from embedai_nb.publish.freshness import survey
from embedai_nb.publish.inputs import NOT_INPUTS, PACKAGES
from embedai_nb.publish.issue import Options, publish
from embedai_nb.publish.outcome import FindingCounts, Outcome
from embedai_nb.publish.reschedule import reschedule
from embedai_nb.workspace import layout
from embedai_nb.workspace.locks import publication_lock

from .conftest import DATA, PROJECT
from .publishing import DAY, ENGINES, WAIT, Checkout, Shell, embedai, ended, issues, outputs

pytestmark = pytest.mark.processes

OUTPUTS = (
    "review/2026-11-15.ipynb",
    "archive/2026-11-15.md",
    "archive/2026-11-15.html",
    "archive/2026-11-15.wechat.html",
)
FAILED = "review/2026-11-15.failed.ipynb"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published issue, only to be looked at."""
    folder = issues(tmp_path_factory.mktemp("first") / "issues")
    publish(folder, DAY)
    return folder


@pytest.fixture
def published(first: Path, tmp_path: Path) -> Path:
    """A published issue to do something with."""
    return Path(shutil.copytree(first, tmp_path / "published"))


def edit(folder: Path) -> None:
    draft = folder / layout.draft(str(DAY))
    draft.write_text(draft.read_text("utf-8").replace("三倍", "四倍"), "utf-8")


def up_to_date(folder: Path) -> Outcome | None:
    """What came of the last run of the issue, if it holds."""
    return survey(folder).states[str(DAY)].outcome


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """Processes of pytest may have threads, and not fork."""
    started = Shell(Checkout(tmp_path_factory.mktemp("checkout")))
    yield started
    started.close()
    assert started.checkout.left == []


# --- what is published ----------------------------------------------------------------------------------------


def test_the_archive_holds_what_the_draft_makes(first: Path) -> None:
    edition = load(DAY, first)
    assert set(outputs(first)) == set(OUTPUTS)
    assert (first / "archive/2026-11-15.md").read_text("utf-8") == edition.markdown
    assert (first / "archive/2026-11-15.html").read_text("utf-8") == render(edition.issue, edition.newsletter)


def test_the_notebook_is_executed_in_order_and_says_nothing_of_the_machine(first: Path) -> None:
    text = (first / OUTPUTS[0]).read_text("utf-8")
    nb = nbformat.reads(text, as_version=4)
    nbformat.validate(nb)
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not {"papermill", "execution"} & {key for cell in nb.cells for key in cell.metadata}
    for foreign in (str(first), str(PROJECT), sys.prefix, "0x", "papermill", sys.version.split()[0]):
        assert foreign not in text


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_bytes_elsewhere(engine: str, first: Path, tmp_path: Path) -> None:
    """Another folder (with what papermill and globs read as signs), time zone, locale, hash seed and home."""
    folder = issues(tmp_path / "别处 {DATE} [*]" / "issues")
    home = tmp_path / "home"
    settings = home / ".ipython" / "profile_default" / "startup"
    settings.mkdir(parents=True)
    (settings / "00-mine.py").write_text("print('mine')\n")
    elsewhere = {"TZ": "Asia/Shanghai", "LC_ALL": "C", "PYTHONHASHSEED": "7", "HOME": str(home), "COLUMNS": "40"}
    done = embedai(folder, "issue", str(DAY), "--engine", engine, **elsewhere)
    assert (done.returncode, done.stderr) == (0, "")
    assert outputs(folder) == outputs(first)


def test_local_images_lie_beside_the_page(published: Path) -> None:
    draft = published / layout.draft(str(DAY))
    draft.write_text(draft.read_text("utf-8").replace("三倍", "三倍![板](images/a/board.png)"), "utf-8")
    before = outputs(published)
    with pytest.raises(PublishError, match=r"images/a/board\.png: no such image"):
        publish(published, DAY)
    assert outputs(published) == before
    (published / "images/a").mkdir(parents=True)
    (published / "images/a/board.png").write_bytes(b"board")
    assert "archive/images/a/board.png" in publish(published, DAY).written
    assert (published / "archive/images/a/board.png").read_bytes() == b"board"
    assert '<a href="images/a/board.png">板</a>' in (published / "archive/2026-11-15.html").read_text("utf-8")
    assert publish(published, DAY).up_to_date
    settings = published / "newsletter.yaml"
    settings.write_text(settings.read_text("utf-8").replace("images: link", "images: show"), "utf-8")
    publish(published, DAY)
    html = (published / "archive/2026-11-15.html").read_text("utf-8")
    assert '<img src="images/a/board.png" alt="板">' in html
    assert "img-src *;" in html


def test_publishing_again_changes_nothing(published: Path) -> None:
    before = outputs(published)
    assert publish(published, DAY, Options(force=True)).written == OUTPUTS
    assert outputs(published) == before
    assert not list(published.glob(".cache/staged/*")) + list(published.glob(".cache/scratch/*"))


def test_a_run_reports_how_far_it_has_come(published: Path) -> None:
    """In a process of its own, which can be forked."""
    code = "import sys, datetime, pathlib, embedai_nb.publish.issue as b\n"
    code += f"day, options = datetime.date.fromisoformat('{DAY}'), b.Options(force=True)\n"
    code += "b.publish(pathlib.Path(sys.argv[1]), day, options, on_progress=print)"
    arguments = [sys.executable, "-c", code, str(published)]
    done = subprocess.run(arguments, cwd=PROJECT, check=True, capture_output=True, text=True)
    reported = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    total = reported[0][1]
    assert reported == [(n, total) for n in range(1, total + 1)]
    assert done.stderr == ""


def test_plain_papermill_gives_the_same_notebook(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDAI_ISSUES", str(issues(tmp_path / "issues")))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    executed = tmp_path / "executed.ipynb"
    options: Any = {"engine_name": "embedai", "progress_bar": False, "cwd": PROJECT}
    papermill.execute_notebook(layout.notebook(), executed, {"DATE": str(DAY)}, **options)
    assert executed.read_bytes() == (first / OUTPUTS[0]).read_bytes()


def test_plain_nbconvert_gives_the_same_page(published: Path) -> None:
    arguments = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "embedai-page", OUTPUTS[0], "--output-dir", "."]
    subprocess.run(arguments, cwd=published, check=True, capture_output=True)
    assert (published / f"{DAY}.html").read_bytes() == (published / OUTPUTS[2]).read_bytes()
    embedai_wechat = [*arguments[:5], "embedai-wechat", *arguments[6:]]
    subprocess.run(embedai_wechat, cwd=published, check=True, capture_output=True)
    assert (published / f"{DAY}.wechat.html").read_bytes() == (published / OUTPUTS[3]).read_bytes()


def test_nbconvert_knows_the_exporters(first: Path) -> None:
    assert get_exporter("embedai-markdown") is MarkdownExporter
    text, resources = MarkdownExporter().from_filename(str(first / OUTPUTS[0]))
    assert (text, resources["output_extension"]) == ((first / OUTPUTS[1]).read_text("utf-8"), ".md")


def test_a_notebook_that_was_not_executed_is_refused_by_the_exporters() -> None:
    with pytest.raises(NothingToExportError, match=r"no cell tagged `archive` displays text/html; .*`embedai issue`"):
        MarkdownExporter().from_filename(str(layout.notebook()))


def test_errors_keep_an_issue_out_of_the_archive(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft = published / layout.draft(str(DAY))
    draft.write_text(draft.read_text("utf-8").replace("url: https://example.org/int8", "url: ''"), "utf-8")
    before = outputs(published)
    assert run(["--issues", str(published), "issue", str(DAY)]) == 1
    after = outputs(published)
    assert {name for name in after if after[name] != before.get(name)} == {OUTPUTS[0]}
    assert run(["--issues", str(published), "issue", str(DAY)]) == 1
    assert "is up to date (errors: 1" in capsys.readouterr().out


# --- what is up to date ---------------------------------------------------------------------------------------


def test_what_is_up_to_date_is_told_without_loading_anything_heavy(first: Path) -> None:
    code = "import sys; from embedai_nb.cli import run; run(sys.argv[1:]); print(sorted(sys.modules))"
    arguments = [sys.executable, "-c", code, "--issues", str(first), "issue", str(DAY)]
    told = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    assert told.startswith(f"{DAY} is up to date (errors: 0, warnings: 0, notes: 0)")
    for module in ("papermill", "nbconvert", "nbformat", "pandas", "pydantic", "yaml", "jinja2", "asyncio"):
        assert f"'{module}'" not in told


def test_publishing_imports_no_more_of_big_libraries_than_it_uses(first: Path) -> None:
    code = "import sys; from embedai_nb.cli import run; run(sys.argv[1:]); print(sorted(sys.modules))"
    arguments = [sys.executable, "-c", code, "--issues", str(first), "issue", str(DAY), "--force"]
    told = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    assert "'nbconvert.exporters.exporter'" in told
    for module in (
        "pandas",
        "numpy",
        "bs4",
        "mistune",
        "nbconvert.filters",
        "arrow",
        "jupyterlab",
        "ipywidgets",
        "debugpy",
    ):
        assert f"'{module}'" not in told


def test_nbconvert_is_whole_for_whoever_asks_for_it_later() -> None:
    code = (
        "from embedai_nb.publish.exporters import PageExporter; import nbconvert;"
        "print(issubclass(PageExporter, nbconvert.Exporter), nbconvert.get_exporter('embedai-page') is PageExporter,"
        "nbconvert.HTMLExporter.__name__, nbconvert.filters.ansi2html('x'))"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert told.split() == ["True", "True", "HTMLExporter", "x"]


@pytest.mark.parametrize("name", ["drafts/2026-11-15.yaml", "drafts/2026-11-01.yaml"])
def test_drafts_are_inputs(name: str, published: Path) -> None:
    assert up_to_date(published)
    with (published / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert not up_to_date(published)


def test_values_of_the_newsletter_are_inputs(published: Path) -> None:
    newsletter = published / "newsletter.yaml"
    newsletter.write_text(newsletter.read_text("utf-8").replace("模型压缩", "模型剪枝"), "utf-8")
    assert not up_to_date(published)


def test_comments_and_layout_of_the_newsletter_are_no_inputs(published: Path) -> None:
    with (published / "newsletter.yaml").open("a", encoding="utf-8") as file:
        file.write("\n# a comment\n")
    assert up_to_date(published)
    (published / layout.SURVEY).unlink()
    assert up_to_date(published)


def test_an_unchanged_newsletter_is_not_parsed_again(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert up_to_date(published)
    monkeypatch.setattr(drafts, "load_newsletter", None)
    assert up_to_date(published)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("other/unrelated-1.dist-info/METADATA", ""),
        ("requirements.lock", ""),
        ("embedai_nb/editor/static/form.css", ""),
        ("embedai_nb/capture/page.py", ""),
        ("embedai_nb/cli/new.py", ""),
        ("other/markdown_it_py-99.dist-info/METADATA", "markdown-it-py"),
        ("other/Jinja2-99.dist-info/METADATA", "jinja2"),
        ("embedai_nb/html/style.css", "embedai_nb/html/style.css"),
        ("embedai_nb/html/templates/document.html.j2", "embedai_nb/html/templates/document.html.j2"),
        ("embedai_nb/markdown/writer.py", "embedai_nb/markdown/writer.py"),
        ("embedai_nb/checks/new.py", "embedai_nb/checks/new.py"),
        ("notebooks/issue.ipynb", "the notebook"),
    ],
)
def test_inputs_in_the_program(name: str, changed: str, first: Path, tmp_path: Path) -> None:
    """Versions of packages that shape the outputs, modules and templates that take part; nothing else."""
    for folder in ("embedai_nb", "notebooks"):
        shutil.copytree(PROJECT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write("\n")
    said = embedai(first, "build", "--explain", str(DAY), PYTHONPATH=f"{tmp_path / 'other'}:{tmp_path}").stdout
    assert said == (f"{DAY}: {changed} has changed\n" if changed else f"{DAY} is up to date\n")


USED = """
import json, sys, embedai_nb.publish.execute as execute
execute.engine("fork")
execute.preload()
print(json.dumps([name for name in sys.modules if name.startswith("embedai_nb.")]))
"""
SHAPE_NOTHING = {
    "entrypoints",
    "filelock",
    "jupyter-client",
    "jupyter-core",
    "platformdirs",
    "psutil",
    "tornado",
    "tqdm",
    "traitlets",
}
"""Packages that only carry what others make."""


def test_all_that_takes_part_is_an_input() -> None:
    done = subprocess.run([sys.executable, "-c", USED], cwd=PROJECT, check=True, capture_output=True, text=True)
    paths = [PROJECT.joinpath(*name.split(".")) for name in json.loads(done.stdout)]
    assert len(paths) > 50
    imported = set()
    for path in (path / "__init__.py" if path.is_dir() else path.with_suffix(".py") for path in paths):
        part = path.relative_to(PROJECT / "embedai_nb").parts[0]
        assert part not in NOT_INPUTS
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        imported |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    packages = {name.partition(".")[0] for name in imported} - {*sys.stdlib_module_names, "embedai_nb"}
    distributions = {name for package in packages for name in packages_distributions()[package]}
    assert {name.lower().replace("_", "-") for name in distributions} - SHAPE_NOTHING <= set(PACKAGES)


def test_later_issues_are_no_part_of_it(published: Path) -> None:
    (published / "drafts" / "2026-11-29.yaml").touch()
    assert up_to_date(published)


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_that_was_changed_or_lost_is_not_up_to_date(name: str, published: Path) -> None:
    (published / name).write_bytes(b"changed")
    assert not up_to_date(published)
    (published / name).unlink()
    assert not up_to_date(published)


# --- runs that fail -------------------------------------------------------------------------------------------


def failures() -> list[Any]:
    """Blocks of the fixture: title, code of a cell, what is said."""
    found = []
    for block in (DATA / "publish" / "failures.txt").read_text(encoding="utf-8").split("====\n"):
        title, rest = block.split("\n", 1)
        source, message = rest.split("~~~\n")
        found.append(pytest.param(source.strip(), message.strip(), id=title))
    return found


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("source", "message"), failures())
def test_a_failing_cell(engine: str, source: str, message: str, published: Path, shell: Shell) -> None:
    before = outputs(published)
    shell.checkout.notebook(source)
    timeout = "1" if "timed out" in message else str(WAIT)
    said = shell.run(published, "issue", str(DAY), "--engine", engine, "--timeout", timeout)
    assert said == (1, "", f"embedai: {published / FAILED}: {message}; read it there\n")
    after = outputs(published)
    failed = nbformat.reads(after.pop(FAILED).decode(), as_version=4)
    assert after == before
    wrong = [cell.id for cell in failed.cells if any(o.output_type == "error" for o in cell.get("outputs", ()))]
    assert wrong == ["cell-1"]


@pytest.mark.parametrize("engine", ENGINES)
def test_control_c(engine: str, published: Path, shell: Shell) -> None:
    before = outputs(published)
    shell.checkout.notebook(f"import os, signal\nos.kill({shell.process.pid}, signal.SIGINT)\nsignal.pause()")
    status, _, said = shell.run(published, "issue", str(DAY), "--engine", engine)
    assert (status, said.strip()) == (1, "embedai: interrupted; what was there before is untouched")
    after = outputs(published)
    assert b"KeyboardInterrupt" in after.pop(FAILED)
    assert after == before


def test_what_a_cell_left_running_in_a_plain_kernel_is_ended(published: Path, shell: Shell) -> None:
    shell.checkout.notebook("import subprocess\nprint(subprocess.Popen(['sleep', '1000']).pid)", "raise SystemError")
    assert "SystemError" in shell.run(published, "issue", str(DAY), "--engine", "kernel").err
    failed = nbformat.read(published / FAILED, as_version=4)
    assert ended([int(o.text) for cell in failed.cells for o in cell.get("outputs", ()) if o.output_type == "stream"])


def test_killed_anywhere_the_old_or_the_new_stands(tmp_path: Path) -> None:
    assert torture(tmp_path / "issues", 4, random.Random(0)).total() == 4


def test_the_next_success_removes_the_failed_notebook(published: Path) -> None:
    (published / FAILED).write_text("{}")
    assert not up_to_date(published)
    publish(published, DAY)
    assert set(outputs(published)) == set(OUTPUTS)


def test_a_notebook_that_shows_no_archive_is_kept_for_reading(published: Path, shell: Shell) -> None:
    before = outputs(published)
    shell.checkout.notebook("display({}, raw=True, metadata={'embedai': {'errors': 0}})")
    said = shell.run(published, "issue", str(DAY)).err
    assert f"{FAILED}: no cell tagged `archive` displays text/html" in said
    assert {name: content for name, content in outputs(published).items() if name != FAILED} == before


def test_a_broken_draft_is_told_before_anything_runs(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = outputs(published)
    monkeypatch.setattr(papermill, "execute_notebook", None)
    (published / layout.draft(str(DAY))).write_text("schema: 1\ndate: [", encoding="utf-8")
    with pytest.raises(DraftError, match=r"2026-11-15.yaml:\d"):
        publish(published, DAY)
    with pytest.raises(UsageError, match="no draft of this date"):
        publish(published, datetime.date(2026, 11, 29))
    assert outputs(published) == before


def test_the_second_of_two_is_told_who_is_publishing(published: Path) -> None:
    with (
        publication_lock(published, str(DAY)),
        pytest.raises(LockedError, match=f"being published by process {os.getpid()} "),
    ):
        publish(published, DAY, Options(force=True))


def test_a_full_disk(published: Path) -> None:
    before = outputs(published)
    edit(published)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(PublishError, match="File too large; what was published before is untouched"):
            publish(published, DAY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert outputs(published) == before
    assert not list(published.glob(".cache/staged/*")) + list(published.glob(".cache/scratch/*"))


def test_a_folder_that_cannot_be_written(published: Path) -> None:
    shutil.rmtree(published / ".cache")
    (published / ".cache").write_text("in the way: permissions don't keep root from writing")
    before = outputs(published)
    with pytest.raises(PublishError, match=r"\.cache.*: (Not a directory|File exists); what was published before"):
        publish(published, DAY)
    assert outputs(published) == before


# --- another date ---------------------------------------------------------------------------------------------


def test_everything_that_readers_and_reviewers_see_is_rescheduled(published: Path) -> None:
    """The article for WeChat too; the failed notebook is dropped."""
    before = outputs(published)
    (published / FAILED).write_text("{}")
    reschedule(published, DAY, datetime.date(2026, 11, 22))
    assert outputs(published) == {name.replace(str(DAY), "2026-11-22"): content for name, content in before.items()}
    assert len(before) == len(OUTPUTS)
    assert not (published / layout.draft(str(DAY))).exists()


@pytest.mark.parametrize("name", OUTPUTS)
def test_no_output_of_the_new_date_is_overwritten(name: str, published: Path) -> None:
    (published / name.replace(str(DAY), "2026-11-22")).write_text("another issue")
    before = outputs(published)
    with pytest.raises(UsageError, match="there is an issue of 2026-11-22 already"):
        reschedule(published, DAY, datetime.date(2026, 11, 22))
    assert outputs(published) == before


# --- wrong usage ----------------------------------------------------------------------------------------------

DATES = [
    "../../etc/x",
    "2019-02-30",
    "20190413",
    "2019-W15-6",
    "２０１９-04-13",
    "2026-11-15\n",
    "{DATE.__class__}",
    "$(id)",
    ";id",
    "2026-11-15\0",
    "",
]


@pytest.mark.parametrize("date", DATES)
def test_what_is_no_date_touches_nothing(date: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = issues(tmp_path / "issues")
    before = sorted(tmp_path.rglob("*"))
    assert run(["--issues", str(folder), "issue", date]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["x = 1; y", "__import__('os').abort(); x", "date"])
def test_a_parameter_that_the_notebook_does_not_have(name: str, tmp_path: Path) -> None:
    """Papermill writes names of parameters into code as they are."""
    options: Any = {"engine_name": "embedai", "progress_bar": False}
    with pytest.raises(UsageError, match=r"the notebook has no parameter .*; it has DATE"):
        papermill.execute_notebook(layout.notebook(), tmp_path / "x.ipynb", {"DATE": str(DAY), name: 1}, **options)


def test_the_command_takes_no_parameters() -> None:
    assert run(["issue", str(DAY), "-p", "x", "1"]) == 2


# --- what is imported and tidied ------------------------------------------------------------------------------


def test_a_module_can_be_left_out() -> None:
    with import_blocked("this"), pytest.raises(ImportError):
        importlib.import_module("this")
    with import_blocked("json"):
        assert importlib.import_module("json") is json
    assert "this" not in sys.modules


def test_papermill_is_imported_without_building_a_grammar() -> None:
    code = "import sys, embedai_nb.publish.execute; sys.exit('lark' in sys.modules or not 'jsonschema' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True)


def test_streams_are_joined_and_come_first() -> None:
    def stream(name: str, text: str) -> Any:
        return new_output("stream", name=name, text=text)

    said = [stream("stderr", "a"), stream("stdout", "b"), new_output("display_data"), stream("stderr", "c")]
    nb = normalize(new_notebook(cells=[new_code_cell("", outputs=said)]), {})
    expected = [stream("stdout", "b"), stream("stderr", "ac"), new_output("display_data")]
    assert nb.cells[0].outputs == expected


def test_the_process_of_the_kernel_is_not_told() -> None:
    said = [
        new_output("stream", name="stderr", text='"/tmp/x/ipykernel_12/345.py":1: UserWarning: /a/b.py\n'),
        new_output("error", ename="E", evalue="", traceback=["File \x1b[32m/tmp/ipykernel_12/345.py:1\x1b[39m"]),
    ]
    outputs = normalize(new_notebook(cells=[new_code_cell("", outputs=said)]), {}).cells[0].outputs
    assert outputs[0].text == '"345.py":1: UserWarning: /a/b.py\n'
    assert outputs[1].traceback == ["File \x1b[32m345.py:1\x1b[39m"]


def test_what_the_last_run_found_is_remembered(first: Path) -> None:
    assert up_to_date(first) == Outcome(str(DAY), FindingCounts(0, 0, 0), (), up_to_date=True)
