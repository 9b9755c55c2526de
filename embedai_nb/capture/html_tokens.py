"""Tokenize HTML of strangers in linear time and constant memory: no tree is built, and every page ends.

A tree is what hostile pages attack: misnested formatting tags, deep lists or a hundred thousand attributes make parsers
that build one take minutes and gigabytes.  What is wanted here (titles, meta tags, the text of a few elements) needs
none.  Tokens are found as in html.spec.whatwg.org, 13.2.5, but for rare states that only matter to scripts.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

__all__ = ["Token", "attributes", "plain_text", "tokens"]

MAX_STEPS = 100_000
"""Tags, quoted values and other steps that are read of a page, in half a second at most; what is wanted stands in front."""
MAX_TAG = 20_000
"""Characters of a tag whose attributes are read."""
MAX_ATTRIBUTES = 100
"""Attributes of a tag that are read."""

NAME = re.compile(r"[a-z][^\s/>]{0,40}", re.IGNORECASE)
END_OR_QUOTE = re.compile(r""">|=\s*+(["'])""")
ATTRIBUTE = re.compile(r"""([^\s/>=]++)\s*+(?:=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"'][^\s>]*+)))?""")
RAW_TEXT = frozenset({"iframe", "noembed", "noframes", "script", "style", "template", "xmp"})
"""Elements whose content no reader sees."""
TEXT_ONLY = frozenset({"textarea", "title"})
"""Elements whose content is text, whatever it looks like."""


class Token(NamedTuple):
    """A piece of a page: text, its character references not yet resolved; or a tag, with its attributes as written.

    The kind ``limit`` stands at the end of what was read where there is more.
    """

    kind: Literal["text", "start", "end", "limit"]
    name: str
    text: str


def tokens(page: str) -> Iterator[Token]:
    """The tags of a page and the text between them, as far as the limit; comments, scripts and styles are left out."""
    at, left = 0, MAX_STEPS
    while (opened := page.find("<", at)) >= 0:
        if opened > at:
            yield Token("text", "", page[at:opened])
        if (left := left - 1) < 0:
            yield Token("limit", "", "")
            return
        closing = page.startswith("/", opened + 1)
        named = NAME.match(page, opened + 1 + closing)
        if named is None:
            at = _after_markup(page, opened)
            if at == opened + 1:
                yield Token("text", "", "<")
            continue
        name = named[0].lower()
        at, steps = _tag_end(page, named.end(), left)
        if (left := left - steps) < 0:
            yield Token("limit", "", "")
            return
        yield Token("end" if closing else "start", name, page[named.end() : min(at, named.end() + MAX_TAG)])
        if not closing and name in RAW_TEXT | TEXT_ONLY:
            ends = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(page, at)
            inside, at = at, ends.start() if ends else len(page)
            if name in TEXT_ONLY:
                yield Token("text", "", page[inside:at])
    if at < len(page):
        yield Token("text", "", page[at:])


def _after_markup(page: str, opened: int) -> int:
    """The index behind a comment or another declaration; behind the ``<`` where it is text."""
    if page.startswith("<!--", opened):
        closed, length = page.find("-->", opened + 2), 3  # `<!-->` is a whole comment
    elif page.startswith(("<!", "<?", "</"), opened):
        closed, length = page.find(">", opened), 1
    else:
        return opened + 1
    return len(page) if closed < 0 else closed + length


def _tag_end(page: str, at: int, most: int) -> tuple[int, int]:
    """The index behind a tag, and how many steps it took, one more than ``most`` at most; `>` in quotes is no end."""
    for steps in range(most + 1):
        found = END_OR_QUOTE.search(page, at)
        if found is None:
            break
        if not found[1]:
            return found.end(), steps
        if (closed := page.find(found[1], found.end())) < 0:
            break
        at = closed + 1
    else:
        return at, most + 1
    return len(page), 0


def attributes(tag: str) -> Mapping[str, str]:
    """The attributes of a tag; of two with one name the first."""
    found: dict[str, str] = {}
    for number, match in enumerate(ATTRIBUTE.finditer(tag)):
        if number == MAX_ATTRIBUTES:
            break
        found.setdefault(match[1].lower(), plain_text(match[2] or match[3] or match[4] or ""))
    return found


def plain_text(text: str) -> str:
    """Resolve character references; a number that is none, of thousands of digits, stays as it is written."""
    try:
        return html.unescape(text)
    except ValueError:
        return text
