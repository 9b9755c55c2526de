"""Building the site again: only what a change touches is made, and the bytes are those of a build from nothing."""

from __future__ import annotations

import datetime
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from embedai_nb.cli import run
from embedai_nb.drafts import load_newsletter
from embedai_nb.errors import DraftError
from embedai_nb.markdown import writes
from embedai_nb.model import Issue
from embedai_nb.site.build import BuiltSite, build_site
from embedai_nb.site.grams import shard
from embedai_nb.site.site_cache import site_cache
from embedai_nb.workspace import layout

from .conftest import PROJECT
from .test_site import ADDRESS, ISSUES, archive, contents, issue, item, text

PAPER = item("量化感知训练", "AI前线", "https://e.com/qat").model_copy(update={"tags": ("CVPR 2031", "2104.14129")})
FIRST = datetime.date(2030, 1, 1)


class Standing:
    """An issues folder and its site."""

    def __init__(self, folder: Path) -> None:
        self.folder = archive(folder / "issues")
        self.out = folder / "site"
        self.add(issue("2031-06-01", headline=["训练"], papers=[PAPER]))
        (self.folder / layout.ARCHIVE / layout.IMAGES).mkdir()
        (self.folder / layout.ARCHIVE / layout.IMAGES / "a.png").write_bytes(b"PNG")
        self.theme = self.folder / layout.THEME
        self.theme.mkdir()
        self.build()

    def add(self, *issues: Issue) -> None:
        newsletter = load_newsletter(self.folder / layout.NEWSLETTER)
        for one in issues:
            (self.folder / layout.markdown(str(one.date))).write_text(writes(one, newsletter), "utf-8")

    def build(self, address: str = ADDRESS) -> BuiltSite:
        return build_site(self.folder, self.out, address)

    def made(self) -> set[str]:
        """What a build makes again; the result is what a build from nothing gives."""
        found = set(self.build().rendered)
        self.check()
        return found

    def check(self) -> None:
        fresh = self.folder.parent / "fresh"
        shutil.copytree(self.folder, fresh / "issues", ignore=shutil.ignore_patterns(".cache"))
        expected = contents(build_site(fresh / "issues", fresh / "site", ADDRESS).folder)
        shutil.rmtree(fresh)
        assert contents(self.out) == expected

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        before = text(path)
        assert old in before
        path.write_text(before.replace(old, new, 1), "utf-8")

    def say(self, lines: str) -> None:
        """Add lines to newsletter.yaml."""
        with (self.folder / layout.NEWSLETTER).open("a", encoding="utf-8") as file:
            file.write(f"\n{lines}\n")


@pytest.fixture
def standing(tmp_path: Path) -> Standing:
    return Standing(tmp_path)


def pages(names: set[str]) -> set[str]:
    """The pages, without feeds, search index and sitemap."""
    return {name for name in names if name.endswith(".html")}


# --- what is made again ---------------------------------------------------------------------------------------


def test_nothing_is_made_when_nothing_changed(standing: Standing) -> None:
    assert standing.made() == set()


def test_of_a_summary_that_changed_the_issue_the_feeds_and_the_index_of_words_are_made(standing: Standing) -> None:
    standing.edit("archive/2031-05-18.md", "低比特的摘要", "低比特的概述")
    made = standing.made()
    assert pages(made) == {"2031-05-18.html"}
    assert {"atom.xml", "feed.json"} <= made
    assert not made & {"style.css", "search.js", "robots.txt", "icon.svg", "images/a.png"}


def test_of_another_word_only_the_shards_with_its_characters_and_pairs_are_made(standing: Standing) -> None:
    standing.edit("archive/2031-05-18.md", "低比特的摘要", "低比特的摘要龘")
    wanted = {f"search/0/{shard(gram)}.json" for gram in ("龘", "要龘")}
    assert {name for name in standing.made() if name.startswith("search/")} == wanted


def test_of_a_title_that_changed_the_lists_that_show_it_are_made(standing: Standing) -> None:
    standing.edit("archive/2031-05-18.md", "[低比特 ", "[四比特 ")
    lists = {"sections/论文.html", "sources/ai前线.html"}
    assert pages(standing.made()) == {"2031-05-18.html", *lists}


def test_of_keywords_that_changed_the_neighbours_and_the_lists_of_issues_are_made(standing: Standing) -> None:
    standing.edit("archive/2031-05-18.md", "NPU", "DSP")
    assert pages(standing.made()) == {
        *("2031-05-04.html", "2031-05-18.html", "2031-06-01.html"),
        *("index.html", "2031.html"),
    }


def test_a_tag_has_its_page(standing: Standing) -> None:
    assert "量化感知训练" in text(standing.out / "tags" / "cvpr2031.html")
    assert "2104.14129" not in text(standing.out / "tags.html"), "the number of a paper is no tag of others"
    standing.edit("archive/2031-06-01.md", "[CVPR 2031]", "[ICML 2031]")
    made = standing.made()
    assert {"tags/icml2031.html", "tags.html", "sections/论文.html", "sources/ai前线.html"} <= made
    assert not (standing.out / "tags" / "cvpr2031.html").exists()
    assert not made & {"2031-05-18.html", "sections/业界新闻.html", "sources.html"}


def test_an_issue_that_links_to_another_is_made_when_that_one_comes_and_goes(standing: Standing) -> None:
    one = issue("2031-06-15").model_copy(update={"closing": "[下期](2031-07-01.md)"})
    standing.add(one)
    standing.build()
    assert "2031-07-01.html" not in text(standing.out / "2031-06-15.html")
    standing.add(issue("2031-07-01"))
    assert {"2031-06-15.html", "2031-07-01.html"} <= standing.made()
    assert 'href="2031-07-01.html"' in text(standing.out / "2031-06-15.html")
    (standing.folder / "archive/2031-07-01.md").unlink()
    assert "2031-06-15.html" in standing.made()
    assert "2031-06-01.html" not in standing.made()


def test_another_issue_leaves_old_pages_of_long_lists_alone(standing: Standing) -> None:
    papers = [item(f"论文{number}", "甲报", f"https://e.com/{number}") for number in range(100)]
    standing.add(*(issue(f"2032-01-{day:02}", papers=papers) for day in (1, 2, 3)))
    standing.build()
    old = {"sections/论文.1.html", "sections/论文.2.html"}
    assert all((standing.out / name).is_file() for name in old)
    standing.add(issue("2032-02-01", papers=papers[:10]))
    made = standing.made()
    assert "sections/论文.html" in made
    assert not made & old


@pytest.mark.parametrize(
    ("lines", "expected", "left"),
    [
        ('theme: {light: {accent: "#00695c"}}', {"style.css", "icon.svg"}, {"index.html", "2031-05-18.html"}),
        ("theme: {font: Georgia}", {"style.css"}, {"icon.svg", "index.html", "2031-05-18.html"}),
        ("theme: {footer: 合作}", {"index.html", "2031-05-18.html", "404.html"}, {"style.css", "atom.xml", "icon.svg"}),
        ("wechat_author: 编辑部", set(), {"index.html", "2031-05-18.html", "atom.xml", "style.css"}),
        ("checks: {no-source: note}", set(), {"index.html", "2031-05-18.html"}),
    ],
)
def test_what_newsletter_yaml_says_makes_what_shows_it(
    lines: str, expected: set[str], left: set[str], standing: Standing
) -> None:
    if lines.startswith("checks"):
        standing.edit("newsletter.yaml", 'checks: {wechat-title: "off"}', lines)
    else:
        standing.say(lines)
    made = standing.made()
    assert expected <= made
    assert not made & left
    assert made or not expected


def test_another_name_is_on_all_pages(standing: Standing) -> None:
    standing.edit("newsletter.yaml", "name: 嵌入式AI简报", "name: 端侧周报")
    made = standing.made()
    assert {str(path.relative_to(standing.out)) for path in standing.out.rglob("*.html")} <= made
    assert {"atom.xml", "feed.json", "icon.svg"} <= made
    assert not made & {"style.css", "search.js", "images/a.png"}


def test_files_of_the_theme_make_what_they_are_in(standing: Standing) -> None:
    (standing.theme / "style.css").write_text("h2 { color: inherit }\n")
    assert standing.made() == {"style.css"}
    (standing.theme / "ornament.png").write_bytes(b"PNG")
    assert standing.made() == {"theme/ornament.png"}
    (standing.theme / "names.html.j2").write_text('{% extends "default/names.html.j2" %}')
    assert pages(standing.made()) == {str(path.relative_to(standing.out)) for path in standing.out.rglob("*.html")}
    (standing.theme / "names.html.j2").unlink()
    (standing.theme / "ornament.png").unlink()
    assert "theme/ornament.png" not in standing.made()
    assert not (standing.out / "theme").exists()


def test_a_picture_is_copied_when_it_changes(standing: Standing) -> None:
    (standing.folder / "archive/images/a.png").write_bytes(b"GNP")
    assert standing.made() == {"images/a.png"}


def test_another_address_is_on_all_pages_but_in_no_index(standing: Standing) -> None:
    made = set(standing.build("https://other.example/").rendered)
    assert {"index.html", "2031-05-18.html", "atom.xml", "sitemap.xml", "robots.txt"} <= made
    assert not any(name.startswith("search/") for name in made)


@pytest.mark.parametrize("name", ["2031-05-18.html", "search/0/3.json", "atom.xml", "images/a.png"])
@pytest.mark.parametrize("deed", ["remove", "change", "replace", "link"])
def test_a_file_of_the_site_that_somebody_touched_is_made_again(name: str, deed: str, standing: Standing) -> None:
    path = standing.out / name
    content = path.read_bytes()
    if deed == "change":
        status = path.stat()
        path.write_bytes(content[::-1])
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    else:
        path.unlink()
    if deed == "replace":
        path.write_bytes(b"x" * len(content))
    elif deed == "link":
        path.symlink_to(standing.folder / layout.NEWSLETTER)
    assert standing.made() == {name}


def test_a_file_that_somebody_added_is_gone(standing: Standing) -> None:
    (standing.out / "sections" / "mine.html").write_text("mine")
    assert standing.made() == set()


def test_where_files_cannot_have_two_names_they_are_copied(standing: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*names: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    standing.edit("archive/2031-05-18.md", "低比特的摘要", "低比特的概述")
    assert pages(standing.made()) == {"2031-05-18.html"}


# --- any edits ------------------------------------------------------------------------------------------------


def edits(chance: random.Random) -> list[Callable[[Standing], object]]:
    day = FIRST + datetime.timedelta(days=chance.randrange(900))
    papers = [item(f"题{chance.random()}", chance.choice(["甲", "乙", "C++"]), "https://e.com") for _ in range(30)]
    tagged = [paper.model_copy(update={"tags": (chance.choice(["CVPR", "ICML 2031"]),)}) for paper in papers]

    def existing(standing: Standing) -> Path:
        return chance.choice(sorted((standing.folder / layout.ARCHIVE).glob("*.md")))

    def remove(standing: Standing) -> None:
        if len(list((standing.folder / layout.ARCHIVE).glob("*.md"))) > 1:
            existing(standing).unlink()

    def reschedule(standing: Standing) -> None:
        path = existing(standing)
        path.rename(path.with_name(f"{day}.md"))

    def change(standing: Standing) -> None:
        path = existing(standing)
        path.write_text(text(path).replace("摘要。", f"摘要{chance.random()}。", 1), "utf-8")

    def delete(standing: Standing) -> None:
        chance.choice(
            sorted(path for path in standing.out.rglob("*") if path.is_file() and path.name[0] != ".")
        ).unlink()

    def theme(standing: Standing) -> None:
        (standing.theme / "style.css").write_text(f"h2 {{ margin: {chance.randrange(9)}px }}\n")

    def newsletter(standing: Standing) -> None:
        path = standing.folder / layout.NEWSLETTER
        path.write_text(re.sub("(?m)^tagline: .*", f"tagline: 第{chance.randrange(9)}版", text(path)), "utf-8")

    return [
        lambda standing: standing.add(issue(str(day), headline=["新"], papers=tagged)),
        *(remove, reschedule, change, change, delete, theme, newsletter),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_any_edits_give_what_a_build_from_nothing_gives(seed: int, tmp_path: Path) -> None:
    """Revisions are part of the archive, so a build from nothing has those of the builds before."""
    chance, standing = random.Random(seed), Standing(tmp_path)
    for _ in range(6):
        for _ in range(chance.randint(1, 3)):
            chance.choice(edits(chance))(standing)
        standing.build()
        standing.check()


# --- interrupted, damaged -------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
from embedai_nb.site.build import build_site
left = int(sys.argv[3])
def hook(event, arguments):
    global left
    if event in ("open", "os.rename", "os.link", "os.remove", "os.mkdir", "sqlite3.connect"):
        if "site" in str(arguments[0]):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
build_site(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[4])
"""


@pytest.mark.processes
@pytest.mark.parametrize("steps", [0, 5, 20, 50, 80, 120, 140, 160, 180, 200, 230, 260, 300])
def test_a_build_that_is_killed_leaves_the_old_site_or_the_new_one(steps: int, standing: Standing) -> None:
    old = contents(standing.out)
    standing.edit("archive/2031-05-18.md", "NPU", "DSP")
    command = [sys.executable, "-c", KILLED, standing.folder, standing.out, str(steps), ADDRESS]
    done = subprocess.run(list(map(str, command)), cwd=PROJECT, capture_output=True, check=False)
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    left = contents(standing.out)
    standing.build()
    new = contents(standing.out)
    assert left in (old, new)
    standing.check()
    assert {path.name for path in standing.out.parent.iterdir()} == {"issues", "site"}


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_cache_is_replaced(content: bytes, standing: Standing) -> None:
    path = standing.folder / layout.SITE_CACHE
    for name in (f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
    path.write_bytes(content)
    standing.made()
    assert standing.made() == set() or content
    standing.build()
    assert standing.made() == set()


def test_a_cache_of_another_version_is_replaced(standing: Standing) -> None:
    with sqlite3.connect(standing.folder / layout.SITE_CACHE) as db:
        db.execute("PRAGMA user_version = 77")
    standing.made()


def test_a_page_that_the_cache_lost_is_rendered_again(standing: Standing) -> None:
    with site_cache(standing.folder) as cache:
        cache.drop_entries(["2031-05-18"])
    assert standing.made() == set(), "the entry is made, and gives the same files"


def test_an_issue_that_cannot_be_shown_is_named_by_whichever_process_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embedai_nb.site.entries.BATCH", 1)
    folder = archive(tmp_path / "issues")
    (folder / "archive" / "2031-06-01.md").write_bytes(b"\xff")
    with pytest.raises(DraftError, match="not UTF-8") as raised:
        build_site(folder, tmp_path / "site", ADDRESS)
    assert raised.value.path == folder / "archive" / "2031-06-01.md"


@pytest.mark.processes
def test_two_processes_give_what_one_gives(tmp_path: Path) -> None:
    program = "import sys; from pathlib import Path; from embedai_nb.site import build, entries; entries.BATCH = 1\n"
    program += "build.WORKERS = int(sys.argv[3]); build.build_site(Path(sys.argv[1]), Path(sys.argv[2]), '')"
    for workers in "12":
        arguments = [archive(tmp_path / workers), tmp_path / f"site{workers}", workers]
        subprocess.run([sys.executable, "-c", program, *map(str, arguments)], check=True, cwd=PROJECT)
    assert contents(tmp_path / "site1") == contents(tmp_path / "site2")


# --- nothing to do --------------------------------------------------------------------------------------------


def said(standing: Standing, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert run(["--issues", str(standing.folder), "site", "--out", str(standing.out), *options]) == 0
    return capsys.readouterr().out


@pytest.fixture
def quiet(standing: Standing, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Standing:
    """A site whose files are old enough for their stamps to be trusted."""
    for module in ("up_to_date", "site_writer"):
        monkeypatch.setattr(f"embedai_nb.site.{module}.settled_before", lambda: time.time_ns() + 10**9)
    said(standing, capsys, "--url", ADDRESS)
    assert "up to date" in said(standing, capsys, "--url", ADDRESS)
    return standing


CHANGES: Sequence[tuple[str, Callable[[Standing], object]]] = [
    ("an issue", lambda it: it.edit("archive/2031-05-18.md", "NPU", "DSP")),
    ("one more issue", lambda it: it.add(issue("2031-09-01"))),
    ("one issue less", lambda it: (it.folder / "archive/2031-05-18.md").unlink()),
    ("newsletter.yaml", lambda it: it.say("theme: {footer: 合作}")),
    ("a file of the theme", lambda it: (it.theme / "style.css").write_text("h2 { color: red }")),
    ("a picture", lambda it: (it.folder / "archive/images/b.png").write_bytes(b"PNG")),
    ("the revisions", lambda it: (it.folder / layout.REVISIONS).unlink()),
    ("a page of the site", lambda it: (it.out / "index.html").write_text("x")),
    ("a page of the site that is gone", lambda it: (it.out / "index.html").unlink()),
    ("another file in the site", lambda it: (it.out / "mine.html").write_text("mine")),
    ("the site that is gone", lambda it: shutil.rmtree(it.out)),
    ("an interrupted publication", lambda it: (it.folder / layout.STAGED / "2031-05-04").mkdir(parents=True)),
]


@pytest.mark.parametrize("change", [change for _, change in CHANGES], ids=[name for name, _ in CHANGES])
def test_whatever_changes_a_site_is_no_longer_up_to_date(
    change: Callable[[Standing], object], quiet: Standing, capsys: pytest.CaptureFixture[str]
) -> None:
    change(quiet)
    assert said(quiet, capsys, "--url", ADDRESS).startswith("wrote ")
    quiet.check()


def test_another_address_is_another_site(quiet: Standing, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(quiet, capsys, "--url", "https://other.example/").startswith("wrote ")


def test_a_site_that_is_up_to_date_stays_where_it_is_and_imports_nothing_big(quiet: Standing) -> None:
    inode = quiet.out.stat().st_ino
    program = (
        "import sys; from pathlib import Path; from embedai_nb.site.up_to_date import built_state\n"
        "built_state(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]); print(*sys.modules)"
    )
    command = [sys.executable, "-c", program, str(quiet.folder), str(quiet.out), ADDRESS]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert not {"pydantic", "jinja2", "markdown_it", "yaml"} & set(done.stdout.split())
    assert quiet.out.stat().st_ino == inode


def test_issues_of_the_first_build_are_all_there(standing: Standing) -> None:
    assert {f"{one.date}.html" for one in ISSUES} <= set(contents(standing.out))
