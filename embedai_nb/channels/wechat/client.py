"""Client of WeChat's HTTP API, only for what a draft needs: nothing here can publish."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import httpx

from embedai_nb.channels.wechat.errors import CONSOLE, SETTINGS, UnreachableError, WeChatRefusedError
from embedai_nb.errors import UsageError
from embedai_nb.i18n import _
from embedai_nb.text.parse_json import parse_json

__all__ = ["API", "UNKNOWN_MEDIA", "Credentials", "PictureFile", "WeChatClient"]

API = "https://api.weixin.qq.com/cgi-bin"
"""Base URL of WeChat's API."""
TIMEOUT_SECONDS = 30.0
BUSY = -1
UNKNOWN_MEDIA = 40007
ATTEMPTS = 3
"""How often a call is tried while WeChat is busy."""
TOKEN_ERRORS = frozenset({40001, 40014, 42001, 42007})
"""Error codes after which a call is repeated with a new token."""
MASK = "***"
SECRET = re.compile(r"(?<=appid=|ecret=|token=)[^&\s]+")


@dataclass(frozen=True)
class Credentials:
    """AppID and AppSecret of an account; its repr shows neither."""

    appid: str = field(repr=False)
    secret: str = field(repr=False)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Credentials:
        """Read the credentials from environment variables.

        Raises:
            UsageError: one of them is not set.
        """
        values = [environment.get(name, "").strip() for name in ("WECHAT_APPID", "WECHAT_SECRET")]
        for name, value in zip(("WECHAT_APPID", "WECHAT_SECRET"), values, strict=True):
            if not value:
                raise UsageError(
                    _("{name} is not in the environment", name=name),
                    remedy=_(
                        "{console} shows it under {settings}; it is never written to a file",
                        console=CONSOLE,
                        settings=SETTINGS,
                    ),
                )
        return cls(*values)


class PictureFile(NamedTuple):
    """A picture to upload."""

    name: str
    """For error messages."""
    data: bytes
    format: str
    """``jpeg`` or ``png``."""

    @property
    def form(self) -> dict[str, tuple[str, bytes, str]]:
        """The multipart form field."""
        return {"media": (f"picture.{self.format}", self.data, f"image/{self.format}")}


class WeChatClient:
    """API client of one account.

    Args:
        credentials: of the account.
        api: base URL of all calls.
        pause: waits for a number of seconds.
    """

    def __init__(self, credentials: Credentials, api: str, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._credentials = credentials
        self._api = api
        self._pause = pause
        self._token = ""
        # Not httpx.Client: it logs the URL of each request, and the URL holds the token.
        self._transport = httpx.HTTPTransport(trust_env=False)

    @property
    def account(self) -> str:
        """The AppID."""
        return self._credentials.appid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._transport.close()

    # --- drafts and pictures --------------------------------------------------------------------------------------

    def upload_picture(self, file: PictureFile) -> str:
        """Upload a picture of the text; returns its URL."""
        answer = self._call("media/uploadimg", file.name, files=file.form)
        return _text(answer, "url")

    def upload_cover(self, file: PictureFile) -> str:
        """Upload a cover; returns its media id."""
        answer = self._call("material/add_material", file.name, {"type": "image"}, files=file.form)
        return _text(answer, "media_id")

    def add_draft(self, article: Mapping[str, object]) -> str:
        """Add a draft; returns its media id."""
        answer = self._call("draft/add", "draft", content=_json({"articles": [article]}))
        return _text(answer, "media_id")

    def has_draft(self, media_id: str) -> bool:
        """Whether a draft is still in the draft box, neither published nor deleted."""
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
        """Call the API; once more with a new token if the old one is rejected."""
        self._token = self._token or self._new_token()
        try:
            return self._retry(path, what, {**(query or {}), "access_token": self._token}, **body)
        except WeChatRefusedError as error:
            if error.code not in TOKEN_ERRORS:
                raise
        self._token = self._new_token(force=True)
        return self._retry(path, what, {**(query or {}), "access_token": self._token}, **body)

    def _new_token(self, *, force: bool = False) -> str:
        """Get an access token, valid for two hours; WeChat returns the same one until then unless forced."""
        request = {
            "grant_type": "client_credential",
            "appid": self._credentials.appid,
            "secret": self._credentials.secret,
            "force_refresh": force,
        }
        return _text(self._retry("stable_token", "token", {}, content=_json(request)), "access_token")

    def _retry(self, path: str, what: str, query: Mapping[str, str], **body: Any) -> dict[str, Any]:
        """Call the API, with retries while WeChat is busy."""
        for attempt in range(1, ATTEMPTS + 1):
            answer = self._post(path, query, **body)
            code = answer.get("errcode", 0)
            if not code:
                return answer
            if code != BUSY or attempt == ATTEMPTS:
                break
            self._pause(attempt)
        raise WeChatRefusedError(code, self._mask_secrets(str(answer.get("errmsg", ""))), what)

    def _post(self, path: str, query: Mapping[str, str], **body: Any) -> dict[str, Any]:
        """Send one request; errors name neither its URL nor its body, as both hold secrets."""
        timeout = {"timeout": httpx.Timeout(TIMEOUT_SECONDS).as_dict()}
        request = httpx.Request("POST", f"{self._api}/{path}", params=query, extensions=timeout, **body)
        try:
            response = self._transport.handle_request(request)
            status, text = response.status_code, response.read()
            response.close()
        except httpx.HTTPError as error:
            raise UnreachableError(
                _("WeChat cannot be reached ({kind})", kind=type(error).__name__),
                field=path,
                remedy=_("see whether the network works"),
            ) from None
        try:
            answer = parse_json(text)
        except ValueError:
            answer = None
        if status != 200 or not isinstance(answer, dict):
            raise UnreachableError(
                _("WeChat's answer is none (status {status})", status=status), field=path, remedy=_("try again later")
            )
        return answer

    def _mask_secrets(self, text: str) -> str:
        """Mask the account's own secrets wherever they stand, and whatever else looks like one."""
        for secret in (self._credentials.secret, self._credentials.appid, self._token):
            text = text.replace(secret, MASK) if secret else text
        return SECRET.sub(MASK, text)


def _text(answer: Mapping[str, Any], name: str) -> str:
    if not isinstance(answer.get(name), str):
        raise UnreachableError(_("WeChat's answer lacks {name}", name=name), remedy=_("try again later"))
    return str(answer[name])


def _json(value: object) -> bytes:
    """JSON in UTF-8 without escapes, which WeChat would show literally."""
    return json.dumps(value, ensure_ascii=False).encode()
