"""What CommonMark makes of the published Markdown, against what the issue says: sections, items, links, visible text.

GitHub reads CommonMark; the page is made of the issue.  Where the two differ, readers see different things.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from embedai_nb.markdown.blocks import commonmark, document_tokens, is_plain
from embedai_nb.markdown.dialect import parser
from embedai_nb.markdown.grammar import squeeze
from embedai_nb.markdown.liquid import unshielded
from embedai_nb.markdown.literal import Shown, shown_of
from embedai_nb.markdown.writer import writes
from embedai_nb.model import Issue, Item, Newsletter, Raw, Section
from embedai_nb.text.paths import Path

__all__ = ["Disagreement", "differences"]

TITLE = re.compile(r"\A# .*\n")
VERBATIM = frozenset({"text", "code_inline", "fence", "code_block"})
"""Tokens whose content is shown."""
BOXES = str.maketrans({"☐": "[]", "☑": "[x]"})
AROUND = 6
"""Characters shown before the place where two texts differ."""
SHOWN = 24


class Disagreement(NamedTuple):
    """Where readers differ, and what they see there."""

    path: Path
    here: str
    elsewhere: str


class _Seen(NamedTuple):
    """What a reader sees of a section's heading, an item, or what stands between."""

    text: str
    links: tuple[str, ...]


def differences(issue: Issue, newsletter: Newsletter, *, old: bool = False) -> Iterator[Disagreement]:
    """The first difference of each section of a complete issue.

    Args:
        old: whether a list that was written at column 0 may be an item's text, though it stands behind the item.
    """
    text = unshielded(writes(issue.model_copy(update={"front_matter": None}), newsletter))
    read = list(_units(TITLE.sub("", text)))  # what remains was parsed when it was read again
    headings = [n for n, unit in enumerate(read) if unit.kind == "h2"]
    for number, section in enumerate(issue.sections):
        path: Path = ("sections", number)
        if number >= len(headings):
            yield Disagreement(path, section.name, "")
            return
        end = headings[number + 1] if number + 1 < len(headings) else len(read)
        found = [unit.seen for unit in read[headings[number] : end]]
        expected = list(_expected(path, section, newsletter))
        found = list(_with_lists(found, expected)) if old else found
        yield from () if old else _images_in_titles(path, section)
        yield from _first(expected, found, last=number + 1 == len(issue.sections))


def _with_lists(found: Sequence[_Seen], expected: Iterable[tuple[Path, _Seen]]) -> Iterator[_Seen]:
    """What was found, entries of a list put to the item before them where that has their text."""
    at = 0
    for _, seen in expected:
        if at == len(found):
            return
        joined, at = found[at], at + 1
        while at < len(found) and joined.text != seen.text and seen.text.startswith(joined.text + found[at].text):
            joined, at = _Seen(joined.text + found[at].text, joined.links + found[at].links), at + 1
        yield joined
    yield from found[at:]


def _first(expected: Sequence[tuple[Path, _Seen]], found: Sequence[_Seen], *, last: bool) -> Iterator[Disagreement]:
    for n, (place, seen) in enumerate(expected):
        other = found[n] if n < len(found) else _Seen("", ())
        if seen.text != other.text or sorted(seen.links) != sorted(other.links):
            yield Disagreement(place, *_unlike(seen, other))
            return
    if len(found) > len(expected) and not last:
        yield Disagreement(expected[-1][0], "", found[len(expected)].text[:SHOWN])


def _unlike(seen: _Seen, other: _Seen) -> tuple[str, str]:
    """The places that differ, each with a little around it."""
    if seen.text == other.text:
        return " ".join(seen.links)[:SHOWN], " ".join(other.links)[:SHOWN]
    at = next((n for n, (a, b) in enumerate(zip(seen.text, other.text, strict=False)) if a != b), 0)
    at = at if seen.text[:at] == other.text[:at] else 0
    start = max(0, at - AROUND)
    return seen.text[start : start + SHOWN], other.text[start : start + SHOWN]


# --- what the issue says --------------------------------------------------------------------------------------


@cache
def _dialect() -> MarkdownIt:
    return parser(bool).disable("bare_urls")


def _expected(path: Path, section: Section, newsletter: Newsletter) -> Iterator[tuple[Path, _Seen]]:
    yield path, _said(section.name)
    if section.note:
        yield (*path, "note"), _quoted(section.note)
    for number, item in enumerate(section.items):
        place: Path = (*path, "items", number)
        if isinstance(item, Raw):
            yield from ((place, unit.seen) for unit in _units(item.raw))
        else:
            yield place, _item(item, newsletter)


def _item(item: Item, newsletter: Newsletter) -> _Seen:
    title = f"{item.repo}{newsletter.marks.colon}{item.title}" if item.repo is not None else item.title
    source = f"|{_said(item.source).text}" if item.source else ""
    text = "".join(f"[{_said(tag).text}]" for tag in item.tags) + _said(title).text + source
    links = [*_said(title).links, *([item.url] if item.url is not None else [])]
    for link in item.links:
        text += _said(link.text).text
        links.append(link.url)
    for label, body in [("", item.text), *item.fields.items()]:
        seen = _said(body, blocks=True)
        text += (label + squeeze(newsletter.marks.colon) if label else "") + seen.text
        links += seen.links
    return _Seen(squeeze(text), tuple(links))


def _images_in_titles(path: Path, section: Section) -> Iterator[Disagreement]:
    """Titles with an image in them: the page, which shows it as a link, has to show it beside the title's own."""
    for number, item in enumerate(section.items):
        if isinstance(item, Item) and item.url and "![" in item.title and (links := _said(item.title).links):
            yield Disagreement((*path, "items", number), item.url[:SHOWN], links[0][:SHOWN])


def _quoted(text: str) -> _Seen:
    lines = text.split("\n")
    return _said("\n".join([lines[0], *(line.lstrip().removeprefix(">") for line in lines[1:])]), blocks=True)


@lru_cache(2048)
def _said(text: str, *, blocks: bool = False) -> _Seen:
    if not blocks and not any(sign in text for sign in "\\*_`<[&~!"):
        return _Seen(squeeze(text).translate(BOXES), ())
    if blocks and is_plain(text) and (shown := shown_of(text)) and all(shown.links):  # else it stands as text
        return _Seen(squeeze(shown.text).translate(BOXES), shown.links)
    return _seen(_dialect().parse(text) if blocks else _dialect().parseInline(text), {})


# --- what CommonMark makes of it ------------------------------------------------------------------------------


class _Unit(NamedTuple):
    kind: str
    seen: _Seen


def _units(text: str) -> Iterator[_Unit]:
    """The outermost blocks of a document, lists taken apart."""
    start, env = 0, dict[str, Any]()
    tokens = document_tokens(text, env)
    for n, token in enumerate(tokens):
        whole = token.level == 0 and not token.type.startswith(("bullet_list", "ordered_list"))
        if whole and token.nesting == 0:
            yield _Unit(token.tag, _seen([token], env))
        elif token.nesting > 0 and (whole or (token.type == "list_item_open" and token.level == 1)):
            start = n
        elif token.nesting < 0 and (whole or (token.type == "list_item_close" and token.level == 1)):
            yield _Unit(token.tag, _seen(tokens[start : n + 1], env))


def _seen(tokens: Iterable[Token], env: dict[str, Any]) -> _Seen:
    """What is seen of blocks; HTML isn't, and what it would do is nowhere on the page."""
    texts, links = list[str](), list[str]()
    for token in tokens:
        if token.type in VERBATIM:
            texts.append(token.content)
        elif token.type == "inline":
            shown = _shown(token, env)
            texts.append(shown.text)
            links += shown.links
    return _Seen(squeeze("".join(texts)).translate(BOXES), tuple(links))


def _shown(token: Token, env: dict[str, Any]) -> Shown:
    """What is shown of inline Markdown; it is parsed where it has to be, and hasn't been."""
    children = token.children
    if not children and (shown := shown_of(token.content)):
        return shown
    children = children or commonmark().parseInline(token.content, env)[0].children or []
    return Shown("".join(_texts(children)), tuple(_links(children)))


def _texts(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in VERBATIM:
            yield token.content
        elif token.children:
            yield from _texts(token.children)


def _links(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in {"link_open", "image"}:
            yield str(token.attrs.get("href", token.attrs.get("src", "")))
        if token.children and token.type != "image":
            yield from _links(token.children)
