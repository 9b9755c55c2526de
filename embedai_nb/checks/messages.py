"""Severity, message and fix of each rule: the one table."""

from __future__ import annotations

from typing import NamedTuple

from embedai_nb.checks.severity import Severity


class Message(NamedTuple):
    """Message of a rule; ``{…}`` are the values it found."""

    severity: Severity
    text: str
    fix: str = ""
    safe: bool = False
    """Whether the fix needs no decision of an editor."""


MESSAGES: dict[str, Message] = {
    # links
    "empty-link": Message("error", "链接“{text}”没有网址，读者点不开。补上网址，或去掉链接。"),
    "no-link": Message("warning", "标题没有链接。补上原文的网址。"),
    "no-title": Message("error", "有网址却没有标题，读者看不到这条内容。补上标题。"),
    "bad-url": Message("error", "网址“{url}”{problem}，读者打不开。"),
    "expiring-link": Message(
        "error", "这是微信的临时链接，几小时后失效。在微信中打开文章，点右上角“…”，选“复制链接”，换成长期有效的网址。"
    ),
    "item-twice": Message("error", "与“{first}”是同一条，网址和文字都一样。删去一条。", "删去重复的这一条"),
    "same-page": Message("warning", "与“{first}”是同一个网页。删去一条，或换一个网址。"),
    "same-repo": Message("note", "与“{first}”是同一个仓库（{repo}）。"),
    "dead-link": Message("error", "网址“{url}”已经打不开（{why}，{date} 查过）。换一个网址。"),
    "missing-fragment": Message(
        "note", "网址“{url}”打得开，但网页上没有“#”后面说的那一处（{date} 查过）。改成有的，或删去“#”和后面的字。"
    ),
    "unknown-link": Message("note", "网址“{url}”未知（{why}，{date} 查过）：网站不让程序看，请点开看看。"),
    # items
    "unclosed-head": Message(
        "warning", "标题行的括号不成对，程序认不出标题、来源和网址，链接点不开。写成“[标题 | 来源](网址)”。"
    ),
    "unusual-head": Message("note", "标题行写法特殊，原样保留，程序认不出其中的标题、来源和网址。"),
    "no-source": Message("warning", "没有来源。写明是哪个公众号或网站发表的。", "来源写上 {source}，不再放在标题里"),
    "no-tag": Message("note", "没有标签。写上 arXiv 编号或会议名。", "标签写上 {tag}", safe=True),
    "no-repo": Message("warning", "没有仓库名。写成“拥有者/仓库名”。", "仓库写上 {repo}", safe=True),
    "repo-mismatch": Message("warning", "仓库写的是 {repo}，链接却指向 {linked}。"),
    "tag-mismatch": Message("warning", "标签写的是 {tag}，链接却指向 arXiv {linked}。"),
    # summaries and labels
    "no-summary": Message("warning", "没有{label}。"),
    "unlabelled-summary": Message("warning", "正文前面没有“{label}：”。", "写上“{label}：”", safe=True),
    "empty-label": Message("warning", "“{label}”后面没有内容。写完，或删去。"),
    "summary-without-colon": Message("warning", "“{label}”后面少了冒号，成了普通段落。", "补上冒号", safe=True),
    "repeated-label": Message("warning", "“{label}”写了两次。", "去掉重复的“{label}”"),
    # the issue
    "no-items": Message("error", "这一期还没有内容。"),
    "no-headline": Message("warning", "标题里没有关键词。写几个，用“/”隔开。"),
    "heading-date": Message("error", "标题里的日期是 {found}，这一期是 {date}。", "日期改为 {date}"),
    "lead-missing": Message("warning", "没有{word}。"),
    "lead-skeleton": Message(
        "error", "{word}只有空架子，还没有内容。写上内容，或清空，由程序按条目生成。", "清空，由程序生成"
    ),
    "lead-count": Message("warning", "{word}说有 {claimed} 条，实际有 {count} 条。", "改为 {count} 条", safe=True),
    "warmup-without-text": Message("error", "“{company}”后面没有内容。写完，或删去这一行。"),
    "lost-bullet": Message("warning", "这一行少了开头的“- ”，不会显示成一条小新闻。", "改成一条小新闻", safe=True),
    "raw-text": Message("note", "程序认不出这段文字，原样保留。"),
    "empty-section": Message("note", "这一栏没有内容。"),
    "too-deep": Message("error", "列表、引用或强调套得太深，网页显示不全。把里面几层移出来。"),
    "not-ready": Message("note", "还有 {count} 条没有标为完成。"),
    "reads-differently": Message("warning", "写成 Markdown 后会被读成别的：现在是{now}，读回来{then}。"),
    # Markdown
    "readers-differ": Message(
        "error", "GitHub 上读到的与网页不同：网页上是「{here}」，GitHub 上是「{elsewhere}」。改一改这里的标记或符号。"
    ),
    "raw-end": Message("error", "文中的 {{% endraw %}} 会让 Jekyll 出错，无法发布。改写，或去掉。"),
    "eaten-signs": Message("warning", "星号或下划线会被当作强调而消失：{excerpts}。", "让符号照原样显示", safe=True),
    "cut-address": Message(
        "warning", "网址到汉字之前为止：{excerpts}。若汉字也是网址的一部分，放进尖括号。", "整个网址放进尖括号"
    ),
    "single-tilde": Message(
        "warning", "GitHub 会把两个波浪号之间的字划掉：{excerpts}。", "波浪号前加反斜杠", safe=True
    ),
    "list-start": Message("warning", "编号从 {number} 开始，Jekyll 的网页上会从 1 开始。"),
    "not-markdown": Message("note", "这里不用{name}，照原样显示：{excerpts}。", "改用 Markdown"),
    # WeChat
    "wechat-title": Message("warning", "公众号标题有 {count} 字，列表里只显示前 {shown} 字。{more}"),
    "wechat-title-too-long": Message("error", "公众号标题有 {count} 字，最多 {limit} 字。缩短第一个关键词。"),
    "wechat-nearly-full": Message(
        "warning",
        "公众号正文有 {count} 字（标签和样式都算），上限是 {limit} 字，粘贴后还会增加。最长的是{longest}，宜先缩短。",
    ),
    "wechat-too-long": Message(
        "error", "公众号正文有 {count} 字（标签和样式都算），须少于 {limit} 字。最长的是{longest}，先缩短它们。"
    ),
    # earlier issues
    "page-before": Message("error", "{earlier}。换一条；有意再登的，在这条的 waived 里写明理由。"),
    "paper-before": Message("warning", "同一篇论文{earlier}。"),
    "repo-before": Message("note", "同一个仓库{earlier}。"),
    "title-before": Message("note", "标题相近（{score}%），{earlier}。"),
    # typography
    "doubled-punctuation": Message("warning", "标点重复：{excerpts}。", "去掉多余的标点", safe=True),
    "halfwidth-punctuation": Message("warning", "中文里用了半角标点：{excerpts}。", "改为全角标点", safe=True),
    "space-before-punctuation": Message("warning", "标点旁边多了空格：{excerpts}。", "去掉空格", safe=True),
    "unbalanced-brackets": Message("warning", "括号或引号不成对：{excerpts}。"),
    "invisible-character": Message("warning", "有看不见的字符：{characters}。", "去掉看不见的字符"),
    "spacing": Message("note", "中文与英文、数字之间宜空一格：{excerpts}。", "补上空格", safe=True),
    # waived rules
    "unknown-rule": Message("warning", "没有叫“{rule}”的规则。"),
    "waived-without-reason": Message("warning", "“{rule}”免查要写理由，写了才免查。"),
    # the closing
    "no-closing": Message("note", "没有{back_issues}。"),
    "dead-back-issue": Message("warning", "{back_issues}里有 {count} 期不存在：{dates}。"),
    "stray-text": Message("warning", "许可声明后面有多余的文字：{text}。", "去掉多余的文字"),
}

FILE_MESSAGES: dict[str, Message] = {
    "unreadable-draft": Message("error", "读不出来：{problem}"),
    "git-files": Message("note", "{file} 里少了 {lines}。运行 embedai setup-git 补上。"),
    "issue-twice": Message(
        "error",
        "{date} 和 {other} 是同一期，多半的条目一样：有人改了期，有人没有，或改到了别的日期。"
        "合成一期，留下 {date}：embedai reschedule {other} {date} --merge；或留下 {other}：embedai reschedule {date} {other} --merge。",
    ),
    "conflict-markers": Message("error", "{file} 里有 Git 的冲突标记（第 {lines} 行），两个版本都在里面。{remedy}"),
}
"""Severity and message of findings about whole files, which no rule makes: there is no issue to check."""

WAIVED = "{text}（免查：{reason}）"
"""Message of a waived finding."""

URL_PROBLEMS = {
    "scheme": "不是 http、https 或 mailto 地址",
    "host": "没有正确的网站域名",
    "space": "中间有空格",
    "mark": "末尾多了中文标点",
}

NO_MARKDOWN = {
    "html": " HTML ",
    "heading": "小标题",
    "rule": "分隔线",
    "footnote": "脚注",
    "formula": "公式",
    "definition": "定义列表",
    "attributes": "属性标记",
}
"""What is no part of the dialect."""

NOTHING = "（空）"
LOST = "没有了"

UNMERGED_REMEDIES = {
    "draft": "打开表单逐项选（embedai edit），或手工留下一个版本、删去标记。",
    "two-dates": "它被改到了两个日期；留下 {date}：embedai reschedule {other} {date} --merge。",
    "newsletter": "手工留下一个版本，删去标记。",
    "generated": "它由草稿生成，重新生成就好：embedai issue {date}。",
    "revisions": "它由程序记录，重新生成就好：embedai build。",
}
"""What to do about conflict markers, by the kind of file."""
