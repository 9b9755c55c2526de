"""The form's tab of candidates without a browser: what the page is told, and what becomes of draft and decisions."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import comm
import pytest
from comm.base_comm import BaseComm

from embedai_nb.drafts import DraftStore, template
from embedai_nb.editor.form import Form
from embedai_nb.editor.session import Session
from embedai_nb.inbox.decisions import load_decisions
from embedai_nb.model import Issue, Newsletter
from embedai_nb.workspace import layout

from .conftest import PROJECT
from .form_words import INBOX_WORDS, WORDS
from .loopback import Sites, running
from .test_inbox import rss

DAY = datetime.date(2026, 11, 15)
FEED = rss(
    "甲",
    ("低比特量化", "https://arxiv.org/abs/2104.14129", "第一句。第二句。"),
    ("一则新闻", "https://a.example/1", "说明。"),
)


class Silent(BaseComm):
    """One end of a line that leads nowhere."""

    def publish_msg(self, *_: Any, **__: Any) -> None:
        pass


@pytest.fixture
def sites(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sites]:
    monkeypatch.setattr(comm, "create_comm", lambda *args, **more: Silent(*args, **more))
    with running() as sites:
        yield sites
    Form.close_all()


@pytest.fixture
def folder(tmp_path: Path, sites: Sites, newsletter: Newsletter) -> Path:
    text = (PROJECT / "issues" / "newsletter.yaml").read_text("utf-8")
    (tmp_path / layout.NEWSLETTER).write_text(text + "\ninbox: [{feed: http://a.example/feed}]\n", "utf-8")
    sites.page("a.example/feed", FEED)
    DraftStore(tmp_path).create(DAY, template(DAY, newsletter))
    return tmp_path


def desk(folder: Path, sites: Sites, work: Callable[[Form], Any], *, fetch: bool = True) -> Any:
    """Do something with a form whose inbox was fetched; everything in the background ends before."""

    async def doing() -> Any:
        form = Form(Session(folder, DAY, fetcher=sites.fetcher() if fetch else None))
        await command(form, "inbox_fetch")
        return await work(form)

    return asyncio.run(doing())


async def command(form: Form, name: str, **arguments: object) -> None:
    form.perform(name, arguments)
    while form.asking:
        await asyncio.gather(*form.asking)
    if form._later is not None:
        form._later.cancel()


def row(form: Form, title: str) -> dict[str, Any]:
    return next(row for row in form.candidates["list"] if row["title"] == title)


def draft(folder: Path) -> Issue:
    return DraftStore(folder).load(DAY).issue


def kinds(folder: Path) -> dict[str, str]:
    return {key: decision.kind for key, decision in load_decisions(folder).items()}


def test_candidates_are_told_with_source_age_excerpt_and_sections(folder: Path, sites: Sites) -> None:
    async def work(form: Form) -> None:
        found = row(form, "低比特量化")
        assert (found["section"], found["sources"], found["age"]) == ("论文", "甲", INBOX_WORDS["age-today"])
        assert found["excerpt"] == "第一句。第二句。"
        assert form.candidates["sections"] == ["业界新闻", "论文", "开源项目", "博文"]
        assert form.candidates["failed"] == ""

    desk(folder, sites, work)


def test_a_taken_candidate_is_an_item_whose_summary_is_still_to_be_written(folder: Path, sites: Sites) -> None:
    sites.page("export.arxiv.org/api/query?max_results=1&id_list=2104.14129", "", status=503)

    async def work(form: Form) -> None:
        await command(form, "inbox_take", id=row(form, "低比特量化")["id"])
        assert form.decided == [row(form, "低比特量化")["id"]]

    desk(folder, sites, work)
    section = next(section for section in draft(folder).sections if section.name == "论文")
    (item,) = section.entries
    assert (item.title, item.tags, item.url) == ("低比特量化", ("2104.14129",), "https://arxiv.org/abs/2104.14129")
    assert "摘要待补。网页自述：第一句。" in item.note.splitlines()
    assert not "".join(item.fields.values())
    assert kinds(folder) == {"https://arxiv.org/abs/2104.14129": "taken"}


def test_a_digit_takes_into_another_section(folder: Path, sites: Sites) -> None:
    async def work(form: Form) -> None:
        await command(form, "inbox_take", id=row(form, "一则新闻")["id"], section="业界新闻")

    desk(folder, sites, work)
    assert [(s.name, e.title) for s in draft(folder).sections for e in s.entries] == [("业界新闻", "一则新闻")]


def test_decisions_are_undone_one_by_one(folder: Path, sites: Sites) -> None:
    async def work(form: Form) -> None:
        await command(form, "inbox_dismiss", id=row(form, "低比特量化")["id"])
        await command(form, "inbox_take", id=row(form, "一则新闻")["id"])
        assert set(kinds(folder).values()) == {"taken", "dismissed"}
        assert len(draft(folder).entries) == 1
        await command(form, "inbox_undo")
        assert draft(folder).entries == ()
        assert set(kinds(folder).values()) == {"dismissed"}
        await command(form, "inbox_undo")
        await command(form, "inbox_undo")
        assert (kinds(folder), form.decided) == ({}, [])
        assert {each["title"] for each in form.candidates["list"]} == {"低比特量化", "一则新闻"}

    desk(folder, sites, work)


def test_an_item_that_is_undone_in_the_draft_is_a_candidate_again(folder: Path, sites: Sites) -> None:
    async def work(form: Form) -> None:
        await command(form, "inbox_take", id=row(form, "一则新闻")["id"])
        await command(form, "undo")
        await command(form, "inbox_load")
        assert row(form, "一则新闻")
        assert (kinds(folder), form.decided) == ({}, [])

    desk(folder, sites, work)


def test_what_cannot_be_written_down_is_said_and_nothing_is_taken(
    folder: Path, sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    async def work(form: Form) -> None:
        monkeypatch.setattr("embedai_nb.inbox.decisions.write_atomically", full)
        await command(form, "inbox_take", id=row(form, "一则新闻")["id"])
        assert layout.DECISIONS.rpartition("/")[2] in form.notice["text"]
        assert form.decided == []

    desk(folder, sites, work)
    assert draft(folder).entries == ()


def test_sources_that_failed_are_named_in_the_editors_words(folder: Path, sites: Sites) -> None:
    sites.page("a.example/feed", "", status=404)

    async def work(form: Form) -> None:
        assert form.candidates["failed"] == "1 个来源没有收到：http://a.example/feed（a.example 说没有这个网页）"
        assert form.candidates["list"] == []

    desk(folder, sites, work)


def test_without_sources_the_tab_says_how_to_begin(folder: Path, sites: Sites) -> None:
    path = folder / layout.NEWSLETTER
    path.write_text(path.read_text("utf-8").rsplit("inbox:", 1)[0], "utf-8")

    async def work(form: Form) -> None:
        await command(form, "inbox_load")
        assert form.candidates == {"sources": 0}

    desk(folder, sites, work)


def test_no_word_is_there_twice() -> None:
    assert not WORDS.keys() & INBOX_WORDS.keys()
