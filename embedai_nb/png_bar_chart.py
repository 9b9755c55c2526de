"""PNG encoder of stacked bar charts, with the same bytes on every machine: no font, no graphics library, no compression.

Format: www.w3.org/TR/png-3, colour type 3 (palette), four bits a pixel, stored deflate blocks (RFC 1951, 3.2.4).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

BAR, GAP, UNIT = 14, 4, 5
"""Pixels: width of a bar, gap between two, height of one item."""

COLOURS = ("2f6fb0", "e0803b", "4c9a5b", "9467bd", "c44e52", "8c8c8c")
"""RGB colours of the parts of each bar, from the bottom; reused if there are more parts."""

BACKGROUND, AXIS = 0, 15

PIXELS = [bytes([colour << 4 | colour]) * (BAR // 2) + bytes([BACKGROUND]) * (GAP // 2) for colour in range(16)]
"""A row of a bar of each colour and the gap beside it, two pixels a byte."""


def stacked_bar_chart(bars: Sequence[Sequence[int]], *, last: bool = True) -> bytes:
    """Draw stacked bars side by side on white.

    Args:
        bars: for each bar the sizes of its parts, from the bottom.
        last: whether to underline the last bar.
    """
    height = UNIT * max((sum(bar) for bar in bars), default=0) + GAP
    columns = [_column(bar, height, last and n == len(bars) - 1) for n, bar in enumerate(bars)]
    rows = [b"".join(PIXELS[colour] for colour in row) for row in zip(*columns, strict=True)]
    return _png(rows, width=len(bars) * (BAR + GAP))


def _column(parts: Sequence[int], height: int, marked: bool) -> list[int]:
    """Colour indices of one bar, from the top."""
    filled = [1 + n % len(COLOURS) for n, size in enumerate(parts) for _ in range(size * UNIT)]
    return [BACKGROUND] * (height - len(filled)) + filled[::-1] + [AXIS if marked else BACKGROUND] * GAP


def _png(rows: Sequence[bytes], *, width: int) -> bytes:
    palette = ["ffffff", *COLOURS] + ["ffffff"] * (AXIS - 1 - len(COLOURS)) + ["1f2328"]
    lines = b"".join(b"\0" + row for row in rows)
    header = struct.pack(">IIBBBBB", width, len(rows), 4, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", bytes.fromhex("".join(palette))), (b"IDAT", _stored(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _stored(data: bytes) -> bytes:
    """A zlib stream of stored blocks, as the output of compressors differs by version."""
    size = 0xFFFF
    blocks = [data[n : n + size] for n in range(0, len(data), size)]
    body = b"".join(
        struct.pack("<BHH", n == len(blocks) - 1, len(block), len(block) ^ size) + block
        for n, block in enumerate(blocks)
    )
    return b"\x78\x01" + body + struct.pack(">I", zlib.adler32(data))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
