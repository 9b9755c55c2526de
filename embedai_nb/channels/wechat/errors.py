"""Errors of WeChat's API: each code with its meaning and remedy."""

from __future__ import annotations

import re
from typing import NamedTuple

from embedai_nb.errors import EmbedAIError
from embedai_nb.i18n import N_, _

__all__ = ["CODES", "Code", "NotSentError", "UnreachableError", "WeChatRefusedError"]

CONSOLE = "mp.weixin.qq.com"
SETTINGS = "设置与开发 → 基本配置"
"""The page of the console with AppID, AppSecret and the list of allowed addresses."""
NAMES = {"console": CONSOLE, "settings": SETTINGS, "allow_list": "IP白名单", "original": "阅读原文"}
"""What remedies name: places in the console, and the link below an article."""
IP = re.compile(r"(?<![\w.:])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")


class Code(NamedTuple):
    """The meaning of an error code: what is wrong, and what to do about it."""

    problem: str
    remedy: str


_NEW_TOKEN = N_("run the command again; if it stays so, another program may be refreshing this account's token")
_THIS_PROGRAM = N_("report it: this program sent something wrong")
_ALLOW_LIST = N_("at {console}, {settings} → {allow_list}, add {address}")
_SECRET = N_("copy AppID and AppSecret anew from {console}, {settings}, into WECHAT_APPID and WECHAT_SECRET")
_PICTURE = N_("save the picture as JPEG or PNG under 1 MB")
_COVER = N_("save the cover as JPEG or PNG under 10 MB")
_CONFIRM = N_("let an administrator of the account confirm the message that WeChat sent to their phone, then try again")

CODES: dict[int, Code] = {
    -1: Code(N_("WeChat is busy"), N_("try again in a few minutes")),
    # credentials and tokens
    40001: Code(N_("the AppSecret is wrong, or the token is no longer valid"), _SECRET),
    40002: Code(N_("the kind of credentials is not known"), _THIS_PROGRAM),
    40013: Code(N_("the AppID is wrong"), _SECRET),
    40014: Code(N_("the token is not valid"), _NEW_TOKEN),
    40125: Code(N_("the AppSecret is wrong"), _SECRET),
    40164: Code(N_("this computer's address may not use the account"), _ALLOW_LIST),
    40243: Code(N_("the AppSecret is frozen"), N_("unfreeze it at {console}, {settings}")),
    41001: Code(N_("the token is missing"), _THIS_PROGRAM),
    41002: Code(N_("the AppID is missing"), _SECRET),
    41004: Code(N_("the AppSecret is missing"), _SECRET),
    42001: Code(N_("the token has expired"), _NEW_TOKEN),
    42007: Code(N_("the token was withdrawn, as happens when a password changes"), _NEW_TOKEN),
    50004: Code(N_("the account may not get tokens"), N_("see the account's messages at {console}")),
    50007: Code(N_("the account is frozen"), N_("see the account's messages at {console}")),
    61004: Code(N_("this computer's address may not use the account"), _ALLOW_LIST),
    89501: Code(N_("an administrator has yet to confirm this computer's address"), _CONFIRM),
    89503: Code(N_("an administrator has to confirm this call"), _CONFIRM),
    89506: Code(
        N_("an administrator refused this computer's address twice"), N_("ask them; it can be tried again in 24 hours")
    ),
    89507: Code(
        N_("an administrator refused this computer's address"), N_("ask them; it can be tried again in an hour")
    ),
    # permissions and quotas
    45009: Code(N_("the calls of today are used up"), N_("try again tomorrow, or paste the article by hand")),
    45011: Code(N_("too many calls in a minute"), N_("try again in a minute")),
    45106: Code(N_("WeChat no longer offers this interface"), _THIS_PROGRAM),
    48001: Code(
        N_("the account may not use this interface, as is so with accounts of persons"),
        N_("paste the article by hand: embedai show DATE --format wechat > article.html"),
    ),
    48004: Code(
        N_("the interface is blocked for breaking WeChat's rules"), N_("see the account's messages at {console}")
    ),
    50001: Code(N_("the account has not granted this interface"), N_("grant it at {console}")),
    50002: Code(N_("the account is restricted"), N_("see the account's messages at {console}")),
    88000: Code(N_("the account has no comments"), N_("write `wechat_comments: none` in newsletter.yaml")),
    # pictures
    40004: Code(N_("a picture is of a kind that WeChat does not take"), _PICTURE),
    40005: Code(N_("a picture is of a kind that WeChat does not take"), _PICTURE),
    40006: Code(N_("a picture is too large"), _PICTURE),
    40007: Code(
        N_("WeChat does not know the draft or its cover"), N_("run the command again: both are then sent anew")
    ),
    40009: Code(N_("a picture is too large"), _PICTURE),
    40012: Code(N_("the cover is too large"), _COVER),
    40113: Code(N_("a picture's file is of a kind that WeChat does not take"), _PICTURE),
    40137: Code(N_("a picture is of a kind that WeChat does not take"), _PICTURE),
    41005: Code(N_("a picture did not arrive"), N_("run the command again")),
    41006: Code(N_("the draft's id or its cover's is missing"), _THIS_PROGRAM),
    44001: Code(N_("a picture is empty"), _PICTURE),
    45001: Code(N_("a picture is too large"), _PICTURE),
    # the article
    40066: Code(
        N_("an address is not valid"), N_("mend the address behind {original}: archive_url in newsletter.yaml")
    ),
    44002: Code(N_("the request was empty"), _THIS_PROGRAM),
    44003: Code(N_("the article is empty"), N_("see whether the issue has items: embedai check DATE")),
    44004: Code(N_("the text is empty"), N_("see whether the issue has items: embedai check DATE")),
    45002: Code(N_("the article is too long"), N_("shorten the items that embedai check DATE names")),
    45003: Code(
        N_("the title is too long"), N_("send it without --full-title, or shorten the first keyword of the headline")
    ),
    45004: Code(N_("the digest is too long"), N_("shorten the first sentence of the lead")),
    45005: Code(N_("the address behind {original} is too long"), N_("shorten archive_url in newsletter.yaml")),
    45008: Code(N_("the draft holds too many articles"), _THIS_PROGRAM),
    45110: Code(N_("the author's name is too long"), N_("shorten wechat_author in newsletter.yaml")),
    45166: Code(
        N_("WeChat does not accept something in the text"), N_("paste the article by hand: the editor shows what it is")
    ),
    53402: Code(N_("the cover could not be cropped"), N_("save the cover as JPEG or PNG, wider than high (2.35 to 1)")),
    53404: Code(N_("the account may not sell goods"), _THIS_PROGRAM),
    53405: Code(N_("goods in the article are wrong"), _THIS_PROGRAM),
    53406: Code(N_("the account has yet to be allowed to sell goods"), _THIS_PROGRAM),
    # the request itself
    43002: Code(N_("the request was not a POST"), _THIS_PROGRAM),
    43003: Code(N_("the request was not encrypted"), _THIS_PROGRAM),
    47001: Code(N_("the request was no JSON"), _THIS_PROGRAM),
}
"""Error codes of stable_token, uploadimg, add_material, draft/add and draft/update, and those common to all calls.

https://developers.weixin.qq.com/doc/oplatform/developers/errCode/errCode.html
"""


UNKNOWN = Code(N_("WeChat refuses: {said}"), N_("look the code up in WeChat's documentation"))
"""Of any other code."""


class WeChatRefusedError(EmbedAIError):
    """WeChat answered with an error code.

    Args:
        code: the error code.
        said: its message, secrets masked.
        what: what the call was about, for the error message.
    """

    def __init__(self, code: int, said: str, what: str = "") -> None:
        known, address = CODES.get(code, UNKNOWN), IP.search(said)
        values = NAMES | {"said": said, "address": address[0] if address else _("the address of this computer")}
        problem = _("{problem} (code {code})", problem=_(known.problem, **values), code=code)
        super().__init__(problem, item=what or None, remedy=_(known.remedy, **values))
        self.code = code


class NotSentError(EmbedAIError):
    """WeChat would not accept the issue, so nothing was sent."""


class UnreachableError(EmbedAIError):
    """No valid response from WeChat; whether the call took effect is unknown."""
