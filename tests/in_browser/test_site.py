"""The site in a real browser: search finds every text, nothing is loaded from elsewhere, no text runs."""

from __future__ import annotations

import contextlib
import datetime
import functools
import http.server
import json
import random
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import pytest

from embedai_nb.catalogue import Catalogue
from embedai_nb.catalogue.records import ItemRecord, item_record
from embedai_nb.catalogue.search import Marked
from embedai_nb.editor import form
from embedai_nb.markdown import read
from embedai_nb.model import Issue, Item, Newsletter, Section
from embedai_nb.site.build import build_site
from embedai_nb.site.issue_entry import issue_entry
from embedai_nb.site.issue_source import LoadedIssue
from embedai_nb.site.serve import site_server
from embedai_nb.text.folding import conversions, fold
from embedai_nb.text.search_terms import parse_terms, pattern
from tests.conftest import PROJECT, SHARED
from tests.test_site import archive, issue, item, pages, real_archive, text

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

pytestmark = pytest.mark.browser


DAY = datetime.date(2031, 5, 4)
PATIENCE = 300_000
"""Milliseconds after which a test that hangs is given up; no test passes or fails by the speed of the machine."""
WORDS = [
    *(
        "量化",
        "剪枝",
        "蒸馏",
        "部署",
        "推理",
        "芯片",
        "高通",
        "华为",
        "联发科",
        "英伟达",
        "谷歌",
        "苹果",
        "三星",
        "小米",
    ),
    *(
        "框架",
        "编译",
        "压缩",
        "加速",
        "端侧",
        "移动端",
        "卷积",
        "稀疏",
        "低比特",
        "二值",
        "检测",
        "分割",
        "语音",
        "人脸",
    ),
    *("训练", "架构", "边缘", "内存", "带宽", "功耗", "算子", "汇编", "指令", "寄存器", "异构", "自动驾驶", "神经网络"),
    *("知识蒸馏", "模型压缩", "TensorFlow", "ncnn", "TVM", "RISC-V", "INT8", "MobileNet", "百度"),
]


class _Files(http.server.SimpleHTTPRequestHandler):
    """What any web server does that knows nothing but files."""

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name in the standard library
        pass


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder under some path of a server on this machine."""
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Files, directory=str(folder.parent))
    ) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/{folder.name}/"
        server.shutdown()
        thread.join()


@dataclass
class Opened:
    """A tab, and whatever its pages did that they should not have done."""

    tab: Page
    address: str
    deeds: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tab.set_default_timeout(PATIENCE)
        self.tab.on("request", self._requested)
        self.tab.on("console", lambda message: self.deeds.append(message.text))
        self.tab.on("pageerror", lambda error: self.deeds.append(str(error)))
        self.tab.on("dialog", lambda dialog: (self.deeds.append(dialog.message), dialog.dismiss()))

    def _requested(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:,")):
            self.deeds.append(request.url)

    def goto(self, name: str) -> None:
        self.tab.goto(self.address + quote(name, safe="/?=%"))

    def search(self, query: str) -> list[str]:
        """Search for something until nothing is left; gives the addresses that were found."""
        self.tab.wait_for_load_state()  # it may just have reloaded
        self.tab.get_by_role("searchbox").fill(query)
        self.tab.get_by_role("searchbox").press("Enter")
        more = self.tab.locator("#results button")
        self.tab.wait_for_function(SETTLED)
        while more.is_visible():
            more.dispatch_event("click")
            self.tab.wait_for_function(SETTLED)
        return self.tab.evaluate(
            "[...document.querySelectorAll('#results li a')].map(link => link.getAttribute('href'))"
        )


SETTLED = """() => {
  const status = document.querySelector("[role=status]"), {searching} = document.querySelector("#results").dataset;
  return status.textContent && status.textContent !== searching;
}"""


@contextlib.contextmanager
def opened(browser: Browser, site: Path, **options: object) -> Iterator[Opened]:
    with served(site) as address:
        tab = browser.new_page(**options)
        yield Opened(tab, address)
        tab.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three issues with what a search can be asked for."""
    folder = tmp_path_factory.mktemp("search")
    papers = [
        item("ＮＰＵ上的混合精度𠮷训练", "机器之心", "https://e.com/1"),
        item("用 TensorFlow Lite 部署", "C++", "https://e.com/2"),
        Item(title="RISC-V", url="https://e.com/3", tags=["2104.14129"], text="甲\n    - 嵌套的量化\n    - 另一条剪枝"),
    ]
    issues = [
        issue("2030-03-02", headline=["量化"], lead="导读里的蒸馏", papers=papers),
        issue("2031-05-04", papers=papers[:1]),
        issue("2031-05-18", headline=["NPU"]),
    ]
    return build_site(archive(folder / "issues", issues), folder / "site", "").folder


@pytest.fixture(scope="module")
def real_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real")
    return build_site(real_archive(folder / "issues"), folder / "site", "https://e.com/site/").folder


# --- search ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("混合", ["2031-05-04.html#论文.1", "2030-03-02.html#论文.1"]),
        ("npu 训练", ["2031-05-04.html#论文.1", "2030-03-02.html#论文.1"]),
        ("𠮷", ["2031-05-04.html#论文.1", "2030-03-02.html#论文.1"]),
        ("ｔｅｎｓｏｒ", ["2030-03-02.html#论文.2"]),
        ("tensorflow-lite", ["2030-03-02.html#论文.2"]),
        ("flow lite", []),
        ("C++，部署", ["2030-03-02.html#论文.2"]),
        ("npu訓練", ["2031-05-04.html#论文.1", "2030-03-02.html#论文.1"]),
        ("2104.14129", ["2030-03-02.html#论文.3"]),
        ("嵌套的量化", ["2030-03-02.html#论文.3"]),
        ("量化", ["2030-03-02.html", "2030-03-02.html#论文.3"]),
        ("蒸馏", ["2030-03-02.html"]),
        ("热身", ["2031-05-18.html", "2031-05-04.html", "2030-03-02.html"]),
        ("嵌套 混合", []),
        ("__proto__", []),
        ("<img src=x onerror=alert(1)>", []),
        ("\\", []),
    ],
)
def test_search(query: str, expected: Sequence[str], browser: Browser, site: Path) -> None:
    with opened(browser, site) as found:
        found.goto("index.html")
        assert [unquote(address) for address in found.search(query)] == expected
        count = f"找到 {len(expected)} 条" if expected else f"没有找到“{query}”"
        assert found.tab.get_by_role("status").inner_text() == count
        assert found.deeds == []


def test_a_result_says_date_and_section_marks_the_match_and_leads_there(browser: Browser, site: Path) -> None:
    with opened(browser, site) as found:
        found.goto("index.html")
        found.search("npu 训练")
        first = found.tab.locator("#results li").first
        assert first.locator(".by").inner_text() == "2031-05-04 · 论文"
        assert first.locator("h2 mark").all_inner_texts() == ["ＮＰＵ", "训练"]
        assert first.locator("p mark").all_inner_texts() == ["ＮＰＵ", "训练"]
        assert not found.tab.locator("#contents").is_visible()
        first.get_by_role("link").click()
        assert unquote(found.tab.url).endswith("2031-05-04.html#论文.1")
        found.tab.go_back()
        assert found.tab.get_by_role("searchbox").input_value() == "npu 训练", "the query is part of the address"
        found.tab.wait_for_selector("#results li")
        assert found.deeds == []


def test_every_page_has_a_bar_that_leads_to_the_results(browser: Browser, site: Path) -> None:
    with opened(browser, site) as found:
        for name in ("2031-05-18.html", "sections/论文.html"):
            found.goto(name)
            found.tab.get_by_role("searchbox").fill("混合")
            found.tab.get_by_role("searchbox").press("Enter")
            found.tab.wait_for_selector("#results li")
            assert found.tab.locator("#results li").count() == 2
        assert found.deeds == []


def test_typing_searches_and_an_empty_bar_shows_the_index_again(browser: Browser, site: Path) -> None:
    with opened(browser, site) as found:
        found.goto("index.html")
        found.tab.get_by_role("searchbox").press_sequentially("混合")
        found.tab.wait_for_selector("#results li")
        found.tab.get_by_role("searchbox").fill("")
        found.tab.wait_for_selector("#contents:visible")
        assert not found.tab.locator("#results").is_visible()


def test_a_search_goes_back_through_all_segments_as_far_as_one_wants(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embedai_nb.site.search_index.SEGMENT", 3)
    issues = [issue(str(DAY + datetime.timedelta(days=number))) for number in range(40)]
    site = build_site(archive(tmp_path / "issues", issues), tmp_path / "site", "").folder
    with opened(browser, site) as found:
        found.goto("index.html?q=的新闻")
        found.tab.wait_for_selector("#results button:visible")
        assert "更早的各期还没有查" in found.tab.get_by_role("status").inner_text()
        dates = [address[:10] for address in found.search("的新闻")]
        assert dates == [str(one.date) for one in reversed(issues)]
        assert found.tab.get_by_role("status").inner_text() == "找到 40 条"
        assert [address[:10] for address in found.search(f"{DAY}的")] == [str(DAY)]
        assert found.deeds == []


def test_search_data_that_cannot_be_read_is_said(browser: Browser, site: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(site, tmp_path / "site"))
    shutil.rmtree(copy / "search")
    with opened(browser, copy) as found:
        found.goto("index.html")
        assert found.search("混合") == []
        assert "读不到" in found.tab.get_by_role("status").inner_text()


def test_site_catalogue_and_form_find_what_a_plain_scan_of_the_texts_finds(
    browser: Browser, real_site: Path, newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Items by their place on the site, of two hundred queries; leads and warm-ups are found on the site alone."""
    issues = {file.stem: read(text(file), newsletter).issue for file in sorted((SHARED / "archive").glob("*.md"))}
    records, anchors = dict[str, ItemRecord](), dict[tuple[str, str, str], str]()
    for date, each in issues.items():
        loaded = LoadedIssue(each, Path(date), "")
        entries = [(section.name, entry) for section in each.sections for entry in section.entries]
        for (section, entry), row in zip(entries, issue_entry(loaded, each.date, newsletter).rows, strict=True):
            place, record = f"{date}.html#{row.anchor}", item_record(section, entry, newsletter.marks.colon)
            records[place] = record
            anchors[date, record.title, record.url] = place
    folded = {place: fold(f"{record.heading}\n{record.text}") for place, record in records.items()}

    monkeypatch.setattr(form, "MAX_HITS", 10_000)
    asked = SimpleNamespace(
        session=SimpleNamespace(folder=real_site.parent / "issues", newsletter=newsletter, date=None)
    )
    with opened(browser, real_site) as found, Catalogue(asked.session.folder, newsletter) as catalogue:
        found.goto("index.html")
        for query in queries(["".join(record.heading + record.text) for record in records.values()]):
            scan = {
                place for place, whole in folded.items() if all(pattern(t).search(whole) for t in parse_terms(query))
            }
            hits = catalogue.search(query, limit=10_000)
            form.Form.search(asked, query)
            assert {anchors[str(hit.date), shown(hit.title), hit.url] for hit in hits} == scan, query
            assert len(asked.hits["hits"]) == len(hits), query
            assert {unquote(address) for address in found.search(query)} & set(records) == scan, query
        assert found.deeds == []


def shown(title: Marked) -> str:
    return "".join(piece for piece, _ in title)


def queries(texts: Sequence[str]) -> list[str]:
    """Usual words, and pieces of the texts as somebody may type them."""
    chance = random.Random(200)
    traditional = {simple: sign for sign, simple in conversions().items() if len(simple) == 1}
    changes: list[Callable[[str], str]] = [
        str,
        str.upper,
        lambda piece: piece.replace(" ", "-"),
        lambda piece: piece.replace(" ", ""),
        lambda piece: re.sub("(?<=[一-龥])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[一-龥])", " ", piece),
        lambda piece: "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in piece),
        lambda piece: "".join(traditional.get(sign, sign) for sign in piece),
        lambda piece: "，".join(piece.split()),
    ]
    found = dict.fromkeys([*WORDS, "7nm", "7 nm", "int8", "INT4量化", "gpt 4", "tensorflow-lite", "voila", "晶片"])
    while len(found) < 200:
        piece = re.findall(r"\w+(?:[ .-]\w+)*|\w+", chance.choice(texts))
        found[chance.choice(changes)(chance.choice(piece)[: chance.randint(2, 14)])] = None
    return list(found)


# --- nothing runs ---------------------------------------------------------------------------------------------


def hostile_issues() -> list[Issue]:
    """CommonMark's examples and the naughty strings, each as title, source and text of an item."""
    files = [SHARED / "vectors" / name for name in ("commonmark.json", "blns.json")]
    if not all(file.is_file() for file in files):
        pytest.skip(f"no vectors in {SHARED}")
    examples = [example["markdown"] for example in json.loads(text(files[0]))] + json.loads(text(files[1]))
    assert len(examples) > 1100
    return [
        Issue(
            date=DAY + datetime.timedelta(days=start),
            headline=examples[start : start + 3],
            lead=examples[start],
            sections=[
                Section(
                    name=f"论文{examples[start + 1]}",
                    items=[
                        Item(title=example, source=example[:40], url=f"https://e.com/{start}", fields={"摘要": example})
                        for example in examples[start : start + 120]
                    ],
                )
            ],
        )
        for start in range(0, len(examples), 120)
    ]


def test_no_page_with_hostile_texts_runs_or_loads_anything(
    browser: Browser, tmp_path: Path, newsletter: Newsletter
) -> None:
    site = build_site(archive(tmp_path / "issues", hostile_issues()), tmp_path / "site", "https://e.com/site/").folder
    names = [str(path.relative_to(site)) for path in pages(site)]
    shown = [name for name in names if not name.startswith("sources/")]
    with opened(browser, site) as found:
        for name in shown + names[::25]:
            found.goto(name)
        found.goto("index.html")
        for query in ("alert", "<script>", "javascript:", "onerror", "foo"):
            assert found.search(query), query
            found.tab.locator("#results li").first.hover()
            assert found.tab.locator("#results :is(script, img, svg, iframe)").count() == 0
        assert found.deeds == []


# --- for everybody --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        "index.html?q=量化",
        "2020-11-30.html",
        "sections/论文.html",
        "sources.html",
        "2020.html",
        "404.html",
    ],
)
def test_axe_finds_nothing(name: str, scheme: str, axe: str, browser: Browser, real_site: Path) -> None:
    with opened(browser, real_site, color_scheme=scheme) as found:
        found.goto(name)
        if "q=" in name:
            found.tab.wait_for_selector("#results li")
        assert violations(found, axe) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["2021-07-18.html", "2021-07-18.wechat.html"])
def test_axe_finds_nothing_in_what_is_published(name: str, scheme: str, axe: str, browser: Browser) -> None:
    with opened(browser, PROJECT / "issues" / "archive", color_scheme=scheme) as found:
        found.goto(name)
        assert violations(found, axe) == []


def violations(found: Any, axe: str) -> list[tuple[str, str, str]]:
    """How grave each is, what it is, and where it is first."""
    found.tab.evaluate(axe)
    said = found.tab.evaluate("axe.run().then(({violations}) => violations)")
    return [(one["impact"], one["id"], one["nodes"][0]["html"]) for one in said]


THEME = """
theme:
  light: {paper: "#fdfcf8", tint: "#f3f0e6", line: "#ddd7c6", link: "#00605c", accent: "#00695c"}
  dark: {paper: "#101614", tint: "#1b2422", link: "#7fd6c8", accent: "#5fd0bd"}
  font: "'Noto Serif CJK SC', Georgia, serif"
  logo: logo.svg
  footer: "[来源](sources.html)"
"""
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z" fill="#00897b"/></svg>'


@pytest.fixture(scope="module")
def themed_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = real_archive(tmp_path_factory.mktemp("themed") / "issues")
    with (folder / "newsletter.yaml").open("a", encoding="utf-8") as file:
        file.write(THEME)
    (folder / "theme").mkdir()
    (folder / "theme" / "logo.svg").write_text(LOGO)
    (folder / "theme" / "style.css").write_text("h2 { border-bottom-style: dotted; }\n")
    return build_site(folder, folder.parent / "site", "https://e.com/site/").folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name", ["index.html", "index.html?q=量化", "2020-11-30.html", "sections/论文.html", "tags.html"]
)
def test_axe_finds_nothing_with_a_theme(name: str, scheme: str, axe: str, browser: Browser, themed_site: Path) -> None:
    with opened(browser, themed_site, color_scheme=scheme) as found:
        found.goto(name)
        if "q=" in name:
            found.tab.wait_for_selector("#results li")
        assert violations(found, axe) == []


def test_a_theme_colours_light_and_dark_pages_apart_and_loads_only_its_own(browser: Browser, themed_site: Path) -> None:
    expected = {"light": ("rgb(253, 252, 248)", "#ddd7c6"), "dark": ("rgb(16, 22, 20)", "#353c44")}
    for scheme, (paper, line) in expected.items():
        with opened(browser, themed_site, color_scheme=scheme, viewport={"width": 320, "height": 640}) as found:
            for name in ("index.html", "2020-11-30.html", "tags/cvpr2020.html"):
                found.goto(name)
                assert found.tab.evaluate("getComputedStyle(document.body).backgroundColor") == paper
                shown = found.tab.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--line')")
                assert shown.strip() == line, "what is said of light screens alone is not on dark ones"
                assert found.tab.evaluate("[...document.images].every(image => image.naturalWidth)")
                assert found.tab.evaluate("document.documentElement.scrollWidth") == 320
            assert found.deeds == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_is_wider_than_the_window(width: int, browser: Browser, real_site: Path) -> None:
    with opened(browser, real_site, viewport={"width": width, "height": 844}) as found:
        for name in ("index.html", "2020-11-30.html", "sections/开源项目.html", "sources.html", "2020.html"):
            found.goto(name)
            assert found.tab.evaluate("document.documentElement.scrollWidth") == width, name


def test_paper_shows_neither_bar_nor_links_to_other_issues(browser: Browser, real_site: Path) -> None:
    with opened(browser, real_site) as found:
        found.tab.emulate_media(media="print", color_scheme="dark")
        found.goto("2020-11-30.html")
        assert not found.tab.locator("nav.site").is_visible()
        assert not found.tab.locator("nav.turn").is_visible()
        assert found.tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


# --- preview --------------------------------------------------------------------------------------------------


def test_an_open_page_reloads_when_a_draft_is_saved_and_says_what_is_wrong_with_it(
    browser: Browser, tmp_path: Path
) -> None:
    folder = archive(tmp_path / "issues")
    (folder / "drafts").mkdir()
    draft = folder / "drafts" / "2031-06-01.yaml"
    good = "schema: 1\ndate: 2031-06-01\nheadline: [草稿]\nsections:\n- name: 论文\n  items:\n  - title: 忆阻器\n    url: https://e.com\n"
    draft.write_text(good, "utf-8")
    saved = ["drafts/2031-06-01.yaml"]
    with site_server(folder, 0) as (live, address):
        live.refresh([])
        tab = browser.new_page()
        found = Opened(tab, address)
        found.goto("2031-06-01.html")
        assert "草稿" in tab.locator("h1").inner_text()

        draft.write_text(good.replace("草稿", "改过的草稿"), "utf-8")
        live.refresh(saved)
        tab.wait_for_selector("h1:has-text('改过的草稿')")

        draft.write_text("headline: [\n", "utf-8")
        live.refresh(saved)
        tab.wait_for_selector("pre.problem:has-text('2031-06-01.yaml:2')")
        tab.goto(address)
        tab.wait_for_selector("pre.problem:has-text('2031-06-01.yaml:2')")

        draft.write_text(good, "utf-8")
        live.refresh(saved)
        tab.wait_for_selector("body:not(:has(pre.problem)) .latest h2:has-text('草稿')")
        assert found.search("忆阻") == ["2031-06-01.html", "2031-06-01.html#%E8%AE%BA%E6%96%87.1"]
        assert found.deeds == []
        tab.close()
