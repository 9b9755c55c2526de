"""Convert HTML, of a clipboard, an old issue or a feed, to Markdown in the dialect."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag
from markdownify import MarkdownConverter

from embedai_nb.errors import MarkupError
from embedai_nb.html.clipboard_html import BLOCKS, cleaned
from embedai_nb.html.render import item_blocks
from embedai_nb.html.sanitize import permits
from embedai_nb.markdown.nesting_limit import too_deep

__all__ = ["LONGEST", "RichText", "converted", "markdown_of"]

LONGEST = 1_000_000
"""Characters of HTML at most; longer text is pasted as plain text."""

RICH = ("a", "blockquote", "code", "del", "em", "img", "li", "pre", "strong", "table")
"""What plain text does not say."""

ADDRESS = re.compile(r"https?://[^\s<>]+")
ACTIVE = re.compile(
    r"\\(?=[!-/:-@\[-`{-~]|\Z)|`|(?<!\s)\*|\*(?!\s)|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|~(?=~)|(?<=~)~|\](?=[\[(:])"
    r"|<(?=[A-Za-z][A-Za-z0-9+.-]+:|[^\s@<>]+@)|&(?=#?\w+;)"
)
"""Characters of prose that the dialect would take for marks."""
BEGINS_BLOCK = re.compile(r"\A(?P<before>\s*\d{0,9})(?P<mark>[-+>.)|:])(?P<after>(?<=[>|:])|(?=\s|\Z))")
"""What would begin a list, a quote or a table at the start of a line."""
ASCII_MARK = re.compile(r"[!-/:-@\[-`{-~]")
EMPHASIS = {"del", "em", "strong"}
MARKED = EMPHASIS | {"a", "code", "img"}


@dataclass(frozen=True)
class RichText:
    """Markdown, with what it shows.

    Args:
        markdown: in the dialect.
        images: addresses of the images in it, each once.
        lost: number of images that the clipboard only names, and that cannot be had.
    """

    markdown: str
    images: tuple[str, ...] = ()
    lost: int = 0


def markdown_of(html: str) -> RichText | None:
    """Convert the HTML of a clipboard.

    Returns:
        None where it says no more than its plain text, or is too long or too deep.  A page shows every character of the
        Markdown that was copied: where emphasis would not be read as such, there is none.
    """
    if len(html) > LONGEST:
        return None
    try:
        soup = cleaned(html)
        if not soup.find(RICH):
            return None
        text = _letters(soup.get_text())
        found = (_converted(soup, emphasis=emphasis) for emphasis in (True, False))
        return next((each for each in found if each.markdown and _shows(each) == text), None)
    except (RecursionError, MarkupError):
        return None


def converted(html: str, *, bullet: str = "-") -> RichText:
    """Convert a piece of HTML, whatever it says.

    Args:
        html: of a page; relative addresses are not kept.
        bullet: what its lists begin with.

    Raises:
        MarkupError: it is nested too deeply, or has too many tags.
    """
    try:
        soup = cleaned(html)
        text = _letters(soup.get_text())
        found = [_converted(soup, emphasis=emphasis, bullet=bullet) for emphasis in (True, False)]
        return next((each for each in found if _shows(each) == text), found[-1])
    except RecursionError as error:
        raise too_deep() from error


def _converted(soup: BeautifulSoup, *, emphasis: bool, bullet: str = "-") -> RichText:
    converter = _Converter(emphasis=emphasis, bullet=bullet)
    lines = (line.rstrip() for line in converter.convert_soup(soup).split("\n"))
    markdown = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
    return RichText(markdown, tuple(dict.fromkeys(converter.images)), converter.lost)


def _shows(found: RichText) -> str:
    """What a page shows of the Markdown, but for images."""
    markdown = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", found.markdown) if found.images else found.markdown
    shown = BeautifulSoup(item_blocks(markdown), "html.parser").get_text()
    return _letters(shown.replace("☑", "[x]").replace("☐", "[ ]"))


def _letters(text: str) -> str:
    """Text without white space."""
    return "".join(text.split())


class _Converter(MarkdownConverter):
    """markdownify for the dialect: a line end is a break, tables have rows of one length, no more is escaped than need be."""

    process_element: Callable[..., str]

    def __init__(self, *, emphasis: bool, bullet: str) -> None:
        super().__init__(bullets=bullet, escape_asterisks=False, escape_underscores=False, autolinks=False)
        self.images: list[str] = []
        self.lost = 0
        self.emphasis = emphasis

    def process_text(self, el: NavigableString, parent_tags: set[str] | None = None) -> str:
        text = str(super().process_text(el, parent_tags))  # type: ignore[misc]  # not in its stubs
        if "_noformat" in (parent_tags or ()):
            return text
        if _begins_line(el):
            text = BEGINS_BLOCK.sub(lambda found: f"{found['before']}\\{found['mark']}", text)
        ends_in_mark = text.endswith("!") and isinstance(el.next_sibling, Tag) and el.next_sibling.name == "a"
        return f"{text[:-1]}\\!" if ends_in_mark else text

    def escape(self, text: str, parent_tags: set[str]) -> str:
        """Escape prose, but for addresses, which the dialect reads as they stand."""
        if "a" in parent_tags:
            return re.sub(r"[\[\]]|" + ACTIVE.pattern, r"\\\g<0>", text)
        at, parts = 0, []
        for found in ADDRESS.finditer(text):
            before = ACTIVE.sub(r"\\\g<0>", text[at : found.start()])
            parts += [f"{before[:-1]}\\<" if before.endswith("<") else before, found[0]]
            at = found.end()
        return "".join([*parts, ACTIVE.sub(r"\\\g<0>", text[at:])])

    def convert_br(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        return " " if "_inline" in parent_tags or el.find_parent("a") else "\n"

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        href = str(el.get("href", "")).strip()
        if not href.startswith(("http://", "https://", "mailto:")) or not permits(href) or not text.strip():
            return text
        if text.strip() == href:
            return text
        el["href"] = re.sub(r"[\s()<>]", lambda found: f"%{ord(found[0]):02X}", href)
        return str(super().convert_a(el, text, parent_tags))  # type: ignore[misc]  # not in its stubs

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        address = str(el.get("data-src") or el.get("src") or "").strip()
        alt = re.sub(r"[\[\]\\\s]+", " ", str(el.get("alt", ""))).strip()
        if re.match(r"https?://", address) and permits(address):
            address = re.sub(r"[\s()<>]", lambda found: f"%{ord(found[0]):02X}", address)
        elif not re.match(r"data:image/[\w.+-]+;base64,", address):
            self.lost += 1
            return ""
        self.images.append(address)
        return f"![{alt}]({address})"

    def _emphasis(self, mark: str, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Emphasis by lines; punctuation at an edge stays outside where its mark would else be none."""
        if "_noformat" in parent_tags or not self.emphasis:
            return text
        lines = text.split("\n")
        last = len(lines) - 1
        return "\n".join(_marked(mark, line, el, first=n == 0, last=n == last) for n, line in enumerate(lines))

    def convert_strong(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return self._emphasis("**", el, text, parent_tags)

    def convert_em(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return self._emphasis("*", el, text, parent_tags)

    def convert_del(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return self._emphasis("~~", el, text, parent_tags)

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        code = el.get_text().strip("\n")
        longest = max((len(run) for run in re.findall("`+", code)), default=0)
        fence = "`" * max(3, longest + 1)
        return f"\n\n{fence}{el.get('data-lang', '')}\n{code}\n{fence}\n\n" if code.strip() else ""

    def convert_hr(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        return "\n\n"

    def convert_li(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """An entry of a list; one without blank lines between it and what is below it."""
        if not el.find(["pre", "table", "blockquote"]):
            text = re.sub(r"\n{2,}(?=\s*(?:[-*] |\d+\. ))", "\n", text)
        return str(super().convert_li(el, text, parent_tags))  # type: ignore[misc]  # not in its stubs

    def convert_table(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        """A table of the dialect: all rows as long as the longest; one that only lays out a page is its cells."""
        rows = [list(row.find_all(["td", "th"], recursive=False)) for row in _rows(el)]
        rows = [row for row in rows if any(cell.get_text(strip=True) or cell.find("img") for cell in row)]
        width = max((sum(map(_span, row)) for row in rows), default=0)
        if not rows or width > MOST_COLUMNS or (len(rows) == 1 and width == 1) or _lays_out(rows):
            cells = [self._inside(cell) for row in rows for cell in row]
            return "\n\n" + "\n\n".join(filter(None, cells)) + "\n\n"
        lines = [self._line(row, width) for row in rows]
        return "\n\n" + "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]]) + "\n\n"

    def _inside(self, cell: Tag) -> str:
        return "".join(self.process_element(child, parent_tags=set()) for child in cell.children).strip()

    def _line(self, row: list[Tag], width: int) -> str:
        texts: list[str] = []
        for cell in row:
            text = " ".join(self._inline(cell).split())
            texts += [re.sub(r"(?<!\\)\|", r"\\|", text)] + [""] * (_span(cell) - 1)
        return "| " + " | ".join(texts + [""] * (width - len(texts))) + " |"

    def _inline(self, cell: Tag) -> str:
        inside = {"td", "_inline"}
        return "".join(self.process_element(child, parent_tags=inside) for child in cell.children)


MOST_COLUMNS = 40
"""A table with more is none that anybody reads."""


def _rows(table: Tag) -> list[Tag]:
    """The rows of a table, without those of tables in it."""
    return [row for row in table.find_all("tr") if row.find_parent("table") is table]


def _span(cell: Tag) -> int:
    said = str(cell.get("colspan", "1"))
    return min(int(said), MOST_COLUMNS) if said.isdecimal() and int(said) else 1


def _lays_out(rows: list[list[Tag]]) -> bool:
    """Whether cells hold what no cell of Markdown can."""
    return any(cell.find(["table", "pre", "ul", "ol", "blockquote"]) for row in rows for cell in row)


def _begins_line(text: PageElement) -> bool:
    node = text
    while node.previous_sibling is None and isinstance(node.parent, Tag) and node.parent.name in EMPHASIS:
        node = node.parent
    before, parent = node.previous_sibling, node.parent
    if before is None:
        return parent is None or parent.name in BLOCKS or parent.name == "[document]"
    return isinstance(before, Tag) and (before.name == "br" or before.name in BLOCKS)


def _marked(mark: str, text: str, el: Tag, *, first: bool, last: bool) -> str:
    """Put marks around a line, white space outside of them; none where they would be taken for text.

    CommonMark wants no letter outside where punctuation is inside (its flanking rule); a colon goes outside then.
    """
    core = text.strip()
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    outside = [
        _beside(el, at) if edge and not space else "" for at, edge, space in ((0, first, before), (-1, last, after))
    ]
    if outside[1].isalnum() and (found := re.search(r"(?<![\\`)*~])[.,:;!?]+\Z", core)):
        core, after = core[: found.start()], found[0]
    if not core or any(map(_is_text, outside, (core[0], core[-1]))):
        return text
    return f"{before}{mark}{core}{mark}{after}" if ASCII_MARK.sub("", core).strip() else text


def _is_text(outside: str, inside: str) -> bool:
    """Whether a mark between these characters would be text: next to Chinese, its own punctuation is no hindrance."""
    if not outside.isalnum():
        return False
    return bool(ASCII_MARK.match(inside)) or (outside.isascii() and unicodedata.category(inside)[0] in "PS")


def _beside(el: Tag, at: int) -> str:
    """The character directly before (0) or after (-1) an inline element; "" at the edge of its block."""
    node: PageElement = el
    while isinstance(node.parent, Tag) and node.parent.name not in BLOCKS:
        neighbour = node.next_sibling if at else node.previous_sibling
        if neighbour is None and node.parent.name in EMPHASIS:
            node = node.parent
            continue
        break
    neighbour = node.next_sibling if at else node.previous_sibling
    if isinstance(neighbour, Tag) and neighbour.name in MARKED:
        return "*"
    text = neighbour.get_text() if isinstance(neighbour, Tag | NavigableString) else ""
    return text[0 if at else -1] if text else ""
