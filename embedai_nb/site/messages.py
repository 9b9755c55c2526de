"""Texts of the website, by language."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["words"]

CHINESE = {
    "home": "首页",
    "site": "网站",
    "search": "搜索",
    "search_hint": "搜索全部往期，如：量化",
    "search_needs_script": "搜索需要 JavaScript；也可以按年份、栏目或来源查找。",
    "searching": "正在查找…",
    "found": "找到 {count} 条",
    "found_more": "已找到 {count} 条，更早的各期还没有查",
    "nothing_found": "没有找到“{query}”",
    "unreachable": "读不到搜索数据，请检查网络后再试",
    "more": "继续往前找",
    "results": "搜索结果",
    "latest": "最新一期",
    "sections": "栏目",
    "sources": "来源",
    "all_sources": "全部来源（{count}）",
    "tags": "标签",
    "all_tags": "全部标签（{count}）",
    "about": "关于本站",
    "trends": "图表：这份简报写了些什么",
    "years": "年份",
    "items": "{count} 条",
    "issues": "{count} 期",
    "previous": "上一期",
    "next": "下一期",
    "newer": "较新的",
    "older": "较早的",
    "pages": "翻页",
    "neighbours": "前后各期",
    "original": "原文",
    "subscribe": "订阅",
    "not_found": "没有这个页面",
    "not_found_hint": "地址可能写错了，或者这一期改了日期。",
}
ENGLISH = {
    "home": "Home",
    "site": "Site",
    "search": "Search",
    "search_hint": "Search all issues",
    "search_needs_script": "Search needs JavaScript; years, sections and sources lead everywhere too.",
    "searching": "Searching…",
    "found": "{count} found",
    "found_more": "{count} found so far, there may be older ones",
    "nothing_found": "Nothing found for “{query}”",
    "unreachable": "The search data can't be read; check the connection and try again",
    "more": "Look further back",
    "results": "Results",
    "latest": "Latest issue",
    "sections": "Sections",
    "sources": "Sources",
    "all_sources": "All sources ({count})",
    "tags": "Tags",
    "all_tags": "All tags ({count})",
    "about": "About this site",
    "trends": "Charts: what this newsletter wrote about",
    "years": "Years",
    "items": "{count} items",
    "issues": "{count} issues",
    "previous": "Previous",
    "next": "Next",
    "newer": "Newer",
    "older": "Older",
    "pages": "Pages",
    "neighbours": "Previous and next issue",
    "original": "original",
    "subscribe": "Subscribe",
    "not_found": "No such page",
    "not_found_hint": "The address may be misspelt, or the issue has another date now.",
}


def words(language: str) -> Mapping[str, str]:
    """The texts in a language (BCP 47 tag): Chinese for any kind of it, else English."""
    return CHINESE if language.lower().split("-")[0] == "zh" else ENGLISH
