"""Rules about punctuation and characters.  They look at prose only: code, addresses and HTML are none of theirs."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator

from embedai_nb.checks.findings import Change, Context, Spot
from embedai_nb.checks.paths import leaves
from embedai_nb.checks.texts import INVISIBLE, excerpts, prose, texts
from embedai_nb.model import Issue

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
FULL_WIDTH = str.maketrans(",:;?!", "，：；？！")

DOUBLED = re.compile(r"[，。；：、,;:]{2,}")
HALF_WIDTH = re.compile(rf"(?<=[{HAN}）”」』】》])[,:;?!][ \u00a0]*(?=[{HAN}（“「『【《])")
SPACED = re.compile(r"(?<=[^\s|>])[ \u00a0\u2002\u3000]+(?=[，。；：！？、])")

PAIRS = {"）": "（", "”": "“", "」": "「", "』": "『", "】": "【", "》": "《"}
"""Single quotes are not among them: ’ is an apostrophe too."""
ALONE = {
    "）": re.compile(r"(?<![^\W_])(?:\d{1,2}|[A-Za-z]|[一二三四五六七八九十])$|[：；:;]-?$"),
    "”": re.compile(r"\d$"),
}
"""Behind what a mark closes nothing: enumerators and smiling faces, inches."""

STRENGTH = "、,，:：;；。"


def doubled_punctuation(issue: Issue, context: Context) -> Iterator[Spot]:
    return _corrected(issue, DOUBLED, _strongest)


def halfwidth_punctuation(issue: Issue, context: Context) -> Iterator[Spot]:
    return _corrected(issue, HALF_WIDTH, lambda found: found.rstrip(" \u00a0").translate(FULL_WIDTH))


def space_before_punctuation(issue: Issue, context: Context) -> Iterator[Spot]:
    return _corrected(issue, SPACED, lambda _: "")


def unbalanced_brackets(issue: Issue, context: Context) -> Iterator[Spot]:
    for path, text in texts(issue):
        if single := sorted(_unpaired(prose(text))):
            yield Spot(path, {"excerpts": excerpts(text, [(n, n + 1) for n in single])})


def invisible_character(issue: Issue, context: Context) -> Iterator[Spot]:
    for path, text in leaves(issue):
        if found := list(dict.fromkeys(INVISIBLE.findall(text))):
            yield Spot(path, {"characters": "、".join(map(_named, found))}, Change(path, INVISIBLE.sub("", text)))


def _corrected(issue: Issue, pattern: re.Pattern[str], correction: Callable[[str], str]) -> Iterator[Spot]:
    """One spot for each text that ``correction`` changes, wherever in its prose the pattern is found."""
    for path, text in texts(issue):
        found = [match for match in pattern.finditer(prose(text)) if correction(match[0]) != match[0]]
        if found:
            right = text
            for match in reversed(found):
                right = right[: match.start()] + correction(match[0]) + right[match.end() :]
            yield Spot(path, {"excerpts": excerpts(text, [match.span() for match in found])}, Change(path, right))


def _strongest(marks: str) -> str:
    """The one that ends most; English punctuation alone and 。。。 for an ellipsis are left alone."""
    if marks.isascii() or re.fullmatch(r"。{3,}", marks):
        return marks
    return max(marks, key=STRENGTH.index)


def _unpaired(text: str) -> Iterator[int]:
    """Where brackets and quotes stand that have no partner; one may open in a paragraph and close in the next."""
    open_at: list[int] = []
    kinds: Counter[str] = Counter()
    for n, char in enumerate(text):
        if char in PAIRS.values():
            open_at.append(n)
            kinds[char] += 1
        elif kinds[PAIRS.get(char, "")]:
            while (last := text[open_at[-1]]) != PAIRS[char]:
                kinds[last] -= 1
                yield open_at.pop()
            kinds[last] -= 1
            open_at.pop()
        elif char in PAIRS and not (char in ALONE and ALONE[char].search(text[max(0, n - 3) : n])):
            yield n
    yield from open_at


def _named(char: str) -> str:
    return f"U+{ord(char):04X} {unicodedata.name(char, '')}".rstrip()
