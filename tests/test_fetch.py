"""Fetching untrusted URLs: addresses, TLS, headers, limits, redirects, retries, cache, charsets."""

from __future__ import annotations

import ast
import gzip
import logging
import os
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest

from embedai_nb.capture import Fetcher, FetchError, FetchLimits, ResponseCache
from embedai_nb.capture.decoding import decode_page
from embedai_nb.capture.public_ip import is_public
from embedai_nb.capture.response_cache import FRESH_SECONDS

from .conftest import DATA, PROJECT
from .loopback import OUTSIDE, QUICK, Handler, Sites, running

PRIVATE = [
    line
    for line in (DATA / "capture" / "private-addresses.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.fixture
def sites() -> Iterator[Sites]:
    with running() as sites:
        yield sites


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Records the addresses that this process connects to."""
    made: list[Any] = []
    connect = socket.socket.connect

    def recorded(self: socket.socket, address: Any) -> None:
        made.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", recorded)
    return made


def why(fetcher: Fetcher, url: str) -> str:
    with pytest.raises(FetchError) as caught:
        fetcher.get(url)
    return caught.value.reason


# --- every system -----------------------------------------------------------------------------------------------

POSIX_ONLY = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
POSIX_ONLY |= {
    f"os.{name}" for name in ("fchmod", "fork", "getuid", "kill", "killpg", "mkfifo", "set_blocking", "setsid")
}
POSIX_ONLY |= {"signal.SIGALRM", "signal.alarm", "signal.pthread_sigmask", "socket.AF_UNIX", "socket.socketpair"}


@pytest.mark.parametrize("folder", ["capture", "channels"])
def test_nothing_that_only_posix_has_is_used_on_the_network(folder: str) -> None:
    paths = list((PROJECT / "embedai_nb" / folder).rglob("*.py"))
    assert paths
    for path in paths:
        used = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                used |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                used |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            elif isinstance(node, ast.Attribute):
                used.add(ast.unparse(node))
        assert not used & POSIX_ONLY, path


# --- addresses --------------------------------------------------------------------------------------------------


def test_there_are_a_hundred_spellings() -> None:
    assert len(set(PRIVATE)) >= 100


@pytest.mark.parametrize("host", PRIVATE)
def test_no_connection_to_a_private_address(host: str, sites: Sites, connections: list[Any]) -> None:
    for fetcher in (sites.fetcher(allowed=is_public), Fetcher(resolve=sites.resolve, limits=QUICK)):
        assert why(fetcher, f"http://{host}/") in {"forbidden", "address", "unreachable"}
        assert why(fetcher, f"https://{host}:8443/") in {"forbidden", "address", "unreachable"}
    assert connections == []


def test_no_connection_behind_a_redirect(sites: Sites, connections: list[Any]) -> None:
    fetcher = sites.fetcher()
    for number, host in enumerate(host for host in PRIVATE if host != OUTSIDE):
        sites.page(f"site.test/{number}", status=302, Location=f"http://{host}:{sites.ports[80]}/")
        assert why(fetcher, f"https://site.test/{number}") in {"forbidden", "address", "unreachable"}
    assert {address[0] for address in connections} == {OUTSIDE}


def test_no_connection_to_a_name_of_a_private_address(sites: Sites, connections: list[Any]) -> None:
    for host in PRIVATE:
        name = host.strip("[]").replace("%25", "%")
        found = socket.getaddrinfo(name, 80, type=socket.SOCK_STREAM) if name.isascii() and ":" in name else []
        for address in {str(place[0]) for *_, place in found}:
            sites.names["inside.test"] = lambda address=address: address
            assert why(sites.fetcher(), "http://inside.test/") == "forbidden"
    assert connections == []


def test_a_name_server_that_changes_its_answer_is_asked_once(sites: Sites, connections: list[Any]) -> None:
    answers = iter([OUTSIDE, "127.0.0.1", "127.0.0.1"])
    sites.names["site.test"] = lambda: next(answers)
    sites.page("site.test/", "hello")
    fetcher = sites.fetcher()
    assert fetcher.get("https://site.test/").text == "hello"
    assert why(fetcher, "https://site.test/") == "forbidden"
    assert [address[0] for address in connections] == [OUTSIDE]


def test_a_name_with_several_addresses_leads_to_the_public_ones(sites: Sites, connections: list[Any]) -> None:
    sites.page("site.test/", "hello")
    both = lambda host, port: [("10.0.0.1", port), *sites.resolve(host, port)]  # noqa: E731
    assert sites.fetcher(resolve=both).get("http://site.test/").text == "hello"
    assert [address[0] for address in connections] == [OUTSIDE]


def test_an_address_that_refuses_is_followed_by_the_next(sites: Sites, connections: list[Any]) -> None:
    sites.page("site.test/", "hello")
    both = lambda host, port: [("127.0.0.3", sites.ports[port]), *sites.resolve(host, port)]  # noqa: E731
    fetcher = sites.fetcher(resolve=both, allowed=lambda address: address in {"127.0.0.3", OUTSIDE})
    assert fetcher.get("http://site.test/").text == "hello"
    assert [address[0] for address in connections] == ["127.0.0.3", OUTSIDE]


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "100.63.255.255", "172.32.0.1", "2606:4700::1111", "2a00::1"]
)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://site.test/", "gopher://site.test/", "data:text/html,x", "javascript:alert(1)",
        "http://user@site.test/", "http://user:word@site.test/", "http://site.test@127.0.0.1/", "//site.test/", "/a", "",
        "http://", "http:///a", "http://[::1", "http://site.test:99999/", "http://site.test:x/", "http://a\x00b/", "h" * 70000,
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_page_is_refused(url: str, sites: Sites, connections: list[Any]) -> None:
    assert why(sites.fetcher(), url) == "address"
    sites.page("site.test/", status=301, Location=url)
    assert why(sites.fetcher(), "https://site.test/") in {"address", "redirects", "gone", "status", "unreachable"}
    assert {address[0] for address in connections} <= {OUTSIDE}


def test_a_name_that_nobody_knows(sites: Sites) -> None:
    nobody = lambda host, port: []  # noqa: E731
    assert why(sites.fetcher(resolve=nobody), "https://site.test/") == "unreachable"


def test_a_server_that_is_not_there(sites: Sites) -> None:
    free = socket.create_server((OUTSIDE, 0))
    port = free.getsockname()[1]
    free.close()
    assert why(sites.fetcher(), f"http://{OUTSIDE}:{port}/") == "unreachable"


# --- TLS and what is sent ---------------------------------------------------------------------------------------


def test_the_certificate_is_that_of_the_name(sites: Sites) -> None:
    sites.page("site.test/", "hello")
    assert sites.fetcher().get("https://site.test/").text == "hello"
    assert why(sites.fetcher(), "https://other.example/") == "unreachable"
    assert why(sites.fetcher(trust=None), "https://site.test/") == "unreachable"


def test_what_is_sent(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    sites.page("site.test/", "hello")
    sites.fetcher().get("https://site.test/#part")
    place, headers = sites.asked[0]
    assert place == "site.test/"
    assert headers["User-Agent"].startswith("embedai-nb/")
    assert not {"Cookie", "Authorization", "Referer"} & set(headers)


def test_a_token_goes_to_its_host_only_and_nowhere_else(
    sites: Sites, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "s3cret-token")
    caplog.set_level(logging.DEBUG)
    sites.page("api.github.com/a", status=302, Location="https://site.test/b")
    sites.page("site.test/b", "hello")
    sites.page("api.github.com/c", status=500)
    fetcher = sites.fetcher(cache=ResponseCache(tmp_path), limits=FetchLimits(attempts=1, interval=0))
    fetcher.get("https://api.github.com/a")
    with pytest.raises(FetchError) as caught:
        fetcher.get("https://api.github.com/c")
    assert [headers.get("Authorization") for _, headers in sites.asked] == [
        "Bearer s3cret-token", None, "Bearer s3cret-token",
    ]  # fmt: skip
    kept = b"".join(gzip.decompress(path.read_bytes()) for path in tmp_path.iterdir())
    everything = f"{caught.value} {caught.value!r} {vars(caught.value)} {vars(fetcher)} {kept!r} {caplog.text}"
    assert "s3cret" not in everything


def test_a_token_is_not_sent_without_encryption(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "s3cret-token")
    sites.page("api.github.com/a", "hello")
    assert sites.fetcher().get("http://api.github.com/a").text == "hello"
    assert "Authorization" not in sites.asked[0][1]


@pytest.mark.parametrize("token", ["s3cret\nX-Evil: 1", "s3cret wörd", ""])
def test_a_token_that_is_none_is_not_sent(token: str, sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", token)
    sites.page("api.github.com/a", "hello")
    assert sites.fetcher().get("https://api.github.com/a").text == "hello"
    assert "Authorization" not in sites.asked[0][1]


# --- sites that do not end --------------------------------------------------------------------------------------

SHORT = FetchLimits(seconds=0.4, interval=0)
SMALL = FetchLimits(seconds=5, bytes=100_000, interval=0)


def drop_by_drop() -> Iterator[bytes]:
    for _ in range(200):
        yield b"x"
        time.sleep(0.02)


def test_one_byte_now_and_then(sites: Sites) -> None:
    sites.answers["site.test/"] = lambda handler: handler.say(drop_by_drop(), {})
    started = time.monotonic()
    assert why(sites.fetcher(SHORT), "https://site.test/") == "timeout"
    assert time.monotonic() - started < 2


def test_one_header_now_and_then(sites: Sites) -> None:
    def headers(handler: Handler) -> None:
        for _ in drop_by_drop():
            handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    sites.answers["site.test/"] = headers
    assert why(sites.fetcher(SHORT), "http://site.test/") == "timeout"


def test_a_server_that_accepts_and_says_nothing(sites: Sites) -> None:
    with socket.create_server((OUTSIDE, 0)) as silent:
        for scheme in ("http", "https"):
            assert why(sites.fetcher(SHORT), f"{scheme}://{OUTSIDE}:{silent.getsockname()[1]}/") == "timeout"


def test_a_name_server_that_says_nothing(sites: Sites) -> None:
    ended = threading.Event()

    def silent(host: str, port: int) -> list[tuple[str, int]]:
        ended.wait()
        return []

    assert why(sites.fetcher(SHORT, resolve=silent), "https://site.test/") == "timeout"
    ended.set()


def test_an_endless_body(sites: Sites) -> None:
    sites.answers["site.test/"] = lambda handler: handler.say(repeat(b"x" * 10_000), {})
    assert why(sites.fetcher(SMALL), "https://site.test/") == "too-large"


def test_a_body_of_just_the_size_that_is_read(sites: Sites) -> None:
    for size, packed in ((100_000, False), (100_000, True), (100_001, False), (100_001, True)):
        body = b"x" * size
        if packed:
            sites.page("site.test/", gzip.compress(body), Content_Encoding="gzip")
        else:
            sites.page("site.test/", body)
        if size == 100_000:
            assert sites.fetcher(SMALL).get("https://site.test/").body == body
        else:
            assert why(sites.fetcher(SMALL), "https://site.test/") == "too-large"


def test_a_gzip_bomb(sites: Sites) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(200)) + packer.flush()
    sites.page("site.test/", bomb, Content_Encoding="gzip")
    assert why(sites.fetcher(), "https://site.test/") == "too-large"


def test_gzip_that_never_yields_anything(sites: Sites) -> None:
    nothing = repeat(b"\x00\x00\x00\xff\xff" * 1000)  # a stored block of length 0, RFC 1951
    blocks = chain([gzip.compress(b"")[:10]], nothing)
    sites.answers["site.test/"] = lambda handler: handler.say(blocks, {"Content-Encoding": "gzip"})
    assert why(sites.fetcher(SMALL), "http://site.test/") == "too-large"


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip", "x"])
def test_an_encoding_that_nobody_asked_for(encoding: str, sites: Sites) -> None:
    sites.page("site.test/", b"x", Content_Encoding=encoding)
    assert why(sites.fetcher(), "https://site.test/") == "unreadable"


def test_gzip_that_is_none(sites: Sites) -> None:
    sites.page("site.test/", b"hello", Content_Encoding="gzip")
    assert why(sites.fetcher(), "https://site.test/") == "unreadable"


def test_what_is_no_http(sites: Sites) -> None:
    sites.answers["site.test/"] = lambda handler: handler.wfile.write(b"SSH-2.0-x\r\n\r\n") and None
    assert why(sites.fetcher(), "http://site.test/") == "unreachable"


def test_a_body_shorter_than_promised(sites: Sites) -> None:
    sites.answers["site.test/"] = lambda handler: handler.say(iter([b"x"]), {"Content-Length": "10"})
    assert why(sites.fetcher(), "http://site.test/") == "unreachable"


# --- redirects --------------------------------------------------------------------------------------------------


def test_five_redirects_are_followed(sites: Sites) -> None:
    for n in range(5):
        sites.page(f"site.test/{n}", status=[301, 302, 303, 307, 308][n], Location=f"{n + 1}")
    sites.page("site.test/5", "hello")
    answer = sites.fetcher().get("https://site.test/0")
    assert (answer.text, answer.url) == ("hello", "https://site.test/5")


def test_six_and_loops_are_not(sites: Sites) -> None:
    for n in range(6):
        sites.page(f"site.test/{n}", status=302, Location=f"/{n + 1}")
    sites.page("site.test/loop", status=302, Location="/loop")
    assert why(sites.fetcher(), "https://site.test/0") == "redirects"
    assert why(sites.fetcher(), "https://site.test/loop") == "redirects"
    assert len(sites.asked) == 12


# --- statuses, patience, politeness -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, "gone"), (410, "gone"), (403, "status"), (401, "status"), (418, "status"), (304, "status")],
)
def test_statuses_that_are_final(status: int, expected: str, sites: Sites) -> None:
    sites.page("site.test/", "x" if status != 304 else "", status=status)
    assert why(sites.fetcher(), "https://site.test/") == expected
    assert len(sites.asked) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_site_is_asked_again(status: int, sites: Sites) -> None:
    def busy(handler: Handler) -> None:
        handler.answer(*((200, {}, b"hello") if len(sites.asked) == 3 else (status, {}, b"")))

    waits: list[float] = []
    sites.answers["site.test/"] = busy
    assert sites.fetcher(pause=waits.append).get("https://site.test/").text == "hello"
    assert waits == [1, 2]


def test_a_site_that_says_when_to_come_again(sites: Sites) -> None:
    waits: list[float] = []
    sites.page("site.test/a", status=429, Retry_After="3")
    assert why(sites.fetcher(pause=waits.append), "https://site.test/a") == "limited"
    assert waits == [3, 3]
    sites.page("site.test/b", status=503, Retry_After="Wed, 21 Oct 2099 07:28:00 GMT")
    assert why(sites.fetcher(pause=waits.append), "https://site.test/b") == "status"
    assert waits == [3, 3]
    assert sites.places() == ["site.test/a"] * 3 + ["site.test/b"]


@pytest.mark.parametrize("said", ["-1", "soon", "1e9", "٣", "Wed, 99 Oct 2099", "99999999999"])
def test_nonsense_about_when_to_come_again(said: str, sites: Sites) -> None:
    sites.answers["site.test/"] = lambda handler: handler.say(
        iter([]), {"Retry-After": said.encode().decode("latin-1")}
    )
    waits: list[float] = []
    sites.fetcher(pause=waits.append).get("http://site.test/")
    assert waits == []


def test_a_host_is_left_in_peace_between_two_requests(sites: Sites) -> None:
    for n in range(3):
        sites.page(f"site.test/{n}", "hello")
    sites.page("quiet.test/", "hello")
    waits: list[float] = []
    fetcher = sites.fetcher(FetchLimits(interval=60, intervals={"quiet.test": 600}), pause=waits.append)
    for url in (
        "https://site.test/0",
        "https://quiet.test/",
        "https://site.test/1",
        "https://quiet.test/",
        "http://site.test/2",
    ):
        fetcher.get(url)
    assert [round(wait, -1) for wait in waits] == [60, 600, 60]


def test_one_request_at_a_time_to_a_host(sites: Sites) -> None:
    at_once, most = [0], [0]

    def counting(handler: Handler) -> None:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        time.sleep(0.01)
        at_once[0] -= 1
        handler.answer(200, {}, b"")

    sites.answers["site.test/"] = counting
    fetcher = sites.fetcher()
    threads = [threading.Thread(target=fetcher.get, args=("https://site.test/",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(sites.asked), most[0]) == (6, 1)


# --- cache ------------------------------------------------------------------------------------------------------


def test_a_response_is_cached_until_it_is_forgotten(sites: Sites, tmp_path: Path) -> None:
    sites.page("site.test/", "芯片出货创新高".encode("gbk"), Content_Type="text/html; charset=gbk")
    for _ in range(2):
        assert sites.fetcher(cache=ResponseCache(tmp_path / "kept")).get("https://site.test/").text == "芯片出货创新高"
    assert len(sites.asked) == 1
    fetcher = sites.fetcher(cache=ResponseCache(tmp_path / "kept"))
    fetcher.forget("https://site.test/")
    fetcher.get("https://site.test/")
    assert len(sites.asked) == 2


def test_a_stale_response_is_fetched_again_and_deleted(sites: Sites, tmp_path: Path) -> None:
    def age() -> None:
        for path in tmp_path.iterdir():
            os.utime(path, (0, time.time() - FRESH_SECONDS - 60))

    sites.page("site.test/", "old")
    fetcher = sites.fetcher(cache=ResponseCache(tmp_path))
    fetcher.get("https://site.test/")
    age()
    sites.page("site.test/", "new")
    assert fetcher.get("https://site.test/").text == "new"
    assert fetcher.get("https://site.test/").text == "new"
    assert len(sites.asked) == 2
    age()
    sites.page("site.test/b", "other")
    fetcher.get("https://site.test/b")
    assert len(list(tmp_path.iterdir())) == 1


def test_failures_are_not_cached(sites: Sites, tmp_path: Path) -> None:
    fetcher = sites.fetcher(cache=ResponseCache(tmp_path))
    assert why(fetcher, "https://site.test/") == "gone"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damage", [b"", b"x", gzip.compress(b"{}\n", mtime=0), gzip.compress(b"x" * 1000, mtime=0)[:-9]]
)
def test_a_damaged_cache_file_is_a_miss(damage: bytes, sites: Sites, tmp_path: Path) -> None:
    sites.page("site.test/", "hello")
    sites.fetcher(cache=ResponseCache(tmp_path)).get("https://site.test/")
    next(tmp_path.iterdir()).write_bytes(damage)
    assert sites.fetcher(cache=ResponseCache(tmp_path)).get("https://site.test/").text == "hello"
    assert len(sites.asked) == 2


def test_a_cache_folder_that_cannot_be_written(sites: Sites, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    sites.page("site.test/", "hello")
    assert sites.fetcher(cache=ResponseCache(tmp_path / "file" / "kept")).get("https://site.test/").text == "hello"


# --- charsets ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said", "expected"),
    [
        ("芯片出货创新高".encode(), None, "芯片出货创新高"),
        ("芯片出货创新高".encode(), "gbk", "芯片出货创新高"),
        ("芯片出货创新高".encode("gbk"), None, "芯片出货创新高"),
        ("芯片出货创新高".encode("gbk"), "utf-8", "芯片出货创新高"),
        ('<meta charset="big5">晶片出貨創新高'.encode("big5"), None, '<meta charset="big5">晶片出貨創新高'),
        ('<meta charset="big5">晶片出貨創新高'.encode("big5"), "ISO-8859-1", '<meta charset="big5">晶片出貨創新高'),
        ("naïve".encode("latin-1"), "iso-8859-1", "naïve"),
        ("\ufeff芯片出货创新高".encode(), None, "芯片出货创新高"),
        ("芯片出货创新高".encode("utf-16"), "utf-16", "芯片出货创新高"),
        (b"x", "no-such-charset", "x"),
        (b"\xff\xfe\xfd", "hex", "\ufffd\ufffd\ufffd"),
        ("芯片出货创新高".encode("gbk") + b"\xff", "gb2312", "芯片出货创新高\ufffd"),
        (b"", None, ""),
    ],
)
def test_text_of_a_page(body: bytes, said: str | None, expected: str) -> None:
    assert decode_page(body, said) == expected


def test_quick_limits_are_not_the_real_ones() -> None:
    assert (FetchLimits().seconds, FetchLimits().bytes, FetchLimits().redirects) == (15, 5_000_000, 5)
    assert FetchLimits() != QUICK
