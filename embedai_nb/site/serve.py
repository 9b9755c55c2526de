"""Development server: the site with its drafts, on localhost only; open pages reload when something is saved."""

from __future__ import annotations

import http.server
import json
import re
import secrets
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from embedai_nb.errors import UsageError, system_problem
from embedai_nb.i18n import _
from embedai_nb.progress import OnProgress
from embedai_nb.site.live_preview import LivePreview
from embedai_nb.workspace.watch import watch

__all__ = ["serve_site", "site_server"]

WAIT = 20.0
"""Seconds after which a long poll for a newer version is answered that there is none."""

NEWS = "/.news"

POLICY = re.compile(r'(<meta http-equiv="Content-Security-Policy" content=")([^"]*)("[^>]*>)')
RELOADING = """<script nonce="%(nonce)s">
(async () => {
  const shown = Object.assign(document.createElement("pre"), {className: "problem"});
  for (let seen = %(seen)d; ; ) {
    try {
      const news = await (await fetch("/.news?seen=" + seen)).json();
      if (news.problem) {
        document.title = shown.textContent = news.problem;
        document.body.prepend(shown);
      } else if (news.version !== seen) return location.reload();
      seen = news.version;
    } catch { await new Promise(wait => setTimeout(wait, 1000)); }
  }
})();
</script>"""
"""Script that reloads the page, and that its security policy allows besides.  Published pages have none."""
SEEN = re.compile(r"seen=(-?[0-9]{1,18})")

KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".xml": "application/xml",
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}
"""Media types by file name extension."""

NOTHING = (
    '<!DOCTYPE html><meta charset="utf-8">'
    """<meta http-equiv="Content-Security-Policy" content="default-src 'none'"><body></body>"""
)
"""Page shown while there is no site."""


class _Handler(http.server.BaseHTTPRequestHandler):
    """Serves the files of the site, its pages with the script that reloads them."""

    protocol_version = "HTTP/1.1"

    def __init__(self, preview: LivePreview, *arguments: object, **options: object) -> None:
        self.preview = preview
        super().__init__(*arguments, **options)  # type: ignore[arg-type]  # handed on as they came

    def do_GET(self) -> None:
        """Answer a request; ignore that a closed tab no longer waits for it."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self._get()

    def _get(self) -> None:
        """Answer; refuse other host names, which DNS rebinding would use."""
        try:
            url = urlsplit(self.path)
        except ValueError:
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        if not re.fullmatch(r"(localhost|127\.0\.0\.1)(:\d+)?", self.headers.get("Host", "")):
            self.send_error(HTTPStatus.FORBIDDEN)
        elif url.path == NEWS:
            seen = SEEN.fullmatch(url.query)
            self._answer(json.dumps(self.preview.news(int(seen[1]) if seen else -1, WAIT)), ".json")
        else:
            path = unquote(url.path).removeprefix("/")
            self._answer_file(f"{path}index.html" if path.endswith("/") or not path else path)

    def _answer_file(self, path: str) -> None:
        # Asked for before the file is read: the page may be newer than this version, but never older.
        seen = -1 if self.preview.problem else self.preview.version
        found, ending = self.preview.read(path), PurePosixPath(path).suffix
        status = HTTPStatus.NOT_FOUND if found is None else HTTPStatus.OK
        if found is None:
            found, ending = self.preview.read("404.html") or NOTHING, ".html"
        if ending == ".html" and isinstance(found, str):
            found = _reloading(found, seen)
        self._answer(found, ending, status)

    def _answer(self, answer: str | bytes, ending: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        content, encoding = (answer.encode(), "; charset=utf-8") if isinstance(answer, str) else (answer, "")
        usual = "text/plain" if encoding else "application/octet-stream"
        self.send_response(status)
        self.send_header("Content-Type", f"{KINDS.get(ending, usual)}{encoding}")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def end_headers(self) -> None:
        """Forbid caching, so that no page is older than the site; other types than ours, and frames."""
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Content-Security-Policy", "frame-ancestors 'none'")
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # the standard library's name
        """Log nothing."""


def _reloading(page: str, seen: int) -> str:
    """Put the script that reloads it into a page, and allow it, for this answer alone, in the page's security policy."""
    nonce = secrets.token_urlsafe(16)
    script = RELOADING % {"nonce": nonce, "seen": seen}

    def allowed(found: re.Match[str]) -> str:
        policy = _with_source(_with_source(found[2], "script-src", f"'nonce-{nonce}'"), "connect-src", "'self'")
        return f"{found[1]}{policy}{found[3]}\n{script}"

    return POLICY.sub(allowed, page, count=1)


def _with_source(policy: str, directive: str, source: str) -> str:
    """A security policy that also allows a source in a directive, which takes the place of default-src where it is."""
    parts = [part.strip() for part in policy.split(";") if part.strip()]
    if not any(part.split()[0] == directive for part in parts):
        return "; ".join([*parts, f"{directive} {source}"])
    return "; ".join(
        f"{part} {source}" if part.split()[0] == directive and source not in part.split() else part for part in parts
    )


class _Server(http.server.ThreadingHTTPServer):
    """Serves each request in a thread; a client that goes away is nobody's fault."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Report a failed request, unless its client went away."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # handed on as they came


@contextmanager
def site_server(folder: Path, port: int) -> Iterator[tuple[LivePreview, str]]:
    """Serve the site while the block runs; gives the preview, which is empty until it is refreshed, and its URL.

    Raises:
        UsageError: the port is taken.
    """
    preview = LivePreview(folder)
    try:
        server = _Server(("127.0.0.1", port), partial(_Handler, preview))
    except OSError as error:
        remedy = _("name another one with --port")
        raise UsageError(system_problem(error), field=_("port {port}", port=port), remedy=remedy) from error
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield preview, f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def serve_site(
    folder: Path,
    port: int,
    say: Callable[[str], None],
    progress: Callable[[], AbstractContextManager[OnProgress]],
) -> None:
    """Serve the site and follow saved files until Ctrl-C.

    Args:
        folder: the issues folder.
        port: to listen on; 0 for any free one.
        say: called with each line of output.
        progress: gives what is called whenever an issue has been read; begun at each refresh, and ended after it.
    """
    with site_server(folder, port) as (preview, address), suppress(KeyboardInterrupt):
        good: str = _("{address} shows the drafts in {folder}; Ctrl-C ends it", address=address, folder=folder)
        for names in watch(folder):
            with progress() as on_progress:
                changed = preview.refresh(names, on_progress)
            if changed:
                say("\n".join(filter(None, [preview.problem or good, *preview.unmerged.values()])))
                good = _("reloaded")
