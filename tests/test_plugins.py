"""Plug-ins: rules, capture sources and outputs of installed packages; one that fails is named, and all else goes on."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from embedai_nb import Context, Finding, Issue, Item, Newsletter, Section, plugins
from embedai_nb.capture import Captured, capture
from embedai_nb.checks import check
from embedai_nb.checks.reports import REPORTS, CheckedDraft
from embedai_nb.cli import run
from embedai_nb.communities import find_copy
from embedai_nb.edition import load
from embedai_nb.editor.copying import offered_copies, written_copies
from embedai_nb.editor.form import Form
from embedai_nb.editor.session import Session
from embedai_nb.errors import DraftError, PublishError
from embedai_nb.publish.inputs import CommonInputs, ParsedNewsletter
from embedai_nb.publish.options import Options
from embedai_nb.publish.storage import Storage
from embedai_nb.workspace.transaction import digest

from .conftest import PROJECT
from .loopback import Sites, running
from .publishing import DAY, issues, outputs
from .test_cluster import Worker
from .test_editor_form import line, tells  # noqa: F401  # a fixture

PAGES = [PROJECT / "docs" / "plugins.md", PROJECT / "docs" / "plugins.zh-CN.md"]
FILES = {
    "pyproject.toml": "toml",
    "embedai_example/shouting.py": "python",
    "embedai_example/doi.py": "python",
    "embedai_example/chat.py": "python",
}
SITE = Path("lib", f"python{sys.version_info.major}.{sys.version_info.minor}", "site-packages")
SHOUTING = "RISC-V IS EVERYWHERE"


# --- plug-ins, installed ------------------------------------------------------------------------------------------


def documented(page: Path) -> dict[str, str]:
    """The files of the example: each block follows its name."""
    text = page.read_text("utf-8")
    return {
        name: text[text.index(f"`{name}`") :].partition(f"```{language}\n")[2].partition("```\n")[0]
        for name, language in FILES.items()
    }


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of its own, which sees the packages of this one, with the documented example installed by pip."""
    source, made = tmp_path_factory.mktemp("example"), tmp_path_factory.mktemp("environment")
    for name, text in documented(PAGES[0]).items():
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text(text, "utf-8")
    (source / "embedai_example" / "__init__.py").touch()
    subprocess.run([sys.executable, "-m", "venv", made], check=True)
    here = sysconfig.get_path("purelib")
    (made / SITE / "here.pth").write_text(f"import site; site.addsitedir({here!r})\n", "utf-8")
    command = [made / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-index"]
    options = ["--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--no-cache-dir"]
    subprocess.run([*command, *options, source], check=True)
    return made


@pytest.fixture
def installed(environment: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The example, as if it were installed where the tests run."""
    monkeypatch.syspath_prepend(environment / SITE)
    yield
    forget()


def forget() -> None:
    """As in a new process."""
    plugins._installed.cache_clear()
    plugins._load.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] in {"embedai_example", "trial"}]:
        del sys.modules[name]


Trial = Callable[..., str]


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    """Install a plug-in with one module; returns its name."""
    place = tmp_path / "site"
    monkeypatch.syspath_prepend(place)

    def install(code: str, name: str = "trial", **points: Mapping[str, str]) -> str:
        module = name.replace("-", "_")
        metadata = place / f"{module}-1.0.dist-info"
        metadata.mkdir(parents=True)
        (place / f"{module}.py").write_text(code, "utf-8")
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
        (metadata / "entry_points.txt").write_text(
            "".join(
                f"[embedai_nb.{group}]\n" + "".join(f"{key} = {module}:{value}\n" for key, value in named.items())
                for group, named in points.items()
            ),
            "utf-8",
        )
        return name

    forget()
    yield install
    forget()


def embedai(environment: Path, folder: Path, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `embedai` of an environment; `python -m` has the working folder on `sys.path`."""
    command = [environment / "bin" / "python", "-m", "embedai_nb", "--issues", folder, *words]
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        command, cwd=cwd or folder, env=surroundings, capture_output=True, text=True, encoding="utf-8", check=False
    )


def named(folder: Path, *names: str, **more: object) -> Path:
    """An issues folder whose newsletter.yaml names plug-ins."""
    with (issues(folder) / "newsletter.yaml").open("a", encoding="utf-8") as file:
        file.write(f"plugins: [{', '.join(names)}]\n" + "".join(f"{key}: {value}\n" for key, value in more.items()))
    return folder


def shout(folder: Path) -> None:
    """Give an item a title that the rule of the example finds."""
    draft = folder / "drafts" / f"{DAY}.yaml"
    draft.write_text(draft.read_text("utf-8").replace("title: 一块开发板的来历", f"title: {SHOUTING}"), "utf-8")


# --- the page -----------------------------------------------------------------------------------------------------


class TestPage:
    def test_examples_have_about_ten_lines(self) -> None:
        for name, text in documented(PAGES[0]).items():
            lines = list(filter(None, text.splitlines()))
            assert 5 < len(lines) <= (14 if name == "pyproject.toml" else 12), name

    def test_both_languages_show_the_same(self) -> None:
        assert documented(PAGES[0]) == documented(PAGES[1])

    def test_the_test_of_the_rule_passes(self, installed: None) -> None:
        for page in PAGES:
            blocks = re.findall(r"```python\n(.*?)```\n", page.read_text("utf-8"), re.DOTALL)
            exec(compile(blocks[-1], page.name, "exec"), {})
            assert "assert " in blocks[-1]


# --- rules --------------------------------------------------------------------------------------------------------


def checked(*names: str, issue: Issue | None = None, **more: Any) -> list[Finding]:
    """Findings in an issue with a loud title."""
    newsletter = Newsletter(name="x", language=more.pop("language", "en"), plugins=names, **more)
    return list(check(issue or one(Item(title=SHOUTING, url="https://example.org/")), Context(newsletter)))


def one(item: Item, **more: Any) -> Issue:
    return Issue(date=DAY, sections=(Section(name="s", items=(item,)),), **more)


def told(findings: list[Finding], rule: str) -> list[tuple[str, str]]:
    return [(finding.severity, finding.message) for finding in findings if finding.rule == rule]


@pytest.mark.usefixtures("installed")
class TestRule:
    def test_it_finds_what_it_looks_for_like_one_of_the_program(self) -> None:
        (finding,) = [each for each in checked("embedai-example") if each.rule == "shouting-title"]
        assert (finding.severity, finding.message) == ("warning", f"“{SHOUTING}” shouts.")
        assert finding.place.path == ("sections", 0, "items", 0, "title")
        assert (finding.plugin, finding.model_dump()["plugin"]) == ("embedai-example", "embedai-example")

    def test_it_speaks_the_newsletters_language(self) -> None:
        for language in ("zh-CN", "zh-TW", "zh"):
            found = told(checked("embedai-example", language=language), "shouting-title")
            assert found == [("warning", f"标题“{SHOUTING}”全是大写字母。")]
        assert told(checked("embedai-example", language="fr"), "shouting-title") == [
            ("warning", f"“{SHOUTING}” shouts.")
        ]

    def test_its_fix_cures_it(self) -> None:
        issue = one(Item(title=SHOUTING, url="https://example.org/"))
        (finding,) = [each for each in checked("embedai-example", issue=issue) if each.fix and each.plugin]
        assert finding.fix is not None
        assert finding.fix.description == "Lower it"
        assert not told(checked("embedai-example", issue=finding.fix.applied(issue)), "shouting-title")

    def test_a_newsletter_that_does_not_name_it_does_without(self) -> None:
        assert not told(checked(), "shouting-title")

    def test_a_package_is_known_however_its_name_is_written_and_runs_once(self) -> None:
        assert len(told(checked("EmbedAI_Example", "embedai.example"), "shouting-title")) == 1

    def test_newsletter_yaml_says_how_much_it_matters(self) -> None:
        assert told(checked("embedai-example", checks={"shouting-title": "error"}), "shouting-title")[0][0] == "error"
        found = checked("embedai-example", checks={"shouting-title": "off"})
        assert not told(found, "shouting-title") + told(found, "unknown-rule")

    def test_an_item_waives_it(self) -> None:
        issue = one(Item(title=SHOUTING, url="https://example.org/", waived={"shouting-title": "a brand"}))
        found = checked("embedai-example", issue=issue)
        assert told(found, "shouting-title") == [("note", f"“{SHOUTING}” shouts. (Waived: a brand)")]
        assert not told(found, "unknown-rule")
        assert told(checked(issue=issue), "unknown-rule") == [("warning", "There is no rule “shouting-title”.")]

    def test_sarif_lists_it(self) -> None:
        found = CheckedDraft("a.yaml", str(DAY), tuple(checked("embedai-example")))
        (run,) = json.loads("".join(REPORTS["sarif"]([found])))["runs"]
        (rule,) = [each for each in run["tool"]["driver"]["rules"] if each["id"] == "shouting-title"]
        assert rule["shortDescription"]["text"] == "A title in capitals."
        assert rule["fullDescription"]["text"] == "“{title}” shouts."
        assert rule["defaultConfiguration"] == {"level": "warning"}
        assert "shouting-title" in {result["ruleId"] for result in run["results"]}

    @pytest.mark.parametrize("form", ["text", "json", "github"])
    def test_other_reports_name_it(self, form: str) -> None:
        found = CheckedDraft("a.yaml", str(DAY), tuple(checked("embedai-example")))
        assert "shouting-title" in "".join(REPORTS[form]([found]))


RULE = "from embedai_nb import Replacement, Rule, RuleMatch\n"
FAILING = {
    "raises": ("def find(issue, context):\n    raise ZeroDivisionError('by nought')", "ZeroDivisionError: by nought"),
    "raises late": (
        "def find(issue, context):\n    yield RuleMatch(())\n    1 / 0",
        "ZeroDivisionError: division by zero",
    ),
    "raises an error of the program": (
        "from embedai_nb import EmbedAIError\ndef find(issue, context):\n    raise EmbedAIError('no')",
        "EmbedAIError: no",
    ),
    "exits": ("def find(issue, context):\n    raise SystemExit(3)", "SystemExit: 3"),
    "returns nothing": ("def find(issue, context):\n    pass", "TypeError: 'NoneType' object is not iterable"),
    "takes no context": (
        "def find(issue):\n    return []",
        "TypeError: find() takes 1 positional argument but 2 were given",
    ),
    "yields text": ("def find(issue, context):\n    yield 'title'", "TypeError: "),
    "yields no path": ("def find(issue, context):\n    yield RuleMatch(7)", "TypeError: "),
    "never ends": (
        "def find(issue, context):\n    while True:\n        yield RuleMatch(())",
        "it finds more than 1,000 places",
    ),
    "replaces a place that is none": (
        "def find(issue, context):\n    yield RuleMatch((), {}, Replacement(('date', 3), ''))",
        "KeyError: 3",
    ),
    "replaces it by nonsense": (
        "def find(issue, context):\n    yield RuleMatch((), {}, Replacement(('date',), 'soon'))",
        "ValidationError: ",
    ),
    "lacks a value of its message": (
        "def find(issue, context):\n    yield RuleMatch(())\nrule = Rule(find, 'note', '{title}')",
        "KeyError: 'title'",
    ),
    "has a severity that is none": (
        "def find(issue, context):\n    yield RuleMatch(())\nrule = Rule(find, 'fatal', 'x')",
        "ValidationError: ",
    ),
    "is no rule": ("rule = find = 5", "Rule expected, not int"),
    "is not there": ("del RuleMatch\ndef __getattr__(name):\n    raise AttributeError(name)", "AttributeError: rule"),
    "cannot be imported": ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
    "is no Python": ("def", "SyntaxError: "),
}


@pytest.mark.parametrize("way", FAILING)
def test_a_rule_that_fails_is_named_and_the_others_still_run(way: str, trial: Trial) -> None:
    code, problem = FAILING[way]
    end = "" if "rule =" in code or "RuleMatch\n" in code or "import no" in code else "\nrule = Rule(find, 'note', 'x')"
    trial(RULE + code + end, checks={"trying": "rule", "good": "good"})
    good = "\ndef fine(issue, context):\n    yield RuleMatch(())\ngood = Rule(fine, 'note', 'Fine.')\n"
    trial(RULE + good, name="trial-two", checks={"fine": "good"})
    before, found = checked(), checked("trial", "trial-two")
    named_problems = [text for severity, text in told(found, "plugin-failed")]
    assert named_problems[0].startswith(f"The plug-in trial failed: trying: {problem}")
    assert told(found, "fine") == [("note", "Fine.")]
    others = [each for each in found if not each.plugin and each.rule != "plugin-failed"]
    assert others == before
    assert not told(found, "trying")


class TestFailure:
    def test_it_is_a_warning_unless_newsletter_yaml_says_otherwise(self, trial: Trial) -> None:
        trial(RULE + "1 / 0", checks={"trying": "rule"})
        assert [severity for severity, _ in told(checked("trial"), "plugin-failed")] == ["warning"]
        found = checked("trial", checks={"plugin-failed": "error"})
        assert [severity for severity, _ in told(found, "plugin-failed")] == ["error"]
        assert not told(checked("trial", checks={"trying": "off"}), "plugin-failed")

    def test_the_name_of_a_rule_of_the_program_is_taken(self, trial: Trial) -> None:
        code = RULE + "rule = Rule(lambda issue, context: [RuleMatch(())], 'note', 'x')"
        trial(code, checks={"empty-link": "rule", "unreadable-draft": "rule"})
        assert [text for _, text in told(checked("trial"), "plugin-failed")] == [
            f"The plug-in trial failed: {name}: embedai-nb itself has a rule of this name. All other rules were checked."
            for name in ("empty-link", "unreadable-draft")
        ]

    def test_two_plug_ins_with_a_rule_of_one_name_are_both_named(self, trial: Trial) -> None:
        code = RULE + "rule = Rule(lambda issue, context: [RuleMatch(())], 'note', 'x')"
        trial(code, checks={"twice": "rule"})
        trial(code, name="trial-two", checks={"twice": "rule"})
        found = checked("trial", "trial-two")
        (text,) = [text for _, text in told(found, "plugin-failed")]
        assert text.startswith("The plug-in trial-two failed: twice: trial has a rule of this name, too.")
        assert [finding.plugin for finding in found if finding.rule == "twice"] == ["trial"]

    def test_entry_points_that_cannot_be_read(self, trial: Trial, tmp_path: Path) -> None:
        trial("", checks={})
        (tmp_path / "site" / "trial-1.0.dist-info" / "entry_points.txt").write_text("nonsense\n[[\n", "utf-8")
        (text,) = [text for _, text in told(checked("trial"), "plugin-failed")]
        assert text.startswith("The plug-in trial failed: ")


class TestMissing:
    def test_it_is_an_error_that_says_what_to_install(self) -> None:
        ((severity, text),) = told(checked("no-such-plugin"), "plugin-missing")
        assert severity == "error"
        assert text.endswith("Install it: pip install no-such-plugin")

    def test_it_is_found_as_soon_as_it_is_installed(self, trial: Trial) -> None:
        assert told(checked("trial"), "plugin-missing")
        trial(RULE + "rule = Rule(lambda issue, context: [], 'note', 'x')", checks={"quiet": "rule"})
        assert not told(checked("trial"), "plugin-missing")

    def test_the_issue_is_not_published(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        folder = named(tmp_path / "issues", "no-such-plugin")
        assert run(["--issues", str(folder), "issue", str(DAY)]) == 1
        assert not (folder / "archive").exists()
        assert run(["--issues", str(folder), "check", str(DAY)]) == 1
        assert "没有安装" in capsys.readouterr().out

    @pytest.mark.parametrize("name", ["a b", "../x", "x; rm", "-r", "", "包"])
    def test_what_is_no_name_of_a_package_is_an_error_of_newsletter_yaml(self, name: str, tmp_path: Path) -> None:
        folder = named(tmp_path / "issues", json.dumps(name))
        with pytest.raises(DraftError, match=r"newsletter.yaml:\d+: plugins: .*no name of a package"):
            load(DAY, folder)


# --- capture sources ----------------------------------------------------------------------------------------------

WORK = {"message": {"title": ["Nets on *two* wires"], "publisher": "A Publisher"}}
TRIED = """\
from embedai_nb import Capturer, Item, Metadata
def fails(*arguments):
    raise ValueError("no")
mine = lambda item: item
"""


@pytest.fixture
def sites() -> Iterator[Sites]:
    with running() as sites:
        sites.page("api.crossref.org/works/10.1000/xyz", json.dumps(WORK))
        sites.page("example.org/a", "<title>A page</title><meta property='og:site_name' content='A site'>")
        yield sites


def captured(text: str, sites: Sites, *names: str) -> Captured:
    sections = [{"name": "Papers", "takes": ["paper"]}, {"name": "Other", "takes": ["page"], "needs": ["source"]}]
    newsletter = Newsletter.model_validate({"name": "x", "language": "en", "plugins": names, "sections": sections})
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE  # the servers have no certificate for these names
    (found,) = capture(text, newsletter, sites.fetcher(trust=trust))
    return found


class TestCapture:
    def test_a_source_recognises_its_pages_and_asks_its_site(self, sites: Sites, installed: None) -> None:
        found = captured("https://dx.doi.org/10.1000/xyz", sites, "embedai-example")
        assert (found.section, found.reason) == ("Papers", "")
        assert found.item == Item(
            title=r"Nets on \*two\* wires", source="A Publisher", url="https://doi.org/10.1000/xyz"
        )

    def test_a_site_that_does_not_answer_is_told_as_always(self, sites: Sites, installed: None) -> None:
        sites.page("api.crossref.org/works/10.1000/gone", status=404)
        found = captured("https://doi.org/10.1000/gone", sites, "embedai-example")
        assert found.reason == "api.crossref.org says there is no such page"

    def test_an_answer_that_it_cannot_read_is_its_failure(self, sites: Sites, installed: None) -> None:
        sites.page("api.crossref.org/works/10.1000/odd", "{}")
        sites.page("doi.org/10.1000/odd", "<title>The page itself</title>")
        found = captured("https://doi.org/10.1000/odd", sites, "embedai-example")
        assert found.reason == "embedai-example: doi: KeyError: 'message'"
        assert found.item is not None
        assert (found.item.title, found.section) == ("The page itself", "Other")
        assert found.item.note.startswith("Incomplete: ")

    @pytest.mark.parametrize(
        ("source", "problem"),
        [
            ("Capturer('page', fails, fails)", "ValueError: no"),
            ("Capturer('page', lambda item: 'x', fails)", "Item expected, not str"),
            ("Capturer('page', mine, fails)", "ValueError: no"),
            ("Capturer('page', mine, lambda *arguments: None)", "Metadata expected, not NoneType"),
            ("5", "Capturer expected, not int"),
            ("fails()", "ValueError: no"),
        ],
    )
    def test_a_source_that_fails_is_named_and_the_next_one_is_asked(
        self, source: str, problem: str, sites: Sites, trial: Trial
    ) -> None:
        trial(f"{TRIED}source = {source}", capture={"trying": "source"})
        found = captured("https://example.org/a", sites, "trial")
        assert found.reason == f"trial: trying: {problem}"
        assert found.item is not None
        assert (found.item.title, found.item.source, found.section) == ("A page", "A site", "Other")
        assert f"trial: trying: {problem}" in found.item.note

    def test_a_source_that_is_missing_is_not_waited_for(self, sites: Sites) -> None:
        assert captured("https://example.org/a", sites, "no-such-plugin").reason == ""


# --- outputs ------------------------------------------------------------------------------------------------------

OUTPUTS = """\
from embedai_nb import Copy
def fails(issue, newsletter):
    raise ValueError("no")
page = Copy("Page", "html", lambda issue, newsletter: f"<p>{len(issue.entries)}</p>")
failing = Copy("Failing {x}", "text", fails)
wrong = Copy("Wrong", "text", lambda issue, newsletter: b"")
nonsense = 5
"""
TRIALS = {name: name for name in ("page", "failing", "wrong", "nonsense")}


class TestOutput:
    def test_show_prints_it(self, tmp_path: Path, capsys: pytest.CaptureFixture[str], installed: None) -> None:
        folder = named(tmp_path / "issues", "embedai-example")
        assert run(["--issues", str(folder), "show", str(DAY), "--format", "chat"]) == 0
        said = capsys.readouterr()
        assert said.out.startswith(f"嵌入式AI简报 {DAY}\n\n一块开发板的来历\nhttps://example.org/board\n")
        assert said.err.startswith("title: ")

    def test_html_is_printed_as_a_page(self, tmp_path: Path, capsys: pytest.CaptureFixture[str], trial: Trial) -> None:
        folder = named(tmp_path / "issues", trial(OUTPUTS, channels=TRIALS))
        assert run(["--issues", str(folder), "show", str(DAY), "--format", "page"]) == 0
        assert capsys.readouterr().out.startswith("<!DOCTYPE html>")

    @pytest.mark.parametrize(
        ("form", "problem"),
        [
            ("failing", "ValueError: no"),
            ("wrong", "str expected, not bytes"),
            ("nonsense", "Copy expected, not int"),
        ],
    )
    def test_one_that_fails_names_itself(
        self, form: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], trial: Trial
    ) -> None:
        folder = named(tmp_path / "issues", trial(OUTPUTS, channels=TRIALS))
        assert run(["--issues", str(folder), "show", str(DAY), "--format", form]) == 1
        assert capsys.readouterr() == ("", f"embedai: trial: {form}: {problem}\n")

    def test_one_that_no_plug_in_brings(self, tmp_path: Path, capsys: pytest.CaptureFixture[str], trial: Trial) -> None:
        folder = named(tmp_path / "issues", trial(OUTPUTS, channels=TRIALS))
        assert run(["--issues", str(folder), "show", str(DAY), "--format", "pdf"]) == 2
        assert "'pdf' is not one of" in capsys.readouterr().err

    def test_one_that_a_missing_plug_in_may_bring(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        folder = named(tmp_path / "issues", "no-such-plugin")
        assert run(["--issues", str(folder), "show", str(DAY), "--format", "chat"]) == 1
        remedy = "install it: pip install no-such-plugin"
        assert capsys.readouterr().err == f"embedai: no-such-plugin: this plug-in is not installed; {remedy}\n"

    def test_two_of_one_name_are_both_named(self, trial: Trial) -> None:
        trial(OUTPUTS, channels={"page": "page"})
        trial(OUTPUTS, name="trial-two", channels={"page": "page"})
        newsletter = Newsletter(name="x", plugins=("trial", "trial-two"))
        with pytest.raises(plugins.PluginError, match="trial-two: page: trial brings something of this name, too"):
            find_copy("page", newsletter)

    def test_the_form_has_a_button_for_it_and_one_that_fails_spoils_no_other(
        self, tmp_path: Path, trial: Trial
    ) -> None:
        name = trial(OUTPUTS, channels=TRIALS)
        folder = named(tmp_path / "issues", name, copies="[failing, page, nonsense, no-such, juejin]")
        edition = load(DAY, folder)
        assert [each["name"] for each in offered_copies(edition)] == ["failing", "page", "juejin"]
        assert offered_copies(edition)[0]["copy"] == "复制正文：Failing {x}"
        copies = written_copies(edition)
        assert copies.keys() == {"page", "juejin"}
        assert copies["page"] == {"html": f"<p>{len(edition.issue.entries)}</p>"}


SERVICE = """\
import pathlib
from embedai_nb import ServiceEntry
class Shelf:
    def __init__(self, place):
        self.place = pathlib.Path(place)
    def close(self):
        pass
    def status(self, draft_id):
        return "draft" if (self.place / draft_id).exists() else None
    def add(self, draft):
        (self.place / "draft-1").write_text(draft.text, "utf-8")
        return "draft-1"
    def replace(self, draft_id, draft):
        raise ValueError("no")
    def page(self, draft_id):
        return f"shelf:{draft_id}"
shelf = ServiceEntry("Shelf", lambda environment, newsletter: Shelf(environment["SHELF"]))
"""


class TestService:
    def test_email_uploads_to_it_and_a_failure_is_named(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, trial: Trial
    ) -> None:
        folder = named(tmp_path / "issues", trial(SERVICE, channels={"shelf": "shelf"}))
        command = ["--issues", str(folder), "email", str(DAY), "--via", "shelf"]
        assert run(command) == 1
        assert capsys.readouterr().err == "embedai: trial: shelf: KeyError: 'SHELF'\n"
        monkeypatch.setenv("SHELF", str(tmp_path))
        assert run(command) == 0
        assert "shelf:draft-1" in capsys.readouterr().out
        assert "一块开发板的来历" in (tmp_path / "draft-1").read_text("utf-8")
        assert run(command) == 1
        assert capsys.readouterr().err == "embedai: trial: shelf: ValueError: no\n"

    def test_an_output_is_no_service(self, tmp_path: Path, capsys: pytest.CaptureFixture[str], trial: Trial) -> None:
        folder = named(tmp_path / "issues", trial(OUTPUTS, channels=TRIALS))
        assert run(["--issues", str(folder), "email", str(DAY), "--via", "page"]) == 1
        assert capsys.readouterr().err == "embedai: trial: page: ServiceEntry expected, not Copy\n"
        assert run(["--issues", str(folder), "email", str(DAY), "--via", "nothing"]) == 2


# --- what runs ----------------------------------------------------------------------------------------------------

EVIL = "import pathlib\npathlib.Path({mark!r}).touch()\n"
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"


def brought(folder: Path, mark: Path, name: str, points: str) -> None:
    """What a pull request could bring: code, and metadata as if it were installed there."""
    module = name.replace("-", "_")
    metadata = folder / f"{module}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(METADATA.format(name=name), "utf-8")
    (metadata / "entry_points.txt").write_text(points, "utf-8")
    (folder / f"{module}.py").write_text(EVIL.format(mark=str(mark)) + RULE + "rule = 5\n", "utf-8")


@pytest.mark.processes
class TestForeignCode:
    @pytest.mark.parametrize("engine", ["fork", "kernel"])
    @pytest.mark.parametrize("where", ["issues", "issues/lib", "elsewhere"])
    def test_no_command_runs_what_lies_in_an_issues_folder_or_the_working_folder(
        self, where: str, engine: str, tmp_path: Path, environment: Path
    ) -> None:
        """Each command works where the code lies, and so does the kernel, or else the folder is on PYTHONPATH."""
        folder, mark = named(tmp_path / "issues", "brought", "embedai-example"), tmp_path / "ran"
        place = tmp_path / where
        place.mkdir(exist_ok=True)
        brought(place, mark, "brought", "[embedai_nb.checks]\nbrought = brought:rule\n")
        checked, issued = (
            embedai(environment, folder, *words, cwd=place)
            for words in (("check",), ("issue", str(DAY), "--engine", engine))
        )
        assert (checked.returncode, issued.returncode, mark.exists()) == (1, 1, False), issued.stderr
        assert "pip install brought" in checked.stdout
        notebook = (folder / "review" / f"{DAY}.ipynb").read_text("utf-8")
        assert "pip install brought" in notebook

    def test_a_path_into_an_issues_folder_leads_nowhere(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trial: Trial
    ) -> None:
        folder, mark = issues(tmp_path / "issues"), tmp_path / "ran"
        (folder / "lib").mkdir()
        brought(folder / "lib", mark, "brought", "[embedai_nb.checks]\nbrought = brought:rule\n")
        monkeypatch.syspath_prepend(folder / "lib")
        assert told(checked("brought"), "plugin-missing")
        assert not mark.exists()

    @pytest.mark.parametrize("engine", ["fork", "kernel"])
    def test_a_module_of_the_same_name_does_not_stand_in_for_the_installed_one(
        self, engine: str, tmp_path: Path, environment: Path
    ) -> None:
        folder, mark = named(tmp_path / "issues", "embedai-example"), tmp_path / "ran"
        shout(folder)
        (folder / "embedai_example.py").write_text(EVIL.format(mark=str(mark)), "utf-8")
        done = embedai(environment, folder, "issue", str(DAY), "--engine", engine)
        assert (done.returncode, mark.exists()) == (0, False), done.stderr
        assert SHOUTING in embedai(environment, folder, "check").stdout
        assert "全是大写字母" in (folder / "review" / f"{DAY}.ipynb").read_text("utf-8")
        assert not mark.exists()

    def test_what_a_plug_in_imports_is_not_taken_from_there_either(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trial: Trial
    ) -> None:
        mark, here = tmp_path / "ran", tmp_path / "here"
        here.mkdir()
        (here / "trial_needs.py").write_text(EVIL.format(mark=str(mark)), "utf-8")
        monkeypatch.chdir(here)
        monkeypatch.syspath_prepend("")
        trial("import trial_needs\n", checks={"trying": "rule"})
        ((_, text),) = told(checked("trial"), "plugin-failed")
        assert "No module named 'trial_needs'" in text
        assert not mark.exists()
        assert sys.path[0] == "" or "" in sys.path

    def test_an_import_hook_that_leads_into_an_issues_folder_is_not_followed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trial: Trial
    ) -> None:
        """As editable installations have one."""
        folder, mark = issues(tmp_path / "issues"), tmp_path / "ran"
        (folder / "trial.py").write_text(EVIL.format(mark=str(mark)), "utf-8")

        class Hook:
            @staticmethod
            def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
                return spec_from_file_location(name, folder / "trial.py") if name == "trial" else None

        trial("", checks={"trying": "rule"})
        monkeypatch.setattr(sys, "meta_path", [Hook, *sys.meta_path])
        ((_, text),) = told(checked("trial"), "plugin-failed")
        assert "its code lies in the working folder or in an issues folder" in text
        assert not mark.exists()


# --- publishing ---------------------------------------------------------------------------------------------------


@pytest.fixture
def scratch(environment: Path, tmp_path: Path) -> Path:
    """An environment with the example that a test may change."""
    copy = tmp_path / "environment"
    shutil.copytree(environment, copy, symlinks=True)
    return copy


def explained(environment: Path, folder: Path) -> str:
    return embedai(environment, folder, "build", "--explain", str(DAY)).stdout


@pytest.mark.processes
class TestPublishing:
    def test_both_engines_show_the_same_findings(self, tmp_path: Path, environment: Path) -> None:
        made = []
        for engine in ("kernel", "fork"):
            folder = named(tmp_path / engine / "issues", "embedai-example")
            shout(folder)
            done = embedai(environment, folder, "issue", str(DAY), "--engine", engine)
            assert done.returncode == 0, done.stderr
            made.append(outputs(folder))
        assert made[0] == made[1]
        assert "全是大写字母" in made[0][f"review/{DAY}.ipynb"].decode()

    def test_an_issue_is_out_of_date_when_a_plug_in_with_rules_changes(self, tmp_path: Path, scratch: Path) -> None:
        folder = named(tmp_path / "issues", "embedai-example")
        shout(folder)
        assert embedai(scratch, folder, "build", "--jobs", "1").returncode == 0
        assert "up to date" in explained(scratch, folder)
        module = scratch / SITE / "embedai_example" / "shouting.py"
        module.write_text(module.read_text("utf-8").replace("全是大写字母", "太吵"), "utf-8")
        assert "embedai-example has changed" in explained(scratch, folder)
        assert embedai(scratch, folder, "build", "--jobs", "1").returncode == 0
        assert "太吵" in (folder / "review" / f"{DAY}.ipynb").read_text("utf-8")
        assert "up to date" in explained(scratch, folder)

    def test_it_is_when_the_version_changes_or_the_plug_in_goes(self, tmp_path: Path, scratch: Path) -> None:
        folder, metadata = (
            named(tmp_path / "issues", "embedai-example"),
            scratch / SITE / "embedai_example-1.0.dist-info",
        )
        assert embedai(scratch, folder, "issue", str(DAY)).returncode == 0
        text = (metadata / "METADATA").read_text("utf-8")
        (metadata / "METADATA").write_text(text.replace("Version: 1.0", "Version: 1.1"), "utf-8")
        assert "embedai-example has changed" in explained(scratch, folder)
        (metadata / "METADATA").write_text(text, "utf-8")
        assert "up to date" in explained(scratch, folder)
        shutil.rmtree(metadata)
        assert "embedai-example has changed" in explained(scratch, folder)

    def test_a_rule_that_fails_stops_no_publication(self, tmp_path: Path, scratch: Path) -> None:
        folder = named(tmp_path / "issues", "embedai-example")
        module = scratch / SITE / "embedai_example" / "shouting.py"
        module.write_text("raise RuntimeError('worn out')\n", "utf-8")
        done = embedai(scratch, folder, "issue", str(DAY))
        assert (done.returncode, "warnings: 1" in done.stdout) == (0, True), done.stderr
        assert "RuntimeError: worn out" in (folder / "review" / f"{DAY}.ipynb").read_text("utf-8")


class TestInputs:
    def parts(self, *names: str) -> Mapping[str, str]:
        return CommonInputs.current(ParsedNewsletter(plugins=names)).parts

    def test_only_plug_ins_with_rules_are_inputs(self, trial: Trial) -> None:
        trial(OUTPUTS, channels=TRIALS)
        trial(RULE, name="trial-two", checks={"trying": "rule"})
        assert self.parts("trial") == self.parts()
        assert self.parts("trial", "trial-two").keys() - self.parts().keys() == {"trial-two"}

    def test_a_missing_one_is_an_input(self) -> None:
        assert self.parts("no-such-plugin").keys() - self.parts().keys() == {"no-such-plugin"}

    def test_a_dask_worker_with_another_one_is_refused(self, trial: Trial, tmp_path: Path) -> None:
        pytest.importorskip("distributed")
        from embedai_nb.publish.cluster_worker import BuildPlugin

        here = CommonInputs.current(ParsedNewsletter(plugins=("trial",)))
        build = BuildPlugin(Storage(str(tmp_path)), digest(b""), here, [], Options(), {})
        build.storage.write(build.bundle_file, b"")
        trial(RULE, checks={"trying": "rule"})
        with pytest.raises(PublishError, match="another version runs there: trial"):
            asyncio.run(build.setup(Worker(str(tmp_path))))


# --- what it costs ------------------------------------------------------------------------------------------------


class TestCost:
    def test_nothing_is_looked_for_where_none_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def found(**options: object) -> None:
            raise AssertionError(options)

        monkeypatch.setattr("importlib.metadata.Distribution.discover", found)
        checked()
        capture("https://example.org/", Newsletter(name="x"), None)
        assert find_copy("chat", Newsletter(name="x")) is None

    def test_most_commands_do_not_import_what_looks_for_them(self) -> None:
        code = "import sys, embedai_nb.cli; embedai_nb.cli.run(['--help']); print('embedai_nb.plugins' in sys.modules)"
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        assert said.endswith("False\n")


# --- the form -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("installed", "line")
class TestForm:
    @pytest.fixture
    def form(self, tmp_path: Path) -> Form:
        folder = named(tmp_path / "issues", "embedai-example")
        shout(folder)
        form = Form(Session(folder, DAY))
        form.check()
        return form

    def test_it_shows_and_waives_findings_of_plug_ins_like_others(self, form: Form) -> None:
        (found,) = self.shown(form)
        assert (found["severity"], found["message"]) == ("warning", f"标题“{SHOUTING}”全是大写字母。")
        tells(form, "waive", rule="shouting-title", key=found["key"], reason="品牌名")
        (again,) = self.shown(form)
        assert (again["severity"], again["waivable"]) == ("note", False)

    def test_it_fixes_them(self, form: Form) -> None:
        (found,) = self.shown(form)
        tells(form, "fix", rule="shouting-title", key=found["key"], field=["title"])
        assert self.shown(form) == []

    def shown(self, form: Form) -> list[dict[str, Any]]:
        return [each for each in form.findings if each["rule"] == "shouting-title"]
