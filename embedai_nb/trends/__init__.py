"""Trends of the whole archive: one function for each cell of notebooks/trends.ipynb."""

from embedai_nb.trends.cells import (
    companies,
    dead_links,
    load,
    overview,
    paper_ages,
    repetitions,
    sections,
    sources,
    words,
)

__all__ = [
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
