"""Open the catalogue, with a progress bar while many issues are read into it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from embedai_nb.cli.progress_bar import progress_bar
from embedai_nb.i18n import _

if TYPE_CHECKING:
    from embedai_nb.catalogue import Catalogue
    from embedai_nb.model import Newsletter

__all__ = ["open_catalogue"]


def open_catalogue(folder: Path, newsletter: Newsletter | None = None) -> Catalogue:
    """Open the catalogue of an issues folder, up to date."""
    from embedai_nb.catalogue import Catalogue

    with progress_bar(_("reading issues")) as show:
        return Catalogue(folder, newsletter, on_progress=show)
