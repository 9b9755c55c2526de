"""Prose that every reader of Markdown shows alike: what only some of them take for markup is escaped.

GitHub (cmark-gfm) and Jekyll (kramdown, its GFM parser) know constructs that the dialect does not.  A backslash before
their first sign is shown by none of them, and neither does it change what the dialect makes of the text.
"""

from __future__ import annotations

import re
from functools import lru_cache

from markdown_it.common.utils import unescapeAll

from embedai_nb.markdown.bare_urls import address_at
from embedai_nb.markdown.emphasis import alike
from embedai_nb.markdown.gfm_emphasis import STRUCK
from embedai_nb.markdown.inline_spans import Span, spans

__all__ = ["inert"]

SUSPECT = re.compile(r"[<{$|~*_\[`^]|\\|://|www\.", re.IGNORECASE)
"""Without one of these, a text is prose to all."""

HTML = re.compile(r"<(?=[A-Za-z/!?])")
ATTRIBUTES = re.compile(r"\{(?=:)")
FOOTNOTE = re.compile(r"\[(\^[^\]\s]+)\]")
CARET = re.compile(r"\[\^(?=[^\[\]]*\Z)|\A\^")
"""At the beginning of a link's text, where kramdown knows no link."""
BAR = re.compile(r"\|")
WITHOUT_SCHEME = re.compile(r"(?:(?<![\w./@-])|(?<=_))(www)\.(?=[A-Za-z0-9])", re.IGNORECASE)
OTHER_SCHEME = re.compile(r"(?<![A-Za-z])(ftp|xmpp|mailto):(?=\S)", re.IGNORECASE)
TILDE = re.compile(r"(?<!~)~(?!~)")
TILDES = re.compile("~+")
OPEN_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
"""A backslash before an address that may be written between angle brackets."""
FEW = 2
"""Backticks around code that every reader takes for that: one not between spaces, three not at the beginning of a line."""
NO_ESCAPE = frozenset("&;,?@%^")
"""What kramdown shows a backslash before; none of them needs one but an ampersand."""
AMBIGUOUS = re.compile(r"[*~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?:#?\w+;)")
"""In a bare address, what kramdown takes for emphasis, or some reader for an entity."""


@lru_cache(4096)
def inert(text: str, *, bars: bool = True, links: bool = True) -> str:
    """A paragraph, escaped.

    Args:
        text: inline Markdown in the dialect, perhaps of several lines.
        bars: whether a bar divides nothing here, as it does in a table.
        links: whether a bare address is a link here, as it is not within the text of another.
    """
    return alike(_escaped(text, bars, links), text) if SUSPECT.search(text) else text


def _escaped(text: str, bars: bool = True, links: bool = True) -> str:
    """The paragraph or a part of it, its emphasis as it is: a part may hold one mark of a pair."""
    found = list(spans(text))
    tildes = sum(len(TILDE.findall(text, span.start, span.end)) for span in found if span.kind == "prose") > 1
    return "".join(_written(text, span, bars, tildes, links) for span in found)


def _written(text: str, span: Span, bars: bool, tildes: bool, links: bool) -> str:
    part = text[span.start : span.end]
    match span.kind:
        case "address" | "autolink" if not links:
            return _escaped(part.strip("<>").replace(":", "\\:", 1), links=False)
        case "address":
            return _address(part, text[span.end : span.end + 1])
        case "escape" if part[1] in NO_ESCAPE:
            return "&amp;" if part[1] == "&" else part[1]
        case "code":
            return _code(part)
        case "prose":
            begins_link = text.startswith("](", span.end) or not (links or span.start)
            return _before(_prose(part, bars, tildes), text[span.end : span.end + 1], begins_link=begins_link)
    return part


def _before(prose: str, following: str, *, begins_link: bool) -> str:
    """The prose in front of something else, which its last sign must not make another thing."""
    if begins_link:
        prose = CARET.sub(lambda found: found[0].replace("^", "&#94;"), prose)
    if OPEN_ESCAPE.search(prose) and following not in {"", "\n"}:
        return prose + "\\"
    return f"{prose[:-1]}\\<" if prose.endswith("<") and following.isalpha() else prose


def _code(part: str) -> str:
    """A code span, its own backticks more than those within, where kramdown ends it, and two where one would not do."""
    length = len(part) - len(part.lstrip("`"))
    inside = part[length:-length]
    if "`" not in inside and (length == FEW or (length < FEW and not inside[0].isspace())):
        return part
    longer = "`" * max(FEW, 1 + max(map(len, re.findall("`+", inside)), default=0))
    inside = inside if inside[0] == inside[-1] == " " else f" {inside} "
    return f"{longer}{inside}{longer}"


def _prose(part: str, bars: bool, tildes: bool) -> str:
    part = HTML.sub(r"\\<", part)
    part = part.replace("`", r"\`")  # without a counterpart: kramdown would find one in a longer run
    part = ATTRIBUTES.sub(r"\\{", part)
    part = FOOTNOTE.sub(r"\\[\1\\]", part)
    if "$" in part:
        part = _formulas(part)
    if bars:
        part = BAR.sub(r"\\|", part)
    part = WITHOUT_SCHEME.sub(r"\1\\.", part)
    part = OTHER_SCHEME.sub(r"\1\\:", part)
    plain = {STRUCK} if tildes else {1, STRUCK}
    return TILDES.sub(lambda run: run[0] if len(run[0]) in plain else r"\~" * len(run[0]), part)


def _formulas(part: str) -> str:
    """Two dollars that GitHub or kramdown would set as a formula."""
    part = part.replace("$$", r"\$\$")
    return re.sub(r"(?<![\\$\w])\$(?=[^\s$])([^$\n]*[^\s$\\])\$(?![\w$])", r"\\$\1\\$", part)


def _address(part: str, following: str) -> str:
    """A bare address, between angle brackets where a reader would end it elsewhere than the dialect does."""
    scheme, colon, _ = part.partition(":")
    rest = address_at(part, len(scheme))
    if rest is None:
        return scheme + "\\" + colon + _escaped(part[len(scheme) + 1 :])
    url, behind = scheme + rest, part[len(scheme) + len(rest) :]
    plain = not behind.strip("?!.,:'\"") and not AMBIGUOUS.search(url)
    if plain and following not in {"\\", "`", "<"}:
        return url + behind
    url = unescapeAll(url)  # between angle brackets, an entity is no entity
    return f"{scheme}\\{part[len(scheme) :]}" if re.search(r"[<>\s]", url) else f"<{url}>{_escaped(behind)}"
