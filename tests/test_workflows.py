"""The workflows of GitHub Actions: what they may do, and that each of their commands runs, in order, in a clean clone."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from embedai_nb.workspace.workflow_files import workflow_files

from .conftest import PROJECT

FILES = workflow_files(package=".")
PINNED = re.compile(r"actions/[a-z-]+@[0-9a-f]{40}")
DRAFT = "issues/drafts/2021-07-18.yaml"
UNFINISHED = "issues/drafts/2021-08-05.yaml"


def read(name: str) -> dict[str, Any]:
    parsed = yaml.load(FILES[f".github/workflows/{name}.yml"], yaml.BaseLoader)  # `on` is no truth value
    assert isinstance(parsed, dict)
    return parsed


def steps(name: str) -> Iterator[dict[str, Any]]:
    for job in read(name)["jobs"].values():
        yield from job["steps"]


NAMES = ["check", "comment", "publish"]


# --- as they are written --------------------------------------------------------------------------------------


def test_this_repository_uses_what_it_gives_to_others() -> None:
    assert [Path(path).stem for path in FILES] == NAMES
    for path, content in FILES.items():
        assert (PROJECT / path).read_text("utf-8") == content
    others = workflow_files(package="embedai-nb==1", issues="news")
    assert all("EMBEDAI_ISSUES: news" in others[path] for path in FILES if "EMBEDAI_ISSUES" in FILES[path])


def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    places = os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))
    if not (program := shutil.which("actionlint", path=places)):
        pytest.skip("no actionlint on the PATH")
    for path, content in workflow_files().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content, encoding="utf-8")
    done = subprocess.run([program, *FILES], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_pinned_by_its_commit_and_named_by_its_version(name: str) -> None:
    text = FILES[f".github/workflows/{name}.yml"]
    used = re.findall(r"uses: (\S+) # (\S+)$", text, re.MULTILINE)
    assert len(used) == text.count("uses:") > 0
    assert all(PINNED.fullmatch(action) and re.fullmatch(r"v\d+\.\d+\.\d+", version) for action, version in used)


def test_one_action_is_used_in_one_version() -> None:
    used = {step["uses"] for name in NAMES for step in steps(name) if "uses" in step}
    assert len({action.partition("@")[0] for action in used}) == len(used)


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_is_read_and_no_script_is_put_together_from_what_others_chose(name: str) -> None:
    assert "secrets" not in FILES[f".github/workflows/{name}.yml"]
    assert not any("${{" in step["run"] for step in steps(name) if "run" in step)
    kept = [step for step in steps(name) if "actions/checkout" in step.get("uses", "")]
    assert all(step["with"]["persist-credentials"] == "false" for step in kept)


def test_what_runs_the_code_of_a_pull_request_may_only_read() -> None:
    check = read("check")
    assert (check["on"], check["permissions"]) == ("pull_request", {"contents": "read"})
    assert not any("permissions" in job for job in check["jobs"].values())


def test_what_may_write_runs_nothing_of_a_pull_request() -> None:
    comment = read("comment")
    assert comment["on"] == {"workflow_run": {"workflows": [read("check")["name"]], "types": ["completed"]}}
    assert comment["permissions"] == {}
    (job,) = comment["jobs"].values()
    assert job["permissions"] == {"actions": "read", "pull-requests": "write"}
    assert not any("checkout" in step.get("uses", "") or "pip" in step.get("run", "") for step in job["steps"])


def test_only_the_deployment_may_write_pages() -> None:
    publish = read("publish")
    assert publish["permissions"] == {"contents": "read"}
    jobs = {name: job["permissions"] for name, job in publish["jobs"].items()}
    assert jobs == {"build": {"contents": "read", "pages": "read"}, "deploy": {"pages": "write", "id-token": "write"}}


# --- as they run ----------------------------------------------------------------------------------------------


INSTALL = {"name": "Install", "run": 'python -m pip install --quiet "$EMBEDAI"'}


class JobResult(NamedTuple):
    """The step that failed, what all printed, the summary, and what was uploaded."""

    failed: str
    out: str
    summary: str
    artifacts: dict[str, Path]


class Runner:
    """Runs the steps of a workflow as GitHub's runner does; of actions, it stands in for those that are GitHub's own.

    Args:
        folder: for the work tree and artifacts.
        python: the folder of the programs that setup-python would bring.
        origin: the repository, with what is to be checked out.
        known: values of expressions.
    """

    def __init__(self, folder: Path, python: Path, origin: Path, known: dict[str, str]) -> None:
        self.folder, self.origin, self.known = folder, origin, dict(known)
        self.work = folder / "work"
        self.work.mkdir(parents=True)
        self.artifacts: dict[str, Path] = {}
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("EMBEDAI", "GIT", "PYTEST"))
        }
        self.environment = inherited | {
            "PATH": f"{python}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_REPOSITORY": "o/r",
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "GITHUB_OUTPUT": str(folder / "output"),
            # Everything but this package is there; nothing is fetched.
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    def run(self, name: str, job: str, *, installed: bool = False, **environment: str) -> JobResult:
        """Run a job to its end, or to the step that fails; without the step that an earlier one has done."""
        workflow = read(name)
        out, failed = "", ""
        for step in workflow["jobs"][job]["steps"]:
            if installed and step == INSTALL:
                continue
            declared = {**workflow.get("env", {}), **step.get("env", {})}
            self.known |= {f"env.{key}": value for key, value in workflow.get("env", {}).items()}
            if "uses" in step:
                self.use(step["uses"].partition("@")[0], {k: self._value(v) for k, v in step.get("with", {}).items()})
                continue
            variables = self.environment | environment | {key: self._value(text) for key, text in declared.items()}
            done = self.script(step, variables)
            out += done.stdout + done.stderr
            if done.returncode:
                failed = step["name"]
                break
        summary = self.folder / "summary"
        return JobResult(failed, out, summary.read_text("utf-8") if summary.exists() else "", self.artifacts)

    def script(self, step: dict[str, Any], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
        path = self.folder / "script"
        path.write_text(step["run"], encoding="utf-8")
        shells = {"bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"], "python": ["python"]}
        command = [*shells[step.get("shell", "bash")], str(path)]
        return subprocess.run(command, cwd=self.work, env=variables, capture_output=True, text=True, check=False)

    def _value(self, text: str) -> str:
        return re.sub(r"\$\{\{ *(.*?) *\}\}", lambda found: self.known[found[1]], text)

    def use(self, action: str, given: dict[str, str]) -> None:
        match action:
            case "actions/checkout":
                depth = given.get("fetch-depth", "1")
                command = ["git", "clone", "--quiet", "--depth", depth, self.origin.as_uri(), "."]
                subprocess.run(command, cwd=self.work, check=True)
            case "actions/upload-artifact" | "actions/upload-pages-artifact":
                paths = [self.work / line for line in given["path"].splitlines()]
                assert all(path.is_dir() for path in paths)
                self.artifacts[given.get("name", "pages")] = paths[0]
            case "actions/download-artifact":
                shutil.copytree(self.artifacts[given["name"]], self.work / given["path"], symlinks=True)
            case "actions/setup-python" | "actions/configure-pages":
                pass
            case _:
                raise AssertionError(action)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python with all that this package needs, in an environment where the package itself is not installed yet."""
    if not (PROJECT / ".git").exists():
        pytest.skip("this is no clone")
    folder = tmp_path_factory.mktemp("python") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder / "bin"


class Origin:
    """A clean clone of this repository on GitHub, with a pull request."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        subprocess.run(["git", "clone", "--quiet", "--no-tags", PROJECT, folder], check=True)
        self.git("checkout", "--quiet", "-B", "main")

    def git(self, *arguments: str) -> None:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", self.folder, *who, *arguments], check=True, capture_output=True)

    def pull_request(self, *changes: tuple[str, str, str]) -> None:
        """Commit texts put in place of others in files, and check out what GitHub makes of it: the merge with main."""
        self.git("checkout", "--quiet", "-B", "branch", "main")
        for file, before, after in changes:
            text = (self.folder / file).read_text("utf-8")
            assert before in text
            (self.folder / file).write_text(text.replace(before, after, 1), encoding="utf-8")
        self.git("commit", "--quiet", "--all", "--message", "change")
        self.git("checkout", "--quiet", "-B", "merge", "main")
        self.git("merge", "--quiet", "--no-ff", "--message", "merge", "branch")


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Origin:
    return Origin(tmp_path_factory.mktemp("origin") / "r")


@pytest.mark.processes
class TestCheck:
    def check(self, tmp_path: Path, python: Path, origin: Origin) -> JobResult:
        runner = Runner(tmp_path, python, origin.folder, {"github.event.pull_request.number": "1"})
        return runner.run("check", "check", installed=(python / "embedai").exists())

    def test_findings_are_annotations_and_the_review_is_an_artifact(
        self, tmp_path: Path, python: Path, origin: Origin
    ) -> None:
        origin.pull_request((UNFINISHED, "headline:", "headline:  # 待定"), (DRAFT, "张江三家", "张江四家"))
        found = self.check(tmp_path, python, origin)
        assert found.failed == "Check the drafts", found.out
        assert f"::error file={UNFINISHED},line=" in found.out
        review = found.artifacts["review"]
        assert sorted(path.name for path in review.iterdir()) == ["2021-07-18.html", "2021-08-05.html", "comment.md"]
        said = (review / "comment.md").read_text("utf-8")
        assert said == found.summary
        for part in ("✗ 有 2 个错误，不能发布", "公众号", "张江<del>三</del><ins>四</ins>家"):
            assert part in said

    def test_without_errors_it_succeeds(self, tmp_path: Path, python: Path, origin: Origin) -> None:
        origin.pull_request((DRAFT, "张江三家", "张江四家"))
        found = self.check(tmp_path, python, origin)
        assert found.failed == "", found.out
        assert "::error" not in found.out

    def test_where_no_draft_changed_nothing_is_said(self, tmp_path: Path, python: Path, origin: Origin) -> None:
        origin.pull_request(("LICENSE", " ", "  "))
        found = self.check(tmp_path, python, origin)
        assert found.failed == "", found.out
        assert (found.artifacts["review"] / "comment.md").read_text("utf-8") == ""
        assert "nothing to check" in found.out

    def test_a_draft_that_cannot_be_read_is_told(self, tmp_path: Path, python: Path, origin: Origin) -> None:
        origin.pull_request((DRAFT, "headline:", "headlin:"))
        found = self.check(tmp_path, python, origin)
        assert found.failed == "Check the drafts"
        assert re.search(rf"^::error file={DRAFT},line=\d+,title=unreadable-draft::", found.out, re.MULTILINE)
        assert f"✗ `{DRAFT.removeprefix('issues/')}" in found.summary


@pytest.mark.processes
def test_main_is_published_to_the_website(tmp_path: Path, python: Path, origin: Origin) -> None:
    origin.git("checkout", "--quiet", "main")
    known = {"steps.pages.outputs.base_url": "https://o.example/r"}
    found = Runner(tmp_path, python, origin.folder, known).run(
        "publish", "build", installed=(python / "embedai").exists()
    )
    assert found.failed == "", found.out
    pages = found.artifacts["pages"]
    assert "https://o.example/r/2021-07-18.html" in (pages / "sitemap.xml").read_text("utf-8")
    assert (pages / "2021-07-18.html").exists()
    assert (found.artifacts["issues"] / "2021-07-18.md").exists()


@pytest.mark.processes
def test_the_steps_documented_for_gitlab_run(tmp_path: Path, python: Path, origin: Origin) -> None:
    text = (PROJECT / "docs" / "pull-requests.md").read_text("utf-8")
    (written,) = re.findall(r"^```yaml\n# \.gitlab-ci\.yml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    pipeline = yaml.load(written, yaml.BaseLoader)
    origin.pull_request((DRAFT, "张江三家", "张江四家"))
    runner = Runner(tmp_path, python, origin.folder, {})
    runner.use("actions/checkout", {"fetch-depth": "9"})
    variables = runner.environment | pipeline["variables"] | {"EMBEDAI": "."}
    variables |= {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "HEAD^1", "CI_PAGES_URL": "https://o.example/r"}
    installed = [] if (python / "embedai").exists() else pipeline["default"]["before_script"]
    for command in [*installed, *pipeline["check"]["script"], *pipeline["pages"]["script"]]:
        done = runner.script({"run": command}, variables)
        assert done.returncode == 0, done.stderr
    for job in ("check", "pages"):
        assert all(any((runner.work / path).iterdir()) for path in pipeline[job]["artifacts"]["paths"])


# --- the comment ----------------------------------------------------------------------------------------------


class GitHub(http.server.ThreadingHTTPServer):
    """The part of GitHub's API that knows pull requests and their comments."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.pulls = [
            {"number": 3, "head": {"sha": "old", "label": "fork:a/b&c"}},
            {"number": 7, "head": {"sha": "new", "label": "fork:a/b&c"}},
            {"number": 8, "head": {"sha": "new", "label": "other:a"}},
        ]
        chatter = [{"id": n, "user": {"login": "somebody"}, "body": "<!-- embedai review -->"} for n in range(100)]
        self.comments = {3: [], 7: chatter, 8: []}
        self.calls: list[str] = []


class _Answer(http.server.BaseHTTPRequestHandler):
    server: GitHub

    def answer(self) -> None:
        url = urlsplit(self.path)
        self.server.calls.append(self.command)
        assert self.headers["Authorization"] == "Bearer token"
        assert url.path.startswith("/api/repos/o/r/")
        said = self.reply(url.path.removeprefix("/api/repos/o/r/"), parse_qs(url.query))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    do_GET = do_POST = do_PATCH = answer  # noqa: N815  # as http.server calls them

    def reply(self, path: str, query: dict[str, list[str]]) -> Any:
        comments = self.server.comments
        if path == "pulls":
            return [pull for pull in self.server.pulls if pull["head"]["label"] == query["head"][0]]
        if self.command == "GET":
            start = (int(query["page"][0]) - 1) * int(query["per_page"][0])
            return comments[int(path.split("/")[1])][start : start + int(query["per_page"][0])]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]
        if self.command == "PATCH":
            (found,) = [c for listed in comments.values() for c in listed if c["id"] == int(path.split("/")[-1])]
            found["body"] = body
            return found
        made = {"id": 1000, "user": {"login": "github-actions[bot]"}, "body": body}
        comments[int(path.split("/")[1])].append(made)
        return made

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name in the base class
        del format, args


@pytest.fixture
def github() -> Iterator[GitHub]:
    with GitHub() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def comment(folder: Path, said: str, github: GitHub) -> JobResult:
    """Have the workflow post what the other one wrote."""
    (folder / "review").mkdir(parents=True)
    (folder / "review" / "comment.md").write_text(said, encoding="utf-8")
    return posted(folder, github)


def posted(folder: Path, github: GitHub) -> JobResult:
    event = "github.event.workflow_run"
    known = {
        "github.token": "token",
        f"{event}.id": "5",
        f"{event}.head_sha": "new",
        f"{event}.head_branch": "a/b&c",
        f"{event}.head_repository.owner.login": "fork",
        f"{event}.html_url": "https://github.example/o/r/actions/runs/5",
    }
    runner = Runner(folder / "runner", Path(sys.executable).parent, folder, known)
    runner.artifacts["review"] = folder / "review"
    return runner.run("comment", "comment", GITHUB_API_URL=f"http://127.0.0.1:{github.server_port}/api")


def test_a_pull_request_gets_one_comment_which_is_updated_in_place(tmp_path: Path, github: GitHub) -> None:
    before = json.dumps(github.comments[7])
    assert comment(tmp_path / "1", "第一次", github).failed == ""
    *others, posted = github.comments[7]
    assert json.dumps(others) == before
    assert posted["body"] == "<!-- embedai review -->\n第一次\n\nhttps://github.example/o/r/actions/runs/5"
    assert comment(tmp_path / "2", "第二次", github).failed == ""
    assert [c["body"].splitlines()[1] for c in github.comments[7][100:]] == ["第二次"]
    assert comment(tmp_path / "3", "", github).failed == ""
    assert [c["body"].splitlines()[1] for c in github.comments[7][100:]] == ["✓"], "no draft is changed any more"
    assert github.comments[3] == github.comments[8] == []


def test_where_there_is_nothing_to_say_nobody_is_told(tmp_path: Path, github: GitHub) -> None:
    assert comment(tmp_path, "", github).failed == ""
    assert set(github.calls) == {"GET"}


def test_a_link_in_place_of_the_text_is_not_followed(tmp_path: Path, github: GitHub) -> None:
    """Whoever opens a pull request chooses what is in the artifact; the token is in the environment."""
    (tmp_path / "secret").write_text("token", encoding="utf-8")
    (tmp_path / "review").mkdir()
    (tmp_path / "review" / "comment.md").symlink_to(tmp_path / "secret")
    found = posted(tmp_path, github)
    assert (found.failed, found.out) == ("Post or update the comment", "review/comment.md is a link\n")
    assert github.calls == []
