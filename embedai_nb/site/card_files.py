"""Keep a picture of each issue in the archive, for links that are shared: drawn once, and again when its text changes.

A picture's bytes depend on the fonts and the Pillow of the machine that draws it.  So it is no output of the site, which
is the same on every machine, but a part of the archive, as the pictures of items are: wherever the site is built, the
picture that is there is copied.
"""

from __future__ import annotations

import struct
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from embedai_nb.errors import MissingExtraError
from embedai_nb.html.render import plain
from embedai_nb.i18n import _, _n
from embedai_nb.model import Newsletter
from embedai_nb.site.issue_entry import IssueEntry
from embedai_nb.site.site_file import fingerprint
from embedai_nb.site.social_card import CardText, draw_card, find_fonts
from embedai_nb.site.theme import default_palettes
from embedai_nb.workspace import layout
from embedai_nb.workspace.atomic import write_atomically

__all__ = ["SITE_CARD", "card_names", "update_cards"]

SITE_CARD = "site"
"""The name of the picture of all pages that are no issue's."""
LAYOUT = 1
"""Another number when cards are drawn otherwise."""


class Wanted(NamedTuple):
    """A card that is missing or out of date."""

    path: Path
    text: CardText
    note: str


def card_names(folder: Path) -> frozenset[str]:
    """Names of the cards that there are: dates, and `SITE_CARD`."""
    return frozenset(path.stem for path in (folder / layout.CARDS).glob("*.png"))


def update_cards(folder: Path, entries: Iterable[IssueEntry], newsletter: Newsletter) -> str:
    """Draw the cards that are missing or out of date, and remove those of issues that are gone.

    Args:
        folder: the issues folder.
        entries: all published issues.
        newsletter: the newsletter; nothing is drawn unless it asks for cards.

    Returns:
        What could not be drawn, and what to do about it, in one line; empty if all were drawn.
    """
    if not newsletter.theme.cards:
        return ""
    texts = _texts(entries, newsletter)
    for path in (folder / layout.CARDS).glob("*.png"):
        if path.stem not in texts:
            path.unlink()
    wanted = list(_wanted(folder, texts))
    return _drawn(wanted) if wanted else ""


def _texts(entries: Iterable[IssueEntry], newsletter: Newsletter) -> dict[str, CardText]:
    usual, own = default_palettes()[0], newsletter.theme.light.model_dump()
    colours = {name: own[name] or usual[name] for name in ("paper", "ink", "quiet", "accent")}
    name, tagline = newsletter.name, plain(newsletter.tagline)
    found = {SITE_CARD: CardText(name, tagline or name, "", (), "", **colours)}
    for entry in entries:
        counts = Counter(row.section for row in entry.rows)
        sections = tuple(f"{section} {count}" for section, count in counts.items())
        found[str(entry.date)] = CardText(name, entry.subject, str(entry.date), sections, tagline, **colours)
    return found


def _wanted(folder: Path, texts: Mapping[str, CardText]) -> Iterator[Wanted]:
    for name, text in texts.items():
        path, note = folder / layout.CARDS / f"{name}.png", fingerprint(LAYOUT, text)
        if _note(path) != note:
            yield Wanted(path, text, note)


def _drawn(wanted: list[Wanted]) -> str:
    """Draw cards; gives what could not be drawn."""
    try:
        fonts = list(find_fonts())
    except MissingExtraError as error:
        return _n("{count} picture for shared links not drawn: {why}", "{count} pictures for shared links not drawn: {why}", count=len(wanted), why=str(error))  # fmt: skip
    left, lacking = 0, set[str]()
    wanted[0].path.parent.mkdir(parents=True, exist_ok=True)
    for path, text, note in wanted:
        font = min(fonts, key=lambda one: len(_letters(one.missing(text.characters))), default=None)
        missing = font.missing(text.characters) if font else "".join(text.characters)
        if font is None or _letters(missing):
            left, lacking = left + 1, lacking | _letters(missing)
        else:
            write_atomically(path, draw_card(_without(text, missing), font, note))
    if not left:
        return ""
    why = _("no font here has {signs}; install one, as fonts-noto-cjk of Debian is", signs="".join(sorted(lacking)[:5]))
    return _n("{count} picture for shared links not drawn: {why}", "{count} pictures for shared links not drawn: {why}", count=left, why=why)  # fmt: skip


def _letters(signs: str) -> set[str]:
    """Characters without which a text cannot be read; pictures and rare signs it can do without."""
    return {sign for sign in signs if unicodedata.category(sign)[0] in "LN"}


def _without(text: CardText, missing: str) -> CardText:
    table = dict.fromkeys(map(ord, missing))
    sections = tuple(section.translate(table) for section in text.sections)
    shown = {key: getattr(text, key).translate(table) for key in ("name", "title", "tagline")}
    return text._replace(sections=sections, **shown)


def _note(path: Path) -> str:
    """What `draw_card` kept in a picture (PNG, 11.3.3.4 iTXt); empty if there is no such picture."""
    try:
        content = path.read_bytes()
    except OSError:
        return ""
    at = 8
    while at + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        if kind == b"iTXt" and content.startswith(b"embedai\0", at + 8):
            return content[at + 8 : at + 8 + size].rpartition(b"\0")[2].decode("utf-8", "replace")
        at += size + 12
    return ""
