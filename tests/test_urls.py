"""Identity of URLs: canonical forms, papers, repositories."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedai_nb.text import url_rules
from embedai_nb.text.url_rules import RULES
from embedai_nb.text.urls import arxiv_id, canonical, expires, repository, wechat_article

from .conftest import DATA, SHARED


def groups(name: str) -> list[Any]:
    """Blocks of a fixture: a title, then URLs."""
    blocks = (DATA / "urls" / name).read_text(encoding="utf-8").split("====\n")
    return [pytest.param(block.rstrip("\n").split("\n")[1:], id=block.split("\n", 1)[0]) for block in blocks]


def table(name: str) -> list[tuple[str, str]]:
    """Lines of a fixture: input → result."""
    lines = (DATA / "urls" / name).read_text(encoding="utf-8").splitlines()
    return [(given, found.strip()) for given, found in (line.split(" →") for line in lines)]


@pytest.mark.parametrize("addresses", groups("same.txt"))
def test_addresses_of_the_same_page(addresses: list[str]) -> None:
    assert len(addresses) > 1
    assert {canonical(address) for address in addresses} == {canonical(addresses[0])}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule[0]} {rule[1]}")
def test_each_rule_makes_its_two_addresses_one_and_no_other_rule_does(
    rule: url_rules.Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    caches = [each for each in vars(url_rules).values() if hasattr(each, "cache_clear")] + [canonical]
    assert canonical(rule.one) == canonical(rule.other)
    monkeypatch.setattr(url_rules, "RULES", tuple(each for each in RULES if each is not rule))
    [each.cache_clear() for each in caches]
    alone = canonical(rule.one), canonical(rule.other)
    [each.cache_clear() for each in caches]
    assert alone[0] != alone[1]


@pytest.mark.parametrize("addresses", groups("different.txt"))
def test_addresses_of_different_pages(addresses: list[str]) -> None:
    assert [pair for pair in combinations(addresses, 2) if canonical(pair[0]) == canonical(pair[1])] == []


@pytest.mark.parametrize(("text", "expected"), table("arxiv.txt"))
def test_arxiv_id(text: str, expected: str) -> None:
    assert (arxiv_id(text) or "") == expected


@pytest.mark.parametrize(("url", "expected"), table("repositories.txt"))
def test_repository(url: str, expected: str) -> None:
    assert (repository(url) or "") == expected


@pytest.mark.parametrize(("url", "expected"), table("expiring.txt"))
def test_expires(url: str, expected: str) -> None:
    assert ("yes" if expires(url) else "") == expected


PARTS = [
    "http://", "HTTPS://", "www.", "arxiv.org", "github.com", "mp.weixin.qq.com", "gitee.com", "e.com", ":80", ":x", "/", "//", ".git",
    "/abs/", "/pdf/", "2101.00001", "v2", "/Octo/Net", "/tree/main", "/s/", "/s", "?", "&", "=", "#", "#/", "!", "__biz=a", "mid=1", "idx=1",
    "sn=b", "utm_source=x", "m.", "zhihu.com", "x.com", "doi.org", "/10.1145/", "/doi/", "link.zhihu.com/?target=", "openreview.net", "/pdf?id=", "youtu.be", "/index.html", "&amp;",
    "bilibili.com", "/BV1", "from=timeline", "%2F", "%2f", "%25", "%3F", "%23", "%2B", "%26", "%7E", "%D6%D0", "%", "%FF", "%E8%8A%AF", "%77", "芯", " ", "\t", "+", ";", "[", "]", "@", ".", "..", "\\",
]  # fmt: skip
addresses = st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=10).map("".join)


@given(url=addresses | addresses.map(lambda rest: f"https://{rest}"))
def test_canonical_is_a_fixed_point_and_nothing_crashes(url: str) -> None:
    assert canonical(canonical(url)) == canonical(url)
    assert repository(canonical(url)) in {None, (repository(url) or "").lower() or None}
    assert arxiv_id(canonical(url)) == arxiv_id(url)
    assert expires(canonical(url)) <= expires(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://mp.weixin.qq.com/s?sn=d&amp;idx=1&amp;mid=2&amp;__biz=M%3D&amp;chksm=9#rd", "/s?__biz=M%3D&mid=2&idx=1&sn=d"),
        ("https://mp.weixin.qq.com/mp/appmsg/show?__biz=M&appmsgid=2&itemidx=1&sign=9", "/s?__biz=M&mid=2&idx=1"),
        ("https://mp.weixin.qq.com/s/aB7?scene=21", "/s/aB7"),
    ],
)  # fmt: skip
def test_the_url_of_an_article_that_still_opens_keeps_its_signature(url: str, expected: str) -> None:
    assert wechat_article(url) == f"https://mp.weixin.qq.com{expected}"
    assert wechat_article("https://example.com/s/aB7") is None


def test_naughty_strings_are_no_papers_and_have_keys() -> None:
    path = SHARED / "vectors" / "blns.json"
    if not path.exists():
        pytest.skip(f"no {path}")
    for text in json.loads(path.read_text(encoding="utf-8")):
        assert canonical(canonical(text)) == canonical(text)
        assert (arxiv_id(text), repository(text), expires(text)) == (None, None, False)
