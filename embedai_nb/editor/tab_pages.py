"""Render the pages that tabs of the form show: the issue, the article for WeChat, what changed since the publication."""

from __future__ import annotations

from collections.abc import Callable

from embedai_nb.edition import Edition
from embedai_nb.editor.messages import WORDS
from embedai_nb.editor.publication import publication
from embedai_nb.errors import MarkupError
from embedai_nb.html import page as pages
from embedai_nb.i18n import translator

__all__ = ["PAGES", "about_page", "preview_document"]


def preview_document(language: str) -> str:
    """The empty page that previews fill; it may show the images that the form hands to it, and load none."""
    return pages.document("", title="", language=language, images=True).replace("img-src *", "img-src blob:")


def _wechat(edition: Edition) -> str:
    from embedai_nb.wechat import article  # needed by this tab only

    return article.article(edition.issue, edition.newsletter)


def _changes(edition: Edition) -> str:
    from embedai_nb import review
    from embedai_nb.review import as_html

    say = translator(edition.newsletter.language)
    known = publication(edition.folder, edition.draft.date)
    said = f"<p>{say(WORDS['as-published'])}</p>" if known.published(edition.markdown) else ""
    if edition.changes is None:
        return said or f"<p>{say(WORDS['never-published'])}</p>"
    return said + str(as_html.change_list(review.assemble(edition, published=edition.published)))


def about_page(tab: str, edition: Edition) -> dict[str, str]:
    """Title and digest of the article, which WeChat asks for separately."""
    from embedai_nb.wechat import article

    if tab != "wechat":
        return {}
    try:
        budget = article.weigh(edition.issue, edition.newsletter)
    except MarkupError:
        return {}
    return {"title": budget.title, "digest": budget.digest}


PAGES: dict[str, Callable[[Edition], str]] = {
    "preview": lambda edition: pages.fragment(edition.issue, edition.newsletter),
    "wechat": _wechat,
    "changes": _changes,
}
"""Tabs that show a page, with what renders it."""
