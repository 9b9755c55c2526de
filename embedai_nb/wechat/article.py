"""An issue as an article for WeChat: the fragment that is pasted, what it costs, and the page to copy it from."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import nh3
from css_inline import CSSInliner
from markupsafe import Markup, escape

from embedai_nb.html.absolute_urls import archive_url
from embedai_nb.html.environment import templates
from embedai_nb.html.images import image_urls
from embedai_nb.html.page import digest, title
from embedai_nb.html.sanitize import SCHEMES, TEXT
from embedai_nb.html.view_model import linking, view
from embedai_nb.i18n import translator
from embedai_nb.memoize import cache_last
from embedai_nb.model import Issue, Newsletter
from embedai_nb.text.locations import locate
from embedai_nb.wechat.adapt import adapted
from embedai_nb.wechat.budget import LIMITS, Budget, Weight
from embedai_nb.wechat.footnotes import Numbered, article_resolver, is_at_wechat, is_wechat
from embedai_nb.wechat.messages import ARTICLE, PAGE, PARTS

__all__ = ["Article", "article", "compose", "page", "render", "scales", "short_title", "weigh"]

HERE = Path(__file__).parent
LISTED = 8
"""How many parts the page names as the costliest."""

PART = re.compile(r"<!--(\w+)-->")
STYLES = {
    *("background", "border", "border-bottom", "border-collapse", "border-left", "color", "font-size", "line-height"),
    *("margin", "margin-top", "max-width", "overflow-wrap", "overflow-x", "padding", "padding-bottom", "padding-left"),
    *("table-layout", "text-align", "white-space", "width", "word-break"),
}


class Article(NamedTuple):
    """What is pasted, and what it costs."""

    html: str
    budget: Budget


def article(issue: Issue, newsletter: Newsletter) -> str:
    """The article of a complete issue.

    Raises:
        MarkupError: some text is nested too deep to be shown whole; the error names it.
    """
    return compose(issue, newsletter).html


def weigh(issue: Issue, newsletter: Newsletter) -> Budget:
    """What the article of a complete issue costs; raises as `article` does."""
    return compose(issue, newsletter).budget


def scales(complete: Callable[[Issue], Issue], newsletter: Newsletter) -> Callable[[Issue], Budget]:
    """`weigh` for drafts, which ``complete`` completes first; several rules ask for the same, so it is cache_last."""
    known: list[tuple[Issue, Budget]] = []

    def weigh_draft(draft: Issue) -> Budget:
        if not known or known[0][0] is not draft:
            known[:] = [(draft, weigh(complete(draft), newsletter))]
        return known[0][1]

    return weigh_draft


@cache_last
def compose(issue: Issue, newsletter: Newsletter, uploaded: Mapping[str, str] | None = None) -> Article:
    """The article of a complete issue and its budget.

    Args:
        issue: the issue.
        newsletter: its newsletter.
        uploaded: where pictures lie at WeChat, by their address in full; others become a place to put them.
    """
    html = templates(HERE / "templates").get_template("article.html.j2").render(issue=view(issue, linking(newsletter)))
    resolve, say = article_resolver(issue, newsletter), translator(newsletter.language)
    body = adapted(html, resolve=resolve, pictures=frozenset(image_urls(issue)), uploaded=uploaded or {}, say=say)
    marked = _finished(body.html.removesuffix("</section>") + _links(body.numbered, newsletter) + "</section>")
    content = PART.sub("", marked)
    weights = _weights(marked)
    budget = Budget(
        title=_title(issue, newsletter),
        whole_title=title(issue, newsletter),
        digest=digest(issue, newsletter, LIMITS.digest),
        source_url=archive_url(issue, newsletter),
        characters=len(content),
        bytes=len(content.encode()),
        items=tuple(map(_weight, _item_names(issue, newsletter.language), weights.pop("item", []))),
        others=tuple(Weight(name=say(PARTS[part]), characters=sum(costs)) for part, costs in weights.items()),
        pictures=body.pictures,
    )
    return Article(content, budget)


def _links(numbered: tuple[Numbered, ...], newsletter: Newsletter) -> str:
    """The list at the end."""
    heading = translator(newsletter.language)(ARTICLE["links"])
    named = [(number, f"{title}{newsletter.marks.colon}" if title else "", url) for number, title, url in numbered]
    lines = "<br>".join(f"[{number}] {escape(title + url)}" for number, title, url in named)
    return f'<section class="links"><h2>{heading}</h2><p>{lines}</p></section>' if lines else ""


# --- styles, and nothing that WeChat forbids ------------------------------------------------------------------


@cache
def _inliner() -> CSSInliner:
    return CSSInliner(load_remote_stylesheets=False)


def _permitted(tag: str, attribute: str, value: str) -> str | None:
    """Attributes as they are, but for links and pictures that WeChat would drop."""
    if (tag, attribute) == ("a", "href"):
        return value if is_wechat(value) else None
    if (tag, attribute) == ("img", "src"):
        return value if is_at_wechat(value) else None
    return value


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TEXT - {"div", "dl", "dt", "dd"} | {"section", "span", "img"},
        attributes={"*": {"style"}, "a": {"href"}, "img": {"src"}, "ol": {"start"}},
        attribute_filter=_permitted,
        filter_style_properties=STYLES,
        url_schemes=SCHEMES,
        link_rel=None,
        strip_comments=False,
    )


def _finished(html: str) -> str:
    """The article with its styles in it, and only what WeChat lets through; its parts are still marked."""
    style = (HERE / "article.css").read_text(encoding="utf-8")
    return _cleaner().clean(_inliner().inline_fragment(html, style))


# --- the budget -----------------------------------------------------------------------------------------------


def _weights(marked: str) -> dict[str, list[int]]:
    """The characters of each part, by its kind and in its order."""
    _, *parts = PART.split(marked)
    found = defaultdict[str, list[int]](list)
    for kind, html in zip(parts[::2], parts[1::2], strict=True):
        found[kind].append(len(html))
    return found


def _weight(name: str, characters: int) -> Weight:
    return Weight(name=name, characters=characters)


def _item_names(issue: Issue, language: str) -> Iterator[str]:
    for number, section in enumerate(issue.sections):
        for index in range(len(section.items)):
            yield str(locate(issue, ("sections", number, "items", index), language))


def short_title(issue: Issue, newsletter: Newsletter, limit: int) -> str:
    """The title with as many of its keywords as ``limit`` characters have room for, be it none."""
    for count in range(len(issue.headline), -1, -1):
        shorter = title(issue.model_copy(update={"headline": issue.headline[:count]}), newsletter)
        if len(shorter) <= limit:
            break
    return shorter


def _title(issue: Issue, newsletter: Newsletter) -> str:
    """The title for the web editor, with all keywords where even the first doesn't fit: an editor has to shorten it."""
    shorter = short_title(issue, newsletter, LIMITS.title)
    first = title(issue.model_copy(update={"headline": issue.headline[:1]}), newsletter)
    return shorter if len(first) <= LIMITS.title else title(issue, newsletter)


# --- the page to copy from ------------------------------------------------------------------------------------


def page(fragment: str, budget: Budget, *, language: str) -> str:
    """The document around an article, which is sanitized again: it may come out of somebody's notebook."""
    say = translator(language)

    def said(key: str, **values: object) -> str:
        return say(PAGE[key], **values)

    script = templates(HERE / "templates").get_template("copy.js").render(say=said)
    return (
        templates(HERE / "templates")
        .get_template("page.html.j2")
        .render(
            say=said,
            language=language,
            article=Markup(PART.sub("", _cleaner().clean(fragment))),
            budget=budget,
            limits=LIMITS,
            heaviest=budget.heaviest(LISTED),
            script=Markup(script),
            script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        )
        + "\n"
    )


def render(issue: Issue, newsletter: Newsletter) -> str:
    """The page to copy a complete issue's article from."""
    made = compose(issue, newsletter)
    return page(made.html, made.budget, language=newsletter.language)
