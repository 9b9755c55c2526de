"""The editor in JupyterLab: a form bound to the draft of one issue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embedai_nb.errors import MissingExtraError

if TYPE_CHECKING:
    from embedai_nb.editor.form import Form

__all__ = ["edit"]


def edit(date: str) -> Form:
    """Show the form of the draft of this date (YYYY-MM-DD); imports what it needs only now.

    Raises:
        MissingExtraError: the widgets are not installed.
    """
    try:
        from embedai_nb.editor.form import edit as form
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "editor") from error
    return form(date)
