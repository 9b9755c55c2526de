"""Capture: pasted links become items with metadata fetched from their sites."""

from __future__ import annotations

import datetime
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from embedai_nb.capture import CAPTURERS, Captured, ResponseCache, add_items, capture, is_pending, parse_pasted, retry
from embedai_nb.capture.draft import capture_into_draft
from embedai_nb.capture.messages import FAILURES
from embedai_nb.capture.url_cleaning import cleaned
from embedai_nb.cli import run
from embedai_nb.drafts import DraftStore
from embedai_nb.markdown import reads, writes
from embedai_nb.model import Issue, Item, Newsletter, Section

from .conftest import DATA, PROJECT, SHARED
from .loopback import Handler, Sites, running

DAY = datetime.date(2031, 5, 4)
PAGE = "<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


def data(name: str) -> str:
    return (DATA / "capture" / name).read_text(encoding="utf-8")


def blocks(name: str) -> list[Any]:
    """Blocks of a fixture: title, pasted text, captured items without network."""
    found = [block.split("~~~\n") for block in data(name).split("====\n")]
    return [pytest.param(*head.split("\n", 1)[1:], yaml.safe_load(end), id=head.split("\n")[0]) for head, end in found]


def told(captured: Captured) -> dict[str, Any]:
    if captured.item is None:
        return {"refused": captured.refusal.split("。")[0]}
    return {"section": captured.section} | captured.item.model_dump(mode="json", exclude_defaults=True)


@pytest.fixture
def sites() -> Iterator[Sites]:
    with running() as sites:
        sites.page("export.arxiv.org/api/query?max_results=1&id_list=2101.00001", data("paper.xml"))
        sites.page("api.github.com/repos/octo/tiny-net", data("repository.json"))
        sites.page(
            "api.github.com/repos/octo/tiny-net/releases/latest",
            json.dumps({"tag_name": "v1.2", "published_at": "2031-04-01T08:00:00Z"}),
        )
        sites.page("mp.weixin.qq.com/s/abc", data("article.html"), Content_Type="text/html; charset=UTF-8")
        sites.page("mp.weixin.qq.com/s/blocked", data("verification.html"))
        yield sites


def item(text: str, sites: Sites, newsletter: Newsletter, **options: Any) -> Item:
    (captured,) = capture(text, newsletter, sites.fetcher(**options))
    assert captured.item is not None
    return captured.item


# --- pasted text ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "expected"), blocks("pasted.txt"))
def test_pasted(text: str, expected: list[dict[str, Any]], newsletter: Newsletter) -> None:
    assert [told(captured) for captured in capture(text, newsletter, None)] == expected


def test_line_ends_of_windows_tabs_and_invisible_characters(newsletter: Newsletter) -> None:
    found = capture("\u200bocto/tiny-net\t\r\n\ufeff2104.14129\r\n", newsletter, None)
    assert [captured.item and captured.item.url for captured in found] == [
        "https://github.com/octo/tiny-net", "https://arxiv.org/abs/2104.14129",
    ]  # fmt: skip


def test_another_newsletter_has_other_sections(potting_shed: Newsletter) -> None:
    found = capture("octo/tiny-net\n2104.14129\nhttps://mp.weixin.qq.com/s/abc", potting_shed, None)
    assert [captured.section for captured in found] == ["Tools", "Seeds", "Seeds"]


def test_a_newsletter_without_sections() -> None:
    assert [captured.section for captured in capture("octo/tiny-net", Newsletter(name="x"), None)] == [""]


pieces = st.sampled_from(
    [
        "https://",
        "http://x.y/a",
        "octo/tiny",
        "2104.14129",
        " | ",
        "[",
        "](",
        ")",
        "\n",
        "\n\n",
        "- ",
        "1. ",
        "标题",
        "：",
        ": ",
        "#",
    ]
)


@given(text=st.lists(pieces | st.text(max_size=4), max_size=12).map("".join))
def test_anything_may_be_pasted_and_no_word_is_lost(text: str) -> None:
    newsletter = Newsletter(name="x")
    for captured in capture(text, newsletter, None):
        assert captured.item or captured.refusal
    kept = "".join(each.text for each in parse_pasted(text))
    words = [word for word in ("标题", "octo/tiny", "2104.14129") if word in text]
    assert all(word in kept for word in words)


def test_naughty_strings(newsletter: Newsletter) -> None:
    path = SHARED / "vectors" / "blns.json"
    if not path.exists():
        pytest.skip(f"no {path}")
    for text in json.loads(path.read_text(encoding="utf-8")):
        issue = add_items(Issue(date=DAY), capture(text, newsletter, None), newsletter)
        assert reads(writes(issue, newsletter), newsletter).date == DAY


@pytest.mark.parametrize(
    ("url", "cleaned_url"),
    [
        ("https://e.com/a?utm_source=x&id=1&utm_medium=y", "https://e.com/a?id=1"),
        ("https://e.com/a?from=timeline", "https://e.com/a"),
        ("https://e.com/a?from=2031-05-04&id=1", "https://e.com/a?from=2031-05-04&id=1"),
        ("https://e.com/a?b=%E7%94%B2&&c=d+e#part", "https://e.com/a?b=%E7%94%B2&&c=d+e#part"),
        ("https://e.com/a#:~:text=b", "https://e.com/a"),
        ("https://mp.weixin.qq.com/s/a#rd", "https://mp.weixin.qq.com/s/a"),
    ],
)
def test_tracking_parameters_are_removed_and_nothing_else(url: str, cleaned_url: str) -> None:
    assert cleaned(url) == cleaned_url


# --- metadata ---------------------------------------------------------------------------------------------------


def test_a_paper(sites: Sites, newsletter: Newsletter) -> None:
    found = item("2101.00001v2", sites, newsletter)
    assert found.title == r"Two Bits Are Enough: Training \*Small\* Networks on I/O"
    assert (found.source, found.tags, found.url) == ("Boards", ("2101.00001",), "https://arxiv.org/abs/2101.00001")
    assert found.note.split("\n") == [
        "作者：Ada Example、Bo Beispiel",
        "备注：8 pages",
        "代码：https://github.com/octo/tiny-net",
        "原文摘要：We train networks of two bits on boards the size of a stamp. Code: https://github.com/octo/tiny-net.",
    ]


def test_a_repository(sites: Sites, newsletter: Newsletter) -> None:
    found = item("octo/tiny-net", sites, newsletter)
    assert (found.repo, found.url) == ("octo/tiny-net", "https://github.com/octo/tiny-net")
    assert found.title == r"An engine in 100 lines, for \`int8_t\` models"
    assert found.note.split("\n")[0] == "1,234 星，Apache-2.0 许可，最新版本 v1.2（2031-04-01）"


def test_a_repository_without_anything(sites: Sites, newsletter: Newsletter) -> None:
    sites.page("gitee.com/api/v5/repos/octo/bare", '{"description": null, "license": null, "stargazers_count": "x"}')
    found = item("https://gitee.com/octo/bare", sites, newsletter)
    assert (found.title, found.note) == ("", "待补：标题\n没有写明许可")


def test_an_article(sites: Sites, newsletter: Newsletter) -> None:
    found = item("https://mp.weixin.qq.com/s/abc", sites, newsletter)
    assert (found.title, found.source, found.note) == ("晶圆厂动工，小芯片&大机会", "边缘周刊", "")


def test_what_was_typed_stays(sites: Sites, newsletter: Newsletter) -> None:
    found = item("[我的标题](https://mp.weixin.qq.com/s/abc)", sites, newsletter)
    assert (found.title, found.source) == ("我的标题", "边缘周刊")


def test_nobody_is_asked_for_what_is_there(sites: Sites, newsletter: Newsletter) -> None:
    item("我的标题 | 别处 https://mp.weixin.qq.com/s/abc", sites, newsletter)
    assert sites.asked == []


@pytest.mark.parametrize(
    ("head", "title", "source"),
    [
        ('<meta property="og:title" content="A"><meta property="og:site_name" content="B"><title>C</title>', "A", "B"),
        ('<meta name="twitter:title" content="A"><meta name="application-name" content="B">', "A", "B"),
        ("<title> A \n b </title>", "A b", "site.test"),
        ("<title>A | B</title>", "A | B", "site.test"),
        (
            "<title>A &lt;script&gt; [b](c) *d* `e` _f_ g_h</title>",
            r"A \<script> [b](c) \*d\* \`e\` \_f\_ g_h",
            "site.test",
        ),
        ("<title>I/O: a [history</title>", r"I/O\: a \[history", "site.test"),
        ("<title>A\u202eb\u200b\x01c</title>", "Abc", "site.test"),
        ("<title>" + "长" * 5000 + "</title>", "长" * 299 + "…", "site.test"),
    ],
)
def test_a_page(head: str, title: str, source: str, sites: Sites, newsletter: Newsletter) -> None:
    sites.page("site.test/", PAGE.format(head=head, body="<h1>D</h1>"))
    found = item("https://site.test/", sites, newsletter)
    assert (found.title, found.source) == (title, source)


def test_a_shortened_address_becomes_what_it_stands_for(sites: Sites, newsletter: Newsletter) -> None:
    sites.page("bit.ly/x", status=301, Location="https://mp.weixin.qq.com/s/abc?from=timeline")
    sites.page("mp.weixin.qq.com/s/abc?from=timeline", data("article.html"))
    (found,) = capture("https://bit.ly/x", newsletter, sites.fetcher())
    assert (found.section, found.item and found.item.url) == ("业界新闻", "https://mp.weixin.qq.com/s/abc")


def test_several_in_their_order_with_progress(sites: Sites, newsletter: Newsletter) -> None:
    done: list[tuple[int, int]] = []
    text = "https://mp.weixin.qq.com/s/abc\n2101.00001\nocto/tiny-net"
    found = capture(text, newsletter, sites.fetcher(), lambda *numbers: done.append(numbers))
    assert [captured.section for captured in found] == ["业界新闻", "论文", "开源项目"]
    assert [captured.missing for captured in found] == [()] * 3
    assert done == [(1, 3), (2, 3), (3, 3)]


def test_answers_are_kept_on_disk_but_no_verification_page(
    sites: Sites, newsletter: Newsletter, tmp_path: Path
) -> None:
    for _ in range(2):
        capture(
            "https://mp.weixin.qq.com/s/abc\nhttps://mp.weixin.qq.com/s/blocked",
            newsletter,
            sites.fetcher(cache=ResponseCache(tmp_path)),
        )
    assert sorted(sites.places()) == ["mp.weixin.qq.com/s/abc"] + ["mp.weixin.qq.com/s/blocked"] * 2


# --- sites that refuse, lie, or are not there -------------------------------------------------------------------

BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
BOMB += "]><feed xmlns='http://www.w3.org/2005/Atom'><entry><title>&i;</title></entry></feed>"
INCLUSION = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><feed><entry><title>&a;</title></entry></feed>'
API = "export.arxiv.org/api/query?max_results=1&id_list=2101.00001"
FEED = "<feed xmlns='http://www.w3.org/2005/Atom'>{}</feed>"


@pytest.mark.parametrize(
    ("text", "place", "body", "status", "said"),
    [
        ("https://mp.weixin.qq.com/s/x", "mp.weixin.qq.com/s/x", data("verification.html"), 200, "标题、来源（mp.weixin.qq.com 要求人工验证"),
        ("https://mp.weixin.qq.com/s/x", "mp.weixin.qq.com/s/x", "该内容已被发布者删除", 200, "标题、来源（mp.weixin.qq.com 说没有"),
        ("https://site.test/", "site.test/", "x", 403, "标题、来源（site.test 拒绝访问（403））"),
        ("https://site.test/", "site.test/", "", 200, "标题、来源（site.test 的网页没有写标题）"),
        ("https://site.test/", "site.test/", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), 200, "标题、来源（site.test 的网页没有写标题）"),
        ("https://site.test/", "site.test/", '{"title": "x"}', 200, "标题、来源（site.test 的网页没有写标题）"),
        ("octo/x", "api.github.com/repos/octo/x", "<title>x</title>", 200, "标题（api.github.com 的答复看不懂）"),
        ("octo/x", "api.github.com/repos/octo/x", "[" * 100_000, 200, "标题（api.github.com 的答复看不懂）"),
        ("octo/x", "api.github.com/repos/octo/x", "[]", 200, "标题（api.github.com 的答复看不懂）"),
        ("octo/x", "api.github.com/repos/octo/x", "", 404, "标题（api.github.com 说没有这个网页）"),
        ("2101.00001", API, BOMB, 200, "标题（export.arxiv.org 的答复看不懂）"),
        ("2101.00001", API, INCLUSION, 200, "标题（export.arxiv.org 的答复看不懂）"),
        ("2101.00001", API, "<a>" * 100_000, 200, "标题（export.arxiv.org 的答复看不懂）"),
        ("2101.00001", API, "<html><title>x</title></html>", 200, "标题（export.arxiv.org 说没有这个网页）"),
        ("2101.00001", API, FEED.format(""), 200, "标题（export.arxiv.org 说没有这个网页）"),
        ("2101.00001", API, FEED.format("<entry><id>http://arxiv.org/api/errors#x</id><title>Error</title></entry>"), 200, "标题（export.arxiv.org 说没有"),
    ],
)  # fmt: skip
def test_no_metadata(
    text: str, place: str, body: Any, status: int, said: str, sites: Sites, newsletter: Newsletter
) -> None:
    sites.page(place, body, status=status)
    (captured,) = capture(text, newsletter, sites.fetcher())
    assert captured.item is not None
    assert captured.item.title == ""
    assert captured.item.note.startswith(f"待补：{said}")
    assert is_pending(captured.item)


def test_a_site_that_was_asked_too_often(sites: Sites, newsletter: Newsletter) -> None:
    sites.page("api.github.com/repos/octo/x", status=403, X_RateLimit_Remaining="0")
    assert item("octo/x", sites, newsletter).note == "待补：标题（api.github.com 说访问太频繁，过一会儿再试）"


def test_a_page_inside_the_house_is_not_visited(sites: Sites, newsletter: Newsletter) -> None:
    assert item("http://169.254.169.254/latest/meta-data/", sites, newsletter).note == (
        "待补：标题、来源（169.254.169.254 不是公网地址，不去访问）"
    )


def test_every_reason_can_be_said(newsletter: Newsletter) -> None:
    assert all(said.format(host="x", status=1) for said in FAILURES.values())
    assert [capturer.kind for capturer in CAPTURERS] == ["paper", "repository", "article", "page"]


def test_lone_surrogates_and_control_characters_do_not_reach_the_draft(
    sites: Sites, newsletter: Newsletter, tmp_path: Path
) -> None:
    sites.page("api.github.com/repos/octo/x", r'{"description": "a\ud800b\u0000c\u0007\ufffe\nd"}')
    found = capture("octo/x", newsletter, sites.fetcher())
    (tmp_path / "drafts").mkdir()
    store = DraftStore(tmp_path)
    store.create(DAY, add_items(Issue(date=DAY), found, newsletter))
    assert store.load(DAY).issue.entries[0].title == "abc d"


# --- adding to the issue, retrying ------------------------------------------------------------------------------


def test_items_go_to_the_end_of_their_sections(newsletter: Newsletter) -> None:
    issue = Issue(date=DAY, sections=[Section(name="论文", items=[Item(title="旧")]), Section(name="读者来信")])
    found = capture("新闻 | 周刊 https://mp.weixin.qq.com/s/a\n\n2104.14129\n\nocto/x\n\nftp://x", newsletter, None)
    added = add_items(issue, found, newsletter)
    assert [(section.name, len(section.items)) for section in added.sections] == [
        ("业界新闻", 1), ("论文", 2), ("读者来信", 0), ("开源项目", 1),
    ]  # fmt: skip
    assert added.sections[1].items[0] == issue.sections[0].items[0]


def test_what_failed_is_completed_later(sites: Sites, newsletter: Newsletter) -> None:
    issue = add_items(Issue(date=DAY), capture("octo/tiny-net\n2101.00001", newsletter, None), newsletter)
    paper, repo = issue.entries
    paper = paper.model_copy(update={"title": "我写的题目", "note": f"{paper.note}\n记得看附录"})
    sections = (Section(name="博文", items=(paper,)), Section(name="开源项目", items=(repo, Item(title="别的"))))
    later, found = retry(issue.model_copy(update={"sections": sections}), newsletter, sites.fetcher())
    assert [section.name for section in later.sections] == ["博文", "开源项目"]
    assert [captured.section for captured in found] == ["博文", "开源项目"]
    assert later.entries[0].title == "我写的题目"
    assert later.entries[0].note.split("\n")[:3] == ["待补：来源", "记得看附录", "作者：Ada Example、Bo Beispiel"]
    assert later.entries[1].title.startswith("An engine")
    assert later.entries[2] == Item(title="别的")


def test_trying_again_in_vain_changes_nothing(newsletter: Newsletter) -> None:
    issue = add_items(Issue(date=DAY), capture("octo/tiny-net\nhttps://example.com/a", newsletter, None), newsletter)
    assert retry(issue, newsletter, None)[0] == issue


def test_a_slow_site_does_not_lose_what_was_pasted(sites: Sites, newsletter: Newsletter) -> None:
    def hang_up(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<ti")

    sites.answers["site.test/"] = hang_up
    assert item("我的标题 https://site.test/", sites, newsletter).title == "我的标题"


# --- the command ------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", tmp_path)
    DraftStore(tmp_path).create(DAY, Issue(date=DAY))
    old = Item(title="小引擎", url="https://github.com/octo/tiny-net", repo="octo/tiny-net")
    before = datetime.date(2031, 4, 1)
    DraftStore(tmp_path).create(before, Issue(date=before, sections=(Section(name="开源项目", items=(old,)),)))
    return tmp_path


def test_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--issues", str(folder), "capture", str(DAY), "--offline"]
    assert run([*arguments, "octo/tiny-net", "新闻 | 周刊 https://example.com/a"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "开源项目: octo/tiny-net https://github.com/octo/tiny-net",
        "  待补：标题（没有联网）",
        "  in the issue of 2031-04-01 already: octo/tiny-net：小引擎",
        "博文: 新闻 https://example.com/a",
    ]
    assert [item.title for item in DraftStore(folder).load(DAY).issue.entries] == ["", "新闻"]
    assert run([*arguments, "--retry"]) == 0
    assert "待补" in capsys.readouterr().out


def test_the_command_reads_what_comes_in(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "2104.14129\n\nhttps://mp.weixin.qq.com/s?timestamp=1&signature=abc\n标题 | 周刊\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8"))
    assert run(["--issues", str(folder), "capture", str(DAY), "--offline"]) == 1
    assert "复制链接" in capsys.readouterr().out
    assert len(DraftStore(folder).load(DAY).issue.entries) == 1


def test_the_command_without_a_draft(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--issues", str(folder), "capture", "2031-05-05", "octo/x"]) == 2
    assert "no draft of this date" in capsys.readouterr().err


def test_the_draft_may_be_edited_while_the_sites_are_asked(sites: Sites, folder: Path) -> None:
    store = DraftStore(folder)

    def edit(handler: Handler) -> None:
        draft = store.load(DAY)
        store.save(draft, draft.issue.model_copy(update={"headline": ("新的",)}))
        handler.answer(200, {}, b"<title>A</title>")

    sites.answers["site.test/"] = edit
    capture_into_draft(folder, DAY, "https://site.test/", fetcher=sites.fetcher(), progress=lambda done, of: None)
    issue = store.load(DAY).issue
    assert (issue.headline, [item.title for item in issue.entries]) == (("新的",), ["A"])
