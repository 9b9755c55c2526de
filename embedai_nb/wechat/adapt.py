"""HTML of the page → HTML that WeChat's editor leaves as it is: no links elsewhere, no lists within lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from html import escape
from itertools import count
from typing import NamedTuple
from xml.etree.ElementTree import Element, TreeBuilder

from embedai_nb.html.images import is_local
from embedai_nb.i18n import Translator
from embedai_nb.text.entities import decode_entities
from embedai_nb.wechat.budget import Picture
from embedai_nb.wechat.footnotes import Numbered, Numbers, is_wechat
from embedai_nb.wechat.messages import ARTICLE

__all__ = ["Adapted", "adapted"]

TAG = re.compile(r"""<(?:!--(?P<mark>.*?)--|(?P<end>/?)(?P<tag>\w+)(?P<attributes>(?:\s+[\w-]+="[^"]*")*))>""")
ATTRIBUTE = re.compile(r"""([\w-]+)="([^"]*)\"""")
EMPTY = frozenset({"br", "hr", "mark"})
BLOCKS = frozenset({"p", "section", "blockquote", "pre", "table", "h2", "h3", "h4", "h5", "h6", "hr", "dl", "div"})
LISTS = frozenset({"ul", "ol"})
AROUND_BLOCKS = LISTS | BLOCKS - {"p", "pre", "h2", "h3", "h4", "h5", "h6"} | {"body", "thead", "tbody", "tr"}
"""Elements within which white space says nothing."""
RENAMED = {"div": "section", "dl": "section", "dt": "p", "dd": "p", "small": "span"}
CENTRED = "text-align:center"
NO_BREAK = "\u00a0"
BULLETS = ("• ", "\u3000◦ ", "\u3000\u3000▪ ")
"""What stands before an entry of a list that is none any more, by its depth."""


def _tree(html: str) -> Element:
    """Sanitized HTML, in which all tags are closed and all attributes quoted, as a tree.

    The template's marks are comments; sanitized text has none.
    """
    tree, place = TreeBuilder(), 0
    tree.start("body", {})
    for found in TAG.finditer(html):
        tree.data(decode_entities(html[place : found.start()]))
        place, tag = found.end(), found["tag"] or "mark"
        if not found["end"]:
            attributes = {name: decode_entities(value) for name, value in ATTRIBUTE.findall(found["attributes"] or "")}
            tree.start(tag, attributes if found["tag"] else {"of": found["mark"]})
        if found["end"] or tag in EMPTY:
            tree.end(tag)
    tree.data(decode_entities(html[place:]))
    tree.end("body")
    root: Element = tree.close()
    return root


class _Adapter:
    """Writes a tree anew; a method for each element that WeChat treats in its own way."""

    def __init__(
        self, resolve: Callable[[str], str], pictures: Set[str], uploaded: Mapping[str, str], say: Translator
    ) -> None:
        self.resolve = resolve
        self.say = say
        self.pictures = pictures
        self.uploaded = uploaded
        self.numbers = Numbers()
        self.met: dict[str, Picture] = {}
        self._methods: dict[str, Callable[[Element], str]] = {
            "a": self._link,
            "ul": self._list,
            "ol": self._list,
            "li": self._entry,
            "pre": self._code,
            "table": self._table,
            "section": self._section,
            "mark": _mark,
        }

    def inner(self, element: Element) -> str:
        around = element.tag in AROUND_BLOCKS or any(child.tag in BLOCKS for child in element)
        text = _between if around else _text
        return text(element.text) + "".join(self.html(child) + text(_tail(child)) for child in element)

    def html(self, element: Element) -> str:
        return self._methods.get(element.tag, self._any)(element)

    def _any(self, element: Element) -> str:
        tag = RENAMED.get(element.tag, element.tag)
        attributes = "".join(f' {name}="{escape(value)}"' for name, value in element.attrib.items())
        return f"<{tag}{attributes}>" + ("" if tag in EMPTY else f"{self.inner(element)}</{tag}>")

    def _link(self, element: Element) -> str:
        inner, url = self.inner(element), element.get("href", "")
        if url in self.pictures:
            return self._picture(inner, url)
        text = "".join(element.itertext()).strip()
        address = self.resolve(url)
        if is_wechat(address):
            return f'<a href="{escape(address)}">{inner}</a>'
        if not text:
            inner = inner.strip()
        if not address or text == url or (not text and address in self.numbers):
            return inner
        return f"{inner}<sup>[{self.numbers.give(address, text)}]</sup>"

    def _picture(self, inner: str, url: str) -> str:
        """The picture as WeChat has it; a place to put it while it has it not."""
        address = url if is_local(url) else self.resolve(url) or url
        plain = decode_entities(re.sub(r"<[^>]*>", "", inner))
        text = "" if plain == url else plain
        self.met.setdefault(address, Picture(text=text, url=address))
        if address in self.uploaded:
            return f'<img src="{escape(self.uploaded[address])}">'
        name = self.say(ARTICLE["picture-of"], text=text) if text else self.say(ARTICLE["picture"])
        place = self.say(ARTICLE["placeholder"], name=name)
        return f"{_text(place)}<sup>[{self.numbers.give(self.resolve(url) or url, name)}]</sup>"

    # --- code and tables ------------------------------------------------------------------------------------------

    def _code(self, element: Element) -> str:
        """Code with its line ends and spaces as characters that the editor keeps."""
        lines = "".join(element.itertext()).removesuffix("\n").split("\n")
        return f"<pre><code>{'<br>'.join(_text(_kept(line)) for line in lines)}</code></pre>"

    def _table(self, element: Element) -> str:
        return self._any(element).replace("<table", '<table class="grid"', 1)

    def _section(self, element: Element) -> str:
        """The closing's table is a list of dates: it needs no lines, and its style sheet centres it."""
        if element.get("class") != "closing":
            return self._any(element)
        for cell in element.iter():
            if cell.get("style") == CENTRED:
                del cell.attrib["style"]
        self._methods["table"] = self._any
        return self._any(element)

    # --- lists ----------------------------------------------------------------------------------------------------

    def _list(self, element: Element) -> str:
        nested = any(child.tag in BLOCKS | LISTS for entry in element if _only(entry) is None for child in entry)
        return "".join(self._flattened(element, 0)) if nested else self._any(element)

    def _entry(self, element: Element) -> str:
        """An entry, without the paragraph that is all of it."""
        alone = _only(element)
        return f"<li>{self.inner(element if alone is None else alone)}</li>"

    def _flattened(self, element: Element, depth: int) -> Iterator[str]:
        """The entries as paragraphs, each with its mark."""
        numbers = count(int(element.get("start", "1")))
        indent = BULLETS[min(depth, len(BULLETS) - 1)]
        for entry in element:
            mark = indent if element.tag == "ul" else indent[:-2] + f"{next(numbers)}. "
            yield from self._paragraphs(entry, mark, depth)

    def _paragraphs(self, entry: Element, mark: str, depth: int) -> Iterator[str]:
        """An entry: its lines, its blocks, and the lists within it, one level down."""
        line = mark + _between(entry.text).rstrip("\n")
        for child in entry:
            if child.tag in LISTS or child.tag in BLOCKS:
                line += self.inner(child) if child.tag == "p" else ""
                yield from _paragraph(line, mark)
                line = _between(child.tail).strip("\n")
            if child.tag in LISTS:
                yield from self._flattened(child, depth + 1)
            elif child.tag in BLOCKS:
                yield "" if child.tag == "p" else self.html(child)
            else:
                line += self.html(child) + _text(_tail(child)).rstrip("\n")
        yield from _paragraph(line, mark)


def _mark(element: Element) -> str:
    return f"<!--{element.get('of')}-->"


def _paragraph(line: str, mark: str) -> Iterator[str]:
    if line.strip() not in {"", mark.strip()}:
        yield f"<p>{line}</p>"


def _text(text: str | None) -> str:
    return escape(text or "", quote=False)


def _between(text: str | None) -> str:
    """White space between blocks: WeChat's editor makes lines of it."""
    return _text(text) if text and text.strip() else ""


def _tail(element: Element) -> str | None:
    """What follows; the end of a line goes with the break before it."""
    return (element.tail or "").removeprefix("\n") if element.tag == "br" else element.tail


def _only(entry: Element) -> Element | None:
    """The paragraph that is all of an entry."""
    alone = len(entry) == 1 and entry[0].tag == "p" and not _between(entry.text) and not _between(entry[0].tail)
    return entry[0] if alone else None


def _kept(line: str) -> str:
    """A line of code in which no space is the first or follows another."""
    return re.sub(r"^ | (?= )", NO_BREAK, line.expandtabs(4))


class Adapted(NamedTuple):
    """The article, the pages that it refers to by number, and the pictures that stand in it."""

    html: str
    numbered: tuple[Numbered, ...]
    pictures: tuple[Picture, ...]


def adapted(
    html: str, *, resolve: Callable[[str], str], pictures: Set[str], uploaded: Mapping[str, str], say: Translator
) -> Adapted:
    """Sanitized HTML as an article.

    Args:
        html: what the page would show; classes and comments are kept.
        resolve: from an address as it stands there to where it leads; to nothing where the text says enough.
        pictures: addresses, as they stand there, that lead to pictures.
        uploaded: where pictures lie at WeChat, by their address in full.
        say: what the article says of pictures in the newsletter's language.
    """
    adapter = _Adapter(resolve, pictures, uploaded, say)
    return Adapted(adapter.inner(_tree(str(html))), tuple(adapter.numbers), tuple(adapter.met.values()))
