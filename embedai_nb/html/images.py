"""The images of an issue: which addresses are images, and which of them are files of the issues folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from markdown_it.token import Token

from embedai_nb.markdown.dialect import parser
from embedai_nb.model import Issue
from embedai_nb.text.paths import strings

__all__ = ["image_urls", "is_local", "is_showable"]

TAG = re.compile(r"""<img\s[^<>]*?\bsrc\s*=\s*["'](?P<url>[^"'<>]+)["']""", re.IGNORECASE)
OVER_BLANK_LINES = re.compile(
    r"```|~~~|\]:|^[ \t]+\S|^<(?:[!?]|pre|script|style|textarea)", re.MULTILINE | re.IGNORECASE
)
"""What reaches over a blank line: code, references, lists, some HTML.  Any other text may be taken apart there."""
LOCAL = re.compile(r"images/(?!\.)[^/\\:?#]+(?:/(?!\.)[^/\\:?#]+)*\.(?:avif|gif|jpe?g|png|webp)", re.IGNORECASE)
"""A file below `images/` in the issues folder; as the archive has a copy, the address holds in both."""
FULL = re.compile(r"https?://", re.IGNORECASE)


_parser = cache(parser)


def image_urls(issue: Issue) -> Iterator[str]:
    """The addresses of all images in the texts of an issue, in their order."""
    for _, text in strings(issue):
        if "![" in text:
            for part in [text] if OVER_BLANK_LINES.search(text) else text.split("\n\n"):
                if "![" in part:
                    yield from _sources(_parser().parse(part))
        if "<" in text:
            yield from (found["url"] for found in TAG.finditer(text))


def _sources(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "image":
            yield str(token.attrs["src"])
        yield from _sources(token.children or [])


def is_local(url: str) -> bool:
    """Whether an image is a file of the issues folder; no such address leads out of `images/`."""
    return LOCAL.fullmatch(url) is not None


def is_showable(url: str) -> bool:
    """Whether a page can show the image, rather than link to it."""
    return FULL.match(url) is not None or is_local(url)
