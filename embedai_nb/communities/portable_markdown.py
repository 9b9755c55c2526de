"""An issue as Markdown for editors elsewhere: without title and front matter, links written out.

Juejin's editor is ByteMD (github.com/pd4d10/hashmd/issues/11), which reads GitHub Flavored Markdown and takes front matter
for the choice of a theme (github.com/xitu/juejin-markdown-themes); CSDN's reads GitHub Flavored Markdown, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from markdown_it.token import Token

from embedai_nb.html.absolute_urls import resolver
from embedai_nb.markdown import writes
from embedai_nb.markdown.dialect import document_parser
from embedai_nb.markdown.liquid import unshielded
from embedai_nb.model import Issue, Newsletter

__all__ = ["render"]


def render(issue: Issue, newsletter: Newsletter) -> str:
    """The Markdown of a complete issue below its title; comments that are there for Jekyll are left out."""
    whole = writes(issue.model_copy(update={"front_matter": None}), newsletter)
    _title, _line_end, text = unshielded(whole).lstrip("\n").partition("\n")
    return _written_out(text.strip("\n") + "\n", resolver(issue, newsletter))


def _written_out(text: str, resolve: Callable[[str], str]) -> str:
    """The text with relative addresses of links and images written out."""
    for address in sorted(set(_addresses(document_parser().parse(text))), key=len, reverse=True):
        place = re.compile(rf"(?P<before>\]\(<?|\]: <?){re.escape(address)}(?=[>)\s])")
        text = place.sub(partial(_whole, resolve(address)), text)
    return text


def _whole(address: str, found: re.Match[str]) -> str:
    return f"{found['before']}{address}"


def _addresses(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        yield from (str(token.attrs[name]) for name in ("href", "src") if name in token.attrs)
        yield from _addresses(token.children or [])
