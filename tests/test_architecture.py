"""The structure of the package: which part may import which, and that one name means one thing."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from .conftest import PROJECT

PACKAGE = PROJECT / "embedai_nb"

ORDER = (
    "i18n",
    "errors",
    "memoize",
    "progress",
    "model",
    "text",
    "markdown",
    "compose",
    "html",
    "wechat",
    "diff",
    "workspace",
    "plugins",
    "communities",
    "drafts",
    "init",
    "catalogue",
    "checks",
    "capture",
    "inbox",
    "importing",
    "edition",
    "review",
    "trends",
    "publish",
    "site",
    "channels",
    "editor",
    "cli",
    "__main__",
)
"""The folders and modules of the package; each imports only what stands before it, or is in it."""

ROLES = {"__init__", "errors", "messages"}
"""Module names that say the same thing in every folder that has one."""

FOLDER_NAMES = {"drafts", "archive", "review", ".cache", ".schema", "newsletter.yaml", "revisions.json"}
"""Names within an issues folder, spelled in `embedai_nb.workspace.layout` alone."""


@cache
def modules() -> dict[str, Path]:
    """All modules by their dotted names."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PROJECT).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    assert len(found) > 100
    return found


@cache
def tree(path: Path) -> ast.Module:
    """What a module says."""
    return ast.parse(path.read_text("utf-8"))


@cache
def imports(path: Path) -> list[str]:
    """The modules of the package that a module imports, wherever in it; those for type checking alone are not run."""
    known, found = modules(), list[str]()
    typing_only = {
        id(node)
        for block in ast.walk(tree(path))
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in typing_only:
            assert not node.level, f"{path}:{node.lineno}: relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                if full in known or node.module in known:
                    found.append(full if full in known else node.module)
        elif isinstance(node, ast.Import) and id(node) not in typing_only:
            found += [alias.name for alias in node.names if alias.name in known]
    return found


def part(module: str) -> str:
    """The folder or module directly below the package, or the package's own face."""
    return module.split(".")[1] if "." in module else module


@pytest.mark.parametrize("module", [name for name in modules() if "." in name])
def test_a_part_imports_only_what_stands_before_it(module: str) -> None:
    allowed = {*ORDER[: ORDER.index(part(module)) + 1], "embedai_nb"}
    for name in imports(modules()[module]):
        assert part(name) in allowed, f"{module} imports {name}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = modules()
    graph = {
        name: {other for other in imports(path) if other != name and not name.startswith(f"{other}.")}
        for name, path in known.items()
    }
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_every_part_has_its_place_in_the_order() -> None:
    assert {part(name) for name in modules() if "." in name} == set(ORDER)


def test_a_module_name_means_one_thing() -> None:
    places = defaultdict(list)
    for name, path in modules().items():
        if path.stem not in ROLES:
            places[path.stem].append(name)
    assert {stem: names for stem, names in places.items() if len(names) > 1} == {}


def test_a_public_class_name_means_one_thing() -> None:
    places = defaultdict(list)
    for name, path in modules().items():
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(name)
    assert {cls: names for cls, names in places.items() if len(names) > 1} == {}


OTHER_MEANINGS = {
    "embedai_nb": {"archive"},  # a function of the API
    "embedai_nb.catalogue.table": {"archive"},
    "embedai_nb.importing.shapes": {"archive"},  # a shape of issues
    "embedai_nb.importing.files": {"archive"},
    "embedai_nb.cli.group": {"review"},
    "embedai_nb.cli.import_archive": {"archive"},
    "embedai_nb.review": {"archive"},  # a function of the notebook
    "embedai_nb.review.notebook": {"archive"},
    "embedai_nb.publish.exporters": {"archive"},  # the tag of its cell
    "embedai_nb.channels.wechat.upload_cache": {"drafts"},  # WeChat's
    "embedai_nb.channels.wechat.upload": {"drafts"},
}


@pytest.mark.parametrize("module", [name for name in modules() if name != "embedai_nb.workspace.layout"])
def test_names_within_an_issues_folder_are_spelled_in_one_module(module: str) -> None:
    spelled = {
        word
        for node in ast.walk(tree(modules()[module]))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value
        for word in (node.value, node.value.partition("/")[0])
    }
    assert spelled & FOLDER_NAMES == OTHER_MEANINGS.get(module, set())
