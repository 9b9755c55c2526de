"""The template of a new draft, which explains itself."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from embedai_nb.drafts.yaml_writer import dump_inline
from embedai_nb.model import Newsletter, SectionStyle

NEEDS = {"source": "来源 source", "tag": "标签 tags", "repo": "仓库 repo"}

OPENING = """\
schema: 1
date: {date}

# 标题里的关键词，每个一行：
#   - 关键词
headline:

# {lead_word}：空着就由程序按各条的 hook（没有就按标题）来写
lead:

# 小新闻，每条一行，句末标点由程序加；有 url 时整条成为链接：
#   - {{company: 公司, text: 说了什么, url: https://…}}
warmups:

# 条目写在各栏的 items 之下：
#   - title: 标题
#     source: 来源
#     url: https://…
#     tags: [论文的 arXiv 编号或会议]
#     repo: owner/name
#     fields:
#       {summary_label}: |
#         每行一段，段数不限。
#     hook: {lead_word}里的半句话
#     note: 给同事看的，不发表
#     status: ready   # 写完了；没写完是 draft
sections:
"""


def template(date: datetime.date, newsletter: Newsletter) -> str:
    """Write the text of a new draft, without its first line."""
    opening = OPENING.format(date=date, lead_word=newsletter.lead_word, summary_label=newsletter.summary_label)
    return opening + "".join(line for style in newsletter.sections for line in _section(style, newsletter))


def _section(style: SectionStyle, newsletter: Newsletter) -> Iterator[str]:
    needs = "、".join((NEEDS | {"summary": newsletter.summary_label})[need] for need in style.needs)
    yield f"  - name: {dump_inline(style.name)}" + (f"   # 每条要有{needs}" if needs else "") + "\n"
    yield "    items:\n"
