"""The inbox: reading feeds, fetching them safely and politely, candidates, decisions, the order."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import json
import random
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.inbox import measure
from embedai_nb.capture import Fetcher, FetchLimits, ResponseCache
from embedai_nb.catalogue import Catalogue
from embedai_nb.cli import run
from embedai_nb.drafts import DraftStore, load_newsletter, template
from embedai_nb.errors import DraftError
from embedai_nb.inbox.decisions import Decision, change_decisions, load_decisions
from embedai_nb.inbox.feed_reader import Feed, FeedError, read_feed, read_in_child
from embedai_nb.inbox.inbox import Inbox
from embedai_nb.inbox.messages import reasons_text, suggestion_note
from embedai_nb.inbox.source_list import address
from embedai_nb.model import InboxSource, Issue, Item, Newsletter, Section
from embedai_nb.workspace import layout

from .conftest import DATA, PROJECT
from .json_keys import DOCUMENTED, keys
from .loopback import Handler, Sites, running

NOW = datetime.datetime(2026, 11, 6, 20, 0, tzinfo=datetime.UTC)
RSS = '<rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>'
ITEM = "<item><title>{title}</title><link>{url}</link><description>{text}</description></item>"


def rss(name: str, *items: tuple[str, str] | tuple[str, str, str]) -> str:
    """A feed of these titles, links and texts."""
    return RSS.format(
        name=name, items="".join(ITEM.format(title=t, url=u, text="".join(rest)) for t, u, *rest in items)
    )


# --- reading feeds --------------------------------------------------------------------------------------------


def blocks() -> Iterator[tuple[str, str, str]]:
    for block in (DATA / "inbox" / "feeds.txt").read_text("utf-8").split("\n====\n"):
        title, text, expected = block.split("\n----\n", 2)
        yield title, text, expected.rstrip("\n")


BLOCKS = list(blocks())
assert len(BLOCKS) > 20


def said(feed: Feed) -> str:
    rows = [f"{e.title} | {e.url} | {e.date} | {e.text}" for e in feed.entries]
    return "\n".join([feed.title, *rows])


@pytest.mark.parametrize(("text", "expected"), [each[1:] for each in BLOCKS], ids=[each[0] for each in BLOCKS])
def test_a_feed_is_read(text: str, expected: str) -> None:
    try:
        found = said(read_feed(text, "https://here.example/feed.xml"))
    except FeedError as error:
        found = str(error)
    assert found.rstrip() == expected.rstrip()


def test_a_paper_that_an_entry_links_to_is_known() -> None:
    text = rss("M", ("解读", "https://m.example/1", "见 https://arxiv.org/pdf/2104.14129v2.pdf。"))
    assert read_feed(text, "https://m.example/").entries[0].papers == ("2104.14129",)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_no_text_makes_the_reader_fail_otherwise(text: str) -> None:
    for feed in (text, f"<rss version='2.0'><channel>{text}", f'{{"items": [{text}'):
        with contextlib.suppress(FeedError):
            read_feed(feed, "https://here.example/")


def test_what_takes_too_long_to_read_is_given_up() -> None:
    with pytest.raises(FeedError, match="too much time"):
        read_in_child("<rss version='2.0'><channel>" + "<a>" * 1_000_000, "https://here.example/", seconds=0.7)


def test_the_child_reads_what_this_process_reads() -> None:
    text = rss("频道", ("标题", "/1", "正文"))
    assert read_in_child(text, "https://here.example/") == read_feed(text, "https://here.example/")


# --- fetching -------------------------------------------------------------------------------------------------


@pytest.fixture
def sites() -> Iterator[Sites]:
    with running() as sites:
        yield sites


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read feeds in this process: what a child process costs is tested once."""
    monkeypatch.setattr("embedai_nb.inbox.source_list.read_in_child", read_feed)


class Desk:
    """An issues folder with an inbox, and the web that its fetcher sees."""

    def __init__(self, folder: Path, sites: Sites, newsletter: Newsletter) -> None:
        self.folder, self.sites, self.newsletter = folder, sites, newsletter
        self.now = NOW
        folder.joinpath(layout.NEWSLETTER).write_bytes((PROJECT / "issues" / "newsletter.yaml").read_bytes())

    def names(self, *sources: dict[str, object]) -> Desk:
        inbox = tuple(InboxSource.model_validate(source) for source in sources)
        self.newsletter = self.newsletter.model_copy(update={"inbox": inbox})
        return self

    @property
    def inbox(self) -> Inbox:
        return Inbox(self.folder, self.newsletter, lambda: self.now)

    def fetcher(self, **limits: object) -> Fetcher:
        values = {"seconds": 0.5, "interval": 0, "intervals": {}, "attempts": 1} | limits
        return self.sites.fetcher(FetchLimits(**values), cache=ResponseCache(self.folder / layout.FETCHED))  # type: ignore[arg-type]

    def fetch(self, **limits: object) -> list[str]:
        return [str(failure) for failure in self.inbox.fetch(self.fetcher(**limits))]

    def titles(self) -> list[str]:
        return sorted(each.title for each in self.inbox.candidates())

    def issue(self, date: str, **items: Item) -> None:
        store, day = DraftStore(self.folder), datetime.date.fromisoformat(date)
        draft = store.create(day, template(day, self.newsletter))
        sections = tuple(Section(name=name, items=(item,)) for name, item in items.items())
        store.save(draft, Issue(date=day, sections=sections))


@pytest.fixture
def desk(tmp_path: Path, sites: Sites, newsletter: Newsletter, here: None) -> Desk:
    return Desk(tmp_path, sites, newsletter)


def endless(handler: Handler) -> None:
    handler.say((b"<item>" * 1000 for _ in itertools.count()), {})


def test_thirty_feeds_of_which_many_are_hostile(tmp_path: Path, sites: Sites, newsletter: Newsletter) -> None:
    """Those that can be read are; each of the others is one line; no private address is asked."""
    desk, good, bad = Desk(tmp_path, sites, newsletter), dict[str, str](), dict[str, str]()

    def serve(name: str, body: str | bytes, **headers: str) -> str:
        sites.page(f"{name}.example/feed", body, **headers)
        return f"http://{name}.example/feed"

    for n, (_, text, expected) in enumerate(BLOCKS):
        (bad if expected == "is no feed" else good)[serve(f"kind{n}", text)] = expected
    for charset in ("gb18030", "big5", "utf-16"):
        text = f'<?xml version="1.0" encoding="{charset}"?>' + rss(
            "編碼", (f"模型 {charset}", f"https://e.example/{charset}")
        )
        body = text.encode(charset)
        good[serve(charset.replace("-", ""), body, Content_Type=f"application/xml; charset={charset}")] = ""
    wrong = rss("编码", ("声明不对的编码", "https://e.example/2")).encode("gb18030")
    good[serve("wrong", wrong, Content_Type="application/xml; charset=utf-8")] = ""
    bad[serve("gone", "")] = "is no longer there"
    sites.answers["gone.example/feed"] = (404, {}, b"")
    bad[serve("huge", "")] = "larger than is read"
    sites.page("huge.example/feed", b"<rss>" + b" " * 10_000_000)
    bad[serve("endless", "")] = "larger than is read"
    sites.answers["endless.example/feed"] = endless
    for n, target in enumerate(
        ("http://127.0.0.1/feed", "http://169.254.169.254/", "http://[::1]/", "file:///etc/passwd")
    ):
        bad[f"http://leads{n}.example/feed"] = "not an address"
        sites.answers[f"leads{n}.example/feed"] = (302, {"Location": target}, b"")
    bad["http://10.0.0.1/feed"] = "not an address of the public internet"
    desk.names(*({"feed": url} for url in (*good, *bad)))
    assert len(good) + len(bad) >= 30

    failures = desk.fetch(seconds=20)

    assert {line.split(": ")[0] for line in failures} == set(bad)
    for line in failures:
        assert bad[line.split(": ")[0]] in line
        assert "\n" not in line
    titles = desk.titles()
    for title in ("单片机上的手写识别", "四比特 量化", "模型 gb18030", "模型 big5", "模型 utf-16", "声明不对的编码"):
        assert title in titles
    assert not [title for title in titles if "�" in title or "脚本" in title]


def test_a_feed_that_has_not_changed_is_neither_sent_nor_read_again(desk: Desk, sites: Sites) -> None:
    def answer(handler: Handler) -> None:
        same = handler.headers["If-None-Match"] == '"v1"' and handler.headers["If-Modified-Since"] == "Tue, 03 Nov 2026"
        headers = {"ETag": '"v1"', "Last-Modified": "Tue, 03 Nov 2026"}
        handler.answer(304 if same else 200, headers, b"" if same else rss("F", ("一", "https://f.example/1")).encode())

    sites.answers["f.example/feed"] = answer
    desk.names({"feed": "http://f.example/feed"})
    assert desk.fetch() == desk.fetch() == []
    assert [headers.get("If-None-Match") for _, headers in sites.asked] == [None, '"v1"']
    assert desk.titles() == ["一"]


def test_validators_go_only_to_the_address_that_gave_them(desk: Desk, sites: Sites) -> None:
    sites.page("f.example/feed", rss("F", ("一", "https://f.example/1")), ETag='"secret"')
    desk.names({"feed": "http://f.example/feed"}).fetch()
    sites.answers["f.example/feed"] = (302, {"Location": "http://other.example/feed"}, b"")
    sites.page("other.example/feed", rss("F", ("二", "https://f.example/2")))
    desk.fetch()
    asked = {place: headers.get("If-None-Match") for place, headers in sites.asked[1:]}
    assert asked == {"f.example/feed": '"secret"', "other.example/feed": None}
    assert desk.titles() == ["一", "二"]


def test_a_host_that_asks_for_patience_is_left_alone(desk: Desk, sites: Sites) -> None:
    sites.page("busy.example/a", "", status=429, Retry_After="3600")
    desk.names({"feed": "http://busy.example/a"})
    assert desk.fetch() == ["http://busy.example/a: asked too often (status 429)"]
    desk.now += datetime.timedelta(minutes=59)
    assert desk.fetch() == ["http://busy.example/a: asked too often"]
    assert len(sites.asked) == 1
    desk.now += datetime.timedelta(minutes=2)
    sites.page("busy.example/a", rss("B", ("又好了", "https://b.example/1")))
    assert desk.fetch() == []
    assert desk.titles() == ["又好了"]


def test_one_host_is_asked_for_one_feed_at_a_time_and_others_do_not_wait_for_it(desk: Desk, sites: Sites) -> None:
    """The slow host answers only after the other host was asked; its two feeds are never asked for together."""
    asked, together, lock = threading.Event(), list[int](), threading.Lock()
    inside = 0

    def slow(handler: Handler) -> None:
        nonlocal inside
        with lock:
            inside += 1
            together.append(inside)
        assert asked.wait(10)
        with lock:
            inside -= 1
        handler.answer(200, {}, rss("S").encode())

    def quick(handler: Handler) -> None:
        asked.set()
        handler.answer(200, {}, rss("Q").encode())

    sites.answers |= {"slow.example/1": slow, "slow.example/2": slow, "quick.example/": quick}
    desk.names(*({"feed": f"http://{place}"} for place in ("slow.example/1", "slow.example/2", "quick.example/")))
    assert desk.fetch(seconds=20) == []
    assert together == [1, 1]


def test_a_silent_host_is_not_waited_for_again_and_again(desk: Desk, sites: Sites) -> None:
    hang = threading.Event()
    for n in range(5):
        sites.answers[f"silent.example/{n}"] = lambda _: hang.wait(30) and None
    desk.names(*({"feed": f"http://silent.example/{n}"} for n in range(5)))
    failures = desk.fetch(seconds=0.2)
    hang.set()
    assert failures == [f"http://silent.example/{n}: no answer in time" for n in range(5)]
    assert len(sites.asked) == 3


def test_a_secret_in_an_address_is_not_said(desk: Desk, sites: Sites) -> None:
    assert desk.names({"feed": "http://bridge.example/feed?key=secret"}).fetch() == [
        "http://bridge.example/feed?…: is no longer there (status 404)"
    ]


def test_progress_counts_every_source(desk: Desk, sites: Sites) -> None:
    desk.names({"feed": "http://a.example/"}, {"feed": "http://b.example/"})
    told: list[tuple[int, int]] = []
    desk.inbox.fetch(desk.fetcher(), lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]


# --- sources --------------------------------------------------------------------------------------------------


def test_each_kind_of_source_is_asked_where_it_is(desk: Desk, sites: Sites) -> None:
    opml = '<opml><body><outline text="组"><outline text="甲" xmlUrl="http://in.example/rss"/></outline></body></opml>'
    (desk.folder / "list.opml").write_text(opml, "utf-8")
    sites.page("in.example/rss", rss("自称", ("列表里的", "https://in.example/1")))
    arxiv = read("paper.xml")
    query = "search_query=cat%3Acs.LG&sortBy=submittedDate&sortOrder=descending&max_results=100"
    sites.page(f"export.arxiv.org/api/query?{query}", arxiv)
    found = {"items": [{"full_name": "o/n", "description": "小模型", "created_at": "2026-11-01T00:00:00Z"}, 7, {}]}
    sites.page("api.github.com/search/repositories?q=topic%3Atinyml&sort=updated&per_page=100", json.dumps(found))
    (desk.folder / "inbox").mkdir()
    (desk.folder / "inbox" / "手机.md").write_text("记得看这篇 https://note.example/1\n\n2104.14129\n", "utf-8")
    sources = (
        {"opml": "list.opml"},
        {"arxiv": "cat:cs.LG"},
        {"topic": "tinyml"},
        {"links": "inbox"},
    )
    failures = desk.names(*sources).fetch()
    assert failures == []
    by_url = {each.item.url: each for each in desk.inbox.candidates()}
    assert by_url["https://in.example/1"].mentions[0].source == "甲"
    assert by_url["https://github.com/o/n"].section == "开源项目"
    assert by_url["https://github.com/o/n"].item.repo == "o/n"
    assert by_url["https://github.com/o/n"].title == "o/n：小模型"
    assert by_url["https://note.example/1"].title == "记得看这篇"
    papers = [each for url, each in by_url.items() if url and "arxiv.org" in url]
    assert {each.section for each in papers} == {"论文"}
    assert any("2104.14129" in each.item.tags for each in papers)


def test_releases_are_a_feed_of_github() -> None:
    assert address(InboxSource(releases="Tencent/ncnn")) == "https://github.com/Tencent/ncnn/releases.atom"


def read(name: str) -> bytes:
    return (DATA / "capture" / name).read_bytes()


def test_words_that_must_or_must_not_occur(desk: Desk, sites: Sites) -> None:
    feed = rss(
        "F",
        ("量化新方法", "https://f.example/1"),
        ("ＱＵＡＮＴ 招聘", "https://f.example/2"),
        ("别的", "https://f.example/3"),
    )
    sites.page("f.example/", feed)
    desk.names(
        {"feed": "http://f.example/", "must": ["量化", "quant"], "must_not": ["招聘"], "section": "博文"}
    ).fetch()
    found = desk.inbox.candidates()
    assert [(each.title, each.section) for each in found] == [("量化新方法", "博文")]


@pytest.mark.parametrize("place", ["../outside.md", "/etc/hosts"])
def test_notes_are_read_within_the_issues_folder_only(desk: Desk, place: str) -> None:
    (desk.folder.parent / "outside.md").write_text("https://x.example/1", "utf-8")
    assert "outside of the issues folder" in desk.names({"links": place}).fetch()[0]


def test_a_note_that_was_deleted_offers_nothing_any_more_but_a_feed_forgets_sooner_than_the_inbox(
    desk: Desk, sites: Sites
) -> None:
    note = desk.folder / "n.txt"
    note.write_text("一条 https://n.example/1", "utf-8")
    sites.page("f.example/", rss("F", ("旧", "https://f.example/1")))
    desk.names({"links": "n.txt"}, {"feed": "http://f.example/"}).fetch()
    note.write_text("", "utf-8")
    sites.page("f.example/", rss("F", ("新", "https://f.example/2")))
    desk.now += datetime.timedelta(days=20)
    desk.fetch()
    assert desk.titles() == ["新", "旧"]
    desk.now += datetime.timedelta(days=40)
    sites.page("f.example/", rss("F", ("更新", "https://f.example/3")))
    desk.fetch()
    assert desk.titles() == ["新", "更新"]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{feed: https://a.example, arxiv: cat}", "exactly one of"),
        ("{section: 论文}", "exactly one of"),
        ("{feed: https://a.example, section: 没有的}", "there is no section 没有的"),
    ],
)
def test_a_source_that_makes_no_sense_is_an_error_of_newsletter_yaml(desk: Desk, source: str, problem: str) -> None:
    path = desk.folder / layout.NEWSLETTER
    path.write_text(path.read_text("utf-8") + f"\ninbox: [{source}]\n", "utf-8")
    with pytest.raises(DraftError, match=problem):
        load_newsletter(path)


def test_sources_of_the_inbox_make_no_issue_out_of_date(newsletter: Newsletter) -> None:
    more = newsletter.model_copy(update={"inbox": (InboxSource(feed="https://a.example/"),)})
    assert more.model_dump_json() == newsletter.model_dump_json()


# --- candidates -----------------------------------------------------------------------------------------------


def test_a_story_of_three_sources_is_one_candidate_with_three_links(desk: Desk, sites: Sites) -> None:
    """By its address, whatever tracks readers in it; by its paper; by a similar title."""
    paper = "https://arxiv.org/abs/2104.14129"
    sites.page("a.example/", rss("甲", ("AdderNet 只用加法的卷积网络", f"{paper}v2", "")))
    sites.page("b.example/", rss("乙", ("不用乘法也能卷积", "https://b.example/x", f"原文 {paper}")))
    sites.page("c.example/", rss("丙", ("AdderNet：只用加法的卷积网络！", "https://c.example/y?utm_source=rss")))
    sites.page("d.example/", rss("丁", ("另一条毫不相干的新闻", "https://d.example/z")))
    desk.names(*({"feed": f"http://{name}.example/"} for name in "abcd")).fetch()
    story, other = sorted(desk.inbox.candidates(), key=lambda each: -len(each.mentions))
    assert [mention.source for mention in story.mentions] == ["甲", "乙", "丙"]
    assert (story.item.url, story.section) == (paper, "论文")
    assert [mention.source for mention in other.mentions] == ["丁"]


def test_a_paper_that_a_feed_links_to_everywhere_does_not_make_its_entries_one(desk: Desk, sites: Sites) -> None:
    footer = "我们的论文 https://arxiv.org/abs/2104.14129"
    sites.page("a.example/", rss("甲", *((f"第{n}篇", f"https://a.example/{n}", footer) for n in "一二三")))
    desk.names({"feed": "http://a.example/"}).fetch()
    assert len(desk.inbox.candidates()) == 3


def test_what_was_in_an_issue_is_marked_and_comes_last(desk: Desk, sites: Sites) -> None:
    desk.issue("2026-10-01", 论文=Item(title="旧文", url="https://arxiv.org/abs/2104.14129", tags=("2104.14129",)))
    sites.page(
        "a.example/",
        rss("甲", ("换了个标题", "https://www.arxiv.org/pdf/2104.14129v3"), ("没见过", "https://a.example/1")),
    )
    desk.names({"feed": "http://a.example/"}).fetch()
    new, old = desk.inbox.candidates()
    assert (new.title, new.seen, old.seen) == ("没见过", False, True)
    assert str(old.earlier[0].date) == "2026-10-01"


def test_a_taken_or_dismissed_story_does_not_come_back_from_any_source(desk: Desk, sites: Sites) -> None:
    sites.page(
        "a.example/", rss("甲", ("低比特量化训练入门", "https://a.example/1"), ("别的事情", "https://a.example/2"))
    )
    desk.names({"feed": "http://a.example/"}, {"feed": "http://b.example/"}).fetch()
    first = next(each for each in desk.inbox.candidates() if each.item.url == "https://a.example/1")
    desk.inbox.decide(first, "dismissed")
    assert desk.titles() == ["别的事情"]
    sites.page("b.example/", rss("乙", ("低比特量化训练入门", "https://b.example/again")))
    desk.fetch()
    assert desk.titles() == ["别的事情"]
    desk.inbox.reconsider(first.keys)
    assert desk.titles() == ["低比特量化训练入门", "别的事情"]


def test_a_title_that_says_too_little_joins_nothing(desk: Desk, sites: Sites) -> None:
    sites.page(
        "a.example/",
        rss("甲", ("v1.2.0", "https://github.com/o/one/releases/tag/v1.2.0"), ("周报", "https://a.example/1")),
    )
    sites.page(
        "b.example/",
        rss("乙", ("v1.2.0", "https://github.com/o/two/releases/tag/v1.2.0"), ("周报", "https://b.example/1")),
    )
    desk.names({"feed": "http://a.example/"}, {"feed": "http://b.example/"}).fetch()
    assert desk.titles() == ["o/one：v1.2.0", "o/two：v1.2.0", "周报", "周报"]


def test_a_column_with_one_title_every_week_comes_back_after_one_was_dismissed(desk: Desk, sites: Sites) -> None:
    sites.page("a.example/", rss("甲", ("每周一次的阅读清单", "https://a.example/1")))
    desk.names({"feed": "http://a.example/"}).fetch()
    desk.inbox.decide(desk.inbox.candidates()[0], "dismissed")
    sites.page("a.example/", rss("甲", ("每周一次的阅读清单", "https://a.example/2")))
    desk.fetch()
    assert [each.item.url for each in desk.inbox.candidates()] == ["https://a.example/2"]


def test_one_sentence_is_suggested_and_marked_as_to_be_written(desk: Desk, sites: Sites) -> None:
    sites.page(
        "a.example/", rss("甲", ("标题", "https://a.example/1", "第一句。第二句。"), ("无文", "https://a.example/2"))
    )
    desk.names({"feed": "http://a.example/"}).fetch()
    by_title = {each.title: each for each in desk.inbox.candidates()}
    assert suggestion_note(by_title["标题"], "zh-CN") == "摘要待补。网页自述：第一句。"
    assert suggestion_note(by_title["无文"], "zh-CN") == ""
    assert by_title["标题"].item.fields == {}


def test_a_candidate_asks_no_page(desk: Desk, sites: Sites) -> None:
    sites.page("a.example/", rss("甲", ("标题", "http://asked.example/1")))
    desk.names({"feed": "http://a.example/"}).fetch()
    desk.inbox.candidates()
    assert sites.places() == ["a.example/"]


# --- decisions ------------------------------------------------------------------------------------------------

DAY = datetime.date(2026, 11, 6)
KEYS = st.sampled_from([f"https://x.example/{n}" for n in range(6)])
DECISIONS = st.dictionaries(
    KEYS, st.builds(Decision, st.sampled_from(["taken", "dismissed"]), st.just(DAY), st.just("题"))
)


def git(folder: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def test_decisions_of_two_machines_merge_in_git_without_a_conflict(tmp_path: Path) -> None:
    folder = tmp_path / "issues"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")

    def decide(kind: str, *keys: str) -> None:
        change_decisions(folder, {f"https://{key}.example/": Decision(kind, DAY, f"标题 {key}") for key in keys})  # type: ignore[arg-type]
        git(folder, "add", "-A", "inbox")
        git(folder, "commit", "-qm", kind)

    decide("dismissed", "a", "z")
    git(folder, "checkout", "-qb", "other")
    decide("dismissed", "m", "n", "q")
    git(folder, "checkout", "-q", "main")
    decide("taken", "k", "n", "o")
    git(folder, "merge", "-q", "other", "-m", "both")
    found = load_decisions(folder)
    assert "".join(sorted(key[8] for key in found)) == "akmnoqz"
    assert found["https://n.example/"].kind == "taken"
    change_decisions(folder, {"https://b.example/": Decision("taken", DAY)})
    lines = (folder / layout.DECISIONS).read_text("utf-8").splitlines()
    assert lines == sorted(lines)
    assert len(lines) == 8


@given(DECISIONS, DECISIONS, st.booleans(), st.randoms())
def test_two_versions_read_the_same_however_they_were_merged(
    tmp_path_factory: pytest.TempPathFactory,
    ours: dict[str, Decision],
    theirs: dict[str, Decision],
    conflict: bool,
    chance: random.Random,
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    change_decisions(folder, ours)
    text = path.read_text("utf-8") if (path := folder / layout.DECISIONS).exists() else ""
    change_decisions(folder, theirs, remove=ours)
    lines = [*text.splitlines(), *(path.read_text("utf-8").splitlines() if path.exists() else ())]
    chance.shuffle(lines)
    if conflict:
        lines = ["<<<<<<< HEAD", *lines[::2], "=======", *lines[1::2], ">>>>>>> other"]
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines), "utf-8")
    found = load_decisions(folder)
    assert found.keys() == ours.keys() | theirs.keys()
    for key, decision in found.items():
        kinds = {version[key].kind for version in (ours, theirs) if key in version}
        assert decision.kind == ("taken" if "taken" in kinds else "dismissed")


# --- the order ------------------------------------------------------------------------------------------------


def test_the_order_follows_what_was_taken_before_and_says_why(desk: Desk, sites: Sites) -> None:
    for n in range(3):
        item = Item(title=f"神经网络量化第{n}讲", source="机器之心", url=f"https://q.example/{n}")
        desk.issue(f"2026-0{n + 1}-01", 业界新闻=item)
    titles = ("春季菜谱十则", "神经网络量化新进展", "球赛结果")
    sites.page("a.example/", rss("机器之心", *((t, f"https://a.example/{n}") for n, t in enumerate(titles))))
    desk.names({"feed": "http://a.example/"}).fetch()
    first, *others = desk.inbox.candidates()
    assert first.title == "神经网络量化新进展"
    said = reasons_text(first.reasons, "zh-CN")
    assert "机器之心：3 条" in said
    assert "像 2026-0" in said
    assert "神经网络量化" in said
    assert all("像" not in reasons_text(each.reasons, "zh-CN") for each in others)


def test_without_an_archive_the_newest_comes_first(desk: Desk, sites: Sites) -> None:
    dated = (
        "<item><title>{0}</title><link>https://a.example/{0}</link><pubDate>{0} Nov 2026 00:00:00 GMT</pubDate></item>"
    )
    sites.page("a.example/", RSS.format(name="甲", items="".join(map(dated.format, (2, 5, 3)))))
    desk.names({"feed": "http://a.example/"}).fetch()
    assert [each.title for each in desk.inbox.candidates()] == ["5", "3", "2"]


def test_precision_among_headlines_of_other_fields(
    tmp_path: Path, newsletter: Newsletter, real_issues: list[Path]
) -> None:
    """Measured for the last ten real issues; docs/inbox.md says how, and what came of it."""
    (tmp_path / "archive").mkdir()
    for path in real_issues:
        if path.parent.name == "archive":
            (tmp_path / "archive" / path.name).write_bytes(path.read_bytes())
    with Catalogue(tmp_path, newsletter) as catalogue:
        found = [each for each in measure(catalogue.latest_items()) if each.pool == "other fields"]
    assert len(found) == 10
    assert mean(each.ours for each in found) > 0.75
    assert mean(each.newest_first for each in found) < 0.2


# --- the command ----------------------------------------------------------------------------------------------


def test_the_command_lists_candidates_and_names_what_failed(
    desk: Desk, sites: Sites, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    sites.page("a.example/", rss("甲", ("一条新闻", "https://a.example/1")))
    path = desk.folder / layout.NEWSLETTER
    path.write_text(
        path.read_text("utf-8") + "\ninbox: [{feed: http://a.example/}, {feed: http://gone.example/}]\n", "utf-8"
    )
    monkeypatch.setattr("embedai_nb.capture.draft.caching_fetcher", lambda _: desk.fetcher())
    assert run(["--issues", str(desk.folder), "inbox", "--format", "json"]) == 0
    out, err = capfd.readouterr()
    found = json.loads(out)
    earlier = {key for key in DOCUMENTED["inbox"] if "earlier[]." in key}  # there was none
    assert set(keys(found)) == DOCUMENTED["inbox"] - earlier
    assert [each["title"] for each in found["candidates"]] == ["一条新闻"]
    assert [each["source"] for each in found["failed"]] == ["http://gone.example/"]
    assert err == "embedai: http://gone.example/: is no longer there (status 404)\n"
    assert run(["--issues", str(desk.folder), "inbox", "--offline"]) == 0
    assert capfd.readouterr().out.startswith("博文: 一条新闻 | 甲 https://a.example/1\n  ")


def test_the_command_says_how_to_begin(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["--issues", str(desk.folder), "inbox"]) == 2
    assert "names no sources of an inbox; add some under inbox:" in capfd.readouterr().err


def test_fetching_every_hour_counts_what_is_new(
    desk: Desk, sites: Sites, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = desk.folder / layout.NEWSLETTER
    path.write_text(path.read_text("utf-8") + "\ninbox: [{feed: http://a.example/}]\n", "utf-8")
    monkeypatch.setattr("embedai_nb.capture.draft.caching_fetcher", lambda _: desk.fetcher())
    sites.page("a.example/", rss("甲", ("一条新闻", "https://a.example/1")))
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        sites.page("a.example/", rss("甲", ("另一件事", "https://a.example/2")))
        if len(slept) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("embedai_nb.cli.inbox_command.time.sleep", sleep)
    assert run(["--issues", str(desk.folder), "inbox", "--every", "60"]) == 1
    assert slept == [3600, 3600]
    assert capfd.readouterr().out.splitlines() == [
        "inbox: candidates: 1, sources that failed: 0",
        "inbox: candidates: 2, new: 1, sources that failed: 0",
    ]


def test_build_fetches_the_inbox_only_while_it_watches(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["--issues", str(desk.folder), "build", "--inbox", "60"]) == 2
    assert "--inbox: needs --watch; to fetch once: embedai inbox" in capfd.readouterr().err
