"""Read the outputs of an executed notebook by the tags of its cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from embedai_nb.publish.outcome import FindingCounts

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["all_displayed", "displayed", "finding_counts", "tags"]


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell."""
    return list(cell.metadata.get("tags", []))


def displayed(nb: NotebookNode, tag: str, mime_type: str) -> tuple[str, dict[str, Any]] | None:
    """The data of this MIME type that the cell of this tag displays, and this package's metadata of the output."""
    return next(iter(all_displayed(nb, tag, mime_type)), None)


def all_displayed(nb: NotebookNode, tag: str, mime_type: str) -> list[tuple[str, dict[str, Any]]]:
    """The same for all cells of this tag, in their order."""
    outputs = (output for cell in nb.cells if tag in tags(cell) for output in cell.get("outputs", []))
    return [(output.data[mime_type], _metadata(output)) for output in outputs if mime_type in output.get("data", {})]


def finding_counts(nb: NotebookNode) -> FindingCounts | None:
    """How many findings the notebook reports; nothing when no output says so."""
    for found in _all_metadata(nb):
        if "errors" in found:
            return FindingCounts(found["errors"], found.get("warnings", 0), found.get("notes", 0))
    return None


def _all_metadata(nb: NotebookNode) -> Iterator[dict[str, Any]]:
    return (_metadata(output) for cell in nb.cells for output in cell.get("outputs", []))


def _metadata(output: NotebookNode) -> dict[str, Any]:
    return dict(output.get("metadata", {}).get("embedai", {}))
