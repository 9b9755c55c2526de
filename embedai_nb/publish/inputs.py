"""Digest what all issues are made with: newsletter.yaml, the notebook, this package, the packages that shape outputs.

Only the standard library is imported unless newsletter.yaml has changed: recognizing that nothing is out of date costs
no more than reading files.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from embedai_nb.errors import EmbedAIError
from embedai_nb.i18n import N_
from embedai_nb.plugins import CHECKS, Plugin, PluginError, find, module_places
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
    plugins: tuple[str, ...] = ()
    """The plug-ins that it names."""

    @classmethod
    def current(cls, folder: Path, cached: ParsedNewsletter) -> ParsedNewsletter:
        """Parse newsletter.yaml, unless ``cached`` comes from the same bytes."""
        content = _read(folder / layout.NEWSLETTER)
        source = digest(content + _digest_of(_program()).encode())
        return cached if cached.source == source else cls(source, *_values(folder, content))


class CommonInputs(NamedTuple):
    """The inputs that all issues share: digests by name, and one digest of all."""

    parts: Mapping[str, str]
    digest: str
    plugins: tuple[str, ...] = ()

    @classmethod
    def current(cls, newsletter: ParsedNewsletter) -> CommonInputs:
        """Those that a run would use now."""
        notebook = {N_("the notebook"): digest(_read(issue_notebook()))}
        parts = {layout.NEWSLETTER: newsletter.values} | notebook | _program() | _plugins(newsletter.plugins)
        return cls(parts, _digest_of(parts), newsletter.plugins)

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


def _values(folder: Path, content: bytes) -> tuple[str, tuple[str, ...]]:
    """Digest of the parsed newsletter, and its plug-ins; of the bytes if it can't be parsed, which whoever loads it reports."""
    from embedai_nb.drafts import load_newsletter

    try:
        newsletter = load_newsletter(folder / layout.NEWSLETTER)
    except EmbedAIError:
        return digest(content), ()
    return digest(newsletter.model_dump_json().encode()), newsletter.plugins


def _digest_of(parts: Mapping[str, str]) -> str:
    return digest(json.dumps(parts).encode())


def _plugins(names: Sequence[str]) -> dict[str, str]:
    """Digests of the plug-ins that findings depend on: that bring rules, or are missing, which is a finding itself."""
    found = {name: find(name) for name in names}
    return {
        name: type(each).__name__ if isinstance(each, PluginError) else _code(each)
        for name, each in found.items()
        if isinstance(each, PluginError) or each.brings(CHECKS)
    }


@cache
def _code(plugin: Plugin) -> str:
    """Digest of the version and the modules of a plug-in; read once, like the program."""
    places = set[Path]()
    for entry in plugin.entries:
        with suppress(PluginError):  # it will be a finding
            places.update(module_places(entry))
    modules = {name: digest(_read(place.parent / name)) for place in sorted(places) for name in _own_files(place)}
    return _digest_of({"version": plugin.version} | modules)


def _own_files(place: Path) -> list[str]:
    """The files of a package, or a module's only one, each with the name of what it belongs to."""
    return [f"{place.name}/{name}" for name in _files(f"{place}/", ())] if place.is_dir() else [place.name]


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
    """The files of a package that are inputs; as strings, which takes half the time of paths."""
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
