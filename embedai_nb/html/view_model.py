"""An issue as its templates show it: the same parts in the same order, each text sanitized HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import count, groupby

from markupsafe import Markup

from embedai_nb.errors import MarkupError
from embedai_nb.html.body import body
from embedai_nb.html.render import blocks as markdown_blocks
from embedai_nb.html.render import inline, linked
from embedai_nb.markdown import writer
from embedai_nb.memoize import cache_last
from embedai_nb.model import Issue, Item, Newsletter, Raw, Section, Warmup

__all__ = ["IssueView", "ItemView", "SectionView", "heading", "linking", "shows_images", "view"]

NOTHING = Markup()
QUOTE_MARK = re.compile(r"^ {0,3}> ?", re.MULTILINE)


COMMENT = re.compile(r"^ {0,3}<!--.*?-->[ \t]*$", re.DOTALL | re.MULTILINE)
"""A comment of an old issue, meant for those who wrote it."""


def blocks(markdown: str, *, html: bool = False, images: bool = False) -> Markup:
    """Markdown from around the items as HTML, without comments."""
    return markdown_blocks(COMMENT.sub("", markdown) if "<!--" in markdown else markdown, html=html, images=images)


@dataclass(frozen=True)
class ItemView:
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
    entries: tuple[ItemView, ...]


@dataclass(frozen=True)
class IssueView:
    """The whole; an empty part is not shown."""

    title: Markup
    keywords: Markup
    tagline: Markup
    before: Markup
    lead: Markup
    intro: Markup
    warmups: tuple[Markup, ...]
    note: Markup
    after: Markup
    sections: tuple[SectionView, ...]
    closing: Markup


@cache_last
def view(issue: Issue, newsletter: Newsletter) -> IssueView:
    """The view of a complete issue.

    Raises:
        MarkupError: some text is nested too deep to be shown whole; the error names it.
    """
    title, keywords = heading(issue, newsletter)
    images = shows_images(newsletter)
    frame = partial(
        blocks, html=True, images=images
    )  # old issues carry a few tags in theirs: `<font>`, a licence as `<a>`
    return IssueView(
        title=_part("heading", inline, title),
        keywords=_part("headline", inline, keywords),
        tagline=_part("tagline", inline, issue.tagline),
        before=_part("before", frame, issue.before),
        lead=_lead(issue, newsletter),
        intro=_part("intro", partial(body, images=images), issue.intro),
        warmups=tuple(_warmups(issue, newsletter)),
        note=_part("note", _unquoted, issue.note),
        after=_part("after", partial(blocks, images=images), issue.after),
        sections=tuple(_sections(issue, newsletter)),
        closing=_part("closing", frame, issue.closing),
    )


def shows_images(newsletter: Newsletter) -> bool:
    """Whether newsletter.yaml lets images be shown, rather than linked to."""
    return newsletter.images == "show"


@cache_last
def linking(newsletter: Newsletter) -> Newsletter:
    """The newsletter as one that links to images: neither a message nor an article can show them where they lie."""
    return newsletter.model_copy(update={"images": "link"}) if shows_images(newsletter) else newsletter


def heading(issue: Issue, newsletter: Newsletter) -> tuple[str, str]:
    """Title and keywords as Markdown, the title without a colon that nothing follows."""
    keywords = "/".join(issue.headline)
    title = writer.title(issue, newsletter).removesuffix(keywords)
    if not keywords:
        title = title.rstrip("：: ")
    return title or f"{newsletter.name} ({issue.date})", keywords


@contextmanager
def _speaking_of(*, item: str | None = None, field: str | None = None) -> Iterator[None]:
    """Have an error say which text it is about, where it doesn't yet."""
    try:
        yield
    except MarkupError as error:
        raise _about(error, item=item, field=field) from error


def _about(error: MarkupError, *, item: str | None = None, field: str | None = None) -> MarkupError:
    return MarkupError(error.problem, item=error.item or item, field=error.field or field, remedy=error.remedy)


def _part(field: str, render: Callable[[str], Markup], text: str | None) -> Markup:
    try:
        return render(text) if text else NOTHING
    except MarkupError as error:
        raise _about(error, field=field) from error


# --- parts of the issue ---------------------------------------------------------------------------------------


def _unquoted(text: str) -> Markup:
    return body(QUOTE_MARK.sub("", text))


def _lead(issue: Issue, newsletter: Newsletter) -> Markup:
    word = Markup("<b>{}{}</b>").format(newsletter.lead_word, newsletter.marks.colon)
    images = shows_images(newsletter)
    return _part("lead", lambda text: body(QUOTE_MARK.sub("", text), label=word, images=images), issue.lead)


def _warmups(issue: Issue, newsletter: Newsletter) -> Iterator[Markup]:
    """Lists of news, and what was kept raw between them."""
    last = next((w for w in reversed(issue.warmups) if isinstance(w, Warmup)), None)
    numbers = count(1)
    for kind, group in groupby(issue.warmups, type):
        parts = NOTHING
        for warmup in group:
            with _speaking_of(item=str(next(numbers)), field="warmups"):
                parts += _warmup(warmup, newsletter, last=warmup is last)
        yield parts if kind is Raw else Markup('<ul class="warmups">{}</ul>').format(parts)


def _warmup(warmup: Warmup | Raw, newsletter: Newsletter, *, last: bool) -> Markup:
    if isinstance(warmup, Raw):
        return blocks(warmup.raw, images=shows_images(newsletter))
    marks = newsletter.marks
    text = inline(warmup.text)
    if warmup.company:
        text = Markup("<b>{}</b>{}{}").format(inline(warmup.company), marks.colon, text)
    end = marks.list_end if last else marks.item_end
    closed = end if warmup.text or warmup.url else ""
    return Markup("<li>{}{}</li>\n").format(linked(text, warmup.url or ""), closed)


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
    names = [_part(section.name, inline, section.name) for section in issue.sections]
    ids = [anchors.give(name.striptags()) for name in names]
    for anchor, name, section in zip(ids, names, issue.sections, strict=True):
        with _speaking_of(item=section.name):
            note = _part("note", _unquoted, section.note)
            yield SectionView(anchor, name, note, tuple(_entries(section, anchor, anchors, newsletter)))


def _entries(section: Section, anchor: str, anchors: _Anchors, newsletter: Newsletter) -> Iterator[ItemView]:
    numbers = count(1)
    for item in section.items:
        if isinstance(item, Raw):
            yield ItemView(body=_part("raw", partial(blocks, images=shows_images(newsletter)), item.raw))
            continue
        number = next(numbers)
        with _speaking_of(item=f"{section.name} {number}"):
            yield _entry(item, anchors.give(f"{anchor}.{number}"), newsletter)


def _entry(item: Item, anchor: str, newsletter: Newsletter) -> ItemView:
    return ItemView(
        anchor=anchor,
        tags=tuple(_part("tags", inline, tag) for tag in item.tags),
        head=_head(item),
        byline=tuple(_byline(item)),
        body=_text(item, newsletter),
    )


def _head(item: Item) -> Markup:
    title = _part("title", inline, item.title)
    if item.repo:
        title = Markup("<small>{}</small> {}").format(item.repo, title)
    return linked(title, item.url or "")


def _byline(item: Item) -> Iterator[Markup]:
    if item.source:
        yield _part("source", inline, item.source)
    for link in item.links:
        yield linked(_part("links", inline, link.text), link.url)


def _text(item: Item, newsletter: Newsletter) -> Markup:
    """Paragraphs without a label, then those with one."""
    images = shows_images(newsletter)
    html = _part("text", partial(body, images=images), item.text)
    for name, text in item.fields.items():
        with _speaking_of(field=name):
            html += body(text, label=_label(name, newsletter.marks.colon), images=images)
    return html


@lru_cache
def _label(name: str, colon: str) -> Markup:
    return Markup("<b>{}{}</b>").format(inline(name), colon)
