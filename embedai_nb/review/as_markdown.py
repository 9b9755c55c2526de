"""A review as Markdown for a pull request's comment, which GitHub takes up to 65,536 characters of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from embedai_nb.checks import Finding
from embedai_nb.checks.severity import SEVERITIES
from embedai_nb.diff.changes import Change, Edit
from embedai_nb.diff.words import abridged, word_diff
from embedai_nb.errors import EmbedAIError
from embedai_nb.review import describe
from embedai_nb.review.assemble import Review, ReviewPart
from embedai_nb.review.messages import HEADINGS, KINDS, WORDS
from embedai_nb.workspace import layout

__all__ = ["LONGEST", "render", "unreadable"]

LONGEST = 65_536
"""Characters of a comment (docs.github.com, REST API: the body of an issue comment is too long beyond that)."""
CONTEXT = 24
SPECIAL = re.compile(r"([\\`*_\[\]<>#|~@])")
"""Characters that Markdown, or GitHub's mentions, would read as more than text."""


def render(review: Review, longest: int = LONGEST) -> str:
    """Write the verdict, the figures, then the parts with something to say, cut between parts where there is no room."""
    text = "\n\n".join([*_head(review), f"## {HEADINGS['items']}"])
    parts = [part for part in review.parts if not part.quiet]
    written = [_part(part, review) for part in parts]
    removed = [f"### {WORDS['removed-items']}\n\n" + _list(f"{c.section}：{_text(c.title)}" for c in review.removed)]
    blocks = written + (removed if review.removed else [])
    for number, block in enumerate(blocks):
        note = _cut(len(blocks) - number, review)
        if len(text) + len(block) + 2 + (len(note) + 2 if number < len(blocks) - 1 else 0) > longest - 1:
            return f"{text}\n\n{note}\n"
        text = f"{text}\n\n{block}"
    return f"{text}\n"


def unreadable(date: str, error: EmbedAIError) -> str:
    """The same of a draft that cannot be read, or shown: the file, its line and what is wrong with it."""
    line = f":{error.line}" if error.line else ""
    return f"# {WORDS['mark-blocked']} `{layout.draft(date)}{line}`\n\n{_text(error.message)}\n"


def _cut(count: int, review: Review) -> str:
    return WORDS["cut"].format(count=count, path=layout.review(str(review.date)))


def _head(review: Review) -> Iterator[str]:
    yield f"# {_text(describe.verdict(review))}"
    yield f"**{_text(review.title)}**"
    if review.obstacles:
        yield f"{WORDS['obstacles']}：\n\n" + _list(
            f"{_name(part)}：{_text(finding.message)}" for part, finding in review.obstacles[:20]
        )
    rows = [f"| {name} | {_text(value)} |" for name, value in [*describe.tasks(review), *describe.figures(review)]]
    yield "\n".join(["| | |", "|:--|:--|", *rows])


def _part(part: ReviewPart, review: Review) -> str:
    signs = describe.signs(part)
    return f"### {_name(part)}{f'（{signs}）' if signs else ''}\n\n" + _list(_remarks(part, review))


def _name(part: ReviewPart) -> str:
    code = f" `{part.code}`" if part.code else ""
    return f"{_text(part.name)}{code}{f' {_text(part.title)}' if part.title else ''}"


def _remarks(part: ReviewPart, review: Review) -> Iterator[str]:
    yield from (_finding(finding) for finding in part.findings)
    for change in part.changes:
        yield from _change(change)
    yield from (_text(describe.earlier_of(earlier)) for earlier in part.earlier)
    yield from (f"<{url}> {_text(describe.link_state(status))}" for url, status in part.links if status.state != "ok")
    if part.note:
        yield f"{WORDS['note']}：{_text(part.note)}"
    line = f"`{layout.draft(str(review.date))}:{part.line}`" if part.line else ""
    if last := " · ".join(filter(None, [describe.state(part, review), line])):
        yield last


def _finding(finding: Finding) -> str:
    where = f"{finding.place.field}：" if finding.place.field else ""
    fix = f" {WORDS['fix'].format(fix=finding.fix.description)}" if finding.fix else ""
    return f"**{SEVERITIES[finding.severity].word}** {_text(f'{where}{finding.message}{fix}')} `{finding.rule}`"


def _change(change: Change) -> Iterator[str]:
    said = describe.moved(change)
    yield f"**{KINDS[change.kind]}**{f' {said}' if said else ''}"
    yield from (_edit(edit) for edit in change.edits if edit.field not in {"section", "place"})


def _edit(edit: Edit) -> str:
    marks = {"same": "{}", "deleted": "<del>{}</del>", "inserted": "<ins>{}</ins>"}
    pieces = abridged(word_diff(edit.before, edit.after), CONTEXT)
    return f"{describe.edit_name(edit)}：" + "".join(marks[p.kind].format(_text(p.text)) for p in pieces)


def _text(text: str) -> str:
    """Text as it is, on one line, whatever it holds."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split())).replace("&", "&amp;")


def _list(entries: Iterable[str]) -> str:
    return "\n".join(f"- {entry}" for entry in entries)
