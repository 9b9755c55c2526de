"""Rules about items: the fields that their section needs, tags and repositories that agree with links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from embedai_nb.checks.findings import Context, Replacement, RuleMatch
from embedai_nb.i18n.punctuation import listed
from embedai_nb.model import Issue, Item, Raw
from embedai_nb.text import urls
from embedai_nb.text.paths import Path, entries
from embedai_nb.text.spans import addresses

Need = Literal["source", "tag", "repo", "summary"]

RAW_HEAD = re.compile(r"[-*+] +\[[^\]\n]*[|｜][^\]\n]*(?:\n|$)")
UNOPENED = re.compile(r"\(https?://[^)]*(?:\||$)|[^\[]*\]\(")
"""A link whose text or address has one bracket."""

UNSPLIT = re.compile(r"(?P<title>.*[^\s|｜])(?:[|｜]\s+|\s+[|｜]\s*)(?P<source>[^|｜]*[^|｜\s])\s*")
"""A title and a source not split, as a space beside the bar is missing."""


def unclosed_head(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A head with a bracket that has no partner: ``[title | source`` and no link."""
    for number, section in enumerate(issue.sections):
        for index, entry in enumerate(section.items):
            if _unclosed(entry):
                yield RuleMatch(("sections", number, "items", index, *(["title"] if isinstance(entry, Item) else [])))


def unusual_head(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A head in a form that isn't parsed into title, source and URL."""
    for path, _, item in entries(issue):
        if not item.structured and not _unclosed(item):
            yield RuleMatch((*path, "title"))


def no_source(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """No source where the section needs one."""
    for path, item in needing("source", issue, context):
        if item.structured and not item.source:
            parts = found.groupdict() if (found := UNSPLIT.fullmatch(item.title)) else {}
            change = Replacement(path, item.model_dump(mode="json") | parts) if parts else None
            yield RuleMatch((*path, "source"), parts, change)


def no_tag(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """No tag where the section needs one."""
    for path, item in needing("tag", issue, context):
        if item.structured and not item.tags:
            ids = papers(item)
            change = Replacement((*path, "tags"), [ids[0]]) if len(ids) == 1 else None
            yield RuleMatch((*path, "tags"), {"tag": "".join(ids[:1])}, change)


def no_repo(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """No repository where the section needs one."""
    for path, item in needing("repo", issue, context):
        if item.structured and item.repo is None:
            linked = repositories(item)
            change = Replacement((*path, "repo"), linked[0]) if len(linked) == 1 else None
            yield RuleMatch((*path, "repo"), {"repo": "".join(linked[:1])}, change)


def repo_mismatch(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A repository that none of the item's links leads to."""
    for path, _, item in entries(issue):
        linked = repositories(item)
        if item.repo and linked and item.repo.lower() not in map(str.lower, linked):
            yield RuleMatch((*path, "repo"), {"repo": item.repo, "linked": listed(linked, context.say)})


def tag_mismatch(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """An arXiv id that none of the item's links leads to."""
    for path, _, item in entries(issue):
        linked = papers(item)
        for index, tag in enumerate(item.tags):
            paper = urls.arxiv_id(tag)
            if paper and linked and paper not in linked:
                yield RuleMatch((*path, "tags", index), {"tag": tag, "linked": listed(linked, context.say)})


def raw_text(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """Markdown among the items that isn't parsed as one."""
    for number, section in enumerate(issue.sections):
        for index, item in enumerate(section.items):
            if isinstance(item, Raw) and not _unclosed(item):
                yield RuleMatch(("sections", number, "items", index))


def empty_section(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A section without items."""
    for number, section in enumerate(issue.sections):
        if not section.items:
            yield RuleMatch(("sections", number))


def no_items(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """An issue without content."""
    if not (any(section.items for section in issue.sections) or issue.warmups or issue.before or issue.after):
        yield RuleMatch(("sections",))


def not_ready(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """Items of a new issue not marked as ready."""
    count = sum(item.status != "ready" for item in issue.entries)
    if count and not issue.imported:
        yield RuleMatch((), {"count": count})


# --- properties of an item ------------------------------------------------------------------------------------


def needing(need: Need, issue: Issue, context: Context) -> Iterator[tuple[Path, Item]]:
    """The items whose section needs this field."""
    for path, section, item in entries(issue):
        if need in context.newsletter.style(section.name).needs:
            yield path, item


def papers(item: Item) -> list[str]:
    """The arXiv ids of the item's links."""
    return _distinct(urls.arxiv_id(url) for url in _addresses(item))


def repositories(item: Item) -> list[str]:
    """The repositories of the item's links."""
    return _distinct(urls.repository(url) for url in _addresses(item))


def _unclosed(entry: Item | Raw) -> bool:
    """Whether a head without a link begins with a bracket or ends with a URL that has no partner."""
    if isinstance(entry, Raw):
        return bool(RAW_HEAD.match(entry.raw))
    head = f"{entry.title} | {entry.source}"
    return not entry.url and bool(UNOPENED.match(head) or (head.startswith("[") and head.count("[") > head.count("]")))


def _addresses(item: Item) -> Iterator[str]:
    """URLs of the head, the further links, and of labels that begin with one; URLs within text aren't the item's own."""
    yield from filter(None, [item.url, *(link.url for link in item.links)])
    for text in item.fields.values():
        first = text.split("\n", 1)[0]
        yield from (url for url in addresses(first) if first.startswith((url, "[")))


def _distinct(found: Iterator[str | None]) -> list[str]:
    return list(dict.fromkeys(value for value in found if value))
