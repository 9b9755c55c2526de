"""The editor in JupyterLab: a form bound to the draft of one issue."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from embedai_nb.editor.form import Form

__all__ = ["edit"]


def edit(date: str) -> Form:
    """Show the form of the draft of this date (YYYY-MM-DD); imports what it needs only now."""
    from embedai_nb.editor.form import edit as form

    return form(date)
