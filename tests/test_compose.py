"""Completing an issue: lead, closing and standing parts, unless the editor wrote them."""

from __future__ import annotations

import datetime
import re

import pytest
from hypothesis import given

from embedai_nb.compose import closing, complete, lead
from embedai_nb.markdown import reads, writes
from embedai_nb.model import Issue, Item, Newsletter, Raw, Section, Warmup
from tests.test_markdown import issues

DAY = datetime.date(2031, 5, 4)
NEWS = Section(
    name="业界新闻",
    items=(Item(title="甲公司出了新芯片", hook="甲出新芯片", url="https://e.com/1"), Item(title="乙停产")),
)
PAPERS = Section(name="论文", items=(Item(title="低比特训练", tags=("2101.00001",)), Item(title="某某", hook="丙")))
ISSUE = Issue(date=DAY, sections=(NEWS, Section(name="开源项目"), PAPERS))


# --- the lead ---------------------------------------------------------------------------------------------------


def test_the_lead_counts_the_items_and_names_each_by_its_hook_else_its_title(newsletter: Newsletter) -> None:
    assert lead(ISSUE, newsletter) == "本期4条。【新闻】甲出新芯片，乙停产；【论文】低比特训练，丙。"


def test_the_lead_of_another_newsletter_has_its_own_words(potting_shed: Newsletter) -> None:
    sections = (
        Section(name="Tools", items=(Item(title="A hoe"),)),
        Section(name="Letters", items=(Item(title="Dear Sir"),)),
    )
    assert lead(Issue(date=DAY, sections=sections), potting_shed) == "2 stories. Sheds: A hoe; Letters: Dear Sir."


@pytest.mark.parametrize("left_open", [None, ""])
def test_an_empty_lead_is_written(left_open: str | None, newsletter: Newsletter) -> None:
    made = complete(ISSUE.model_copy(update={"lead": left_open}), newsletter)
    assert made.lead == lead(ISSUE, newsletter)


def test_the_editors_lead_is_hers(newsletter: Newsletter) -> None:
    assert complete(ISSUE.model_copy(update={"lead": "我来写。"}), newsletter).lead == "我来写。"


def test_raw_text_between_items_is_not_counted(newsletter: Newsletter) -> None:
    section = Section(name="论文", items=(Raw(raw="一段闲话"), Item(title="甲")))
    assert lead(Issue(date=DAY, sections=(section,)), newsletter) == "本期1条。【论文】甲。"


def test_without_items_there_is_no_lead(newsletter: Newsletter) -> None:
    assert complete(Issue(date=DAY), newsletter).lead is None


# --- the closing ------------------------------------------------------------------------------------------------


def days(*texts: str) -> list[datetime.date]:
    return [datetime.date.fromisoformat(text) for text in texts]


def test_back_issues_are_those_there_are_up_to_this_one_newest_first_by_year_four_a_row(
    potting_shed: Newsletter,
) -> None:
    known = days("2030-12-01", "2031-01-05", "2031-02-02", "2031-03-02", "2031-04-06", "2031-05-04", "2031-06-01")
    link = "[{0}](https://potting-shed.example/{0}/)".format
    assert closing(DAY, potting_shed, known).split("\n----\n")[0] == "\n".join([
        "## Earlier",
        "",
        "| 2 | 0 | 3 | 1 |",
        "|:---:|:---:|:---:|:---:|",
        f"| {link('2031-05-04')} | {link('2031-04-06')} | {link('2031-03-02')} | {link('2031-02-02')} |",
        f"| {link('2031-01-05')} |   |   |   |",
        "| 2 | 0 | 3 | 0 |",
        f"| {link('2030-12-01')} |   |   |   |",
        "",
    ])  # fmt: skip


def test_so_many_back_issues_are_listed_the_newest_up_to_this_one(potting_shed: Newsletter) -> None:
    known = [DAY + datetime.timedelta(days=n) for n in range(-200, 10)]
    listed = re.findall(r"\[(\d{4}-\d\d-\d\d)\]", closing(DAY, potting_shed, known))
    assert listed == [str(DAY - datetime.timedelta(days=n)) for n in range(26)]
    few = potting_shed.model_copy(update={"back_issues_listed": 1})
    assert re.findall(r"\[([^]]*)\]\(", closing(DAY, few, known)) == [str(DAY)]


@pytest.mark.parametrize("count", [0, -1])
def test_this_one_at_least_is_listed(count: int) -> None:
    with pytest.raises(ValueError, match="back_issues_listed"):
        Newsletter(name="早报", back_issues_listed=count)


def test_contacts_and_licence_close_the_issue(potting_shed: Newsletter) -> None:
    end = closing(DAY, potting_shed).split("\n----\n", 1)[1]
    assert end == "\n- Gardener: mailto:gardener@potting-shed.example\n\n----\n\nFree to copy."


def test_the_qr_code_is_shown_where_the_newsletter_has_one(newsletter: Newsletter) -> None:
    assert f"\n\n![{newsletter.qr_code_text}]({newsletter.qr_code})\n\n" in closing(DAY, newsletter)


@pytest.mark.parametrize(("written", "published"), [(None, "## [往期回顾]"), ("", None), ("再见", "再见")])
def test_the_closing_is_written_left_out_or_hers(
    written: str | None, published: str | None, newsletter: Newsletter
) -> None:
    made = complete(ISSUE.model_copy(update={"closing": written}), newsletter).closing
    assert (made or "").startswith(published or "")
    assert (made is None) == (published is None)


# --- the rest ---------------------------------------------------------------------------------------------------


def test_only_the_last_warm_up_ends_with_a_full_stop(newsletter: Newsletter) -> None:
    news = (Warmup(company="甲", text="一件事。"), Warmup(company="乙", text="另一件；"), Warmup())
    text = writes(complete(ISSUE.model_copy(update={"warmups": news}), newsletter), newsletter)
    assert "- 甲：一件事；\n- 乙：另一件。\n" in text


def test_standing_parts_are_the_newsletters_own_unless_the_editor_wrote_them(newsletter: Newsletter) -> None:
    made = complete(ISSUE, newsletter)
    assert (made.tagline, made.note, made.front_matter) == (
        newsletter.tagline,
        newsletter.note,
        "---\nlayout: default\n---",
    )
    assert made.intro is None, "there are no warm-ups to introduce"
    assert complete(ISSUE.model_copy(update={"note": "", "tagline": "小"}), newsletter).tagline == "小"
    assert complete(ISSUE.model_copy(update={"note": ""}), newsletter).note is None


def test_what_is_for_colleagues_is_not_published(newsletter: Newsletter) -> None:
    item = Item(title="甲", note="别忘了核对", hook="半句", status="ready", waived={"no-link": "没有网址"})
    issue = Issue(date=DAY, lead="无", waived={"no-tag": "都没有"}, sections=(Section(name="论文", items=(item,)),))
    made = complete(issue, newsletter)
    assert made.entries == (Item(title="甲"),)
    assert made.waived == {}
    text = writes(made, newsletter)
    assert "甲" in text
    assert not [word for word in ("核对", "半句", "ready", "没有网址", "都没有") if word in text]


def test_empty_sections_are_left_out(newsletter: Newsletter) -> None:
    assert [section.name for section in complete(ISSUE, newsletter).sections] == ["业界新闻", "论文"]


def test_an_imported_issue_is_published_as_it_was(newsletter: Newsletter) -> None:
    old = reads(f"# 嵌入式AI简报 ({DAY})\n\n> 导读：\n\n## 论文\n\n## 博文\n\n- [甲](https://e.com)\n", newsletter)
    assert complete(old, newsletter, days("2030-01-01")) is old


@given(issue=issues())
def test_a_completed_issue_is_complete(issue: Issue, newsletter: Newsletter) -> None:
    once = complete(issue.model_copy(update={"imported": False}), newsletter)
    assert complete(once, newsletter) == once
