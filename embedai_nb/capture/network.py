"""httpx transport with an overall deadline and an allow-list of addresses: protection against SSRF and DNS rebinding.

The address is checked after the name is resolved, and the connection goes to the very address that was checked: the
name is resolved once.  The name stays in the ``Host`` header and in the TLS handshake, so certificates are verified
against it.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpcore
import httpx

from embedai_nb.capture.errors import FetchError

Allowed = Callable[[str], bool]
Resolve = Callable[[str, int], list[tuple[str, int]]]


class Deadline:
    """The time by which a page has to be complete."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def extend(self, seconds: float) -> None:
        """Postpone the deadline, by the time that we waited of our own accord."""
        self._end += seconds

    def left(self) -> float:
        """Seconds left; raises FetchError if there are none."""
        if (left := self._end - time.monotonic()) <= 0:
            raise FetchError("timeout")
        return left


class _DeadlineStream(httpcore.NetworkStream):
    """A connection whose every operation times out at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline rules
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        return _DeadlineStream(
            self._stream.start_tls(ssl_context, server_hostname, self._deadline.left()), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Resolve the host, check its addresses, connect to one of them."""

    def __init__(self, allowed: Allowed, resolve: Resolve, deadline: Deadline) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        found = _resolved(self._resolve, host, port, self._deadline)
        checked = list(dict.fromkeys(place for place in found if self._allowed(place[0])))
        if not checked:
            raise FetchError("forbidden" if found else "unreachable", host)
        for left, (address, number) in zip(range(len(checked), 0, -1), checked, strict=True):
            try:
                patience = self._deadline.left() / left
                stream = self._sockets.connect_tcp(address, number, patience, local_address, socket_options)
                return _DeadlineStream(stream, self._deadline)
            except (httpcore.NetworkError, httpcore.TimeoutException):
                continue
        raise FetchError("unreachable", host)


def _resolved(resolve: Resolve, host: str, port: int, deadline: Deadline) -> list[tuple[str, int]]:
    """Resolve a host until the deadline, in a thread: ``getaddrinfo`` itself has no timeout."""
    answers: list[list[tuple[str, int]]] = []

    def ask() -> None:
        try:
            answers.append(resolve(host, port))
        except (OSError, UnicodeError, ValueError):  # no such name, or nothing that could be one
            answers.append([])

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(deadline.left())
    if not answers:
        raise FetchError("timeout", host)
    return answers[0]


class _ResponseBody(httpx.SyncByteStream):
    """The body of a response as a stream of raw bytes."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class Transport(httpx.BaseTransport):
    """Send each request over a new, checked connection; use no proxy, as it would resolve names itself."""

    def __init__(self, allowed: Allowed, resolve: Resolve, deadline: Deadline, trust: ssl.SSLContext) -> None:
        backend = _Backend(allowed, resolve, deadline)
        self._pool = httpcore.ConnectionPool(trust, max_keepalive_connections=0, network_backend=backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request (httpx.BaseTransport)."""
        url = request.url
        response = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
            )
        )
        return httpx.Response(response.status, headers=response.headers, stream=_ResponseBody(response))

    def close(self) -> None:
        """Close the connection pool."""
        self._pool.close()


TIMEOUTS = (httpcore.TimeoutException, httpx.TimeoutException)
"""Raised by a connection at the deadline."""

CONNECTION_ERRORS = (
    httpx.HTTPError,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    OSError,
    UnicodeError,
)
"""Everything else that a connection may raise."""
