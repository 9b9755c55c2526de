"""Articles of WeChat accounts, which often show a verification page instead."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from embedai_nb.capture import url_cleaning
from embedai_nb.capture.errors import FetchError
from embedai_nb.capture.facts import Facts, title
from embedai_nb.capture.fetch import Fetcher
from embedai_nb.capture.web_page import first, meta, parsed
from embedai_nb.model import Item
from embedai_nb.text import urls

HOST = "mp.weixin.qq.com"
VERIFICATION = re.compile(r"wappoc_appmsgcaptcha|环境异常|完成验证后即可继续访问|secitptpage/verify")


def stable(item: Item) -> Item | None:
    """An article at its lasting address."""
    if not item.url or url_cleaning.host(item.url) != HOST:
        return None
    article = urls.canonical(item.url)
    return item.model_copy(update={"url": article if re.match(rf"https://{HOST}/s[/?]", article) else item.url})


def look_up(item: Item, fetcher: Fetcher) -> Facts:
    """Title and account name."""
    url = item.url or ""
    answer = fetcher.get(url)
    page = parsed(answer)
    name = title(meta(page, "og:title", "twitter:title") or first(page, "#activity-name", "h1"))
    if name:
        return Facts(title=name, source=title(_account(page)))
    fetcher.forget(url)
    raise FetchError("verification" if VERIFICATION.search(f"{answer.url}\n{answer.text}") else "gone", HOST)


def _account(page: LexborHTMLParser) -> str:
    """Who published it; the meta tag `author` names a person, so it comes last."""
    return first(page, "#js_name", ".profile_nickname", "#js_wx_follow_nickname") or meta(page, "author")
