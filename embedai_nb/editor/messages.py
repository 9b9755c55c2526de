"""All messages of the form; ``{…}`` are placeholders."""

from __future__ import annotations

from embedai_nb.text.locations import FIELDS

__all__ = ["LABELS", "MARKS", "WORDS"]

WORDS: dict[str, str] = {
    # tabs
    "tabs": "视图",
    "tab-edit": "编辑",
    "tab-preview": "整期预览",
    "tab-findings": "检查",
    "tab-wechat": "微信预览",
    "tab-changes": "与上次发布的差别",
    "tab-search": "搜索",
    # outline
    "outline": "目录",
    "head": "标题与导读",
    "warmups": "热身小新闻",
    "closing": "文末",
    "untitled": "（还没有标题）",
    "untitled-warmup": "（还没有内容）",
    "untitled-section": "（还没有栏目名）",
    "raw": "原样文字",
    "ready": "就绪",
    "progress": "就绪 {ready}／{count}",
    # commands
    "add-item": "加一条",
    "add-warmup": "加小新闻",
    "add-section": "加栏目",
    "duplicate": "复制",
    "delete": "删除",
    "undo": "撤销",
    "redo": "重做",
    "up": "上移",
    "down": "下移",
    "send": "移到栏目",
    "send-to": "移到…",
    "paste": "粘贴整段",
    "mark-ready": "标为就绪",
    "mark-draft": "取消就绪",
    "open-url": "打开网址",
    "add-link": "加一个链接",
    "remove-link": "去掉这个链接",
    "add-label": "加标签项",
    "add-label-hint": "论文、代码、项目……也可以自己写",
    "rename-label": "改名",
    "remove-label": "去掉这一项",
    "omit": "这一期不要",
    "shortcuts": "快捷键",
    "shortcut-list": (
        "Alt+↑ / Alt+↓ 上移、下移；Alt+Enter 标为就绪或取消；Alt+N 加一条；Alt+D 复制；Alt+Delete 删除；"
        "Alt+V 粘贴链接或整段；Alt+Z 撤销，Alt+Shift+Z 重做；Alt+1…6 切换视图；Alt+F 搜索；Alt+O 到目录，"
        "目录里 ↑ ↓ 选择，Enter 到右边的表单。"
    ),
    # fields
    "needed": "要有",
    "hint-headline": "几个关键词，用 / 隔开",
    "hint-lead": "空着就由程序按各条的导读用语来写",
    "hint-company": "说的是哪家公司",
    "hint-warmup": "句末标点由程序加",
    "hint-url": "https://…",
    "hint-repo": "拥有者/仓库名",
    "hint-tags": "arXiv 编号或会议，用逗号隔开",
    "hint-source": "公众号或网站",
    "hint-summary": "每行一段，可以用 Markdown",
    "hint-hook": "导读里的半句话；空着就用标题",
    "hint-note": "给同事看的，不发表",
    "hint-raw": "程序认不出的 Markdown，原样发表",
    "reschedule": "改期",
    # preview and findings
    "preview": "这一条的样子",
    "preview-failed": "显示不出来：{message}",
    "findings": "检查",
    "no-findings": "没有发现问题。",
    "checking": "正在检查……",
    "fix": "改好",
    "waive": "有意如此",
    "waive-why": "写明理由，按回车",
    "never-published": "这一期还没有发布过。",
    # pasting
    "paste-title": "粘贴链接，或整段 Markdown",
    "paste-placeholder": (
        "https://mp.weixin.qq.com/s/…\n2104.14129\n拥有者/仓库名\n标题 | 来源\nhttps://…\n\n- [标题 | 来源](https://…)\n摘要：…"
    ),
    "paste-explained": "链接各归其栏目，资料随后自动补上。Markdown 可以带“## 栏目”和小新闻。",
    "paste-hint": "没有栏目标题的 Markdown 放进：",
    "paste-do": "放进来",
    "cancel": "取消",
    "pasted": "放进了 {items} 条、{warmups} 条小新闻。",
    "pasted-raw": "放进了 {items} 条、{warmups} 条小新闻，另有 {raw} 段认不出，原样保留。",
    "pasted-nothing": "没有可以放进来的内容。",
    "asking": "正在到网上查 {count} 条的资料，查到的自动填上。",
    "refused": "有 {count} 行没有放进来：{reasons}",
    "asked": "资料查完了。",
    "asked-pending": "资料查完了；{count} 条没有查到，标着“待补”，原因写在备注里。",
    "ask": "再查一次资料",
    "pending": "待补",
    # earlier issues
    "search-label": "在其他各期里找",
    "search-hint": "几个词，用空格隔开；↑ ↓ 选择，Enter 打开",
    "search-nothing": "其他各期里没有找到。",
    "search-count": "找到 {count} 条",
    "search-many": "找到的前 {count} 条",
    "search-untitled": "（没有标题）",
    "earlier": "曾收录于 {date}：",
    "earlier-title": "标题相近，见 {date}：",
    # saving
    "saved": "已保存 {time}",
    "saving": "正在保存……",
    "typing": "正在输入……",
    "unsaved": "未保存",
    "unsaved-because": "未保存：{message} 内容还在屏幕上，会自动重试。",
    "unsaved-replaceable": "未保存：草稿文件不在了，或者读不出来。{message}",
    "retry": "现在重试",
    "overwrite": "用屏幕上的内容，磁盘上的另存",
    "failed": "已保存 {time}，但有问题",
    "failed-show": "显示不出最新的内容：{message}。",
    "failed-check": "检查做不下去：{message}。",
    "failed-watch": "听不到别处的改动：{message}。",
    "failed-follow": "读不进别处的改动：{message}。",
    "failed-retried": "草稿照常保存；程序会一直重试，问题解决后这条提示自动消失。",
    "offline": "未保存：与内核的连接断了。内容还在屏幕上，连上后自动保存。",
    "reloaded": "草稿在别处改过，已经读进来；要回到之前，点“撤销”。",
    "nothing-to-do": "这里做不了这一步。",
    "rescued": "这段文字原来的位置已经不在了，没有存进草稿。请复制到该放的地方：",
    "dismiss": "知道了",
    # conflict
    "conflict": "草稿在别处也改过",
    "conflict-explained": (
        "两份都保留着，哪一份都还没有被覆盖。下面是不一样的地方，每一处选一份；只有一边改过的已经替您选好。"
        "没选中的那一份也另存在 issues/.cache/kept 里。"
    ),
    "ours": "我的",
    "theirs": "别处的",
    "all-ours": "全用我的",
    "all-theirs": "全用别处的",
    "tab-conflict": "两份草稿",
    "compare": "比较并选择",
    "both-changed": "两边都改了",
    "absent": "（没有）",
    "empty": "（空）",
    "resolve": "按所选的合并并保存",
    "order": "次序",
    "whole": "整条",
    "label-order": "标签项的次序",
    # a draft that cannot be read
    "broken": "草稿读不出来",
    "broken-explained": "文件没有动过。可以照着提示改好文件再重新读取，也可以用最后一份好的；读不出来的这份会另存。",
    "reread": "重新读取",
    "restore": "用最后一份好的",
    "no-good-copy": "没有留下好的副本；可以用 git 取回。",
    "missing": "没有这一期的草稿",
    "missing-explained": "可以新建；如果改过日期，请用新的日期打开。现有的草稿：",
    "create": "新建这一期",
}

MARKS = {
    "no-link": "缺链接",
    "empty-link": "缺链接",
    "no-summary": "缺摘要",
    "empty-label": "缺内容",
    "same-page": "重复",
    "page-before": "曾收录",
    "paper-before": "曾收录",
    "repo-before": "曾收录",
    "title-before": "标题相近",
}
"""Marks in the outline, by the rule that found something about the item."""

LABELS = FIELDS | {
    "raw": "Markdown",
    "note": "注",
    "name": "栏目名",
    "text": "正文",
    "warmup-text": "内容",
    "item-note": "备注",
    "link-text": "链接文字",
    "link-url": "链接网址",
}
"""Labels of the fields."""
