"""Publishing from the form without a browser: states, questions, the process, lists, fixes."""

from __future__ import annotations

import asyncio
import datetime
import json
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import comm
import pytest

from embedai_nb.channels.wechat import client as wechat_client
from embedai_nb.cli import run
from embedai_nb.communities import COPIES
from embedai_nb.drafts import DraftStore
from embedai_nb.editor import form as forms
from embedai_nb.editor import publication as publications
from embedai_nb.editor.documents import document
from embedai_nb.editor.form import Form
from embedai_nb.editor.issue_list import list_issues, next_date
from embedai_nb.editor.publication import Publication, publication
from embedai_nb.editor.session import Session
from embedai_nb.errors import DraftError
from embedai_nb.publish.issue import publish
from embedai_nb.workspace import layout
from embedai_nb.workspace.locks import publication_lock

from .conftest import DATA
from .form_words import CHINESE, WORDS
from .test_editor_form import Comm, keys, tells, titles
from .test_editor_state import DAY, issues

NOW = datetime.datetime(2026, 11, 15, 15, 2).astimezone()


@pytest.fixture(autouse=True)
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(comm, "create_comm", lambda *args, **more: Comm(*args, **more))
    monkeypatch.setattr(Form, "check_soon", Form.check)
    monkeypatch.setattr(publications, "_PUBLICATIONS", {})
    yield
    Form.close_all()
    for each in publications._PUBLICATIONS.values():
        each.end()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return issues(tmp_path / "issues")


@pytest.fixture
def form(folder: Path) -> Form:
    form = Form(Session(folder, DAY))
    form.check()
    return form


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Publication:
    """A publication whose runs succeed at once and write nothing."""
    monkeypatch.setattr(Publication, "_events", lambda *_: {"errors": 0})
    return Publication(Path(), DAY)


def seen(form: Form) -> list[list[str]]:
    """All findings, as the page names those that the editor has seen."""
    return [[found["rule"], found["where"], found["message"]] for found in form.findings or []]


def finishes(form: Form, command: str, **arguments: object) -> None:
    """Send a command, and wait for what it does in the background."""

    async def waits() -> None:
        tells(form, command, **arguments)
        while form.asking:
            await asyncio.gather(*form.asking)

    asyncio.run(waits())


def saved(folder: Path) -> bytes:
    """The draft on disk."""
    return (folder / layout.draft(str(DAY))).read_bytes()


def writes_archive(folder: Path, text: str, at: datetime.datetime = NOW) -> None:
    path = folder / layout.markdown(str(DAY))
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (at.timestamp(), at.timestamp()))


class TestState:
    def test_an_issue_that_was_never_published(self, folder: Path) -> None:
        state = Publication(folder, DAY).state(lambda: "# 一", NOW, CHINESE)
        assert (state.kind, state.text, state.files) == ("never", "未发布", {})

    def test_published_as_it_is_with_the_time(self, folder: Path) -> None:
        writes_archive(folder, "# 一")
        state = Publication(folder, DAY).state(lambda: "# 一", NOW, CHINESE)
        assert (state.kind, state.text, state.files) == (
            "published",
            "已发布 15:02",
            {"markdown": layout.markdown(str(DAY))},
        )

    def test_the_time_of_another_day_has_its_day(self, folder: Path) -> None:
        writes_archive(folder, "# 一")
        later = NOW + datetime.timedelta(days=1)
        assert Publication(folder, DAY).state(lambda: "# 一", later, CHINESE).text == "已发布 2026-11-15 15:02"

    def test_changed_since(self, folder: Path) -> None:
        writes_archive(folder, "# 一")
        state = Publication(folder, DAY).state(lambda: "# 二", NOW, CHINESE)
        assert (state.kind, state.text) == ("changed", "改过，未发布")

    def test_the_cells_are_counted_while_it_runs(self, folder: Path) -> None:
        known = Publication(folder, DAY)
        known.begin()
        assert known.state(lambda: "", NOW, CHINESE).text == "发布中……"
        known.progress = (4, 9)
        assert (known.state(lambda: "", NOW, CHINESE).kind, known.state(lambda: "", NOW, CHINESE).text) == (
            "running",
            "发布中 4/9",
        )

    def test_a_run_that_failed_elsewhere_says_which_cell_and_why(self, folder: Path) -> None:
        output = {"output_type": "error", "ename": "ValueError", "evalue": "没有这样的数", "traceback": []}
        path = folder / layout.failed(str(DAY))
        path.parent.mkdir()
        path.write_text(json.dumps({"cells": [{"id": "past", "outputs": [output]}]}), encoding="utf-8")
        state = Publication(folder, DAY).state(lambda: "", NOW, CHINESE)
        assert (state.kind, state.text) == ("failed", "发布失败")
        assert state.message == "没有发布：单元格 past 出错，ValueError: 没有这样的数"
        assert state.files == {"failed": layout.failed(str(DAY))}


class TestProcess:
    @pytest.mark.processes
    def test_the_same_bytes_as_the_command(self, folder: Path, tmp_path: Path) -> None:
        other = tmp_path / "by-command" / "issues"
        shutil.copytree(folder, other)
        known, counted = publication(folder, DAY), []
        known.begin()
        known.run(saved(folder), CHINESE, lambda: counted.append(known.progress))
        assert known.failure == ""
        assert not known.running
        assert counted[-1][0] == counted[-1][1] == len(counted)
        assert run(["--issues", str(other), "issue", str(DAY)]) == 0
        outputs = [place(str(DAY)) for place in (layout.markdown, layout.page, layout.wechat, layout.review)]
        assert [(folder / name).read_bytes() for name in outputs] == [(other / name).read_bytes() for name in outputs]
        assert known.state(lambda: (folder / outputs[0]).read_text("utf-8"), NOW, CHINESE).kind == "published"

    @pytest.mark.processes
    def test_what_is_typed_meanwhile_is_for_the_next_time(self, folder: Path) -> None:
        known, before = publication(folder, DAY), saved(folder)
        path = folder / layout.draft(str(DAY))
        path.write_bytes(before.replace("小模型".encode(), "写了一半".encode()))
        known.begin()
        known.run(before, CHINESE, lambda: None)
        assert known.failure == ""
        published = (folder / layout.markdown(str(DAY))).read_text("utf-8")
        assert "小模型" in published
        assert "写了一半" not in published
        assert publish(folder, DAY).up_to_date is False, "the draft has more than was published"
        known.begin()
        known.run(saved(folder), CHINESE, lambda: None)
        assert "写了一半" in (folder / layout.markdown(str(DAY))).read_text("utf-8")
        known.begin()
        known.run(before, CHINESE, lambda: None)
        assert "小模型" in (folder / layout.markdown(str(DAY))).read_text("utf-8")

    @pytest.mark.processes
    def test_a_process_that_published_once_publishes_the_same_bytes_again(self, folder: Path, tmp_path: Path) -> None:
        other = tmp_path / "by-command" / "issues"
        shutil.copytree(folder, other)
        known, used = publication(folder, DAY), []
        for title in ("小模型", "更小的模型", "最小的模型"):
            for place in (folder, other):
                path = place / layout.draft(str(DAY))
                path.write_text(path.read_text("utf-8").replace("title: 小模型", f"title: {title}"), "utf-8")
            known.begin()
            known.run(saved(folder), CHINESE, lambda: None)
            assert known.failure == ""
            used.append(known._process)
            assert run(["--issues", str(other), "issue", str(DAY)]) == 0
            outputs = [place(str(DAY)) for place in (layout.markdown, layout.page, layout.wechat, layout.review)]
            assert [(folder / each).read_bytes() for each in outputs] == [
                (other / each).read_bytes() for each in outputs
            ]
        assert used == used[:1] * 3

    @pytest.mark.processes
    def test_after_a_failure_there_is_a_new_process(self, folder: Path) -> None:
        known = publication(folder, DAY)
        known.begin()
        known.run(saved(folder), CHINESE, lambda: None)
        before = known._process
        with publication_lock(folder, str(DAY)):
            known.begin()
            known.run(saved(folder).replace("小模型".encode(), "更小".encode()), CHINESE, lambda: None)
        assert known.failure == WORDS["publish-locked"]
        assert known._process is None
        known.begin()
        known.run(saved(folder), CHINESE, lambda: None)
        assert known.failure == ""
        assert known._process not in (None, before)

    def test_another_program_that_publishes_it_is_waited_for(self, folder: Path) -> None:
        known = publication(folder, DAY)
        with publication_lock(folder, str(DAY)):
            known.begin()
            known.run(saved(folder), CHINESE, lambda: None)
        assert known.failure == WORDS["publish-locked"]

    @pytest.mark.processes
    def test_a_process_that_died_while_it_waited_is_replaced(self, folder: Path) -> None:
        known = publication(folder, DAY)
        known.run(saved(folder), CHINESE, lambda: None)
        before = known._process
        assert before
        before._process.kill()
        before._process.wait()
        known.run(saved(folder), CHINESE, lambda: None)
        assert known.failure == ""
        assert known._process not in (None, before)

    def test_a_process_that_dies_says_what_it_said_last(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PYTHONPATH", "")
        monkeypatch.setattr(publications.sys, "executable", shutil.which("false"))
        known = publication(folder, DAY)
        known.begin()
        known.run(saved(folder), CHINESE, lambda: None)
        assert known.failure == WORDS["publish-failed"].format(message="exit status 1")

    def test_a_program_that_cannot_be_started_is_a_failure(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(publications.sys, "executable", str(folder / "none"))
        known = publication(folder, DAY)
        known.begin()
        known.run(saved(folder), CHINESE, lambda: None)
        assert known.failure.startswith("没有发布：")
        assert not known.running

    @pytest.mark.processes
    def test_a_draft_that_lost_its_items_meanwhile_is_not_published(self, folder: Path) -> None:
        (folder / "drafts" / f"{DAY}.yaml").write_text(f"schema: 1\ndate: {DAY}\n", encoding="utf-8")
        known = publication(folder, DAY)
        known.begin()
        known.run(saved(folder), CHINESE, lambda: None)
        assert known.failure == WORDS["publish-errors"].format(count=1)
        assert known.state(lambda: "", NOW, CHINESE).kind == "failed"


class TestPublishing:
    def test_warnings_that_were_not_seen_are_asked_about(self, form: Form, published: Publication) -> None:
        finishes(form, "publish", seen=[])
        assert {found["severity"] for found in form.question["findings"]} == {"warning"}
        assert form.publication["kind"] == "never"
        first = form.question["findings"][0]
        finishes(form, "publish", seen=[[first["rule"], first["where"], first["message"]]])
        assert first not in form.question["findings"]
        assert form.question["number"] == 2

    def test_what_was_seen_is_not_asked_about_again(self, form: Form, published: Publication) -> None:
        finishes(form, "publish", seen=seen(form))
        assert form.question == {}
        assert not publication(form.session.folder, DAY).running

    def test_errors_are_named_whether_seen_or_not(self, form: Form, published: Publication) -> None:
        tells(form, "write", key=keys(form)[0], field=["url"], text="没有空格 com", base="https://e.com/1")
        finishes(form, "publish", seen=seen(form))
        assert {found["severity"] for found in form.question["findings"]} == {"error"}
        assert form.question["findings"][0]["key"] == keys(form)[0]

    def test_what_is_not_saved_is_not_published(self, form: Form, folder: Path, published: Publication) -> None:
        shutil.rmtree(folder / "drafts")
        (folder / "drafts").write_text("in the way", encoding="utf-8")
        tells(form, "write", key=keys(form)[0], field=["title"], text="没存上", base="小模型")
        finishes(form, "publish", seen=seen(form))
        assert form.notice["text"] == WORDS["publish-unsaved"]

    def test_typing_goes_on_and_the_progress_is_shown(self, form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
        shown: list[str] = []
        form.observe(lambda change: shown.append(change["new"].get("text", "")), "publication")
        loop_ran = asyncio.Event()

        def events(known: Publication, _: bytes, __: str, on_progress: Callable[[], object]) -> dict[str, int]:
            for done in (1, 2):
                known.progress = (done, 2)
                on_progress()
            asyncio.run_coroutine_threadsafe(typed(), loops[0]).result()
            return {"errors": 0}

        async def typed() -> None:
            tells(form, "write", key=keys(form)[0], field=["title"], text="边发边写", base="小模型")
            loop_ran.set()

        loops: list[asyncio.AbstractEventLoop] = []
        monkeypatch.setattr(Publication, "_events", events)

        async def publishes() -> None:
            loops.append(asyncio.get_running_loop())
            tells(form, "publish", seen=seen(form))
            await asyncio.gather(*form.asking)

        asyncio.run(publishes())
        assert loop_ran.is_set()
        assert (shown[0], shown[-1]) == ("发布中……", "未发布")
        assert "发布中 2/2" in shown
        assert titles(form)[0] == "边发边写"

    def test_a_second_click_does_not_publish_twice(self, form: Form, published: Publication) -> None:
        known = publication(form.session.folder, DAY)
        known.begin()
        finishes(form, "publish", seen=seen(form))
        assert known.running
        assert form.question == {}

    def test_other_windows_see_it_too(
        self, folder: Path, published: Publication, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        session = Session(folder, DAY)
        left, right = Form(session), Form(session)
        monkeypatch.setitem(forms._forms, session, [left, right])
        left.check()
        writes_archive(folder, session.edition.markdown)
        finishes(left, "publish", seen=seen(left))
        assert right.publication["kind"] == left.publication["kind"] == "published"

    @pytest.mark.processes
    def test_the_difference_is_right_at_once(self, form: Form) -> None:
        tells(form, "show", tab="changes")
        assert WORDS["never-published"] in form.page["html"]
        finishes(form, "publish", seen=seen(form))
        assert form.publication["kind"] == "published"
        assert WORDS["as-published"] in form.page["html"]
        assert WORDS["never-published"] not in form.page["html"]
        tells(form, "write", key=keys(form)[0], field=["title"], text="小模型改", base="小模型")
        assert form.publication["kind"] == "changed"
        assert "小模型改" in form.page["html"].replace("<ins>", "").replace("</ins>", "")
        assert WORDS["as-published"] not in form.page["html"]


class TestFiles:
    def test_pages_and_texts_are_sent_as_they_are(self, form: Form, folder: Path) -> None:
        writes_archive(folder, "# 一")
        form.check()
        finishes(form, "open_file", name="markdown", request="tab-1")
        assert form.file == {"title": layout.markdown(str(DAY)), "text": "# 一", "request": "tab-1"}

    def test_a_notebook_is_rendered_and_asks_nobody_for_anything(self) -> None:
        source = Path(__file__).parents[1] / "issues"
        html = document(source, layout.review("2021-07-18"))["html"]
        assert "ActNN" in html
        assert "require.min.js" not in html
        assert "MathJax.js" not in html

    def test_a_file_that_is_gone_says_so(self, form: Form, folder: Path) -> None:
        writes_archive(folder, "# 一")
        form.check()
        (folder / layout.markdown(str(DAY))).unlink()
        finishes(form, "open_file", name="markdown", request="tab-1")
        assert form.file["failed"].startswith("打不开 ")

    def test_a_name_that_is_none_of_them_reads_no_file(self, form: Form) -> None:
        finishes(form, "open_file", name="../newsletter.yaml", request="tab-1")
        assert set(form.file) == {"failed", "request"}

    def test_title_and_digest_come_with_the_article(self, form: Form) -> None:
        tells(form, "show", tab="wechat")
        assert form.page["title"].startswith("嵌入式AI简报")
        assert form.page["digest"].startswith("本期3条")


class TestCopies:
    def folder_that_names(self, folder: Path, copies: str) -> Form:
        settings = folder / layout.NEWSLETTER
        settings.write_text(f"{settings.read_text('utf-8')}copies: {copies}\n", encoding="utf-8")
        form = Form(Session(folder, DAY))
        form.check()
        return form

    def test_they_are_offered_where_the_newsletter_names_them_and_as_published(self, folder: Path, form: Form) -> None:
        writes_archive(folder, form.session.edition.markdown)
        form.check()
        assert form.publication["copies"] == []
        form = self.folder_that_names(folder, "[zhihu, csdn]")
        assert [(each["name"], each["copy"]) for each in form.publication["copies"]] == [
            ("zhihu", "复制正文：知乎"),
            ("csdn", "复制正文：CSDN"),
        ]
        assert "标题：嵌入式AI简报 (2026-11-15)" in form.publication["copies"][0]["copied"]
        writes_archive(folder, "# 别的")
        form.check()
        assert form.publication["copies"] == []

    def test_the_page_gets_them_all_at_once(self, folder: Path) -> None:
        form = self.folder_that_names(folder, "[zhihu, juejin]")
        finishes(form, "copies", request="tab-1")
        issue, newsletter = form.session.edition.issue, form.session.edition.newsletter
        assert form.file == {
            "request": "tab-1",
            "copies": {
                "zhihu": {"html": COPIES["zhihu"].render(issue, newsletter)},
                "juejin": {"text": COPIES["juejin"].render(issue, newsletter)},
            },
        }

    def test_a_community_that_is_none_is_an_error_of_newsletter_yaml(self, folder: Path) -> None:
        with pytest.raises(DraftError, match="copies"):
            self.folder_that_names(folder, "[zhihuu]")


class TestUpload:
    def test_it_is_offered_only_with_credentials_and_as_published(
        self, form: Form, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        writes_archive(folder, form.session.edition.markdown)
        form.check()
        assert not form.publication["uploadable"]
        monkeypatch.setenv("WECHAT_APPID", "wx")
        monkeypatch.setenv("WECHAT_SECRET", "s")
        form.check()
        assert form.publication["uploadable"]
        writes_archive(folder, "# 别的")
        form.check()
        assert not form.publication["uploadable"]

    def test_what_forbids_it_is_said(self, form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WECHAT_APPID", "wx")
        monkeypatch.setenv("WECHAT_SECRET", "s")
        monkeypatch.setattr(wechat_client, "API", "http://127.0.0.1:1")
        shown: list[bool] = []
        form.observe(lambda change: shown.append(change["new"]["uploading"]), "publication")
        finishes(form, "upload")
        assert form.notice["text"].startswith("没有放进草稿箱：")
        assert "cover" in form.notice["text"]
        assert shown == [True, False]


class TestIssues:
    def test_all_issues_are_listed_the_latest_first(self, form: Form, folder: Path) -> None:
        store = DraftStore(folder)
        draft = (DATA / "editor" / "draft.yaml").read_text(encoding="utf-8")
        store.path(datetime.date(2026, 11, 1)).write_text(draft.replace("2026-11-15", "2026-11-01"), encoding="utf-8")
        store.path(datetime.date(2026, 10, 18)).write_text("{", encoding="utf-8")
        old = folder / layout.markdown("2020-01-05")
        old.parent.mkdir()
        old.write_text("# 老的", encoding="utf-8")
        writes_archive(folder, form.session.edition.markdown)
        rows = list(list_issues(folder, form.session.newsletter, NOW))
        assert [(row["date"], row["kind"], row["title"]) for row in rows[:2]] == [
            ("2026-11-15", "published", "词"),
            ("2026-11-01", "never", "词"),
        ]
        assert rows[0]["errors"] == 3, "the issue before has the same pages"
        assert rows[1]["warnings"] > 0
        assert [(row["date"], row["kind"]) for row in rows[2:]] == [
            ("2026-10-18", "unreadable"),
            ("2020-01-05", "archived"),
        ]

    def test_the_list_says_whether_it_is_complete(self, form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("embedai_nb.editor.publishing_commands.ROWS_AT_ONCE", 1)
        shown: list[tuple[int, bool]] = []
        form.observe(lambda change: shown.append((len(change["new"]["rows"]), change["new"]["done"])), "issues")
        finishes(form, "issues")
        assert shown == [(1, False), (1, True)]

    def test_the_next_date_follows_the_rhythm(self) -> None:
        day = datetime.date.fromisoformat
        today = day("2026-11-20")
        assert next_date((), today) == today
        assert next_date((day("2026-11-15"),), today) == day("2026-11-29")
        assert next_date((day("2026-11-08"), day("2026-11-15")), today) == day("2026-11-22")
        assert next_date((day("2020-01-05"),), today) == today

    def test_another_issue_is_opened_in_the_form_and_its_commands_go_there(self, folder: Path) -> None:
        text = (DATA / "editor" / "draft.yaml").read_text(encoding="utf-8")
        other = DraftStore(folder).path(datetime.date(2026, 11, 29))
        other.write_text(text.replace("2026-11-15", "2026-11-29").replace("小模型", "别的模型"), encoding="utf-8")

        async def opens(form: Form) -> None:
            tells(form, "open_issue", date="2026-11-29")
            assert (form.issue["date"], titles(form)[0]) == ("2026-11-29", "别的模型")
            tells(form, "write", key=keys(form)[0], field=["title"], text="改了", base="别的模型")
            tells(form, "open_issue", date=str(DAY))
            assert titles(form)[0] == "小模型"

        asyncio.run(_edited(folder, opens))
        assert DraftStore(folder).load(datetime.date(2026, 11, 29)).issue.entries[0].title == "改了"
        assert DraftStore(folder).load(DAY).issue.entries[0].title == "小模型"

    def test_a_date_without_an_issue_offers_to_begin_it(self, folder: Path) -> None:
        async def opens(form: Form) -> None:
            tells(form, "open_issue", date="2026-12-06")
            assert (form.trouble["kind"], form.trouble["date"]) == ("missing", "2026-12-06")
            tells(form, "create")
            assert form.issue["date"] == "2026-12-06"
            tells(form, "open_issue", date="2026-12-20", create=True)
            assert form.issue["date"] == "2026-12-20"

        asyncio.run(_edited(folder, opens))
        assert [str(date) for date in DraftStore(folder).dates()] == [str(DAY), "2026-12-06", "2026-12-20"]


async def _edited(folder: Path, does: Callable[[Form], Awaitable[None]]) -> None:
    """Do something with the form as it is in a notebook."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMBEDAI_ISSUES", str(folder))
        form = forms.edit(str(DAY))
        await does(form)
        forms._forms.clear()
        await asyncio.gather(*forms._loops)


class TestFixingAll:
    TEXT = (DATA / "editor" / "draft.yaml").read_text(encoding="utf-8")

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        text = self.TEXT.replace("第一段。", "第一段，，").replace(
            "url: https://e.com/2", "url: https://e.com/2\n        text: 它很大"
        )
        return issues(tmp_path / "issues", text)

    def test_all_safe_fixes_at_once_with_what_changed_undone_as_one(self, form: Form, folder: Path) -> None:
        before = DraftStore(folder).load(DAY).issue
        assert [found["rule"] for found in form.findings or [] if found["safe"]] == [
            "doubled-punctuation",
            "unlabelled-summary",
        ]
        tells(form, "fix_all")
        issue = DraftStore(folder).load(DAY).issue
        assert issue.entries[0].fields["摘要"].startswith("第一段，\n")
        assert (issue.entries[1].text, issue.entries[1].fields) == ("", {"摘要": "它很大"})
        assert not any(found["safe"] for found in form.findings or [])
        first, second = form.fixed["steps"]
        assert (first["where"], first["fix"]) == ("论文 1「小模型」 · 摘要", "去掉多余的标点")
        assert first["diff"] == ["-摘要：第一段，，", "+摘要：第一段，"]
        assert (second["fix"], second["diff"]) == ("写上“摘要：”", ["-它很大", "+摘要：它很大"])
        tells(form, "undo")
        assert DraftStore(folder).load(DAY).issue == before
        assert form.fixed == {}

    def test_what_needs_a_decision_is_left_alone(self, form: Form, folder: Path) -> None:
        tells(form, "write", key="head", field=["lead"], text="不\u200b可见", base="")
        tells(form, "fix_all")
        assert "\u200b" in str(DraftStore(folder).load(DAY).issue.lead)


class TestWriting:
    def test_a_notice_about_what_was_pasted_goes_when_that_is_undone(self, form: Form) -> None:
        tells(form, "paste", key="warmups", text="- 甲公司：一事。\n- 乙公司：二事。", target="warmups")
        assert form.notice["text"] == "放进了 0 条、2 条小新闻。"
        tells(form, "add", key="head", kind="warmup")
        tells(form, "undo")
        assert form.notice["text"]
        number = form.notice["number"]
        tells(form, "undo")
        assert (form.notice["text"], form.notice["number"]) == ("", number + 1)

    def test_the_summary_follows_the_source_where_the_section_needs_one(self, form: Form) -> None:
        tells(form, "select", key=keys(form)[1])
        names = [".".join(map(str, field["path"])) for field in form.detail["fields"]]
        assert names[:4] == ["title", "url", "source", "fields.摘要"]
        text = next(field for field in form.detail["fields"] if field["path"] == ["text"])
        assert text["optional"]

    def test_labels_stay_in_the_order_of_publication(self, form: Form) -> None:
        tells(form, "add_label", key=keys(form)[1], label="代码")
        tells(form, "add_label", key=keys(form)[1], label="摘要")
        names = [field["path"][1] for field in form.detail["fields"] if field["path"][0] == "fields"]
        assert names == ["代码", "摘要"]

    def test_text_that_is_there_is_shown(self, form: Form) -> None:
        key = keys(form)[1]
        tells(form, "write", key=key, field=["text"], text="它很大", base="")
        tells(form, "select", key=key)
        text = next(field for field in form.detail["fields"] if field["path"] == ["text"])
        assert not text["optional"]


def test_every_state_has_its_words() -> None:
    kinds: dict[str, Any] = {name: text for name, text in WORDS.items() if name.startswith("publish-state-")}
    assert set(kinds) == {f"publish-state-{kind}" for kind in ("never", "published", "changed", "failed")}
