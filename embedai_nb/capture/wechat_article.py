"""Articles of WeChat accounts; WeChat often answers with a captcha instead, and with status 200 that one is gone."""

from __future__ import annotations

import re

from embedai_nb.capture import url_cleaning
from embedai_nb.capture.errors import FailureReason, FetchError
from embedai_nb.capture.fetch import Fetcher
from embedai_nb.capture.metadata import Metadata, title_markdown
from embedai_nb.capture.page_reader import ReadPage, read_page
from embedai_nb.capture.response_cache import Response
from embedai_nb.i18n import Translator
from embedai_nb.model import Item
from embedai_nb.text import urls

HOST = "mp.weixin.qq.com"
VERIFICATION = re.compile(
    r"wappoc_appmsgcaptcha|secitptpage/verify|环境异常|完成验证后即可继续访问|操作频繁|访问过于频繁"
)
GONE = re.compile(
    r"""
    内容已被?(?: 发布者 | 发送人 | 作者 )?(?: 自行 )?删除
    | [此该]?(?: 内容 | 文章 ) [^。]{0,40} (?: 违规 | 投诉 | 侵权 | 隐私设置 | 发送失败 ) [^。]{0,40} (?: 无法查看 | 不可见 | 已删除 | 已被?屏蔽 )
    | [此该]内容(?: 已 | 暂时 )?(?: 无法查看 | 不可见 | 不存在 )
    | 隐私设置，?无法查看
    | 涉嫌违反相关法律法规和政策 (?: ，? 查看对应规则 | 发送失败 )
    | (?: 公众号 | [帐账]号 ) (?: 已 | 被 | 自主 | 系统 )* (?: 迁移 | 屏蔽 | 封禁 | 封号 | 冻结 | 注销 | 回收 | 停用 )
    | (?: 链接 | 页面 ) 已?(?: 过期 | 失效 )
    | 已停止访问该网页
    | 参数错误
    """,
    re.VERBOSE,
)
"""Texts by which WeChat says, in place of an article, that there is none: deleted by its author, forbidden, its account
moved, blocked or closed, a temporary link over.  From what programs that archive articles look for, as WeChat documents none."""

MESSAGE_FRAME = 4
"""Characters that WeChat puts around such a text: 该…。"""


def canonical_item(item: Item) -> Item | None:
    """The item with the permanent URL of its article."""
    if not item.url or url_cleaning.host(item.url) != HOST:
        return None
    return item.model_copy(update={"url": urls.wechat_article(item.url) or item.url})


def fetch_metadata(item: Item, fetcher: Fetcher, _say: Translator) -> Metadata:
    """Title and account name."""
    url = item.url or ""
    response = fetcher.get(url)
    page = read_article(response)
    if reason := failure(response, page):
        fetcher.forget(url)
        raise FetchError(reason, HOST)
    return Metadata(title=title_markdown(_title(page)), source=title_markdown(_account(page)))


def read_article(response: Response) -> ReadPage:
    """Read what is needed of an article."""
    return read_page(
        response.text, "h1", "#activity-name", "#js_content", "#js_name", ".profile_nickname", "#js_wx_follow_nickname"
    )


def failure(response: Response, page: ReadPage) -> FailureReason | None:
    """Why this is no article, although the status is 200; None if it is one, whatever it tells about other ones."""
    title = _title(page)
    is_article = bool(page.meta("og:title", "twitter:title") or page.first("#js_content"))
    tells_of_it = is_article and len(GONE.sub("", title)) > MESSAGE_FRAME
    if title_markdown(title) and (tells_of_it or not GONE.search(title)):
        return None
    if VERIFICATION.search(f"{response.url}\n{page.visible}") or VERIFICATION.search(response.text):
        return "verification"
    return "gone" if GONE.search(f"{title}\n{page.visible}") else "nothing"


def _title(page: ReadPage) -> str:
    return page.meta("og:title", "twitter:title") or page.first("#activity-name", "h1")


def _account(page: ReadPage) -> str:
    """Name of the publishing account; the meta tag `author` names a person, so it comes last."""
    return page.first("#js_name", ".profile_nickname", "#js_wx_follow_nickname") or page.meta("author")
