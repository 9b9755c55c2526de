"""Issue → archive Markdown, mechanically: a part that is absent is not written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from embedai_nb.markdown import grammar, liquid
from embedai_nb.markdown.blocks import NUMBERED, Laid, Line, document_tokens, lay_out
from embedai_nb.markdown.inline_spans import open_code_spans
from embedai_nb.memoize import cache_recent
from embedai_nb.model import Issue, Item, Newsletter, Raw, Section, Warmup

MARGIN = "  "
"""Where the content of an item begins, behind its bullet."""

VERBATIM = re.compile(r"`|~~~|^\s*<|^\s*\|?\s*:?-+:?\s*\||^(?:\t| {4})", re.MULTILINE)
"""What a text has in which some line may have to stay as it is."""


def writes(issue: Issue, newsletter: Newsletter) -> str:
    """The Markdown of a complete issue; the inverse of ``reads``.  Ends in one line end."""
    parts = [
        _title(issue, newsletter),
        _opening(issue),
        _lead(issue, newsletter),
        issue.intro,
        _warmups(issue, newsletter),
        _quote(issue.note),
        breaks(issue.after),
        *(_section(section, newsletter) for section in issue.sections),
        breaks(issue.closing or ""),
    ]
    text = liquid.shielded("\n\n".join(part for part in parts if part))
    return "\n\n".join(part for part in (issue.front_matter, text) if part) + "\n"


def title(issue: Issue, newsletter: Newsletter) -> str:
    """The title as plain text, without the mark of a heading."""
    return _title(issue, newsletter).removeprefix("#").strip()


def _title(issue: Issue, newsletter: Newsletter) -> str:
    keywords = "/".join(issue.headline)
    if issue.heading is None:
        title = newsletter.issue_title(issue.date, issue.number)
        return f"# {title}" + (f"{newsletter.marks.colon}{keywords}" if keywords else "")
    gap = "" if issue.heading.endswith(("：", ":")) else " "
    return f"{issue.heading}{gap}{keywords}" if keywords else issue.heading


def _opening(issue: Issue) -> str:
    """Tagline and what stands before the lead; where that begins with a tag, it is in the tagline's paragraph."""
    tagline = f"**{issue.tagline}**" if issue.tagline else ""
    gap = f"{MARGIN}\n" if issue.before.startswith("<") else "\n\n"
    return gap.join(part for part in (tagline, breaks(issue.before)) if part)


def _lead(issue: Issue, newsletter: Newsletter) -> str | None:
    if issue.lead is None:
        return None
    gap = "\n" * issue.lead.startswith(">")  # it begins with a block, which cannot stand in the word's line
    return breaks(f"> {newsletter.lead_word}{newsletter.marks.colon}{gap}{issue.lead}")


def _quote(text: str | None) -> str | None:
    return breaks(f"> {text}") if text else None


def breaks(text: str) -> str:
    """Free text, in which a line end is meant as a line break; code, tables and HTML are left alone."""
    lines = text.split("\n")
    open_ends = {n for n, (line, following) in enumerate(pairwise(lines)) if _ends_open(line, following)}
    for n in open_ends - verbatim_lines(text) if open_ends else ():
        lines[n] += MARGIN
    return "\n".join(lines)


def _ends_open(line: str, following: str) -> bool:
    """Whether nothing says yet if the end of a line is a break."""
    return line[-1:] not in {"", " ", "\t", "|", "\\"} and following[:1] not in {"", " ", "\t", "|"}


def verbatim_lines(text: str, *, html: bool = True) -> frozenset[int]:
    """The lines of code, HTML and tables, and those that end within a code span."""
    if not VERBATIM.search(text):
        return frozenset()
    kinds = {"fence", "code_block", "table_open"} | ({"html_block"} if html else set())
    found: set[int] = set()
    for token in document_tokens(text):
        if token.map and token.type in kinds:
            found.update(range(*token.map))
        elif token.map and token.type == "inline":
            found.update(token.map[0] + n for n in open_code_spans(token.content))
    return frozenset(found)


def _warmups(issue: Issue, newsletter: Newsletter) -> str:
    """Lines of news; what is raw stands by itself, unless it is an entry of the same list."""
    last = next((w for w in reversed(issue.warmups) if isinstance(w, Warmup)), None)
    written: list[str] = []
    for n, warmup in enumerate(issue.warmups):
        raw = isinstance(warmup, Raw)
        text = warmup.raw if isinstance(warmup, Raw) else write_warmup(warmup, newsletter, last=warmup is last)
        before = issue.warmups[n - 1] if n else None
        joined = all(not isinstance(each, Raw) or grammar.BULLET.match(each.raw) for each in (before, warmup))
        written += [("\n" if joined else "\n\n") * bool(n), breaks(text) if raw else text]
    return "".join(written)


def write_warmup(warmup: Warmup, newsletter: Newsletter, *, last: bool = False) -> str:
    """One line of news, with its closing mark."""
    return f"- {grammar.warmup_line(warmup, newsletter, last=last)}"


def _section(section: Section, newsletter: Newsletter) -> str:
    blocks = [f"## {section.name}"]
    if section.note:
        blocks.append(_quote(section.note) or "")
    if section.items:
        blocks.append(_items(section, newsletter))
    return "\n\n".join(blocks)


def _items(section: Section, newsletter: Newsletter) -> str:
    """Items follow one another, with a blank line behind one that has blank lines; a raw block stands by itself."""
    written, apart = list[str](), False
    for n, item in enumerate(section.items):
        raw = isinstance(item, Raw)
        text = breaks(item.raw) if isinstance(item, Raw) else write_item(item, newsletter)
        written += [("\n\n" if apart or raw else "\n") * bool(n), text]
        apart = raw or "\n\n" in text
    return "".join(written)


# --- items ----------------------------------------------------------------------------------------------------


class Part(NamedTuple):
    """What stands under a label, or before the first, as it is written."""

    label: str
    text: str
    """As it is read again."""
    lines: tuple[Line, ...]
    apart: bool
    """Whether a blank line follows before the next part."""


def parts(item: Item, newsletter: Newsletter, *, safe: bool = False) -> Iterator[Part]:
    """The text of an item, label by label, each with the lines it is written in."""
    tight, given = True, [("", item.text), *item.fields.items()]
    last = max((n for n, (label, text) in enumerate(given) if label or text), default=0)
    for n, (label, text) in enumerate(given):
        if label or text:
            part = _part(label, text, newsletter.marks.colon, safe=safe, tight=tight, more=n < last)
            yield part
            tight = tight and not part.apart and all(line.text for line in part.lines)


@lru_cache(512)
def _part(label: str, text: str, colon: str, *, safe: bool, tight: bool, more: bool) -> Part:
    before, core, after = _without_blank_ends(text.replace("\r\n", "\n").replace("\r", "\n"))
    before, after = (0, 0) if safe else (before, after)
    laid = lay_out(core, safe=safe, labelled=bool(label) and not before, tight=tight) if core else Laid([])
    lines = list(laid.lines)
    loose = not tight or laid.opens == "block" or not all(line.text for line in lines)
    ends_apart = laid.closes == "block" or (laid.closes == "list" and (safe or loose))
    apart = more and (after > 0 or ends_apart)
    kept = min(before, 2 if label else 1) if laid.opens == "paragraph" else 0
    if not label:
        gap = bool(kept or laid.opens == "block" if core else after and more)
        lines = [Line("")] * gap + lines
    elif lines and laid.opens == "paragraph" and not kept:
        laid.lines[0] = laid.lines[0]._replace(text=laid.lines[0].text.lstrip())
        lines[0] = Line(f"{label}{colon}{laid.lines[0].text}", lines[0].breaks, lazy=True)
    else:
        gap = bool(lines) and (laid.opens == "block" or kept > 1)
        lines = [Line(f"{label}{colon}", breaks=True, lazy=True), *[Line("")] * gap, *lines]
    normal = "\n" * kept + "\n".join(line.text for line in laid.lines) + "\n" * apart
    return Part(label, normal, tuple(lines), apart)


def _without_blank_ends(text: str) -> tuple[int, str, int]:
    """How many blank lines stand before, what stands between, and how many stand after."""
    lines = text.split("\n")
    shown = [n for n, line in enumerate(lines) if line.strip()]
    if not shown:
        return 0, "", len(lines) - 1
    return shown[0], "\n".join(lines[shown[0] : shown[-1] + 1]), len(lines) - 1 - shown[-1]


@cache_recent(256)
def write_item(item: Item, newsletter: Newsletter) -> str:
    """Head and body of an item; a line of a paragraph that another follows ends in a hard break."""
    lines = [Line(f"- {grammar.head(item, newsletter)}".rstrip(), breaks=True)]
    loose = False
    for part in parts(item, newsletter):
        for line in part.lines:
            loose = loose or not line.text
            lines.append(_placed(line, loose))
        if part.apart:
            lines.append(Line(""))
            loose = True
    while not lines[-1].text:
        lines.pop()
    ends = [MARGIN if line.breaks and following.text else "" for line, following in pairwise(lines)]
    return "\n".join(line.text + end for line, end in zip(lines, [*ends, ""], strict=True))


def _placed(line: Line, loose: bool) -> Line:
    """The line where it stands: at column 0 the paragraph begun with the head goes on, indented the item does."""
    return line.indented(MARGIN) if loose or (line.lazy and NUMBERED.match(line.text)) else line
