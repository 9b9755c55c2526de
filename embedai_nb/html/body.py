"""Text of an item → HTML: each line a paragraph, indented lines nested lists.

Markdown proper would join the lines of a paragraph and ask for blank lines around a list; issues have always been
written without.  So the lines are laid out here, and only what is within a line is Markdown.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from markupsafe import Markup

from embedai_nb.html.render import inline
from embedai_nb.markdown.nesting_limit import DEEPEST, too_deep

__all__ = ["body"]

LINE = re.compile(
    r"(?P<indent>\s*)(?:(?P<mark>[-*+](?=\s|$)|-(?=\[)|[0-9]{1,9}[.)](?=\s|$))\s*)?(?P<text>.*)", re.DOTALL
)
STEP = 2
"""Spaces that make a list entry one level deeper; fewer are an entry carelessly aligned."""

NO_LABEL = Markup()


class _List(NamedTuple):
    indent: int
    tag: str


class _Layout:
    """HTML so far, and the lists still open in it, outermost first."""

    def __init__(self, label: Markup) -> None:
        self.html: list[str] = []
        self.label = label
        self.lists: list[_List] = []

    def add(self, line: str) -> None:
        found = LINE.fullmatch(line)
        assert found is not None, "matches every line"
        indent, text = len(found["indent"]), inline(found["text"])
        self._close(indent)
        if found["mark"]:
            self._entry(indent, found["mark"], text)
        elif indent and self.lists:
            self.html.append(text if self.html[-1].endswith("l>") else f"<br>{text}")
        else:
            self._paragraph(text)

    def result(self) -> Markup:
        self._close(-STEP)
        self._finish_label()
        return Markup("".join(self.html))

    def _close(self, indent: int) -> None:
        while self.lists and indent <= self.lists[-1].indent - STEP:
            self._close_last()

    def _close_last(self) -> None:
        self.html.append(f"</li></{self.lists.pop().tag}>")

    def _entry(self, indent: int, mark: str, text: Markup) -> None:
        tag = "ol" if mark[0].isdigit() else "ul"
        deeper = not self.lists or indent >= self.lists[-1].indent + STEP
        if not deeper and self.lists[-1].tag != tag:
            self._close_last()
            deeper = True
        if deeper:
            self._open(_List(indent, tag), mark)
        else:
            self.html.append("</li>")
        self.html.append(f"<li>{text}")

    def _open(self, opened: _List, mark: str) -> None:
        self.lists.append(opened)
        if 2 * len(self.lists) > DEEPEST:
            raise too_deep()
        self._finish_label()
        first = int(mark[:-1]) if opened.tag == "ol" else 1
        self.html.append(f"<{opened.tag}>" if first == 1 else f'<ol start="{first}">')

    def _paragraph(self, text: Markup) -> None:
        while self.lists:
            self._close_last()
        self.html.append(f"<p>{self.label}{text}</p>")
        self.label = NO_LABEL

    def _finish_label(self) -> None:
        """A label with no paragraph behind it has one of its own."""
        if self.label:
            self.html.append(f"<p>{self.label}</p>")
            self.label = NO_LABEL


def body(text: str, *, label: Markup = NO_LABEL) -> Markup:
    """``text`` in the form of the model's ``Body``, ``label`` before its first paragraph.

    Raises:
        MarkupError: it is nested too deep to be shown whole.
    """
    layout = _Layout(label)
    for line in text.split("\n"):
        if line.strip():
            layout.add(line)
    return layout.result()
