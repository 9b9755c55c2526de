"""An issue as a message: text and HTML, no pictures, nothing from elsewhere."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256

import nh3
from css_inline import CSSInliner
from markupsafe import Markup

from embedai_nb.html.absolute_urls import resolver
from embedai_nb.html.environment import templates
from embedai_nb.html.page import HERE, title
from embedai_nb.html.sanitize import ATTRIBUTES, PAGE, SCHEMES
from embedai_nb.html.view_model import linking, view
from embedai_nb.markdown import writes
from embedai_nb.model import Issue, Newsletter

__all__ = ["message"]

STYLED = ("section", "h1", "h2", "h3", "p", "blockquote", "a", "table", "td", "th")
STYLES = {
    *("background", "border-bottom", "border-collapse", "border-left", "color", "font-size", "line-height"),
    *("margin", "margin-top", "max-width", "padding", "padding-bottom", "padding-left", "text-align"),
}


def message(issue: Issue, newsletter: Newsletter) -> str:
    """A complete issue as an Internet message (RFC 5322), in ASCII.

    Who sends it adds From, To, Message-ID and List-Unsubscribe: these are theirs.

    Raises:
        MarkupError: some text is nested too deep to be shown whole; the error names it.
    """
    text = writes(issue.model_copy(update={"front_matter": None}), newsletter)
    html = _html(issue, newsletter)
    made = EmailMessage()
    made["Subject"] = _subject(issue, newsletter)
    made["Date"] = format_datetime(datetime.datetime.combine(issue.date, datetime.time(), datetime.UTC))
    made.set_content(text, cte="base64")
    made.add_alternative(html, subtype="html", cte="base64")
    made["Content-Language"] = newsletter.language
    made.set_boundary(f"=_{sha256((text + html).encode()).hexdigest()[:32]}")
    return made.as_string()


def _subject(issue: Issue, newsletter: Newsletter) -> str:
    """The title, without the line ends that a header may not have."""
    return " ".join(title(issue, newsletter).split())


def _html(issue: Issue, newsletter: Newsletter) -> str:
    body = templates().get_template("email-body.html.j2").render(issue=view(issue, linking(newsletter)))
    style = (HERE / "email.css").read_text(encoding="utf-8")
    styled = CSSInliner(load_remote_stylesheets=False).inline_fragment(body, style)
    clean = _cleaner(resolver(issue, newsletter)).clean(styled)
    page = templates().get_template("email.html.j2")
    return page.render(language=newsletter.language, title=title(issue, newsletter), body=Markup(clean))


def _cleaner(resolve: Callable[[str], str]) -> nh3.Cleaner:
    """Lets through what a page may have, with styles in place of classes, and writes links out in full."""

    def in_full(tag: str, attribute: str, value: str) -> str:
        return resolve(value) if (tag, attribute) == ("a", "href") else value

    styled = {tag: ATTRIBUTES.get(tag, set()) | {"style"} for tag in STYLED}
    return nh3.Cleaner(
        tags=PAGE,
        attributes=ATTRIBUTES | styled,
        attribute_filter=in_full,
        filter_style_properties=STYLES,
        url_schemes=SCHEMES,
        link_rel=None,
    )
