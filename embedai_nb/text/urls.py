"""Identify URLs: the canonical form that all URLs of one page share, arXiv papers, repositories."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit

__all__ = ["arxiv_id", "canonical", "expires", "repository"]

KEPT = 1024
"""URLs whose identity is cached, since rules, catalogue and article ask for the same ones."""

TRACKING = re.compile(
    r"utm_\w+|spm|spm_id_from|vd_source|fbclid|gclid|msclkid|yclid|igshid|mc_[ce]id|_hs\w+|ref_src|referrer"
    r"|share_\w+|isappinstalled|wechat_redirect|nsukey"
)
"""Query parameters that track where a reader came from."""

SHARED_FROM = frozenset({"timeline", "singlemessage", "groupmessage"})
"""Values of WeChat's tracking parameter ``from``, a name that other sites use for something else."""

WECHAT = "mp.weixin.qq.com"
WECHAT_ARTICLE = ("__biz", "mid", "idx", "sn")
PREVIEW = frozenset({"signature", "tempkey"})
REPOSITORY_HOSTS = frozenset({"github.com", "gitee.com"})
NO_OWNERS = re.compile(
    r"about|apps|blog|collections|enterprise|events|explore|features|gists|login|marketplace|orgs|organizations"
    r"|pricing|resources|search|security|settings|site|solutions|sponsors|stars|topics|trending|users",
    re.IGNORECASE,
)
"""First path segments on these hosts that are no owners but pages of the host itself."""

ARXIV_NUMBER = r"(?P<id>\d{4}\.\d{4,5}|[a-z][a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?"
"""New and old identifiers, https://info.arxiv.org/help/arxiv_identifier.html."""
ARXIV_TAG = re.compile(rf"(?:arxiv:\s*)?{ARXIV_NUMBER}", re.IGNORECASE | re.ASCII)
ARXIV_PATH = re.compile(rf"/(?:abs|pdf|html|format|ps|e-print)/{ARXIV_NUMBER}(?:\.pdf)?", re.IGNORECASE | re.ASCII)
ARXIV_MIRROR = re.compile(
    r"https?://(?:www\.)?(?:ar5iv\.org|alphaxiv\.org|huggingface\.co|doi\.org/10\.48550)/"
    r"(?:(?:abs|pdf|html|overview|papers)/|arxiv\.)(?P<id>[^?#]+)",
    re.IGNORECASE,
)


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
    parts = _split(url)
    if parts is None or parts.scheme not in {"http", "https"}:
        return url.strip()
    page = next((page for site in SITES if (page := site(parts)) is not None), None)
    return f"https://{_host(parts)}{_path(parts)}{_query(parts)}{_route(parts)}" if page is None else page


@lru_cache(KEPT)
def arxiv_id(text: str) -> str | None:
    """Extract an arXiv id, without version, from a bare id such as ``arXiv:2104.14129v2`` or the URL of a paper.

    URLs of arXiv count, and of sites that show its papers under the same id.
    """
    if mirrored := ARXIV_MIRROR.match(text.strip()):
        text = mirrored["id"].rstrip("/").removesuffix(".pdf")
    if found := ARXIV_TAG.fullmatch(text.strip()):
        return found["id"].lower()
    parts = _split(text)
    if parts is None or not re.fullmatch(r"(?:.+\.)?arxiv\.org", _host(parts)):
        return None
    found = ARXIV_PATH.fullmatch(_path(parts))
    return found["id"].lower() if found else None


@lru_cache(KEPT)
def repository(url: str) -> str | None:
    """Extract ``owner/name`` from a URL within a repository of GitHub or Gitee."""
    parts = _split(url)
    if parts is None or _host(parts) not in REPOSITORY_HOSTS:
        return None
    found = re.match(r"/(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?(?:/|$)", _path(parts))
    return f"{found['owner']}/{found['name']}" if found and not NO_OWNERS.fullmatch(found["owner"]) else None


def expires(url: str) -> bool:
    """Whether a URL is the signed preview of a WeChat article, which expires after some hours."""
    parts = _split(url)
    return parts is not None and _host(parts) == WECHAT and not PREVIEW.isdisjoint(_given(parts.query))


# --- sites whose pages have several URLs ----------------------------------------------------------------------


def _arxiv(parts: SplitResult) -> str | None:
    found = arxiv_id(parts.geturl())
    return f"https://arxiv.org/abs/{found}" if found else None


def _wechat(parts: SplitResult) -> str | None:
    """An article has a short URL or four parameters; the rest of its query is tracking."""
    if _host(parts) != WECHAT:
        return None
    if (path := _path(parts)).startswith("/s/"):
        return f"https://{WECHAT}{path}"
    query = _given(parts.query)
    if not all(name in query for name in WECHAT_ARTICLE[:3]):
        return None
    return f"https://{WECHAT}/s?" + _joined([(name, query[name]) for name in WECHAT_ARTICLE if name in query])


def _repository(parts: SplitResult) -> str | None:
    """Front page, clone URL and default branch of a repository are one page; deeper pages keep their path."""
    found = repository(parts.geturl())
    if found is None:
        return None
    rest = "/".join(_path(parts).split("/")[3:])
    rest = "" if re.fullmatch(r"tree/(?:master|main)", rest) else rest
    return f"https://{_host(parts)}/{found.lower()}" + (f"/{rest}{_query(parts)}" if rest else "")


SITES: tuple[Callable[[SplitResult], str | None], ...] = (_arxiv, _wechat, _repository)


# --- parts of a URL -------------------------------------------------------------------------------------------


@lru_cache(KEPT)
def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
        return parts if re.fullmatch(r"\S*\w\S*", parts.hostname or "") else None
    except ValueError:
        return None


def _host(parts: SplitResult) -> str:
    host = re.sub(r"^(?:www\.)+(?=.)|\.+$", "", parts.hostname or "")
    try:
        port = parts.port
    except ValueError:
        return host
    return host if port in {None, 80, 443} else f"{host}:{port}"


def _path(parts: SplitResult) -> str:
    return _escaped(parts.path).rstrip("/")


def _query(parts: SplitResult) -> str:
    """The parameters in alphabetical order, without those that track readers."""
    kept = [
        (name, value)
        for name, value in _parameters(parts.query)
        if not TRACKING.fullmatch(name) and not (name == "from" and value in SHARED_FROM)
    ]
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
