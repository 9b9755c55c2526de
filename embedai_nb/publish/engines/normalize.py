"""Remove from an executed notebook all that differs from one run or machine to the next."""

from __future__ import annotations

import re
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from embedai_nb.publish.cell_outputs import tags

__all__ = ["normalize"]

INJECTED = "injected-parameters"

CELL_FILE = re.compile(r"/(?:[^\s/]+/)*ipykernel_[0-9]+/([0-9]+)\.py")
"""The file name of a cell in warnings and tracebacks: the number of its process, and a digest of the code."""


def normalize(nb: NotebookNode, metadata: dict[str, Any]) -> NotebookNode:
    """Drop timings, paths, versions and random ids, in place.

    Args:
        nb: as papermill's engine leaves it.
        metadata: the metadata of the notebook before the run.
    """
    nb.metadata = NotebookNode(metadata)
    nb.metadata.pop("papermill", None)
    nb.metadata.get("language_info", {}).pop("version", None)
    for cell in nb.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if INJECTED in tags(cell):
            cell["id"] = INJECTED
            cell.metadata.setdefault("jupyter", NotebookNode())["source_hidden"] = True
        if cell.cell_type == "code":
            cell.outputs = [_without_process_id(output) for output in _joined_streams(cell.outputs)]
    return nb


def _without_process_id(output: NotebookNode) -> NotebookNode:
    if output.output_type == "stream":
        output.text = CELL_FILE.sub(r"\1.py", output.text)
    elif output.output_type == "error":
        output.traceback = [CELL_FILE.sub(r"\1.py", line) for line in output.traceback]
    return output


def _joined_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join the pieces of each stream: how many there are is a matter of timing."""
    texts: dict[str, list[str]] = {}
    for output in outputs:
        if output.output_type == "stream":
            texts.setdefault(output.name, []).append(output.text)
    streams = [new_output("stream", name=name, text="".join(said)) for name, said in texts.items()]
    return sorted([*streams, *(output for output in outputs if output.output_type != "stream")], key=_rank)


def _rank(output: NotebookNode) -> int:
    """Sort streams first, stdout before stderr: they and displays arrive over separate channels."""
    return ["stdout", "stderr"].index(output.name) if output.output_type == "stream" else 2
