"""Link checker: status of links, requests made for it, cache of results."""

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


def test_a_page_is_requested_with_head(tmp_path: Path, sites: Sites) -> None:
    sites.page("HEAD site.test/a")
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == "ok"
    assert sites.places() == ["HEAD site.test/a"]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 501])
def test_a_refused_head_request_is_repeated_with_get(tmp_path: Path, sites: Sites, status: int) -> None:
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


def test_redirects_are_followed(tmp_path: Path, sites: Sites) -> None:
    sites.page("site.test/a", status=301, Location="https://site.test/b")
    sites.page("site.test/b", status=404)
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == "dead"


def test_a_private_address_is_not_requested(tmp_path: Path, sites: Sites) -> None:
    assert state(looked(tmp_path, sites, "http://127.0.0.1/a"), "http://127.0.0.1/a") == "unknown"
    assert sites.asked == []


def test_a_good_result_is_cached_with_its_date_for_a_week(tmp_path: Path, sites: Sites) -> None:
    url = "https://site.test/a"
    sites.page("site.test/a")
    looked(tmp_path, sites, url)
    again = looked(tmp_path, sites, url, today=TODAY + FRESH - datetime.timedelta(days=1))
    assert again.known[url].date == TODAY
    assert len(sites.asked) == 1
    assert looked(tmp_path, sites, url, today=TODAY + FRESH).known[url].date == TODAY + FRESH


def test_any_other_link_is_requested_again(tmp_path: Path, sites: Sites) -> None:
    url = "https://site.test/a"
    assert state(looked(tmp_path, sites, url), url) == "dead"
    sites.page("site.test/a")
    assert state(looked(tmp_path, sites, url), url) == "ok"


def test_each_link_is_requested_once(tmp_path: Path, sites: Sites) -> None:
    sites.page("site.test/a")
    looked(tmp_path, sites, "https://site.test/a", "https://site.test/a")
    assert len(sites.asked) == 1


def test_an_unreadable_cache_counts_as_empty(tmp_path: Path, sites: Sites) -> None:
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "links.json").write_text("{", encoding="utf-8")
    sites.page("site.test/a")
    assert state(looked(tmp_path, sites, "https://site.test/a"), "https://site.test/a") == "ok"
