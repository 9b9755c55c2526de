"""Rules about links: valid, permanent, and no two items with the same page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce
from typing import Any
from urllib.parse import urlsplit

from embedai_nb.checks.findings import Context, Replacement, RuleMatch
from embedai_nb.checks.messages import NOTHING, URL_PROBLEMS
from embedai_nb.html.images import is_local
from embedai_nb.model import Issue, Warmup
from embedai_nb.text import urls
from embedai_nb.text.locations import locate
from embedai_nb.text.paths import Path, entries, leaves, published_texts, strings
from embedai_nb.text.spans import addresses, links

HOST = re.compile(r"\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)+\.?")
SCHEMES = frozenset({"http", "https", "mailto"})
CHINESE_MARK = re.compile(r"[，。、；：！？”]$|^[^（]*）$|^[^「]*」$|^[^【]*】$|^[^《]*》$")
SPACE = re.compile(r"\s|%20(?=https?:)")
RELATIVE = re.compile(r"\.{0,2}/(?!/)")


def empty_link(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A link without URL."""
    for path, url in _fields(issue):
        if not url:
            yield RuleMatch(path, {"text": _text_of(issue, path) or context.say(NOTHING)})
    for path, text in published_texts(issue):
        for link in links(text):
            if not link.url:
                yield RuleMatch(path, {"text": link.text or context.say(NOTHING)})


def no_link(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A head without link."""
    for path, _, item in entries(issue):
        if item.url is None and item.structured:
            yield RuleMatch((*path, "url"))


def no_title(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """An item with a URL but no title."""
    for path, _, item in entries(issue):
        if item.url and not (item.title or item.repo):
            yield RuleMatch((*path, "title"))


def bad_url(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A URL that cannot work."""
    for path, url in [*_fields(issue), *_inline(issue)]:
        if url and (problem := _problem(url)):
            yield RuleMatch(path, {"url": url, "problem": context.say(URL_PROBLEMS[problem])})


def expiring_link(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A temporary URL of a WeChat article."""
    written = [(path, url) for path, text in published_texts(issue) for url in addresses(text)]
    for path, url in [*_fields(issue), *written]:
        if urls.expires(url):
            yield RuleMatch(path)


def item_twice(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """An item or warm-up with the address and text of another, as a merge leaves it that both branches moved it."""
    repeated = _repeated(issue)
    data: Any = issue.model_dump(mode="json") if repeated else {}
    for path, first in repeated.items():
        *place, index = path
        siblings = reduce(lambda value, step: value[step], place, data)
        rest = [value for n, value in enumerate(siblings) if n != index]
        yield RuleMatch(path, {"first": _named(issue, first, context)}, Replacement(tuple(place), rest))


def _repeated(issue: Issue) -> dict[Path, Path]:
    """Paths of items and warm-ups that are there twice, each with that of the first one."""
    first: dict[tuple[str, ...], Path] = {}
    found = {}
    for path, identity in _identities(issue):
        if first.setdefault(identity, path) != path:
            found[path] = first[identity]
    return found


def _identities(issue: Issue) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Address and texts of each entry that has any; of an item without texts its title counts as one."""
    for index, warmup in enumerate(issue.warmups):
        if isinstance(warmup, Warmup) and warmup.text:
            yield ("warmups", index), (warmup.company, " ".join(warmup.text.split()))
    for path, _, item in entries(issue):
        texts = [" ".join(text.split()) for text in (item.text, *item.fields.values())]
        page = urls.canonical(item.url) if item.url else item.title
        said = texts if any(texts) else [item.title]
        if page and any(said):
            yield path, (page, *said)


def same_page(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A page linked by two items, unless they are the same item twice."""
    first: dict[str, Path] = {}
    repeated = _repeated(issue)
    for path, _, item in entries(issue):
        if path in repeated:
            continue
        for where, url in leaves(item):
            if where[-1] != "url" or not (key := urls.canonical(url)):
                continue
            if first.setdefault(key, path) != path:
                yield RuleMatch((*path, *where), {"first": _named(issue, first[key], context)})


def same_repo(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A repository in two items, with different pages: that may be intended; the same page is ``same_page``."""
    first: dict[str, Path] = {}
    pages = set()
    for path, _, item in entries(issue):
        repo, page = item.repo or urls.repository(item.url or ""), urls.canonical(item.url or "")
        if repo and repo.lower() in first and page not in pages:
            yield RuleMatch(path, {"first": _named(issue, first[repo.lower()], context), "repo": repo})
        if repo:
            first.setdefault(repo.lower(), path)
        pages.add(page)


def dead_link(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A link that was checked, and is dead."""
    return _checked_links("dead", issue, context)


def unknown_link(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A link that was checked without a clear result."""
    return _checked_links("unknown", issue, context)


def missing_fragment(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A link to a part of a page that the page, when it was checked, did not have."""
    return _checked_links("no-fragment", issue, context)


def _checked_links(state: str, issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """Links in this state; none if links were not checked."""
    for path, url in pages(issue) if context.link_status else ():
        found = context.link_status(url) if context.link_status else None
        if found and found.state == state:
            yield RuleMatch(path, {"url": url, "why": found.reason, "date": found.date})


# --- URLs and their paths -------------------------------------------------------------------------------------


def pages(issue: Issue) -> Iterator[tuple[Path, str]]:
    """All valid http and https URLs, with their paths."""
    for path, url in [*_fields(issue), *_inline(issue)]:
        if url.startswith(("http://", "https://")) and _problem(url) is None:
            yield path, url


def _fields(issue: Issue) -> Iterator[tuple[Path, str]]:
    return ((path, url) for path, url in strings(issue) if path[-1] == "url" and "fields" not in path)


def _inline(issue: Issue) -> Iterator[tuple[Path, str]]:
    """URLs of links within texts, but for local images, and for links of the closing to other issues of the archive."""
    for path, text in published_texts(issue):
        for link in links(text):
            if not (path == ("closing",) and RELATIVE.match(link.url)) and not is_local(link.url):
                yield path, link.url


def _text_of(issue: Issue, path: Path) -> str:
    """The text of the link whose URL is at ``path``; empty if it has none."""
    words = dict(strings(issue))
    return words.get((*path[:-1], "title")) or words.get((*path[:-1], "text")) or ""


def _named(issue: Issue, path: Path, context: Context) -> str:
    """An entry as findings name it."""
    return str(locate(issue, path, context.newsletter.language))


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
