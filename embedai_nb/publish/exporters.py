"""An executed notebook as what is published: nbconvert exporters.

They also work from ``jupyter nbconvert --to embedai-page FILE``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from nbconvert.exporters import Exporter, HTMLExporter
from nbconvert.utils.exceptions import ConversionException
from nbformat import NotebookNode
from traitlets import List

from embedai_nb.errors import PublishError
from embedai_nb.html.page import document, extracted, extracted_text
from embedai_nb.publish.cells import shown
from embedai_nb.wechat import article
from embedai_nb.wechat.budget import Budget

__all__ = ["MarkdownExporter", "NothingToExportError", "PageExporter", "ReviewExporter", "WechatExporter"]


class NothingToExportError(PublishError, ConversionException):
    """The notebook shows no such output: it failed, was never executed, or isn't an issue."""


class _CellExporter(Exporter):
    """Exports what the cell of one tag displays, rather than the notebook around it."""

    tag: ClassVar[str]
    kind: ClassVar[str]
    default_preprocessors: List[Any] = List([])
    """None of nbconvert's: it checks the whole notebook after each, those too that do nothing."""

    def from_notebook_node(  # type: ignore[override]  # the base returns a notebook; all that export text differ
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[str, dict[str, Any]]:
        """Turn the notebook into text, and say what the file is called."""
        nb, resources = super().from_notebook_node(nb, resources, **options)
        found = shown(nb, self.tag, self.kind)
        if found is None:
            raise NothingToExportError(
                f"no cell tagged `{self.tag}` displays {self.kind}",
                path=_name(resources),
                remedy="export a notebook that `embedai issue` has executed",
            )
        return self.text(*found), resources

    def text(self, content: str, about: dict[str, Any]) -> str:
        """The document that is made of the cell's output."""
        raise NotImplementedError


class MarkdownExporter(_CellExporter):
    """The archive Markdown, character for character."""

    export_from_notebook = "embedai Markdown"
    output_mimetype = "text/markdown"
    tag = "archive"
    kind = "text/html"

    def _file_extension_default(self) -> str:
        return ".md"

    def text(self, content: str, about: dict[str, Any]) -> str:
        """The text that is folded in the output."""
        del about
        return extracted_text(content)


class PageExporter(_CellExporter):
    """The page: what the cell displays, within the template that `embedai show` uses."""

    export_from_notebook = "embedai page"
    output_mimetype = "text/html"
    tag = "page"
    kind = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def text(self, content: str, about: dict[str, Any]) -> str:
        """The whole document around the fragment."""
        return document(
            extracted(content), title=about["title"], language=about["language"], description=about["description"]
        )


class WechatExporter(_CellExporter):
    """The page to copy the article for WeChat from."""

    export_from_notebook = "embedai WeChat"
    output_mimetype = "text/html"
    tag = "wechat"
    kind = "text/html"

    def _file_extension_default(self) -> str:
        return ".wechat.html"

    def text(self, content: str, about: dict[str, Any]) -> str:
        """The article with what it costs, and a button to copy it."""
        return article.page(extracted(content), Budget.model_validate(about["budget"]), language=about["language"])


class ReviewExporter(HTMLExporter):
    """The whole notebook as one page, without its code: nbconvert alone doesn't honour cells' hidden sources."""

    export_from_notebook = "embedai review"
    exclude_input = True
    exclude_input_prompt = True
    exclude_output_prompt = True


def _name(resources: dict[str, Any]) -> str | None:
    about = resources.get("metadata", {})
    return f"{about['name']}.ipynb" if about.get("name") else None
