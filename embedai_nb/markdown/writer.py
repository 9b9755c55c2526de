"""Issue → archive Markdown, mechanically: a part that is absent is not written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from embedai_nb.markdown import grammar
from embedai_nb.model import Issue, Item, Newsletter, Raw, Section, Warmup

_BREAKS = re.compile(r"(?<=[^\s|])\n(?=[^\s|])")


def writes(issue: Issue, newsletter: Newsletter) -> str:
    """The Markdown of a complete issue; the inverse of ``reads``.  Ends in one line end."""
    parts = [
        issue.front_matter,
        _title(issue, newsletter),
        f"**{issue.tagline}**" if issue.tagline else None,
        _breaks(issue.before),
        _lead(issue, newsletter),
        issue.intro,
        "\n".join(_warmups(issue, newsletter)),
        _quote(issue.note),
        _breaks(issue.after),
        *(_section(section, newsletter) for section in issue.sections),
        _breaks(issue.closing or ""),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def title(issue: Issue, newsletter: Newsletter) -> str:
    """The title as plain text, without the mark of a heading."""
    return _title(issue, newsletter).removeprefix("#").strip()


def _title(issue: Issue, newsletter: Newsletter) -> str:
    keywords = "/".join(issue.headline)
    if issue.heading is None:
        return f"# {newsletter.name} ({issue.date})" + (f"{newsletter.marks.colon}{keywords}" if keywords else "")
    gap = "" if issue.heading.endswith(("：", ":")) else " "
    return f"{issue.heading}{gap}{keywords}" if keywords else issue.heading


def _lead(issue: Issue, newsletter: Newsletter) -> str | None:
    if issue.lead is None:
        return None
    return _breaks(f"> {newsletter.lead_word}{newsletter.marks.colon}{issue.lead}")


def _quote(text: str | None) -> str | None:
    return _breaks(f"> {text}") if text else None


def _breaks(text: str) -> str:
    """A line end within a paragraph is meant as one; rows of a table are left alone."""
    return _BREAKS.sub("  \n", text)


def _warmups(issue: Issue, newsletter: Newsletter) -> Iterator[str]:
    last = next((w for w in reversed(issue.warmups) if isinstance(w, Warmup)), None)
    for warmup in issue.warmups:
        if isinstance(warmup, Raw):
            yield warmup.raw
        else:
            yield write_warmup(warmup, newsletter, last=warmup is last)


def write_warmup(warmup: Warmup, newsletter: Newsletter, *, last: bool = False) -> str:
    """One line of news, with its closing mark."""
    return f"- {grammar.warmup_line(warmup, newsletter, last=last)}"


def _section(section: Section, newsletter: Newsletter) -> str:
    blocks = [f"## {section.name}"]
    if section.note:
        blocks.append(f"> {section.note}")
    blocks += _items(section, newsletter)
    return "\n\n".join(blocks)


def _items(section: Section, newsletter: Newsletter) -> Iterator[str]:
    """Items follow one another without a blank line; a raw block stands by itself."""
    run: list[str] = []
    for item in section.items:
        if isinstance(item, Item):
            run.append(write_item(item, newsletter))
            continue
        if run:
            yield "\n".join(run)
        run = []
        yield _breaks(item.raw)
    if run:
        yield "\n".join(run)


def write_item(item: Item, newsletter: Newsletter) -> str:
    """Head and body of an item; every line that another follows ends in a hard break."""
    lines = [f"- {grammar.head(item, newsletter)}".rstrip(), *item.text.split("\n")]
    for label, text in item.fields.items():
        nested = text[:1].isspace()
        lines += [f"{label}{newsletter.marks.colon}" + ("" if nested else text.split("\n", 1)[0])]
        lines += text.split("\n") if nested else text.split("\n")[1:]
    lines = [line for line in lines if line]
    return "  \n".join(line.rstrip() for line in lines)
