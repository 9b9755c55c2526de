"""Compare an issue with those before it in size, as a table with bars of characters.

A table can be read aloud, copied and styled by every viewer; a picture could do none of that in GitHub's.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

import pandas as pd
from markupsafe import Markup, escape

from embedai_nb.edition import Edition
from embedai_nb.review.messages import WORDS

__all__ = ["BLOCKS", "frame", "html"]

BLOCKS = "█▓▒░▚▞"
"""One an item; each section has its own, so that the bars need no colour."""


def frame(edition: Edition) -> pd.DataFrame:
    """Items by section, their sum and their characters: a row an issue, the newest and this one last."""
    past = edition.past
    counts: dict[datetime.date, Mapping[str, int]] = {**past.sizes, edition.draft.date: edition.size}
    sections = [style.name for style in edition.newsletter.sections]
    sections += [name for name in edition.size if name not in sections]
    table = pd.DataFrame(
        [[sizes.get(name, 0) for name in sections] for sizes in counts.values()],
        index=pd.Index([str(date) for date in counts], name=WORDS["history-date"]),
        columns=sections,
    )
    lengths = {**past.lengths, edition.draft.date: edition.length}
    table[WORDS["history-total"]] = [sum(sizes.values()) for sizes in counts.values()]
    table[WORDS["history-characters"]] = [lengths.get(date, 0) for date in counts]
    return table


def html(edition: Edition) -> Markup:
    """The table with the median of the earlier issues and a bar for each issue."""
    table = frame(edition)
    names = list(table.columns[:-2])
    heading = Markup("<h2>{}</h2>").format(WORDS["history"])
    legend = "，".join(f"{BLOCKS[n % len(BLOCKS)]} {name}" for n, name in enumerate(names))
    caption = WORDS["history-caption"].format(count=len(table), blocks=legend)
    alone = Markup("<p>{}</p>\n").format(WORDS["history-alone"]) if len(table) == 1 else Markup()
    rows = [_row(_name(date, edition), values, names, date == str(edition.draft.date)) for date, values in _rows(table)]
    if len(table) > 1:
        median = [int(value) if value == int(value) else value for value in table.iloc[:-1].median()]
        rows.insert(len(rows) - 1, _row(WORDS["history-median"], median, (), strong=False))
    head = Markup("").join(
        _cell("th", name, ' scope="col"') for name in [WORDS["history-date"], *table.columns, WORDS["history-picture"]]
    )
    body = Markup("\n").join(rows)
    return Markup("{}\n{}<p>{}</p>\n<table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody>\n</table>").format(
        heading, alone, caption, head, body
    )


def _rows(table: pd.DataFrame) -> Sequence[tuple[str, list[int]]]:
    return [(str(date), [int(value) for value in row]) for date, row in zip(table.index, table.to_numpy(), strict=True)]


def _name(date: str, edition: Edition) -> str:
    return WORDS["history-this"].format(date=date) if date == str(edition.draft.date) else date


def _row(name: str, values: Sequence[float], names: Sequence[str], strong: bool) -> Markup:
    bar = "".join(BLOCKS[n % len(BLOCKS)] * int(values[n]) for n in range(len(names)))
    label = Markup("<strong>{}</strong>").format(name) if strong else escape(name)
    cells = Markup("").join(_cell("td", f"{value:,}") for value in values)
    picture = Markup('<td style="text-align: left" aria-hidden="true">{}</td>').format(bar)
    return Markup("<tr>{}{}{}</tr>").format(_cell("th", label, ' scope="row"'), cells, picture)


def _cell(tag: str, value: str | Markup, more: str = "") -> Markup:
    side = "left" if tag == "th" else "right"
    return Markup('<{}{} style="text-align: {}">{}</{}>').format(tag, Markup(more), side, value, tag)
