"""An issue as a page: a fragment to be shown anywhere, and the self-contained document around it."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup, escape

from embedai_nb.html.environment import templates
from embedai_nb.html.render import plain
from embedai_nb.html.sanitize import sanitize_page
from embedai_nb.html.view_model import heading, shows_images, view
from embedai_nb.model import Issue, Newsletter

__all__ = [
    "PageParts",
    "digest",
    "document",
    "embedded",
    "embedded_text",
    "extracted",
    "extracted_text",
    "fragment",
    "parts",
    "render",
    "title",
]

HERE = Path(__file__).parent
TEMPLATES = ("header.html.j2", "main.html.j2", "footer.html.j2")


def _style() -> Markup:
    return Markup((HERE / "style.css").read_text(encoding="utf-8"))


def title(issue: Issue, newsletter: Newsletter) -> str:
    """The issue's title as plain text."""
    return "".join(map(plain, heading(issue, newsletter)))


def digest(issue: Issue, newsletter: Newsletter, limit: int) -> str:
    """The beginning of the lead as plain text, at most ``limit`` characters, up to a mark where it has to end earlier."""
    lines = (plain(line.removeprefix(">").strip()) for line in (issue.lead or "").splitlines())
    text = " ".join(line for line in lines if line) or title(issue, newsletter)
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    end = max(map(cut.rfind, "。；，！？;,. "))
    return f"{cut[:end] if end > limit // 2 else cut}…"


def fragment(issue: Issue, newsletter: Newsletter) -> str:
    """The page of a complete issue without the document around it; reads well without a style sheet.

    Raises:
        MarkupError: some text is nested too deep to be shown whole; the error names it.
    """
    return f"{parts(issue, newsletter).html}\n"


class PageParts(NamedTuple):
    """A page in three parts, each without its last line end."""

    header: Markup
    """Its title, and links to the sections."""
    main: Markup
    footer: Markup
    """The closing; empty if the issue has none."""

    @property
    def html(self) -> Markup:
        """The whole."""
        return Markup("\n").join(filter(None, self))

    @property
    def html_below_header(self) -> Markup:
        """The content of an entry in a feed, which has a title of its own."""
        return self._replace(header=Markup()).html


def parts(issue: Issue, newsletter: Newsletter) -> PageParts:
    """Render the parts of the page of a complete issue; raises as `fragment`."""
    shown, images = view(issue, newsletter), shows_images(newsletter)
    rendered = (templates().get_template(name).render(issue=shown) for name in TEMPLATES)
    return PageParts(*(sanitize_page(html.rstrip("\n"), images=images) for html in rendered))


MAIN, NO_LANDMARK = ("<main>", "</main>"), ('<div class="main">', "</div><!--main-->")
FOLD = re.compile(r"\A<details>\n<summary>[^<]*</summary>\n(.*)\n</details>\Z", re.DOTALL)


def embedded(fragment: str, summary: str) -> str:
    """Fold a fragment for display within another document, which has a main landmark of its own."""
    for landmark, plain_ in zip(MAIN, NO_LANDMARK, strict=True):
        fragment = fragment.replace(landmark, plain_)
    return f"<details>\n<summary>{escape(summary)}</summary>\n{fragment}\n</details>"


def extracted(html: str) -> str:
    """The fragment that `embedded` folded; any other HTML as it is."""
    found = FOLD.fullmatch(html)
    fragment = found[1] if found else html
    for landmark, plain_ in zip(MAIN, NO_LANDMARK, strict=True):
        fragment = fragment.replace(plain_, landmark)
    return fragment


def embedded_text(text: str, summary: str) -> str:
    """Fold a text for display to the character within another document."""
    return f"<details>\n<summary>{escape(summary)}</summary>\n<pre>\n{escape(text)}</pre>\n</details>"


def extracted_text(html: str) -> str:
    """The text that `embedded_text` folded."""
    found = FOLD.fullmatch(html)
    return unescape((found[1] if found else html).removeprefix("<pre>\n").removesuffix("</pre>"))


def document(fragment: str, *, title: str, language: str, description: str = "", images: bool = False) -> str:
    """The whole page around a fragment, which is sanitized again: it may come out of somebody's notebook.

    Args:
        fragment: what stands within.
        title: of the document.
        language: BCP 47.
        description: for search engines.
        images: whether the page may load images, as its policy then says.
    """
    template = templates().get_template("document.html.j2")
    return (
        template.render(
            title=title,
            language=language,
            description=description,
            style=_style(),
            images=images,
            body=sanitize_page(fragment.strip(), images=images),
        )
        + "\n"
    )


def render(issue: Issue, newsletter: Newsletter) -> str:
    """The page of a complete issue."""
    return document(
        fragment(issue, newsletter),
        title=title(issue, newsletter),
        language=newsletter.language,
        description=plain(newsletter.tagline),
        images=shows_images(newsletter),
    )
