"""Ask Git about a file in conflict, and stage it; without Git, or outside a repository, there is nothing to know."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from embedai_nb.errors import UsageError
from embedai_nb.i18n import _

__all__ = [
    "Author",
    "Operation",
    "Stages",
    "authors",
    "common_versions",
    "in_repository",
    "merge_file",
    "operation",
    "repository_root",
    "run_git",
    "stage",
    "stages",
]

Operation: TypeAlias = Literal["merge", "rebase", "cherry-pick", "revert", "stash"]

HEADS: dict[str, Operation] = {
    "MERGE_HEAD": "merge",
    "REBASE_HEAD": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
}
"""What Git names the other commit while an operation is under way (gitrevisions)."""

STASH = "refs/stash"


class Stages(NamedTuple):
    """Versions of a file that Git could not merge; ``None`` where it is not there (git-ls-files, ``--unmerged``)."""

    base: bytes | None
    ours: bytes | None
    theirs: bytes | None


class Author(NamedTuple):
    """Who made a version, and what of."""

    name: str
    subject: str


def in_repository(path: Path) -> bool:
    """Whether a file may lie in a working tree of Git: cheaper than asking."""
    return any((folder / ".git").exists() for folder in path.resolve().parents)


def repository_root(folder: Path) -> Path | None:
    """The root of the working tree that a folder is in; ``None`` outside a repository."""
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)


def run_git(folder: Path, *arguments: str) -> bytes | None:
    """Run Git in a folder; its output, or ``None`` if it failed or is not installed."""
    command = ["git", "-C", str(folder), "-c", "core.quotePath=false", *arguments]
    with suppress(OSError):
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        return done.stdout if done.returncode == 0 else None
    return None


def stages(path: Path) -> Stages | None:
    """The versions of a file that is not merged; ``None`` if it is."""
    path = path.resolve()
    if not in_repository(path):
        return None
    listed = run_git(path.parent, "ls-files", "--unmerged", "-z", "--", path.name)
    numbers = [entry.split(b"\t")[0][-1:].decode() for entry in (listed or b"").split(b"\0") if entry]
    # With filters: as a checkout would write it, with the line ends that are usual here.
    blobs = {int(n): run_git(path.parent, "cat-file", "--filters", f":{n}:./{path.name}") for n in numbers}
    return Stages(blobs.get(1), blobs.get(2), blobs.get(3)) if blobs else None


def operation(path: Path) -> Operation | None:
    """The operation of Git that is under way around a file: it stopped for conflicts, and has not been concluded."""
    path = path.resolve()
    if not in_repository(path):
        return None
    for head, name in HEADS.items():
        if run_git(path.parent, "rev-parse", "--verify", "--quiet", head) is not None:
            return name
    # Applying a stash leaves no other trace than files that are not merged.
    unmerged = run_git(path.parent, "ls-files", "--unmerged", "--", ":/")
    return "stash" if unmerged else None


def common_versions(folder: Path) -> Iterator[bytes]:
    """The files of a folder as they were where two branches parted that are being merged, or were merged last."""
    theirs = "MERGE_HEAD" if run_git(folder, "rev-parse", "--verify", "--quiet", "MERGE_HEAD") else "HEAD^2"
    ours = "HEAD" if theirs == "MERGE_HEAD" else "HEAD^1"
    base = (run_git(folder, "merge-base", ours, theirs) or b"").decode().strip()
    listed = run_git(folder, "ls-tree", "-z", "--name-only", base, "./") if base else None
    for name in filter(None, (listed or b"").decode("utf-8", "replace").split("\0")):
        yield run_git(folder, "cat-file", "blob", f"{base}:./{Path(name).name}") or b""


def authors(path: Path, under_way: Operation | None) -> tuple[Author | None, Author | None]:
    """Who made ours and theirs of a file in conflict: the last commit of each side that changed it."""
    path = path.resolve()
    head = next((head for head, name in HEADS.items() if name == under_way), STASH)
    single = under_way in ("rebase", "cherry-pick", "revert", "stash")
    return _author(path, "HEAD"), _author(path, head, of_commit=single)


def _author(path: Path, commit: str, *, of_commit: bool = False) -> Author | None:
    command = ["log", "-1", "--format=%an%x00%s", commit]
    said = b"" if of_commit else run_git(path.parent, *command, "--", path.name)
    said = said or run_git(path.parent, *command)
    name, _, subject = (said or b"").decode("utf-8", "replace").strip().partition("\0")
    return Author(name, subject) if name else None


def merge_file(ours: Path, base: Path, theirs: Path, labels: tuple[str, str], size: int) -> int | None:
    """Merge three files line by line into the first (git-merge-file).

    Returns:
        How many conflicts are left; ``None`` where Git failed or is not installed.
    """
    names = [part for label in (labels[0], "base", labels[1]) for part in ("-L", label)]
    command = ["git", "merge-file", "-q", f"--marker-size={size}", *names, str(ours), str(base), str(theirs)]
    with suppress(OSError):
        status = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode
        return status if 0 <= status < 128 else None
    return None


def stage(path: Path) -> None:
    """Stage a file, which tells Git that its conflict is resolved.

    Raises:
        UsageError: Git refused.
    """
    if run_git(path.resolve().parent, "add", "--", path.name) is None:
        raise UsageError(_("cannot be staged"), path=path, remedy=_("try it by hand: git add {name}", name=path.name))
