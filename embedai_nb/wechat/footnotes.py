"""Where an article for WeChat leads to: its own articles by link, all else by a number and a list at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from embedai_nb.html.absolute_urls import resolver
from embedai_nb.model import Issue, Newsletter
from embedai_nb.text.urls import KEPT, canonical

__all__ = ["Numbered", "Numbers", "article_resolver", "is_at_wechat", "is_wechat"]

WECHAT = "mp.weixin.qq.com"
"""The host whose pages an article may link to."""
PICTURES = "mmbiz.qpic.cn"
"""The host that WeChat keeps uploaded pictures on."""


class Numbered(NamedTuple):
    """An entry of the list."""

    number: int
    title: str
    url: str


class Numbers:
    """A number for each page, in the order of their first mention."""

    def __init__(self) -> None:
        self._given: dict[str, Numbered] = {}

    def give(self, url: str, title: str) -> int:
        """The number of the page at ``url``; the first title that is asked for stays."""
        return self._given.setdefault(canonical(url), Numbered(len(self._given) + 1, title, url)).number

    def __contains__(self, url: str) -> bool:
        return canonical(url) in self._given

    def __iter__(self) -> Iterator[Numbered]:
        return iter(self._given.values())


@lru_cache(KEPT)
def is_wechat(url: str) -> bool:
    """Whether an article may hold a link to ``url``."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.hostname == WECHAT


def is_at_wechat(url: str) -> bool:
    """Whether a picture was uploaded, so that an article may show it."""
    try:
        return urlsplit(url).hostname == PICTURES
    except ValueError:
        return False


def article_resolver(issue: Issue, newsletter: Newsletter) -> Callable[[str], str]:
    """The same, but nothing for back issues that are named relative to this one: “Read more” leads to them."""
    resolve = resolver(issue, newsletter)
    dated = re.escape(newsletter.archive_url).replace(re.escape("{date}"), r"\d{4}-\d\d-\d\d")
    back_issue = re.compile(dated.replace(re.escape("{number}"), r"[\w%.-]+"))

    def resolve_for_article(url: str) -> str:
        address = resolve(url)
        return "" if address != url and back_issue.fullmatch(address) else address

    return resolve_for_article
