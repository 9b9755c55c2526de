"""Resolve relative addresses of an issue: to the pages of a site, else against its place in the archive."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from html import escape, unescape
from urllib.parse import urljoin, urlsplit

from markupsafe import Markup

from embedai_nb.errors import UsageError
from embedai_nb.html.images import is_local
from embedai_nb.model import Issue, Newsletter
from embedai_nb.text.dates import parse_date

__all__ = ["archive_url", "resolve_all", "resolver"]

ISSUE_FILE = re.compile(r"(?:[^?#]*/)?(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})\.(?:md|html)(?P<fragment>#.*)?")
TAG = re.compile(r"""<(?:a|img)(?! href="https?://[^"&']*">)(?: [\w-]+="[^"]*")*>""")
"""A link or an image, but for links whose address is certainly whole, as most are."""
ADDRESS = re.compile(r' (?P<name>href|src)="(?P<url>[^"]*)"')


def archive_url(issue: Issue, newsletter: Newsletter) -> str:
    """Where this issue lies in the archive; empty where newsletter.yaml doesn't say."""
    return newsletter.issue_url(issue.date, issue.number)


def _no_page(date: datetime.date) -> str:
    del date
    return ""


def resolver(
    issue: Issue, newsletter: Newsletter, page: Callable[[datetime.date], str] = _no_page
) -> Callable[[str], str]:
    """From an address in the issue to the whole of it, for readers who are not in the archive.

    Args:
        issue: the issue, for its date.
        newsletter: its archive_url is what addresses are relative to; its project_url, where there is none.
        page: the address of an issue's page on the site, empty where the site has no such issue.  Relative addresses of
            issues lead there, and local images lie beside it.
    """
    base = archive_url(issue, newsletter) or (newsletter.project_url and f"{newsletter.project_url.rstrip('/')}/")

    def resolve(url: str) -> str:
        try:
            if not url or urlsplit(url).scheme:
                return url
            return _on_site(url, issue.date, page) or urljoin(base, url)
        except ValueError:
            return url

    return resolve


def _on_site(url: str, date: datetime.date, page: Callable[[datetime.date], str]) -> str:
    """Where a relative address leads on the site; empty where it doesn't."""
    if url.startswith("#") or is_local(url):
        own = page(date)
        return own and urljoin(own, url)
    named = ISSUE_FILE.fullmatch(url)
    try:
        target = page(parse_date(named["date"])) if named else ""
    except UsageError:
        return ""
    return f"{target}{named['fragment'] or ''}" if named and target else ""


def resolve_all(html: str, resolve: Callable[[str], str]) -> Markup:
    """Sanitized HTML with the relative addresses of all links and images resolved."""

    def address(found: re.Match[str]) -> str:
        return f' {found["name"]}="{escape(resolve(unescape(found["url"])))}"'

    return Markup(TAG.sub(lambda tag: ADDRESS.sub(address, tag[0]), html))
