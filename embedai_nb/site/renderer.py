"""What all pages of one site have in common, and how they are rendered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote, urlsplit

from embedai_nb.errors import UsageError
from embedai_nb.html import page
from embedai_nb.html.environment import templates
from embedai_nb.html.render import blocks, plain
from embedai_nb.model import Newsletter
from embedai_nb.site.messages import words

__all__ = ["SiteRenderer", "WriteFile", "script", "site_address", "style"]

HERE = Path(__file__).parent

WriteFile: TypeAlias = Callable[[str, Callable[[], str]], None]
"""Takes each file of a site: its path, and what makes its content."""


@dataclass(frozen=True)
class SiteRenderer:
    """The site around its pages.

    Args:
        newsletter: whose site it is.
        address: where it will stand, with a slash at the end; empty: not known yet.
        years: the years there are issues of, the newest first.
    """

    newsletter: Newsletter
    address: str
    years: tuple[int, ...]

    @cached_property
    def words(self) -> Mapping[str, str]:
        """The words that are no issue's own."""
        return words(self.newsletter.language)

    @cached_property
    def tagline(self) -> str:
        """What the newsletter is about."""
        return plain(self.newsletter.tagline)

    @cached_property
    def licence(self) -> str:
        """The licence, as HTML."""
        return blocks(self.newsletter.licence, html=True)

    @property
    def base(self) -> str:
        """The path of the site on its host; what a page needs that is shown under any address."""
        return urlsplit(self.address).path or "/"

    def url(self, path: str) -> str:
        """The address of a page, ASCII only; where the site's own is unknown, relative to the site."""
        path = quote(path)
        return f"{self.address}{'' if path == 'index.html' else path}" or "./"

    def render(self, template: str, path: str, **values: object) -> str:
        """A file of the site, from the template of this name.

        Args:
            template: its name.
            path: of the file in the site.
            values: what the template shows.
        """
        root = "../" * path.count("/")
        found = templates(HERE / "templates").get_template(template)
        return found.render(site=self, words=self.words, path=path, root=root, **values)


def site_address(text: str) -> str:
    """The address of a site as it is joined with paths.

    Raises:
        UsageError: it is no address of a folder on the web.
    """
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
        raise UsageError(f"{text!a} is no address of a site", field="site_url", remedy="write it as https://host/path/")
    return text if not text or text.endswith("/") else f"{text}/"


def style() -> str:
    """The one style sheet: that of a page, then what only the site has."""
    return (page.HERE / "style.css").read_text("utf-8") + (HERE / "site.css").read_text("utf-8")


def script() -> str:
    """The one script: the search's."""
    return (HERE / "search.js").read_text("utf-8")
