"""Markdown → the blocks of its CommonMark tree, each with its line; what is HTML in it is blocks, too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import Comment, NavigableString, PageElement, PreformattedString, Tag
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from embedai_nb.markdown.bare_urls import bare_urls
from embedai_nb.markdown.cjk_emphasis import cjk_emphasis

__all__ = ["INLINE", "Block", "Document", "document_of_html", "document_of_markdown", "flat_blocks"]

LINE = "data-line"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCKS = {*HEADINGS, "p", "ul", "ol", "dl", "blockquote", "pre", "table", "hr", "figure"}
CONTAINERS = {
    "address", "article", "aside", "body", "center", "details", "div", "fieldset", "footer", "form", "header", "html",
    "main", "nav", "section", "summary",
}  # fmt: skip
INLINE = {
    "a", "abbr", "acronym", "audio", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "iframe", "img", "input", "ins", "kbd", "label", "mark", "picture", "q", "ruby", "rb", "rp", "rt", "s", "samp", "small",
    "source", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "video", "wbr", "object", "embed", "param",
}  # fmt: skip
PARTS = {"caption", "col", "colgroup", "dd", "dt", "figcaption", "li", "tbody", "td", "tfoot", "th", "thead", "tr"}
SILENT = {"base", "head", "link", "meta", "noscript", "script", "style", "svg", "template", "title"}
KNOWN = BLOCKS | CONTAINERS | INLINE | PARTS | SILENT
TAG = re.compile(r"</?(?P<name>[A-Za-z][A-Za-z0-9-]*)[^>]*>")


@dataclass(frozen=True)
class Block:
    """A block of a document: a heading, a paragraph, a list …"""

    tag: Tag
    line: int

    @property
    def name(self) -> str:
        """Its HTML element."""
        return self.tag.name

    @property
    def level(self) -> int:
        """1 to 6 of a heading; else 0."""
        return HEADINGS.index(self.name) + 1 if self.name in HEADINGS else 0


@dataclass(frozen=True)
class Document:
    """A text as a flat list of blocks.

    Args:
        blocks: of the text, in their order; containers are taken apart.
        comments: what is never shown, with lines.
        soup: all of it.
    """

    blocks: tuple[Block, ...]
    comments: tuple[tuple[int, str], ...]
    soup: BeautifulSoup


def document_of_markdown(text: str) -> Document:
    """Parse Markdown: CommonMark with tables, strikethrough and bare addresses of GitHub."""
    return document_of_html(str(_parser().render(text)))


def document_of_html(html: str) -> Document:
    """Parse the HTML of a page or a feed."""
    soup = BeautifulSoup(html, "html.parser")
    comments = tuple(_comments(soup))
    for silent in soup.find_all(list(SILENT)):
        silent.decompose()
    for mark in soup.find_all("wbr", attrs={LINE: True}):
        following = mark.find_next_sibling(True)
        if isinstance(following, Tag) and not following.has_attr(LINE):
            following[LINE] = mark[LINE]
        mark.decompose()
    blocks, line = [], 1
    for tag in flat_blocks(soup):
        said = tag.get(LINE) or next((inner[LINE] for inner in tag.find_all(lambda inner: inner.has_attr(LINE))), None)
        line = int(str(said)) if said else line
        blocks.append(Block(tag, line))
    return Document(tuple(blocks), comments, soup)


def _comments(soup: BeautifulSoup) -> Iterator[tuple[int, str]]:
    """Take out the comments."""
    for comment in list(soup.find_all(string=lambda text: isinstance(text, PreformattedString))):
        said = next((line.strip() for line in str(comment).splitlines() if line.strip()), "")
        before = comment.find_previous(attrs={LINE: True})
        if isinstance(comment, Comment) and said:
            yield int(str(before[LINE])) if isinstance(before, Tag) else 1, said
        comment.extract()


def flat_blocks(tag: Tag) -> Iterator[Tag]:
    """The blocks in a container or an entry of a list; what is inline between them is a paragraph."""
    run: list[PageElement] = []
    for child in list(tag.children):
        if isinstance(child, Tag) and (child.name in BLOCKS or _has_blocks(child)):
            yield from _paragraph(run)
            run = []
            if child.name in CONTAINERS or (child.name in {"p", "figure"} | INLINE and _has_blocks(child)):
                yield from flat_blocks(child)
            else:
                yield child
        elif isinstance(child, Tag) and child.name in CONTAINERS:
            yield from _paragraph(run)
            yield from _paragraph([child])
            run = []
        else:
            run.append(child)
    yield from _paragraph(run)


def _has_blocks(tag: Tag) -> bool:
    return tag.find(list(BLOCKS | CONTAINERS)) is not None


def _paragraph(run: Sequence[PageElement]) -> Iterator[Tag]:
    if any(map(_says, run)):
        made = Tag(name="p")
        run[0].insert_before(made)
        made.extend(list(run))
        yield made


def _says(element: PageElement) -> bool:
    if isinstance(element, Tag):
        return bool(element.get_text(strip=True)) or element.name == "img" or element.find("img") is not None
    return isinstance(element, NavigableString) and bool(element.strip())


# --- the parser -----------------------------------------------------------------------------------------------


class _Renderer(RendererHTML):
    """HTML in Markdown as it stands, but what only looks like a tag is text."""

    def html_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:  # noqa: ARG002
        return _known(tokens[idx].content)

    def html_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:  # noqa: ARG002
        token = tokens[idx]
        line = token.map[0] + 1 if token.map else 1
        return f'<wbr {LINE}="{line}">{TAG.sub(lambda found: _known(found[0]), token.content)}'


def _known(tag: str) -> str:
    found = TAG.fullmatch(tag)
    return tag if found is None or found["name"].lower() in KNOWN else escapeHtml(tag)


@cache
def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": True}, renderer_cls=_Renderer)
    made.enable(["table", "strikethrough"]).use(cjk_emphasis).use(bare_urls)
    made.normalizeLink = _same  # type: ignore[method-assign]
    made.core.ruler.push("lines", _with_lines)
    return made


def _same(url: str) -> str:
    """An address as it was typed."""
    return url


def _with_lines(state: Any) -> None:
    for token in state.tokens:
        if token.map and token.nesting >= 0 and token.type != "inline":
            token.attrSet(LINE, str(token.map[0] + 1))
