"""nbconvert exporter of the notebook about trends: all that its cells display, as one page."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode

from embedai_nb.html.page import document
from embedai_nb.i18n import _
from embedai_nb.publish.exporters import NothingToExportError, PageExporter
from embedai_nb.publish.trends_page import trends_page

__all__ = ["TrendsExporter"]


class TrendsExporter(PageExporter):
    """The page alone; `embedai site` shows it within the site."""

    export_from_notebook = "embedai trends"
    tag = "trends"

    def from_notebook_node(  # type: ignore[override]  # as in the class that it extends
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert the notebook to a document."""
        _text, resources = super().from_notebook_node(nb, resources, **options)
        page = trends_page(nb)
        if page is None:
            raise NothingToExportError(
                _("no cell tagged `trends` has a title"), remedy=_("execute it by: embedai trends")
            )
        text = document(
            f"<main>\n{page.html}\n</main>\n", title=page.title, language=page.language, description=page.description
        )
        return text, resources

    def text(self, content: str, metadata: dict[str, Any]) -> str:
        """Return what one cell displays."""
        del metadata
        return content
