"""Words of the page about trends."""

from __future__ import annotations

from collections.abc import Mapping

from embedai_nb.i18n import N_, NN_, NP_, Plural

__all__ = ["WORDS"]

WORDS: Mapping[str, str | Plural] = {
    "title": N_("What this newsletter wrote about"),
    "overview": N_("{first} to {last}: {issues}, {items}, {sources}, {characters}."),
    "all-issues": NN_("{count:,} issue", "{count:,} issues"),
    "all-items": NN_("{count:,} item", "{count:,} items"),
    "all-sources": NN_("{count:,} source", "{count:,} sources"),
    "all-characters": NN_("{count:,} character", "{count:,} characters"),
    "nothing": N_("There is no issue in this time."),
    "data": NP_("below a plot", "Data"),
    "plot": NP_("label of a plot", "{title}. {text}"),
    "issue": NP_("column", "Issue"),
    "total": NP_("column", "Total"),
    "year": NP_("column", "Year"),
    "share": NP_("column", "Share"),
    "items": NN_("{count} item", "{count} items"),
    "sections": N_("How many items an issue, and in which section"),
    "sections-said": N_("{mean:.1f} items an issue on average; most in that of {most}, {count}."),
    "sources": N_("Where items come from"),
    "source": NP_("column", "Source"),
    "sources-said": NN_(
        "One source has {share:.0%}: {first}, {items}.",
        "The first {count} sources have {share:.0%}; the most frequent is {first}, {items}.",
    ),
    "words": N_("Words that rise and fall"),
    "word": NP_("column", "Word"),
    "words-said": N_("Mentions in a hundred items, since {middle} less before. Most changed: more {up}, fewer {down}."),
    "words-none": N_("No word has changed enough to tell."),
    "before": N_("Before (per 100)"),
    "after": N_("After (per 100)"),
    "change": NP_("column", "Change"),
    "ages": N_("How old papers were when they were reported"),
    "age": NP_("column", "Age"),
    "ages-said": NN_(
        "{count} paper with an arXiv id, reported within {months}.",
        "{count} papers with an arXiv id; half were reported within {months}.",
    ),
    "months": NN_("{count} month", "{count} months"),
    "age-same": NP_("age of papers", "same month"),
    "age-months": NP_("age of papers", "{first}–{last} months"),
    "age-month": NP_("age of papers", "1 month"),
    "age-more": NP_("age of papers", "{first} months or more"),
    "papers": NP_("column", "Papers"),
    "companies": N_("Companies in the warm-ups"),
    "company": NP_("column", "Company"),
    "companies-said": NN_(
        "{count} warm-up names a company: {first}.",
        "{count} warm-ups name a company; the most frequent is {first}, {times}.",
    ),
    "often": NN_("{count} time", "{count} times"),
    "times": NP_("column", "Times"),
    "links": N_("Are the links still there?"),
    "links-said": NN_("{count} link was checked; dead: {dead}.", "{count} links were checked; dead: {dead}."),
    "links-none": N_("No link has been checked yet: after embedai check --links they are listed by year."),
    "checked": NP_("column", "Checked"),
    "dead": NP_("column", "Dead"),
    "repeats": N_("What was reported twice"),
    "repeats-said": NN_(
        "{count} item is about a page, paper or repository of an earlier issue: {share:.1%}.",
        "{count} items are about a page, paper or repository of an earlier issue: {share:.1%}.",
    ),
    "repeats-none": N_("Nothing was reported twice."),
    "repeated": NP_("column", "Repeated"),
    "item": NP_("column", "Item"),
    "first-time": NP_("column", "First"),
    "again": NP_("column", "Again"),
    "too-few": N_("Too few data for a plot."),
    "between": NP_("between words", ", "),
    "other": NP_("other sections", "Other"),
}
