"""Links that are asked for: what answers, what is gone, and what nobody can tell from here."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedai_nb.capture.link_check import FRESH, LinkChecker
from tests.loopback import Sites, running

TODAY = datetime.date(2031, 5, 4)


@pytest.fixture
def sites() -> Iterator[Sites]:
    with running() as sites:
        yield sites


def looked(folder: Path, sites: Sites, *urls: str, today: datetime.date = TODAY) -> LinkChecker:
    links = LinkChecker(folder, sites.fetcher(), today)
    links.check(urls)
    return links


def state(links: LinkChecker, url: str) -> str | None:
    found = links.status(url)
    return found.state if found else None


def test_a_page_that_answers_is_asked_for_its_head_only(tmp_path: Path, sites: Sites) -> None:
    sites.page("HEAD site.test/a")
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == "ok"
    assert sites.places() == ["HEAD site.test/a"]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 501])
def test_a_site_that_does_not_like_that_is_asked_for_the_page(tmp_path: Path, sites: Sites, status: int) -> None:
    sites.page("HEAD site.test/a", status=status)
    sites.page("site.test/a", "text")
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == "ok"


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, "dead"), (410, "dead"), (401, "unknown"), (403, "unknown"), (429, "unknown"), (500, "unknown")],
)
def test_only_a_page_that_is_gone_is_dead(tmp_path: Path, sites: Sites, status: int, expected: str) -> None:
    sites.page("site.test/a", status=status)
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == expected


def test_a_page_that_moved_is_followed(tmp_path: Path, sites: Sites) -> None:
    sites.page("site.test/a", status=301, Location="https://site.test/b")
    sites.page("site.test/b", status=404)
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == "dead"


def test_an_address_within_this_network_is_not_asked(tmp_path: Path, sites: Sites) -> None:
    assert state(looked(tmp_path, sites, "http://127.0.0.1/a"), "http://127.0.0.1/a") == "unknown"
    assert sites.asked == []


def test_a_good_answer_is_remembered_with_its_date_for_a_week(tmp_path: Path, sites: Sites) -> None:
    url = "https://site.test/a"
    sites.page("site.test/a")
    looked(tmp_path, sites, url)
    again = looked(tmp_path, sites, url, today=TODAY + FRESH - datetime.timedelta(days=1))
    assert again.known[url].date == TODAY
    assert len(sites.asked) == 1
    assert looked(tmp_path, sites, url, today=TODAY + FRESH).known[url].date == TODAY + FRESH


def test_a_bad_answer_is_asked_for_again(tmp_path: Path, sites: Sites) -> None:
    url = "https://site.test/a"
    assert state(looked(tmp_path, sites, url), url) == "dead"
    sites.page("site.test/a")
    assert state(looked(tmp_path, sites, url), url) == "ok"


def test_each_link_is_asked_for_once(tmp_path: Path, sites: Sites) -> None:
    sites.page("site.test/a")
    looked(tmp_path, sites, "https://site.test/a", "https://site.test/a")
    assert len(sites.asked) == 1


def test_what_cannot_be_read_is_as_if_nothing_were_remembered(tmp_path: Path, sites: Sites) -> None:
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "links.json").write_text("{", encoding="utf-8")
    sites.page("site.test/a")
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == "ok"
