"""Read the head of an item: title, address, and what stands before and behind the link."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bs4.element import NavigableString, PageElement, Tag

from embedai_nb.html.html_to_markdown import converted

__all__ = ["Head", "heading_link", "inline_markdown", "is_address", "read_head"]

HTTP = re.compile(r"https?://[^\s/]", re.IGNORECASE)
NUMBER = re.compile(r"\A\s*[(（]?(?P<number>\d{1,3})\s*(?:[、．]|[.)）:：](?=\s|\D|\Z))\s*")
"""What counts a paragraph as an entry: ``1、``, ``1.``, ``1）``."""
BRACKETED = re.compile(r"\A\s*[\[【(（](?P<tag>[^\[\]【】()（）]{1,60})[\]】)）]\s*")
BY = re.compile(
    r"\A[\s(（,，|·–—-]*(?:by|作者\s*[:：]?|via|from|von|par|por)[:：]?\s+(?P<name>.+?)\s*[)）]?\s*\Z", re.IGNORECASE
)
BARRED = re.compile(r"\A\s*[|｜]\s*(?P<name>[^|｜]{1,60})\Z")
DASHED = re.compile(r"\A\s*[-–—·]+\s*(?P<name>\S.{0,39})\Z")
SENTENCE = re.compile(r"[。！？；，,;!?]|[.:：](?:\s|\Z)")
LEADING = re.compile(r"\A[\s:：,，.。;；|｜·–—-]+")
SEPARATED = re.compile(r"\A\s*(?:[:：|｜·–—]|-(?=\s)|[,，.。]\s)")
JOINING = re.compile(r"\A(?:[\s\W_]|\band\b|\bor\b|和|与|及)*\Z", re.IGNORECASE)
SENTENCE_ENDS = "。！？；，.!?;,：:"
LONGEST_LABEL, LONGEST_PREFIX, MOST_WORDS = 60, 120, 6


@dataclass(frozen=True)
class Head:
    """The head of an item.

    Args:
        kind: how it stands in its line: alone; before a separator and text; before text that goes on; in a sentence;
            or a title without a link.
        dash: a few words behind a dash, a source in some newsletters and a summary in others.
        dashed: whether more words than that are behind one.
        rest: HTML of what follows it in its paragraph.
    """

    title: str
    url: str | None
    kind: Literal["alone", "separated", "running", "embedded", "title"]
    tags: tuple[str, ...] = ()
    source: str = ""
    dash: str = ""
    dashed: bool = False
    links: tuple[tuple[str, str], ...] = ()
    rest: str = ""
    bold: bool = False
    labelled: bool = False


def inline_markdown(nodes: Iterable[PageElement] | str) -> str:
    """Inline HTML as one line of Markdown."""
    html = nodes if isinstance(nodes, str) else "".join(map(_html, nodes))
    return " ".join(converted(f"<p>{html}</p>").markdown.split())


def _html(node: PageElement) -> str:
    return node.output_ready() if isinstance(node, NavigableString) else str(node)


def is_address(text: str, url: str) -> bool:
    """Whether the text of a link only repeats where it leads to."""
    bare = re.compile(r"\A(?:https?://)?(?:www\.)?", re.IGNORECASE)
    text, url = (bare.sub("", each.strip()).rstrip("/…. ").casefold() for each in (text, url))
    return bool(text) and (text == url or (len(text) > 8 and "/" in text and url.startswith(text)))


def heading_link(tag: Tag) -> Tag | None:
    """The first link in it that leads to a page and has words."""
    return next((link for link in tag.find_all("a") if _leads(link)), None)


def _leads(link: Tag) -> bool:
    return bool(HTTP.match(str(link.get("href", "")).strip())) and bool(link.get_text(strip=True))


def read_head(paragraph: Tag, *, numbered: bool = False, heading: bool = False) -> Head | None:
    """The head that a paragraph, heading or entry begins with.

    Args:
        paragraph: with inline content.
        numbered: its number is taken off, and its first line is a title even without a link.
        heading: all of it is a title, however many links are in it.
    """
    made = copy.copy(paragraph)
    if numbered:
        _without_number(made)
    link = heading_link(made)
    if link is None:
        return _title_alone(made) if numbered else None
    bold = link.find_parent(["strong", "b"]) is not None or link.find(["strong", "b"]) is not None
    while link.parent is not made and isinstance(link.parent, Tag):
        link.parent.unwrap()
    before, behind = list(link.previous_siblings)[::-1], list(link.next_siblings)
    text, url = link.get_text(), str(link["href"]).strip()
    if is_address(text, url) and _text(before).strip():
        found = _title_before(before, url, behind, bold=bold)
        return found if found or not heading else _sentence(before, link, *_first_line(behind), several=True)
    if "\n" in _text(before).strip() or any(isinstance(node, Tag) and node.name == "br" for node in before):
        if heading:
            return _sentence(before, link, *_first_line(behind), several=True)
        return _title_alone(made) if numbered else None
    line, rest = _first_line(behind)
    tags = _tags(_text(before))
    title = _unwrapped(link)
    whole = numbered and _goes_on(line) and _links(line) and len(_text(line)) <= LONGEST_LABEL
    if tags is None or whole:
        return _sentence(before, link, line, rest, several=numbered or heading)
    said = BRACKETED.sub("", _text(before)).strip()
    labelled = bool(re.search(r"\w", said)) or said.startswith(("-", "–", "—"))
    return _with_suffix(Head(title, url, "alone", tags, rest=rest, bold=bold, labelled=labelled), line)


def _without_number(tag: Tag) -> None:
    for text in tag.find_all(string=True):
        if str(text).strip():
            text.replace_with(NUMBER.sub("", str(text), count=1))
            return


def _unwrapped(link: Tag) -> str:
    """The text of a link; emphasis around all of it says nothing."""
    inner: Tag = link
    while len(found := [c for c in inner.contents if not isinstance(c, NavigableString) or c.strip()]) == 1:
        if not isinstance(found[0], Tag) or found[0].name not in {"b", "em", "i", "span", "strong", "font", "u"}:
            break
        inner = found[0]
    return inline_markdown(inner.contents)


def _text(nodes: Iterable[PageElement]) -> str:
    return "".join(node.get_text() for node in nodes if isinstance(node, Tag | NavigableString))


def _first_line(nodes: Sequence[PageElement]) -> tuple[list[PageElement], str]:
    """The nodes up to the first line end, and the HTML behind it."""
    for n, node in enumerate(nodes):
        if isinstance(node, Tag) and node.name == "br":
            return list(nodes[:n]), "".join(map(_html, nodes[n + 1 :]))
        if isinstance(node, NavigableString) and "\n" in node:
            first, _, rest = str(node).partition("\n")
            head = [*nodes[:n], NavigableString(first)]
            return head, "".join(map(_html, [NavigableString(rest), *nodes[n + 1 :]]))
    return list(nodes), ""


# --- before the link ------------------------------------------------------------------------------------------


def _tags(before: str) -> tuple[str, ...] | None:
    """The words before a link as tags; None where they are a part of a sentence."""
    tags, rest = [], before.strip()
    while found := BRACKETED.match(rest):
        tags.append(found["tag"].strip())
        rest = rest[found.end() :]
    rest = rest.strip()
    if not rest:
        return tuple(tags)
    if not re.search(r"\w", rest):
        sign = rest.strip(" -–—:：|｜•·*>\t")
        return (*tags, sign) if sign else tuple(tags)
    if (
        len(rest) > LONGEST_PREFIX
        or rest[-1] not in "|｜:：–—-·»>•、"
        or (SENTENCE.search(rest[:-1]) and rest[-1] not in "|｜")
    ):
        return None
    if len(rest) > LONGEST_LABEL and rest[-1] not in "|｜":
        return None
    parts = (part.strip(" :：–—-»>•、") for part in re.split(r"[|｜]|\s·\s", rest))
    return (*tags, *(part for part in parts if part))


def _title_before(before: list[PageElement], url: str, behind: list[PageElement], *, bold: bool) -> Head | None:
    """``Title: https://…``, in one line or two."""
    title = inline_markdown(before)
    plain = re.sub(r"\A\*\*(.*)\*\*\Z", r"\1", title.strip())
    plain = plain.strip().rstrip(":：–—- ").strip()
    if not re.search(r"\w", plain):
        return _with_suffix(Head(url, url, "alone", bold=bold), [])
    if "**" in plain or len(plain) > LONGEST_PREFIX * 2:
        return None
    in_two = "\n" in _text(before).strip("\n ") + "\n" and any(
        (isinstance(node, Tag) and node.name == "br") or "\n" in str(node) for node in before
    )
    line, rest = _first_line(behind)
    kind: Literal["alone", "embedded"] = "alone" if in_two or not _text(line).strip() else "embedded"
    return _with_suffix(Head(plain, url, kind, rest=rest, bold=bold or plain != title), line)


# --- behind the link ------------------------------------------------------------------------------------------


def _goes_on(line: Sequence[PageElement]) -> bool:
    """Whether a sentence goes on behind the link."""
    text = _text(line)
    return bool(text.strip()) and not SEPARATED.match(text) and not text.lstrip().startswith(("(", "（", "[", "【"))


def _with_suffix(head: Head, line: Sequence[PageElement]) -> Head:
    """The head with what stands behind the link in its line."""
    text = _text(line).strip()
    links = tuple((inline_markdown(each.contents), str(each["href"]).strip()) for each in _links(line))
    if not text:
        return _behind(head, line)
    tags: tuple[str, ...] = ()
    while not links and (found := re.search(r"[(（]([^()（）]{1,30})[)）]\s*\Z", text)) and not BY.match(found[0]):
        tags, text = (found[1].strip(), *tags), text[: found.start()].strip()
    if not text:
        return replace(head, tags=(*head.tags, *tags))
    if (found := BY.match(text)) and _is_name(found["name"]):
        return replace(head, tags=(*head.tags, *tags), source=found["name"], links=links)
    if not links and (found := BARRED.match(text)):
        return replace(head, tags=(*head.tags, *tags), source=found["name"].strip())
    if links and JOINING.match(_text(node for node in line if not _is_link(node))):
        return replace(head, links=links)
    if not links and (found := DASHED.match(text)) and _is_short(found["name"]):
        return replace(head, tags=(*head.tags, *tags), dash=found["name"].strip())
    kind: Literal["separated", "running"] = "separated" if SEPARATED.match(_text(line)) else "running"
    head = replace(head, dashed=bool(re.match(r"\s*[-–—]", _text(line))))
    return replace(head if head.kind == "embedded" else replace(head, kind=kind), rest=_joined(line, head.rest))


def _behind(head: Head, line: Sequence[PageElement]) -> Head:
    """The head with pictures behind it."""
    pictures = [node for node in line if isinstance(node, Tag) and (node.name == "img" or node.find("img"))]
    return replace(head, rest=_joined(pictures, head.rest)) if pictures else head


def _is_name(words: str) -> bool:
    return len(words) <= 80 and len(words.split()) <= 10 and not re.search(r"[。！？；!?;]|[a-z]{3,}\. ", words)


def _is_short(words: str) -> bool:
    wide = sum(ord(letter) > 0x2E80 for letter in words)
    return len(words.split()) <= MOST_WORDS and wide <= 10 and not SENTENCE.search(words)


def _links(nodes: Iterable[PageElement]) -> list[Tag]:
    found = [
        link for node in nodes if isinstance(node, Tag) for link in ([node] if node.name == "a" else node.find_all("a"))
    ]
    return [link for link in found if _leads(link)]


def _is_link(node: PageElement) -> bool:
    return isinstance(node, Tag) and (node.name == "a" or node.find("a") is not None)


def _joined(line: Sequence[PageElement], rest: str) -> str:
    """The HTML of a line, without the mark before it, and of what follows."""
    html = LEADING.sub("", "".join(map(_html, line)))
    return f"{html}<br>{rest}" if html and rest.strip() else html or rest


# --- sentences and titles -------------------------------------------------------------------------------------


def _sentence(
    before: Sequence[PageElement], link: Tag, line: Sequence[PageElement], rest: str, *, several: bool
) -> Head | None:
    """A line around one link is the title of what it leads to; around several links, if it must be a title."""
    others = _links(line)
    if others and not several:
        return None
    links = tuple((inline_markdown(each.contents), str(each["href"]).strip()) for each in others)
    nodes = [
        *before,
        *link.contents,
        *(n for node in line for n in (node.contents if _is_link(node) and isinstance(node, Tag) else [node])),
    ]
    return Head(inline_markdown(nodes), str(link["href"]).strip(), "embedded", links=links, rest=rest)


def _title_alone(made: Tag) -> Head | None:
    """The first line of a numbered paragraph, without a link."""
    line, rest = _first_line(list(made.children))
    title = inline_markdown(line)
    title = re.sub(r"\A\*\*(.*)\*\*\Z", r"\1", title)
    is_title = (
        re.search(r"\w", title) and "](" not in title and len(title) <= LONGEST_LABEL and title[-1] not in SENTENCE_ENDS
    )
    return Head(title, None, "title", rest=rest) if is_title else None
