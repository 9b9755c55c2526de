"""Links in the reference style, written out: a definition is known to its own text only, and CommonMark's to all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markdown_it.common.utils import normalizeReference

from embedai_nb.markdown.inline_spans import spans

__all__ = ["DEFINITION", "references", "written_out"]

References = Mapping[str, Mapping[str, Any]]

DEFINITION = re.compile(r" {0,3}\[(?!\^)(?P<label>(?:\\.|[^\[\]\\])+)\]:")
REFERENCE = re.compile(r"\[(?P<text>(?:\\.|[^\[\]\\]){1,999})\](?:\[(?P<label>(?:\\.|[^\[\]\\]){0,999})\])?(?![(\[:])")


def references(env: Mapping[str, Any]) -> References:
    """What a parser has found to be defined."""
    found: References = env.get("references", {})
    return found


def written_out(text: str, known: References, used: set[str] | None = None) -> str:
    """The text with ``[text][label]`` as ``[text](address "title")``.

    Args:
        text: a paragraph or several; code in it stays.
        known: the definitions, by their normalized label.
        used: the labels met are added to it.
    """
    if not known or "[" not in text:
        return text

    def link(found: re.Match[str]) -> str:
        label = normalizeReference(found["label"] or found["text"])
        if label not in known:
            return found[0]
        if used is not None:
            used.add(label)
        target = known[label]
        title = ' "{}"'.format(target["title"].replace('"', '\\"')) if target.get("title") else ""
        return f"[{found['text']}]({target['href']}{title})"

    parts = []
    prose = 0
    for span in spans(text):
        if span.kind in ("code", "destination", "autolink"):
            parts += [REFERENCE.sub(link, text[prose : span.start]), text[span.start : span.end]]
            prose = span.end
    return "".join([*parts, REFERENCE.sub(link, text[prose:])])
