"""The site as it would be, drafts included, on this machine only; open pages reload when something is saved."""

from __future__ import annotations

import http.server
import json
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from embedai_nb.drafts import load_newsletter
from embedai_nb.errors import EmbedAIError, UsageError
from embedai_nb.site.build import write_site
from embedai_nb.site.replace import replaced
from embedai_nb.site.shelf import Preview

__all__ = ["Live", "serve", "serving"]

PAUSE = 0.3
"""Seconds between two looks at the files: asking works on every file system, being told does not."""

WAIT = 20.0
"""Seconds after which a page that waits for news is answered that there are none."""

NEWS = "/.news"

POLICY = re.compile(rb'<meta http-equiv="Content-Security-Policy"[^>]*>')
RELOADING = b"""<script>
(async () => {
  for (let seen = %d; ; ) {
    try {
      const news = await (await fetch("/.news?seen=" + seen)).json();
      if (news.problem) document.title = news.problem, (document.querySelector("#problem") ?? Object.assign(
        document.body.insertBefore(document.createElement("pre"), document.body.firstChild), {id: "problem"}
      )).textContent = news.problem;
      else if (news.version !== seen) return location.reload();
      seen = news.version;
    } catch { await new Promise(wait => setTimeout(wait, 1000)); }
  }
})();
</script>"""
"""In place of the policy that would forbid it; published pages have no such script."""


class Live:
    """The newest state of a site that is made again whenever its inputs change.

    Args:
        folder: the issues folder.
        out: where the site is made.
    """

    def __init__(self, folder: Path, out: Path) -> None:
        self.folder = folder
        self.out = out
        self.version = 0
        self.problem = ""
        self._state: object = None
        self._changed = threading.Condition()

    def refresh(self) -> bool:
        """Make the site again if something was saved; a draft that can't be shown leaves the site as it was."""
        state = sorted(self._inputs())
        if state == self._state:
            return False
        self._state, problem = state, ""
        try:
            newsletter = load_newsletter(self.folder / "newsletter.yaml")
            with replaced(self.out) as new:
                write_site(Preview(self.folder, newsletter), newsletter, new, "", {})
        except EmbedAIError as error:
            problem = str(error)
        with self._changed:
            self.version, self.problem = self.version + 1, problem
            self._changed.notify_all()
        return True

    def news(self, seen: int) -> dict[str, object]:
        """The version there is now; waits a while for one that is not ``seen``."""
        with self._changed:
            self._changed.wait_for(lambda: self.version != seen, WAIT)
            return {"version": self.version, "problem": self.problem}

    def _inputs(self) -> Iterator[tuple[str, int, int]]:
        for pattern in ("newsletter.yaml", "drafts/*.yaml", "archive/*.md"):
            for path in self.folder.glob(pattern):
                try:
                    found = path.stat()
                except FileNotFoundError:
                    continue
                yield str(path), found.st_mtime_ns, found.st_size


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Answers with the files of the site, its pages with what makes them reload."""

    protocol_version = "HTTP/1.1"

    def __init__(self, live: Live, *arguments: object, **options: object) -> None:
        self.live = live
        super().__init__(*arguments, directory=str(live.out), **options)  # type: ignore[arg-type]  # handed on as they came

    def do_GET(self) -> None:
        """One request; a tab that is closed does not wait for the answer."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self._get()

    def _get(self) -> None:
        """Answer; a request for another host comes from a page elsewhere that pretends to be this one."""
        url = urlsplit(self.path)
        if not re.fullmatch(r"(localhost|127\.0\.0\.1)(:\d+)?", self.headers.get("Host", "")):
            self.send_error(HTTPStatus.FORBIDDEN)
        elif url.path == NEWS:
            seen = url.query.removeprefix("seen=")
            self._answer(json.dumps(self.live.news(int(seen) if seen.isdecimal() else -1)).encode(), "application/json")
        elif url.path.endswith(("/", ".html")):
            self._answer_page(url.path)
        else:
            super().do_GET()

    def _answer_page(self, path: str) -> None:
        file = Path(self.translate_path(path + "index.html" if path.endswith("/") else path))
        status = HTTPStatus.OK if file.is_file() else HTTPStatus.NOT_FOUND
        page = (file if file.is_file() else self.live.out / "404.html").read_bytes()
        seen = b"-1" if self.live.problem else b"%d" % self.live.version
        script = RELOADING.replace(b"%d", seen)
        self._answer(POLICY.sub(lambda _: script, page, count=1), "text/html; charset=utf-8", status)

    def _answer(self, content: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def end_headers(self) -> None:
        """What is looked at is never an older state."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # the standard library's name
        """Nobody wants to read each request."""


@contextmanager
def serving(folder: Path, port: int) -> Iterator[tuple[Live, str]]:
    """Serve the site while the block runs; gives its state and its address.

    Raises:
        UsageError: the port is taken.
    """
    with tempfile.TemporaryDirectory() as scratch:
        live = Live(folder, Path(scratch) / "site")
        live.refresh()
        try:
            server = http.server.ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, live))
        except OSError as error:
            remedy = "name another one with --port"
            raise UsageError(error.strerror or "cannot be used", field=f"port {port}", remedy=remedy) from error
        with server:
            thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            thread.start()
            try:
                yield live, f"http://127.0.0.1:{server.server_port}/"
            finally:
                server.shutdown()
                thread.join()


def serve(folder: Path, port: int, say: Callable[[str], None]) -> None:
    """Serve the site, and make it again whenever something is saved, until Ctrl-C.

    Args:
        folder: the issues folder.
        port: of this machine; 0 takes any.
        say: is given a line for the person in front of it.
    """
    with serving(folder, port) as (live, address), suppress(KeyboardInterrupt):
        say(live.problem or f"{address} shows the drafts in {folder}; Ctrl-C ends it")
        while True:
            time.sleep(PAUSE)
            if live.refresh():
                say(live.problem or "reloaded")
