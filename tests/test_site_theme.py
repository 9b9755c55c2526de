"""The theme of a site: what newsletter.yaml says of it, the files of its folder, and that nothing in them runs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from embedai_nb.drafts import load_newsletter
from embedai_nb.errors import DraftError, EmbedAIError, UsageError
from embedai_nb.model import Newsletter
from embedai_nb.site.build import build_site
from embedai_nb.site.live_preview import LivePreview
from embedai_nb.site.slugs import slug
from embedai_nb.site.theme import default_palettes, load_theme
from embedai_nb.workspace import layout

from .test_site import ADDRESS, archive, contents, text

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z" fill="#00695c"/></svg>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = archive(tmp_path / "issues")
    (made / layout.THEME).mkdir()
    return made


def say(folder: Path, lines: str) -> Newsletter:
    path = folder / layout.NEWSLETTER
    path.write_text(f"{text(path)}\n{lines}\n", "utf-8")
    return load_newsletter(path)


def put(folder: Path, name: str, content: str) -> Path:
    path = folder / layout.THEME / name
    path.write_text(content, "utf-8")
    return path


def built(folder: Path) -> Path:
    return build_site(folder, folder.parent / "site", ADDRESS).folder


# --- newsletter.yaml ------------------------------------------------------------------------------------------


def test_colours_and_font_are_rules_after_those_of_every_site(folder: Path) -> None:
    before = text(built(folder) / "style.css")
    say(folder, """theme: {light: {accent: "#00695C", link: "#036"}, dark: {link: "#7fd6c8"}, font: "'A B', serif"}""")
    after = text(built(folder) / "style.css")
    assert after.removeprefix(before).splitlines() == [
        "@media screen and (prefers-color-scheme: light) { :root { --link: #036; --accent: #00695c; } }",
        "@media screen and (prefers-color-scheme: dark) { :root { --link: #7fd6c8; } }",
        "body { font-family: 'A B', serif; }",
    ]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('light: {accent: "red; } body { display: none"}', "no colour"),
        ('light: {accent: "url(https://e.com)"}', "no colour"),
        ('dark: {ink: "#12345"}', "no colour"),
        ('font: "x; } @import url(https://e.com)"', "no names of fonts"),
        ('font: "</style><script>alert(1)</script>"', "no names of fonts"),
        ('font: "Georgia,"', "no names of fonts"),
        ("logo: ../newsletter.yaml", "no name of a file"),
        ('logo: "x.svg\\" onerror=alert(1)"', "no name of a file"),
        ("colour: blue", "no such key"),
    ],
)
def test_values_that_would_say_more_than_they_may_are_refused_with_their_line(
    value: str, said: str, folder: Path
) -> None:
    with pytest.raises(DraftError, match=said) as raised:
        say(folder, f"theme:\n  {value}")
    assert raised.value.line == len(text(folder / layout.NEWSLETTER).splitlines())


def test_a_footer_is_markdown_at_the_end_of_every_page(folder: Path) -> None:
    say(folder, 'theme: {footer: "[合作](https://e.com) <script>alert(1)</script>"}')
    site = built(folder)
    for page in site.rglob("*.html"):
        html = text(page)
        assert html.count('<a href="https://e.com">合作</a>') == 1, page.name
        assert "<script>alert" not in html


def test_text_that_would_hardly_be_read_is_refused(folder: Path) -> None:
    newsletter = say(folder, 'theme: {dark: {link: "#003366"}}')
    with pytest.raises(UsageError, match=r"theme.dark.link: #003366 on paper #15181c has a contrast of 1\.\d"):
        load_theme(folder, newsletter)


def test_the_colours_of_every_site_are_read_from_its_style_sheets() -> None:
    for palette in default_palettes():
        assert palette.keys() == {"paper", "tint", "line", "ink", "quiet", "link", "accent", "mark"}


def test_issues_are_not_out_of_date_because_of_the_theme(folder: Path) -> None:
    before = load_newsletter(folder / layout.NEWSLETTER).model_dump_json()
    assert say(folder, 'theme: {light: {accent: "#00695c"}}').model_dump_json() == before


# --- logo and icon --------------------------------------------------------------------------------------------


def test_without_a_logo_the_icon_has_the_first_character_of_the_name(folder: Path) -> None:
    site = built(folder)
    assert ">嵌</text>" in text(site / "icon.svg")
    assert '<link rel="icon" href="icon.svg">' in text(site / "index.html")
    assert '<link rel="icon" href="../icon.svg">' in text(site / "sections" / "论文.html")
    assert '<link rel="icon" href="/embedded/icon.svg">' in text(site / "404.html")


def test_a_logo_stands_beside_the_name_and_is_the_icon(folder: Path) -> None:
    put(folder, "logo.svg", LOGO)
    say(folder, "theme: {logo: logo.svg}")
    site = built(folder)
    assert (site / "theme" / "logo.svg").read_text() == LOGO
    assert '<link rel="icon" href="theme/logo.svg">' in text(site / "index.html")
    assert '<img src="theme/logo.svg" alt="" height="40"> 嵌入式AI简报' in text(site / "index.html")
    assert '<img src="../theme/logo.svg" alt="" height="24"> 嵌入式AI简报' in text(site / "sections" / "论文.html")
    assert not (site / "icon.svg").exists()


def test_a_logo_that_is_not_there_is_named(folder: Path) -> None:
    say(folder, "theme: {logo: logo.svg}")
    with pytest.raises(UsageError, match=r"theme\.logo: there is no picture logo\.svg; put the picture into theme/"):
        built(folder)


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<path d="" onload="alert(1)"/>',
        '<a href="javascript:alert(1)"><path d=""/></a>',
        '<use href="https://e.com/x.svg#a"/>',
        '<image href="https://e.com/x.png"/>',
        "<foreignObject><p>x</p></foreignObject>",
        "<style>@import url(https://e.com)</style>",
        '<rect fill="url(https://e.com/#a)"/>',
        '<set attributeName="href" to="javascript:alert(1)"/>',
        '<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>',
        "<path",
    ],
)
def test_a_drawing_that_runs_or_loads_something_is_refused(inside: str, folder: Path) -> None:
    put(folder, "logo.svg", LOGO.replace("<path", f"{inside}<path", 1))
    with pytest.raises(UsageError, match="drawing") as raised:
        built(folder)
    assert raised.value.path == folder / layout.THEME / "logo.svg"


@pytest.mark.parametrize("before", ['<!DOCTYPE svg [<!ENTITY a "b">]>', '<?xml-stylesheet href="https://e.com"?>'])
def test_a_drawing_that_declares_something_is_refused(before: str, folder: Path) -> None:
    put(folder, "logo.svg", before + LOGO)
    with pytest.raises(UsageError, match="declaration"):
        built(folder)


# --- style sheet, files ---------------------------------------------------------------------------------------


def test_a_style_sheet_follows_ours_and_fonts_lie_beside_it(folder: Path) -> None:
    put(folder, "style.css", "@font-face { font-family: Own; src: url(theme/own.woff2) }\n")
    put(folder, "own.woff2", "wOF2")
    site = built(folder)
    assert text(site / "style.css").endswith("src: url(theme/own.woff2) }\n")
    assert (site / "theme" / "own.woff2").is_file()
    assert "font-src 'self'" in text(site / "index.html")


@pytest.mark.parametrize(
    "rule",
    [
        '@import "x.css";',
        "h1 { background: url(https://e.com/x.png) }",
        "h1 { background: url( '//e.com/x.png') }",
        'h1 { background: url("data:text/html,x") }',
    ],
)
def test_a_style_sheet_that_loads_something_from_elsewhere_is_refused(rule: str, folder: Path) -> None:
    path = put(folder, "style.css", f"h2 {{ color: red }}\n{rule}\n")
    with pytest.raises(UsageError, match="from elsewhere") as raised:
        built(folder)
    assert (raised.value.path, raised.value.line) == (path, 2)


@pytest.mark.parametrize("name", ["script.js", "page.html", "theme.py", "x.xml.j2", "atom.xml.j2", "data.json"])
def test_other_files_are_refused(name: str, folder: Path) -> None:
    path = put(folder, name, "x")
    with pytest.raises(UsageError, match=r"not a kind of file that a theme has; known: style\.css") as raised:
        built(folder)
    assert raised.value.path == path


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (folder / layout.THEME / "index.html.j2").symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError, match="not a file"):
        built(folder)
    shutil.rmtree(folder / layout.THEME)
    (folder / layout.THEME).symlink_to(tmp_path)
    with pytest.raises(UsageError, match="a symbolic link"):
        built(folder)


# --- templates ------------------------------------------------------------------------------------------------


def test_a_template_takes_the_place_of_ours_and_may_extend_it(folder: Path) -> None:
    put(
        folder,
        "names.html.j2",
        '{% extends "default/names.html.j2" %}{% block title %}{{ say(kind) }}一览{% endblock %}',
    )
    put(folder, "404.html.j2", '{% extends "base.html.j2" %}{% block body %}<main><p>不在</p></main>{% endblock %}')
    site = built(folder)
    assert "<title>来源一览</title>" in text(site / "sources.html")
    assert "机器之心" in text(site / "sources.html")
    assert "<p>不在</p>" in text(site / "404.html")


def test_values_are_escaped_in_templates_of_a_theme_too(folder: Path) -> None:
    path = folder / layout.NEWSLETTER
    path.write_text(text(path).replace("name: 嵌入式AI简报", "name: A<b>&"), "utf-8")
    put(folder, "404.html.j2", '{% extends "base.html.j2" %}{% block body %}<p>{{ site.name }}</p>{% endblock %}')
    assert "<p>A&lt;b&gt;&amp;</p>" in text(built(folder) / "404.html")


@pytest.mark.parametrize(
    "expression",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ site.__class__.__init__.__globals__ }}",
        "{{ site.url.__self__.newsletter.parse_file('/etc/hostname') }}",
        "{{ site.url.__func__.__globals__ }}",
        "{{ site.list_path.__wrapped__.__globals__ }}",
        "{{ site._replace }}",
        "{{ self._TemplateReference__context.environment.loader }}",
        "{{ cycler.__init__.__globals__.os.system('id') }}",
        "{{ lipsum.__globals__['os'].popen('id').read() }}",
        "{{ '{0.__class__}'.format(site) }}",
        "{{ ('%s' | format(site)).__class__ }}",
        "{{ site | attr('__class__') }}",
        "{{ say.__self__.newsletter }}",
        "{{ say('no such text') }}",
        "{% for x in range(1000000000) %}{% endfor %}",
        '{% include "/etc/hostname" %}',
        '{% include "../../../../../../../../../etc/hostname" %}',
        '{% include "default/../../renderer.py" %}',
        '{% include "../renderer.py" %}',
        '{% import "os" as os %}{{ os.system("id") }}',
        "{{ site.newsletter }}",
        "{{ undefined_name }}",
        "{% if %}",
        "{{ 1 / 0 }}",
    ],
)
def test_a_template_neither_runs_python_nor_reads_files(expression: str, folder: Path) -> None:
    put(folder, "404.html.j2", f'{{% extends "base.html.j2" %}}\n{{% block body %}}{expression}{{% endblock %}}')
    said = shown_or_refused(folder)
    assert re.match(r"theme/404\.html\.j2(:2)?: ", said) or said in {"", "False"}, said


def shown_or_refused(folder: Path) -> str:
    """What stands in the body of the error page, or why there is no site."""
    try:
        html = text(built(folder) / "404.html")
    except UsageError as error:
        return str(error)
    return html.partition("</nav>\n")[2].partition("</body>")[0].strip()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<meta http-equiv="Content-Security-Policy" content="{{ policy }}">', ""),
        ('content="{{ policy }}"', 'content="default-src *"'),
        ('<meta charset="utf-8">', '<script src="https://e.com/x.js"></script>'),
        ('<meta charset="utf-8">', "<!--"),
        ('<meta charset="utf-8">', "<noscript>"),
        ("<head>", "<head><title>x</title><body>"),
    ],
)
def test_no_template_loses_the_security_policy(old: str, new: str, folder: Path) -> None:
    ours = text(Path(layout.PACKAGE) / "site" / "templates" / "base.html.j2")
    assert old in ours
    put(folder, "base.html.j2", ours)
    built(folder)
    put(folder, "base.html.j2", ours.replace(old, new))
    with pytest.raises(UsageError, match="security policy"):
        built(folder)


def test_a_theme_that_fails_leaves_the_old_site(folder: Path) -> None:
    before = contents(built(folder))
    put(folder, "index.html.j2", "{{ nothing }}")
    with pytest.raises(EmbedAIError, match=r"theme/index\.html\.j2: UndefinedError: 'nothing' is undefined"):
        built(folder)
    assert contents(folder.parent / "site") == before


def test_the_preview_has_the_theme_too(folder: Path) -> None:
    put(folder, "style.css", "h2 { color: inherit }\n")
    put(folder, "logo.svg", LOGO)
    say(folder, "theme: {logo: logo.svg}")
    live = LivePreview(folder)
    live.refresh([])
    assert str(live.read("style.css")).endswith("h2 { color: inherit }\n")
    assert live.read("theme/logo.svg") == LOGO.encode()


# --- for programs ---------------------------------------------------------------------------------------------


def test_robots_are_shown_the_sitemap(folder: Path) -> None:
    assert text(built(folder) / "robots.txt") == f"User-agent: *\nAllow: /\nSitemap: {ADDRESS}sitemap.xml\n"
    without = build_site(folder, folder.parent / "site", "").folder
    assert text(without / "robots.txt") == "User-agent: *\nAllow: /\n"


def test_the_sitemap_says_of_each_page_when_it_was_updated(folder: Path) -> None:
    site = built(folder)
    found = dict(
        re.findall(r"<loc>https://news\.example/embedded/([^<]*)</loc><lastmod>([^<T]*)T", text(site / "sitemap.xml"))
    )
    assert text(site / "sitemap.xml").count("<loc>") == len(found)
    assert (found[""], found["2030-03-02.html"], found["2030.html"]) == ("2031-05-18", "2030-03-02", "2030-03-02")
    assert found[f"sources/{slug('C++')}.html"] == "2030-03-02"
