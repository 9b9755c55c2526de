"""Render the templates of a site, with what all its pages have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote, urlsplit

from embedai_nb.errors import UsageError
from embedai_nb.html import page
from embedai_nb.html.environment import templates
from embedai_nb.html.render import blocks, plain
from embedai_nb.i18n import Translator, _, translator
from embedai_nb.model import Newsletter
from embedai_nb.site.messages import WORDS

__all__ = ["SiteRenderer", "WriteFile", "script", "site_address", "stylesheet"]

HERE = Path(__file__).parent

WriteFile: TypeAlias = Callable[[str, Callable[[], str]], None]
"""Writes a file of a site, given its path and a function that renders its content."""


@dataclass(frozen=True)
class SiteRenderer:
    """Renders the templates of one site.

    Args:
        newsletter: the newsletter.
        address: URL of the site, with a slash at the end; empty if unknown.
        years: the years that have issues, the newest first.
    """

    newsletter: Newsletter
    address: str
    years: tuple[int, ...]

    @cached_property
    def translator(self) -> Translator:
        """Translates into the newsletter's language."""
        return translator(self.newsletter.language)

    def say(self, key: str, **values: object) -> str:
        """Say a text of the site."""
        return self.translator(WORDS[key], **values)

    def template(self, key: str) -> str:
        """Say a text of the site that a script fills in."""
        return self.translator.template(WORDS[key])

    @cached_property
    def tagline(self) -> str:
        """The tagline without markup."""
        return plain(self.newsletter.tagline)

    @cached_property
    def licence(self) -> str:
        """The licence, as HTML."""
        return blocks(self.newsletter.licence, html=True)

    @property
    def base(self) -> str:
        """URL path of the site, for the error page, which is served under any address."""
        return urlsplit(self.address).path or "/"

    def url(self, path: str) -> str:
        """URL of a page, ASCII only; relative to the site if the site's own URL is unknown."""
        path = quote(path)
        return f"{self.address}{'' if path == 'index.html' else path}" or "./"

    def render(self, template: str, path: str, **values: object) -> str:
        """Render a file of the site.

        Args:
            template: name of the template.
            path: of the file within the site.
            values: variables of the template.
        """
        root = "../" * path.count("/")
        found = templates(HERE / "templates").get_template(template)
        return found.render(site=self, say=self.say, path=path, root=root, **values)


def site_address(text: str) -> str:
    """Validate the URL of a site, and end it in a slash.

    Raises:
        UsageError: it is not the URL of a folder on the web.
    """
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
        raise UsageError(
            _("{text!a} is no address of a site", text=text),
            field="site_url",
            remedy=_("write it as https://host/path/"),
        )
    return text if not text or text.endswith("/") else f"{text}/"


def stylesheet() -> str:
    """The style sheet: that of an issue's page, then the rules of the site."""
    return (page.HERE / "style.css").read_text("utf-8") + (HERE / "site.css").read_text("utf-8")


def script() -> str:
    """The script of the search."""
    return "".join((HERE / name).read_text("utf-8") for name in ("search_terms.js", "search.js"))
