"""What became of a text that was read: what was kept raw, and what is written otherwise than it was."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from embedai_nb.i18n import NP_, _
from embedai_nb.markdown import grammar
from embedai_nb.markdown.grammar import squeeze
from embedai_nb.markdown.liquid import TEMPLATE, unshielded
from embedai_nb.markdown.outline import OutlineLine, outline
from embedai_nb.markdown.writer import writes
from embedai_nb.model import CLOSING_MARKS, Issue, Newsletter, Raw

__all__ = ["Remark", "comparable", "lost", "remarks"]


LONG = 400
"""Characters of a change that are worth comparing one by one."""
SHOWN = 40
BULLET = re.compile(r"^ {0,3}[*+](?=\s)")


@dataclass(frozen=True)
class Remark:
    """Something that reading did to a line: kept it raw, wrote it otherwise, or gave it another place."""

    line: int
    kind: Literal["raw", "normalised", "left out"]
    text: str


def lost(lines: Iterable[str], written: Iterable[str], newsletter: Newsletter) -> bool:
    """Whether a character is gone that is neither white space nor the bullet and closing mark of a warm-up."""
    return comparable(lines, newsletter) != comparable(written, newsletter)


def comparable(lines: Iterable[str], newsletter: Newsletter) -> str:
    """What has to be the same before and after; bullets of all kinds are one."""
    kept, preamble = [], True
    marks = squeeze(CLOSING_MARKS + newsletter.marks.item_end + newsletter.marks.list_end)
    for line in lines:
        line = line.rstrip()
        preamble = preamble and not grammar.SECTION.fullmatch(line)
        found = grammar.WARMUP.fullmatch(line) if preamble else None
        kept.append(squeeze(found["text"]).rstrip(marks) if found else squeeze(BULLET.sub("-", line)))
    return "".join(kept)


def remarks(text: str, lines: Sequence[str], issue: Issue, newsletter: Newsletter) -> Iterator[Remark]:
    """All of it, in the order of the lines."""
    if text.startswith("\ufeff"):
        yield Remark(1, "normalised", _("byte order mark removed"))
    for sign, name in (("\r", _("carriage return removed")), ("\t", _("tab made spaces"))):
        if sign in text:
            yield Remark(text[: text.index(sign)].count("\n") + 1, "normalised", name)
    written = writes(issue, newsletter)
    if (plain := unshielded(written)) != written and unshielded(text) == text:
        first = next(n for n, line in enumerate(lines, 1) if TEMPLATE.search(line))
        yield Remark(first, "normalised", _("kept from Jekyll's templates by raw and endraw around the text"))
        written = plain
    rewritten = list(_rewritten(lines, written))
    known = {remark.line for remark in rewritten}
    restructured = [remark for remark in _restructured("\n".join(lines), written) if remark.line not in known]
    yield from sorted([*_raw(lines, issue), *rewritten, *restructured], key=lambda remark: remark.line)


def _raw(lines: Sequence[str], issue: Issue) -> Iterator[Remark]:
    """Where each raw block stood: the blocks come in the order of the lines."""
    blocks = [issue.before, *(w.raw for w in issue.warmups if isinstance(w, Raw)), issue.after]
    blocks += [item.raw for section in issue.sections for item in section.items if isinstance(item, Raw)]
    places: dict[str, list[int]] = defaultdict(list)
    for n, line in enumerate(lines):
        places[line.strip()].append(n)
    number = 0
    for block in filter(None, blocks):
        first = block.split("\n", 1)[0].strip()
        there = places[first]
        at = bisect_left(there, number)
        number = there[at] if at < len(there) else number
        yield Remark(number + 1, "raw", first)
        number += 1


def _rewritten(lines: Sequence[str], written: str) -> Iterator[Remark]:
    """The lines whose characters changed, white space aside."""
    old = [(n, "".join(line.split())) for n, line in enumerate(lines, 1) if line.strip()]
    new = ["".join(line.split()) for line in written.split("\n") if line.strip()]
    for a, b, c, d in _changed([line for _number, line in old], new):
        joined = "".join(new[c:d])
        if "".join(line for _number, line in old[a:b]) == joined:
            continue  # lines that were only split or joined
        pairs = zip(old[a:b], new[c:d], strict=True) if b - a == d - c else ((line, joined) for line in old[a:b])
        yield from (Remark(n, "normalised", _change(was, now)) for (n, was), now in pairs if was != now)


def _changed(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[tuple[int, int, int, int]]:
    """The stretches that differ; between anchors, which are once in either, so that time stays near linear."""
    a = b = 0
    for end, other in [*_anchors(old, new), (len(old), len(new))]:
        yield from _stretch(old, new, a, end, b, other)
        a, b = end + 1, other + 1


def _stretch(
    old: Sequence[Hashable], new: Sequence[Hashable], a: int, end: int, b: int, other: int
) -> Iterator[tuple[int, int, int, int]]:
    while a < end and b < other and old[a] == new[b]:
        a, b = a + 1, b + 1
    while a < end and b < other and old[end - 1] == new[other - 1]:
        end, other = end - 1, other - 1
    if a == end and b == other:
        return
    if (end - a) * (other - b) > LONG**2:
        yield a, end, b, other
        return
    for tag, *(i, j, k, m) in SequenceMatcher(None, old[a:end], new[b:other], autojunk=False).get_opcodes():
        if tag != "equal":
            yield a + i, a + j, b + k, b + m


def _anchors(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Places of elements that are once in both, in an order that both have: the longest such sequence."""
    if old == new:
        return [(n, n) for n in range(len(old))]
    counts, others = Counter(old), Counter(new)
    place = {each: n for n, each in enumerate(new) if others[each] == 1}
    pairs = [(n, place[each]) for n, each in enumerate(old) if counts[each] == 1 and each in place]
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for n, (_place, other) in enumerate(pairs):
        at = bisect_left(ends, other)
        before.append(last[at - 1] if at else -1)
        ends[at : at + 1], last[at : at + 1] = [other], [n]
    found, n = [], last[-1] if last else -1
    while n >= 0:
        found.append(pairs[n])
        n = before[n]
    return found[::-1]


def _change(was: str, now: str) -> str:
    """The characters that differ, as ``':' → '：'``."""
    start, end = _common(was, now), _common(was[::-1], now[::-1])
    end = min(end, len(was) - start, len(now) - start)
    if len(was) + len(now) - 2 * (start + end) > LONG:
        return f"{_short(was[start : len(was) - end])} → {_short(now[start : len(now) - end])}"
    was, now = was[start : len(was) - end], now[start : len(now) - end]
    changes = _changed(was, now)
    return ", ".join(f"{was[a:b]!r} → {now[c:d]!r}" for a, b, c, d in changes)


def _common(a: str, b: str) -> int:
    """How many characters both begin with."""
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _short(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")


# --- structure ------------------------------------------------------------------------------------------------


def _restructured(text: str, written: str) -> Iterator[Remark]:
    """The lines that CommonMark shows otherwise: in another list or quote, with another link, as another block."""
    before, after = outline(text), outline(written)
    for a, b, c, d in _changed([line.key for line in before], [line.key for line in after]):
        was, now = before[a:b], after[c:d]
        if _joined(was) == _joined(now):
            continue
        first = was[0] if was else before[min(a, len(before) - 1)] if before else None
        yield Remark(
            first.number if first else 1,
            "normalised",
            _("shown as {now}, was {before}", now=_shown(now), before=_shown(was)),
        )


def _joined(lines: Sequence[OutlineLine]) -> list[object]:
    """The same for lines that were only joined or cut at other places."""
    text = "".join(line.text for line in lines)
    kinds = [(line.around, line.begins) for line in lines if line.begins]
    return [text, kinds, [mark for line in lines for mark in line.marks]]


def _shown(lines: Sequence[OutlineLine]) -> str:
    if not lines:
        return _(NP_("what is shown", "nothing"))
    line = lines[0]
    words = " ".join((*line.around, repr(line.text[:24])))
    return f"{words} …" if len(lines) > 1 else words
