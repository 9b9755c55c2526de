"""A review for a terminal, wrapped to its width; Chinese characters take two columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from embedai_nb.checks import Finding
from embedai_nb.checks.severity import SEVERITIES
from embedai_nb.diff.changes import Change, Edit
from embedai_nb.diff.words import abridged, word_diff
from embedai_nb.html.render import plain
from embedai_nb.i18n import Translator
from embedai_nb.i18n.punctuation import aside, labelled
from embedai_nb.review import describe
from embedai_nb.review.assemble import Review, ReviewPart
from embedai_nb.review.messages import HEADING, KINDS, WORDS
from embedai_nb.text.columns import COLOUR, columns
from embedai_nb.text.spans import visible
from embedai_nb.workspace import layout

__all__ = ["Style", "columns", "render"]

Style = Callable[[str, str], str]
"""Colours a text as a finding of a severity, or as ``deleted``, ``inserted``, ``ready``, ``unchanged``, ``blocked``."""
CONTEXT = 24


def render(review: Review, width: int, style: Style = lambda text, _: text) -> str:
    """Write the verdict, the figures, then every part: the quiet ones on one line each."""
    say = review.say
    lines = [style(describe.verdict(review), review.verdict), *_wrapped(review.title, width, 0), ""]
    for name, value in [*describe.tasks(review), *describe.figures(review)]:
        lines += _wrapped(labelled(name, value, say), width, 2)
    lines += ["", say(HEADING)]
    for part in review.parts:
        lines += _part(part, review, width, style)
    if review.removed:
        gone = (labelled(change.section, visible(plain(change.title)), say) for change in review.removed)
        lines += ["", say(WORDS["removed-items"]), *(f"  {each}" for each in gone)]
    return "\n".join(lines) + "\n"


def _part(part: ReviewPart, review: Review, width: int, style: Style) -> Iterator[str]:
    code, title = (f" {each}" if each else "" for each in (part.code, visible(plain(part.title)) if part.title else ""))
    signs = aside(describe.signs(part, review.say), review.say)
    yield from _wrapped(f"{part.name}{code}{title}{signs}", width, 2)
    if not part.quiet:
        for remark in _remarks(part, review, style):
            yield from _wrapped(f"  - {remark}", width, 4)


def _remarks(part: ReviewPart, review: Review, style: Style) -> Iterator[str]:
    say = review.say
    yield from (_finding(finding, say, style) for finding in part.findings)
    for change in part.changes:
        yield from _change(change, say, style)
    yield from (describe.earlier_of(earlier, say) for earlier in part.earlier)
    yield from (f"{url} {describe.link_state(status, say)}" for url, status in part.links if status.state != "ok")
    if part.note:
        yield labelled(say(WORDS["note"]), " ".join(visible(part.note).split()), say)
    line = f"{layout.draft(str(review.date))}:{part.line}" if part.line else ""
    if last := " · ".join(filter(None, [describe.state(part, review), line])):
        yield last


def _finding(finding: Finding, say: Translator, style: Style) -> str:
    severity = style(say(SEVERITIES[finding.severity].word), finding.severity)
    return f"{severity} {describe.finding(finding, say)} [{finding.rule}]"


def _change(change: Change, say: Translator, style: Style) -> Iterator[str]:
    said = describe.moved(change, say)
    yield f"{say(KINDS[change.kind])}{f' {said}' if said else ''}"
    yield from (_edit(edit, say, style) for edit in change.edits if edit.field not in {"section", "place"})


def _edit(edit: Edit, say: Translator, style: Style) -> str:
    marks = {"same": "{}", "deleted": "[-{}-]", "inserted": "{{+{}+}}"}
    pieces = abridged(word_diff(edit.before, edit.after), CONTEXT)
    said = (
        style(marks[p.kind].format(text), p.kind) if p.kind != "same" else text
        for p in pieces
        for text in [" ".join(visible(p.text).split("\n"))]
    )
    return labelled(describe.edit_name(edit, say), "".join(said), say)


def _wrapped(text: str, width: int, indent: int) -> Iterator[str]:
    """Lines of at most so many columns; lines after the first are indented."""
    line, column = "", 0
    for piece in _pieces(text):
        wide = columns(piece)
        if line.strip() and column + wide > width:
            yield line.rstrip()
            line, column = " " * indent, indent
            piece = piece.lstrip()
            wide = columns(piece)
        line, column = line + piece, column + wide
    yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """Words and single Chinese characters; a colour's escape sequence clings to what follows it."""
    held = ""
    for piece in re.findall(r"\x1b\[[0-9;]*m|[!-~]+|[^!-~\x1b]", text):
        if COLOUR.fullmatch(piece):
            held += piece
        else:
            yield held + piece
            held = ""
    if held:
        yield held
