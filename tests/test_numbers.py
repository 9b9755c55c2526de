"""Issues with numbers: in titles, addresses and back issues; nothing changes where there are none."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from embedai_nb.compose import complete
from embedai_nb.drafts import DraftStore
from embedai_nb.edition import load
from embedai_nb.errors import DraftError
from embedai_nb.markdown import reads, writes
from embedai_nb.model import Issue, Newsletter
from embedai_nb.publish.all import reasons
from embedai_nb.site.build import build_site
from embedai_nb.workspace import layout

from .publishing import embedai

DAY = datetime.date(2031, 5, 4)
TITLES = ("{name} {number} ({date})", "{name}（第 {number} 期，{date}）", "{date}: {name} #{number}")


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize(
    ("typed", "number"), [(5, 5), ("5", 5), (0, 0), ("0", 0), ("05", "05"), ("12a", "12a"), ("", None), (None, None)]
)
def test_a_title_says_the_number_and_is_read_again(
    title: str, typed: int | str | None, number: int | str | None
) -> None:
    newsletter = Newsletter(name="Garden", title=title)
    issue = Issue.model_validate({"date": DAY, "number": typed, "headline": ["frost", "hail"], "imported": True})
    written = writes(issue, newsletter)
    assert issue.number == number
    assert (number is None) == written.startswith("# Garden (2031-05-04)：frost/hail")
    assert reads(written, newsletter) == issue


def test_without_a_number_a_title_is_what_it_was() -> None:
    issue = Issue(date=DAY, headline=("frost",), imported=True)
    assert writes(issue, Newsletter(name="Garden")) == "# Garden (2031-05-04)：frost\n"


def test_addresses_of_back_issues_have_their_numbers() -> None:
    newsletter = Newsletter(
        name="Garden", title="{name} {number} ({date})", archive_url="https://garden.example/{number}/"
    )
    before = datetime.date(2031, 4, 27)
    issue = complete(Issue(date=DAY, number=5), newsletter, [before], {before: 4})
    assert re.findall(r"\[([\d-]+)\]\((.*?)\)", issue.closing or "") == [
        ("2031-05-04", "https://garden.example/5/"),
        ("2031-04-27", "https://garden.example/4/"),
    ]


def test_an_issue_without_a_number_has_no_address_that_needs_one() -> None:
    newsletter = Newsletter(
        name="Garden", title="{name} {number} ({date})", archive_url="https://garden.example/{number}/"
    )
    assert "](http" not in (complete(Issue(date=DAY), newsletter).closing or "")


@pytest.mark.parametrize("key", ["archive_url: https://garden.example/{number}", "page_name: issue-{number}"])
def test_addresses_with_numbers_need_titles_with_numbers(tmp_path: Path, key: str) -> None:
    from embedai_nb.drafts import load_newsletter

    path = tmp_path / layout.NEWSLETTER
    path.write_text(f"name: Garden\n{key}\n", encoding="utf-8")
    with pytest.raises(DraftError, match=r"addresses have \{number\}; the title needs it, too"):
        load_newsletter(path)


NUMBERED = """name: Garden
language: en
title: "{name} {number} ({date})"
page_name: issue-{number}
archive_url: https://garden.example/issue-{number}.html
site_url: https://garden.example/
"""
DRAFT = """schema: 1
date: {date}
number: {number}
headline: [frost]
sections:
  - name: Beds
    items:
      - {{title: First, source: Spade, url: "https://example.org/{number}"}}
"""


@pytest.mark.processes
def test_pages_feeds_and_lists_of_a_site_have_the_numbers(tmp_path: Path) -> None:
    folder = tmp_path / "issues"
    (folder / layout.DRAFTS).mkdir(parents=True)
    (folder / layout.NEWSLETTER).write_text(NUMBERED, encoding="utf-8")
    for date, number in (("2031-04-27", 0), ("2031-05-04", 5)):
        text = DRAFT.format(date=date, number=number)
        (folder / layout.draft(date)).write_text(text, encoding="utf-8")
        embedai(folder, "issue", date)
    assert DraftStore(folder).number(DAY) == 5
    assert "issue-0.html" in load("2031-05-04", folder).markdown
    site = tmp_path / "site"
    build_site(folder, site)
    pages = sorted(path.name for path in site.glob("issue-*.html"))
    assert pages == ["issue-0.html", "issue-5.html"]
    assert not list(site.glob("20*-*.html"))
    for name in ("index.html", "2031.html", "atom.xml", "feed.json", "sitemap.xml", "search/0/issues.json"):
        assert "issue-5" in (site / name).read_text("utf-8"), name
    assert 'href="issue-0.html"' in (site / "issue-5.html").read_text("utf-8")


@pytest.mark.processes
def test_another_number_makes_the_issues_out_of_date_that_link_to_it(tmp_path: Path) -> None:
    folder = tmp_path / "issues"
    (folder / layout.DRAFTS).mkdir(parents=True)
    (folder / layout.NEWSLETTER).write_text(NUMBERED, encoding="utf-8")
    for date, number in (("2031-04-27", 4), ("2031-05-04", 5)):
        (folder / layout.draft(date)).write_text(DRAFT.format(date=date, number=number), encoding="utf-8")
    embedai(folder, "build")
    path = folder / layout.draft("2031-04-27")
    path.write_text(path.read_text("utf-8").replace("number: 4", "number: 3"), encoding="utf-8")
    assert reasons(folder, "2031-05-04") == ["the issue 2031-04-27, in its closing, has another number"]
    embedai(folder, "build")
    assert "issue-3.html" in (folder / layout.markdown("2031-05-04")).read_text("utf-8")
    build_site(folder, tmp_path / "again")
    build_site(folder, tmp_path / "site")
    assert 'href="issue-3.html"' in (tmp_path / "site" / "issue-5.html").read_text("utf-8")
