"""The public API: its names, its page docs/api.md, and what importing it costs."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import embedai_nb
from tests.conftest import PROJECT

PAGE = PROJECT / "docs" / "api.md"


@pytest.mark.parametrize("name", embedai_nb.__all__)
def test_a_public_name_is_there_and_documented(name: str) -> None:
    assert getattr(embedai_nb, name).__module__.startswith("embedai_nb.")
    assert re.search(rf"`{name}\b", PAGE.read_text("utf-8"))


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(embedai_nb.__file__).read_text("utf-8"))
    typed = next(node for node in tree.body if isinstance(node, ast.If))
    named = [alias.asname or alias.name for node in typed.body for alias in node.names]  # type: ignore[attr-defined]
    assert sorted(named) == embedai_nb.__all__ == sorted(embedai_nb.__all__)


def test_no_public_name_is_hidden_by_a_module() -> None:
    folder = Path(embedai_nb.__file__).parent
    assert not {path.stem for path in folder.iterdir()} & set(embedai_nb.__all__)


def test_another_name_is_an_error_and_completion_knows_all() -> None:
    with pytest.raises(AttributeError, match="'embedai_nb' has no attribute 'nonsense'"):
        embedai_nb.nonsense  # noqa: B018
    assert set(embedai_nb.__all__) <= set(dir(embedai_nb))


def test_importing_the_package_alone_imports_nothing_else() -> None:
    code = (
        "import embedai_nb, sys; print([name for name in sys.modules if name.startswith(('embedai_nb.', 'pydantic'))])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.processes
def test_the_examples_of_the_page_run(tmp_path: Path) -> None:
    shutil.copytree(
        PROJECT / "issues", tmp_path / "issues", ignore=shutil.ignore_patterns(".cache", "review", "archive")
    )
    run = subprocess.run(
        [sys.executable, "-m", "doctest", PAGE], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (0, "")
