"""Read the title of an issue: its number, its date, and the words that are its own."""

from __future__ import annotations

import re
from typing import NamedTuple

from embedai_nb.importing.front_matter import COMPACT, DATE
from embedai_nb.model import Newsletter

__all__ = ["Title", "number_in", "read_title", "same_name"]

NUMBERED = re.compile(
    r"(?:第\s*(?P<cjk>\d{1,5})\s*[期号回卷話话])|(?:(?:\bissue|\bno\.?|\bnr\.?|\bvol\.?|\bvolume|\bepisode|\bedition|#|№)\s*#?\s*(?P<word>\d{1,5})\b)",
    re.IGNORECASE,
)
BEHIND_NAME = re.compile(r"\A(?P<name>.*?)\s(?P<number>\d{1,5})(?=\s*(?:[:：|｜—–-]|\Z))")
EDGES = " \t:：|｜—–-,，、()（）[]【】《》·/."


class Title(NamedTuple):
    """What a title says."""

    number: int | None
    name: str
    """What stands before number and date: the newsletter's name, as a rule."""
    words: str
    """What stands behind them."""


def read_title(title: str, newsletter: Newsletter) -> Title:
    """Take a title apart."""
    found = NUMBERED.search(title)
    number = int(found["cjk"] or found["word"]) if found else None
    spans = [found.span()] if found else []
    spans += [each.span() for each in [*DATE.finditer(title)] or [*COMPACT.finditer(title)]]
    if not found and (last := BEHIND_NAME.match(title)) and same_name(last["name"], newsletter):
        number, spans = int(last["number"]), [*spans, last.span("number")]
    if not spans:
        return Title(None, "", "") if same_name(title, newsletter) else Title(None, "", title)
    start, end = min(a for a, _ in spans), max(b for _, b in spans)
    return Title(number, title[:start].strip(EDGES), title[end:].strip(EDGES))


def same_name(name: str, newsletter: Newsletter) -> bool:
    """Whether a name is the newsletter's, punctuation and case aside."""
    return _letters(name) == _letters(newsletter.name)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def number_in(name: str) -> int | None:
    """The number in a file name without a date: ``issue-200``, ``HelloGitHub60``."""
    if DATE.search(name) or COMPACT.search(name):
        return None
    found = re.findall(r"\d{1,5}", name)
    return int(found[-1]) if len(found) == 1 else None
