"""The review of an issue: what a reviewer reads and decides by, in a notebook, a terminal or a pull request."""

from embedai_nb.review.assemble import Review, ReviewPart, assemble
from embedai_nb.review.notebook import DisplayData, archive, history, items, load, page, published, verdict, wechat

__all__ = [
    "DisplayData",
    "Review",
    "ReviewPart",
    "archive",
    "assemble",
    "history",
    "items",
    "load",
    "page",
    "published",
    "verdict",
    "wechat",
]
