"""What an executed notebook says, found by the tags of its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from embedai_nb.publish.outcome import Findings

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["findings", "shown", "tags"]


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell."""
    return list(cell.metadata.get("tags", []))


def shown(nb: NotebookNode, tag: str, kind: str) -> tuple[str, dict[str, Any]] | None:
    """What the cell of this tag displays as the MIME type ``kind``, and what it says about it."""
    for output in (output for cell in nb.cells if tag in tags(cell) for output in cell.get("outputs", [])):
        if kind in output.get("data", {}):
            return output.data[kind], dict(output.get("metadata", {}).get("embedai", {}))
    return None


def findings(nb: NotebookNode) -> Findings | None:
    """How many findings the notebook reports; nothing when it has no output that says so."""
    for output in (output for cell in nb.cells for output in cell.get("outputs", [])):
        said = output.get("metadata", {}).get("embedai", {})
        if "errors" in said:
            return Findings(said["errors"], said.get("warnings", 0), said.get("notes", 0))
    return None
