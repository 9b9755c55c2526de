"""The one form in which the archive format says an issue: what was typed otherwise is read again as this.

In its safe form every reader of the Markdown sees the same, and nothing is active in it.
"""

from __future__ import annotations

import re

from embedai_nb.markdown import grammar
from embedai_nb.markdown.blocks import is_plain, lay_out
from embedai_nb.markdown.inert import inert
from embedai_nb.markdown.writer import parts, verbatim_lines
from embedai_nb.memoize import cache_last
from embedai_nb.model import Issue, Item, Link, Newsletter, Raw, Section, Warmup

__all__ = ["normal", "safe"]

QUOTE_MARK = re.compile(r"^ {0,3}> ?", re.MULTILINE)
UNESCAPED_BAR = re.compile(r"(?<!\\)\|")


def normal(issue: Issue, newsletter: Newsletter) -> Issue:
    """The issue as it is read again when it was written."""
    sections = tuple(_with_items(section, newsletter, is_safe=False) for section in issue.sections)
    return issue.model_copy(update={"sections": sections})


@cache_last
def safe(issue: Issue, newsletter: Newsletter) -> Issue:
    """The issue, shown alike by all readers of its Markdown; its visible text stays the same.

    An imported issue is what it was.
    """
    if issue.imported:
        return issue
    update = {
        "headline": tuple(map(inert, issue.headline)),
        "tagline": issue.tagline and inert(issue.tagline),
        "before": _free(issue.before),
        "lead": issue.lead and _quoted(issue.lead),
        "intro": issue.intro and inert(issue.intro),
        "warmups": tuple(_warmup(entry) for entry in issue.warmups),
        "note": issue.note and _quoted(issue.note),
        "after": _free(issue.after),
        "sections": tuple(_with_items(section, newsletter, is_safe=True) for section in issue.sections),
        "closing": issue.closing and _free(issue.closing),
    }
    return issue.model_copy(update=update)


def _free(text: str) -> str:
    """Text around the items; code in it stays."""
    if "<" not in text and "{" not in text:
        return text
    code = verbatim_lines(text, html=False)
    return "\n".join(line if n in code else inert(line, bars=False) for n, line in enumerate(text.split("\n")))


def _quoted(text: str) -> str:
    """Text that stands in a quote whose first mark the format writes; blocks have one before each line."""
    if is_plain(text):
        return inert(text)
    first, newline, rest = ("", "\n", text) if text.startswith(">") else text.partition("\n")
    laid = lay_out(first + newline + QUOTE_MARK.sub("", rest), safe=True, labelled=True, tight=False)
    lines = [line.text for line in laid.lines]
    lines = lines if laid.opens == "paragraph" else ["", *lines]
    return "\n".join([*lines[:1], *(f"> {line}".rstrip() for line in lines[1:])])


def _warmup(entry: Warmup | Raw) -> Warmup | Raw:
    if isinstance(entry, Raw):
        return entry.model_copy(update={"raw": _free(entry.raw)})
    links = entry.url is None
    return entry.model_copy(
        update={"company": inert(entry.company, links=links), "text": inert(entry.text, links=links)}
    )


def _with_items(section: Section, newsletter: Newsletter, *, is_safe: bool) -> Section:
    update: dict[str, object] = {"items": tuple(_item(item, newsletter, is_safe) for item in section.items)}
    if is_safe:
        update |= {"name": inert(section.name), "note": section.note and _quoted(section.note)}
    return section.model_copy(update=update)


def _item(item: Item | Raw, newsletter: Newsletter, is_safe: bool) -> Item | Raw:
    if isinstance(item, Raw):
        return item.model_copy(update={"raw": _free(item.raw)}) if is_safe else item
    texts = {part.label: part.text for part in parts(item, newsletter, safe=is_safe)}
    update: dict[str, object] = {"text": texts.pop("", ""), "fields": texts}
    if is_safe:
        update |= _safe_head(item)
    made = item.model_copy(update=update)
    return made.model_copy(update={"bar_escaped": True}) if is_safe and _is_table(made, newsletter) else made


def _safe_head(item: Item) -> dict[str, object]:
    return {
        "title": inert(item.title, links=item.url is None) if item.structured else item.title,
        "source": inert(item.source),
        "hook": inert(item.hook),
        "tags": tuple(map(inert, item.tags)),
        "links": tuple(Link(text=inert(link.text, links=False), url=link.url) for link in item.links),
    }


def _is_table(item: Item, newsletter: Newsletter) -> bool:
    """Whether kramdown would take it for a table: each line of its first paragraph has a bar."""
    if not item.source:
        return False
    first = [grammar.head(item, newsletter)]
    for part in parts(item, newsletter):
        for line in part.lines:
            if not line.text or not line.lazy:
                return all(UNESCAPED_BAR.search(each) for each in first)
            first.append(line.text)
    return all(UNESCAPED_BAR.search(each) for each in first)
