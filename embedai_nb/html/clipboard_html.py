"""Clean up the HTML that web pages, Word and WeChat put on the clipboard: what is left is what it means, not how it looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import nh3
from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

__all__ = ["BLOCKS", "cleaned"]

CONTAINERS = {
    "address", "article", "aside", "center", "details", "dl", "fieldset", "figure", "footer", "form", "header", "main",
    "nav", "section", "summary",
}  # fmt: skip
HEADINGS = {"dt", "h1", "h2", "h3", "h4", "h5", "h6"}
TABLES = {"table", "tbody", "td", "tfoot", "th", "thead", "tr"}
BLOCKS = {"blockquote", "div", "li", "ol", "p", "pre", "ul"} | TABLES
SYNONYMS = {"b": "strong", "i": "em", "s": "del", "strike": "del", "kbd": "code", "samp": "code", "tt": "code"}
SYNONYMS |= dict.fromkeys(CONTAINERS, "div") | dict.fromkeys(("caption", "dd", "figcaption"), "p")
KEPT = {"a", "br", "code", "del", "em", "img", "input", "span", "strong"} | BLOCKS | HEADINGS | set(SYNONYMS)
ATTRIBUTES = {
    "*": {"style"},
    "a": {"href"},
    "code": {"class"},
    "div": {"class"},
    "img": {"alt", "src", "data-src"},
    "input": {"type", "checked"},
    "ol": {"start"},
    "pre": {"class", "data-lang", "lang"},
    "ul": {"class"},
    "td": {"colspan"},
    "th": {"colspan"},
}
STYLES = {
    "font-style",
    "font-weight",
    "font-family",
    "mso-list",
    "text-decoration",
    "text-decoration-line",
    "white-space",
}

BOLD = re.compile(r"font-weight:\s*(?:bold|[6-9]00)")
NOT_BOLD = re.compile(r"font-weight:\s*(?:normal|lighter|[1-5]00)")
ITALIC = re.compile(r"font-style:\s*(?:italic|oblique)")
STRUCK = re.compile(r"text-decoration(?:-line)?:[^;]*line-through")
WORD_LIST = re.compile(r"mso-list:.*level(?P<level>[1-9])")
WORD_MARK = re.compile(r"mso-list:\s*ignore", re.IGNORECASE)
CODE_EDITOR = re.compile(
    r"font-family:[^;]*mono.*white-space:\s*pre|white-space:\s*pre.*font-family:[^;]*mono", re.IGNORECASE
)
TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][\w:-]*)[^<>]*>")
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
DEEPEST = 200
"""Tags within each other at most: parsers take the square of the time for deeper ones."""
MOST_TAGS = 12_000
"""Opening and closing ones; a long article has a quarter of that."""
INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
SPACE = re.compile(r"[\s\xa0]+")
CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
WRAPPED = re.compile(rf"(?<=[{CJK}])[^\S\n]*\n\s*(?=[{CJK}])")
"""A line end of the source, within Chinese, where a space would be one too many: Word wraps its lines."""


def cleaned(html: str) -> BeautifulSoup:
    """Parse the HTML of a clipboard, and reduce it to paragraphs, lists, quotes, tables, code, links, images and emphasis.

    Headings are paragraphs in bold, as the dialect has none.  Nothing in it is active.

    Raises:
        RecursionError: it is nested too deeply, or has too many tags.
    """
    if not _is_reasonable(html):
        raise RecursionError("the HTML is nested too deeply, or has too many tags")
    soup = BeautifulSoup(_sanitizer().clean(html), "html.parser")
    for step in (_code, _names, _word_lists, _styles, _headings, _boxes, _texts, _inward, _merged):
        step(soup)
        soup.smooth()
    return soup


@cache
def _sanitizer() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=KEPT,
        attributes=ATTRIBUTES,
        clean_content_tags={"head", "math", "noscript", "script", "style", "svg", "template", "textarea", "title"},
        filter_style_properties=STYLES,
        url_schemes={"http", "https", "mailto", "data", "file"},
        link_rel=None,
    )


def _is_reasonable(html: str) -> bool:
    """Whether the HTML is what a program writes, which closes its tags, and short enough to be converted in seconds."""
    depth = 0
    for count, found in enumerate(TAG.finditer(html)):
        if found["end"]:
            depth = max(0, depth - 1)
        elif found["name"].lower() not in VOID and not found[0].endswith("/>"):
            depth += 1
        if depth > DEEPEST or count > MOST_TAGS:
            return False
    return True


def _style(tag: Tag) -> str:
    return str(tag.get("style", "")).lower()


# --- steps ----------------------------------------------------------------------------------------------------


def _code(soup: BeautifulSoup) -> None:
    """Blocks of code, each with nothing in it but its text and the name of its language."""
    for numbers in soup.select("ul.code-snippet__line-index"):  # WeChat's
        numbers.decompose()
    for editor in soup.find_all(lambda tag: tag.name in ("div", "pre") and CODE_EDITOR.search(_style(tag)) is not None):
        if len(editor.find_all("div")) > 1 and not editor.decomposed:
            editor.name = "pre"
    for pre in soup.find_all("pre"):
        if not pre.decomposed:
            _as_code(pre)


def _as_code(pre: Tag) -> None:
    language = _language(pre)
    for line_end in pre.find_all("br"):
        line_end.replace_with("\n")
    rows = [row for row in pre.find_all(["code", "div", "p"]) if row.parent is pre]
    text = "\n".join(row.get_text() for row in rows) if len(rows) > 1 else pre.get_text()
    pre.clear()
    pre.attrs = {"data-lang": language} if language else {}
    pre.append(text.replace("\xa0", " "))


def _language(pre: Tag) -> str:
    """The language that a page says a block of code is in."""
    named = [str(pre.get(name, "")) for name in ("data-lang", "lang")]
    around = [pre, *pre.find_all("code", limit=1), *([pre.parent] if pre.parent else [])]
    for tag in around:
        classes = " ".join(filter(None, tag.get_attribute_list("class")))
        named += re.findall(r"(?:language|lang|highlight-source|brush:)[-\s]([\w+#.]+)", classes)
    return next((name for name in named if re.fullmatch(r"[\w+#.]+", name)), "")


def _names(soup: BeautifulSoup) -> None:
    """One name for each thing; what says bold and doesn't mean it is unwrapped."""
    for tag in soup.find_all(True):
        name = SYNONYMS.get(tag.name, tag.name)
        if name == "strong" and NOT_BOLD.search(_style(tag)):
            name = "span"
        tag.name = name


def _word_lists(soup: BeautifulSoup) -> None:
    """Word's lists, which are paragraphs with a mark before them."""
    open_lists: list[Tag] = []
    for paragraph in soup.find_all("p"):
        found = WORD_LIST.search(_style(paragraph))
        if not found:
            open_lists = []
            continue
        level = int(found["level"])
        mark = paragraph.find(style=WORD_MARK)
        kind = "ol" if mark and re.match(r"\W*[0-9a-zA-Z]{1,3}[.)、．]", mark.get_text()) else "ul"
        if mark:
            mark.decompose()
        del open_lists[level:]
        if not open_lists:
            paragraph.insert_before(outer := soup.new_tag(kind))
            open_lists.append(outer)
        elif len(open_lists) < level and open_lists[-1].contents:
            _last_entry(open_lists[-1]).append(inner := soup.new_tag(kind))
            open_lists.append(inner)
        paragraph.name = "li"
        paragraph.attrs = {}
        open_lists[-1].append(paragraph)


def _last_entry(made: Tag) -> Tag:
    return made.find_all("li", recursive=False)[-1]


def _styles(soup: BeautifulSoup) -> None:
    """Emphasis that is said by a style alone."""
    for tag in soup.find_all("span"):
        style = _style(tag)
        for pattern, name in ((BOLD, "strong"), (ITALIC, "em"), (STRUCK, "del")):
            if pattern.search(style) and not tag.find_parent(name) and tag.get_text(strip=True):
                tag.wrap(soup.new_tag(name))
        tag.unwrap()


def _headings(soup: BeautifulSoup) -> None:
    for heading in soup.find_all(HEADINGS):
        for inner in heading.find_all("strong"):
            inner.unwrap()
        heading.name = "p"
        if heading.get_text(strip=True):
            strong = soup.new_tag("strong")
            strong.extend(list(heading.contents))
            heading.append(strong)


def _boxes(soup: BeautifulSoup) -> None:
    """The boxes of a task list."""
    for box in soup.find_all("input"):
        is_task = box.get("type") == "checkbox" and box.find_parent("li")
        box.replace_with(("[x] " if box.has_attr("checked") else "[ ] ") if is_task else "")


def _texts(soup: BeautifulSoup) -> None:
    """White space as a browser shows it: a line end of the source is none of the text."""
    for text in soup.find_all(string=True):
        if not text.find_parent("pre"):
            text.replace_with(SPACE.sub(" ", WRAPPED.sub("", INVISIBLE.sub("", text))))


def _inward(soup: BeautifulSoup) -> None:
    """Put emphasis around blocks, which Markdown cannot say, into them; a link around blocks goes around their text."""
    for tag in soup.find_all(["a", "code", "del", "em", "strong"]):
        if (tag.name != "a" and tag.find_parent(tag.name)) or (tag.name == "code" and tag.find_parent("pre")):
            tag.unwrap()
        elif tag.find(BLOCKS):
            if tag.name == "a":
                for block in tag.find_all(BLOCKS):
                    block.insert_after(" ")
                    block.unwrap()
            else:
                for runs in list(_runs(tag)):
                    strong = soup.new_tag(tag.name)
                    runs[0].insert_before(strong)
                    strong.extend(runs)
                tag.unwrap()


def _runs(tag: Tag) -> Iterator[list[PageElement]]:
    """The runs of inline content of a tag that has blocks in it, at any depth."""
    run: list[PageElement] = []
    for child in list(tag.children):
        if isinstance(child, Tag) and (child.name in BLOCKS or child.find(BLOCKS)):
            yield from [run] if _says(run) else []
            run = []
            if child.name != "pre":
                yield from _runs(child)
        else:
            run.append(child)
    yield from [run] if _says(run) else []


def _says(run: list[PageElement]) -> bool:
    return any(element.get_text(strip=True) for element in run if isinstance(element, Tag | NavigableString))


def _merged(soup: BeautifulSoup) -> None:
    """Join neighbours of one emphasis, whose marks would else be taken for others; drop those that are around nothing."""
    for tag in soup.find_all(["code", "del", "em", "strong"]):
        if tag.parent is None:  # joined already
            continue
        if not tag.get_text(strip=True) and not tag.find("img"):
            tag.unwrap()
            continue
        while isinstance(following := tag.next_sibling, Tag) and following.name == tag.name:
            tag.extend(list(following.contents))
            following.extract()
