"""Clean URLs: remove tracking parameters and fragments that aren't part of the page; recognise URL shorteners."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from embedai_nb.text import url_rules

PLACE = re.compile(r":~:text=.*|rd|wechat_redirect")
"""Fragments that don't name a part of the page."""

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
"""Hosts whose URLs only redirect to others."""


def host(url: str) -> str:
    """The host of a URL without `www.`; empty if it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def is_page(url: str) -> bool:
    """Whether this is the URL of a page: http or https, with a host."""
    return bool(re.match(r"https?://", url, re.IGNORECASE)) and host(url) != ""


def cleaned(url: str) -> str:
    """The URL without tracking parameters; everything else is kept as written."""
    parts = urlsplit(url)
    query = "&".join(part for part in parts.query.split("&") if not url_rules.tracks(part))
    fragment = "" if PLACE.fullmatch(parts.fragment) else parts.fragment
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, fragment))
