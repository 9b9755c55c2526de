"""Three drafts become one: by value, in the lines that people wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from embedai_nb.drafts.draft_merge import DraftMerge
from embedai_nb.drafts.merge_driver import read_version
from embedai_nb.drafts.store import Draft, with_issue

from .conftest import DATA, PROJECT

PATH = Path("2031-05-04.yaml")
HEAD = "schema: 1\ndate: 2031-05-04\n"

DRAFTS = sorted([*(PROJECT / "issues" / "drafts").glob("*.yaml"), DATA / "drafts" / "commented.yaml"])

SHAPES = {
    "usual": """\
headline: [词]   # 关键词
warmups:
  - {company: 甲, text: 上市}
sections:
  # 新闻
  - name: 新闻   # 每条要有来源
    items:
      # 头条
      - title: 一
        url: https://e.com/1   # 查过
      - title: 二
        url: https://e.com/2
# 文末
""",
    "lists not indented": """\
headline:
- 词
sections:
- name: 新闻
  items:
  # 头条
  - title: 一
    url: https://e.com/1
  - title: 二
    url: https://e.com/2
""",
    "items first": """\
sections:
  - items:
      - {title: 一, url: https://e.com/1}
      - {title: 二, url: https://e.com/2}
    name: 新闻
""",
    "flow": "sections: [{name: 新闻, items: [{title: 一, url: 'https://e.com/1'}, {title: 二, url: 'https://e.com/2'}]}]\n",
}


def draft(text: str) -> Draft:
    return read_version((HEAD + text).encode(), PATH)


def changed(before: Draft, number: int, **update: object) -> Draft:
    """The draft with other fields of an item."""
    section = before.issue.sections[0]
    items = [item.model_copy(update=update if n == number else {}) for n, item in enumerate(section.entries)]
    section = section.model_copy(update={"items": tuple(items)})
    return with_issue(before, before.issue.model_copy(update={"sections": (section,)}))


@pytest.mark.parametrize("path", DRAFTS, ids=lambda path: path.name)
def test_what_only_one_side_changed_is_taken_to_the_byte(path: Path) -> None:
    base = read_version(path.read_bytes(), path)
    lead = with_issue(base, base.issue.model_copy(update={"lead": "新的导读", "warmups": base.issue.warmups[1:]}))
    for ours, theirs in ((lead, base), (base, lead), (lead, lead)):
        merge = DraftMerge(base, ours, theirs)
        assert merge.marked() == (lead.source.text, 0)
        assert merge.resolved({}).bytes == lead.bytes


@pytest.mark.parametrize("shape", SHAPES)
def test_different_fields_of_one_item_in_any_shape_of_yaml(shape: str) -> None:
    base = draft(SHAPES[shape])
    merge = DraftMerge(base, changed(base, 0, title="壹"), changed(base, 0, source="某站"))
    item = merge.resolved({}).issue.entries[0]
    assert (item.title, item.source) == ("壹", "某站")
    text, conflicts = merge.marked()
    assert conflicts == 0
    assert [line for line in SHAPES[shape].splitlines() if "#" in line and "title" not in line] == [
        line for line in text.splitlines() if "#" in line and "title" not in line
    ]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_conflict_holds_whole_items_in_any_shape_of_yaml(shape: str) -> None:
    base = draft(SHAPES[shape])
    merge = DraftMerge(base, changed(base, 0, title="壹"), changed(base, 0, title="弌"))
    text, conflicts = merge.marked(("我", "她"))
    assert conflicts == 1
    ours, theirs = text.split("<<<<<<< 我\n")[1].split(">>>>>>> 她\n")[0].split("=======\n")
    assert ours.replace("壹", "弌") == theirs
    assert "https://e.com/1" in ours
    assert "https://e.com/2" not in ours


def test_comments_of_both_stay_where_they_are() -> None:
    base = draft(SHAPES["usual"])
    ours = draft(SHAPES["usual"].replace("# 查过", "# 查过，可以").replace("title: 二", "title: 贰"))
    theirs = draft(
        SHAPES["usual"].replace("      - title: 二\n", "      # 她的注\n      - title: 二\n        hook: 半句\n")
    )
    text = DraftMerge(base, ours, theirs).marked().text
    assert "url: https://e.com/1   # 查过，可以\n      # 她的注\n      - title: 贰\n" in text
    assert "hook: 半句" in text


def test_line_ends_of_windows_stay() -> None:
    base, ours, theirs = (
        read_version((HEAD + SHAPES["usual"]).replace("title: 一", title).replace("\n", ends).encode(), PATH)
        for title, ends in (("title: 一", "\n"), ("title: 壹", "\r\n"), ("title: 弌", "\n"))
    )
    text = DraftMerge(base, ours, theirs).marked().text
    assert text.count("\n") == text.count("\r\n")


def test_the_same_link_added_twice_is_one_item() -> None:
    base = draft("sections:\n  - name: 新闻\n    items:\n")
    ours, theirs = (
        draft(f"sections:\n  - name: 新闻\n    items:\n      - title: 一\n        url: {url}\n        {more}\n")
        for url, more in (("https://e.com/1", "source: 某站"), ("https://www.e.com/1/", "hook: 半句"))
    )
    merged = DraftMerge(base, ours, theirs).resolved({}).issue
    assert [(item.title, item.source, item.hook) for item in merged.entries] == [("一", "某站", "半句")]


def test_a_draft_that_was_moved_to_another_date_keeps_it() -> None:
    base = draft(SHAPES["usual"])
    moved = with_issue(base, base.issue.model_copy(update={"date": base.date.replace(day=11)}))
    merged = DraftMerge(base, changed(base, 0, title="壹"), moved).resolved({}).issue
    assert (merged.date.day, merged.entries[0].title) == (11, "壹")


def test_an_item_that_one_deleted_and_the_other_moved_is_asked_about() -> None:
    other = "  - name: 博文\n    items:\n"
    base = draft(SHAPES["usual"].replace("# 文末\n", other))
    lines = "      - title: 二\n        url: https://e.com/2\n"
    ours = draft(SHAPES["usual"].replace(lines, "").replace("# 文末\n", other))
    theirs = draft(SHAPES["usual"].replace(lines, "").replace("# 文末\n", other + lines))
    merge = DraftMerge(base, ours, theirs)
    assert [question.field for question in merge.questions] == ["whole"]
    assert f"<<<<<<< ours\n=======\n{lines}>>>>>>> theirs\n" in merge.marked().text
