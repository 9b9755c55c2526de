"""An issue as its templates show it: the same parts in the same order, each text sanitized HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from embedai_nb.errors import MarkupError
from embedai_nb.html.body import body
from embedai_nb.html.text import blocks, inline, linked, plain
from embedai_nb.markdown import writer
from embedai_nb.model import Issue, Item, Newsletter, Raw, Section, Warmup

__all__ = ["Entry", "IssueView", "SectionView", "heading", "view"]

NOTHING = Markup()
QUOTE_MARK = re.compile(r"^ {0,3}> ?", re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """An item; where it is raw text kept between items, it has no anchor and only a body."""

    body: Markup
    anchor: str = ""
    tags: tuple[Markup, ...] = ()
    head: Markup = NOTHING
    byline: tuple[Markup, ...] = ()


@dataclass(frozen=True)
class SectionView:
    """A section under its heading."""

    anchor: str
    name: Markup
    note: Markup
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class IssueView:
    """The whole; an empty part is not shown."""

    title: Markup
    tagline: Markup
    before: Markup
    lead: Markup
    intro: Markup
    warmups: tuple[Markup, ...]
    note: Markup
    after: Markup
    sections: tuple[SectionView, ...]
    closing: Markup


def view(issue: Issue, newsletter: Newsletter) -> IssueView:
    """The view of a complete issue.

    Raises:
        MarkupError: some text is nested too deep to be shown whole; the error names it.
    """
    return IssueView(
        title=_part("headline", inline, heading(issue, newsletter)),
        tagline=_part("tagline", inline, issue.tagline),
        before=_part("before", _with_html, issue.before),
        lead=_lead(issue, newsletter),
        intro=_part("intro", body, issue.intro),
        warmups=tuple(_warmups(issue, newsletter)),
        note=_part("note", _unquoted, issue.note),
        after=_part("after", blocks, issue.after),
        sections=tuple(_sections(issue, newsletter)),
        closing=_part("closing", _with_html, issue.closing),
    )


def heading(issue: Issue, newsletter: Newsletter) -> str:
    """The title as Markdown, without a colon that nothing follows."""
    return writer.title(issue, newsletter).rstrip("：: ")


@contextmanager
def _speaking_of(*, item: str | None = None, field: str) -> Iterator[None]:
    """Have an error say which text it is about, where it doesn't yet."""
    try:
        yield
    except MarkupError as error:
        raise MarkupError(
            error.problem, item=error.item or item, field=error.field or field, remedy=error.remedy
        ) from error


def _part(field: str, render: Callable[[str], Markup], text: str | None) -> Markup:
    with _speaking_of(field=field):
        return render(text) if text else NOTHING


# --- parts of the issue ---------------------------------------------------------------------------------------


def _with_html(text: str) -> Markup:
    """Old issues carry a few tags in their frame: ``<font>``, a licence as ``<a>``."""
    return blocks(text, html=True)


def _unquoted(text: str) -> Markup:
    return body(QUOTE_MARK.sub("", text))


def _lead(issue: Issue, newsletter: Newsletter) -> Markup:
    word = Markup("<b>{}{}</b>").format(newsletter.lead_word, newsletter.marks.colon)
    return _part("lead", lambda text: body(QUOTE_MARK.sub("", text), label=word), issue.lead)


def _warmups(issue: Issue, newsletter: Newsletter) -> Iterator[Markup]:
    """Lists of news, and what was kept raw between them."""
    last = next((w for w in reversed(issue.warmups) if isinstance(w, Warmup)), None)
    with _speaking_of(field="warmups"):
        for kind, group in groupby(issue.warmups, type):
            parts = Markup().join(
                blocks(w.raw) if isinstance(w, Raw) else _warmup(w, newsletter, last=w is last) for w in group
            )
            yield parts if kind is Raw else Markup('<ul class="warmups">{}</ul>').format(parts)


def _warmup(warmup: Warmup, newsletter: Newsletter, *, last: bool) -> Markup:
    marks = newsletter.marks
    text = inline(warmup.text)
    if warmup.company:
        text = Markup("<b>{}</b>{}{}").format(inline(warmup.company), marks.colon, text)
    return Markup("<li>{}{}</li>\n").format(linked(text, warmup.url or ""), marks.list_end if last else marks.item_end)


# --- sections -------------------------------------------------------------------------------------------------


class _Anchors:
    """Readable ids, each given once: 论文, the second 论文 is 论文-2."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def give(self, name: str) -> str:
        wanted = anchor = re.sub(r"[^\w.]+", "-", name).strip("-") or "section"
        number = 1
        while anchor in self._given:
            number += 1
            anchor = f"{wanted}-{number}"
        self._given.add(anchor)
        return anchor


def _sections(issue: Issue, newsletter: Newsletter) -> Iterator[SectionView]:
    anchors = _Anchors()
    names = [anchors.give(plain(section.name)) for section in issue.sections]
    for name, section in zip(names, issue.sections, strict=True):
        with _speaking_of(item=section.name, field="note"):
            note = _unquoted(section.note or "")
        yield SectionView(name, inline(section.name), note, tuple(_entries(section, name, anchors, newsletter)))


def _entries(section: Section, anchor: str, anchors: _Anchors, newsletter: Newsletter) -> Iterator[Entry]:
    for number, item in enumerate(section.items, 1):
        where = f"{section.name} {number}"
        if isinstance(item, Raw):
            with _speaking_of(item=where, field="raw"):
                yield Entry(body=blocks(item.raw))
        else:
            yield _entry(item, where, anchors.give(f"{anchor}.{number}"), newsletter)


def _entry(item: Item, where: str, anchor: str, newsletter: Newsletter) -> Entry:
    with _speaking_of(item=where, field="title"):
        return Entry(
            anchor=anchor,
            tags=tuple(map(inline, item.tags)),
            head=_head(item),
            byline=tuple(_byline(item)),
            body=_text(item, where, newsletter),
        )


def _head(item: Item) -> Markup:
    title = inline(item.title)
    if item.repo:
        title = Markup("<small>{}</small> {}").format(item.repo, title)
    return linked(title, item.url or "")


def _byline(item: Item) -> Iterator[Markup]:
    if item.source:
        yield inline(item.source)
    for link in item.links:
        yield linked(inline(link.text), link.url)


def _text(item: Item, where: str, newsletter: Newsletter) -> Markup:
    """Paragraphs without a label, then those with one."""
    html = _named(where, "text", item.text)
    for name, text in item.fields.items():
        label = Markup("<b>{}{}</b>").format(inline(name), newsletter.marks.colon)
        html += _named(where, name, text, label)
    return html


def _named(where: str, field: str, text: str, label: Markup = NOTHING) -> Markup:
    with _speaking_of(item=where, field=field):
        return body(text, label=label)
