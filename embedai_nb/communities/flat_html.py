"""An issue as plain HTML for editors of formatted text, which drop styles: nothing but structure, links written out.

Zhihu's editor drops styles (github.com/mdnice/markdown-nice/issues/212), keeps a table as rows of text
(github.com/drmingdrmer/md2zhihu, “Limitation”; github.com/niudai/VSCode-Zhihu/issues/76), and reads the language of code
from ``<pre lang="…">`` (github.com/wechatsync/Wechatsync).
"""

from __future__ import annotations

import re
from functools import cache

import nh3

from embedai_nb.html.absolute_urls import resolve_all, resolver
from embedai_nb.html.environment import templates
from embedai_nb.html.sanitize import SCHEMES, TEXT
from embedai_nb.html.view_model import linking, view
from embedai_nb.model import Issue, Newsletter

__all__ = ["render"]

LANGUAGE = re.compile(r'<pre><code[^<>]* class="language-([\w+#.-]+)"[^<>]*>')
HEAD_ENDS = re.compile(r"</thead>\s*<tbody>")


def render(issue: Issue, newsletter: Newsletter) -> str:
    """The HTML of a complete issue below its title.

    Raises:
        MarkupError: some text is nested too deep to be shown whole; the error names it.
    """
    html = templates().get_template("email-body.html.j2").render(issue=view(issue, linking(newsletter)))
    clean = _cleaner().clean(LANGUAGE.sub(r'<pre lang="\1"><code>', _in_one_body(html)))
    return resolve_all(clean, resolver(issue, newsletter)).strip() + "\n"


def _in_one_body(html: str) -> str:
    """Tables whose heads are rows like all others; text has no such tags, as its own are escaped."""
    return HEAD_ENDS.sub("", html).replace("<thead>", "<tbody>").replace("</thead>", "</tbody>")


@cache
def _cleaner() -> nh3.Cleaner:
    """Lets structure and links through; the title goes with its content, other elements leave theirs."""
    return nh3.Cleaner(
        tags=TEXT - {"div", "dl", "dt", "dd", "thead"},
        clean_content_tags={"h1"},
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}, "pre": {"lang"}},
        url_schemes=SCHEMES,
        link_rel=None,
    )
