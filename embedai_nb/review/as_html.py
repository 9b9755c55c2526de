"""A review as static HTML that needs neither script nor style sheet, wherever a notebook is opened.

It relies on headings, lists, tables, links, ``details`` and ``ins``/``del``.  Where a viewer drops more than that
(``details`` or an inline style), everything is still there, unfolded and uncoloured; no colour says what no word says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from markupsafe import Markup, escape

from embedai_nb.checks import Finding
from embedai_nb.checks.severity import SEVERITIES
from embedai_nb.diff.changes import Change, Edit
from embedai_nb.diff.words import abridged, word_diff
from embedai_nb.html.environment import templates
from embedai_nb.html.render import inline, linked
from embedai_nb.i18n import Translator
from embedai_nb.i18n.punctuation import aside, labelled
from embedai_nb.review import describe
from embedai_nb.review.assemble import Review, ReviewPart
from embedai_nb.review.messages import HEADING, KINDS, WORDS
from embedai_nb.workspace import layout

__all__ = ["change_list", "document", "index", "items", "part", "verdict"]

HERE = Path(__file__).parent

OBSTACLES = 5
"""So many errors are named beside the verdict, which has to fit one screen."""
CONTEXT = 24
"""Characters shown on either side of a change in a text."""

BANNERS = {
    "blocked": "border-left: 6px solid #c62828; background: #fdecea; color: #7f1d1d",
    "ready": "border-left: 6px solid #2e7d32; background: #e8f5e9; color: #1b4d1f",
    "unchanged": "border-left: 6px solid #1565c0; background: #e3f2fd; color: #0d3c78",
}
"""Text and ground are coloured together: readable on a light page and on a dark one."""


def verdict(review: Review) -> Markup:
    """The decision, what stands in its way, who does what, and the figures."""
    banner = Markup('<h1 style="{}; padding: 8px 12px; font-size: 1.6em; margin: 0">{}</h1>').format(
        BANNERS[review.verdict], describe.verdict(review)
    )
    rows = [*describe.tasks(review), *describe.figures(review)]
    return _joined(
        banner,
        Markup("<p><strong>{}</strong></p>").format(review.title),
        _obstacles(review),
        _table(
            Markup('<th scope="row" style="text-align: left">{}</th><td style="text-align: left">{}</td>').format(*row)
            for row in rows
        ),
    )


def document(review: Review, history: Markup) -> str:
    """The review as a page of its own, in which a browser needs nothing from elsewhere."""
    body = _joined(verdict(review), items(review), history)
    template = templates(HERE / "templates").get_template("review.html.j2")
    return template.render(language=review.language, title=review.title, body=body) + "\n"


def _obstacles(review: Review) -> Markup:
    say, obstacles = review.say, review.obstacles
    shown = [_labelled(_reference(part), finding.message, say) for part, finding in obstacles[:OBSTACLES]]
    if rest := len(obstacles) - len(shown):
        shown.append(escape(say(WORDS["more"], count=rest)))
    return Markup("<p>{}</p>\n{}").format(say(WORDS["obstacles"]), _list(shown)) if shown else Markup()


def items(review: Review) -> Markup:
    """The issue part by part, behind an index of its parts."""
    parts = [part(each, review) for each in review.parts]
    return _joined(Markup("<h2>{}</h2>").format(review.say(HEADING)), index(review), *parts, _removed(review))


def index(review: Review) -> Markup:
    """Links to the parts with findings, to those that changed, and to all."""
    say = review.say
    lists = (
        ("index-findings", review.with_findings, bool(review.with_findings)),
        ("index-changed", review.changed, False),
        ("index-all", review.parts, False),
    )
    return _joined(
        *(_fold(_count(name, parts, say), _entries(parts, say), unfolded) for name, parts, unfolded in lists)
    )


def _count(name: str, parts: Sequence[ReviewPart], say: Translator) -> Markup:
    return escape(say(WORDS[name], count=len(parts)))


def _entries(parts: Sequence[ReviewPart], say: Translator) -> Markup:
    if not parts:
        return Markup("<p>{}</p>").format(say(WORDS["none"]))
    return _list(Markup("{} {}").format(_reference(each), _signs(each, say)) for each in parts)


def _reference(each: ReviewPart) -> Markup:
    """A link to a part under the name that a remark can use."""
    code = Markup(" <code>{}</code>").format(each.code) if each.code else ""
    title = Markup(" {}").format(_plain(each.title)) if each.title else ""
    return Markup('<a href="#{}">{}</a>{}{}').format(each.anchor, each.name, code, title)


def _signs(each: ReviewPart, say: Translator) -> Markup:
    return escape(aside(describe.signs(each, say), say))


def part(each: ReviewPart, review: Review) -> Markup:
    """One part: as readers see it, and all that concerns it; folded where there is nothing to say."""
    code = Markup(" <code>{}</code>").format(each.code) if each.code else ""
    title = Markup(" {}").format(_plain(each.title)) if each.title else ""
    head = Markup('<h3 style="display: inline; font-size: 1em">{}{}{}</h3>{}').format(
        each.name, code, title, _signs(each, review.say)
    )
    body = Markup("<blockquote>\n{}\n</blockquote>").format(each.html) if each.html else Markup()
    return _fold(head, _joined(body, _list(_remarks(each, review))), not each.quiet, each.anchor)


def _remarks(each: ReviewPart, review: Review) -> Iterator[Markup]:
    say = review.say
    yield from (_finding(finding, say) for finding in each.findings)
    yield from (_change(change, say) for change in each.changes)
    yield from (linked(escape(describe.earlier_of(earlier, say)), earlier.url) for earlier in each.earlier)
    yield from (Markup("{} {}").format(url, describe.link_state(status, say)) for url, status in each.links)
    if each.note:
        yield _labelled(say(WORDS["note"]), each.note, say)
    last = [escape(said) for said in [describe.state(each, review)] if said]
    if each.line:
        address = f"../{layout.draft(str(review.date))}#L{each.line}"
        last.append(Markup('<a href="{}">{}</a>').format(address, say(WORDS["line"], line=each.line)))
    if last:
        yield Markup(" · ").join(last)


def _finding(finding: Finding, say: Translator) -> Markup:
    return Markup("<strong>{}</strong> {} <code>{}</code>").format(
        say(SEVERITIES[finding.severity].word), describe.finding(finding, say), finding.rule
    )


# --- changes --------------------------------------------------------------------------------------------------


def _change(change: Change, say: Translator) -> Markup:
    edits = [edit for edit in change.edits if edit.field not in {"section", "place"}]
    head = Markup("<strong>{}</strong>{}").format(say(KINDS[change.kind]), _behind(describe.moved(change, say)))
    return head + (_list(_edit(edit, say) for edit in edits) if edits else Markup())


def _behind(said: str) -> str:
    return f" {said}" if said else ""


def _edit(edit: Edit, say: Translator) -> Markup:
    pieces = abridged(word_diff(edit.before, edit.after), CONTEXT)
    marks = {"same": Markup("{}"), "deleted": Markup("<del>{}</del>"), "inserted": Markup("<ins>{}</ins>")}
    text = Markup("").join(marks[piece.kind].format(piece.text) for piece in pieces)
    return _labelled(describe.edit_name(edit, say), text, say)


def _removed(review: Review) -> Markup:
    if not review.removed:
        return Markup()
    say = review.say
    gone = (_labelled(change.section, _plain(change.title), say) for change in review.removed)
    return _joined(Markup("<h3>{}</h3>").format(say(WORDS["removed-items"])), _list(gone))


def change_list(review: Review) -> Markup:
    """The changed parts alone, in the order of the issue, then the items that are gone."""
    return _joined(*(part(each, review) for each in review.changed), _removed(review))


# --- building blocks ------------------------------------------------------------------------------------------


def _labelled(label: str, text: str, say: Translator) -> Markup:
    """Escape a text and its label, either of which may be HTML already, and put them together."""
    return Markup(labelled(escape(label), escape(text), say))


def _plain(text: str) -> Markup:
    """Markdown of one line, sanitized."""
    return Markup(inline(text))


def _list(entries: Iterable[Markup]) -> Markup:
    lines = Markup("\n").join(Markup("<li>{}</li>").format(entry) for entry in entries)
    return Markup("<ul>\n{}\n</ul>").format(lines) if lines else Markup()


def _table(rows: Iterable[Markup]) -> Markup:
    return Markup("<table>\n{}\n</table>").format(Markup("\n").join(Markup("<tr>{}</tr>").format(row) for row in rows))


def _fold(head: Markup, body: Markup, unfolded: bool, anchor: str = "") -> Markup:
    id_ = Markup(' id="{}"').format(anchor) if anchor else ""
    state = Markup(" open") if unfolded else ""
    return Markup('<details{}{} style="margin: 6px 0">\n<summary>{}</summary>\n{}\n</details>').format(
        id_, state, head, body
    )


def _joined(*parts: Markup) -> Markup:
    return Markup("\n").join(part for part in parts if part)
