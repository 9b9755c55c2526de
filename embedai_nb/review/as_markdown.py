"""A review as Markdown for a pull request's comment, which GitHub takes up to 65,536 characters of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from embedai_nb.checks import Finding
from embedai_nb.checks.severity import SEVERITIES
from embedai_nb.diff.changes import Change, Edit
from embedai_nb.diff.words import abridged, word_diff
from embedai_nb.errors import EmbedAIError
from embedai_nb.i18n import Translator
from embedai_nb.i18n.punctuation import aside, labelled
from embedai_nb.review import describe
from embedai_nb.review.assemble import Review, ReviewPart
from embedai_nb.review.messages import HEADING, KINDS, MARKS, WORDS
from embedai_nb.workspace import layout

__all__ = ["LONGEST", "render", "unreadable"]

LONGEST = 65_536
"""Characters of a comment (docs.github.com, REST API: the body of an issue comment is too long beyond that)."""
CONTEXT = 24
SPECIAL = re.compile(r"([\\`*_\[\]<>#|~@])")
"""Characters that Markdown, or GitHub's mentions, would read as more than text."""


def render(review: Review, longest: int = LONGEST) -> str:
    """Write the verdict, the figures, then the parts with something to say, cut between parts where there is no room."""
    say = review.say
    text = "\n\n".join([*_head(review), f"## {say(HEADING)}"])
    parts = [part for part in review.parts if not part.quiet]
    written = [_part(part, review) for part in parts]
    gone = [labelled(change.section, _text(change.title), say) for change in review.removed]
    blocks = [*written, *([f"### {say(WORDS['removed-items'])}\n\n{_list(gone)}"] if gone else [])]
    for number, block in enumerate(blocks):
        note = _cut(len(blocks) - number, review)
        if len(text) + len(block) + 2 + (len(note) + 2 if number < len(blocks) - 1 else 0) > longest - 1:
            return f"{text}\n\n{note}\n"
        text = f"{text}\n\n{block}"
    return f"{text}\n"


def unreadable(date: str, error: EmbedAIError, language: str) -> str:
    """The same of a draft that cannot be read, or shown: the file, its line and what is wrong with it."""
    line = f":{error.line}" if error.line else ""
    return f"# {MARKS['blocked']} `{layout.draft(date)}{line}`\n\n{_text(error.message_in(language))}\n"


def _cut(count: int, review: Review) -> str:
    return review.say(WORDS["cut"], count=count, path=layout.review(str(review.date)))


def _head(review: Review) -> Iterator[str]:
    say = review.say
    yield f"# {_text(describe.verdict(review))}"
    yield f"**{_text(review.title)}**"
    if review.obstacles:
        obstacles = [labelled(_name(part), _text(found.message), say) for part, found in review.obstacles[:20]]
        yield f"{say(WORDS['obstacles'])}\n\n{_list(obstacles)}"
    rows = [f"| {name} | {_text(value)} |" for name, value in [*describe.tasks(review), *describe.figures(review)]]
    yield "\n".join(["| | |", "|:--|:--|", *rows])


def _part(part: ReviewPart, review: Review) -> str:
    signs = aside(describe.signs(part, review.say), review.say)
    return f"### {_name(part)}{signs}\n\n" + _list(_remarks(part, review))


def _name(part: ReviewPart) -> str:
    code = f" `{part.code}`" if part.code else ""
    return f"{_text(part.name)}{code}{f' {_text(part.title)}' if part.title else ''}"


def _remarks(part: ReviewPart, review: Review) -> Iterator[str]:
    say = review.say
    yield from (_finding(finding, say) for finding in part.findings)
    for change in part.changes:
        yield from _change(change, say)
    yield from (_text(describe.earlier_of(earlier, say)) for earlier in part.earlier)
    yield from (
        f"<{url}> {_text(describe.link_state(status, say))}" for url, status in part.links if status.state != "ok"
    )
    if part.note:
        yield labelled(say(WORDS["note"]), _text(part.note), say)
    line = f"`{layout.draft(str(review.date))}:{part.line}`" if part.line else ""
    if last := " · ".join(filter(None, [describe.state(part, review), line])):
        yield last


def _finding(finding: Finding, say: Translator) -> str:
    severity = say(SEVERITIES[finding.severity].word)
    return f"**{severity}** {_text(describe.finding(finding, say))} `{finding.rule}`"


def _change(change: Change, say: Translator) -> Iterator[str]:
    said = describe.moved(change, say)
    yield f"**{say(KINDS[change.kind])}**{f' {said}' if said else ''}"
    yield from (_edit(edit, say) for edit in change.edits if edit.field not in {"section", "place"})


def _edit(edit: Edit, say: Translator) -> str:
    marks = {"same": "{}", "deleted": "<del>{}</del>", "inserted": "<ins>{}</ins>"}
    pieces = abridged(word_diff(edit.before, edit.after), CONTEXT)
    text = "".join(marks[p.kind].format(_text(p.text)) for p in pieces)
    return labelled(describe.edit_name(edit, say), text, say)


def _text(text: str) -> str:
    """Text as it is, on one line, whatever it holds."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split())).replace("&", "&amp;")


def _list(entries: Iterable[str]) -> str:
    return "\n".join(f"- {entry}" for entry in entries)
