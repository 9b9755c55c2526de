"""How templates are rendered."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

__all__ = ["templates"]

HERE = Path(__file__).parent


@cache
def templates(folder: Path = HERE / "templates") -> Environment:
    """The templates of a folder; what one inserts is escaped, in XML too, unless it is ``Markup``: sanitized already."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
