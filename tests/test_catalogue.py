"""The catalogue: full-text search, repeated items, incremental update."""

from __future__ import annotations

import datetime
import itertools
import multiprocessing
import os
import random
import shutil
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedai_nb.catalogue import Catalogue, database, update
from embedai_nb.catalogue.queries import INDEXES
from embedai_nb.catalogue.records import item_traits
from embedai_nb.catalogue.search import Hit, Marked
from embedai_nb.catalogue.similar_titles import similar
from embedai_nb.catalogue.tokens import parse_query, tokens
from embedai_nb.cli import run
from embedai_nb.drafts import DraftStore
from embedai_nb.drafts.yaml_reader import MAX_BYTES
from embedai_nb.i18n import translated
from embedai_nb.markdown import read, writes
from embedai_nb.model import Issue, Item, Newsletter, Section
from embedai_nb.text import urls
from embedai_nb.text.folding import fold
from embedai_nb.text.search_terms import parse_terms
from embedai_nb.workspace.locks import lock_file

from .conftest import DATA, PROJECT, SHARED

FIRST, SECOND, THIRD = (datetime.date(2031, 5, day) for day in (1, 2, 3))
CHIP = Item(
    title="小芯片也能跑大模型",
    source="边缘周刊",
    url="https://example.com/a",
    fields={"摘要": "用两比特量化，ＴｉｎｙＮｅｔ 在 AI 芯片上跑通了。"},
)
PAPER = Item(
    title="Two Bits Are Enough", url="https://arxiv.org/abs/2101.00001", tags=("2101.00001",), note="看不见的话"
)
REPO = Item(title="一百行的推理引擎", url="https://github.com/octo/tiny-net", repo="octo/tiny-net")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", tmp_path)
    (tmp_path / "archive").mkdir()
    return tmp_path


def issue(date: datetime.date, *items: Item, section: str = "业界新闻") -> Issue:
    return Issue(date=date, sections=(Section(name=section, items=items),))


def save(folder: Path, value: Issue) -> None:
    (folder / "drafts" / f"{value.date}.yaml").unlink(missing_ok=True)
    DraftStore(folder).create(value.date, value)


def text(marked: Marked) -> str:
    return "".join(f"[{piece}]" if hit else piece for piece, hit in marked)


def titles(hits: list[Hit]) -> list[str]:
    return [text(hit.title) for hit in hits]


# --- search ---------------------------------------------------------------------------------------------------


@pytest.fixture
def catalogue(folder: Path, newsletter: Newsletter) -> Any:
    save(folder, issue(FIRST, CHIP, PAPER))
    save(folder, issue(SECOND, REPO, Item(title="别的", fields={"摘要": "芯片，芯片，芯片"}), section="开源项目"))
    with Catalogue(folder, newsletter) as catalogue:
        yield catalogue


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("芯片", ["小[芯片]也能跑大模型", "别的"]),
        ("芯", ["小[芯]片也能跑大模型", "别的"]),
        ("大模型", ["小芯片也能跑[大模型]"]),
        ("片大", []),
        ("芯片 大模型", ["小[芯片]也能跑[大模型]"]),
        ("边缘周刊", ["小芯片也能跑大模型"]),
        ("AI芯片", ["小[芯片]也能跑大模型"]),
        ("ai 芯片", ["小[芯片]也能跑大模型"]),
        ("tinynet", ["小芯片也能跑大模型"]),
        ("ＴＩＮＹ", ["octo/[tiny]-net：一百行的推理引擎", "小芯片也能跑大模型"]),
        ("tiny-net", ["octo/[tiny]-[net]：一百行的推理引擎"]),
        ("enough two", ["[Two] Bits Are [Enough]"]),
        ("wo", []),
        ("2101.00001", ["Two Bits Are Enough"]),
        ("网络芯片", []),
        ("小晶片", []),
        ("小芯片，大模型", ["[小芯片]也能跑[大模型]"]),
        ("跑 2 比特", []),
        ("引擎！", ["octo/tiny-net：一百行的推理[引擎]"]),
        ("看不见的话", []),
        ("没有", []),
        ("", []),
        ("。", []),
        ('"', []),
        ("芯片 OR 没有", []),
        ("NEAR(芯片 没有)", []),
        ("* ^ - :", []),
    ],
)
def test_search(words: str, expected: list[str], catalogue: Catalogue) -> None:
    assert titles(catalogue.search(words)) == expected


def test_the_excerpt_shows_the_match(catalogue: Catalogue) -> None:
    (hit,) = catalogue.search("量化")
    assert text(hit.excerpt) == "摘要：用两比特[量化]，ＴｉｎｙＮｅｔ 在 AI 芯片上跑通了。"
    assert (hit.date, hit.section, hit.source, hit.url) == (FIRST, "业界新闻", "边缘周刊", "https://example.com/a")


def test_an_item_that_has_the_terms_one_after_another_comes_first(folder: Path, newsletter: Newsletter) -> None:
    save(folder, issue(FIRST, Item(title="甲", fields={"摘要": "INT4 量化"})))
    save(folder, issue(SECOND, Item(title="乙", fields={"摘要": "量化，后来用 INT4"})))
    with Catalogue(folder, newsletter) as catalogue:
        assert titles(catalogue.search("int4量化")) == titles(catalogue.search("INT4 量化")) == ["甲", "乙"]


def test_only_what_readers_see_is_searched(folder: Path, newsletter: Newsletter) -> None:
    body = "1. 见[官网](https://octo.example/a)，**剪**枝，R&amp;D"
    save(folder, issue(FIRST, Item(title="甲", url="https://hidden.example/a", note="看不见", text=body)))
    with Catalogue(folder, newsletter) as catalogue:
        assert [bool(catalogue.search(words)) for words in ("官网", "剪枝", "r&d")] == [True] * 3
        assert [bool(catalogue.search(words)) for words in ("octo", "hidden", "看不见", "1", "amp")] == [False] * 5


def test_filters(catalogue: Catalogue) -> None:
    assert titles(catalogue.search("芯片", section="开源项目")) == ["别的"]
    assert titles(catalogue.search("芯片", source="边缘周刊")) == ["小[芯片]也能跑大模型"]
    assert titles(catalogue.search("芯片", year=2031, section="论文")) == []
    assert titles(catalogue.search("芯片", year=2030)) == []
    assert titles(catalogue.search("", section="开源项目")) == ["别的", "octo/tiny-net：一百行的推理引擎"]
    assert len(catalogue.search("", year=2031)) == 4
    assert len(catalogue.search("芯片", limit=1)) == 1
    assert catalogue.search("芯片", year=0) == catalogue.search("芯片", year=10000) == []


def test_many_false_matches_of_the_index_do_not_hide_a_true_one(folder: Path, newsletter: Newsletter) -> None:
    save(folder, issue(FIRST, Item(title="神经网络")))
    save(folder, issue(SECOND, *(Item(title=f"网络 神经 经网 {n}") for n in range(150))))
    with Catalogue(folder, newsletter) as catalogue:
        assert titles(catalogue.search("神经网络")) == ["[神经网络]"]


pieces = st.sampled_from(
    [
        "芯片",
        "芯",
        "片",
        "网络",
        "AI",
        "ai",
        "tiny",
        "net",
        "-",
        " ",
        "，",
        "。",
        "１",
        "㎡",
        "İ",
        "ß",
        "é",
        "é",
        "…",
        "c++",
    ]
)
texts = st.lists(pieces | st.characters(exclude_categories=["Cs"]), max_size=12).map("".join)


@given(before=texts, word=texts, behind=texts)
def test_the_index_has_each_text_that_a_query_finds(before: str, word: str, behind: str) -> None:
    whole, wanted = f"{before}{word}{behind}", parse_query(word)
    found = all(pattern.search(fold(whole)) for pattern in wanted.patterns)
    terms = [term.strip('"*') for term in wanted.wider.split(" AND ") if term]
    assert not found or all(any(token.startswith(term) for token in tokens(whole)) for term in terms)
    assert all(pattern.search(fold(f"{before} {word} {behind}")) for pattern in wanted.patterns)


@given(word=st.text(max_size=20))
def test_any_text_is_a_valid_query(word: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(tokens)")
    wanted = parse_query(word)
    for match in filter(None, (wanted.match, wanted.wider)):
        connection.execute("SELECT rowid FROM t WHERE t MATCH ?", (match,)).fetchall()
    connection.close()
    assert bool(wanted.match) == bool(parse_terms(word))


# --- repeated items -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (Item(title="x", url="http://www.example.com/a/?utm_source=b#part"), ("url", CHIP.title)),
        (Item(title="x", url="https://arxiv.org/pdf/2101.00001v3.pdf"), ("url", PAPER.title)),
        (Item(title="x", url="https://mp.weixin.qq.com/s/x", tags=("arXiv:2101.00001v2",)), ("paper", PAPER.title)),
        (Item(title="x", url="https://github.com/Octo/tiny-net/releases/tag/v2"), ("repository", "octo/tiny-net：一百行的推理引擎")),
        (Item(title="x", url="https://mp.weixin.qq.com/s/x", repo="OCTO/Tiny-Net"), ("repository", "octo/tiny-net：一百行的推理引擎")),
        (Item(title="小芯片，也能跑大模型！", url="https://example.com/z"), ("title", CHIP.title)),
    ],
)  # fmt: skip
def test_seen_before(item: Item, expected: tuple[str, str], catalogue: Catalogue) -> None:
    (earlier,) = catalogue.seen_before(item, THIRD)
    assert (earlier.reason, earlier.title) == expected
    assert translated(str(earlier), "zh-CN") == f"曾收录于 {earlier.date}：{earlier.title}"


def test_new_items_were_not_seen_before(catalogue: Catalogue) -> None:
    assert catalogue.seen_before(Item(title="毫无关系", url="https://example.com/b"), THIRD) == []
    assert catalogue.seen_before(Item(), THIRD) == []
    assert catalogue.seen_before(Item(title="", url=""), THIRD) == []


def test_only_earlier_issues_count(catalogue: Catalogue) -> None:
    assert catalogue.seen_before(CHIP, FIRST) == []
    assert catalogue.seen_before(REPO, SECOND) == []
    assert len(catalogue.seen_before(REPO, THIRD)) == 1


def test_several_items_at_once_give_the_same_as_one_by_one(catalogue: Catalogue) -> None:
    items = [CHIP, PAPER, REPO, Item(), Item(title="小芯片也能跑大模型！"), CHIP]
    expected = [catalogue.seen_before(item, THIRD) for item in items]
    assert catalogue.seen_before_all(items, THIRD) == expected
    assert catalogue.seen_before_all([], THIRD) == []


def test_an_issue_in_the_catalogue_is_known_by_the_same_traits_as_its_items(
    folder: Path, newsletter: Newsletter
) -> None:
    known = issue(SECOND, CHIP, PAPER, REPO, Item(), Item(title="小芯片也能跑大模型！"))
    save(folder, issue(FIRST, CHIP, REPO))
    save(folder, known)
    content = DraftStore(folder).path(SECOND).read_bytes()
    with Catalogue(folder, newsletter) as catalogue:
        traits = catalogue.surroundings().traits(SECOND, content)
        assert traits == [item_traits(item, newsletter.marks.colon) for item in known.entries]
        assert catalogue.seen_before_traits(traits, SECOND) == catalogue.seen_before_all(known.entries, SECOND)
        assert catalogue.surroundings().traits(SECOND, content + b"# changed") is None
        assert catalogue.surroundings().traits(THIRD, content) is None


def test_similar_titles_are_found_among_many_with_the_same_words(folder: Path, newsletter: Newsletter) -> None:
    words = ("开源", "推理引擎", "发布", "大模型", "芯片", "量化", "端侧", "部署")
    many = [Item(title="".join(some)) for some in itertools.permutations(words, 4)]
    save(folder, issue(FIRST, CHIP, *many))
    with Catalogue(folder, newsletter) as catalogue:
        for title in ("小芯片也能跑大模型了", "小芯片能跑大模型", "小芯片也能跑大模形"):
            assert [earlier.title for earlier in catalogue.seen_before(Item(title=title), THIRD)] == [CHIP.title]


def test_section_sizes_of_earlier_issues(folder: Path, newsletter: Newsletter) -> None:
    save(folder, issue(FIRST, CHIP, PAPER))
    save(folder, issue(SECOND, REPO, section="开源项目"))
    with Catalogue(folder, newsletter) as catalogue:
        assert list(catalogue.section_sizes(THIRD).items()) == [(FIRST, {"业界新闻": 2}), (SECOND, {"开源项目": 1})]
        assert catalogue.section_sizes(THIRD, limit=1) == {SECOND: {"开源项目": 1}}
        assert catalogue.section_sizes(SECOND, limit=9) == {FIRST: {"业界新闻": 2}}
        assert catalogue.section_sizes(FIRST) == {}


def test_the_strongest_reason_first(folder: Path, newsletter: Newsletter) -> None:
    save(
        folder, issue(FIRST, REPO, Item(title=REPO.title, repo=REPO.repo, url="https://github.com/octo/tiny-net/wiki"))
    )
    with Catalogue(folder, newsletter) as catalogue:
        assert [earlier.reason for earlier in catalogue.seen_before(REPO, THIRD)] == ["url", "repository"]


def blocks(part: str) -> list[Any]:
    lines = (DATA / "catalogue" / "titles.txt").read_text(encoding="utf-8").split("\n", 1)[1]
    same, different = lines.split("----\n")
    found = {"same": same, "different": different}[part].split("====\n")
    return [pytest.param(*block.rstrip("\n").split("\n"), id=block.split("\n")[0]) for block in found]


@pytest.mark.parametrize(("one", "other"), blocks("same"))
def test_similar_titles(one: str, other: str) -> None:
    assert similar(one, ["别的标题", other])
    assert similar(other, [one])


@pytest.mark.parametrize(("one", "other"), blocks("different"))
def test_different_titles(one: str, other: str) -> None:
    assert not similar(one, [other])
    assert not similar(other, [one])


def test_short_titles_are_similar_only_if_they_are_equal() -> None:
    assert similar("开源推理", ["开源，推理！"])
    assert not similar("开源推理", ["开源推理器"])


@pytest.fixture
def real_issues(folder: Path, newsletter: Newsletter) -> list[Issue]:
    if not (SHARED / "archive").exists():
        pytest.skip(f"no real issues in {SHARED}")
    shutil.copytree(SHARED / "archive", folder / "archive", dirs_exist_ok=True)
    return [
        read(path.read_text(encoding="utf-8"), newsletter, date=datetime.date.fromisoformat(path.stem)).issue
        for path in sorted((folder / "archive").iterdir())
    ]


def test_over_the_real_issues_it_finds_what_comparing_all_finds(
    real_issues: list[Issue], folder: Path, newsletter: Newsletter
) -> None:
    issues = real_issues
    expected, first = set(), dict[str, datetime.date]()
    for each in issues:
        for item in each.entries:
            key = urls.canonical(item.url or "")
            if first.setdefault(key, each.date) != each.date and "://" in key:
                expected.add((each.date, key))
    with Catalogue(folder, newsletter) as catalogue:
        found = {
            (each.date, urls.canonical(item.url or ""))
            for each in issues
            for item in each.entries
            if any(earlier.reason == "url" for earlier in catalogue.seen_before(item, each.date))
        }
        assert found >= expected
        assert all(catalogue.search(word) for word in ("芯片", "量化", "tvm", "高通 骁龙"))


@pytest.mark.parametrize("change", ["insertion", "deletion", "replacement"])
def test_over_the_real_issues_it_finds_a_title_that_was_changed(
    change: str, real_issues: list[Issue], folder: Path, newsletter: Newsletter
) -> None:
    """As much of it as may be, for two titles to be alike: one character in six, here and there."""
    chance = random.Random(change)
    titles = {item.title for each in real_issues for item in each.entries if item.title and not item.repo}
    changed = [(title, _changed(title, change, chance)) for title in sorted(titles)]
    asked = [(title, Item().model_copy(update={"title": other})) for title, other in changed if similar(other, [title])]
    assert len(asked) > len(titles) * 0.9
    with Catalogue(folder, newsletter) as catalogue:
        found = catalogue.seen_before_all([item for _, item in asked], datetime.date(2100, 1, 1))
        missed = [title for (title, _), each in zip(asked, found, strict=True) if title not in {e.title for e in each}]
    assert missed == []


def _changed(title: str, change: str, chance: random.Random) -> str:
    letters = list(title)
    places = [n for n, letter in enumerate(letters) if letter.isalpha()]
    for n in sorted(chance.sample(places, len(places) // 8), reverse=True):
        letters[n : n + (change != "insertion")] = [] if change == "deletion" else [chance.choice("新的了abc芯片")]
    return "".join(letters)


# --- incremental update ---------------------------------------------------------------------------------------


def test_refresh_updates_from_drafts(folder: Path, newsletter: Newsletter) -> None:
    save(folder, issue(FIRST, CHIP))
    with Catalogue(folder, newsletter) as catalogue:
        save(folder, issue(SECOND, REPO))
        assert (catalogue.refresh(), titles(catalogue.search("引擎"))) == (1, ["octo/tiny-net：一百行的推理[引擎]"])
        save(folder, issue(SECOND, PAPER))
        assert (catalogue.refresh(SECOND), catalogue.search("引擎")) == (1, [])
        assert titles(catalogue.search("two")) == ["[Two] Bits Are Enough"]
        (folder / "drafts" / f"{FIRST}.yaml").unlink()
        assert (catalogue.refresh(FIRST), catalogue.search("芯片")) == (1, [])
        assert (catalogue.refresh(), catalogue.refresh(FIRST)) == (0, 0)


def test_a_change_that_neither_time_nor_size_of_the_file_shows(folder: Path, newsletter: Newsletter) -> None:
    save(folder, issue(FIRST, CHIP))
    path = folder / "drafts" / f"{FIRST}.yaml"
    with Catalogue(folder, newsletter) as catalogue:
        status = path.stat()
        path.write_text(path.read_text(encoding="utf-8").replace("大模型", "小模型"), encoding="utf-8")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert (catalogue.refresh(), titles(catalogue.search("小模型"))) == (1, ["小芯片也能跑[小模型]"])


def test_an_invalid_draft_keeps_its_last_valid_items(folder: Path, newsletter: Newsletter) -> None:
    save(folder, issue(FIRST, CHIP))
    with Catalogue(folder, newsletter) as catalogue:
        (folder / "drafts" / f"{FIRST}.yaml").write_text("date: [", encoding="utf-8")
        catalogue.refresh()
        assert len(catalogue.search("芯片")) == 1
    (folder / "drafts" / f"{SECOND}.yaml").write_bytes(b"\xff")
    with Catalogue(folder, newsletter) as catalogue:
        assert len(catalogue.search("芯片")) == 1


def test_the_published_issue_counts_if_there_is_no_draft(folder: Path, newsletter: Newsletter) -> None:
    (folder / "archive" / f"{FIRST}.md").write_text(writes(issue(FIRST, CHIP), newsletter), encoding="utf-8")
    (folder / "archive" / "2031-13-01.md").write_text("x", encoding="utf-8")
    (folder / "archive" / "notes-2031.md").write_text("x", encoding="utf-8")
    with Catalogue(folder, newsletter) as catalogue:
        assert titles(catalogue.search("芯片")) == ["小[芯片]也能跑大模型"]
        save(folder, issue(FIRST, PAPER))
        catalogue.refresh()
        assert (catalogue.search("芯片"), len(catalogue.search("two"))) == ([], 1)
        (folder / "drafts" / f"{FIRST}.yaml").unlink()
        catalogue.refresh()
        assert (len(catalogue.search("芯片")), catalogue.search("two")) == (1, [])


@pytest.mark.parametrize("damage", [b"", b"no database", b"SQLite format 3\x00" + bytes(5000)])
def test_a_damaged_database_is_rebuilt(damage: bytes, folder: Path, newsletter: Newsletter) -> None:
    save(folder, issue(FIRST, CHIP))
    (folder / ".cache").mkdir(exist_ok=True)
    (folder / ".cache" / "catalogue.sqlite").write_bytes(damage)
    with Catalogue(folder, newsletter) as catalogue:
        assert len(catalogue.search("芯片")) == 1


def test_without_refresh_an_existing_database_is_opened_as_it_is(folder: Path, newsletter: Newsletter) -> None:
    save(folder, issue(FIRST, CHIP))
    with Catalogue(folder, newsletter, refresh=False) as catalogue:
        assert len(catalogue.search("芯片")) == 1, "there was none, so it was built"
    save(folder, issue(SECOND, CHIP))
    with Catalogue(folder, newsletter, refresh=False) as catalogue:
        assert (len(catalogue.search("芯片")), catalogue.refresh(), len(catalogue.search("芯片"))) == (1, 1, 2)


def test_another_newsletter_or_version_rebuilds_it(
    folder: Path, newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(folder, issue(FIRST, CHIP))
    path = folder / ".cache" / "catalogue.sqlite"
    inodes = []
    for kind in (newsletter, newsletter, newsletter.model_copy(update={"labels": ("摘要", "新的")})):
        Catalogue(folder, kind).close()
        inodes.append(path.stat().st_ino)
    monkeypatch.setattr("embedai_nb.catalogue.database.VERSION", 99)
    Catalogue(folder, kind).close()
    assert [a == b for a, b in itertools.pairwise([*inodes, path.stat().st_ino])] == [True, False, False]


def test_a_place_where_nothing_can_be_written(folder: Path, newsletter: Newsletter) -> None:
    (folder / ".cache").write_text("x")
    (folder / f"archive/{FIRST}.md").write_text(writes(issue(FIRST, CHIP), newsletter), "utf-8")
    with Catalogue(folder, newsletter) as catalogue:
        assert len(catalogue.search(CHIP.title)) == 1


def test_a_removed_item_leaves_nothing_behind(folder: Path, newsletter: Newsletter) -> None:
    save(folder, issue(FIRST, CHIP, PAPER, REPO))
    with Catalogue(folder, newsletter) as catalogue:
        save(folder, issue(FIRST))
        catalogue.refresh()
        connection = sqlite3.connect(folder / ".cache" / "catalogue.sqlite")
        for index in INDEXES:
            connection.execute(f"CREATE VIRTUAL TABLE temp.{index}_terms USING fts5vocab(main, {index}, row)")
            assert connection.execute(f"SELECT count(*) FROM temp.{index}_terms").fetchone() == (0,)
        for table in ("keys", "shingles"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        connection.close()


def test_many_files_are_read_by_several_processes(
    folder: Path, newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embedai_nb.catalogue.update.MANY", 30)
    (folder / "drafts").mkdir()
    for n in range(70):
        day = FIRST + datetime.timedelta(days=n)
        text = f"schema: 1\ndate: {day}\nsections:\n  - name: 论文\n    items:\n      - {{title: 第{n}篇, url: 'https://e.com/{n}'}}\n"
        (folder / "drafts" / f"{day}.yaml").write_text(text, encoding="utf-8")
    with Catalogue(folder, newsletter) as catalogue:
        assert titles(catalogue.search("第7篇")) == ["[第7篇]"]
        assert len(catalogue.search("篇", limit=1000)) == 70


def _edits(folder: Path, newsletter: Newsletter, place: int) -> None:
    day = FIRST + datetime.timedelta(days=place)
    for n in range(3):
        title = f"{'甲乙'[place]}改了{'一二三'[n]}次"
        save(folder, issue(day, Item(title=title, url=f"https://e.com/{place}/{n}")))
        with Catalogue(folder, newsletter) as catalogue:
            sys.exit(1) if titles(catalogue.search(title)) != [f"[{title}]"] else None


def test_processes_at_the_same_time(folder: Path, newsletter: Newsletter) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_edits, args=(folder, newsletter, place)) for place in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    with Catalogue(folder, newsletter) as catalogue:
        assert len(catalogue.search("改了")) == 2


# --- the command ----------------------------------------------------------------------------------------------


def test_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(folder, issue(FIRST, CHIP, PAPER))
    assert run(["--issues", str(folder), "search", "芯片", "--year", "2031", "--section", "业界新闻"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2031-05-01 业界新闻: 小芯片也能跑大模型 | 边缘周刊 https://example.com/a",
        "  …用两比特量化，ＴｉｎｙＮｅｔ 在 AI 芯片上跑通了。",
    ]
    assert run(["--issues", str(folder), "search", "没有"]) == 0
    assert capsys.readouterr().out == ""


# --- where the file cannot be used ----------------------------------------------------------------------------------


@pytest.fixture
def built(folder: Path, newsletter: Newsletter) -> Path:
    """A folder whose catalogue has been built."""
    save(folder, issue(FIRST, CHIP))
    Catalogue(folder, newsletter).close()
    return folder


def found(folder: Path, newsletter: Newsletter) -> list[str]:
    with Catalogue(folder, newsletter) as catalogue:
        return [str(hit.date) for hit in catalogue.search("芯片")]


DATABASE = ".cache/catalogue.sqlite"


@pytest.mark.parametrize("keep", [0, 10, 100, 5000])
def test_a_damaged_database_is_built_again(keep: int, built: Path, newsletter: Newsletter) -> None:
    path = built / DATABASE
    path.write_bytes(path.read_bytes()[:keep] + b"x" * 5000)
    assert found(built, newsletter) == [str(FIRST)]
    assert found(built, newsletter) == [str(FIRST)]


def test_a_database_that_turns_out_to_be_damaged_is_built_again(
    built: Path, newsletter: Newsletter, caplog: pytest.LogCaptureFixture
) -> None:
    """The pages that are read when it is opened are whole."""
    with sqlite3.connect(built / DATABASE) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("DROP TABLE items")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET rootpage = 2 WHERE name = 'keys'")
    assert found(built, newsletter) == [str(FIRST)]
    assert caplog.records == [], "it is a cache: nobody needs to hear of it"
    assert sqlite3.connect(built / DATABASE).execute("SELECT count(*) FROM items").fetchone() == (1,)


@pytest.mark.parametrize("byte", [b"\x80", b"\0", b"\xff", b"1"])
def test_a_database_with_damaged_pages_gives_no_error(byte: bytes, built: Path, newsletter: Newsletter) -> None:
    """Found by fuzzing: sqlite3 raises a UnicodeDecodeError where the message of its error is damaged as well."""
    path = built / DATABASE
    whole = path.read_bytes()
    for place in range(0, len(whole), len(whole) // 60):
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        path.write_bytes(whole[:place] + byte * 16 + whole[place + 16 :])
        with Catalogue(built, newsletter) as catalogue:
            catalogue.search("芯片")
            catalogue.seen_before(CHIP, SECOND)


def test_a_database_that_another_process_has_locked_is_copied_into_memory(
    built: Path, newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database, "TIMEOUT", 0.1)
    save(built, issue(SECOND, CHIP))
    with lock_file(built / ".cache/locks/catalogue", "the catalogue is being updated"):
        assert found(built, newsletter) == [str(SECOND), str(FIRST)]
    (said,) = (record.getMessage() for record in caplog.records)
    assert said.startswith(f"{built / DATABASE}: the catalogue is being updated by process {os.getpid()} since ")
    assert said.endswith("; working in memory, which may take longer")
    with sqlite3.connect(built / DATABASE) as connection:
        assert connection.execute("SELECT count(*) FROM files").fetchone() == (1,)


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        ("database or disk is full", sqlite3.SQLITE_FULL),
        ("attempt to write a readonly database", sqlite3.SQLITE_READONLY),
        ("disk I/O error", sqlite3.SQLITE_IOERR_WRITE),
    ],
)
def test_a_database_that_cannot_be_written_is_copied_into_memory(
    problem: str,
    code: int,
    built: Path,
    newsletter: Newsletter,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    put = update._put

    def failing(connection: sqlite3.Connection, *arguments: Any) -> bool:
        if connection.execute("PRAGMA database_list").fetchone()[2]:  # the name of its file
            error = sqlite3.OperationalError(problem)
            error.sqlite_errorcode = code
            raise error
        return put(connection, *arguments)

    monkeypatch.setattr(update, "_put", failing)
    save(built, issue(SECOND, CHIP))
    assert found(built, newsletter) == [str(SECOND), str(FIRST)]
    assert [record.getMessage() for record in caplog.records] == [
        f"{built / DATABASE}: {problem}; working in memory, which may take longer"
    ]


def test_files_that_no_issue_may_be_as_large_as_are_passed_over(folder: Path, newsletter: Newsletter) -> None:
    (folder / f"archive/{FIRST}.md").write_bytes(b"x" * (MAX_BYTES + 1))
    assert found(folder, newsletter) == []
