"""Messages of capturing to the editor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from embedai_nb.capture.errors import FailureReason, FetchError
from embedai_nb.checks import messages as findings

PENDING = "待补"
"""First word of the note of an item whose metadata is incomplete."""

FIELDS = {"title": "标题", "source": "来源", "url": "网址"}
NOTHING_MISSING = "网页上的资料"

FAILURES: Mapping[FailureReason, str] = {
    "forbidden": "{host} 不是公网地址，不去访问",
    "address": "网址写法不对，不去访问",
    "unreachable": "连不上 {host}",
    "timeout": "{host} 迟迟没有答复",
    "too-large": "{host} 的网页太大",
    "unreadable": "{host} 的答复看不懂",
    "redirects": "{host} 转来转去没有尽头",
    "status": "{host} 拒绝访问（{status}）",
    "limited": "{host} 说访问太频繁，过一会儿再试",
    "verification": "{host} 要求人工验证，在浏览器里打开后把标题抄来",
    "gone": "{host} 说没有这个网页",
    "nothing": "{host} 的网页没有写标题",
}
UNEXPECTED = "答复处理不了：{error}"
OFFLINE = "没有联网"
EXPIRING = findings.EXPIRING
NO_PAGE = "“{url}”不是网页的网址。换成以 http:// 或 https:// 开头的。"

AUTHORS = "作者：{names}"
AND_OTHERS = "等 {count} 人"
ABSTRACT = "原文摘要：{text}"
COMMENT = "备注：{text}"
CODE = "代码：{url}"
DESCRIPTION = "原文简介：{text}"
STARS = "{count:,} 星"
LICENCE = "{name} 许可"
NO_LICENCE = "没有写明许可"
RELEASE = "最新版本 {name}（{date}）"
MORE = "粘贴的其余文字：{text}"


def failure_text(error: FetchError) -> str:
    """Say why a page could not be fetched."""
    return FAILURES[error.reason].format(host=error.host, status=error.status)


def pending_line(missing: Sequence[str], reason: str) -> str:
    """The line of a note that lists missing fields: 待补：标题、来源（连不上 example.com）."""
    names = "、".join(FIELDS[name] for name in missing) or NOTHING_MISSING
    return f"{PENDING}：{names}" + (f"（{reason}）" if reason else "")
