"""Cache of what WeChat already has, so that nothing is uploaded twice; holds no secrets."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from embedai_nb.text.parse_json import parse_json
from embedai_nb.workspace.atomic import write_atomically

__all__ = ["UploadCache"]

KINDS = ("drafts", "covers", "pictures")


class UploadCache:
    """Media ids of drafts by date and of covers by content, URLs of pictures by content; all of one account.

    If the file is deleted, everything is uploaded again, drafts as new ones.
    """

    def __init__(self, path: Path, account: str) -> None:
        self._path = path
        self._account = sha256(account.encode()).hexdigest()[:16]
        cached = _read(path)
        same = cached.get("account") == self._account
        self._entries: dict[str, dict[str, str]] = {kind: dict(cached.get(kind, {})) if same else {} for kind in KINDS}

    def get(self, kind: str, key: str) -> str | None:
        """The cached media id or URL."""
        return self._entries[kind].get(key)

    def put(self, kind: str, key: str, value: str) -> None:
        """Cache a media id or URL, on disk at once: the next upload may fail."""
        self._entries[kind][key] = value
        self._write()

    def delete(self, kind: str, key: str) -> None:
        """Drop what WeChat no longer has."""
        if self._entries[kind].pop(key, None):
            self._write()

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"account": self._account} | self._entries, ensure_ascii=False, indent=1, sort_keys=True)
        write_atomically(self._path, f"{text}\n".encode())


def _read(path: Path) -> dict[str, Any]:
    try:
        cached = parse_json(path.read_bytes())
        return cached if isinstance(cached, dict) else {}
    except (OSError, ValueError):
        return {}
