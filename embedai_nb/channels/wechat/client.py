"""WeChat's API, as much of it as a draft needs; there is no way here to publish anything."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import httpx

from embedai_nb.channels.wechat.errors import UnreachableError, WeChatRefusedError
from embedai_nb.errors import UsageError

__all__ = ["API", "UNKNOWN_MEDIA", "Client", "Credentials", "File"]

API = "https://api.weixin.qq.com/cgi-bin"
"""Where the real one is."""
SECONDS = 30.0
BUSY = -1
UNKNOWN_MEDIA = 40007
ATTEMPTS = 3
"""How often a call is made while WeChat is busy."""
STALE = frozenset({40001, 40014, 42001, 42007})
"""Codes after which a new token may help."""
HIDDEN = "***"
SECRET = re.compile(r"(?<=appid=|ecret=|token=)[^&\s]+")


@dataclass(frozen=True)
class Credentials:
    """An account; the secret shows nowhere, not even in a traceback."""

    appid: str = field(repr=False)
    secret: str = field(repr=False)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Credentials:
        """The account that the environment names.

        Raises:
            UsageError: it names none.
        """
        values = [environment.get(name, "").strip() for name in ("WECHAT_APPID", "WECHAT_SECRET")]
        for name, value in zip(("WECHAT_APPID", "WECHAT_SECRET"), values, strict=True):
            if not value:
                raise UsageError(
                    f"{name} is not in the environment",
                    remedy="mp.weixin.qq.com shows it under 设置与开发 → 基本配置; it is never written to a file",
                )
        return cls(*values)


class File(NamedTuple):
    """A picture to be uploaded."""

    what: str
    """As a person would say it."""
    data: bytes
    kind: str
    """``jpeg`` or ``png``."""

    @property
    def form(self) -> dict[str, tuple[str, bytes, str]]:
        """As the API takes it."""
        return {"media": (f"picture.{self.kind}", self.data, f"image/{self.kind}")}


class Client:
    """Calls on behalf of one account.

    Args:
        credentials: the account.
        api: the address under which all calls lie.
        pause: how to wait.
    """

    def __init__(self, credentials: Credentials, api: str, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._credentials = credentials
        self._api = api
        self._pause = pause
        self._token = ""
        # Not httpx.Client: it logs the address of each request, and the address holds the token.
        self._transport = httpx.HTTPTransport(trust_env=False)

    @property
    def account(self) -> str:
        """The account's id."""
        return self._credentials.appid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._transport.close()

    # --- what a draft needs ---------------------------------------------------------------------------------------

    def upload_picture(self, file: File) -> str:
        """Upload a picture of the text; where it lies then."""
        answer = self._call("media/uploadimg", file.what, files=file.form)
        return _text(answer, "url")

    def upload_cover(self, file: File) -> str:
        """Upload a cover; its media id."""
        answer = self._call("material/add_material", file.what, {"type": "image"}, files=file.form)
        return _text(answer, "media_id")

    def add_draft(self, article: Mapping[str, object]) -> str:
        """Put a new draft into the box; its media id."""
        answer = self._call("draft/add", "draft", content=_json({"articles": [article]}))
        return _text(answer, "media_id")

    def has_draft(self, media_id: str) -> bool:
        """Whether the draft is still in the box: it leaves it when it is published or deleted."""
        try:
            self._call("draft/get", "draft", content=_json({"media_id": media_id}))
        except WeChatRefusedError as error:
            if error.code != UNKNOWN_MEDIA:
                raise
            return False
        return True

    def update_draft(self, media_id: str, article: Mapping[str, object]) -> None:
        """Replace the article of a draft."""
        self._call("draft/update", "draft", content=_json({"media_id": media_id, "index": 0, "articles": article}))

    # --- calls ----------------------------------------------------------------------------------------------------

    def _call(self, path: str, what: str, query: Mapping[str, str] | None = None, **body: Any) -> dict[str, Any]:
        """What WeChat answers; asked once more with a new token where the old one is not taken."""
        self._token = self._token or self._new_token()
        try:
            return self._asked(path, what, {**(query or {}), "access_token": self._token}, **body)
        except WeChatRefusedError as error:
            if error.code not in STALE:
                raise
        self._token = self._new_token(force=True)
        return self._asked(path, what, {**(query or {}), "access_token": self._token}, **body)

    def _new_token(self, *, force: bool = False) -> str:
        """A token for the next two hours; until then WeChat gives the same again, unless it is forced."""
        asked = {
            "grant_type": "client_credential",
            "appid": self._credentials.appid,
            "secret": self._credentials.secret,
            "force_refresh": force,
        }
        return _text(self._asked("stable_token", "token", {}, content=_json(asked)), "access_token")

    def _asked(self, path: str, what: str, query: Mapping[str, str], **body: Any) -> dict[str, Any]:
        """What WeChat answers, asked again while it is busy."""
        for attempt in range(1, ATTEMPTS + 1):
            answer = self._answer(path, query, **body)
            code = answer.get("errcode", 0)
            if not code:
                return answer
            if code != BUSY or attempt == ATTEMPTS:
                break
            self._pause(attempt)
        raise WeChatRefusedError(code, self._hiding(str(answer.get("errmsg", ""))), what)

    def _answer(self, path: str, query: Mapping[str, str], **body: Any) -> dict[str, Any]:
        """One request and its answer; an error tells neither its address nor its body, which hold secrets."""
        timeout = {"timeout": httpx.Timeout(SECONDS).as_dict()}
        request = httpx.Request("POST", f"{self._api}/{path}", params=query, extensions=timeout, **body)
        try:
            response = self._transport.handle_request(request)
            status, text = response.status_code, response.read()
            response.close()
        except httpx.HTTPError as error:
            raise UnreachableError(
                f"WeChat cannot be reached ({type(error).__name__})", field=path, remedy="see whether the network works"
            ) from None
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        if status != 200 or not isinstance(answer, dict):
            raise UnreachableError(f"WeChat's answer is none (status {status})", field=path, remedy="try again later")
        return answer

    def _hiding(self, text: str) -> str:
        for secret in (self._credentials.secret, self._credentials.appid, self._token):
            text = text.replace(secret, HIDDEN) if secret else text
        return SECRET.sub(HIDDEN, text)


def _text(answer: Mapping[str, Any], name: str) -> str:
    if not isinstance(answer.get(name), str):
        raise UnreachableError(f"WeChat's answer lacks {name}", remedy="try again later")
    return str(answer[name])


def _json(value: object) -> bytes:
    """JSON in UTF-8: WeChat takes an escape for the characters it is written with."""
    return json.dumps(value, ensure_ascii=False).encode()
