"""All that readers get, and what is written into drafts, is in the newsletter's language; newsletter.yaml gives it none."""

from __future__ import annotations

import datetime
import email.policy
import re
from email.parser import Parser
from pathlib import Path

import pytest
import yaml

from embedai_nb import trends
from embedai_nb.capture import FetchError, add_items, capture, is_pending, retry
from embedai_nb.capture.arxiv import _note_lines as paper_notes
from embedai_nb.capture.github import _note_lines as repository_notes
from embedai_nb.capture.messages import FAILURES, failure_text
from embedai_nb.compose import complete
from embedai_nb.drafts import load_newsletter, template
from embedai_nb.drafts.fields import parse_issue
from embedai_nb.drafts.yaml_reader import read as read_yaml
from embedai_nb.html import email as emails
from embedai_nb.html import page
from embedai_nb.i18n import translated, translator
from embedai_nb.inbox.messages import reason_text
from embedai_nb.inbox.ranking import Reason
from embedai_nb.markdown import reads, writes
from embedai_nb.model import Issue, Item, LeadStyle, Marks, Newsletter, Section, Warmup
from embedai_nb.site.build import build_site
from embedai_nb.wechat import article
from embedai_nb.workspace.locate import VARIABLE

from .conftest import DATA, PROJECT

CHINESE = re.compile("[\u2e80-\u2fdf\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]")
"""Ideographs, and punctuation of full width."""

MINIMAL = """\
name: Small Talk
language: en
sections:
  - {name: Papers, needs: [tag, summary], takes: [paper]}
  - {name: Tools, needs: [repo], takes: [repository]}
  - {name: Articles, needs: [source, summary], takes: [article, page]}
"""
POTTING_SHED = DATA / "newsletters" / "potting-shed" / "newsletter.yaml"
DAYS = [datetime.date(2031, month, 4) for month in range(1, 7)]
TITLES = ["Beans in sand", "Beans in clay", "Beans in pots", "Worms in sand", "Worms in pots", "Worms in clay"]


@pytest.fixture(params=["minimal", "potting-shed"])
def newsletter(request: pytest.FixtureRequest, tmp_path: Path) -> Newsletter:
    path = tmp_path / "newsletter.yaml"
    path.write_text(MINIMAL if request.param == "minimal" else POTTING_SHED.read_text("utf-8"), "utf-8")
    return load_newsletter(path)


def draft(newsletter: Newsletter, day: datetime.date = DAYS[0], title: str = "How deep to sow") -> Issue:
    names = [style.name for style in newsletter.sections]
    fields = {newsletter.summary_label: "Two inches.\nThree in sand."}
    first = Item(
        title=title, source="Allotment", url=f"https://a.e/{day}", tags=(f"31{day.month:02}.00001",), fields=fields
    )
    picture = "![a spade](https://a.e/spade.png)"
    second = Item(title="A hoe that folds", repo="shed/hoe", url="https://github.com/shed/hoe", text=picture)
    news = (Warmup(company="Ms Green", text="won a prize in the U.S."), Warmup(text="made in the U.S."))
    sections = (Section(name=names[0], items=(first,)), Section(name=names[1], items=(second,)))
    return Issue(date=day, headline=("beans", "a hoe"), warmups=news, sections=sections)


def published(newsletter: Newsletter) -> Issue:
    return complete(draft(newsletter), newsletter, DAYS)


# --- what stands in newsletter.yaml, and what its language says ----------------------------------------------------


def test_words_and_marks_that_are_not_given_are_those_of_the_language() -> None:
    english, chinese = (Newsletter(name="x", language=language) for language in ("en", "zh-CN"))
    assert (english.lead_word, english.back_issues, english.summary_label) == (
        "In this issue",
        "Back issues",
        "Summary",
    )
    assert english.marks == Marks(colon=": ", item_end=";", list_end=".")
    assert english.lead.counted(1) + english.lead.counted(2) == "1 item. 2 items. "
    assert (chinese.lead_word, chinese.back_issues, chinese.summary_label) == ("导读", "往期回顾", "摘要")
    assert chinese.marks == Marks(colon="：", item_end="；", list_end="。")
    assert chinese.lead == LeadStyle(
        count="本期{count}条。", section="【{name}】{hooks}", between_items="，", between_sections="；", end="。"
    )
    assert Newsletter(name="x") == chinese
    assert Newsletter(name="x", language="zh-TW").marks == chinese.marks
    assert Newsletter(name="x", language="fr").marks == english.marks


def test_what_is_given_stays_and_the_rest_is_filled_in() -> None:
    given = {"lead": {"end": "!"}, "marks": {"colon": " – ", "list_end": None}, "lead_word": "Hello"}
    found = Newsletter.model_validate({"name": "x", "language": "en", **given})
    assert (found.lead_word, found.lead.end, found.lead.between_items) == ("Hello", "!", ", ")
    assert (found.marks.colon, found.marks.list_end) == (" – ", ".")
    assert Newsletter.model_validate(found.model_dump()) == found
    assert Newsletter.model_validate_json(found.model_dump_json()) == found


def test_who_words_the_count_words_it_for_one_too() -> None:
    several = Newsletter.model_validate({"name": "x", "language": "en", "lead": {"count": "{count} stories. "}})
    assert several.lead.counted(1) == "1 stories. "
    both = {"count": "{count} stories. ", "count_one": "One story. "}
    assert Newsletter.model_validate({"name": "x", "language": "en", "lead": both}).lead.counted(1) == "One story. "


def test_a_chinese_newsletter_holds_what_it_always_did() -> None:
    """Its values are part of what makes an issue out of date."""
    assert "count_one" not in Newsletter(name="x").model_dump_json()
    assert set(Newsletter(name="x").model_dump()["lead"]) == {
        "count", "section", "between_items", "between_sections", "end",
    }  # fmt: skip


# --- what readers get ----------------------------------------------------------------------------------------------


def test_the_markdown_is_english_and_read_again(newsletter: Newsletter) -> None:
    issue = published(newsletter)
    text = writes(issue, newsletter)
    assert not CHINESE.search(text)
    assert reads(text, newsletter) == issue
    assert "- Ms Green: won a prize in the U.S.;\n- made in the U.S..\n" in text


def test_the_markdown_of_a_newsletter_without_words_of_its_own() -> None:
    newsletter = Newsletter.model_validate(
        {"name": "Small Talk", "language": "en", "sections": [{"name": "Papers"}, {"name": "Tools"}]}
    )
    text = writes(published(newsletter), newsletter)
    assert text.startswith("# Small Talk (2031-01-04): beans/a hoe\n")
    assert "> In this issue: 2 items. Papers: How deep to sow; Tools: A hoe that folds.\n" in text
    assert "- [shed/hoe: A hoe that folds](https://github.com/shed/hoe)" in text
    assert "Summary: Two inches." in text
    assert "## Back issues\n" in text


def test_page_article_and_email_are_english(newsletter: Newsletter) -> None:
    issue = published(newsletter)
    html = page.render(issue, newsletter)
    assert '<html lang="en">' in html
    assert not CHINESE.search(html)
    copied = article.render(issue, newsletter)
    assert '<html lang="en">' in copied
    assert "[Picture: a spade]" in copied
    assert not CHINESE.search(copied)
    mail = Parser(policy=email.policy.default).parsestr(emails.message(issue, newsletter))
    parts = [part.get_content() for part in mail.walk() if not part.is_multipart()]
    assert len(parts) == 2
    assert not CHINESE.search(" ".join([*map(str, mail.values()), *parts]))
    assert mail["Content-Language"] == "en"


def test_the_copy_page_speaks_to_who_copies_it() -> None:
    newsletter = Newsletter(name="x", language="en")
    long = complete(
        Issue(date=DAYS[0], sections=(Section(name="S", items=(Item(title="t", text="word " * 5000),)),)), newsletter
    )
    html = article.render(long, newsletter)
    for said in (
        "Copy the text",
        "more than WeChat takes",
        "The browser doesn't let pages copy",
        "`${button.dataset.name} copied;",
    ):
        assert said in html


@pytest.fixture
def folder(newsletter: Newsletter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An issues folder with six published issues."""
    (tmp_path / "archive").mkdir()
    for day, title in zip(DAYS, TITLES, strict=True):
        issue = complete(draft(newsletter, day, title), newsletter, DAYS)
        (tmp_path / "archive" / f"{day}.md").write_text(writes(issue, newsletter), "utf-8")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


def test_the_site_is_english_with_feeds_search_and_error_page(folder: Path, tmp_path: Path) -> None:
    made = build_site(folder, tmp_path / "site", "https://small-talk.example/").folder
    files = [
        path for path in made.rglob("*") if path.suffix in {".html", ".xml", ".json"} and path.name != "folding.json"
    ]
    assert {"index.html", "404.html", "2031.html", "sources.html", "atom.xml", "feed.json"} <= {
        path.name for path in files
    }
    for path in files:
        if path.parent.parent.name != "search":  # numbers of issues, written as characters
            assert not CHINESE.search(path.read_text("utf-8")), path
    index = (made / "index.html").read_text("utf-8")
    assert "2 items" in index
    assert 'data-found="{count} found"' in index
    assert "<p>Subscribe: <a" in index


def test_one_item_is_said_as_one(tmp_path: Path) -> None:
    newsletter = Newsletter(name="x", language="en", sections=[{"name": "S"}])
    (tmp_path / "newsletter.yaml").write_text("name: x\nlanguage: en\nsections: [{name: S}]\n", "utf-8")
    (tmp_path / "archive").mkdir()
    issue = complete(Issue(date=DAYS[0], sections=(Section(name="S", items=(Item(title="t"),)),)), newsletter)
    (tmp_path / "archive" / f"{DAYS[0]}.md").write_text(writes(issue, newsletter), "utf-8")
    index = (build_site(tmp_path, tmp_path / "site", "").folder / "index.html").read_text("utf-8")
    assert "> In this issue: 1 item. S: t.\n" in writes(issue, newsletter)
    assert "1 item<" in index
    assert "1 issue<" in index


@pytest.mark.parametrize("since", ["", "2035-01-01"])
def test_the_page_about_trends_is_english(folder: Path, since: str) -> None:
    found = trends.load(since)
    said = [getattr(trends, name)(found) for name in trends.__all__ if name != "load"]
    html = "".join(each.data["text/html"] for each in said)
    assert not CHINESE.search(html)
    assert not CHINESE.search(str([dict(each.about) for each in said]))
    assert ("2031-01-04 to 2031-06-04: 6 issues, 12 items, " in html) == (not since)


def test_a_hostile_language_changes_nothing_but_itself() -> None:
    for language in ("../../etc", "\x00", "_", "zh_../..", "x" * 5000):
        assert Newsletter(name="x", language=language).lead_word in {"In this issue", "导读"}


# --- what is written into drafts -----------------------------------------------------------------------------------


def test_the_template_of_a_draft_is_english_and_a_draft(newsletter: Newsletter, tmp_path: Path) -> None:
    text = template(DAYS[0], newsletter)
    assert not CHINESE.search(text)
    assert f"every item needs: source, {newsletter.summary_label}\n" in text
    issue = parse_issue(read_yaml(text, tmp_path / "draft.yaml"))
    assert [section.name for section in issue.sections] == [style.name for style in newsletter.sections]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_examples_of_the_template_are_what_a_draft_may_say(language: str) -> None:
    text = template(DAYS[0], Newsletter(name="x", language=language))
    examples = [line.removeprefix("#   ") for line in text.splitlines() if line.startswith("#   ")]
    keyword, news, item = yaml.safe_load("\n".join(examples))
    assert isinstance(keyword, str)
    assert Warmup.model_validate(news).company
    assert Item.model_validate(item).status == "ready"


def test_notes_of_captured_items_are_english(newsletter: Newsletter) -> None:
    pasted = "octo/hoe\n\n2104.14129\n\nread https://a.example/1 and https://b.example/2\n\nftp://a.example/3\n"
    found = capture(pasted, newsletter, None)
    assert not CHINESE.search(str(found))
    notes = [line for each in found if each.item for line in each.item.note.split("\n")]
    assert "Incomplete: what the page says (offline)" in notes or "Incomplete: title (offline)" in notes
    assert "Pasted with it: read and" in notes
    assert [each.refusal for each in found if each.refusal] == [
        "“ftp://a.example/3” is not the address of a page. Give one that begins with http:// or https://."
    ]


def test_what_sites_say_is_noted_in_the_newsletters_language() -> None:
    paper = {"author/name": [f"Ada {n}" for n in range(8)], "comment": ["8 pages"], "summary": ["We sow."]}
    assert list(paper_notes(paper, translator("en"))) == [
        "Authors: Ada 0, Ada 1, Ada 2, Ada 3, Ada 4, Ada 5 and others (8 in all)",
        "Comment: 8 pages",
        "Abstract: We sow.",
    ]
    about = {"stargazers_count": 1, "license": {"spdx_id": "MIT"}, "description": "A hoe"}
    release = {"tag_name": "v1.2", "published_at": "2031-04-01"}
    assert list(repository_notes(about, release, translator("en"))) == [
        "1 star, MIT licence, latest release v1.2 (2031-04-01)",
        "Description: A hoe",
    ]


def test_every_failure_has_words_in_both_languages() -> None:
    for reason in FAILURES:
        error = FetchError(reason, "a.example", status=403)
        assert not CHINESE.search(translated(failure_text(error), "en"))
        assert CHINESE.search(translated(failure_text(error), "zh-CN"))


def test_an_incomplete_item_is_known_in_whichever_language_it_was_noted() -> None:
    english = Newsletter(name="x", language="en", sections=[{"name": "S"}])
    chinese = Newsletter(name="x", sections=[{"name": "S"}])
    mixed = Issue(date=DAYS[0])
    for newsletter in (english, chinese):
        mixed = add_items(mixed, capture(f"octo/{newsletter.language}", newsletter, None), newsletter)
    assert [item.note for item in mixed.entries] == ["Incomplete: title (offline)", "待补：标题（没有联网）"]
    assert all(map(is_pending, mixed.entries))
    again, _ = retry(mixed, english, None)
    assert [item.note for item in again.entries] == ["Incomplete: title (offline)"] * 2


def test_reasons_of_the_inbox_are_english() -> None:
    reasons = [
        Reason("source", "Allotment", 1),
        Reason("author", "Ada", 2),
        Reason("words", words=("beans", "worms")),
        Reason("alike", "Beans in sand", date=DAYS[0]),
    ]
    assert [reason_text(reason, "en") for reason in reasons] == [
        "Allotment: 1 item",
        "by Ada: 2 items",
        "often about beans, worms",
        "like “Beans in sand” of 2031-01-04",
    ]
    assert [reason_text(reason, "zh-CN") for reason in reasons[:3]] == [
        "Allotment：1 条",
        "作者 Ada：2 条",
        "常写到beans、worms",
    ]


def test_no_word_of_an_issue_stands_in_the_code() -> None:
    """Chinese is in catalogues; in these folders code has it only to recognise it, or in comments."""
    for name in ("html", "wechat", "site", "inbox", "trends", "drafts"):
        for path in (PROJECT / "embedai_nb" / name).rglob("*.j2"):
            assert not CHINESE.search(path.read_text("utf-8")), path
