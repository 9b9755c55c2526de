"""The feeds: Atom and JSON, full content, permanent ids, and times that change with each correction."""

from __future__ import annotations

import datetime
import json
import re
import shutil
import xml.etree.ElementTree as ET
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from embedai_nb.cli import run
from embedai_nb.errors import DraftError
from embedai_nb.markdown import read
from embedai_nb.model import Issue, Item, Newsletter, Section
from embedai_nb.site.build import build_site
from embedai_nb.site.feeds import NEWEST, entry_id

from .conftest import SHARED
from .test_site import ADDRESS, archive, contents, issue, real_archive, text

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
DAY = datetime.date(2031, 5, 4)
HOSTILE = "]]> <script>alert(1)</script> &amp; \x0b\x00\ufffe\u2028 \ud83d\ude00".encode(
    "utf-16", "surrogatepass"
).decode("utf-16")


def feed(site: Path, name: str = "atom.xml") -> ET.Element:
    return ET.parse(site / name).getroot()


def json_feed(site: Path, name: str = "feed.json") -> Any:
    return json.loads(text(site / name))


def entries(site: Path) -> dict[str, tuple[str, str]]:
    """Id → title and time of the last correction."""
    return {
        entry.findtext(f"{ATOM}id", ""): (entry.findtext(f"{ATOM}title", ""), entry.findtext(f"{ATOM}updated", ""))
        for entry in feed(site).iter(f"{ATOM}entry")
    }


def ids(site: Path) -> list[str]:
    """The id of the feed, and those of its entries, the newest first."""
    return [feed(site).findtext(f"{ATOM}id", ""), *entries(site)]


def content(entry: ET.Element) -> str:
    return entry.findtext(f"{ATOM}content", "")


def hrefs(html: str) -> list[str]:
    return [unescape(address) for address in re.findall(r'href="([^"]*)"', html)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feeds")
    return build_site(archive(folder / "issues"), folder / "site", ADDRESS).folder


@pytest.fixture(scope="module")
def real_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real")
    return build_site(real_archive(folder / "issues"), folder / "site", ADDRESS).folder


# --- content --------------------------------------------------------------------------------------------------


def test_feedparser_reads_feed_and_entries(site: Path) -> None:
    feedparser = pytest.importorskip("feedparser", reason="feedparser is not installed")
    found = feedparser.parse(str(site / "atom.xml"))
    assert not found.bozo
    assert found.version == "atom10"
    assert (found.feed.title, found.feed.link) == ("嵌入式AI简报", ADDRESS)
    assert [entry.link for entry in found.entries] == [
        f"{ADDRESS}{date}.html" for date in ("2031-05-18", "2031-05-04", "2030-03-02", "2029-12-31")
    ]
    newest = found.entries[0]
    assert newest.title == "嵌入式AI简报 (2031-05-18)：NPU"
    assert newest.published == newest.updated == "2031-05-18T00:00:00+00:00"
    assert [tag.term for tag in newest.tags] == ["NPU"]
    assert "低比特的摘要" in newest.content[0].value


def test_atom_feed_conforms_to_its_schema(real_site: Path) -> None:
    etree = pytest.importorskip("lxml.etree", reason="lxml is not installed")
    schema = etree.RelaxNG(etree.parse(Path(__file__).parent / "data" / "site" / "atom.rng"))
    schema.assertValid(etree.parse(real_site / "atom.xml"))


def test_json_feed_has_the_same_entries(site: Path) -> None:
    found = json_feed(site)
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert (found["home_page_url"], found["feed_url"]) == (ADDRESS, f"{ADDRESS}feed.json")
    atom = feed(site).findall(f"{ATOM}entry")
    assert [item["id"] for item in found["items"]] == [entry.findtext(f"{ATOM}id") for entry in atom]
    assert [item["content_html"] for item in found["items"]] == [content(entry) for entry in atom]
    assert [item["date_modified"] for item in found["items"]] == [entry.findtext(f"{ATOM}updated") for entry in atom]
    assert all({"url", "title", "date_published"} <= item.keys() for item in found["items"])


def test_pages_announce_the_feeds(site: Path) -> None:
    for name, root in (("index.html", ""), ("2031-05-04.html", ""), ("sections/论文.html", "../")):
        assert f'type="application/atom+xml" title="嵌入式AI简报" href="{root}atom.xml"' in text(site / name)
        assert f'type="application/feed+json" title="嵌入式AI简报" href="{root}feed.json"' in text(site / name)


def test_feeds_hold_every_item_and_address_in_order(real_site: Path, newsletter: Newsletter) -> None:
    files = sorted((SHARED / "archive").glob("*.md"), reverse=True)
    told = feed(real_site).findall(f"{ATOM}entry")
    assert len(told) == len(files)
    for file, entry, item in zip(files, told, json_feed(real_site)["items"], strict=True):
        found = read(text(file), newsletter).issue
        page = text(real_site / f"{file.stem}.html")
        below = page[page.index("</header>") : page.rindex('<nav class="turn"')]
        assert hrefs(content(entry)) == [urljoin(f"{ADDRESS}{file.stem}.html", url) for url in hrefs(below)]
        assert content(entry).count("<article ") == len(found.entries)
        assert content(entry) == item["content_html"]


# --- ids and times --------------------------------------------------------------------------------------------


def test_ids_stay_when_the_newsletter_is_renamed(tmp_path: Path) -> None:
    folder = archive(tmp_path / "issues")
    before = ids(build_site(folder, tmp_path / "site", ADDRESS).folder)
    text_before = (folder / "newsletter.yaml").read_text("utf-8")
    (folder / "newsletter.yaml").write_text(text_before.replace("嵌入式AI简报", "别的简报"), encoding="utf-8")
    assert ids(build_site(folder, tmp_path / "site", ADDRESS).folder) == before


def test_a_rescheduled_issue_keeps_its_id_and_its_old_date_gets_another(tmp_path: Path) -> None:
    """Two entries of one id would be one to a feed reader (RFC 4287, section 4.2.6)."""
    folder, old, new = archive(tmp_path / "issues"), "2031-05-18", "2031-05-25"
    before = ids(build_site(folder, tmp_path / "site", ADDRESS).folder)
    (folder / "drafts").mkdir()
    assert run(["--issues", str(folder), "import", "--published", str(folder / "archive" / f"{old}.md")]) == 0
    assert run(["--issues", str(folder), "reschedule", old, new]) == 0
    moved = build_site(folder, tmp_path / "site", ADDRESS).folder
    assert ids(moved) == before
    assert json_feed(moved)["items"][0]["id"] == before[1]

    archive(tmp_path / "another", [issue(old)])
    shutil.copy(tmp_path / "another" / "archive" / f"{old}.md", folder / "archive")
    both = ids(build_site(folder, tmp_path / "site", ADDRESS).folder)
    assert [both[0], both[1], *both[3:]] == before
    assert len({*both}) == len(both)
    assert ids(build_site(folder, tmp_path / "site", ADDRESS).folder) == both


def test_an_id_depends_on_newsletter_and_date_alone(site: Path, tmp_path: Path) -> None:
    moved = build_site(archive(tmp_path / "issues"), tmp_path / "site", "https://elsewhere.example/").folder
    assert entries(moved) == entries(site)
    assert entry_id("简报", DAY) == entry_id("简报", DAY)
    assert len({entry_id(name, date) for name in "ab" for date in (None, DAY, datetime.date(2031, 5, 5))}) == 6


def test_a_correction_changes_the_time_of_that_issue_alone(tmp_path: Path) -> None:
    folder, out = archive(tmp_path / "issues"), tmp_path / "site"
    path = folder / "archive" / "2030-03-02.md"
    original = text(path)

    def built() -> dict[str, tuple[str, str]]:
        build_site(folder, out, ADDRESS)
        return entries(out)

    first = built()
    this = entry_id("嵌入式AI简报", datetime.date(2030, 3, 2))
    assert first[this][1] == "2030-03-02T00:00:00+00:00"
    times = [first[this][1]]
    for correction in (
        original.replace("摘要。", "摘要，改过。"),
        original,
        original.replace("摘要。", "摘要，改过。"),
    ):
        path.write_text(correction, encoding="utf-8")
        corrected = built()
        times.append(corrected[this][1])
        assert {key: value for key, value in corrected.items() if key != this} == {
            key: value for key, value in first.items() if key != this
        }
        assert feed(out).findtext(f"{ATOM}updated") == max(time for _, time in corrected.values())
        assert built() == corrected, "nothing moves when nothing changed"
    assert times[1] == "2031-05-18T00:00:00+00:00", "at the time of the newest issue"
    assert times == sorted(set(times))


def test_the_newest_issue_can_be_corrected_on_its_own_day(tmp_path: Path) -> None:
    folder, out = archive(tmp_path / "issues"), tmp_path / "site"
    build_site(folder, out, ADDRESS)
    path = folder / "archive" / "2031-05-18.md"
    path.write_text(text(path).replace("低比特", "三值"), encoding="utf-8")
    build_site(folder, out, ADDRESS)
    assert entries(out)[entry_id("嵌入式AI简报", datetime.date(2031, 5, 18))][1] == "2031-05-18T00:00:01+00:00"


def test_a_failed_build_records_no_correction(tmp_path: Path) -> None:
    folder, out = archive(tmp_path / "issues"), tmp_path / "site"
    build_site(folder, out, ADDRESS)
    before = contents(folder / "archive")["revisions.json"]
    path = folder / "archive" / "2031-05-18.md"
    path.write_text(text(path).replace("低比特", "三值"), encoding="utf-8")
    (folder / "archive" / "2029-12-31.md").write_bytes(b"\xff")
    with pytest.raises(DraftError):
        build_site(folder, out, ADDRESS)
    assert contents(folder / "archive")["revisions.json"] == before


# --- older issues ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "documents"), [(NEWEST, 0), (NEWEST + 1, 1), (2 * NEWEST, 1), (2 * NEWEST + 5, 2)])
def test_older_issues_are_in_archive_documents(count: int, documents: int, tmp_path: Path) -> None:
    dates = [DAY + datetime.timedelta(days=number) for number in range(count)]
    folder = archive(tmp_path / "issues", [issue(str(date)) for date in dates])
    out = build_site(folder, tmp_path / "site", ADDRESS).folder
    assert len(list(out.glob("atom-*.xml"))) == len(list(out.glob("feed-*.json"))) == documents

    seen: list[str] = []
    name: str | None = "atom.xml"
    while name:
        document = feed(out, name)
        links = {link.get("rel"): link.get("href", "") for link in document.findall(f"{ATOM}link")}
        assert links["self"] == ADDRESS + name
        assert (document.find(f"{HISTORY}archive") is not None) == (name != "atom.xml")
        found = [entry.findtext(f"{ATOM}id", "") for entry in document.findall(f"{ATOM}entry")]
        assert len(found) == NEWEST
        seen += found
        name = links.get("prev-archive", "").removeprefix(ADDRESS) or None
    assert set(seen) == {entry_id("嵌入式AI简报", date) for date in dates}

    told: list[str] = []
    following: str | None = f"{ADDRESS}feed.json"
    while following:
        page = json_feed(out, following.removeprefix(ADDRESS))
        told += [item["id"] for item in page["items"]]
        following = page.get("next_url")
    assert told == seen


# --- hostile content ------------------------------------------------------------------------------------------


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    hostile = Issue(
        date=DAY,
        headline=[HOSTILE],
        lead=HOSTILE,
        sections=[Section(name="论文", items=[Item(title=HOSTILE, url="https://e.com/?a=1&b=2", text=HOSTILE)])],
    )
    out = build_site(archive(tmp_path / "issues", [hostile]), tmp_path / "site", ADDRESS).folder
    entry = feed(out).find(f"{ATOM}entry")
    assert entry is not None
    assert "]]> <script>alert(1)</script>" in entry.findtext(f"{ATOM}title", "")
    assert "&lt;script&gt;" in content(entry)
    assert "<script" not in content(entry)
    assert 'href="https://e.com/?a=1&amp;b=2"' in content(entry)
    assert "😀" in content(entry)
    assert "<script" not in json_feed(out)["items"][0]["content_html"]
