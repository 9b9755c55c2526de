"""Getting what strangers' links lead to, safely and politely; everything that reads from the network does it here."""

from __future__ import annotations

import logging
import os
import re
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache

import httpx

from embedai_nb import __version__
from embedai_nb.capture.addresses import is_public, system_addresses
from embedai_nb.capture.answers import Answer, Answers
from embedai_nb.capture.decoding import limited
from embedai_nb.capture.errors import FetchError, Why
from embedai_nb.capture.network import BROKEN, TOO_SLOW, Allowed, Deadline, Resolve, Transport

logger = logging.getLogger(__name__)

USER_AGENT = f"embedai-nb/{__version__} (newsletter editing tool; fetches a page when an editor pastes its link)"
BUSY = frozenset({429, 500, 502, 503, 504})
"""Statuses after which one may ask again."""
WHY_STATUS: Mapping[int, Why] = {404: "gone", 410: "gone", 429: "limited"}
TOKENS = {"api.github.com": "GITHUB_TOKEN"}
"""Hosts that are told a token, over https only, and the environment variable that holds it."""


@dataclass(frozen=True)
class FetchLimits:
    """How much of our patience a page gets, and how much of it we owe to others."""

    seconds: float = 15
    """For the whole: all redirects, all attempts, the last byte; waiting for one's turn not counted."""
    bytes: int = 5_000_000
    """Of the body, decoded."""
    redirects: int = 5
    attempts: int = 3
    interval: float = 1.0
    """Seconds between two requests to one host."""
    intervals: Mapping[str, float] = field(default_factory=lambda: {"export.arxiv.org": 3.0})
    """Hosts that ask for more: info.arxiv.org/help/api/tou.html."""


class Fetcher:
    """Fetches pages; may be used by several threads.

    Args:
        answers: where answers are kept; without it every page is asked for.
        allowed: says of a numeric address whether it may be connected to.
        resolve: from host and port to numeric addresses and ports.
        limits: see there.
        trust: the certificates that are believed; those of the system's bundle if absent.
        pause: how to wait.
    """

    def __init__(
        self,
        answers: Answers | None = None,
        *,
        allowed: Allowed = is_public,
        resolve: Resolve = system_addresses,
        limits: FetchLimits | None = None,
        trust: ssl.SSLContext | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._answers = answers
        self._allowed = allowed
        self._resolve = resolve
        self._limits = limits or FetchLimits()
        self._trust = trust
        self._pause = pause
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._free_at: dict[str, float] = {}

    def get(self, url: str) -> Answer:
        """What is at ``url``.

        Raises:
            FetchError: it cannot be had, for whatever reason; nothing else is ever raised.
        """
        if self._answers and (kept := self._answers.get(url)):
            logger.info("%s: cached", url)
            return kept
        answer = self._followed(url)
        if self._answers:
            self._answers.keep(url, answer)
        return answer

    def reach(self, url: str) -> str:
        """Where ``url`` leads in the end.  Asked is with HEAD, and where that is refused, with GET.

        Raises:
            FetchError: nowhere; never from an answer kept on disk.
        """
        try:
            return self._followed(url, "HEAD").url
        except FetchError as error:
            if error.status is None:
                raise
        return self._followed(url).url

    def forget(self, url: str) -> None:
        """Ask again next time: the answer was of no use."""
        if self._answers:
            self._answers.forget(url)

    def _followed(self, url: str, method: str = "GET") -> Answer:
        """The answer behind all redirects; each of them is checked like the first address."""
        deadline, address = Deadline(self._limits.seconds), _address(url)
        for _ in range(self._limits.redirects + 1):
            reply = self._patiently(address, deadline, method)
            if reply.location is None:
                break
            address = _address(reply.location, address)
        else:
            raise FetchError("redirects", address.host)
        if reply.status != 200:
            raise FetchError(_why(reply), address.host, status=reply.status)
        return Answer(str(address), reply.body, reply.charset)

    def _patiently(self, address: httpx.URL, deadline: Deadline, method: str) -> _Reply:
        """The answer of one host, asked again while it is busy and there is time."""
        for attempt in range(1, self._limits.attempts + 1):
            with self._turn(address.host, deadline):
                began = time.monotonic()
                reply = self._once(address, deadline, method)
            took = time.monotonic() - began
            logger.info("%s %s: %d, %d bytes in %.2f s", method, address, reply.status, len(reply.body), took)
            wait = reply.retry_after if reply.retry_after is not None else 0.5 * 2**attempt
            if reply.status not in BUSY or attempt == self._limits.attempts or wait >= deadline.left():
                break
            self._pause(wait)
        return reply

    @contextmanager
    def _turn(self, host: str, deadline: Deadline) -> Iterator[None]:
        """One request at a time to each host, and a while between them."""
        came = time.monotonic()
        with self._locks[host]:
            if (early := self._free_at.get(host, 0) - time.monotonic()) > 0:
                self._pause(early)
            deadline.extend(time.monotonic() - came)
            try:
                yield
            finally:
                self._free_at[host] = time.monotonic() + self._limits.intervals.get(host, self._limits.interval)

    def _once(self, address: httpx.URL, deadline: Deadline, method: str) -> _Reply:
        transport = Transport(self._allowed, self._resolve, deadline, self._trust or _certificates())
        try:
            # Not through httpx.Client: it would keep cookies, and build requests out of redirects before we see them.
            with transport, closing(transport.handle_request(_request(address, method))) as response:
                return _reply(response, self._limits.bytes)
        except FetchError as error:
            raise FetchError(error.why, error.host or address.host, status=error.status) from None
        except TOO_SLOW as error:
            raise FetchError("timeout", address.host) from error
        except BROKEN as error:
            raise FetchError("unreachable", address.host) from error


@dataclass(frozen=True)
class _Reply:
    """One answer of one host."""

    status: int
    location: str | None
    retry_after: float | None
    limit_used_up: bool
    charset: str | None
    body: bytes


def _reply(response: httpx.Response, most: int) -> _Reply:
    headers = response.headers
    wanted = response.status_code == 200
    return _Reply(
        status=response.status_code,
        location=headers["location"] if response.has_redirect_location else None,
        retry_after=_retry_after(headers.get("retry-after", "")),
        limit_used_up=headers.get("x-ratelimit-remaining") == "0",
        charset=response.charset_encoding,
        body=limited(response.iter_raw(), headers.get("content-encoding", ""), most) if wanted else b"",
    )


def _why(reply: _Reply) -> Why:
    """GitHub says 403 when it was asked too often (docs.github.com: rate limits for the REST API)."""
    return "limited" if reply.status == 403 and reply.limit_used_up else WHY_STATUS.get(reply.status, "status")


def _retry_after(text: str) -> float | None:
    """Seconds, given as such or as a date (RFC 9110, 10.2.3)."""
    if re.fullmatch(r"[0-9]{1,6}", text.strip()):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
        return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):
        return None


def _address(url: str, base: httpx.URL | None = None) -> httpx.URL:
    """The address, if it can be one of a page; where it leads is checked when connecting."""
    try:
        address = base.join(url) if base else httpx.URL(url)
        usable = address.scheme in {"http", "https"} and address.host and not address.userinfo
        usable = usable and (address.port or 0) < 2**16
    except (httpx.InvalidURL, ValueError, TypeError):
        raise FetchError("address") from None
    if not usable:
        raise FetchError("address", address.host)
    return address.copy_with(fragment=None)


def _request(address: httpx.URL, method: str) -> httpx.Request:
    headers = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip", "Accept-Language": "zh-CN,zh,en"}
    token = os.environ.get(TOKENS.get(address.host, ""), "").strip()
    # A token that is none would be quoted in the error of the HTTP library, so it is not even tried.
    if address.scheme == "https" and re.fullmatch(r"[!-~]+", token):
        headers["Authorization"] = f"Bearer {token}"
    return httpx.Request(method, address, headers=headers)


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
