"""Render an issue as an email message: text and HTML, no pictures, nothing from elsewhere."""

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
from embedai_nb.html.page import HERE, digest, title
from embedai_nb.html.sanitize import ATTRIBUTES, PAGE, SCHEMES
from embedai_nb.html.view_model import linking, view
from embedai_nb.markdown import writes
from embedai_nb.memoize import cache_last
from embedai_nb.model import EmailStyle, Issue, Newsletter

__all__ = ["CLIPPED", "fragment_of_message", "html_bytes", "message", "subject"]

CLIPPED = 102_400
"""Bytes of HTML after which Gmail hides the rest of a message."""
PREVIEW = 110
"""Characters that lists of messages show behind the subject."""
STYLED = ("section", "h1", "h2", "h3", "p", "blockquote", "a", "pre", "code", "table", "td", "th")
STYLES = {
    *("background", "border", "border-bottom", "border-collapse", "border-left", "color", "font-family", "font-size"),
    *("line-height", "margin", "margin-top", "max-width", "overflow-x", "padding", "padding-bottom", "padding-left"),
    *("text-align", "white-space"),
}


def message(issue: Issue, newsletter: Newsletter) -> str:
    """A complete issue as an Internet message (RFC 5322), in ASCII.

    From, To and List-Unsubscribe are those of newsletter.yaml, where it names any.  Whoever sends it adds the rest, and
    Message-ID; `embedai_nb.channels.email` does.

    Raises:
        MarkupError: some text is nested too deep to be shown whole; the error names it.
    """
    text = writes(issue.model_copy(update={"front_matter": None}), newsletter)
    html = _html(issue, newsletter)
    made = EmailMessage()
    for name, value in _envelope(newsletter.email).items():
        if value:
            made[name] = value
    made["Subject"] = subject(issue, newsletter)
    made["Date"] = format_datetime(datetime.datetime.combine(issue.date, datetime.time(), datetime.UTC))
    made.set_content(text, cte="base64")
    made.add_alternative(html, subtype="html", cte="base64")
    made["Content-Language"] = newsletter.language
    made.set_boundary(f"=_{sha256((text + html).encode()).hexdigest()[:32]}")
    return made.as_string()


def html_bytes(issue: Issue, newsletter: Newsletter) -> int:
    """The size of the message's HTML; above `CLIPPED` Gmail shows only the beginning."""
    return len(_html(issue, newsletter).encode())


def _envelope(style: EmailStyle) -> dict[str, str]:
    return {
        "From": style.sender,
        "To": style.to,
        "List-Unsubscribe": style.unsubscribe and f"<{style.unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" if style.one_click else "",
    }


def subject(issue: Issue, newsletter: Newsletter) -> str:
    """The title, without the line ends that a header may not have."""
    return " ".join(title(issue, newsletter).split())


@cache_last
def _html(issue: Issue, newsletter: Newsletter) -> str:
    page = templates().get_template("email.html.j2")
    return page.render(
        language=newsletter.language,
        title=title(issue, newsletter),
        preview=digest(issue, newsletter, PREVIEW),
        body=fragment_of_message(issue, newsletter),
    )


def fragment_of_message(issue: Issue, newsletter: Newsletter) -> Markup:
    """The HTML of the message without the document around it, for services that have templates of their own.

    Raises:
        MarkupError: as `message`.
    """
    body = templates().get_template("email-body.html.j2").render(issue=view(issue, linking(newsletter)))
    style = (HERE / "email.css").read_text(encoding="utf-8")
    styled = CSSInliner(load_remote_stylesheets=False).inline_fragment(body, style)
    return Markup(_cleaner(resolver(issue, newsletter)).clean(styled))


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
