"""Fetch pages at untrusted URLs: deadline, size limit, retries, rate limit per host; the only module that reads the web."""

from __future__ import annotations

import logging
import math
import os
import re
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache

import httpx

from embedai_nb import __version__
from embedai_nb.capture.decoding import read_limited
from embedai_nb.capture.errors import FailureReason, FetchError
from embedai_nb.capture.network import CONNECTION_ERRORS, TIMEOUTS, Allowed, Deadline, Resolve, Transport
from embedai_nb.capture.public_ip import is_public, resolve_host
from embedai_nb.capture.response_cache import Response, ResponseCache

logger = logging.getLogger(__name__)

USER_AGENT = f"embedai-nb/{__version__} (newsletter editing tool; fetches a page when an editor pastes its link)"
RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})
"""Statuses after which a request is repeated."""
STATUS_REASONS: Mapping[int, FailureReason] = {404: "gone", 410: "gone", 429: "limited"}
HTML = frozenset({"text/html", "application/xhtml+xml"})
HEAD_SHARE = 1 / 3
"""Share of its time after which a HEAD request that hangs is given up, and GET is tried."""
TOKENS = {"api.github.com": "GITHUB_TOKEN"}
"""Hosts that get a token, over https only, and the environment variable that holds it."""


@dataclass(frozen=True)
class FetchLimits:
    """Limits of a fetch: time, size, redirects, retries, requests per host."""

    seconds: float = 15
    """In total: all redirects, all attempts, up to the last byte; without waiting for the rate limit."""
    bytes: int = 5_000_000
    """Of the decompressed body."""
    redirects: int = 5
    link_redirects: int = 20
    """Of a link that is only checked: as many as browsers follow."""
    cookies: int = 8192
    """Bytes of cookies that are sent back."""
    attempts: int = 3
    interval: float = 1.0
    """Seconds between two requests to one host."""
    intervals: Mapping[str, float] = field(default_factory=lambda: {"export.arxiv.org": 3.0})
    """Hosts that ask for longer ones: info.arxiv.org/help/api/tou.html."""


class Fetcher:
    """Fetch pages; thread-safe.

    Args:
        cache: of responses; if absent, every page is requested.
        allowed: whether a numeric address may be connected to.
        resolve: from host and port to numeric addresses and ports.
        limits: of a fetch.
        trust: trusted certificates; those of the system's bundle if absent.
        pause: waits for a number of seconds.
    """

    def __init__(
        self,
        cache: ResponseCache | None = None,
        *,
        allowed: Allowed = is_public,
        resolve: Resolve = resolve_host,
        limits: FetchLimits | None = None,
        trust: ssl.SSLContext | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._cache = cache
        self._allowed = allowed
        self._resolve = resolve
        self._limits = limits or FetchLimits()
        self._trust = trust
        self._pause = pause
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._next_request: dict[str, float] = {}

    def get(self, url: str) -> Response:
        """Fetch ``url``, from the cache if it is fresh there.

        Raises:
            FetchError: it cannot be fetched, for whatever reason; nothing else is ever raised.
        """
        if self._cache and (cached := self._cache.get(url)):
            logger.info("%s: cached", url)
            return cached
        look, response = self._follow(url, self._visit)
        if self._cache and look.status == 200:
            self._cache.put(url, response)
        return response

    def revalidated(self, url: str) -> Response:
        """Fetch ``url`` as it is now; the cached response where its host says that it hasn't changed.

        Raises:
            FetchError: as `get`.
        """
        cached = self._cache.get(url, fresh_seconds=math.inf) if self._cache else None
        look, response = self._follow(url, replace(self._visit, cached=cached))
        if self._cache and look.status in {200, 304}:
            self._cache.put(url, response)
        return response

    def look(self, url: str) -> Look:
        """See whether there is a page, from headers alone: of HEAD, or of GET where that fails; never from the cache.

        Raises:
            FetchError: there is none.
        """
        visit = _Visit(self._limits.seconds * HEAD_SHARE, self._limits.link_redirects, attempts=1, body=False)
        try:
            return self._follow(url, visit, "HEAD")[0]
        except FetchError as error:
            if error.reason in ("forbidden", "address"):
                raise
        left = self._limits.seconds * (1 - HEAD_SHARE)
        return self._follow(url, replace(visit, seconds=left, attempts=self._limits.attempts))[0]

    def current(self, url: str) -> Response:
        """Fetch a page as it is now, as a link is checked: with more redirects, and never from the cache.

        Raises:
            FetchError: it cannot be fetched.
        """
        return self._follow(url, replace(self._visit, redirects=self._limits.link_redirects))[1]

    def forget(self, url: str) -> None:
        """Drop a useless response from the cache."""
        if self._cache:
            self._cache.delete(url)

    @property
    def _visit(self) -> _Visit:
        return _Visit(self._limits.seconds, self._limits.redirects, self._limits.attempts)

    def _follow(self, url: str, visit: _Visit, method: str = "GET") -> tuple[Look, Response]:
        """Follow redirects; each URL is checked like the first one."""
        deadline, address = Deadline(visit.seconds), _address(url)
        for _ in range(visit.redirects + 1):
            reply = self._retry(address, deadline, method, visit)
            if reply.location is None:
                break
            address = _address(reply.location, address)
        else:
            raise FetchError("redirects", address.host)
        look = Look(str(address), reply.status, reply.html)
        if visit.cached and reply.status == 304:
            return look, visit.cached
        if reply.status // 100 != 2:
            raise FetchError(_reason(reply), address.host, status=reply.status, retry_after=reply.retry_after)
        return look, Response(str(address), reply.body, reply.charset, reply.etag, reply.last_modified)

    def _retry(self, address: httpx.URL, deadline: Deadline, method: str, visit: _Visit) -> _Reply:
        """Request one URL, with retries while its host is busy and there is time."""
        for attempt in range(1, visit.attempts + 1):
            with self._rate_limit(address.host, deadline):
                began = time.monotonic()
                reply = self._request(address, deadline, method, visit)
            took = time.monotonic() - began
            logger.info("%s %s: %d, %d bytes in %.2f s", method, address, reply.status, len(reply.body), took)
            wait = reply.retry_after if reply.retry_after is not None else 0.5 * 2**attempt
            if reply.status not in RETRIED_STATUSES or attempt == visit.attempts or wait >= deadline.left():
                break
            self._pause(wait)
        return reply

    @contextmanager
    def _rate_limit(self, host: str, deadline: Deadline) -> Iterator[None]:
        """One request at a time to each host, with an interval between them."""
        came = time.monotonic()
        with self._locks[host]:
            if (early := self._next_request.get(host, 0) - time.monotonic()) > 0:
                self._pause(early)
            deadline.extend(time.monotonic() - came)
            try:
                yield
            finally:
                self._next_request[host] = time.monotonic() + self._limits.intervals.get(host, self._limits.interval)

    def _request(self, address: httpx.URL, deadline: Deadline, method: str, visit: _Visit) -> _Reply:
        transport = Transport(self._allowed, self._resolve, deadline, self._trust or _certificates())
        try:
            # Not by httpx.Client: it would build requests from redirects before we check them.
            request = _http_request(address, method, visit.cached)
            visit.cookies.set_cookie_header(request)
            if len(request.headers.get("cookie", "")) > self._limits.cookies:
                del request.headers["cookie"]
            with transport, closing(transport.handle_request(request)) as response:
                response.request = request
                visit.cookies.extract_cookies(response)
                return _reply(response, self._limits.bytes if visit.body else None)
        except FetchError as error:
            raise FetchError(error.reason, error.host or address.host, status=error.status) from None
        except TIMEOUTS as error:
            raise FetchError("timeout", address.host) from error
        except CONNECTION_ERRORS as error:
            raise FetchError("unreachable", address.host) from error


@dataclass(frozen=True)
class Look:
    """What the headers of a page say."""

    url: str
    """The final URL, after all redirects."""
    status: int
    html: bool


@dataclass(frozen=True)
class _Visit:
    """How one page is requested; its cookies last as long, since some sites send a client around until it has them."""

    seconds: float
    redirects: int
    attempts: int
    body: bool = True
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    cached: Response | None = None
    """The response to an earlier request, which stands if it hasn't changed."""


@dataclass(frozen=True)
class _Reply:
    """One response, before redirects are followed."""

    status: int
    location: str | None
    retry_after: float | None
    rate_limited: bool
    charset: str | None
    html: bool
    body: bytes
    etag: str
    last_modified: str


def _reply(response: httpx.Response, most: int | None) -> _Reply:
    """Read a response, its body up to ``most`` bytes where there is a page; without it if that is None."""
    headers = response.headers
    encoding = headers.get("content-encoding", "")
    wanted = response.status_code // 100 == 2
    return _Reply(
        status=response.status_code,
        location=headers["location"] if response.has_redirect_location else None,
        retry_after=_retry_after(headers.get("retry-after", "")),
        rate_limited=headers.get("x-ratelimit-remaining") == "0",
        charset=response.charset_encoding,
        html=headers.get("content-type", "").partition(";")[0].strip().lower() in HTML,
        body=read_limited(response.iter_raw(), encoding, most) if wanted and most is not None else b"",
        etag=headers.get("etag", ""),
        last_modified=headers.get("last-modified", ""),
    )


def _reason(reply: _Reply) -> FailureReason:
    """Why a request failed; GitHub answers 403 when its rate limit is exceeded (docs.github.com: REST API)."""
    return "limited" if reply.status == 403 and reply.rate_limited else STATUS_REASONS.get(reply.status, "status")


def _retry_after(text: str) -> float | None:
    """Seconds to wait, from a number or a date (RFC 9110, 10.2.3)."""
    if re.fullmatch(r"[0-9]{1,6}", text.strip()):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
        return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):
        return None


def _address(url: str, base: httpx.URL | None = None) -> httpx.URL:
    """Parse the URL of a page; its host is checked when connecting."""
    try:
        address = base.join(url) if base else httpx.URL(url)
        usable = address.scheme in {"http", "https"} and address.host and not address.userinfo
        usable = usable and (address.port or 0) < 2**16
    except (httpx.InvalidURL, ValueError, TypeError):
        raise FetchError("address") from None
    if not usable:
        raise FetchError("address", address.host)
    return address.copy_with(fragment=None)


def _http_request(address: httpx.URL, method: str, cached: Response | None = None) -> httpx.Request:
    headers = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip", "Accept-Language": "zh-CN,zh,en"}
    validators = {"If-None-Match": cached.etag, "If-Modified-Since": cached.last_modified} if cached else {}
    # Only to the address that gave them, and nothing that a header cannot hold.
    if cached and cached.url == str(address):
        headers |= {name: value for name, value in validators.items() if re.fullmatch(r"[ -~]{1,1000}", value)}
    token = os.environ.get(TOKENS.get(address.host, ""), "").strip()
    # A malformed token isn't sent: the error of the HTTP library would quote it.
    if address.scheme == "https" and re.fullmatch(r"[!-~]+", token):
        headers["Authorization"] = f"Bearer {token}"
    return httpx.Request(method, address, headers=headers)


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
