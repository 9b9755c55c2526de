"""Read published files for the form, which shows them in tabs of their own: JupyterLab serves none of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["document"]


def document(folder: Path, name: str) -> dict[str, Any]:
    """Read a file of the issues folder.

    Args:
        name: its path within the folder.

    Returns:
        ``title``, and ``html`` or ``text``; a notebook is rendered.  Nothing in it is trusted: whoever shows it has to
        forbid its scripts.

    Raises:
        OSError: the file cannot be read.
    """
    text = (folder / name).read_text(encoding="utf-8")
    if name.endswith(".ipynb"):
        return {"title": name, "html": _rendered(text)}
    return {"title": name, "html" if name.endswith(".html") else "text": text}


def _rendered(notebook: str) -> str:
    """Render a notebook as Jupyter shows it, without requests to other machines."""
    from embedai_nb.publish.fast_imports import import_blocked

    with import_blocked(
        "rfc3987_syntax"
    ):  # as in `embedai_nb.publish.execute`; all of it takes longer than the form to open
        import nbformat
        from nbconvert import HTMLExporter

    addresses = dict.fromkeys(("mathjax_url", "require_js_url", "jquery_url", "mermaid_js_url"), "")
    exporter: Any = HTMLExporter
    html: str = exporter(**addresses).from_notebook_node(nbformat.reads(notebook, as_version=4))[0]
    return html
