"""Find the items of a document: entries of lists, numbered paragraphs, headings, paragraphs that are a link."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal, get_args

from bs4.element import Tag

from embedai_nb.importing.document import LINE, Block, flat_blocks
from embedai_nb.importing.heads import NUMBER, Head, heading_link, inline_markdown, is_address, read_head

__all__ = ["SHAPES", "Entry", "FoundSection", "Shape", "parts_of"]

Shape = Literal["archive", "list", "numbered", "headings", "paragraphs"]
SHAPES: tuple[Shape, ...] = get_args(Shape)

SHARE = 0.5
"""Of the entries of a list, or the headings of a level, that have to be items for all to be taken for such."""
PARAGRAPHS = 0.4
"""Of the paragraphs of a section, that have to be links for them to be items where another stands before them."""


@dataclass(frozen=True)
class Entry:
    """An item: its head, and the blocks below it."""

    head: Head
    body: tuple[Tag, ...]
    line: int
    tags: tuple[str, ...] = ()


@dataclass
class FoundSection:
    """A section: its heading, if any, and what is in it."""

    heading: Block | None
    content: list[Entry | Block] = field(default_factory=list)


def parts_of(blocks: Sequence[Block], shape: Shape | None = None) -> list[FoundSection]:
    """Divide a document into sections and items.

    Args:
        blocks: of the document, without its title.
        shape: how items look, where that is known; else each section is read as it seems to be meant.
    """
    blocks = [block for block in blocks if block.name != "hr"]
    levels = _item_levels(blocks) if shape in (None, "headings") else frozenset()
    parts = [FoundSection(None)]
    item: tuple[Block, list[Block]] | None = None
    plain: list[Block] = []
    for n, block in enumerate(blocks):
        role = _role(blocks, n, levels, item[0].level if item else 0)
        if role == "body":
            (item[1] if item else plain).append(block)
            continue
        _close(parts[-1], item, plain, shape)
        item, plain = None, []
        if role == "item":
            item = (block, [])
        else:
            parts.append(FoundSection(block))
    _close(parts[-1], item, plain, shape)
    return parts


def _close(part: FoundSection, item: tuple[Block, list[Block]] | None, plain: list[Block], shape: Shape | None) -> None:
    if item:
        part.content.append(_of_heading(*item))
    part.content += _entries(plain, shape)


# --- headings -------------------------------------------------------------------------------------------------


def _item_levels(blocks: Sequence[Block]) -> frozenset[int]:
    """The levels of headings that are items: most of them have a link, or are followed by one, and by no list."""
    all_, items = Counter[int](), Counter[int]()
    for n, block in enumerate(blocks):
        if block.level:
            following = blocks[n + 1] if n + 1 < len(blocks) else None
            if following is None or not following.level or heading_link(block.tag):
                all_[block.level] += 1
                items[block.level] += _is_item(blocks, n) and not (
                    following is not None and following.name in {"ul", "ol"}
                )
    return frozenset(level for level in all_ if items[level] and items[level] >= SHARE * all_[level])


def _is_item(blocks: Sequence[Block], n: int) -> bool:
    """Whether a heading leads to a page, itself or by the paragraph below it, and is no heading of a list or of others."""
    block, following = blocks[n], blocks[n + 1] if n + 1 < len(blocks) else None
    if following is not None and following.level > block.level and heading_link(following.tag):
        return False
    if heading_link(block.tag) is not None:
        return following is None or not _item_list(following)
    return following is not None and following.name == "p" and _lone_link(following.tag) is not None


def _lone_link(paragraph: Tag) -> Tag | None:
    """The link that is all a paragraph says, or its first line."""
    link = heading_link(paragraph)
    if link is None or not paragraph.get_text().strip().startswith(link.get_text().strip()):
        return None
    first = paragraph.get_text().strip().split("\n")[0].strip()
    return link if first == link.get_text().strip() or is_address(first, str(link["href"])) else None


def _role(
    blocks: Sequence[Block], n: int, levels: frozenset[int], item_level: int
) -> Literal["item", "section", "body"]:
    block = blocks[n]
    if not block.level:
        return "body"
    if block.level in levels and _is_item(blocks, n):
        return "item"
    return "body" if item_level and block.level > item_level else "section"


def _of_heading(heading: Block, body: list[Block]) -> Entry:
    head = read_head(heading.tag, heading=True)
    tags = tuple(block.tag for block in body)
    if head is None and body and (link := _lone_link(body[0].tag)):
        title, url = inline_markdown(heading.tag.contents), str(link["href"]).strip()
        text = link.get_text().strip()
        same = is_address(text, url) or text == heading.tag.get_text().strip()
        link.extract()
        rest = str(body[0].tag.decode_contents()).strip() if body[0].tag.get_text(strip=True) else ""
        links = () if same else ((inline_markdown(link.contents), url),)
        return Entry(Head(title, url, "alone", rest=rest, links=links), tags[1:], heading.line)
    assert head is not None, "a heading that is an item has a link, or the paragraph below it has"
    return Entry(head, tags, heading.line)


# --- lists ----------------------------------------------------------------------------------------------------


def _items_of(tag: Tag) -> list[Tag]:
    return tag.find_all("li", recursive=False)


def _head_of(entry: Tag) -> tuple[Head | None, list[Tag]]:
    """The head of an entry of a list, and the blocks below it."""
    blocks = list(flat_blocks(copy_of(entry)))
    if not blocks or blocks[0].name not in {"p", "h1", "h2", "h3", "h4", "h5", "h6"}:
        return None, blocks
    return read_head(blocks[0]), blocks[1:]


def copy_of(tag: Tag) -> Tag:
    """A copy that can be taken apart."""
    return copy.copy(tag)


def _item_list(block: Block) -> bool:
    """Whether a list is one of items: at least half of its entries begin with a link."""
    if block.name not in {"ul", "ol"}:
        return False
    entries = _items_of(block.tag)
    found = sum(_head_of(entry)[0] is not None or bool(_group(entry)) for entry in entries)
    return bool(entries) and found > 0 and found >= SHARE * len(entries)


def _group(entry: Tag) -> tuple[str, Tag] | None:
    """A label and the list of items below it."""
    head, blocks = _head_of(entry)
    if head is not None or len(blocks) != 1 or blocks[0].name not in {"ul", "ol"}:
        return None
    label = next(flat_blocks(copy_of(entry))).get_text().strip().rstrip(":：").strip()
    inner = _items_of(blocks[0])
    found = sum(_head_of(each)[0] is not None for each in inner)
    return (
        (label, blocks[0])
        if label and "\n" not in label and len(label) <= 60 and found >= SHARE * len(inner) > 0
        else None
    )


def _of_list(block: Block) -> Iterator[Entry | Block]:
    for entry in _items_of(block.tag):
        yield from _of_entry(entry, block)


def _of_entry(entry: Tag, block: Block, tags: tuple[str, ...] = ()) -> Iterator[Entry | Block]:
    line = int(str(entry.get(LINE) or block.line))
    head, body = _head_of(entry)
    if head is not None:
        yield Entry(head, tuple(body), line, tags)
    elif found := _group(entry):
        for inner in _items_of(found[1]):
            yield from _of_entry(inner, block, (*tags, found[0]))
    else:
        kept = Tag(name=block.name)
        kept.append(copy_of(entry))
        yield Block(kept, line)


# --- sections -------------------------------------------------------------------------------------------------


def _entries(blocks: Sequence[Block], shape: Shape | None) -> Iterator[Entry | Block]:
    """The items of a section, and what is none."""
    starts: dict[int, Head] = {}
    if shape in (None, "numbered"):
        starts = dict(_numbered(blocks, forced=shape is not None))
    if not starts and shape in (None, "paragraphs"):
        starts = dict(_paragraphs(blocks, forced=shape is not None))
        if shape is None and any(map(_item_list, blocks[: min(starts, default=len(blocks))])):
            starts = {}
    if not starts and shape in (None, "list") and any(map(_item_list, blocks)):
        yield from _of_lists(blocks)
        return
    first = min(starts, default=len(blocks))
    if shape is None and starts and any(map(_item_list, blocks[:first])):
        yield from _of_lists(blocks[:first])
    else:
        yield from blocks[:first]
    for start, end in pairwise([*sorted(starts), len(blocks)]):
        yield Entry(starts[start], _below(blocks, start, end), blocks[start].line)


def _below(blocks: Sequence[Block], start: int, end: int) -> tuple[Tag, ...]:
    """The blocks below a head; where that is the entry of a list, what else is in the entry comes first."""
    block = blocks[start]
    inside = _head_of(_items_of(block.tag)[0])[1] if block.name == "ol" else []
    return (*inside, *(each.tag for each in blocks[start + 1 : end]))


def _of_lists(blocks: Sequence[Block]) -> Iterator[Entry | Block]:
    """Entries of lists; where each is a list of its own, what follows one belongs to it."""
    lists = [block for block in blocks if _item_list(block)]
    apart = len(lists) > 1 and all(len(_items_of(block.tag)) == 1 for block in lists) and len(blocks) > len(lists)
    last: Entry | None = None
    for block in blocks:
        if not _item_list(block):
            if last is None:
                yield block
            else:
                last = replace(last, body=(*last.body, block.tag))
            continue
        if last is not None:
            yield last
            last = None
        found = list(_of_list(block))
        if apart and isinstance(found[-1], Entry):
            last = found.pop()  # type: ignore[assignment]  # an entry, as was asked
        yield from found
    if last is not None:
        yield last


def _numbered(blocks: Sequence[Block], *, forced: bool) -> Iterator[tuple[int, Head]]:
    """Paragraphs with a number before a link, and lists of one entry between other blocks."""
    found: list[tuple[int, Head]] = []
    linked = 0
    for n, block in enumerate(blocks):
        if block.name == "p" and NUMBER.match(block.tag.get_text()):
            head = read_head(block.tag, numbered=True)
            if head is not None:
                found.append((n, head))
                linked += head.url is not None
    singles = [n for n, block in enumerate(blocks) if block.name == "ol" and len(_items_of(block.tag)) == 1]
    if not found and len(singles) > 1 and len(blocks) > len(singles):
        heads = ((n, _head_of(_items_of(blocks[n].tag)[0])[0]) for n in singles)
        yield from ((n, head) for n, head in heads if head is not None)
    elif linked or (forced and found) or len(found) > 1:
        yield from found


def _paragraphs(blocks: Sequence[Block], *, forced: bool) -> Iterator[tuple[int, Head]]:
    """Paragraphs that begin with a link in a line of its own, or before a colon or dash: two at least."""
    found = []
    for n, block in enumerate(blocks):
        head = read_head(block.tag) if block.name == "p" else None
        if (
            head
            and not head.labelled
            and (head.kind == "alone" or (head.kind == "separated" and (head.bold or forced)))
        ):
            found.append((n, head))
    texts = [n for n, block in enumerate(blocks) if block.name == "p" and block.tag.get_text(strip=True)]
    leading = len(found) > 1 and found[0][0] == texts[0]
    if leading or (len(found) > 2 and len(found) >= PARAGRAPHS * len(texts)) or (forced and found):
        yield from found
