"""Display the trends of the archive: one function for each cell of notebooks/trends.ipynb."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pandas as pd
from markupsafe import Markup

from embedai_nb.catalogue.table import archive, warmups
from embedai_nb.checks import LinkStatus, link_status
from embedai_nb.drafts import load_newsletter
from embedai_nb.i18n import translator
from embedai_nb.model import Newsletter
from embedai_nb.review.notebook import DisplayData
from embedai_nb.text.dates import parse_date
from embedai_nb.trends import figures, plots
from embedai_nb.trends.messages import WORDS
from embedai_nb.workspace import layout
from embedai_nb.workspace.locate import issues_folder

__all__ = [
    "Trends",
    "companies",
    "dead_links",
    "load",
    "overview",
    "paper_ages",
    "repetitions",
    "sections",
    "sources",
    "words",
]

SOURCES, CHANGES, COMPANIES, REPEATS = 12, 8, 12, 20
"""How many of each are shown at most."""
MOST_SECTIONS = 5
"""Sections with a colour of their own; the others share one."""

Rows = Iterable[Sequence[object]]


@dataclass(frozen=True)
class Trends:
    """The archive in a span of time.

    Args:
        newsletter: its newsletter.
        items: as `embedai_nb.archive` gives them.
        warmups: as `embedai_nb.warmups` gives them.
        links: what is known of links.
    """

    newsletter: Newsletter
    items: pd.DataFrame
    warmups: pd.DataFrame
    links: Mapping[str, LinkStatus] = field(default_factory=dict)

    def say(self, key: str, **values: object) -> str:
        """Say a text in the newsletter's language."""
        return translator(self.newsletter.language)(WORDS[key], **values)


def load(since: str = "", until: str = "") -> Trends:
    """Load the issues of a span of time from the issues folder.

    Args:
        since: the first day, YYYY-MM-DD; empty: from the oldest issue on.
        until: the last day; empty: up to the newest issue.

    Raises:
        UsageError: one of them is no day.
    """
    folder = issues_folder()
    newsletter = load_newsletter(folder / layout.NEWSLETTER)
    first = parse_date(since) if since else datetime.date.min
    last = parse_date(until) if until else datetime.date.max
    items, short = (_between(table, first, last) for table in (archive(folder), warmups(folder)))
    return Trends(newsletter, items, short, link_status.load(folder))


def _between(table: pd.DataFrame, first: datetime.date, last: datetime.date) -> pd.DataFrame:
    days = table["date"].dt.date
    return pd.DataFrame(table[(days >= first) & (days <= last)]).reset_index(drop=True)


# --- the cells ------------------------------------------------------------------------------------------------


def overview(trends: Trends) -> DisplayData:
    """The title, and how much there is."""
    items, say = trends.items, trends.say
    text = say("nothing")
    if len(items):
        days = items["date"].dt.strftime("%Y-%m-%d")
        text = say(
            "overview",
            first=days.min(),
            last=days.max(),
            issues=say("all-issues", count=days.nunique()),
            items=say("all-items", count=len(items)),
            sources=say("all-sources", count=items["source"].nunique()),
            characters=say("all-characters", count=int(items["characters"].sum())),
        )
    title = f"{trends.newsletter.name} · {say('title')}"
    html = Markup("<header>\n<h1>{}</h1>\n<p>{}</p>\n</header>").format(say("title"), text)
    return DisplayData(
        {"text/html": html}, {"title": title, "description": text, "language": trends.newsletter.language}
    )


def sections(trends: Trends) -> DisplayData:
    """Items an issue, by section."""
    say, table = trends.say, figures.by_section(trends.items)
    if table.empty:
        return _part(trends, "sections")
    totals = table.sum(axis=1)
    text = say("sections-said", mean=totals.mean(), most=totals.idxmax(), count=totals.max())
    shown = table.iloc[:, :MOST_SECTIONS]
    if table.shape[1] > MOST_SECTIONS:
        shown = shown.assign(**{say("other"): table.iloc[:, MOST_SECTIONS:].sum(axis=1)})
    series = {str(name): [int(count) for count in shown[name]] for name in shown}
    plot = plots.stacked_columns(
        [day[:7] for day in table.index], series, say("plot", title=say("sections"), text=text)
    )
    head = [say("issue"), *map(str, table.columns), say("total")]
    rows = ([day, *counts, sum(counts)] for day, counts in zip(table.index, table.to_numpy().tolist(), strict=True))
    return _part(trends, "sections", text, plot, head, rows)


def sources(trends: Trends) -> DisplayData:
    """Where items come from, by year."""
    say, table = trends.say, figures.source_years(trends.items, SOURCES)
    if table.empty:
        return _part(trends, "sources")
    totals = table.sum(axis=1)
    first = totals.index[0]
    text = say(
        "sources-said",
        count=len(table),
        share=totals.sum() / len(trends.items),
        first=first,
        items=say("items", count=int(totals.iloc[0])),
    )
    names, years, values = list(map(str, table.index)), [str(year) for year in table.columns], table.to_numpy().tolist()
    plot = plots.grid(names, years, values, say("plot", title=say("sources"), text=text))
    rows = ([name, *counts, sum(counts)] for name, counts in zip(names, values, strict=True))
    return _part(trends, "sources", text, plot, [say("source"), *years, say("total")], rows)


def words(trends: Trends) -> DisplayData:
    """Words that rise and fall between the two halves of the time."""
    say = trends.say
    days = trends.items["date"].drop_duplicates().sort_values()
    if len(days) < 2:
        return _part(trends, "words")
    middle = days.iloc[len(days) // 2]
    titles = trends.items["title"].str.replace(
        rf"^[\w.-]+/[\w.-]+{re.escape(trends.newsletter.marks.colon)}", "", regex=True
    )  # names of repositories are no words
    found = figures.word_changes(titles.tolist(), (trends.items["date"] >= middle).tolist(), CHANGES)
    if not found:
        return _part(trends, "words", say("words-none"))
    risen = say("between").join(each.word for each in found if each.change > 0)
    fallen = say("between").join(each.word for each in reversed(found) if each.change < 0)
    text = say("words-said", middle=f"{middle:%Y-%m}", up=risen or "—", down=fallen or "—")
    plot = plots.diverging_bars({each.word: each.change for each in found}, say("plot", title=say("words"), text=text))
    head = [say("word"), say("before"), say("after"), say("change")]
    rows = ([e.word, f"{e.before:.1f}", f"{e.after:.1f}", f"{e.change:+.1f}"] for e in found)
    return _part(trends, "words", text, plot, head, rows)


def paper_ages(trends: Trends) -> DisplayData:
    """How old papers were when they were reported."""
    say, months = trends.say, figures.paper_months(trends.items)
    if months.empty:
        return _part(trends, "ages")
    bounds = [*figures.AGES, 10**6]
    names = [_age(say, low, high) for low, high in pairwise(bounds)]
    groups = pd.cut(months, bounds, right=False, labels=names).value_counts(sort=False)
    counts = {str(name): int(count) for name, count in groups.items()}
    text = say("ages-said", count=len(months), months=say("months", count=round(months.median())))
    plot = plots.horizontal_bars(counts, say("plot", title=say("ages"), text=text))
    return _part(trends, "ages", text, plot, [say("age"), say("papers")], counts.items())


def _age(say: Callable[..., str], low: int, high: int) -> str:
    if high - low == 1:
        return say("age-month" if low else "age-same")
    return say("age-months" if high < 10**6 else "age-more", first=low, last=high - 1)


def companies(trends: Trends) -> DisplayData:
    """Companies in the warm-ups."""
    say, counts = trends.say, figures.named_companies(trends.warmups)
    if counts.empty:
        return _part(trends, "companies")
    text = say(
        "companies-said", count=int(counts.sum()), first=counts.index[0], times=say("often", count=int(counts.iloc[0]))
    )
    shown = {str(name): int(count) for name, count in counts.iloc[:COMPANIES].items()}
    plot = plots.horizontal_bars(shown, say("plot", title=say("companies"), text=text))
    return _part(trends, "companies", text, plot, [say("company"), say("times")], shown.items())


def dead_links(trends: Trends) -> DisplayData:
    """Dead links by year, of those that were checked."""
    say, table = trends.say, figures.link_states(trends.items, trends.links)
    if table.empty:
        return _part(trends, "links", say("links-none"))
    text = say("links-said", count=int(table["checked"].sum()), dead=table["dead"].sum())
    rows = [(str(year), int(row.checked), int(row.dead), row.dead / row.checked) for year, row in table.iterrows()]
    plot = plots.horizontal_bars(
        {year: 100 * share for year, *_, share in rows}, say("plot", title=say("links"), text=text), of="{:.0f}%"
    )
    cells = ((year, checked, dead, f"{share:.0%}") for year, checked, dead, share in rows)
    return _part(trends, "links", text, plot, [say("year"), say("checked"), say("dead"), say("share")], cells)


def repetitions(trends: Trends) -> DisplayData:
    """Items about what an earlier issue had."""
    say, found = trends.say, figures.repeated(trends.items)
    if found.empty:
        return _part(trends, "repeats", say("repeats-none"))
    text = say("repeats-said", count=len(found), share=len(found) / len(trends.items))
    years = found["date"].dt.year.value_counts().sort_index()
    plot = plots.horizontal_bars(
        {str(year): int(count) for year, count in years.items()}, say("plot", title=say("repeats"), text=text)
    )
    newest = found.iloc[::-1].iloc[:REPEATS]
    rows = zip(newest["title"], *(newest[name].dt.strftime("%Y-%m-%d") for name in ("first", "date")), strict=True)
    return _part(trends, "repeats", text, plot, [say("item"), say("first-time"), say("again")], rows)


# --- a part of the page ---------------------------------------------------------------------------------------


def _part(
    trends: Trends, name: str, text: str = "", plot: Markup | None = None, head: Sequence[str] = (), rows: Rows = ()
) -> DisplayData:
    """A section: heading, a sentence, the plot, and its data as a table for who does not see it."""
    say = trends.say
    html = Markup('<section id="{}">\n<h2>{}</h2>\n<p>{}</p>\n').format(name, say(name), text or say("too-few"))
    if plot:
        html += Markup('<figure style="margin: 1em 0">\n{}\n</figure>\n{}\n').format(
            plot, _table(say("data"), head, rows)
        )
    return DisplayData({"text/html": html + Markup("</section>")})


def _table(summary: str, head: Sequence[str], rows: Rows) -> Markup:
    body = Markup("\n").join(_row("td", row) for row in rows)
    return Markup(
        "<details>\n<summary>{}</summary>\n<table>\n<thead>{}</thead>\n<tbody>\n{}\n</tbody>\n</table>\n</details>"
    ).format(summary, _row("th", head), body)


def _row(tag: str, values: Sequence[object]) -> Markup:
    first, *others = values
    scope = "col" if tag == "th" else "row"
    cells = Markup("").join(
        Markup("<{0}{1}>{2}</{0}>").format(tag, Markup(' scope="col"') if tag == "th" else "", v) for v in others
    )
    return Markup('<tr><th scope="{}">{}</th>{}</tr>').format(scope, first, cells)
