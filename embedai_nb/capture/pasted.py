"""Parse pasted text into items: links, ids, titles with their sources.

A block of lines without a blank line between them is read by its first line: if it is text, texts are titles of the
links below them, else they are remarks on the links above them.  Every word is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from embedai_nb.markdown import grammar
from embedai_nb.model import REPO, Item
from embedai_nb.text import urls
from embedai_nb.text.spans import INVISIBLE, LINK, links

ADDRESS = re.compile(r"https?://[!-~]+", re.IGNORECASE)
WHOLE_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
WITHOUT_SCHEME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}/[!-~]*", re.IGNORECASE)
CLONE = re.compile(r"git@(github\.com|gitee\.com):", re.IGNORECASE)
REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9_.-]{1,100}")
"""Owner and name as GitHub allows them; an owner has no dot, so `example.com/a` is none."""
TRAILING = tuple(".,;:!?'\"<>*`，。；：！？、”’")
BRACKETS = tuple((pair[0], pair[1]) for pair in ("()", "[]", "（）", "【】", "《》", "「」", "『』"))
ARXIV_CLASS = re.compile(r"^\[[a-z-]+(\.[A-Z]{2})?\]\s*")
"""Primary category that arXiv writes after an id: `[cs.LG]`."""
BULLET = re.compile(r"(?:[-*+•·]|\d{1,3}[.、)])\s+")


@dataclass(frozen=True)
class Pasted:
    """One pasted thing: its text, the item parsed from it, and the words around it that are not its title."""

    text: str
    item: Item
    around: tuple[str, ...] = ()


def parse_pasted(text: str) -> list[Pasted]:
    """Parse a text into items, in their order."""
    text = INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    text = CLONE.sub(r"https://\1/", text.encode("utf-8", "ignore").decode())
    blocks = [block.split("\n") for block in re.split(r"\n\s*\n", text) if block.strip()]
    return [pasted for block in blocks for pasted in _block([line.strip() for line in block if line.strip()])]


def _block(lines: list[str]) -> list[Pasted]:
    titles_first = not _line(lines[0])
    found, waiting = list[Pasted](), list[str]()
    for line in lines:
        linked = _line(line)
        if not linked and (titles_first or not found):
            waiting.append(line)
        elif not linked:
            found[-1] = _with_words(found[-1], [line])
        else:
            found += [_with_words(linked[0], waiting), *linked[1:]]
            waiting = []
    if waiting:
        found = [*found[:-1], _with_words(found[-1] if found else Pasted("", Item()), waiting)]
    return found


def _with_words(pasted: Pasted, lines: list[str]) -> Pasted:
    """Add the lines around a link to its item: as the title if it has none, else beside it."""
    if not lines:
        return pasted
    item, rest = pasted.item, lines
    if not item.title:
        values = item.model_dump(exclude_defaults=True) | {"title": BULLET.sub("", lines[0], count=1)}
        item, rest = Item.model_validate(values), lines[1:]
    text = "\n".join(filter(None, [pasted.text, *lines]))
    return replace(pasted, text=text, item=item, around=pasted.around + _words(" ".join(rest)))


def _line(line: str) -> list[Pasted]:
    """Parse a line; nothing if it is mere text."""
    line = BULLET.sub("", line, count=1)
    if "](" in line and (item := grammar.item(line)).structured and item.url:
        return [Pasted(line, item)]
    items, around = _markdown(line)
    if not items:
        items, around = _addresses(line)
    if not items:
        items, around = list(_name(line)), ()
    return [Pasted(line, item, () if n else around) for n, item in enumerate(items)]


def _markdown(line: str) -> tuple[list[Item], tuple[str, ...]]:
    """Markdown links, and the text around them."""
    items = [Item(title=link.text, url=link.url) for link in links(line) if link.url]
    return items, _words(LINK.sub(" ", line))


def _words(around: str) -> tuple[str, ...]:
    """Text that isn't a title; nothing for mere punctuation."""
    return (" ".join(around.split()),) if re.search(r"\w", around) else ()


def _addresses(line: str) -> tuple[list[Item], tuple[str, ...]]:
    """Bare URLs, and the text around them; around a single one it is its title."""
    if WHOLE_ADDRESS.fullmatch(line):
        return [Item(url=_trimmed(line))], ()
    if WITHOUT_SCHEME.fullmatch(line):
        return [Item(url=_trimmed(f"https://{line}"))], ()
    found, around = ADDRESS.findall(line), _words(ADDRESS.sub(" ", line))
    if len(found) == 1:
        return [_titled("".join(around), _trimmed(found[0]))], ()
    return [Item(url=_trimmed(url)) for url in found], around


def _titled(around: str, url: str) -> Item:
    """A URL with the text beside it, which may begin with an arXiv id."""
    head, _, rest = around.partition(" ")
    tag = urls.arxiv_id(head.strip("[]"))
    return Item(title=(rest if tag else around).strip(" ：:"), url=url, tags=(tag,) if tag else ())


def _trimmed(url: str) -> str:
    """The URL without trailing punctuation of the sentence around it."""
    while url.endswith(TRAILING) or any(url.endswith(b) and url.count(b) > url.count(a) for a, b in BRACKETS):
        url = url[:-1]
    return url


def _name(line: str) -> Iterator[Item]:
    """An arXiv id or `owner/name`, optionally followed by a title."""
    head, _, rest = line.partition(" ")
    if tag := urls.arxiv_id(head.strip("[]").rstrip("：:,，")) or urls.arxiv_id(line):
        yield Item(title="" if urls.arxiv_id(line) else ARXIV_CLASS.sub("", rest), tags=(tag,))
    elif REPOSITORY.fullmatch(line):
        yield Item(repo=line.removesuffix(".git"))
    elif (named := REPO.fullmatch(line)) and REPOSITORY.fullmatch(named["repo"]):
        yield Item(title=line)
