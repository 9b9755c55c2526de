"""Whether an issue is what its inputs make of it, told by digests alone.

The stamp of an issue is written with its outputs.  It names everything that can change them: draft, newsletter.yaml,
notebook, this package, the versions it runs with, the issues before this one.  Only the standard library is
imported here: an issue that is up to date costs no more than reading these files.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from embedai_nb.publish import layout
from embedai_nb.publish.commit import digest
from embedai_nb.publish.outcome import Findings, Outcome

__all__ = ["inputs", "stamp", "standing"]


def standing(folder: Path, date: str, made_of: str) -> Outcome | None:
    """The outcome of the last run, when neither what it read nor what it wrote has changed since; else nothing.

    Args:
        folder: the issues folder.
        date: the issue.
        made_of: its `inputs` as they are now.
    """
    try:
        last = json.loads((folder / layout.stamp(date)).read_bytes())
        unchanged = all(digest((folder / name).read_bytes()) == known for name, known in last["outputs"].items())
    except (OSError, ValueError):
        return None
    if not unchanged or last["inputs"] != made_of or (folder / layout.failed(date)).exists():
        return None
    return Outcome(date, Findings(**last["findings"]), up_to_date=True)


def stamp(made_of: str, findings: Findings, outputs: Mapping[str, bytes]) -> bytes:
    """What `standing` compares with; ``made_of`` are the `inputs` as they were before the run."""
    made = {name: digest(content) for name, content in outputs.items()}
    return json.dumps({"inputs": made_of, "findings": findings._asdict(), "outputs": made}, indent=1).encode()


def inputs(folder: Path, date: str, notebook: Path) -> str:
    """One digest of everything that the outputs of an issue are made of."""
    total = hashlib.sha256()
    for name, content in _parts(folder, date, notebook):
        total.update(f"{name} {digest(content)}\n".encode())
    return total.hexdigest()


def _parts(folder: Path, date: str, notebook: Path) -> Iterator[tuple[str, bytes]]:
    yield "draft", _read(folder / layout.draft(date))
    yield "newsletter", _read(folder / "newsletter.yaml")
    yield "notebook", _read(notebook)
    for name in _earlier(folder, date):
        yield name, _read(folder / name)
    yield "versions", " ".join(_versions()).encode()
    yield "lock", _read(layout.PACKAGE.parent / "requirements.lock")
    for path in _code(layout.PACKAGE):
        yield path.relative_to(layout.PACKAGE).as_posix(), path.read_bytes()


def _read(path: Path) -> bytes:
    """A missing file is an input too: the outputs change when it appears."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _earlier(folder: Path, date: str) -> list[str]:
    """The files of back issues, which this one lists and may repeat; of those to come it knows nothing."""
    paths = [path for pattern in ("drafts/*.yaml", "archive/*.md") for path in folder.glob(pattern)]
    return sorted(path.relative_to(folder).as_posix() for path in paths if path.stem < date)


def _versions() -> list[str]:
    """Python and what is installed, as the names of the metadata folders say: reading each would take too long."""
    folders = [Path(path) for path in sys.path if Path(path).is_dir()]
    installed = {path.name for folder in folders for path in folder.glob("*.dist-info")}
    return [sys.version, *sorted(installed)]


def _code(folder: Path) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted(files)
