"""`.gitignore` and `.gitattributes` of an issues folder: their content, and what git makes of them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from embedai_nb.workspace import layout
from embedai_nb.workspace.git import repository_root

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


SITE = (
    _Line(f"/{layout.SITE}/", f"{layout.SITE}/index.html"),
    _Line(f"/.{layout.SITE}.*/", f".{layout.SITE}.new/index.html"),
)
"""The website, which is built where the command runs: in the issues folder, or at the root of the repository."""

IGNORED = (
    _Line(f"/{layout.CACHE}/", layout.CATALOGUE),
    _Line(f"/{layout.failed('*')}", layout.failed(DATE)),
    *SITE,
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
    _Line(f"/{layout.SCHEMAS}/*.json", layout.NEWSLETTER_SCHEMA, GENERATED),
)
"""Markdown keeps its diff, which says what readers will get; pages and notebooks say the same in more characters."""


def _files(folder: Path, *others: Path) -> dict[str, Sequence[_Line]]:
    """The lines of each file, by its path from the issues folder; the website may be built in other folders, too."""
    files: dict[str, Sequence[_Line]] = {".gitignore": IGNORED, ".gitattributes": ATTRIBUTES}
    folder = folder.resolve()
    for place in dict.fromkeys((repository_root(folder), *others)):
        if place is None or place == folder:
            continue
        up = Path(os.path.relpath(place, folder)).as_posix()
        files[f"{up}/.gitignore"] = [line._replace(example=f"{up}/{line.example}") for line in SITE]
    return files


def git_files(folder: Path, *others: Path) -> dict[str, str]:
    """The content that each file should have in this folder: what it says already, then the lines that it lacks.

    Args:
        folder: the issues folder.
        others: folders above it in which commands are run, and the website is built.

    Returns:
        content by the path of the file from the folder; equal to what is there where nothing is missing.  In a
        repository whose root is another folder, that one's `.gitignore` is among them, for the website.
    """
    return {name: _completed(_text(_normal(folder / name)), lines) for name, lines in _files(folder, *others).items()}


class MissingLine(NamedTuple):
    """A line without which git treats files of an issues folder otherwise than they need."""

    file: str
    """As `git_files` names it."""
    line: str


def missing_lines(folder: Path) -> list[MissingLine]:
    """The lines whose effect is missing, wherever in the repository it might come from.

    Returns:
        nothing where the folder is in no repository, or there is no git.
    """
    missing = []
    try:
        for name, lines in _files(folder).items():
            find = _without_attributes if any(line.attributes for line in lines) else _not_ignored
            missing += [MissingLine(name, str(line)) for line in find(folder, lines)]
    except (OSError, subprocess.CalledProcessError):
        return []
    return missing


def _not_ignored(folder: Path, lines: Sequence[_Line]) -> Iterator[_Line]:
    found = _ask(folder, ["check-ignore", "--no-index", "--verbose", "--non-matching"], lines)
    for line, (_, _, pattern, _) in zip(lines, _groups(found, 4), strict=True):
        if not pattern or pattern.startswith("!"):
            yield line


def _without_attributes(folder: Path, lines: Sequence[_Line]) -> Iterator[_Line]:
    told: dict[str, dict[str, str]] = {}
    for path, attribute, value in _groups(_ask(folder, ["check-attr", "--all"], lines), 3):
        told.setdefault(path, {})[attribute] = value
    for line in lines:
        if not _parsed(line.attributes).items() <= told.get(line.example, {}).items():
            yield line


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


def _normal(path: Path) -> Path:
    """A path without `..`, which could not be followed out of an issues folder that is not there yet."""
    return Path(os.path.normpath(path.absolute()))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
