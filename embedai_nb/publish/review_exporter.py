"""nbconvert exporter for the review: the executed notebook as a page; apart from the others, since all of nbconvert is imported here."""

from __future__ import annotations

from nbconvert.exporters import HTMLExporter

__all__ = ["ReviewExporter"]


class ReviewExporter(HTMLExporter):
    """Export the whole notebook as one page without its code; nbconvert by itself ignores that its sources are hidden."""

    export_from_notebook = "embedai review"
    exclude_input = True
    exclude_input_prompt = True
    exclude_output_prompt = True
