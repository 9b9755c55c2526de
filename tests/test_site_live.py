"""Live preview of the site: equal to one built anew, but updated from the saved files alone."""

from __future__ import annotations

import json
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote

import pytest

from embedai_nb.drafts import load_newsletter
from embedai_nb.errors import UsageError
from embedai_nb.markdown import writes
from embedai_nb.site.build import build_site
from embedai_nb.site.live_preview import LivePreview
from embedai_nb.site.serve import site_server

from .conftest import PROJECT
from .test_site import ISSUES, archive, contents, issue, real_archive

PATIENCE = 300
"""Seconds after which a test that hangs is given up; no test passes or fails by the speed of the machine."""


def save(path: Path, text: str) -> None:
    """Write a file as the program does, atomically: who follows the folder never sees half of it."""
    partial = path.parents[1] / f"{path.name}.partial"
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def draft(folder: Path, date: str, headline: str) -> str:
    """Save a draft; return its name."""
    name = f"drafts/{date}.yaml"
    (folder / "drafts").mkdir(exist_ok=True)
    text = f"schema: 1\ndate: {date}\nheadline: [{headline}]\nsections:\n- name: 论文\n  items:\n  - title: {headline}论文\n"
    save(folder / name, text)
    return name


def published(folder: Path, date: str, headline: str) -> str:
    """Publish an issue; return its name."""
    name = f"archive/{date}.md"
    text = writes(issue(date, headline=[headline]), load_newsletter(folder / "newsletter.yaml"))
    save(folder / name, text)
    return name


def files(live: LivePreview) -> dict[str, str]:
    """All files of a site."""
    assert live.problem == ""
    found = {path: live.read(path) or "" for path in live._files}
    return {path: content if isinstance(content, str) else content.decode() for path, content in found.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return archive(tmp_path / "issues")


@pytest.fixture
def live(folder: Path) -> LivePreview:
    live = LivePreview(folder)
    live.refresh([])
    return live


def test_the_preview_equals_the_published_site(tmp_path: Path) -> None:
    folder = real_archive(tmp_path / "issues")
    live = LivePreview(folder)
    live.refresh([])
    made = {
        path: content.decode() for path, content in contents(build_site(folder, tmp_path / "site", "").folder).items()
    }
    del made[".embedai-site"]
    assert files(live) == made


def test_only_saved_files_are_read_again(folder: Path, live: LivePreview) -> None:
    (folder / "archive" / "2030-03-02.md").write_bytes(b"\xff")
    assert live.refresh([published(folder, "2031-05-04", "改过")])
    assert not live.refresh(["archive/2031-05-04.md"]), "unchanged content is no new version"
    assert live.problem == ""
    assert "改过" in (live.read("index.html") or "")
    live.refresh(["archive/2030-03-02.md"])
    assert "UTF-8" in live.problem
    assert "改过" in (live.read("index.html") or ""), "the site stays as it was"


def test_after_any_saves_the_preview_equals_one_built_anew(folder: Path, live: LivePreview) -> None:
    chance = random.Random(1)
    days = [f"2031-0{month}-{day}" for month in (4, 6, 7) for day in (10, 20)]
    newsletter = folder / "newsletter.yaml"
    kept = [(newsletter, newsletter.read_text(encoding="utf-8"))]
    for step in range(40):
        write = chance.choice([draft, draft, published])
        saved = [write(folder, chance.choice(days), f"第{step}步") for _ in range(chance.choice((1, 1, 2)))]
        if step % 5 == 4:
            gone = chance.choice([path for kind in ("drafts", "archive") for path in sorted((folder / kind).iterdir())])
            gone.unlink()
            saved.append(str(gone.relative_to(folder)))
        if step % 20 == 19:
            newsletter.write_text(kept[0][1].replace("嵌入式AI简报", f"第{step}种简报"), encoding="utf-8")
            saved.append("newsletter.yaml")
        live.refresh(saved)
        anew = LivePreview(folder)
        anew.refresh([])
        assert files(live) == files(anew), saved


def test_an_invalid_draft_is_named_until_it_is_valid(folder: Path, live: LivePreview) -> None:
    name = draft(folder, "2031-06-01", "草稿")
    live.refresh([name])
    (folder / name).write_text("headline: [\n")
    live.refresh([name])
    assert "2031-06-01.yaml:2" in live.problem
    live.refresh([published(folder, "2031-05-04", "另一期")])
    assert "2031-06-01.yaml:2" in live.problem
    draft(folder, "2031-06-01", "修好")
    live.refresh([name])
    assert "修好" in files(live)["index.html"]
    assert "另一期" in files(live)["index.html"]


def test_an_issues_folder_may_be_empty_at_first(tmp_path: Path) -> None:
    folder = archive(tmp_path / "issues", [])
    live = LivePreview(folder)
    live.refresh([])
    assert "no issue has been published" in live.problem
    live.refresh([draft(folder, "2031-06-01", "草稿")])
    assert "草稿" in files(live)["2031-06-01.html"]


def get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
        return str(answer.read().decode())


def test_browsers_cache_no_page(folder: Path) -> None:
    with site_server(folder, 0) as (live, address):
        live.refresh([])
        for path in ("", "style.css", ".news"):
            with urllib.request.urlopen(address + path) as answer:
                assert answer.headers["Cache-Control"] == "no-store"


def test_a_page_hears_of_a_new_version_as_soon_as_there_is_one(folder: Path, live: LivePreview) -> None:
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(live.news, live.version, PATIENCE)
        live.refresh([published(folder, "2031-05-04", "改过")])
        assert waiting.result() == {"version": live.version, "problem": ""}
    assert live.news(live.version, 0) == {"version": live.version, "problem": ""}, "none after the time is over"


def test_pages_are_served_on_localhost_only(folder: Path) -> None:
    with site_server(folder, 0) as (live, address):
        live.refresh([])
        assert without_nonce(get(address)) == without_nonce(get(f"{address}index.html"))
        assert "搜索" in get(address)
        assert "/.news?seen=" in get(f"{address}sections/%E8%AE%BA%E6%96%87.html")
        assert json.loads(get(f"{address}search/0/issues.json")) == [str(one.date) for one in ISSUES]
        for path, headers, status in (("nothing.html", {}, 404), ("", {"Host": "news.example"}, 403)):
            with pytest.raises(HTTPError) as refused:
                urllib.request.urlopen(urllib.request.Request(f"{address}{path}", headers=headers))
            assert refused.value.code == status
            refused.value.close()
        with pytest.raises(UsageError, match="port"), site_server(folder, int(address.rstrip("/").rpartition(":")[2])):
            pass


def test_the_command_follows_saved_files_until_it_is_interrupted(folder: Path) -> None:
    # A shell that starts tests in the background has them ignore the signal.
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); import embedai_nb.__main__"
    command = [sys.executable, "-c", code, "--issues", str(folder), "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            found = re.search(r"http://\S+/", said)
            assert found, said
            draft(folder, "2031-06-01", "草稿")
            assert process.stdout.readline() == "reloaded\n"
            assert "草稿" in get(f"{found[0]}2031-06-01.html")
            published(folder, "2031-05-04", "刚刚发布")
            assert process.stdout.readline() == "reloaded\n"
            assert "刚刚发布" in get(found[0])
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


def without_nonce(page: str) -> str:
    return re.sub(r"nonce[-=][^ >]*", "", page)


# --- what pages and clients may do ----------------------------------------------------------------------------------


def test_pages_keep_their_security_policy_with_a_nonce_for_the_script_that_reloads(folder: Path) -> None:
    with site_server(folder, 0) as (live, address):
        live.refresh([])
        pages = [get(f"{address}index.html") for _ in range(2)]
    nonces = []
    for page in pages:
        policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"', page)
        nonce = re.search(r'<script nonce="([^"]*)">', page)
        assert policy
        assert nonce
        parts = dict(part.strip().split(" ", 1) for part in policy[1].split(";"))
        assert parts["default-src"] == "'none'"
        assert parts["script-src"] == f"'self' 'nonce-{nonce[1]}'"
        assert parts["connect-src"] == "'self'"
        assert "'unsafe-inline'" not in parts["script-src"]
        nonces.append(nonce[1])
    assert nonces[0] != nonces[1], "a nonce is for one answer"


def test_answers_are_of_their_type_and_in_no_frame(folder: Path) -> None:
    with site_server(folder, 0) as (live, address):
        live.refresh([])
        for path in ("", "feed.xml", "nothing.html"):
            try:
                answer = urllib.request.urlopen(f"{address}{path}")
            except HTTPError as refused:
                answer = refused
            with answer:
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["X-Frame-Options"] == "DENY"
                assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'none'"


@pytest.mark.parametrize("seen", ["9" * 5000, "x", "", "-" * 9, "%31", "٣"])
def test_any_version_that_a_page_claims_to_have_seen_is_answered(seen: str, folder: Path) -> None:
    with site_server(folder, 0) as (live, address):
        live.refresh([])
        assert json.loads(get(f"{address}.news?seen={quote(seen)}"))["version"] == live.version


def test_a_request_that_is_none_is_refused(folder: Path) -> None:
    with site_server(folder, 0) as (_, address):
        assert exchange(address, b"GET http://[ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").startswith(
            b"HTTP/1.1 400"
        )


def test_a_client_that_resets_is_no_traceback(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with site_server(folder, 0) as (live, address):
        live.refresh([])
        for sent in (
            b"",
            b"GET / HT",
            b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET /.news?seen=1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ):
            client = socket.create_connection(("127.0.0.1", int(address.rstrip("/").rpartition(":")[2])))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(sent)
            client.close()
        assert get(address)
    assert capfd.readouterr().err == ""


def exchange(address: str, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", int(address.rstrip("/").rpartition(":")[2]))) as client:
        client.sendall(request)
        answer = b""
        while part := client.recv(65536):
            answer += part
        return answer
