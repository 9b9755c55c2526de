"""Render the templates of a site, with what all its pages have in common.

A theme may bring templates of its own, and a pull request may bring a theme: so templates run in Jinja's sandbox, get
plain values and no objects of this program, and read no files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    DictLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from embedai_nb.errors import UsageError
from embedai_nb.html import page
from embedai_nb.html.environment import templates
from embedai_nb.html.render import blocks, plain
from embedai_nb.i18n import Translator, _, translator
from embedai_nb.model import Newsletter
from embedai_nb.site.messages import WORDS
from embedai_nb.site.site_file import fingerprint
from embedai_nb.site.slugs import list_path
from embedai_nb.site.theme import SiteTheme
from embedai_nb.workspace import layout

__all__ = ["SiteRenderer", "script", "site_address"]

HERE = Path(__file__).parent

BEFORE_POLICY = re.compile(
    r'(?:\s|<!DOCTYPE html>|<html lang="[\w-]*">|<head>|<meta charset="utf-8">|<meta name="[\w-]+" content="[^"<>]*">)*'
)
"""What may stand before the security policy of a page, which holds for all that comes after it."""
SEARCHING = "script-src 'self'; connect-src 'self'; "
"""What the page with the search is allowed besides."""


class SiteView(NamedTuple):
    """What templates know of the site, as plain values."""

    name: str
    language: str
    address: str
    base: str
    """URL path of the site, for the error page, which is served under any address."""
    tagline: str
    colon: str
    project_url: str
    licence: Markup
    footer: Markup
    logo: str
    icon: str
    url: Callable[[str], str]
    list_path: Callable[[str, str], str]
    template: Callable[[str], str]
    """A text that a script fills in."""


@dataclass(frozen=True)
class SiteRenderer:
    """Renders the templates of one site.

    Args:
        newsletter: the newsletter.
        address: URL of the site, with a slash at the end; empty if unknown.
        theme: what its pages look like.
    """

    newsletter: Newsletter
    address: str
    theme: SiteTheme

    @cached_property
    def translator(self) -> Translator:
        """Translates into the newsletter's language."""
        return translator(self.newsletter.language)

    def say(self, key: str, **values: object) -> str:
        """Say a text of the site."""
        return self.translator(WORDS[key], **values)

    def template(self, key: str) -> str:
        """Say a text of the site that a script fills in."""
        return self.translator.template(str(WORDS[key]))

    @cached_property
    def site(self) -> SiteView:
        """What templates know of the site."""
        newsletter = self.newsletter
        return SiteView(
            name=newsletter.name,
            language=newsletter.language,
            address=self.address,
            base=urlsplit(self.address).path or "/",
            tagline=plain(newsletter.tagline),
            colon=newsletter.marks.colon,
            project_url=newsletter.project_url,
            licence=blocks(newsletter.licence, html=True),
            footer=blocks(newsletter.theme.footer),
            logo=self.theme.logo,
            icon=self.theme.icon,
            url=self.url,
            list_path=list_path,
            template=self.template,
        )

    @cached_property
    def shared(self) -> str:
        """Digest of what every page is made of."""
        return fingerprint(*self.site[:-3], self.newsletter.images, self.theme.has_fonts, self.theme.templates)

    def url(self, path: str) -> str:
        """URL of a page, ASCII only; relative to the site if the site's own URL is unknown."""
        path = quote(path)
        return f"{self.address}{'' if path == 'index.html' else path}" or "./"

    def render(self, template: str, path: str, values: Mapping[str, object]) -> str:
        """Render a file of the site.

        Args:
            template: name of the template.
            path: of the file within the site.
            values: variables of the template.

        Raises:
            UsageError: a template of the theme fails.
        """
        policy, common = self._policy(path), {"site": self.site, "say": self.say, "path": path}
        try:
            found = self._environment.get_template(template)
            text = found.render(root="../" * path.count("/"), policy=policy, **common, **values)
        except (TemplateError, TypeError, ValueError, LookupError, ArithmeticError, RecursionError) as error:
            if not self.theme.templates:
                raise
            raise self._failed(template, error) from error
        if self.theme.templates and path.endswith(".html"):
            self._check_policy(text, policy, template)
        return text

    @cached_property
    def _environment(self) -> Environment:
        """The templates; ours alone need no sandbox, which takes a third of the time."""
        if not self.theme.templates:
            return templates(HERE / "templates")
        ours = FileSystemLoader(HERE / "templates")
        loaders: list[BaseLoader] = [DictLoader(dict(self.theme.templates)), ours, PrefixLoader({"default": ours})]
        return ImmutableSandboxedEnvironment(
            loader=ChoiceLoader(loaders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def _policy(self, path: str) -> Markup:
        """The security policy: nothing is loaded from elsewhere, but for pictures where newsletter.yaml shows them."""
        images = "* data:" if self.newsletter.images == "show" else "'self' data:"
        fonts = "font-src 'self'; " if self.theme.has_fonts else ""
        allowed = SEARCHING if path == "index.html" else ""
        return Markup(
            f"default-src 'none'; style-src 'self' 'unsafe-inline'; img-src {images}; {fonts}{allowed}"
            "form-action 'self'; base-uri 'none'"
        )

    def _check_policy(self, html: str, policy: str, template: str) -> None:
        """Refuse a page of a theme whose policy would not hold."""
        meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        before, found = html.partition(meta)[:2]
        if not found or not BEFORE_POLICY.fullmatch(before):
            problem = _("the page's security policy is missing, or something stands before it")
            remedy = _("extend default/{template}, or keep its head", template=template)
            raise UsageError(problem, path=self._path(template), remedy=remedy)

    def _failed(self, template: str, error: Exception) -> UsageError:
        name = getattr(error, "name", None) or template
        shown = name if name in self.theme.template_names else template
        said = f"{type(error).__name__}: {error}"
        return UsageError(
            said, path=self._path(shown), line=getattr(error, "lineno", None), remedy=_("mend the template")
        )

    def _path(self, template: str) -> str:
        return f"{layout.THEME}/{template}"


def site_address(text: str) -> str:
    """URL of the site, with a slash at the end.

    Raises:
        UsageError: not an HTTP URL of a folder.
    """
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
        raise UsageError(
            _("{text!a} is no address of a site", text=text),
            field="site_url",
            remedy=_("write it as https://host/path/"),
        )
    return text if not text or text.endswith("/") else f"{text}/"


def default_stylesheet() -> str:
    """The style sheet of every site: that of an issue's page, then the rules of the site."""
    return (page.HERE / "style.css").read_text("utf-8") + (HERE / "site.css").read_text("utf-8")


def script() -> str:
    """The script of the search."""
    return "".join((HERE / name).read_text("utf-8") for name in ("search_terms.js", "search.js"))
