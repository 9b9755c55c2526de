"""What was sent to WeChat before, so that it is not sent again; no secrets."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from embedai_nb.workspace.atomic import write_atomically

__all__ = ["Memory"]

PARTS = ("drafts", "covers", "pictures")


class Memory:
    """Ids of drafts by date, of covers and places of pictures by content; all of one account.

    Without the file drafts are added anew, and nothing else happens.
    """

    def __init__(self, path: Path, account: str) -> None:
        self._path = path
        self._account = sha256(account.encode()).hexdigest()[:16]
        kept = _kept(path)
        same = kept.get("account") == self._account
        self._parts: dict[str, dict[str, str]] = {part: dict(kept.get(part, {})) if same else {} for part in PARTS}

    def get(self, part: str, key: str) -> str | None:
        """What is known."""
        return self._parts[part].get(key)

    def keep(self, part: str, key: str, value: str) -> None:
        """Know it from now on, whatever happens next."""
        self._parts[part][key] = value
        self._write()

    def forget(self, part: str, key: str) -> None:
        """WeChat knows it no longer."""
        if self._parts[part].pop(key, None):
            self._write()

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"account": self._account} | self._parts, ensure_ascii=False, indent=1, sort_keys=True)
        write_atomically(self._path, f"{text}\n".encode())


def _kept(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_bytes())
        return kept if isinstance(kept, dict) else {}
    except (OSError, ValueError):
        return {}
