"""Prose that every reader of Markdown shows alike: what only some of them take for markup is escaped.

GitHub (cmark-gfm) and Jekyll (kramdown, its GFM parser) know constructs that the dialect does not.  A backslash before
their first sign is shown by none of them, and neither does it change what the dialect makes of the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll

from embedai_nb.markdown.bare_urls import address_at
from embedai_nb.markdown.cjk_emphasis import CJK
from embedai_nb.markdown.inline_spans import Span, spans

__all__ = ["inert"]

SUSPECT = re.compile(r"[<{$|~*_\[`]|\\|://|www\.", re.IGNORECASE)
"""Without one of these, a text is prose to all."""

HTML = re.compile(r"<(?=[A-Za-z/!?])")
ATTRIBUTES = re.compile(r"\{(?=:)")
FOOTNOTE = re.compile(r"\[(?=\^)")
BAR = re.compile(r"\|")
WITHOUT_SCHEME = re.compile(r"(?<![\w./@-])(www)\.(?=[A-Za-z0-9])", re.IGNORECASE)
OTHER_SCHEME = re.compile(r"(?<![A-Za-z0-9])(ftp|xmpp|mailto):(?=\S)", re.IGNORECASE)
TILDE = re.compile(r"(?<!~)~(?!~)")
NO_ESCAPE = frozenset("&;,?@%^")
"""What kramdown shows a backslash before; none of them needs one but an ampersand."""
EMPHASIS = re.compile(r"(?<![*\\])(\*{1,3})(?![\s*])([^*\n]+?)(?<![\s\\])\1(?!\*)")
DANGLING = re.compile(r"\*+|_+|`+|~~+")
AMBIGUOUS = re.compile(r"[*~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?:#?\w+;)")
"""In a bare address, what kramdown takes for emphasis, or some reader for an entity."""
LONGEST = 8192
"""Characters of a paragraph whose emphasis is looked after; markdown-it takes the square of the time for longer ones."""
MOST_DANGLING = 40
"""So many signs at most are tried one by one."""


@lru_cache(4096)
def inert(text: str, *, bars: bool = True) -> str:
    """A paragraph, escaped.

    Args:
        text: inline Markdown in the dialect, perhaps of several lines.
        bars: whether a bar divides nothing here, as it does in a table.
    """
    if not SUSPECT.search(text):
        return text
    tildes = len(TILDE.findall(text)) > 1
    text = "".join(_written(text, span, bars, tildes) for span in spans(text))
    if "*" in text and len(text) <= LONGEST:
        text = _outside(text)
    return _without_dangling(text) if DANGLING.search(text) else text


def _written(text: str, span: Span, bars: bool, tildes: bool) -> str:
    part = text[span.start : span.end]
    if span.kind == "address":
        return _address(part, text[span.end : span.end + 1])
    if span.kind == "escape" and part[1] in NO_ESCAPE:
        return "&amp;" if part[1] == "&" else part[1]
    if span.kind == "code":
        return _code(part)
    if span.kind == "prose":
        prose = _prose(part, bars, tildes)
        return f"{prose[:-1]}\\<" if part.endswith("<") and text[span.end : span.end + 1].isalpha() else prose
    return part


def _code(part: str) -> str:
    """A code span that has backticks within, its own more than these: kramdown ends it at the first that is enough."""
    length = len(part) - len(part.lstrip("`"))
    inside = part[length:-length]
    if "`" not in inside:
        return part
    longer = "`" * (1 + max(len(run) for run in re.findall("`+", inside)))
    inside = inside if inside[0] == inside[-1] == " " else f" {inside} "
    return f"{longer}{inside}{longer}"


def _prose(part: str, bars: bool, tildes: bool) -> str:
    part = HTML.sub(r"\\<", part)
    part = ATTRIBUTES.sub(r"\\{", part)
    part = FOOTNOTE.sub(r"\\[", part)
    if "$" in part:
        part = _formulas(part)
    if bars:
        part = BAR.sub(r"\\|", part)
    part = WITHOUT_SCHEME.sub(r"\1\\.", part)
    part = OTHER_SCHEME.sub(r"\1\\:", part)
    return TILDE.sub(r"\\~", part) if tildes else part


def _formulas(part: str) -> str:
    """Two dollars that GitHub or kramdown would set as a formula."""
    part = part.replace("$$", r"\$\$")
    return re.sub(r"(?<![\\$\w])\$(?=[^\s$])([^$\n]*[^\s$\\])\$(?![\w$])", r"\\$\1\\$", part)


def _address(part: str, following: str) -> str:
    """A bare address, between angle brackets where a reader would end it elsewhere than the dialect does."""
    scheme, colon, _ = part.partition(":")
    rest = address_at(part, len(scheme))
    if rest is None:
        return scheme + "\\" + colon + inert(part[len(scheme) + 1 :])
    url, behind = scheme + rest, part[len(scheme) + len(rest) :]
    plain = not behind.strip("?!.,:*_~'\"") and not AMBIGUOUS.search(url)
    if plain and following != "\\":
        return url + behind
    url = unescapeAll(url)  # between angle brackets, an entity is no entity
    return f"{scheme}\\{part[len(scheme) :]}" if re.search(r"[<>\s]", url) else f"<{url}>{inert(behind)}"


# --- emphasis -------------------------------------------------------------------------------------------------


def _punctuation(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "PS"


def _space(sign: str) -> bool:
    return sign.isspace() or not sign


def _parts(outer: str, inner: str) -> bool:
    """Whether emphasis between the two is emphasis in the dialect, but not in CommonMark."""
    return bool(CJK.match(inner) or CJK.match(outer)) and _divides(outer, inner)


def _divides(outer: str, inner: str) -> bool:
    """Whether a sign of emphasis between the two is none to CommonMark (0.31.2, section 6.2)."""
    return _punctuation(inner) and not (_space(outer) or _punctuation(outer))


def _outside(text: str) -> str:
    """Emphasis whose marks CommonMark would take for asterisks, punctuation moved out of it: ``**强调**。后面``."""
    masked = "".join(text[s.start : s.end] if s.kind == "prose" else "\ufffc" * (s.end - s.start) for s in spans(text))
    written, at = [], 0
    for found in EMPHASIS.finditer(masked):
        start, end = found.span()
        mark = found[1]
        before, after = text[start - 1 : start], text[end : end + 1]
        inside = text[found.start(2) : found.end(2)]
        if "\ufffc" in (masked[found.start(2)], masked[found.end(2) - 1]):
            continue  # an escape or a code span, which cannot be divided
        head = tail = ""
        while inside and _parts(before, inside[0]):
            head, before, inside = head + inside[0], inside[0], inside[1:]
        while inside and _parts(after, inside[-1]):
            tail, after, inside = inside[-1] + tail, inside[-1], inside[:-1]
        closed = inside and not (_divides(before, inside[0]) or _divides(after, inside[-1]))
        if (head or tail) and inside.strip() == inside and closed:
            written.append(f"{text[at:start]}{head}{mark}{inside}{mark}{tail}")
            at = end
    return "".join(written) + text[at:]


@cache
def _commonmark() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("strikethrough")


def _literal(text: str) -> int:
    """How many signs of emphasis and code CommonMark leaves standing."""
    count, tokens = 0, _commonmark().parseInline(text)
    for token in tokens[0].children or []:
        if token.type == "text":
            count += sum(map(token.content.count, "*_`~"))
    return count


def _without_dangling(text: str) -> str:
    """Signs that stand for themselves escaped, so that they find no partner in what follows in the item."""
    if len(text) > LONGEST or not _literal(text):
        return text
    html = _commonmark().renderInline(text)
    tried, at = 0, 0
    while (found := DANGLING.search(text, at)) and tried < MOST_DANGLING:
        start, at = found.start(), found.end()
        if _harmless(text, found) or (start and text[start - 1] == "\\"):
            continue
        candidate = text[:start] + "".join(f"\\{sign}" for sign in found[0]) + text[at:]
        tried += 1
        if _commonmark().renderInline(candidate) == html:
            text, at = candidate, at + len(found[0])
    return text


def _harmless(text: str, found: re.Match[str]) -> bool:
    """Between letters or between spaces, no partner is found."""
    before, after = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
    if found[0][0] == "`":
        return False
    if _space(before) and _space(after):
        return True
    return found[0][0] == "_" and before.isalnum() and after.isalnum()
