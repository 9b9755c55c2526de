"""An issue of another shape → the newsletter's format, and what became of its text."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from bs4.element import NavigableString, Tag

from embedai_nb.errors import DraftError
from embedai_nb.html.html_to_markdown import converted
from embedai_nb.i18n import _
from embedai_nb.importing.document import INLINE, Block, Document, document_of_html, document_of_markdown
from embedai_nb.importing.front_matter import FrontMatter, dated, split_front_matter
from embedai_nb.importing.heads import inline_markdown
from embedai_nb.importing.shapes import Entry, FoundSection, Shape, parts_of
from embedai_nb.importing.titles import Title, read_title, same_name
from embedai_nb.markdown import Remark, read_issue, safe, writes
from embedai_nb.model import Issue, Item, Link, Newsletter, Raw, Section

__all__ = ["Converted", "convert", "convert_html", "item_count"]

ROUNDS = 4
OPENING = 40
"""Characters of the first paragraph that may say the number."""
WORD = re.compile(r"(?=\w)[\u2e80-\ud7ff\uf900-\ufaff]|[^\W\u2e80-\ud7ff\uf900-\ufaff]+")
"""A word, or a character of a script that puts no spaces between words."""
SHOWN = 12
"""Words named in a remark."""


@dataclass(frozen=True)
class Converted:
    """An issue and what became of the text it was made of.

    Args:
        issue: in the newsletter's format.
        remarks: what stayed raw, what was left out, with lines.
        title_date: that the title says.
        matter: its front matter.
    """

    issue: Issue
    remarks: tuple[Remark, ...]
    title_date: datetime.date | None
    matter: FrontMatter


def item_count(issue: Issue) -> int:
    """How many items have a title and an address."""
    return sum(1 for item in issue.entries if item.structured and item.url and item.title)


def convert(
    text: str,
    newsletter: Newsletter,
    *,
    date: datetime.date | None = None,
    shape: Shape | None = None,
    title: str = "",
) -> Converted:
    """Read a link list of any shape.

    Args:
        text: Markdown.
        date: taken where neither title nor front matter has one.
        shape: how its items look, where two readings are possible.
        title: that is said elsewhere.

    Raises:
        DraftError: no date.
    """
    matter, body = split_front_matter(text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff"))
    matter = replace(matter, title=matter.title or title)
    return _Conversion(document_of_markdown(body), matter, newsletter, shape).done(date)


def convert_html(
    html: str, title: str, newsletter: Newsletter, date: datetime.date, shape: Shape | None = None
) -> Converted:
    """Read an issue that is HTML, as it stands in a feed.

    Args:
        html: of the issue; relative addresses are not kept.
        title: as the feed says it.
        newsletter: whose format it is converted to.
        date: taken where the title has none.
        shape: how its items look, where two readings are possible.
    """
    return _Conversion(document_of_html(html), FrontMatter(title=title), newsletter, shape).done(date)


class _Conversion:
    """One document on its way to an issue."""

    def __init__(self, document: Document, matter: FrontMatter, newsletter: Newsletter, shape: Shape | None) -> None:
        self.document, self.matter, self.newsletter = document, matter, newsletter
        self.remarks: list[Remark] = []
        self.words = Counter(WORD.findall(_visible(document.soup)))
        self.addresses = _addresses(document.soup)
        title, blocks = _title_block(document.blocks, titled=bool(matter.title))
        self.h1 = " ".join(title.tag.get_text().split()) if title else ""
        self.title_line = title.line if title else 1
        self.parts = parts_of(blocks, shape)
        heads = [each.head for part in self.parts for each in part.content if isinstance(each, Entry)]
        self.dash_is_source = sum(bool(head.dash) for head in heads) > sum(head.dashed for head in heads)

    def done(self, date: datetime.date | None) -> Converted:
        """Make the issue."""
        title_date = dated(self.h1) or dated(self.matter.title)
        day = title_date or self.matter.date or date
        if day is None:
            raise DraftError(
                _("no date in the title"), line=1, field="date", remedy=_("name the date with --date YYYY-MM-DD")
            )
        issue = self._settled(self._issue(day))
        self.remarks += self._lost(issue)
        self.remarks += [Remark(line, "left out", said) for line, said in self.document.comments]
        return Converted(issue, tuple(sorted(self.remarks, key=lambda each: each.line)), title_date, self.matter)

    def _settled(self, issue: Issue) -> Issue:
        """The issue as it is read again when it was written."""
        for _round in range(ROUNDS):
            again = read_issue(writes(issue, self.newsletter), self.newsletter, date=issue.date)
            again = again.model_copy(update={"number": issue.number})
            if again == issue:
                return issue
            issue = again
        return issue

    def _issue(self, date: datetime.date) -> Issue:
        before, sections = [], []
        for part in self.parts:
            if part.heading is None and not any(isinstance(each, Entry) for each in part.content):
                before = [self._raw(each) for each in part.content if isinstance(each, Block)]
            elif part.heading is not None or part.content:
                sections.append(self._section(part))
        issue = Issue.model_validate(
            {"date": date, "before": "\n\n".join(filter(None, before)), "sections": sections} | self._title(date)
        )
        return safe(issue, self.newsletter).model_copy(update={"imported": True})

    # --- the title ----------------------------------------------------------------------------------------------

    def _title(self, date: datetime.date) -> dict[str, object]:
        said = self.h1 or self.matter.title
        title = read_title(said, self.newsletter) if said else Title(None, "", "")
        number = self.matter.number if self.matter.number is not None else title.number
        number = number if number is not None else self._opening_number()
        front = self.newsletter.front_matter
        parts: dict[str, object] = {"front_matter": front or None, "number": number}
        known = not title.name or same_name(title.name, self.newsletter)
        if self.h1 and not (known and (title.number is not None or dated(said) == date)):
            return parts | {"heading": f"# {inline_markdown(_escaped(said))}"}
        words = [title.words] if known else [title.name, title.words]
        words = [word for word in words if word]
        tags = [tag for tag in self.matter.tags if tag.casefold() not in said.casefold()]
        if not words and self.matter.tags:
            words, tags = list(self.matter.tags), []
        self._left_out(tags)
        return parts | {"headline": words}

    def _opening_number(self) -> int | None:
        """The number that the first paragraph begins with."""
        first = next((block for block in self.document.blocks if not block.level and block.name != "hr"), None)
        said = first.tag.get_text()[:OPENING] if first else ""
        return (
            read_title(said, self.newsletter).number
            if re.match(r"\W*(?:[\w.]+\s+){0,3}(?:issue|#|第)", said, re.IGNORECASE)
            else None
        )

    def _left_out(self, tags: Sequence[str]) -> None:
        """Say what of the front matter is not kept."""
        names = [*self.matter.others, *([f"tags ({', '.join(tags)})"] if tags else [])]
        if self.h1 and self.matter.title and self.matter.title != self.h1:
            names.append(f"title ({self.matter.title})")
        if names:
            self.remarks.append(Remark(1, "left out", _("front matter: {names}", names=", ".join(names))))

    # --- sections and items -------------------------------------------------------------------------------------

    def _section(self, part: FoundSection) -> Section:
        if part.heading is None:
            known = self.newsletter.sections
            name = known[0].name if known else self.newsletter.name
        else:
            name = inline_markdown(part.heading.tag.contents)
        items = [self._item(each) if isinstance(each, Entry) else Raw(raw=self._raw(each)) for each in part.content]
        return Section(name=name, items=tuple(item for item in items if not isinstance(item, Raw) or item.raw))

    def _raw(self, block: Block) -> str:
        raw = converted(str(block.tag), bullet="*").markdown
        if raw.strip():
            self.remarks.append(Remark(block.line, "raw", raw.strip().split("\n")[0]))
        return raw

    def _item(self, entry: Entry) -> Item:
        head = entry.head
        source, rest = head.source, head.rest
        if head.dash:
            source, rest = (head.dash, rest) if self.dash_is_source else ("", f"<p>{head.dash}</p>{rest}")
        tags, body = _class_tags(entry.body)
        html = (f"<p>{rest}</p>" if rest else "") + "".join(map(str, body))
        return Item(
            title=head.title,
            url=head.url,
            source=source,
            tags=tuple(_tag(tag) for tag in (*entry.tags, *head.tags, *tags) if _tag(tag)),
            links=tuple(Link(text=text, url=url) for text, url in head.links),
            text=converted(html).markdown if html else "",
        )

    # --- what is missing ----------------------------------------------------------------------------------------

    def _lost(self, issue: Issue) -> Iterator[Remark]:
        """The words and addresses that the issue lacks."""
        made = document_of_markdown(writes(issue, self.newsletter))
        there, linked = Counter(WORD.findall(_visible(made.soup))), _addresses(made.soup)
        urls = " ".join((*linked, *map(quote, linked)))
        if issue.heading is None:
            self.words -= Counter(WORD.findall(self.h1))  # its name, number and words are the title's
        gone = [
            word
            for word in self.words - there
            if not word.isdigit() and word.casefold() not in CONNECTIVES and word not in urls
        ]
        missing = [url for url in self.addresses if url not in linked]
        if gone:
            more = "…" if len(gone) > SHOWN else ""
            self.remarks.append(Remark(1, "left out", _("words: {words}", words=" ".join(gone[:SHOWN]) + more)))
        for url in missing:
            yield Remark(1, "left out", _("address: {url}", url=url))


CONNECTIVES = {"by", "via", "from", "作者"}


def _title_block(blocks: Sequence[Block], *, titled: bool) -> tuple[Block | None, Sequence[Block]]:
    """The first heading of level 1, if it is the only one, or the text begins with it, and the front matter has none."""
    headings = [n for n, block in enumerate(blocks) if block.level]
    ones = [n for n in headings if blocks[n].level == 1]
    if ones and not titled and headings[0] == ones[0] and (len(ones) == 1 or ones[0] == 0):
        return blocks[ones[0]], [*blocks[: ones[0]], *blocks[ones[0] + 1 :]]
    return None, blocks


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _class_tags(body: Sequence[Tag]) -> tuple[tuple[str, ...], Sequence[Tag]]:
    """A paragraph of spans whose class says that they are tags."""
    for n, tag in enumerate(body[:2]):
        classes = " ".join(str(each) for each in tag.get_attribute_list("class") if each)
        spans = tag.find_all("span")
        if tag.name == "p" and re.search(r"\btags?\b", classes) and spans and not tag.find("a"):
            return tuple(span.get_text().strip() for span in spans), [*body[:n], *body[n + 1 :]]
    return (), body


def _tag(text: str) -> str:
    """A word that can stand between brackets."""
    return re.sub(r"[\[\]]", "", text).strip()


def _visible(soup: Tag) -> str:
    """The text that a page shows, words of two blocks apart, and that of pictures."""
    texts, last = list[str](), None
    for node in soup.descendants:
        if isinstance(node, Tag):
            texts.append({"br": " ", "img": f" {node.get('alt', '')} "}.get(node.name, ""))
        elif isinstance(node, NavigableString):
            block = next((parent for parent in node.parents if parent.name not in INLINE), None)
            texts.append(str(node) if block is last else f" {node}")
            last = block
    return "".join(texts)


def _addresses(soup: Tag) -> dict[str, None]:
    """All addresses that lead or show something, as they are compared."""
    found = [
        str(tag[name]).strip()
        for name in ("href", "src")
        for tag in soup.find_all(lambda tag, name=name: tag.has_attr(name))
    ]
    return {_comparable(url): None for url in found if url and not url.startswith("#")}


def _comparable(url: str) -> str:
    return unquote(url).replace(" ", "%20")
