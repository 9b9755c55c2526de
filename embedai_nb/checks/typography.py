"""Rules about punctuation and characters in prose; code, URLs and HTML are exempt."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Container, Iterator
from functools import lru_cache

import autocorrect_py

from embedai_nb.checks.findings import Context, Replacement, RuleMatch
from embedai_nb.i18n.punctuation import listed
from embedai_nb.model import Issue
from embedai_nb.text.paths import published_texts, strings
from embedai_nb.text.spans import INVISIBLE, KEPT, MASK, excerpts, prose, written_out

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
FULL_WIDTH = str.maketrans(",:;?!", "，：；？！")

DOUBLED = re.compile(r"[，。；：、,;:]{2,}")
HALF_WIDTH = re.compile(
    rf"(?<=[{HAN}）”」』】》])[,:;?!][ \u00a0]*(?=[{HAN}（“「『【《])"
    rf"|(?<=[{HAN}）”」』】》])[,;][ \u00a0]*(?=[A-Za-z0-9])|(?<=[A-Za-z0-9)%])[,;][ \u00a0]*(?=[{HAN}（“「『【《])"
)
SPACE = r"[ \u00a0\u2002\u3000]+"
SPACED = re.compile(rf"(?<=[^\s|>]){SPACE}(?=[，。；：！？、）】」』》])|(?<=[、（【「『《]){SPACE}(?=\S)")
ENTITY = re.compile(r"&#?\w{1,32};")

PAIRS = {"）": "（", "”": "“", "」": "「", "』": "『", "】": "【", "》": "《"}
"""Single quotes are not among them: ’ is an apostrophe too."""
OPENING = frozenset(PAIRS.values())
BRACKET = re.compile(f"[{''.join(PAIRS)}{''.join(PAIRS.values())}]")
ALONE = {
    "）": re.compile(r"(?<![^\W_])(?:\d{1,2}|[A-Za-z]|[一二三四五六七八九十])$|[：；:;]-?$"),
    "”": re.compile(r"\d$"),
}
"""Where a closing mark has no opening one: after enumerators, in emoticons, for inches."""

FACE = re.compile(
    rf"[(（](?=[^()（）\n]*[^\s()（），。、；：！？“”‘’「」『』【】《》…—.,;:!?'\"+\-])[^()（）\n{HAN}A-Za-z0-9]{{1,14}}[)）]"
)
"""An emoticon, such as (:з」∠): no letter, no digit, and something besides punctuation."""

UNSPACED = re.compile(rf"“[^“”\n]*”|「[^「」\n]*」|『[^『』\n]*』|《[^《》\n]*》|(?<=[{HAN}])\d+(?=[{HAN}])")
"""Exempt from spacing: quoted names, and numbers as in 第3期."""

SPACING = {"space-word": 1, "halfwidth-word": 1}
OTHERS = (
    "space-punctuation space-bracket space-dash space-backticks space-dollar fullwidth no-space-fullwidth"
    " no-space-fullwidth-quote halfwidth-punctuation spellcheck"
)
"""Rules of autocorrect that are off, as the rules here tell prose from code and URLs."""
autocorrect_py.load_config(json.dumps({"rules": dict.fromkeys(OTHERS.split(), 0) | SPACING}))  # type: ignore[attr-defined]  # its stubs leave it out

STRENGTH = "、,，:：;；。"


def doubled_punctuation(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """Two punctuation marks in a row."""
    return _corrected(issue, context, DOUBLED, _strongest)


def halfwidth_punctuation(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """Half-width punctuation between Chinese characters; commas and semicolons beside them.

    In another newsletter than a Chinese one, it is right.
    """
    if not _is_chinese(context):
        return iter(())
    return _corrected(
        issue, context, HALF_WIDTH, lambda found: found.rstrip(" \u00a0").translate(FULL_WIDTH), _entity_ends
    )


def space_before_punctuation(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A space before punctuation or within brackets, unless after a bare URL: GitHub would link the mark too."""
    return _corrected(issue, context, SPACED, lambda _: "", _rightly_spaced)


def spacing(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """No space between Chinese and other words, in a new issue; old ones were written without.

    Another newsletter than a Chinese one writes Chinese names as they are.
    """
    if issue.imported or not _is_chinese(context):
        return
    for path, text in published_texts(issue):
        right = _spaced(text)
        if right != text:
            yield RuleMatch(
                path, {"excerpts": excerpts(text, _differences(text, right), context.say)}, Replacement(path, right)
            )


def unbalanced_brackets(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """Brackets and quotes without partner."""
    for path, text in published_texts(issue):
        if single := sorted(_unpaired(prose(text))):
            yield RuleMatch(path, {"excerpts": excerpts(text, [(n, n + 1) for n in single], context.say)})


def invisible_character(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """Control, zero-width and direction characters."""
    for path, text in strings(issue):
        if found := list(dict.fromkeys(INVISIBLE.findall(text))):
            yield RuleMatch(
                path,
                {"characters": listed(map(_named, found), context.say)},
                Replacement(path, INVISIBLE.sub("", text)),
            )


def _is_chinese(context: Context) -> bool:
    """Whether the newsletter follows the conventions of Chinese typography; in others a Chinese name is a word as any."""
    return context.newsletter.language.partition("-")[0].lower() == "zh"


def _entity_ends(text: str) -> set[int]:
    """Where a semicolon ends an entity."""
    return {found.end() - 1 for found in ENTITY.finditer(text)} if "&" in text else set()


def _rightly_spaced(text: str) -> set[int]:
    """Where a space stands behind a URL written out, or in an emoticon."""
    within_faces = {n for found in FACE.finditer(text) for n in range(*found.span())}
    return within_faces | {end for _, end in written_out(text)}


def _corrected(
    issue: Issue,
    context: Context,
    pattern: re.Pattern[str],
    correction: Callable[[str], str],
    spared: Callable[[str], Container[int]] = lambda _: (),
) -> Iterator[RuleMatch]:
    """One match for each text whose prose has the pattern where ``correction`` changes it.

    Args:
        spared: positions in a text where the pattern is correct.
    """
    for path, text in published_texts(issue):
        wrong = [match for match in pattern.finditer(prose(text)) if correction(match[0]) != match[0]]
        right_there = spared(text) if wrong else ()
        if found := [match for match in wrong if match.start() not in right_there]:
            right = text
            for match in reversed(found):
                right = right[: match.start()] + correction(match[0]) + right[match.end() :]
            yield RuleMatch(
                path,
                {"excerpts": excerpts(text, [match.span() for match in found], context.say)},
                Replacement(path, right),
            )


@lru_cache(KEPT)
def _spaced(text: str) -> str:
    """The text with spaces between Chinese and other words; only prose is changed."""
    masked = UNSPACED.sub(lambda found: MASK * len(found[0]), prose(text))
    written = "\n".join(map(autocorrect_py.format, masked.split("\n")))
    if MASK not in masked:
        return written
    kept = iter([text[found.start()] for found in re.finditer(MASK, masked)])
    return re.sub(MASK, lambda _: next(kept), written)


def _differences(before: str, after: str) -> Iterator[tuple[int, int]]:
    from rapidfuzz.distance import Levenshtein  # most issues have no such finding

    place = 0
    for was, now in zip(before.split("\n"), after.split("\n"), strict=True):
        if was != now:
            changes = (change for change in Levenshtein.opcodes(was, now) if change.tag != "equal")
            yield from ((place + change.src_start, place + change.src_end) for change in changes)
        place += len(was) + 1


def _strongest(marks: str) -> str:
    """The strongest of several marks; ASCII punctuation and 。。。 for an ellipsis are kept."""
    if marks.isascii() or re.fullmatch(r"。{3,}", marks):
        return marks
    return max(marks, key=STRENGTH.index)


def _unpaired(text: str) -> Iterator[int]:
    """Positions of brackets and quotes without partner, but for those of emoticons; a pair may span paragraphs."""
    faces = [found.span() for found in FACE.finditer(text)]
    arms = {n for start, end in faces for n in (start - 1, end)}
    for start, end in faces:
        text = text[:start] + MASK * (end - start) + text[end:]
    return (n for n in _without_partner(text) if n not in arms)


def _without_partner(text: str) -> Iterator[int]:
    open_at: list[int] = []
    kinds: Counter[str] = Counter()
    for found in BRACKET.finditer(text):
        n, char = found.start(), found[0]
        if char in OPENING:
            open_at.append(n)
            kinds[char] += 1
        elif kinds[PAIRS[char]]:
            while (last := text[open_at[-1]]) != PAIRS[char]:
                kinds[last] -= 1
                yield open_at.pop()
            kinds[last] -= 1
            open_at.pop()
        elif not (char in ALONE and ALONE[char].search(text[max(0, n - 3) : n])):
            yield n
    yield from open_at


def _named(char: str) -> str:
    return f"U+{ord(char):04X} {unicodedata.name(char, '')}".rstrip()
