"""Plots as SVG in HTML: the same bytes everywhere, readable on a telephone, in the colours and fonts of the page around.

Text stays text, so that the reader's own fonts show it and no font is needed here, in the colour of the text around, so
that a dark page has a dark plot.  matplotlib is imported here alone.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import Any, cast

from markupsafe import Markup, escape

from embedai_nb.errors import UsageError
from embedai_nb.i18n import _

__all__ = ["SERIES", "diverging_bars", "grid", "horizontal_bars", "stacked_columns"]

WIDTH = 390
"""Units of a plot's width: pixels of the narrowest screen."""
FONT = 12.5
ROW = 24
"""Units of height for a bar with its label."""
NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
FITTING = "stroke-linejoin: round; display: block; width: 100%; max-width: 30rem; height: auto"
LABEL = 14
"""Characters of a label beside a bar."""

INK = "#010101"
"""Stands for the colour of the text around, while plotting."""
QUIET = "#7d8590"
SERIES = ("#3b82c4", "#d9822b", "#3f9c6d", "#a56cc1", "#c8517a", "#6b7f8f")
"""Neither too light for a white page nor too dark for a black one."""

STYLE: Mapping[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "embedai",
    "text.parse_math": False,  # a title may hold dollars
    "font.family": ["DejaVu Sans"],  # brought by matplotlib: heights are measured by it, the same everywhere
    "font.size": FONT,
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": QUIET,
    "xtick.color": QUIET,
    "ytick.color": INK,
    "ytick.labelcolor": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "grid.color": QUIET,
    "grid.alpha": 0.35,
    "axes.axisbelow": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}


def horizontal_bars(values: Mapping[str, float], label: str, *, of: str = "{:g}") -> Markup:
    """A bar for each value, the first on top, with the value behind it.

    Args:
        values: by the names of the bars.
        label: what the plot shows, for who does not see it.
        of: format of a value.
    """

    def draw(axes: Any) -> None:
        most = max([*values.values(), 1])
        axes.barh(range(len(values)), list(values.values()), color=SERIES[0], height=0.62)
        for n, value in enumerate(values.values()):
            axes.text(value + most * 0.02, n, of.format(value), va="center", color=QUIET)
        axes.set_xlim(0, most * 1.14)
        _bar_names(axes, list(values))

    return _svg(draw, ROW * len(values) + 12, label, left=0.36, bottom=0.02)


def diverging_bars(values: Mapping[str, float], label: str, *, of: str = "{:+.0f}") -> Markup:
    """Bars to the right for what rises and to the left for what falls, each with its value."""

    def draw(axes: Any) -> None:
        most = max([*map(abs, values.values()), 1])
        colours = [SERIES[2] if value > 0 else SERIES[1] for value in values.values()]
        axes.barh(range(len(values)), list(values.values()), color=colours, height=0.62)
        for n, value in enumerate(values.values()):
            side = 1 if value > 0 else -1
            beside = "left" if value > 0 else "right"
            axes.text(value + side * most * 0.03, n, of.format(value), va="center", ha=beside, color=QUIET)
        axes.axvline(0, color=QUIET, linewidth=0.8)
        axes.set_xlim(-most * 1.3, most * 1.3)
        _bar_names(axes, list(values))

    return _svg(draw, ROW * len(values) + 12, label, left=0.3, bottom=0.02)


def _bar_names(axes: Any, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [_short(name) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.spines["left"].set_visible(False)


def stacked_columns(names: Sequence[str], series: Mapping[str, Sequence[float]], label: str) -> Markup:
    """A column for each name, one series upon the other; of many names only some are written."""

    def draw(axes: Any) -> None:
        base = [0.0] * len(names)
        for n, (name, values) in enumerate(series.items()):
            axes.bar(
                range(len(names)), values, bottom=base, width=0.8, color=SERIES[n % len(SERIES)], label=_short(name)
            )
            base = [low + value for low, value in zip(base, values, strict=True)]
        written = range(0, int(len(names) * 0.88) + 1, -(-len(names) // 5))  # the last has to have room to its right
        axes.set_xticks(written, [names[n] for n in written], ha="left")
        axes.yaxis.grid(visible=True, linewidth=0.6)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", labelcolor=QUIET)
        axes.yaxis.get_major_locator().set_params(integer=True, nbins=5)
        axes.margins(x=0.01)

    return _legend(list(series)) + _svg(draw, 230, label, left=0.09, bottom=0.13)


def _legend(names: Sequence[str]) -> Markup:
    """Names beside their colours, as text that wraps on any screen."""
    swatch = Markup('<span style="white-space: nowrap"><span style="color: {}">■</span> {}</span>')
    spans = Markup(" ").join(swatch.format(SERIES[n % len(SERIES)], name) for n, name in enumerate(names))
    return Markup("<p>{}</p>\n").format(spans) if len(names) > 1 else Markup()


def grid(rows: Sequence[str], columns: Sequence[str], values: Sequence[Sequence[int]], label: str) -> Markup:
    """Numbers in a grid, the greater the stronger their colour."""

    def draw(axes: Any) -> None:
        most = max(max(row, default=0) for row in values) or 1
        for y, row in enumerate(values):
            for x, value in enumerate(row):
                box = {"x": [x - 0.47, x + 0.47], "y1": y - 0.44, "y2": y + 0.44}
                alpha = 0.08 + 0.62 * value / most if value else 0.04
                axes.fill_between(**box, color=SERIES[0], alpha=alpha, linewidth=0)
                if value:
                    axes.text(x, y, str(value), ha="center", va="center")
        axes.set_yticks(range(len(rows)), [_short(name) for name in rows])
        axes.set_xticks(range(len(columns)), columns)
        axes.xaxis.tick_top()
        axes.set_ylim(len(rows) - 0.45, -0.55)
        axes.set_xlim(-0.55, len(columns) - 0.45)
        for side in ("bottom", "left"):
            axes.spines[side].set_visible(False)

    return _svg(draw, ROW * len(rows) + 34, label, left=0.36, bottom=0.01, top=30)


# --- drawing --------------------------------------------------------------------------------------------------


def _svg(
    draw: Callable[[Any], None], height: float, label: str, *, left: float, bottom: float, top: float = 6
) -> Markup:
    """Draw a figure whose margins are given, so that no font of this machine moves anything."""
    with _matplotlib() as figure_class:
        figure = figure_class(figsize=(WIDTH / 72, height / 72))
        axes = figure.add_axes((left, bottom, 0.99 - left, 1 - bottom - top / height))
        draw(axes)
        out = StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return Markup(_inline(out.getvalue(), label))


@contextmanager
def _matplotlib() -> Iterator[Any]:
    """The class of figures, with this style, silent about fonts that none of this needs."""
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        remedy = _('pip install "embedai-nb[{extra}]"', extra="trends")
        raise UsageError(_("the plots need matplotlib, which is not installed"), remedy=remedy) from None
    fonts = logging.getLogger("matplotlib.font_manager")
    before = fonts.level
    fonts.setLevel(logging.ERROR)
    try:
        with rc_context(cast("Any", dict(STYLE))), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
            yield Figure
    finally:
        fonts.setLevel(before)


def _inline(svg: str, label: str) -> str:
    """Make a document a part of a page: no prologue, no ids twice, colours and fonts of the page."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<(metadata|style)\b.*?</\1>\s*", "", svg, flags=re.DOTALL)
    used = set(re.findall(r"(?:url\(#|href=\"#)([^\")]+)", svg))
    svg = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", svg)
    svg = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", svg)  # as matplotlib 3.10 writes it
    svg = re.sub(r"font-family: [^;\"]*;? ?| transform=\"rotate\(-0 [^\"]*\"", "", svg)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace(INK, "currentColor")
    box = re.search(r'viewBox="[^"]*"', svg)
    head = f'<svg {box[0] if box else ""} role="img" aria-label="{escape(label)}" {NAMESPACES} style="{FITTING}">'
    return re.sub(r"\n\s*", "\n", re.sub(r"<svg[^>]*>", lambda _: head, svg, count=1)).strip()


def _short(name: str) -> str:
    return name if len(name) <= LABEL else f"{name[: LABEL - 1].rstrip()}…"
