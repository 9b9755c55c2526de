"""nbconvert exporters: from the executed notebook to the documents that are published.

They also work from ``jupyter nbconvert --to embedai-page FILE``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from nbformat import NotebookNode
from traitlets import List

from embedai_nb.errors import PublishError
from embedai_nb.html.page import document, extracted, extracted_text
from embedai_nb.i18n import _
from embedai_nb.publish.cell_outputs import displayed
from embedai_nb.publish.fast_imports import init_skipped
from embedai_nb.wechat import article
from embedai_nb.wechat.budget import Budget

# All of nbconvert's exporters and filters take ten times as long to import as the class that these extend.
with init_skipped("nbconvert", "nbconvert.exporters", "nbconvert.utils"):
    from nbconvert.exporters.exporter import Exporter
    from nbconvert.utils.exceptions import ConversionException

__all__ = ["MarkdownExporter", "NothingToExportError", "PageExporter", "WechatExporter"]


class NothingToExportError(PublishError, ConversionException):
    """The notebook has no such output: its run failed, it was never executed, or it isn't an issue."""


class _CellExporter(Exporter):
    """Exports the output of the cell with one tag, rather than the whole notebook."""

    tag: ClassVar[str]
    mime_type: ClassVar[str]
    default_preprocessors: List[Any] = List([])
    """None of nbconvert's, which validates the whole notebook after each, even after those that do nothing."""

    def from_notebook_node(  # type: ignore[override]  # the base returns a notebook; all that export text differ
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert the notebook to text, and name the extension of the file."""
        nb, resources = super().from_notebook_node(nb, resources, **options)
        found = displayed(nb, self.tag, self.mime_type)
        if found is None:
            raise NothingToExportError(
                _("no cell tagged `{tag}` displays {kind}", tag=self.tag, kind=self.mime_type),
                path=_name(resources),
                remedy=_("export a notebook that `embedai issue` has executed"),
            )
        return self.text(*found), resources

    def text(self, content: str, metadata: dict[str, Any]) -> str:
        """Convert the cell's output, with its metadata, to the document."""
        raise NotImplementedError


class MarkdownExporter(_CellExporter):
    """The archive Markdown, character for character."""

    export_from_notebook = "embedai Markdown"
    output_mimetype = "text/markdown"
    tag = "archive"
    mime_type = "text/html"

    def _file_extension_default(self) -> str:
        return ".md"

    def text(self, content: str, metadata: dict[str, Any]) -> str:
        """Return the text that is folded in the output."""
        del metadata
        return extracted_text(content)


class PageExporter(_CellExporter):
    """The page: the output of the cell within the template that `embedai show` uses."""

    export_from_notebook = "embedai page"
    output_mimetype = "text/html"
    tag = "page"
    mime_type = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def text(self, content: str, metadata: dict[str, Any]) -> str:
        """Render the document around the fragment."""
        return document(
            extracted(content),
            title=metadata["title"],
            language=metadata["language"],
            description=metadata["description"],
            images=metadata.get("images") == "show",
        )


class WechatExporter(_CellExporter):
    """The page to copy the article for WeChat from."""

    export_from_notebook = "embedai WeChat"
    output_mimetype = "text/html"
    tag = "wechat"
    mime_type = "text/html"

    def _file_extension_default(self) -> str:
        return ".wechat.html"

    def text(self, content: str, metadata: dict[str, Any]) -> str:
        """Render the article with its limits and a button to copy it."""
        return article.page(
            extracted(content), Budget.model_validate(metadata["budget"]), language=metadata["language"]
        )


def _name(resources: dict[str, Any]) -> str | None:
    return f"{name}.ipynb" if (name := resources.get("metadata", {}).get("name")) else None
