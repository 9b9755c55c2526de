"""Save images beside the drafts, where the texts of an issue can show them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from pathlib import Path

from embedai_nb.editor.error_texts import system_message
from embedai_nb.editor.messages import WORDS
from embedai_nb.errors import EmbedAIError, UsageError
from embedai_nb.html.images import is_local
from embedai_nb.i18n import Translatable
from embedai_nb.workspace import layout
from embedai_nb.workspace.atomic import write_atomically

__all__ = ["LARGEST", "from_base64", "from_data_url", "read_image", "save_image"]

LARGEST = 5_000_000
"""Bytes of an image at most."""

FORMATS = {
    "png": re.compile(rb"\x89PNG\r\n\x1a\n.{4}IHDR.*IEND.{4}\Z", re.DOTALL),
    "jpg": re.compile(rb"\xff\xd8\xff.*\xff\xd9", re.DOTALL),
    "gif": re.compile(rb"GIF8[79]a.{7}.*;", re.DOTALL),
    "webp": re.compile(rb"RIFF.{4}WEBPVP8[ LX]", re.DOTALL),
    "avif": re.compile(rb".{4}ftypavi[fs]", re.DOTALL),
}
"""Raster formats that every browser shows, by what their files begin and end with: a name or a declared type proves nothing."""
DATA_URL = re.compile(r"data:image/[\w.+-]+;base64,(?P<data>.*)", re.DOTALL)


def save_image(folder: Path, content: bytes) -> str:
    """Save an image in the issues folder under a name made from its content; the same image is saved once.

    Returns:
        Its address in a text: ``images/….png``.

    Raises:
        UsageError: it is too large, or no image.
        EmbedAIError: it cannot be written.
    """
    if len(content) > LARGEST:
        raise UsageError(Translatable(WORDS["image-large"], {"limit": LARGEST // 1_000_000}))
    kind = next((kind for kind, pattern in FORMATS.items() if pattern.match(content)), None)
    if kind is None:
        raise UsageError(Translatable(WORDS["image-unknown"], {}))
    address = layout.image(f"{hashlib.sha256(content).hexdigest()[:16]}.{kind}")
    path = folder / address
    try:
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_bytes() != content:
            write_atomically(path, content)
    except OSError as error:
        said = {"path": address, "message": system_message(error)}
        raise EmbedAIError(Translatable(WORDS["image-unsaved"], said)) from error
    return address


def read_image(folder: Path, address: str) -> bytes:
    """Read a saved image; nothing where there is none of this address."""
    try:
        return (folder / address).read_bytes() if is_local(address) else b""
    except OSError:
        return b""


def from_base64(text: str) -> bytes:
    """Decode what a page sent; nothing where that is no base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def from_data_url(url: str) -> bytes:
    """The image within a ``data:`` URL; nothing where there is none."""
    found = DATA_URL.fullmatch(url)
    return from_base64(found["data"]) if found else b""
