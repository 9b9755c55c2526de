"""Drafts at Buttondown and listmonk: added once, replaced from then on, never sent, and no token is ever shown."""

from __future__ import annotations

import datetime
import json
import logging
import re
import socket
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from embedai_nb.channels import buttondown, json_api
from embedai_nb.channels.buttondown import Buttondown
from embedai_nb.channels.errors import DeliveryError, ServiceError
from embedai_nb.channels.listmonk import Listmonk
from embedai_nb.channels.sent_record import load_sent
from embedai_nb.channels.service_draft import UploadedDraft, upload_draft
from embedai_nb.channels.services import SERVICES, NewsletterService
from embedai_nb.cli import run
from embedai_nb.edition import Edition, load
from embedai_nb.errors import UsageError
from embedai_nb.model import EmailStyle, Newsletter
from embedai_nb.workspace import layout
from tests.json_keys import DOCUMENTED, keys

DAY = datetime.date(2031, 5, 4)
NOW = datetime.datetime(2031, 5, 6, 7, 8, 9, tzinfo=datetime.UTC)
TOKEN = "CANARYtoken0123456789"
NEWSLETTER = "name: 简报\nemail: {listmonk_lists: [3, 5]}\n"
DRAFT = """\
schema: 1
date: 2031-05-04
headline: ["模板 {{ x }}"]
sections:
  - name: 论文
    items:
      - title: 低比特训练
        url: https://e.com/1?q={{y}}
        fields: {摘要: "`{{ subscriber.email }}` 与 {% if %}。"}
"""

# --- the services ------------------------------------------------------------------------------------------------

Answer = tuple[int, Any]


@dataclass
class Service:
    """What a service holds, and how it answers; subclasses behave as their documentation says."""

    drafts: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    spoilt: Callable[[str], Any] = lambda asked: None
    """Answer in place of the service's own: status and JSON or bytes; an exception type breaks the connection."""

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> Any:
        self.asked.append(f"{method} {path}")
        if (spoilt := self.spoilt(self.asked[-1])) is not None:
            return spoilt
        return self.as_documented(method, path, headers, json.loads(body) if body else {})

    def as_documented(self, method: str, path: str, headers: Any, asked: dict[str, Any]) -> Answer:
        raise NotImplementedError


class ButtondownService(Service):
    """https://docs.buttondown.com/api-emails-introduction, https://github.com/buttondown/openapi."""

    def as_documented(self, method: str, path: str, headers: Any, asked: dict[str, Any]) -> Answer:
        if headers["Authorization"] != f"Token {TOKEN}":
            return 401, {"code": "invalid_token", "detail": f"Invalid token {headers['Authorization']}"}
        if set(asked) - {"subject", "body", "status"}:
            return 422, {"detail": [{"msg": "Extra inputs are not permitted"}]}
        if (method, path) == ("POST", "/v1/emails"):
            default = "draft" if headers["X-API-Version"] >= "2026-04-01" else "about_to_send"
            made = {"id": f"em_{len(self.drafts)}", "status": default, "body": "", **asked}
            self.drafts[made["id"]] = made
            return 201, made
        email = self.drafts.get(path.removeprefix("/v1/emails/"))
        if email is None:
            return 404, {"detail": "Not found"}
        if method == "PATCH":
            email.update(asked)
        return 200, email


class ListmonkService(Service):
    """https://listmonk.app/docs/apis/campaigns/."""

    def as_documented(self, method: str, path: str, headers: Any, asked: dict[str, Any]) -> Answer:
        if headers["Authorization"] != f"token api_user:{TOKEN}":
            return 403, {"message": f"invalid API credentials {headers['Authorization']}"}
        if (method, path) == ("POST", "/api/campaigns"):
            if not all(asked.get(name) for name in ("name", "subject", "lists", "type", "content_type", "body")):
                return 400, {"message": "Invalid fields"}
            made = {"id": len(self.drafts) + 1, "status": "draft", **asked}
            self.drafts[str(made["id"])] = made
            return 200, {"data": made}
        campaign = self.drafts.get(path.removeprefix("/api/campaigns/"))
        if campaign is None:
            return 400, {"message": "Campaign not found"}
        if method == "PUT":
            if campaign["status"] in ("running", "cancelled", "finished"):
                return 400, {"message": "Cannot update a running or a finished campaign"}
            campaign.update(asked)
        return 200, {"data": campaign}


class Handler(BaseHTTPRequestHandler):
    server: Any

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self.server.service.answer(self.command, self.path, self.headers, body)
        if isinstance(answer, type):
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, said = answer
        data = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        if status in (301, 302, 307):
            self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = answer  # noqa: N815  # names of the standard library

    def log_message(self, *about: object) -> None:
        """Log nothing."""


@dataclass
class Place:
    """A service that runs, and an account there."""

    name: str
    service: Service
    connect: Callable[[str], NewsletterService]

    def upload(self, edition: Edition, *, token: str = TOKEN, again: bool = False) -> UploadedDraft:
        account = self.connect(token)
        try:
            return upload_draft(edition, account, self.name, NOW, again=again)
        finally:
            account.close()

    def becomes(self, status: str) -> None:
        """What happens to the first draft there."""
        next(iter(self.service.drafts.values()))["status"] = status


@pytest.fixture(params=["buttondown", "listmonk"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    kinds: dict[str, type[Service]] = {"buttondown": ButtondownService, "listmonk": ListmonkService}
    service = kinds[request.param]()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.service = service  # type: ignore[attr-defined]
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(buttondown, "API", f"{url}/v1/")
    for name, value in {"LISTMONK_URL": url, "LISTMONK_USER": "api_user", "LISTMONK_TOKEN": TOKEN}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BUTTONDOWN_API_KEY", TOKEN)
    accounts: dict[str, Callable[[str], NewsletterService]] = {
        "buttondown": lambda token: Buttondown(token, buttondown.API),
        "listmonk": lambda token: Listmonk(url, "api_user", token, (3, 5)),
    }
    yield Place(request.param, service, accounts[request.param])
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "issues"
    (folder / "drafts").mkdir(parents=True)
    (folder / layout.NEWSLETTER).write_text(NEWSLETTER, encoding="utf-8")
    (folder / layout.draft(str(DAY))).write_text(DRAFT, encoding="utf-8")
    return folder


@pytest.fixture
def edition(folder: Path) -> Edition:
    return load(DAY, folder)


# --- drafts --------------------------------------------------------------------------------------------------------


class TestDrafts:
    def test_it_is_a_draft(self, place: Place, edition: Edition) -> None:
        done = place.upload(edition)
        assert done.added
        assert [each["status"] for each in place.service.drafts.values()] == ["draft"]
        assert "低比特训练" in next(iter(place.service.drafts.values()))["body"]

    def test_the_second_upload_replaces_it(self, place: Place, folder: Path) -> None:
        first = place.upload(load(DAY, folder))
        draft = folder / layout.draft(str(DAY))
        draft.write_text(DRAFT.replace("低比特训练", "低比特推理"), encoding="utf-8")
        second = place.upload(load(DAY, folder))
        assert second == first._replace(added=False)
        (there,) = place.service.drafts.values()
        assert "低比特推理" in there["body"]
        assert there["status"] == "draft"

    def test_nothing_is_ever_asked_for_but_drafts(self, place: Place, edition: Edition) -> None:
        place.upload(edition)
        place.upload(edition)
        kinds = {re.sub(r"/(em_)?\d+$", "/ID", each) for each in place.service.asked}
        known = {
            "buttondown": {"POST /v1/emails", "GET /v1/emails/ID", "PATCH /v1/emails/ID"},
            "listmonk": {"POST /api/campaigns", "GET /api/campaigns/ID", "PUT /api/campaigns/ID"},
        }
        assert kinds == known[place.name]

    def test_a_draft_that_was_deleted_there_is_added_again(self, place: Place, edition: Edition) -> None:
        place.upload(edition)
        place.service.drafts.clear()
        assert place.upload(edition).added
        assert len(place.service.drafts) == 1

    @pytest.mark.parametrize("status", ["scheduled", "sent", "running", "about_to_send"])
    def test_what_is_no_draft_any_more_is_left_alone(self, place: Place, edition: Edition, status: str) -> None:
        place.upload(edition)
        place.becomes(status)
        before = json.dumps(place.service.drafts)
        with pytest.raises(DeliveryError, match=f"is no draft any more: {status}; --again adds another draft"):
            place.upload(edition)
        assert json.dumps(place.service.drafts) == before
        assert place.upload(edition, again=True).added
        assert [each["status"] for each in place.service.drafts.values()] == [status, "draft"]
        assert not place.upload(edition).added, "the latest draft is the one that is replaced"

    def test_an_issue_with_errors_is_not_uploaded(self, place: Place, folder: Path) -> None:
        draft = folder / layout.draft(str(DAY))
        draft.write_text(DRAFT.replace("https://e.com/1?q={{y}}", "''"), encoding="utf-8")
        with pytest.raises(DeliveryError, match="the issue has errors"):
            place.upload(load(DAY, folder))
        assert place.service.asked == []

    def test_another_computer_replaces_it_once_the_record_is_there(
        self, place: Place, edition: Edition, folder: Path, tmp_path: Path
    ) -> None:
        place.upload(edition)
        other = tmp_path / "other"
        folder.rename(other)
        assert not place.upload(load(DAY, other)).added

    def test_drafts_of_other_issues_are_others(self, place: Place, edition: Edition, folder: Path) -> None:
        place.upload(edition)
        text = DRAFT.replace("05-04", "05-05").replace("e.com/1", "e.com/2")
        (folder / layout.draft("2031-05-05")).write_text(text, encoding="utf-8")
        assert place.upload(load("2031-05-05", folder)).added
        assert len(place.service.drafts) == 2


def test_what_looks_like_a_template_stays_text_at_buttondown(edition: Edition) -> None:
    sent: list[dict[str, Any]] = []
    service = Buttondown(TOKEN)
    service._api.send = lambda method, path, content: sent.append(dict(content)) or {"id": "1"}  # type: ignore[assignment, func-returns-value]
    upload_draft(edition, service, "buttondown", NOW)
    service.close()
    assert not re.search(r"\{[{%#]", sent[0]["subject"] + sent[0]["body"])
    assert "&#123;{ subscriber.email }}" in sent[0]["body"]
    assert sent[0]["body"].startswith("<!-- buttondown-editor-mode: fancy --><section")


def test_what_looks_like_a_template_stays_text_in_listmonk(edition: Edition) -> None:
    """In HTML by references to characters, elsewhere by an expression whose value are the braces."""
    sent: list[dict[str, Any]] = []
    service = Listmonk("https://l.e.com", "api_user", TOKEN, (3,))
    service._api.send = lambda method, path, content: sent.append(dict(content)) or {"data": {"id": 1}}  # type: ignore[assignment, func-returns-value]
    upload_draft(edition, service, "listmonk", NOW)
    service.close()
    (campaign,) = sent
    assert "{{" not in campaign["body"]
    for name in ("subject", "altbody"):
        assert set(re.findall(r"\{\{.*?\}\}", campaign[name])) == {'{{ "{{" }}'}
    assert campaign["subject"].replace('{{ "{{" }}', "{{").endswith("模板 {{ x }}")
    assert campaign["lists"] == [3]
    assert campaign["name"] == "简报 2031-05-04"


# --- what goes wrong -----------------------------------------------------------------------------------------------


class TestFaults:
    def fails(self, place: Place, edition: Edition, token: str = TOKEN) -> str:
        with pytest.raises(ServiceError) as raised:
            place.upload(edition, token=token)
        whole = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
        assert token not in whole
        said = str(raised.value)
        assert "\n" not in said
        assert load_sent(edition.folder) == ()
        return said

    def test_a_wrong_token(self, place: Place, edition: Edition) -> None:
        said = self.fails(place, edition, "CANARYwrong")
        assert re.search(
            r"refuses: 40[13] .*\*\*\*; copy the token anew into (BUTTONDOWN_API_KEY|LISTMONK_TOKEN)", said
        )

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            ((400, {"detail": "no", "message": "no"}), "refuses: 400 no; look at the message there, or report it"),
            ((422, {"detail": [{"msg": "x"}]}), "refuses: 422; look at the message there"),
            ((429, {"detail": "slow down", "message": "slow down"}), "refuses: 429 slow down; try again later"),
            ((500, b"<html>"), "refuses: 500; try again later"),
            ((503, b""), "refuses: 503; try again later"),
            ((302, b""), "refuses: 302; see whether the address is right"),
            ((200, b"<html>"), "answers something that is not understood; try again later"),
            ((200, b"[]"), "answers something that is not understood"),
            ((200, {"data": {}}), "answers something that is not understood"),
            ((200, {"id": True, "data": {"id": None}}), "answers something that is not understood"),
            (ConnectionError, "cannot be reached (RemoteProtocolError); see whether the network works"),
        ],
    )
    def test_each_refusal_says_what_to_do(self, place: Place, edition: Edition, answer: object, said: str) -> None:
        place.service.spoilt = lambda asked: answer
        assert said in self.fails(place, edition)

    def test_it_never_answers(self, place: Place, edition: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(json_api, "TIMEOUT_SECONDS", 0.2)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}"
            service: NewsletterService = (
                Buttondown(TOKEN, f"{url}/v1/") if place.name == "buttondown" else Listmonk(url, "u", TOKEN, (3,))
            )
            with pytest.raises(ServiceError, match=r"cannot be reached \(ReadTimeout\); see whether the network works"):
                upload_draft(edition, service, place.name, NOW)
            service.close()

    def test_a_draft_that_cannot_be_replaced_stays_the_one_that_is_known(self, place: Place, edition: Edition) -> None:
        first = place.upload(edition)
        place.service.spoilt = lambda asked: None if asked.startswith("GET") else (500, b"")
        with pytest.raises(ServiceError, match="refuses: 500"):
            place.upload(edition)
        place.service.spoilt = lambda asked: None
        assert place.upload(edition) == first._replace(added=False)


LISTS = Newsletter(name="简报", email=EmailStyle(listmonk_lists=(3,)))
LISTMONK = {"LISTMONK_URL": "https://l.e.com", "LISTMONK_USER": "u", "LISTMONK_TOKEN": TOKEN}


class TestAccounts:
    @pytest.mark.parametrize("name", ["BUTTONDOWN_API_KEY", *LISTMONK])
    @pytest.mark.parametrize("value", ["", " ", "甲", "a\nb"])
    def test_what_is_missing_or_cannot_be_is_named_and_not_shown(self, name: str, value: str) -> None:
        service = "buttondown" if name.startswith("B") else "listmonk"
        with pytest.raises(UsageError) as raised:
            SERVICES[service].connect(LISTMONK | {name: value}, LISTS)
        assert str(raised.value).startswith(f"{name} ")
        assert "甲" not in str(raised.value)

    @pytest.mark.parametrize(
        "url", ["http://l.e.com", "l.e.com", "ftp://localhost", "https://u:CANARY@l.e.com", "http://localhost.e.com"]
    )
    def test_the_token_is_not_sent_unencrypted(self, url: str) -> None:
        with pytest.raises(UsageError, match="LISTMONK_URL: is no address of an encrypted page") as raised:
            Listmonk.of(LISTMONK | {"LISTMONK_URL": url}, LISTS)
        assert "CANARY" not in str(raised.value)

    def test_lists_are_named_in_newsletter_yaml(self) -> None:
        with pytest.raises(
            UsageError, match=r"newsletter.yaml: email.listmonk_lists: names no list; write the numbers"
        ):
            Listmonk.of(LISTMONK, Newsletter(name="简报"))


# --- the command -------------------------------------------------------------------------------------------------


def test_the_command_says_where_the_draft_is(
    place: Place, folder: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    words = ["-vv", "--issues", str(folder), "email", str(DAY), "--via", place.name]
    assert run(words) == 0
    title = SERVICES[place.name].title
    first = capfd.readouterr()
    assert f"2031-05-04: draft added at {title}; look at it and send it there: http" in first.out
    assert run(words) == 0
    second = capfd.readouterr()
    assert f"2031-05-04: draft replaced at {title}; " in second.out
    assert f"asking {title}: POST " in first.err
    assert TOKEN not in first.out + first.err + second.out + second.err + caplog.text
    assert run([*words[1:], "--format", "json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert set(keys(told)) == DOCUMENTED["email 2"]
    assert (told["service"], told["added"]) == (place.name, False)
