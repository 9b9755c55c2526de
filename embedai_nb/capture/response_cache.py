"""Cache of HTTP responses on disk; any of its files may be deleted."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import time
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from embedai_nb.capture.decoding import decode_page
from embedai_nb.capture.errors import FetchError
from embedai_nb.text.parse_json import parse_json
from embedai_nb.workspace.atomic import write_atomically

MAX_JSON = 1_000_000
"""Characters of JSON that are parsed: answers about a repository have some thousands, and objects cost many times that."""
FRESH_SECONDS = 7 * 24 * 3600
"""How long a response stays fresh: an issue is in the making for two weeks, and stars need not be of today."""


@dataclass(frozen=True)
class Response:
    """A response with status 200."""

    url: str
    """The final URL, after all redirects."""
    body: bytes
    charset: str | None = None
    etag: str = ""
    last_modified: str = ""
    """Both to ask whether it has changed (RFC 9110, 13.1)."""

    @cached_property
    def text(self) -> str:
        """The body, decoded."""
        return decode_page(self.body, self.charset)

    def json(self) -> Any:
        """The body parsed as JSON; raises FetchError if it isn't, or too long."""
        host = urlsplit(self.url).hostname or ""
        if len(self.text) > MAX_JSON:
            raise FetchError("too-large", host)
        try:
            return parse_json(self.text)
        except ValueError:
            raise FetchError("unreadable", host) from None


class ResponseCache:
    """A folder of responses; a file that cannot be read or written counts as a cache miss."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, url: str, fresh_seconds: float = FRESH_SECONDS) -> Response | None:
        """The cached response for this URL, if it is fresh."""
        path = self._path(url)
        try:
            if time.time() - path.stat().st_mtime > fresh_seconds:
                return None
            head, _, body = gzip.decompress(path.read_bytes()).partition(b"\n")
            kept = Response(**parse_json(head), body=body)
            texts = isinstance(kept.charset, str | None) and isinstance(kept.url + kept.etag + kept.last_modified, str)
            return kept if texts else None
        except (OSError, EOFError, ValueError, TypeError, zlib.error):
            return None

    def put(self, url: str, response: Response) -> None:
        """Cache a response, and delete stale ones."""
        validators = {"etag": response.etag, "last_modified": response.last_modified}
        head = json.dumps({"url": response.url, "charset": response.charset} | validators).encode()
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path(url), gzip.compress(head + b"\n" + response.body, 6))
            for path in self.folder.glob("*.gz"):
                if time.time() - path.stat().st_mtime > FRESH_SECONDS:
                    path.unlink()

    def delete(self, url: str) -> None:
        """Drop the cached response for this URL."""
        with contextlib.suppress(OSError):
            self._path(url).unlink()

    def _path(self, url: str) -> Path:
        return self.folder / f"{hashlib.sha256(url.encode('utf-8', 'replace')).hexdigest()[:40]}.gz"
