"""Answers of sites kept on disk, so that nobody is asked twice for the same; anything of it may be deleted."""

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

from embedai_nb.capture.decoding import text
from embedai_nb.capture.errors import FetchError
from embedai_nb.workspace.atomic import write_atomically

FRESH_SECONDS = 7 * 24 * 3600
"""How long an answer stands: an issue is in the making for two weeks, and stars need not be of today."""


@dataclass(frozen=True)
class Answer:
    """What a site said."""

    url: str
    """Where it was in the end, behind all redirects."""
    body: bytes
    charset: str | None = None

    @cached_property
    def text(self) -> str:
        """The body as text."""
        return text(self.body, self.charset)

    def json(self) -> Any:
        """The body as JSON; a FetchError if it is none."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            raise FetchError("unreadable", urlsplit(self.url).hostname or "") from None


class Answers:
    """A folder of answers.  What cannot be read or written there is as if it had not been kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, url: str) -> Answer | None:
        """The answer kept for this address, if it is fresh."""
        path = self._path(url)
        try:
            if time.time() - path.stat().st_mtime > FRESH_SECONDS:
                return None
            head, _, body = gzip.decompress(path.read_bytes()).partition(b"\n")
            return Answer(**json.loads(head), body=body)
        except (OSError, EOFError, ValueError, TypeError, zlib.error):
            return None

    def keep(self, url: str, answer: Answer) -> None:
        """Keep an answer, and none that are too old."""
        head = json.dumps({"url": answer.url, "charset": answer.charset}).encode()
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path(url), gzip.compress(head + b"\n" + answer.body, 6))
            for path in self.folder.glob("*.gz"):
                if time.time() - path.stat().st_mtime > FRESH_SECONDS:
                    path.unlink()

    def forget(self, url: str) -> None:
        """Ask the site again next time."""
        with contextlib.suppress(OSError):
            self._path(url).unlink()

    def _path(self, url: str) -> Path:
        return self.folder / f"{hashlib.sha256(url.encode('utf-8', 'replace')).hexdigest()[:40]}.gz"
