"""Drafts: what is read, what is refused and how, and what a save keeps."""

from __future__ import annotations

import datetime
import itertools
import json
import re
import resource
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from embedai_nb import compose
from embedai_nb.drafts import Draft, DraftStore, load_newsletter, template
from embedai_nb.drafts.backups import Backups
from embedai_nb.drafts.fields import SCHEMA_FILE, dump_issue
from embedai_nb.drafts.schema import schema
from embedai_nb.drafts.schema import text as schema_text
from embedai_nb.drafts.store import HEAD, parse_draft
from embedai_nb.drafts.yaml_reader import read
from embedai_nb.drafts.yaml_writer import dump
from embedai_nb.errors import ConflictError, DraftError, UsageError
from embedai_nb.model import Issue, Item, Newsletter, Section
from embedai_nb.workspace.misnamed import misnamed_drafts
from tests.conftest import DATA, PROJECT
from tests.test_markdown import issues

DAY = datetime.date(2031, 5, 4)
SIMPLE = "schema: 1\ndate: 2031-05-04\nlead: 甲\n"


def cases(name: str) -> list[Any]:
    """The cases of a file: a head of `key: value` lines, then texts."""
    blocks = (DATA / "drafts" / name).read_text(encoding="utf-8").split("====\n")
    assert blocks
    return [
        pytest.param(*re.split(r"^----\n", block, flags=re.MULTILINE), id=block.split("\n")[0][7:]) for block in blocks
    ]


@pytest.fixture
def store(tmp_path: Path) -> DraftStore:
    (tmp_path / "drafts").mkdir()
    return DraftStore(tmp_path)


def put(store: DraftStore, content: bytes | str) -> Path:
    path = store.path(DAY)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def load(store: DraftStore, content: bytes | str) -> Draft:
    put(store, content)
    return store.load(DAY)


# --- reading --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word", ["NO", "on", "12:30:45", "1_000", "0x1F", "1e3", "null and void", "2104.14129", "2031-05-04"]
)
def test_words_stay_what_was_typed(store: DraftStore, word: str) -> None:
    assert load(store, SIMPLE.replace("甲", word)).issue.lead == word


@pytest.mark.parametrize(("head", "text", "said"), cases("refused.txt"))
def test_what_is_no_draft_is_refused_with_its_line(store: DraftStore, head: str, text: str, said: str) -> None:
    del head
    path = put(store, text)
    with pytest.raises(DraftError) as caught:
        store.load(DAY)
    assert str(caught.value) == f"{path}:{said.strip()}"


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(store: DraftStore) -> None:
    text = "schema: 1\ndate: 2031-05-04\nlead: |\n  甲\n  乙\n"
    plain = load(store, text).issue
    assert load(store, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()).issue == plain


@pytest.mark.parametrize(("content", "said"), [
    ("schema: 1\nlead: caf\xe9\n".encode("latin-1"), "2: not UTF-8: byte 0xe9 at offset 19"),
    (SIMPLE.encode()[:-2], "3: not UTF-8: byte 0xe7 at offset 33"),
    (b"schema: 1\nlead: \xff\xfe\n", "2: not UTF-8: byte 0xff at offset 16"),
])  # fmt: skip
def test_broken_utf_8_is_named_by_its_offset(store: DraftStore, content: bytes, said: str) -> None:
    path = put(store, content)
    with pytest.raises(DraftError) as caught:
        store.load(DAY)
    assert str(caught.value) == f"{path}:{said}; save the file as UTF-8"


def test_a_control_character_is_refused(store: DraftStore) -> None:
    with pytest.raises(DraftError, match=r":3: control character U\+0000"):
        load(store, SIMPLE.replace("甲", "\0"))


def test_truncated_anywhere_a_draft_is_read_or_refused_in_one_line(store: DraftStore) -> None:
    whole = (PROJECT / "issues" / "drafts" / "2021-08-05.yaml").read_bytes()
    path = store.path(datetime.date(2021, 8, 5))
    said = []
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        try:
            store.load(datetime.date(2021, 8, 5))
        except DraftError as error:
            said.append(str(error))
    assert 0 < len(said) < len(whole)
    assert all(re.fullmatch(rf"{re.escape(str(path))}:\d+: .+", line) for line in said)


@given(content=st.binary(max_size=60) | st.text("-:{}[]'\"|>&*!%@#, \n\tab甲1", max_size=60).map(str.encode))
def test_any_bytes_are_a_draft_or_a_draft_error(store: DraftStore, content: bytes) -> None:
    put(store, content)
    with pytest.raises(DraftError):
        store.load(DAY)


def test_a_key_without_a_value_is_as_good_as_none_and_a_label_without_text_is_empty(store: DraftStore) -> None:
    item = "sections:\n  - name: 论文\n    note:\n    items:\n      - title: 甲\n        url:\n        fields:\n          摘要:\n"
    section = load(store, SIMPLE + item).issue.sections[0]
    assert section == Section(name="论文", items=(Item(title="甲", fields={"摘要": ""}),))


def test_other_files_in_the_folder_are_no_drafts(store: DraftStore) -> None:
    put(store, SIMPLE)
    for name in ("notes.yaml", "2031-5-4.yaml", "2031-02-30.yaml", ".2031-05-05.yaml.0123abcd.tmp", "2031-05-06.yml"):
        (store.folder / "drafts" / name).touch()
    assert store.dates() == (DAY,)


def test_a_line_is_told_for_every_path(store: DraftStore) -> None:
    draft = load(
        store,
        "schema: 1\ndate: 2031-05-04\nsections:\n  - name: 论文\n    items:\n      - url: ''\n        title: 甲\n",
    )
    assert draft.line(("sections", 0, "items", 0, "title")) == 7
    assert draft.line(("sections", 0, "items", 0)) == 6
    assert draft.line(("sections", 0, "items", 0, "fields", "摘要")) == 6
    assert draft.line(("closing",)) == 1


# --- a save ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("head", "before", "after"), cases("changes.txt"))
def test_a_save_changes_nothing_but_what_changed(store: DraftStore, head: str, before: str, after: str) -> None:
    change = re.findall(r"^change: (.*?) = (.*)$", head, re.MULTILINE)[0]
    draft = load(store, before)
    store.save(draft, changed(draft.issue, *change))
    assert store.path(DAY).read_text(encoding="utf-8") == after.rstrip("\n") + "\n"


def changed(issue: Issue, path: str, value: str) -> Issue:
    """The issue in which a path leads to a text, to JSON, or to the same entries in another order."""
    tree = issue.model_dump(mode="json")
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place: Any = tree
    for step in steps:
        place = place[step]
    if re.fullmatch(r"[\d ]+", value):
        place[last] = [place[last][int(n)] for n in value.split()]
    else:
        place[last] = None if value == "None" else json.loads(value) if value[0] in "[{" else value.replace("\\n", "\n")
    return Issue.model_validate(tree)


def test_saving_what_was_loaded_leaves_every_byte(store: DraftStore) -> None:
    for path in sorted((PROJECT / "issues" / "drafts").glob("*.yaml")):
        date = datetime.date.fromisoformat(path.stem)
        store.path(date).write_bytes(path.read_bytes())
        draft = store.load(date)
        store.save(draft, draft.issue)
        assert store.path(date).read_bytes() == path.read_bytes()


KEYS = "schema: 1\ndate: 2031-05-04\n"
COMMENTED = (DATA / "drafts" / "commented.yaml").read_text(encoding="utf-8")


@given(issue=issues(), data_=st.data())
def test_whatever_is_saved_is_what_is_loaded(store: DraftStore, issue: Issue, data_: st.DataObject) -> None:
    """From one generated issue, hand-written or not, to a part-by-part mixture with another one."""
    draft = load(store, COMMENTED)
    parts = data_.draw(
        st.sets(st.sampled_from(["headline", "lead", "intro", "warmups", "sections", "closing", "note"]))
    )
    mixed = draft.issue.model_copy(update={part: getattr(issue, part) for part in parts})
    saved = store.save(draft, mixed)
    assert dump_issue(saved.issue) == dump_issue(mixed) == dump_issue(store.load(DAY).issue)
    kept = {"warmups", "sections"} - parts
    assert all(f"# {part}" in saved.source.text for part in kept)
    assert "# first line" in saved.source.text


@given(issue=issues())
def test_writing_then_reading_gives_the_same_keys(issue: Issue) -> None:
    text = dump(made := dump_issue(issue))
    as_text = {"schema": "1", "imported": "true"}
    assert stripped(read(text, Path("x")).data) == repr({key: as_text.get(key, each) for key, each in made.items()})
    another_reader = yaml.safe_load(text) | {"date": str(issue.date)}
    assert stripped(another_reader) == repr(made)


def stripped(value: object) -> str:
    """The value, its texts without the line end that a block has."""
    return repr(value).replace("\\n'", "'").replace('\\n"', '"')


def test_a_second_save_of_the_same_draft_is_refused(store: DraftStore) -> None:
    mine = theirs = load(store, SIMPLE)
    store.save(theirs, theirs.issue.model_copy(update={"lead": "她的"}))
    with pytest.raises(ConflictError, match="changed since it was loaded; load it again"):
        store.save(mine, mine.issue.model_copy(update={"lead": "我的"}))
    assert store.load(DAY).issue.lead == "她的"


def test_saving_again_from_what_a_save_returned(store: DraftStore) -> None:
    draft = load(store, SIMPLE)
    for lead in ("乙", "丙"):
        draft = store.save(draft, draft.issue.model_copy(update={"lead": lead}))
    assert store.load(DAY).issue.lead == "丙"


def test_a_draft_that_is_gone_is_not_written_again(store: DraftStore) -> None:
    draft = load(store, SIMPLE)
    draft.path.unlink()
    with pytest.raises(ConflictError):
        store.save(draft, draft.issue.model_copy(update={"lead": "乙"}))
    assert not draft.path.exists()


def test_a_link_stays_a_link_and_permissions_stay(store: DraftStore, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_text(SIMPLE, encoding="utf-8")
    elsewhere.chmod(0o640)
    store.path(DAY).symlink_to(elsewhere)
    draft = store.load(DAY)
    store.save(draft, draft.issue.model_copy(update={"lead": "乙"}))
    assert store.path(DAY).is_symlink()
    assert "lead: 乙" in elsewhere.read_text(encoding="utf-8")
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o640


@contextmanager
def small_files() -> Iterator[None]:
    """No file may grow beyond a few bytes: what a full disk does.  Pytest's own log must not be written meanwhile."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_leaves_the_old_draft_and_no_rest(store: DraftStore) -> None:
    draft = load(store, SIMPLE)
    with pytest.raises(DraftError, match="cannot be written: File too large"), small_files():
        store.save(draft, draft.issue.model_copy(update={"lead": "乙"}))
    assert draft.path.read_text(encoding="utf-8") == SIMPLE
    assert [path.name for path in draft.path.parent.iterdir()] == [draft.path.name]


def test_a_folder_that_is_gone_is_an_error_and_not_made_again(store: DraftStore) -> None:
    draft = load(store, SIMPLE)
    draft.path.unlink()
    draft.path.parent.rmdir()
    store.folder.rename(store.folder.with_name("moved"))
    with pytest.raises(DraftError, match="cannot be written"):
        store.save(draft, draft.issue.model_copy(update={"lead": "乙"}))
    assert not store.folder.exists()


@pytest.mark.parametrize("step", ["open", "write", "fsync", "replace", "chmod"])
def test_interrupted_at_any_step_a_save_leaves_the_old_draft(
    store: DraftStore, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    draft = load(store, SIMPLE)
    names = {
        "open": "builtins.open",
        "write": "embedai_nb.drafts.store.write_atomically",
        "fsync": "os.fsync",
        "replace": "os.replace",
        "chmod": "os.chmod",
    }

    def broken(*args: object, **options: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(names[step], broken)
        with pytest.raises(DraftError, match="Input/output error"):
            store.save(draft, draft.issue.model_copy(update={"lead": "乙"}))
    assert store.load(DAY) == draft
    store.save(draft, draft.issue.model_copy(update={"lead": "丙"}))
    assert [path.name for path in draft.path.parent.iterdir()] == [draft.path.name]


# --- the first line, and the schema that it names -------------------------------------------------------------

OF_ONE_MACHINE = (
    "# yaml-language-server: $schema=../../../usr/lib/python3/site-packages/embedai_nb/schema/draft-1.json\n"
)


def test_the_first_line_names_a_schema_in_the_issues_folder(store: DraftStore) -> None:
    draft = store.create(DAY, SIMPLE)
    head, text = draft.bytes.decode().split("\n", 1)
    assert (head, text) == ("# yaml-language-server: $schema=../.schema/draft-1.json", SIMPLE)
    assert (draft.path.parent / head.partition("=")[2]).resolve().read_bytes() == SCHEMA_FILE.read_bytes()


def test_drafts_are_the_same_wherever_the_program_is_and_the_issues_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for name in ("a/b/c/issues", "issues"):
        (tmp_path / name).mkdir(parents=True)
        made.append(DraftStore(tmp_path / name).create(DAY, Issue(date=DAY, lead="甲")).bytes)
    assert made[0] == made[1]
    assert b"site-packages" not in made[0]
    assert b"embedai_nb" not in made[0]


@pytest.mark.parametrize("before", [None, b"{}"])
def test_a_save_puts_the_schema_there_where_it_is_missing_or_another(store: DraftStore, before: bytes | None) -> None:
    schema = store.folder / ".schema" / "draft-1.json"
    if before is not None:
        schema.parent.mkdir()
        schema.write_bytes(before)
    draft = load(store, SIMPLE)
    store.save(draft, draft.issue.model_copy(update={"lead": "乙"}))
    assert schema.read_bytes() == SCHEMA_FILE.read_bytes()
    stamp = schema.stat().st_mtime_ns
    store.save(store.load(DAY), draft.issue)
    assert schema.stat().st_mtime_ns == stamp, "one that is there is not written again"


def test_where_the_schema_cannot_be_written_the_draft_is(store: DraftStore) -> None:
    (store.folder / ".schema").write_text("in the way")
    draft = load(store, SIMPLE)
    store.save(draft, draft.issue.model_copy(update={"lead": "乙"}))
    assert store.load(DAY).issue.lead == "乙"


def test_a_save_mends_a_first_line_that_was_of_one_machine(store: DraftStore) -> None:
    draft = load(store, OF_ONE_MACHINE + "# 我的\n" + SIMPLE)
    assert store.save(draft, draft.issue) == draft, "what is saved unchanged keeps every byte"
    store.save(draft, draft.issue.model_copy(update={"lead": "乙"}))
    assert store.path(DAY).read_text("utf-8") == HEAD + "# 我的\n" + SIMPLE.replace("甲", "乙")


def test_a_first_line_of_somebodys_own_stays(store: DraftStore) -> None:
    for own in ("# yaml-language-server: $schema=../my.json\n", "# 我的\n", ""):
        draft = load(store, own + SIMPLE)
        store.save(draft, draft.issue.model_copy(update={"lead": "乙"}))
        assert store.path(DAY).read_text("utf-8") == own + SIMPLE.replace("甲", "乙")


def test_a_draft_that_is_written_anew_has_a_first_line(store: DraftStore) -> None:
    draft = load(store, "{schema: 1, date: 2031-05-04, lead: 甲}\n")
    store.save(draft, draft.issue.model_copy(update={"lead": "两\n行"}))
    assert store.path(DAY).read_text("utf-8").startswith(HEAD + "schema: 1\n")


def test_the_lines_of_an_item_stand_together_whatever_is_added_to_it(store: DraftStore) -> None:
    """A remark at a line of the draft, in a pull request, is one about that item."""
    items = "".join(f"      - title: 第{n}条\n        url: https://e.com/{n}\n" for n in range(3))
    draft = load(store, f"schema: 1\ndate: {DAY}\nsections:\n  - name: 论文\n    items:\n{items}")
    path = ("sections", 0, "items", 1)
    added = {
        "note": "给同事\n两行",
        "fields": {"摘要": "一句。"},
        "tags": ["甲"],
        "waived": {"no-tag": "不用"},
        "status": "ready",
    }
    for field, value in added.items():
        item = Item.model_validate(draft.issue.sections[0].items[1].model_dump() | {field: value})
        section = draft.issue.sections[0]
        section = section.model_copy(update={"items": (section.items[0], item, section.items[2])})
        draft = store.save(draft, draft.issue.model_copy(update={"sections": (section,)}))
    lines = [draft.line((*path, field)) for field in ("title", "url", *added)]
    assert draft.line(path) <= min(lines) <= max(lines) < draft.line((*path[:3], 2))
    assert len({*lines}) == len(lines)


# --- line ends ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("head", "before", "after"), cases("changes.txt"))
def test_a_save_keeps_the_line_ends_of_windows(store: DraftStore, head: str, before: str, after: str) -> None:
    change = re.findall(r"^change: (.*?) = (.*)$", head, re.MULTILINE)[0]
    draft = load(store, before.replace("\n", "\r\n"))
    store.save(draft, changed(draft.issue, *change))
    assert store.path(DAY).read_bytes().decode() == (after.rstrip("\n") + "\n").replace("\n", "\r\n")


@pytest.mark.parametrize(("others", "most"), [("\n", "\r\n"), ("\r\n", "\n")])
def test_a_save_gives_mixed_line_ends_the_kind_of_most(store: DraftStore, others: str, most: str) -> None:
    """Another tool, or a merge, wrote lines of its own into the draft."""
    draft = load(store, f"schema: 1{most}date: 2031-05-04{others}# 改过{most}lead: |{most}  甲{most}  乙{most}")
    assert draft.issue.lead == "甲\n乙"
    store.save(draft, draft.issue.model_copy(update={"lead": "乙"}))
    lines = ["schema: 1", "date: 2031-05-04", "# 改过", "lead: 乙", ""]
    assert store.path(DAY).read_bytes().decode() == most.join(lines)


# --- newsletter.yaml ------------------------------------------------------------------------------------------

NEWSLETTER = "name: 周报\nlead:\n  count: {count}\n  section: {section}\narchive_url: {url}\n"
GOOD = {"count": "'本期{count}条。'", "section": "'【{name}】{hooks}'", "url": "'https://e.com/{date}.md'"}


def newsletter_of(folder: Path, **templates: str) -> Newsletter:
    path = folder / "newsletter.yaml"
    path.write_text(NEWSLETTER.format(**GOOD | templates), encoding="utf-8")
    return load_newsletter(path)


@pytest.mark.parametrize(("template", "problem"), [
    ("本期{n}条。", "unknown placeholder {n}"),
    ("{0}", "unknown placeholder {0}"),
    ("{}", "unknown placeholder {}"),
    ("{", "a brace without its counterpart"),
    ("}", "a brace without its counterpart"),
    ("{count", "a brace without its counterpart"),
    ("{count!}", "a brace without its counterpart"),
    ("{count:>999999999}", "unknown placeholder {count…}"),
    ("{count!r}", "unknown placeholder {count…}"),
    ("{count.__class__}", "unknown placeholder {count.__class__}"),
    ("{count[0]}", "unknown placeholder {count[0]}"),
    ("{count:{count}}", "unknown placeholder {count…}"),
    ("{name}", "unknown placeholder {name}"),
])  # fmt: skip
def test_a_template_with_another_placeholder_is_refused(tmp_path: Path, template: str, problem: str) -> None:
    with pytest.raises(DraftError) as caught:
        newsletter_of(tmp_path, count=f"'{template}'")
    path = tmp_path / "newsletter.yaml"
    assert str(caught.value) == f"{path}:3: lead.count: {problem}; known: {{count}}; {{{{ and }}}} write braces"


def test_the_known_placeholders_are_those_of_the_key(tmp_path: Path) -> None:
    with pytest.raises(
        DraftError, match=r":4: lead\.section: unknown placeholder \{date\}; known: \{name\}, \{hooks\};"
    ):
        newsletter_of(tmp_path, section="'{name}{date}'")
    for url, found in (("{day}", "{day}"), ("{date", "{date"), ("{date!r}", "{date"), ("}", "}"), ("{{date}}", "{}")):
        with pytest.raises(DraftError) as caught:
            newsletter_of(tmp_path, url=f"'https://e.com/{url}'")
        assert str(caught.value).endswith(f":5: archive_url: unknown placeholder {found}; known: {{date}}, {{number}}")


def test_doubled_braces_are_braces(tmp_path: Path) -> None:
    newsletter = newsletter_of(tmp_path, count="'{{{count}}}'", section="'{{{name}}}：{hooks}'")
    issue = Issue(date=DAY, sections=[Section(name="论文", items=[Item(title="甲")])])
    assert compose.lead(issue, newsletter) == "{1}{论文}：甲。"


# --- a new draft ----------------------------------------------------------------------------------------------


def test_the_template_is_a_draft_that_explains_itself(store: DraftStore, newsletter: Newsletter) -> None:
    draft = store.create(DAY, template(DAY, newsletter))
    assert [section.name for section in draft.issue.sections] == [style.name for style in newsletter.sections]
    assert draft.issue.entries == ()
    assert draft.source.text.startswith(HEAD)


def test_items_put_into_the_template_stand_below_their_section(store: DraftStore, newsletter: Newsletter) -> None:
    draft = store.create(DAY, template(DAY, newsletter))
    sections = [Section(name=s.name, items=(Item(title=f"{s.name}一条"),)) for s in draft.issue.sections]
    saved = store.save(draft, draft.issue.model_copy(update={"sections": tuple(sections)}))
    assert "  - name: 论文   # 每条要有标签 tags、摘要\n    items:\n      - title: 论文一条\n" in saved.source.text


def test_another_newsletter_has_a_template_of_its_own(store: DraftStore, potting_shed: Newsletter) -> None:
    draft = store.create(DAY, template(DAY, potting_shed))
    assert [section.name for section in draft.issue.sections] == ["Seeds", "Tools"]
    assert "Gist" in draft.source.text
    assert "摘要" not in draft.source.text


def test_an_existing_draft_is_not_overwritten(store: DraftStore) -> None:
    path = put(store, "not even YAML: [")
    with pytest.raises(UsageError, match="there is a draft of this date already"):
        store.create(DAY, Issue(date=DAY))
    assert path.read_text(encoding="utf-8") == "not even YAML: ["


def test_the_schema_is_that_of_the_model() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(schema()), "make schema"


def test_the_schema_of_the_sample_issues_is_the_same() -> None:
    assert (PROJECT / "issues" / ".schema" / "draft-1.json").read_bytes() == SCHEMA_FILE.read_bytes(), "make schema"


@pytest.mark.parametrize("path", sorted((PROJECT / "issues" / "drafts").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_sample_drafts_name_the_schema_and_follow_it(path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=../.schema/draft-1.json\n")
    loaded = yaml.safe_load(text)
    jsonschema.validate(loaded | {"date": str(loaded["date"])}, schema())


# --- backups --------------------------------------------------------------------------------------------------


def test_a_version_is_set_aside_once_however_often_the_save_is_tried_again(tmp_path: Path) -> None:
    seconds = itertools.count()
    backups = Backups(tmp_path, lambda: datetime.datetime(2031, 5, 4, second=next(seconds), tzinfo=datetime.UTC))
    for content in (b"a", b"a", b"b"):
        backups.keep(DAY, "mine", content)
    backups.keep(DAY, "theirs", b"b")
    kept = sorted((tmp_path / ".cache" / "kept").iterdir())
    assert [(path.name.split(".")[2], path.read_bytes()) for path in kept] == [
        ("mine", b"a"),
        ("mine", b"b"),
        ("theirs", b"b"),
    ]


# --- limits -----------------------------------------------------------------------------------------------------

HEAD_OF_DRAFT = "schema: 1\ndate: 2031-05-04\n"
DATED = datetime.date(2031, 5, 4)


def refusal(text: str) -> str:
    with pytest.raises(DraftError) as refused:
        parse_draft(text.encode(), Path("2031-05-04.yaml"), DATED)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"schema: {'9' * 5000}\ndate: 2031-05-04\n", "2031-05-04.yaml:1: schema: 999999999… is no version"),
        (HEAD_OF_DRAFT + "lead: " + "x" * 5_000_000, "2031-05-04.yaml: 5.0 MB, and at most 5 MB are read"),
        (HEAD_OF_DRAFT + "warmups:\n" + "- {raw: x}\n" * 2001, "2031-05-04.yaml:3: warmups: more than 2,000 items"),
        (
            HEAD_OF_DRAFT + "sections:\n" + ("- name: 论文\n  items:\n" + "  - {title: x}\n" * 1000) * 2,
            "2031-05-04.yaml:3: sections: more than 2,000 items",
        ),
        (HEAD_OF_DRAFT + "headline:\n" + "- a\n" * 100_000, "more than 60,000 texts, lists and keys"),
        (HEAD_OF_DRAFT + "headline: [" + "a, " * 100_000 + "b]\n", "more than 60,000 texts, lists and keys"),
    ],
    ids=["schema", "bytes", "warmups", "items", "lines", "flow"],
)
def test_a_draft_beyond_a_limit_is_refused_in_a_line(text: str, said: str) -> None:
    assert said in refusal(text)


def test_a_draft_within_the_limits_is_read() -> None:
    item = "  - {title: t, source: s, url: https://example.com, tags: [a, b], links: [{text: a, url: b}], hook: h}\n"
    text = HEAD_OF_DRAFT + "sections:\n- name: 论文\n  items:\n" + item * 1999
    assert len(parse_draft(text.encode(), Path("2031-05-04.yaml"), DATED).issue.entries) == 1999


def test_a_file_too_large_is_not_even_read(tmp_path: Path) -> None:
    store = DraftStore(tmp_path)
    store.path(DATED).parent.mkdir()
    with store.path(DATED).open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(DraftError, match=r"1000000\.0 MB, and at most 5 MB are read"):
        store.load(DATED)
    store.path(DATED).rename(tmp_path / "newsletter.yaml")
    with pytest.raises(DraftError, match=r"at most 5 MB are read"):
        load_newsletter(tmp_path / "newsletter.yaml")


@pytest.mark.parametrize("name", ["x" * 1001, "\ufeff" * 110, "\x07" * 200, "é'\\" * 400])
def test_a_name_of_a_field_that_no_parser_reads_is_refused_when_it_is_saved(name: str, tmp_path: Path) -> None:
    store = DraftStore(tmp_path)
    before = store.create(DATED, Issue(date=DATED))
    item = Item(title="x", fields={name: "y"})
    with pytest.raises(DraftError, match=r"this name of a field is too long: [0-9,]+ characters, written as [0-9,]+"):
        store.save(before, Issue(date=DATED, sections=(Section(name="论文", items=(item,)),)))
    assert store.load(DATED) == before


@pytest.mark.parametrize("name", ["x" * 990, "é" * 990, "a: b", "- ", "? ", "#", '"', "'", "a\tb", "<<", "\ufeff" * 90])
def test_any_other_name_of_a_field_is_kept(name: str, tmp_path: Path) -> None:
    store = DraftStore(tmp_path)
    item = Item(title="x", fields={name: "y"})
    issue = Issue(date=DATED, sections=(Section(name="论文", items=(item,)),))
    store.save(store.create(DATED, Issue(date=DATED)), issue)
    assert store.load(DATED).issue == issue


# --- names ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "2031-05-04.yml",
        "2031-05-04.YAML",
        "2031-5-4.yaml",
        "2031_05_04.yaml",
        "20310504.yaml",
        "2031-05-04 .yaml",
        "2031-05-04.yaml.txt",
    ],
)
def test_a_draft_of_another_name_is_named(name: str, tmp_path: Path) -> None:
    store = DraftStore(tmp_path)
    path = tmp_path / "drafts" / name
    path.parent.mkdir()
    path.write_text(HEAD_OF_DRAFT, encoding="utf-8")
    said = re.escape(f"{path}: not the name of a draft; rename it to 2031-05-04.yaml")
    with pytest.raises(UsageError, match=said):
        store.load(DATED)
    with pytest.raises(UsageError, match=said):
        store.create(DATED, Issue(date=DATED))
    assert misnamed_drafts(tmp_path) == {DATED: path}


@pytest.mark.parametrize(
    "name", ["2031-05-04.yaml", "2031-13-04.yml", "template.yaml", ".2031-05-04.yml", "2031-05-04.md"]
)
def test_other_files_are_none_of_the_programs_business(name: str, tmp_path: Path) -> None:
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts" / name).write_text(HEAD_OF_DRAFT, encoding="utf-8")
    assert misnamed_drafts(tmp_path) == {}


def test_a_copy_beside_a_draft_is_not_missed(tmp_path: Path) -> None:
    DraftStore(tmp_path).create(DATED, Issue(date=DATED))
    (tmp_path / "drafts" / "2031-05-04.yml").write_text(HEAD_OF_DRAFT, encoding="utf-8")
    assert misnamed_drafts(tmp_path) == {}
