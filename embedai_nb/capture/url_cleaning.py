"""Addresses as they should stand in an issue: short, lasting, without a trace of who passed them on."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from embedai_nb.text import urls

PLACE = re.compile(r":~:text=.*|rd|wechat_redirect")
"""Fragments that are no part of a page."""

SHORTENERS = frozenset(
    [
        "t.cn",
        "url.cn",
        "dwz.cn",
        "suo.im",
        "b23.tv",
        "xhslink.com",
        "bit.ly",
        "t.co",
        "goo.gl",
        "tinyurl.com",
        "is.gd",
        "ow.ly",
        "buff.ly",
        "lnkd.in",
        "aka.ms",
        "git.io",
        "doi.org",
        "dx.doi.org",
    ]
)
"""Hosts whose addresses only stand for others."""


def host(url: str) -> str:
    """The host of an address without `www.`; empty if it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def is_page(url: str) -> bool:
    """Whether this is an address of a page at all."""
    return bool(re.match(r"https?://", url, re.IGNORECASE)) and host(url) != ""


def cleaned(url: str) -> str:
    """The address without tracking parameters; everything else stays as it is written."""
    parts = urlsplit(url)
    query = "&".join(part for part in parts.query.split("&") if not _tracking(part))
    fragment = "" if PLACE.fullmatch(parts.fragment) else parts.fragment
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, fragment))


def _tracking(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return bool(urls.TRACKING.fullmatch(name)) or (name == "from" and value in urls.SHARED_FROM)
