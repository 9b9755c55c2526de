"""A block of Markdown, in the archive format or nearly → what it adds to an issue."""

from __future__ import annotations

import datetime
import re

from embedai_nb.markdown import read
from embedai_nb.markdown.grammar import SECTION, TITLE
from embedai_nb.model import Issue, Newsletter, Raw, Section, Warmup

__all__ = ["pasted"]


def pasted(text: str, newsletter: Newsletter, section: str | None) -> Issue:
    """What the text holds: warm-ups, and sections with their items; the parts that every issue has are left out.

    Args:
        section: where items belong that stand under no heading; nothing: these lines are warm-ups.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    headed = any(SECTION.fullmatch(line) or TITLE.fullmatch(line) for line in lines.split("\n"))
    if section is None and not headed and not re.search(r"^[-–]", lines, re.MULTILINE):
        lines = re.sub(r"^(?=\S)", "- ", lines, flags=re.MULTILINE)
    source = lines if headed or section is None else f"## {section}\n\n{lines}"
    issue = read(source, newsletter, date=datetime.date.min).issue
    return issue.model_copy(update=_placed(issue, newsletter, section))


def _placed(issue: Issue, newsletter: Newsletter, section: str | None) -> dict[str, object]:
    """What stands outside of items becomes raw text where it is nearest, but for what every issue says."""
    warmups = [*_raw(issue.before), *issue.warmups, *_raw(_own(issue.note, newsletter.note)), *_raw(issue.after)]
    sections = [_without_note(each, newsletter) for each in issue.sections]
    if section is not None and warmups and not any(isinstance(entry, Warmup) for entry in warmups):
        sections, warmups = [Section(name=section, items=tuple(warmups)), *sections], []
    if (rest := _raw(_closing(issue.closing, newsletter))) and sections:
        sections[-1] = sections[-1].model_copy(update={"items": (*sections[-1].items, *rest)})
    elif rest:
        warmups += rest
    return {"warmups": tuple(warmups), "sections": tuple(sections)}


def _without_note(section: Section, newsletter: Newsletter) -> Section:
    own = _own(section.note, newsletter.style(section.name).note)
    return section.model_copy(update={"note": None, "items": (*_raw(own), *section.items)})


def _closing(text: str | None, newsletter: Newsletter) -> str:
    """What stands behind a rule, unless it is the closing of an issue."""
    known = [each for each in (newsletter.back_issues, newsletter.licence) if each]
    return "" if text is None or any(each in text for each in known) else text


def _own(text: str | None, standing: str) -> str:
    return "" if text is None or text.lstrip("> ") == standing else text


def _raw(text: str) -> list[Raw]:
    return [Raw(raw=text)] if text else []
