"""An executed notebook without anything that differs from one run or machine to the next."""

from __future__ import annotations

import re
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from embedai_nb.publish.cells import tags

__all__ = ["tidy"]

INJECTED = "injected-parameters"

CELL_FILE = re.compile(r"/(?:[^\s/]+/)*ipykernel_[0-9]+/([0-9]+)\.py")
"""What the kernel calls the code of a cell in warnings and tracebacks: its process, and a digest of the code."""


def tidy(nb: NotebookNode, metadata: dict[str, Any]) -> NotebookNode:
    """Drop timings, paths, versions and random ids, in place.

    Args:
        nb: as papermill's engine leaves it.
        metadata: the notebook's own, from before the run.
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
            cell.outputs = [_without_process(output) for output in _joined(cell.outputs)]
    return nb


def _without_process(output: NotebookNode) -> NotebookNode:
    if output.output_type == "stream":
        output.text = CELL_FILE.sub(r"\1.py", output.text)
    elif output.output_type == "error":
        output.traceback = [CELL_FILE.sub(r"\1.py", line) for line in output.traceback]
    return output


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Each stream once: in how many pieces it comes is a matter of timing."""
    texts: dict[str, list[str]] = {}
    for output in outputs:
        if output.output_type == "stream":
            texts.setdefault(output.name, []).append(output.text)
    streams = [new_output("stream", name=name, text="".join(said)) for name, said in texts.items()]
    return sorted([*streams, *(output for output in outputs if output.output_type != "stream")], key=_place)


def _place(output: NotebookNode) -> int:
    """Streams come first, stdout before stderr: they and what is displayed reach us on separate ways."""
    return ["stdout", "stderr"].index(output.name) if output.output_type == "stream" else 2
