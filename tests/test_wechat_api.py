"""Upload to WeChat's draft box: complete, without duplicates, and without leaking a secret."""

from __future__ import annotations

import json
import logging
import re
import shutil
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from embedai_nb import edition as editions
from embedai_nb.capture.errors import FetchError
from embedai_nb.channels.wechat import client as clients
from embedai_nb.channels.wechat.client import ATTEMPTS, Credentials, PictureFile, WeChatClient
from embedai_nb.channels.wechat.errors import CODES, NAMES, NotSentError, UnreachableError, WeChatRefusedError
from embedai_nb.channels.wechat.upload import UploadResult, upload
from embedai_nb.cli import run
from embedai_nb.errors import EmbedAIError, UsageError
from embedai_nb.wechat.budget import LIMITS
from tests.conftest import PROJECT

APPID = "wxCANARYappid0001"
SECRET = "CANARYsecret0002deadbeef"
TOKEN = "CANARYtoken"
JPEG = b"\xff\xd8\xff\xe0" + b"picture"
PNG = b"\x89PNG\r\n\x1a\n" + b"cover"
QR_CODE = "https://github.com/ysh329/awesome-embedded-ai/raw/master/wechat_qrcode.jpg"
DRAFT = """\
schema: 1
date: 2031-05-04
headline: [甲]
sections:
  - name: 论文
    items:
      - {title: “低比特”训练, url: https://arxiv.org/abs/2104.14129, tags: ['2104.14129'], fields: {摘要: 一句。}}
"""

# --- WeChat -----------------------------------------------------------------------------------------------------


class Refusal(Exception):  # noqa: N818  # what the API calls an error code is an answer like any other
    """A response with an error code."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(said)
        self.answer = {"errcode": code, "errmsg": f"{said} rid: 1-2-3"}


def demand(fulfilled: object, code: int, said: str) -> None:
    if not fulfilled:
        raise Refusal(code, said)


@dataclass
class WeChat:
    """Fake of the API with its documented limits and errors; tests may replace its responses."""

    drafts: dict[str, dict[str, Any]] = field(default_factory=dict)
    covers: set[str] = field(default_factory=set)
    pictures: dict[str, bytes] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    spoilt: Callable[[str], Any] = lambda path: None
    """Response in place of the API's own, by path; None leaves that."""

    def answer(self, path: str, query: dict[str, str], headers: Any, body: bytes) -> Any:
        self.calls.append(path)
        if (answer := self.spoilt(path)) is not None:
            return answer
        try:
            if path == "stable_token":
                return self.token(_json(body))
            demand(query.get("access_token"), 41001, "access_token missing")
            demand(self.tokens and query["access_token"] == self.tokens[-1], 40001, "invalid credential")
            kinds = {"draft/add": self.add, "draft/update": self.update, "draft/get": self.get}
            if path in kinds:
                return kinds[path](_json(body))
            return self.upload(path, query, _file(headers, body))
        except Refusal as refusal:
            return refusal.answer

    def token(self, asked: dict[str, Any]) -> dict[str, Any]:
        demand(asked["grant_type"] == "client_credential", 40002, "invalid grant_type")
        demand(asked["appid"] == APPID, 40013, "invalid appid")
        demand(asked["secret"] == SECRET, 40125, "invalid appsecret")
        if asked["force_refresh"] or not self.tokens:
            self.tokens.append(f"{TOKEN}{len(self.tokens)}")
        return {"access_token": self.tokens[-1], "expires_in": 7200}

    def upload(self, path: str, query: dict[str, str], picture: Any) -> dict[str, str]:
        demand(picture, 41005, "media data missing")
        name, kind, data = picture
        demand(data, 44001, "empty media data")
        demand(re.fullmatch(r"\w+\.(?:jpg|jpeg|png)", name) and kind in {"image/jpeg", "image/png"}, 40005, "file type")
        demand(data[:3] == b"\xff\xd8\xff" or data[:4] == b"\x89PNG", 40137, "invalid image format")
        if path == "media/uploadimg":
            demand(len(data) < 1024 * 1024, 40009, "invalid image size")
            url = f"http://mmbiz.qpic.cn/{len(self.pictures)}/0?wx_fmt=jpeg&from=appmsg"
            self.pictures[url] = data
            return {"url": url}
        demand(path == "material/add_material" and query.get("type") == "image", 40004, "invalid media type")
        media_id = f"cover{len(self.calls)}"
        self.covers.add(media_id)
        return {"media_id": media_id, "url": "http://mmbiz.qpic.cn/c/0"}

    def add(self, asked: dict[str, Any]) -> dict[str, Any]:
        demand(isinstance(asked["articles"], list) and len(asked["articles"]) == 1, 44003, "empty news data")
        media_id = f"draft{len(self.calls)}"
        self.drafts[media_id] = self.checked(asked["articles"][0])
        return {"media_id": media_id, "item": []}

    def update(self, asked: dict[str, Any]) -> dict[str, Any]:
        demand(asked["media_id"] in self.drafts and asked["index"] == 0, 40007, "invalid media_id")
        self.drafts[asked["media_id"]] = self.checked(asked["articles"])
        return {"errcode": 0, "errmsg": "ok"}

    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        demand(asked["media_id"] in self.drafts, 40007, "invalid media_id")
        return {"news_item": [self.drafts[asked["media_id"]]]}

    def checked(self, article: dict[str, Any]) -> dict[str, Any]:
        demand(article["article_type"] == "news", 40008, "invalid message type")
        demand(article["thumb_media_id"] in self.covers, 40007, "invalid media_id")
        demand(len(article["title"]) <= 64, 45003, "title size out of limit")
        demand(len(article["digest"]) <= 120, 45004, "description size out of limit")
        demand(len(article["content_source_url"].encode()) <= 1024, 45005, "link url size out of limit")
        content = article["content"]
        demand(content, 44004, "empty content")
        demand(len(content) < 20_000 and len(content.encode()) < 1_000_000, 45002, "content size out of limit")
        demand(not re.search(r"<(?:script|style|iframe)|\bon\w+=|\bid=", content), 45166, "invalid content")
        demand(all(url in self.pictures for url in _sources(content)), 45166, "invalid content")
        return article


def _json(body: bytes) -> dict[str, Any]:
    r"""Parse a request; an escape such as \u4e2d would be shown literally in the draft, so none is allowed."""
    try:
        found = json.loads(body.decode("utf-8"))
    except ValueError:
        raise Refusal(47001, "data format error") from None
    demand(not re.search(rb"\\u[0-9a-f]{4}", body), 47001, "data format error")
    assert isinstance(found, dict)
    return found


def _file(headers: Any, body: bytes) -> tuple[str, str, bytes] | None:
    form = message_from_bytes(f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode() + body, policy=default)
    for part in form.iter_parts():
        if part.get_param("name", header="content-disposition") == "media":
            return part.get_filename(), part.get_content_type(), part.get_payload(decode=True)
    return None


def _sources(content: str) -> list[str]:
    return [url.replace("&amp;", "&") for url in re.findall(r'<img src="([^"]*)"', content)]


class Handler(BaseHTTPRequestHandler):
    """HTTP handler of the fake API."""

    server: Any

    def do_GET(self) -> None:
        self.say({"errcode": 43002, "errmsg": "require POST method"})

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.say(
            self.server.wechat.answer(
                parts.path.removeprefix("/cgi-bin/"), dict(parse_qsl(parts.query)), self.headers, body
            )
        )

    def say(self, answer: Any) -> None:
        if isinstance(answer, type) and issubclass(answer, ConnectionError):
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, data = answer if isinstance(answer, tuple) else (200, answer)
        data = data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *about: object) -> None:
        """Log nothing."""


@pytest.fixture
def wechat(monkeypatch: pytest.MonkeyPatch) -> Iterator[WeChat]:
    """The fake API on loopback, in place of the real one."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.wechat = WeChat()  # type: ignore[attr-defined]  # how a handler reaches it
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setattr(clients, "API", f"http://127.0.0.1:{server.server_port}/cgi-bin")
    yield server.wechat  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def client(wechat: WeChat) -> Iterator[WeChatClient]:
    waited: list[float] = []
    with WeChatClient(Credentials(APPID, SECRET), clients.API, pause=waited.append) as client:
        yield client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An issues folder with one issue and a cover."""
    folder = tmp_path / "issues"
    (folder / "drafts").mkdir(parents=True)
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
    (folder / "drafts" / "2031-05-04.yaml").write_text(DRAFT, encoding="utf-8")
    (folder / "cover.png").write_bytes(PNG)
    return folder


def fetch(url: str) -> bytes:
    assert url == QR_CODE
    return JPEG


def send(folder: Path, client: WeChatClient, **more: Any) -> UploadResult:
    return upload(editions.load("2031-05-04", folder), client, **{"fetch": fetch, **more})


# --- an issue gets there ----------------------------------------------------------------------------------------


def test_an_issue_becomes_a_draft_with_its_pictures(folder: Path, client: WeChatClient, wechat: WeChat) -> None:
    sent = send(folder, client)
    assert (sent.added, sent.pictures) == (True, 1)
    assert wechat.calls == ["stable_token", "media/uploadimg", "material/add_material", "draft/add"]
    draft = wechat.drafts[sent.media_id]
    assert draft["title"] == "嵌入式AI简报 (2031-05-04)：甲"
    assert draft["digest"] == "本期1条。【论文】“低比特”训练。"
    assert draft["content_source_url"].endswith("/2031-05-04.md")
    assert "“低比特”训练<sup>[1]</sup>" in draft["content"]
    assert _sources(draft["content"]) == list(wechat.pictures)
    assert list(wechat.pictures.values()) == [JPEG]
    assert "〔图片" not in draft["content"]


def test_a_title_is_shortened_to_what_the_interface_documents(
    folder: Path, client: WeChatClient, wechat: WeChat
) -> None:
    longer = DRAFT.replace("[甲]", "[一二三四, 五六七八, 九十]")
    (folder / "drafts" / "2031-05-04.yaml").write_text(longer, encoding="utf-8")
    sent = send(folder, client)
    assert wechat.drafts[sent.media_id]["title"] == sent.title == "嵌入式AI简报 (2031-05-04)：一二三四/五六七八"
    assert sent.whole_title == f"{sent.title}/九十"
    full = send(folder, client, full_title=True)
    assert wechat.drafts[full.media_id]["title"] == full.title == full.whole_title


def test_a_title_whose_first_keyword_is_too_long_is_sent_without(
    folder: Path, client: WeChatClient, wechat: WeChat
) -> None:
    longer = DRAFT.replace("[甲]", "[一二三四五六七八九十一二三四五六七八九十]")
    (folder / "drafts" / "2031-05-04.yaml").write_text(longer, encoding="utf-8")
    assert send(folder, client).title == "嵌入式AI简报 (2031-05-04)"


@pytest.mark.parametrize(("comments", "asked"), [("none", (0, 0)), ("all", (1, 0)), ("followers", (1, 1))])
def test_newsletter_yaml_says_who_wrote_it_and_who_may_comment(
    folder: Path, client: WeChatClient, wechat: WeChat, comments: str, asked: tuple[int, int]
) -> None:
    with (folder / "newsletter.yaml").open("a", encoding="utf-8") as settings:
        settings.write(f"wechat_author: 编辑部\nwechat_comments: {comments}\n")
    draft = wechat.drafts[send(folder, client).media_id]
    assert draft["author"] == "编辑部"
    assert (draft["need_open_comment"], draft["only_fans_can_comment"]) == asked


def test_a_local_picture_is_sent_from_the_folder(folder: Path, client: WeChatClient, wechat: WeChat) -> None:
    draft = DRAFT.replace("一句。", "'![板](images/board.jpg)'")
    (folder / "drafts" / "2031-05-04.yaml").write_text(draft, encoding="utf-8")
    with pytest.raises(NotSentError, match=r"板: images/board\.jpg: the picture is not there"):
        send(folder, client)
    (folder / "images").mkdir()
    (folder / "images" / "board.jpg").write_bytes(JPEG + b"board")
    sent = send(folder, client)
    assert sent.pictures == 2
    assert JPEG + b"board" in wechat.pictures.values()
    assert _sources(wechat.drafts[sent.media_id]["content"]) == list(wechat.pictures)


def test_the_same_draft_is_replaced_next_time_and_nothing_is_sent_twice(
    folder: Path, client: WeChatClient, wechat: WeChat
) -> None:
    first = send(folder, client)
    path = folder / "drafts" / "2031-05-04.yaml"
    path.write_text(DRAFT.replace("一句", "另一句"), encoding="utf-8")
    wechat.calls.clear()
    again = send(folder, client)
    assert again == first._replace(added=False)
    assert wechat.calls == ["draft/get", "draft/update"]
    assert list(wechat.drafts) == [first.media_id]
    assert "另一句" in wechat.drafts[first.media_id]["content"]


def test_a_draft_that_was_published_or_deleted_is_added_anew(
    folder: Path, client: WeChatClient, wechat: WeChat
) -> None:
    first = send(folder, client)
    wechat.drafts.clear()
    again = send(folder, client)
    assert again.added
    assert again.media_id != first.media_id
    assert wechat.calls.count("material/add_material") == 1


@pytest.mark.parametrize("sent_before", [True, False])
def test_a_cover_that_was_deleted_is_uploaded_anew(
    folder: Path, client: WeChatClient, wechat: WeChat, sent_before: bool
) -> None:
    send(folder, client)
    wechat.covers.clear()
    if not sent_before:
        wechat.drafts.clear()
    send(folder, client)
    assert len(wechat.drafts) == 1
    assert wechat.calls.count("material/add_material") == 2


def test_another_account_gets_a_draft_of_its_own(folder: Path, client: WeChatClient, wechat: WeChat) -> None:
    send(folder, client)
    memory = folder / ".cache" / "wechat.json"
    kept = json.loads(memory.read_text(encoding="utf-8"))
    memory.write_text(json.dumps(kept | {"account": "another"}), encoding="utf-8")
    assert send(folder, client).added
    memory.write_text("{broken", encoding="utf-8")
    assert send(folder, client).added


def test_a_named_cover_comes_before_that_of_the_folder(folder: Path, client: WeChatClient, tmp_path: Path) -> None:
    cover = tmp_path / "other.jpg"
    cover.write_bytes(JPEG)
    send(folder, client, cover=cover)
    assert len(json.loads((folder / ".cache" / "wechat.json").read_text(encoding="utf-8"))["covers"]) == 1


def test_nothing_is_ever_published(folder: Path, client: WeChatClient, wechat: WeChat) -> None:
    send(folder, client)
    send(folder, client)
    assert not [call for call in wechat.calls if re.search(r"publish|mass|send|delete", call)]
    assert not [name for name in dir(WeChatClient) if re.search(r"publish|mass|send|delete", name)]


# --- what is no draft -------------------------------------------------------------------------------------------


def test_an_issue_with_errors_is_not_sent(folder: Path, client: WeChatClient, wechat: WeChat) -> None:
    draft = DRAFT.replace("https://arxiv.org/abs/2104.14129", "''")
    (folder / "drafts" / "2031-05-04.yaml").write_text(draft, encoding="utf-8")
    with pytest.raises(NotSentError, match="2031-05-04: the issue has errors; embedai check 2031-05-04"):
        send(folder, client)
    assert wechat.calls == []


def test_without_a_cover_nothing_is_sent(folder: Path, client: WeChatClient, wechat: WeChat) -> None:
    (folder / "cover.png").unlink()
    with pytest.raises(UsageError, match=r"cover\.jpg: a draft needs a cover; put a picture there"):
        send(folder, client)
    assert wechat.calls == []


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (b"GIF89a", "公众号二维码: the picture is neither JPEG nor PNG"),
        (b"<html>", "公众号二维码: the picture is neither JPEG nor PNG"),
        (b"", "公众号二维码: the picture is neither JPEG nor PNG"),
        (JPEG + bytes(1_000_000), "公众号二维码: the picture has 1,000,011 bytes"),
    ],
    ids=["gif", "page", "empty", "large"],
)
def test_a_picture_that_wechat_does_not_take_is_named(
    folder: Path, client: WeChatClient, wechat: WeChat, picture: bytes, message: str
) -> None:
    with pytest.raises(NotSentError) as caught:
        send(folder, client, fetch=lambda url: picture)
    assert str(caught.value).startswith(message)
    assert wechat.calls == []


def test_a_picture_that_cannot_be_had_is_an_error(folder: Path, client: WeChatClient, wechat: WeChat) -> None:
    def gone(url: str) -> bytes:
        raise FetchError("gone", "github.com", status=404)

    with pytest.raises(FetchError, match=r"公众号二维码: github\.com: is no longer there"):
        send(folder, client, fetch=gone)
    assert wechat.calls == []


def test_an_article_that_is_too_long_is_not_sent(folder: Path, client: WeChatClient, wechat: WeChat) -> None:
    (folder / "drafts" / "2031-05-04.yaml").write_text(DRAFT.replace("一句。", "一" * 20_000), encoding="utf-8")
    with pytest.raises(NotSentError):
        send(folder, client)
    assert "draft/add" not in wechat.calls


def test_a_picture_has_fewer_bytes_than_the_limit(folder: Path, client: WeChatClient, wechat: WeChat) -> None:
    largest = JPEG + bytes(LIMITS.picture - 1 - len(JPEG))
    with pytest.raises(NotSentError, match="the picture has 1,000,000 bytes; WeChat takes"):
        send(folder, client, fetch=lambda url: largest + b"x")
    assert send(folder, client, fetch=lambda url: largest).pictures == 1


def test_an_article_has_fewer_characters_than_the_limit(folder: Path, client: WeChatClient, wechat: WeChat) -> None:
    """Tested with the check off that would report it first."""
    path = folder / "newsletter.yaml"
    text = path.read_text("utf-8").replace("checks: {", 'checks: {wechat-too-long: "off", ')
    path.write_text(text, encoding="utf-8")

    def with_summary(length: int) -> int:
        draft = DRAFT.replace("一句。", "一" * length)
        (folder / "drafts" / "2031-05-04.yaml").write_text(draft, encoding="utf-8")
        send(folder, client)
        return len(wechat.drafts[next(iter(wechat.drafts))]["content"])

    fits = 1_000 + LIMITS.characters - 1 - with_summary(1_000)
    assert with_summary(fits) == LIMITS.characters - 1
    with pytest.raises(NotSentError, match="article: 20,000 where WeChat takes less than 20,000"):
        with_summary(fits + 1)


# --- what WeChat may answer -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_is_told_in_words_and_with_what_to_do(
    folder: Path, client: WeChatClient, wechat: WeChat, code: int
) -> None:
    wechat.spoilt = lambda path: {"errcode": code, "errmsg": "no"} if path == "media/uploadimg" else None
    with pytest.raises(WeChatRefusedError) as caught:
        send(folder, client)
    assert caught.value.code == code
    problem, remedy = (
        text.format(**NAMES, address="the address of this computer")
        for text in (CODES[code].problem, CODES[code].remedy)
    )
    assert str(caught.value) == f"公众号二维码: {problem} (code {code}); {remedy}"
    assert len(CODES[code].problem) > 10
    assert len(CODES[code].remedy) > 10


def test_a_code_that_is_not_known_is_told_in_wechats_words(client: WeChatClient, wechat: WeChat) -> None:
    wechat.spoilt = lambda path: {"errcode": 99999, "errmsg": "something new"}
    with pytest.raises(WeChatRefusedError, match="WeChat refuses: something new"):
        client.add_draft({})


def test_the_address_that_may_not_ask_is_named(client: WeChatClient, wechat: WeChat) -> None:
    said = "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 1"
    wechat.spoilt = lambda path: {"errcode": 40164, "errmsg": said}
    with pytest.raises(WeChatRefusedError, match=r"IP白名单, add 203\.0\.113\.7$"):
        client.add_draft({})


@pytest.mark.parametrize(
    ("credentials", "code"), [(Credentials("wx", SECRET), 40013), (Credentials(APPID, "wrong"), 40125)]
)
def test_a_wrong_account_is_told_from_a_wrong_secret(wechat: WeChat, credentials: Credentials, code: int) -> None:
    with WeChatClient(credentials, clients.API) as client, pytest.raises(WeChatRefusedError) as caught:
        client.add_draft({})
    assert caught.value.code == code
    assert "WECHAT_SECRET" in str(caught.value)


def test_a_token_that_another_program_replaced_is_asked_for_anew(
    folder: Path, client: WeChatClient, wechat: WeChat
) -> None:
    send(folder, client)
    wechat.tokens.append("replaced by another program")
    assert not send(folder, client).added
    assert wechat.calls.count("stable_token") == 2


def test_a_token_that_is_never_taken_is_asked_for_only_once_more(client: WeChatClient, wechat: WeChat) -> None:
    wechat.spoilt = lambda path: {"errcode": 42001, "errmsg": "expired"} if path == "draft/add" else None
    with pytest.raises(WeChatRefusedError):
        client.add_draft({})
    assert wechat.calls == ["stable_token", "draft/add"] * 2


def test_while_wechat_is_busy_it_is_asked_again(client: WeChatClient, wechat: WeChat) -> None:
    busy = iter([{"errcode": -1, "errmsg": "system error"}] * (ATTEMPTS - 1))
    wechat.spoilt = lambda path: next(busy, None)
    assert client.upload_picture(PictureFile("甲", JPEG, "jpeg")) in wechat.pictures
    assert wechat.calls == ["stable_token"] * ATTEMPTS + ["media/uploadimg"]


@pytest.mark.parametrize(
    "answer",
    [
        (502, b"<html>bad gateway</html>"),
        (200, b""),
        (200, b"[]"),
        (200, b"\xff"),
        (200, {}),
        (200, {"access_token": 7}),
        (302, b""),
        ConnectionError,
    ],
    ids=repr,
)
def test_an_answer_that_is_none_is_an_error(client: WeChatClient, wechat: WeChat, answer: Any) -> None:
    wechat.spoilt = lambda path: answer
    with pytest.raises(UnreachableError, match="WeChat"):
        client.add_draft({})


def test_a_server_that_is_not_there_is_an_error() -> None:
    with (
        WeChatClient(Credentials(APPID, SECRET), "http://127.0.0.1:9/cgi-bin") as client,
        pytest.raises(UnreachableError, match="stable_token: WeChat cannot be reached"),
    ):
        client.add_draft({})


def test_what_was_uploaded_before_a_failure_is_not_uploaded_again(
    folder: Path, client: WeChatClient, wechat: WeChat
) -> None:
    wechat.spoilt = lambda path: {"errcode": 45009, "errmsg": "quota"} if path == "draft/add" else None
    with pytest.raises(WeChatRefusedError):
        send(folder, client)
    wechat.spoilt = lambda path: None
    wechat.calls.clear()
    assert send(folder, client).added
    assert wechat.calls == ["draft/add"]


# --- the command and its secrets --------------------------------------------------------------------------------


@pytest.fixture
def embedai(folder: Path, monkeypatch: pytest.MonkeyPatch, wechat: WeChat) -> Callable[..., int]:
    from embedai_nb.capture.fetch import Fetcher
    from embedai_nb.capture.response_cache import Response

    monkeypatch.setattr(Fetcher, "get", lambda self, url: Response(url, fetch(url)))
    monkeypatch.setenv("WECHAT_APPID", APPID)
    monkeypatch.setenv("WECHAT_SECRET", SECRET)
    return lambda *words: run(["--issues", str(folder), "wechat", *words])


def test_the_command_says_what_it_did(
    embedai: Callable[..., int], wechat: WeChat, capsys: pytest.CaptureFixture[str]
) -> None:
    assert embedai("2031-05-04") == 0
    assert embedai("2031-05-04") == 0
    out, err = capsys.readouterr()
    assert err == ""
    todo = "look at it and publish it at https://mp.weixin.qq.com"
    assert out.splitlines() == [
        f"2031-05-04 is in the draft box (pictures: 1); {todo}",
        f"2031-05-04 has been replaced in the draft box (pictures: 1); {todo}",
    ]
    assert len(wechat.drafts) == 1


def test_the_command_says_that_it_shortened_the_title(
    embedai: Callable[..., int], folder: Path, wechat: WeChat, capsys: pytest.CaptureFixture[str]
) -> None:
    longer = DRAFT.replace("[甲]", "[一二三四, 五六七八, 九十]")
    (folder / "drafts" / "2031-05-04.yaml").write_text(longer, encoding="utf-8")
    assert embedai("2031-05-04") == 0
    shortened = "嵌入式AI简报 (2031-05-04)：一二三四/五六七八"
    said = f"the title was shortened to 30 characters, --full-title sends more: {shortened}\n"
    assert capsys.readouterr().err == said
    assert embedai("2031-05-04", "--full-title") == 0
    assert capsys.readouterr().err == ""
    assert [draft["title"] for draft in wechat.drafts.values()] == [f"{shortened}/九十"]


@pytest.mark.parametrize("name", ["WECHAT_APPID", "WECHAT_SECRET"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_account_that_is_not_named_is_asked_for(
    embedai: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str | None,
) -> None:
    monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)
    assert embedai("2031-05-04") == 2
    assert capsys.readouterr().err.startswith(f"embedai: {name} is not in the environment; mp.weixin.qq.com shows it")


def test_no_secret_gets_anywhere(
    embedai: Callable[..., int],
    wechat: WeChat,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = f"bad appid={APPID} secret={SECRET} access_token={TOKEN}0"
    spoilers = [lambda path: None, lambda path: {"errcode": 12345, "errmsg": echo}, lambda path: ConnectionError]
    spoilers += [lambda path: (500, echo.encode()), lambda path: {"errcode": 40001, "errmsg": echo}]
    spoilers += [
        lambda path: {"errcode": 45009, "errmsg": echo} if path == "draft/get" else None,
        lambda path: ConnectionError if path == "draft/get" else None,
    ]
    for spoilt in spoilers:
        wechat.spoilt = spoilt  # type: ignore[assignment]
        embedai("2031-05-04")
    out, err = capsys.readouterr()
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert err.count("\n") == len(spoilers) - 1
    assert "***" in err
    assert "is in the draft box" in out
    assert len(caplog.records) > 0
    for text in (out, err, caplog.text, kept.decode(errors="replace"), "\n".join(map(repr, wechat.drafts.values()))):
        assert "CANARY" not in text


@pytest.mark.parametrize("secret", [SECRET, APPID, f"{TOKEN}0"])
@pytest.mark.parametrize("said", ["{} is not known", "no such account ({}), rid: 1", "it ends with {}", "{0}{0}"])
def test_a_secret_that_stands_alone_in_an_answer_is_masked(
    client: WeChatClient, wechat: WeChat, secret: str, said: str
) -> None:
    spoilt = {"errcode": 12345, "errmsg": said.format(secret)}
    wechat.spoilt = lambda path: spoilt if path == "draft/add" else None
    with pytest.raises(WeChatRefusedError) as caught:
        client.add_draft({})
    assert str(caught.value).startswith(f"draft: WeChat refuses: {said.format('***')} (code 12345)")


def test_no_secret_is_in_a_traceback(client: WeChatClient, wechat: WeChat) -> None:
    wechat.spoilt = lambda path: ConnectionError if path == "draft/add" else None
    with pytest.raises(EmbedAIError) as caught:
        client.add_draft({})
    assert "CANARY" not in "".join(traceback.format_exception(caught.value)) + repr(Credentials(APPID, SECRET))
    assert caught.value.__cause__ is None
