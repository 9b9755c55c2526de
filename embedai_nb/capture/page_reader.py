"""Read the few parts of a page that capturing looks at: meta tags, titles, texts of named elements, anchors."""

from __future__ import annotations

from dataclasses import dataclass, field

from embedai_nb.capture.html_tokens import Token, attributes, plain_text, tokens

__all__ = ["ReadPage", "anchors", "read_page"]

MAX_TEXT = 4000
"""Characters that are kept of each part."""
MAX_VISIBLE = 20_000
"""Characters that are kept of the visible text."""


@dataclass(frozen=True)
class ReadPage:
    """What was found on a page; values are stripped, and none is empty."""

    metas: dict[str, str] = field(default_factory=dict)
    """Content of the first meta tag of each name or property."""
    texts: dict[str, str] = field(default_factory=dict)
    """Text of the first element for each selector that was looked for."""
    visible: str = ""
    """The beginning of the text that a reader sees, without white space."""

    def meta(self, *names: str) -> str:
        """Content of the first of these meta tags that has any."""
        return next((self.metas[name] for name in names if name in self.metas), "")

    def first(self, *selectors: str) -> str:
        """The text of the first of these elements that has any."""
        return next((self.texts[selector] for selector in selectors if selector in self.texts), "")


class _Open:
    """An element whose text is being read."""

    def __init__(self, selector: str, name: str) -> None:
        self.selector = selector
        self.name = name
        self.depth = 1
        self.pieces: list[str] = []
        self.length = 0

    def add(self, text: str) -> None:
        if self.length < MAX_TEXT:
            self.pieces.append(text[:MAX_TEXT])
            self.length += len(text)

    def closes(self, token: Token) -> bool:
        """Whether this tag ends the element; elements of the same name may be inside."""
        self.depth += {"start": 1, "end": -1}[token.kind] if token.name == self.name else 0
        return self.depth == 0

    @property
    def text(self) -> str:
        return " ".join(plain_text("".join(self.pieces)).split())


def read_page(page: str, *selectors: str) -> ReadPage:
    """Read a page; a body that isn't HTML gives none of the parts.

    Args:
        page: its source.
        selectors: elements whose text is wanted: ``title``, ``#id`` or ``.class``.
    """
    metas, texts, visible = dict[str, str](), dict[str, str](), list[str]()
    reading, length, drawing = list[_Open](), 0, False
    for token in tokens(page):
        if token.kind == "text":
            for each in reading:
                each.add(token.text)
            if length < MAX_VISIBLE and not token.text.isspace():
                visible.append("".join(token.text[:MAX_VISIBLE].split()))
                length += len(visible[-1])
            continue
        if token.kind == "limit":
            break
        for each in [each for each in reading if each.closes(token)]:
            reading.remove(each)
            if each.text:
                texts.setdefault(each.selector, each.text)
        drawing = token.kind == "start" if token.name == "svg" else drawing
        if token.kind == "start" and not drawing:
            _read_meta(token, metas)
            wanted = set(selectors) - texts.keys() - {each.selector for each in reading}
            reading += [_Open(selector, token.name) for selector in sorted(wanted & _selectors(token))]
    for each in reading:
        if each.text:
            texts.setdefault(each.selector, each.text)
    return ReadPage(metas, texts, plain_text("".join(visible)))


def _read_meta(token: Token, metas: dict[str, str]) -> None:
    if token.name == "meta":
        found = attributes(token.text)
        if content := found.get("content", "").strip()[:MAX_TEXT]:
            for name in {found.get("property"), found.get("name")} - {None}:
                metas.setdefault(str(name), content)


def _selectors(token: Token) -> set[str]:
    """The selectors that match a start tag."""
    if "id" not in token.text and "class" not in token.text:
        return {token.name}
    found = attributes(token.text)
    return {token.name, f"#{found.get('id')}", *(f".{name}" for name in found.get("class", "").split())}


def anchors(page: str) -> frozenset[str] | None:
    """The names that a fragment of the page's URL may have; None if the page is too large to know them all."""
    found: set[str] = set()
    for token in tokens(page):
        if token.kind == "limit":
            return None
        if token.kind == "start":
            found |= _named(token)
    return frozenset(found)


def _named(token: Token) -> set[str]:
    given = attributes(token.text) if "id" in token.text.lower() or token.name == "a" else {}
    return {given[key] for key in ("id", "name") if given.get(key) and (key == "id" or token.name == "a")}
