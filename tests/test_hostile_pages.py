"""Strangers' pages: whatever they hold, reading them ends, in little memory, and costs no other link.

`python -m benchmarks.hostile` measures time and memory; here the limits themselves are tested.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedai_nb.capture import capture, is_pending
from embedai_nb.capture.atom import first_entry
from embedai_nb.capture.html_tokens import MAX_ATTRIBUTES, MAX_STEPS, attributes, plain_text, tokens
from embedai_nb.capture.page_reader import MAX_TEXT, anchors, read_page
from embedai_nb.capture.response_cache import Response
from embedai_nb.model import Newsletter
from tests.conftest import PROJECT
from tests.hostile_pages import HTML, JSON, XML
from tests.loopback import Sites, running

ARXIV = "export.arxiv.org/api/query?max_results=1&id_list=2101.00001"
GITHUB = "api.github.com/repos/octo/x"


@pytest.fixture
def sites() -> Iterator[Sites]:
    with running() as sites:
        yield sites


@pytest.fixture(params=HTML)
def page(request: pytest.FixtureRequest) -> str:
    return HTML[request.param]


def test_no_page_takes_more_steps_than_the_limit(page: str) -> None:
    assert sum(1 for _ in tokens(page)) <= 2 * MAX_STEPS + 2  # each tag, and the text before it


@pytest.mark.processes
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not enforce these limits")
def test_pages_are_read_within_the_limits_of_processor_time_and_memory() -> None:
    pages = ["nested blocks", "distinct metas", "identifiers", "attributes of one element", "titles"]
    done = subprocess.run(
        [sys.executable, "-c", WITHIN_LIMITS, *pages], cwd=PROJECT, capture_output=True, text=True, timeout=120
    )
    assert (done.stdout, done.stderr) == ("read\n" * len(pages), "")


WITHIN_LIMITS = """
import resource, sys
from embedai_nb.capture.page_reader import anchors, read_page
from tests.conftest import PROJECT
from tests.hostile_pages import HTML
for number, name in enumerate(sys.argv[1:]):
    page = HTML[name]
    in_use = int(open("/proc/self/statm").read().split()[5]) * resource.getpagesize()
    spent = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_DATA, (in_use + 100_000_000, -1))
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent.ru_utime + spent.ru_stime) + 3, -1))
    read_page(page, "title", "h1", "#activity-name", ".profile_nickname")
    print("read")
    resource.setrlimit(resource.RLIMIT_DATA, (-1, -1))
"""


@pytest.mark.parametrize("name", ["nested elements", "a long namespace", "long names", "more than is read"])
def test_a_feed_that_no_archive_would_send_is_refused_or_read_without_its_namespace(name: str) -> None:
    try:
        assert first_entry(XML[name]) is not None
    except ValueError:
        assert name != "a long namespace"


def test_the_title_is_found_whatever_follows_it(page: str) -> None:
    assert read_page(f"<title>Solder</title>{page}", "title").first("title") == "Solder"


def test_a_hostile_page_costs_no_other_link_of_the_paste(sites: Sites, newsletter: Newsletter) -> None:
    places = {}
    for number, text in enumerate(HTML.values()):
        places[f"http://h{number}.test/"] = text
        sites.page(f"h{number}.test/", text, Content_Type="text/html; charset=utf-8")
    sites.page("good.test/", "<title>Solder</title>")
    found = capture("\n\n".join([*places, "http://good.test/"]), newsletter, sites.fetcher())
    assert len(found) == len(HTML) + 1
    assert all(each.item is not None for each in found)
    assert found[-1].item is not None
    assert (found[-1].item.title, found[-1].missing) == ("Solder", ())


@pytest.mark.parametrize(
    ("place", "text", "body"),
    [(ARXIV, "2101.00001", XML[name]) for name in XML] + [(GITHUB, "octo/x", JSON[name]) for name in JSON],
    ids=[*XML, *JSON],
)
def test_a_hostile_answer_leaves_its_item_pending_and_the_other_captured(
    place: str, text: str, body: str, sites: Sites, newsletter: Newsletter
) -> None:
    sites.page(place, body)
    sites.page("good.test/", "<title>Solder</title>")
    bad, good = capture(f"{text}\n\nhttp://good.test/", newsletter, sites.fetcher())
    assert bad.item is not None
    assert good.item is not None
    assert good.item.title == "Solder"
    assert is_pending(bad.item) or bad.item.title


def test_an_unforeseen_failure_leaves_its_item_pending_with_the_reason(
    sites: Sites, newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(response: Response) -> object:
        raise LookupError("unknown encoding: x")

    monkeypatch.setattr(Response, "json", fail)
    sites.page(GITHUB, "{}")
    sites.page("good.test/", "<title>Solder</title>")
    bad, good = capture("octo/x\n\nhttp://good.test/", newsletter, sites.fetcher())
    assert bad.item is not None
    assert bad.item.note == "待补：标题（答复处理不了：LookupError）"
    assert good.missing == ()


def test_two_shorteners_that_lead_to_each_other_come_to_an_end(sites: Sites, newsletter: Newsletter) -> None:
    asked: list[str] = []

    def turn(here: str, there: str) -> None:
        def answer(handler: object) -> None:
            asked.append(here)
            if asked.count(here) % 2 == (here == "bit.ly"):
                handler.answer(302, {"Location": f"http://{there}/x"}, b"")  # type: ignore[attr-defined]
            else:
                handler.answer(200, {}, b"")  # type: ignore[attr-defined]

        sites.answers[f"{here}/x"] = answer

    turn("bit.ly", "t.cn")
    turn("t.cn", "bit.ly")
    (found,) = capture("http://bit.ly/x", newsletter, sites.fetcher())
    assert found.item is not None
    assert len(asked) < 12


# --- what is read of a page ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<title>A</title><title>B</title>", "A"),
        ("<TITLE lang=x>A &amp; <b>B</b></TITLE>", "A & <b>B</b>"),
        ("<title></title><title> A\n b</title>", "A b"),
        ("<!-- <title>A</title> --><title>B</title>", "B"),
        ("<!--><title>A</title>", "A"),
        ("<script>'<title>A</title>'</script><title>B</title>", "B"),
        ("<style><title>A</title></STYLE ><title>B</title>", "B"),
        ("<svg><title>A</title></svg><title>B</title>", "B"),
        ("<p title='<title>A</title>'><title>B</title>", "B"),
        ("<p a=b'><title>A</title>", "A"),
        ("<p a='b><title>A</title>", ""),
        ("< title>A</title>", ""),
        ("a < b <title>A</title>", "A"),
        ("<title>A", "A"),
        ("<title>&#" + "9" * 5000 + ";</title>", "\ufffd"),
        ("<title>" + "长" * 9000 + "</title>", "长" * MAX_TEXT),
    ],
)
def test_the_title_is_what_a_browser_shows(page: str, title: str) -> None:
    assert read_page(page, "title").first("title") == title


def test_elements_are_found_by_name_id_and_class() -> None:
    page = read_page(
        "<h1 class='x'>A <span>b</span>\n c</h1><div id=y><div>D</div>E</div>F<a class='p q'>G</a>",
        "h1",
        "#y",
        ".q",
        "#z",
    )
    assert page.texts == {"h1": "A b c", "#y": "DE", ".q": "G"}
    assert page.visible == "AbcDEFG"


def test_the_first_meta_tag_that_says_something_counts() -> None:
    page = read_page(
        '<meta property="og:title" content=" "><META content=A Property=og:title><meta name=og:title content=B>'
    )
    assert page.meta("og:image", "og:title") == "A"


def test_attributes_are_read_up_to_a_number() -> None:
    assert attributes(" ID=a id=b c = 'd e' f=\"&lt;\" g h=i/") == {"id": "a", "c": "d e", "f": "<", "g": "", "h": "i/"}
    assert len(attributes(" ".join(f"a{n}" for n in range(1000)))) == MAX_ATTRIBUTES


def test_anchors_are_ids_and_names_of_links() -> None:
    assert anchors("<p id='a b'><a name=c><p name=d><img id=e/>") == {"a b", "c", "e/"}
    assert anchors("<p>" * (MAX_STEPS + 1)) is None


def test_a_number_of_too_many_digits_stays_as_it_is_written() -> None:
    assert plain_text("&#" + "9" * 10_000) == "&#" + "9" * 10_000


@given(st.text(st.sampled_from("<>!-/='\" ab\n&#;"), max_size=60))
def test_every_character_is_passed_over_once(page: str) -> None:
    said = "".join(token.text for token in tokens(page))
    assert len(said) <= len(page)
    read_page(page, "a", "b", "#a", ".b")
    anchors(page)


# --- what is read of a feed ---------------------------------------------------------------------------------------


def test_the_declared_encoding_of_a_feed_does_not_matter() -> None:
    feed = '<?xml version="1.0" encoding="x"?><feed><entry><title>二&amp;</title></entry></feed>'
    assert first_entry(feed) == {"title": ["二&"]}


def test_only_the_first_entry_counts() -> None:
    entries = (
        "<entry><a:author><name>A</name></a:author><author><name>B</name></author></entry><entry><id>2</id></entry>"
    )
    assert first_entry(f"<feed><title>x</title>{entries}</feed>") == {"author": ["", ""], "author/name": ["A", "B"]}


@pytest.mark.parametrize("feed", ["", "x", "<feed>", "<feed/><feed/>", "<!DOCTYPE x><feed/>", "<feed>&x;</feed>"])
def test_what_is_no_xml_or_has_a_dtd_is_refused(feed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        first_entry(feed)
