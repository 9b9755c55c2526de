"""The words of a review."""

from __future__ import annotations

from embedai_nb.text.locations import FIELDS

__all__ = ["HEADINGS", "KINDS", "NAMES", "SAME", "STATES", "VERDICTS", "WORDS"]

VERDICTS = {
    "blocked": "有 {errors} 个错误，不能发布",
    "ready": "可以发布",
    "unchanged": "已发布，此后未改",
}
"""What is decided by, in one line."""

WORDS = {
    "mark-blocked": "✗",
    "mark-ready": "✓",
    "mark-unchanged": "✓",
    "obstacles": "先改好",
    "first": "首次发布",
    "changed": "改动 {count} 处",
    "to-do": "谁来做什么",
    "editor": "编辑",
    "reviewer": "审阅",
    "mend-errors": "改好 {count} 个错误",
    "finish-items": "写完 {count} 条（{names}）",
    "look-at-warnings": "看 {count} 个警告",
    "nothing-to-mend": "没有要改的",
    "read-changes": "看改动的 {count} 处",
    "read-all": "通读全文",
    "look-at-notes": "{count} 个提示可看可不看",
    "items": "条目",
    "items-value": "{count} 条（{sections}）",
    "warmups-value": "热身 {count} 条",
    "length": "篇幅",
    "length-value": "{characters} 字，约读 {minutes} 分钟",
    "budget": "公众号",
    "budget-value": "{used} / {limit} 字（{percent}%）",
    "budget-unknown": "算不出来：{why}",
    "links": "链接",
    "links-value": "{count} 个，查过 {checked} 个（{date}）",
    "links-bad": "，打不开 {dead} 个，未知 {unknown} 个",
    "links-unchecked": "{count} 个，都没有查过（embedai check {date} --links）",
    "issue": "整期",
    "raw": "原样文字",
    "untitled": "无标题",
    "section": "{name}（栏目）",
    "ready": "就绪",
    "draft": "待完成",
    "note": "备注",
    "line": "草稿第 {line} 行",
    "share": "公众号 {characters} 字，占 {percent}%",
    "fix": "改法：{fix}",
    "added": "新增",
    "removed": "删去",
    "moved-section": "从“{before}”移到“{after}”",
    "moved-place": "从第 {before} 条移到第 {after} 条",
    "index": "目录",
    "index-findings": "只看有问题的（{count}）",
    "index-changed": "只看改动的（{count}）",
    "index-all": "全部（{count}）",
    "none": "没有",
    "removed-items": "删去的条目",
    "link-ok": "打得开（{date} 查过）",
    "link-dead": "打不开：{why}（{date} 查过）",
    "link-no-fragment": "打得开，但没有“#”后面的那一处（{date} 查过）",
    "link-unknown": "未知：{why}（{date} 查过）",
    "earlier": "{date} {section} 的“{title}”{same}",
    "earlier-said": "：{said}",
    "history": "与往期相比",
    "history-caption": "最近 {count} 期：各栏条数、合计、字数；每个 {blocks} 是一条。",
    "history-alone": "这是第一期，没有往期可比。",
    "history-date": "日期",
    "history-total": "合计",
    "history-characters": "字数",
    "history-picture": "图",
    "history-median": "往期中位数",
    "history-this": "{date}（本期）",
    "published": "将发布的内容",
    "page": "网页",
    "wechat": "公众号文章",
    "markdown": "Markdown",
    "cut": "太长，略去其余 {count} 条；完整的审阅稿见 {path}。",
    "findings-total": "检查：{counts}",
    "findings-none": "检查：没有发现问题",
}

HEADINGS = {"verdict": "结论", "items": "逐条审阅"}

KINDS = {"added": "新增", "removed": "删去", "moved": "移动", "edited": "改动"}
"""What became of an item since the last publication."""

STATES = {"ok": "link-ok", "dead": "link-dead", "unknown": "link-unknown", "no-fragment": "link-no-fragment"}

SAME = {
    "url": "，同一网址",
    "paper": "，同一论文",
    "repository": "，同一仓库",
    "company": "，同一公司",
    "title": "，标题相近",
}
"""In what an earlier item is the same."""

NAMES = FIELDS | {"section": "栏目", "place": "次序"}
"""The fields of an issue in an editor's words."""
