"""Words of the form's tab of candidates."""

from __future__ import annotations

__all__ = ["INBOX_WORDS"]

INBOX_WORDS = {
    "tab-inbox": "候选",
    "inbox-none": "newsletter.yaml 里还没有 inbox:。写上订阅源、arXiv 检索式或放链接的文件，这里就列出候选；写法见 docs/inbox.zh-CN.md。",
    "inbox-empty": "没有候选了。",
    "inbox-loading": "正在整理候选…",
    "inbox-fetch": "收取",
    "inbox-fetching": "正在收取：{done}/{of}",
    "inbox-fetched": "上次收取：{time}",
    "inbox-never": "还没有收取过",
    "inbox-failed": "{count} 个来源没有收到：{list}",
    "inbox-busy": "另一个窗口正在收取。",
    "inbox-filter": "筛选",
    "inbox-filter-hint": "标题、来源、栏目里的词",
    "inbox-hide-seen": "不看收录过的",
    "inbox-count": "{count} 条",
    "inbox-keys": "↑↓ 选择 · Enter 收入所荐栏目 · {digits} · Delete 不要 · O 打开 · U 撤销 · / 筛选",
    "inbox-take": "收入{section}",
    "inbox-dismiss": "不要",
    "inbox-undo": "撤销",
    "inbox-list": "候选条目",
    "inbox-seen": "曾收录于 {date}",
    "inbox-also": "另见：",
    "inbox-gone": "这条候选已经不在了。",
    "inbox-taken": "已收入{section}：{title}",
    "age-today": "今天",
    "age-days": "{count} 天前",
}
