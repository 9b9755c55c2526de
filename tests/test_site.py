"""The website: its pages, the links between them, its search index, and its atomic replacement."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from embedai_nb.cli import run
from embedai_nb.drafts import load_newsletter
from embedai_nb.errors import DraftError, MarkupError, PublishError, UsageError
from embedai_nb.html import page
from embedai_nb.html.page import PageParts
from embedai_nb.markdown import read, writes
from embedai_nb.markdown.writer import write_item
from embedai_nb.model import Issue, Item, Newsletter, Section, Warmup
from embedai_nb.site import replace_folder
from embedai_nb.site.build import build_site
from embedai_nb.site.grams import SHARDS, grams, grams_by_shard, shard
from embedai_nb.site.issue_entry import IssueEntry, issue_entry
from embedai_nb.site.issue_source import LoadedIssue, PreviewIssues
from embedai_nb.site.pagination import ListPage, Paginator
from embedai_nb.site.search_index import SEGMENT, SearchIndex
from embedai_nb.site.site_file import SiteFile
from embedai_nb.site.slugs import slug

from .conftest import DATA, PROJECT, SHARED

ADDRESS = "https://news.example/embedded/"
JEKYLL = shutil.which("jekyll")


def item(title: str, source: str, url: str) -> Item:
    return Item(title=title, source=source, url=url, fields={"摘要": f"{title}的摘要。"})


def issue(date: str, *, headline: Sequence[str] = (), lead: str = "", papers: Iterable[Item] = ()) -> Issue:
    sections = [
        Section(name="业界新闻", items=[item(f"{date}的新闻", "机器之心", f"https://e.com/news/{date}")]),
        Section(name="论文", items=tuple(papers)),
    ]
    return Issue(
        date=datetime.date.fromisoformat(date),
        headline=headline,
        lead=lead or None,
        warmups=[Warmup(company="甲公司", text="热身")],
        sections=[section for section in sections if section.items],
        closing="本作品可自由转载。",
    )


ISSUES = [
    issue("2029-12-31", lead="本期1条。【新闻】只有导读，没有关键词。"),
    issue("2030-03-02", headline=["剪枝", "蒸馏"], papers=[item("二值网络", "C++", "https://e.com/binary")]),
    issue("2031-05-04", headline=["RISC-V"], papers=[item("量化与部署", "ＡＩ前线", "https://e.com/quantised")]),
    issue("2031-05-18", headline=["NPU"], papers=[item("低比特", "AI前线", "https://e.com/bits")]),
]


def archive(folder: Path, issues: Iterable[Issue] = ISSUES) -> Path:
    """Make an issues folder in which these issues are published."""
    (folder / "archive").mkdir(parents=True)
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
    newsletter = load_newsletter(folder / "newsletter.yaml")
    for one in issues:
        (folder / "archive" / f"{one.date}.md").write_text(writes(one, newsletter), encoding="utf-8")
    return folder


def real_archive(folder: Path) -> Path:
    """Make an issues folder with the real published issues."""
    files = sorted((SHARED / "archive").glob("*.md"))
    if not files:
        pytest.skip(f"no real issues in {SHARED}")
    archive(folder, [])
    for file in files:
        shutil.copy(file, folder / "archive")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    return build_site(archive(folder / "issues"), folder / "site", ADDRESS).folder


@pytest.fixture(scope="module")
def real_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real")
    return build_site(real_archive(folder / "issues"), folder / "site", ADDRESS).folder


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def links(html: str) -> list[str]:
    return [unescape(address) for address in re.findall(r'<(?:a|link) [^>]*?href="([^"]*)"', html)]


def pages(site: Path) -> Iterator[Path]:
    found = sorted(site.rglob("*.html"))
    assert found
    return iter(found)


# --- pages ----------------------------------------------------------------------------------------------------


def test_there_is_a_page_for_each_issue_year_section_and_source(site: Path) -> None:
    issues = {f"{one.date}.html" for one in ISSUES}
    lists = {"2029.html", "2030.html", "2031.html", "sections/业界新闻.html", "sections/论文.html"}
    sources = {"sources/机器之心.html", "sources/ai前线.html", f"sources/{slug('C++')}.html"}
    others = {"index.html", "404.html", "sources.html"}
    assert {str(path.relative_to(site)) for path in pages(site)} == issues | lists | sources | others


def test_index_lists_issues_by_year_the_newest_first(site: Path) -> None:
    index = text(site / "index.html")
    listed = index[index.index('class="year"') :]
    assert re.findall(r'<h2><a href="(\d+)\.html">|<a href="(\d+-\d+-\d+)\.html">', listed) == [
        ("2031", ""),
        ("", "2031-05-18"),
        ("", "2031-05-04"),
        ("2030", ""),
        ("", "2030-03-02"),
        ("2029", ""),
        ("", "2029-12-31"),
    ]
    assert "剪枝 / 蒸馏" in listed
    assert "只有导读，没有关键词" in listed, "the lead stands in for keywords"


def test_index_counts_items_of_sections_in_the_newsletters_order_and_sources_by_number(site: Path) -> None:
    chips = re.findall(r'<a href="(?:sections|sources)/[^"]*">([^<]*) <small>(\d+)</small>', text(site / "index.html"))
    assert chips == [("业界新闻", "4"), ("论文", "3"), ("机器之心", "4"), ("AI前线", "2"), ("C++", "1")]


def test_an_issue_has_its_neighbours(site: Path) -> None:
    order = [f"{one.date}.html" for one in ISSUES]
    for n, name in enumerate(order):
        html = text(site / name)
        previous, following = order[n - 1 : n], order[n + 1 : n + 2]
        assert re.findall(r'<a rel="prev" href="([^"]*)"', html) == previous
        assert re.findall(r'<a rel="next" href="([^"]*)"', html) == following


HREF = re.compile(r' href="[^"]*"')


def test_relative_links_lead_to_pages_of_the_site_or_to_the_archive(tmp_path: Path) -> None:
    closing = "[上期](../reports/2031-05-04.md) [没有](2001-01-01.md) [码](../code.jpg) [上](#论文)"
    folder = archive(
        tmp_path / "issues", [issue("2031-05-04"), issue("2031-05-18").model_copy(update={"closing": closing})]
    )
    newsletter = text(folder / "newsletter.yaml")
    known = re.sub(r"(?m)^archive_url: .*", "archive_url: https://archive.example/reports/{date}.md", newsletter)
    (folder / "newsletter.yaml").write_text(known, encoding="utf-8")
    html = text(build_site(folder, tmp_path / "site", ADDRESS).folder / "2031-05-18.html")
    links = dict(re.findall(r'<a href="([^"]*)">(上期|没有|码|上)</a>', html))
    assert {name: address for address, name in links.items()} == {
        "上期": "2031-05-04.html",
        "没有": "https://archive.example/reports/2001-01-01.md",
        "码": "https://archive.example/code.jpg",
        "上": "#论文",
    }


def test_without_its_address_a_site_has_no_feeds(tmp_path: Path) -> None:
    made = build_site(archive(tmp_path / "issues"), tmp_path / "site", "").folder
    assert not list(made.glob("*.xml")) + list(made.glob("feed*.json"))
    assert "atom.xml" not in text(made / "index.html")


def test_an_issues_page_holds_the_published_page(real_site: Path, newsletter: Newsletter) -> None:
    for file in sorted((SHARED / "archive").glob("*.md")):
        html = text(real_site / f"{file.stem}.html")
        published = page.fragment(read(text(file), newsletter).issue, newsletter).strip()
        assert HREF.sub("", published) in HREF.sub("", html), "but for relative links, which lead to the site's pages"


def test_items_of_sections_and_sources_lead_to_their_place_in_the_issue(site: Path) -> None:
    html = text(site / "sources" / "ai前线.html")
    assert re.findall(r'<li><a href="([^"]*)">([^<]*)</a>', html) == [
        ("../2031-05-18.html#论文.1", "低比特"),
        ("../2031-05-04.html#论文.1", "量化与部署"),
    ]
    assert 'id="论文.1"' in text(site / "2031-05-04.html")
    assert '<a href="https://e.com/bits">原文</a>' in html
    assert '<a href="https://e.com/bits">原文</a>' in text(site / "sections" / "论文.html")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        pytest.param("https://e.com/p?id=1&timestamp=5&region=cn", None, id="parameters named like entities"),
        pytest.param("https://e.com/?a=1&copy=2&para=1&times", None, id="the same, at the end too"),
        pytest.param("https://e.com/?a=1&notit;&ampere=2", None, id="no entities, with a semicolon or without"),
        pytest.param("https://e.com/?q=a%26copy%3Db%20%22c%22", None, id="escapes"),
        pytest.param("https://e.com/?q=\"a\"&b='c'", None, id="quotes"),
        pytest.param("https://e.com/?a=1&amp;copy=2", "https://e.com/?a=1&copy=2", id="an entity"),
        pytest.param("https://e.com/?a=1&#38;b=&copy;", "https://e.com/?a=1&b=©", id="entities by number and name"),
        pytest.param(r"https://e.com/a\_b\(c\)", "https://e.com/a_b(c)", id="backslash escapes"),
    ],
)
def test_lists_link_to_what_the_page_of_the_issue_links_to(written: str, address: str | None, tmp_path: Path) -> None:
    paper = item("R&D 与 &copy=1", "A&T 报", written)
    newsletter = load_newsletter(PROJECT / "issues" / "newsletter.yaml")
    made = issue_entry(LoadedIssue(issue("2031-05-04", papers=[paper]), tmp_path, ""), ISSUES[2].date, newsletter)
    row = made.rows[-1]
    assert row.url == (address or written)
    assert row.url in links(made.html)
    assert (row.title, row.source) == ("R&D 与 &copy=1", "A&T 报")
    assert f'id="{row.anchor}"' in made.html
    assert "R&D 与 &copy=1" in made.searched_text
    assert "©" not in made.searched_text


def test_an_address_that_looks_like_it_held_entities_is_whole_on_every_page(tmp_path: Path) -> None:
    address = "https://e.com/p?id=1&timestamp=5&region=cn"
    archived = archive(tmp_path / "issues", [issue("2031-05-04", papers=[item("题", "甲报", address)])])
    made = build_site(archived, tmp_path / "site", ADDRESS).folder
    for name in ("2031-05-04.html", "sections/论文.html", "sources/甲报.html"):
        assert address in links(text(made / name)), name


def test_every_link_within_the_site_leads_to_a_page_of_it(site: Path) -> None:
    for path in pages(site):
        for address in links(text(path)):
            parts = urlsplit(address)
            if parts.scheme and not address.startswith(ADDRESS):
                continue
            local = parts.path.removeprefix("/embedded/") if parts.path.startswith("/") else None
            target = site / unquote(local) if local is not None else path.parent / unquote(parts.path)
            if not parts.path:
                target = path
            target = target / "index.html" if target.is_dir() else target
            assert target.is_file(), f"{path.name}: {address}"
            assert not parts.fragment or f'id="{parts.fragment}"' in text(target), f"{path.name}: {address}"


def test_only_the_error_page_has_absolute_links(site: Path) -> None:
    for path in pages(site):
        relative = [address for address in links(text(path)) if address.startswith("/")]
        assert bool(relative) == (path.name == "404.html"), path.name
    assert 'href="/embedded/style.css"' in text(site / "404.html")


def test_pages_have_canonical_links_and_metadata(site: Path) -> None:
    html = text(site / "2031-05-04.html")
    for line in (
        '<link rel="canonical" href="https://news.example/embedded/2031-05-04.html">',
        '<meta property="og:type" content="article">',
        '<meta property="og:title" content="嵌入式AI简报 (2031-05-04)：RISC-V">',
        '<meta property="og:url" content="https://news.example/embedded/2031-05-04.html">',
        '<html lang="zh-CN">',
    ):
        assert line in html
    assert '<link rel="canonical" href="https://news.example/embedded/">' in text(site / "index.html")
    assert "%E8%AE%BA%E6%96%87.html" in text(site / "sections" / "论文.html"), "canonical addresses are ASCII"


def test_sitemap_names_every_page_once(site: Path) -> None:
    found = re.findall(r"<loc>([^<]*)</loc>", text(site / "sitemap.xml"))
    expected = {unquote(address) for address in found}
    names = {str(path.relative_to(site)) for path in pages(site)} - {"404.html", "index.html"}
    assert len(found) == len(expected)
    assert expected == {ADDRESS, *(ADDRESS + name for name in names)}


def test_pages_load_one_style_sheet_and_no_script_but_the_searchs(site: Path) -> None:
    for path in pages(site):
        html = text(path)
        assert len(re.findall(r'rel="stylesheet"', html)) == 1
        assert re.findall(r"<script[^>]*>", html) == (
            ['<script src="search.js" defer>'] if path.name == "index.html" else []
        )
        assert not re.search(r"<(img|iframe|object|embed|video|audio|style)\b", html)
    assert not re.search(r"url\(|@import", text(site / "style.css"))


def test_without_an_address_there_is_neither_sitemap_nor_canonical_link(tmp_path: Path) -> None:
    made = build_site(archive(tmp_path / "issues"), tmp_path / "site", "").folder
    assert not (made / "sitemap.xml").exists()
    assert all("canonical" not in text(path) for path in pages(made))
    assert 'href="/style.css"' in text(made / "404.html")


def test_another_newsletter_has_a_site_in_its_own_language(tmp_path: Path) -> None:
    folder = archive(tmp_path / "issues", [])
    shutil.copy(DATA / "newsletters" / "potting-shed" / "newsletter.yaml", folder)
    shutil.copy(DATA / "newsletters" / "potting-shed.md", folder / "archive" / "2031-05-04.md")
    made = build_site(folder, tmp_path / "site", "").folder
    assert '<html lang="en">' in text(made / "index.html")
    assert "Search all issues" in text(made / "index.html")
    assert (made / "sections" / "seeds.html").is_file()
    assert not re.search("[\u4e00-\u9fff]", text(made / "index.html"))


def test_sizes_of_real_pages(real_site: Path) -> None:
    lists = [path for path in pages(real_site) if not re.match(r"\d{4}-", path.name)]
    assert max(path.stat().st_size for path in lists) < 60_000
    for path in real_site.glob("????-??-??.html"):
        written = unescape(re.sub(r"<[^>]*>", "", text(path)))
        assert path.stat().st_size - len(written.encode()) < 15_000, path.name


# --- bytes ----------------------------------------------------------------------------------------------------


def test_the_same_archive_gives_the_same_bytes_anywhere(site: Path, tmp_path: Path) -> None:
    folder = archive(tmp_path / "elsewhere")
    command = [
        sys.executable,
        "-m",
        "embedai_nb",
        "--issues",
        folder,
        "site",
        "--out",
        tmp_path / "out",
        "--url",
        ADDRESS,
    ]
    elsewhere = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    subprocess.run(command, check=True, cwd=PROJECT, env=os.environ | elsewhere, capture_output=True)
    assert contents(tmp_path / "out") == contents(site)


def test_a_second_build_changes_nothing(tmp_path: Path) -> None:
    folder, out = archive(tmp_path / "issues"), tmp_path / "site"
    build_site(folder, out, ADDRESS)
    before = contents(out), contents(folder / "archive")
    build_site(folder, out, ADDRESS)
    assert (contents(out), contents(folder / "archive")) == before


# --- all or none ----------------------------------------------------------------------------------------------


def beside(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def standing(tmp_path: Path) -> tuple[Path, Path, dict[str, bytes]]:
    """An issues folder, its site, and the files of the site."""
    folder, out = archive(tmp_path / "issues"), tmp_path / "site"
    build_site(folder, out, ADDRESS)
    return folder, out, contents(out)


def test_an_issue_that_cannot_be_shown_leaves_the_old_site(standing: tuple[Path, Path, dict[str, bytes]]) -> None:
    folder, out, before = standing
    broken = folder / "archive" / "2031-06-01.md"
    nested = "\n".join("  " * level + "- 甲" for level in range(1, 30))
    for content, error in (
        (f"## 论文\n\n- [题](https://e.com)\n{nested}\n".encode(), MarkupError),
        (b"\xff", DraftError),
    ):
        broken.write_bytes(content)
        with pytest.raises(error) as raised:
            build_site(folder, out, ADDRESS)
        assert raised.value.path == broken
        assert contents(out) == before
        assert beside(out.parent) == {"issues", "site"}


@pytest.mark.parametrize("files", [0, 3, 20])
def test_a_full_disk_leaves_the_old_site(
    standing: tuple[Path, Path, dict[str, bytes]], files: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out, before = standing
    shutil.rmtree(folder / ".cache")  # all files are written again
    left = iter(range(files))
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if next(left, None) is None:
            raise OSError(28, "No space left on device", str(path))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(PublishError, match="No space left"):
        build_site(folder, out, ADDRESS)
    assert contents(out) == before
    assert beside(out.parent) == {"issues", "site"}


def test_the_leftovers_of_a_killed_run_are_removed(standing: tuple[Path, Path, dict[str, bytes]]) -> None:
    folder, out, before = standing
    half = out.with_name(".site.new")
    half.mkdir()
    (half / "2030-01-01.html").write_text("half")
    build_site(folder, out, ADDRESS)
    assert contents(out) == before
    assert beside(out.parent) == {"issues", "site"}


def test_without_atomic_exchange_a_killed_replacement_is_undone(
    standing: tuple[Path, Path, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out, before = standing
    monkeypatch.setattr(replace_folder, "_swap", lambda one, other: False)
    (folder / "archive" / "2029-12-31.md").unlink()
    build_site(folder, out, ADDRESS)
    assert contents(out).keys() == before.keys() - {"2029-12-31.html", "2029.html"}
    after = contents(out)
    out.rename(out.with_name(".site.old"))  # killed between the two steps
    broken = folder / "archive" / "2031-06-01.md"
    broken.write_bytes(b"\xff")
    with pytest.raises(DraftError):
        build_site(folder, out, ADDRESS)
    assert contents(out) == after, "brought back, though there is no new one"
    broken.unlink()
    with pytest.raises(UsageError, match="no address"):
        build_site(folder, out, "ftp://news.example")
    build_site(folder, out, ADDRESS)
    assert beside(out.parent) == {"issues", "site"}


def test_a_folder_with_other_content_is_not_touched(tmp_path: Path) -> None:
    folder, out = archive(tmp_path / "issues"), tmp_path / "site"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="something else"):
        build_site(folder, out, ADDRESS)
    link = tmp_path / "link"
    link.symlink_to(out)
    with pytest.raises(UsageError, match="not a folder"):
        build_site(folder, link, ADDRESS)
    assert contents(out) == {"thesis.txt": b"years of work"}


@pytest.mark.parametrize(
    "address", ["news.example", "ftp://news.example", "https://", "https://e.com/?a=b", "javascript:1"]
)
def test_an_invalid_site_url_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no address of a site"):
        build_site(archive(tmp_path / "issues"), tmp_path / "site", address)
    assert not (tmp_path / "site").exists()


def test_without_a_published_issue_there_is_no_site(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no issue has been published"):
        build_site(archive(tmp_path / "issues", []), tmp_path / "site", ADDRESS)
    assert not (tmp_path / "site").exists()


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = archive(tmp_path / "issues")
    monkeypatch.chdir(tmp_path)
    assert run(["--issues", str(folder), "site", "--url", "https://news.example/embedded"]) == 0
    assert capsys.readouterr() == ("wrote site, issues: 4\n", "")
    assert run(["--issues", str(folder), "site", "--url", ""]) == 0
    assert "set site_url" in capsys.readouterr().err


# --- parts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("机器之心", "机器之心"),
        ("ＡＩ  前线 Tech", "ai-前线-tech"),
        ("C++", r"c-[0-9a-f]{8}"),
        ("../../etc/passwd", r"etc-passwd-[0-9a-f]{8}"),
        ("！！！", r"[0-9a-f]{8}"),
        ("长" * 300, "长{60}-[0-9a-f]{8}"),
        (".htaccess", r"htaccess-[0-9a-f]{8}"),
    ],
)
def test_file_names(name: str, expected: str) -> None:
    assert re.fullmatch(expected, slug(name))


@given(st.text(), st.text())
def test_file_names_are_safe_and_names_that_differ_in_signs_differ(one: str, other: str) -> None:
    name = slug(one)
    assert re.fullmatch(r"[\w-]{1,70}", name)
    assert len(name.encode()) < 250
    assert slug(f"{one}+") != slug(f"{one}#")


def paginated(count: int) -> list[ListPage[int]]:
    """The pages of a list of so many rows, three on a page; a row is its number, from 1 for the oldest."""
    found: list[ListPage[int]] = []

    def keep(page: ListPage[int], updated: datetime.datetime) -> None:
        assert updated.day - 1 == page.rows[0], "the newest of its rows"
        found.append(page)

    listed = Paginator[int]("sections/论文.html", 3, count, keep)
    for row in range(count, 0, -1):
        listed.add(row, datetime.datetime(2031, 1, 1 + row, tzinfo=datetime.UTC))
    return found


@pytest.mark.parametrize(
    ("count", "sizes"), [(1, [1]), (3, [3]), (5, [5]), (6, [3, 3]), (7, [4, 3]), (8, [5, 3]), (9, [3, 3, 3])]
)
def test_long_lists_go_on_over_pages_that_name_each_other(count: int, sizes: list[int]) -> None:
    found = paginated(count)
    names = ["论文.html", *(f"论文.{number}.html" for number in range(len(sizes) - 1, 0, -1))]
    assert [len(page.rows) for page in found] == sizes
    assert [row for page in found for row in page.rows] == list(range(count, 0, -1))
    assert [page.path for page in found] == [f"sections/{name}" for name in names]
    assert [page.older for page in found] == [*names[1:], ""]
    assert [page.newer for page in found] == ["", *names[:-1]]


@pytest.mark.parametrize("count", range(1, 20))
def test_another_row_changes_only_the_newest_page_and_the_one_that_it_leads_to(count: int) -> None:
    before, after = ({page.path: page for page in paginated(total)} for total in (count, count + 1))
    changed = {path for path, page in after.items() if before.get(path) != page}
    assert changed <= {"sections/论文.html", *sorted(set(after) - {"sections/论文.html"})[-2:]}


def test_the_index_has_characters_and_pairs_of_folded_words() -> None:
    assert set(grams("ＮＰＵ 量\u200b化、A")) == {"n", "p", "u", "np", "pu", "量", "化", "量化", "a"}
    assert grams("7 nm") == grams("7nm") == ["7", "n", "m", "7n", "nm"]


@given(st.text())
def test_a_gram_is_in_the_shard_in_which_search_js_looks_for_it(text: str) -> None:
    found = grams_by_shard(text)
    assert len(found) == SHARDS
    assert sorted(gram for shown in found for gram in shown.split()) == sorted(grams(text))
    assert all(shard(gram) == number for number, shown in enumerate(found) for gram in shown.split())
    assert shard("量化") == (ord("量") * 31 + ord("化")) % 32


def test_the_index_contains_titles_leads_warmups_and_items(site: Path) -> None:
    shards = [json.loads(text(path)) for path in (site / "search" / "0").glob("[0-9]*.json")]
    indexed = {gram for shard in shards for gram in shard}
    assert len(shards) == 32
    for words in ("剪枝 / 蒸馏", "只有导读，没有关键词", "热身", "二值网络的摘要", "C++", "2031-05-04"):
        assert indexed.issuperset(grams(words)), words


def test_a_full_segment_of_the_index_never_changes(tmp_path: Path, newsletter: Newsletter) -> None:
    def index(total: int) -> dict[str, str]:
        files: list[SiteFile] = []
        made = SearchIndex(total, files.append)
        for number in reversed(range(total)):
            date = datetime.date(2000, 1, 1) + datetime.timedelta(days=number)
            made.add(
                IssueEntry(
                    date,
                    f"{date}.html",
                    "",
                    f"第{number}期",
                    (),
                    "",
                    (),
                    lambda: PageParts(Markup(), Markup(), Markup()),
                )
            )
        return {file.path: str(file.render()) for file in files}

    before, after = index(SEGMENT), index(SEGMENT + 2)
    assert {name: after[name] for name in before} == before
    assert {name.split("/")[1] for name in after} == {"0", "1"}


def test_preview_shows_drafts_over_the_archive(tmp_path: Path, newsletter: Newsletter) -> None:
    folder = archive(tmp_path / "issues")
    (folder / "drafts").mkdir()
    draft = folder / "drafts" / "2031-06-01.yaml"
    draft.write_text(
        "schema: 1\ndate: 2031-06-01\nheadline: [草稿]\nsections:\n- name: 论文\n  items:\n  - title: 甲\n", "utf-8"
    )
    source = PreviewIssues(folder, newsletter)
    assert [str(date) for date in source.dates][-2:] == ["2031-05-18", "2031-06-01"]
    assert source.load(source.dates[-1]).issue.tagline == newsletter.tagline, "complete, as it would be published"
    assert source.load(source.dates[-1]).path == draft
    assert source.load(source.dates[-2]).path.name == "2031-05-18.md"


# --- GitHub Pages ---------------------------------------------------------------------------------------------


def in_order(wanted: Iterable[str], found: Iterable[str]) -> list[str]:
    """Elements of ``wanted`` that ``found`` lacks, or has in another order."""
    rest = list(found)
    lost = []
    for one in wanted:
        if one in rest:
            del rest[: rest.index(one) + 1]
        else:
            lost.append(one)
    return lost


def addresses(html: str) -> list[str]:
    found = re.findall(r'<(?:a|img) [^>]*?(?:href|src)="([^"]*)"', html)
    return [unquote(unescape(address)) for address in found if not address.startswith("#")]


@pytest.mark.skipif(JEKYLL is None, reason="no jekyll on the PATH (Debian: apt-get install jekyll)")
def test_jekyll_shows_the_same_items_and_links_in_the_same_order(
    real_site: Path, newsletter: Newsletter, tmp_path: Path
) -> None:
    source, made = tmp_path / "source", tmp_path / "made"
    shutil.copytree(SHARED / "archive", source)
    (source / "_layouts").mkdir()
    (source / "_layouts" / "default.html").write_text("<!DOCTYPE html><html><body>{{ content }}</body></html>\n")
    command = [str(JEKYLL), "build", "--quiet", "--disable-disk-cache", "--source", source, "--destination", made]
    subprocess.run(command, check=True, capture_output=True)
    for file in sorted((SHARED / "archive").glob("*.md")):
        html = text(made / f"{file.stem}.html")
        whole = text(real_site / f"{file.stem}.html")
        ours = addresses(whole[whole.index("<main>") : whole.rindex('<nav class="turn"')])
        theirs = [address for address in addresses(html) if "://" in address or address.startswith("mailto:")]
        assert in_order(theirs, ours) == [], f"{file.name}: a link of Jekyll's page that ours has not"
        entries = [entry for entry in read(text(file), newsletter).issue.entries if entry.url]
        # kramdown takes an item for a table when there is a `|` in each of its lines, and its link for text
        tables = {
            unquote(entry.url or "")
            for entry in entries
            if all("|" in line for line in write_item(entry, newsletter).split("\n"))
        }
        lost = in_order([unquote(entry.url or "") for entry in entries], addresses(html))
        assert set(lost) <= tables, f"{file.name}: an item that Jekyll's page has not"
