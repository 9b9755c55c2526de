"""Which addresses in an issue are pictures: the page shows them as links like any other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from embedai_nb.model import Issue
from embedai_nb.text.paths import strings

__all__ = ["image_urls", "is_at_wechat"]

TAG = re.compile(r"""<img\s[^<>]*?\bsrc\s*=\s*["'](?P<url>[^"'<>]+)["']""", re.IGNORECASE)
OVER_BLANK_LINES = re.compile(
    r"```|~~~|\]:|^[ \t]+\S|^<(?:[!?]|pre|script|style|textarea)", re.MULTILINE | re.IGNORECASE
)
"""What reaches over a blank line: code, references, lists, some HTML.  Any other text may be taken apart there."""
AT_WECHAT = "mmbiz.qpic.cn"
"""The host that WeChat keeps uploaded pictures on."""


class _Parser(MarkdownIt):
    def normalizeLink(self, url: str) -> str:  # noqa: N802  # markdown-it's name; the page keeps addresses as typed, too
        return url


@cache
def _parser() -> MarkdownIt:
    return _Parser("commonmark", {"maxNesting": 100})


def image_urls(issue: Issue) -> Iterator[str]:
    """The addresses of all images in the texts of an issue, in their order."""
    for _, text in strings(issue):
        for part in [text] if OVER_BLANK_LINES.search(text) else text.split("\n\n"):
            if "![" in part:
                yield from _sources(_parser().parse(part))
        yield from (found["url"] for found in TAG.finditer(text))


def _sources(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "image":
            yield str(token.attrs["src"])
        yield from _sources(token.children or [])


def is_at_wechat(url: str) -> bool:
    """Whether a picture was uploaded, so that an article may show it."""
    try:
        return urlsplit(url).hostname == AT_WECHAT
    except ValueError:
        return False
