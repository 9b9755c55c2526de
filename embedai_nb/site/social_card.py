"""Draw the picture that is shown where somebody shares a link: name, keywords, date, and what the sections hold."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from embedai_nb.errors import MissingExtraError

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

__all__ = ["HEIGHT", "WIDTH", "CardText", "Fonts", "draw_card", "find_fonts"]

WIDTH, HEIGHT = 1200, 630
"""What https://ogp.me and its readers take for a large picture."""
MARGIN = 80

FAMILIES = (
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", 2),
    ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf", 0),
    ("SourceHanSansSC-Regular.otf", "SourceHanSansSC-Bold.otf", 0),
    ("PingFang.ttc", "PingFang.ttc", 2),
    ("Hiragino Sans GB.ttc", "Hiragino Sans GB.ttc", 0),
    ("msyh.ttc", "msyhbd.ttc", 0),
    ("wqy-microhei.ttc", "wqy-microhei.ttc", 0),
    ("wqy-zenhei.ttc", "wqy-zenhei.ttc", 0),
    ("DroidSansFallbackFull.ttf", "DroidSansFallbackFull.ttf", 0),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf", 0),
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", 0),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf", 0),
    ("Arial.ttf", "Arial Bold.ttf", 0),
    ("arial.ttf", "arialbd.ttf", 0),
)
"""Files of fonts that systems have, regular and bold, and the number of the face in them; those with Chinese first.

Noto's collections have Japanese, Korean, then simplified Chinese faces (notofonts/noto-cjk, Sans/README).
"""


class CardText(NamedTuple):
    """What stands on a card, and its colours."""

    name: str
    title: str
    date: str
    sections: tuple[str, ...]
    tagline: str
    paper: str
    ink: str
    quiet: str
    accent: str

    @property
    def characters(self) -> frozenset[str]:
        """The characters that a font needs to have."""
        return frozenset("".join((self.name, self.title, self.date, *self.sections, self.tagline, "·…")))


@dataclass(frozen=True)
class Fonts:
    """A regular font and a bold one."""

    regular: str
    bold: str
    index: int

    def at(self, size: int, *, bold: bool = False) -> FreeTypeFont:
        """The font in a size in pixels."""
        return _font(self.bold if bold else self.regular, self.index, size)

    def missing(self, characters: frozenset[str]) -> str:
        """Those of the characters that it lacks."""
        return "".join(sorted(sign for sign in characters if not sign.isspace() and not _has(self, sign)))


def find_fonts() -> Iterator[Fonts]:
    """The fonts of this system, those with Chinese characters first.

    Raises:
        MissingExtraError: Pillow is not installed.
    """
    for regular, bold, index in FAMILIES:
        if _loads(regular, index):
            yield Fonts(regular, bold if _loads(bold, index) else regular, index)


def draw_card(text: CardText, fonts: Fonts, note: str = "") -> bytes:
    """Draw a card as PNG; ``note`` is kept in the file, where `noted` reads it.

    The bytes depend on the fonts and the version of Pillow: the same text gives the same picture on the same machine
    only.
    """
    image_module, draw_module, png = _pillow()
    image = image_module.new("RGB", (WIDTH, HEIGHT), text.paper)
    draw = draw_module.Draw(image)
    draw.rectangle((0, 0, WIDTH, 14), fill=text.accent)
    draw.text((MARGIN, 74), text.name, text.accent, fonts.at(44, bold=True))
    draw.text((WIDTH - MARGIN, 82), text.date, text.quiet, fonts.at(34), anchor="ra")
    size = 76 if len(_wrapped(draw, text.title, fonts.at(76, bold=True), 9)) <= 2 else 60
    for number, line in enumerate(_wrapped(draw, text.title, fonts.at(size, bold=True), 4 if size < 76 else 2)):
        draw.text((MARGIN, 168 + number * size * 1.32), line, text.ink, fonts.at(size, bold=True))
    _bottom(draw, text, fonts)
    file, about = io.BytesIO(), png.PngInfo()
    about.add_itxt("embedai", note)
    image.quantize(32).save(file, "PNG", optimize=True, pnginfo=about)
    return file.getvalue()


def _bottom(draw: ImageDraw, text: CardText, fonts: Fonts) -> None:
    """What the sections hold, and the tagline, each in one line."""
    draw.line((MARGIN, 500, WIDTH - MARGIN, 500), text.accent, 3)
    for line, top, size, colour in (
        ("  ·  ".join(text.sections), 522, 32, text.ink),
        (text.tagline, 570, 28, text.quiet),
    ):
        font = fonts.at(size)
        shown = next(iter(_wrapped(draw, line, font, 1)), "")
        draw.text((MARGIN, top), shown, colour, font)


def _wrapped(draw: ImageDraw, text: str, font: FreeTypeFont, lines: int) -> Sequence[str]:
    """The text in at most so many lines, broken at spaces and between ideographs; what is left ends in an ellipsis."""
    made = [""]
    for piece in _pieces(text):
        if draw.textlength((made[-1] + piece).rstrip(), font) <= WIDTH - 2 * MARGIN or not made[-1]:
            made[-1] += piece
        elif len(made) < lines:
            made.append(piece.lstrip())
        else:
            made[-1] = _ended(draw, made[-1], font)
            break
    return [line.rstrip() for line in made if line.strip()]


def _ended(draw: ImageDraw, line: str, font: FreeTypeFont) -> str:
    while line and draw.textlength(f"{line}…", font) > WIDTH - 2 * MARGIN:
        line = line[:-1]
    return f"{line.rstrip()}…"


CLOSING = frozenset({"Pe", "Pf", "Po"})
"""Categories of characters that begin no line (Unicode Standard, 4.5): closing brackets and quotes, commas, stops."""


def _pieces(text: str) -> Iterator[str]:
    """The pieces of a text that stay in one line: words, and ideographs with what must follow them."""
    piece = ""
    for sign in text:
        whole = piece and (piece[-1].isspace() or _is_wide(sign) or _is_wide(piece[-1]))
        if whole and unicodedata.category(sign) not in CLOSING and not sign.isspace():
            yield piece
            piece = ""
        piece += sign
    yield piece


def _is_wide(sign: str) -> bool:
    return sign >= "\u2e80"


# --- Pillow ---------------------------------------------------------------------------------------------------


def _pillow() -> tuple[Any, Any, Any]:
    try:
        from PIL import Image, ImageDraw, PngImagePlugin
    except ImportError as error:
        raise MissingExtraError("Pillow", "site") from error
    return Image, ImageDraw, PngImagePlugin


@lru_cache(64)
def _font(name: str, index: int, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(name, size, index, layout_engine=ImageFont.Layout.BASIC)


def _loads(name: str, index: int) -> bool:
    _pillow()
    try:
        return bool(_font(name, index, 20))
    except OSError:
        return False


NOWHERE = "\U0010fffd"
"""A character that no font has: it is shown as one that is missing."""


@lru_cache(8192)
def _has(fonts: Fonts, sign: str) -> bool:
    font = fonts.at(40)
    return bytes(font.getmask(sign)) != bytes(font.getmask(NOWHERE))
