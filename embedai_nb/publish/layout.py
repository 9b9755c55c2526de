"""Where the files of one issue lie, relative to the issues folder."""

from __future__ import annotations

__all__ = ["CACHE", "draft", "failed", "markdown", "page", "review"]

CACHE = ".cache"


def draft(date: str) -> str:
    """What the editor wrote."""
    return f"drafts/{date}.yaml"


def review(date: str) -> str:
    """The executed notebook, for reviewers."""
    return f"review/{date}.ipynb"


def failed(date: str) -> str:
    """The notebook of a run that failed, kept for reading until the next success."""
    return f"review/{date}.failed.ipynb"


def markdown(date: str) -> str:
    """The published text."""
    return f"archive/{date}.md"


def page(date: str) -> str:
    """The published page."""
    return f"archive/{date}.html"
