"""Back up drafts: versions set aside in conflicts, and the last one that could be read."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from embedai_nb.workspace import layout
from embedai_nb.workspace.atomic import write_atomically

__all__ = ["Backups", "Clock"]

Clock: TypeAlias = Callable[[], datetime.datetime]


class Backups:
    """The backups of an issues folder, in its ``.cache``; one that cannot be written is no error."""

    def __init__(self, folder: Path, now: Clock) -> None:
        self.folder, self.now = folder, now
        self._last: dict[str, bytes] = {}

    def keep(self, date: datetime.date, whose: str, content: bytes) -> None:
        """Keep a version for good, once: ``kept/2026-11-15.20261114-213005.mine.yaml``."""
        if self._last.get(whose) == content:
            return
        kept = self.folder / layout.kept_drafts()
        with contextlib.suppress(OSError):
            kept.mkdir(parents=True, exist_ok=True)
            write_atomically(_free(kept / f"{date}.{self.now():%Y%m%d-%H%M%S}.{whose}.yaml"), content)
            self._last[whose] = content

    def remember(self, date: datetime.date, content: bytes) -> None:
        """Write the last good copy; it may get lost in a power cut, the draft may not."""
        good = self.folder / layout.last_good_draft(str(date))
        with contextlib.suppress(OSError):
            good.parent.mkdir(parents=True, exist_ok=True)
            temporary = good.with_suffix(".new")
            temporary.write_bytes(content)
            temporary.replace(good)

    def remembered(self, date: datetime.date) -> bytes | None:
        """Read the last good copy; nothing where there is none."""
        try:
            return (self.folder / layout.last_good_draft(str(date))).read_bytes()
        except OSError:
            return None


def _free(path: Path) -> Path:
    """The path, or the first numbered one that does not exist."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free
