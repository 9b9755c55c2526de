"""Where the files of one issue lie, relative to the issues folder; and the notebook that all are made by."""

from __future__ import annotations

from pathlib import Path

__all__ = ["CACHE", "PACKAGE", "draft", "failed", "markdown", "notebook", "page", "review", "stamp", "tools", "wechat"]

PACKAGE = Path(__file__).parents[1]

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


def wechat(date: str) -> str:
    """The page to copy the article for WeChat from."""
    return f"archive/{date}.wechat.html"


def stamp(date: str) -> str:
    """What the last run read and wrote."""
    return f"{CACHE}/stamps/{date}.json"


def tools(digest: str) -> str:
    """What issues were made with once."""
    return f"{CACHE}/tools/{digest[:16]}.json"


def notebook() -> Path:
    """The notebook that is executed: a wheel holds it in the package, a checkout beside it."""
    inside = PACKAGE / "notebooks" / "issue.ipynb"
    return inside if inside.is_file() else PACKAGE.parent / "notebooks" / "issue.ipynb"
