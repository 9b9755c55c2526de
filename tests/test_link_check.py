"""Link checker: status of links, requests made for it, cache of results."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedai_nb.capture import FetchLimits
from embedai_nb.capture.link_check import FRESH, LinkChecker
from embedai_nb.checks import Context, check
from embedai_nb.model import Issue, Item, Newsletter, Section
from tests.loopback import Handler, Sites, running

TODAY = datetime.date(2031, 5, 4)


@pytest.fixture
def sites() -> Iterator[Sites]:
    with running() as sites:
        yield sites


def looked(folder: Path, sites: Sites, *urls: str, today: datetime.date = TODAY) -> LinkChecker:
    links = LinkChecker(folder, sites.fetcher(), today, "zh-CN")
    links.check(urls)
    return links


def state(links: LinkChecker, url: str) -> str | None:
    found = links.status(url)
    return found.state if found else None


def test_a_page_is_requested_with_head(tmp_path: Path, sites: Sites) -> None:
    sites.page("HEAD site.test/a")
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == "ok"
    assert sites.places() == ["HEAD site.test/a"]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 501])
def test_a_refused_head_request_is_repeated_with_get(tmp_path: Path, sites: Sites, status: int) -> None:
    sites.page("HEAD site.test/a", status=status)
    sites.page("site.test/a", "text")
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == "ok"


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, "dead"), (410, "dead"), (401, "unknown"), (403, "unknown"), (429, "unknown"), (500, "unknown")],
)
def test_only_a_page_that_is_gone_is_dead(tmp_path: Path, sites: Sites, status: int, expected: str) -> None:
    sites.page("site.test/a", status=status)
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == expected


def test_redirects_are_followed(tmp_path: Path, sites: Sites) -> None:
    sites.page("site.test/a", status=301, Location="https://site.test/b")
    sites.page("site.test/b", status=404)
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == "dead"


def test_a_private_address_is_not_requested(tmp_path: Path, sites: Sites) -> None:
    assert state(looked(tmp_path, sites, "http://127.0.0.1/a"), "http://127.0.0.1/a") == "unknown"
    assert sites.asked == []


def test_a_good_result_is_cached_with_its_date_for_a_week(tmp_path: Path, sites: Sites) -> None:
    url = "https://site.test/a"
    sites.page("site.test/a")
    looked(tmp_path, sites, url)
    again = looked(tmp_path, sites, url, today=TODAY + FRESH - datetime.timedelta(days=1))
    assert again.known[url].date == TODAY
    assert len(sites.asked) == 1
    assert looked(tmp_path, sites, url, today=TODAY + FRESH).known[url].date == TODAY + FRESH


def test_any_other_link_is_requested_again(tmp_path: Path, sites: Sites) -> None:
    url = "https://site.test/a"
    assert state(looked(tmp_path, sites, url), url) == "dead"
    sites.page("site.test/a")
    assert state(looked(tmp_path, sites, url), url) == "ok"


def test_each_link_is_requested_once(tmp_path: Path, sites: Sites) -> None:
    sites.page("site.test/a")
    looked(tmp_path, sites, "https://site.test/a", "https://site.test/a")
    assert len(sites.asked) == 1


def test_an_unreadable_cache_counts_as_empty(tmp_path: Path, sites: Sites) -> None:
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "links.json").write_text("{", encoding="utf-8")
    sites.page("site.test/a")
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == "ok"


# --- what sites demand of a client --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202, 203, 204, 206])
def test_every_status_of_success_is_good(tmp_path: Path, sites: Sites, status: int) -> None:
    sites.page("site.test/a", status=status)
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == "ok"


def test_twenty_redirects_are_followed_and_no_more(tmp_path: Path, sites: Sites) -> None:
    for n in range(21):
        sites.page(f"site.test/{n}", status=302, Location=f"/{n + 1}")
    sites.page("site.test/21")
    links = looked(tmp_path, sites, "https://site.test/1", "https://site.test/0")
    assert state(links, "https://site.test/1") == "ok"
    assert state(links, "https://site.test/0") == "unknown"


def test_a_site_that_redirects_until_its_cookie_comes_back_is_good(tmp_path: Path, sites: Sites) -> None:
    def answer(handler: Handler) -> None:
        if "seen=1" in handler.headers.get("Cookie", ""):
            handler.answer(200, {}, b"")
        else:
            handler.answer(302, {"Location": "/a", "Set-Cookie": "seen=1; Path=/"}, b"")

    sites.answers["site.test/a"] = answer
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == "ok"


def test_cookies_go_to_no_other_site_and_into_no_other_check(tmp_path: Path, sites: Sites) -> None:
    sites.page("site.test/a", status=302, Location="http://quiet.test/", Set_Cookie="seen=1")
    sites.page("site.test/b")
    sites.page("quiet.test/")
    looked(tmp_path, sites, "http://site.test/a", "http://site.test/b")
    assert not any("Cookie" in headers for _, headers in sites.asked)


def test_cookies_without_end_are_not_sent_back(tmp_path: Path, sites: Sites) -> None:
    sites.page("site.test/a", status=302, Location="/b", Set_Cookie="seen=" + "x" * 9000)
    sites.page("site.test/b")
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == "ok"
    assert not any("Cookie" in headers for _, headers in sites.asked)


def test_the_headers_of_a_large_file_are_enough(tmp_path: Path, sites: Sites) -> None:
    sites.page("HEAD site.test/a.zip", status=405)
    sent: list[bytes] = []

    def endless() -> Iterator[bytes]:
        while True:
            sent.append(b"x" * 65536)
            yield sent[-1]

    sites.answers["site.test/a.zip"] = lambda handler: handler.say(endless(), {"Content-Length": "9000000000"})
    assert state(looked(tmp_path, sites, "https://site.test/a.zip"), "https://site.test/a.zip") == "ok"
    assert len(sent) < 1000


def test_a_head_request_that_hangs_leaves_time_for_get(tmp_path: Path, sites: Sites) -> None:
    over = threading.Event()
    sites.answers["HEAD site.test/a"] = lambda handler: over.wait() and None
    sites.page("site.test/a")
    links = LinkChecker(tmp_path, sites.fetcher(FetchLimits(seconds=1.5, interval=0, intervals={})), TODAY, "zh-CN")
    links.check(["https://site.test/a"])
    over.set()
    assert state(links, "https://site.test/a") == "ok"


def test_a_head_request_that_is_cut_off_is_repeated_with_get(tmp_path: Path, sites: Sites) -> None:
    sites.answers["HEAD site.test/a"] = lambda handler: handler.connection.close()
    sites.page("site.test/a")
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == "ok"


# --- parts of a page ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("part", "ok"),
        ("%E4%BA%8C", "ok"),
        ("old", "ok"),
        ("usage", "ok"),  # GitHub writes user-content- before the ids of a README
        ("gone", "no-fragment"),
        ("", "ok"),
        ("top", "ok"),
        ("/route", "ok"),
        ("!route", "ok"),
        (":~:text=solder", "ok"),
        ("L10-L20", "ok"),
        ("page=3", "ok"),
    ],
)
def test_a_fragment_names_an_element_of_the_page(tmp_path: Path, sites: Sites, fragment: str, expected: str) -> None:
    body = "<h2 id=part>x</h2><h2 id='二'>x</h2><a name=old>x</a><h2 id=user-content-usage>x</h2>"
    sites.page("site.test/a", body, Content_Type="text/html; charset=utf-8")
    url = f"https://site.test/a#{fragment}"
    assert state(looked(tmp_path, sites, url), url) == expected


@pytest.mark.parametrize(("kind", "size"), [("application/pdf", 10), ("text/html", 5_000_001)])
def test_no_fragment_is_missed_in_a_file_that_is_no_page_or_too_large(
    tmp_path: Path, sites: Sites, kind: str, size: int
) -> None:
    sites.page("site.test/a", b"x" * size, Content_Type=kind)
    url = "https://site.test/a#gone"
    assert state(looked(tmp_path, sites, url), url) == "ok"


def test_a_missing_fragment_is_a_note(tmp_path: Path, sites: Sites, newsletter: Newsletter) -> None:
    url = "https://site.test/a#gone"
    sites.page("site.test/a", "<p id=part>", Content_Type="text/html")
    links = looked(tmp_path, sites, url)
    issue = Issue(date=TODAY, sections=(Section(name="论文", items=(Item(title="A", url=url),)),))
    found = [f for f in check(issue, Context(newsletter, link_status=links.status)) if f.rule == "missing-fragment"]
    assert [(f.severity, url in f.message) for f in found] == [("note", True)]


# --- articles of WeChat -------------------------------------------------------------------------------------------

MESSAGE = (
    '<title></title><div class="weui-msg"><h2 class="weui-msg__title">{}</h2></div><script>var m = "环境";</script>'
)
WECHAT = "https://mp.weixin.qq.com/s/abc"


@pytest.mark.parametrize(
    "page",
    ["<h1>该内容已被发布者删除</h1>", '<meta property="og:title" content="该公众号已迁移"><h1></h1>', "<p>链接已过期"],
)
def test_wherever_it_says_so(tmp_path: Path, sites: Sites, page: str) -> None:
    sites.page("mp.weixin.qq.com/s/abc", page)
    assert state(looked(tmp_path, sites, WECHAT), WECHAT) == "dead"


@pytest.mark.parametrize(
    "text",
    [
        "该内容已被发布者删除",
        "该内容已被发送人删除",
        "该文章已被作者删除</h2><p>内容已被作者删除",
        "此内容因违规无法查看",
        "此内容因违规已删除",
        "此内容被投诉且经审核涉嫌侵权，无法查看。",
        "此内容发送失败无法查看",
        "此内容因涉嫌违反相关法律法规和政策发送失败",
        "根据作者隐私设置，无法查看该内容",
        "该公众号已迁移",
        "该公众号已被封禁",
        "此帐号已被屏蔽，内容无法查看",
        "此账号已自主注销，内容无法查看",
        "帐号已被系统回收",
        "链接已过期",
        "该链接已失效",
        "参数错误",
        "该内容已被<br>\n  发布者删除",
    ],
)
def test_an_article_of_which_wechat_says_that_it_is_gone_is_dead(tmp_path: Path, sites: Sites, text: str) -> None:
    sites.page("mp.weixin.qq.com/s/abc", MESSAGE.format(text))
    assert state(looked(tmp_path, sites, WECHAT), WECHAT) == "dead"


@pytest.mark.parametrize(
    "page",
    [
        '<meta property="og:title" content="该内容已被发布者删除：一篇旧文的故事"><div id="js_content">链接已过期</div>',
        '<h1 id="activity-name">新闻</h1><div id="js_content">该内容已被发布者删除，此账号已自主注销。</div>',
        '<meta property="og:title" content="新闻"><script>t = "该公众号已迁移"</script>',
    ],
)
def test_an_article_that_tells_of_others_being_gone_is_good(tmp_path: Path, sites: Sites, page: str) -> None:
    sites.page("mp.weixin.qq.com/s/abc", page)
    assert state(looked(tmp_path, sites, WECHAT), WECHAT) == "ok"


@pytest.mark.parametrize("page", [MESSAGE.format("环境异常"), MESSAGE.format("系统出错"), ""])
def test_an_article_that_wechat_does_not_show_is_unknown(tmp_path: Path, sites: Sites, page: str) -> None:
    sites.page("mp.weixin.qq.com/s/abc", page)
    assert state(looked(tmp_path, sites, WECHAT), WECHAT) == "unknown"


def test_of_other_sites_only_the_status_counts(tmp_path: Path, sites: Sites) -> None:
    sites.page("site.test/a", MESSAGE.format("该内容已被发布者删除"))
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == "ok"
