"""Complete an issue with what the program writes: lead, closing and the newsletter's standing parts."""

from __future__ import annotations

import datetime
import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import TypeAlias

from embedai_nb.markdown import safe
from embedai_nb.memoize import cache_last
from embedai_nb.model import Issue, Item, Newsletter, Section, Warmup

Numbers: TypeAlias = Mapping[datetime.date, int | str | None]
"""What counts the issues, by their dates."""
NO_NUMBERS: Numbers = MappingProxyType({})

COLUMNS = 4
"""Dates per row of the table of back issues."""


@cache_last
def complete(
    issue: Issue, newsletter: Newsletter, dates: Iterable[datetime.date] = (), numbers: Numbers = NO_NUMBERS
) -> Issue:
    """The issue as published: generated parts added, empty sections and private fields removed.

    Args:
        issue: as edited; an imported one is returned unchanged.
        dates: of all issues; the newest up to this one are listed as back issues.
        numbers: of these, where they have any.
    """
    if issue.imported:
        return issue
    issue = safe(issue, newsletter)
    sections = tuple(_section(section, newsletter) for section in issue.sections if section.items)
    parts: dict[str, object] = {
        "front_matter": _or_standing(issue.front_matter, newsletter.front_matter),
        "tagline": _or_standing(issue.tagline, newsletter.tagline),
        "lead": issue.lead or lead(issue, newsletter) or None,
        "warmups": tuple(w for w in issue.warmups if not isinstance(w, Warmup) or w.company or w.text or w.url),
        "note": _or_standing(issue.note, newsletter.note),
        "sections": sections,
        "closing": closing(issue.date, newsletter, dates, {**numbers, issue.date: issue.number})
        if issue.closing is None
        else issue.closing or None,
        "imported": True,
        "waived": {},
    }
    if parts["warmups"]:
        parts["intro"] = _or_standing(issue.intro, newsletter.intro)
    return issue.model_copy(update=parts)


def _or_standing(text: str | None, standing: str) -> str | None:
    """The editor's text, else the newsletter's; None if that is empty."""
    return (standing if text is None else text) or None


def _section(section: Section, newsletter: Newsletter) -> Section:
    items = tuple(_published(item) if isinstance(item, Item) else item for item in section.items)
    note = _or_standing(section.note, newsletter.style(section.name).note)
    return section.model_copy(update={"note": note, "items": items})


def _published(item: Item) -> Item:
    """The item without the fields for colleagues."""
    return item.model_copy(update={"hook": "", "note": "", "status": "draft", "waived": {}})


# --- the lead -------------------------------------------------------------------------------------------------


def lead(issue: Issue, newsletter: Newsletter) -> str:
    """Write the lead: the number of items, and the hook or title of each: 本期15条。【新闻】…；【论文】…。"""
    style, entries = newsletter.lead, issue.entries
    if not entries:
        return ""
    sections = [_hooks(section, newsletter) for section in issue.sections if section.entries]
    return style.counted(len(entries)) + style.between_sections.join(sections) + style.end


def _hooks(section: Section, newsletter: Newsletter) -> str:
    hooks = [item.hook or item.title for item in section.entries if item.hook or item.title]
    name = newsletter.style(section.name).short or section.name
    return newsletter.lead.section.format(name=name, hooks=newsletter.lead.between_items.join(hooks))


# --- the closing ----------------------------------------------------------------------------------------------


def closing(
    date: datetime.date, newsletter: Newsletter, dates: Iterable[datetime.date] = (), numbers: Numbers = NO_NUMBERS
) -> str:
    """Write the closing: table of back issues, QR code, contacts, licence."""
    known = heapq.nlargest(newsletter.back_issues_listed, {date, *(other for other in dates if other < date)})
    picture = f"![{newsletter.qr_code_text}]({newsletter.qr_code})" if newsletter.qr_code else ""
    contacts = "\n".join(f"- {contact.name}: {contact.value}" for contact in newsletter.contacts)
    blocks = [_heading(newsletter), _table(known, newsletter, numbers), "----", picture, contacts]
    if newsletter.licence:
        blocks += ["----", newsletter.licence]
    return "\n\n".join(block for block in blocks if block)


def _heading(newsletter: Newsletter) -> str:
    name, url = newsletter.back_issues, newsletter.project_url
    return f"## [{name}]({url})" if url else f"## {name}"


def _table(dates: Sequence[datetime.date], newsletter: Newsletter, numbers: Numbers) -> str:
    """Table of dates, newest first; above the dates of each year a row with its four digits."""
    rows = list(_rows(dates, newsletter, numbers))
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], f"|{':---:|' * COLUMNS}", *lines[1:]])


def _rows(dates: Sequence[datetime.date], newsletter: Newsletter, numbers: Numbers) -> Iterator[list[str]]:
    for year, group in groupby(dates, key=lambda date: date.year):
        yield list(f"{year:04}")
        cells = [_cell(date, newsletter, numbers) for date in group]
        for start in range(0, len(cells), COLUMNS):
            row = cells[start : start + COLUMNS]
            yield row + [" "] * (COLUMNS - len(row))


def _cell(date: datetime.date, newsletter: Newsletter, numbers: Numbers) -> str:
    url = newsletter.issue_url(date, numbers.get(date))
    return f"[{date}]({url})" if url else date.isoformat()
