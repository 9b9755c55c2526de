"""Keep what the last link check found, with its day, in the issues folder."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path

from embedai_nb.checks.findings import LinkStatus
from embedai_nb.text.parse_json import parse_json
from embedai_nb.workspace import layout
from embedai_nb.workspace.atomic import write_atomically

__all__ = ["load", "save"]


def load(folder: Path) -> dict[str, LinkStatus]:
    """Read what is known, by address; nothing where that cannot be read."""
    try:
        rows = parse_json((folder / layout.LINKS).read_bytes())
        return {
            url: LinkStatus(state, reason, datetime.date.fromisoformat(day))
            for url, (state, reason, day) in rows.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def save(folder: Path, known: Mapping[str, LinkStatus]) -> None:
    """Write it, in the order of the addresses."""
    rows = {url: [state, reason, day.isoformat()] for url, (state, reason, day) in sorted(known.items())}
    path = folder / layout.LINKS
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(rows, ensure_ascii=False, indent=1).encode())
