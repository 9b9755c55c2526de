"""Outputs of the notebook's cells: static HTML without script or style sheet, readable wherever it is opened."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import pandas as pd
from IPython.display import display
from markupsafe import Markup, escape

from embedai_nb import edition as editions
from embedai_nb.catalogue import Earlier
from embedai_nb.checks import SEVERITIES, Finding, Severity
from embedai_nb.checks.severity import count_severities
from embedai_nb.diff.changes import Change, Edit
from embedai_nb.edition import Edition
from embedai_nb.html import page as pages
from embedai_nb.html.render import inline, linked, plain
from embedai_nb.model import Item, Warmup
from embedai_nb.png_bar_chart import stacked_bar_chart
from embedai_nb.text.locations import FIELDS
from embedai_nb.wechat import article as articles
from embedai_nb.workspace.locate import issues_folder

__all__ = ["archive", "changes", "findings", "items", "load", "overview", "page", "past", "wechat"]

CHANGES = {"added": "新增", "removed": "删去", "moved": "移动", "edited": "改动"}
FIELD_NAMES = FIELDS | {"section": "栏目", "place": "次序"}
SEEN_BEFORE_BY = {"url": "网址", "paper": "论文", "repository": "仓库", "title": "标题"}
EXCERPT = 12
"""Characters of context shown on either side of a change."""


@dataclass(frozen=True, repr=False)
class DisplayData:
    """An output for Jupyter: its MIME bundle, and metadata for the publisher."""

    data: Mapping[str, str]
    about: Mapping[str, object] = field(default_factory=dict)

    def __repr__(self) -> str:
        """What Jupyter keeps as plain text beside HTML: its MIME types, so that the HTML isn't repeated."""
        return f"<{', '.join(self.data)}>"

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, str], dict[str, object]]:
        del include, exclude
        return dict(self.data), {"embedai": dict(self.about)} if self.about else {}


class _DisplayList:
    """Several outputs, one below the other."""

    def __init__(self, *shown: DisplayData) -> None:
        self.shown = shown

    def _ipython_display_(self) -> None:
        display(*self.shown)  # type: ignore[no-untyped-call]  # IPython has no types for it


def _html(*parts: Markup, about: Mapping[str, object] | None = None) -> DisplayData:
    return DisplayData({"text/html": "\n".join(parts)}, about or {})


def _list(entries: Iterable[Markup]) -> Markup:
    return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(entry) for entry in entries))


def _inline_link(earlier: Earlier) -> Markup:
    return linked(_inline(earlier.title), earlier.url)


def _inline(text: str) -> Markup:
    """One line of Markdown as sanitized HTML."""
    return Markup(inline(text))


def _table(rows: Sequence[Mapping[str, object]]) -> Markup:
    """Rows as a table, by pandas; cells that aren't Markup are escaped."""
    frame = pd.DataFrame([{name: str(escape(cell)) for name, cell in row.items()} for row in rows])
    with pd.option_context("display.max_colwidth", None):
        html = frame.to_html(index=False, escape=False, border=0)
    # Jupyter's own style sheets align cells to the right; an untrusted notebook keeps attributes only.
    return Markup(
        re.sub(r"<t([hd])>", r'<t\1 style="text-align: left">', html.replace(' style="text-align: right;"', ""))
    )


# --- cells, in order --------------------------------------------------------------------------------------------


def load(date: str) -> Edition:
    """Load the edition of a date (YYYY-MM-DD) from the issues folder."""
    return editions.load(date, issues_folder())


def overview(edition: Edition) -> DisplayData:
    """Title, whether it can be published, and size."""
    issue, counts = edition.issue, _counts(edition.findings)
    state = f"有 {counts['error']} 个错误，改好后才会发布。" if counts["error"] else "可以发布。"
    others = [f"{n} 个{SEVERITIES[kind].word}" for kind, n in counts.items() if n and kind != "error"]
    sections = "，".join(f"{section.name} {len(section.entries)} 条" for section in issue.sections)
    warmups = sum(isinstance(warmup, Warmup) for warmup in issue.warmups)
    size = f"{len(issue.entries)} 条（{sections}），热身 {warmups} 条，Markdown {len(edition.markdown)} 字。"
    return _html(
        Markup("<h1>{}</h1>").format(pages.title(issue, edition.newsletter)),
        Markup("<p><strong>{}</strong>{}</p>").format(state, f" 另有 {'、'.join(others)}。" if others else ""),
        Markup("<p>{}</p>").format(size),
    )


def findings(edition: Edition) -> DisplayData:
    """Findings by severity, the gravest first, each with its line in the draft."""
    counts = _counts(edition.findings)
    total = "，".join(f"{SEVERITIES[kind].word} {count}" for kind, count in counts.items() if count)
    parts = [Markup("<h2>检查：{}</h2>").format(total or "没有发现问题")]
    for kind, style in SEVERITIES.items():
        rows = [_row(finding) for finding in edition.findings if finding.severity == kind]
        if rows:
            parts += [Markup("<h3>{}</h3>").format(style.word), _table(rows)]
    about = {SEVERITIES[kind].plural: count for kind, count in counts.items()}
    return _html(*parts, about=about)


def items(edition: Edition) -> DisplayData:
    """Table of all items, in order."""
    draft = edition.draft.issue
    rows = [
        _item(number, section.name, item, edition)
        for section in draft.sections
        for number, item in enumerate(section.entries, 1)
    ]
    body = _table(rows) if rows else Markup("<p>还没有条目。</p>")
    return _html(Markup("<h2>条目</h2>"), body)


def past(edition: Edition) -> _DisplayList:
    """Items seen in earlier issues, and a chart of the sizes of issues."""
    rows = [
        {
            "条目": _inline(item.title),
            "曾收录于": str(earlier.date),
            "当时": _inline_link(earlier),
            "同": SEEN_BEFORE_BY[earlier.reason],
        }
        for item, found in edition.past.earlier
        for earlier in found
    ]
    known = Markup("<p>没有重复收录的条目。</p>") if not rows else _table(rows)
    sizes = [*edition.past.sizes.values(), Counter(s.name for s in edition.draft.issue.sections for _ in s.entries)]
    names = list(dict.fromkeys([*(style.name for style in edition.newsletter.sections), *sizes[-1]]))
    legend = Markup("<p>近 {} 期每期的条数，最右是本期；每柱自下而上：{}。</p>").format(len(sizes), "、".join(names))
    bars = [[size.get(name, 0) for name in names] for size in sizes]
    picture = base64.b64encode(stacked_bar_chart(bars)).decode()
    return _DisplayList(_html(Markup("<h2>往期</h2>"), known, legend), DisplayData({"image/png": picture}))


def changes(edition: Edition) -> DisplayData:
    """Changes since the previous publication, item by item."""
    found = edition.changes
    heading = Markup("<h2>与上次发布相比</h2>")
    if found is None:
        return _html(heading, Markup("<p>首次发布，没有可比的上一版。</p>"))
    if not found:
        return _html(heading, Markup("<p>没有改动。</p>"), about={"base": edition.base})
    counts = [f"{name} {n} 处" for kind, name in CHANGES.items() if (n := sum(change.kind == kind for change in found))]
    return _html(
        heading,
        Markup("<p>{}。</p>").format("，".join(counts)),
        _list(_change(change) for change in found),
        about={"base": edition.base},
    )


def page(edition: Edition) -> DisplayData:
    """The HTML page without its style sheet."""
    newsletter = edition.newsletter
    about = {
        "title": pages.title(edition.issue, newsletter),
        "language": newsletter.language,
        "description": plain(newsletter.tagline),
    }
    if newsletter.images == "show":
        about["images"] = newsletter.images
    return DisplayData({"text/html": pages.fragment(edition.issue, newsletter)}, about)


def wechat(edition: Edition) -> DisplayData | None:
    """The article for WeChat's editor; None if the newsletter isn't for WeChat."""
    if not edition.newsletter.wechat:
        return None
    made = articles.compose(edition.issue, edition.newsletter)
    about = {"language": edition.newsletter.language, "budget": made.budget.model_dump(mode="json")}
    return DisplayData({"text/html": made.html}, about)


def archive(edition: Edition) -> DisplayData:
    """The archive Markdown, verbatim."""
    return DisplayData({"text/plain": edition.markdown})


# --- parts of cells ---------------------------------------------------------------------------------------------


def _counts(found: Iterable[Finding]) -> dict[Severity, int]:
    return count_severities(finding.severity for finding in found)


def _row(finding: Finding) -> dict[str, object]:
    return {
        "位置": finding.place,
        "问题": finding.message,
        "行": finding.line or "",
        "规则": Markup("<code>{}</code>").format(finding.rule),
    }


def _item(number: int, section: str, item: Item, edition: Edition) -> dict[str, object]:
    summary = item.fields.get(edition.newsletter.summary_label, item.text)
    state = "就绪" if item.status == "ready" else "待完成"
    title = _inline(item.title) if item.title else Markup("<em>无标题</em>")
    marks = [*item.tags, *([item.repo] if item.repo else [])]
    return {
        "栏目": f"{section} {number}",
        "标题": linked(title, item.url or ""),
        "来源": item.source or "—",
        "标签、仓库": "，".join(marks) or "—",
        "摘要字数": len("".join(summary.split())),
        "状态": "—" if edition.draft.issue.imported else state,
    }


def _change(change: Change) -> Markup:
    name = change.title if change.section else FIELD_NAMES.get(change.title, change.title)
    where = f"{change.section}：" if change.section else ""
    head = Markup("<strong>{}</strong> {}{}").format(CHANGES[change.kind], where, _inline(name))
    return head + _list(_edit(edit) for edit in change.edits) if change.edits else head


def _edit(edit: Edit) -> Markup:
    name = FIELD_NAMES.get(edit.field, edit.field)
    return Markup("{}：{}").format(name, Markup("").join(_difference(edit.before, edit.after)))


def _difference(before: str, after: str) -> Iterable[Markup]:
    """The text with deletions and insertions marked; long unchanged parts are abridged."""
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            kept = before[a:b]
            yield escape(kept if len(kept) <= 2 * EXCERPT else f"{kept[:EXCERPT]}…{kept[-EXCERPT:]}")
            continue
        if b > a:
            yield Markup("<del>{}</del>").format(before[a:b])
        if d > c:
            yield Markup("<ins>{}</ins>").format(after[c:d])
