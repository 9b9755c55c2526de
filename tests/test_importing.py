"""Issues of other shapes: data/importing/shapes.txt has each shape, and what is right; nothing is lost in silence."""

from __future__ import annotations

import datetime
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from embedai_nb.cli import run
from embedai_nb.drafts import DraftStore, load_newsletter
from embedai_nb.importing.convert import convert, convert_html
from embedai_nb.importing.document import document_of_markdown
from embedai_nb.importing.files import files_in, import_file, spread_dates
from embedai_nb.importing.front_matter import dated
from embedai_nb.importing.titles import read_title
from embedai_nb.markdown import read, read_issue, writes
from embedai_nb.model import Issue, Item, Newsletter, Raw
from embedai_nb.workspace import layout

from .conftest import DATA
from .loopback import Sites, running

NEWSLETTER = Newsletter(name="Garden Letters", language="en", lead_word="Summary", back_issues="Back issues")
DAY = datetime.date(2031, 5, 4)
CASES = Path(__file__).parents[2] / "shared" / "cases" / "import"


def shapes() -> list[Any]:
    found = []
    for block in (DATA / "importing" / "shapes.txt").read_text("utf-8").split("====\n"):
        title, rest = block.split("\n", 1)
        text, expected = rest.split("~~~\n")
        found.append(pytest.param(text, yaml.safe_load(expected), id=title))
    assert len(found) > 10
    return found


def shown(item: Item) -> dict[str, Any]:
    """What matters of an item; the format indents a list below a head, and escapes a bar that Jekyll would take."""
    found = item.model_dump(mode="json", exclude_defaults=True, exclude={"bar_escaped"})
    return {key: dedent(text) if key == "text" else text for key, text in found.items()}


@pytest.mark.parametrize(("text", "expected"), shapes())
def test_items_are_found_in_each_shape(text: str, expected: dict[str, Any]) -> None:
    found = convert(text, NEWSLETTER, date=DAY)
    raw, told, number = expected.pop("raw", []), expected.pop("told", []), expected.pop("number", None)
    sections = {section.name: section.entries for section in found.issue.sections if section.entries}
    assert {name: [item.title for item in items] for name, items in sections.items()} == {
        name: [each["title"] if isinstance(each, dict) else each for each in items] for name, items in expected.items()
    }
    for name, items in expected.items():
        for item, right in zip(sections[name], items, strict=True):
            got = shown(item)
            assert got.pop("url").startswith("https://example.org/")
            assert got == (right if isinstance(right, dict) else {"title": right})
    assert [each.raw for s in found.issue.sections for each in s.items if isinstance(each, Raw)] == raw
    assert [each.text for each in found.remarks if each.kind == "left out"] == told
    assert found.issue.number == number


@pytest.mark.parametrize(("text", "expected"), shapes())
def test_what_was_converted_is_read_again_as_it_is(text: str, expected: object) -> None:
    del expected
    issue = convert(text, NEWSLETTER, date=DAY).issue
    again = read_issue(writes(issue, NEWSLETTER), NEWSLETTER, date=DAY)
    assert again == issue.model_copy(update={"number": None})


# --- nothing is lost in silence -------------------------------------------------------------------------------

WORDS = st.text(st.sampled_from("abcdefgh"), min_size=3, max_size=7)
ADDRESSES = WORDS.map(lambda word: f"https://example.org/{word}")
LINKS = st.builds("[{}]({})".format, WORDS, ADDRESSES)
INLINE = st.lists(
    st.one_of(
        WORDS,
        LINKS,
        WORDS.map("**{}**".format),
        WORDS.map("`{}`".format),
        ADDRESSES,
        st.builds("<b>{}</b>".format, WORDS),
        st.builds("![{}]({}.png)".format, WORDS, ADDRESSES),
        st.sampled_from(["|", "-", "by", "(", ")", ":", "1、", "<T>", "&", "*", "\\", "_", "。"]),
    ),
    min_size=1,
    max_size=6,
).map(" ".join)
BLOCKS = st.one_of(
    INLINE,
    st.lists(INLINE, min_size=1, max_size=3).map(lambda lines: "\n".join(f"* {line}" for line in lines)),
    st.lists(INLINE, min_size=1, max_size=3).map(lambda lines: "\n".join(f"{n}. {x}" for n, x in enumerate(lines, 1))),
    st.builds("* {}\n\n  {}\n\n  > {}".format, INLINE, INLINE, INLINE),
    st.builds("* {}\n  * {}\n  * {}".format, INLINE, INLINE, INLINE),
    st.builds("{} {}".format, st.sampled_from(["##", "###", "####"]), INLINE),
    st.builds("> {}".format, INLINE),
    st.builds("1、{}".format, INLINE),
    WORDS.map("```\n{}\n```".format),
    st.builds("| {} | {} |\n|---|---|\n| {} | x |".format, WORDS, LINKS, WORDS),
    st.builds("<div>\n\n{}\n\n</div>".format, INLINE),
    st.builds("<p>{}</p>".format, INLINE),
    st.just("----"),
    WORDS.map("<!-- {} -->".format),
)
DOCUMENTS = st.lists(BLOCKS, min_size=1, max_size=8).map("\n\n".join)


def words_and_addresses(text: str) -> tuple[Counter[str], set[str]]:
    """What a reader of CommonMark sees, and where it leads."""
    soup = document_of_markdown(text).soup
    pictures = soup.find_all("img")
    seen = soup.get_text(" ") + " " + " ".join(str(each.get("alt", "")) for each in pictures)
    addresses = {str(each["href"]) for each in soup.find_all("a", href=True)} | {str(each["src"]) for each in pictures}
    return Counter(re.findall(r"[a-h]{3,}", seen)), addresses


@given(DOCUMENTS)
def test_no_word_and_no_link_is_lost_without_being_said(text: str) -> None:
    found = convert(text, NEWSLETTER, date=DAY)
    words, addresses = words_and_addresses(text)
    kept, linked = words_and_addresses(writes(found.issue, NEWSLETTER))
    said = " ".join(remark.text for remark in found.remarks if remark.kind == "left out")
    assert all(address in linked or address in said for address in addresses)
    gone = words - kept
    assert all(word in said or any(word in address for address in linked) for word in gone), gone


# --- which shape ----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "issues"
    folder.mkdir()
    (folder / layout.NEWSLETTER).write_text("name: Garden Letters\nlanguage: en\n", encoding="utf-8")
    return folder


def imported(folder: Path, name: str, text: str, **options: Any) -> Issue:
    path = folder.parent / name
    path.write_text(text, encoding="utf-8")
    store, newsletter = DraftStore(folder), load_newsletter(folder / layout.NEWSLETTER)
    return import_file(path, store, newsletter, **options).draft.issue


def test_where_two_readings_are_possible_the_shape_names_one(folder: Path) -> None:
    text = "## Beds\n\n1、[First](https://example.org/1)\n\n- [Second](https://example.org/2)\n- [Third](https://example.org/3)\n"
    numbered = imported(folder, "2031-05-04.md", text)
    assert [item.title for item in numbered.entries] == ["First"]
    as_list = imported(folder, "2031-05-11.md", text, shape="list")
    assert [item.title for item in as_list.entries] == ["Second", "Third"]


def test_an_issue_of_the_archive_is_read_as_before(newsletter: Newsletter, folder: Path) -> None:
    text = (DATA / "markdown" / "whole.md").read_text("utf-8")
    (folder / layout.NEWSLETTER).write_text(newsletter.model_dump_json(), encoding="utf-8")
    issue = imported(folder, "old.md", text)
    assert issue == read(text, newsletter).issue


@pytest.mark.skipif(not CASES.exists(), reason="no cases beside this project")
@pytest.mark.parametrize(
    ("name", "items"),
    [
        ("20-star-bullets", {"Official": ["First", "Second"], "Tools": ["Third"]}),
        ("21-quote-in-item", {"Featured": ["First", "Second"]}),
        ("23-heading-per-item", {"Headlines": ["First", "Second"]}),
        ("24-numbered-title", {"Tools": ["First"]}),
        ("27-rule-between-items", {"博文": ["First", "Second"]}),
    ],
)
def test_the_cases_that_failed_are_right(folder: Path, name: str, items: dict[str, list[str]]) -> None:
    text = (CASES / "english-newsletter.yaml").read_text("utf-8")
    (folder / layout.NEWSLETTER).write_text(text, encoding="utf-8")
    issue = imported(folder, f"{name}.md", (CASES / f"{name}.md").read_text("utf-8"), date=DAY)
    assert {s.name: [item.title for item in s.entries] for s in issue.sections if s.entries} == items


# --- dates and numbers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2031-05-04-issue", "2031-05-04"),
        ("#188-2031.5.4", "2031-05-04"),
        ("2031年5月4日", "2031-05-04"),
        ("20310504", "2031-05-04"),
        ("2031-05-04T03:32:29.241Z", "2031-05-04"),
        ("2031-02-30", None),
        ("issue-200", None),
        ("12031-05-041", None),
    ],
)
def test_a_date_is_found_however_it_is_written(text: str, date: str | None) -> None:
    assert str(dated(text)) == str(date)


@pytest.mark.parametrize(
    ("title", "number", "name", "words"),
    [
        ("Garden Letters 545", 545, "Garden Letters", ""),
        ("Garden Letters 2: frost", 2, "Garden Letters", "frost"),
        ("Garden Letters (Issue 300): a headline", 300, "Garden Letters", "a headline"),
        ("园艺周刊（第 200 期）：春播", 200, "园艺周刊", "春播"),
        ("《园艺》第 60 期", 60, "园艺", ""),
        ("Garden Letters #188 | 2031-05-04", 188, "Garden Letters", ""),
        ("2031-05-04: one, two", None, "", "one, two"),
        ("Ten beds in 20 days", None, "", "Ten beds in 20 days"),
        ("Garden Letters", None, "", ""),
    ],
)
def test_a_title_says_number_name_and_words(title: str, number: int | None, name: str, words: str) -> None:
    assert read_title(title, NEWSLETTER) == (number, name, words)


def test_dates_go_on_from_the_first_by_the_numbers_in_the_names() -> None:
    paths = [Path(f"issue-{number}.md") for number in (10, 9, 12)]
    days = spread_dates(paths, DAY, 7)
    assert [str(days[path]) for path in paths] == ["2031-05-11", "2031-05-04", "2031-05-25"]


ISSUE = "# Garden Letters (Issue {n}): a headline\n\n## Tools\n\n- [First](https://example.org/{n})\n"


def embedai(folder: Path, *words: str) -> int:
    return run(["--issues", str(folder), *words])


def test_a_folder_without_dates_is_refused_with_a_list_and_taken_with_a_first_date(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = folder.parent / "old"
    old.mkdir()
    for n in (300, 301, 303):
        (old / f"issue-{n}.md").write_text(ISSUE.format(n=n), encoding="utf-8")
    assert embedai(folder, "import", str(old)) == 1
    assert capsys.readouterr().err == (
        "embedai: no date in 3 files: issue-300.md, issue-301.md, issue-303.md; name the first one's and the days between "
        "two issues with --date YYYY-MM-DD --every DAYS\n"
    )
    assert embedai(folder, "import", str(old), "--every", "7") == 2
    assert embedai(folder, "import", str(old), "--date", "2031-05-04", "--every", "7") == 0
    store = DraftStore(folder)
    assert [str(date) for date in store.dates()] == ["2031-05-04", "2031-05-11", "2031-05-25"]
    assert [store.load(date).issue.number for date in store.dates()] == [300, 301, 303]


def test_the_report_says_what_was_taken_by_section_and_what_was_not(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder.parent / "2031-05-04.md"
    text = "## Beds\n\nHello.\n\n<!-- hidden -->\n\n* [First](https://example.org/1)\n* [Second](https://example.org/2) [here](./x)\n"
    path.write_text(text, encoding="utf-8")
    assert embedai(folder, "import", str(path)) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith("2031-05-04.yaml (items: 2, raw: 1, left out: 2)")


def test_the_files_of_a_folder_are_all_markdown_files(tmp_path: Path) -> None:
    for name in ("b.md", "a.markdown", "c.txt"):
        (tmp_path / name).write_text("", encoding="utf-8")
    assert [path.name for path in files_in([tmp_path])] == ["a.markdown", "b.md"]


# --- feeds ----------------------------------------------------------------------------------------------------

ENTRY = "<h2>Beds</h2><ul><li><a href='/1'>First</a> by A. Writer</li><li><a href='https://example.org/2'>Second</a></li></ul>"
RSS = f"""<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Garden Letters</title>
<item><title>Garden Letters 2: frost</title><link>https://garden.example/2</link><pubDate>Sun, 11 May 2031 08:00:00 GMT</pubDate>
<content:encoded><![CDATA[{ENTRY}]]></content:encoded></item>
<item><title>Garden Letters 1</title><link>https://garden.example/1</link><pubDate>Sun, 04 May 2031 08:00:00 GMT</pubDate>
<content:encoded><![CDATA[{ENTRY}]]></content:encoded></item>
<item><title>Garden Letters 0</title><link>https://garden.example/0</link><pubDate>Sun, 27 Apr 2031 08:00:00 GMT</pubDate></item>
</channel></rss>"""
ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Garden Letters</title>
<entry><title>Garden Letters 1</title><link href="https://garden.example/1"/><published>2031-05-04T08:00:00Z</published>
<content type="html"><![CDATA[{ENTRY}]]></content></entry></feed>"""
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Garden Letters",
        "items": [
            {
                "id": "1",
                "url": "https://garden.example/1",
                "title": "Garden Letters 1",
                "date_published": "2031-05-04T08:00:00Z",
                "content_html": ENTRY,
            }
        ],
    }
)


@pytest.fixture
def sites(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sites]:
    with running() as sites:
        monkeypatch.setattr("embedai_nb.capture.draft.caching_fetcher", lambda _: sites.fetcher())
        yield sites


@pytest.mark.parametrize(("name", "text"), [("feed.rss", RSS), ("feed.atom", ATOM), ("feed.json", JSON)])
def test_an_entry_of_a_feed_is_an_issue(folder: Path, name: str, text: str) -> None:
    path = folder.parent / name
    path.write_text(text, encoding="utf-8")
    embedai(folder, "import", str(path))
    issue = DraftStore(folder).load(DAY).issue
    assert (issue.number, issue.imported) == (1, True)
    assert [(item.title, item.source, item.url) for item in issue.entries] == [
        ("First", "A. Writer", "https://garden.example/1"),
        ("Second", "", "https://example.org/2"),
    ]
    assert [section.name for section in issue.sections] == ["Beds"]


def test_a_feed_is_fetched_and_entries_without_text_are_said(
    folder: Path, sites: Sites, capsys: pytest.CaptureFixture[str]
) -> None:
    sites.page("garden.example/feed", RSS, Content_Type="application/rss+xml")
    assert embedai(folder, "import", "http://garden.example/feed") == 1
    out, err = capsys.readouterr()
    assert re.findall(r"^(Garden Letters .*) → .*/(.*)\.yaml \(items: (\d)", out, re.MULTILINE) == [
        ("Garden Letters 1", "2031-05-04", "2"),
        ("Garden Letters 2: frost", "2031-05-11", "2"),
    ]
    assert "Garden Letters 0: the feed has no text of this entry" in err
    assert DraftStore(folder).load(datetime.date(2031, 5, 11)).issue.headline == ("frost",)


def test_a_feed_within_the_own_network_is_not_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert embedai(folder, "import", "http://127.0.0.1:9/feed.xml") == 1
    assert "127.0.0.1" in capsys.readouterr().err
    assert not DraftStore(folder).dates()


def test_what_is_no_feed_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder.parent / "x.xml"
    path.write_text("<html></html>", encoding="utf-8")
    assert embedai(folder, "import", str(path)) == 2
    assert "x.xml: it is no feed that can be read" in capsys.readouterr().err


def test_scripts_and_styles_of_a_page_are_no_text() -> None:
    html = (
        "<style>p {}</style><h2>Beds</h2><ul><li><a href='https://example.org/1'>First</a></li></ul><script>x</script>"
    )
    found = convert_html(html, "Garden Letters 1", NEWSLETTER, DAY)
    assert [item.title for item in found.issue.entries] == ["First"]
    assert not found.remarks
