"""Errors of WeChat's API: each code with its meaning and remedy."""

from __future__ import annotations

import re
from typing import NamedTuple

from embedai_nb.errors import EmbedAIError

__all__ = ["CODES", "Code", "NotSentError", "UnreachableError", "WeChatRefusedError"]

CONSOLE = "mp.weixin.qq.com"
IP = re.compile(r"(?<![\w.:])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")


class Code(NamedTuple):
    """The meaning of an error code: what is wrong, and what to do about it."""

    problem: str
    remedy: str


_NEW_TOKEN = "run the command again; if it stays so, another program may be refreshing this account's token"
_THIS_PROGRAM = "report it: this program sent something wrong"
_ALLOW_LIST = f"at {CONSOLE}, 设置与开发 → 基本配置 → IP白名单, add the address of this computer"
_SECRET = f"copy AppID and AppSecret anew from {CONSOLE}, 设置与开发 → 基本配置, into WECHAT_APPID and WECHAT_SECRET"
_PICTURE = "save the picture as JPEG or PNG under 1 MB"
_COVER = "save the cover as JPEG or PNG under 10 MB"
_CONFIRM = "let an administrator of the account confirm the message that WeChat sent to their phone, then try again"

CODES: dict[int, Code] = {
    -1: Code("WeChat is busy", "try again in a few minutes"),
    # credentials and tokens
    40001: Code("the AppSecret is wrong, or the token is no longer valid", _SECRET),
    40002: Code("the kind of credentials is not known", _THIS_PROGRAM),
    40013: Code("the AppID is wrong", _SECRET),
    40014: Code("the token is not valid", _NEW_TOKEN),
    40125: Code("the AppSecret is wrong", _SECRET),
    40164: Code("this computer's address may not use the account", _ALLOW_LIST),
    40243: Code("the AppSecret is frozen", f"unfreeze it at {CONSOLE}, 设置与开发 → 基本配置"),
    41001: Code("the token is missing", _THIS_PROGRAM),
    41002: Code("the AppID is missing", _SECRET),
    41004: Code("the AppSecret is missing", _SECRET),
    42001: Code("the token has expired", _NEW_TOKEN),
    42007: Code("the token was withdrawn, as happens when a password changes", _NEW_TOKEN),
    50004: Code("the account may not get tokens", f"see the account's messages at {CONSOLE}"),
    50007: Code("the account is frozen", f"see the account's messages at {CONSOLE}"),
    61004: Code("this computer's address may not use the account", _ALLOW_LIST),
    89501: Code("an administrator has yet to confirm this computer's address", _CONFIRM),
    89503: Code("an administrator has to confirm this call", _CONFIRM),
    89506: Code(
        "an administrator refused this computer's address twice", "ask them; it can be tried again in 24 hours"
    ),
    89507: Code("an administrator refused this computer's address", "ask them; it can be tried again in an hour"),
    # permissions and quotas
    45009: Code("the calls of today are used up", "try again tomorrow, or paste the article by hand"),
    45011: Code("too many calls in a minute", "try again in a minute"),
    45106: Code("WeChat no longer offers this interface", _THIS_PROGRAM),
    48001: Code(
        "the account may not use this interface, as is so with accounts of persons",
        "paste the article by hand: embedai show DATE --format wechat > article.html",
    ),
    48004: Code("the interface is blocked for breaking WeChat's rules", f"see the account's messages at {CONSOLE}"),
    50001: Code("the account has not granted this interface", f"grant it at {CONSOLE}"),
    50002: Code("the account is restricted", f"see the account's messages at {CONSOLE}"),
    88000: Code("the account has no comments", "write `wechat_comments: none` in newsletter.yaml"),
    # pictures
    40004: Code("a picture is of a kind that WeChat does not take", _PICTURE),
    40005: Code("a picture is of a kind that WeChat does not take", _PICTURE),
    40006: Code("a picture is too large", _PICTURE),
    40007: Code("WeChat does not know the draft or its cover", "run the command again: both are then sent anew"),
    40009: Code("a picture is too large", _PICTURE),
    40012: Code("the cover is too large", _COVER),
    40113: Code("a picture's file is of a kind that WeChat does not take", _PICTURE),
    40137: Code("a picture is of a kind that WeChat does not take", _PICTURE),
    41005: Code("a picture did not arrive", "run the command again"),
    41006: Code("the draft's id or its cover's is missing", _THIS_PROGRAM),
    44001: Code("a picture is empty", _PICTURE),
    45001: Code("a picture is too large", _PICTURE),
    # the article
    40066: Code("an address is not valid", "mend the address behind 阅读原文: archive_url in newsletter.yaml"),
    44002: Code("the request was empty", _THIS_PROGRAM),
    44003: Code("the article is empty", "see whether the issue has items: embedai check DATE"),
    44004: Code("the text is empty", "see whether the issue has items: embedai check DATE"),
    45002: Code("the article is too long", "shorten the items that embedai check DATE names"),
    45003: Code("the title is too long", "send it without --full-title, or shorten the first keyword of the headline"),
    45004: Code("the digest is too long", "shorten the first sentence of the lead"),
    45005: Code("the address behind 阅读原文 is too long", "shorten archive_url in newsletter.yaml"),
    45008: Code("the draft holds too many articles", _THIS_PROGRAM),
    45110: Code("the author's name is too long", "shorten wechat_author in newsletter.yaml"),
    45166: Code(
        "WeChat does not accept something in the text", "paste the article by hand: the editor shows what it is"
    ),
    53402: Code("the cover could not be cropped", "save the cover as JPEG or PNG, wider than high (2.35 to 1)"),
    53404: Code("the account may not sell goods", _THIS_PROGRAM),
    53405: Code("goods in the article are wrong", _THIS_PROGRAM),
    53406: Code("the account has yet to be allowed to sell goods", _THIS_PROGRAM),
    # the request itself
    43002: Code("the request was not a POST", _THIS_PROGRAM),
    43003: Code("the request was not encrypted", _THIS_PROGRAM),
    47001: Code("the request was no JSON", _THIS_PROGRAM),
}
"""Error codes of stable_token, uploadimg, add_material, draft/add and draft/update, and those common to all calls.

https://developers.weixin.qq.com/doc/oplatform/developers/errCode/errCode.html
"""


class WeChatRefusedError(EmbedAIError):
    """WeChat answered with an error code.

    Args:
        code: the error code.
        said: its message, secrets masked.
        what: what the call was about, for the error message.
    """

    def __init__(self, code: int, said: str, what: str = "") -> None:
        known = CODES.get(code, Code(f"WeChat refuses: {said}", "look the code up in WeChat's documentation"))
        address = IP.search(said)
        remedy = known.remedy.replace("the address of this computer", address[0]) if address else known.remedy
        super().__init__(f"{known.problem} (code {code})", item=what or None, remedy=remedy)
        self.code = code


class NotSentError(EmbedAIError):
    """WeChat would not accept the issue, so nothing was sent."""


class UnreachableError(EmbedAIError):
    """No valid response from WeChat; whether the call took effect is unknown."""
