"""The article for WeChat: what it looks like, that it holds what the page holds, and that WeChat takes it."""

from __future__ import annotations

import base64
import datetime
import hashlib
import re
import statistics
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from embedai_nb.checks import Context, check
from embedai_nb.cli import run
from embedai_nb.errors import MarkupError
from embedai_nb.html import page as pages
from embedai_nb.html.body import body
from embedai_nb.html.email import message
from embedai_nb.html.images import image_urls
from embedai_nb.html.render import inline
from embedai_nb.i18n import translator
from embedai_nb.markdown import read, writes
from embedai_nb.model import Issue, Item, Link, Newsletter, Raw
from embedai_nb.text.urls import canonical
from embedai_nb.wechat import article as articles
from embedai_nb.wechat.adapt import Adapted, adapted
from embedai_nb.wechat.budget import LIMITS, Budget, Weight
from embedai_nb.wechat.footnotes import article_resolver
from tests.conftest import DATA, PROJECT
from tests.test_email import parts
from tests.test_html import Seen, bodies, issue, letters, lines, published, vectors, whole

DAY = datetime.date(2031, 5, 4)
PLAIN = Newsletter(name="简报", archive_url="https://archive.e.com/{date}.md")

TAGS = {"section", "p", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "br", "ul", "ol", "li", "a", "span"}
TAGS |= {"table", "thead", "tbody", "tr", "th", "td", "b", "strong", "i", "em", "s", "u", "del", "sub", "sup", "code"}
FORBIDDEN = re.compile(r"position|var\(|--|url\(|expression|@import", re.IGNORECASE)


def assert_wechat_takes(html: str) -> None:
    """Nothing in it is stripped or refused, and nothing in it could act."""
    seen = Seen(html)
    assert set(seen.tags) <= TAGS
    for tag, name, value in seen.attributes:
        assert (tag, name) in {("a", "href"), ("ol", "start")} or name == "style", (tag, name)
        assert tag != "li"
        assert name != "style" or not FORBIDDEN.search(value), value
        assert name != "href" or re.match(r"https?://mp\.weixin\.qq\.com[/?#]", value), value
    lists = re.sub(r"<(?!/?(?:ul|ol)\b)[^>]*>", "", html)
    assert not re.search(r"<(?:ul|ol)[^>]*>[^<]*<(?:ul|ol)", lists)
    assert not re.search(r"</(?:p|li|h\d|section|ul|ol|tr|td)>\s+<", html)


# --- forms ----------------------------------------------------------------------------------------------------


def blocks(name: str) -> list[Any]:
    """Blocks of a fixture: title, source, and what becomes of it."""
    found = []
    for block in (DATA / "wechat" / name).read_text(encoding="utf-8").split("====\n"):
        title, rest = block.split("\n", 1)
        source, _, expected = rest.partition("~~~\n")
        found.append(pytest.param(source.removesuffix("\n"), expected.removesuffix("\n"), id=title))
    return found


def shown(html: str, *texts: str) -> Adapted:
    within = issue(*(Raw(raw=text) for text in texts))
    resolve, pictures = article_resolver(within, PLAIN), frozenset(image_urls(within))
    return adapted(html, resolve=resolve, pictures=pictures, uploaded={}, say=translator(PLAIN.language))


@pytest.mark.parametrize(("source", "expected"), blocks("lists.txt"))
def test_list(source: str, expected: str) -> None:
    assert shown(body(source)).html == expected


@pytest.mark.parametrize(("source", "expected"), blocks("links.txt"))
def test_link(source: str, expected: str) -> None:
    found = shown(inline(source), source)
    listed = [f"[{number}] {title}：{url}" for number, title, url in found.numbered]
    assert "\n".join([found.html, *listed]) == expected


def test_an_item_with_all_its_parts() -> None:
    item = Item(
        title="甲",
        source="乙报",
        url="https://mp.weixin.qq.com/s/a",
        tags=["2104.14129"],
        repo="owner/name",
        links=[Link(text="知乎", url="https://zhihu.com/1")],
        fields={"论文": "https://arxiv.org/abs/2104.14129", "摘要": "一。\n二。"},
    )
    html = re.sub(r' style="[^"]*"', "", articles.article(issue(item), PLAIN))
    assert html == (
        "<section><h2>甲</h2>"
        '<h3>[2104.14129] <a href="https://mp.weixin.qq.com/s/a"><span>owner/name</span> 甲</a></h3>'
        "<p>乙报 · 知乎<sup>[1]</sup></p>"
        "<p><b>论文：</b>https://arxiv.org/abs/2104.14129</p><p><b>摘要：</b>一。<br>二。</p>"
        "<section><h2>参考链接</h2><p>[1] 知乎：https://zhihu.com/1</p></section></section>"
    )


def test_no_list_of_links_where_there_are_none() -> None:
    assert "参考链接" not in articles.article(issue(Item(title="甲")), PLAIN)


def test_too_deep_is_an_error_that_names_it() -> None:
    with pytest.raises(MarkupError, match="甲 1: 摘要"):
        articles.article(issue(Item(title="甲", fields={"摘要": "*甲 " * 45 + "乙" + "*" * 45})), PLAIN)


# --- law 4: the same items in the same order, and every address ------------------------------------------------

ADDRESS = re.compile(r"https?://[\w\-.~:/?#@!$&'*+,;=%]+", re.ASCII)


def heads(html: str) -> list[str]:
    """The heads of the items, of which the article has more to say: tags in brackets, numbers of links."""
    found = re.findall(r"<h3[^>]*>(.*?)</h3>", html, re.DOTALL)
    return [re.sub(r"[^\w]|_", "", re.sub(r"<sup>.*?</sup>|<[^>]*>", "", head)) for head in found]


def assert_the_same_everywhere(each: Issue, newsletter: Newsletter) -> None:
    markdown, page = writes(each, newsletter), pages.fragment(each, newsletter)
    article = articles.article(each, newsletter)
    text, mail = parts(message(each, newsletter))
    assert heads(article) == heads(page) == heads(mail)
    assert len(heads(page)) == len([item for item in each.entries if item.title or item.url or item.repo or item.tags])
    assert text.strip() == markdown.removeprefix(each.front_matter or "").strip()
    assert letters(Seen(page).text) <= letters(Seen(mail).text) + letters("".join(re.findall(r"<nav>.*?</nav>", page)))
    in_page, in_mail, in_article = (Seen(html).everything for html in (page, mail, article))
    pages_in_article = {canonical(url) for url in ADDRESS.findall(in_article)}
    for url in (found.rstrip(".,:;*") for found in ADDRESS.findall(markdown)):
        assert url in in_page
        assert url in in_mail
        assert url in in_article or canonical(url) in pages_in_article, url
    assert_wechat_takes(article)


def test_law_4_for_the_sample_drafts(newsletter: Newsletter) -> None:
    for each in [*published(newsletter), whole()]:
        assert_the_same_everywhere(each, newsletter)


def test_law_4_for_real_issues(real_issues: list[Path], newsletter: Newsletter) -> None:
    for path in real_issues:
        day = datetime.date.fromisoformat(path.stem[-10:])
        assert_the_same_everywhere(read(path.read_text(encoding="utf-8"), newsletter, date=day).issue, newsletter)


def body_of(each: Issue) -> str:
    """What the page says beneath its title, which is a field of its own at WeChat."""
    return Seen(re.sub(r"<header>.*?</header>", "", pages.fragment(each, PLAIN), flags=re.DOTALL)).text


@given(text=bodies, title=lines)
def test_every_letter_of_an_item_is_in_the_article(text: str, title: str) -> None:
    each = issue(Item(title=title, text=text, url="https://e.com/x"))
    article = articles.article(each, PLAIN)
    assert letters(body_of(each)) <= letters(Seen(article).text)
    assert_wechat_takes(article)


def test_public_vectors_make_nothing_that_wechat_forbids() -> None:
    for example in vectors("commonmark.json"):
        for each in (issue(Raw(raw=example["markdown"])), issue(closing=example["markdown"])):
            article = articles.article(each, PLAIN)
            assert_wechat_takes(article)
            assert letters(body_of(each)) <= letters(Seen(article).text), example["example"]
    texts = vectors("blns.json")
    for start in range(0, len(texts), 40):
        items = (Item(title=text, text=text, url="https://e.com/") for text in texts[start : start + 40])
        assert_wechat_takes(articles.article(issue(*items), PLAIN))


# --- the budget -----------------------------------------------------------------------------------------------


def test_the_budget_counts_every_character(newsletter: Newsletter) -> None:
    for each in [*published(newsletter), whole()]:
        html, budget = articles.compose(each, newsletter)
        assert html == articles.article(each, newsletter)
        assert (budget.characters, budget.bytes) == (len(html), len(html.encode()))
        around = len(re.match(r"<section[^>]*>", html)[0])
        assert around + sum(part.characters for part in budget.items + budget.others) == budget.characters
        assert len(budget.items) == sum(len(section.items) for section in each.sections)
        assert Budget.model_validate_json(budget.model_dump_json()) == budget


def test_the_parts_of_the_budget_have_the_names_that_findings_use() -> None:
    budget = articles.weigh(issue(Raw(raw="散句"), Item(title="乙", text="长" * 500), closing="丙"), PLAIN)
    assert budget.heaviest(1) == (Weight(name="甲 1「乙」", characters=budget.items[1].characters),)
    assert [part.name for part in budget.items] == ["甲「散句」", "甲 1「乙」"]
    assert [part.name for part in budget.others] == ["导读与热身", "栏目名", "文末", "参考链接"]


def test_the_title_keeps_the_keywords_that_find_room(newsletter: Newsletter) -> None:
    keywords = ["一" * 20, "二" * 20, "三" * 20]
    budget = articles.weigh(issue(headline=keywords), newsletter)
    assert budget.title == f"嵌入式AI简报 (2031-05-04)：{'一' * 20}/{'二' * 20}"
    assert budget.whole_title.endswith(f"/{'三' * 20}")
    assert articles.weigh(issue(headline=["一" * 80, "二"]), newsletter).title.endswith("一/二")


@pytest.mark.parametrize(
    ("lead", "digest"),
    [
        ("本期2条。", "本期2条。"),
        ("> **本期**[2条](https://e.com)。\n\n另起。", "本期2条。 另起。"),
        ("一" * 120, "一" * 120),
        ("一" * 80 + "，" + "二" * 60, "一" * 80 + "…"),
        ("一，" + "二" * 200, "一，" + "二" * 117 + "…"),
        (None, "简报 (2031-05-04)"),
    ],
)
def test_the_digest_is_the_beginning_of_the_lead(lead: str | None, digest: str) -> None:
    found = articles.weigh(issue(lead=lead), PLAIN).digest
    assert found == digest
    assert len(found) <= LIMITS.digest


def test_real_issues_fit_and_styles_take_little_room(real_issues: list[Path], newsletter: Newsletter) -> None:
    sizes = {}
    for path in real_issues:
        day = datetime.date.fromisoformat(path.stem[-10:])
        html, budget = articles.compose(read(path.read_text(encoding="utf-8"), newsletter, date=day).issue, newsletter)
        sizes[path.stem] = budget.characters
        assert sum(map(len, re.findall(r' style="[^"]*"', html))) < 0.4 * budget.characters
    assert max(sizes.values()) < LIMITS.characters
    assert statistics.median(sizes.values()) < 14_500


def test_an_issue_as_long_as_they_come_is_told_what_to_shorten(real_issues: list[Path], newsletter: Newsletter) -> None:
    path = next(path for path in real_issues if path.stem == "2021-07-18")
    long = read(path.read_text(encoding="utf-8"), newsletter, date=datetime.date(2021, 7, 18)).issue
    context = Context(newsletter, wechat_budget=articles.scales(lambda draft: draft, newsletter))
    finding = next(finding for finding in check(long, context) if finding.rule == "wechat-nearly-full")
    assert re.findall(r"(?:、|最长的是)(\S+ \d+)「", finding.message) == ["开源项目 2", "业界新闻 3", "论文 3"]


def test_several_rules_weigh_once(newsletter: Newsletter) -> None:
    completed = []
    weigh = articles.scales(lambda draft: (completed.append(draft), draft)[1], newsletter)
    first, second = issue(Item(title="甲")), issue(Item(title="乙"))
    assert weigh(first) is weigh(first)
    assert weigh(second).items != weigh(first).items
    assert completed == [first, second, first]


# --- pictures -------------------------------------------------------------------------------------------------

PICTURED = issue(
    Item(title="甲", text="![图一](https://e.com/a.png) 和 ![图二](b.jpg)"),
    closing='[![徽](c.png)](https://e.com)\n\n<img alt="码" src="https://e.com/a.png">',
)


def test_pictures_are_listed_once_with_their_whole_address() -> None:
    pictures = articles.weigh(PICTURED, PLAIN).pictures
    assert [(picture.text, picture.url) for picture in pictures] == [
        ("图一", "https://e.com/a.png"),
        ("图二", "https://archive.e.com/b.jpg"),
        ("", "https://archive.e.com/c.png"),
    ]


def test_an_uploaded_picture_is_shown() -> None:
    at_wechat = {"https://e.com/a.png": "http://mmbiz.qpic.cn/a/0?from=appmsg"}
    html = articles.compose(PICTURED, PLAIN, at_wechat).html
    assert html.count('<img src="http://mmbiz.qpic.cn/a/0?from=appmsg"') == 2
    assert "图一" not in html
    assert "〔图片：图二〕" in html


def test_a_picture_from_elsewhere_never_gets_in() -> None:
    assert "<img" in articles.compose(PICTURED, PLAIN, {"https://e.com/a.png": "https://e.com/a.png"}).html
    assert "e.com/a.png" not in "".join(
        Seen(articles.compose(PICTURED, PLAIN, {"https://e.com/a.png": "https://e.com/a.png"}).html).values("src")
    )


# --- the page around it ---------------------------------------------------------------------------------------


def test_the_page_holds_the_article_and_its_budget(newsletter: Newsletter) -> None:
    each = published(newsletter)[0]
    html, budget = articles.compose(each, newsletter)
    page = articles.render(each, newsletter)
    assert f'<div id="article">{html}</div>' in page
    text = Seen(page).text
    assert budget.title in text
    assert budget.digest in text
    assert f"{budget.characters:,} / 20,000 字" in text
    assert all(part.name in text and f"{part.characters:,}" in text for part in budget.heaviest(5))
    assert all(picture.url in text for picture in budget.pictures)
    assert page == articles.render(each, newsletter)


def test_only_its_own_script_may_run_and_nothing_is_loaded(newsletter: Newsletter) -> None:
    page = articles.render(issue(headline=["</title><script>alert(1)</script>", "{{7*7}}"]), newsletter)
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in page
    assert not re.search(r"<(?:link|img|iframe|object|embed|base|form)\b|@import|url\(|\bsrc=|\bon\w+=", page)


def test_an_article_that_was_tampered_with_is_made_harmless() -> None:
    budget = articles.weigh(issue(Item(title="甲")), PLAIN)
    tampered = (
        '<p id="said" onclick="x">甲</p><script>alert(1)</script><a href="https://e.com">乙</a><img src="//e.com/x">'
    )
    page = articles.page(tampered + '<p style="position:fixed;color:red">丙</p>', budget, language="zh-CN")
    assert '<div id="article"><p>甲</p><a>乙</a><img><p style="color:red">丙</p></div>' in page


# --- the command ----------------------------------------------------------------------------------------------


def test_show_prints_the_page(capsys: pytest.CaptureFixture[str], newsletter: Newsletter) -> None:
    for form, beginning in (("wechat", "<!DOCTYPE html>"), ("email", "Subject: ")):
        assert run(["--issues", str(PROJECT / "issues"), "show", "2021-07-18", "--format", form]) == 0
        out, err = capsys.readouterr()
        assert out.startswith(beginning)
        assert err == ""
