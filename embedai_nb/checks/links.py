"""Rules about links: every one leads somewhere, for good, and no two items to the same page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from embedai_nb.checks.findings import Context, Spot
from embedai_nb.checks.messages import NOTHING, URL_PROBLEMS
from embedai_nb.html.images import is_local
from embedai_nb.model import Issue
from embedai_nb.text import urls
from embedai_nb.text.locations import locate
from embedai_nb.text.paths import Path, entries, leaves, strings
from embedai_nb.text.spans import addresses, links, texts

HOST = re.compile(r"\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)+\.?")
SCHEMES = frozenset({"http", "https", "mailto"})
CHINESE_MARK = re.compile(r"[，。、；：！？”]$|^[^（]*）$|^[^「]*」$|^[^【]*】$|^[^《]*》$")
SPACE = re.compile(r"\s|%20(?=https?:)")
RELATIVE = re.compile(r"\.{0,2}/(?!/)")


def empty_link(issue: Issue, context: Context) -> Iterator[Spot]:
    for path, url in _fields(issue):
        if not url:
            yield Spot(path, {"text": _text_of(issue, path)})
    for path, text in texts(issue):
        for link in links(text):
            if not link.url:
                yield Spot(path, {"text": link.text or NOTHING})


def no_link(issue: Issue, context: Context) -> Iterator[Spot]:
    for path, _, item in entries(issue):
        if item.url is None and item.structured:
            yield Spot((*path, "url"))


def no_title(issue: Issue, context: Context) -> Iterator[Spot]:
    for path, _, item in entries(issue):
        if item.url and not (item.title or item.repo):
            yield Spot((*path, "title"))


def bad_url(issue: Issue, context: Context) -> Iterator[Spot]:
    for path, url in [*_fields(issue), *_inline(issue)]:
        if url and (problem := _problem(url)):
            yield Spot(path, {"url": url, "problem": URL_PROBLEMS[problem]})


def expiring_link(issue: Issue, context: Context) -> Iterator[Spot]:
    written = [(path, url) for path, text in texts(issue) for url in addresses(text)]
    for path, url in [*_fields(issue), *written]:
        if urls.expires(url):
            yield Spot(path)


def same_page(issue: Issue, context: Context) -> Iterator[Spot]:
    first: dict[str, Path] = {}
    for path, _, item in entries(issue):
        for where, url in leaves(item):
            if where[-1] != "url" or not (key := urls.canonical(url)):
                continue
            if first.setdefault(key, path) != path:
                yield Spot((*path, *where), {"first": locate(issue, first[key])})


def same_repo(issue: Issue, context: Context) -> Iterator[Spot]:
    """Two pages about one repository may be meant; the same page twice is said elsewhere."""
    first: dict[str, Path] = {}
    pages = set()
    for path, _, item in entries(issue):
        repo, page = item.repo or urls.repository(item.url or ""), urls.canonical(item.url or "")
        if repo and repo.lower() in first and page not in pages:
            yield Spot(path, {"first": locate(issue, first[repo.lower()]), "repo": repo})
        if repo:
            first.setdefault(repo.lower(), path)
        pages.add(page)


def dead_link(issue: Issue, context: Context) -> Iterator[Spot]:
    return _reached("dead", issue, context)


def unknown_link(issue: Issue, context: Context) -> Iterator[Spot]:
    return _reached("unknown", issue, context)


def _reached(state: str, issue: Issue, context: Context) -> Iterator[Spot]:
    """Only where somebody looked."""
    for path, url in pages(issue) if context.reached else ():
        found = context.reached(url) if context.reached else None
        if found and found.state == state:
            yield Spot(path, {"url": url, "why": found.why, "date": found.date})


# --- where the addresses are ----------------------------------------------------------------------------------


def pages(issue: Issue) -> Iterator[tuple[Path, str]]:
    """The addresses of pages on the web, where they stand."""
    for path, url in [*_fields(issue), *_inline(issue)]:
        if url.startswith(("http://", "https://")) and _problem(url) is None:
            yield path, url


def _fields(issue: Issue) -> Iterator[tuple[Path, str]]:
    return ((path, url) for path, url in strings(issue) if path[-1] == "url" and "fields" not in path)


def _inline(issue: Issue) -> Iterator[tuple[Path, str]]:
    """Targets within texts.  Those of an old closing point to its neighbours in the archive; a local image is no page."""
    for path, text in texts(issue):
        for link in links(text):
            if not (path == ("closing",) and RELATIVE.match(link.url)) and not is_local(link.url):
                yield path, link.url


def _text_of(issue: Issue, path: Path) -> str:
    """The text of the link whose address stands at ``path``."""
    words = dict(strings(issue))
    return words.get((*path[:-1], "title")) or words.get((*path[:-1], "text")) or NOTHING


def _problem(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "host"
    if parts.scheme not in SCHEMES:
        return "scheme"
    if SPACE.search(url):
        return "space"
    if parts.scheme != "mailto" and not HOST.fullmatch(host):
        return "host"
    return "mark" if CHINESE_MARK.search(url) else None
