"""Display a review in a notebook: one function for each cell of notebooks/issue.ipynb."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from embedai_nb import edition as editions
from embedai_nb.checks.severity import SEVERITIES
from embedai_nb.edition import Edition
from embedai_nb.html import page as pages
from embedai_nb.html.render import plain
from embedai_nb.i18n import translator
from embedai_nb.memoize import cache_last
from embedai_nb.review import as_html, size_history
from embedai_nb.review.assemble import Review, assemble
from embedai_nb.review.messages import WORDS
from embedai_nb.wechat import article as articles
from embedai_nb.workspace.locate import issues_folder

__all__ = ["DisplayData", "archive", "history", "items", "load", "page", "published", "verdict", "wechat"]


@dataclass(frozen=True, repr=False)
class DisplayData:
    """Something that Jupyter displays: its MIME types, and what programs want to know about it."""

    data: Mapping[str, str]
    about: Mapping[str, object] = field(default_factory=dict)

    def __repr__(self) -> str:
        """What Jupyter keeps as plain text beside HTML, so no copy of it."""
        return f"<{', '.join(self.data)}>"

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, str], dict[str, object]]:
        del include, exclude
        return dict(self.data), {"embedai": dict(self.about)} if self.about else {}


@cache_last
def _review(edition: Edition) -> Review:
    return assemble(edition)


def load(date: str) -> Edition:
    """Load the issue of this date (YYYY-MM-DD) from the issues folder."""
    return editions.load(date, issues_folder()).as_published()


def verdict(edition: Edition) -> DisplayData:
    """Whether the issue can be published, what stands in the way, who does what, and the figures."""
    review = _review(edition)
    counts = {style.plural: review.count(severity) for severity, style in SEVERITIES.items()}
    return DisplayData({"text/html": as_html.verdict(review)}, counts)


def items(edition: Edition) -> DisplayData:
    """The issue part by part, each as readers see it and with all that concerns it."""
    about = {"others": edition.others} | ({} if edition.base is None else {"base": edition.base})
    return DisplayData({"text/html": as_html.items(_review(edition))}, about)


def history(edition: Edition) -> DisplayData:
    """How the issue compares with earlier ones in size."""
    return DisplayData({"text/html": size_history.html(edition)})


def published(edition: Edition) -> DisplayData:
    """The heading of what will be published, and what to do to change it."""
    heading, text = _word("published", edition), _word("taken-from", edition)
    return DisplayData({"text/html": Markup("<h2>{}</h2>\n<p>{}</p>").format(heading, text)})


def page(edition: Edition) -> DisplayData:
    """The page as readers get it, folded and without its style sheet; the page that is published is taken from here."""
    newsletter = edition.newsletter
    about = {
        "title": pages.title(edition.issue, newsletter),
        "language": newsletter.language,
        "description": plain(newsletter.tagline),
    }
    if newsletter.images == "show":
        about["images"] = newsletter.images
    return DisplayData(
        {"text/html": pages.embedded(pages.fragment(edition.issue, newsletter), _word("page", edition))}, about
    )


def wechat(edition: Edition) -> DisplayData | None:
    """The article as it is pasted into WeChat's editor, folded, where the newsletter has such articles."""
    if not edition.newsletter.wechat:
        return None
    made = articles.compose(edition.issue, edition.newsletter)
    about = {"language": edition.newsletter.language, "budget": made.budget.model_dump(mode="json")}
    return DisplayData({"text/html": pages.embedded(made.html, _word("wechat", edition))}, about)


def archive(edition: Edition) -> DisplayData:
    """The Markdown, to the character; the archive is taken from here."""
    return DisplayData({"text/html": pages.embedded_text(edition.markdown, _word("markdown", edition))})


def _word(name: str, edition: Edition) -> str:
    return translator(edition.newsletter.language)(WORDS[name])
