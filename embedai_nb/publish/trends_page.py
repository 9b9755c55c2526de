"""The page about trends as its executed notebook displays it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from embedai_nb.publish.cell_outputs import all_displayed
from embedai_nb.workspace import layout

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["TrendsPage", "load_trends_page", "trends_page"]


class TrendsPage(NamedTuple):
    """What stands on the page: HTML of its main part, and what its head says of it."""

    html: str
    title: str
    description: str
    language: str


def trends_page(nb: NotebookNode) -> TrendsPage | None:
    """The page that an executed notebook displays; nothing where it displays none."""
    found = all_displayed(nb, "trends", "text/html")
    about = next((metadata for _, metadata in found if "title" in metadata), None)
    if about is None:
        return None
    html = "\n".join(content for content, _ in found)
    return TrendsPage(html, about["title"], about["description"], about["language"])


def load_trends_page(folder: Path) -> TrendsPage | None:
    """The page that `embedai trends` made last; nothing where there is none that can be read."""
    path = folder / layout.TRENDS
    if not path.is_file():
        return None
    import nbformat  # takes longer to import than a site takes without it

    try:
        return trends_page(nbformat.read(path, as_version=4))
    except (OSError, ValueError, KeyError, AttributeError):
        return None
