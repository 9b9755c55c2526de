"""Merge the files of a merge driver: drafts item by item; whatever cannot be read as a draft line by line, as Git does."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from embedai_nb.drafts import fields
from embedai_nb.drafts.draft_merge import DraftMerge
from embedai_nb.drafts.store import Draft
from embedai_nb.drafts.yaml_reader import decode, read
from embedai_nb.errors import DraftError
from embedai_nb.text.conflict_markers import one_version
from embedai_nb.workspace.git import merge_file

__all__ = ["merge_files", "read_version"]


def merge_files(base: Path, ours: Path, theirs: Path, labels: tuple[str, str], size: int) -> int:
    """Merge three versions of a draft into the file ``ours``.

    Args:
        base: the common ancestor; empty where both sides added the draft.
        labels: names of the sides, behind the markers.
        size: characters of a marker.

    Returns:
        How many conflicts are left between markers.

    Raises:
        OSError: a file cannot be read or written.
    """
    with suppress(DraftError):
        mine, other = read_version(ours.read_bytes(), ours), read_version(theirs.read_bytes(), theirs)
        found = DraftMerge(_ancestor(base), mine, other).marked(labels, size)
        ours.write_bytes(found.text.encode())
        return found.conflicts
    conflicts = merge_file(ours, base, theirs, labels, size)
    if conflicts is None:
        ours.write_bytes(_side_by_side(ours.read_bytes(), theirs.read_bytes(), labels, size))
        return 1
    return conflicts


def read_version(content: bytes, path: Path) -> Draft:
    """Read a version of a draft, whatever the file is called and so whatever its date."""
    source = read(decode(content, path), path)
    return Draft(path, fields.parse_issue(source), source, content)


def _ancestor(path: Path) -> Draft | None:
    """The common ancestor; of one that Git merged of several, and could not, one of the versions."""
    content = path.read_bytes()
    with suppress(UnicodeDecodeError):
        content = (one_version(content.decode(), "ours") or "").encode()
    with suppress(DraftError):
        return read_version(content, path)
    return None


def _side_by_side(ours: bytes, theirs: bytes, labels: tuple[str, str], size: int) -> bytes:
    """Both versions whole, between markers."""
    lines = [b"<" * size + b" " + labels[0].encode(), ours.rstrip(b"\n"), b"=" * size, theirs.rstrip(b"\n")]
    return b"\n".join([*lines, b">" * size + b" " + labels[1].encode(), b""])
