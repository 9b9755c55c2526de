"""Read and decode the body of a response within a size limit, whatever its headers say."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator

from embedai_nb.capture.errors import FetchError

CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]+)|<\?xml[^>]{0,200}?encoding=["']([\w-]+)""", re.IGNORECASE
)
META_WITHIN = 4096

CODECS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "shift_jis": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "koi8-r": "koi8_r",
    "windows-1251": "cp1251",
    "iso-8859-1": "cp1252",
    "windows-1252": "cp1252",
}
"""Charsets of pages (encoding.spec.whatwg.org) and their codecs; not every codec of Python is a charset."""


def read_limited(chunks: Iterable[bytes], encoding: str, most: int) -> bytes:
    """Read a body and undo its content encoding.

    Raises:
        FetchError: more than ``most`` bytes, before or after decompression; an encoding not asked for; broken data.
    """
    body = bytearray()
    for part in _decoded(_counted(chunks, most), encoding, most):
        body += part
        if len(body) > most:
            raise FetchError("too-large")
    return bytes(body)


def _counted(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Limit the compressed bytes too: they may go on for ever without yielding any output."""
    read = 0
    for chunk in chunks:
        read += len(chunk)
        if read > most:
            raise FetchError("too-large")
        yield chunk


def _decoded(chunks: Iterable[bytes], encoding: str, most: int) -> Iterator[bytes]:
    """Decompress gzip in bounded steps: httpx would decompress a whole chunk at once, to a thousand times its size."""
    if encoding.lower() in {"", "identity"}:
        yield from chunks
        return
    if encoding.lower() not in {"gzip", "x-gzip"}:
        raise FetchError("unreadable")
    packed = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        for chunk in chunks:
            yield packed.decompress(chunk, most + 1)
            if packed.unconsumed_tail:
                raise FetchError("too-large")
    except zlib.error:
        raise FetchError("unreadable") from None


def decode_page(body: bytes, charset: str | None) -> str:
    """Decode a page: as UTF-8 if it is valid, else by its declared charset, else as GB 18030.

    Args:
        charset: from the Content-Type header; it may be wrong.
    """
    found = CHARSET.search(body[:META_WITHIN])
    declared = [charset or "", (found[1] or found[2]).decode("ascii") if found else ""]
    codecs = [CODECS[name.lower()] for name in declared if name.lower() in CODECS]
    # Servers send ISO-8859-1 by default, and any bytes decode as it: tried last.
    codecs.sort(key=lambda codec: codec == "cp1252")
    for codec in ["utf-8-sig", *codecs, "gb18030"]:
        try:
            return body.decode(codec)
        except UnicodeDecodeError:
            continue
    return body.decode(codecs[0] if codecs else "utf-8", errors="replace")
