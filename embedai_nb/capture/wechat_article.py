"""Articles of WeChat accounts; WeChat often answers with a captcha instead."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from embedai_nb.capture import url_cleaning
from embedai_nb.capture.errors import FetchError
from embedai_nb.capture.fetch import Fetcher
from embedai_nb.capture.metadata import Metadata, title_markdown
from embedai_nb.capture.web_page import first, meta, parse_html
from embedai_nb.model import Item
from embedai_nb.text import urls

HOST = "mp.weixin.qq.com"
VERIFICATION = re.compile(r"wappoc_appmsgcaptcha|环境异常|完成验证后即可继续访问|secitptpage/verify")


def canonical_item(item: Item) -> Item | None:
    """The item with the permanent URL of its article."""
    if not item.url or url_cleaning.host(item.url) != HOST:
        return None
    return item.model_copy(update={"url": urls.wechat_article(item.url) or item.url})


def fetch_metadata(item: Item, fetcher: Fetcher) -> Metadata:
    """Title and account name."""
    url = item.url or ""
    response = fetcher.get(url)
    page = parse_html(response)
    name = title_markdown(meta(page, "og:title", "twitter:title") or first(page, "#activity-name", "h1"))
    if name:
        return Metadata(title=name, source=title_markdown(_account(page)))
    fetcher.forget(url)
    raise FetchError("verification" if VERIFICATION.search(f"{response.url}\n{response.text}") else "gone", HOST)


def _account(page: LexborHTMLParser) -> str:
    """Name of the publishing account; the meta tag `author` names a person, so it comes last."""
    return first(page, "#js_name", ".profile_nickname", "#js_wx_follow_nickname") or meta(page, "author")
