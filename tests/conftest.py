"""What many tests need: the newsletters, and the real issues where they are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from embedai_nb.drafts import load_newsletter
from embedai_nb.model import Newsletter

PROJECT = Path(__file__).parents[1]
DATA = Path(__file__).parent / "data"
SHARED = PROJECT.parent / "shared"


@pytest.fixture(scope="session")
def newsletter() -> Newsletter:
    """嵌入式AI简报, as it is published."""
    return load_newsletter(PROJECT / "issues" / "newsletter.yaml")


@pytest.fixture(scope="session")
def potting_shed() -> Newsletter:
    """Another one, in English, with other sections: no code knows either."""
    return load_newsletter(DATA / "newsletters" / "potting-shed" / "newsletter.yaml")


@pytest.fixture(scope="session")
def real_issues() -> list[Path]:
    """Real issues, published and unfinished ones."""
    files = sorted([*(SHARED / "archive").glob("*.md"), *(SHARED / "drafts").glob("*.md")])
    if not files:
        pytest.skip(f"no real issues in {SHARED}")
    return files
