"""A review for a terminal, wrapped to its width; Chinese characters take two columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from unicodedata import east_asian_width

from embedai_nb.checks import Finding
from embedai_nb.checks.severity import SEVERITIES
from embedai_nb.diff.changes import Change, Edit
from embedai_nb.diff.words import abridged, word_diff
from embedai_nb.html.render import plain
from embedai_nb.review import describe
from embedai_nb.review.assemble import Review, ReviewPart
from embedai_nb.review.messages import HEADINGS, KINDS, WORDS
from embedai_nb.text.spans import visible
from embedai_nb.workspace import layout

__all__ = ["Style", "columns", "render"]

Style = Callable[[str, str], str]
"""Colours a text as a finding of a severity, or as ``deleted``, ``inserted``, ``ready``, ``unchanged``, ``blocked``."""
CONTEXT = 24
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def render(review: Review, width: int, style: Style = lambda text, _: text) -> str:
    """Write the verdict, the figures, then every part: the quiet ones on one line each."""
    lines = [style(describe.verdict(review), review.verdict), *_wrapped(review.title, width, 0), ""]
    for name, value in [*describe.tasks(review), *describe.figures(review)]:
        lines += _wrapped(f"{name}：{value}", width, 2)
    lines += ["", HEADINGS["items"]]
    for part in review.parts:
        lines += _part(part, review, width, style)
    if review.removed:
        lines += ["", WORDS["removed-items"], *(f"  {c.section}：{visible(plain(c.title))}" for c in review.removed)]
    return "\n".join(lines) + "\n"


def _part(part: ReviewPart, review: Review, width: int, style: Style) -> Iterator[str]:
    code, title = (f" {each}" if each else "" for each in (part.code, visible(plain(part.title)) if part.title else ""))
    signs = describe.signs(part)
    yield from _wrapped(f"{part.name}{code}{title}{f'（{signs}）' if signs else ''}", width, 2)
    if not part.quiet:
        for remark in _remarks(part, review, style):
            yield from _wrapped(f"  - {remark}", width, 4)


def _remarks(part: ReviewPart, review: Review, style: Style) -> Iterator[str]:
    yield from (_finding(finding, style) for finding in part.findings)
    for change in part.changes:
        yield from _change(change, style)
    yield from (describe.earlier_of(earlier) for earlier in part.earlier)
    yield from (f"{url} {describe.link_state(status)}" for url, status in part.links if status.state != "ok")
    if part.note:
        yield f"{WORDS['note']}：{' '.join(visible(part.note).split())}"
    line = f"{layout.draft(str(review.date))}:{part.line}" if part.line else ""
    if last := " · ".join(filter(None, [describe.state(part, review), line])):
        yield last


def _finding(finding: Finding, style: Style) -> str:
    where = f"{finding.place.field}：" if finding.place.field else ""
    fix = f" {WORDS['fix'].format(fix=finding.fix.description)}" if finding.fix else ""
    return (
        f"{style(SEVERITIES[finding.severity].word, finding.severity)} {where}{finding.message}{fix} [{finding.rule}]"
    )


def _change(change: Change, style: Style) -> Iterator[str]:
    said = describe.moved(change)
    yield f"{KINDS[change.kind]}{f' {said}' if said else ''}"
    yield from (_edit(edit, style) for edit in change.edits if edit.field not in {"section", "place"})


def _edit(edit: Edit, style: Style) -> str:
    marks = {"same": "{}", "deleted": "[-{}-]", "inserted": "{{+{}+}}"}
    pieces = abridged(word_diff(edit.before, edit.after), CONTEXT)
    said = (
        style(marks[p.kind].format(text), p.kind) if p.kind != "same" else text
        for p in pieces
        for text in [" ".join(visible(p.text).split("\n"))]
    )
    return f"{describe.edit_name(edit)}：" + "".join(said)


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
        if ESCAPE.fullmatch(piece):
            held += piece
        else:
            yield held + piece
            held = ""
    if held:
        yield held


def columns(text: str) -> int:
    """How many columns of a terminal a text takes (Unicode Standard Annex 11)."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in ESCAPE.sub("", text))
