"""Resolve relative addresses of an issue against its place in the archive."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin

from embedai_nb.model import Issue, Newsletter

__all__ = ["archive_url", "resolver"]


def archive_url(issue: Issue, newsletter: Newsletter) -> str:
    """Where this issue lies in the archive; empty where newsletter.yaml doesn't say."""
    return newsletter.archive_url.replace("{date}", issue.date.isoformat())


def resolver(issue: Issue, newsletter: Newsletter) -> Callable[[str], str]:
    """From an address in the issue to the whole of it: a reader of an article or a message is not in the archive."""
    base = archive_url(issue, newsletter)

    def resolve(url: str) -> str:
        try:
            return urljoin(base, url) if url else ""
        except ValueError:
            return url

    return resolve
