"""The site with its drafts, on this machine only; open pages reload when something is saved."""

from __future__ import annotations

import http.server
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from embedai_nb.errors import UsageError
from embedai_nb.site.live_preview import Live
from embedai_nb.workspace.watch import watch

__all__ = ["serve", "serving"]

WAIT = 20.0
"""Seconds after which a page that waits for news is answered that there are none."""

NEWS = "/.news"

POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
RELOADING = """<script>
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

KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".xml": "application/xml",
}
"""What files are, by the ending of their names."""

NOTHING = '<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy"><body></body>'
"""In place of a page while there is no site."""


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers with the files of the site, its pages with what makes them reload."""

    protocol_version = "HTTP/1.1"

    def __init__(self, live: Live, *arguments: object, **options: object) -> None:
        self.live = live
        super().__init__(*arguments, **options)  # type: ignore[arg-type]  # handed on as they came

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
            self._answer(json.dumps(self.live.news(int(seen) if seen.isdecimal() else -1, WAIT)), ".json")
        else:
            path = unquote(url.path).removeprefix("/")
            self._answer_file(f"{path}index.html" if path.endswith("/") or not path else path)

    def _answer_file(self, path: str) -> None:
        seen = -1 if self.live.problem else self.live.version  # before the file is read: a page may be newer, not older
        text, ending = self.live.read(path), PurePosixPath(path).suffix
        status = HTTPStatus.NOT_FOUND if text is None else HTTPStatus.OK
        if text is None:
            text, ending = self.live.read("404.html") or NOTHING, ".html"
        if ending == ".html":
            text = POLICY.sub(RELOADING.replace("%d", str(seen)), text, count=1)
        self._answer(text, ending, status)

    def _answer(self, text: str, ending: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{KINDS.get(ending, 'text/plain')}; charset=utf-8")
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
    """Serve the site while the block runs; gives its state, which is empty until it is refreshed, and its address.

    Raises:
        UsageError: the port is taken.
    """
    live = Live(folder)
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
    """Serve the site, and follow whatever is saved, until Ctrl-C.

    Args:
        folder: the issues folder.
        port: of this machine; 0 takes any.
        say: is given a line for the person in front of it.
    """
    with serving(folder, port) as (live, address), suppress(KeyboardInterrupt):
        good = f"{address} shows the drafts in {folder}; Ctrl-C ends it"
        for names in watch(folder):
            if live.refresh(names):
                say(live.problem or good)
                good = "reloaded"
