"""A small bar chart as PNG, the same bytes everywhere: no font, no graphics library, no compression to differ.

Format: www.w3.org/TR/png-3, colour type 3 (palette), four bits a pixel, stored deflate blocks (RFC 1951, 3.2.4).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

BAR, GAP, UNIT = 14, 4, 5
"""Pixels: width of a bar, space between two, height of one item."""

COLOURS = ("2f6fb0", "e0803b", "4c9a5b", "9467bd", "c44e52", "8c8c8c")
"""For the first parts of each bar, from below; more parts take them again."""

PAPER, AXIS = 0, 15

PIXELS = [bytes([colour << 4 | colour]) * (BAR // 2) + bytes([PAPER]) * (GAP // 2) for colour in range(16)]
"""What a bar of each colour and the space beside it put into a row, two pixels a byte."""


def stacked(bars: Sequence[Sequence[int]], *, last: bool = True) -> bytes:
    """Stacked bars, one beside the other on a white ground.

    Args:
        bars: for each bar the sizes of its parts, from below.
        last: whether the last bar is the one meant, marked by a line below it.
    """
    height = UNIT * max((sum(bar) for bar in bars), default=0) + GAP
    columns = [_column(bar, height, last and n == len(bars) - 1) for n, bar in enumerate(bars)]
    rows = [b"".join(PIXELS[colour] for colour in row) for row in zip(*columns, strict=True)]
    return _png(rows, width=len(bars) * (BAR + GAP))


def _column(parts: Sequence[int], height: int, marked: bool) -> list[int]:
    """The colours of one bar from above to below."""
    filled = [1 + n % len(COLOURS) for n, size in enumerate(parts) for _ in range(size * UNIT)]
    return [PAPER] * (height - len(filled)) + filled[::-1] + [AXIS if marked else PAPER] * GAP


def _png(rows: Sequence[bytes], *, width: int) -> bytes:
    palette = ["ffffff", *COLOURS] + ["ffffff"] * (AXIS - 1 - len(COLOURS)) + ["1f2328"]
    lines = b"".join(b"\0" + row for row in rows)
    header = struct.pack(">IIBBBBB", width, len(rows), 4, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", bytes.fromhex("".join(palette))), (b"IDAT", _stored(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _stored(data: bytes) -> bytes:
    """A zlib stream that compresses nothing, because compressors differ."""
    size = 0xFFFF
    blocks = [data[n : n + size] for n in range(0, len(data), size)]
    body = b"".join(
        struct.pack("<BHH", n == len(blocks) - 1, len(block), len(block) ^ size) + block
        for n, block in enumerate(blocks)
    )
    return b"\x78\x01" + body + struct.pack(">I", zlib.adler32(data))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
