"""`.gitignore` and `.gitattributes` of an issues folder: their content, and what git makes of them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from embedai_nb.workspace import layout

__all__ = ["MERGE_DRIVER", "MissingLine", "git_files", "missing_lines"]

MERGE_DRIVER = "embedai"
"""The name of the merge driver for drafts; a clone that doesn't define it merges them as any text."""

DATE = "2000-01-01"
"""Stands for any issue where git is asked about a file."""

GENERATED = "linguist-generated -diff -merge"
"""Folded in reviews, compared as a whole, and in a conflict never mixed line by line: made again from the draft."""


class _Line(NamedTuple):
    """A line of one of the two files, and a path that it is meant for."""

    pattern: str
    example: str
    attributes: str = ""

    def __str__(self) -> str:
        return f"{self.pattern} {self.attributes}".rstrip()


IGNORED = (
    _Line(f"/{layout.CACHE}/", layout.CATALOGUE),
    _Line(f"/{layout.failed('*')}", layout.failed(DATE)),
    _Line(f"/{layout.SITE}/", f"{layout.SITE}/index.html"),
    _Line(f"/.{layout.SITE}.*/", f".{layout.SITE}.new/index.html"),
    _Line(".*.tmp", f"{layout.DRAFTS}/.{DATE}.yaml.0a1b2c3d.tmp"),
    _Line(".ipynb_checkpoints/", ".ipynb_checkpoints/issue.ipynb"),
)

ATTRIBUTES = (
    _Line("*", layout.NEWSLETTER, "text=auto eol=lf"),
    _Line(f"/{layout.draft('*')}", layout.draft(DATE), f"merge={MERGE_DRIVER}"),
    _Line(f"/{layout.review('*')}", layout.review(DATE), GENERATED),
    _Line(f"/{layout.markdown('*')}", layout.markdown(DATE), "linguist-generated -merge"),
    _Line(f"/{layout.page('*')}", layout.page(DATE), GENERATED),
    _Line(f"/{layout.REVISIONS}", layout.REVISIONS, "linguist-generated merge=union"),
    _Line(f"/{layout.schema('*')}", layout.schema("1"), GENERATED),
)
"""Markdown keeps its diff, which says what readers will get; pages and notebooks say the same in more characters."""

FILES: Mapping[str, Sequence[_Line]] = {".gitignore": IGNORED, ".gitattributes": ATTRIBUTES}


def git_files(folder: Path) -> dict[str, str]:
    """The content that each file should have in this folder: what it says already, then the lines that it lacks.

    Returns:
        content by file name; equal to what is there where nothing is missing.
    """
    return {name: _completed(_text(folder / name), lines) for name, lines in FILES.items()}


class MissingLine(NamedTuple):
    """A line without which git treats files of an issues folder otherwise than they need."""

    file: str
    """`.gitignore` or `.gitattributes`."""
    line: str


def missing_lines(folder: Path) -> list[MissingLine]:
    """The lines whose effect is missing, wherever in the repository it might come from.

    Returns:
        nothing where the folder is in no repository, or there is no git.
    """
    try:
        return [*_not_ignored(folder), *_without_attributes(folder)]
    except (OSError, subprocess.CalledProcessError):
        return []


def _not_ignored(folder: Path) -> Iterator[MissingLine]:
    found = _ask(folder, ["check-ignore", "--no-index", "--verbose", "--non-matching"], IGNORED)
    for line, (_, _, pattern, _) in zip(IGNORED, _groups(found, 4), strict=True):
        if not pattern or pattern.startswith("!"):
            yield MissingLine(".gitignore", str(line))


def _without_attributes(folder: Path) -> Iterator[MissingLine]:
    told: dict[str, dict[str, str]] = {}
    for path, attribute, value in _groups(_ask(folder, ["check-attr", "--all"], ATTRIBUTES), 3):
        told.setdefault(path, {})[attribute] = value
    for line in ATTRIBUTES:
        if not _parsed(line.attributes).items() <= told.get(line.example, {}).items():
            yield MissingLine(".gitattributes", str(line))


def _ask(folder: Path, command: Sequence[str], about: Sequence[_Line]) -> list[str]:
    """Ask git about the example of each line; its answers are separated by NUL."""
    paths = "\0".join(line.example for line in about)
    asked = ["git", "-C", str(folder), *command, "-z", "--stdin"]
    done = subprocess.run(asked, input=paths, capture_output=True, encoding="utf-8", check=False)
    if done.returncode > 1:  # 1 says that no path is ignored
        raise subprocess.CalledProcessError(done.returncode, asked)
    return done.stdout.split("\0")[:-1]


def _groups(fields: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    return zip(*[iter(fields)] * size, strict=True)


def _parsed(attributes: str) -> dict[str, str]:
    """Attributes as `git check-attr` says them."""
    parsed = {}
    for word in attributes.split():
        name, _, value = word.removeprefix("-").partition("=")
        parsed[name] = "unset" if word.startswith("-") else value or "set"
    return parsed


def _completed(text: str, lines: Sequence[_Line]) -> str:
    """Append the lines that are missing: in both files a later line outweighs earlier ones."""
    there = set(text.splitlines())
    missing = [f"{line}\n" for line in lines if str(line) not in there]
    return (text if not text or text.endswith("\n") else f"{text}\n") + "".join(missing)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
