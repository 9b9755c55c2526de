"""Compare an issue with those before it in size, as a table with bars of characters.

A table can be read aloud, copied and styled by every viewer; a picture could do none of that in GitHub's.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from statistics import median

from markupsafe import Markup, escape

from embedai_nb.edition import Edition
from embedai_nb.i18n import Translator, translator
from embedai_nb.i18n.punctuation import clauses
from embedai_nb.review.messages import WORDS

__all__ = ["BLOCKS", "html"]

BLOCKS = "█▓▒░▚▞"
"""One an item; each section has its own, so that the bars need no colour."""


def _table(edition: Edition, say: Translator) -> tuple[list[str], dict[str, list[int]]]:
    """Names of the columns, and a row an issue by its date: items by section, their sum, their characters; this issue last."""
    past = edition.past
    counts: dict[datetime.date, Mapping[str, int]] = {**past.sizes, edition.draft.date: edition.size}
    lengths = {**past.lengths, edition.draft.date: edition.length}
    sections = [style.name for style in edition.newsletter.sections]
    sections += [name for name in edition.size if name not in sections]
    rows = {
        str(date): [*(sizes.get(name, 0) for name in sections), sum(sizes.values()), lengths.get(date, 0)]
        for date, sizes in counts.items()
    }
    return [*sections, say(WORDS["history-total"]), say(WORDS["history-characters"])], rows


def html(edition: Edition) -> Markup:
    """The table with the median of the earlier issues and a bar for each issue."""
    say = translator(edition.newsletter.language)
    columns, sizes = _table(edition, say)
    names, this = columns[:-2], str(edition.draft.date)
    heading = Markup("<h2>{}</h2>").format(say(WORDS["history"]))
    legend = clauses((f"{BLOCKS[n % len(BLOCKS)]} {name}" for n, name in enumerate(names)), say)
    caption = say(WORDS["history-caption"], count=len(sizes), blocks=legend)
    alone = Markup("<p>{}</p>\n").format(say(WORDS["history-alone"])) if len(sizes) == 1 else Markup()
    rows = [_row(_name(date, edition, say), values, names, date == this) for date, values in sizes.items()]
    if len(sizes) > 1:
        earlier = zip(*(values for date, values in sizes.items() if date != this), strict=True)
        medians = [_whole(median(column)) for column in earlier]
        rows.insert(len(rows) - 1, _row(say(WORDS["history-median"]), medians, (), strong=False))
    head = Markup("").join(
        _cell("th", name, ' scope="col"')
        for name in [say(WORDS["history-date"]), *columns, say(WORDS["history-picture"])]
    )
    body = Markup("\n").join(rows)
    return Markup("{}\n{}<p>{}</p>\n<table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody>\n</table>").format(
        heading, alone, caption, head, body
    )


def _whole(number: float) -> float:
    """Leave out decimals that say nothing."""
    return int(number) if number == int(number) else number


def _name(date: str, edition: Edition, say: Translator) -> str:
    return say(WORDS["history-this"], date=date) if date == str(edition.draft.date) else date


def _row(name: str, values: Sequence[float], names: Sequence[str], strong: bool) -> Markup:
    bar = "".join(BLOCKS[n % len(BLOCKS)] * int(values[n]) for n in range(len(names)))
    label = Markup("<strong>{}</strong>").format(name) if strong else escape(name)
    cells = Markup("").join(_cell("td", f"{value:,}") for value in values)
    picture = Markup('<td style="text-align: left" aria-hidden="true">{}</td>').format(bar)
    return Markup("<tr>{}{}{}</tr>").format(_cell("th", label, ' scope="row"'), cells, picture)


def _cell(tag: str, value: str | Markup, more: str = "") -> Markup:
    side = "left" if tag == "th" else "right"
    return Markup('<{}{} style="text-align: {}">{}</{}>').format(tag, Markup(more), side, value, tag)
