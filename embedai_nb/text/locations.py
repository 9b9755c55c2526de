"""Locations of findings, as editors read them: 论文 2「ActNN」 · 摘要."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from embedai_nb.model import Issue, Item, Raw, Warmup
from embedai_nb.text.paths import Path
from embedai_nb.text.spans import visible

__all__ = ["FIELDS", "Location", "locate"]

TITLE = 24
"""Characters shown of a title."""

FIELDS = {
    "date": "日期",
    "headline": "关键词",
    "heading": "标题行",
    "front_matter": "文件头",
    "tagline": "口号",
    "before": "导读前的文字",
    "lead": "导读",
    "intro": "小新闻的引导语",
    "warmups": "热身小新闻",
    "note": "注",
    "after": "注后的文字",
    "sections": "栏目",
    "closing": "文末",
    "name": "名称",
    "items": "条目",
    "company": "公司",
    "title": "标题",
    "source": "来源",
    "url": "网址",
    "tags": "标签",
    "repo": "仓库",
    "links": "更多链接",
    "text": "正文",
    "hook": "导读用语",
    "status": "状态",
    "waived": "免查",
    "checks": "规则",
}
"""Labels of the keys of a draft, as in the form."""


class Location(BaseModel):
    """Location of a finding: its path, and the words by which an editor finds it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    section: str | None = None
    number: int | None = Field(None, description="of the item within its section, from 1")
    title: str | None = Field(None, description="beginning of the item's title")
    field: str | None = None

    def __str__(self) -> str:
        item = " ".join(str(part) for part in (self.section, self.number) if part)
        item += f"「{self.title}」" if self.title else ""
        return visible(" · ".join(part for part in (item, self.field) if part))


def locate(issue: Issue, path: Path) -> Location:
    """Describe a path."""
    match path:
        case ("warmups", int(index), *rest):
            title = _title(issue.warmups[index])
            return Location(path=path, section=FIELDS["warmups"], number=index + 1, title=title, field=_field(rest))
        case ("sections", int(number), "items", int(index), *rest):
            section = issue.sections[number]
            entry = section.items[index]
            before = sum(isinstance(item, Item) for item in section.items[: index + 1])
            number_shown = before if isinstance(entry, Item) else None
            return Location(
                path=path, section=section.name, number=number_shown, title=_title(entry), field=_field(rest)
            )
        case ("sections", int(number), *rest):
            return Location(path=path, section=issue.sections[number].name, field=_field(rest))
    return Location(path=path, field=_field(path))


def _title(entry: Item | Warmup | Raw) -> str | None:
    match entry:
        case Item():
            text = entry.title or entry.repo or ""
        case Warmup():
            text = entry.company or entry.text
        case Raw():
            text = entry.raw
    text = " ".join(text.split())
    return (text if len(text) <= TITLE else f"{text[: TITLE - 1]}…") or None


def _field(path: Path | list[str | int]) -> str | None:
    """Name of a field: of a label its own, else that in the form."""
    if path[:1] in (("fields",), ["fields"]) and len(path) > 1:
        return str(path[1])
    name = next((step for step in path if isinstance(step, str)), None)
    return None if name in (None, "raw") else FIELDS.get(str(name), str(name))
