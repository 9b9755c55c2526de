"""Identify URLs: the canonical form that all URLs of one page share, arXiv papers, repositories."""

from __future__ import annotations

import contextlib
import re
import string
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit

from embedai_nb.text import url_rules

__all__ = ["arxiv_id", "canonical", "expires", "repository", "wechat_article"]

KEPT = 1024
"""URLs whose identity is cached, since rules, catalogue and article ask for the same ones."""

WECHAT = "mp.weixin.qq.com"
WECHAT_ARTICLE = ("__biz", "mid", "idx", "sn")
PREVIEW = frozenset({"signature", "tempkey"})
REPOSITORY_HOSTS = frozenset({"github.com", "gitee.com"})

ARXIV_TAG = re.compile(rf"(?:arxiv:\s*)?{url_rules.ARXIV_NUMBER}", re.IGNORECASE | re.ASCII)
ARXIV_PAGE = re.compile(rf"https://arxiv\.org/abs/{url_rules.ARXIV_NUMBER}", re.IGNORECASE | re.ASCII)
REPOSITORY_PATH = re.compile(rf"/{url_rules.REPOSITORY}(?:/.*)?", re.IGNORECASE | re.ASCII)

UNRESERVED = frozenset(string.ascii_letters + string.digits + "-._~!*'()")
"""Characters that mean the same escaped or not (RFC 3986, section 2.3), with the marks of RFC 2396, section 2.3.

Browsers never escape those marks; Markdown makes people escape the parentheses."""

RESERVED = ":/?#[]@$&+,;="
"""Characters that delimit the parts of a URL, and do not when escaped."""

ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


@lru_cache(KEPT)
def canonical(url: str) -> str:
    """Canonical form, equal for all URLs of one page; a key to compare, not a URL to follow."""
    page = url.strip()
    for _ in range(len(url)):  # a page that only leads on may lead to another such page
        page = page.replace("&amp;", "&")
        parts = _split(page)
        if parts is None or parts.scheme not in {"http", "https"}:
            break
        host, rest = _host(parts), f"{_path(parts)}{_query(parts)}"
        page = f"https://{host}{rest}{_route(parts)}"
        if (other := url_rules.redirected(host, rest)) is None:
            break
        page = other.strip()
    return page


@lru_cache(KEPT)
def arxiv_id(text: str) -> str | None:
    """Extract an arXiv id, without version, from a bare id such as ``arXiv:2104.14129v2`` or the URL of a paper.

    URLs of arXiv count, and of sites that show its papers under the same id.
    """
    found = ARXIV_TAG.fullmatch(text.strip()) or ARXIV_PAGE.fullmatch(canonical(text))
    return found["id"].lower() if found else None


@lru_cache(KEPT)
def repository(url: str) -> str | None:
    """Extract ``owner/name`` from a URL within a repository of GitHub or Gitee."""
    parts = _split(url)
    if parts is None or _host(parts) not in REPOSITORY_HOSTS:
        return None
    found = REPOSITORY_PATH.fullmatch(_path(parts))
    return found["repo"] if found else None


def wechat_article(url: str) -> str | None:
    """The permanent URL of a WeChat article: as short as it still opens, which takes the ``sn`` of a long one."""
    page = _split(canonical(url))
    if page is None or _host(page) != WECHAT or not re.match("/s(?:/|$)", page.path):
        return None
    given = {**_given(url.replace("&amp;", "&").partition("?")[2]), **_given(page.query)}
    wanted = [(name, given[name]) for name in WECHAT_ARTICLE if name in given] if page.query else []
    return f"https://{WECHAT}{page.path}" + (f"?{_joined(wanted)}" if wanted else "")


def expires(url: str) -> bool:
    """Whether a URL is the signed preview of a WeChat article, which expires after some hours."""
    parts = _split(url)
    return parts is not None and _host(parts) == WECHAT and not PREVIEW.isdisjoint(_given(parts.query))


# --- parts of a URL -------------------------------------------------------------------------------------------


@lru_cache(KEPT)
def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
        return parts if re.fullmatch(r"\S*\w\S*", parts.hostname or "") else None
    except ValueError:
        return None


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not host.isascii():
        with contextlib.suppress(UnicodeError):
            host = host.encode("idna").decode()
    host = url_rules.host_name(host)
    try:
        port = parts.port
    except ValueError:
        return host
    return host if port in {None, 80, 443} else f"{host}:{port}"


def _path(parts: SplitResult) -> str:
    """Without dot segments (RFC 3986, section 6.2.2.3) and the slash at the end."""
    path = _escaped(parts.path)
    return (_without_dots(path) if "/." in path else path).rstrip("/")


def _without_dots(path: str) -> str:
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[max(1, len(kept) - 1) :]
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept)


def _query(parts: SplitResult) -> str:
    """The parameters in alphabetical order, without those that track readers."""
    if not parts.query:
        return ""
    host = _host(parts)
    kept = [(name, value) for name, value in _parameters(parts.query) if not url_rules.tracks(f"{name}={value}", host)]
    return f"?{_joined(sorted(kept))}" if kept else ""


def _route(parts: SplitResult) -> str:
    """The fragment, if it is the route of a single-page application; else it is a place on the page."""
    return f"#{_escaped(parts.fragment)}" if parts.fragment.startswith(("/", "!")) else ""


def _escaped(text: str) -> str:
    """Normalize case and need of percent-encoding: RFC 3986, sections 6.2.2.1 and 6.2.2.2."""
    text = ESCAPE.sub(_shortest, STRAY_PERCENT.sub("%25", text))
    return quote(text, safe=f"%{RESERVED}{''.join(UNRESERVED)}")


def _shortest(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character in UNRESERVED else escape[0].upper()


def _parameters(query: str) -> list[tuple[str, str]]:
    """Decode a query as forms are decoded, ``+`` as a space; bytes that are not UTF-8 stay distinct."""
    return parse_qsl(query, keep_blank_values=True, errors="surrogateescape")


def _given(query: str) -> dict[str, str]:
    """The parameters that have a value."""
    return {name: value for name, value in _parameters(query) if value}


def _joined(parameters: Sequence[tuple[str, str]]) -> str:
    """The inverse of `_parameters`."""
    return urlencode(parameters, errors="surrogateescape")
