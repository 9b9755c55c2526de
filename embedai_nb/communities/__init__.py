"""Copies of an issue for communities whose editors it is pasted into: one visible list.

What each editor takes, and from where that is known, stands in docs/sending.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from markupsafe import escape

from embedai_nb.communities import flat_html, portable_markdown
from embedai_nb.html.page import title
from embedai_nb.i18n import N_
from embedai_nb.model import Issue, Newsletter

__all__ = ["COPIES", "Copy", "printed"]


class Copy(NamedTuple):
    """How an issue is written for one community."""

    title: str
    """The community's name; a message."""
    kind: Literal["html", "markdown"]
    """What is put on the clipboard: HTML for editors of formatted text, else Markdown."""
    render: Callable[[Issue, Newsletter], str]
    """Write a complete issue without its title, for which editors have a field of its own.

    Raises a MarkupError if some text is nested too deep to be shown whole."""


COPIES: Mapping[str, Copy] = MappingProxyType(
    {
        "zhihu": Copy(N_("Zhihu"), "html", flat_html.render),
        "juejin": Copy(N_("Juejin"), "markdown", portable_markdown.render),
        "csdn": Copy(N_("CSDN"), "markdown", portable_markdown.render),
    }
)
"""All copies, by the names that newsletter.yaml and `embedai show --format` know."""


def printed(name: str, issue: Issue, newsletter: Newsletter) -> str:
    """The copy of a name as a file: Markdown as it is, HTML as a page that holds nothing else, to copy all of it from.

    Raises:
        MarkupError: as `Copy.render`.
    """
    copy = COPIES[name]
    text = copy.render(issue, newsletter)
    if copy.kind == "markdown":
        return text
    head = f'<meta charset="utf-8">\n<title>{escape(title(issue, newsletter))}</title>'
    page = f"<head>\n{head}\n</head>\n<body>\n{text}</body>"
    return f'<!DOCTYPE html>\n<html lang="{escape(newsletter.language)}">\n{page}\n</html>\n'
