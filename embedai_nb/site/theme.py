"""The look of a site: colours, font, logo and footer of newsletter.yaml, and the files of the folder theme/ beside it.

The folder may hold a style sheet, templates, pictures and fonts.  A pull request may bring any of them, so nothing in it
runs: no scripts are taken, drawings are searched for them, and links to files elsewhere are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

from markupsafe import escape

from embedai_nb.errors import UsageError
from embedai_nb.html import page
from embedai_nb.i18n import _
from embedai_nb.model import Newsletter, Palette
from embedai_nb.workspace import layout

__all__ = ["SiteTheme", "load_theme"]

HERE = Path(__file__).parent

STYLE = "style.css"
TEMPLATE = ".html.j2"
PICTURES = frozenset({".avif", ".gif", ".ico", ".jpeg", ".jpg", ".png", ".svg", ".webp"})
FONTS = frozenset({".otf", ".ttf", ".woff", ".woff2"})
KINDS = (STYLE, f"*{TEMPLATE}", *(f"*{kind}" for kind in sorted(PICTURES | FONTS)), "LICENSE*")
LARGEST = 5_000_000
"""Bytes of a file of a theme."""

ELSEWHERE = re.compile(r"""@import|\burl\(\s*["']?\s*(?:[a-z][a-z0-9+.-]*:(?!image/)|//)""", re.IGNORECASE)
"""What a style sheet would load from another site, or besides itself."""
SVG = "{http://www.w3.org/2000/svg}"
SHAPES = frozenset(
    [
        "circle",
        "clipPath",
        "defs",
        "desc",
        "ellipse",
        "g",
        "line",
        "linearGradient",
        "mask",
        "path",
        "pattern",
        "polygon",
        "polyline",
        "radialGradient",
        "rect",
        "stop",
        "svg",
        "symbol",
        "text",
        "title",
        "tspan",
        "use",
    ]
)
"""Elements of a drawing that neither run nor load anything."""

DECLARED = re.compile(r"--(\w+): (#[0-9a-f]{3,6})\b")
READ = ("ink", "quiet", "link", "accent")
"""Colours of text."""
BEHIND = ("paper", "tint")
CONTRAST = 4.5
"""The least contrast of text: https://www.w3.org/TR/WCAG22/#contrast-minimum."""


@dataclass(frozen=True)
class SiteTheme:
    """The look of a site, checked."""

    style: str = ""
    """Rules that follow those of every site."""
    templates: tuple[tuple[str, str], ...] = ()
    """Names and texts of templates that take the place of ours."""
    files: tuple[tuple[str, bytes], ...] = ()
    """Pictures and fonts, by their path within the site."""
    logo: str = ""
    """Path of the logo within the site; empty if there is none."""
    icon: str = "icon.svg"

    @cached_property
    def template_names(self) -> frozenset[str]:
        """Names of the templates."""
        return frozenset(name for name, _ in self.templates)

    @property
    def has_fonts(self) -> bool:
        """Whether it brings fonts of its own."""
        return any(PurePosixPath(path).suffix in FONTS for path, _ in self.files)


def load_theme(folder: Path, newsletter: Newsletter) -> SiteTheme:
    """Load the theme of a newsletter.

    Args:
        folder: the issues folder.
        newsletter: its newsletter.

    Raises:
        UsageError: a file is of an unknown kind, too large, a link, or would load or run something; a text would hardly
            be read on its background; or there is no such logo.
    """
    found = dict(_files(folder / layout.THEME))
    style = found.pop(STYLE, b"")
    templates = {name: found.pop(name) for name in sorted(found) if name.endswith(TEMPLATE)}
    for name, content in sorted(found.items()):
        if name.endswith(".svg"):
            _check_drawing(content, folder / layout.THEME / name)
    _check_contrast(folder / layout.NEWSLETTER, newsletter)
    own = _text(style, folder / layout.THEME / STYLE)
    _check_style(own, folder / layout.THEME / STYLE)
    files = {f"theme/{name}": content for name, content in sorted(found.items())}
    logo = _logo(newsletter.theme.logo, files, folder)
    files |= {} if logo else {"icon.svg": _drawn_icon(newsletter).encode()}
    return SiteTheme(
        style="\n".join(filter(None, [_declared(newsletter), own])),
        templates=tuple((name, _text(text, folder / layout.THEME / name)) for name, text in templates.items()),
        files=tuple(files.items()),
        logo=logo,
        icon=logo or "icon.svg",
    )


def _logo(name: str, files: Mapping[str, bytes], folder: Path) -> str:
    path = f"theme/{name}" if name else ""
    if name and (path not in files or PurePosixPath(name).suffix not in PICTURES):
        remedy = _("put the picture into {folder}/", folder=layout.THEME)
        problem = _("there is no picture {name}", name=name)
        raise UsageError(problem, path=folder / layout.NEWSLETTER, field="theme.logo", remedy=remedy)
    return path


# --- the folder -----------------------------------------------------------------------------------------------


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files; nothing where there is no such folder."""
    if folder.is_symlink():
        raise UsageError(_("a symbolic link"), path=folder, remedy=_("put the files themselves there"))
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.startswith("."):
            continue
        if path.is_symlink() or not path.is_file():
            raise UsageError(_("not a file"), path=path, remedy=_("put the files themselves there, without folders"))
        if not any(map(path.match, KINDS)):
            raise UsageError(
                _("not a kind of file that a theme has"), path=path, remedy=_("known: {kinds}", kinds=", ".join(KINDS))
            )
        if path.stat().st_size > LARGEST:
            raise UsageError(
                _("more than {size} MB", size=LARGEST // 1_000_000), path=path, remedy=_("make it smaller")
            )
        yield path.name, path.read_bytes()


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise UsageError(
            _("not UTF-8 at byte {offset}", offset=error.start), path=path, remedy=_("convert the file to UTF-8")
        ) from error


def _check_style(style: str, path: Path) -> None:
    if found := ELSEWHERE.search(style):
        line = style.count("\n", 0, found.start()) + 1
        problem = _("{rule!a} would load something from elsewhere", rule=found[0])
        raise UsageError(problem, path=path, line=line, remedy=_("put the file beside it: url(theme/NAME)"))


def _check_drawing(content: bytes, path: Path) -> None:
    """Refuse a drawing with scripts, links out of itself, or entities: opened by its address, it is a page."""
    remedy = _("save it as a plain drawing (Inkscape: Plain SVG), or as PNG")
    try:
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"<?xml-" in content:
            raise UsageError(_("a declaration in a drawing"), path=path, remedy=remedy)
        elements = list(ElementTree.fromstring(content).iter())
    except ElementTree.ParseError as error:
        raise UsageError(_("not a drawing: {error}", error=error), path=path, remedy=remedy) from error
    for element in elements:
        if element.tag.removeprefix(SVG) not in SHAPES or not element.tag.startswith(SVG):
            raise UsageError(_("<{name}> in a drawing", name=element.tag.rpartition("}")[2]), path=path, remedy=remedy)
        for name, value in element.attrib.items():
            plain = name.rpartition("}")[2]
            if plain.startswith("on") or (plain == "href" and not value.startswith("#")) or _leads_out(value):
                raise UsageError(_("the attribute {name} in a drawing", name=plain), path=path, remedy=remedy)


def _leads_out(value: str) -> bool:
    return bool(re.search(r"url\(\s*[\"']?(?!\s*[\"']?#)|javascript:", value, re.IGNORECASE))


# --- newsletter.yaml ------------------------------------------------------------------------------------------


def _declared(newsletter: Newsletter) -> str:
    """Rules for what newsletter.yaml says; its values hold nothing but colours and names of fonts."""
    theme = newsletter.theme
    rules = [
        f"@media screen and (prefers-color-scheme: {scheme}) {{ :root {{ {colours} }} }}"
        for scheme, colours in (("light", _colours(theme.light)), ("dark", _colours(theme.dark)))
        if colours
    ]
    if theme.font:
        rules.append(f"body {{ font-family: {theme.font}; }}")
    return "\n".join(rules)


def _colours(palette: Palette) -> str:
    return " ".join(f"--{name}: {value};" for name, value in palette.model_dump().items() if value)


def default_palettes() -> tuple[dict[str, str], dict[str, str]]:
    """The colours of every site, light and dark, as its style sheets declare them."""
    light, dark = dict[str, str](), dict[str, str]()
    for sheet in (page.HERE / "style.css", HERE / "site.css"):
        for block in re.findall(r"(?:@media [^{]*\{\s*)?:root \{[^}]*\}", sheet.read_text("utf-8")):
            if "print" not in block and "(max-width" not in block:
                (dark if "dark)" in block else light).update(DECLARED.findall(block))
    return light, dark


def _check_contrast(path: Path, newsletter: Newsletter) -> None:
    theme = newsletter.theme
    for name, own, usual in zip(("light", "dark"), (theme.light, theme.dark), default_palettes(), strict=True):
        palette = usual | {key: value for key, value in own.model_dump().items() if value}
        pairs = [(text, back) for text in READ for back in BEHIND] + [("ink", "mark")]
        for text, back in pairs:
            contrast = _contrast(palette[text], palette[back])
            if contrast < CONTRAST:
                problem = _(
                    "{text} on {back} {behind} has a contrast of {contrast:.1f}",
                    text=palette[text],
                    back=back,
                    behind=palette[back],
                    contrast=contrast,
                )
                remedy = _("text needs {least} to be read by everybody; take a darker or lighter one", least=CONTRAST)
                raise UsageError(problem, path=path, field=f"theme.{name}.{text}", remedy=remedy)


def _contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _drawn_icon(newsletter: Newsletter) -> str:
    """An icon with the first character of the name."""
    colour = newsletter.theme.light.accent or default_palettes()[0]["accent"]
    paper = newsletter.theme.light.paper or default_palettes()[0]["paper"]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" rx="14" fill="{colour}"/>'
        f'<text x="32" y="45" text-anchor="middle" font-family="sans-serif" font-size="38" font-weight="600"'
        f' fill="{paper}">{escape(newsletter.name.strip()[:1] or "·")}</text></svg>\n'
    )
