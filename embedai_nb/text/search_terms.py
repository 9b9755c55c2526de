"""Parse a query into terms, and find them in folded text: the one meaning of a query for catalogue, form and site.

A text contains a query if it contains each of its terms, wherever.  A term is a run of Chinese, Japanese or Korean
characters, or a word of letters and digits, between which a text may have spaces and marks: INT8 is INT-8, 7nm is 7 nm.
Marks within a query only separate terms, as do changes of script.  A short number says nothing alone: it belongs to the
unit behind it or else to the word before it.

A word of letters matches the beginning of a word, and of one or two letters or digits only a whole one.
site/search.js does the same.
"""

from __future__ import annotations

import re
from functools import lru_cache

from embedai_nb.text.folding import fold

__all__ = ["DIGITS", "IDEOGRAPHS", "LETTER", "PARTS", "Term", "parse_terms", "pattern"]

IDEOGRAPHS = (
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
LETTER = rf"[^\W_0-9{IDEOGRAPHS}]"
DIGITS = "[0-9]+"
NUMBER = rf"{DIGITS}(?:\.{DIGITS})*"
SHORT_NUMBER = rf"[0-9]{{1,2}}(?:\.{DIGITS})*"
UNIT = (
    "[numkgtp]?(?:m|s|w|v|a|j|g|b|hz|bit|byte|bps|ah|wh|ops|flops)|[kmgt]ib|bits|bytes|fps|dpi|ppm|rpm|min|db|dbm|mm2"
    "|k|x"
)
GAP = r"[\s-]+"

PARTS = re.compile(rf"[{IDEOGRAPHS}]+|{NUMBER}|{LETTER}+")
TERM = re.compile(
    rf"[{IDEOGRAPHS}]+"
    rf"|{NUMBER}{GAP}(?:{UNIT})(?![^\W_])"
    rf"|(?:{NUMBER}|{LETTER}+)+"
    rf"(?:(?<={LETTER}){GAP}{SHORT_NUMBER}(?![^\W_]|\.[0-9]|{GAP}(?:{UNIT})(?![^\W_])))?"
    r"(?:[+#]+(?![^\W_]))?"
)

Term = tuple[str, ...]
"""The parts of a term: one run of ideographs, or numbers and runs of letters in turn, with what C++ ends in as the last."""


@lru_cache(64)
def parse_terms(query: str) -> tuple[Term, ...]:
    """Parse a query into its terms."""
    return tuple(dict.fromkeys(_parts(found[0]) for found in TERM.finditer(fold(query))))


def _parts(term: str) -> Term:
    signs = term[len(term.rstrip("+#")) :]
    return (*PARTS.findall(term), *filter(None, [signs]))


@lru_cache(64)
def pattern(term: Term) -> re.Pattern[str]:
    """Pattern of a term in folded text."""
    first, last = term[0], term[-1]
    if re.match(f"[{IDEOGRAPHS}]", first):
        return re.compile(re.escape(first))
    before = r"(?<![0-9])(?<![0-9]\.)" if first[0] < ":" else f"(?<!{LETTER})"
    after = ""
    if len(last.rpartition(".")[2]) <= 2 and last[0] not in "+#":
        after = r"(?!\.?[0-9])" if last[0] < ":" else f"(?!{LETTER})"
    signs = term[-1:] if last[0] in "+#" else ()
    parts = term[: len(term) - len(signs)]
    return re.compile(before + r"[\W_]*".join(map(re.escape, parts)) + "".join(map(re.escape, signs)) + after)
