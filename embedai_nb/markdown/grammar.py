"""The words of the archive format: what a line is, and what stands in an item's head."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from functools import lru_cache

from embedai_nb.model import CLOSING_MARKS, Item, Link, Newsletter, Warmup, split_source

TITLE = re.compile(r"#(?!#)\s*\S.*")
DATED_TITLE = re.compile(
    r"(?P<heading>#\s*(?P<name>.*?)\s*[(（]?\s*(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})\s*[)）]?)"
    r"(?P<separator>\s*[：:]|\s+|$)\s*(?P<keywords>.*)"
)
SECTION = re.compile(r"##(?: +(?P<name>.*))?")
RULE = re.compile(r"-{3,}\s*")
NOTE = re.compile(r">\s*[^\s]")
TAGLINE = re.compile(r"\*\*(?P<tagline>(?:(?!\*\*).)+)\*\*")
WARMUP = re.compile(r"[-–]\s*(?P<text>[^\s\-–].*)")
ITEM = re.compile(r"-(?:\s+|(?=\[)|$)(?P<head>.*)")
BULLET = re.compile(r" {0,3}[-*+](?:\s|$)")
LABEL = re.compile(
    r"(?P<label>(?!\d+[.)、])[^\s：:，。；、！？!?()（）\[\]<>*`/\\][^：:，。；、！？!?()（）\[\]<>*`/]{0,23}?)\s*[：:]\s*(?P<value>.*)"
)
URL = re.compile(r"https?://\S+")
NUMBER_MARK = "\x00"
"""Stands where a title has its number."""

_FOLDED = tuple(zip("：；｜丨（）", ":;||()", strict=True))


def squeeze(text: str) -> str:
    """The characters of ``text`` that no reading may lose, half- and full-width punctuation made one."""
    for full, half in _FOLDED:  # a tenth of what `str.translate` takes
        text = text.replace(full, half)
    return "".join(text.split())


def numbered_title(line: str, date: datetime.date, newsletter: Newsletter) -> dict[str, object] | None:
    """Number and keywords of a title as newsletter.yaml wants it, where that has a number."""
    if "{number}" not in newsletter.title:
        return None
    written = re.escape(newsletter.issue_title(date, NUMBER_MARK)).replace(
        NUMBER_MARK, r"(?P<number>[^\s：:](?:[^：:]*[^\s：:])?)", 1
    )
    found = re.fullmatch(rf"#\s*{written}(?:\s*[：:]\s*(?P<keywords>.*))?", line)
    if found is None:
        return None
    keywords = found["keywords"].split("/") if found["keywords"] else []
    return {"number": found["number"], "headline": keywords}


# --- links ----------------------------------------------------------------------------------------------------

SIGN = re.compile(r"\\.|[\[\]()]", re.DOTALL)
TARGET = re.compile(
    r"""\s*(?:<(?P<pointed>[^<>\n]*)>|(?P<url>\S*?))(?:\s+(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'))?\s*""", re.DOTALL
)
LONGEST_TARGET = 8192
"""Characters between the parentheses of a link; nothing longer is an address."""


class _Heading:
    """A head, of which each bracket knows its partner; time linear in its length."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.partner: dict[int, int] = {}
        square: list[int] = []
        round_: list[int] = []
        for sign in SIGN.finditer(text):
            if sign[0] == "[":
                square.append(sign.start())
            elif sign[0] == "]" and square:
                self.partner[square.pop()] = sign.start()
            elif sign[0] == "(":
                round_.append(sign.start())
            elif sign[0] == ")" and round_:
                self.partner[round_.pop()] = sign.start()

    def link(self, start: int) -> tuple[Link, str, int] | None:
        """The ``[text](url "title")`` at ``start``, its title, and where it ends, white space behind it included."""
        end = self.partner.get(start) if self.text.startswith("[", start) else None
        if end is None or not self.text.startswith("(", end + 1):
            return None
        close = self.partner.get(end + 1)
        if close is None or close - end > LONGEST_TARGET:
            return None
        target = TARGET.fullmatch(self.text, end + 2, close)
        if target is None:
            return None
        url = target["pointed"] if target["pointed"] is not None else target["url"]
        link = Link(text=self.text[start + 1 : end].strip(), url=url)
        return link, target["double"] or target["single"] or "", self._skip(close + 1)

    def _skip(self, start: int) -> int:
        while start < len(self.text) and self.text[start].isspace():
            start += 1
        return start

    def tags(self) -> tuple[list[str], tuple[Link, str, int] | None, int]:
        """The bracketed words before the first link, that link, and where it begins."""
        tags, start = [], 0
        while not (found := self.link(start)) and self.text.startswith("[", start):
            end = self.partner.get(start)
            if end is None or not self.text[start + 1 : end].strip():
                break
            tags.append(self.text[start + 1 : end].strip())
            start = self._skip(end + 1)
        return tags, found, start


# --- items ----------------------------------------------------------------------------------------------------


def item(head: str, text: str = "", fields: dict[str, str] | None = None) -> Item:
    """The item of this head; a head that the grammar does not know becomes its title, as it stands."""
    return Item.model_validate({**(_head(head.strip()) or {"title": head}), "text": text, "fields": fields or {}})


def is_head(text: str) -> bool:
    """Whether a line is a head whose link is whole."""
    head = _head(text)
    return head is not None and "url" in head


@lru_cache(16)
def _head(text: str) -> Mapping[str, object] | None:
    """What stands in a head; cached, since a reader asks first whether a line is one."""
    heading = _Heading(text)
    tags, found, start = heading.tags()
    if found is None:
        rest = text[start:]
        return {"tags": tags, "title": rest} if rest and "](" not in rest else None
    first, title, start = found
    links = []
    while found := heading.link(start):
        link, over, start = found
        if over:
            return None
        links.append(link)
    if start < len(text):
        return None
    head = {"tags": tags, "title": first.text, "url": first.url, "links": links, "url_title": title}
    return head | _divided(first.text)


def _divided(title: str) -> dict[str, object]:
    """Title and source, where the bar between them is escaped."""
    before, bar, after = title.rpartition(r" \| ")
    return {"title": before, "source": after, "bar_escaped": True} if bar and split_source(title) is None else {}


def head(item: Item, newsletter: Newsletter) -> str:
    """The inverse of ``item``: the line behind the bullet."""
    title = f"{item.repo}{newsletter.marks.colon}{item.title}" if item.repo is not None else item.title
    bar = r"\|" if item.bar_escaped else "|"
    title = f"{title} {bar} {item.source}" if item.source else title
    over = f' "{item.url_title}"' if item.url_title else ""
    parts = [f"[{tag}]" for tag in item.tags]
    parts.append(title if item.url is None else f"[{title}]({item.url}{over})")
    parts += [f"[{link.text}]({link.url})" for link in item.links]
    return " ".join(part for part in parts if part)


# --- body -----------------------------------------------------------------------------------------------------


def label(line: str, known: frozenset[str]) -> tuple[str, str] | None:
    """The label that a line begins with, and what follows it: its name is known, or its value an address."""
    found = LABEL.fullmatch(line)
    if found and (found["label"] in known or URL.fullmatch(found["value"])):
        return found["label"], found["value"]
    return None


# --- warm-ups -------------------------------------------------------------------------------------------------


def warmup(line: str, newsletter: Newsletter) -> Warmup:
    """The warm-up of a line without its bullet."""
    marks = CLOSING_MARKS + newsletter.marks.item_end + newsletter.marks.list_end
    found = _Heading(line).link(0) if line.startswith("[") else None
    if found and not found[1] and not line[found[2] :].strip(marks + " "):
        return Warmup(text=found[0].text, url=found[0].url)
    return Warmup(text=_unclosed(line.rstrip(), newsletter))


def _unclosed(line: str, newsletter: Newsletter) -> str:
    """The line without the one mark that closes it, unless it is one that `Warmup` takes off."""
    closing = (newsletter.marks.list_end, newsletter.marks.item_end)
    mark = next((mark for mark in closing if mark and line.endswith(mark)), "")
    return line if mark in CLOSING_MARKS else line.removesuffix(mark)


def warmup_line(warmup: Warmup, newsletter: Newsletter, *, last: bool) -> str:
    """The inverse of ``warmup``, with its closing mark."""
    marks = newsletter.marks
    text = f"{warmup.company}{marks.colon}{warmup.text}" if warmup.company else warmup.text
    if warmup.url is not None:
        text = f"[{text}]({warmup.url})"
    return text + (marks.list_end if last else marks.item_end) if warmup.text or warmup.url else text
