"""The review of an issue: what a reviewer reads and decides by, in a notebook, a terminal or a pull request."""

from embedai_nb.review.assemble import Review, ReviewPart, assemble
from embedai_nb.review.notebook import Shown, archive, history, items, load, page, verdict, wechat

__all__ = [
    "Review",
    "ReviewPart",
    "Shown",
    "archive",
    "assemble",
    "history",
    "items",
    "load",
    "page",
    "verdict",
    "wechat",
]
