"""What is made once in a process, made ahead: patterns, parsers, templates, styles.  A forked one has all of it."""

from __future__ import annotations

import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from embedai_nb import edition, review
from embedai_nb.drafts import DraftStore
from embedai_nb.html import page
from embedai_nb.model import Issue, Item, Link, Newsletter, Raw, Section, SectionStyle, Warmup
from embedai_nb.wechat import article
from embedai_nb.workspace import layout

__all__ = ["warm_up"]

NEWSLETTER = Newsletter(
    name="早报",
    archive_url="https://example.com/{date}",
    qr_code="https://example.com/code.png",
    wechat=True,
    sections=(SectionStyle(name="论文", needs=("source", "tag", "summary"), takes=("paper",)),),
)
ITEM = Item(
    title="低比特训练GPU推理，，好",
    url="https://arxiv.org/abs/2101.00001",
    source="边缘周刊",
    links=(Link(text="代码", url="https://github.com/octo/tiny-net"),),
    fields={
        "摘要": "**强调。**后面，见 https://example.com/a ：\n- 甲 `code` <b>\n    - [乙](https://mp.weixin.qq.com/s/a)（"
    },
)
RAW = Raw(
    raw="| 甲 | 乙 |\n|:--|--:|\n| ![图](https://example.com/a.png) | 2 |\n\n> 引\n\n```\ncode\n```\n\n1. 一\n2. 二"
)
FIRST, SECOND = datetime.date(2031, 5, 1), datetime.date(2031, 5, 2)


def _issue(date: datetime.date, number: int) -> Issue:
    """An issue in which there is something of everything."""
    news = Warmup(company="甲公司", text=f"第{number}件事", url="https://example.com/b")
    papers = Section(name="论文", items=(ITEM, RAW, Item(title=f"第{number}篇", text="一段")))
    return Issue(date=date, headline=("量化",), before="<b>粗</b>", warmups=(news,), sections=(papers,))


def warm_up() -> None:
    """Look at an issue, in a folder that is removed again, the way the notebook does.

    Nothing of it stays that could not be forked: neither a thread nor an open file.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / layout.NEWSLETTER).write_text(NEWSLETTER.model_dump_json(), encoding="utf-8")
        for number, date in enumerate((FIRST, SECOND)):
            DraftStore(folder).create(date, _issue(date, number))
        (folder / layout.ARCHIVE).mkdir()
        (folder / layout.markdown(str(SECOND))).write_text(edition.load(FIRST, folder).markdown, encoding="utf-8")
        shown = edition.load(SECOND, folder)
        for cell in (review.verdict, review.items, review.history, review.archive):
            cell(shown)
        page.render(shown.issue, NEWSLETTER)
        article.render(shown.issue, NEWSLETTER)
