"""Messages: complete in every language that this project answers for, in catalogues alone, and in the user's language."""

from __future__ import annotations

import ast
import io
import json
import os
import pickle
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import click
import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_keywords
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from embedai_nb import i18n
from embedai_nb.capture.errors import FetchError
from embedai_nb.channels.wechat.errors import WeChatRefusedError
from embedai_nb.cli import commands, run
from embedai_nb.cli.translated_help import columns
from embedai_nb.drafts.fields import parse_newsletter
from embedai_nb.drafts.yaml_reader import read
from embedai_nb.errors import DraftError, EmbedAIError, LockedError, MissingExtraError, UsageError, system_problem
from embedai_nb.i18n import Translatable, _, translated, translator
from embedai_nb.publish.pool import Failed, run_tasks
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace.locks import draft_lock
from tests.conftest import PROJECT
from tests.publishing import DAY, embedai, issues, outputs

PACKAGE = PROJECT / "embedai_nb"
CATALOGUES = sorted(i18n.LOCALE.glob("*/LC_MESSAGES/*.po"))
COMPLETE = {"zh_CN"}
"""Languages that have every message; any other may have some, and says the others in English."""

SIGN = "\u3000-\u303f\uff00-\uffef"
CHINESE = re.compile(f"[\u2e80-\u9fff{SIGN}]")
"""A Chinese character, or punctuation of its width (Unicode: CJK radicals to ideographs, full-width forms)."""
IDEOGRAPH = re.compile("[\u2e80-\u2fff\u3040-\u9fff]")

DATA = {
    "capture/wechat_article.py": "what WeChat's pages say",
    "channels/wechat/errors.py": "names of menus in WeChat's console, and of the link below an article",
    "checks/labels.py": "words after which a label is part of a sentence",
    "checks/typography.py": "the signs that are checked",
    "importing/convert.py": "the word before an author's name; characters of scripts without spaces",
    "importing/front_matter.py": "how dates are written",
    "importing/heads.py": "words before an author's name and between links",
    "importing/shapes.py": "what begins a numbered paragraph",
    "importing/titles.py": "how issues are counted",
    "init/templates/zh_CN/README.md.j2": "what a newsletter in Chinese begins with",
    "init/templates/zh_CN/example.yaml.j2": "the same",
    "markdown/grammar.py": "the archive format",
    "model.py": "a bar that is an ideograph, by which old issues divide a line",
    "text/sentences.py": "what ends a sentence",
    "trends/vocabulary.py": "words that say nothing of a subject",
}
"""Files whose Chinese is data, with what it is."""

SIGNS = {
    "capture/pasted.py": "around a pasted link",
    "checks/items.py": "between title and source",
    "checks/links.py": "at the end of a link",
    "checks/markdown_dialect.py": "at the end of an address",
    "checks/opening.py": "around a prefix of the headline",
    "cli/translated_help.py": "that may not begin a line, or ends a sentence",
    "editor/field_values.py": "between typed tags",
    "editor/state.py": "after a label",
    "editor/static/fields.js": "after a typed label",
    "html/clipboard_html.py": "after the number of a list item",
    "html/page.py": "at the end of a sentence",
    "html/view_model.py": "at the end of a heading",
    "importing/files.py": "around a date",
    "markdown/literal.py": "that stand for themselves",
    "markdown/plain_entries.py": "at the beginning of a line",
    "markdown/reader.py": "after a label",
    "markdown/writer.py": "at the end of a heading",
}
"""Files that read or write Chinese punctuation, with where it stands; ideographs there are none."""

# --- catalogues -----------------------------------------------------------------------------------------------

Key = tuple[str | None, str | tuple[str, ...]]
"""Context and message of an entry, or its singular and plural."""


@pytest.fixture(scope="module")
def messages_of_code() -> set[Key]:
    """What `make messages` collects."""
    keywords = parse_keywords(re.findall(r"--keyword (\S+)", (PROJECT / "Makefile").read_text("utf-8")))
    mappings = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]["mappings"]
    methods = [(each["pattern"], each["method"]) for each in mappings]
    found = extract_from_dir(PACKAGE, methods, keywords=keywords)
    return {(context, message) for _name, _line, message, _comments, context in found if message}


def entries(catalogue: Path) -> list[Message]:
    with catalogue.open("rb") as file:
        return [message for message in read_po(file) if message.id]


def key(entry: Message) -> Key:
    return entry.context, entry.id


def strings(entry: Message) -> list[str]:
    return [entry.string] if isinstance(entry.string, str) else list(entry.string)


def language(catalogue: Path) -> str:
    return catalogue.parents[1].name


def test_the_languages_that_are_complete_have_a_catalogue() -> None:
    assert {language(each) for each in CATALOGUES} >= COMPLETE


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=language)
class TestCatalogue:
    def test_it_has_every_message_of_the_code(self, catalogue: Path, messages_of_code: set[Key]) -> None:
        if language(catalogue) not in COMPLETE:
            pytest.skip("a language that is not complete yet: what lacks is said in English")
        translated = {key(entry) for entry in entries(catalogue) if all(strings(entry))}
        assert messages_of_code - translated == set(), "run `make messages`, and translate these"

    def test_it_has_no_others(self, catalogue: Path, messages_of_code: set[Key]) -> None:
        assert {key(entry) for entry in entries(catalogue)} - messages_of_code == set(), "run `make messages`"

    def test_no_translation_is_a_guess(self, catalogue: Path) -> None:
        assert [entry.id for entry in entries(catalogue) if entry.fuzzy] == []

    def test_a_translation_fills_in_what_its_message_does(self, catalogue: Path) -> None:
        assert [entry.id for entry in entries(catalogue) if not fills_in_the_same(entry)] == []


def fills_in_the_same(entry: Message) -> bool:
    """Whether a translation has the placeholders of the message; one of a plural, those of either of its forms."""
    said = [placeholders(each) for each in ([entry.id] if isinstance(entry.id, str) else entry.id)]
    return all(
        set.intersection(*said) <= placeholders(string) <= set.union(*said) for string in filter(None, strings(entry))
    )


def placeholders(text: str) -> set[tuple[str, str | None, str | None]]:
    """Name, format and conversion of each."""
    return {(name, spec, conversion) for _text, name, spec, conversion in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize(
    ("message", "translation", "fits"),
    [
        ("wrote {path}", "写好了 {path}", True),
        ("wrote {path}", "写好了", False),
        ("wrote {path}", "写好了 {file}", False),
        ("{size:,} bytes", "{size} 字节", False),
        (("{count} issue is left", "{count} issues are left"), ("还剩 {count} 期",), True),
        (("one of {a}", "one of {b}"), ("{b} 之一",), True),
    ],
)
def test_placeholders_are_compared_with_their_formats(message: Any, translation: Any, fits: bool) -> None:
    assert fills_in_the_same(Message(message, translation)) is fits


# --- code -----------------------------------------------------------------------------------------------------


def literals(source: str) -> Iterator[tuple[int, str]]:
    """The string literals of a module that are no docstrings, as they stand there, with their lines."""
    begins, skipped = True, {tokenize.NL, tokenize.COMMENT, tokenize.ENCODING}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in skipped:
            continue
        if not begins and tokenize.tok_name[token.type] in {"STRING", "FSTRING_MIDDLE"}:
            yield token.start[0], token.string
        begins = token.type in {tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


def chinese_lines(path: Path, chinese: re.Pattern[str] = CHINESE) -> list[int]:
    """The lines of a file with Chinese in them, comments and docstrings aside."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        return [line for line, literal in literals(text) if chinese.search(literal)]
    if path.suffix == ".ipynb":
        text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    comments = re.compile(r"/\*.*?\*/|\{#.*?#\}|<!--.*?-->|(?<!:)//[^\n]*|^\s*#[^\n]*", re.DOTALL | re.MULTILINE)
    bare = comments.sub(lambda found: "\n" * found[0].count("\n"), text)
    return [number for number, line in enumerate(bare.split("\n"), 1) if chinese.search(line)]


def test_no_chinese_stands_in_code() -> None:
    kinds = {".py", ".js", ".j2", ".css", ".ipynb"}
    files = [path for path in PACKAGE.rglob("*") if path.suffix in kinds] + [*(PROJECT / "notebooks").glob("*.ipynb")]
    assert len(files) > 200
    names = {os.path.relpath(path, PACKAGE): path for path in sorted(files)}
    found = {name: chinese_lines(path, IDEOGRAPH if name in SIGNS else CHINESE) for name, path in names.items()}
    assert {name: lines for name, lines in found.items() if lines and name not in DATA} == {}


def test_what_is_listed_as_data_has_chinese() -> None:
    assert [name for name in DATA | SIGNS if not chinese_lines(PACKAGE / name)] == []


def test_a_docstring_and_a_comment_may_have_chinese() -> None:
    source = '"""论文"""\nX = "a"  # 论文\n"""论文"""\ndef f():\n    """论文"""\n    return f"论文{X}"\n'
    assert [line for line, literal in literals(source) if CHINESE.search(literal)] == [6]


def test_no_function_that_says_messages_uses_the_underscore_otherwise() -> None:
    functions = (
        (path, node)
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.Lambda)
    )
    wrong = [(path, node) for path, node in functions if says_a_message(node) and binds_underscore(node)]
    assert [f"{path.relative_to(PACKAGE)}:{node.lineno}" for path, node in wrong] == []


def test_no_message_stands_within_an_f_string() -> None:
    """Python 3.11 has it as one token, in which Babel finds no message."""
    strings = (
        (path, node)
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.JoinedStr)
    )
    marks = {"_", "_n", "N_", "NN_", "NP_"}
    wrong = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path, node in strings
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") in marks
        and any(isinstance(argument, ast.Constant) for argument in call.args)
    ]
    assert wrong == []


def says_a_message(function: ast.AST) -> bool:
    return any(isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_" for node in ast.walk(function))


def binds_underscore(function: ast.AST) -> bool:
    nested = {
        id(inner) for node in ast.walk(function) if isinstance(node, ast.comprehension) for inner in ast.walk(node)
    }
    stored = (
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in nested
    )
    arguments = function.args.args if isinstance(function, ast.FunctionDef | ast.Lambda) else []
    return any(node.id == "_" for node in stored) or any(each.arg == "_" for each in arguments)


# --- help -----------------------------------------------------------------------------------------------------

ENGLISH_SENTENCE = re.compile(r"(?:\b[A-Za-z][a-z']*,? ){4,}[a-z]+")
"""Five words: no name, command or placeholder has as many."""


def command_lines() -> list[list[str]]:
    context = click.Context(commands)
    return [[], *([name] for name in commands.list_commands(context))]


@pytest.fixture(params=command_lines(), ids=lambda words: " ".join(words) or "embedai")
def shown_help(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """The help of a command in a language, as it is printed."""
    capsys = request.getfixturevalue("capsys")

    def shown(language: str) -> str:
        monkeypatch.setenv("LANGUAGE", language)
        assert run([*request.param, "--help"]) == 0
        return str(capsys.readouterr().out)

    return shown


def test_help_speaks_chinese(shown_help: Callable[[str], str]) -> None:
    text = shown_help("zh_CN")
    assert text.startswith("用法：")
    assert "显示这段帮助，然后退出。" in text
    assert ENGLISH_SENTENCE.findall(text) == []
    assert "Options" not in text


def test_help_speaks_english(shown_help: Callable[[str], str]) -> None:
    text = shown_help("en")
    assert text.startswith("Usage:")
    assert CHINESE.findall(text) == []


def test_help_fits_in_eighty_columns(shown_help: Callable[[str], str]) -> None:
    lines = [line for language in ("zh_CN", "en") for line in shown_help(language).splitlines()]
    examples = re.compile(r"^ +[^ ].*: +embedai |^ +[0-9]+ ")  # which click leaves as they are
    assert [line for line in lines if columns(line) > 80 and not examples.match(line)] == []


def test_no_line_of_help_begins_with_punctuation(shown_help: Callable[[str], str]) -> None:
    assert [line for line in shown_help("zh_CN").splitlines() if re.match(r"\s*[，。；：、！？）」”]", line)] == []


# --- errors ---------------------------------------------------------------------------------------------------


def in_chinese(error: BaseException) -> bool:
    return bool(CHINESE.search(str(error)))


def raised(call: Callable[[], object]) -> EmbedAIError:
    with pytest.raises(EmbedAIError) as caught:
        call()
    return caught.value


def locked(folder: Path) -> None:
    with draft_lock(folder, "2026-11-15"), draft_lock(folder, "2026-11-15", timeout=0):
        pass


def refused(newsletter: str) -> Callable[[], object]:
    return lambda: parse_newsletter(read(f"name: A\n{newsletter}\n", Path("newsletter.yaml")))


ERRORS: dict[str, Callable[[Path], EmbedAIError]] = {
    "usage": lambda _folder: raised(lambda: parse_date("2026-02-30")),
    "extra": lambda _folder: MissingExtraError("pandas", "editor"),
    "fetch": lambda _folder: FetchError("status", "example.org", status=500),
    "wechat": lambda _folder: WeChatRefusedError(45009, "reach max api daily quota limit", "draft"),
    "wechat, unknown": lambda _folder: WeChatRefusedError(1, "strange {}", "draft"),
    "lock": lambda folder: raised(lambda: locked(folder)),
    "yaml": lambda _folder: raised(lambda: read("a: [b\nc: d", Path("draft.yaml"))),
    "key": lambda _folder: raised(refused("nmae: B")),
    "value": lambda _folder: raised(refused("wechat_comments: nobody")),
    "validator": lambda _folder: raised(refused("sections: [{name: A}, {name: A}]")),
    "template": lambda _folder: raised(refused("inbox: [{feed: a, opml: b}]")),
    "system": lambda _folder: UsageError(system_problem(OSError(28, "No space left on device"))),
}


@pytest.mark.parametrize("make", ERRORS.values(), ids=ERRORS)
def test_an_error_speaks_the_users_language(
    make: Callable[[Path], EmbedAIError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = make(tmp_path)
    assert not in_chinese(error)
    sent = pickle.dumps(error)
    received = pickle.loads(sent)
    assert (type(received), vars(received)) == (type(error), vars(error))
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    for each in (error, received, pickle.loads(sent)):
        assert in_chinese(each)
        assert not re.search("[a-z]+ [a-z]+ [a-z]+", each.message.replace("embedai show DATE", ""))


def test_a_message_of_the_system_is_said_as_it_is_where_nobody_translated_it() -> None:
    assert system_problem(OSError(99, "strange {braces}")) == "strange {braces}"


def fail(_task: object, _progress: object) -> None:
    raise UsageError(_("no such file"), path="a.yaml")


@pytest.mark.processes
def test_an_error_of_another_process_is_said_in_the_language_of_who_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    [event] = [event for event in run_tasks([1], lambda: fail, 1) if isinstance(event, Failed)]
    assert str(event.reason) == "a.yaml: no such file"
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    assert str(event.reason) == "a.yaml: 没有这个文件"


def test_who_holds_a_lock_is_said_to_a_user_of_another_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with draft_lock(tmp_path, "2026-11-15"):
        monkeypatch.setenv("LANGUAGE", "zh_CN")
        said = rf"别的程序正在写 2026-11-15 的草稿（进程 {os.getpid()}，.+ 开始）"
        with pytest.raises(LockedError, match=said), draft_lock(tmp_path, "2026-11-15", timeout=0):
            pass


# --- commands in processes of their own -----------------------------------------------------------------------

BROKEN = "schema: 1\ndate: 2026-11-15\nheadline: [A]\nsections: no list\n"
WRONG = {
    "new 2026-02-30": ("2026-02-30 is no day of the calendar", "日历上没有 2026-02-30 这一天"),
    "show 2031-01-01": ("no draft of this date", "没有这一天的草稿"),
    "frob": ("No such command 'frob'", "没有 'frob' 这个命令"),
    "show": ("Missing argument 'DATE'", "缺少参数 'DATE'"),
    "check --frob": ("No such option", "这个选项"),
    "issue 2026-11-15 --timeout 0": ("0 is not in the range x>=1", "0 不在范围 x>=1 之内"),
    "show 2026-11-15 --format pdf": ("'pdf' is not one of", "'pdf' 不在"),
    "show 2026-11-15": ("a list expected", "应当是一个列表"),
    "build --inbox 5": ("needs --watch; to fetch once", "要与 --watch 一起用；只收取一次"),
}


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = issues(tmp_path)
    (folder / "drafts" / f"{DAY}.yaml").write_text(BROKEN, "utf-8")
    return folder


@pytest.mark.processes
@pytest.mark.parametrize("line", WRONG)
def test_a_command_says_errors_in_the_locales_language(broken: Path, line: str) -> None:
    english, chinese = WRONG[line]
    inherited = {"LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": ""}
    there = [
        embedai(broken, *line.split(), **inherited, LANG=lang) for lang in ("C", "zh_CN.UTF-8", "zh_TW.UTF-8", "fr_FR")
    ]
    assert [english in there[0].stderr, chinese in there[1].stderr] == [True, True], (there[0].stderr, there[1].stderr)
    assert CHINESE.search(there[0].stderr) is None
    assert there[2].stderr == there[1].stderr, "the only Chinese there is"
    assert there[3].stderr == there[0].stderr, "a language without catalogue"
    assert len({each.returncode for each in there}) == 1


@pytest.mark.processes
def test_outputs_do_not_depend_on_the_users_language(tmp_path: Path) -> None:
    made = []
    for name in ("zh_CN", "en"):
        (tmp_path / name).mkdir()
        folder = issues(tmp_path / name)
        assert embedai(folder, "issue", str(DAY), LANGUAGE=name).returncode == 0
        shown = [embedai(folder, "show", str(DAY), "--format", form, LANGUAGE=name).stdout for form in FORMATS]
        assert embedai(folder, "site", "--out", str(folder / "site"), LANGUAGE=name).returncode == 0
        site = {path.relative_to(folder): path.read_bytes() for path in (folder / "site").rglob("*") if path.is_file()}
        made.append((outputs(folder), shown, site))
    assert made[0] == made[1]


FORMATS = ("markdown", "html", "wechat", "json")

# --- a language of one's own ----------------------------------------------------------------------------------

PARTIAL = """\
msgid ""
msgstr ""
"Language: eo\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"Content-Type: text/plain; charset=utf-8\\n"

msgid "no such file"
msgstr "ne estas tia dosiero"

msgid "{package} is not installed"
msgstr ""

msgid "Usage:"
msgstr "Uzado:"
"""


@pytest.fixture
def esperanto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue that has few messages."""
    folder = tmp_path / "eo" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, read_po(io.BytesIO(PARTIAL.encode())))
    monkeypatch.setattr(i18n, "LOCALE", tmp_path)
    monkeypatch.setattr("embedai_nb.cli.click_messages.LOCALE", tmp_path)
    monkeypatch.setenv("LANGUAGE", "eo")
    translator.cache_clear()
    yield
    translator.cache_clear()


@pytest.mark.usefixtures("esperanto")
def test_a_language_says_in_english_what_it_has_no_translation_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert str(UsageError(_("no such file"))) == "ne estas tia dosiero"
    assert str(MissingExtraError("x", "y")) == "x is not installed; install it: pip install 'embedai-nb[y]'"
    assert run(["new", "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Uzado:")
    assert "Create the draft of an issue from the template." in text


def test_a_message_is_said_again_in_another_language() -> None:
    message = _("{path} has changed", path=_("the notebook"))
    assert (message, translated(message, "zh-CN")) == ("the notebook has changed", "笔记本 变了")
    assert isinstance(pickle.loads(pickle.dumps(message)), Translatable)


def test_an_error_of_a_validator_has_a_message_for_each_language() -> None:
    error = raised(refused("sections: [{name: A}, {name: A}]"))
    assert isinstance(error, DraftError)
    assert error.message_in("zh-CN") == "有两个栏目同名"


def test_help_is_extracted_from_docstrings_and_options() -> None:
    from embedai_nb.cli.help_extractor import extract

    source = b'''
@commands.command()
@option("--x", help="Say x.")
@option("--y", help=text)
def one():
    """Do one thing.

    With more
    words.
    """

def two():
    """Do another thing."""
    return _("done")

text = "Say y."
'''
    found = {message for _line, _name, message, _comments in extract(io.BytesIO(source), {"_": None}, [], {})}
    assert found == {"Do one thing.", "With more words.", "Say x.", "Say y.", "done"}


def test_python_finds_no_catalogue_by_itself() -> None:
    """No module translates when it is imported: the environment may change."""
    code = "import embedai_nb.cli, os; os.environ['LANGUAGE']='zh_CN'; embedai_nb.cli.run(['new', '--help'])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.startswith("用法：")
