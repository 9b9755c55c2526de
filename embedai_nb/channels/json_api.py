"""Client of a JSON API over HTTP with a token, whose errors show neither token nor request."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import httpx

from embedai_nb.channels.errors import ServiceError, masked
from embedai_nb.i18n import _
from embedai_nb.text.parse_json import parse_json

__all__ = ["JsonApi"]

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 30.0
SHOWN = 200
"""Characters of an answer that are shown."""


class JsonApi:
    """The API of one account.

    Args:
        name: of the service, for error messages.
        base: what all addresses begin with.
        headers: of all requests, the token among them.
        secrets: what must not be shown.
        token_variable: the environment variable to look at when the token is refused.
    """

    def __init__(
        self, name: str, base: str, headers: Mapping[str, str], secrets: tuple[str, ...], token_variable: str
    ) -> None:
        self._name = name
        self._secrets = secrets
        self._token_variable = token_variable
        # A redirect could lead the token elsewhere, and so could a proxy of the environment.
        self._client = httpx.Client(
            base_url=base, headers=dict(headers), timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False
        )

    def close(self) -> None:
        """End its connections."""
        self._client.close()

    def get(self, path: str, *, absent: frozenset[int]) -> dict[str, Any] | None:
        """Get an object; None if the status is one of ``absent``.

        Raises:
            ServiceError: the service refuses, or does not answer.
        """
        response = self._request("GET", path, None)
        return None if response.status_code in absent else self._answer(response, path)

    def send(self, method: str, path: str, content: Mapping[str, object]) -> dict[str, Any]:
        """Send an object; returns the answer.  Raises as `get`."""
        return self._answer(self._request(method, path, content), path)

    def _request(self, method: str, path: str, content: Mapping[str, object] | None) -> httpx.Response:
        logger.info("asking %s: %s %s", self._name, method, path)
        try:
            return self._client.request(method, path, json=content)
        except httpx.HTTPError as error:
            problem = _("{service} cannot be reached ({reason})", service=self._name, reason=type(error).__name__)
            raise ServiceError(problem, field=path, remedy=_("see whether the network works")) from None

    def _answer(self, response: httpx.Response, path: str) -> dict[str, Any]:
        if not response.is_success:
            raise self._refusal(response, path)
        try:
            answer = parse_json(response.content)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise self._unreadable(path)
        return answer

    def _unreadable(self, path: str) -> ServiceError:
        problem = _("{service} answers something that is not understood", service=self._name)
        return ServiceError(problem, field=path, remedy=_("try again later"))

    def _refusal(self, response: httpx.Response, path: str) -> ServiceError:
        status, said = response.status_code, self._said(response)
        problem = _("{service} refuses: {answer}", service=self._name, answer=f"{status} {said}".strip())
        if status in (401, 403):
            remedy = _("copy the token anew into {name}, and see what it may do", name=self._token_variable)
        elif status == 429 or status >= 500:
            remedy = _("try again later")
        elif 300 <= status < 400:
            remedy = _("see whether the address is right")
        else:
            remedy = _("look at the message there, or report it: this program sent something wrong")
        return ServiceError(problem, field=path, remedy=remedy)

    def _said(self, response: httpx.Response) -> str:
        """The message in an answer, without secrets: ``detail`` or ``message``, whichever is a text."""
        try:
            answer = parse_json(response.content)
        except ValueError:
            return ""
        known = [answer.get(name) for name in ("detail", "message")] if isinstance(answer, dict) else []
        return masked(next((each for each in known if isinstance(each, str)), ""), *self._secrets)[:SHOWN]

    def text(self, answer: Mapping[str, Any], name: str, path: str) -> str:
        """A text or number of an answer; a ServiceError if it has none."""
        value = answer.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self._unreadable(path)
        return str(value)
