"""Copies of an issue for communities whose editors it is pasted into: one visible list.

What each editor takes, and from where that is known, stands in docs/sending.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from markupsafe import escape

from embedai_nb.communities import flat_html, portable_markdown
from embedai_nb.errors import MarkupError
from embedai_nb.html.page import title
from embedai_nb.i18n import N_
from embedai_nb.model import Issue, Newsletter
from embedai_nb.plugins import CHANNELS, PluginEntry, blamed, entry_named

__all__ = ["COPIES", "Copy", "find_copy", "printed"]


class Copy(NamedTuple):
    """How an issue is written for one community."""

    title: str
    """The community's name; a message."""
    kind: Literal["html", "text"]
    """What is put on the clipboard: HTML for editors of formatted text, else text, as a rule Markdown."""
    render: Callable[[Issue, Newsletter], str]
    """Write a complete issue without its title, for which editors have a field of its own.

    Raises a MarkupError if some text is nested too deep to be shown whole."""


COPIES: Mapping[str, Copy] = MappingProxyType(
    {
        "zhihu": Copy(N_("Zhihu"), "html", flat_html.render),
        "juejin": Copy(N_("Juejin"), "text", portable_markdown.render),
        "csdn": Copy(N_("CSDN"), "text", portable_markdown.render),
    }
)
"""Copies by the names that newsletter.yaml and `embedai show --format` know; plug-ins bring others."""


def find_copy(name: str, newsletter: Newsletter) -> Copy | None:
    """The copy of a name, built in or of a plug-in.

    Raises:
        PluginError: it is that of a plug-in that fails, as its `Copy.render` may; or may be that of one that is missing.
    """
    if name in COPIES:
        return COPIES[name]
    entry = entry_named(name, newsletter.plugins, CHANNELS)
    return _blaming(entry) if entry else None


def _blaming(entry: PluginEntry) -> Copy:
    """The copy of a plug-in; its failures name the plug-in."""
    copy = entry.load(Copy)

    def render(issue: Issue, newsletter: Newsletter) -> str:
        with blamed(entry, MarkupError):
            return entry.expect(copy.render(issue, newsletter), str)

    return copy._replace(render=render)


def printed(name: str, issue: Issue, newsletter: Newsletter) -> str:
    """The copy of a name as a file: text as it is, HTML as a page that holds nothing else, to copy all of it from.

    Raises:
        KeyError: there is none.
        MarkupError: as `Copy.render`.
        PluginError: as `find_copy`.
    """
    if (copy := find_copy(name, newsletter)) is None:
        raise KeyError(name)
    text = copy.render(issue, newsletter)
    if copy.kind == "text":
        return text
    head = f'<meta charset="utf-8">\n<title>{escape(title(issue, newsletter))}</title>'
    page = f"<head>\n{head}\n</head>\n<body>\n{text}</body>"
    return f'<!DOCTYPE html>\n<html lang="{escape(newsletter.language)}">\n{page}\n</html>\n'
