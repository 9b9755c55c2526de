"""Digest what all issues are made with: newsletter.yaml, the notebook, this package, the packages that shape outputs.

Only the standard library is imported unless newsletter.yaml has changed: recognizing that nothing is out of date costs
no more than reading files.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from embedai_nb.errors import EmbedAIError
from embedai_nb.i18n import N_
from embedai_nb.text.parse_json import parse_json
from embedai_nb.workspace import layout
from embedai_nb.workspace.atomic import write_atomically
from embedai_nb.workspace.locate import issue_notebook
from embedai_nb.workspace.transaction import digest

__all__ = ["NOT_INPUTS", "PACKAGES", "CommonInputs", "ParsedNewsletter", "site_program"]

PACKAGES = (
    "autocorrect-py",
    "css-inline",
    "ipykernel",
    "ipython",
    "jinja2",
    "markdown-it-py",
    "markupsafe",
    "nbclient",
    "nbconvert",
    "nbformat",
    "nh3",
    "papermill",
    "pydantic",
    "pydantic-core",
    "pyyaml",
    "rapidfuzz",
)
"""Distributions whose version may change a byte of what is published."""

NOT_INPUTS = (
    "__main__.py",
    "capture",
    "channels",
    "cli",
    "communities",
    "editor",
    "inbox",
    "schema",
    "site",
    "trends",
    "workflows",
)
"""Modules and folders of this package that take no part in publishing an issue."""


class ParsedNewsletter(NamedTuple):
    """Digest of the values in newsletter.yaml, which comments and layout don't change; cached by what it comes from."""

    source: str = ""
    """Digest of the file's bytes and of the program that parsed them."""
    values: str = ""

    @classmethod
    def current(cls, folder: Path, cached: ParsedNewsletter) -> ParsedNewsletter:
        """Parse newsletter.yaml, unless ``cached`` comes from the same bytes."""
        content = _read(folder / layout.NEWSLETTER)
        source = digest(content + _digest_of(_program()).encode())
        return cached if cached.source == source else cls(source, _values(folder) or digest(content))


class CommonInputs(NamedTuple):
    """The inputs that all issues share: digests by name, and one digest of all."""

    parts: Mapping[str, str]
    digest: str

    @classmethod
    def current(cls, newsletter: ParsedNewsletter) -> CommonInputs:
        """Those that a run would use now."""
        notebook = {N_("the notebook"): digest(_read(issue_notebook()))}
        parts = {layout.NEWSLETTER: newsletter.values} | notebook | _program()
        return cls(parts, _digest_of(parts))

    def save(self, folder: Path) -> None:
        """Save the parts, so that `changed_since` can name them later."""
        path = folder / layout.tools(self.digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, json.dumps(self.parts, indent=1).encode())

    def changed_since(self, folder: Path, before: str) -> list[str]:
        """Name the parts that differ from those saved under the digest ``before``."""
        try:
            parts = parse_json((folder / layout.tools(before)).read_bytes())
        except (OSError, ValueError):
            parts = None
        if not isinstance(parts, dict):
            return [N_("the program")]
        return self.differing(parts)

    def differing(self, parts: Mapping[str, str]) -> list[str]:
        """Name the parts that differ from these."""
        return sorted(name for name in {*parts, *self.parts} if parts.get(name) != self.parts.get(name))


def _values(folder: Path) -> str:
    """Digest of the parsed newsletter; empty when it can't be parsed, which whoever loads it reports."""
    from embedai_nb.drafts import load_newsletter

    try:
        return digest(load_newsletter(folder / layout.NEWSLETTER).model_dump_json().encode())
    except EmbedAIError:
        return ""


def _digest_of(parts: Mapping[str, str]) -> str:
    return digest(json.dumps(parts).encode())


@cache
def _program() -> dict[str, str]:
    """Digests of what this process runs; read once, since a file that is changed later is not what runs."""
    return {"Python": sys.version} | _versions() | _modules(NOT_INPUTS)


@cache
def site_program() -> str:
    """Digest of what a site is made with: the same, and the modules of the site."""
    without = tuple(name for name in NOT_INPUTS if name != "site")
    return _digest_of({"Python": sys.version} | _versions() | _modules(without))


def _modules(without: Collection[str]) -> dict[str, str]:
    package = f"{layout.PACKAGE}/"
    return {f"embedai_nb/{name}": digest(_read(package + name)) for name in _files(package, without)}


def _versions() -> dict[str, str]:
    """Versions by the names of the metadata folders: reading the metadata would take too long."""
    found = {}
    for folder in filter(os.path.isdir, reversed(sys.path)):
        for name in os.listdir(folder):
            if name.endswith(".dist-info"):
                package, _, version = name.removesuffix(".dist-info").partition("-")
                found[package.lower().replace("_", "-").replace(".", "-")] = version
    return {package: found.get(package, "") for package in PACKAGES}


def _files(package: str, without: Collection[str]) -> list[str]:
    """The files of this package that are inputs; as strings, which takes half the time of paths."""
    walked = (place for place in os.walk(package) if not place[0].endswith("__pycache__"))
    names = sorted(os.path.join(folder, name).removeprefix(package) for folder, _, names in walked for name in names)
    return [name for name in names if name.replace(os.sep, "/").partition("/")[0] not in without]


def _read(path: Path | str) -> bytes:
    """Read a file; a missing one is an input too, since outputs change when it appears."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""
