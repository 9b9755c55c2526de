"""Display the trends of the archive: one function for each cell of notebooks/trends.ipynb."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pandas as pd
from markupsafe import Markup

from embedai_nb.catalogue.table import archive, warmups
from embedai_nb.checks import LinkStatus, link_status
from embedai_nb.drafts import load_newsletter
from embedai_nb.model import Newsletter
from embedai_nb.review.notebook import DisplayData
from embedai_nb.text.dates import parse_date
from embedai_nb.trends import figures, messages, plots
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

SOURCES, WORDS, COMPANIES, REPEATS = 12, 8, 12, 20
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

    @property
    def said(self) -> Mapping[str, str]:
        """Texts in the newsletter's language."""
        return messages.words(self.newsletter.language)


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
    items, said = trends.items, trends.said
    text = said["nothing"]
    if len(items):
        days = items["date"].dt.strftime("%Y-%m-%d")
        text = said["overview"].format(
            first=days.min(),
            last=days.max(),
            issues=f"{days.nunique():,}",
            items=f"{len(items):,}",
            sources=f"{items['source'].nunique():,}",
            characters=f"{items['characters'].sum():,}",
        )
    title = f"{trends.newsletter.name} · {said['title']}"
    html = Markup("<header>\n<h1>{}</h1>\n<p>{}</p>\n</header>").format(said["title"], text)
    return DisplayData(
        {"text/html": html}, {"title": title, "description": text, "language": trends.newsletter.language}
    )


def sections(trends: Trends) -> DisplayData:
    """Items an issue, by section."""
    said, table = trends.said, figures.by_section(trends.items)
    if table.empty:
        return _part(trends, "sections")
    totals = table.sum(axis=1)
    text = said["sections-said"].format(mean=totals.mean(), most=totals.idxmax(), count=totals.max())
    shown = table.iloc[:, :MOST_SECTIONS]
    if table.shape[1] > MOST_SECTIONS:
        shown = shown.assign(**{said["other"]: table.iloc[:, MOST_SECTIONS:].sum(axis=1)})
    series = {str(name): [int(count) for count in shown[name]] for name in shown}
    plot = plots.stacked_columns([day[:7] for day in table.index], series, f"{said['sections']}。{text}")
    head = [said["issue"], *map(str, table.columns), said["total"]]
    rows = ([day, *counts, sum(counts)] for day, counts in zip(table.index, table.to_numpy().tolist(), strict=True))
    return _part(trends, "sections", text, plot, head, rows)


def sources(trends: Trends) -> DisplayData:
    """Where items come from, by year."""
    said, table = trends.said, figures.source_years(trends.items, SOURCES)
    if table.empty:
        return _part(trends, "sources")
    totals = table.sum(axis=1)
    first = totals.index[0]
    text = said["sources-said"].format(
        count=len(table), share=totals.sum() / len(trends.items), first=first, items=totals.iloc[0]
    )
    names, years, values = list(map(str, table.index)), [str(year) for year in table.columns], table.to_numpy().tolist()
    plot = plots.grid(names, years, values, f"{said['sources']}。{text}")
    rows = ([name, *counts, sum(counts)] for name, counts in zip(names, values, strict=True))
    return _part(trends, "sources", text, plot, [said["source"], *years, said["total"]], rows)


def words(trends: Trends) -> DisplayData:
    """Words that rise and fall between the two halves of the time."""
    said = trends.said
    days = trends.items["date"].drop_duplicates().sort_values()
    if len(days) < 2:
        return _part(trends, "words")
    middle = days.iloc[len(days) // 2]
    titles = trends.items["title"].str.replace(
        r"^[\w.-]+/[\w.-]+：", "", regex=True
    )  # names of repositories are no words
    found = figures.word_changes(titles.tolist(), (trends.items["date"] >= middle).tolist(), WORDS)
    if not found:
        return _part(trends, "words", said["words-none"])
    risen = said["between"].join(each.word for each in found if each.change > 0)
    fallen = said["between"].join(each.word for each in reversed(found) if each.change < 0)
    text = said["words-said"].format(middle=f"{middle:%Y-%m}", up=risen or "—", down=fallen or "—")
    plot = plots.diverging_bars({each.word: each.change for each in found}, f"{said['words']}。{text}")
    head = [said["word"], said["before"], said["after"], said["change"]]
    rows = ([e.word, f"{e.before:.1f}", f"{e.after:.1f}", f"{e.change:+.1f}"] for e in found)
    return _part(trends, "words", text, plot, head, rows)


def paper_ages(trends: Trends) -> DisplayData:
    """How old papers were when they were reported."""
    said, months = trends.said, figures.paper_months(trends.items)
    if months.empty:
        return _part(trends, "ages")
    bounds = [*figures.AGES, 10**6]
    names = [_age(said, low, high) for low, high in pairwise(bounds)]
    groups = pd.cut(months, bounds, right=False, labels=names).value_counts(sort=False)
    counts = {str(name): int(count) for name, count in groups.items()}
    text = said["ages-said"].format(count=len(months), median=months.median())
    plot = plots.horizontal_bars(counts, f"{said['ages']}。{text}")
    return _part(trends, "ages", text, plot, [said["age"], said["papers"]], counts.items())


def _age(said: Mapping[str, str], low: int, high: int) -> str:
    if high - low == 1:
        return said["age-month" if low else "age-same"]
    return said["age-months" if high < 10**6 else "age-more"].format(first=low, last=high - 1)


def companies(trends: Trends) -> DisplayData:
    """Companies in the warm-ups."""
    said, counts = trends.said, figures.named_companies(trends.warmups)
    if counts.empty:
        return _part(trends, "companies")
    text = said["companies-said"].format(count=counts.sum(), first=counts.index[0], times=counts.iloc[0])
    shown = {str(name): int(count) for name, count in counts.iloc[:COMPANIES].items()}
    plot = plots.horizontal_bars(shown, f"{said['companies']}。{text}")
    return _part(trends, "companies", text, plot, [said["company"], said["times"]], shown.items())


def dead_links(trends: Trends) -> DisplayData:
    """Dead links by year, of those that were checked."""
    said, table = trends.said, figures.link_states(trends.items, trends.links)
    if table.empty:
        return _part(trends, "links", said["links-none"])
    text = said["links-said"].format(checked=table["checked"].sum(), dead=table["dead"].sum())
    rows = [(str(year), int(row.checked), int(row.dead), row.dead / row.checked) for year, row in table.iterrows()]
    plot = plots.horizontal_bars(
        {year: 100 * share for year, *_, share in rows}, f"{said['links']}。{text}", of="{:.0f}%"
    )
    cells = ((year, checked, dead, f"{share:.0%}") for year, checked, dead, share in rows)
    return _part(trends, "links", text, plot, [said["year"], said["checked"], said["dead"], said["share"]], cells)


def repetitions(trends: Trends) -> DisplayData:
    """Items about what an earlier issue had."""
    said, found = trends.said, figures.repeated(trends.items)
    if found.empty:
        return _part(trends, "repeats", said["repeats-none"])
    text = said["repeats-said"].format(count=len(found), share=len(found) / len(trends.items))
    years = found["date"].dt.year.value_counts().sort_index()
    plot = plots.horizontal_bars({str(year): int(count) for year, count in years.items()}, f"{said['repeats']}。{text}")
    newest = found.iloc[::-1].iloc[:REPEATS]
    rows = zip(newest["title"], *(newest[name].dt.strftime("%Y-%m-%d") for name in ("first", "date")), strict=True)
    return _part(trends, "repeats", text, plot, [said["item"], said["first-time"], said["again"]], rows)


# --- a part of the page ---------------------------------------------------------------------------------------


def _part(
    trends: Trends, name: str, text: str = "", plot: Markup | None = None, head: Sequence[str] = (), rows: Rows = ()
) -> DisplayData:
    """A section: heading, a sentence, the plot, and its data as a table for who does not see it."""
    said = trends.said
    html = Markup('<section id="{}">\n<h2>{}</h2>\n<p>{}</p>\n').format(name, said[name], text or said["too-few"])
    if plot:
        html += Markup('<figure style="margin: 1em 0">\n{}\n</figure>\n{}\n').format(
            plot, _table(said["data"], head, rows)
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
