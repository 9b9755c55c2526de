"""Parse pasted text, Markdown in or near the archive format or links, into parts of an issue."""

from __future__ import annotations

import datetime
import re

from embedai_nb.capture import parse_pasted
from embedai_nb.markdown import read
from embedai_nb.markdown.grammar import ITEM, LABEL, SECTION, TITLE
from embedai_nb.model import Issue, Item, Newsletter, Raw, Section, Warmup

__all__ = ["read_pasted", "split_pasted"]


def split_pasted(text: str, newsletter: Newsletter, section: str | None) -> tuple[str, str]:
    """Split pasted text into Markdown in the archive format and links to be captured.

    Args:
        section: as for `read_pasted`.
    """
    if _headed(lines := _lines(text)):
        return text, ""
    markdown, links = list[str](), list[str]()
    for block in re.split(r"\n(?:[^\S\n]*\n)+", lines):
        # Among warm-ups, and below items, words with a link are a warm-up or a paragraph, unless they look like neither.
        wordy = section is not None and not any(_is_markdown(each, newsletter) for each in markdown)
        captured = not _is_markdown(block, newsletter) and _are_links(block, wordy=wordy)
        (links if captured else markdown).append(block)
    return "\n\n".join(markdown) if links else text, "\n\n".join(links)


def _is_markdown(block: str, newsletter: Newsletter) -> bool:
    """Whether a block is a quote, a table, HTML, or has a bullet before a link or a tag, or a label."""
    lines = block.split("\n")
    heads = [found["head"] for line in lines if (found := ITEM.fullmatch(line))]
    labels = [found["label"] for line in lines if (found := LABEL.fullmatch(line))]
    listed = any("](" in head or head.startswith("[") for head in heads)
    return block.lstrip()[:1] in {">", "|", "<"} or listed or not set(labels).isdisjoint(newsletter.labels)


def _are_links(block: str, *, wordy: bool) -> bool:
    """Whether a block holds links, ids, repositories; ``wordy``: with any words around them."""
    items = [each.item for each in parse_pasted(block)]
    if wordy:
        return any(map(_leads_somewhere, items))
    bare = all(_leads_somewhere(item) and (not item.title or item.source) for item in items)
    return bool(items) and bare and not block[:1].isspace()


def _leads_somewhere(item: Item) -> bool:
    return bool(item.url or item.repo or item.tags)


def read_pasted(text: str, newsletter: Newsletter, section: str | None) -> Issue:
    """Read warm-ups and sections with their items from pasted Markdown; leaves out the parts that every issue has.

    Args:
        section: for items without a heading above them; None: such lines are warm-ups.
    """
    lines = _lines(text)
    headed = _headed(lines)
    if section is None and not headed and not re.search(r"^[-–]", lines, re.MULTILINE):
        lines = re.sub(r"^(?=\S)", "- ", lines, flags=re.MULTILINE)
    source = lines if headed or section is None else f"## {section}\n\n{lines}"
    issue = read(source, newsletter, date=datetime.date.min).issue
    return issue.model_copy(update=_placed(issue, newsletter, section))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def _headed(lines: str) -> bool:
    return any(SECTION.fullmatch(line) or TITLE.fullmatch(line) for line in lines.split("\n"))


def _placed(issue: Issue, newsletter: Newsletter, section: str | None) -> dict[str, object]:
    """Turn text outside of items into raw entries at the nearest place, except for the standing parts."""
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
    """Text after a thematic break, unless it is the closing of an issue."""
    known = [each for each in (newsletter.back_issues, newsletter.licence) if each]
    return "" if text is None or any(each in text for each in known) else text


def _own(text: str | None, standing: str) -> str:
    return "" if text is None or text.lstrip("> ") == standing else text


def _raw(text: str) -> list[Raw]:
    return [Raw(raw=text)] if text else []
