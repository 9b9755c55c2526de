"""The words of the archive format: what a line is, and what stands in an item's head."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from embedai_nb.model import CLOSING_MARKS, Item, Link, Newsletter, Warmup

TITLE = re.compile(r"#(?!#)\s*\S.*")
DATED_TITLE = re.compile(
    r"(?P<heading>#\s*(?P<name>.*?)\s*[(（]?\s*(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})\s*[)）]?)"
    r"(?P<separator>\s*[：:]|\s+|$)\s*(?P<keywords>.*)"
)
SECTION = re.compile(r"##(?: +(?P<name>.*))?")
RULE = re.compile(r"-{3,}\s*")
QUOTE = re.compile(r">")
NOTE = re.compile(r">\s*[^\s]")
TAGLINE = re.compile(r"\*\*(?P<tagline>(?:(?!\*\*).)+)\*\*")
WARMUP = re.compile(r"[-–]\s*(?P<text>[^\s\-–].*)")
ITEM = re.compile(r"-(?:\s+|(?=\[)|$)(?P<head>.*)")
INTERRUPTION = re.compile(r"#{1,6}(?:\s|$)|>|-{3,}\s*$|[*+](?:\s|$)")
"""What ends an item besides the next one: heading, quote, rule, a bullet of another kind."""
LABEL = re.compile(
    r"(?P<label>(?!\d+[.)、])[^\s：:，。；、！？!?()（）\[\]<>*`/][^：:，。；、！？!?()（）\[\]<>*`/]{0,23}?)\s*[：:]\s*(?P<value>.*)"
)
URL = re.compile(r"https?://\S+")

_FOLDED = tuple(zip("：；｜丨（）", ":;||()", strict=True))


def squeeze(text: str) -> str:
    """The characters of ``text`` that no reading may lose, half- and full-width punctuation made one."""
    for full, half in _FOLDED:  # a tenth of what `str.translate` takes
        text = text.replace(full, half)
    return "".join(text.split())


# --- links ----------------------------------------------------------------------------------------------------


_BRACKETS = {"[]": re.compile(r"\\.|[\[\]]", re.DOTALL), "()": re.compile(r"[()]")}
"""Square ones may be escaped."""


def _closing(text: str, start: int, pair: str) -> int | None:
    """Where the bracket that opens at ``start`` closes."""
    depth = 0
    for mark in _BRACKETS[pair].finditer(text, start):
        depth += {pair[0]: 1, pair[1]: -1}.get(mark[0], 0)
        if not depth:
            return mark.start()
    return None


def _link(text: str) -> tuple[Link, str] | None:
    """The ``[text](url)`` that ``text`` begins with, and what follows it."""
    end = _closing(text, 0, "[]") if text.startswith("[") else None
    if end is None or text[end + 1 : end + 2] != "(":
        return None
    close = _closing(text, end + 1, "()")
    url = text[end + 2 : close].strip() if close is not None else ""
    if close is None or re.search(r"\s", url):
        return None
    return Link(text=text[1:end].strip(), url=url), text[close + 1 :].lstrip()


# --- items ----------------------------------------------------------------------------------------------------


def item(head: str, text: str = "", fields: dict[str, str] | None = None) -> Item:
    """The item of this head; a head that the grammar does not know becomes its title, as it stands."""
    return Item.model_validate({**(_head(head.strip()) or {"title": head}), "text": text, "fields": fields or {}})


def _head(head: str) -> dict[str, object] | None:
    tags, rest = _tags(head)
    found = _link(rest)
    if found is None:
        return {"tags": tags, "title": rest} if rest and "](" not in rest else None
    first, rest = found
    links = []
    while found := _link(rest):
        link, rest = found
        links.append(link)
    return None if rest else {"tags": tags, "title": first.text, "url": first.url, "links": links}


def _tags(head: str) -> tuple[list[str], str]:
    tags = []
    while head.startswith("[") and not _link(head):
        end = _closing(head, 0, "[]")
        if end is None or not head[1:end].strip():
            break
        tags.append(head[1:end].strip())
        head = head[end + 1 :].lstrip()
    return tags, head


def head(item: Item, newsletter: Newsletter) -> str:
    """The inverse of ``item``: the line behind the bullet."""
    title = f"{item.repo}{newsletter.marks.colon}{item.title}" if item.repo is not None else item.title
    title = f"{title} | {item.source}" if item.source else title
    parts = [f"[{tag}]" for tag in item.tags]
    parts.append(title if item.url is None else f"[{title}]({item.url})")
    parts += [f"[{link.text}]({link.url})" for link in item.links]
    return " ".join(part for part in parts if part)


# --- body -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Body:
    """The lines below a head: prose, then labels and their text."""

    text: str
    fields: dict[str, str]


def body(lines: Iterable[str], labels: Iterable[str]) -> Body:
    """Sort the lines under their labels; a label met before is text of the one it stands under."""
    known, parts, label = frozenset(labels), {"": list[str]()}, ""
    for line in lines:
        line = line if line[:2].isspace() and len(line) > 1 else line.lstrip()
        found = LABEL.fullmatch(line)
        if found and found["label"] not in parts and (found["label"] in known or URL.fullmatch(found["value"])):
            label = found["label"]
            parts[label] = [found["value"]]
        else:
            parts[label].append(line)
    text = "\n".join(parts.pop(""))
    return Body(text, {label: "\n".join(lines) for label, lines in parts.items()})


# --- warm-ups -------------------------------------------------------------------------------------------------


def warmup(line: str, newsletter: Newsletter) -> Warmup:
    """The warm-up of a line without its bullet."""
    marks = CLOSING_MARKS + newsletter.marks.item_end + newsletter.marks.list_end
    found = _link(line)
    if found and not found[1].strip(marks + " "):
        return Warmup(text=found[0].text, url=found[0].url)
    return Warmup(text=line.rstrip().rstrip(marks))


def warmup_line(warmup: Warmup, newsletter: Newsletter, *, last: bool) -> str:
    """The inverse of ``warmup``, with its closing mark."""
    marks = newsletter.marks
    text = f"{warmup.company}{marks.colon}{warmup.text}" if warmup.company else warmup.text
    if warmup.url is not None:
        text = f"[{text}]({warmup.url})"
    return text + (marks.list_end if last else marks.item_end) if warmup.text or warmup.url else text
