"""Real web servers on this machine that answer as other sites do, and a fetcher that takes them for these sites."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Thread
from typing import Any

from embedai_nb.capture import Fetcher, FetchLimits
from embedai_nb.capture.public_ip import is_public

from .conftest import DATA

CERTIFICATE = DATA / "capture" / "loopback.pem"
OUTSIDE = "127.0.0.2"
"""The address that the fetcher of the tests takes for a public one; all others are what they are."""
QUICK = FetchLimits(seconds=5, interval=0, intervals={})

Speaks = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers as the site that is asked for."""

    server: Any

    def do_GET(self) -> None:
        self._answer_for(f"{self.headers['Host'].rsplit(':', 1)[0]}{self.path}")

    def do_HEAD(self) -> None:
        """What is said to HEAD alone, else what is said to GET."""
        place = f"{self.headers['Host'].rsplit(':', 1)[0]}{self.path}"
        self._answer_for(f"HEAD {place}" if f"HEAD {place}" in self.server.sites.answers else place)

    def _answer_for(self, place: str) -> None:
        self.server.sites.asked.append((place, dict(self.headers)))
        answer = self.server.sites.answers.get(place, (404, {}, b""))
        if callable(answer):
            answer(self)
        else:
            self.answer(*answer)

    def answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def say(self, chunks: Iterator[bytes], headers: Mapping[str, str]) -> None:
        """Send a body whose length is not told, until the other side has enough."""
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for chunk in chunks:
                self.wfile.write(chunk)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the standard library
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def server_bind(self) -> None:
        """Bind without asking a name server what this machine is called."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is none of the test's business."""


class Sites:
    """Servers for http and https that stand for every site there is."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Mapping[str, str], bytes] | Speaks] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.names: dict[str, Callable[[], str]] = {}
        self.ports: dict[int, int] = {}

    def page(self, place: str, body: str | bytes = b"", *, status: int = 200, **headers: str) -> None:
        """Answer with this when asked for ``host/path``."""
        body = body.encode() if isinstance(body, str) else body
        self.answers[place] = (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)

    def places(self) -> list[str]:
        """What was asked for."""
        return [place for place, _ in self.asked]

    def resolve(self, host: str, port: int) -> list[tuple[str, int]]:
        """Every name is here, numeric addresses are what the system takes them for; no name server is asked."""
        host = host.rstrip(".")
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
            return [(str(place[0]), port) for *_, place in found]
        except (OSError, UnicodeError):
            if host == "localhost":
                return [("127.0.0.1", port), ("::1", port)]
            if ":" in host:
                return []
            address = self.names.get(host, lambda: OUTSIDE)()
            return [(address, self.ports.get(port, port))]

    def fetcher(self, limits: FetchLimits = QUICK, **options: Any) -> Fetcher:
        """A fetcher that takes these servers for the internet."""
        trust = ssl.create_default_context(cafile=str(CERTIFICATE))
        allowed = lambda address: address == OUTSIDE or is_public(address)  # noqa: E731
        return Fetcher(**{"allowed": allowed, "resolve": self.resolve, "limits": limits, "trust": trust} | options)


@contextmanager
def running() -> Iterator[Sites]:
    """The servers while they run."""
    sites = Sites()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    servers = {80: _Server((OUTSIDE, 0), Handler), 443: _Server((OUTSIDE, 0), Handler)}
    servers[443].socket = context.wrap_socket(servers[443].socket, server_side=True, do_handshake_on_connect=False)
    for port, server in servers.items():
        server.sites = sites
        sites.ports[port] = server.server_port
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield sites
    finally:
        for server in servers.values():
            server.shutdown()
            server.server_close()
