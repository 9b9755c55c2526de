"""The real archive: cells run in a forked process give, byte for byte, what a plain kernel gives."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from embedai_nb.drafts import DraftStore, load_newsletter
from embedai_nb.errors import UsageError
from embedai_nb.importing.files import import_file

from .conftest import PROJECT
from .publishing import embedai, outputs

pytestmark = pytest.mark.processes


def imported(files: Sequence[Path], folder: Path) -> list[Path]:
    """Make drafts of the files; those whose date another one has already are left."""
    folder.mkdir()
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
    store, newsletter, left = DraftStore(folder), load_newsletter(folder / "newsletter.yaml"), []
    for file in files:
        try:
            import_file(file, store, newsletter)
        except UsageError:
            left.append(file)
    return left


@pytest.fixture(scope="module")
def folders(real_issues: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """All issues and drafts; of some dates there are several."""
    found, left = list[Path](), sorted(real_issues, key=lambda path: path.parent.name)
    while left:
        found.append(tmp_path_factory.mktemp("real") / "issues")
        before, left = len(left), imported(left, found[-1])
        assert len(left) < before
    return found


def test_every_issue_of_the_archive_is_the_same_from_both_engines(folders: list[Path], tmp_path: Path) -> None:
    """A kernel for each issue; they run in two processes, as the forked ones do."""
    for number, folder in enumerate(folders):
        kernel = Path(shutil.copytree(folder, tmp_path / str(number)))
        for where, engine in ((folder, "fork"), (kernel, "kernel")):
            done = embedai(where, "build", "--engine", engine, "--jobs", "2")
            assert done.stdout.endswith("failed: 0\n"), done.stdout
            assert not done.stderr
        assert outputs(folder) == outputs(kernel)
        drafts = [path.stem for path in folder.glob("drafts/*.yaml")]
        assert {f"review/{date}.ipynb" for date in drafts} <= set(outputs(folder))
