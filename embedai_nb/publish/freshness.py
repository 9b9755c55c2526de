"""Whether an issue is what its inputs make of it, told by digests alone.

The stamp of an issue is written with its outputs.  It names everything that can change them: the draft, the tools
(newsletter.yaml, notebook, this package, the versions it runs with), and of other issues what this one shows.
Only the standard library is imported here: what is up to date costs no more than reading files.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from embedai_nb.publish.outcome import Findings
from embedai_nb.workspace import layout
from embedai_nb.workspace.transaction import digest

__all__ = ["PublishRecord", "Tools", "chained", "changed_outputs"]


class Tools(NamedTuple):
    """What all issues are made with, part by part: names → digests; and one digest of all."""

    parts: Mapping[str, str]
    digest: str

    @classmethod
    def at_hand(cls, folder: Path) -> Tools:
        """Those that would be used now."""
        files = {layout.NEWSLETTER: folder / layout.NEWSLETTER, "the notebook": layout.notebook()}
        parts = {name: digest(_read(path)) for name, path in files.items()} | _program()
        return cls(parts, digest(json.dumps(parts).encode()))

    def keep(self, folder: Path) -> None:
        """Write the parts down, so that it can be told later which of them have changed."""
        path = folder / layout.tools(self.digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(self.parts, indent=1), encoding="utf-8")

    def since(self, folder: Path, before: str) -> list[str]:
        """The names of the parts that are not what they were when their digest was this."""
        try:
            parts = json.loads((folder / layout.tools(before)).read_bytes())
        except (OSError, ValueError):
            return ["the program"]
        return sorted(name for name in {*parts, *self.parts} if parts.get(name) != self.parts.get(name))


class PublishRecord(NamedTuple):
    """What the last run of an issue read and wrote."""

    draft: str
    tools: str
    others: str
    """Digest of all issues before this one."""
    shown: dict[str, Any]
    """What this issue shows of others (`embedai_nb.edition.Edition.shown`)."""
    findings: Findings
    outputs: dict[str, str]
    """Files, relative to the issues folder, and their digests."""

    @classmethod
    def read(cls, folder: Path, date: str) -> PublishRecord | None:
        """The stamp of an issue; nothing where there is none that can be read."""
        try:
            said = json.loads((folder / layout.stamp(date)).read_bytes())
            return cls(**said | {"findings": Findings(**said["findings"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def bytes(self) -> bytes:
        """As it is kept."""
        return json.dumps(self._asdict() | {"findings": self.findings._asdict()}, ensure_ascii=False).encode()


def changed_outputs(folder: Path, stamp: PublishRecord) -> list[str]:
    """The outputs that are not as they were written."""
    return [name for name, known in stamp.outputs.items() if _digest(folder / name) != known]


def chained(issues: Iterable[tuple[str, str]]) -> Iterator[str]:
    """For each issue, by its date and digest, one digest of all before it."""
    before = ""
    for date, content in issues:
        yield before
        before = hashlib.blake2b(f"{before}{date}{content}".encode(), digest_size=16).hexdigest()


def _digest(path: Path) -> str | None:
    try:
        return digest(path.read_bytes())
    except OSError:
        return None


@cache
def _program() -> dict[str, str]:
    """What this process runs, however long: read once, for what is changed later is not what runs."""
    return {name: digest(content) for name, content in _program_parts()}


def _program_parts() -> Iterator[tuple[str, bytes]]:
    yield "requirements.lock", _read(layout.PACKAGE.parent / "requirements.lock")
    yield "Python", sys.version.encode()
    yield "installed packages", " ".join(_installed()).encode()
    for name in _code(f"{layout.PACKAGE}/"):
        yield f"embedai_nb/{name}", _read(f"{layout.PACKAGE}/{name}")


def _read(path: Path | str) -> bytes:
    """A missing file is an input too: the outputs change when it appears."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def _installed() -> list[str]:
    """Packages and versions, as the names of the metadata folders say: reading each would take too long."""
    folders = [Path(path) for path in sys.path if Path(path).is_dir()]
    return sorted({path.name for folder in folders for path in folder.glob("*.dist-info")})


def _code(package: str) -> list[str]:
    """The files of the package, as strings, with which this takes half the time."""
    walked = (place for place in os.walk(package) if not place[0].endswith("__pycache__"))
    return sorted(os.path.join(folder, name).removeprefix(package) for folder, _, names in walked for name in names)
