"""Print the review of an issue, for a terminal, a pull request or a program."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from embedai_nb.cli.chosen_drafts import ListCommand, chosen_drafts, draft_choice, nothing_chosen
from embedai_nb.cli.group import Folder, commands, short
from embedai_nb.cli.translated_help import option
from embedai_nb.errors import DraftError, MarkupError, UsageError
from embedai_nb.i18n import _

if TYPE_CHECKING:
    from embedai_nb.edition import Edition

STYLES: dict[str, dict[str, Any]] = {
    "deleted": {"fg": "red", "strikethrough": True},
    "inserted": {"fg": "green", "underline": True},
    "blocked": {"fg": "red", "bold": True},
    "ready": {"fg": "green", "bold": True},
    "unchanged": {"fg": "blue", "bold": True},
}


COMMENT = "comment.md"
LONGEST = 65_000
"""Characters of a comment about all issues together: what GitHub takes, less what is added to it when it is posted."""


@commands.command(cls=ListCommand)
@draft_choice
@option(
    "--format",
    "form",
    type=click.Choice(["text", "html", "markdown", "json"]),
    default="text",
    show_default=True,
    help="markdown: for a pull request's comment, at most 65,536 characters.",
)
@option("--width", type=click.IntRange(20, 1000), help="Columns of the text; else the terminal's.")
@option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write comment.md and the page of each issue into this folder instead of printing.",
)
@click.pass_obj
def review(
    folder: Folder, /, wanted: Sequence[str], changed: str | None, form: str, width: int | None, out: Path | None
) -> int:
    """Print the review of an issue: verdict, then item by item.

    With --changed, says what changed since BASE, else since the last publication.  Exits with 1 if an error stands in the
    way of publication.
    """
    dates = chosen_drafts(folder.path, wanted, changed)
    if dates is None:
        raise UsageError(_("missing argument: DATE or FILE, or the option --changed"))
    if out:
        return _write(folder, dates, changed, out)
    if form in ("html", "json") and len(dates) != 1:
        raise UsageError(_("takes one issue, not {count}", count=len(dates)), field=f"--format {form}")
    said, statuses = [], [0]
    for date in dates:
        edition = _compared(folder, date, changed)
        text, blocked = _rendered(edition, form, width, _share(len(dates)))
        said.append(text)
        statuses.append(int(blocked))
    if not dates:
        click.echo(_("nothing to review: {reason}", reason=nothing_chosen(changed)), err=True)
    click.echo("\n".join(said), nl=False)
    return max(statuses)


def _share(count: int) -> int:
    """How many characters of a comment each of so many issues has."""
    return LONGEST // max(count, 1) - 1


def _compared(folder: Folder, date: str, changed: str | None) -> Edition:
    """The issue as its notebook shows it; with what changed since a commit, if the draft was there then."""
    from embedai_nb.drafts.store import parse_draft
    from embedai_nb.workspace.changed_drafts import draft_at

    edition = folder.edition(date).as_published()
    before = draft_at(edition.folder, changed, edition.draft.date) if changed is not None else None
    if before is None:
        return edition
    with suppress(DraftError):
        draft = parse_draft(before, edition.draft.path, edition.draft.date)
        return replace(edition, since=replace(edition, draft=draft).markdown)
    return edition


def _rendered(edition: Edition, form: str, width: int | None, longest: int) -> tuple[str, bool]:
    """The review in a format, and whether an error keeps the issue from being published."""
    from markupsafe import Markup

    from embedai_nb.review import as_html, as_json, as_markdown, as_text, assemble, history

    found = assemble(edition, published=edition.published)
    if form == "json":
        said = as_json.render(found)
    elif form == "markdown":
        said = as_markdown.render(found, longest)
    elif form == "html":
        said = as_html.document(found, Markup(history(edition).data["text/html"]))
    else:
        columns = width or shutil.get_terminal_size().columns
        said = as_text.render(found, columns, _styled if sys.stdout.isatty() else lambda text, _: text)
    return said, found.verdict == "blocked"


def _write(folder: Folder, dates: Sequence[str], changed: str | None, out: Path) -> int:
    """Write the comment about these issues and their pages; a draft that cannot be read is named in the comment."""
    from embedai_nb.drafts import newsletter_language
    from embedai_nb.html.page import render
    from embedai_nb.review import as_markdown

    said, status = [], 0
    out.mkdir(parents=True, exist_ok=True)
    for date in dates:
        try:
            edition = _compared(folder, date, changed)
            text, blocked = _rendered(edition, "markdown", None, _share(len(dates)))
            (out / f"{date}.html").write_text(render(edition.issue, edition.newsletter), encoding="utf-8")
        except (DraftError, MarkupError) as error:
            text, blocked = as_markdown.unreadable(date, error, newsletter_language(folder.path)), True
        said.append(text)
        status = max(status, int(blocked))
    (out / COMMENT).write_text("\n".join(said), encoding="utf-8")
    click.echo(_("wrote {path}, issues: {count}", path=short(out / COMMENT), count=len(dates)))
    return status


def _styled(text: str, kind: str) -> str:
    from embedai_nb.checks.severity import SEVERITIES

    found = {severity: {"fg": style.colour} for severity, style in SEVERITIES.items()}
    return click.style(text, **(STYLES | found)[kind])
