"""Bar chart: a valid PNG with the same bytes on every machine."""

from __future__ import annotations

import hashlib
import struct
import zlib

import pytest

from embedai_nb.png_bar_chart import BAR, COLOURS, GAP, UNIT, stacked_bar_chart


def pixels(png: bytes) -> list[list[int]]:
    """Decode the rows of a PNG by the standard library."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, place = {}, 8
    while place < len(png):
        (size,) = struct.unpack(">I", png[place : place + 4])
        name, data = png[place + 4 : place + 8], png[place + 8 : place + 8 + size]
        assert struct.unpack(">I", png[place + 8 + size : place + 12 + size])[0] == zlib.crc32(name + data)
        chunks[name], place = data, place + 12 + size
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    lines = zlib.decompress(chunks[b"IDAT"])
    stride = 1 + (width + 1) // 2
    assert len(lines) == stride * height
    rows = [lines[n * stride + 1 : (n + 1) * stride] for n in range(height)]
    return [[pixel for byte in row for pixel in (byte >> 4, byte & 15)][:width] for row in rows]


def test_each_part_is_as_high_as_it_is_large_in_its_colour_from_below() -> None:
    rows = pixels(stacked_bar_chart([[2, 1], [0, 4]]))
    first = [row[0] for row in rows]
    assert first[-GAP:] == [0] * GAP
    assert first[-GAP - 2 * UNIT : -GAP] == [1] * 2 * UNIT
    assert first[-GAP - 3 * UNIT : -GAP - 2 * UNIT] == [2] * UNIT
    assert set(first[: -GAP - 3 * UNIT]) == {0}
    last = [row[BAR + GAP] for row in rows]
    assert last[-GAP:] == [15] * GAP, "the one that is meant is underlined"
    assert last.count(2) == 4 * UNIT


@pytest.mark.parametrize("bars", [[[0]], [[1] * 20], [[60, 60]] * 40, [[]]])
def test_any_sizes_can_be_drawn(bars: list[list[int]]) -> None:
    rows = pixels(stacked_bar_chart(bars))
    assert len(rows[0]) == len(bars) * (BAR + GAP)
    assert max(max(row[:BAR]) for row in rows[:-GAP]) <= len(COLOURS)


def test_the_bytes_are_always_the_same() -> None:
    digest = hashlib.sha256(stacked_bar_chart([[5, 3, 2, 5], [4, 4, 4, 4]])).hexdigest()
    assert digest == "dbc67380db7344bacb9132b4d9fb084cbe8c6bfff0b3eb8b6eac418f69975e7c"
